//! An engine with a plan of its own, a mock to ask, and a store that may fail when told.

use crate::mock::client;
use crate::support::Outcome;
use assayd::config::Source;
use assayd::domain::{Fingerprint, Name, Purpose, RunId};
use assayd::engine::lanes::Lanes;
use assayd::engine::run::{Engine, Halt};
use assayd::engine::{Account, Ended};
use assayd::mock::{Length, Settings, serve};
use assayd::plan::{self, Plan, RunPlan};
use assayd::store::{
    self, Access, Answered, OutcomeStratum, Page, Points, Query, Recorded, Reply, RunRow, Span, Spent, Store,
    StoreError, Write,
};
use libtest_mimic::Failed;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;
use tempfile::TempDir;
use tokio::net::TcpListener;

/// As fast as can be, and small.
pub fn swift() -> Settings {
    Settings { ttft: Duration::ZERO, itl: Duration::ZERO, tokens: Length::Fixed(8), ..Settings::default() }
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Closed,
    Open,
}

/// What a test wants other than the rest.
pub struct Setup {
    pub targets: usize,
    pub scenarios: usize,
    /// Of each scenario.
    pub items: usize,
    pub kind: Kind,
    pub concurrency: usize,
    /// Arrivals a second, in open loop.
    pub rate: Option<u32>,
    /// The targets' limit of exchanges in flight.
    pub limit: Option<u32>,
    pub per_minute: Option<u32>,
    pub tokens_per_minute: Option<u32>,
    pub warmup: usize,
    /// In place of what `kind`, `concurrency` and `rate` make.
    pub arrival: Option<&'static str>,
    /// A table, in place of what `duration` makes.
    pub stop: Option<&'static str>,
    /// Warm-up by time.
    pub warmup_for: Option<&'static str>,
    /// Lines of a trace, in place of each scenario's items; nothing grades them.
    pub trace: Option<String>,
    pub duration: Option<&'static str>,
    pub parallel: bool,
    pub retry_unknown: bool,
    /// Nano-USD.
    pub budget: Option<i64>,
    pub per_day: Option<i64>,
    /// By the hour rather than by token.
    pub rented: bool,
    /// More lines of each target, of each scenario, of the run.
    pub target: &'static str,
    pub scenario: &'static str,
    pub run: &'static str,
    /// Rows in place of sums.
    pub rows: Option<&'static str>,
    pub mock: Settings,
    /// Those of the other targets' mocks, from the second target on; where there are fewer, targets share the first.
    pub others: Vec<Settings>,
    /// The seed of every run that begins.
    pub seed: Option<u64>,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            targets: 1,
            scenarios: 1,
            items: 10,
            kind: Kind::Closed,
            concurrency: 32,
            rate: None,
            limit: None,
            per_minute: None,
            tokens_per_minute: None,
            warmup: 0,
            arrival: None,
            stop: None,
            warmup_for: None,
            trace: None,
            duration: None,
            parallel: false,
            retry_unknown: false,
            budget: None,
            per_day: None,
            rented: false,
            target: "",
            scenario: "",
            run: "",
            rows: None,
            mock: swift(),
            others: Vec::new(),
            seed: None,
        }
    }
}

fn usd(nanos: i64) -> String {
    format!("\"{}.{:09} USD\"", nanos / 1_000_000_000, nanos % 1_000_000_000)
}

