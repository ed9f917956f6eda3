//! Tokens per minute: what was taken in the last 60 s, to the request.
//!
//! A sliding log rather than a bucket: a bucket that is full at the start lets through nearly twice its rate in the first
//! minute, and what the user set is never to be exceeded, whatever minute is looked at.

use crate::domain::Nanos;
use std::collections::BTreeMap;

/// The stretch that the limit is for.
const MINUTE: Nanos = Nanos(60_000_000_000);

/// What was taken in the last minute.
#[derive(Debug)]
pub(super) struct Window {
    limit: u64,
    /// By instant and number: tokens.
    taken: BTreeMap<(Nanos, u64), u64>,
    sum: u64,
}

impl Window {
    pub(super) const fn new(limit: u64) -> Self {
        Self { limit, taken: BTreeMap::new(), sum: 0 }
    }

    /// The first instant from `from` on at which so many tokens more are inside the limit. More than the limit itself
    /// never are: they go when nothing else counts.
    pub(super) fn earliest(&self, from: Nanos, tokens: u64) -> Nanos {
        // What lies ahead counts too: so every minute around it holds.
        let counts = |at: Nanos| at.plus(MINUTE) > from;
        let gone: u64 = self.taken.iter().take_while(|((at, _), _)| !counts(*at)).map(|(_, tokens)| tokens).sum();
        let asked = tokens.min(self.limit);
        let mut excess = self.sum.saturating_sub(gone).saturating_add(asked).saturating_sub(self.limit);
        let mut earliest = from;
        for ((at, _), tokens) in self.taken.iter().filter(|((at, _), _)| counts(*at)) {
            if excess == 0 {
                break;
            }
            excess = excess.saturating_sub(*tokens);
            earliest = at.plus(MINUTE);
        }
        earliest
    }

    /// Takes them.
    pub(super) fn take(&mut self, at: Nanos, number: u64, tokens: u64) {
        self.sum = self.sum.saturating_add(tokens);
        self.taken.insert((at, number), tokens);
    }

    /// What was taken then turned out to be so much.
    pub(super) fn correct(&mut self, at: Nanos, number: u64, tokens: u64) {
        if let Some(taken) = self.taken.get_mut(&(at, number)) {
            self.sum = self.sum.saturating_sub(*taken).saturating_add(tokens);
            *taken = tokens;
        }
    }

    /// Forgets what no minute from `now` on has in it.
    pub(super) fn forget(&mut self, now: Nanos) {
        while let Some(first) = self.taken.first_entry().filter(|e| e.key().0.plus(MINUTE) <= now) {
            self.sum = self.sum.saturating_sub(first.remove());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_next_goes_when_enough_has_left_the_minute() {
        let second = |s: u64| Nanos(s * 1_000_000_000);
        let mut window = Window::new(100);
        window.take(second(10), 1, 40);
        window.take(second(20), 2, 50);
        assert_eq!(window.earliest(second(30), 10), second(30));
        assert_eq!(window.earliest(second(30), 11), second(70));
        assert_eq!(window.earliest(second(30), 60), second(80));
        assert_eq!(window.earliest(second(30), 9_999), second(80), "more than the limit: when nothing else counts");
        // The second one took less than it might have.
        window.correct(second(20), 2, 5);
        assert_eq!(window.earliest(second(30), 55), second(30));
        window.forget(second(70));
        assert_eq!((window.taken.len(), window.earliest(second(70), 95)), (1, second(70)));
    }

    proptest! {
        /// Whatever is asked, and whatever it turns out to be: no minute has more than the limit in it.
        #[test]
        fn no_minute_has_more_than_the_limit(
            asks in prop::collection::vec((0..20_000_000_000_u64, 1..=100_u64, 0.0..1.0_f64, 0..3_usize), 1..60)
        ) {
            let mut window = Window::new(100);
            let (mut now, mut log) = (Nanos(0), Vec::<(Nanos, u64, u64)>::new());
            for (number, (pause, tokens, share, late)) in (0..).zip(asks) {
                now = now.plus(Nanos(pause));
                window.forget(now);
                let at = window.earliest(now, tokens);
                prop_assert!(at >= now && at <= now.plus(MINUTE).plus(MINUTE), "{at:?} {now:?} {window:?}");
                window.take(at, number, tokens);
                // An open loop takes places a little ahead.
                now = now.max(Nanos(at.0.saturating_sub(250_000_000)));
                log.push((at, number, tokens));
                // The answer to some earlier one is in.
                if let Some((at, number, tokens)) = log.len().checked_sub(1 + late).and_then(|i| log.get_mut(i)) {
                    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss,
                        reason = "small")]
                    let used = (*tokens as f64 * share) as u64;
                    window.correct(*at, *number, used);
                    *tokens = used;
                }
            }
            for (end, ..) in &log {
                let sum: u64 = log.iter().filter(|(at, ..)| at <= end && end.since(*at) < MINUTE).map(|e| e.2).sum();
                prop_assert!(sum <= 100, "{sum} in the minute to {end:?}");
            }
        }
    }
}
