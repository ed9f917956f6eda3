//! Figures with their intervals, as tables, pages, records and metrics show them.

use crate::domain::{Cost, Fingerprint, Money, Name, Verdict};

/// Quantiles of a latency in seconds; none where nothing was measured, +Inf where failures reach that far.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Latency {
    /// Median.
    pub p50: Option<f64>,
    /// 99th percentile.
    pub p99: Option<f64>,
}

/// One row of a table: one target and scenario (and, where asked, domain or split) of one run.
#[derive(Debug, Clone, PartialEq)]
pub struct Figures {
    /// Who was asked.
    pub target: Name,
    /// Out of which scenario.
    pub scenario: Name,
    /// The domain, where the row is for one.
    pub domain: Option<String>,
    /// The provenance.
    pub provenance: Fingerprint,
    /// Samples by verdict, in the order of [`Verdict::ALL`].
    pub verdicts: [u64; Verdict::ALL.len()],
    /// Correct / (correct + wrong + unparsed + refused), with its 95 % interval; none where nothing was graded.
    pub accuracy: Option<(f64, f64, f64)>,
    /// Time to first token (scheduled form in open loop), successes only.
    pub first_token: Latency,
    /// Gaps between token-bearing events.
    pub inter_token: Latency,
    /// Time per output token.
    pub per_output_token: Latency,
    /// Whole answer (scheduled form in open loop).
    pub duration: Latency,
    /// Output tokens per second over the run's window of this row.
    pub tokens_per_second: Option<f64>,
    /// Whether output tokens were counted by the provider everywhere (`usage`) or by events somewhere (`events`).
    pub token_source: &'static str,
    /// Successes inside the SLO per second; none without an SLO.
    pub goodput: Option<f64>,
    /// … that are also correct.
    pub correct_goodput: Option<f64>,
    /// Known cost by component.
    pub cost: Cost,
    /// Samples without a price.
    pub unpriced: u64,
    /// Exchanges whose cost is only bounded, and the bound.
    pub unknown: (u64, Money),
    /// USD per correct answer; none where unpriced. +Inf with a finite lower bound where nothing was correct.
    pub per_correct: Option<f64>,
    /// Its 95 % lower bound; none where nothing can be said.
    pub per_correct_lower: Option<f64>,
    /// Its 95 % upper bound; none where the design gives only a lower one.
    pub per_correct_upper: Option<f64>,
}
