//! Think time: how long a user takes before the next turn.

use crate::config::{Section, Value};
use std::time::Duration;

/// How long a user takes before the next turn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Think {
    /// Always the same.
    Fixed(Duration),
    /// Exponential, with this mean.
    Exponential(Duration),
}

impl Think {
    /// The time for a draw from [0, 1), by inverse transform.
    #[must_use]
    pub fn time(self, unit: f64) -> Duration {
        match self {
            Self::Fixed(time) => time,
            // 1 − u keeps ln away from 0; the factor is at most some 37.
            Self::Exponential(mean) => mean.mul_f64(-(1.0 - unit.clamp(0.0, 1.0 - f64::EPSILON)).ln()),
        }
    }

    /// Reads `key = "2s"` or `key = { mean = "2s" }`; the inner none is "not given".
    pub fn read(section: &Section<'_>, key: &'static str) -> Option<Option<Self>> {
        let time = if section.is_table(key) {
            let table = section.section(key)?;
            let mean: Option<Duration> = table.need("mean");
            table.finish();
            Self::Exponential(mean?)
        } else {
            match section.get::<Duration>(key) {
                Some(time) => Self::Fixed(time),
                None => return (!section.has(key)).then_some(None),
            }
        };
        let (Self::Fixed(longest) | Self::Exponential(longest)) = time;
        if longest > Duration::from_hours(1) {
            let message = format!("expected {} of at most \"1h\"", Duration::expected());
            section.problem(key, message, None);
            return None;
        }
        Some(Some(time))
    }

    /// Its words, for the plan and its fingerprint.
    #[must_use]
    pub fn label(self) -> String {
        match self {
            Self::Fixed(time) => format!("{time:?}"),
            Self::Exponential(mean) => format!("exponential, mean {mean:?}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exponential_time_has_its_mean_and_is_never_endless() {
        let think = Think::Exponential(Duration::from_secs(2));
        let mean = (0..10_000_u32).map(|i| think.time((f64::from(i) + 0.5) / 10_000.0).as_secs_f64()).sum::<f64>();
        assert!((mean / 10_000.0 - 2.0).abs() < 0.01, "{mean}");
        assert!(think.time(1.0) < Duration::from_secs(80));
        assert_eq!(think.time(0.0), Duration::ZERO);
        assert_eq!(Think::Fixed(Duration::from_secs(3)).time(0.9), Duration::from_secs(3));
    }
}
