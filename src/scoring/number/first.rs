//! Answers that stand first: a line, a sentence or a clause with the number, and then its reason, its parts or what it was
//! worked out from.

use super::prose::{AMISS, DOUBTFUL, WORDS, prose_numbers, single};
use super::value::Value;
use super::{Number, Reading, stated};
use crate::scoring::text::{self, Pattern, pattern};
use std::sync::LazyLock;

/// The number that a first line is, before a paragraph that comes to no other one.
pub(super) fn sole_first_line(text: &str) -> Option<Number> {
    let (first, behind) = text.split_once("\n\n")?;
    let Reading::Said(number) = stated(first) else { return None };
    let bare = first.chars().count() <= 24 && !WORDS.is_match(first);
    let prose = behind.split_whitespace().count() > 3 || behind.chars().filter(|c| u32::from(*c) > 0x2E80).count() > 5;
    (bare && prose && !comes_to_another(behind, &number)).then_some(number)
}

/// The first number of a short text that goes on to its parts, which add up to it or are its factors: "14 of them: 5 red, 6
/// blue and 3 green", "72 square inches — the rectangle measures 8 by 9".
pub(super) fn with_parts(text: &str) -> Option<Number> {
    const SHORT: usize = 400;
    const PARTS: std::ops::RangeInclusive<usize> = 2..=12;
    static GOES_ON: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(r"(?i)其中|包括|\b(?:including|of\s+(?:which|these|them|those))\b|[.]\s+that(?:'s|\s+is)\s")
    });
    static BY: LazyLock<Pattern> =
        LazyLock::new(|| pattern(r"(?i)\A\s*(?:[a-z]+\s+){0,2}(?:by|times|at)\s+¤?\z|\A\s*[×x*]\s*\z"));
    if text.len() > SHORT {
        return None;
    }
    let all = prose_numbers(text);
    let (whole, parts) = all.split_first().filter(|(_, parts)| PARTS.contains(&parts.len()))?;
    let between = text.get(whole.end..parts.first()?.start)?;
    let turned = between.contains(['但', '不', '只']) || between.contains("but") || between.contains("owever");
    let leads = between.contains([':', '(', '—', '\n']) || GOES_ON.is_match(between);
    let number = single(whole).filter(|_| leads && !turned && !between.contains('='))?;
    let sum = parts.iter().try_fold(Value::integer(0), |sum, part| sum.sum(part.value.as_ref()?));
    let product = || match parts {
        [a, b] if BY.is_match(text.get(a.end..b.start)?) => a.value.as_ref()?.product(b.value.as_ref()?),
        _ => None,
    };
    let comes_to_it = sum.as_ref() == Some(&number.value) || product().as_ref() == Some(&number.value);
    (comes_to_it && !text::turns(text)).then_some(number)
}

/// The number that a text begins with where it gives its reason at once: "18, because 3 × 6 = 18".
pub(super) fn with_reason(text: &str) -> Option<Number> {
    static REASONED: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(
            r"(?i)\A[\s*>]*([-$¤€£¥￥₹]{0,2}\d[\d,.]*\s?(?:%|‰|[\p{Han}]{1,4}?|[a-z]+)?)\s*[,.。]?\s*(?:\b(?:because|since)\b|因为|由于|理由[是:])|\A\s*(?:it|that)(?:'s|\s+is|\s+was)\s+(?:in\s+)?\*{0,2}(\d[\d,.]*\d|\d)\*{0,2},\s+(?:[a-z]+\s+){0,3}(?:years?|days?|months?)\s+(?:after|before)\b",
        )
    });
    static CONCLUDES: LazyLock<Pattern> =
        LazyLock::new(|| pattern(r"(?i)\b(?:so|therefore|thus|hence|answer)\b|所以|因此|因而|故|答案"));
    let found = REASONED.captures(text)?;
    let rest = text.get(found.get(0)?.end()..)?;
    let turned = CONCLUDES.is_match(rest) || text::turns(rest);
    match stated(found.get(1).or_else(|| found.get(2))?.as_str()) {
        Reading::Said(number) if !turned => Some(number),
        _ => None,
    }
}

