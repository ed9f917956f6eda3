//! `assayd compare`: two mocks of different accuracy, run by the real binary, held against each other in every format.

use crate::support::Outcome;
use crate::support::bench::{Bench, Mock, PRICE, Shape, number, target, text};
use libtest_mimic::{Failed, Trial};
use serde_json::Value;

/// The tests of this module.
pub fn tests() -> Vec<Trial> {
    vec![
        Trial::test("compare::every_format_tells_the_same", formats),
        Trial::test("compare::trade_offs_duty_and_routes_of_a_configuration", trades),
        Trial::test("compare::wrong_words_are_told", wrong),
    ]
}

const ITEMS: usize = 80;

/// A bench where `good` and `poor` were asked the same.
fn compared() -> Result<(Bench, Mock, Mock), Failed> {
    let (bench, good, poor) = (Bench::new()?, Mock::start(&[])?, Mock::start(&["--accuracy", "0.5"])?);
    let targets = [target("poor", poor.address, PRICE), target("good", good.address, PRICE)];
    bench.configure(&targets, Shape { items: ITEMS, ..Shape::default() })?;
    bench.run(&[])?.expect(0, "")?;
    Ok((bench, good, poor))
}

fn report(bench: &Bench, more: &[&str]) -> Result<String, Failed> {
    let run = bench.ran(&mut bench.command(&[&["compare", "-c", "assayd.toml"], more].concat()))?;
    run.expect(0, "")?;
    Ok(run.ended.stdout)
}

fn formats() -> Outcome {
    let (bench, _good, _poor) = compared()?;
    let samples = bench.samples()?;
    let of = |name: &str| samples.iter().filter(|s| text(s, "target") == name).collect::<Vec<_>>();
    let right = |samples: &[&Value]| samples.iter().filter(|s| text(s, "verdict") == "correct").count() as u64;
    let cost = |samples: &[&Value]| samples.iter().map(|s| number(s, "cost_nano_usd")).sum::<Result<u64, _>>();

    let json: Value = serde_json::from_str(&report(&bench, &["--format", "json"])?)?;
    let at = |pointer: &str| json.pointer(pointer).ok_or_else(|| Failed::from(format!("no {pointer} in {json}")));
    assert_eq!(at("/parts/0/part/kind")?, "all");
    for (place, name) in [(0, "poor"), (1, "good")] {
        let own = of(name);
        assert_eq!(at(&format!("/parts/0/targets/{place}/target"))?, name);
        assert_eq!(at(&format!("/parts/0/targets/{place}/verdicts/correct"))?.as_u64(), Some(right(&own)));
        let usd: f64 = at(&format!("/parts/0/targets/{place}/cost_usd"))?.as_str().ok_or("no cost")?.parse()?;
        assert!((usd * 1e9 - cost(&own)? as f64).abs() < 0.5, "{name}: {usd}");
        assert!(at(&format!("/parts/0/targets/{place}/ttft_seconds/p50"))?.as_f64() > Some(0.0));
    }
    // Only `good` is right where the other is not.
    let pair = at("/parts/0/pairs/0")?;
    assert_eq!(pair.get("items").and_then(Value::as_u64), Some(ITEMS as u64));
    assert_eq!(pair.get("only_a").and_then(Value::as_u64), Some(0));
    assert_eq!(pair.get("only_b").and_then(Value::as_u64), Some(right(&of("good")) - right(&of("poor"))));
    let verdict = at("/verdict")?.to_string();
    assert!(verdict.contains("At 95 %, good is the most accurate over everything: 100.0 %"), "{verdict}");
    assert!(verdict.contains("poor is dominated by good"), "{verdict}");

    let table = report(&bench, &[])?;
    let markdown = report(&bench, &["--format", "md"])?;
    let html = report(&bench, &["--format", "html"])?;
    for text in [&table, &markdown, &html] {
        assert!(text.contains("good") && text.contains("dominated"), "{text}");
    }
    assert!(markdown.contains("| good | 80 | 80 | 100.0 (95.4–100.0) |"), "{markdown}");
    // It opens without a network: nothing is loaded, and only what its policy names runs.
    assert!(html.contains("default-src 'none'; script-src 'sha256-"), "no policy");
    assert!(!html.contains("<script src") && html.contains("plotly.js v"));
    let still = report(&bench, &["--format", "html", "--no-scripts"])?;
    assert!(still.len() < 200_000 && still.contains("script-src 'none'"), "{} bytes", still.len());
    for loads in ["<script", "<link", "<img", "src=", "href=", "url(", "@import"] {
        assert!(!still.contains(loads), "the page has {loads}");
    }
    let csv = report(&bench, &["--format", "csv"])?;
    assert_eq!(csv.lines().count(), 3, "{csv}");
    assert!(csv.lines().all(|line| line.split(',').count() == 20), "{csv}");

    let chinese = report(&bench, &["--lang", "zh", "--baseline", "good", "--out", "report.md", "--format", "md"])?;
    assert_eq!(chinese, "", "it is in the file");
    let chinese = std::fs::read_to_string(bench.folder().join("report.md"))?;
    assert!(chinese.contains("采购评测报告") && chinese.contains("与 good 相比，poor 的正确率差"), "{chinese}");
    Ok(())
}

