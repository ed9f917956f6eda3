//! Facts for pages: a plan, a store with answers good, bad and hostile, reports, and a server over all of it.

use crate::metrics::{figures, with_view};
use crate::support::Outcome;
use assayd::api::{Drained, Facts, Limits, Phase, RunState, Status, TargetState, bind, routes, serve};
use assayd::config::Source;
use assayd::domain::{
    Answer, Charge, Component, Cost, Exchange, Failure, Fault, Finding, Fingerprint, Finish, ItemId, Money, Name,
    Nanos, Purpose, Sample, Share, Split, Tags, Timing, TrialKey, Usage, Verdict,
};
use assayd::export::metrics::View;
use assayd::export::report::Report;
use assayd::plan::{self, Plan};
use assayd::store::{self, Access, Keep, Store, Write};
use libtest_mimic::Failed;
use std::net::SocketAddr;
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tempfile::TempDir;

/// Longer than anything here takes on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// What the key of the targets is: it must be on no page.
pub const SECRET: &str = "sk-a-secret-that-nobody-may-read";
/// An item's id and an answer that would run, if they could.
pub const HOSTILE: &str = "<script>document.title='broken into'</script>";
/// Samples that are ordinary: every tenth failed, every fourth of the others is wrong.
pub const ORDINARY: usize = 130;
/// Their items.
const ITEMS: usize = 65;

/// Facts under a test's control.
pub struct Staged {
    plan: Arc<Plan>,
    store: Arc<dyn Store>,
    reports: Vec<Report>,
    status: Mutex<Status>,
}

