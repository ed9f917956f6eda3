//! One trial: reserve → connect → exchange → (again) → grade → record.

use super::account::{Account, Granted, Record, Refusal};
use super::pace::Pacer;
use super::unix_ms;
use crate::board::Live;
use crate::domain::{
    Answer, Charge, Cost, Exchange, Failure, Fault, Finding, Fingerprint, Item, Money, Name, Nanos, Purpose, Sample,
    Timing, TrialKey, Usage, Verdict,
};
use crate::plan::{Scenario, Slo, StoreAnswers, Target};
use crate::pricing::{Price, Sharing};
use crate::provider::wire::{self, now};
use crate::store::{Intent, Keep};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio_util::sync::CancellationToken;

/// How a run is told from within to send nothing more, and why: one target's trouble with budget or store is every
/// target's.
#[derive(Debug, Default)]
pub(super) struct Brake {
    /// Cancelled from without (drain) or within.
    pub(super) stop: CancellationToken,
    reason: Mutex<Option<Refusal>>,
}

impl Brake {
    pub(super) fn new(stop: CancellationToken) -> Self {
        Self { stop, reason: Mutex::new(None) }
    }

    /// Stops; the first reason is kept.
    fn pull(&self, refusal: Refusal) {
        locked(&self.reason).get_or_insert(refusal);
        self.stop.cancel();
    }

    /// Why the dispatch was ended from within, if it was.
    pub(super) fn reason(&self) -> Option<Refusal> {
        locked(&self.reason).clone()
    }
}

/// What all trials of one target in one run share.
pub(super) struct Course {
    pub(super) target: Arc<Target>,
    pub(super) account: Account,
    /// Whether the schedule is ours: then latency and SLO count from the scheduled instant.
    pub(super) open_loop: bool,
    sharing: Option<Mutex<Sharing>>,
    pacer: Option<Pacer>,
    /// The places in flight: taken just before the send, since a trial is got ready (reserved, connected) before it.
    gate: Option<Semaphore>,
    pub(super) brake: Arc<Brake>,
    /// Cancelled when the workload's own duration is over: what waits for a place is not sent any more.
    pub(super) over: CancellationToken,
    /// Fingerprints by scenario and served model: the same few for all trials.
    provenances: Mutex<BTreeMap<(Name, Option<String>), Fingerprint>>,
}

impl Course {
    /// `in_flight` is how many exchanges there may be at once.
    pub(super) fn new(
        target: Arc<Target>,
        account: Account,
        (open_loop, in_flight): (bool, Option<usize>),
        brake: Arc<Brake>,
    ) -> Self {
        let sharing = match &target.price {
            Price::Rented(rented) => Some(Mutex::new(Sharing::new(rented.per_hour()))),
            Price::Tokens(_) | Price::Unpriced => None,
        };
        let pacer = target.limits.requests_per_minute.map(Pacer::per_minute);
        let gate = in_flight.map(|n| Semaphore::new(n.min(Semaphore::MAX_PERMITS)));
        Self {
            target,
            account,
            open_loop,
            sharing,
            pacer,
            gate,
            brake,
            over: CancellationToken::new(),
            provenances: Mutex::default(),
        }
    }

    /// Sleeps; false where nothing more is to be sent meanwhile.
    async fn wait(&self, time: Duration) -> bool {
        tokio::select! {
            biased;
            () = self.brake.stop.cancelled() => false,
            () = tokio::time::sleep(time) => true,
        }
    }

    fn provenance(&self, scenario: &Scenario, served: Option<&str>) -> Fingerprint {
        let key = (scenario.name.clone(), served.map(str::to_owned));
        let made = || provenance(&self.target, scenario, served);
        locked(&self.provenances).entry(key).or_insert_with(made).clone()
    }
}

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

/// How long a connection may wait for its place in flight.
const FRESH: Nanos = Nanos(4_000_000_000);

/// Asks one trial, attempt by attempt, and records the sample. A refusal (budget, store) stops the whole run.
///
/// `turn` is dropped when there is nothing more to ask: the next trial gets ready while this one is recorded, and its
/// intent is committed along with this sample.
pub(super) async fn ask<T>(course: Arc<Course>, trial: Trial, start: Start, turn: T) -> Asked {
    match attempts(&course, &trial, start, turn).await {
        Ok(asked) => asked,
        // The run is stopping already, for a reason of its own.
        Err(Refusal::Stopping) => Asked::Left,
        Err(refusal) => {
            course.brake.pull(refusal);
            Asked::Left
        }
    }
}

