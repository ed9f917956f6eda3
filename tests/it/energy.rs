//! Energy and hardware through the real binary: a run against the mock on hardware whose driver is made up. What the samples
//! drew, what that cost, what the report says of the hardware, and what `/metrics` shows; and that a meter that is not there
//! costs its figures and never the run.

use crate::nvml::fake::{Fake, Library};
use crate::support::bench::{Bench, Mock, PATIENCE, Run, Shape, number, sum, target, text};
use crate::support::process::{Process, until};
use crate::support::{Outcome, http};
use assayd::provider::wire::now;
use libtest_mimic::{Failed, Trial};
use serde_json::Value;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// The tests of this module.
pub fn tests() -> Vec<Trial> {
    vec![
        Trial::test("energy::samples_share_what_the_meter_measured", metered),
        Trial::test("energy::a_library_that_is_missing_costs_the_figures_and_not_the_run", missing),
        Trial::test("energy::declared_power_needs_no_meter", declared),
        Trial::test("energy::the_daemon_exports_it", exported),
        Trial::test("energy::the_meters_of_a_configuration_are_shown", shown),
    ]
}

/// Cards that take 300 W whatever they do, idle or not: so energy is the time. The counter moves every 20 ms.
const STATE: &str = "count=2\ngpu.0.schedule=60:100:300000,40:0:300000\ngpu.0.energy_step_ms=20\n\
    gpu.1.schedule=100:0:300000\ngpu.1.energy_step_ms=20\n";
const WATTS: f64 = 300.0;

/// A look every so many seconds.
const EVERY: f64 = 0.02;

/// A kWh at 100 USD and a PUE of 1.8: a joule is 50,000 nano-USD, a microjoule a twentieth.
const NANOS_A_JOULE: f64 = 50_000.0;

/// Hardware at 3,600 USD an hour: a nanosecond of it is a nano-USD.
fn owned(power: &str, more: &str) -> String {
    format!(
        "price.owned = {{ capex = \"0 USD\", residual = \"0%\", years = 1, wacc = \"0%\", opex_per_hour = \"3600 USD\", \
         power = {power}, pue = 1.8, tariff = \"100 USD\" }}\n{more}"
    )
}

fn nvml(library: &Path) -> String {
    let library = library.display();
    format!("meter.nvml = {{ library = \"{library}\", every = \"20ms\", devices = [\"0\"] }}")
}

/// A bench with the driver's library and state in it.
fn with_driver(library: Library) -> Result<(Bench, PathBuf), Failed> {
    let bench = Bench::new()?;
    let path = Fake::built()?.library(bench.folder(), library)?;
    let begin = now().0.saturating_sub(60_000_000_000);
    std::fs::write(bench.folder().join("state"), format!("begin_ns={begin}\n{STATE}"))?;
    Ok((bench, path))
}

fn ran(bench: &Bench, arguments: &[&str]) -> Result<Run, Failed> {
    let run = bench.ran(bench.command(arguments).env("FAKENVML_STATE", bench.folder().join("state")))?;
    run.expect(0, "")?;
    Ok(run)
}

/// The report of a run, and its row without a domain.
fn reported(run: &Run) -> Result<(Value, Value), Failed> {
    let json: Value = serde_json::from_str(&run.ended.stdout)?;
    let report = json.pointer("/reports/0").cloned().ok_or("no report")?;
    let rows = report["rows"].as_array().ok_or("no rows")?;
    let row = rows.iter().find(|row| row["domain"].is_null()).cloned().ok_or("no row")?;
    Ok((report, row))
}

fn float(of: &Value, pointer: &str) -> Result<f64, Failed> {
    of.pointer(pointer).and_then(Value::as_f64).ok_or_else(|| format!("no number at {pointer} of {of}").into())
}

