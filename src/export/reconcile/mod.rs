//! An invoice held against the ledger: by day and model, and by model over all days.
//!
//! A ledger's row belongs to the invoice's model that is its served model, else its target's configured model, else the
//! target's name. Where several do, the first is taken.

pub mod invoice;
mod render;

pub use render::{FORMATS, Format};

use crate::store::Billed;
use invoice::{Invoice, Invoiced};
use jiff::civil::Date;
use jiff::{ToSpan as _, civil::date};
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet};

/// One side's sums, or both of a row.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Row {
    /// Targets that the ledger has there.
    pub targets: BTreeSet<String>,
    /// Exchanges of ours.
    pub exchanges: u64,
    /// Our tokens in and out.
    pub tokens: (u64, u64),
    /// What we settled, in USD.
    pub usd: Decimal,
    /// What exchanges of unknown outcome can have cost at the most, in USD.
    pub unknown: Decimal,
    /// Exchanges without a price.
    pub unpriced: u64,
    /// The invoice's sums; none where it has no such row.
    pub invoiced: Option<Invoiced>,
}

/// The differences of a row: what the invoice has more, and in percent of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Difference {
    /// The invoice's figure less ours.
    pub more: Decimal,
    /// In percent of the invoice's; none where that is 0 and ours is not.
    pub percent: Option<Decimal>,
}

impl Difference {
    fn of(ours: Decimal, theirs: Decimal) -> Self {
        let more = theirs.saturating_sub(ours);
        let percent = if more.is_zero() {
            Some(Decimal::ZERO)
        } else {
            more.checked_div(theirs).and_then(|part| part.checked_mul(Decimal::ONE_HUNDRED))
        };
        Self { more, percent }
    }

    fn is_beyond(&self, tolerance: Decimal) -> bool {
        self.percent.is_none_or(|percent| percent.abs() > tolerance)
    }
}

impl Row {
    /// The differences in tokens in, tokens out and USD, as far as the invoice has them.
    #[must_use]
    pub fn differences(&self) -> [Option<Difference>; 3] {
        let Some(Invoiced { input, output, usd }) = &self.invoiced else { return [None; 3] };
        let ours = [Decimal::from(self.tokens.0), Decimal::from(self.tokens.1), self.usd];
        let theirs = [input.map(Decimal::from), output.map(Decimal::from), *usd];
        let mut out = [None; 3];
        for ((out, ours), theirs) in out.iter_mut().zip(ours).zip(theirs) {
            *out = theirs.map(|theirs| Difference::of(ours, theirs));
        }
        out
    }

    fn add(&mut self, other: &Self) {
        self.targets.extend(other.targets.iter().cloned());
        self.exchanges += other.exchanges;
        self.tokens = (self.tokens.0 + other.tokens.0, self.tokens.1 + other.tokens.1);
        self.usd = self.usd.saturating_add(other.usd);
        self.unknown = self.unknown.saturating_add(other.unknown);
        self.unpriced += other.unpriced;
        if let Some(theirs) = &other.invoiced {
            let sum = self.invoiced.get_or_insert_default();
            let add = |a: Option<u64>, b: Option<u64>| b.map_or(a, |b| Some(a.unwrap_or(0).saturating_add(b)));
            sum.input = add(sum.input, theirs.input);
            sum.output = add(sum.output, theirs.output);
            sum.usd = theirs.usd.map_or(sum.usd, |usd| Some(sum.usd.unwrap_or_default().saturating_add(usd)));
        }
    }
}

/// Both sides together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reconciled {
    /// By day and model.
    pub rows: BTreeMap<(Date, String), Row>,
    /// By model over all days.
    pub models: BTreeMap<String, Row>,
    /// Over everything.
    pub total: Row,
}

/// What a target is called: itself, its configured model, and who judges by scenario.
#[derive(Debug, Clone, Default)]
pub struct Names {
    /// Configured models by target.
    pub models: BTreeMap<String, String>,
    /// The judge's target by scenario.
    pub judges: BTreeMap<String, String>,
}

/// Joins the ledger's rows with the invoice's; `aliases` are the invoice's models that are called otherwise here.
#[must_use]
pub fn reconcile(
    billed: &[Billed],
    names: &Names,
    invoice: &Invoice,
    aliases: &BTreeMap<String, String>,
) -> Reconciled {
    let mut out = Reconciled::default();
    let called = |model: &String| aliases.get(model).unwrap_or(model).clone();
    let invoiced: BTreeSet<String> = invoice.rows.keys().map(|(_, model)| called(model)).collect();
    for ((day, model), row) in &invoice.rows {
        let row = Row { invoiced: Some(row.clone()), ..Row::default() };
        out.rows.entry((*day, called(model))).or_default().add(&row);
    }
    for row in billed {
        let judge = (row.purpose == crate::domain::Purpose::Judge).then(|| names.judges.get(&row.scenario)).flatten();
        let target = judge.unwrap_or(&row.target);
        let known = [row.model.as_ref(), names.models.get(target), Some(target)];
        let mut candidates = known.into_iter().flatten();
        let model = candidates.clone().find(|name| invoiced.contains(*name)).or_else(|| candidates.next());
        let Some(day) = day_of(row.day) else { continue };
        let nanos = |money: crate::domain::Money| Decimal::from_i128_with_scale(i128::from(money.nanos()), 9);
        let ours = Row {
            targets: BTreeSet::from([target.clone()]),
            exchanges: row.exchanges,
            tokens: (row.input, row.output),
            usd: nanos(row.cost.total()),
            unknown: nanos(row.unknown.1),
            unpriced: row.unpriced,
            invoiced: None,
        };
        out.rows.entry((day, model.cloned().unwrap_or_default())).or_default().add(&ours);
    }
    for ((_, model), row) in &out.rows {
        out.models.entry(model.clone()).or_default().add(row);
        out.total.add(row);
    }
    out
}

impl Reconciled {
    /// Whether any model, or the total, differs by more than so many percent, or stands on one side only.
    #[must_use]
    pub fn is_beyond(&self, tolerance: Decimal) -> bool {
        let apart = |row: &Row| row.invoiced.is_none() || row.exchanges == 0;
        let beyond = |row: &Row| row.differences().iter().flatten().any(|d| d.is_beyond(tolerance));
        self.models.values().any(|row| apart(row) || beyond(row)) || beyond(&self.total)
    }
}

fn day_of(days: i64) -> Option<Date> {
    date(1970, 1, 1).checked_add(i32::try_from(days).ok()?.days()).ok()
}

#[cfg(test)]
mod tests;
