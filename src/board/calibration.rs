//! What this machine's own error is, as measured against the calibration endpoint, and up to which load it holds.
//!
//! These types are also the record that checkpoints and `assayd calibrate --format json` hold: fields are only ever
//! added.

use serde::{Deserialize, Serialize};

/// The most that p99 of a published latency may be off, as a share of the true one, for a level to hold.
pub const MOST_OFF: f64 = 0.02;
/// The least share of the tokens' schedule that must be delivered for a level to hold.
pub const LEAST_DELIVERED: f64 = 0.99;

/// Relative errors of quantiles: published / true − 1. None where either is missing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Errors {
    /// Time to first token, median.
    pub ttft_p50: Option<f64>,
    /// … and 99th percentile.
    pub ttft_p99: Option<f64>,
    /// Gaps between tokens, median.
    pub gap_p50: Option<f64>,
    /// … and 99th percentile.
    pub gap_p99: Option<f64>,
    /// Send to last token, median.
    pub e2e_p50: Option<f64>,
    /// … and 99th percentile.
    pub e2e_p99: Option<f64>,
}

impl Errors {
    /// The figures by the words used in records and labels.
    #[must_use]
    pub const fn all(&self) -> [(&'static str, Option<f64>); 6] {
        let Self { ttft_p50, ttft_p99, gap_p50, gap_p99, e2e_p50, e2e_p99 } = *self;
        [
            ("ttft_p50", ttft_p50),
            ("ttft_p99", ttft_p99),
            ("gap_p50", gap_p50),
            ("gap_p99", gap_p99),
            ("e2e_p50", e2e_p50),
            ("e2e_p99", e2e_p99),
        ]
    }
}

/// What was found at one load.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Level {
    /// Streams at once.
    pub streams: u32,
    /// Seconds from one token of a stream to the next, as the endpoint was told.
    pub token_interval: f64,
    /// Answers that were compared.
    pub answers: u64,
    /// Exchanges that failed.
    pub failed: u64,
    /// How far published latencies were off.
    pub errors: Errors,
    /// p99 of the client's own lag in seconds; none without the kernel's stamps.
    pub client_lag_p99: Option<f64>,
    /// Output tokens per second (over the steady window, where there is one).
    pub tokens_per_second: f64,
    /// The time that all tokens were to take over the time they took.
    pub delivered: f64,
}

impl Level {
    /// Whether latencies are right and everything was delivered at this load.
    #[must_use]
    pub fn holds(&self) -> bool {
        let near = |error: Option<f64>| error.is_some_and(|e| e.abs() <= MOST_OFF);
        let Errors { ttft_p99, gap_p99, .. } = self.errors;
        self.failed == 0 && near(ttft_p99) && near(gap_p99) && self.delivered >= LEAST_DELIVERED
    }
}

/// A calibration of this machine.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Calibration {
    /// The version of assayd that was calibrated.
    pub version: String,
    /// The boot of the machine: with it goes everything that could make an old calibration wrong.
    pub boot: String,
    /// When, in milliseconds since the Unix epoch.
    pub at_unix_ms: i64,
    /// Whether the endpoint had a core of its own: else its errors are among ours.
    pub apart: bool,
    /// What was found, by rising load; at least one.
    pub levels: Vec<Level>,
}

impl Calibration {
    /// The highest rate of tokens at which latencies were right and everything was delivered; none where nowhere. The
    /// next level up did not hold or was not tried.
    #[must_use]
    pub fn ceiling(&self) -> Option<f64> {
        self.levels.iter().filter(|level| level.holds()).map(|level| level.tokens_per_second).reduce(f64::max)
    }

    /// The errors at the highest load that was tried.
    #[must_use]
    pub fn at_most(&self) -> Option<&Level> {
        self.levels.last()
    }
}

/// What a run knows of the machine it ran on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Calibrated {
    /// Measured before it, at once or a while ago.
    Measured(Calibration),
    /// Not measured, and why.
    Skipped(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    fn level(tokens_per_second: f64, ttft_p99: f64, delivered: f64) -> Level {
        Level {
            streams: 32,
            token_interval: 0.01,
            answers: 64,
            failed: 0,
            errors: Errors { ttft_p99: Some(ttft_p99), gap_p99: Some(-0.001), ..Errors::default() },
            client_lag_p99: None,
            tokens_per_second,
            delivered,
        }
    }

    #[test]
    fn the_ceiling_is_the_highest_load_that_held() {
        let of = |levels| {
            Calibration { version: "1".into(), boot: String::new(), at_unix_ms: 0, apart: true, levels }.ceiling()
        };
        assert_eq!(of(vec![level(1e3, 0.001, 1.0), level(4e3, -0.019, 0.995), level(9e3, 0.021, 1.0)]), Some(4e3));
        assert_eq!(of(vec![level(1e3, 0.001, 0.98)]), None);
        let failed = Level { failed: 1, ..level(1e3, 0.0, 1.0) };
        let unmeasured = Level { errors: Errors::default(), ..level(1e3, 0.0, 1.0) };
        assert_eq!(of(vec![failed, unmeasured]), None);
    }
}