impl Setup {
    fn config(&self, mocks: &[SocketAddr]) -> String {
        let mut text = String::new();
        if let Some(limit) = self.per_day {
            let _ = writeln!(text, "[budget]\nper_day = {}", usd(limit));
        }
        let mut limits = Vec::new();
        limits.extend(self.limit.map(|n| format!("concurrency = {n}")));
        limits.extend(self.per_minute.map(|n| format!("requests_per_minute = {n}")));
        limits.extend(self.tokens_per_minute.map(|n| format!("tokens_per_minute = {n}")));
        for n in 0..self.targets {
            let mock = mocks.get(n).unwrap_or(&mocks[0]);
            let price = match self.rented {
                true => "rented]\nper_gpu_hour = \"3600 USD\"\ngpus = 1",
                false => "tokens]\ninput = \"1 USD\"\noutput = \"2 USD\"",
            };
            let _ = writeln!(
                text,
                "[target.t{n}]\napi = \"openai-chat\"\nurl = \"http://{mock}/v1\"\nmodel = \"mock\"\nproxy = false\n\
                 sampling = {{ max_tokens = 32 }}\nlimits = {{ {} }}\n\
                 retry = {{ attempts = 6, backoff = \"1ms\", longest = \"2h\" }}\n{}\n[target.t{n}.price.{price}",
                limits.join(", "),
                self.target,
            );
        }
        for n in 0..self.scenarios {
            let (format, scorer) = if self.trace.is_some() { ("trace", "none") } else { ("jsonl", "number") };
            let dataset = format!("{{ format = \"{format}\", path = \"{n}.jsonl\" }}");
            let _ = writeln!(text, "[scenario.s{n}]\ndataset = {dataset}\nscorer = \"{scorer}\"\n{}", self.scenario);
        }
        let arrival = match (self.kind, self.rate) {
            _ if self.arrival.is_some() => self.arrival.unwrap_or_default().to_owned(),
            (Kind::Open, Some(rate)) => format!("{{ kind = \"constant\", rate = \"{rate}/s\" }}"),
            _ => format!("{{ kind = \"closed\", concurrency = {} }}", self.concurrency),
        };
        let _ = writeln!(text, "[workload.w]\narrival = {arrival}\nwarmup.items = {}", self.warmup);
        if let Some(time) = self.warmup_for {
            let _ = writeln!(text, "warmup.duration = \"{time}\"");
        }
        if let Some(stop) = self.stop {
            let _ = writeln!(text, "stop = {stop}");
        }
        if let Some(duration) = self.duration {
            let _ = writeln!(text, "stop = {{ duration = \"{duration}\" }}");
        }
        let _ = writeln!(
            text,
            "[[run]]\nname = \"r\"\ntargets = [\"*\"]\nscenarios = [\"*\"]\nworkload = \"w\"\nparallel = {}\n\
             retry_unknown = {}",
            self.parallel, self.retry_unknown
        );
        let _ = writeln!(text, "{}", self.run);
        if let Some(limit) = self.budget {
            let _ = writeln!(text, "budget = {}", usd(limit));
        }
        text
    }
}

/// An engine with all it needs.
pub struct Bench {
    pub engine: Engine,
    pub plan: Arc<Plan>,
    mock: SocketAddr,
    mocks: Vec<SocketAddr>,
    seed: Option<u64>,
    folder: TempDir,
}

impl Bench {
    pub async fn new(setup: Setup) -> Result<Self, Failed> {
        Self::with(setup, Failing::never()).await
    }

    pub async fn with(setup: Setup, failing: Failing) -> Result<Self, Failed> {
        let folder = tempfile::tempdir()?;
        for scenario in 0..setup.scenarios {
            let row = |n: usize| {
                format!("{{\"id\": \"{n}\", \"prompt\": \"{scenario}+{n}=\", \"answer\": \"{}\"}}\n", scenario + n)
            };
            let rows: String = setup.rows.map_or_else(|| (0..setup.items).map(row).collect(), str::to_owned);
            let rows = setup.trace.clone().unwrap_or(rows);
            std::fs::write(folder.path().join(format!("{scenario}.jsonl")), rows)?;
        }
        let mut mocks = Vec::new();
        for settings in std::iter::once(&setup.mock).chain(&setup.others) {
            let listener = TcpListener::bind("127.0.0.1:0").await?;
            mocks.push(listener.local_addr()?);
            tokio::spawn(serve(listener, settings.clone(), std::future::pending()));
        }
        let mock = mocks[0];
        let mut source = Source::inline("test.toml", &setup.config(&mocks));
        source.folder = folder.path().to_owned();
        let told =
            |problems: Vec<_>| problems.iter().map(|p: &assayd::config::Problem| format!("{p}\n")).collect::<String>();
        let plan = plan::build(&source).map_err(told)?;
        let engine = open(&folder, failing, &plan, setup.seed).await?;
        Ok(Self { engine, plan: Arc::new(plan), mock, mocks, seed: setup.seed, folder })
    }

