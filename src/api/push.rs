//! Pushes the metrics by OTLP/HTTP: every so often, and once more at the end.
//!
//! Reading them is what a scrape does, and sending waits for nobody who measures. There is one export at a time and no queue:
//! each is the whole state, so that the next one takes the place of one that did not get through. What is tried again, and
//! when, is as OpenTelemetry's protocol specification wants it.

use super::Facts;
use super::scrape::packed;
use crate::board::Since;
use crate::export::metrics::{Exports, gather};
use crate::export::otlp::{Asked, Export, Verdict, asked, resource};
use crate::plan::{OtlpPlan, Plan};
use crate::provider::wire::retry_after;
use crate::telemetry::spelled_out;
use bytes::Bytes;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// The first wait where the receiver names none; each try doubles it.
const FIRST_WAIT: Duration = Duration::from_secs(1);
/// The longest such wait.
const LONGEST_WAIT: Duration = Duration::from_secs(30);
/// What is waited at the most because a receiver asks for it.
const MOST_ASKED: Duration = Duration::from_secs(3600);
/// The most of an answer that is read, in bytes.
const ANSWER: usize = 64 * 1024;

/// How exports went, to be shown among the metrics.
#[derive(Debug, Default)]
pub struct Exported(Mutex<Exports>);

impl Exported {
    /// So far.
    #[must_use]
    pub fn so_far(&self) -> Exports {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn count(&self, add: impl FnOnce(&mut Exports)) {
        add(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

/// What pushes.
pub struct Push {
    /// Where metrics are read from.
    pub facts: Arc<dyn Facts>,
    /// Where exports are counted.
    pub exported: Arc<Exported>,
    /// When this process began, in milliseconds since the Unix epoch.
    pub process_unix_ms: i64,
    /// The name of this machine, where it has one.
    pub host: String,
    /// The time now, in nanoseconds since the Unix epoch.
    pub clock: fn() -> u64,
}

impl Push {
    /// Pushes as the plan in force says, until the stop; then once more.
    pub async fn run(self, mut plans: watch::Receiver<Arc<Plan>>, stop: CancellationToken) {
        loop {
            let plan = Arc::clone(&plans.borrow_and_update());
            let mut exporter = plan.otlp.as_ref().and_then(|otlp| Exporter::open(&self, &plan, otlp));
            tokio::select! {
                biased;
                () = stop.cancelled() => {
                    if let Some(exporter) = &mut exporter {
                        exporter.last().await;
                    }
                    return;
                }
                () = changed(&mut plans) => {}
                () = repeat(exporter.as_mut()) => {}
            }
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "only waiting is meant: nothing here is measured")]
fn now() -> Instant {
    Instant::now()
}

/// Returns when there is another plan; never where there will be none.
async fn changed(plans: &mut watch::Receiver<Arc<Plan>>) {
    if plans.changed().await.is_err() {
        std::future::pending::<()>().await;
    }
}

async fn repeat(exporter: Option<&mut Exporter<'_>>) {
    match exporter {
        Some(exporter) => exporter.repeat().await,
        None => std::future::pending().await,
    }
}

/// Pushes to one place.
struct Exporter<'a> {
    push: &'a Push,
    otlp: &'a OtlpPlan,
    client: reqwest::Client,
    resource: Arc<BTreeMap<String, String>>,
    asked: Arc<BTreeMap<String, Asked>>,
    /// Tries in a row that found nobody ready.
    tries: u32,
    /// Not before this, since the receiver asked for it.
    held: Option<Instant>,
    /// What was last told to people, so that it is told once.
    told: Option<String>,
}

impl<'a> Exporter<'a> {
    fn open(push: &'a Push, plan: &Plan, otlp: &'a OtlpPlan) -> Option<Self> {
        let client = match otlp.place.client() {
            Ok(client) => client,
            Err(error) => {
                tracing::error!("metrics are not pushed: {error}");
                return None;
            }
        };
        let resource = resource(&plan.store.url, &push.host, &otlp.resource);
        let (resource, asked) = (Arc::new(resource), Arc::new(asked(plan)));
        Some(Self { push, otlp, client, resource, asked, tries: 0, held: None, told: None })
    }

    /// One export after the other, for ever.
    async fn repeat(&mut self) {
        let mut due = now() + self.otlp.every;
        loop {
            tokio::time::sleep_until(due).await;
            let free = self.export(due + self.otlp.every).await;
            due = (due + self.otlp.every).max(free);
        }
    }

    /// The last one: tried again as others are, but within the timeout of one in all, since somebody waits for the end.
    async fn last(&mut self) {
        let until = now() + self.otlp.place.timeout;
        if self.held.is_some_and(|held| held >= until) {
            self.give_up("the receiver had asked for more time than there is at the end");
            return;
        }
        let export = async {
            if let Some(held) = self.held {
                tokio::time::sleep_until(held).await;
            }
            self.export(until).await
        };
        if tokio::time::timeout_at(until, export).await.is_err() {
            self.give_up("the time for the last export was over");
        }
    }

    /// Pushes the present state, and tries again until it is taken, refused, or would be late. Gives when the next may be.
    async fn export(&mut self, until: Instant) -> Instant {
        let Some(body) = self.body().await else {
            self.give_up("they could not be read");
            return now();
        };
        loop {
            let (verdict, after) = self.send(body.clone()).await;
            let why = match verdict {
                Verdict::Later(why) => why,
                settled => {
                    self.settle(settled);
                    (self.tries, self.held) = (0, None);
                    return now();
                }
            };
            let wait = after.map_or_else(|| self.backoff(), |after| after.min(MOST_ASKED));
            self.tries = self.tries.saturating_add(1);
            let again = now() + wait;
            self.held = after.map(|_| again);
            if again >= until {
                self.give_up(&why);
                return again;
            }
            tracing::debug!(wait = wait.as_secs_f64(), "metrics were not taken: {why}");
            tokio::time::sleep_until(again).await;
        }
    }

    /// Twice as long from try to try, and never quite the same, so that those that failed together don't come together.
    fn backoff(&self) -> Duration {
        let doubled = FIRST_WAIT.saturating_mul(1 << self.tries.min(16));
        doubled.min(LONGEST_WAIT).min(self.otlp.every).mul_f64(rand::random_range(0.8..1.2))
    }

    /// Counts what the receiver decided, and tells it.
    fn settle(&mut self, verdict: Verdict) {
        let exported = &self.push.exported;
        match verdict {
            Verdict::Taken(warning) => {
                exported.count(|all| all.ok += 1);
                match warning {
                    Some(warning) => self.tell(&format!("taken, with a warning: {warning}")),
                    None if self.told.take().is_some() => tracing::info!("metrics are taken again"),
                    None => {}
                }
            }
            Verdict::Partly(points, why) => {
                exported.count(|all| {
                    all.partial += 1;
                    all.rejected_points += points;
                });
                // Without their number, which may be another each time: it is counted.
                self.tell(&format!("taken in part only: {why}"));
            }
            Verdict::Refused(why) | Verdict::Later(why) => {
                exported.count(|all| all.refused += 1);
                self.tell(&format!("refused: {why}"));
            }
        }
    }

    fn give_up(&mut self, why: &str) {
        self.push.exported.count(|all| all.failed += 1);
        self.tell(&format!("not taken: {why}"));
    }

    /// Tells people what was not told last.
    fn tell(&mut self, what: &str) {
        let what = self.otlp.place.scrubbed(what);
        if self.told.as_ref() != Some(&what) {
            tracing::warn!("metrics pushed to {}: {what}", self.otlp.place.shown());
            self.told = Some(what);
        }
    }

    /// The present state as a request's body. Off the runtime's threads: it waits for the state's lock.
    async fn body(&self) -> Option<Bytes> {
        let (facts, resource, asked) =
            (Arc::clone(&self.push.facts), Arc::clone(&self.resource), Arc::clone(&self.asked));
        let (gzip, process_unix_ms, clock) = (self.otlp.gzip, self.push.process_unix_ms, self.push.clock);
        let made = tokio::task::spawn_blocking(move || {
            let (mut families, mut since, mut at_unix_nanos) = (None, Since::default(), 0);
            facts.view(&mut |view| {
                (since, at_unix_nanos) = (*view.board.since(), clock());
                families = gather(view, &|| true);
            });
            let export = Export {
                families: &families?,
                at_unix_nanos,
                since,
                process_unix_ms,
                resource: &resource,
                version: env!("CARGO_PKG_VERSION"),
                asked: &asked,
            };
            let message = export.encode();
            if gzip { packed(&message) } else { Some(message) }
        });
        made.await.ok().flatten().map(Bytes::from)
    }

    /// One request. Whoever can't be reached, or does not answer in time, is tried again.
    async fn send(&self, body: Bytes) -> (Verdict, Option<Duration>) {
        let mut request = self.client.post(self.otlp.place.url.clone());
        request = request.header("content-type", "application/x-protobuf");
        if self.otlp.gzip {
            request = request.header("content-encoding", "gzip");
        }
        let mut response = match request.body(body).send().await {
            Ok(response) => response,
            Err(error) => return (Verdict::Later(spelled_out(error)), None),
        };
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let mut answer = Vec::new();
        // An answer that breaks off or has no end has been given with its status.
        while let Ok(Some(piece)) = response.chunk().await {
            if answer.len() + piece.len() > ANSWER {
                break;
            }
            answer.extend_from_slice(&piece);
        }
        (Verdict::of(status, &answer), retry_after(&headers, jiff::Timestamp::now()))
    }
}
