//! A circuit breaker: a target that is dead is let alone, and looked at from time to time. A value.

use crate::domain::{Failure, Fault, Nanos};
use crate::plan::{Circuit as Rule, Retry};

/// Whether one may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entry {
    /// Yes.
    Go,
    /// Yes: it is the one that looks whether the target is back.
    Probe,
    /// Not now; not before this instant, if one is known, or until the one that looks has ended.
    Wait(Option<Nanos>),
    /// It has been dead for too long.
    GiveUp,
}

/// How a circuit stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Standing {
    /// Everything goes.
    #[default]
    Closed,
    /// Nothing goes.
    Open,
    /// One looks whether the target is back.
    HalfOpen,
    /// The target was given up in this run.
    GivenUp,
}

impl Standing {
    /// The word in logs.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Open => "open",
            Self::HalfOpen => "half-open",
            Self::GivenUp => "given up",
        }
    }
}

/// The circuit of one target in one run.
#[derive(Debug)]
pub struct Circuit {
    rule: Rule,
    standing: Standing,
    /// Trials that found it dead, in a row.
    failures: u32,
    /// When it was opened, and until when nothing goes.
    since: Nanos,
    until: Nanos,
}

impl Circuit {
    /// A closed one.
    #[must_use]
    pub const fn new(rule: Rule) -> Self {
        Self { rule, standing: Standing::Closed, failures: 0, since: Nanos(0), until: Nanos(0) }
    }

    /// How it stands.
    #[must_use]
    pub const fn standing(&self) -> Standing {
        self.standing
    }

    /// A trial wants to go.
    pub fn enter(&mut self, now: Nanos) -> Entry {
        match self.standing {
            Standing::Closed => Entry::Go,
            Standing::Open if now < self.until => Entry::Wait(Some(self.until)),
            Standing::Open => {
                self.standing = Standing::HalfOpen;
                Entry::Probe
            }
            Standing::HalfOpen => Entry::Wait(None),
            Standing::GivenUp => Entry::GiveUp,
        }
    }

    /// Something came from the target, be it a refusal: it is there. Tells whether that is news.
    pub fn alive(&mut self) -> bool {
        self.failures = 0;
        let news = matches!(self.standing, Standing::Open | Standing::HalfOpen);
        if news {
            self.standing = Standing::Closed;
        }
        news
    }

    /// A trial found it dead, with all its attempts. Tells whether that is news.
    pub fn dead(&mut self, now: Nanos, probe: bool) -> bool {
        self.failures = self.failures.saturating_add(1);
        let before = self.standing;
        match self.standing {
            Standing::Closed if self.failures >= self.rule.failures => {
                (self.standing, self.since, self.until) = (Standing::Open, now, now.plus(self.rule.cool_down.into()));
            }
            Standing::HalfOpen if probe => {
                let long = now.since(self.since) >= self.rule.give_up_after.into();
                self.standing = if long { Standing::GivenUp } else { Standing::Open };
                self.until = now.plus(self.rule.cool_down.into());
            }
            // Sent before it was opened.
            _ => {}
        }
        before != self.standing
    }

    /// The one that was to look did not go after all: the next one looks.
    pub fn unseen(&mut self) {
        if self.standing == Standing::HalfOpen {
            self.standing = Standing::Open;
        }
    }
}

