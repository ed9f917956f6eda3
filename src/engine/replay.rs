//! The one dispatch loop. How items arrive and when that is enough are values; there is no second loop.

use super::ask::{Asked, Start, Trial, ask};
use super::clock;
use super::course::Course;
use super::enough::Enough;
use super::lanes::Lanes;
use super::places::{Places, Stairs};
use crate::domain::{Name, Nanos, Purpose};
use crate::provider::wire::now;
use crate::workload::arrival::{Arrival, Closed, Open, Pattern, Recorded, Times};
use std::collections::VecDeque;
use std::iter::Peekable;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::{JoinError, JoinSet};
use tokio_util::sync::CancellationToken;

/// How long before its instant an open-loop trial is handed to its lane: time to connect and to commit the intent.
const LEAD: Nanos = Nanos(500_000_000);
/// The most trials of an open loop that are under way where the target has no limit.
const MOST: usize = 65_536;

/// How a dispatch ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dispatched {
    /// Every trial was asked and recorded, or it was enough.
    Done,
    /// Not so.
    Stopped,
}

/// What came of a dispatch.
#[derive(Debug, Clone, Copy)]
pub(super) struct Replayed {
    pub(super) ended: Dispatched,
    /// The instant that the schedule counts from.
    pub(super) zero: Nanos,
    /// When the dispatch ended, and only what was in flight went on.
    pub(super) until: Nanos,
    /// Whether it ended because too much was unfinished.
    pub(super) cut: bool,
}

/// The trials of a dispatch: those that count, and what is asked in their place at first.
pub(super) struct Feed<'a> {
    trials: Peekable<Box<dyn Iterator<Item = Trial> + Send + 'a>>,
    warm: Option<(Nanos, Box<dyn Iterator<Item = Trial> + Send + 'a>)>,
}

impl<'a> Feed<'a> {
    pub(super) fn new(trials: impl Iterator<Item = Trial> + Send + 'a) -> Self {
        let trials: Box<dyn Iterator<Item = Trial> + Send + 'a> = Box::new(trials);
        Self { trials: trials.peekable(), warm: None }
    }

    /// For so long, others are asked, which do not count.
    pub(super) fn warmed(self, time: Option<Duration>, others: impl Iterator<Item = Trial> + Send + 'a) -> Self {
        Self { warm: time.map(|time| (time.into(), Box::new(others) as Box<_>)), ..self }
    }

    /// What is asked at this time since the beginning.
    fn next(&mut self, at: Nanos, enough: &Enough) -> Option<Trial> {
        match &mut self.warm {
            Some((until, others)) if at < *until => others.next(),
            _ => {
                self.pass_over(enough);
                self.trials.next()
            }
        }
    }

    /// The next trial whose own instant decides; what comes in the time of warm-up does not count.
    fn next_recorded(&mut self, at: impl FnOnce(&Trial) -> Nanos, enough: &Enough) -> Option<(Nanos, Trial)> {
        self.pass_over(enough);
        let mut trial = self.trials.next()?;
        let at = at(&trial);
        if self.warm.as_ref().is_some_and(|(until, _)| at < *until) {
            trial.purpose = Purpose::WarmUp;
        }
        Some((at, trial))
    }

    fn pass_over(&mut self, enough: &Enough) {
        while self.trials.next_if(|trial| enough.knows(&trial.key.scenario)).is_some() {}
    }

    /// Whether nothing is left that counts.
    fn is_empty(&mut self, enough: &Enough) -> bool {
        self.pass_over(enough);
        self.trials.peek().is_none()
    }
}

/// What says when the next trial starts.
enum Schedule {
    /// As soon as a place is free.
    Places,
    /// At these times since the beginning.
    Listed(Box<dyn Iterator<Item = Nanos> + Send>),
    /// At each item's own time.
    Items(Recorded, Clock),
}

impl Schedule {
    fn of(arrival: &Arrival, seed: u64) -> Self {
        match &arrival.pattern {
            Pattern::Closed(_) => Self::Places,
            Pattern::Open(open) => Self::Listed(Box::new(open.offsets(seed))),
            Pattern::Recorded(recorded) => match &recorded.times {
                Times::Items => Self::Items(recorded.clone(), Clock::default()),
                Times::Listed(times) => {
                    let (times, recorded) = (Arc::clone(times), recorded.clone());
                    let count = times.len();
                    let at = move |i: usize| times.get(i).map(|at| recorded.scaled(*at));
                    Self::Listed(Box::new((0..count).map_while(at)))
                }
            },
            // Its rates come one by one, each with an open pattern of its own.
            Pattern::Sweep(_) => Self::Listed(Box::new(std::iter::empty())),
        }
    }

