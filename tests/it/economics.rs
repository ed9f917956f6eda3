//! `assayd breakeven`: the page's example is what the command prints, and what runs measured goes in by itself.

use crate::meters::Fake;
use crate::nvml::fake;
use crate::support::bench::{Bench, Mock, PRICE, Shape, target};
use crate::support::process::{Process, assayd};
use crate::support::{Outcome, bench};
use libtest_mimic::{Failed, Trial};
use serde_json::Value;
use std::path::Path;

/// The tests of this module.
pub fn tests() -> Vec<Trial> {
    vec![
        Trial::test("economics::the_example_of_the_page_is_what_the_command_prints", example),
        Trial::test("economics::what_runs_measured_goes_in", measured),
        Trial::test("economics::a_duty_is_asked_of_a_server", asked),
        Trial::test("economics::a_duty_is_what_the_devices_were_busy", busy),
        Trial::test("economics::what_is_wrong_is_told", wrong),
    ]
}

const PAGE: &str = "docs/cost.md";
const BEGIN: &str = "<!-- breakeven: begin -->\n";
const END: &str = "<!-- breakeven: end -->";

fn example() -> Outcome {
    let page = std::fs::read_to_string(PAGE)?;
    let told = page.split_once("$ assayd ").and_then(|(_, rest)| rest.split_once("```")).ok_or("no command")?.0;
    let words: Vec<&str> = told.split_whitespace().filter(|word| *word != "\\").collect();
    let ended = Process::start(&mut assayd(Path::new("."), words))?.end(bench::PATIENCE)?;
    let (before, rest) = page.split_once(BEGIN).ok_or("no block")?;
    let (block, after) = rest.split_once(END).ok_or("no end of the block")?;
    if ended.code == Some(0) && block == ended.stdout {
        return Ok(());
    }
    if std::env::var_os("ASSAYD_UPDATE").is_some() {
        return Ok(std::fs::write(PAGE, format!("{before}{BEGIN}{}{END}{after}", ended.stdout))?);
    }
    Err(Failed::from(format!("{PAGE} has\n{block}\nthe command says\n{}{}", ended.stdout, ended.stderr)))
}

/// A price that comes to 3.6 USD an hour without energy: no capital, no residual.
const OWNED: &str = "price.owned = { capex = \"8760 USD\", residual = \"0%\", years = 1, wacc = \"0%\", \
    opex_per_hour = \"2.6 USD\", power = { nameplate = \"1 kW\" }, pue = 1, tariff = \"0.4 USD\" }";

fn breakeven(bench: &Bench, more: &[&str]) -> Result<bench::Run, Failed> {
    bench.ran(&mut bench.command(&[&["breakeven", "-c", "assayd.toml"], more].concat()))
}

const BOTH: [&str; 4] = ["--own", "own", "--api", "api"];

