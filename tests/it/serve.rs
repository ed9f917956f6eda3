//! The commands as processes: the daemon against the calibration endpoint, from the first scrape over kills and restarts
//! to the end, a real Prometheus that scrapes it, and the demo.

mod alive;

use crate::mock::client;
use crate::support::process::{Ended, Process, Signal, assayd, free_port, until};
use crate::support::servers::Prometheus;
use crate::support::{Outcome, Server, http, needs};
use libtest_mimic::{Failed, Trial};
use std::collections::BTreeMap;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::Command;
use std::time::Duration;
use tempfile::TempDir;

/// Longer than anything here takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// Questions of the plan.
const ITEMS: usize = 12;

/// This module's tests.
pub fn tests() -> Vec<Trial> {
    let mut tests = alive::tests();
    tests.extend([
        Trial::test("serve::all_counters_stand_at_zero_before_the_first_answer", zeros_first),
        Trial::test("serve::a_run_done_once_is_counted_shown_and_not_repeated", done_once),
        Trial::test("serve::every_repeats_a_run", every_repeats),
        Trial::test("serve::a_run_that_nobody_answers_is_no_success", nobody_answers),
        Trial::test("serve::sighup_takes_a_good_configuration_and_no_other", reload),
        Trial::test("serve::sigterm_drains_and_a_restart_goes_on", drain_and_go_on),
        Trial::test("serve::a_kill_loses_and_repeats_nothing", kill_and_go_on),
        Trial::test("serve::what_is_wrong_ends_it_before_anything_is_asked", wrong_from_the_start),
        needs(Server::Prometheus, "serve::prometheus_scrapes_it", prometheus_scrapes_it),
        Trial::test("serve::the_demo_prints_its_plan", demo_plan),
        Trial::test("serve::the_demo_ends_in_order_with_its_table", demo_ends),
    ]);
    tests
}

/// The calibration endpoint as a process.
pub struct Mock {
    _process: Process,
    /// Where it listens.
    pub address: SocketAddr,
}

impl Mock {
    /// Starts it with these flags beside its own.
    pub fn start(directory: &Path, flags: &str) -> Result<Self, Failed> {
        let flags = ["mock", "--listen", "127.0.0.1:0", "--form", "plain"].into_iter().chain(flags.split(' '));
        let process = Process::start(&mut assayd(directory, flags))?;
        let line = process.line("calibration endpoint", PATIENCE)?;
        Ok(Self { address: address(&line, "/v1")?, _process: process })
    }

    /// How many requests came, and how many of each prompt at the most.
    fn truth(&self) -> Result<(usize, usize), Failed> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let truth = runtime.block_on(client::truth(self.address));
        let records = truth.get("records").and_then(|r| r.as_array()).ok_or_else(|| format!("no records: {truth}"))?;
        let mut prompts = BTreeMap::new();
        for record in records {
            *prompts.entry(record.get("prompt").and_then(|p| p.as_str())).or_insert(0) += 1;
        }
        Ok((records.len(), prompts.into_values().max().unwrap_or(0)))
    }
}

/// The address in `http://ADDRESS` and what follows it.
fn address(line: &str, after: &str) -> Result<SocketAddr, Failed> {
    let text = line.split("http://").nth(1).and_then(|rest| rest.split(after).next());
    Ok(text.ok_or_else(|| format!("no address in {line:?}"))?.trim().parse()?)
}

/// A directory with a configuration: sums of the endpoint at `url`.
pub fn configured(url: &str, run: &str) -> Result<TempDir, Failed> {
    let directory = tempfile::tempdir()?;
    let text = format!(
        r#"
        server.listen = ["127.0.0.1:0"]
        store.url = "sqlite://serve.db"
        [target.calibrator]
        api = "openai-chat"
        url = "{url}/v1"
        model = "mock"
        sampling = {{ max_tokens = 16, temperature = 0 }}
        price.tokens = {{ input = "1 USD", output = "10 USD" }}
        [scenario.sums]
        generator = {{ kind = "tasks", domains = ["add"], count = {ITEMS} }}
        scorer = "exact"
        [workload.two]
        arrival = {{ kind = "closed", concurrency = 2 }}
        [[run]]
        targets = ["*"]
        scenarios = ["*"]
        workload = "two"
        {run}
        "#
    );
    std::fs::write(directory.path().join("serve.toml"), text)?;
    Ok(directory)
}