/// What was done for a trial so far.
struct Tried {
    exchanges: Vec<Exchange>,
    hardware: Money,
    at_unix_ms: i64,
}

async fn attempts<T>(course: &Course, trial: &Trial, start: Start, turn: T) -> Result<Asked, Refusal> {
    let target = &course.target;
    let prompt = trial.scenario.template.render(&trial.item);
    let request = target.provider.request(&prompt);
    let held = target.worst(&prompt);
    let mut tried = Tried { exchanges: Vec::new(), hardware: Money::ZERO, at_unix_ms: unix_ms() };
    for attempt in 1.. {
        let turn = course.pacer.as_ref().map_or(Duration::ZERO, |pacer| pacer.turn(now()));
        if !course.wait(turn).await {
            return break_off(course, trial, tried, Refusal::Stopping).await;
        }
        let intent = Intent {
            key: trial.key.clone(),
            cluster: trial.item.cluster.clone(),
            tags: trial.item.tags.clone(),
            provenance: course.provenance(&trial.scenario, None),
            attempt,
            purpose: trial.purpose,
            reserve: (target.price != Price::Unpriced).then_some(held),
            at_unix_ms: tried.at_unix_ms,
        };
        let Ready { granted, place, connected } = match ready(course, intent, start).await {
            Ok(Some(ready)) => ready,
            Ok(None) => return Ok(Asked::Dropped),
            Err(refusal) => return break_off(course, trial, tried, refusal).await,
        };
        let scheduled = match start {
            Start::At(instant) => {
                tokio::time::sleep(instant.since(now()).into()).await;
                instant
            }
            Start::Ready => now(),
        };
        granted.used();
        let entered = course.sharing.as_ref().map(|s| locked(s).enter(now()));
        let outcome = match connected {
            Ok(connection) => {
                connection.exchange(&target.endpoint, target.provider.as_ref(), request.clone(), scheduled).await
            }
            Err(fault) => unsent(scheduled, fault),
        };
        drop(place);
        if let (Some(sharing), Some(entered)) = (&course.sharing, entered) {
            tried.hardware += locked(sharing).leave(entered, now());
        }
        let wire::Outcome { timing, answer, fault, client_lag, .. } = outcome;
        let timing = Timing { client_lag, ..timing };
        let charge = charge(&target.price, &timing, &answer.usage, fault.as_ref(), held);
        let exchange = Exchange { attempt, purpose: trial.purpose, timing, answer, fault, charge };
        let again = exchange.fault.as_ref().and_then(|f| pause(target, f, attempt));
        let Some(wait) = again else {
            tried.exchanges.push(exchange);
            break;
        };
        course.account.attempt(trial.key.clone(), exchange.clone(), held).await?;
        tried.exchanges.push(exchange);
        if !course.wait(wait).await {
            return break_off(course, trial, tried, Refusal::Stopping).await;
        }
    }
    drop(turn);
    course.account.record(record(course, trial, tried, Some(held))).await?;
    Ok(Asked::Recorded)
}

/// An attempt that may be sent at once.
struct Ready<'a> {
    granted: Granted,
    place: Option<SemaphorePermit<'a>>,
    connected: Result<wire::Connected, Fault>,
}

