//! When the next exchange of a target may be sent: the user's limits, the provider's own as it tells them, and holding
//! back after a refusal. A value: instants go in, instants come out.
//!
//! What the provider tells only ever makes us slower: the user's limits hold beside it.

use super::headers::{Pool, Told};
use super::hold::{Hold, Refused};
use super::learned::{End, Learned, Open};
use super::window::Window;
use crate::domain::Nanos;
use crate::engine::pace::Pace;
use crate::plan::{Limits, Retry};
use std::time::Duration;

/// What an exchange may use.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Need {
    /// Input tokens at the most.
    pub input: u64,
    /// Input tokens as providers estimate them before they let a request in.
    pub likely_input: u64,
    /// Output tokens at the most.
    pub output: u64,
}

impl Need {
    const fn of(&self, pool: Pool) -> u64 {
        match pool {
            Pool::Requests => 1,
            Pool::Tokens => self.likely_input.saturating_add(self.output),
            Pool::InputTokens => self.likely_input,
            Pool::OutputTokens => self.output,
        }
    }
}

/// Leave to send one exchange.
#[derive(Debug, Clone, Copy)]
pub struct Ticket {
    /// Not before.
    pub at: Nanos,
    number: u64,
}

/// What came of an exchange, as far as limits care.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Came {
    /// An answer, be it a failure of another kind.
    Answer,
    /// Nothing that tells of limits: no answer, or one that wants to be left alone for longer than is accepted.
    Nothing,
    /// We are to wait: 429, or a Retry-After.
    Refused(Option<Duration>),
}

/// The limits of one target.
#[derive(Debug)]
pub struct Limiter {
    retry: Retry,
    pace: Option<Pace>,
    window: Option<Window>,
    hold: Hold,
    learned: [Learned; 4],
    open: Open,
    number: u64,
    last: Nanos,
}

impl Limiter {
    /// With the user's limits, and nothing learned.
    #[must_use]
    pub fn new(limits: &Limits, retry: Retry) -> Self {
        Self {
            retry,
            pace: limits.requests_per_minute.map(Pace::per_minute),
            window: limits.tokens_per_minute.map(Window::new),
            hold: Hold::default(),
            learned: [Learned::default(); 4],
            open: Open::new(),
            number: 0,
            last: Nanos(0),
        }
    }

    /// Forgets what was learned; what was used of the user's limits still counts.
    pub fn forget(&mut self) {
        (self.hold, self.learned) = (Hold::default(), [Learned::default(); 4]);
        self.open.clear();
    }

    /// Leave to go at `due` or as soon after as the limits let it.
    ///
    /// # Errors
    /// When to ask again, where it is not yet: what is in flight may free some of it meanwhile, or tell that there is
    /// less.
    pub fn turn(&mut self, now: Nanos, due: Nanos, need: Need) -> Result<Ticket, Nanos> {
        if let Some(window) = &mut self.window {
            window.forget(now);
        }
        let from = now.max(due);
        let at = self.earliest(from, need);
        if at > from {
            return Err(at);
        }
        let number = self.number;
        self.number += 1;
        self.last = self.last.max(at);
        if let Some(pace) = &mut self.pace {
            pace.take(at);
        }
        if let Some(window) = &mut self.window {
            window.take(at, number, need.input.saturating_add(need.output));
        }
        let amounts = Pool::ALL.map(|pool| need.of(pool));
        for (learned, amount) in self.learned.iter_mut().zip(amounts) {
            learned.take(at, number, amount);
        }
        self.open.insert(number, (at, amounts));
        Ok(Ticket { at, number })
    }

    fn earliest(&self, from: Nanos, need: Need) -> Nanos {
        let mut at = from;
        // Each rule only moves it on; a rule that has its way may meet another's again, hardly ever more than once.
        for _ in 0..8 {
            let before = at;
            at = self.hold.earliest(at, self.last);
            at = self.pace.as_ref().map_or(at, |pace| pace.earliest(at));
            let tokens = need.input.saturating_add(need.output);
            at = self.window.as_ref().map_or(at, |window| window.earliest(at, tokens));
            for (pool, learned) in Pool::ALL.into_iter().zip(&self.learned) {
                at = learned.earliest(at, need.of(pool));
            }
            if at == before {
                break;
            }
        }
        at
    }

