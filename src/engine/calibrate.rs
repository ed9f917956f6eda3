//! This machine's own error and ceiling: bursts through the real pipeline against the calibration endpoint, compared
//! with what the endpoint itself saw and did.
//!
//! The endpoint runs as a child process, on a core of its own where there is one. The bursts are reserved, sent, graded
//! and recorded like any other exchanges, under the purpose `calibration`, into a store in memory that is thrown away:
//! nothing of them enters the user's ledger or figures.

mod cores;
mod endpoint;

use super::account::{Account, Beginning};
use super::ask::Trial;
use super::course::{Brake, Course};
use super::enough::Enough;
use super::lanes::Lanes;
use super::replay::{Dispatched, Feed, in_flight, replay};
use super::unix_ms;
use crate::board::{Calibrated, Calibration, Errors, Level, Timeline};
use crate::config::Source;
use crate::domain::{Fingerprint, Item, Nanos, Purpose, Sample, Split, Tags, Timing, TrialKey};
use crate::plan::{self, Plan, RunPlan, Scenario, Treatment};
use crate::stats::nearest_rank;
use crate::store::{self, Access, Query, StoreError};
use crate::workload::Items;
use crate::workload::arrival::{Arrival, Pattern};
use crate::workload::template::Template;
use cores::{Apart, allowed};
use endpoint::{Mock, Truth};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Why there is no calibration.
#[derive(Debug, Clone, thiserror::Error)]
pub enum CalibrateError {
    /// The endpoint does not come up.
    #[error("the calibration endpoint could not be started: {0}")]
    Start(String),
    /// It does not say what it did.
    #[error("the calibration endpoint does not tell the truth: {0}")]
    Truth(String),
    /// The burst could not be set up, or did not get through.
    #[error("the burst did not get through: {0}")]
    Burst(String),
    /// The store in memory.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A calibration that is not older than this, of this version and boot, is not repeated before a run.
const FRESH_MS: i64 = 3_600_000;
/// From so many in flight on, a closed loop is calibrated for.
pub const BUSY: u32 = 16;
/// The most streams of the short form.
const SHORT_STREAMS: u32 = 64;
/// The most levels beyond those asked for, each with twice the tokens.
const MORE: u32 = 4;
/// Time to first token of all bursts.
const TTFT: Duration = Duration::from_millis(50);
/// Time from token to token of a burst, unless it is to be faster.
const INTERVAL: Duration = Duration::from_millis(10);
/// What the answers say does not matter here: nothing is graded, which would take patterns that the run itself may not need.
const CONFIG: &str = r#"
[store]
url = "sqlite::memory:"
[target.mock]
api = "openai-chat"
url = "http://ADDRESS/v1"
model = "mock"
proxy = false
sampling = { max_tokens = 4096 }
price.tokens = { input = "0 USD", output = "0 USD" }
[scenario.sums]
generator = { kind = "tasks", domains = ["add"], seed = 1, count = 1 }
scorer = "none"
[workload.burst]
arrival = { kind = "closed", concurrency = 1 }
[[run]]
name = "calibration"
targets = ["mock"]
scenarios = ["sums"]
workload = "burst"
"#;

/// One burst.
#[derive(Debug, Clone, Copy)]
struct Burst {
    streams: u32,
    /// Answers of each stream.
    rounds: u32,
    /// Of each answer.
    tokens: u32,
    interval: Duration,
}

/// Calibrates in full: each number of streams, and, as long as that holds, faster and faster tokens. `found` hears of
/// every level at once.
///
/// # Errors
/// [`CalibrateError`], when the endpoint or the pipeline does not do its part.
pub async fn full(
    program: &Path,
    lanes: &Lanes,
    streams: &[u32],
    mut found: impl FnMut(&Level),
) -> Result<Calibration, CalibrateError> {
    let bench = Bench::open(program).await?;
    let mut levels = Vec::new();
    for streams in streams {
        let burst = Burst { streams: *streams, rounds: 2, tokens: 96, interval: INTERVAL };
        levels.push(bench.level(lanes, burst).await?);
        levels.last().into_iter().for_each(&mut found);
    }
    for step in 1..=MORE {
        let Some(last) = levels.last().filter(|level| level.holds()) else { break };
        let burst = Burst { streams: last.streams, rounds: 2, tokens: 96 << step, interval: INTERVAL / (1 << step) };
        levels.push(bench.level(lanes, burst).await?);
        levels.last().into_iter().for_each(&mut found);
    }
    Ok(bench.calibration(levels).await)
}

/// Calibrates in short, within about half a second: one burst.
///
/// # Errors
/// As [`full`].
pub async fn short(program: &Path, lanes: &Lanes, streams: u32) -> Result<Calibration, CalibrateError> {
    let bench = Bench::open(program).await?;
    let burst = Burst { streams: streams.clamp(1, SHORT_STREAMS), rounds: 1, tokens: 32, interval: INTERVAL };
    let level = bench.level(lanes, burst).await?;
    Ok(bench.calibration(vec![level]).await)
}

/// What a run is to know of this machine: the calibration of the last hour, a new one in short, or why there is none.
pub(super) async fn before(
    program: Option<&Path>,
    lanes: &Lanes,
    plan: &RunPlan,
    last: Option<Calibration>,
) -> Option<Calibrated> {
    let program = program?;
    if !plan.calibrate {
        return None;
    }
    let streams = match &plan.workload.arrival.pattern {
        Pattern::Closed(closed) if closed.peak() < BUSY => return None,
        Pattern::Closed(closed) => closed.peak(),
        Pattern::Open(_) | Pattern::Recorded(_) | Pattern::Sweep(_) => SHORT_STREAMS,
    };
    if let Some(last) = last.filter(|last| is_fresh(last, unix_ms())) {
        return Some(Calibrated::Measured(last));
    }
    if std::thread::available_parallelism().is_ok_and(|cores| cores.get() == 1) {
        let why = "only one core may be used: the endpoint's errors would be among ours, and the run would begin late";
        return Some(Calibrated::Skipped(why.into()));
    }
    Some(match short(program, lanes, streams).await {
        Ok(calibration) => Calibrated::Measured(calibration),
        Err(error) => Calibrated::Skipped(error.to_string()),
    })
}

fn is_fresh(last: &Calibration, now_unix_ms: i64) -> bool {
    let Calibration { version, boot: of, at_unix_ms, apart: _, levels } = last;
    let age = now_unix_ms.saturating_sub(*at_unix_ms);
    version == env!("CARGO_PKG_VERSION") && *of == boot() && (0..FRESH_MS).contains(&age) && !levels.is_empty()
}

/// This boot of this machine, as its kernel calls it; empty where that is not told.
fn boot() -> String {
    std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default().trim().to_owned()
}

/// The endpoint, a plan to ask it by, and an account in memory.
struct Bench {
    mock: Mock,
    plan: Plan,
    store: Arc<dyn store::Store>,
    account: Account,
    /// Keeps us off the endpoint's core.
    apart: Option<Apart>,
}

impl Bench {
    async fn open(program: &Path) -> Result<Self, CalibrateError> {
        let core = Some(allowed(None)).filter(|cores| cores.len() > 1).and_then(|cores| cores.last().copied());
        let mock = Mock::start(program, core).await?;
        let text = CONFIG.replace("ADDRESS", &mock.address.to_string());
        let plan = plan::build(&Source::inline("calibration", &text)).map_err(|problems| {
            let told: Vec<String> = problems.iter().map(ToString::to_string).collect();
            CalibrateError::Burst(told.join("; "))
        })?;
        let store = store::open(&plan.store.url, Access::Write).await?;
        let account = Account::open(Arc::clone(&store), None).await?;
        Ok(Self { mock, plan, store, account, apart: core.map(Apart::from) })
    }

