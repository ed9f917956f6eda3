//! Finds where a text says which option it chooses, and which of these places counts.

use super::letter::{self, Reading};
use super::options::{Options, index_of, is_cjk};
use crate::scoring::text::{Marker, REACH, after, before, line_at, pattern, plain, statements};
use regex::Regex;
use std::sync::LazyLock;

/// How many statements of a kind are looked at, from the end: more is no answer but a loop.
const MOST: usize = 100;

/// The rule where nothing names an option.
pub const NONE: &str = "choice/none";
const SEVERAL: &str = "choice/several";

/// A reading with its place and rule.
type Candidate = (usize, Reading, &'static str);

/// The option a visible text answers with and the rule that found it, or the rule that says why there is none.
pub fn read(shown: &str, cut: bool, options: &Options) -> Result<(usize, &'static str), &'static str> {
    let plain = plain(shown);
    let text = plain.text.as_str();
    let all: Vec<_> = statements(text).collect();
    let recent = all.len().saturating_sub(MOST);
    let mut announced: Vec<Candidate> = all
        .into_iter()
        .skip(recent)
        .filter(|s| s.marker == Marker::Words || hashes_name_one(text, s.body))
        .map(|s| (s.at, letter::read(line_at(text, s.body), options), "choice/marker"))
        .collect();
    if let Some(range) = &plain.boxed {
        announced.push((range.start, boxed(plain.boxed_text().unwrap_or(""), options), "choice/boxed"));
    } else if let Some(open) = plain.open_box.filter(|_| !cut) {
        announced.push((open, letter::read(line_at(text, open), options), "choice/boxed"));
    }
    let (said, corrected): (Vec<Candidate>, Vec<Candidate>) =
        asserted(text, options).into_iter().partition(|(at, ..)| !follows_correction(text, *at));
    announced.extend(corrected);
    for tier in [announced, said] {
        if let Some(result) = last(tier) {
            return result;
        }
    }
    if let Some(result) = leading(text, options) {
        return result;
    }
    let last_line = text.trim().lines().next_back().unwrap_or("");
    if text.trim() == last_line && after(last_line, 0, 80).len() == last_line.len() {
        match letter::read(last_line, options) {
            Reading::Said(index) if dismisses(last_line) || !stands_alone(last_line, index, options) => {}
            Reading::Said(index) => return Ok((index, "choice/whole")),
            Reading::Several => return Err(SEVERAL),
            Reading::Nothing => {}
        }
    }
    let words = options.by_text(text).or_else(|| options.by_text(last_line));
    words.map(|index| (index, "choice/words")).ok_or(NONE)
}

/// The last candidate that says anything.
fn last(mut tier: Vec<Candidate>) -> Option<Result<(usize, &'static str), &'static str>> {
    tier.retain(|(_, reading, _)| *reading != Reading::Nothing);
    tier.sort_by_key(|(at, ..)| *at);
    tier.last().map(|(_, reading, rule)| match reading {
        Reading::Said(index) => Ok((*index, *rule)),
        Reading::Several | Reading::Nothing => Err(SEVERAL),
    })
}

/// A box holds an answer by intention: what can't be read in it is no answer, and earlier ones don't count any more.
fn boxed(content: &str, options: &Options) -> Reading {
    match letter::read(content, options) {
        Reading::Nothing => Reading::Several,
        reading => reading,
    }
}

/// `#### B` announces; `#### Background` is a heading.
fn hashes_name_one(text: &str, body: usize) -> bool {
    static SOLE: LazyLock<Regex> = LazyLock::new(|| pattern(r"\A\(?[A-Ja-j]\)?[.。]?\z"));
    SOLE.is_match(line_at(text, body))
}

static SAYS_CORRECT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"(?:(?i:\b(?:option|choice|answer|statement|letter)\s+)|选项|[\s(\[「“.,;:、。\p{Han}]|\A)[(\[]?([A-J])[)\]]?",
        r"(?:(?i:,?\s+(?:is|seems|must\s+be|has\s+to\s+be|would\s+be|appears\s+to\s+be|seems\s+to\s+be)\s+(?:indeed\s+|clearly\s+|definitely\s+|therefore\s+|thus\s+)?(?:the\s+|my\s+)?(?:only\s+|most\s+|single\s+|one\s+)?(?:correct|right|best|accurate|appropriate|true|valid|answer)\b)",
        r"|\s*(?:选项|项)?\s*(?:是|为|才是|就是|最)?(?:完全)?(?:正确|对的|符合题意|符合|最合适|最恰当|恰当))",
    ))
});
static CHOOSES: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:choose|pick|select|go(?:ing)?\s+with|opt\s+for|vote\s+for|settle\s+on|choosing|picking|selecting|my\s+(?:choice|pick|guess)\s+is|left\s+with|leaves(?:\s+us\s+with)?)\s+|(?:故|应|应该|应当|所以|因此|我|本题|而|就|则|可|要|题|案|请|,|。|\s|\A)选(?:择|擇)?(?:答案|选项)?[\s:]*|答案\s*",
    )
});
static CONCLUDES: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)(?:\A|[\s,.;:!?。])(?:(?:so|thus|therefore|hence|it's|it\s+is|it\s+must\s+be|it\s+has\s+to\s+be|that's|that\s+is|this\s+is|i\s+think|i\s+believe|(?:i'd|i\s+would)\s+say|must\s+be)\b[\s,:]*|(?:应该是|应为|所以|因此|故|综上|因而|我认为|我觉得|我想)[\s,:]*)+",
    )
});
static NOT_SAID: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)(?:(?:\b(?:if|whether|suppose|assuming|assume|unless|why|not|neither|nor)|n't)\s*(?:that\s+)?|不是|并非|难道|假设|如果|若|是否|假如|不|没有)\z",
    )
});
static CORRECTION: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:actually|wait|correction|scratch\s+that|on\s+second\s+thought|no[,.;]|i\s+was\s+wrong|my\s+mistake|let\s+me\s+correct|instead|rather)|更正|不对|纠正|其实|修正|说错|算错|等等",
    )
});

