//! One trial: for each turn (when the target may be asked → reserve → connect → exchange → again?), then grade → record.

use super::account::{Granted, Refusal};
use super::audit::audit;
use super::clock;
use super::course::{Course, locked};
use super::drawing::Drawing;
use super::grade::grade;
use super::ledger::Denied;
use super::limits::{Gate, Need, Ticket, came, is_dead, pause, used};
use super::places::Place;
use super::sample::{Tried, charge, record};
use super::talk::Talk;
use crate::domain::{Answer, Exchange, Failure, Fault, Item, Money, Nanos, Prompt, Purpose, Timing, TrialKey};
use crate::plan::{Scenario, Target};
use crate::pricing::{Entered, Price};
use crate::provider::wire::{self, Departure, now};
use crate::provider::{Provider, Request};
use crate::store::Intent;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use tokio::runtime::Handle;
use tokio::sync::OwnedSemaphorePermit;
use tokio_util::task::AbortOnDropHandle;

/// One item to be asked once.
#[derive(Clone)]
pub(super) struct Trial {
    pub(super) key: TrialKey,
    pub(super) item: Arc<Item>,
    pub(super) scenario: Arc<Scenario>,
    pub(super) purpose: Purpose,
}

/// When a trial is to be sent.
#[derive(Debug, Clone, Copy)]
pub(super) enum Start {
    /// At this instant; the connection stands before it.
    At(Nanos),
    /// As soon as reserve and connection stand.
    Ready,
}

/// What lets a trial be got ready, until nothing more is to be asked for it.
pub(super) trait Turn: Send + Sync {
    /// One more may be got ready at the same time: a place was empty for want of it.
    fn another(&self) {}
}

impl Turn for () {}
impl Turn for OwnedSemaphorePermit {}

impl Turn for Place {
    fn another(&self) {
        Self::another(self);
    }
}

/// What came of asking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    /// There is a sample of it.
    Recorded,
    /// There is none: it is still to be asked.
    Left,
    /// There is none, and need not be: the workload's duration was over before its place was free.
    Dropped,
}

/// Time for the intent's commit before the scheduled instant, where it has to wait for the gate.
const COMMIT: Nanos = Nanos(50_000_000);

/// A place that is empty for longer shows that too few are got ready (1 ms).
const EMPTY: Nanos = Nanos(1_000_000);

/// How long a connection may wait before it is used.
const FRESH: Nanos = Nanos(4_000_000_000);

/// Asks one trial on a lane, turn by turn and attempt by attempt, grades the answers and records the sample. A refusal
/// (budget, store) stops the whole run.
///
/// `turn` is dropped when there is nothing more to ask: the next trial gets ready while this one is recorded, and its
/// intent is committed along with this sample. Where sends have instants of their own, none waits on its lane for the
/// grading of others.
///
/// It begins with this call, not when what it gives is polled: trials are asked in the order in which they are handed out.
pub(super) fn ask<T: Turn + 'static>(
    course: Arc<Course>,
    trial: Trial,
    start: Start,
    turn: T,
    lane: &Handle,
) -> impl Future<Output = Asked> + Send + use<T> {
    let talking = talking(&course, trial, start, turn, lane);
    async move {
        let (trial, heard) = outcome(talking).await;
        let asked = match heard {
            // In a box of its own, as all that is large and not there while the exchange goes on: thousands may at once.
            Ok(Heard::Answers(tried, held)) => Box::pin(finish(&course, &trial, *tried, held)).await,
            Ok(Heard::All(asked)) => Ok(asked),
            Err(refusal) => Err(refusal),
        };
        match asked {
            Ok(asked) => asked,
            // The run is stopping already, for a reason of its own.
            Err(Refusal::Stopping) => Asked::Left,
            Err(refusal) => {
                course.brake.pull(refusal);
                Asked::Left
            }
        }
    }
}

