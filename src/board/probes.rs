//! Probes: one-token questions beside a run's load, so that the server's latency under that load is seen from outside
//! its queue of ours. They are in no other figure.

use super::buckets::Buckets;
use super::figures::Latency;
use super::grids::Grids;
use crate::domain::{Failure, Name, Sample};
use crate::stats::Sketch;

/// All probes of one target since the store began; only grows.
#[derive(Debug, Clone, PartialEq)]
pub struct ProbeTotals {
    /// Time to first token from the send, of successes.
    pub first_token: Buckets,
    /// Exchanges that succeeded.
    pub ok: u64,
    /// Exchanges by failure, in the order of [`Failure::ALL`].
    pub failures: [u64; Failure::ALL.len()],
}

impl Default for ProbeTotals {
    fn default() -> Self {
        Self::on(&Grids::default())
    }
}

impl ProbeTotals {
    /// None yet.
    #[must_use]
    pub fn on(grids: &Grids) -> Self {
        Self { first_token: Buckets::new(grids.first_token), ok: 0, failures: [0; Failure::ALL.len()] }
    }

    /// Its histogram begins anew where it stands on another grid.
    pub(super) fn move_to(&mut self, grids: &Grids) {
        if self.first_token.grid() != grids.first_token {
            self.first_token = Buckets::new(grids.first_token);
        }
    }

    pub(super) fn add(&mut self, sample: &Sample) {
        for exchange in &sample.exchanges {
            match &exchange.fault {
                None => self.ok += 1,
                Some(fault) => {
                    self.failures.get_mut(fault.kind as usize).into_iter().for_each(|count| *count += 1);
                }
            }
            let ttft = exchange.timing.ttft().filter(|_| exchange.is_success());
            ttft.iter().for_each(|ttft| self.first_token.record(ttft.0));
        }
    }
}

/// The probes of one target in one run; a monoid.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ProbeTally {
    first_token: Sketch,
    asked: u64,
    failed: u64,
}

impl ProbeTally {
    /// Takes a probe.
    pub fn add(&mut self, sample: &Sample) {
        let success = sample.last().filter(|e| e.is_success());
        self.asked += 1;
        self.failed += u64::from(success.is_none());
        success.and_then(|e| e.timing.ttft()).iter().for_each(|ttft| self.first_token.record(ttft.0));
    }

    /// Adds other probes.
    pub fn merge(&mut self, other: &Self) {
        let Self { first_token, asked, failed } = other;
        self.first_token.merge(first_token);
        self.asked += asked;
        self.failed += failed;
    }

    pub(super) fn figures(&self, target: &Name) -> Probes {
        let first_token = Latency::of(&self.first_token);
        Probes { target: target.clone(), asked: self.asked, failed: self.failed, first_token }
    }
}

/// What the probes of one target in one run came to.
#[derive(Debug, Clone, PartialEq)]
pub struct Probes {
    /// Who was asked.
    pub target: Name,
    /// How often.
    pub asked: u64,
    /// Without an answer.
    pub failed: u64,
    /// Time to first token from the send, of successes.
    pub first_token: Latency,
}
