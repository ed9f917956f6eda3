//! Whether a text says an accepted answer somewhere: as whole words, not denied, and not as one entry of a list of
//! everything.

use super::border::{is_another, is_given_name};
use super::clause::concludes;
use super::mood::{is_aside, is_replaced};
use super::words::Word;
use crate::scoring::text::asks_back;
use crate::scoring::text::{Pattern, after, before, pattern, wavers};
use std::ops::Range;
use std::sync::LazyLock;

/// What a text says of the accepted answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Said {
    /// It says one of them.
    Yes,
    /// None of them, or only to deny it.
    No,
    /// It names one beside others, and leaves open which is meant.
    Listed,
}

/// How many places of an answer are looked at, from the end.
const MOST: usize = 50;

/// The fewest other entries that make a list of an enumeration.
const MANY: usize = 3;

static DENIED_BEFORE: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)(?:\b(?:not|never|neither|nor|no|without|except(?:\s+for)?|unlike|cannot\s+be|instead\s+of|rather\s+than|other\s+than|wrong(?:ly)?|incorrect(?:ly)?|false(?:ly)?)|n't|any(?:thing|one|body)\s+but)\s+",
        r#"(?:(?:(?:\w+ly\s+)?(?:\w+(?:ed|en|wn|ung|ade|uilt|ound)|born|won|led|set)\s+(?:by|in|at|from|on)|be|the|a|an|in|at|of|from|to|by|use|adopt|choose|apply|select|require|need|called|named|exactly|really|actually|simply|just|necessarily|say|answer(?:ed)?|city|word|option)\s+)*["'(]*\z"#,
        // Who is another one's rival is not that one: "by Salieri, a rival of Mozart".
        r"|,\s+(?:an?|the|his|her|once|also)\s+(?:[\w-]+\s+){0,4}?(?:rival|contemporary|enemy|student|pupil|disciple|teacher|mentor|friend|colleague|predecessor|successor|admirer|follower|assistant)s?\s+(?:of|to)\s+(?:the\s+)?\z",
        r"|(?:不是|并非|绝非|不在|不为|不叫|不等于|没有|而非|除了|无需|不(?:应该?|应当|该|能够?|可以?|会|宜|需要?|必|建议)(?:再|直接|仅)?(?:采用|采取|使用|运用|适用|选择|选用|选|用|考虑)?|不会是|不可能是|错误(?:答案)?(?:地|是|为)?|(?:不是|并非|绝非)(?:由|在|出自|来自|位于)|不|非|勿)\s*[「“\x22'(《]*\z",
    ))
});
static ONLY: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(r"(?i)(?:\bnot\s+(?:only|just|merely)|不仅(?:仅)?(?:是)?|不只是|不单)\s+(?:\w+\s+){0,2}\w*\s*\z")
});
/// Asked so, it can be no other: 除了辛弃疾还能是谁, "who else but Newton".
static NO_OTHER: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:none|no\s+one|nobody|nothing|who|what)\s+(?:else\s+)?(?:but|other\s+than|except(?:\s+for)?)\s+(?:the\s+|an?\s+)?[\x22'(]*\z",
    )
});
static WHO_ELSE: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"\A[」”\x22')》]*,?(?:之外|以外|外)?,?(?:还|又)(?:能|会|可能)?有?[是在叫]?(?:谁|哪|什么)|\A[」”\x22')》]*,?(?:之外|以外)?,?(?:没有|再无|别无|不可能有)(?:别|他|其他|第二)",
    )
});
static DENIED_AFTER: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(concat!(
        r#"(?i)\A["')\]]*\s*(?:,\s*)?(?:(?:which|that|it|this)\s+)?(?:(?:is|was|are|were|would\s+be|seems)\s+(?:\w+ly\s+)?(?:not\b(?:\s+(?P<only>only|just|merely))?|wrong\b|incorrect\b|false\b|a\s+mistake\b)|(?:is|was|are|were)n't\b|cannot\s+be\b|can't\s+be\b|\?)"#,
        r"|\A[」”\x22')》]*(?:不是|并非|是错|,?不对|错误|不正确|有误|并不是|不可能|吗)",
    ))
});
static OR_BEFORE: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r#"(?i)[\p{L}\p{N}"')]\s*,?\s*(?:\bor\b|或者?(?:是)?|还是)\s*(?:maybe\s+|perhaps\s+|the\s+|an?\s+)?["'(]*\z"#,
    )
});
static OR_AFTER: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(r#"(?i)\A["')\]]*\s*,?\s*(?:\bor\s+(?P<else>else|otherwise|more|less|so)?|或|还是|也(?:有)?可能|也许)"#)
});
/// What stands between the entries of a list.
static BETWEEN: LazyLock<Pattern> = LazyLock::new(|| pattern(r"(?i)\s*(?:[,、;/|\n]|\b(?:and|or)\b|和|或|以及|及)\s*"));
static SENTENCE: LazyLock<Pattern> = LazyLock::new(|| pattern(r"[.!?](?:\s|\z)|[。!？?]|\n\s*\n|:(?:\s|\p{Han})"));