    /// What was found, put together.
    async fn calibration(self, levels: Vec<Level>) -> Calibration {
        let Self { mock, account, apart, .. } = self;
        account.close().await;
        drop(mock);
        Calibration {
            version: env!("CARGO_PKG_VERSION").into(),
            boot: boot(),
            at_unix_ms: unix_ms(),
            apart: apart.is_some(),
            levels,
        }
    }

    async fn level(&self, lanes: &Lanes, burst: Burst) -> Result<Level, CalibrateError> {
        let Burst { streams, rounds, tokens, interval } = burst;
        let settings = serde_json::json!({
            "ttft": format!("{}us", TTFT.as_micros()),
            "itl": format!("{}us", interval.as_micros()),
            "tokens": tokens,
        });
        self.mock.set(settings.to_string()).await?;
        let samples = self.burst(lanes, streams, streams.saturating_mul(rounds)).await?;
        let truth = self.mock.truth().await?;
        Ok(compared(burst, &samples, &truth))
    }

    async fn burst(&self, lanes: &Lanes, streams: u32, count: u32) -> Result<Vec<Sample>, CalibrateError> {
        let (Some(target), Some(given)) = (self.plan.targets.first(), self.plan.scenarios.first()) else {
            return Err(CalibrateError::Burst("there is nobody to ask".into()));
        };
        let now = unix_ms();
        let row =
            self.store.begin("calibration", &Fingerprint::of(&[("calibration", &now.to_string())]), 0, now).await?;
        let run = row.id;
        let spent = self.store.spent(Some(run), 0).await?;
        self.account.begin(Beginning { row, open_loop: false, limit: None, spent }).await;
        let scenario = Arc::new(sums(given, count));
        let Items::Fixed(items) = &scenario.items else {
            return Err(CalibrateError::Burst("there is nothing to ask".into()));
        };
        let trials: Vec<Trial> = items
            .iter()
            .map(|item| Trial {
                key: TrialKey {
                    run,
                    target: target.name.clone(),
                    scenario: scenario.name.clone(),
                    item: item.id.clone(),
                    repeat: 0,
                },
                item: Arc::clone(item),
                scenario: Arc::clone(&scenario),
                purpose: Purpose::Calibration,
            })
            .collect();
        let arrival = Arrival::closed(streams);
        let places = (false, in_flight(&arrival, None, 0));
        let course = Course::new(Arc::clone(target), self.account.clone(), places, Arc::new(Brake::default()));
        let course = Arc::new(course);
        let (feed, abort) = (Feed::new(trials.into_iter()), CancellationToken::new());
        let replayed = replay(&course, lanes, feed, (&arrival, 0), Enough::default(), &abort).await;
        if replayed.ended != Dispatched::Done {
            let why = course.brake.reason().map_or_else(|| "it was stopped".into(), |reason| reason.to_string());
            return Err(CalibrateError::Burst(why));
        }
        self.account.finish(run, "calibration", "complete").await?;
        let query = Query { run: Some(run), limit: count, ..Query::default() };
        Ok(self.store.samples(query).await?.into_iter().map(|recorded| recorded.sample).collect())
    }
}

/// So many sums, each another one.
fn sums(given: &Scenario, count: u32) -> Scenario {
    let general: Arc<str> = "general".into();
    let tags = Tags::new(Arc::clone(&general), general, "en", Split::Fresh);
    let item = |n: u32| {
        let answer = (u64::from(n) + 1).to_string();
        Item::question(&n.to_string(), format!("{n}+1="), vec![answer], tags.clone())
    };
    Scenario {
        name: given.name.clone(),
        items: Items::Fixed((0..count).map(|n| Arc::new(item(n))).collect()),
        origin: "the calibration".into(),
        template: Template::default(),
        average: None,
        scorer: Arc::clone(&given.scorer),
        scorer_kind: given.scorer_kind,
        grade: given.grade,
        think: None,
        repeats: 1,
        judge: None,
        sandbox: None,
        strata: vec![tags],
        bad_rows: Vec::new(),
        asked: Fingerprint::of(&[]),
        treatment: Treatment::default(),
        fingerprint: Fingerprint::of(&[("calibration", "sums")]),
    }
}

/// Holds what was measured against what was true.
fn compared(burst: Burst, samples: &[Sample], truth: &[Truth]) -> Level {
    let Burst { streams, rounds: _, tokens, interval } = burst;
    let answers: Vec<(&Timing, u64)> = samples
        .iter()
        .filter_map(Sample::last)
        .filter(|e| e.is_success())
        .map(|e| (&e.timing, e.tokens_out().0))
        .collect();
    let of = |read: fn(&Timing) -> Option<Nanos>| answers.iter().filter_map(|(t, _)| Some(read(t)?.0)).collect();
    let gaps = answers.iter().flat_map(|(t, _)| t.gaps.iter().copied()).collect();
    let ours: [Vec<u64>; 3] = [of(Timing::ttft), gaps, of(Timing::e2e)];
    let mut theirs: [Vec<u64>; 3] = Default::default();
    for Truth { outcome: _, received_ns, first_ns, gaps_ns } in truth.iter().filter(|t| t.outcome == "completed") {
        let Some(ttft) = first_ns.map(|first| first.saturating_sub(*received_ns)) else { continue };
        let gaps: Vec<u64> = gaps_ns.split(' ').filter_map(|gap| gap.parse().ok()).collect();
        let [first, between, whole] = &mut theirs;
        first.push(ttft);
        whole.push(ttft + gaps.iter().sum::<u64>());
        between.extend(gaps);
    }
    let mut pairs = ours.into_iter().zip(theirs).map(|(mut ours, mut theirs)| {
        ours.sort_unstable();
        theirs.sort_unstable();
        [0.5, 0.99].map(|q| Some(at(&ours, q)? / at(&theirs, q)? - 1.0).filter(|e| e.is_finite()))
    });
    let mut next = || pairs.next().unwrap_or_default();
    let ([ttft_p50, ttft_p99], [gap_p50, gap_p99], [e2e_p50, e2e_p99]) = (next(), next(), next());
    let mut lags: Vec<u64> = answers.iter().filter_map(|(t, _)| Some(t.client_lag?.0)).collect();
    lags.sort_unstable();
    let planned = Nanos::from(interval).seconds() * f64::from(tokens.saturating_sub(1));
    let taken: f64 = answers.iter().filter_map(|(t, _)| Some(t.last?.since(t.first?).seconds())).sum();
    #[expect(clippy::cast_precision_loss, reason = "a share")]
    let delivered = if taken > 0.0 { (planned * answers.len() as f64 / taken).min(1.0) } else { 0.0 };
    let count = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
    Level {
        streams,
        token_interval: Nanos::from(interval).seconds(),
        answers: count(answers.len()),
        failed: count(samples.len() - answers.len()),
        errors: Errors { ttft_p50, ttft_p99, gap_p50, gap_p99, e2e_p50, e2e_p99 },
        client_lag_p99: at(&lags, 0.99).map(|nanos| nanos / 1e9),
        tokens_per_second: rate(&answers),
        delivered,
    }
}

/// The quantile of sorted nanoseconds.
#[expect(clippy::cast_precision_loss, reason = "far below 2^53 ns")]
fn at(sorted: &[u64], q: f64) -> Option<f64> {
    let rank = nearest_rank(q, u64::try_from(sorted.len()).ok()?)?;
    sorted.get(usize::try_from(rank).ok()?.checked_sub(1)?).map(|nanos| *nanos as f64)
}

/// Tokens per second over the steady window, or else over all of the burst.
fn rate(answers: &[(&Timing, u64)]) -> f64 {
    let (mut timeline, mut tokens) = (Timeline::default(), 0);
    let mut span: Option<(Nanos, Nanos)> = None;
    for (t, n) in answers {
        let (Some(send), Some(first), Some(last)) = (t.send, t.first, t.last) else { continue };
        timeline.add((send, t.end.unwrap_or(last)), *n, (first, last));
        tokens += n;
        span = Some(span.map_or((send, last), |(from, to)| (from.min(send), to.max(last))));
    }
    let whole = span.map_or(0.0, |(from, to)| to.since(from).seconds());
    #[expect(clippy::cast_precision_loss, reason = "a rate for display")]
    let whole = if whole > 0.0 { tokens as f64 / whole } else { 0.0 };
    timeline.steady().map_or(whole, |steady| steady.tokens_per_second)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Answer, Charge, Exchange, Failure, Fault, Finding, Money, Name, RunId, Share, Usage, Verdict};

