//! What belongs to a number beside its digits: its unit, further measures of the same quantity, and words that make another
//! number of it.

use super::lex::{Role, Token};
use super::units::{self, Unit};
use crate::scoring::text::{Pattern, before, pattern};
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
