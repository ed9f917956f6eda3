//! The plan: the whole configuration, resolved and built, before a cent is spent.
//!
//! The one place that calls every `KINDS` (but the report formats'). Nothing in a [`Plan`] can be wrong any more:
//! names resolve, secrets are fetched, items are loaded, prices are bounds.

mod adaptive;
mod arena;
mod average;
mod conversation;
mod estimate;
mod items;
mod metrics;
mod otlp;
mod policy;
mod prices;
mod programs;
mod run;
mod scenario;
mod service;
mod target;
mod tools;

pub use crate::config::matches;
pub use adaptive::{Adaptive, Foretold, Ground, foretell, nanos};
pub use arena::{ArenaPlan, Token};
pub use conversation::Grade;
pub use estimate::{Estimate, RULE, estimate, worst};
pub use items::{Duplicates, Treatment};
pub use metrics::{MetricsPlan, Off, SERIES_CAP};
pub use otlp::OtlpPlan;
pub use policy::{Circuit, Limits, Retry};

use crate::board::AverageRule;
use crate::config::{self, Conversion, Currency, Problem, Section, Source};
use crate::domain::{Fingerprint, Money, Name, Prompt, Sampling, Tags};
use crate::pricing::tokenizer::Tokenizer;
use crate::pricing::{Carbon, Price, PriceBook, Shelf};
use crate::provider::wire::Endpoint;
use crate::provider::{PromptCache, Provider};
use crate::sandbox::Sandbox;
use crate::scoring::Scorer;
use crate::telemetry::Metered;
use crate::workload::template::Template;
use crate::workload::think::Think;
use crate::workload::{Items, Workload};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

/// The whole of a configuration.
pub struct Plan {
    /// `/metrics`, page and API.
    pub server: ServerPlan,
    /// Where samples are kept.
    pub store: StorePlan,
    /// What is exported.
    pub metrics: MetricsPlan,
    /// Where metrics are pushed to; none where nobody asked for it.
    pub otlp: Option<OtlpPlan>,
    /// Hard limit over all runs of a UTC day; none where not set.
    pub budget_per_day: Option<Money>,
    /// Every target, in the order of the file.
    pub targets: Vec<Arc<Target>>,
    /// Every scenario, in the order of the file.
    pub scenarios: Vec<Arc<Scenario>>,
    /// Every run, in the order of the file.
    pub runs: Vec<Arc<RunPlan>>,
    /// The price book; empty where the file names none.
    pub book: PriceBook,
    /// Declared rates.
    pub currencies: Vec<Currency>,
    /// Amounts that were given in another currency than USD.
    pub conversions: Vec<Conversion>,
    /// What is right but perhaps not meant.
    pub warnings: Vec<Problem>,
}

/// Builds the plan of a configuration: reads it whole, loads its data, fetches its secrets.
///
/// # Errors
/// All problems at once, each with its place and, where there is one, a hint.
pub fn build(source: &Source) -> Result<Plan, Vec<Problem>> {
    config::read(source, whole)
}

/// `[server]` alone, whatever the rest says: no data is loaded, and no secret fetched.
///
/// # Errors
/// The problems of that section, or of a text that can't be read at all.
pub fn server(source: &Source) -> Result<ServerPlan, Vec<Problem>> {
    let mut found = None;
    let read = config::read(source, |root| {
        found = service::server(root, false);
        found.clone()
    });
    // What this does not read is not unknown.
    let problems = read.err().into_iter().flatten();
    found.ok_or_else(|| problems.filter(|p| p.field.is_empty() || p.field.starts_with("server")).collect())
}

/// Every field that [`build`] asked for (`target.NAME.url`, `run[].every`), for the reference's test.
#[must_use]
pub fn fields(source: &Source) -> std::collections::BTreeSet<String> {
    config::fields(source, whole)
}

fn whole(root: &Section<'_>) -> Option<Plan> {
    // First, since amounts everywhere else may be in them.
    let currencies = root.currencies("currency");
    let server = service::server(root, true);
    let store = service::store(root);
    let metrics = metrics::build(root);
    let otlp = otlp::build(root);
    let budget_per_day = service::budget(root);
    let calibrate = service::calibration(root);
    let carbon = root.section("carbon").and_then(|section| Carbon::everywhere(&section));
    let today = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date();
    let scenarios = Named::all(root, "scenario", scenario::build);
    let repeats = scenarios.iter().filter_map(|s| Some(s.built.as_ref()?.repeats)).max().unwrap_or(1);
    let book = prices::book(root, &currencies);
    let shelf = Shelf { book: book.as_ref(), today };
    let targets = Named::all(root, "target", |section| target::build(section, &shelf, repeats, carbon.as_ref()));
    judges_are_there(root, &scenarios, &targets);
    let workloads = Named::all(root, "workload", Workload::build);
    let known = run::Known {
        per_day: budget_per_day.flatten(),
        targets: &targets,
        scenarios: &scenarios,
        workloads: &workloads,
        calibrate: calibrate.unwrap_or(false),
    };
    let runs = run::all(root, &known);
    for currency in currencies.iter().filter(|c| c.as_of > today) {
        root.warn("currency", format!("the rate of {} is of a day to come: {}", currency.code, currency.as_of), None);
    }
    Some(Plan {
        server: server?,
        store: store?,
        metrics: metrics?,
        otlp: otlp?,
        budget_per_day: budget_per_day?,
        targets: Named::built(targets)?,
        scenarios: Named::built(scenarios)?,
        runs: runs?,
        book: book?,
        currencies,
        conversions: root.conversions(),
        warnings: root.take_warnings(),
    })
}