/// What holds of every run on this hardware: the hardware's shares are its time to the nano-USD, what energy cost is joules ×
/// PUE × tariff, and all parts add up. Gives the joules of all samples, and the window in seconds.
fn adds_up(samples: &[Value], report: &Value, row: &Value) -> Result<(f64, f64), Failed> {
    let [hardware, energy, joules, whole] =
        ["hardware_nano_usd", "energy_nano_usd", "energy_microjoules", "cost_nano_usd"]
            .map(|field| sum(samples, field));
    let (hardware, energy, microjoules, whole) = (hardware?, energy?, joules?, whole?);
    let seconds = float(report, "/hardware/0/seconds")?;
    let nanos = (seconds * 1e9).round();
    assert!((hardware as f64 - nanos).abs() <= 1.0, "{hardware} nano-USD for {nanos} ns");
    // What is less than a unit is carried to the next sample: at the end less than one of each is left.
    let due = microjoules as f64 * NANOS_A_JOULE / 1e6;
    assert!((energy as f64 - due).abs() <= 1.0, "{energy} nano-USD for {microjoules} µJ");
    assert_eq!(hardware + energy, whole);
    let components = row.pointer("/cost/components_nano_usd").and_then(Value::as_object).ok_or("no components")?;
    let parts: u64 = components.values().filter_map(Value::as_u64).sum();
    assert_eq!(row.pointer("/cost/nano_usd").and_then(Value::as_u64), Some(parts));
    assert_eq!(
        (parts, components["energy"].as_u64(), components["hardware"].as_u64()),
        (whole, Some(energy), Some(hardware))
    );
    let causes = row["cost_by_cause_nano_usd"].as_object().ok_or("no causes")?;
    assert_eq!(causes.values().filter_map(Value::as_u64).sum::<u64>(), whole);
    Ok((microjoules as f64 / 1e6, seconds))
}

/// The sum over samples is the meter's window, but for the edges: a sample that begins or ends between two looks gets what
/// the meter would have seen had all gone on as it was, for a look at the most, and the counter itself moves in steps. So
/// the two differ by no more than what two looks and two steps hold at each end.
fn metered() -> Outcome {
    let (bench, library) = with_driver(Library::Fake)?;
    let mock = Mock::start(&["--ttft", "30ms"])?;
    let price = owned("\"measured\"", &nvml(&library));
    let shape = Shape { items: 40, arrival: "{ kind = \"closed\", concurrency = 4 }", ..Shape::default() };
    bench.configure(&[target("a", mock.address, &price)], shape)?;
    let run = ran(&bench, &["run", "-c", "assayd.toml", "--format", "json"])?;
    let samples = bench.samples()?;
    assert_eq!(samples.len(), 40);
    let (report, row) = reported(&run)?;
    let (joules, seconds) = adds_up(&samples, &report, &row)?;
    for sample in &samples {
        assert!(number(sample, "energy_microjoules")? > 0 && number(sample, "device_busy_ns").is_ok(), "{sample}");
        assert!(["measured", "estimated"].contains(&text(sample, "energy_quality")), "{sample}");
    }
    let hardware = &report["hardware"][0];
    let window = float(hardware, "/joules")?;
    let edges = 4.0 * WATTS * 2.0 * EVERY;
    assert!(
        (joules - window).abs() <= edges,
        "{joules} J of samples, {window} J of the window, {edges} J at its edges"
    );
    // One of the two cards is the target's.
    assert!((window - WATTS * seconds).abs() <= edges, "{window} J in {seconds} s");
    assert!((float(hardware, "/idle_joules")? + float(hardware, "/active_joules")? - window).abs() < 1e-6);
    assert!((float(hardware, "/device_seconds")? - seconds).abs() <= 2.0 * EVERY, "{hardware}");
    let busy = float(hardware, "/busy_seconds/kernel_active/value")?;
    assert!(busy > 0.0 && busy <= seconds, "{hardware}");
    assert!((float(&row, "/energy/joules")? - joules).abs() < 1e-3);
    // It took less than ten seconds, or this machine is in a bad way; either way the report says what it is.
    let flags = hardware["flags"].as_array().ok_or("no flags")?;
    assert_eq!(flags.contains(&"short".into()), seconds < 10.0);
    let told = report["caveats"].as_array().ok_or("no caveats")?.iter().filter_map(Value::as_str);
    let short = told.filter(|line| line.starts_with("a: energy and busy time of its hardware: short (")).count();
    assert_eq!(short, usize::from(seconds < 10.0));
    Ok(())
}

