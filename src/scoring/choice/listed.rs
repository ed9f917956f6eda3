//! Sets of options that a text names by a list under a sentence ("The signs of it are:" and a line each), or one by one in
//! brackets behind what they say ("is both reversible (option A) and exothermic (option C)").

use super::clauses::{is_question, sentences};
use super::cues;
use super::mentions::mentions;
use super::options::{Options, index_of};
use super::set::Set;
use crate::scoring::text::{Pattern, is_undecided, pattern};
use std::sync::LazyLock;

/// What makes a list one of candidates, or of what is not so.
static NOT_IT: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)\b(?:not|no|never|none|neither|incorrect|wrong|false|untrue|except|exclud\w*|eliminat\w*|rul\w+\s+out|reject\w*|unlikely|least|consider|look|analy[sz]e|evaluate|examine|compare|candidates?|options?\s+(?:we\s+have|given|available|to)|given|go\s+through|question|asks?|might|may|could|possibl[ey]|perhaps|if|distractors?|traps?)\b|n't\b",
        r"|不|非|没|错|误|排除|分析|逐[一项个]|来看|看看|考虑|比较|可能|如果|若|干扰|以下是(?:各|所有|每)|选项分析|题目",
    ))
});
static ASSERTS: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:are|is|include[sd]?|comprise[sd]?|true|correct|right|inferred|supported|apply|applies|following|these|those|answers?|features?|satisf\w+|therefore|so|thus)\b|是|有|为|包括|包含|如下|正确|符合|属于",
    )
});
/// A bullet, or a number.
static ITEM: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r#"\A[ \t>]*(?:[-•·*]|\d{1,2}[.)、:]|[①-⑩])[ \t]*["'“「*_]*"#));
/// What may stand behind the words of an item.
static BEHIND: LazyLock<Pattern> = LazyLock::new(|| pattern(r#"\A["'”」*_\s]*(?:\z|[.,;:。(\[✓✔✅]|-)"#));
static BAD: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r"(?i)[✗✘❌×]|\b(?:incorrect|wrong|false)\b|错误|不正确|不符合|不属于|不对"));

/// The options whose words the items of a list begin with, under a sentence that says that they are the ones.
pub fn under_sentence(text: &str, options: &Options) -> Option<Set> {
    if !options.are_known() || cues::pleads(text) || is_undecided(text) {
        return None;
    }
    let lines: Vec<&str> = text.lines().collect();
    let mut found: Option<(Set, usize)> = None;
    for (at, line) in lines.iter().enumerate() {
        let lead = line.trim().trim_end_matches(['*', '_', ' ']);
        if !lead.ends_with(':') || NOT_IT.is_match(lead) || !ASSERTS.is_match(lead) || cues::supposes(lead) {
            continue;
        }
        let below = lines.get(at + 1..).unwrap_or(&[]).iter().skip_while(|l| l.trim().is_empty());
        let mut set = Set::default();
        let mut count = 0;
        for item in below {
            let Some(bullet) = ITEM.find(item) else { break };
            let words = item.get(bullet.end()..).unwrap_or("");
            let (index, length) = options.at_start(words)?;
            if !BEHIND.is_match(words.get(length..).unwrap_or("")) || BAD.is_match(words) {
                return None;
            }
            set = set.or(Set::of([index]));
            count += 1;
        }
        if count > 1 {
            if found.is_some_and(|(other, _)| other != set) {
                return None;
            }
            found = Some((set, count));
        }
    }
    found.filter(|(set, count)| set.len() as usize == *count && *count < options.count()).map(|(set, _)| set)
}

