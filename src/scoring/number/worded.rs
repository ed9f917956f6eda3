//! Numbers that a text of one sentence says in words, or as one of a series: 第三十三届, 一九四九年, "Seven students did not
//! pass."

use super::prose::{AMISS, DOUBTFUL, VAGUE};
use super::value::Value;
use super::{Number, Reading, chinese, english, in_words, stated, with_cents};
use crate::scoring::text::{self, Pattern, is_undecided, pattern};
use std::sync::LazyLock;

/// Which one of a series a text of one sentence names: 第三十三届. (第3名 is a place, and no number of anything.)
pub(super) fn ordinal(text: &str) -> Option<Number> {
    static PLACE: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(
            r"\A(?:\d{4}年)?(?:[^,。;:?\d]{0,24}?)第\s?(?P<n>\d{1,4}|[一二三四五六七八九十百千零两]{1,8})\s?[届任代期][^\d,。;:?第或不后前]{0,14}[。.!]?\s*(?:\([^()\d]*\)[。.]?)?\s*\z",
        )
    });
    static DOUBTED: LazyLock<Pattern> = LazyLock::new(|| pattern(r"不|没|未|非|或|可能|也许|吗|如果|第[^第]*第"));
    let found = PLACE.captures(text).filter(|_| !DOUBTED.is_match(text))?.name("n")?.as_str();
    let value = match found.parse::<i128>() {
        Ok(figure) => Value::integer(figure),
        Err(_) => chinese::numeral(found).map(|(value, ..)| value)?,
    };
    Some(Number::bare(value, false))
}

/// The count that a text of one sentence begins with: "Seven students did not pass."
pub(super) fn counted(text: &str) -> Option<Number> {
    static GOES_ON: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(
            r"(?i)\A\s+(?:is|was|are|were|or|of|out|and|to|times|plus|minus|more|less|fewer)\b|\b(?:wrong|incorrect|too|not\s+(?:right|correct|enough))\b",
        )
    });
    let sentence = text.trim_end_matches(['.', '!']);
    let one = !sentence.contains(['.', '?', ';', '\n', ':']) && !text.contains(|c: char| c.is_ascii_digit());
    let (value, percent, _, unit) = english::numeral(sentence).filter(|_| one)?;
    let (value, behind) = with_cents(value, unit);
    let sole = value != Value::integer(1) && behind.split_whitespace().all(|word| english::numeral(word).is_none());
    let said = behind.split_whitespace().count() > 1 && behind.starts_with(' ') && !GOES_ON.is_match(behind);
    let doubted = DOUBTFUL.is_match(&DID_NOT.replace_all(behind, " ")) || VAGUE.is_match(behind);
    (sole && said && !doubted).then_some(Number::bare(value, percent).with_unit(unit))
}

/// The one year that a text writes out: 新中国成立于一九四九年.
pub(super) fn year(text: &str) -> Option<Number> {
    static YEAR: LazyLock<Pattern> = LazyLock::new(|| pattern(r"[一二三四五六七八九][〇零一二三四五六七八九]{3}年"));
    static DOUBTED: LazyLock<Pattern> = LazyLock::new(|| pattern(r"不|没|未|非|或|可能|也许|吗|如果|前后|左右"));
    let mut all = YEAR.find_iter(text);
    let (found, None) = (all.next()?, all.next()) else { return None };
    let digit = |c: char| "零一二三四五六七八九".chars().position(|d| d == c).or((c == '〇').then_some(0));
    let value =
        found.as_str().chars().filter_map(digit).try_fold(0_i128, |sum, d| Some(sum * 10 + i128::try_from(d).ok()?))?;
    (!DOUBTED.is_match(text)).then(|| Number::bare(Value::integer(value), false))
}

/// What is denied of those that are counted, and not of the count.
pub(super) static DID_NOT: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(r"(?i)\b(?:(?:did|do|does|have|has|had|were|was|are)(?:n't|\s+not)|not\s+\w+(?:ed|ing))\b")
});

/// A text without a first sentence that only says what the number is not: "Not 10, that would be a decagon."
pub(super) fn without_denied(text: &str) -> &str {
    static NOT: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(r"(?i)\Anot\s+\d[\d.,]*,\s+(?:that|this|which)(?:'s|\s+(?:is|would\s+be))\s+[^.\d\n]{1,60}\.\s+")
    });
    NOT.find(text).and_then(|found| text.get(found.end()..)).filter(|rest| !rest.is_empty()).unwrap_or(text)
}

/// What is put in the place of a denied one, before the reason: 不是24,而是25,因为….
pub(super) fn instead(text: &str) -> Option<Number> {
    static BUT: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(
            r"(?i)\A[^,。.?\n]{0,24}?(?:(?:不是|并非)[^,。\n]{1,16},\s*而是(?P<zh>[^,。\n]{1,16})[,。]\s*(?:因为|由于)|\bnot\s+[^,.\n]{1,16},?\s+but\s+(?P<en>[^,.\n]{1,16}),?\s+(?:because|since)\b)(?P<why>.*)\z",
        )
    });
    let found = BUT.captures(text)?;
    let turned = found.name("why").is_some_and(|why| text::turns(why.as_str()) || AMISS.is_match(why.as_str()));
    match stated(found.name("zh").or_else(|| found.name("en"))?.as_str()) {
        Reading::Said(number) if !turned => Some(number),
        _ => None,
    }
}

/// The count in words that a text begins with as a sentence of its own, before its parts: 三十四个。具体包括….
pub(super) fn counted_first(text: &str) -> Option<Number> {
    static PARTS: LazyLock<Pattern> = LazyLock::new(|| pattern(r"\A\s*(?:它们|具体|其中|包括|分别|即)"));
    let (first, rest) = text.split_once('。').filter(|(first, _)| first.chars().count() < 13)?;
    let figures = first.contains(|c: char| c.is_ascii_digit());
    if figures || !PARTS.is_match(rest) || text::turns(rest) || AMISS.is_match(rest) || is_undecided(text) {
        return None;
    }
    match in_words(first) {
        Reading::Said(number) => Some(number),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_one_sentence_are_read() {
        let shown = |number: Option<Number>| number.map(|number| number.shown());
        assert_eq!(shown(ordinal("2024年巴黎奥运会是第三十三届夏季奥运会。")).as_deref(), Some("33"));
        assert_eq!(shown(ordinal("不是第33届。")), None);
        assert_eq!(shown(ordinal("他得了第3名。")), None);
        assert_eq!(shown(year("新中国成立于一九四九年。")).as_deref(), Some("1949"));
        assert_eq!(shown(year("一九四九年或一九五〇年。")), None);
        assert_eq!(shown(counted("Seven students did not pass.")).as_deref(), Some("7"));
        assert_eq!(shown(counted("Seven is wrong.")), None);
        assert_eq!(shown(counted("Seven or eight students came.")), None);
    }
}
