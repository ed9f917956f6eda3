//! Requests per minute: evenly spaced, so that a burst at the start of a minute never meets the provider's own limit.

use crate::domain::Nanos;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Hands out evenly spaced turns.
#[derive(Debug)]
pub struct Pacer {
    interval: Nanos,
    next: Mutex<Nanos>,
}

impl Pacer {
    /// At most so many turns a minute.
    #[must_use]
    pub fn per_minute(requests: u32) -> Self {
        let interval = Nanos(60_000_000_000 / u64::from(requests.max(1)));
        Self { interval, next: Mutex::new(Nanos(0)) }
    }

    /// Takes the next turn: how long to wait for it from `now`.
    pub fn turn(&self, now: Nanos) -> Duration {
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let turn = (*next).max(now);
        *next = turn.plus(self.interval);
        turn.since(now).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turns_are_spaced_and_unused_ones_do_not_pile_up() {
        let pacer = Pacer::per_minute(600);
        let second = Nanos(1_000_000_000);
        assert_eq!(pacer.turn(second), Duration::ZERO);
        assert_eq!(pacer.turn(second), Duration::from_millis(100));
        assert_eq!(pacer.turn(Nanos(5_000_000_000)), Duration::ZERO);
        assert_eq!(pacer.turn(Nanos(5_000_000_000)), Duration::from_millis(100));
    }
}