/// The daemon as a process.
pub struct Daemon {
    /// The process.
    pub process: Process,
    /// Where it listens.
    pub address: SocketAddr,
}

impl Daemon {
    /// Starts it with `serve.toml` of a directory.
    pub fn start(directory: &Path) -> Result<Self, Failed> {
        Self::with(&mut assayd(directory, ["serve", "-c", "serve.toml"]))
    }

    fn with(command: &mut Command) -> Result<Self, Failed> {
        let process = Process::start(command)?;
        let line = process.line("listening on", PATIENCE)?;
        Ok(Self { address: address(&line, "\n")?, process })
    }

    fn get(&self, path: &str) -> Result<String, Failed> {
        let reply = http::get(self.address, path)?;
        if reply.status == 200 { Ok(reply.body) } else { Err(format!("{path}: {reply:?}").into()) }
    }

    /// The series of `/metrics`: name and labels, and the value.
    pub fn metrics(&self) -> Result<BTreeMap<String, f64>, Failed> {
        let text = self.get("/metrics")?;
        let lines = text.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.rsplit_once(' '));
        lines.map(|(series, value)| Ok((series.to_owned(), value.parse()?))).collect()
    }

    /// Those that a restart must not turn back.
    fn counters(&self) -> Result<BTreeMap<String, f64>, Failed> {
        let grows = |series: &String| {
            let name = series.split('{').next().unwrap_or_default();
            name.starts_with("assayd_") && ["_total", "_bucket", "_count", "_sum"].iter().any(|end| name.ends_with(end))
        };
        Ok(self.metrics()?.into_iter().filter(|(series, _)| grows(series)).collect())
    }

    /// Answers counted so far, by verdict.
    fn answers(&self) -> Result<BTreeMap<String, f64>, Failed> {
        let verdict = |series: &str| Some(series.split("verdict=\"").nth(1)?.split('"').next()?.to_owned());
        let mut answers = BTreeMap::new();
        for (series, value) in self.metrics()?.iter().filter(|(series, _)| series.starts_with("assayd_answers_total")) {
            *answers.entry(verdict(series).ok_or("no verdict")?).or_insert(0.0) += value;
        }
        Ok(answers)
    }

    /// Waits until the answers satisfy.
    fn answered(&self, enough: impl Fn(f64) -> bool) -> Outcome {
        until(PATIENCE, || {
            let answers = self.answers()?;
            if enough(answers.values().sum()) { Ok(()) } else { Err(format!("{answers:?}").into()) }
        })
    }

    /// Waits until so many executions ended, all of them complete.
    fn executed(&self, times: f64) -> Outcome {
        until(PATIENCE, || {
            let metrics = self.metrics()?;
            let complete = metrics.get("assayd_runs_total{run=\"run-1\",result=\"complete\"}");
            let complete = complete.ok_or_else(|| format!("no such series: {metrics:?}"))?;
            if *complete >= times { Ok(()) } else { Err(format!("{complete} executions are complete").into()) }
        })
    }

    /// Has it end in order.
    pub fn end(self) -> Result<Ended, Failed> {
        self.process.signal(Signal::TERM)?;
        let ended = self.process.end(PATIENCE)?;
        if ended.code == Some(0) { Ok(ended) } else { Err(format!("{ended:?}").into()) }
    }
}

/// What a restart turned back.
fn turned_back(before: &BTreeMap<String, f64>, after: &BTreeMap<String, f64>) -> Vec<String> {
    let lower = |(series, value): (&String, &f64)| {
        let now = after.get(series);
        (now.is_none_or(|now| now < value)).then(|| format!("{series} {value} before, {now:?} after"))
    };
    before.iter().filter_map(lower).collect()
}