/// Tells of scenarios whose judge is no target.
fn judges_are_there(root: &Section<'_>, scenarios: &[Named<Scenario>], targets: &[Named<Target>]) {
    for scenario in scenarios.iter().filter_map(|scenario| scenario.built.as_ref()) {
        let Some(judge) = scenario.judge.as_ref().map(Name::as_str) else { continue };
        if targets.iter().any(|target| target.name == judge) {
            continue;
        }
        let near = config::suggest(judge, targets.iter().map(|target| target.name.as_str()));
        let hint = near.map(|near| format!("did you mean \"{near}\"?"));
        let sections = root.named("scenario");
        let own = sections.iter().find(|section| section.name() == scenario.name.as_str());
        if let Some(table) = own.and_then(|section| section.section("scorer")) {
            table.problem("target", format!("there is no target {judge:?}"), hint);
        }
    }
}

/// A named part of the configuration; none where it has problems, though its name is known all the same.
struct Named<T> {
    name: String,
    built: Option<Arc<T>>,
}

impl<T> Named<T> {
    fn all(root: &Section<'_>, key: &'static str, build: impl Fn(&Section<'_>) -> Option<T>) -> Vec<Self> {
        let sections = root.named(key);
        let build = |s: &Section<'_>| Self { name: s.name().to_owned(), built: build(s).map(Arc::new) };
        sections.iter().map(build).collect()
    }

    fn built(all: Vec<Self>) -> Option<Vec<Arc<T>>> {
        all.into_iter().map(|n| n.built).collect()
    }
}

/// A section's name as a [`Name`].
fn name_of(section: &Section<'_>) -> Option<Name> {
    Name::new(section.name()).map_err(|e| section.problem_here(e.to_string(), None)).ok()
}

/// `[server]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerPlan {
    /// Addresses to listen on.
    pub listen: Vec<SocketAddr>,
    /// The page where people vote on stored answers.
    pub arena: ArenaPlan,
    /// Who is shown samples: what was asked, and what was answered.
    pub samples: ShowSamples,
}

/// `samples = true | false`, or by where is listened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShowSamples {
    /// Whoever can reach the server.
    Everybody,
    /// Whoever is on this machine: a browser that asks for a loopback address by its own name, through nobody else.
    Local,
    /// Nobody.
    Nobody,
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
#[derive(Clone)]
pub struct Target {
    /// Its name, a metric label.
    pub name: Name,
    /// The protocol's name.
    pub api: &'static str,
    /// Where it is, as the configuration says (part of the provenance); it holds no secret.
    pub url: String,
    /// The protocol.
    pub provider: Arc<dyn Provider>,
    /// The same for the second, third, … time that an item is asked, where a sampling seed is set: each has its own.
    pub reseeded: Vec<Arc<dyn Provider>>,
    /// Address, key, proxy, TLS, timeouts.
    pub endpoint: Endpoint,
    /// The model's name as the endpoint knows it.
    pub model: String,
    /// How answers are drawn.
    pub sampling: Sampling,
    /// Extra body fields, as JSON text (part of the provenance).
    pub body: String,
    /// What is asked of the endpoint's prompt cache (part of the provenance).
    pub prompt_cache: PromptCache,
    /// What may be asked of it.
    pub limits: Limits,
    /// When an attempt is repeated.
    pub retry: Retry,
    /// When a dead target is let alone; none never.
    pub circuit: Option<Circuit>,
    /// What it costs.
    pub price: Price,
    /// What its energy and its hardware emit; none where nobody said.
    pub carbon: Option<Carbon>,
    /// The service tier that its body asks for; none where it asks for none.
    pub tier: Option<String>,
    /// What is fast enough; none where not declared.
    pub slo: Option<Slo>,
    /// Whether answers are kept.
    pub store_answers: StoreAnswers,
    /// The same target asked for one token; none where it is that itself.
    pub probe: Option<Arc<Target>>,
    /// Counts tokens here too, to hold the provider's count against; none where nothing was named.
    pub tokenizer: Option<Arc<Tokenizer>>,
    /// Tokens that the chat template may add to the prompt's bytes at the most: part of the reserve's bound.
    pub template_tokens: u64,
    /// What looks at the hardware and the server behind it, and what of that is this target's.
    pub meters: Vec<Metered>,
}