fn measured() -> Outcome {
    let (bench, mock) = (Bench::new()?, Mock::start(&["--ttft", "20ms"])?);
    let targets = [target("own", mock.address, OWNED), target("api", mock.address, PRICE)];
    let shape = Shape { top: "[store]\nurl = \"sqlite://store.db\"", items: 150, ..Shape::default() };
    bench.configure(&targets, shape)?;
    let before = breakeven(&bench, &BOTH)?;
    before.expect(3, "no break-even without what was not measured")?;
    assert!(before.ended.stdout.contains("the saturation throughput of own on sums was not measured"));
    bench.run(&[])?.expect(0, "")?;
    let run = breakeven(&bench, &[&BOTH[..], &["--format", "json", "--duty", "0.3"]].concat())?;
    run.expect(0, "")?;
    let found: Value = serde_json::from_str(&run.ended.stdout)?;
    let number = |pointer: &str| found.pointer(pointer).and_then(Value::as_f64).ok_or(format!("no {pointer}"));
    assert!((number("/usd_per_hour/total")? - 4.0).abs() < 1e-9, "{found}");
    // Every sum is answered right, at 8 tokens in or so and 6 out.
    assert!((number("/accuracy/estimate")? - 1.0).abs() < 1e-9 && number("/accuracy/lower")? < 0.99, "{found}");
    let (answers, tokens) = (number("/answers_per_hour/estimate")?, number("/output_tokens_per_second/estimate")?);
    assert!(answers > 1000.0 && tokens > 1.0, "{found}");
    let duty = number("/break_even/duty/estimate")?;
    let worked = 4.0 / (number("/accuracy/estimate")? * answers * number("/api_usd_per_correct/estimate")?);
    assert!((duty / worked - 1.0).abs() < 1e-9, "{duty} {worked}");
    let source = found.pointer("/answers_per_hour/from").and_then(Value::as_str).unwrap_or_default();
    assert!(
        source.starts_with("run r of ") && (source.contains("steady with") || source.contains("whole run")),
        "{source}"
    );
    // A figure that is given takes the measured one's place.
    let given = breakeven(&bench, &[&BOTH[..], &["--throughput", "10,9,11", "--format", "json"]].concat())?;
    given.expect(0, "")?;
    let found: Value = serde_json::from_str(&given.ended.stdout)?;
    assert_eq!(found.pointer("/answers_per_hour/upper").and_then(Value::as_f64), Some(39_600.0));
    Ok(())
}

/// All that a break-even needs, given.
const GIVEN: [&str; 6] = ["--accuracy", "0.8", "--throughput", "10", "--api-cost", "0.001"];

fn answer(values: &str) -> &'static str {
    let text = format!(r#"{{"status":"success","data":{{"resultType":"vector","result":[{values}]}}}}"#);
    Box::leak(text.into_boxed_str())
}