fn zeros_first() -> Outcome {
    // Takes connections, as the kernel does for it, and never answers.
    let silent = TcpListener::bind("127.0.0.1:0")?;
    let directory = configured(&format!("http://{}", silent.local_addr()?), "")?;
    let daemon = Daemon::start(directory.path())?;
    assert_eq!(daemon.get("/-/ready")?, "ready\n");
    assert_eq!(daemon.get("/-/healthy")?, "healthy\n");
    until(PATIENCE, || {
        let page = daemon.get("/")?;
        if page.contains(&format!("0 of {ITEMS}")) { Ok(()) } else { Err(page.into()) }
    })?;
    let counters = daemon.counters()?;
    let standing: Vec<_> = counters.iter().filter(|(_, value)| **value != 0.0).collect();
    assert_eq!(standing, [], "before any answer");
    for series in [
        "assayd_answers_total{target=\"calibrator\",scenario=\"sums\",domain=\"add\",capability=\"arithmetic\",verdict=\"correct\"}",
        "assayd_cost_usd_total{target=\"calibrator\",scenario=\"sums\",domain=\"add\",capability=\"arithmetic\",component=\"output\"}",
        "assayd_time_to_first_token_seconds_count{target=\"calibrator\",scenario=\"sums\",clock=\"send\"}",
        "assayd_runs_total{run=\"run-1\",result=\"complete\"}",
    ] {
        assert!(counters.contains_key(series), "no {series} in {counters:?}");
    }
    // What is in flight would be waited for; asked twice, it is dropped.
    daemon.process.signal(Signal::TERM)?;
    daemon.process.line("ending", PATIENCE)?;
    daemon.end()?;
    Ok(())
}

fn done_once() -> Outcome {
    let scratch = tempfile::tempdir()?;
    let mock = Mock::start(scratch.path(), "--ttft 1ms --itl 1ms")?;
    let directory = configured(&format!("http://{}", mock.address), "")?;
    let daemon = Daemon::start(directory.path())?;
    daemon.executed(1.0)?;
    let answers = daemon.answers()?;
    assert_eq!(answers.get("correct"), Some(&12.0), "{answers:?}");
    assert_eq!(answers.values().sum::<f64>(), 12.0, "{answers:?}");
    let metrics = daemon.metrics()?;
    let gauge = metrics.get("assayd_cost_per_correct_usd{target=\"calibrator\",scenario=\"sums\"}");
    let cost: f64 = metrics.iter().filter(|(s, _)| s.starts_with("assayd_cost_usd_total")).map(|(_, v)| v).sum();
    assert!(cost > 0.0 && gauge.is_some_and(|gauge| (gauge - cost / 12.0).abs() < 1e-12), "{gauge:?}, {cost}");
    let page = daemon.get("/")?;
    for part in ["calibrator", "sums", "complete", "cost per correct", "100.0"] {
        assert!(page.contains(part), "no {part:?} in {page}");
    }
    let before = daemon.counters()?;
    daemon.end()?;

    // A restart must not spend the money again, and counters go on where they stood.
    let daemon = Daemon::start(directory.path())?;
    assert_eq!(daemon.counters()?, before);
    until(PATIENCE, || {
        let page = daemon.get("/")?;
        if page.contains("<td>over</td>") { Ok(()) } else { Err(page.into()) }
    })?;
    assert!(daemon.get("/")?.contains("calibrator"), "the last table is shown again");
    daemon.end()?;
    assert_eq!(mock.truth()?, (ITEMS, 1));
    Ok(())
}

fn every_repeats() -> Outcome {
    let scratch = tempfile::tempdir()?;
    let mock = Mock::start(scratch.path(), "--ttft 1ms --itl 1ms")?;
    let directory = configured(&format!("http://{}", mock.address), "every = \"1s\"")?;
    let daemon = Daemon::start(directory.path())?;
    daemon.executed(2.0)?;
    let answers = daemon.answers()?;
    assert!(answers.values().sum::<f64>() >= 24.0, "{answers:?}");
    daemon.end()?;
    // Each execution asks other items.
    assert!(mock.truth()?.0 >= 2 * ITEMS);
    Ok(())
}

