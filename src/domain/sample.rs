//! The final record of a trial: the one record that feeds everything.

use super::{Charge, Cost, Exchange, Finding, Fingerprint, ItemId, Money, Name, RunId, Share, Tags};

/// Which trial: unique in the store, so that nothing is asked twice.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TrialKey {
    /// The run.
    pub run: RunId,
    /// Who is asked.
    pub target: Name,
    /// Out of which scenario.
    pub scenario: Name,
    /// What.
    pub item: ItemId,
    /// 0 for the first time.
    pub repeat: u32,
}

/// The final record of a trial.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    /// Which trial.
    pub key: TrialKey,
    /// The independent unit it belongs to in statistics.
    pub cluster: ItemId,
    /// Its strata.
    pub tags: Tags,
    /// Items, template, scorer, sampling, price, served model, version: figures never pool across it.
    pub provenance: Fingerprint,
    /// Milliseconds since the Unix epoch when the first exchange was sent (wall clock: for people and retention).
    pub at_unix_ms: i64,
    /// The attempts, in order; at least one unless the trial could not be sent.
    pub exchanges: Vec<Exchange>,
    /// What was asked of a judge about the answer, in order: part of the cost, and of no other figure.
    pub judged: Vec<Exchange>,
    /// What grading found.
    pub finding: Finding,
    /// Its part of what the run used as a whole.
    pub share: Share,
}

impl Sample {
    /// The attempt that gave the answer (or the last failure).
    #[must_use]
    pub fn last(&self) -> Option<&Exchange> {
        self.exchanges.last()
    }

    /// Every exchange that was or may have been billed: the attempts, then a judge's.
    pub fn paid(&self) -> impl Iterator<Item = &Exchange> {
        self.exchanges.iter().chain(&self.judged)
    }

    /// The known cost over all attempts and a judge's, shares of hardware and energy included.
    #[must_use]
    pub fn cost(&self) -> Cost {
        self.paid().fold(Cost::ZERO, |sum, e| sum + e.charge.known()) + self.share.cost()
    }

    /// Whether any attempt has no price.
    #[must_use]
    pub fn is_unpriced(&self) -> bool {
        self.paid().any(|e| matches!(e.charge, Charge::Unpriced { .. }))
    }

    /// The bounds of attempts whose cost is not known, summed, and how many they are.
    #[must_use]
    pub fn unknown(&self) -> (u32, Money) {
        self.paid().fold((0, Money::ZERO), |(n, sum), e| match e.charge {
            Charge::Unknown { bound } => (n + 1, sum + bound),
            Charge::Settled(_) | Charge::Unpriced { .. } => (n, sum),
        })
    }

    /// The bounds of attempts without a price at a target that has one, summed.
    #[must_use]
    pub fn unpriced_bound(&self) -> Money {
        let bounds = self.paid().filter_map(|e| match e.charge {
            Charge::Unpriced { bound } => Some(bound),
            Charge::Settled(_) | Charge::Unknown { .. } => None,
        });
        bounds.sum()
    }
}