fn asked() -> Outcome {
    let bench = Bench::new()?;
    let targets = [target("own", "127.0.0.1:9", OWNED), target("api", "127.0.0.1:9", PRICE)];
    bench.configure(&targets, Shape::default())?;
    let ask = |says: &'static str, more: &[&str]| {
        let server = Fake::saying(says)?;
        let url = format!("http://{}", server.address);
        let duty = ["--duty-from", "prometheus", "--prometheus", &url, "--query", "avg(busy)"];
        breakeven(&bench, &[&BOTH[..], &GIVEN, &duty, more].concat())
    };
    let good = answer(r#"{"metric":{},"value":[1,"0.37"]}"#);
    let run = ask(good, &["--format", "json"])?;
    run.expect(0, "")?;
    let found: Value = serde_json::from_str(&run.ended.stdout)?;
    assert_eq!(found.pointer("/duty/share").and_then(Value::as_f64), Some(0.37));
    assert_eq!(found.pointer("/duty/source").and_then(Value::as_str), Some("prometheus"));
    let from = found.pointer("/duty/from").and_then(Value::as_str).unwrap_or_default();
    assert!(from.starts_with("avg(busy) at http://127.0.0.1:"), "{from}");
    let rows = found["by_duty"].as_array().ok_or("no duties")?;
    assert!(rows.iter().any(|row| row["duty"] == 0.37 && row["from"] == "prometheus"), "{rows:?}");
    let table = ask(good, &[])?.ended.stdout;
    assert!(table.contains("0.370 (prometheus)") && table.contains("prometheus: avg(busy) at"), "{table}");
    // What is no duty is told, and none is made up.
    for (says, why) in [
        (answer(r#"{"metric":{},"value":[1,"37"]}"#), "it gives 37, and a duty is a share above 0 and at most 1"),
        (answer(""), "the query gives no series"),
        (answer(r#"{"metric":{},"value":[1,"0.3"]},{"metric":{"a":"b"},"value":[1,"0.3"]}"#), "gives 2 series"),
        (r#"{"status":"error","errorType":"bad_data","error":"parse error"}"#, "bad_data parse error"),
        ("no JSON", "the answer is not Prometheus'"),
    ] {
        let run = ask(says, &["--format", "json"])?;
        run.expect(3, "the duty of own is not known")?;
        let found: Value = serde_json::from_str(&run.ended.stdout)?;
        let told = found["notes"].as_array().ok_or("no notes")?.iter().filter_map(Value::as_str);
        assert!(told.clone().any(|note| note.contains(why)), "{why}: {found}");
        assert!(found["duty"].is_null());
    }
    Ok(())
}

/// A card that is busy for 30 of every 100 ms, whatever is asked of it.
fn busy() -> Outcome {
    let (bench, mock) = (Bench::new()?, Mock::start(&["--ttft", "60ms"])?);
    let library = fake::Fake::built()?.library(bench.folder(), fake::Library::Fake)?;
    std::fs::write(bench.folder().join("state"), "gpu.0.schedule=30:100:300000,70:0:100000\ngpu.0.sample_ms=20\n")?;
    let meter = format!("{OWNED}\nmeter.nvml = {{ library = \"{}\", every = \"20ms\" }}", library.display());
    let targets = [target("own", mock.address, &meter), target("api", mock.address, PRICE)];
    bench.configure(&targets, Shape { items: 60, ..Shape::default() })?;
    let measured = [&BOTH[..], &GIVEN, &["--duty-from", "measured", "--format", "json"]].concat();
    let before = breakeven(&bench, &measured)?;
    before.expect(3, "the duty of own is not known")?;
    let mut run = bench.command(&["run", "-c", "assayd.toml"]);
    bench.ran(run.env("FAKENVML_STATE", bench.folder().join("state")))?.expect(0, "")?;
    let run = breakeven(&bench, &measured)?;
    run.expect(0, "")?;
    let found: Value = serde_json::from_str(&run.ended.stdout)?;
    let share = found.pointer("/duty/share").and_then(Value::as_f64).ok_or("no duty")?;
    // The window is no whole number of cycles, and its edges lie between looks.
    assert!((0.15..=0.5).contains(&share), "{share}");
    let from = found.pointer("/duty/from").and_then(Value::as_str).unwrap_or_default();
    assert!(from.starts_with("run r of ") && from.contains("kernel_active over "), "{from}");
    assert_eq!(found.pointer("/duty/source").and_then(Value::as_str), Some("measured"));
    Ok(())
}

fn wrong() -> Outcome {
    let bench = Bench::new()?;
    let targets = [target("own", "127.0.0.1:9", OWNED), target("api", "127.0.0.1:9", PRICE)];
    bench.configure(&targets, Shape::default())?;
    for (more, said) in [
        (&["--own", "mine", "--api", "api"][..], "there is no target \"mine\"; there are own, api"),
        (&["--own", "api", "--api", "own"], "target api is not paid by the hour"),
        (&["--own", "own", "--api", "api", "--scenario", "x"], "there is no scenario \"x\"; there are sums"),
        (&["--own", "own", "--api", "api", "--accuracy", "80"], "--accuracy: expected a share of at most 1"),
        (&["--own", "own", "--api", "api", "--duty", "1.5"], "expected a share above 0 and at most 1"),
        (&["--own", "own", "--api", "api", "--format", "yaml"], "expected one of table, md, json"),
        (&["--own", "own", "--api", "api", "--duty-from", "measured", "--duty", "0.3"], "cannot be used with"),
        (&["--own", "own", "--api", "api", "--duty-from", "prometheus"], "give --prometheus and --query"),
        (&["--own", "own", "--api", "api", "--prometheus", "http://127.0.0.1:9"], "--query"),
        (
            &["--own", "own", "--api", "api", "--prometheus", "http://127.0.0.1:9", "--query", "up"],
            "--prometheus and --query go with --duty-from prometheus",
        ),
        (
            &["--own", "own", "--api", "api", "--duty-from", "prometheus", "--prometheus", "here", "--query", "up"],
            "expected a URL",
        ),
    ] {
        breakeven(&bench, more)?.expect(2, said)?;
    }
    Ok(())
}