/// A conversation on its lane. (Not `async`: whoever waits for a task would have room for all of it a second time.)
fn talking(
    course: &Arc<Course>,
    trial: Trial,
    start: Start,
    turn: impl Turn + 'static,
    lane: &Handle,
) -> AbortOnDropHandle<(Trial, Result<Heard, Refusal>)> {
    let tracker = &course.on_lanes;
    let course = Arc::clone(course);
    AbortOnDropHandle::new(lane.spawn(tracker.track_future(async move {
        let heard = conversation(&course, &trial, start, turn).await;
        (trial, heard)
    })))
}

/// What a conversation has come to.
enum Heard {
    /// Answers that are to be graded and recorded, and what is held for the last one.
    Answers(Box<Tried>, Option<Money>),
    /// Nothing more is to be done.
    All(Asked),
}

/// What came of a task on a lane.
async fn outcome<T>(task: AbortOnDropHandle<T>) -> T {
    match task.await {
        Ok(outcome) => outcome,
        // A bug; it ends this trial's task too, whose outcome then becomes unknown.
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            // The lane ends, and all on it.
            Err(_) => std::future::pending().await,
        },
    }
}

/// Grades the answers of a trial, and records its sample.
async fn finish(course: &Course, trial: &Trial, mut tried: Tried, mut held: Option<Money>) -> Result<Asked, Refusal> {
    let finding = grade(course, trial, &mut tried, &mut held).await?;
    audit(course, &tried.exchanges);
    course.account.record(record(course, trial, tried, held, finding)).await?;
    Ok(Asked::Recorded)
}

async fn conversation(course: &Course, trial: &Trial, mut start: Start, turn: impl Turn) -> Result<Heard, Refusal> {
    wire::aside().await;
    let mut tried = Tried::new();
    let mut talk = Talk::new(trial);
    let mut seat = None;
    loop {
        let question = Question::new(course, trial, &talk);
        let more = || turn.another();
        let (exchange, held) = match one_turn(course, trial, &question, start, (&mut seat, &mut tried), &more).await {
            Ok(Some(ended)) => ended,
            Ok(None) => return Ok(Heard::All(Asked::Dropped)),
            Err(refusal) => return Box::pin(break_off(course, trial, tried, refusal)).await.map(Heard::All),
        };
        let Some(think) = talk.hear(&exchange) else {
            tried.add(exchange);
            let waits = trial.scenario.judge.is_some() || trial.scenario.sandbox.is_some();
            if course.open_loop && !waits {
                drop((seat, turn));
                return Ok(Heard::Answers(Box::new(tried), held));
            }
            // Of those that wait for a judge or a program there is a bound: slow ones hold the load back rather than
            // collect. They wait here, since judges are asked from a lane.
            let _judging = if waits { course.judging.acquire().await.ok() } else { None };
            drop((seat, turn));
            return Box::pin(finish(course, trial, tried, held)).await.map(Heard::All);
        };
        let due = now().plus(think.into());
        if let Some(held) = held {
            Box::pin(course.account.attempt(trial.key.clone(), Exchange::clone(&exchange), held)).await?;
        }
        tried.add(exchange);
        // The schedule of an open loop goes on with it; in a closed loop the user takes the time, and then asks.
        start = if course.open_loop { Start::At(due) } else { Start::Ready };
        if !course.open_loop && !course.wait(due.since(now()).into()).await {
            return Box::pin(break_off(course, trial, tried, Refusal::Stopping)).await.map(Heard::All);
        }
    }
}

/// What is asked in a turn, and what that may use.
pub(super) struct Question<'a> {
    turn: u32,
    provider: &'a Arc<dyn Provider>,
    request: Request,
    held: Money,
    need: Need,
}

impl<'a> Question<'a> {
    fn new(course: &'a Course, trial: &Trial, talk: &Talk<'_>) -> Self {
        Self::of(&course.target, course.target.asked_as(trial.key.repeat), talk.prompt(), talk.turn())
    }

