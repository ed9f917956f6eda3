//! `closed`: a number of places in flight; the next item is sent when a place becomes free.

use super::{Kind, Pattern, span};
use crate::config::Section;
use crate::workload::think::Think;
use std::time::Duration;

/// The kind.
pub const KIND: Kind =
    Kind { name: "closed", about: "a fixed number in flight: the next is sent when one ends", build };

/// The most places.
const MOST: u32 = 65_536;

/// A number of places over time.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Closed {
    /// How many places there are from when on, in order; before the first there is none.
    pub stairs: Vec<Stair>,
    /// When it ends by itself.
    pub length: Option<Duration>,
    /// How long a place stays empty after an answer.
    pub think: Option<Think>,
}

/// From here on there are so many places.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stair {
    /// Since the beginning.
    pub from: Duration,
    /// Places.
    pub places: u32,
}

impl Closed {
    /// The same number all the time.
    #[must_use]
    pub fn steady(places: u32) -> Self {
        Self { stairs: vec![Stair { from: Duration::ZERO, places }], length: None, think: None }
    }

    /// One place more at a time, evenly over the ramp, from one at the beginning to all of them at its end.
    #[must_use]
    pub fn ramp(places: u32, ramp: Duration) -> Self {
        let last = places.max(2) - 1;
        let stair = |k: u32| Stair { from: ramp.mul_f64(f64::from(k) / f64::from(last)), places: k + 1 };
        Self { stairs: (0..places).map(stair).collect(), length: None, think: None }
    }

    /// The most places there ever are.
    #[must_use]
    pub fn peak(&self) -> u32 {
        self.stairs.iter().map(|stair| stair.places).max().unwrap_or(0)
    }

    /// How many places there are.
    #[must_use]
    pub fn places_at(&self, elapsed: Duration) -> u32 {
        self.stairs.iter().take_while(|stair| stair.from <= elapsed).last().map_or(0, |stair| stair.places)
    }

    /// When the number changes next after an instant.
    #[must_use]
    pub fn next_change(&self, elapsed: Duration) -> Option<Duration> {
        self.stairs.iter().map(|stair| stair.from).find(|from| *from > elapsed)
    }

    /// Its settings in words.
    pub(super) fn words(&self) -> String {
        let mut words = match self.stairs.as_slice() {
            [one] => format!("closed loop, {} in flight", one.places),
            [first, .., last] => {
                format!("closed loop, {} to {} in flight over {}", first.places, last.places, span(last.from))
            }
            [] => "closed loop, nothing in flight".to_owned(),
        };
        if let Some(think) = self.think {
            words.push_str(&format!(", think time {}", think.label()));
        }
        words
    }
}

fn build(section: &Section<'_>) -> Option<(Pattern, String)> {
    let concurrency = places(section);
    let ramp: Option<Duration> = section.get("ramp");
    let think = Think::read(section, "think_time");
    let concurrency = concurrency?;
    let shape = ramp.map_or_else(|| Closed::steady(concurrency), |ramp| Closed::ramp(concurrency, ramp));
    let closed = Closed { think: think?, ..shape };
    let words = closed.words();
    Some((Pattern::Closed(closed), words))
}

/// The field `concurrency`.
pub(super) fn places(section: &Section<'_>) -> Option<u32> {
    let concurrency: Option<u32> = section.need("concurrency");
    if concurrency.is_some_and(|n| n == 0 || n > MOST) {
        section.problem("concurrency", format!("expected from 1 to {MOST}"), None);
    }
    concurrency
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_ramp_begins_with_one_and_has_all_at_its_end() {
        let ramp = Closed::ramp(5, 4 * SECOND);
        let at = |ms: u64| ramp.places_at(Duration::from_millis(ms));
        assert_eq!([0, 999, 1_000, 2_500, 3_999, 4_000, 9_000].map(at), [1, 1, 2, 3, 4, 5, 5]);
        assert_eq!(ramp.next_change(SECOND), Some(2 * SECOND));
        assert_eq!((ramp.next_change(4 * SECOND), ramp.peak()), (None, 5));
        assert_eq!(Closed::ramp(1, SECOND).places_at(Duration::ZERO), 1);
        assert_eq!(Closed::default().places_at(SECOND), 0);
    }
}
