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

/// The number in words that a text ends with, behind all its figures: "6 times 7 is forty-two.", 近视率为百分之二十五。
pub(super) fn ends_in_words(text: &str) -> Option<Number> {
    static DOUBTED: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:not|or|if|maybe|perhaps|possibly|might|could|may|between|at\s+least|at\s+most|more|less|fewer|than|unless)\b|n't\b|[?\[]|不(?:是|为|等于|到|足|对|会|能|可能|一定|确定|止)|没|未|并?非是|或|可能|也许|如果|若|至[少多]|超过|之间|[以之][上下内]",
        )
    });
    static EACH: LazyLock<Pattern> =
        LazyLock::new(|| pattern(r"(?i)\b(?:each|every|per)\s+\w|\ba\s+(?:day|week|month|year|piece)\b|每"));
    let line = text.lines().next_back()?.trim_end_matches(['。', '.', '!', '*', ' ', '"', '”', '」', ')']);
    let sentence = line.rsplit(['。', ';', '!', '?']).next()?;
    let sentence = sentence.rsplit(". ").next()?;
    if sentence.len() > LONGEST || DOUBTED.is_match(sentence) || is_undecided(text) {
        return None;
    }
    let behind = sentence.get(sentence.rfind(|c: char| c.is_ascii_digit()).map_or(0, |at| at + 1)..)?;
    // An amount of each is not what all of them come to.
    if EACH.is_match(behind) {
        return None;
    }
    if behind.is_ascii() { ends_in_english(behind) } else { ends_in_chinese(behind) }
}

/// The longest sentence that is looked at, in bytes.
const LONGEST: usize = 240;

fn ends_in_english(text: &str) -> Option<Number> {
    static LINK: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(
            r"(?i)(?:\b(?:is|are|was|were|equals?|makes?|gives?|gets?|got|have|has|leaves?|left\s+with|totals?|costs?|takes?|come(?:s)?\s+to|add(?:s)?\s+up\s+to|find)|[:=])\s+(?:exactly\s+|only\s+|just\s+|precisely\s+|a\s+total\s+of\s+|about\s+)?",
        )
    });
    static UNIT: LazyLock<Pattern> = LazyLock::new(|| pattern(r"(?i)\A(?:\s+[a-z]+){0,3}\z"));
    let link = LINK.find_iter(text).last()?;
    let (value, percent, words, unit) = english::numeral(text.get(link.end()..)?)?;
    let (value, behind) = with_cents(value, unit);
    let sole = words > 1 || value != Value::integer(1);
    let said = sole && UNIT.is_match(behind) && !VAGUE.is_match(behind) && !behind.trim_start().starts_with("of ");
    let other = behind.split_whitespace().any(|word| english::numeral(word).is_some());
    (said && !other).then_some(Number::bare(value, percent).with_unit(unit))
}

/// A numeral that the text ends with, of several characters and with a unit, or behind what leads to one.
fn ends_in_chinese(text: &str) -> Option<Number> {
    static LINK: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(
            r"(?:[是为為填得达達共余剩需花约重距长長宽寬高深厚]|等于|等於|正好|恰好|刚好)了?(?:约|大约)?\z|(?:共|[还剩]下?有?|现有)有?[\p{Han}&&[^不没未非超近至最多少第每各]]{1,4}\z",
        )
    });
    // 还剩下全长的八分之三: a part of what is named.
    static PART: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(r"(?:剩下?了?|占了?|[是为]|等于|完成了?|用去?了?|修了?)[\p{Han}&&[^不没未非超近至最多少比]]{1,8}的\z")
    });
    let text = text.rsplit([',', ':']).next()?;
    // From the left, so that the numeral is whole: 一百二十五, and not 二十五.
    let starts = text.char_indices().filter(|(_, c)| chinese::is_numeral(*c)).map(|(at, _)| at);
    let (head, number) = starts.into_iter().find_map(|at| {
        let (head, numeral) = text.split_at_checked(at)?;
        let whole = !head.ends_with(chinese::is_numeral) && !head.ends_with(['第', '之', '、', '和', '与', '到', '至']);
        match in_words(numeral) {
            Reading::Said(number) if whole => Some((head, number)),
            _ => None,
        }
    })?;
    let figures = text.get(head.len()..)?.chars().take_while(|c| chinese::is_numeral(*c)).count();
    let measured = figures > 1 && (number.unit.is_some() || number.percent);
    let part = text.get(head.len()..)?.contains("分之") && PART.is_match(head);
    let linked = LINK.is_match(head) || part;
    (linked && number.value != Value::integer(1) || measured).then_some(number)
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
        for (text, want) in [
            ("6 times 7 is forty-two.", Some("42")),
            ("Three coffees at 1.50 each: four dollars and fifty cents.", Some("4.5")),
            ("Adding up all five districts, I get half a million residents.", Some("500000")),
            ("It is 42, and not forty.", None),
            ("There are 12, of which three are red.", None),
            ("答:这批货物一共重三千五百千克。", Some("3500")),
            ("该班 40 名学生中有 10 名近视,近视率为百分之二十五。", Some("25%")),
            ("以时速五十公里行驶两个半小时,所以两地相距一百二十五公里。", Some("125")),
            ("当天最低气温为负三摄氏度,因此填负三。", Some("-3")),
            ("答案是24,每组三个。", None),
            ("他得了第三十三名。", None),
            ("这是原因之一。", None),
        ] {
            assert_eq!(shown(ends_in_words(text)).as_deref(), want, "{text}");
        }
        assert_eq!(shown(counted("Seven is wrong.")), None);
        assert_eq!(shown(counted("Seven or eight students came.")), None);
    }
}