/// Tokens that a chat template may add to each message (role and separators); the widest common ones take 5.
const MESSAGE_TOKENS: u64 = 8;

impl Target {
    /// The most input tokens a prompt can come to: no tokenizer gives more tokens than UTF-8 bytes, and the template
    /// adds at most what is declared, plus a little for each message.
    #[must_use]
    pub fn input_bound(&self, prompt: &Prompt) -> u64 {
        let messages = u64::try_from(prompt.messages.len()).unwrap_or(u64::MAX);
        prompt.bytes().saturating_add(self.template_tokens).saturating_add(messages.saturating_mul(MESSAGE_TOKENS))
    }

    /// The protocol as an item is asked for the n-th time, from 0.
    #[must_use]
    pub fn asked_as(&self, repeat: u32) -> &Arc<dyn Provider> {
        let again = (repeat as usize).checked_sub(1).and_then(|n| self.reseeded.get(n));
        again.unwrap_or(&self.provider)
    }

    /// The most that one exchange can cost, retries apart: what a budget must hold before it is sent. Zero where there
    /// is no price by token or request.
    #[must_use]
    pub fn worst(&self, prompt: &Prompt) -> Money {
        self.worst_after(prompt, 0)
    }

    /// The same where the prompt has so many tokens more, such as earlier answers that are not known yet.
    fn worst_after(&self, prompt: &Prompt, more: u64) -> Money {
        let input = self.input_bound(prompt).saturating_add(more);
        self.price.worst(input, prompt.limit(&self.sampling).unwrap_or(0).into())
    }
}

/// `slo = { … }`: goodput counts answers inside all of the limits that are set.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Slo {
    /// Time to first token (scheduled form in open loop).
    pub first_token: Option<Duration>,
    /// Time per output token.
    pub per_output_token: Option<Duration>,
    /// The whole answer.
    pub total: Option<Duration>,
    /// The share of what is asked that is to be answered inside all of them.
    pub goal: f64,
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
    /// Where the items come from, for people: `jsonl data/a.jsonl`, `generator tasks`.
    pub origin: String,
    /// How an item becomes a prompt.
    pub template: Template,
    /// How the domains make up one figure, where each is to weigh the same; none where every answer does.
    pub average: Option<AverageRule>,
    /// How answers are graded.
    pub scorer: Arc<dyn Scorer>,
    /// Which turns of a conversation are graded.
    pub grade: Grade,
    /// The time before the next turn of a conversation; none is none.
    pub think: Option<Think>,
    /// How often each item is asked.
    pub repeats: u32,
    /// The target that judges, by name, where the scorer wants one.
    pub judge: Option<Name>,
    /// Where programs run that the scorer wants to have run; none where it wants none.
    pub sandbox: Option<Sandbox>,
    /// The scorer's kind.
    pub scorer_kind: &'static str,
    /// Every tag combination its items can have, so that labels are closed before a run.
    pub strata: Vec<Tags>,
    /// Rows of the data file that were skipped, as messages.
    pub bad_rows: Vec<String>,
    /// Items and template, without right answers: what is asked, however it is graded.
    pub asked: Fingerprint,
    /// What was done to the items before they are asked.
    pub treatment: Treatment,
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
    /// Who judges the answers, by scenario, where its scorer wants a judge.
    pub judges: BTreeMap<Name, Arc<Target>>,
    /// How items arrive and when to stop.
    pub workload: Workload,
    /// What is to be found out, so that no more is asked than that takes; none where everything is asked.
    pub adaptive: Option<Adaptive>,
    /// How often the daemon repeats it; none runs it once.
    pub every: Option<Duration>,
    /// Hard limit of one execution; none has only the day's.
    pub budget: Option<Money>,
    /// Ask targets at the same time: faster, and right where they share no hardware.
    pub parallel: bool,
    /// Ask trials again whose outcome is unknown (killed in flight): they may be billed twice.
    pub retry_unknown: bool,
    /// How often each target is asked a one-token question beside the load; none asks none.
    pub probe: Option<Duration>,
    /// Whether this machine is calibrated before it, where its load makes that worth while.
    pub calibrate: bool,
    /// Everything that makes two executions the same plan; a killed run is resumed only under the same.
    pub fingerprint: Fingerprint,
}