/// The number that a first sentence is and says nothing else but its unit, before an explanation that comes to no other
/// one: "206. The adult skeleton has 80 axial bones and …", 206块骨头。….
pub(super) fn sole_first_sentence(text: &str) -> Option<Number> {
    static BARE: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(
            r"(?i)\A[\s*>]*(?:in\s+|(?:it(?:'s|\s+is|\s+was)|that(?:'s|\s+is|\s+would\s+be))\s+|(?:一?共|总共|大?约|是|有|应该是)*)?(?:about\s+|exactly\s+|approximately\s+)?[-$¤€£¥￥₹]{0,2}\d[\d,.]*(?:\s*[万亿]|\s(?:hundred|thousand|million|billion|trillion))?\s*(?:%|‰|[\p{Han}]{1,5}|[A-Za-z]+(?:\s[A-Za-z]+)?|[°℃℉²³/A-Za-z]{1,6})?\s*[*]*(?:。|!\s?|[.]\s+|\s*\n\n)",
        )
    });
    static ENTRY: LazyLock<Pattern> = LazyLock::new(|| pattern(r"\A[\s*>]*(\d{1,2})[.]\s"));
    let found = BARE.find(text)?;
    let (first, behind) = text.split_at_checked(found.end())?;
    // 1. First …: an entry of a list.
    let entry = ENTRY.captures(first).and_then(|c| c.get(1)?.as_str().parse::<u32>().ok());
    let listed = entry.is_some_and(|n| n < 2 || behind.contains(&format!("\n{}.", n + 1)));
    let counts = first.chars().count() <= 32 && !listed && !VERBED.is_match(first);
    let Reading::Said(number) = stated(first.trim_end_matches(['.', '。', '!', ' ', '*'])) else { return None };
    let prose = behind.split_whitespace().count() > 3 || behind.chars().filter(|c| u32::from(*c) > 0x2E80).count() > 5;
    // "20 apples. 5 are red. 15 are green.": what is left of what was given.
    let noun = first.contains(char::is_alphabetic) && number.unit.is_none();
    let others: Vec<Value> = prose_numbers(behind).into_iter().filter_map(|t| t.value).take(8).collect();
    let last = others.last();
    let worked = others.iter().any(|other| {
        last.is_some_and(|last| {
            number.value.sum(other).as_ref() == Some(last)
                || last.sum(other).as_ref() == Some(&number.value)
                || number.value.product(other).as_ref() == Some(last)
        })
    });
    (counts && prose && !(noun && worked) && !comes_to_another(behind, &number)).then_some(number)
}

/// A word that makes a premise of a short first sentence: 12个男生.
static VERBED: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(r"(?i)\b(?:is|are|was|were|cost|left|more|less|fewer|or|to|and)\s|[和或比到买卖分给每又再]")
});

/// Whether an explanation concludes on another number than the one before it, or works one out.
fn comes_to_another(behind: &str, number: &Number) -> bool {
    static CONCLUDES: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(
            r"(?i)[=≈]|\b(?:so|therefore|thus|hence|total|altogether|answer|in\s+all|result|sum|left|remain(?:s|ing)?|must\s+be|should\s+be)\b|\bor\s+[$¤]?\d|所以|因此|因而|故|答|一共|总共|综上|合计|于是|剩|得到|应该?[是为]|或",
        )
    });
    let all = prose_numbers(behind);
    let other = all.last().and_then(single).is_some_and(|last| last != *number);
    other && (CONCLUDES.is_match(behind) || text::turns(behind) || AMISS.is_match(behind))
}

/// The only number of a first sentence that an explanation follows, which comes to no other one: "You need 14 tiles. Because
/// each of them covers 0.25 m², …", 平均速度是60千米/时,因为3小时行驶了180千米. What things were before explains only what
/// is told as a result: "Tom has 9 marbles left. He started with 20, …".
pub(super) fn before_explanation(text: &str) -> Option<Number> {
    static EXPLAINS: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(concat!(
            r"(?i)(?:[.!。]\s*|\n\s*|,\s*)(?:(?:this|that|it)(?:'s|\s+is)\s+)?(?:because\b|the\s+reason\b|(?:这是)?因为|由于|理由[是:]|原因[是在:])",
            r"|[.!]\s+(?:since|(?P<before>(?:(?:he|she|it|they|we|you|i|there)\s+(?:originally\s+)?(?:started|began|had|were|was)|originally|initially|the\s+original|each\s+of|the\s+first))\b)",
            r"|[。]\s*(?P<earlier>[\p{Han}]{0,3}原(?:来|有|先|价|本)|甲|第一[^步]|每|其中|(?:[早晚]上|[上下中]午|凌晨)?\d{1,2}(?::\d\d|[点时])[^。]{0,6}?(?:出发|动身|开始|起飞|发车))|,\s*距今",
        ))
    });
    static RESULT: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:left|remain(?:s|ed|ing)?|total|altogether|in\s+all|needs?|takes?|took|will|would|must|should|average|there\s+are)\b|剩|一共|总共|共|需要?|[应要]|平均|最[后终]|实际",
        )
    });
    let found = EXPLAINS.captures(text)?;
    let (first, behind) = (text.get(..found.get(0)?.start())?, text.get(found.get(0)?.start()..)?);
    let told = found.name("before").is_some() || found.name("earlier").is_some();
    if first.contains(['\n', '。', '=', '?']) || first.contains(". ") || told && !RESULT.is_match(first) {
        return None;
    }
    let numbers = prose_numbers(first);
    let [token] = numbers.as_slice() else { return None };
    let number = single(token)?;
    let doubted = DOUBTFUL.is_match(first) || text::turns(behind) || AMISS.is_match(behind);
    (WORDS.is_match(first) && !doubted && !comes_to_another(behind, &number)).then_some(number)
}
