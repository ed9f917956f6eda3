//! Budgets: what is held, spent and bounded, and whether one more exchange fits. Pure.
//!
//! The worst case of every exchange is held *before* it is sent and settled after it; what is not known afterwards stays
//! counted at its bound. So a limit is never passed, except by usage beyond the bound itself: that is an overrun, after
//! which nothing more is dispatched.

use crate::domain::{Charge, Money};
use std::fmt;

/// One limit with what counts against it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Line {
    /// The hard limit; none is no limit.
    pub limit: Option<Money>,
    /// Settled.
    pub spent: Money,
    /// Of unknown outcome or without a price, at its bound.
    pub unknown: Money,
    /// Held for exchanges in flight.
    pub held: Money,
}

impl Line {
    /// Everything that counts against the limit.
    #[must_use]
    pub fn committed(&self) -> Money {
        self.spent + self.unknown + self.held
    }

    fn fits(&self, asked: Money) -> bool {
        self.limit.is_none_or(|limit| self.committed().checked_add(asked).is_some_and(|sum| sum <= limit))
    }

    fn settle(&mut self, held: Money, charge: &Charge) {
        self.held -= held;
        match charge {
            Charge::Settled(cost) => self.spent += cost.total(),
            Charge::Unknown { bound } | Charge::Unpriced { bound } => self.unknown += *bound,
        }
    }
}

/// Which limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// `[[run]] budget`.
    Run,
    /// `[budget] per_day`, UTC.
    Day,
}

/// Why an exchange may not be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Denied {
    /// It could pass a limit.
    Budget {
        /// Which.
        scope: Scope,
        /// The limit.
        limit: Money,
        /// What already counts against it.
        committed: Money,
        /// The worst case that was asked for.
        asked: Money,
    },
    /// An earlier exchange cost more than its worst case: the bounds can't be trusted.
    Overrun,
}

impl fmt::Display for Denied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Budget { scope, limit, committed, asked } => {
                let whose = match scope {
                    Scope::Run => "the run's",
                    Scope::Day => "the day's",
                };
                write!(
                    f,
                    "{whose} budget of {limit} is reached: {committed} count against it, the next exchange could cost {asked}"
                )
            }
            Self::Overrun => write!(f, "an exchange cost more than its reserved worst case; nothing more is sent"),
        }
    }
}

/// Usage beyond the reserved bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Overrun {
    /// What was held.
    pub reserved: Money,
    /// What it cost.
    pub cost: Money,
}

/// The budgets that hold now.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Ledger {
    /// The run that goes on.
    pub run: Line,
    /// The UTC day.
    pub day: Line,
    /// Days since the Unix epoch that `day` is for.
    today: i64,
    overrun: bool,
}

const DAY_MS: i64 = 86_400_000;

/// The first millisecond of the UTC day of an instant.
#[must_use]
pub const fn day_start(unix_ms: i64) -> i64 {
    unix_ms.div_euclid(DAY_MS) * DAY_MS
}

impl Ledger {
    /// A ledger for a day, with what the day has already cost.
    #[must_use]
    pub fn new(unix_ms: i64, day: Line) -> Self {
        Self { day, today: unix_ms.div_euclid(DAY_MS), ..Self::default() }
    }

    /// Whether what was denied may fit once everything that is held has been settled: then it is worth waiting for.
    #[must_use]
    pub fn may_fit_later(&self, asked: Money) -> bool {
        let fits = |line: &Line| Line { held: Money::ZERO, ..*line }.fits(asked);
        !self.overrun && fits(&self.run) && fits(&self.day)
    }

    /// The day's line at an instant: nothing is spent yet on a day that nothing was asked on.
    #[must_use]
    pub fn day_at(&self, unix_ms: i64) -> Line {
        let mut now = *self;
        now.turn(unix_ms);
        now.day
    }

    /// Takes over what the store says of the day, while nothing is in flight.
    pub fn restore_day(&mut self, unix_ms: i64, spent: Money, unknown: Money) {
        self.today = unix_ms.div_euclid(DAY_MS);
        self.day = Line { limit: self.day.limit, spent, unknown, held: Money::ZERO };
    }

    /// A run begins (or goes on, with what it has already cost); an earlier overrun is forgotten.
    pub fn begin_run(&mut self, run: Line) {
        self.run = run;
        self.overrun = false;
    }

    /// At midnight UTC the day's line starts anew; what is in flight counts for the new day.
    fn turn(&mut self, unix_ms: i64) {
        let today = unix_ms.div_euclid(DAY_MS);
        if today > self.today {
            self.today = today;
            self.day = Line { limit: self.day.limit, held: self.day.held, ..Line::default() };
        }
    }

    /// Holds the worst case of an exchange.
    ///
    /// # Errors
    /// [`Denied`] when it could pass a limit, or after an overrun; nothing is held then.
    pub fn reserve(&mut self, asked: Money, unix_ms: i64) -> Result<(), Denied> {
        self.turn(unix_ms);
        if self.overrun {
            return Err(Denied::Overrun);
        }
        for (scope, line) in [(Scope::Run, &self.run), (Scope::Day, &self.day)] {
            if let (false, Some(limit)) = (line.fits(asked), line.limit) {
                return Err(Denied::Budget { scope, limit, committed: line.committed(), asked });
            }
        }
        self.run.held += asked;
        self.day.held += asked;
        Ok(())
    }

    /// Takes a hold back whose intent could not be committed: nothing was sent.
    pub fn release(&mut self, held: Money) {
        self.run.held -= held;
        self.day.held -= held;
    }

