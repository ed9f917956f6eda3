//! What a provider tells of one of its pools, and what is left of it by that.
//!
//! Each answer tells what was left when its request came in. Requests overtake each other on the way, and answers again
//! on theirs: one that tells of more may have been let in before others that went earlier. So of those that went
//! together the least that any was told counts, less all that went and were not told of yet.

use super::headers::Told;
use crate::domain::Nanos;
use std::collections::BTreeMap;
use std::time::Duration;

/// Requests that go within this time of each other may have come in in any order (1 s).
const TOGETHER: Nanos = Nanos(1_000_000_000);

/// What went and has not ended, by number: when, and how much of each pool it takes.
pub(super) type Open = BTreeMap<u64, (Nanos, [u64; 4])>;

/// An exchange that ended, as one pool sees it.
#[derive(Debug, Clone, Copy)]
pub(super) struct End {
    pub(super) number: u64,
    /// When it went.
    pub(super) went: Nanos,
    /// What it took of the pool.
    pub(super) amount: u64,
}

/// What a provider told of a pool.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Learned {
    /// What it holds when it is full.
    pub limit: Option<u64>,
    /// When it is full again.
    pub full_at: Nanos,
    /// The least that was told to be left, of those that count.
    told: Option<u64>,
    /// The number of the first one that counts.
    from: u64,
    /// When the one went that the count began with.
    began: Nanos,
    /// What is taken by those that count and have not ended.
    open: u64,
    /// How long it takes to fill at the most, as far as was told.
    period: Nanos,
}

impl Learned {
    /// What is left of it at the least.
    #[must_use]
    pub const fn left(&self) -> Option<u64> {
        match self.told {
            Some(told) => Some(told.saturating_sub(self.open)),
            None => None,
        }
    }

    /// The first instant from `from` on at which so much may be used without a refusal.
    pub(super) fn earliest(&self, from: Nanos, need: u64) -> Nanos {
        // More than the pool ever holds goes when it is full.
        let need = need.min(self.limit.unwrap_or(u64::MAX));
        if self.left().is_some_and(|left| left < need) { from.max(self.full_at) } else { from }
    }

    /// One goes.
    pub(super) fn take(&mut self, at: Nanos, number: u64, amount: u64) {
        if self.told.is_some() && at >= self.full_at {
            // It has been filled up since; to what is known only where its limit is.
            (self.told, self.from, self.began, self.open) = (self.limit, number, at, 0);
            self.full_at = at.plus(self.period);
        }
        self.open = self.open.saturating_add(amount);
    }

    /// One has ended, and was told this; `open` are those that have not.
    pub(super) fn ended(&mut self, now: Nanos, end: End, told: &Told, open: (&Open, usize), longest: Duration) {
        let End { number, went, amount } = end;
        let counts = number >= self.from;
        if counts {
            self.open = self.open.saturating_sub(amount);
        }
        let Told { limit, remaining, reset } = *told;
        self.limit = limit.or(self.limit);
        let (Some(remaining), Some(reset)) = (remaining, reset) else {
            // Where it is not told when there is more, no wait would be right; else it is taken off.
            if counts {
                self.told = self.told.map(|told| told.saturating_sub(amount));
            }
            return;
        };
        // What went before the pool was filled up tells of the time before.
        if !counts {
            return;
        }
        let reset = Nanos::from(reset.min(longest));
        self.period = self.period.max(reset);
        match self.told {
            Some(least) if went <= self.began.plus(TOGETHER) => {
                if remaining > least {
                    return;
                }
                self.told = Some(remaining);
            }
            _ => self.begin(number, went, remaining, open),
        }
        self.full_at = now.plus(reset);
    }

    /// The count begins anew with what one was told.
    fn begin(&mut self, number: u64, went: Nanos, remaining: u64, (open, pool): (&Open, usize)) {
        let together = Nanos(went.0.saturating_sub(TOGETHER.0));
        let counted = || open.iter().filter(|(_, (at, _))| *at >= together);
        self.told = Some(remaining);
        self.began = went;
        self.from = counted().next().map_or(number, |(first, _)| *first).min(number);
        let amounts = counted().filter_map(|(_, (_, amounts))| amounts.get(pool));
        self.open = amounts.fold(0, |sum, amount| sum.saturating_add(*amount));
    }
}