fn nobody_answers() -> Outcome {
    // Bound and dropped: nothing listens there.
    let dead = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
    let directory = configured(&format!("http://{dead}"), "")?;
    let file = directory.path().join("serve.toml");
    let text = std::fs::read_to_string(&file)?;
    std::fs::write(
        &file,
        text.replace("price.tokens", "retry = { attempts = 1 }\n        circuit = false\n        price.tokens"),
    )?;
    let daemon = Daemon::start(directory.path())?;
    until(PATIENCE, || {
        let metrics = daemon.metrics()?;
        let ended = metrics.get("assayd_runs_total{run=\"run-1\",result=\"incomplete\"}");
        if ended == Some(&1.0) { Ok(()) } else { Err(format!("{ended:?}").into()) }
    })?;
    let metrics = daemon.metrics()?;
    assert_eq!(metrics.get("assayd_run_last_success_timestamp_seconds{run=\"run-1\"}"), Some(&0.0));
    assert_eq!(daemon.answers()?.get("failed"), Some(&12.0));
    daemon.end()?;
    Ok(())
}

fn reload() -> Outcome {
    let scratch = tempfile::tempdir()?;
    let mock = Mock::start(scratch.path(), "--ttft 1ms --itl 1ms")?;
    let directory = configured(&format!("http://{}", mock.address), "")?;
    let (file, taken) = (directory.path().join("serve.toml"), "assayd_config_last_reload_successful");
    let daemon = Daemon::start(directory.path())?;
    daemon.executed(1.0)?;
    let good = std::fs::read_to_string(&file)?;
    assert_eq!(daemon.metrics()?.get(taken), Some(&1.0));

    // A bad one is told, shown by the gauge, and changes nothing else.
    std::fs::write(&file, good.replace("scorer = ", "scorre = "))?;
    daemon.process.signal(Signal::HUP)?;
    daemon.process.line("did you mean `scorer`?", PATIENCE)?;
    daemon.process.line("stays in force", PATIENCE)?;
    assert_eq!(daemon.metrics()?.get(taken), Some(&0.0));
    assert_eq!(daemon.answers()?.values().sum::<f64>(), 12.0);

    // A good one takes over: another number of items is another plan, which has not been executed yet.
    std::fs::write(&file, good.replace(&format!("count = {ITEMS}"), "count = 5"))?;
    daemon.process.signal(Signal::HUP)?;
    daemon.executed(2.0)?;
    assert_eq!(daemon.metrics()?.get(taken), Some(&1.0));
    assert_eq!(daemon.answers()?.values().sum::<f64>(), 17.0);
    daemon.end()?;
    Ok(())
}

/// All samples of the store, by verdict.
fn samples(directory: &Path) -> Result<BTreeMap<String, usize>, Failed> {
    let ended = Process::start(&mut assayd(directory, ["export", "samples", "-c", "serve.toml"]))?.end(PATIENCE)?;
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
    let mut verdicts = BTreeMap::new();
    for line in ended.stdout.lines() {
        let sample: serde_json::Value = serde_json::from_str(line)?;
        let verdict = sample.get("verdict").and_then(|v| v.as_str()).unwrap_or_default();
        *verdicts.entry(verdict.to_owned()).or_insert(0) += 1;
    }
    Ok(verdicts)
}

fn drain_and_go_on() -> Outcome {
    let scratch = tempfile::tempdir()?;
    let mock = Mock::start(scratch.path(), "--ttft 300ms --itl 1ms")?;
    let directory = configured(&format!("http://{}", mock.address), "")?;
    let daemon = Daemon::start(directory.path())?;
    daemon.answered(|n| n >= 1.0)?;
    let before = daemon.counters()?;
    daemon.end()?;
    // All that was asked was waited for, and is kept.
    let (asked, _) = mock.truth()?;
    let kept = samples(directory.path())?;
    assert!(asked < ITEMS, "the run was over too early to show anything");
    assert_eq!(kept, [("correct".to_owned(), asked)].into());

    let daemon = Daemon::start(directory.path())?;
    assert_eq!(turned_back(&before, &daemon.counters()?), Vec::<String>::new());
    daemon.executed(1.0)?;
    assert_eq!(daemon.answers()?.get("correct"), Some(&12.0));
    daemon.end()?;
    assert_eq!(mock.truth()?, (ITEMS, 1));
    Ok(())
}

