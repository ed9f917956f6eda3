//! Shares of a whole: 0.35 and 35% are one and the same, where a text says that it tells a share.

use super::Number;
use super::prose::{prose_numbers, single};
use super::value::Value;
use crate::scoring::text::{Pattern, before, pattern};
use std::sync::LazyLock;

/// How far from its end a text is read for what its number is, in characters.
const NEAR: usize = 200;

/// What is told of a share.
static PARTS: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:proportion|fraction|share|probability|chance|likelihood|odds|frequency)\b|\b(?:half|third|quarter|fourth|fifth)s?\s+of\b|占|概率|可能性|几率|机率|比例|比重|频率",
    )
});
static PERCENT: LazyLock<Pattern> = LazyLock::new(|| pattern(r"(?i)%|percent|per\s+cent|百分"));

/// Whether two have the same figures, and mean different shares of a whole all the same: a probability of 1 is not one of 1%.
pub(super) fn is_another_share(number: &Number, accepted: &Number, text: &str) -> bool {
    let share = |n: &Number| n.value == Value::integer(1) || n.value.is_below_one() && n.value != Value::integer(0);
    let plain = |n: &Number| !n.permille && n.unit.is_none();
    number.percent != accepted.percent
        && number.value == accepted.value
        && (plain(number) && plain(accepted) && share(number))
        && PARTS.is_match(before(text, text.len(), NEAR))
        && (number.percent || !PERCENT.is_match(before(text, text.len(), NEAR)))
}

/// What a number means as a share, where only one of it and the reference has a percent sign and the text speaks of a
/// share: a proportion of 7/20 for 35%, a probability of 25% for 1/4. Nothing is taken for one by its size alone: 0.12 may
/// be meant as 0.12%.
pub(super) fn as_share(number: &Number, accepted: &Number, text: &str) -> Option<Number> {
    static RATES: LazyLock<Pattern> = LazyLock::new(|| pattern(r"(?i)\b(?:rates?|ratio)\b|率"));
    if number.percent == accepted.percent || number.permille || accepted.permille {
        return None;
    }
    if number.unit.is_some() || accepted.unit.is_some() {
        return None;
    }
    let near = before(text, text.len(), NEAR);
    let both = || prose_numbers(near).iter().filter_map(single).any(|n| n == *number && n.percent != number.percent);
    let value = number.value.clone();
    if accepted.percent {
        let told = (PARTS.is_match(near) || RATES.is_match(near)) && !PERCENT.is_match(near) || both();
        return told.then(|| Number::bare(value.scaled(2), true));
    }
    (PARTS.is_match(near) || both()).then(|| Number::bare(value.scaled(-2), false))
}