fn missing() -> Outcome {
    let (bench, library) = with_driver(Library::Nowhere)?;
    let mock = Mock::start(&[])?;
    bench.configure(&[target("a", mock.address, &owned("\"measured\"", &nvml(&library)))], Shape::default())?;
    let run = ran(&bench, &["run", "-c", "assayd.toml", "--format", "json"])?;
    let (report, row) = reported(&run)?;
    assert!(row["energy"].is_null(), "{row}");
    let hardware = &report["hardware"][0];
    assert_eq!((hardware["quality"].as_str(), &hardware["joules"]), (Some("absent"), &Value::Null));
    let caveats = report["caveats"].as_array().ok_or("no caveats")?;
    let named =
        |line: &&Value| line.as_str().is_some_and(|line| line.contains("a: a meter brought nothing: nvml: no_library"));
    assert_eq!(caveats.iter().filter(named).count(), 1, "{caveats:?}");
    // Hardware is paid for all the same; of its energy nothing is made up.
    let samples = bench.samples()?;
    let (paid, nanos) = (sum(&samples, "hardware_nano_usd")? as f64, float(hardware, "/seconds")? * 1e9);
    assert!((paid - nanos.round()).abs() <= 1.0, "{paid} nano-USD for {nanos} ns");
    assert!(samples.iter().all(|s| s["energy_microjoules"].is_null() && s["energy_nano_usd"] == 0), "{samples:?}");
    Ok(())
}

fn declared() -> Outcome {
    let (bench, mock) = (Bench::new()?, Mock::start(&[])?);
    let price = owned("{ nameplate = \"1 kW\" }", "");
    let shape = Shape { items: 20, ..Shape::default() };
    bench.configure(&[target("a", mock.address, &price)], shape)?;
    let run = ran(&bench, &["run", "-c", "assayd.toml", "--format", "json"])?;
    let samples = bench.samples()?;
    let (report, row) = reported(&run)?;
    let (joules, seconds) = adds_up(&samples, &report, &row)?;
    // To the microjoule: nothing of the time falls to nobody.
    assert!((joules - 1000.0 * seconds).abs() <= 2e-6, "{joules} J in {seconds} s");
    assert!(samples.iter().all(|sample| text(sample, "energy_quality") == "estimated"), "{samples:?}");
    assert_eq!(row.pointer("/energy/quality"), Some(&"estimated".into()));
    let hardware = &report["hardware"][0];
    assert!((float(hardware, "/joules")? - joules).abs() <= 2e-6, "{hardware}");
    assert_eq!((hardware["quality"].as_str(), &hardware["idle_joules"]), (Some("estimated"), &Value::Null));
    Ok(())
}

