//! `assayd breakeven`: the page's example is what the command prints, and what runs measured goes in by itself.

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
    ] {
        breakeven(&bench, more)?.expect(2, said)?;
    }
    Ok(())
}
