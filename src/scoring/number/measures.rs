//! What belongs to a number beside its digits: its unit, further measures of the same quantity, and words that make another
//! number of it.

use super::lex::{Role, Token};
use super::units::{self, Unit};
use crate::scoring::text::{Pattern, before, pattern};
use regex::Captures;
use std::borrow::Cow;
use std::sync::LazyLock;

pub static BELOW_ZERO: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(r"(?i)\A\s*(?:°\s?[CF]?|degrees?)?\s*(?:celsius|fahrenheit)?\s*below\s+(?:zero|freezing)\b")
});

/// The unit of a number: its currency, or what stands behind it.
pub fn unit_of(text: &str, start: usize, end: usize) -> Option<Unit> {
    units::ahead(before(text, start, 8)).or_else(|| units::behind(text.get(end..)?).map(|(unit, _)| unit))
}

/// `5 hours 30 minutes`, `18 dollars and 75 cents`, 3元5角: two measures of one quantity as one number.
pub fn measured_together(text: &str, whole: &Token, part: &Token) -> Option<Token> {
    static GLUE: LazyLock<Pattern> = LazyLock::new(|| pattern(r"(?i)\A\s*(?:,\s*)?(?:and\s+|零|又|和|余)?\z"));
    // The last measure of what was put together already.
    let head = text.get(whole.last..)?;
    // $18 and 75 cents: the currency stands before it.
    let (unit, length) = units::behind(head).or_else(|| Some((whole.unit.filter(|_| whole.least.is_none())?, 0)))?;
    let (smaller, _) = units::behind(text.get(part.end..)?)?;
    let between = text.get(whole.last + length..part.start)?;
    let plain = |t: &Token| matches!(t.role, Role::Plain | Role::Denied | Role::Bound) && !t.percent;
    let fits = plain(whole) && part.role == Role::Plain && !part.percent && GLUE.is_match(between);
    let worth = unit.goes_on_in(smaller).filter(|_| fits)?;
    let (w, p) = (whole.value.as_ref()?, part.value.as_ref()?);
    let counted = whole.least.is_some() || w.is_whole();
    let negative = text.get(part.start..part.end)?.starts_with('-');
    // Sixty minutes are another hour.
    p.product(&worth).filter(|share| counted && !negative && share.is_below_one())?;
    let (first, convert) = (whole.unit?, |a: Unit, b: Unit| a.in_terms_of(b).into_iter().next());
    let total = w.sum(&p.product(&convert(smaller, first)?)?)?;
    let least = total.product(&convert(first, smaller)?)?;
    Some(Token { value: Some(total), least: Some(least), end: part.end, last: part.end, ..whole.clone() })
}

/// Words that make another number of the one behind them: "twice 15".
pub static ALTERED_BEFORE: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:twice|double|triple|thrice|half\s+of|(?:third|quarter|fifth|tenth)s?\s+of|(?:two|three|four|five|ten)\s+times)\s+¤?\z",
    )
});
/// And of the one before them: 15的两倍, 100多个.
pub static ALTERED_BEHIND: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"\A[\p{Han}]{0,2}的(?:[两二三四五六七八九十百\d]+倍|一半|平方|立方|[二三四五六]分之)|\A\s?[多余几](?:个|只|条|本|张|件|名|位|人|元|米|千克|公里|天|年|岁|次|种|棵|辆|块|万|亿)",
    )
});

