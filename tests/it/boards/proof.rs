//! Every expression of every panel, asked of a real Prometheus: against the demo's plan, and against recorded series of a machine
//! with GPUs. A panel without data must give a reason, the reason must be true, and the recorded series must fill it.
//!
//! `ASSAYD_BOARDS_DEMO` names a program whose demo is scraped in place of the demo's plan against the calibration endpoint: the
//! embedded models take minutes where they are not optimised. `ASSAYD_BOARDS_FIGURES` names a file for what was counted,
//! `ASSAYD_BOARDS_PICTURES` a folder for pictures of the dashboards (`tests/setup chromium`), such as `docs/images/dashboards`.
//! `tests/show/dashboards` sets the first two.

use super::recorded;
use crate::support::process::{Process, Signal, assayd, free_port, until};
use crate::support::servers::Prometheus;
use crate::support::{Outcome, http};
use assayd::export::provision::dashboards::{self, Dashboard, Panel, Reason};
use libtest_mimic::Failed;
use serde_json::Value;
use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::time::Duration;
use tempfile::TempDir;

/// Longer than anything here takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);

/// How far back panels look: longer than this takes.
const RANGE: u64 = 900;

/// The demo at work: what is kept for its end.
struct Demo {
    address: SocketAddr,
    _processes: Vec<Process>,
    _directory: TempDir,
}

impl Demo {
    fn start(address: SocketAddr) -> Result<Self, Failed> {
        let directory = tempfile::tempdir()?;
        let processes = match std::env::var_os("ASSAYD_BOARDS_DEMO") {
            Some(program) => {
                let mut command = Command::new(program);
                command.args(["demo", "--listen", &address.to_string(), "--seed", "7"]).current_dir(directory.path());
                vec![Process::start(&mut command)?]
            }
            None => Self::plan(&directory, address)?,
        };
        Ok(Self { address, _processes: processes, _directory: directory })
    }

    /// The demo's plan with fewer items, served by the daemon, answered by the calibration endpoint. Again and again: one run may
    /// be over before the first scrape, and then no counter was ever seen to grow.
    fn plan(directory: &TempDir, address: SocketAddr) -> Result<Vec<Process>, Failed> {
        let flags = "mock --listen 127.0.0.1:0 --form plain --ttft 2ms --itl 1ms --accuracy 0.8";
        let mock = Process::start(&mut assayd(directory.path(), flags.split(' ')))?;
        let line = mock.line("calibration endpoint", PATIENCE)?;
        let models = line.split("http://").nth(1).and_then(|rest| rest.split("/v1").next()).ok_or("no address")?;
        let public: Vec<_> = assayd::demo::public::DATASET.lines().take(20).collect();
        std::fs::write(directory.path().join("public.jsonl"), public.join("\n") + "\n")?;
        let plan = assayd::demo::plan(&format!("http://{}/v1", models.trim()), "public.jsonl");
        let plan = plan.replace("count = 1400", "count = 42").replace("seed = \"fresh\"", "seed = 7");
        let plan = plan.replace("# every = \"6h\"", "every = \"2s\"");
        if !plan.contains("\nevery") {
            return Err("the demo's plan has no `every` to be set".into());
        }
        let plan = format!("server.listen = [\"{address}\"]\nstore.url = \"sqlite://demo.db\"\n{plan}");
        std::fs::write(directory.path().join("demo.toml"), plan)?;
        let daemon = Process::start(&mut assayd(directory.path(), ["serve", "-c", "demo.toml"]))?;
        daemon.line("listening on", PATIENCE)?;
        Ok(vec![daemon, mock])
    }
}

/// A Prometheus, and which of the instances that it scrapes is looked at.
struct Asked<'a> {
    prometheus: &'a Prometheus,
    instance: SocketAddr,
}

impl Asked<'_> {
    /// The expression as Grafana would send it.
    fn substituted(&self, dashboard: Option<&Dashboard>, expr: &str) -> String {
        let instance = self.instance.to_string().replace('.', "\\\\.");
        let expr = expr.replace("$__rate_interval", "15s").replace("$__range", &format!("{RANGE}s"));
        let variables = dashboard.iter().flat_map(|d| &d.variables);
        let chosen = variables.map(|v| (v.name, v.options.first().copied().unwrap_or_default()));
        let fixed = [("job", ".+"), ("instance", instance.as_str()), ("target", ".+"), ("scenario", ".+")];
        fixed.into_iter().chain(chosen).fold(expr, |expr, (name, value)| expr.replace(&format!("${name}"), value))
    }

    /// How many series of an answer have a number.
    fn series(&self, expr: &str, instant: bool) -> Result<usize, Failed> {
        let encoded = http::encoded(expr);
        let path = if instant {
            format!("/api/v1/query?query={encoded}")
        } else {
            let now = self.prometheus.query("vector(time())")?;
            let now: f64 = now.first().ok_or("no time")?.1.parse()?;
            format!("/api/v1/query_range?query={encoded}&start={}&end={now}&step=1", now - 300.0)
        };
        let reply = http::get(self.prometheus.address(), &path)?.json()?;
        let result = reply.pointer("/data/result").and_then(Value::as_array);
        let series = result.ok_or_else(|| format!("{expr}: {reply}"))?;
        let number = |pair: &Value| pair.get(1).and_then(Value::as_str).is_some_and(|value| value != "NaN");
        let any = |one: &&Value| {
            let values = one.get("values").and_then(Value::as_array);
            one.get("value").is_some_and(number) || values.is_some_and(|values| values.iter().any(number))
        };
        Ok(series.iter().filter(any).count())
    }
}

