//! `renumber`: the same problem with other quantities, where the item gives a formula.
//!
//! In a row of a dataset: `"formula": {"prompt": "Tom has {a} apples and buys {b} more. How many?", "quantities": {"a": [2,
//! 99], "b": [2, 99]}, "answer": "a + b", "where": ["a > b"]}`: each quantity a whole number from a range, the answer worked
//! out exactly, and conditions that must hold.

use super::formula::{Values, holds, value};
use super::{Kind, Sources, asked, asking};
use crate::domain::Item;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use serde::Deserialize;
use std::collections::BTreeMap;

/// The line in the table of kinds.
pub(super) const KIND: Kind = Kind {
    name: "renumber",
    about: "the same problem with other quantities",
    needs: "a `formula`: prompt, quantities and answer",
    make,
    tries: 16,
};

/// Draws until the conditions hold, at the most.
const DRAWS: u32 = 2_000;
/// The largest quantity, either way.
const LARGEST: i128 = 1_000_000_000_000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Formula {
    prompt: String,
    quantities: BTreeMap<String, (i64, i64)>,
    answer: String,
    #[serde(default, rename = "where")]
    conditions: Vec<String>,
}

impl Formula {
    /// The item's, where it has one.
    fn of(item: &Item) -> Option<Result<Self, String>> {
        let given = item.spec.as_ref()?.get("formula")?;
        Some(Self::deserialize(given).map_err(|error| format!("its formula can't be read: {error}")))
    }

    /// Quantities for which all conditions hold.
    fn draw(&self, rng: &mut ChaCha8Rng) -> Result<Values, String> {
        for _ in 0..DRAWS {
            let one = |(name, (from, to)): (&String, &(i64, i64))| {
                (name.clone(), i128::from(rng.random_range(*from.min(to)..=*from.max(to))))
            };
            let values: Values = self.quantities.iter().map(one).collect();
            if self.fits(&values)? {
                return Ok(values);
            }
        }
        Err(format!("no quantities were found in {DRAWS} draws for which its conditions hold"))
    }

    fn fits(&self, values: &Values) -> Result<bool, String> {
        for condition in &self.conditions {
            if !holds(condition, values).map_err(|why| format!("its condition {condition:?}: {why}"))? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn question(&self, values: &Values) -> String {
        values.iter().fold(self.prompt.clone(), |text, (name, n)| text.replace(&format!("{{{name}}}"), &n.to_string()))
    }

    fn answer(&self, values: &Values) -> Result<String, String> {
        Ok(value(&self.answer, values).map_err(|why| format!("its answer {:?}: {why}", self.answer))?.text())
    }

    /// The quantities that the item's own question has, where the formula's prompt fits it.
    fn read(&self, question: &str) -> Option<Values> {
        let (mut values, mut rest, mut frame) = (Values::new(), question.trim(), self.prompt.trim());
        while let Some((before, after)) = frame.split_once('{') {
            let (name, after) = after.split_once('}')?;
            rest = rest.strip_prefix(before)?;
            let length = rest.char_indices().find(|(at, c)| !(c.is_ascii_digit() || (*at == 0 && *c == '-')));
            let (digits, left) = rest.split_at_checked(length.map_or(rest.len(), |(at, _)| at))?;
            let number = digits.parse().ok()?;
            if values.insert(name.to_owned(), number).is_some_and(|known| known != number) {
                return None;
            }
            (rest, frame) = (left, after);
        }
        (rest == frame).then_some(values)
    }
}

fn make(item: &Item, _: &Sources, rng: &mut ChaCha8Rng) -> Option<Item> {
    if !item.options.is_empty() {
        return None;
    }
    let formula = Formula::of(item)?.ok()?;
    let values = formula.draw(rng).ok()?;
    let answer = formula.answer(&values).ok()?;
    Some(Item { answers: vec![answer], ..asking(item, formula.question(&values))? })
}

/// Checks an item's formula, if it has one: that it can be worked out, and that it fits the item's own question and answer.
///
/// # Errors
/// In words.
pub fn check(item: &Item) -> Result<(), String> {
    use rand::SeedableRng;
    let Some(formula) = Formula::of(item) else { return Ok(()) };
    let formula = formula?;
    let beyond = |n: i64| i128::from(n).abs() > LARGEST;
    if formula.quantities.is_empty() || formula.quantities.values().any(|(from, to)| beyond(*from) || beyond(*to)) {
        return Err(format!("its formula needs quantities, each two numbers from {} to {LARGEST}", -LARGEST));
    }
    if let Some(name) = formula.quantities.keys().find(|name| !formula.prompt.contains(&format!("{{{name}}}"))) {
        return Err(format!("its formula's prompt does not show the quantity {{{name}}}"));
    }
    let values = formula.draw(&mut ChaCha8Rng::seed_from_u64(0))?;
    formula.answer(&values)?;
    let Some(own) = asked(item).and_then(|question| formula.read(question)) else { return Ok(()) };
    let (answer, known) = (formula.answer(&own)?, item.answers.iter().map(|a| a.trim()));
    let stray = |c: char| !c.is_ascii_digit() && !matches!(c, '.' | '-' | '/');
    let plain = |text: &str| text.trim_matches(stray).replace(',', "");
    // An answer in other words than a number can't be compared.
    let mut known = known.filter(|a| a.chars().any(|c| c.is_ascii_digit())).peekable();
    if known.peek().is_some() && !known.any(|a| plain(a) == answer) {
        return Err(format!("its formula gives {answer} for its own quantities, and that is not among its answers"));
    }
    Ok(())
}
