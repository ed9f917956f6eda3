//! Duty: the share of its time that hardware works at its saturation. What stands idle costs as much an hour, so every
//! figure of own hardware is at a duty, which is always printed with how it was come by.

use std::fmt;

/// How a duty is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum DutySource {
    /// From busy time that assayd's meters measured.
    Measured,
    /// From a query of a Prometheus server.
    Prometheus,
    /// Somebody's word.
    Assumed,
}

impl DutySource {
    /// The word used in records.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Measured => "measured",
            Self::Prometheus => "prometheus",
            Self::Assumed => "assumed",
        }
    }
}

/// A duty with how it was come by.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Duty {
    share: f64,
    /// How it was come by.
    pub source: DutySource,
}

impl Duty {
    /// A duty above 0 and at most 1; none otherwise.
    #[must_use]
    pub fn new(share: f64, source: DutySource) -> Option<Self> {
        (share > 0.0 && share <= 1.0).then_some(Self { share, source })
    }

    /// The share.
    #[must_use]
    pub const fn share(self) -> f64 {
        self.share
    }

    /// USD for a million tokens: 10⁶ × C_h / (tokens/s × 3600 × u).
    #[must_use]
    pub fn per_million_tokens(self, per_hour: f64, tokens_per_second: f64) -> f64 {
        1e6 * per_hour / (tokens_per_second * 3600.0 * self.share)
    }

    /// USD for a correct answer: C_h / (correct an hour at saturation × u).
    #[must_use]
    pub fn per_correct(self, per_hour: f64, correct_per_hour: f64) -> f64 {
        per_hour / (correct_per_hour * self.share)
    }
}

impl fmt::Display for Duty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.2} ({})", self.share, self.source.label())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn idle_time_is_paid_by_the_tokens_that_are_made() {
        let duty = |share| Duty::new(share, DutySource::Assumed).unwrap();
        // 3.6 USD an hour at 1000 tokens a second: one USD a million when it never rests.
        assert!((duty(1.0).per_million_tokens(3.6, 1000.0) - 1.0).abs() < 1e-12);
        assert!((duty(0.25).per_million_tokens(3.6, 1000.0) - 4.0).abs() < 1e-12);
        assert!((duty(0.5).per_correct(3.6, 3600.0) - 0.002).abs() < 1e-15);
        assert_eq!(duty(0.4).to_string(), "0.40 (assumed)");
        for bad in [0.0, -0.1, 1.01, f64::NAN] {
            assert_eq!(Duty::new(bad, DutySource::Measured), None);
        }
    }
}