    const MS: u64 = 1_000_000;

    fn sample(ttft: u64, gap: u64, failed: bool) -> Sample {
        let at = |n: u64| Some(Nanos(1_000 * MS + n));
        let timing = Timing {
            scheduled: Nanos(1_000 * MS),
            send: at(0),
            first: at(ttft),
            last: at(ttft + 2 * gap),
            end: at(ttft + 2 * gap),
            events: 3,
            gaps: vec![gap; 2],
            client_lag: Some(Nanos(70_000)),
            ..Timing::default()
        };
        let exchange = Exchange {
            attempt: 1,
            turn: 0,
            purpose: Purpose::Calibration,
            timing,
            answer: Answer { usage: Usage { output: Some(3), ..Usage::default() }, ..Answer::default() },
            fault: failed.then(|| Fault::new(Failure::Connect, "refused")),
            charge: Charge::Unpriced { bound: Money::ZERO },
        };
        let tags = Tags::new("d", "c", "en", Split::Fresh);
        let name = |text: &str| Name::new(text).unwrap();
        let item = crate::domain::ItemId::new("i");
        Sample {
            key: TrialKey { run: RunId(1), target: name("mock"), scenario: name("s"), item: item.clone(), repeat: 0 },
            cluster: item,
            tags,
            provenance: Fingerprint::of(&[]),
            at_unix_ms: 0,
            exchanges: vec![exchange],
            judged: Vec::new(),
            finding: Finding::bare(Verdict::Correct, "test"),
            share: Share::default(),
        }
    }