    /// As after a kill: nothing is closed, another process opens the store.
    pub async fn reopened(self, change: impl FnOnce(&mut Plan)) -> Result<Self, Failed> {
        let Self { engine, mut plan, mock, mocks, seed, folder } = self;
        drop(engine);
        change(Arc::get_mut(&mut plan).ok_or("the plan is still used")?);
        let engine = open(&folder, Failing::never(), &plan, seed).await?;
        Ok(Self { engine, plan, mock, mocks, seed, folder })
    }

    pub fn run(&self) -> &RunPlan {
        &self.plan.runs[0]
    }

    pub async fn execute(&self) -> Result<(RunId, Ended), Failed> {
        Ok(self.engine.execute(self.run(), &Halt::default()).await?)
    }

    /// Every sample that measures, in order.
    pub async fn samples(&self) -> Vec<Recorded> {
        let mut all = self.engine.store.samples(Query { limit: 100_000, ..Query::default() }).await.unwrap();
        all.retain(|r| r.purpose == Purpose::Measure);
        all
    }

    pub async fn verdicts(&self) -> BTreeMap<&'static str, usize> {
        let mut verdicts = BTreeMap::new();
        for r in self.samples().await {
            *verdicts.entry(r.sample.finding.verdict.label()).or_default() += 1;
        }
        verdicts
    }

    /// What the mock has seen: its summary, with the records of all requests.
    pub async fn truth(&self) -> Value {
        let mut all = client::get(self.mock, "/__truth?summary=1").await.json();
        all["records"] = client::truth(self.mock).await["records"].take();
        all
    }

    /// How often the mocks were asked the same, at the most: by prompt, each mock by itself.
    pub async fn most_often(&self) -> usize {
        let mut most = 0;
        for mock in &self.mocks {
            let truth = client::truth(*mock).await;
            let mut asked: BTreeMap<&str, usize> = BTreeMap::new();
            for record in truth["records"].as_array().unwrap() {
                *asked.entry(record["prompt"].as_str().unwrap()).or_default() += 1;
            }
            most = most.max(asked.values().copied().max().unwrap_or(0));
        }
        most
    }

    /// Waits until the mock's summary says so.
    pub async fn until(&self, fact: impl Fn(&Value) -> bool) {
        while !fact(&client::get(self.mock, "/__truth?summary=1").await.json()) {
            tokio::task::yield_now().await;
        }
    }

    /// From now on the mock does everything right.
    pub async fn heal(&self) {
        assert_eq!(client::post(self.mock, "/__set", &json!({"faults": []})).await.status, 200);
    }

    /// Store, ledger and board say the same, and nothing is held.
    pub async fn agrees(&self) -> Outcome {
        let stored = self.engine.store.spent(None, 0).await?;
        let samples = self.samples().await;
        let state = self.engine.account.shared().lock();
        for line in [state.ledger.run, state.ledger.day] {
            assert_eq!((line.spent, line.unknown, line.held.nanos()), (stored.settled, stored.unknown, 0));
        }
        let counted = state.board.counters.values().map(|c| c.cost.total()).sum();
        let measured: assayd::domain::Money = samples.iter().map(|r| r.sample.cost().total()).sum();
        assert_eq!(measured, counted);
        let answers: u64 = state.board.counters.values().flat_map(|c| c.answers).sum();
        assert_eq!(answers, samples.len() as u64);
        Ok(())
    }
}

async fn open(folder: &TempDir, failing: Failing, plan: &Plan, seed: Option<u64>) -> Result<Engine, Failed> {
    let url = format!("sqlite://{}", folder.path().join("store.db").display());
    let inner = loop {
        match store::open(&url, Access::Write).await {
            // The account's task lets go of the store when it sees that nobody can speak to it any more.
            Err(StoreError::InUse { .. }) => tokio::task::yield_now().await,
            opened => break opened?,
        }
    };
    let store: Arc<dyn Store> = Arc::new(Double { inner, failing, seed });
    let account = Account::open(Arc::clone(&store), plan.budget_per_day).await?;
    Ok(Engine { store, account, lanes: Arc::new(Lanes::start(1)?), program: None })
}

