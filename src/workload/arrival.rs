//! How items arrive and when to stop: values handed to the one replay loop.

use crate::config::{Rate, Section};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::time::Duration;

/// How items arrive.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Arrival {
    /// A fixed number in flight: the next item is sent when one ends.
    Closed {
        /// How many in flight.
        concurrency: u32,
    },
    /// Independent arrivals, exponential gaps.
    Poisson {
        /// Mean arrivals per second.
        per_second: f64,
    },
    /// Evenly spaced arrivals.
    Constant {
        /// Arrivals per second.
        per_second: f64,
    },
}

/// When a run has asked enough. Whatever comes first; the items' end always stops it.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Stop {
    /// After so many items of each scenario.
    pub items: Option<usize>,
    /// After so long; what is in flight is finished.
    pub duration: Option<Duration>,
}

/// A workload: arrival, stop, and how many items to throw away first.
#[derive(Debug, Clone, PartialEq)]
pub struct Workload {
    /// How items arrive.
    pub arrival: Arrival,
    /// When to stop.
    pub stop: Stop,
    /// Items asked before the samples, paid under their own purpose and not counted.
    pub warmup: usize,
}

impl Arrival {
    /// Whether the schedule is the workload's own (open loop) rather than the target's.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        !matches!(self, Self::Closed { .. })
    }

    /// The gaps before each arrival of an open loop, endless, from a seed; none for a closed loop.
    pub fn gaps(self, seed: u64) -> Option<impl Iterator<Item = Duration> + Send> {
        let (mean, random) = match self {
            Self::Closed { .. } => return None,
            Self::Poisson { per_second } => (1.0 / per_second, true),
            Self::Constant { per_second } => (1.0 / per_second, false),
        };
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        Some(std::iter::from_fn(move || {
            // Inverse transform of the exponential distribution; 1 − u keeps ln away from 0.
            let factor = if random { -(1.0 - rng.random::<f64>()).ln() } else { 1.0 };
            Some(Duration::from_secs_f64(mean * factor))
        }))
    }
}

impl Workload {
    /// Reads a `[workload.NAME]` section.
    pub fn build(section: &Section<'_>) -> Option<Self> {
        #[derive(Clone, Copy)]
        enum Kind {
            Closed,
            Poisson,
            Constant,
        }
        let kinds = [("closed", Kind::Closed), ("poisson", Kind::Poisson), ("constant", Kind::Constant)];
        let arrival = section.need_section("arrival", "such as { kind = \"closed\", concurrency = 8 }").and_then(|a| {
            let built = match a.choice("kind", &kinds) {
                Some(Kind::Closed) => {
                    let concurrency: Option<u32> = a.need("concurrency");
                    if concurrency.is_some_and(|n| n == 0 || n > 65_536) {
                        a.problem("concurrency", "expected from 1 to 65536", None);
                    }
                    concurrency.map(|concurrency| Arrival::Closed { concurrency })
                }
                Some(Kind::Poisson) => a.need::<Rate>("rate").map(|r| Arrival::Poisson { per_second: r.per_second }),
                Some(Kind::Constant) => a.need::<Rate>("rate").map(|r| Arrival::Constant { per_second: r.per_second }),
                None => {
                    // Which fields are known depends on the kind.
                    let _ = a.entries();
                    None
                }
            };
            a.finish();
            built
        });
        let stop = match section.section("stop") {
            None => Some(Stop::default()),
            Some(s) => {
                let stop = Stop { items: s.get::<u32>("items").map(|n| n as usize), duration: s.get("duration") };
                if stop.items == Some(0) {
                    s.problem("items", "expected at least 1", None);
                }
                s.finish();
                Some(stop)
            }
        };
        let warmup = section.section("warmup").map_or(Some(0), |w| {
            let items = w.need::<u32>("items");
            w.finish();
            items
        });
        section.finish();
        Some(Self { arrival: arrival?, stop: stop?, warmup: warmup? as usize })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn poisson_gaps_have_the_mean_of_the_rate_and_repeat_with_the_seed() {
        let gaps = |seed| Arrival::Poisson { per_second: 50.0 }.gaps(seed).into_iter().flatten().take(20_000);
        let mean = gaps(1).map(|d| d.as_secs_f64()).sum::<f64>() / 20_000.0;
        assert!((mean - 0.02).abs() < 0.0005, "{mean}");
        assert!(gaps(1).eq(gaps(1)) && gaps(1).ne(gaps(2)));
    }
}
