//! The verdict: which target to take, as far as what was measured says, and how sure that is.
//!
//! ```text
//! store → Gathered (a small row a sample) → Comparison (figures, pairs) → claims
//! ```
//!
//! Everything is compared on the same items: a pair of targets by the items that both were graded on, several answers to
//! one item (repeats, forms, runs) as one. Figures of different provenance are never added together: of each target and
//! scenario the newest counts, and how many samples were left out is told.

mod background;
mod claims;
mod council;
mod declared;
mod duty;
mod fold;
pub mod gate;
mod gather;
mod kin;
mod pair;
mod parallel;
mod standing;
#[cfg(test)]
mod tests;
mod tradeoff;

pub use background::{Background, Served, ShownBy, Throughput, Timing, Used};
pub use claims::{Claim, Contender, claims};
pub use council::Cabinet;
pub use declared::{Declared, Hour, Paid};
pub use duty::OwnAgainstApi;
pub use gather::{Gathered, LeftOut, Scope, earlier, gather};
pub use kin::KinPair;
pub use pair::{Pair, PairSums};
pub use standing::{Ends, Quantiles, Standing};
pub use tradeoff::{Measure, Ordered, Place, Scheme, Tradeoffs};

use crate::domain::Name;
use crate::stats::Interval;
use crate::store::RunRow;
use std::collections::BTreeMap;

/// What figures are of: everything, or a part.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// Everything that was compared.
    All,
    /// One scenario.
    Scenario(Name),
    /// One domain, over all scenarios.
    Domain(String),
}

/// Targets held against each other.
#[derive(Debug, Clone, Default)]
pub struct Comparison {
    /// Who was compared.
    pub targets: Vec<Name>,
    /// Figures by part and target, in the order of parts and of `targets`. A part that is the whole is left out.
    pub standings: BTreeMap<Part, Vec<Standing>>,
    /// Pairs by part: of every two targets (or of each with the baseline, where there are many), the earlier of `targets`
    /// first. Their p-values are adjusted within the part.
    pub pairs: BTreeMap<Part, Vec<Pair>>,
    /// By target and scenario: the over-fit gap, published form − other forms of the same items.
    pub gaps: Vec<Gap>,
    /// Pairs of targets that got the same items wrong, those that share the most beyond chance first.
    pub kin: Vec<KinPair>,
    /// For each domain its own target, and what that is worth.
    pub cabinet: Option<Cabinet>,
    /// Samples that were left out because a newer provenance counts.
    pub left_out: Vec<LeftOut>,
    /// Who the others are held against, where that was asked for.
    pub baseline: Option<Name>,
    /// Runs that were taken: name, beginning in ms since the Unix epoch, how it ended.
    pub runs: Vec<(String, i64, Option<String>)>,
    /// The same with their seeds and plans.
    pub origins: Vec<RunRow>,
    /// What is known of them beside the samples.
    pub background: Background,
    /// What the configuration says of the targets; empty where there was none.
    pub declared: Vec<Declared>,
    /// Hardware by the hour against prices by the token.
    pub duties: Vec<OwnAgainstApi>,
    /// What is traded for what; none where there are not two targets with an accuracy and a cost.
    pub tradeoffs: Option<Tradeoffs>,
}

/// How much better a target is on items as they were published than on other forms of them.
#[derive(Debug, Clone, PartialEq)]
pub struct Gap {
    /// Whose.
    pub target: Name,
    /// On what.
    pub scenario: Name,
    /// Items with answers to both.
    pub items: u64,
    /// Accuracy on the published form − on the others, 95 %.
    pub gap: Interval,
    /// Two-sided, adjusted over all gaps (Holm).
    pub p: f64,
}

/// Differences in accuracy that are too small to matter, as a share: what a buyer need not pay for.
pub const MARGIN: f64 = 0.02;

impl Comparison {
    /// With what the configuration says of the targets: how they are paid, where they are, how answers are drawn.
    #[must_use]
    pub fn declared(mut self, declared: Vec<Declared>) -> Self {
        self.declared = declared.into_iter().filter(|one| self.targets.contains(&one.target)).collect();
        self.duties = duty::duties(&self, &self.declared);
        self
    }

    /// With what is traded for what, weighed in the usual ways and in the reader's own.
    #[must_use]
    pub fn weighed(mut self, own: &[Scheme]) -> Self {
        self.tradeoffs = tradeoff::tradeoffs(&self, own);
        self
    }

    /// The figures of a target in a part.
    #[must_use]
    pub fn standing(&self, part: &Part, target: &Name) -> Option<&Standing> {
        self.standings.get(part)?.iter().find(|standing| standing.target == *target)
    }

    /// A pair, seen from its first: the other way round where it is kept so.
    #[must_use]
    pub fn pair(&self, part: &Part, first: &Name, second: &Name) -> Option<Pair> {
        let of = |pair: &&Pair| [&pair.a, &pair.b] == [first, second] || [&pair.b, &pair.a] == [first, second];
        let pair = self.pairs.get(part)?.iter().find(of)?;
        Some(if pair.a == *first { pair.clone() } else { pair.reversed() })
    }
}
