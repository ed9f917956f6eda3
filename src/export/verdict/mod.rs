//! The procurement report: targets held against each other, in words that a buyer can sign and the figures behind them.
//!
//! One file a format, each a pure function of the same document; what has to be said in every format (definitions, what was
//! left out) is put together here once.

mod chart;
mod csv;
mod duties;
mod html;
mod json;
mod markdown;
mod origin;
mod plots;
mod routing;
mod sentences;
mod tables;
mod terms;
mod text;
mod tradeoffs;

pub use routing::RoutingError;
pub use terms::Lang;

use super::report::{Table, Unit, instant};
use crate::domain::Verdict;
use crate::verdict::{Claim, Comparison, Part};

/// The unit that every cost of a correct answer is shown in, so that they are compared at a glance.
fn unit(comparison: &Comparison) -> Unit {
    let standings = comparison.standings.get(&Part::All).into_iter().flatten();
    let costs = standings.filter_map(|standing| Some(standing.per_correct?.estimate));
    let least = costs.filter(|cost| *cost > 0.0).fold(f64::INFINITY, f64::min);
    if least < 1e-4 { Unit::MicroUsd } else { Unit::Usd }
}

/// What is rendered.
#[derive(Debug, Clone)]
pub struct Document {
    /// The figures.
    pub comparison: Comparison,
    /// What they allow to say.
    pub claims: Vec<Claim>,
    /// In which language.
    pub lang: Lang,
    /// Milliseconds since the Unix epoch when it was made.
    pub made_unix_ms: i64,
    /// Where the samples are from: a store's address.
    pub source: String,
    /// Whether charts may be drawn by a script, which brings some megabytes with it.
    pub scripts: bool,
}

/// A format.
#[derive(Debug, Clone, Copy)]
pub struct Format {
    /// The word on the command line.
    pub name: &'static str,
    /// Renders it.
    pub render: fn(&Document) -> String,
}

/// Every format.
pub const FORMATS: &[Format] = &[
    Format { name: "table", render: text::render },
    Format { name: "md", render: markdown::render },
    Format { name: "html", render: html::render },
    Format { name: "csv", render: csv::render },
    Format { name: "json", render: json::render },
];

impl Document {
    /// The verdict, a sentence or two each.
    #[must_use]
    pub fn sentences(&self) -> Vec<String> {
        if self.comparison.targets.is_empty() {
            return vec![self.lang.terms().nothing.to_owned()];
        }
        let unit = unit(&self.comparison);
        self.claims.iter().map(|claim| sentences::sentence(claim, self.lang, unit)).collect()
    }

    /// The figures behind it.
    #[must_use]
    pub fn tables(&self) -> Vec<Table> {
        let mut tables = tables::tables(&self.comparison, self.lang);
        tables.extend(tradeoffs::tables(&self.comparison, self.lang));
        tables
    }

    /// Whom, how and when was asked.
    fn origin_tables(&self) -> Vec<Table> {
        origin::tables(&self.comparison, self.lang)
    }

    fn not_measured(&self) -> Vec<String> {
        origin::not_measured(&self.comparison, self.lang)
    }

    /// What a reader must know beside the figures, a sentence each.
    #[must_use]
    pub fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        let Comparison { left_out, standings, .. } = &self.comparison;
        for left in left_out {
            notes.push(self.lang.left_out(left));
        }
        for (run, scenario) in &self.comparison.background.adaptive {
            notes.push(self.lang.adaptive(run, scenario));
        }
        for standing in standings.get(&Part::All).into_iter().flatten() {
            let (failed, unknown) = (standing.count(Verdict::Failed), standing.count(Verdict::Unknown));
            if failed + unknown > 0 {
                notes.push(self.lang.failed(standing, failed, unknown));
            }
            if !standing.bound.is_zero() {
                notes.push(self.lang.bound(standing));
            }
        }
        notes.extend(tradeoffs::notes(&self.comparison, self.lang));
        notes.extend(self.lang.method().map(str::to_owned));
        notes
    }

    /// Which runs, when it was made, by what.
    #[must_use]
    pub fn provenance(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for (name, begun, result) in &self.comparison.runs {
            lines.push(self.lang.run(name, &instant(*begun), result.as_deref()));
        }
        lines.push(self.made());
        lines
    }

    fn made(&self) -> String {
        self.lang.made(&instant(self.made_unix_ms), env!("CARGO_PKG_VERSION"), &self.source)
    }
}

#[cfg(test)]
mod tests;