    /// A prompt for a target, by one of its protocols.
    pub(super) fn of(target: &Target, provider: &'a Arc<dyn Provider>, prompt: Prompt, turn: u32) -> Self {
        let need = Need {
            input: target.input_bound(&prompt),
            // Between English (some 4 bytes a token) and Chinese (some 2 to 3).
            likely_input: prompt.bytes().div_ceil(3),
            output: prompt.limit(&target.sampling).unwrap_or(0).into(),
        };
        Self { turn, provider, request: provider.request(&prompt), held: target.worst(&prompt), need }
    }
}

/// Takes one turn through its attempts. Gives the last one, which is not recorded yet, and what is held for it; earlier
/// ones are recorded, and in `tried`. In a closed loop a conversation keeps its seat, the place in flight, from turn to
/// turn. None where the workload's duration was over before the trial was sent at all.
pub(super) async fn one_turn(
    course: &Course,
    trial: &Trial,
    question: &Question<'_>,
    start: Start,
    (seat, tried): (&mut Option<Place>, &mut Tried),
    more: &(dyn Fn() + Send + Sync),
) -> Result<Option<(Box<Exchange>, Option<Money>)>, Refusal> {
    let target = &course.target;
    let mut pass = None;
    for nth in 1.. {
        let attempt = u32::try_from(tried.exchanges.len() + 1).unwrap_or(u32::MAX);
        if let (Some(breaker), None) = (&course.breaker, &pass) {
            let Some(gate) = Box::pin(course.unless_over(tried, breaker.enter(&course.stop))).await else {
                return Ok(None);
            };
            pass = match gate {
                Gate::Open(pass) => Some(pass),
                Gate::Stopping => return Err(Refusal::Stopping),
                Gate::GivenUp => {
                    course.give_up();
                    return Err(Refusal::Stopping);
                }
                Gate::Shut => return Ok(Some((Box::new(unasked(course, trial, question, start, attempt)), None))),
            };
        }
        let intent = Intent {
            key: trial.key.clone(),
            cluster: trial.item.cluster.clone(),
            tags: trial.item.tags.clone(),
            provenance: course.provenance(&trial.scenario, None),
            attempt,
            turn: question.turn,
            purpose: trial.purpose,
            reserve: (target.price != Price::Unpriced).then_some(question.held),
            at_unix_ms: tried.at_unix_ms,
        };
        // In a box of its own, as all that is large and not there while the exchange goes on: thousands may at once.
        let Some(Ready { granted, place, connected }) = Box::pin(ready(course, intent, start, seat.take())).await?
        else {
            return Ok(None);
        };
        if place.as_ref().is_some_and(|place| place.empty > EMPTY) {
            more();
        }
        // Last of all, so that what was learned meanwhile counts.
        let due = match start {
            Start::At(instant) => instant,
            Start::Ready => now(),
        };
        let turn = Box::pin(course.unless_over(tried, course.throttle.turn(due, question.need, &course.stop))).await;
        let Some(Some(ticket)) = turn else {
            Box::pin(granted.withdraw()).await?;
            return if turn.is_none() { Ok(None) } else { Err(Refusal::Stopping) };
        };
        let mut connected = connected;
        // Servers close what stays silent for long.
        if connected.as_mut().is_ok_and(|old| old.age() > FRESH || !old.stands()) {
            connected = Box::pin(course.connect()).await;
        }
        // In a box: it is over when the exchange begins, and its room would be there as long as that.
        let leave = Box::pin(leave(start, ticket.at, granted, course.drawing.clone()));
        let (outcome, entered) = match connected {
            Ok(connection) => outcome(stream(course, question, connection, leave)).await,
            Err(fault) => {
                let (Departure { scheduled, at }, entered) = leave.await;
                clock::until(at).await;
                (unsent(scheduled, fault), entered)
            }
        };
        let exchange = exchanged(course, question, (attempt, trial.purpose), outcome, &ticket);
        // A user who talks with the target stays where he is: the next one begins when he has ended.
        *seat = place.filter(|_| !course.open_loop);
        if let (Some(drawing), Some(entered)) = (&course.drawing, entered) {
            tried.share = tried.share + locked(drawing).leave(entered, now());
        }
        let dead = exchange.fault.as_ref().filter(|fault| is_dead(fault, &target.retry));
        if let (Some(breaker), None) = (&course.breaker, dead) {
            breaker.alive();
        }
        let again = exchange.fault.as_ref().and_then(|fault| pause(&target.retry, fault, nth));
        let Some(wait) = again else {
            if let (Some(pass), Some(fault)) = (pass, dead) {
                pass.dead(fault);
            }
            return Ok(Some((exchange, Some(question.held))));
        };
        drop(seat.take());
        Box::pin(course.account.attempt(trial.key.clone(), Exchange::clone(&exchange), question.held)).await?;
        tried.add(exchange);
        if !course.wait(wait).await {
            return Err(Refusal::Stopping);
        }
    }
    Err(Refusal::Stopping)
}