    fn truth(ttft: u64, gap: u64) -> Truth {
        let gaps_ns = format!("{gap} {gap}");
        Truth { outcome: "completed".into(), received_ns: 5, first_ns: Some(5 + ttft), gaps_ns }
    }

    const BURST: Burst = Burst { streams: 2, rounds: 1, tokens: 3, interval: INTERVAL };

    #[test]
    fn errors_are_relative_to_what_the_endpoint_did() {
        let samples = [sample(101 * MS / 2, 10 * MS, false), sample(101 * MS / 2, 10 * MS, false)];
        let level = compared(BURST, &samples, &[truth(50 * MS, 10 * MS), truth(50 * MS, 10 * MS)]);
        let near = |found: Option<f64>, error: f64| (found.unwrap() - error).abs() < 1e-12;
        let Errors { ttft_p50, ttft_p99, gap_p99, e2e_p99, .. } = level.errors;
        assert!(near(ttft_p50, 0.01) && near(ttft_p99, 0.01) && near(gap_p99, 0.0), "{level:?}");
        assert!(near(e2e_p99, 0.5 / 70.0), "{level:?}");
        assert_eq!((level.delivered, level.client_lag_p99, level.answers, level.failed), (1.0, Some(7e-5), 2, 0));
        assert!(level.holds() && level.tokens_per_second > 0.0, "{level:?}");
    }