/// Gets an attempt ready to be sent: reserve, connection, and a place in flight. None of them may delay the send, so
/// all stand before the scheduled instant. In closed loop the instant is when a place becomes free: reserve and
/// connection stand before that too, so that a place is never empty for want of them.
/// None where the workload's duration was over before a place was free.
async fn ready(course: &Course, intent: Intent, start: Start) -> Result<Option<Ready<'_>>, Refusal> {
    let stop = &course.brake.stop;
    let endpoint = &course.target.endpoint;
    let first = intent.attempt == 1;
    let Some(gate) = &course.gate else {
        let (granted, connected) = tokio::join!(course.account.reserve(intent, stop), wire::connect(endpoint));
        return Ok(Some(Ready { granted: granted?, place: None, connected }));
    };
    let place = async {
        tokio::select! {
            biased;
            () = stop.cancelled() => None,
            place = gate.acquire() => place.ok(),
        }
    };
    match start {
        Start::Ready => {
            let (granted, connected) = tokio::join!(course.account.reserve(intent, stop), wire::connect(endpoint));
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
            let connected = match connected {
                // Servers close what stays silent for long.
                Ok(old) if old.age() > FRESH => wire::connect(endpoint).await,
                connected => connected,
            };
            Ok(Some(Ready { granted, place: Some(place), connected }))
        }
        Start::At(instant) => {
            let connected = wire::connect(endpoint).await;
            tokio::time::sleep(instant.since(now()).since(COMMIT).into()).await;
            // The reserve comes last: the gate may be closed for long.
            let Some(place) = place.await else { return Err(Refusal::Stopping) };
            let granted = course.account.reserve(intent, stop).await?;
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
    course.account.record(record(course, trial, tried, None)).await?;
    Ok(Asked::Recorded)
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

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What an exchange came to. Certainly nothing: it was never sent, or was refused with an error status. An error event
/// may carry a status too, but comes in a stream that was begun and may be billed.
fn charge(price: &Price, timing: &Timing, usage: &Usage, fault: Option<&Fault>, held: Money) -> Charge {
    let refused = fault.is_some_and(|f| {
        f.kind != Failure::InStreamError && f.status.is_some_and(|status| !(200..300).contains(&status))
    });
    match price {
        // Not even nothing: a row of failures must not look as if it had cost 0.
        Price::Unpriced => Charge::Unpriced,
        _ if timing.send.is_none() || refused => Charge::Settled(Cost::ZERO),
        price => price.charge(usage, held),
    }
}

/// How long to wait before the next attempt; none where there is none. Connect failures, 429 and 503 are tried again:
/// they say nothing of the model. `Retry-After` is honoured; where it asks for more than is accepted, we give up.
fn pause(target: &Target, fault: &Fault, attempt: u32) -> Option<Duration> {
    let again = matches!(fault.kind, Failure::Dns | Failure::Connect | Failure::Tls | Failure::TimeoutConnect)
        || fault.kind == Failure::RateLimited
        || fault.status == Some(503);
    if !again || attempt >= target.retry.attempts {
        return None;
    }
    let doubled = target.retry.backoff.saturating_mul(1 << (attempt - 1).min(16));
    match fault.retry_after {
        Some(asked) => (asked <= target.retry.longest).then_some(asked),
        None => Some(doubled.min(target.retry.longest)),
    }
}

/// Everything that a figure's origin depends on.
fn provenance(target: &Target, scenario: &Scenario, served: Option<&str>) -> Fingerprint {
    Fingerprint::of(&[
        ("scenario", scenario.fingerprint.as_str()),
        ("api", target.api),
        ("model", &target.model),
        ("served", served.unwrap_or("")),
        ("sampling", &format!("{:?}", target.sampling)),
        ("body", &target.body),
        ("price", &target.price.fingerprint()),
        ("assayd", env!("CARGO_PKG_VERSION")),
    ])
}

fn record(course: &Course, trial: &Trial, tried: Tried, held: Option<Money>) -> Record {
    let Tried { exchanges, hardware, at_unix_ms } = tried;
    let Trial { key, item, scenario, .. } = trial;
    let target = &course.target;
    let last = exchanges.last();
    let finding = match last {
        Some(exchange) if exchange.is_success() => scenario.scorer.grade(item, &exchange.answer),
        _ => Finding::bare(Verdict::Failed, "exchange/failed"),
    };
    let inside = last.is_some_and(|e| e.is_success() && inside(target.slo.as_ref(), e, course.open_loop));
    let served = last.and_then(|e| e.answer.model.as_deref());
    let live =
        Live { inside: target.slo.as_ref().map(|_| inside), good: inside && finding.verdict == Verdict::Correct };
    let sample = Sample {
        key: key.clone(),
        cluster: item.cluster.clone(),
        tags: item.tags.clone(),
        provenance: course.provenance(scenario, served),
        at_unix_ms,
        exchanges,
        finding,
        hardware,
    };
    let keep = match target.store_answers {
        StoreAnswers::Yes => Keep::Text,
        StoreAnswers::Hash => Keep::Hash,
        StoreAnswers::No => Keep::Nothing,
    };
    let grader = Fingerprint::of(&[("scorer", &scenario.scorer.fingerprint())]);
    Record { sample: Box::new(sample), held, keep, grader, live }
}

/// Whether a success is inside every limit of the SLO that is set; without an SLO every success is.
fn inside(slo: Option<&Slo>, exchange: &Exchange, open_loop: bool) -> bool {
    let Some(Slo { first_token, per_output_token, total }) = slo else { return true };
    let t = &exchange.timing;
    let (first, whole) = if open_loop { (t.ttft_scheduled(), t.e2e_scheduled()) } else { (t.ttft(), t.e2e()) };
    let within = |limit: &Option<Duration>, value: Option<Nanos>| {
        limit.is_none_or(|limit| value.is_none_or(|v| Duration::from(v) <= limit))
    };
    within(first_token, first) && within(total, whole) && within(per_output_token, t.tpot(exchange.tokens_out().0))
}