/// What came of an attempt, and what it cost; told to the target's limits. (Not in the loop above: a conversation would have
/// room for each of its parts for as long as it lasts, and thousands last at once.)
fn exchanged(
    course: &Course,
    question: &Question<'_>,
    (attempt, purpose): (u32, Purpose),
    outcome: wire::Outcome,
    ticket: &Ticket,
) -> Box<Exchange> {
    let target = &course.target;
    let wire::Outcome { timing, answer, fault, rate_headers, client_lag, .. } = outcome;
    let timing = Timing { client_lag, ..timing };
    let charge = charge(target, &timing, &answer, fault.as_ref(), question.held);
    if charge.worst() > question.held {
        // The account will say so when this is recorded; by then others would have been sent in its place.
        course.brake.pull(Refusal::Budget(Denied::Overrun));
    }
    let exchange = Box::new(Exchange { attempt, turn: question.turn, purpose, timing, answer, fault, charge });
    course.throttle.ended(ticket, used(&exchange), came(&exchange, &target.retry), &rate_headers);
    exchange
}

/// An attempt that may be sent at once.
struct Ready {
    granted: Granted,
    place: Option<Place>,
    connected: Result<Box<wire::Connected>, Fault>,
}

/// Gets an attempt ready to be sent: reserve, connection, and a place in flight. None of them may delay the send, so
/// all stand before the scheduled instant. In closed loop the instant is when a place becomes free: reserve and
/// connection stand before that too, so that a place is never empty for want of them.
/// None where the workload's duration was over before a place was free.
async fn ready(course: &Course, intent: Intent, start: Start, seat: Option<Place>) -> Result<Option<Ready>, Refusal> {
    let stop = &course.stop;
    let first = intent.attempt == 1;
    let Some(gate) = &course.gate else {
        let (granted, connected) = tokio::join!(course.account.reserve(intent, stop), course.connect());
        wire::aside().await;
        return Ok(Some(Ready { granted: granted?, place: None, connected }));
    };
    let place = async {
        if seat.is_some() {
            return seat;
        }
        tokio::select! {
            biased;
            () = stop.cancelled() => None,
            place = gate.take() => Some(place),
        }
    };
    match start {
        Start::Ready => {
            // Whoever leaves his place leaves his connection too: where there is one for every place, none more is made.
            let early =
                async { if course.connections.count() < gate.most() { Some(course.connect().await) } else { None } };
            let (granted, early) = tokio::join!(course.account.reserve(intent, stop), early);
            let granted = granted?;
            let place = tokio::select! {
                biased;
                // One that was tried already is to end as it would have.
                () = course.over.cancelled(), if first => {
                    granted.withdraw().await?;
                    return Ok(None);
                }
                place = place => place,
            };
            let Some(place) = place else {
                granted.withdraw().await?;
                return Err(Refusal::Stopping);
            };
            let connected = match early {
                Some(connected) => connected,
                None => course.connect().await,
            };
            Ok(Some(Ready { granted, place: Some(place), connected }))
        }
        Start::At(instant) => {
            let connected = course.connect().await;
            clock::about(instant.since(now()).since(COMMIT)).await;
            // The reserve comes last: the gate may be closed for long.
            let Some(place) = place.await else { return Err(Refusal::Stopping) };
            let granted = course.account.reserve(intent, stop).await?;
            wire::aside().await;
            Ok(Some(Ready { granted, place: Some(place), connected }))
        }
    }
}