/// Whether a failure shows a target that is dead: it can't be reached, says nothing, says 5xx, or wants to be left alone
/// for longer than is accepted.
#[must_use]
pub fn is_dead(fault: &Fault, retry: &Retry) -> bool {
    use Failure as F;
    match fault.kind {
        F::Dns
        | F::Connect
        | F::Tls
        | F::TimeoutConnect
        | F::TimeoutFirstToken
        | F::TimeoutIdle
        | F::TimeoutTotal
        | F::Http5xx => true,
        F::RateLimited => fault.retry_after.is_some_and(|asked| asked > retry.longest),
        F::Auth
        | F::Quota
        | F::Http4xx
        | F::InStreamError
        | F::Protocol
        | F::Truncated
        | F::TooLarge
        | F::CircuitOpen => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::time::Duration;

    const RULE: Rule = Rule { failures: 3, cool_down: Duration::from_secs(30), give_up_after: Duration::from_secs(60) };

    fn second(s: u64) -> Nanos {
        Nanos(s * 1_000_000_000)
    }

    fn open() -> Circuit {
        let mut circuit = Circuit::new(RULE);
        assert_eq!([0, 1, 2].map(|s| circuit.dead(second(s), false)), [false, false, true]);
        circuit
    }

    #[test]
    fn it_opens_after_failures_in_a_row_only() {
        let mut circuit = Circuit::new(RULE);
        for _ in 0..10 {
            circuit.dead(second(1), false);
            circuit.dead(second(1), false);
            assert!(!circuit.alive());
        }
        assert_eq!(circuit.enter(second(2)), Entry::Go);
    }

    #[test]
    fn one_looks_after_the_cool_down_and_the_others_wait() {
        let mut circuit = open();
        assert_eq!(circuit.enter(second(31)), Entry::Wait(Some(second(32))));
        assert_eq!([circuit.enter(second(32)), circuit.enter(second(32))], [Entry::Probe, Entry::Wait(None)]);
        assert!(!circuit.dead(second(33), false), "one that went before");
        assert_eq!(circuit.enter(second(33)), Entry::Wait(None));
        assert!(circuit.alive());
        assert_eq!(circuit.enter(second(33)), Entry::Go);
    }

    #[test]
    fn it_is_given_up_by_the_one_that_looks() {
        let mut circuit = open();
        assert_eq!(circuit.enter(second(32)), Entry::Probe);
        circuit.unseen();
        assert_eq!(circuit.enter(second(33)), Entry::Probe);
        assert!(circuit.dead(second(34), true));
        assert_eq!(circuit.enter(second(40)), Entry::Wait(Some(second(64))));
        assert_eq!(circuit.enter(second(64)), Entry::Probe);
        assert!(circuit.dead(second(65), true));
        assert_eq!((circuit.standing(), circuit.enter(second(999))), (Standing::GivenUp, Entry::GiveUp));
    }

    #[test]
    fn a_late_answer_closes_it() {
        let mut circuit = open();
        assert!(circuit.alive());
        assert_eq!(circuit.enter(second(3)), Entry::Go);
    }

    #[test]
    fn which_failures_show_a_dead_target() {
        let retry = Retry { attempts: 1, backoff: Duration::from_secs(1), longest: Duration::from_secs(30) };
        let dead = Failure::ALL.into_iter().filter(|kind| is_dead(&Fault::new(*kind, ""), &retry)).count();
        assert_eq!(dead, 8);
        for (asked, expected) in [(30, false), (31, true)] {
            let fault = Fault { retry_after: Some(Duration::from_secs(asked)), ..Fault::new(Failure::RateLimited, "") };
            assert_eq!(is_dead(&fault, &retry), expected);
        }
    }

    proptest! {
        /// However things come, one that waits is let in again or told to give up: no state is for ever.
        #[test]
        fn nobody_waits_for_ever(events in prop::collection::vec((0..4_u8, 0..40_u64), 0..60)) {
            let mut circuit = Circuit::new(RULE);
            let (mut now, mut looking) = (second(0), false);
            for (what, pause) in events {
                now = now.plus(second(pause));
                match what {
                    0 => looking |= circuit.enter(now) == Entry::Probe,
                    1 => { circuit.alive(); looking = false; }
                    2 => { circuit.dead(now, false); }
                    _ if looking => { circuit.dead(now, true); looking = false; }
                    _ => {}
                }
            }
            if looking {
                circuit.unseen();
            }
            now = now.plus(second(30));
            prop_assert!(!matches!(circuit.enter(now), Entry::Wait(_)));
        }
    }
}