    /// The next trial and when it starts, as far as that is known before there is a place for it; none at the end.
    fn next(&mut self, feed: &mut Feed<'_>, enough: &Enough) -> Option<Next> {
        match self {
            Self::Places => (!feed.is_empty(enough)).then_some(Next::Place),
            Self::Listed(times) => {
                let at = times.next()?;
                feed.next(at, enough).map(|trial| Next::At(at, trial))
            }
            Self::Items(recorded, clock) => {
                feed.next_recorded(|trial| clock.at(trial, recorded), enough).map(|(at, trial)| Next::At(at, trial))
            }
        }
    }
}

/// Where a recorded clock stands. It counts from the first item that is asked; where scenarios take turns, each clock
/// goes on where the one before ended.
#[derive(Default)]
struct Clock {
    scenario: Option<Name>,
    first: Nanos,
    /// The last item's own instant.
    recorded: Nanos,
    before: Nanos,
    last: Nanos,
}

impl Clock {
    fn at(&mut self, trial: &Trial, recorded: &Recorded) -> Nanos {
        let at = trial.item.traced.as_ref().map_or(Nanos(0), |traced| traced.at);
        // Another scenario, or the same once more as a repeat.
        if self.scenario.as_ref() != Some(&trial.key.scenario) || at < self.recorded {
            let scenario = Some(trial.key.scenario.clone());
            *self = Self { scenario, first: at, recorded: at, before: self.last, last: self.last };
        }
        self.recorded = at;
        self.last = self.before.plus(recorded.scaled(at.since(self.first)));
        self.last
    }
}

enum Next {
    /// At this time since the beginning.
    At(Nanos, Trial),
    /// As soon as a place is free.
    Place,
}

/// The places in flight of a workload at a target with a limit; none where nothing bounds them.
pub(super) fn in_flight(arrival: &Arrival, limit: Option<u32>, seed: u64) -> Option<Places> {
    match &arrival.pattern {
        Pattern::Closed(closed) => Some(Places::new(stairs(closed, limit, |n| n), closed.think, seed)),
        Pattern::Open(_) | Pattern::Recorded(_) | Pattern::Sweep(_) => limit.map(|n| Places::fixed(n as usize)),
    }
}

fn stairs(closed: &Closed, limit: Option<u32>, count: impl Fn(usize) -> usize) -> Stairs {
    let limited = |places: u32| count(places.min(limit.unwrap_or(u32::MAX)) as usize);
    closed.stairs.iter().map(|stair| (stair.from, limited(stair.places))).collect()
}

/// Trials under way at once: those in flight, which the gate keeps, and those that are being got ready. In open loop
/// that is the lead's worth of them: else the lead would count as time in flight, and throttle the schedule. In closed
/// loop it is a few, for which a place becomes free sooner than their reserve and connection stand.
fn turns(arrival: &Arrival, limit: Option<u32>) -> Stairs {
    let under_way = |ready: usize| limit.map_or(MOST, |n| (n as usize).saturating_add(ready).clamp(1, MOST));
    match &arrival.pattern {
        Pattern::Closed(closed) => stairs(closed, limit, |n| n.saturating_add((n / 16).clamp(1, 64)).min(MOST)),
        Pattern::Open(open) => vec![(Duration::ZERO, under_way(lead_of(open)))],
        Pattern::Recorded(_) | Pattern::Sweep(_) => vec![(Duration::ZERO, under_way(MOST))],
    }
}

/// The most arrivals of twice the lead.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates, which is right")]
fn lead_of(open: &Open) -> usize {
    (open.peak() * LEAD.seconds() * 2.0).ceil() as usize
}