    /// An exchange has ended, and used so many tokens (none: not known, it counts as what it might have used). Tells
    /// whether all hold back from now on who did not before.
    pub(super) fn ended(
        &mut self,
        now: Nanos,
        ticket: &Ticket,
        used: Option<u64>,
        came: Came,
        told: &[Told; 4],
        unit: f64,
    ) -> bool {
        if let (Some(window), Some(used)) = (&mut self.window, used) {
            window.correct(ticket.at, ticket.number, used);
        }
        if let Some((went, amounts)) = self.open.remove(&ticket.number) {
            let pools = self.learned.iter_mut().zip(amounts).zip(told).enumerate();
            for (pool, ((learned, amount), told)) in pools {
                let end = End { number: ticket.number, went, amount };
                learned.ended(now, end, told, (&self.open, pool), self.retry.longest);
            }
        }
        match came {
            Came::Answer => {
                self.hold.answered(ticket.number);
                false
            }
            Came::Nothing => false,
            Came::Refused(asked) => {
                let refused = Refused { number: ticket.number, next: self.number, asked, unit };
                self.hold.refused(now, refused, &self.retry)
            }
        }
    }

    /// Until when all hold back.
    #[must_use]
    pub const fn held_until(&self) -> Nanos {
        self.hold.until()
    }

