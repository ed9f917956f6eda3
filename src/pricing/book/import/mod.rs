//! Importers: public price lists made into a price book. What can't be carried over is counted by field, and told.
//!
//! A list is read from a file that the user fetched: nothing here reaches out. Prices come in USD and are carried over
//! digit by digit.

mod finish;
mod genai_prices;
mod litellm;
mod models_dev;
mod openrouter;

use super::amount;
use super::draft::Draft;
use super::json::Json;
use rust_decimal::Decimal;
use std::collections::BTreeMap;

/// One shape of price list.
#[derive(Debug, Clone, Copy)]
pub struct Importer {
    /// The word after `--from`.
    pub name: &'static str,
    /// Which file it reads, for people.
    pub file: &'static str,
    read: fn(&Json, &mut Sink<'_>) -> Result<(), String>,
}

/// Every shape that is known.
pub const KINDS: &[Importer] = &[litellm::KIND, openrouter::KIND, genai_prices::KIND, models_dev::KIND];

/// What an import came to.
#[derive(Debug, Clone, Default)]
pub struct Imported {
    /// The entries, in order of their names.
    pub drafts: Vec<Draft>,
    /// What was not carried over, or not as it stood.
    pub told: Told,
}

/// What was not carried over, or not as it stood: how often, and one example of each.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Told(BTreeMap<String, (u64, String)>);

impl Told {
    /// One more of a kind.
    pub(super) fn note(&mut self, what: impl Into<String>, example: &str) {
        self.0.entry(what.into()).or_insert_with(|| (0, example.to_owned())).0 += 1;
    }

    /// Each kind with its count and an example.
    pub fn all(&self) -> impl Iterator<Item = (&str, u64, &str)> {
        self.0.iter().map(|(what, (count, example))| (what.as_str(), *count, example.as_str()))
    }
}

impl Importer {
    /// Reads a list.
    ///
    /// # Errors
    /// When it is no JSON, or of another shape.
    pub fn import(&self, text: &str, wanted: &dyn Fn(&str, &str) -> bool) -> Result<Imported, String> {
        let json = Json::parse(text).map_err(|e| format!("is no JSON: {e}"))?;
        let mut sink = Sink { wanted, drafts: Vec::new(), told: Told::default() };
        (self.read)(&json, &mut sink)?;
        let Sink { drafts, mut told, .. } = sink;
        Ok(Imported { drafts: finish::finish(drafts, &mut told), told })
    }
}

/// Where an importer puts what it reads.
struct Sink<'a> {
    wanted: &'a dyn Fn(&str, &str) -> bool,
    drafts: Vec<Draft>,
    told: Told,
}

impl Sink<'_> {
    /// Takes an entry, where it has what every price by token needs; else that is told.
    fn take(&mut self, draft: Draft) {
        if draft.rates.contains_key("input") && draft.rates.contains_key("output") {
            self.drafts.push(draft);
        } else {
            let name = format!("{}/{}", draft.provider, draft.model);
            self.told.note("(models left out) without a price per token of input and of output", &name);
        }
    }
}

/// Dearer than this, per 1,000,000 tokens or each, is no price but a mistake of units.
const DEAREST: i64 = 100_000;

/// A figure of a list as an amount; what can't be one is told under `what`.
fn figure(told: &mut Told, what: &str, example: &str, value: &Json, power: i32) -> Option<Decimal> {
    let Some(amount) = value.digits().and_then(|digits| amount::scaled(digits, power)) else {
        told.note(format!("{what}: no number"), example);
        return None;
    };
    if amount.is_sign_negative() && !amount.is_zero() {
        told.note(format!("{what}: negative"), example);
        return None;
    }
    if amount > Decimal::from(DEAREST) {
        told.note(format!("{what}: above {DEAREST} USD"), example);
        return None;
    }
    if amount::digits(amount) >= 15 {
        told.note("(carried over) figures with 15 or more digits, as a float's rounding leaves them", example);
    }
    Some(amount)
}

#[cfg(test)]
mod tests;