/// What was counted.
#[derive(Default)]
struct Count {
    run: usize,
    data: usize,
    reasoned: usize,
    errors: usize,
    wrong: Vec<String>,
}

fn panels(all: &[Dashboard]) -> impl Iterator<Item = (&Dashboard, &Panel)> {
    all.iter()
        .flat_map(|dashboard| dashboard.rows.iter().flat_map(|row| &row.panels).map(move |panel| (dashboard, panel)))
}

/// Pictures of these dashboards, each as it looks for one of the instances.
fn pictures(server: &str, folder: &OsStr, instance: SocketAddr, names: &[&str]) -> Outcome {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut tool = Command::new("python3");
    tool.arg(root.join("tools/dashboards/serve.py")).arg(server).arg("--shots").arg(folder);
    tool.arg("--query").arg(format!("since=1m&scrape=1&var-instance={instance}"));
    tool.arg("--only").args(names.iter().map(|name| format!("assayd-{name}")));
    let ended = tool.output()?;
    // What it finds (a panel that is empty for a reason, and says so) is told beside each picture; it fails where it drew none.
    std::io::stdout().write_all(&ended.stdout)?;
    for name in names {
        let picture = Path::new(folder).join(format!("assayd-{name}.png"));
        if !picture.is_file() {
            return Err(format!("no {}: {}", picture.display(), String::from_utf8_lossy(&ended.stderr)).into());
        }
    }
    Ok(())
}

pub(super) fn every_expression() -> Outcome {
    let recorded = recorded::serve()?;
    let address: SocketAddr = format!("127.0.0.1:{}", free_port()?).parse()?;
    // Before the demo, so that it sees counters stand at zero.
    let prometheus = Prometheus::scraping(&[address, recorded])?;
    let demo = Demo::start(address)?;
    until(PATIENCE, || {
        let complete = prometheus.query("sum(increase(assayd_runs_total{result=\"complete\"}[15m])) > 0")?;
        let scraped = prometheus.query(&format!("count_over_time(up{{instance=\"{recorded}\"}}[5m]) > 9"))?;
        if complete.is_empty() || scraped.is_empty() { Err("no run was seen to end complete".into()) } else { Ok(()) }
    })?;
    // Rates need a few scrapes of what the run left.
    prometheus.eventually("count_over_time(assayd_run_valid[5m]) > 2")?;
    let dashboards = dashboards::all();
    let demo_view = Asked { prometheus: &prometheus, instance: demo.address };
    let machine = Asked { prometheus: &prometheus, instance: recorded };
    let mut count = Count::default();
    let mut given = BTreeSet::new();
    for (dashboard, panel) in panels(&dashboards) {
        for (at, query) in panel.queries.iter().enumerate() {
            let place = format!("{} / {} {at}", dashboard.title, panel.title);
            let series = |view: &Asked<'_>| {
                let expr = view.substituted(Some(dashboard), &query.expr);
                view.series(&expr, panel.kind.instant())
                    .map_err(|error| format!("{place}: {}", error.message().unwrap_or("")))
            };
            count.run += 2;
            let (here, there) = match (series(&demo_view), series(&machine)) {
                (Ok(here), Ok(there)) => (here, there),
                (here, there) => {
                    count.errors += 1;
                    count.wrong.extend([here, there].into_iter().filter_map(Result::err));
                    continue;
                }
            };
            count.data += usize::from(here > 0) + usize::from(there > 0);
            match (here, panel.empty) {
                (0, None) => count.wrong.push(format!("{place}: empty without a reason: {}", query.expr)),
                (0, Some(reason)) => {
                    count.reasoned += 1;
                    given.insert(reason);
                    if there == 0 {
                        count.wrong.push(format!("{place}: empty on the recorded series too: {}", query.expr));
                    }
                }
                (_, _) => {}
            }
        }
    }
    for reason in Reason::ALL {
        let holds = |view: &Asked<'_>| view.series(&view.substituted(None, &reason.holds()), true);
        if given.contains(reason) && holds(&demo_view)? == 0 {
            count.wrong.push(format!("{reason:?} is given, and not so"));
        }
        if holds(&machine)? > 0 {
            count
                .wrong
                .push(format!("{reason:?} holds where it should not: the recorded series lack what fills its panels"));
        }
    }
    if let Some(file) = std::env::var_os("ASSAYD_BOARDS_FIGURES") {
        let Count { run, data, reasoned, errors, wrong } = &count;
        let lint =
            super::kept()?.iter().map(|(name, dashboard)| super::lint::findings(name, dashboard).len()).sum::<usize>();
        let reasons: Vec<_> = given.iter().map(|reason| reason.short()).collect();
        let (panels, files) = (panels(&dashboards).filter(|(_, p)| !p.queries.is_empty()).count(), dashboards.len());
        let figures = format!(
            "{files} dashboards, {panels} panels, {run} expressions run: {data} with data, {reasoned} empty in the demo with a \
             reason ({}), {} more empty on the recorded series alone, {} unexplained, {errors} errors; lint findings {lint}",
            reasons.join("; "),
            run - data - reasoned - 2 * errors,
            wrong.len() - errors,
        );
        std::fs::write(file, figures + "\n")?;
    }
    if let Some(folder) = std::env::var_os("ASSAYD_BOARDS_PICTURES") {
        let server = format!("http://{}", prometheus.address());
        pictures(&server, &folder, demo_view.instance, &["overview", "target", "scenario", "itself"])?;
        pictures(&server, &folder, recorded, &["gpu", "procurement"])?;
    }
    assert_eq!(count.wrong, Vec::<String>::new());
    for process in demo._processes {
        process.signal(Signal::TERM)?;
    }
    Ok(())
}