    /// What was learned, by pool.
    #[must_use]
    pub const fn learned(&self) -> &[Learned; 4] {
        &self.learned
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const RETRY: Retry = Retry { attempts: 3, backoff: Duration::from_millis(500), longest: Duration::from_secs(120) };
    const SECOND: u64 = 1_000_000_000;
    const NEED: Need = Need { input: 30, likely_input: 10, output: 20 };

    fn second(s: u64) -> Nanos {
        Nanos(s * SECOND)
    }

    fn remaining(pool: Pool, remaining: u64, reset: u64) -> [Told; 4] {
        let mut all = [Told::default(); 4];
        all[pool as usize] =
            Told { limit: Some(10), remaining: Some(remaining), reset: Some(Duration::from_secs(reset)) };
        all
    }

    fn free() -> Limiter {
        Limiter::new(&Limits::default(), RETRY)
    }

    #[test]
    fn without_limits_everything_goes_when_it_is_due() {
        let mut limiter = free();
        for due in [0, 5, 3] {
            assert_eq!(limiter.turn(second(3), second(due), NEED).unwrap().at, second(due.max(3)));
        }
    }

    #[test]
    fn what_is_told_to_be_used_up_is_waited_for() {
        let mut limiter = free();
        let first = limiter.turn(second(1), second(1), NEED).unwrap();
        let second_one = limiter.turn(second(1), second(1), NEED).unwrap();
        // One is left, and one went since.
        limiter.ended(second(2), &first, None, Came::Answer, &remaining(Pool::Requests, 1, 58), 0.0);
        assert_eq!(limiter.turn(second(2), second(2), NEED).unwrap_err(), second(60));
        // The later one's answer knows of both.
        limiter.ended(second(3), &second_one, None, Came::Answer, &remaining(Pool::Requests, 1, 57), 0.0);
        assert_eq!(limiter.turn(second(3), second(3), NEED).unwrap().at, second(3));
        assert!(limiter.turn(second(3), second(3), NEED).is_err());
        // An earlier one's answer that comes late tells nothing new.
        limiter.ended(second(4), &first, None, Came::Answer, &remaining(Pool::Requests, 9, 1), 0.0);
        assert!(limiter.turn(second(4), second(4), NEED).is_err());
        // Full again, it holds its limit.
        for _ in 0..10 {
            assert_eq!(limiter.turn(second(60), second(60), NEED).unwrap().at, second(60));
        }
        // Nobody has told of them yet, but there were no more.
        assert_eq!(limiter.turn(second(60), second(60), NEED).unwrap_err(), second(118));
    }

    #[test]
    fn what_overtakes_tells_of_more_than_there_is() {
        let mut limiter = free();
        let ten: Vec<_> = (0..10).map(|_| limiter.turn(second(1), second(1), NEED).unwrap()).collect();
        let mut tell = |nth: usize, left: u64| {
            limiter.ended(second(2), &ten[nth], None, Came::Answer, &remaining(Pool::Requests, left, 58), 0.0);
            limiter.learned[Pool::Requests as usize].left()
        };
        // The last one came in second; eight of the others are still to come in, as far as is known.
        assert_eq!(tell(0, 9), Some(0));
        assert_eq!(tell(9, 8), Some(0));
        // Those that came in later ended sooner.
        assert_eq!(tell(5, 3), Some(0));
        assert_eq!(tell(2, 6), Some(0));
        for (nth, left) in [(1, 7), (3, 5), (4, 4), (6, 2), (7, 1), (8, 0)] {
            assert_eq!(tell(nth, left), Some(0));
        }
        assert_eq!(limiter.turn(second(2), second(2), NEED).unwrap_err(), second(60));
    }

    #[test]
    fn a_pool_that_fills_meanwhile_is_believed() {
        let mut limiter = free();
        let first = limiter.turn(second(1), second(1), NEED).unwrap();
        limiter.ended(second(2), &first, None, Came::Answer, &remaining(Pool::Requests, 2, 58), 0.0);
        let long = limiter.turn(second(4), second(4), NEED).unwrap();
        let later = limiter.turn(second(8), second(8), NEED).unwrap();
        assert!(limiter.turn(second(8), second(8), NEED).is_err());
        // It came in long after the others: they are in what it was told, though one of them has not ended.
        limiter.ended(second(9), &later, None, Came::Answer, &remaining(Pool::Requests, 5, 58), 0.0);
        assert_eq!(limiter.learned[Pool::Requests as usize].left(), Some(5));
        limiter.ended(second(9), &long, None, Came::Answer, &remaining(Pool::Requests, 1, 58), 0.0);
        assert_eq!(limiter.learned[Pool::Requests as usize].left(), Some(5), "older news");
    }

    #[test]
    fn tokens_are_compared_with_what_the_request_takes() {
        for (pool, enough) in [(Pool::Tokens, 30), (Pool::InputTokens, 10), (Pool::OutputTokens, 20)] {
            for (left, goes) in [(enough, true), (enough - 1, false)] {
                let mut limiter = free();
                let first = limiter.turn(second(1), second(1), NEED).unwrap();
                let mut told = remaining(pool, left, 60);
                told[pool as usize].limit = Some(1_000);
                limiter.ended(second(1), &first, None, Came::Answer, &told, 0.0);
                assert_eq!(limiter.turn(second(1), second(1), NEED).is_ok(), goes, "{pool:?} {left}");
            }
        }
    }

    #[test]
    fn a_refusal_holds_all_back_and_an_answer_lets_them_go() {
        let mut limiter = free();
        let first = limiter.turn(second(1), second(1), NEED).unwrap();
        let nothing = [Told::default(); 4];
        assert!(limiter.ended(second(1), &first, None, Came::Refused(Some(Duration::from_secs(4))), &nothing, 0.5));
        assert_eq!(limiter.held_until(), second(5).plus(Nanos(SECOND / 5)), "a twentieth more, by the draw");
        assert!(limiter.turn(second(2), second(2), NEED).is_err());
        assert_eq!(limiter.turn(second(5), second(5), NEED).unwrap_err(), limiter.held_until());
        limiter.forget();
        assert_eq!(limiter.turn(second(5), second(5), NEED).unwrap().at, second(5));
    }

    #[test]
    fn what_was_used_makes_room_for_the_next() {
        let mut limiter = Limiter::new(&Limits { tokens_per_minute: Some(100), ..Limits::default() }, RETRY);
        let two = [(), ()].map(|()| limiter.turn(second(1), second(1), NEED).unwrap());
        assert_eq!(limiter.turn(second(1), second(1), NEED).unwrap_err(), second(61));
        limiter.ended(second(2), &two[0], Some(12), Came::Answer, &[Told::default(); 4], 0.0);
        assert_eq!(limiter.turn(second(2), second(2), Need { output: 8, ..NEED }).unwrap().at, second(2));
        // Another run of the same target: what was used is used.
        limiter.forget();
        assert!(limiter.turn(second(3), second(3), NEED).is_err());
    }

    proptest! {
        /// Whatever a provider says, the user's limits hold in every minute, and nobody waits for ever.
        #[test]
        fn the_users_limits_hold_whatever_is_told(
            steps in prop::collection::vec(
                (0..3_u64, 0..4_usize, 0..20_u64, 0..200_u64, prop::option::of(0..10_u64), 0.0..1.0_f64), 1..60
            )
        ) {
            let limits = Limits { requests_per_minute: Some(30), tokens_per_minute: Some(400), concurrency: None };
            let mut limiter = Limiter::new(&limits, RETRY);
            let (mut now, mut went) = (second(1), Vec::<(Nanos, u64)>::new());
            for (pause, pool, left, reset, refused, unit) in steps {
                now = now.plus(Nanos(pause * SECOND));
                let mut asked = 0;
                let ticket = loop {
                    match limiter.turn(now, now, NEED) {
                        Ok(ticket) => break ticket,
                        Err(again) => {
                            prop_assert!(again > now, "{again:?} {now:?}");
                            now = again;
                            asked += 1;
                            prop_assert!(asked < 20);
                        }
                    }
                };
                prop_assert_eq!(ticket.at, now);
                let used = u64::from(refused.is_none()) * (left % 51);
                let came = refused.map_or(Came::Answer, |s| Came::Refused((s > 0).then(|| Duration::from_secs(s))));
                limiter.ended(ticket.at, &ticket, Some(used), came, &remaining(Pool::ALL[pool], left, reset), unit);
                went.push((ticket.at, used));
            }
            for (end, _) in &went {
                let minute: Vec<_> = went.iter().filter(|(at, _)| at <= end && end.since(*at) < second(60)).collect();
                prop_assert!(minute.len() <= 30);
                prop_assert!(minute.iter().map(|(_, used)| used).sum::<u64>() <= 400);
            }
        }
    }
}