fn exported() -> Outcome {
    let (bench, library) = with_driver(Library::Fake)?;
    let mock = Mock::start(&["--ttft", "30ms"])?;
    let absent = bench.folder().join("nowhere.so");
    let targets = [
        target("a", mock.address, &owned("\"measured\"", &nvml(&library))),
        target("b", mock.address, &owned("\"measured\"", &nvml(&absent))),
    ];
    bench.configure(&targets, Shape { top: "server.listen = [\"127.0.0.1:0\"]", ..Shape::default() })?;
    let state = bench.folder().join("state");
    let process = Process::start(bench.command(&["serve", "-c", "assayd.toml"]).env("FAKENVML_STATE", state))?;
    let line = process.line("listening on", PATIENCE)?;
    let address = line.split("http://").nth(1).ok_or_else(|| format!("no address in {line:?}"))?;
    let address: SocketAddr = address.trim().parse()?;
    until(PATIENCE, || {
        let text = http::get(address, "/metrics")?.body;
        let value = |name: &str, labels: &[&str]| -> Option<f64> {
            let lines = text.lines().filter(|line| line.strip_prefix(name).is_some_and(|rest| rest.starts_with('{')));
            let lines = lines.filter(|line| labels.iter().all(|label| line.contains(label)));
            // Of several series, their sum: measured and estimated joules are apart.
            lines.map(|line| line.rsplit(' ').next()?.parse::<f64>().ok()).reduce(|a, b| Some(a? + b?))?
        };
        let card = "uuid=\"GPU-00000000-0000-0000-0000-000000000000\"";
        let positive = [
            value("assayd_target_energy_joules_total", &["target=\"a\""]),
            value("assayd_gpu_info", &[card]),
            value("assayd_gpu_busy_seconds_total", &[card, "kind=\"kernel_active\""]),
            value("assayd_gpu_energy_joules_total", &[card, "state=\"active\""]),
            value("assayd_gpu_power_watts", &[card]),
            value("assayd_target_device_info", &["target=\"a\"", card]),
            value("assayd_meter_looks_total", &["target=\"a\"", "kind=\"nvml\""]),
            value("assayd_meter_up", &["target=\"a\"", "kind=\"nvml\""]),
            value("assayd_meter_absent", &["target=\"b\"", "what=\"all\"", "why=\"no_library\""]),
            value("assayd_meter_failures_total", &["target=\"b\""]),
        ];
        let down = value("assayd_meter_up", &["target=\"b\""]) == Some(0.0);
        let all = positive.iter().all(|value| value.is_some_and(|value| value > 0.0));
        // Of the target without a meter there is no energy, not 0 of it.
        let none = value("assayd_target_energy_joules_total", &["target=\"b\""]).is_none_or(|joules| joules == 0.0);
        if all && down && none { Ok(()) } else { Err(format!("{positive:?} {down} {none}").into()) }
    })
}

fn shown() -> Outcome {
    let (bench, library) = with_driver(Library::Fake)?;
    let targets = [
        target("a", "127.0.0.1:9", &owned("\"measured\"", &nvml(&library))),
        target("b", "127.0.0.1:9", &format!("{}\nmeter.none = {{}}", owned("\"measured\"", ""))),
        target("c", "127.0.0.1:9", ""),
    ];
    bench.configure(&targets, Shape::default())?;
    let run = ran(&bench, &["gpu", "-c", "assayd.toml", "--once", "--format", "json"])?;
    let line: Value = serde_json::from_str(run.ended.stdout.lines().next().unwrap_or_default())?;
    let meters = line["meters"].as_array().ok_or("no meters")?;
    let names: Vec<&str> = meters.iter().map(|meter| text(meter, "meter")).collect();
    assert_eq!(names, ["a nvml", "b none"]);
    // Only what is the target's: one of the two cards.
    assert_eq!(meters.first().and_then(|meter| meter["devices"].as_array()).map(Vec::len), Some(1), "{line}");
    let window = ran(&bench, &["gpu", "-c", "assayd.toml", "--for", "300ms"])?;
    assert!(window.ended.stdout.contains("a nvml"), "{}", window.ended.stdout);
    // Without a meter there is nothing to look at, and the machine's own flags do not go with a configuration.
    bench.configure(&[target("c", "127.0.0.1:9", "")], Shape::default())?;
    let none = bench.ran(&mut bench.command(&["gpu", "-c", "assayd.toml", "--once"]))?;
    none.expect(2, "no target of this configuration has a meter")?;
    let both = bench.ran(&mut bench.command(&["gpu", "-c", "assayd.toml", "--library", "x"]))?;
    both.expect(2, "cannot be used with")
}
