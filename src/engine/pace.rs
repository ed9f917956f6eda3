//! Requests per minute: evenly spaced, so that a burst at the start of a minute never meets the provider's own limit.

use crate::domain::Nanos;

/// Evenly spaced turns.
#[derive(Debug)]
pub struct Pace {
    interval: Nanos,
    next: Nanos,
}

impl Pace {
    /// At most so many turns a minute.
    #[must_use]
    pub fn per_minute(requests: u32) -> Self {
        Self { interval: Nanos(60_000_000_000 / u64::from(requests.max(1))), next: Nanos(0) }
    }

    /// The first instant from `from` on at which there is a turn.
    #[must_use]
    pub fn earliest(&self, from: Nanos) -> Nanos {
        from.max(self.next)
    }

    /// Takes the turn at an instant. One that was not used does not pile up.
    pub fn take(&mut self, at: Nanos) {
        self.next = self.next.max(at).plus(self.interval);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turns_are_spaced_and_unused_ones_do_not_pile_up() {
        let mut pace = Pace::per_minute(600);
        let mut wait = |now: u64| {
            let at = pace.earliest(Nanos(now * 1_000_000_000));
            pace.take(at);
            at.since(Nanos(now * 1_000_000_000)).0 / 1_000_000
        };
        assert_eq!([wait(1), wait(1), wait(5), wait(5)], [0, 100, 0, 100]);
    }
}
