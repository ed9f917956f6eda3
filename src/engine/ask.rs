//! One trial: reserve → connect → exchange → (again) → grade → record.

use super::account::{Account, Record, Refusal};
use super::pace::Pacer;
use super::unix_ms;
use crate::board::Live;
use crate::domain::{
    Answer, Charge, Cost, Exchange, Failure, Fault, Finding, Fingerprint, Item, Money, Nanos, Purpose, Sample, Timing,
    TrialKey, Verdict,
};
use crate::plan::{Scenario, Slo, StoreAnswers, Target};
use crate::pricing::{Price, Sharing};
use crate::provider::wire::{self, now};
use crate::store::{Intent, Keep};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// What all trials of one target in one run share.
pub(super) struct Course {
    pub(super) target: Arc<Target>,
    pub(super) account: Account,
    /// Whether the schedule is ours: then latency and SLO count from the scheduled instant.
    pub(super) open_loop: bool,
    sharing: Option<Mutex<Sharing>>,
    pacer: Option<Pacer>,
    /// Ends the dispatch; the first reason is kept.
    pub(super) stop: CancellationToken,
    reason: Mutex<Option<Refusal>>,
}

impl Course {
    pub(super) fn new(target: Arc<Target>, account: Account, open_loop: bool, stop: CancellationToken) -> Self {
        let sharing = match &target.price {
            Price::Rented(rented) => Some(Mutex::new(Sharing::new(rented.per_hour()))),
            Price::Tokens(_) | Price::Unpriced => None,
        };
        let pacer = target.limits.requests_per_minute.map(Pacer::per_minute);
        Self { target, account, open_loop, sharing, pacer, stop, reason: Mutex::new(None) }
    }

    fn refuse(&self, refusal: Refusal) {
        self.reason.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(refusal);
        self.stop.cancel();
    }

    /// Why the dispatch was ended from within, if it was.
    pub(super) fn reason(&self) -> Option<Refusal> {
        self.reason.lock().unwrap_or_else(PoisonError::into_inner).clone()
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

/// Asks one trial, attempt by attempt, and records the sample. A refusal (budget, store) ends the whole course.
pub(super) async fn ask(course: Arc<Course>, trial: Trial, start: Start) {
    if let Err(refusal) = attempts(&course, &trial, start).await {
        course.refuse(refusal);
    }
}

async fn attempts(course: &Course, trial: &Trial, start: Start) -> Result<(), Refusal> {
    let target = &course.target;
    let prompt = trial.scenario.template.render(&trial.item);
    let request = target.provider.request(&prompt);
    let held = target.worst(&prompt);
    let at_unix_ms = unix_ms();
    let (mut exchanges, mut hardware) = (Vec::new(), Money::ZERO);
    for attempt in 1.. {
        if let Some(pacer) = &course.pacer {
            tokio::time::sleep(pacer.turn(now())).await;
        }
        let intent = Intent {
            key: trial.key.clone(),
            cluster: trial.item.cluster.clone(),
            tags: trial.item.tags.clone(),
            provenance: provenance(target, &trial.scenario, None),
            attempt,
            purpose: trial.purpose,
            reserve: (target.price != Price::Unpriced).then_some(held),
            at_unix_ms,
        };
        // Neither may delay the send: both stand before the scheduled instant.
        let (granted, connected) = tokio::join!(course.account.reserve(intent), wire::connect(&target.endpoint));
        granted?;
        let scheduled = match start {
            Start::At(instant) => {
                tokio::time::sleep(instant.since(now()).into()).await;
                instant
            }
            Start::Ready => now(),
        };
        let entered = course.sharing.as_ref().map(|s| lock(s).enter(now()));
        let outcome = match connected {
            Ok(connection) => {
                connection.exchange(&target.endpoint, target.provider.as_ref(), request.clone(), scheduled).await
            }
            Err(fault) => unsent(scheduled, fault),
        };
        if let (Some(sharing), Some(entered)) = (&course.sharing, entered) {
            hardware += lock(sharing).leave(entered, now());
        }
        let wire::Outcome { timing, answer, fault, .. } = outcome;
        let charge = charge(&target.price, &timing, &answer.usage, fault.as_ref(), held);
        let exchange = Exchange { attempt, purpose: trial.purpose, timing, answer, fault, charge };
        match exchange.fault.as_ref().and_then(|f| pause(target, f, attempt)) {
            Some(wait) if !course.stop.is_cancelled() => {
                course.account.attempt(trial.key.clone(), exchange.clone(), held).await;
                exchanges.push(exchange);
                tokio::time::sleep(wait).await;
            }
            _ => {
                exchanges.push(exchange);
                break;
            }
        }
    }
    let record = record(course, trial, exchanges, hardware, held, at_unix_ms);
    course.account.record(record).await.map_err(Refusal::Store)
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

fn lock(sharing: &Mutex<Sharing>) -> std::sync::MutexGuard<'_, Sharing> {
    sharing.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What an exchange came to. Certainly nothing: it was never sent, or was refused with an error status.
fn charge(price: &Price, timing: &Timing, usage: &crate::domain::Usage, fault: Option<&Fault>, held: Money) -> Charge {
    let refused = fault.is_some_and(|f| f.status.is_some_and(|s| !(200..300).contains(&s)));
    if timing.send.is_none() || refused { Charge::Settled(Cost::ZERO) } else { price.charge(usage, held) }
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

fn record(
    course: &Course,
    trial: &Trial,
    exchanges: Vec<Exchange>,
    hardware: Money,
    held: Money,
    at_unix_ms: i64,
) -> Record {
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
        provenance: provenance(target, scenario, served),
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