    #[test]
    fn late_tokens_failures_and_silence_do_not_hold() {
        let late = compared(BURST, &[sample(50 * MS, 11 * MS, false)], &[truth(50 * MS, 11 * MS)]);
        assert!((late.delivered - 10.0 / 11.0).abs() < 1e-12 && !late.holds(), "{late:?}");
        let failed = compared(BURST, &[sample(50 * MS, 10 * MS, true)], &[truth(50 * MS, 10 * MS)]);
        assert_eq!((failed.failed, failed.errors.ttft_p99, failed.holds()), (1, None, false));
        assert_eq!(compared(BURST, &[], &[]).errors, Errors::default());
    }

    #[test]
    fn an_old_calibration_or_one_of_another_boot_or_version_is_not_fresh() {
        let now = 10 * FRESH_MS;
        let last = Calibration {
            version: env!("CARGO_PKG_VERSION").into(),
            boot: boot(),
            at_unix_ms: now - 1,
            apart: true,
            levels: vec![compared(BURST, &[], &[])],
        };
        assert!(is_fresh(&last, now));
        assert!(!is_fresh(&last, now + FRESH_MS) && !is_fresh(&last, now - 10));
        assert!(!is_fresh(&Calibration { boot: "another".into(), ..last.clone() }, now));
        assert!(!is_fresh(&Calibration { version: "0.0.0".into(), ..last.clone() }, now));
    }
}
