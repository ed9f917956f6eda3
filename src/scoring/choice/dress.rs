//! What stands around options and hides how they are listed: remarks in brackets behind their letters, `解：` before the
//! first one; and a list of chosen options, a line each.

use super::options::{Options, index_of};
use super::set::Set;
use crate::scoring::text::{Pattern, pattern, turns};
use std::borrow::Cow;
use std::sync::LazyLock;

/// What judges the option that it stands behind, and is no mere remark.
static JUDGES: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:not|no|yes|wrong|in?correct|false|true|right|maybe|option|only|except|or)\b|n't\b|(?-i:(?-u:\b)[A-J](?-u:\b))|[✓✗✅❌√×?]|不|错|对|误|选|非|或",
    )
});

/// Without `解：` before a first option, and without the other options that a last bracket names.
pub fn undressed(text: &str) -> Cow<'_, str> {
    static SOLUTION: LazyLock<Pattern> = LazyLock::new(|| pattern(r"\A\s*(?:解|解析|分析)\s*:\s*([A-J]、)"));
    static THAT_IS: LazyLock<Pattern> =
        LazyLock::new(|| pattern(r"(?i)\(([^()\n]*)\bi\.e\.,?\s+(?:option|choice)\s+(?-i:[A-J])\.?\)"));
    match SOLUTION.replace(text, "$1") {
        Cow::Borrowed(same) if !same.contains('(') => Cow::Borrowed(same),
        Cow::Borrowed(same) => THAT_IS.replace_all(same, "($1)"),
        Cow::Owned(text) => Cow::Owned(THAT_IS.replace_all(&text, "($1)").into_owned()),
    }
}

/// Options without the remarks in brackets behind their letters: "A (methane), B (ozone) and D (water) are …".
pub fn without_remarks(text: &str) -> Cow<'_, str> {
    static REMARK: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(
            r"((?-u:\b)[A-J])\s\(([^()\n]{1,40})\)(,\s+(?:and\s+)?(?-u:\b)[A-J](?-u:\b)|\s+and\s+(?-u:\b)[A-J](?-u:\b)|\s+are\b|,\s+and\s+both\s+(?:of\s+them\s+)?are\s+(?:correct|right|true|valid)\b)",
        )
    });
    static ANY: LazyLock<Pattern> = LazyLock::new(|| pattern(r"(?-u:\b)[A-J]\s\(([^()\n]*)\)"));
    if !text.contains('(') {
        return Cow::Borrowed(text);
    }
    // One that judges its option: they are no mere remarks.
    if ANY.captures_iter(text).any(|found| found.get(1).is_some_and(|inner| JUDGES.is_match(inner.as_str()))) {
        return Cow::Borrowed(text);
    }
    let once = |text: &str| -> Option<String> {
        match REMARK.replace_all(text, "$1$3") {
            Cow::Owned(new) if new.len() < text.len() => Some(new),
            _ => None,
        }
    };
    let Some(mut kept) = once(text) else { return Cow::Borrowed(text) };
    // The next remark begins at the letter that the last one ended with.
    for _ in 0..12 {
        match once(&kept) {
            Some(more) => kept = more,
            None => break,
        }
    }
    Cow::Owned(kept)
}

/// Whether a text ends with both of the options that are left being wrong.
pub fn both_are_wrong(text: &str) -> bool {
    static WRONG: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(r"(?i)\b(?:both|all)\s+(?:of\s+them\s+)?are\s+(?:wrong|incorrect|false|not\b)[^.\n]*[.\s]*\z")
    });
    WRONG.is_match(text)
}