/// When the store fails, once, as a full disk does: nothing of the batch is written.
pub struct Failing {
    commits: AtomicI64,
    finish: AtomicI64,
}

impl Failing {
    pub fn never() -> Self {
        Self { commits: AtomicI64::new(i64::MAX), finish: AtomicI64::new(i64::MAX) }
    }

    /// The k-th commit, from 1.
    pub fn commits(kth: i64) -> Self {
        Self { commits: AtomicI64::new(kth), ..Self::never() }
    }

    /// The first that finishes a run.
    pub fn finish() -> Self {
        Self { finish: AtomicI64::new(1), ..Self::never() }
    }

    fn fails(&self, batch: &[Write]) -> bool {
        let finishes = batch.iter().any(|w| matches!(w, Write::Finish { .. }));
        self.commits.fetch_sub(1, Ordering::SeqCst) == 1
            || (finishes && self.finish.fetch_sub(1, Ordering::SeqCst) == 1)
    }
}

struct Double {
    inner: Arc<dyn Store>,
    failing: Failing,
    seed: Option<u64>,
}

impl Store for Double {
    fn commit(&self, batch: Vec<Write>) -> Reply<'_, Vec<i64>> {
        if self.failing.fails(&batch) {
            return Box::pin(async { Err(StoreError::Full("no space left on device".into())) });
        }
        self.inner.commit(batch)
    }

    fn begin(&self, name: &str, plan: &Fingerprint, seed: u64, at_unix_ms: i64) -> Reply<'_, RunRow> {
        self.inner.begin(name, plan, self.seed.unwrap_or(seed), at_unix_ms)
    }

    fn recover(&self, at_unix_ms: i64) -> Reply<'_, u64> {
        self.inner.recover(at_unix_ms)
    }

    fn samples(&self, query: Query) -> Reply<'_, Vec<Recorded>> {
        self.inner.samples(query)
    }

    fn campaign(&self, run: RunId, scenario: &Name, knowledge: String) -> Reply<'_, String> {
        self.inner.campaign(run, scenario, knowledge)
    }

    fn outcomes(&self, span: Span) -> Reply<'_, Vec<assayd::store::Outcome>> {
        self.inner.outcomes(span)
    }

    fn strata(&self) -> Reply<'_, BTreeMap<u32, OutcomeStratum>> {
        self.inner.strata()
    }

    fn outcome_ends(&self) -> Reply<'_, Option<(i64, i64)>> {
        self.inner.outcome_ends()
    }

    fn points(&self, run: RunId) -> Reply<'_, Points> {
        self.inner.points(run)
    }

    fn answers(&self, page: Page) -> Reply<'_, Vec<Answered>> {
        self.inner.answers(page)
    }

    fn asks(&self, run: RunId, scenarios: Vec<(Name, Fingerprint)>) -> Reply<'_, ()> {
        self.inner.asks(run, scenarios)
    }

    fn asked(&self, run: RunId) -> Reply<'_, BTreeMap<String, Fingerprint>> {
        self.inner.asked(run)
    }

    fn runs(&self, limit: u32) -> Reply<'_, Vec<RunRow>> {
        self.inner.runs(limit)
    }

    fn spent(&self, run: Option<RunId>, since_unix_ms: i64) -> Reply<'_, Spent> {
        self.inner.spent(run, since_unix_ms)
    }

    fn checkpoint(&self) -> Reply<'_, Option<(i64, String)>> {
        self.inner.checkpoint()
    }

    fn prune(&self, now_unix_ms: i64, keep_for: Option<Duration>, keep_bytes: Option<u64>) -> Reply<'_, u64> {
        self.inner.prune(now_unix_ms, keep_for, keep_bytes)
    }
}