/// An option named only to be dismissed.
static WITHDRAWN: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:incorrect|wrong|false|not\s+(?:correct|right|true)|eliminated|ruled\s+out)\b|错误|不正确|不对|排除|不符合|有误|不当|不合",
    )
});

/// Whether the sentence that names an option first dismisses it: "B is wrong. …".
fn dismisses(line: &str) -> bool {
    static NAMED: LazyLock<Regex> = LazyLock::new(|| pattern(r#"\A[^A-Ja-j]*[A-Ja-j][)\].:、,"'\s]*"#));
    let rest = NAMED.find(line).and_then(|m| line.get(m.end()..)).unwrap_or(line);
    WITHDRAWN.is_match(rest.split(['.', '。', ';']).next().unwrap_or(rest))
}

/// Whether the letter that a line begins with stands for an option rather than for a word ("A lake is …"), a name ("C.
/// elegans") or a variable. A line that begins otherwise was read by its words.
fn stands_alone(line: &str, index: usize, options: &Options) -> bool {
    static LETTER: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r#"\A[\s"'(\[【>#-]*(?:\d+[.)]\s*)?(?:选项|[Oo]ption\s+|[Cc]hoice\s+)?[(\[]?([A-Ja-j])\s*(?:选项|项|吧)?((?:[)\]】"']|[.:、,-])*)\s*"#,
        )
    });
    static REASON: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"(?i)\A(?:(?:because|since|as|not|rather)\b|因为|由于|而不是|不是|而非|理由)"));
    let Some(found) = LETTER.captures(line) else { return true };
    let letter = found.get(1).and_then(|m| m.as_str().chars().next()).and_then(index_of);
    let set_off = found.get(2).is_some_and(|m| !m.as_str().is_empty());
    let rest = line.get(found.get(0).map_or(0, |m| m.end())..).unwrap_or("");
    let first = rest.chars().next();
    letter != Some(index)
        || !rest.contains(|c: char| c.is_alphanumeric() || matches!(c, '=' | '+' | '#'))
        || REASON.is_match(rest)
        || options.by_text(rest) == Some(index)
        || (set_off && (options.begins(rest, index) || !first.is_some_and(|c| c.is_ascii_lowercase() || c == '=')))
        || first == Some('。')
        || first == Some('(')
}

/// What a text asserts without announcing it.
fn asserted(text: &str, options: &Options) -> Vec<Candidate> {
    let mut all: Vec<Candidate> = Vec::new();
    let mut correct: Option<(usize, usize)> = None;
    let called: Vec<_> = SAYS_CORRECT.captures_iter(text).collect();
    for found in called.iter().skip(called.len().saturating_sub(MOST)) {
        let (Some(whole), Some(letter)) = (found.get(0), found.get(1)) else { continue };
        let Some(index) = letter.as_str().chars().next().and_then(index_of) else { continue };
        let after = text.get(whole.end()..).unwrap_or("").trim_start();
        let conditional = after.starts_with('?') || after.starts_with("only if") || after.starts_with("if ");
        if conditional || denied_before(text, letter.start()) {
            continue;
        }
        // Two options called correct in one line: several.
        let same_line = correct.is_some_and(|(at, other)| {
            other != index
                && !text.get(at..letter.start()).unwrap_or("").contains('\n')
                && !CORRECTION.is_match(text.get(at..letter.start()).unwrap_or(""))
        });
        let reading = if same_line { Reading::Several } else { Reading::Said(index) };
        correct = Some((letter.start(), index));
        all.push((letter.start(), reading, "choice/called-correct"));
    }
    for (finder, rule, ends) in [(&CHOOSES, "choice/chosen", false), (&CONCLUDES, "choice/concluded", true)] {
        let places: Vec<_> = finder.find_iter(text).collect();
        for found in places.iter().skip(places.len().saturating_sub(MOST)) {
            let body = line_at_here(text, found.end());
            if denied_before(text, found.start()) || (ends && !is_short(body)) {
                continue;
            }
            all.push((found.start(), letter::read(body, options), rule));
        }
    }
    let trimmed = text.trim_end();
    let last_line = trimmed.rfind('\n').map_or(0, |at| at + 1);
    if let Some(index) = trimmed.get(last_line..).and_then(only_letter) {
        let agreed = trimmed.lines().filter_map(only_letter).all(|other| other == index);
        let reading = if agreed { Reading::Said(index) } else { Reading::Several };
        all.push((last_line, reading, "choice/last-line"));
    }
    all
}