impl Facts for Staged {
    fn view(&self, read: &mut dyn FnMut(&View<'_>)) {
        drop(with_view(|view| read(view)));
    }
    fn ready(&self) -> Result<(), String> {
        Ok(())
    }
    fn reports(&self) -> Vec<Report> {
        self.reports.clone()
    }
    fn status(&self) -> Status {
        self.status.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
    fn plan(&self) -> Option<Arc<Plan>> {
        Some(Arc::clone(&self.plan))
    }
    fn store(&self) -> Option<Arc<dyn Store>> {
        Some(Arc::clone(&self.store))
    }
}

/// A server over them.
pub struct Site {
    pub address: SocketAddr,
    facts: Arc<Staged>,
    stop: Option<tokio::sync::oneshot::Sender<()>>,
    ended: Receiver<std::io::Result<Drained>>,
    _runtime: tokio::runtime::Runtime,
    _folder: TempDir,
}

impl Site {
    /// Starts it; `server` is what `[server]` says besides where to listen.
    pub fn start(server: &str) -> Result<Self, Failed> {
        let folder = tempfile::tempdir()?;
        std::fs::write(folder.path().join("key"), SECRET)?;
        let mut items = String::new();
        for n in 0..ITEMS {
            items.push_str(&format!(
                "{{\"id\": \"add-{n}\", \"prompt\": \"What is {n} + 1?\", \"answer\": \"{}\"}}\n",
                n + 1
            ));
        }
        let hostile = serde_json::json!({ "id": HOSTILE, "prompt": format!("Say {HOSTILE}"), "answer": "7" });
        std::fs::write(folder.path().join("items.jsonl"), items + &hostile.to_string() + "\n")?;
        let target = |name: &str, price: &str| {
            format!(
                "[target.{name}]\napi = \"openai-chat\"\nurl = \"http://127.0.0.1:9/v1\"\nmodel = \"{name}-1\"\n\
                 key = {{ file = \"key\" }}\nheaders = {{ x-tenant = \"{SECRET}\" }}\n\
                 sampling = {{ max_tokens = 16, temperature = 0 }}\nprice.tokens = {{ {price}, since = \"2026-08-01\" }}\n"
            )
        };
        let text = format!(
            "store.url = \"sqlite://pages.db\"\n[server]\nlisten = [\"127.0.0.1:0\"]\n{server}\n{}{}\
             [scenario.arith]\ndataset = {{ format = \"jsonl\", path = \"items.jsonl\" }}\nscorer = \"number\"\n\
             prompt = \"{{prompt}} Answer with a number.\"\n\
             [workload.one]\narrival = {{ kind = \"closed\", concurrency = 1 }}\n\
             [[run]]\nname = \"nightly\"\ntargets = [\"*\"]\nscenarios = [\"*\"]\nworkload = \"one\"\n",
            target("micro", "input = \"1 USD\", output = \"10 USD\""),
            target("cloud", "input = \"3 USD\", output = \"30 USD\""),
        );
        let file = folder.path().join("pages.toml");
        std::fs::write(&file, text)?;
        let source = Source::file(&file).map_err(|problem| problem.to_string())?;
        let plan = plan::build(&source)
            .map_err(|problems| problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))?;
        let plan = Arc::new(plan);
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
        let store = runtime.block_on(filled(&plan))?;
        let facts = Arc::new(Staged { plan, store, reports: reports()?, status: Mutex::new(status(17)) });
        let listeners = bind(&[SocketAddr::from(([127, 0, 0, 1], 0))])?;
        let address = listeners.first().ok_or("no listener")?.local_addr()?;
        let (stop, stopped) = tokio::sync::oneshot::channel();
        let (end, ended) = channel();
        let routes = routes(Arc::clone(&facts) as Arc<dyn Facts>);
        runtime.spawn(async move {
            let shutdown = async { drop(stopped.await) };
            drop(end.send(serve(listeners, routes, Limits::DEFAULT, shutdown).await));
        });
        Ok(Self { address, facts, stop: Some(stop), ended, _runtime: runtime, _folder: folder })
    }

    /// Lets the run get on.
    pub fn advance(&self, done: u64) {
        *self.facts.status.lock().unwrap_or_else(PoisonError::into_inner) = status(done);
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Asks it to end.
    pub fn stop(&mut self) {
        drop(self.stop.take());
    }

    pub fn end(mut self) -> Result<Drained, Failed> {
        self.stop();
        Ok(self.ended.recv_timeout(PATIENCE)??)
    }
}

fn reports() -> Result<Vec<Report>, Failed> {
    let domain = |target: &str, domain: &str| {
        Ok::<_, Failed>(assayd::board::Figures { domain: Some(domain.into()), ..figures(target, "arith")? })
    };
    let cloud = assayd::board::Figures { unpriced: 3, per_correct: None, ..figures("cloud", "arith")? };
    Ok(vec![Report {
        run: "nightly".into(),
        started_unix_ms: 1_790_000_000_000,
        finished_unix_ms: Some(1_790_000_042_190),
        complete: true,
        rows: vec![
            figures("micro", "arith")?,
            cloud,
            domain("micro", "add")?,
            domain("cloud", "add")?,
            domain("micro", HOSTILE)?,
        ],
        notes: vec![format!("a note with {HOSTILE}")],
        ..Report::default()
    }])
}

fn status(done: u64) -> Status {
    let target = |name: &str| TargetState {
        name: name.into(),
        done: done / 2,
        total: 100,
        correct: done / 3,
        failed: 1,
        spent: Money::from_nanos(6_000_000),
        seconds_left: Some(42.0),
    };
    let run = RunState {
        name: "nightly".into(),
        phase: if done < 200 { Phase::Running } else { Phase::Over },
        done,
        total: 200,
        spent: Money::from_nanos(12_000_000),
        budget: Some(Money::from_nanos(1_500_000_000)),
        last_result: Some("complete".into()),
        last_finished_unix_ms: Some(1_790_000_042_190),
        next_unix_ms: None,
        targets: vec![target("micro"), target("cloud")],
    };
    Status {
        runs: vec![run],
        spent_today: Money::from_nanos(340_000_000),
        per_day: Some(Money::from_nanos(20_000_000_000)),
        problems: vec![format!("cloud does not answer {HOSTILE}")],
    }
}

/// A sample of the store. `answer` is none for one that failed.
fn sample(
    run: assayd::domain::RunId,
    target: &str,
    item: &str,
    at: i64,
    answer: Option<&str>,
) -> Result<Sample, Failed> {
    let ms = |n: u64| Some(Nanos(1_000_000_000 + n * 1_000_000));
    let timing = Timing {
        scheduled: Nanos(1_000_000_000),
        send: ms(0),
        first: ms(12),
        last: ms(40),
        end: ms(41),
        ..Timing::default()
    };
    let usage = Usage { input: Some(21), output: Some(3), ..Usage::default() };
    let answer = answer.map(|text| Answer {
        text: text.to_owned(),
        finish: Some(Finish::Stop),
        model: Some(format!("{target}-1 <b>")),
        usage,
        ..Answer::default()
    });
    let fault = answer
        .is_none()
        .then(|| Fault::new(Failure::Http5xx, "upstream <img src=x onerror=alert(1)> is gone").with_status(503));
    let cost =
        Cost::ZERO.with(Component::Input, Money::from_nanos(21_000)).with(Component::Output, Money::from_nanos(30_000));
    let charge = Charge::Settled(if fault.is_none() { cost } else { Cost::ZERO });
    let verdict = if fault.is_some() { Verdict::Failed } else { Verdict::Correct };
    let finding =
        Finding { verdict, score: if fault.is_some() { 0.0 } else { 1.0 }, extracted: None, rule: "number/last" };
    let (target, scenario) = (Name::new(target)?, Name::new("arith")?);
    Ok(Sample {
        key: TrialKey { run, target, scenario, item: ItemId::new(item), repeat: 0 },
        cluster: ItemId::new(item),
        tags: Tags::new("add", "math", "en", Split::Public),
        provenance: Fingerprint::from_text("00112233aabbccdd"),
        at_unix_ms: at,
        exchanges: vec![Exchange {
            attempt: 1,
            turn: 0,
            purpose: Purpose::Measure,
            timing: if fault.is_none() { timing } else { Timing::default() },
            answer: answer.unwrap_or_default(),
            fault,
            charge,
        }],
        judged: Vec::new(),
        finding,
        share: Share::default(),
    })
}

/// A store with ordinary samples from position 1, then a hostile one, a huge one, and one that was graded anew.
async fn filled(plan: &Plan) -> Result<Arc<dyn Store>, Failed> {
    let store = store::open(&plan.store.url, Access::Write).await?;
    let run = store.begin("nightly", &Fingerprint::from_text("plan"), 7, 1_790_000_000_000).await?.id;
    let scenario = plan.scenarios.first().ok_or("no scenario")?;
    store.asks(run, vec![(scenario.name.clone(), scenario.asked.clone())]).await?;
    let write = |sample: Sample| Write::Sample {
        sample: Arc::new(sample),
        keep: Keep::Text,
        grader: Fingerprint::from_text("grader-1"),
        good: true,
    };
    let mut writes = Vec::new();
    for n in 0..ORDINARY {
        let target = if n % 2 == 0 { "micro" } else { "cloud" };
        let item = format!("add-{}", n / 2);
        let said = format!("It is {}.", n / 2 + 1);
        let answer = (n % 10 != 9).then_some(said.as_str());
        let mut sample = sample(run, target, &item, 1_790_000_000_000 + i64::try_from(n)? * 1_000, answer)?;
        if answer.is_some() {
            sample.finding = Finding::judged(n % 4 != 3, format!("{}", n / 2 + 1), "number/last");
        }
        writes.push(write(sample));
    }
    let at = 1_790_000_200_000;
    let mut hostile = sample(run, "micro", HOSTILE, at, Some(&format!("{HOSTILE}\u{202e}gnihtemos\0\u{1b}[2J")))?;
    hostile.finding =
        Finding { verdict: Verdict::Wrong, score: 0.0, extracted: Some(HOSTILE.into()), rule: "number/first" };
    let huge = sample(run, "cloud", "add-0-huge", at, Some(&"long ".repeat(60_000)))?;
    let again = sample(run, "cloud", "add-0-again", at, Some("seven"))?;
    writes.extend([hostile, huge, again].map(write));
    let positions = store.commit(writes).await?;
    let regraded = Write::Finding {
        position: *positions.last().ok_or("nothing was written")?,
        finding: Finding { verdict: Verdict::Unparsed, score: 0.0, extracted: None, rule: "number/none" },
        keep: Keep::Text,
        grader: Fingerprint::from_text("grader-2"),
        at_unix_ms: at + 60_000,
    };
    store.commit(vec![regraded]).await?;
    Ok(store)
}

/// Adds a line to the file that `tests/show/pages` reads.
pub fn figure(line: &str) -> Outcome {
    use std::io::Write as _;
    let Some(path) = std::env::var_os("ASSAYD_PAGES_FIGURES") else { return Ok(()) };
    let mut file = std::fs::OpenOptions::new().create(true).append(true).open(path)?;
    Ok(writeln!(file, "{line}")?)
}
