//! Since when totals count: what a push of cumulative figures has to say beside them, and a scrape never asks.

use super::grids::Grids;
use serde::{Deserialize, Serialize};

/// Since when the totals count, in milliseconds since the Unix epoch; none where that is not known, as with a store from
/// before it was kept.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Since {
    /// All of them.
    pub all: Option<i64>,
    /// Those histograms that began anew since then, since they stand on another grid: in the order of [`Grids`]' fields.
    grids: [Option<i64>; 4],
}

impl Since {
    /// A store that nothing was counted in.
    #[must_use]
    pub const fn fresh(at_unix_ms: i64) -> Self {
        Self { all: Some(at_unix_ms), grids: [None; 4] }
    }

    /// Times to first token, probes' too.
    #[must_use]
    pub fn first_token(&self) -> Option<i64> {
        self.grids[0].or(self.all)
    }

    /// Gaps between tokens.
    #[must_use]
    pub fn inter_token(&self) -> Option<i64> {
        self.grids[1].or(self.all)
    }

    /// Times per output token.
    #[must_use]
    pub fn per_output_token(&self) -> Option<i64> {
        self.grids[2].or(self.all)
    }

    /// Durations.
    #[must_use]
    pub fn duration(&self) -> Option<i64> {
        self.grids[3].or(self.all)
    }

    /// Histograms move from some grids to others: those whose grid changes begin anew.
    pub(super) fn moved(&mut self, from: Grids, to: Grids, at_unix_ms: i64) {
        for (since, (from, to)) in self.grids.iter_mut().zip(from.all().into_iter().zip(to.all())) {
            if from != to {
                *since = Some(at_unix_ms);
            }
        }
    }

    /// Something was counted that happened at this time: what is known to count since later counts since then. So a store
    /// that is read anew after a kill does not count since the restart.
    pub(super) fn includes(&mut self, at_unix_ms: i64) {
        for since in self.grids.iter_mut().chain([&mut self.all]) {
            *since = since.map(|known| known.min(at_unix_ms));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grids(name: &str) -> Grids {
        Grids::KINDS.iter().find(|(known, _)| *known == name).unwrap().1
    }

    #[test]
    fn histograms_that_moved_begin_anew_and_nothing_else_does() {
        let mut since = Since::fresh(100);
        let (old, new) = (grids("default"), Grids { duration: grids("vllm").duration, ..grids("default") });
        since.moved(old, new, 200);
        assert_eq!((since.all, since.first_token(), since.duration()), (Some(100), Some(100), Some(200)));
        since.moved(new, new, 300);
        assert_eq!(
            (since.inter_token(), since.per_output_token(), since.duration()),
            (Some(100), Some(100), Some(200))
        );
    }

    #[test]
    fn what_was_counted_before_is_included_and_what_is_not_known_stays_so() {
        let mut since = Since::fresh(100);
        since.moved(grids("default"), grids("vllm"), 200);
        since.includes(150);
        assert_eq!((since.all, since.first_token()), (Some(100), Some(150)));
        since.includes(50);
        assert_eq!((since.all, since.first_token()), (Some(50), Some(50)));
        let mut unknown = Since::default();
        unknown.includes(50);
        assert_eq!(unknown, Since::default());
    }
}
