//! `assayd gate`: mocks whose accuracy and pace are known, held against each other, against what was before, and against a file.

use crate::support::Outcome;
use crate::support::bench::{Bench, Mock, PRICE, Run, Shape, target};
use libtest_mimic::{Failed, Trial};
use serde_json::Value;

/// The tests of this module.
pub fn tests() -> Vec<Trial> {
    vec![
        Trial::test("gate::against_a_target", against_a_target),
        Trial::test("gate::against_what_was_before_and_against_a_file", against_before),
        Trial::test("gate::wrong_words_are_told", wrong),
    ]
}

fn gate(bench: &Bench, more: &[&str]) -> Result<Run, Failed> {
    bench.ran(&mut bench.command(&[&["gate", "-c", "assayd.toml"], more].concat()))
}

/// Runs, and holds that every item was asked once more and answered: what failed would be missing from the pairs.
fn asked(bench: &Bench, items: usize, times: usize) -> Outcome {
    bench.run(&[])?.expect(0, "")?;
    let samples = bench.samples()?;
    let failed: Vec<_> = samples.iter().filter(|sample| sample.get("outcome").is_none_or(|o| o != "ok")).collect();
    assert_eq!((samples.len(), failed.len()), (items * times, 0), "{failed:?}");
    Ok(())
}

/// Ruling by condition.
fn rulings(run: &Run) -> Result<Vec<(String, String)>, Failed> {
    let json: Value = serde_json::from_str(&run.ended.stdout)?;
    let lines = json.get("conditions").and_then(Value::as_array).ok_or("no conditions")?;
    let text = |line: &Value, key: &str| line.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    Ok(lines.iter().map(|line| (text(line, "fails_if"), text(line, "ruling"))).collect())
}

fn against_a_target() -> Outcome {
    let (bench, good, poor) = (Bench::new()?, Mock::start(&[])?, Mock::start(&["--accuracy", "0.8"])?);
    let targets = [target("good", good.address, PRICE), target("poor", poor.address, PRICE)];
    bench.configure(&targets, Shape { items: 300, ..Shape::default() })?;
    bench.run(&[])?.expect(0, "")?;
    let conditions = [
        ("accuracy<-2pt", "fail"),
        ("accuracy<-90pt", "pass"),
        ("accuracy<-20pt", "undecided"),
        ("cost_per_correct>+5%", "fail"),
        ("cost_per_correct>+900%", "pass"),
        ("ttft_p50>500ms", "pass"),
        ("failed>0.1", "pass"),
        ("failed>+10pt", "pass"),
        // What only a run's own figures have.
        ("tokens_per_second<0.001", "pass"),
        ("slo_attainment<0.9", "not_measured"),
    ];
    let mut arguments = vec!["--baseline", "good", "--format", "json", "--junit", "gate.xml"];
    conditions.iter().for_each(|(condition, _)| arguments.extend(["--fail-if", *condition]));
    let run = gate(&bench, &arguments)?;
    run.expect(5, "written to gate.xml")?;
    let wanted: Vec<(String, String)> = conditions.map(|(c, ruling)| (c.to_owned(), ruling.to_owned())).to_vec();
    assert_eq!(rulings(&run)?, wanted, "{}", run.ended.stdout);
    let xml = std::fs::read_to_string(bench.folder().join("gate.xml"))?;
    assert!(xml.contains("name=\"poor\"") && xml.contains("tests=\"10\" failures=\"2\" errors=\"1\""), "{xml}");
    assert_eq!((xml.matches("<testcase ").count(), xml.matches("<skipped>").count()), (10, 1), "{xml}");

    // Undecided passes, unless it is not to.
    let undecided = ["--baseline", "good", "--fail-if", "accuracy<-20pt"];
    let lenient = gate(&bench, &undecided)?;
    lenient.expect(0, "")?;
    assert!(lenient.ended.stdout.contains("PASS: 0 passed, 0 failed, 1 undecided"), "{}", lenient.ended.stdout);
    gate(&bench, &[&undecided[..], &["--undecided", "fail"]].concat())?.expect(5, "")?;
    // Without a baseline every target is held against the limit itself.
    let alone = gate(&bench, &["--fail-if", "accuracy<50%", "--format", "json"])?;
    alone.expect(0, "")?;
    assert_eq!(rulings(&alone)?.len(), 2);
    Ok(())
}

fn against_before() -> Outcome {
    let (bench, mock) = (Bench::new()?, Mock::start(&[])?);
    bench.configure(&[target("a", mock.address, PRICE)], Shape { items: 300, ..Shape::default() })?;
    asked(&bench, 300, 1)?;
    let saved = ["compare", "-c", "assayd.toml", "--format", "json", "--out", "before.json"];
    bench.ran(&mut bench.command(&saved))?.expect(0, "written to before.json")?;
    let between = jiff::Timestamp::now().to_string();
    let conditions = ["--fail-if", "accuracy<-2pt", "--fail-if", "cost_per_correct>+500%", "--format", "json"];
    let before = gate(&bench, &[&["--before", &between], &conditions[..]].concat())?;
    before.expect(5, "")?;
    assert!(
        rulings(&before)?.iter().all(|(_, ruling)| ruling == "not_measured"),
        "nothing is newer: {}",
        before.ended.stdout
    );

    mock.set("{\"accuracy\": 0.8}")?;
    asked(&bench, 300, 2)?;
    for baseline in [["--before", between.as_str()], ["--baseline", "before.json"]] {
        let run = gate(&bench, &[&baseline[..], &conditions[..]].concat())?;
        run.expect(5, "")?;
        let rulings: Vec<String> = rulings(&run)?.into_iter().map(|(_, ruling)| ruling).collect();
        assert_eq!(rulings, ["fail", "pass"], "{baseline:?}: {}", run.ended.stdout);
        let how = if baseline[0] == "--before" { "paired by item" } else { "out of both intervals" };
        assert!(run.ended.stdout.contains(how), "{}", run.ended.stdout);
    }
    Ok(())
}

fn wrong() -> Outcome {
    let (bench, mock) = (Bench::new()?, Mock::start(&[])?);
    bench.configure(&[target("a", mock.address, PRICE)], Shape::default())?;
    gate(&bench, &["--fail-if", "accuracy<0.5"])?.expect(1, "assayd.db")?;
    bench.run(&[])?.expect(0, "")?;
    gate(&bench, &[])?.expect(2, "--fail-if <CONDITION>")?;
    gate(&bench, &["--fail-if", "accuracy<-2pt"])?
        .expect(2, "hint: give --baseline TARGET, --baseline FILE or --before WHEN")?;
    gate(&bench, &["--fail-if", "acuracy<0.5"])?.expect(2, "did you mean accuracy?")?;
    gate(&bench, &["--fail-if", "accuracy<-2%"])?.expect(2, "such as accuracy<-2pt")?;
    let changed = ["--fail-if", "accuracy<-2pt", "--baseline"];
    let against = |baseline: &str| gate(&bench, &[&changed[..], &[baseline]].concat());
    against("b")?.expect(2, "there is no sample of b; hint: there are some of a")?;
    against("no.json")?.expect(2, "no.json")?;
    std::fs::write(bench.folder().join("x.json"), "{}")?;
    against("x.json")?.expect(2, "not assayd.compare/1; hint: write it by")?;
    gate(&bench, &["--fail-if", "accuracy<0.5", "--scenario", "other"])?.expect(3, "there is nothing to hold against")
}