/// The options that a text lists by a line each, or names at its beginning, as what they all are; where the other options are not
/// named, or only to say that they are not.
pub fn told_together(text: &str, options: &Options) -> Option<Set> {
    static LIST: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(
            r"(?i)\A(?P<lead>[^\n]{4,120}(?:\b(?:are|include)|[是有为]|包括|如下)\s*:)\s*\n+(?P<list>(?:[ \t]*[-*•]\s*\(?(?-i:[A-J])[.):、][^\n]*(?:\n+|\z))+)(?P<rest>(?s:.*))\z",
        )
    });
    if let Some(set) = named_under(text, options) {
        return Some(set);
    }
    static NAMED: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(
            r"\A(?:Options\s+)(?P<list>[A-J](?:,\s*[A-J])*,?\s+and\s+[A-J])\s+are\s+(?P<what>[a-z][^.\n]{2,80})\.(?P<rest>(?s:.*))\z",
        )
    });
    static NOT: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:not|wrong|incorrect|false|except|options|choices|answers|possible|candidates|other|remaining|or|neither|excluded|eliminated|ruled)\b|n't\b|不|错|非|误|除|选项|下列|以下|排除|未|没|其余|其他",
        )
    });
    static ENTRY: LazyLock<Pattern> = LazyLock::new(|| pattern(r"(?m)^[ \t]*[-*•]\s*\(?([A-J])[.):、]([^\n]*)$"));
    static OTHER: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(
            r"(?i)\bOption\s+((?-i:[A-J]))(?:\s\([^()\n]{1,40}\))?\s+(?:(?:is|does|are)(?:\s+not|n't)\b|[^.\n]{1,80}?,\s+so\s+it\s+(?:is|does)(?:\s+not|n't)\s+[a-z ]+)",
        )
    });
    static LETTER: LazyLock<Pattern> = LazyLock::new(|| pattern(r"(?:\A|[^A-Za-z'])([B-J]|A[.):,])(?:[^A-Za-z']|\z)"));
    static CONCLUDES: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:so|therefore|thus|hence|answer|actually|but|however|question|asks?)\b|所以|因此|故|答案|但|不过|选",
        )
    });
    let (set, rest) = if let Some(found) = LIST.captures(text) {
        let entries = found.name("list")?.as_str();
        if NOT.is_match(found.name("lead")?.as_str()) || NOT.is_match(entries) || JUDGED.is_match(entries) {
            return None;
        }
        let letters = ENTRY.captures_iter(entries).filter_map(|e| e.get(1)?.as_str().chars().next());
        (Set::of(letters.filter_map(index_of)), found.name("rest")?.as_str())
    } else {
        let found = NAMED.captures(text)?;
        if NOT.is_match(found.name("what")?.as_str()) {
            return None;
        }
        let letters = found.name("list")?.as_str().chars().filter(|c| matches!(c, 'A'..='J'));
        (Set::of(letters.filter_map(index_of)), found.name("rest")?.as_str())
    };
    // The others, where they are named, are said not to be so.
    let bare = OTHER.replace_all(rest, " ");
    let named = OTHER.captures_iter(rest).filter_map(|o| o.get(1)?.as_str().chars().next().and_then(index_of));
    let denied = Set::of(named);
    let plain = !LETTER.is_match(&bare) && !CONCLUDES.is_match(&bare) && !turns(rest) && denied.and(set).is_empty();
    let some = set.len() > 1 && (!options.are_known() || (set.len() as usize) < options.count());
    (plain && some).then_some(set)
}

/// The options that the lines under a heading are, each by its letter with its own words and nothing else; where what stands
/// behind them names no other one, or only to say that it is not so.
fn named_under(text: &str, options: &Options) -> Option<Set> {
    static HEADING: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:not|no|un\w+|wrong|incorrect|false|except|options?|choices?|answers?|possible|candidates?|other|remaining|or|neither|excluded|eliminated|analysis|question|given|consider|look|check)\b|n't\b|不|错|非|误|除|选项|下列|以下|排除|未|没|其余|其他|分析|题|逐",
        )
    });
    static ENTRY: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(r"\A[ \t]*(?:[-•]|\*\s|\d{1,2}[.)])?[ \t]*\**\(?([A-J])\**\s*[.):、-]\s*([^\n]+?)[\s*]*\z")
    });
    static LETTER: LazyLock<Pattern> = LazyLock::new(|| pattern(r"(?:\A|[^A-Za-z'])([A-J])(?:[^A-Za-z']|\z)"));
    static DENIED: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(r"(?i)\b(?:not|wrong|incorrect|false|un\w{4,}|dis\w{4,}|irrelevant|fails?)\b|n't\b|不|非")
    });
    let (lead, below) = text.split_once('\n')?;
    let lead = lead.trim().trim_end_matches('*');
    if !options.are_known() || !lead.ends_with(':') || lead.len() > 160 || HEADING.is_match(lead) {
        return None;
    }
    let (mut set, mut count, mut end) = (Set::default(), 0, 0);
    for line in below.split_inclusive('\n') {
        if !line.trim().is_empty() {
            let Some(found) = ENTRY.captures(line.trim_end()) else { break };
            let index = found.get(1)?.as_str().chars().next().and_then(index_of)?;
            if options.by_text(found.get(2)?.as_str()) != Some(index) {
                return None;
            }
            set = set.or(Set::of([index]));
            count += 1;
        }
        end += line.len();
    }
    let rest = below.get(end..)?;
    let named = Set::of(LETTER.captures_iter(rest).filter_map(|o| index_of(o.get(1)?.as_str().chars().next()?)));
    let apart = named.and(set).is_empty() && (named.is_empty() || DENIED.is_match(rest)) && !turns(rest);
    (count > 1 && apart && set.len() as usize == count && count < options.count()).then_some(set)
}

/// What judges one of a list.
static JUDGED: LazyLock<Pattern> = LazyLock::new(|| pattern(r"(?i)\b(?:no|maybe|possibly)\b|[✗❌×?]"));

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn remarks_and_leads_are_taken_off() {
        assert_eq!(undressed("解:A、不对;\nB、对.\n故选:B."), "A、不对;\nB、对.\n故选:B.");
        assert_eq!(undressed("B is right. (4 bits, i.e. option A.)"), "B is right. (4 bits, )");
        assert_eq!(
            without_remarks("That leaves C (36 = 6²) and D (49 = 7²), and both of them are correct."),
            "That leaves C and D, and both of them are correct."
        );
        let judged = "A (wrong), B (fine) and D (lead) are listed";
        assert_eq!(without_remarks(judged), judged);
    }
}