/// Own hardware against a price by the token, over two domains: who is chosen where, from which duty on it pays, and where all of
/// it comes from.
fn trades() -> Outcome {
    let (bench, own, api) = (Bench::new()?, Mock::start(&["--accuracy", "0.9"])?, Mock::start(&[])?);
    let line = |i: usize| {
        let domain = if i.is_multiple_of(2) { "even" } else { "odd" };
        format!("{{\"prompt\": \"{}+1=\", \"answer\": {}, \"domain\": \"{domain}\"}}\n", i + 100, i + 101)
    };
    std::fs::write(bench.folder().join("sums.jsonl"), (0..ITEMS).map(line).collect::<String>())?;
    let hour = "sampling.max_tokens = 32\nprice.rented = { per_gpu_hour = \"0.05 USD\", gpus = 1 }";
    let targets = [target("own", own.address, hour), target("api", api.address, PRICE)];
    bench.configure(&targets, Shape { items: ITEMS, ..Shape::default() })?;
    bench.run(&[])?.expect(0, "")?;

    let weights = ["--format", "json", "--weights", "accuracy=2,cost=1", "--routing", "routes.json"];
    let json: Value = serde_json::from_str(&report(&bench, &weights)?)?;
    let at = |pointer: &str| json.pointer(pointer).ok_or_else(|| Failed::from(format!("no {pointer} in {json}")));
    assert_eq!(at("/tradeoffs/measures")?, &serde_json::json!(["accuracy", "cost", "ttft"]));
    // All alike, each of three for twice as much, and the reader's.
    assert_eq!(at("/tradeoffs/orders")?.as_array().map(Vec::len), Some(5));
    assert_eq!(
        at("/tradeoffs/orders/4/scheme")?,
        &serde_json::json!({ "own": true, "weights": { "accuracy": 2.0, "cost": 1.0 } })
    );
    assert_eq!(at("/break_even/0/own")?, "own");
    let duty = at("/break_even/0/duty/estimate")?.as_f64().ok_or("no duty")?;
    let hours = at("/break_even/0/answers_per_hour")?.as_f64().ok_or("no rate")?;
    let (right, cost) =
        (at("/parts/0/targets/0/accuracy/estimate")?, at("/parts/0/targets/1/cost_per_correct_usd/estimate")?);
    let wanted = 0.05 / (right.as_f64().ok_or("-")? * hours * cost.as_f64().ok_or("-")?);
    assert!((duty / wanted - 1.0).abs() < 1e-9, "{duty}, not {wanted}");
    assert!(
        at("/verdict")?.to_string().contains("own is cheaper per correct answer than api above duty"),
        "{}",
        at("/verdict")?
    );
    assert_eq!(at("/origin/targets/0/price/0")?, "rented: 0.05 USD per GPU and hour × 1");
    assert_eq!(at("/origin/targets/1/price/0")?, "input 1, output 10 USD per 1M, since 2026-01-01");
    assert_eq!(at("/origin/served/0/model")?, "mock");
    assert!(at("/origin/runs/0/seed")?.as_str().is_some_and(|seed| seed.parse::<u64>().is_ok()));
    assert!(at("/not_measured")?.to_string().contains("energy per correct"), "{}", at("/not_measured")?);
    let routes: Value = serde_json::from_str(&std::fs::read_to_string(bench.folder().join("routes.json"))?)?;
    let domains = |routes: &Value| routes.pointer("/routes").and_then(Value::as_array).map(Vec::len);
    assert_eq!((routes.get("schema"), domains(&routes)), (Some(&"assayd.routing/1".into()), Some(2)));
    report(&bench, &["--routing", "routes.yaml"])?;
    let yaml = std::fs::read_to_string(bench.folder().join("routes.yaml"))?;
    assert!(yaml.contains("- model_name: \"council/even\"") && yaml.contains("model: \"openai/mock\""), "{yaml}");
    // A store alone knows no prices by the hour, and no addresses.
    let store = ["compare", "--store", "sqlite://assayd.db", "--routing", "routes.yml"];
    bench.ran(&mut bench.command(&store))?.expect(3, "hint: give --config in place of --store")
}

fn wrong() -> Outcome {
    let (bench, mock) = (Bench::new()?, Mock::start(&[])?);
    bench.configure(&[target("a", mock.address, PRICE)], Shape::default())?;
    let compare = |more: &[&str]| bench.ran(&mut bench.command(&[&["compare"], more].concat()));
    compare(&[])?.expect(2, "--config <FILE>")?;
    compare(&["-c", "assayd.toml"])?.expect(1, "assayd.db")?;
    bench.run(&[])?.expect(0, "")?;
    compare(&["-c", "assayd.toml", "--baseline", "b"])?
        .expect(2, "there is no sample of b; hint: there are some of a")?;
    compare(&["-c", "assayd.toml", "--since", "soon"])?.expect(2, "expected a day such as 2026-11-01")?;
    compare(&["-c", "assayd.toml", "--format", "pdf"])?.expect(2, "expected one of table, md, html, csv, json")?;
    compare(&["-c", "assayd.toml", "--lang", "tlh"])?.expect(2, "expected en or zh")?;
    compare(&["-c", "assayd.toml", "--weights", "speed=1"])?.expect(2, "\"speed\" is no measure")?;
    compare(&["-c", "assayd.toml", "--routing", "r.json"])?.expect(3, "there is no council to route by")?;
    let nothing = compare(&["-c", "assayd.toml", "--scenario", "other"])?;
    nothing.expect(3, "")?;
    assert!(nothing.ended.stdout.contains("There is nothing to compare"), "{}", nothing.ended.stdout);
    Ok(())
}