/// Asks all trials of a course, as the arrival process says. The course's brake ends the dispatch and lets what is in
/// flight finish; `abort` drops what is in flight (its outcome is then unknown).
pub(super) async fn replay(
    course: &Arc<Course>,
    lanes: &Lanes,
    mut feed: Feed<'_>,
    (arrival, seed): (&Arrival, u64),
    mut enough: Enough,
    abort: &CancellationToken,
) -> Replayed {
    let turns = Places::new(turns(arrival, course.target.limits.concurrency), None, 0);
    // In closed loop half as many again may be got ready, where places are found to wait for them; not for a few places,
    // which never all end at once: what is got ready and not sent is unknown if the process is killed.
    let elastic = course.gate.as_ref().filter(|_| !course.open_loop).map_or(0, |gate| gate.most() / 8 * 4);
    let turns = turns.elastic(elastic);
    let mut schedule = Schedule::of(arrival, seed);
    let began = now();
    let zero = if arrival.is_open() { began.plus(LEAD) } else { began };
    let length = enough.duration().into_iter().chain(arrival.length()).min();
    let end = length.map(|length| zero.plus(length.into()));
    let mut grown = std::pin::pin!(async {
        match &course.gate {
            Some(gate) => tokio::join!(gate.follow(began), turns.follow(began)).0,
            None => turns.follow(began).await,
        }
    });
    let (mut tasks, mut ended, mut cut) = (JoinSet::new(), Dispatched::Done, false);
    // The instants of those that are handed out and not yet due.
    let mut ahead = VecDeque::new();
    while let Some(next) = schedule.next(&mut feed, &enough) {
        let start = match &next {
            Next::At(at, _) => Start::At(zero.plus(*at)),
            Next::Place => Start::Ready,
        };
        let ready = async {
            if let Start::At(due) = start {
                clock::about(due.since(now()).since(LEAD)).await;
            }
            turns.take().await
        };
        let over = async {
            match (end, start) {
                (None, _) => std::future::pending().await,
                // What arrives after the end is not sent; what arrives before it is, however late.
                (Some(end), Start::At(due)) if due < end => std::future::pending().await,
                (Some(_), Start::At(_)) => {}
                (Some(end), Start::Ready) => clock::until(end).await,
            }
        };
        let turn = tokio::select! {
            biased;
            () = course.stop.cancelled() => None,
            () = abort.cancelled() => None,
            () = over => {
                course.over.cancel();
                break;
            }
            turn = ready => Some(turn),
            () = &mut grown => None,
        };
        let (Some(turn), Some(lane)) = (turn, lanes.next()) else {
            ended = Dispatched::Stopped;
            break;
        };
        while let Some(joined) = tasks.try_join_next() {
            ended = worse(ended, joined, &mut enough, course);
        }
        let trial = match next {
            Next::At(_, trial) => trial,
            Next::Place => match feed.next(now().since(zero), &enough) {
                Some(trial) => trial,
                None => break,
            },
        };
        if let Start::At(due) = start {
            ahead.push_back(due);
            while ahead.front().is_some_and(|due| *due <= now()) {
                ahead.pop_front();
            }
        }
        if enough.is_too_much(tasks.len().saturating_sub(ahead.len())) {
            cut = true;
            break;
        }
        // What is under way may turn out cheaper than it could be.
        let ticket = loop {
            match enough.admit(course, &trial) {
                None if !tasks.is_empty() => tokio::select! {
                    biased;
                    () = abort.cancelled() => break None,
                    Some(joined) = tasks.join_next() => ended = worse(ended, joined, &mut enough, course),
                },
                admitted => break admitted,
            }
        };
        let Some(ticket) = ticket else { break };
        let asked = ask(Arc::clone(course), trial, start, turn, lane);
        tasks.spawn(async move { (asked.await, ticket) });
    }
    let until = now();
    loop {
        tokio::select! {
            biased;
            () = abort.cancelled() => {
                // First: a place that a dropped exchange leaves must not be taken by the next one, and that be sent.
                course.stop.cancel();
                tasks.shutdown().await;
                course.left().await;
                return Replayed { ended: Dispatched::Stopped, zero, until, cut };
            }
            () = &mut grown => {}
            joined = tasks.join_next() => match joined {
                Some(joined) => ended = worse(ended, joined, &mut enough, course),
                None => return Replayed { ended, zero, until, cut },
            },
        }
    }
}

fn worse(
    so_far: Dispatched,
    joined: Result<(Asked, super::enough::Ticket), JoinError>,
    enough: &mut Enough,
    course: &Course,
) -> Dispatched {
    match joined {
        Ok((asked, ticket)) => {
            enough.done(course, ticket);
            match asked {
                Asked::Recorded | Asked::Dropped => so_far,
                Asked::Left => Dispatched::Stopped,
            }
        }
        Err(error) => {
            // A bug; the trial stays in flight, and becomes unknown when the run goes on.
            tracing::error!(%error, "a trial's task failed");
            Dispatched::Stopped
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workload::arrival::Stair;

    #[test]
    fn getting_ready_does_not_count_against_the_limit() {
        let under_way =
            |arrival: &Arrival, limit| turns(arrival, limit).into_iter().map(|(_, n)| n).collect::<Vec<_>>();
        let poisson = Arrival::poisson(100.0);
        assert_eq!(under_way(&poisson, Some(32)), [132]);
        assert_eq!(under_way(&poisson, None), [MOST]);
        assert_eq!(under_way(&Arrival::constant(0.001), Some(1)), [2]);
        assert_eq!(under_way(&Arrival::closed(8), Some(4)), [5]);
        assert_eq!(under_way(&Arrival::closed(8), None), [9]);
        assert_eq!(under_way(&Arrival::closed(512), None), [544]);
        let stair = |s: u64, places| Stair { from: Duration::from_secs(s), places };
        let closed = Closed { stairs: vec![stair(0, 16), stair(5, 64)], ..Closed::default() };
        let ramp = Arrival { pattern: Pattern::Closed(closed), ..Arrival::closed(1) };
        assert_eq!(under_way(&ramp, Some(40)), [17, 42]);
    }
}