/// Looks for accepted answers, each given as its words, in a text with its words.
#[must_use]
pub fn says(text: &str, words: &[Word], accepted: &[Vec<Word>]) -> Said {
    let mut places: Vec<Range<usize>> = accepted.iter().flat_map(|answer| found(words, answer)).collect();
    places.retain(|place| !is_another(text, place) && !is_given_name(text, place, accepted) && !is_aside(text, place));
    places.sort_by_key(|place| (place.start, place.end));
    // The last word on it counts: "Paris? No, not Paris."
    let last = places.pop();
    match last.clone().map_or(Said::No, |place| meant(text, place, accepted)) {
        // 可能是李白写的,也可能是杜甫写的: either may be meant.
        Said::Yes if wavers(text) || asks_back(text) => Said::Listed,
        Said::Yes if last.is_some_and(|p| concludes_on_another(text, p.end) || is_replaced(text, &p)) => Said::No,
        said => said,
    }
}

/// Whether the text's last sentence, in which no accepted answer stands, concludes on something else: 综合来看,首都是悉尼。
fn concludes_on_another(text: &str, end: usize) -> bool {
    static IS: LazyLock<Pattern> = LazyLock::new(|| pattern(r"(?i)\b(?:is|was|are|were)\s|[是为]"));
    // What goes on about the same names it by a pronoun.
    static SAME: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(
            r"(?i)\A[^\p{L}]*(?:[a-z]+(?:\s+conclusion|\s+short|\s+summary)?\s*,?\s+)?(?:it|he|she|they|this|that|these|those|there|its|his|her|their)\b|\A[^,]{0,8},?(?:[它他她这那该此其]|两者|二者|以上|题)|\b(?:first|second|third|last|latter|former|above)\b|前者|后者|上述|第[一二三四五]",
        )
    });
    let Some(behind) = text.get(end..) else { return false };
    let behind = behind.trim_end().trim_end_matches(['。', '.', '!', '*', '"', ')']);
    let Some(start) = SENTENCE.find_iter(behind).last().map(|found| found.end()) else { return false };
    let sentence = behind.get(start..).unwrap_or("").trim_start();
    concludes(sentence) && IS.is_match(sentence) && !SAME.is_match(sentence)
}

/// Where an answer's words stand, as a range of bytes; the last ones only.
#[must_use]
pub fn found(words: &[Word], answer: &[Word]) -> Vec<Range<usize>> {
    let Some(first) = answer.first() else { return Vec::new() };
    let ends = |at: usize| words.get(at + answer.len() - 1).map(|w| w.end);
    let same = |at: usize| answer.iter().enumerate().all(|(i, w)| words.get(at + i).is_some_and(|o| o.text == w.text));
    let starts = words.iter().enumerate().rev().filter(|(at, w)| w.text == first.text && same(*at)).take(MOST);
    starts.filter_map(|(at, w)| Some(w.at..ends(at)?)).collect()
}

fn meant(text: &str, place: Range<usize>, accepted: &[Vec<Word>]) -> Said {
    let line = before(text, place.start, 60).rsplit(['\n', '.', ';', '。']).next().unwrap_or("");
    let behind = after(text, place.end, 60);
    if NO_OTHER.is_match(line) || (line.ends_with("除了") || line.ends_with("不是")) && WHO_ELSE.is_match(behind) {
        return Said::Yes;
    }
    if DENIED_BEFORE.is_match(line) && !ONLY.is_match(line) {
        return Said::No;
    }
    if DENIED_AFTER.captures(behind).is_some_and(|found| found.name("only").is_none()) {
        return Said::No;
    }
    let or_after = OR_AFTER.captures(behind).is_some_and(|found| found.name("else").is_none());
    if or_after || OR_BEFORE.is_match(line) || is_listed(text, &place, accepted) {
        return Said::Listed;
    }
    Said::Yes
}

/// Whether the place is one of many short entries, most of which are no accepted answers.
fn is_listed(text: &str, place: &Range<usize>, accepted: &[Vec<Word>]) -> bool {
    let head = before(text, place.start, 300);
    let tail = after(text, place.end, 300);
    let start = SENTENCE.find_iter(head).last().map_or(0, |m| m.end());
    let end = SENTENCE.find(tail).map_or(tail.len(), |m| m.start());
    // Entries of bulleted lines go on beyond what looks like a sentence's end.
    let head = head.get(start..).unwrap_or("");
    let tail = tail.get(..end).unwrap_or("");
    let short = |entry: &str| {
        let count = entry.chars().filter(|c| super::is_cjk(*c)).count() / 2 + entry.split_whitespace().count();
        (1..=4).contains(&count)
    };
    let is_answer = |entry: &str| {
        let bare: String = entry.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
        accepted.iter().any(|answer| answer.iter().map(|w| w.text.as_str()).collect::<String>() == bare)
    };
    // A clause is no entry: 等一下, 我查了书.
    static TALK: LazyLock<Pattern> = LazyLock::new(|| pattern(r"(?i)\A(?:no|wait|hold on)\z|了|等一下|不对"));
    let other = |entry: &str| {
        let entry = entry.trim().trim_start_matches(['-', '*', '•', '·']).trim();
        entry.chars().any(char::is_alphanumeric) && !is_answer(entry) && !TALK.is_match(entry)
    };
    // The entry that the place itself is in is the last before it and the first behind it.
    let (mut left, mut right): (Vec<&str>, Vec<&str>) = (BETWEEN.split(head).collect(), BETWEEN.split(tail).collect());
    let (own, rest) = (left.pop().unwrap_or(""), if right.is_empty() { "" } else { right.remove(0) });
    if !own.trim().is_empty() && !short(own) || !rest.trim().is_empty() && !short(rest) {
        return false;
    }
    let near: usize = left.iter().rev().take_while(|e| short(e)).filter(|e| other(e)).count();
    let beyond: usize = right.iter().take_while(|e| short(e)).filter(|e| other(e)).count();
    near + beyond >= MANY
}
