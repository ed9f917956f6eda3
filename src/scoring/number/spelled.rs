//! The one number that a sentence without figures spells out, wherever in it: "It works out to fifteen percent", 只有两名通过.

use super::lex::{Role, Token};
use super::prose::VAGUE;
use super::value::Value;
use super::worded::DID_NOT;
use super::{MEASURE_WORDS, Number, chinese, english, with_cents};
use crate::scoring::text::{Pattern, before, is_undecided, pattern};
use std::sync::LazyLock;

/// The longest sentence that is looked at, in bytes.
const LONGEST: usize = 240;

/// What the last sentence of a text says, where that spells out one number and has no figure.
pub(super) fn spelled(text: &str) -> Option<Number> {
    let line = text.lines().next_back()?.trim().trim_end_matches(['。', '.', '!', '*', ' ', '"', '”', '」', ')']);
    let sentence = line.rsplit(['。', '!', '?']).next()?;
    let sentence = sentence.rsplit(". ").next()?;
    if sentence.is_empty() || sentence.len() > LONGEST || line.ends_with('?') || is_undecided(text) {
        return None;
    }
    if sentence.is_ascii() { in_english(sentence) } else { in_chinese(sentence) }
}

/// How many there are of what a text goes on to list: 一共有五个,分别是1、3、5、7、9, "There are two such primes: 3 and 5".
pub(super) fn spelled_before(text: &str, listed: &[Token]) -> Option<Number> {
    let head = text.get(..listed.first()?.start)?;
    let head = head.trim_end_matches(|c: char| c.is_whitespace() || ",:([".contains(c));
    let head = ["分别是", "分别为", "即", "它们是", "namely", "which are", "they are"]
        .iter()
        .find_map(|w| head.strip_suffix(w))
        .unwrap_or(head);
    let number = spelled(head.trim_end_matches(|c: char| c.is_whitespace() || ",:(.。".contains(c)))?;
    let count = Value::integer(i128::try_from(listed.len()).ok()?);
    (number.value == count && listed.iter().all(|t| matches!(t.role, Role::Open | Role::Plain))).then_some(number)
}

/// Whether no number is stated before a place: denied, hedged, one of several or only a bound.
fn is_doubted(sentence: &str) -> bool {
    static DOUBTED: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(r"(?i)\b(?:not|or|if|maybe|perhaps|possibly|might|could|may|between|unless|nor|neither)\b|n't\b|[?\[]")
    });
    DOUBTED.is_match(&DID_NOT.replace_all(sentence, " "))
}

fn in_english(sentence: &str) -> Option<Number> {
    // The six of them, these two, first of two: those are spoken of, and no answer.
    static KNOWN: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:the|these|those|all|both|its|their|his|her|our|my|your|first|last|next|other|every|each|another|than|by|into|in|on|step|part|case|page|chapter|grade|question|problem|number)\s+(?:\w+\s+)?\z",
        )
    });
    static BOUND: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:at\s+(?:least|most)|(?:more|less|fewer|greater|smaller|larger|other)\s+than|up\s+to|over|under|above|below)\s+(?:a\s+)?\z",
        )
    });
    static GOES_ON: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(
            r"(?i)\A(?:-[a-z]|\s+(?:times|plus|minus|squared|cubed|to|and\s+(?:a|one|two|three|four|five|six|seven|eight|nine|ten)|more|less|fewer|factorial|point|divided|multiplied|o'clock|th)\b)",
        )
    });
    // A single one counts what is told of, unless it is only one.
    static ONLY: LazyLock<Pattern> = LazyLock::new(|| pattern(r"(?i)\b(?:only|just|exactly|is|leaves|leaving)\s+\z"));
    let mut found: Option<Number> = None;
    let mut until = 0;
    let starts = sentence.char_indices().filter(|(at, c)| {
        c.is_ascii_alphabetic() && !before(sentence, *at, 1).ends_with(|c: char| c.is_ascii_alphanumeric() || c == '-')
    });
    for (at, _) in starts {
        if at < until {
            continue;
        }
        let Some((value, percent, words, behind)) = english::numeral(sentence.get(at..)?) else { continue };
        let start = until;
        until = sentence.len() - behind.len();
        let head = sentence.get(start..at)?;
        let single = words < 2 && value == Value::integer(1);
        let lone = single && (!ONLY.is_match(head) || behind.trim_start().starts_with("of "));
        if lone || KNOWN.is_match(head) && !percent && !head.trim_end().ends_with(" by") {
            continue;
        }
        let (value, behind) = with_cents(value, behind);
        if found.is_some() || BOUND.is_match(head) || GOES_ON.is_match(behind) || VAGUE.is_match(behind) {
            return None;
        }
        found = Some(Number::bare(value, percent).with_unit(behind));
    }
    found.filter(|_| !is_doubted(sentence))
}

fn in_chinese(sentence: &str) -> Option<Number> {
    static DOUBTED: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(
            r"不(?:是|为|等于|到|足|对|会|能|可能|一定|确定|止|超过)|没|未|并?非是|或|可能|也许|如果|若|至[少多]|超过|多于|少于|之间|[以之][上下内]|两种(?:方法|思路|情况|解法|理解)",
        )
    });
    static MEASURED: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(&format!(r"\A(?:{MEASURE_WORDS}|面|边|条边|面体)(?:[^形角方函项式制维级班楼线性号体\p{{Nd}}]|\z)"))
    });
    // 第三, 每两个, 这三种; 其中一半 of 三角形之三.
    const KNOWN: &[char] = &[
        '第', '每', '之', '这', '那', '前', '后', '各', '其', '某', '另', '初', '期', '拜', '、', '和', '与', '到',
        '至', '上', '下', '点', '乘', '除', '加', '减', '以', '的',
    ];
    if DOUBTED.is_match(sentence) {
        return None;
    }
    let mut found: Vec<(usize, Number)> = Vec::new();
    let mut until = 0;
    for (at, c) in sentence.char_indices() {
        if at < until || !chinese::is_numeral(c) {
            continue;
        }
        let rest = sentence.get(at..)?;
        if rest.starts_with("零下") {
            continue;
        }
        until = at + rest.find(|c| !chinese::is_numeral(c)).unwrap_or(rest.len());
        let below = sentence.get(..at)?.ends_with("零下");
        let Some((value, percent, after)) = chinese::numeral(rest) else { continue };
        // 一个 counts what is told of, unless it is only one.
        let only = ["只有", "只剩", "只剩下", "仅有", "仅剩"]
            .iter()
            .any(|w| sentence.get(..at).is_some_and(|h| h.ends_with(w)));
        let lone = value == Value::integer(1) && !percent && !only;
        let known = !below && sentence.get(..at)?.ends_with(KNOWN);
        let permille = rest.trim_start_matches('负').starts_with("千分之");
        let share = permille || percent || rest.get(..until - at)?.contains("分之");
        if lone || known || !(share || MEASURED.is_match(after)) {
            continue;
        }
        let value = if below { value.negated() } else { value };
        found.push((at, Number { permille, ..Number::bare(value, percent) }.with_unit(after)));
    }
    let (at, number) = found.pop()?;
    // 六名候选人中只有两名通过: of several it is what there is.
    let told = sentence.get(..at)?.ends_with(['有', '剩', '是', '为', '得', '共', '要', '需', '达']);
    (found.is_empty() || told).then_some(number)
}