fn kill_and_go_on() -> Outcome {
    let scratch = tempfile::tempdir()?;
    let mock = Mock::start(scratch.path(), "--ttft 300ms --itl 1ms")?;
    let directory = configured(&format!("http://{}", mock.address), "")?;
    let daemon = Daemon::start(directory.path())?;
    daemon.answered(|n| n >= 3.0)?;
    let before = daemon.counters()?;
    daemon.process.signal(Signal::KILL)?;
    assert_eq!(daemon.process.end(PATIENCE)?.code, None);

    let daemon = Daemon::start(directory.path())?;
    assert_eq!(turned_back(&before, &daemon.counters()?), Vec::<String>::new());
    daemon.executed(1.0)?;
    let answers = daemon.answers()?;
    let of = |verdict| answers.get(verdict).copied().unwrap_or_default();
    // At most two were in flight and one was ready; they are not asked again, since they may have been billed.
    assert!(of("unknown") <= 3.0 && of("correct") + of("unknown") == 12.0, "{answers:?}");
    daemon.end()?;
    let (asked, of_one) = mock.truth()?;
    assert!(asked <= ITEMS && of_one == 1, "{asked} requests, of one item {of_one}");
    assert_eq!(samples(directory.path())?.values().sum::<usize>(), ITEMS);
    Ok(())
}

fn wrong_from_the_start() -> Outcome {
    let scratch = tempfile::tempdir()?;
    let mock = Mock::start(scratch.path(), "--ttft 1ms")?;
    let directory = configured(&format!("http://{}", mock.address), "evry = \"1s\"")?;
    let serve = || Process::start(&mut assayd(directory.path(), ["serve", "-c", "serve.toml"]))?.end(PATIENCE);
    let ended = serve()?;
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(ended.stderr.contains("serve.toml:") && ended.stderr.contains("every"), "{ended:?}");

    // A metric that is not there can't be switched off: only who exports knows.
    let (file, old) =
        (directory.path().join("serve.toml"), std::fs::read_to_string(directory.path().join("serve.toml"))?);
    let good = old.replace("evry = \"1s\"", "");
    std::fs::write(&file, format!("metrics.off = [\"assayd_gpu_*\", \"assayd_answer_total\"]\n{good}"))?;
    let ended = serve()?;
    assert_eq!(ended.code, Some(2), "{ended:?}");
    for part in ["serve.toml:1:32: metrics.off: no metric has a name like", "did you mean \"assayd_answers_total\"?"] {
        assert!(ended.stderr.contains(part), "no {part:?} in {ended:?}");
    }
    std::fs::write(&file, old)?;

    // Somebody else's port: nobody could scrape it, so that it must not spend.
    let taken = TcpListener::bind("127.0.0.1:0")?;
    let file = directory.path().join("serve.toml");
    let text = std::fs::read_to_string(&file)?.replace("evry = \"1s\"", "");
    std::fs::write(&file, text.replace("127.0.0.1:0", &taken.local_addr()?.to_string()))?;
    let ended = serve()?;
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.stderr.contains(&format!("can't listen on {}", taken.local_addr()?)), "{ended:?}");
    assert_eq!(mock.truth()?, (0, 0));
    Ok(())
}

