//! How far a run is, by target: what a progress display and the status page show.

use crate::domain::{Money, Name, RunId};
use std::collections::BTreeMap;

/// One target's share of the run that goes on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    /// Trials in all.
    pub total: u64,
    /// Recorded, in this process or before it was killed.
    pub done: u64,
    /// Recorded before this process began.
    pub resumed: u64,
    /// Correct so far.
    pub correct: u64,
    /// Failed so far.
    pub failed: u64,
    /// What its samples came to, unknown outcomes at their bound.
    pub spent: Money,
    /// Samples without a price, which are not in it.
    pub unpriced: u64,
    /// Milliseconds since the Unix epoch when this process first asked; 0 before.
    pub began_unix_ms: i64,
}

impl Progress {
    /// Seconds left at the pace so far; none before anything is done.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a display value")]
    pub fn seconds_left(&self, now_unix_ms: i64) -> Option<f64> {
        let fresh = self.done.checked_sub(self.resumed).filter(|n| *n > 0)?;
        let elapsed = (now_unix_ms - self.began_unix_ms).max(1) as f64 / 1e3;
        Some(elapsed / fresh as f64 * self.total.saturating_sub(self.done) as f64)
    }
}

/// The run that goes on.
#[derive(Debug, Clone, Default)]
pub struct Running {
    /// Which; none between runs.
    pub run: Option<RunId>,
    /// Its name.
    pub name: String,
    /// By target, in the plan's order.
    pub targets: BTreeMap<Name, Progress>,
}
