//! The plan: the whole configuration, resolved and built, before a cent is spent.
//!
//! The one place that calls every `KINDS` (but the report formats'). Nothing in a [`Plan`] can be wrong any more:
//! names resolve, secrets are fetched, items are loaded, prices are bounds.

use crate::domain::{Fingerprint, Money, Name, Sampling, Tags};
use crate::pricing::Price;
use crate::provider::Provider;
use crate::provider::wire::Endpoint;
use crate::scoring::Scorer;
use crate::workload::Items;
use crate::workload::arrival::Workload;
use crate::workload::template::Template;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

/// The whole of a configuration.
pub struct Plan {
    /// `/metrics`, page and API.
    pub server: ServerPlan,
    /// Where samples are kept.
    pub store: StorePlan,
    /// Hard limit over all runs of a UTC day; none where not set.
    pub budget_per_day: Option<Money>,
    /// Every target, in the order of the file.
    pub targets: Vec<Arc<Target>>,
    /// Every scenario, in the order of the file.
    pub scenarios: Vec<Arc<Scenario>>,
    /// Every run, in the order of the file.
    pub runs: Vec<Arc<RunPlan>>,
}

/// `[server]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerPlan {
    /// Addresses to listen on.
    pub listen: Vec<SocketAddr>,
}

/// `[store]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StorePlan {
    /// `sqlite:///path/to/file.db`.
    pub url: String,
    /// Finished samples older than this are deleted; none keeps them.
    pub keep_for: Option<Duration>,
    /// Above this many bytes, the oldest finished samples are deleted; none has no bound.
    pub keep_bytes: Option<u64>,
}

/// `[target.NAME]`.
pub struct Target {
    /// Its name, a metric label.
    pub name: Name,
    /// The protocol's name.
    pub api: &'static str,
    /// The protocol.
    pub provider: Arc<dyn Provider>,
    /// Address, key, proxy, TLS, timeouts.
    pub endpoint: Endpoint,
    /// The model's name as the endpoint knows it.
    pub model: String,
    /// How answers are drawn.
    pub sampling: Sampling,
    /// Extra body fields, as JSON text (part of the provenance).
    pub body: String,
    /// What may be asked of it.
    pub limits: Limits,
    /// When an attempt is repeated.
    pub retry: Retry,
    /// What it costs.
    pub price: Price,
    /// What is fast enough; none where not declared.
    pub slo: Option<Slo>,
    /// Whether answers are kept.
    pub store_answers: StoreAnswers,
    /// Tokens that the chat template may add to the prompt's bytes at the most: part of the reserve's bound.
    pub template_tokens: u64,
}

/// `limits = { … }`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Limits {
    /// Most exchanges in flight.
    pub concurrency: Option<u32>,
    /// Most requests a minute.
    pub requests_per_minute: Option<u32>,
}

/// `retry = { … }`: connect failures, 429 and 503 are tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retry {
    /// Attempts in all, from 1.
    pub attempts: u32,
    /// The wait before the second attempt, doubled each time; `Retry-After` wins.
    pub backoff: Duration,
    /// The longest wait that is accepted, whoever asks for it.
    pub longest: Duration,
}

/// `slo = { … }`: goodput counts answers inside all of the limits that are set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Slo {
    /// Time to first token (scheduled form in open loop).
    pub first_token: Option<Duration>,
    /// Time per output token.
    pub per_output_token: Option<Duration>,
    /// The whole answer.
    pub total: Option<Duration>,
}

/// `store_answers = true | false | "hash"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StoreAnswers {
    /// Keep the text.
    Yes,
    /// Keep nothing of it (the extracted answer neither).
    No,
    /// Keep SHA-256 of it.
    Hash,
}

/// `[scenario.NAME]`.
pub struct Scenario {
    /// Its name, a metric label.
    pub name: Name,
    /// What is asked.
    pub items: Items,
    /// How an item becomes a prompt.
    pub template: Template,
    /// How answers are graded.
    pub scorer: Arc<dyn Scorer>,
    /// Every tag combination its items can have, so that labels are closed before a run.
    pub strata: Vec<Tags>,
    /// Rows of the data file that were skipped, as messages.
    pub bad_rows: Vec<String>,
    /// Items, template and scorer.
    pub fingerprint: Fingerprint,
}

/// `[[run]]`.
pub struct RunPlan {
    /// Its name; `run-1`, `run-2`, … where not given.
    pub name: Name,
    /// Whom to ask; one after the other, unless `parallel`.
    pub targets: Vec<Arc<Target>>,
    /// What to ask.
    pub scenarios: Vec<Arc<Scenario>>,
    /// How items arrive and when to stop.
    pub workload: Workload,
    /// How often the daemon repeats it; none runs it once.
    pub every: Option<Duration>,
    /// Hard limit of one execution; none has only the day's.
    pub budget: Option<Money>,
    /// Ask targets at the same time: faster, and right where they share no hardware.
    pub parallel: bool,
    /// Ask trials again whose outcome is unknown (killed in flight): they may be billed twice.
    pub retry_unknown: bool,
    /// Everything that makes two executions the same plan; a killed run is resumed only under the same.
    pub fingerprint: Fingerprint,
}