/// Nothing more may be sent for this trial. One that was tried already stays open in the store and is asked again when
/// the run goes on; where the run is over (budget), what it came to so far is its sample, so that its cost counts.
async fn break_off(course: &Course, trial: &Trial, tried: Tried, refusal: Refusal) -> Result<Asked, Refusal> {
    if !matches!(refusal, Refusal::Stopping) {
        course.brake.pull(refusal);
    }
    if tried.exchanges.is_empty() || !course.brake.reason().is_some_and(|reason| reason.is_final()) {
        return Ok(Asked::Left);
    }
    course.account.record(record(course, trial, tried, None, None)).await?;
    Ok(Asked::Recorded)
}

/// Says when a request is to be sent, shortly before it.
type Leave = Pin<Box<dyn Future<Output = (Departure, Option<Entered>)> + Send>>;

/// Returns shortly before a request is to be sent, which is not before `earliest`. From here on only what came of it
/// settles its intent; where this is dropped before, the intent is withdrawn.
async fn leave(
    start: Start,
    earliest: Nanos,
    granted: Granted,
    drawing: Option<Arc<Mutex<Drawing>>>,
) -> (Departure, Option<Entered>) {
    let departure = match start {
        // Waiting for the target's limits shows as lag: the schedule is not moved.
        Start::At(scheduled) => {
            let at = scheduled.max(earliest);
            clock::near(at).await;
            Departure { scheduled, at }
        }
        Start::Ready => {
            clock::until(earliest).await;
            Departure::now()
        }
    };
    granted.used();
    (departure, drawing.map(|drawing| locked(&drawing).enter(now())))
}

/// The exchange itself, as a task of its own on this lane: every token wakes it, and what a token touches of it is then
/// small and together, rather than spread over all that waits for its end.
fn stream(
    course: &Course,
    question: &Question<'_>,
    connection: Box<wire::Connected>,
    leave: Leave,
) -> AbortOnDropHandle<(wire::Outcome, Option<Entered>)> {
    let (target, provider) = (Arc::clone(&course.target), Arc::clone(question.provider));
    let request = question.request.clone();
    AbortOnDropHandle::new(tokio::spawn(course.on_lanes.track_future(async move {
        let mut entered = None;
        let leave = async {
            let (departure, drawing) = leave.await;
            entered = drawing;
            departure
        };
        let outcome = connection.exchange(&target.endpoint, provider.as_ref(), request, leave).await;
        (outcome, entered)
    })))
}

/// The outcome where no connection came about.
fn unsent(scheduled: Nanos, fault: Fault) -> wire::Outcome {
    let timing = Timing { scheduled, ..Timing::default() };
    wire::Outcome {
        timing,
        answer: Answer::default(),
        fault: Some(fault),
        status: None,
        client_lag: None,
        rate_headers: Vec::new(),
    }
}

/// The exchange of a trial that was not asked, since its target is dead.
fn unasked(course: &Course, trial: &Trial, question: &Question<'_>, start: Start, attempt: u32) -> Exchange {
    let scheduled = match start {
        Start::At(instant) => instant,
        Start::Ready => now(),
    };
    let fault = Fault::new(Failure::CircuitOpen, "not asked: the target has failed too often just now");
    let wire::Outcome { timing, answer, fault, .. } = unsent(scheduled, fault);
    let charge = charge(&course.target, &timing, &answer, fault.as_ref(), Money::ZERO);
    Exchange { attempt, turn: question.turn, purpose: trial.purpose, timing, answer, fault, charge }
}