    /// Replaces a hold by what the exchange came to.
    pub fn settle(&mut self, held: Money, charge: &Charge, unix_ms: i64) -> Option<Overrun> {
        self.turn(unix_ms);
        self.run.settle(held, charge);
        self.day.settle(held, charge);
        let cost = charge.worst();
        (cost > held).then(|| {
            self.overrun = true;
            Overrun { reserved: held, cost }
        })
    }

    /// Adds cost that is not an exchange's: hardware time. It is known only afterwards, so that no worst case is held
    /// for it: a limit is passed by what was in flight when it was reached, at the most.
    pub fn spend(&mut self, amount: Money, unix_ms: i64) {
        self.turn(unix_ms);
        self.run.spent += amount;
        self.day.spent += amount;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Component, Cost};
    use proptest::prelude::*;

    fn settled(nanos: i64) -> Charge {
        Charge::Settled(Cost::ZERO.with(Component::Output, Money::from_nanos(nanos)))
    }

    #[test]
    fn a_limit_is_checked_against_the_worst_case_of_everything_in_flight() {
        let mut ledger = Ledger::new(0, Line { limit: Some(Money::from_nanos(100)), ..Line::default() });
        assert_eq!(ledger.reserve(Money::from_nanos(60), 0), Ok(()));
        let denied = ledger.reserve(Money::from_nanos(60), 0);
        assert!(matches!(denied, Err(Denied::Budget { scope: Scope::Day, .. })), "{denied:?}");
        assert_eq!(ledger.settle(Money::from_nanos(60), &settled(10), 0), None);
        assert_eq!(ledger.reserve(Money::from_nanos(60), 0), Ok(()));
    }

    #[test]
    fn an_overrun_stops_the_dispatch() {
        let mut ledger = Ledger::new(0, Line::default());
        assert_eq!(ledger.reserve(Money::from_nanos(5), 0), Ok(()));
        assert!(ledger.settle(Money::from_nanos(5), &settled(6), 0).is_some());
        assert_eq!(ledger.reserve(Money::ZERO, 0), Err(Denied::Overrun));
        ledger.begin_run(Line::default());
        assert_eq!(ledger.reserve(Money::ZERO, 0), Ok(()));
    }

    #[test]
    fn the_day_turns_at_midnight_utc_and_keeps_what_is_in_flight() {
        let mut ledger = Ledger::new(0, Line { limit: Some(Money::from_nanos(10)), ..Line::default() });
        assert_eq!(ledger.reserve(Money::from_nanos(4), 0), Ok(()));
        assert_eq!(ledger.reserve(Money::from_nanos(4), 0), Ok(()));
        ledger.settle(Money::from_nanos(4), &settled(4), 0);
        assert_eq!(
            ledger.reserve(Money::from_nanos(7), DAY_MS),
            Err(Denied::Budget {
                scope: Scope::Day,
                limit: Money::from_nanos(10),
                committed: Money::from_nanos(4),
                asked: Money::from_nanos(7)
            })
        );
        assert_eq!(ledger.reserve(Money::from_nanos(6), DAY_MS), Ok(()));
    }

    #[test]
    fn what_only_waits_for_others_to_settle_may_fit_later() {
        let mut ledger = Ledger::new(0, Line { limit: Some(Money::from_nanos(100)), ..Line::default() });
        assert_eq!(ledger.reserve(Money::from_nanos(60), 0), Ok(()));
        assert!(ledger.reserve(Money::from_nanos(60), 0).is_err() && ledger.may_fit_later(Money::from_nanos(60)));
        assert!(!ledger.may_fit_later(Money::from_nanos(101)));
        ledger.settle(Money::from_nanos(60), &settled(41), 0);
        assert!(!ledger.may_fit_later(Money::from_nanos(60)));
        // After an overrun nothing is worth waiting for.
        assert_eq!(ledger.reserve(Money::ZERO, 0), Ok(()));
        ledger.settle(Money::ZERO, &settled(1), 0);
        assert!(!ledger.may_fit_later(Money::ZERO));
    }

    #[test]
    fn a_day_on_which_nothing_was_asked_has_cost_nothing() {
        let mut ledger = Ledger::new(0, Line { limit: Some(Money::from_nanos(10)), ..Line::default() });
        ledger.spend(Money::from_nanos(7), 0);
        assert_eq!(ledger.day_at(DAY_MS - 1).spent, Money::from_nanos(7));
        assert_eq!(ledger.day_at(DAY_MS), Line { limit: Some(Money::from_nanos(10)), ..Line::default() });
        ledger.restore_day(DAY_MS, Money::from_nanos(2), Money::from_nanos(3));
        assert_eq!(ledger.day_at(DAY_MS).committed(), Money::from_nanos(5));
    }

    proptest! {
        #[test]
        fn no_order_of_events_passes_the_limit(steps in proptest::collection::vec((0i64..50, 0u8..5), 0..300)) {
            let limit = Money::from_nanos(1_000);
            let mut ledger = Ledger::new(0, Line { limit: Some(limit), ..Line::default() });
            let mut open = Vec::new();
            for (amount, what) in steps {
                let asked = Money::from_nanos(amount);
                match (what, open.pop()) {
                    (0 | 1, kept) => {
                        open.extend(kept);
                        if ledger.reserve(asked, 0).is_ok() { open.push(asked) }
                    }
                    (2, Some(held)) => { ledger.settle(held, &settled(held.nanos() / 2), 0); }
                    (3, Some(held)) => { ledger.settle(held, &Charge::Unpriced { bound: held }, 0); }
                    (_, Some(held)) => { ledger.settle(held, &Charge::Unknown { bound: held }, 0); }
                    (_, None) => {}
                }
                prop_assert!(ledger.day.committed() <= limit);
                prop_assert_eq!(ledger.day.held, open.iter().copied().sum());
            }
        }
    }
}