/// The rest of the line at a place, which may be empty.
fn line_at_here(text: &str, from: usize) -> &str {
    after(text, from, REACH).lines().next().unwrap_or("").trim()
}

/// Whether a letter or an option's words end their sentence soon: "so it's B." and not "so B grows faster than A".
fn is_short(body: &str) -> bool {
    static SHORT: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r#"(?i)\A(?:option|choice|answer|选项|选|the\s+answer\s+is|\s|:)*[(\["']?[A-J][)\]"']?(?:选项|项)?\s*(?:[.。!;,:]|\z|\bbecause\b|\bsince\b|\bnot\b|\bit\s+is\b)"#,
        )
    });
    SHORT.is_match(body)
        || body.split_whitespace().count() <= 6
            && !body.starts_with(|c: char| c.is_ascii_uppercase() && index_of(c).is_some())
}

fn denied_before(text: &str, at: usize) -> bool {
    let line = before(text, at, 40).rsplit('\n').next().unwrap_or("");
    NOT_SAID.is_match(line.trim_end().trim_end_matches(['(', '[']).trim_end())
        || NOT_SAID.is_match(strip_option_word(line.trim_end()).trim_end())
}

fn strip_option_word(line: &str) -> &str {
    ["option", "Option", "choice", "选项"].iter().find_map(|w| line.strip_suffix(w)).unwrap_or(line)
}

/// Whether the words shortly before a place take back what was said earlier.
fn follows_correction(text: &str, at: usize) -> bool {
    CORRECTION.is_match(before(text, at, 60))
}

/// `B`, `(b)`, `**C**.`: a line that is nothing but a letter.
fn only_letter(line: &str) -> Option<usize> {
    static SOLE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r#"\A\s*(?:[>-]\s*|\d{1,2}[.)]\s+)?["'(\[【]?(?:选项|[Oo]ption\s+|[Cc]hoice\s+)?[(\[]?([A-Ja-j])[)\]】"']?\s*(?:选项|项)?[.。)!:,]?["']?\s*\z"#,
        )
    });
    SOLE.captures(line)?.get(1)?.as_str().chars().next().and_then(index_of)
}

/// A text that begins with a letter set off from what follows, where only that letter leads a line.
fn leading(text: &str, options: &Options) -> Option<Result<(usize, &'static str), &'static str>> {
    static LEAD: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r#"(?m)^[ \t>#-]*["'(\[【]?(?:选项|[Oo]ption\s+)?[(\[]?([A-J])(?:[)\]】"']+[.:,]?|[.:、,](?:\s|[^\x00-\x7F]|$)|\s*$|\s+-+\s|\s+(?:because|since|not|rather)\b|(?:选项|项)?[。,])"#,
        )
    });
    let trimmed = text.trim_start();
    let first_line = trimmed.lines().next().unwrap_or("");
    let mut leads = LEAD.captures_iter(trimmed).filter_map(|c| {
        Some((c.get(0)?.start(), c.get(1)?.start(), c.get(1)?.as_str().chars().next().and_then(index_of)?))
    });
    let (0, at, index) = leads.next()? else { return None };
    if leads.any(|(_, _, other)| other != index) {
        // A list of the options names none of them.
        return Some(Err(SEVERAL));
    }
    if dismisses(first_line) {
        return None;
    }
    let body = first_line.get(at..).unwrap_or("");
    match letter::read(body, options) {
        Reading::Said(read)
            if read == index
                && stands_alone(body, index, options)
                && (is_alone(trimmed, at, index) || body.chars().nth(1).is_some_and(is_cjk)) =>
        {
            Some(Ok((index, "choice/leading")))
        }
        Reading::Several => Some(Err(SEVERAL)),
        _ => None,
    }
}

/// Whether no other option letter stands by itself in the text (A and I apart, which are words), save where denied.
fn is_alone(text: &str, at: usize, index: usize) -> bool {
    static BY_ITSELF: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?:^|[^A-Za-z0-9_'])([B-HJ])(?:$|[^A-Za-z0-9_'])"));
    static DENIAL: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"(?i)(?:\bnot|\bthan|\binstead\s+of|不是|而非)\s*(?:option\s+)?\(?\z"));
    BY_ITSELF.captures_iter(text.get(at..).unwrap_or("")).all(|found| {
        let Some(letter) = found.get(1) else { return true };
        letter.as_str().chars().next().and_then(index_of) == Some(index)
            || DENIAL.is_match(before(text, at + letter.start(), 30))
    })
}
