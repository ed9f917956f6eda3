//! One HTTP request and its timed answer stream.

use super::{Answer, Charge, Fault, Timing, TokenSource};

/// What a piece of spending was for. Only `Measure` enters the cost per correct answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Purpose {
    /// A sample.
    Measure,
    /// Before the samples, thrown away.
    WarmUp,
    /// Is the target there?
    Probe,
    /// This machine's own error against the built-in mock.
    Calibration,
    /// A model grading another.
    Judge,
}

impl Purpose {
    /// The closed set.
    pub const ALL: [Self; 5] = [Self::Measure, Self::WarmUp, Self::Probe, Self::Calibration, Self::Judge];

    /// The word used in records and labels.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Measure => "measure",
            Self::WarmUp => "warm-up",
            Self::Probe => "probe",
            Self::Calibration => "calibration",
            Self::Judge => "judge",
        }
    }

    /// Reads the word back.
    #[must_use]
    pub fn from_label(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|p| p.label() == text)
    }
}

/// One HTTP request and its timed answer stream.
#[derive(Clone, Debug, PartialEq)]
pub struct Exchange {
    /// 1 for the first exchange of the trial; every further one, be it a retry or the next turn, is one more.
    pub attempt: u32,
    /// Which turn of a conversation it is, from 0; 0 where there is one only.
    pub turn: u32,
    /// What the spending was for.
    pub purpose: Purpose,
    /// When.
    pub timing: Timing,
    /// What came, as far as it came.
    pub answer: Answer,
    /// Why it failed; none on success.
    pub fault: Option<Fault>,
    /// What it came to.
    pub charge: Charge,
}

impl Exchange {
    /// 2xx, no error event, a finish reason, a stream closed properly.
    #[must_use]
    pub const fn is_success(&self) -> bool {
        self.fault.is_none()
    }

    /// How much more the provider says it cost than it was taken for, in nano-USD; none where either is not known.
    #[must_use]
    pub fn reported_difference(&self) -> Option<i64> {
        match (self.answer.reported_cost, &self.charge) {
            (Some(reported), Charge::Settled(cost)) => Some((reported - cost.total()).nanos()),
            _ => None,
        }
    }

    /// Output tokens and what the count rests on: usage, else token-bearing events.
    #[must_use]
    pub fn tokens_out(&self) -> (u64, TokenSource) {
        match self.answer.usage.output_total() {
            Some(n) => (n, TokenSource::Usage),
            None => (u64::from(self.timing.events), TokenSource::Events),
        }
    }

    /// The metric label `outcome`: `ok` or the failure's.
    #[must_use]
    pub fn outcome(&self) -> &'static str {
        self.fault.as_ref().map_or("ok", |f| f.kind.label())
    }
}
