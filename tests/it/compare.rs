//! `assayd compare`: two mocks of different accuracy, run by the real binary, held against each other in every format.

use crate::support::Outcome;
use crate::support::bench::{Bench, Mock, PRICE, Shape, number, target, text};
use libtest_mimic::{Failed, Trial};
use serde_json::Value;

/// The tests of this module.
pub fn tests() -> Vec<Trial> {
    vec![
        Trial::test("compare::every_format_tells_the_same", formats),
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
    // It opens without a network: nothing is loaded, no script runs.
    for loads in ["<script", "<link", "<img", "src=", "url(", "@import", "http://", "https://"] {
        assert!(!html.contains(loads), "the page has {loads}");
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
    let nothing = compare(&["-c", "assayd.toml", "--scenario", "other"])?;
    nothing.expect(3, "")?;
    assert!(nothing.ended.stdout.contains("There is nothing to compare"), "{}", nothing.ended.stdout);
    Ok(())
}