/// A text with halves and quarters of a unit in figures: half an hour, 2 and a half hours, 半小时, 三刻钟, 两年半.
pub fn in_figures(text: &str) -> Cow<'_, str> {
    static PARTS: LazyLock<Pattern> = LazyLock::new(|| {
        const UNIT: &str = "hours?|minutes?|seconds?|days?|weeks?|months?|years?|dollars?|euros?|pounds?|miles?|kilomet(?:re|er)s?|centimet(?:re|er)s?|met(?:re|er)s?|kilograms?|kilos?|grams?|lit(?:re|er)s?|gallons?|cups?|tons?|tonnes?|foot|feet|inch(?:es)?|yards?|acres?|hectares?|ounces?|pints?|quarts?|degrees?";
        const COUNT: &str = "an?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|[0-9]{1,6}";
        pattern(&format!(
            r"(?i)\b(?:(?P<n>{COUNT})\s+(?P<of>{UNIT})\s+and\s+(?:a|one)\s+(?P<half>half|quarter)\b|(?P<m>[0-9]{{1,6}})\s+and\s+(?:a|one)\s+(?P<more>half|quarter)\b|(?P<part>half|(?:a|one|three)[\s-]+quarters?)\s+(?:of\s+)?an?\s+(?P<unit>{UNIT})\b)"
        ))
    });
    static HALVES: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(
            r"(?P<before>第|[上下大小多夜个])?(?:(?P<some>[一二两三四五六七八九十]{1,3})个半(?P<measure>小时|钟头|月|星期|学期|世纪)|(?P<n>[一二两三四五六七八九十]{1,3})(?P<of>年|小时|分钟|天|个?月|公里|千米|米|公?斤|千克|吨|升)半|(?P<half>半)(?P<unit>个?(?:小时|钟头|月|星期)|[天日年]|分钟|公[斤里]|千[克米]|[斤里米升吨亩])|(?P<quarters>[一三1-3])刻钟)(?P<behind>[夜价数径])?",
        )
    });
    let quarters = |word: &str| match word.as_bytes().first() {
        Some(b'h' | b'H') => 50,
        Some(b't' | b'T') => 75,
        _ => 25,
    };
    let english = |found: &Captures<'_>| {
        let of = |name: &str| found.name(name).map(|m| m.as_str());
        let counted = |word: &str| match super::english::numeral(word) {
            Some((value, ..)) => value.to_string(),
            None if word.starts_with(['a', 'A']) => "1".to_owned(),
            None => word.to_owned(),
        };
        match (of("n").or_else(|| of("m")), of("half").or_else(|| of("more")), of("part")) {
            (Some(n), Some(part), _) => {
                format!("{}.{} {}", counted(n), quarters(part), of("of").unwrap_or("")).trim_end().to_owned()
            }
            (_, _, Some(part)) => format!("0.{} {}", quarters(part), of("unit").unwrap_or("")),
            _ => String::new(),
        }
    };
    let chinese = |found: &Captures<'_>| {
        let of = |name: &str| found.name(name).map(|m| m.as_str());
        if of("before").is_some() || of("behind").is_some() {
            return found.get(0).map_or("", |m| m.as_str()).to_owned();
        }
        // 一个半小时: the measure word stands before the half.
        if let Some((value, ..)) = of("some").and_then(super::chinese::numeral) {
            return format!("{value}.5个{}", of("measure").unwrap_or(""));
        }
        match (of("n").and_then(super::chinese::numeral), of("quarters")) {
            (Some((value, ..)), _) => format!("{value}.5{}", of("of").unwrap_or("")),
            (None, Some(n)) => {
                let minutes = match n {
                    "一" | "1" => 15,
                    "2" => 30,
                    _ => 45,
                };
                format!("{minutes}分钟")
            }
            (None, None) if of("half").is_some() => format!("0.5{}", of("unit").unwrap_or("")),
            (None, None) => found.get(0).map_or("", |m| m.as_str()).to_owned(),
        }
    };
    if text.is_ascii() {
        PARTS.replace_all(text, english)
    } else {
        let halves = replaced(PARTS.replace_all(text, english), |text| HALVES.replace_all(text, chinese));
        replaced(halves, |text| IN_PARTS.replace_all(text, in_parts))
    }
}

/// A fraction in figures, read as Chinese reads it: 3分之1, 2又3分之1.
static IN_PARTS: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r"(?:(?P<whole>\d{1,4})\s?又\s?)?(?P<below>\d{1,4})\s?分之\s?(?P<above>\d{1,4})"));

/// The same as a quotient of two whole numbers.
fn in_parts(found: &Captures<'_>) -> String {
    let of = |name: &str| found.name(name).and_then(|m| m.as_str().parse::<u64>().ok());
    let below = of("below").unwrap_or(1);
    format!("{}/{below}", of("whole").unwrap_or(0) * below + of("above").unwrap_or(0))
}

/// One replacement after another.
fn replaced<'t>(text: Cow<'t, str>, next: impl Fn(&str) -> Cow<'_, str>) -> Cow<'t, str> {
    let after = match next(&text) {
        Cow::Owned(after) => Some(after),
        Cow::Borrowed(_) => None,
    };
    after.map_or(text, Cow::Owned)
}