fn prometheus_scrapes_it() -> Outcome {
    let scratch = tempfile::tempdir()?;
    let mock = Mock::start(scratch.path(), "--ttft 1ms --itl 1ms --accuracy 0.5")?;
    let directory = configured(&format!("http://{}", mock.address), "")?;
    let daemon = Daemon::start(directory.path())?;
    let prometheus = Prometheus::scraping(&[daemon.address])?;
    daemon.executed(1.0)?;
    let correct = daemon.answers()?.get("correct").copied().unwrap_or_default();
    prometheus.eventually("sum(assayd_answers_total) == 12")?;
    let one = |expression: &str| -> Result<f64, Failed> {
        let series = prometheus.eventually(expression)?;
        let (_, value) = series.first().ok_or("no series")?;
        Ok(value.parse()?)
    };
    assert_eq!(one("sum(assayd_answers_total{verdict=\"correct\"})")?, correct);
    let gauge = one("assayd_cost_per_correct_usd")?;
    let divided = one("sum(assayd_cost_usd_total) / sum(assayd_answers_total{verdict=\"correct\"})")?;
    // Infinite both where, by chance, nothing was correct.
    assert!(gauge == divided || (gauge - divided).abs() < 1e-9 * gauge, "{gauge} and {divided}");
    // It asks for OpenMetrics by itself, which is what brings exemplars: each names a trial of this run.
    let exemplars = until(PATIENCE, || {
        let exemplars = prometheus.exemplars("assayd_request_duration_seconds_bucket")?;
        if exemplars.is_empty() { Err("no exemplars".into()) } else { Ok(exemplars) }
    })?;
    let items: BTreeMap<String, usize> = exported_items(directory.path())?;
    for exemplar in exemplars {
        let label =
            |name: &str| exemplar.pointer(&format!("/labels/{name}")).and_then(|l| l.as_str()).map(str::to_owned);
        assert_eq!(label("run").as_deref(), Some("1"), "{exemplar}");
        assert!(label("trial").is_some_and(|trial| items.contains_key(&trial)), "{exemplar} is none of {items:?}");
    }
    daemon.end()?;
    Ok(())
}

/// The items of the store's samples, as `export samples` names them.
fn exported_items(directory: &Path) -> Result<BTreeMap<String, usize>, Failed> {
    let ended = Process::start(&mut assayd(directory, ["export", "samples", "-c", "serve.toml"]))?.end(PATIENCE)?;
    let mut items = BTreeMap::new();
    for line in ended.stdout.lines() {
        let sample: serde_json::Value = serde_json::from_str(line)?;
        let item = sample.get("item").and_then(|item| item.as_str()).ok_or_else(|| format!("no item: {line}"))?;
        *items.entry(item.to_owned()).or_insert(0) += 1;
    }
    Ok(items)
}

fn demo_plan() -> Outcome {
    let directory = tempfile::tempdir()?;
    let run = |flags: &[&str]| Process::start(&mut assayd(directory.path(), flags))?.end(PATIENCE);
    let printed = run(&["demo", "--print-config"])?;
    assert_eq!((printed.code, printed.stderr.as_str()), (Some(0), ""));
    assert_eq!(printed.stdout, assayd::demo::PLAN);
    for flags in [&["demo", "--item", "5"][..], &["demo", "--items", "0"], &["demo", "--format", "xml"], &["dem"]] {
        let ended = run(flags)?;
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""), "{flags:?}: {ended:?}");
        assert!(!ended.stderr.is_empty());
    }
    Ok(())
}

/// The whole demo takes seconds when optimised and minutes when not, so here it is ended early; `tests/show/demo-start`
/// runs it to its end.
fn demo_ends() -> Outcome {
    // Drawing its items takes most of a minute of a core when nothing is optimised, and the machine may be busy.
    const LONG: Duration = Duration::from_secs(300);
    let directory = tempfile::tempdir()?;
    let listen = format!("127.0.0.1:{}", free_port()?);
    let demo = Process::start(&mut assayd(directory.path(), ["demo", "--items", "1", "--listen", &listen]))?;
    let models = address(&demo.line("answer on http://", LONG)?, "/v1")?;
    demo.line("--seed", LONG)?;
    let asked = r#"{"model": "micro", "messages": [{"role": "user", "content": "rev 431="}], "max_tokens": 8}"#;
    let said = http::post(models, "/v1/chat/completions", asked)?.json()?;
    assert_eq!(said.pointer("/choices/0/message/content").and_then(|c| c.as_str()), Some("134"), "{said}");
    let daemon = Daemon { process: demo, address: listen.parse()? };
    daemon.answered(|n| n >= 1.0)?;
    daemon.process.signal(Signal::TERM)?;
    let ended = daemon.process.end(PATIENCE)?;
    assert_eq!(ended.code, Some(3), "{ended:?}");
    for part in ["scenario ", "micro", "cost per correct", "was interrupted"] {
        assert!(ended.stdout.contains(part), "no {part:?} in {ended:?}");
    }
    Ok(())
}