/// A text that is nothing but one set: 第一项和第四项(A、D), named twice alike; 不是AB,是BC, another one denied.
pub fn said_at_once(text: &str, options: &Options) -> Option<Set> {
    const PLACES: &str = "第[一二三四五六]个?(?:选?项)?(?:(?:[、,和与及]|以及)*第?[一二三四五六]个?(?:选?项)?)*";
    static TWICE: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(&format!(
            r"(?i)\A\s*(?:应?选|(?:正确)?答案[是为:]?\s?)?(?:(?P<zh>{PLACES})|(?:the\s+)?(?P<en>(?:(?:first|second|third|fourth|fifth|sixth)(?:\s*,\s*|\s*,?\s+and\s+(?:the\s+)?)?)+)(?:\s+ones?)?)\s?\((?-i:(?P<set>[A-J](?:(?:[、,]\s*|\s*和|\s+and\s+)?[A-J])*))\)[.。]?\s*\z"
        ))
    });
    static DENIED: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(
            r"\A\s*(?:(?:正确)?答案)?(?:不是|并非|[Nn]ot\s|[Ii]t(?:'s|\s+is)\s+not\s)\s*(?:[A-J](?:[、,]?[A-J])*)\s*,\s*(?:而是|而应是|应该?是|是|but(?:\s+rather)?\s|it's\s|it\s+is\s)\s*(?P<set>[A-J](?:[、,]?\s?[A-J])*)[.。!]?\s*\z",
        )
    });
    let letters = |found: &regex::Captures<'_>| {
        Set::of(
            found.name("set").map_or("", |m| m.as_str()).chars().filter(char::is_ascii_uppercase).filter_map(index_of),
        )
    };
    let within = |set: &Set| !set.is_empty() && set.iter().all(|index| index < options.count());
    if let Some(found) = DENIED.captures(text) {
        return Some(letters(&found)).filter(within);
    }
    let found = TWICE.captures(text)?;
    let zh =
        found.name("zh").map_or("", |m| m.as_str()).chars().filter_map(|c| "一二三四五六".chars().position(|d| d == c));
    let words = found.name("en").map_or("", |m| m.as_str()).to_lowercase();
    let en = ["first", "second", "third", "fourth", "fifth", "sixth"].into_iter().enumerate();
    let named = Set::of(zh).or(Set::of(en.filter(|(_, w)| words.contains(w)).map(|(i, _)| i)));
    Some(letters(&found)).filter(|set| within(set) && *set == named)
}

/// The options that a sentence names in brackets, each behind what it says, where no letter stands elsewhere.
pub fn in_brackets(text: &str, options: &Options) -> Option<Set> {
    static BRACKETED: LazyLock<Pattern> =
        LazyLock::new(|| pattern(r"[\p{L}\p{N}\x22'*]\s?\((?:[Oo]ptions?\s+|[Cc]hoices?\s+|选项)?([A-J])(?:选?项)?\)"));
    static TOGETHER: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(
            r"(?i)\bboth\b|\A\s*(?:so|therefore|thus|hence|in\s+conclusion|overall)\b|\A\s*(?:所以|因此|故|综上|可见)|既[^。]*又",
        )
    });
    if cues::pleads(text) || is_undecided(text) {
        return None;
    }
    let all = mentions(text, options);
    let lettered = all.iter().filter(|m| m.lettered).fold(Set::default(), |all, m| all.or(m.set));
    let mut found: Option<Set> = None;
    for range in sentences(text, &all) {
        let sentence = text.get(range)?;
        let set =
            Set::of(BRACKETED.captures_iter(sentence).filter_map(|c| index_of(c.get(1)?.as_str().chars().next()?)));
        if set.len() > 1 {
            if found.is_some() || !TOGETHER.is_match(sentence) || NOT_IT.is_match(sentence) || is_question(sentence) {
                return None;
            }
            found = Some(set);
        }
    }
    found.filter(|set| *set == lettered && (!options.are_known() || (set.len() as usize) < options.count()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scoring::tests::item;

    #[test]
    fn lists_under_a_sentence_are_sets() {
        let options = Options::of(&item(&["A"], &["Fever", "Cough", "Rash", "Dyspnea"]));
        let set = |all: &[usize]| Some(Set::of(all.iter().copied()));
        for (text, want) in [
            ("The features that support it are:\n\n- Fever\n- Cough\n- Dyspnea\n\nRash isn't.", set(&[0, 1, 3])),
            ("These do not support it:\n- Fever\n- Cough", None),
            ("Let's look at these options:\n- Fever\n- Cough", None),
            ("The features are:\n- Fever\n- Cough\n- Rash\n- Dyspnea", None),
            ("The features are:\n- Fever\n- Cough: wrong", None),
            ("The features are:\n- Fever\n- something else", None),
        ] {
            assert_eq!(under_sentence(text, &options), want, "{text}");
        }
    }

    #[test]
    fn letters_in_brackets_are_sets() {
        let options = Options::of(&item(&["A"], &[]));
        let set = |all: &[usize]| Some(Set::of(all.iter().copied()));
        for (text, want) in [
            ("It is both reversible (option A) and exothermic (option C). It's nothing else.", set(&[0, 2])),
            ("It is both reversible (A) and not exothermic (C).", None),
            ("We compare both the first (A) and the second (C).", None),
            ("It is both reversible (A) and exothermic (C). Not B.", None),
        ] {
            assert_eq!(in_brackets(text, &options), want, "{text}");
        }
    }
}
