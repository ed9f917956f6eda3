//! Holding back after a refusal: all trials of a target wait together, rather than each for itself, and come back one
//! after the other, rather than all at once.

use crate::domain::Nanos;
use crate::plan::Retry;
use std::time::Duration;

/// How long all hold back, and how they come back.
#[derive(Debug, Clone, Default)]
pub(super) struct Hold {
    /// Nobody goes before.
    until: Nanos,
    /// From then on they go as they like; before, one every `gap`.
    calm: Nanos,
    gap: Nanos,
    /// Refusals of those that went before the hold began: they are one wave, since none could know of the others.
    wave: u64,
    /// Waves in a row, without a success between.
    streak: u32,
    /// The number of the first one that goes after the hold began.
    first_after: u64,
}

/// A refusal as the hold sees it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Refused {
    /// The number of the refused one.
    pub(super) number: u64,
    /// The number of the next one to go.
    pub(super) next: u64,
    /// What the provider asks for.
    pub(super) asked: Option<Duration>,
    /// A draw from [0, 1): providers see many clients, and those that wait the same come back together.
    pub(super) unit: f64,
}

impl Hold {
    /// The first instant from `from` on at which one may go; `last` went before it.
    pub(super) fn earliest(&self, from: Nanos, last: Nanos) -> Nanos {
        let at = from.max(self.until);
        // The first one after the hold goes at once.
        if at < self.calm && last >= self.until { at.max(last.plus(self.gap)).min(self.calm) } else { at }
    }

    /// Until when all hold back.
    pub(super) const fn until(&self) -> Nanos {
        self.until
    }

    /// Somebody was refused at an instant; tells whether a wave began with it.
    pub(super) fn refused(&mut self, now: Nanos, refused: Refused, retry: &Retry) -> bool {
        let Refused { number, next, asked, unit } = refused;
        let new = number >= self.first_after;
        if new {
            self.streak = self.streak.saturating_add(1);
            (self.wave, self.first_after) = (0, next);
        }
        self.wave += 1;
        let wait = match asked {
            // Never before the provider's own time; where many clients were told the same, not all at once.
            Some(asked) => asked.saturating_add(asked.mul_f64(unit * 0.1)),
            None if new => backoff(retry, self.streak, unit),
            None => Duration::ZERO,
        };
        self.until = self.until.max(now.plus(wait.min(retry.longest).into()));
        let half = Nanos(self.until.since(now).0 / 2);
        (self.calm, self.gap) = (self.until.plus(half), Nanos(half.0 / self.wave.max(1)));
        new
    }

    /// Somebody got an answer.
    pub(super) fn answered(&mut self, number: u64) {
        if number >= self.first_after {
            (self.streak, self.calm) = (0, self.until);
        }
    }
}

/// The wait before attempt `nth` + 1: doubled each time, and drawn from its upper half.
pub fn backoff(retry: &Retry, nth: u32, unit: f64) -> Duration {
    let doubled = retry.backoff.saturating_mul(1 << nth.saturating_sub(1).min(16)).min(retry.longest);
    doubled.mul_f64(0.5 + unit.clamp(0.0, 1.0) / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RETRY: Retry = Retry { attempts: 3, backoff: Duration::from_secs(1), longest: Duration::from_secs(30) };

    fn second(s: u64) -> Nanos {
        Nanos(s * 1_000_000_000)
    }

    fn refused(number: u64, next: u64, asked: Option<u64>) -> Refused {
        Refused { number, next, asked: asked.map(Duration::from_secs), unit: 0.0 }
    }

    #[test]
    fn a_wave_holds_all_back_and_lets_them_out_one_by_one() {
        let mut hold = Hold::default();
        // Numbers 0 to 3 went, and all are refused: one wave.
        assert!(hold.refused(second(10), refused(0, 4, Some(4)), &RETRY));
        for number in 1..4 {
            assert!(!hold.refused(second(10), refused(number, 4, Some(4)), &RETRY));
        }
        assert_eq!(hold.earliest(second(11), second(9)), second(14));
        // The others within half the wait again.
        let gap = Nanos(500_000_000);
        assert_eq!(hold.earliest(second(14), second(14)), second(14).plus(gap));
        assert_eq!(hold.earliest(second(15), second(15)), second(15).plus(gap));
        assert_eq!(hold.earliest(second(17), second(16)), second(17));
        // An answer ends it.
        hold.answered(4);
        assert_eq!(hold.earliest(second(14), second(14)), second(14));
    }

    #[test]
    fn without_a_word_of_the_provider_waits_double_with_every_wave() {
        let mut hold = Hold::default();
        for (number, wait) in [(0, 500), (1, 1_000), (2, 2_000), (3, 4_000), (4, 8_000), (5, 15_000), (6, 15_000)] {
            let now = second(100 * (number + 1));
            assert!(hold.refused(now, refused(number, number + 1, None), &RETRY));
            assert_eq!(hold.until().since(now), Nanos(wait * 1_000_000));
        }
        hold.answered(7);
        assert!(hold.refused(second(1_000), refused(8, 9, None), &RETRY));
        assert_eq!(hold.until(), second(1_000).plus(Nanos(500_000_000)));
    }

    #[test]
    fn no_wait_is_longer_than_what_is_accepted() {
        let mut hold = Hold::default();
        hold.refused(second(1), refused(0, 1, Some(86_400)), &RETRY);
        assert_eq!(hold.until(), second(31));
    }
}
