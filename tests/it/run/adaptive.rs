//! Adaptive runs through the real binary: what is told beforehand and afterwards, and what a kill leaves.

use super::trial;
use crate::support::bench::{Bench, Mock, PRICE, Shape, target, text};
use crate::support::process::{Signal, until};
use libtest_mimic::{Failed, Trial};
use serde_json::Value;
use std::collections::BTreeSet;
use std::time::Duration;

pub(super) fn tests() -> Vec<Trial> {
    vec![
        trial("an_adaptive_run_is_foretold_decided_and_told", told),
        trial("an_adaptive_run_that_was_killed_goes_on", killed),
        trial("a_decision_needs_its_targets", narrowed),
    ]
}

const ARRIVAL: &str = "{ kind = \"closed\", concurrency = 4 }";

/// Two targets of these accuracies.
fn bench(flags: [&[&str]; 2], run: &str) -> Result<(Bench, [Mock; 2]), Failed> {
    let (bench, good, bad) = (Bench::new()?, Mock::start(flags[0])?, Mock::start(flags[1])?);
    let targets = [target("good", good.address, PRICE), target("bad", bad.address, PRICE)];
    bench.configure(&targets, Shape { items: 200, arrival: ARRIVAL, run, ..Shape::default() })?;
    Ok((bench, [good, bad]))
}

fn campaign(json: &str) -> Result<Value, Failed> {
    let document: Value = serde_json::from_str(json)?;
    Ok(document.pointer("/reports/0/campaigns/0").ok_or("no campaign")?.clone())
}

fn told() -> Result<(), Failed> {
    let (bench, mocks) = bench([&["--accuracy", "0.95"], &["--accuracy", "0.4"]], "decide = \"best\"")?;
    let check = bench.ran(&mut bench.command(&["check", "-c", "assayd.toml"]))?;
    check.expect(0, "")?;
    assert!(check.ended.stdout.contains("of 400 calls are expected to be asked"), "{}", check.ended.stdout);
    let run = bench.run(&["--format", "json"])?;
    run.expect(0, "")?;
    let campaign = campaign(&run.ended.stdout)?;
    assert_eq!((text(&campaign, "end"), text(&campaign["targets"][0], "target")), ("decided", "good"), "{campaign}");
    let asked = mocks[0].arrived()? + mocks[1].arrived()?;
    assert_eq!(campaign["calls_asked"].as_u64(), Some(asked));
    assert!(asked < 200, "{campaign}");
    // The table says it in words.
    let table = bench.run(&["--restart"])?;
    table.expect(0, "")?;
    let words = table.ended.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    for part in [" of 2 ", "(at 95 %)", "where the full pass asks 400", "whenever the run stopped"] {
        assert!(words.contains(part), "no {part:?} in {}", table.ended.stdout);
    }
    // What the first run learned of these items helped the second to foresee.
    assert!(words.contains("2 earlier targets' answers to these items"), "{}", table.ended.stdout);
    Ok(())
}

fn killed() -> Result<(), Failed> {
    let slow: &[&str] = &["--accuracy", "0.8", "--ttft", "15ms"];
    let (bench, mocks) = bench([slow, slow], "decide = \"best\"\nmargin = \"0%\"")?;
    let running = bench.start(&mut bench.command(&["run", "-c", "assayd.toml"]))?;
    until(Duration::from_secs(60), || if mocks[1].arrived()? >= 10 { Ok(()) } else { Err("too few so far".into()) })?;
    running.signal(Signal::KILL)?;
    running.end()?;
    let run = bench.run(&["--format", "json"])?;
    run.expect(0, "")?;
    let samples = bench.samples()?;
    let keys: BTreeSet<(&str, &str)> = samples.iter().map(|s| (text(s, "target"), text(s, "item"))).collect();
    assert_eq!(keys.len(), samples.len());
    // With no margin everything is asked, and nothing twice. What was ready at the kill and not sent yet is unknown, and never came.
    let unknown = samples.iter().filter(|s| text(s, "verdict") == "unknown").count() as u64;
    let arrived = mocks[0].arrived()? + mocks[1].arrived()?;
    assert_eq!(samples.len(), 400);
    assert!((400 - unknown..=400).contains(&arrived), "{arrived} arrived, {unknown} unknown");
    let campaign = campaign(&run.ended.stdout)?;
    assert_eq!(text(&campaign, "end"), "exact", "{campaign}");
    Ok(())
}

fn narrowed() -> Result<(), Failed> {
    let (bench, mocks) = bench([&[], &[]], "decide = \"better-than:bad\"")?;
    bench.run(&["--target", "good"])?.expect(2, "there is one target only, good: nothing is to be decided")?;
    assert_eq!(mocks[0].arrived()? + mocks[1].arrived()?, 0);
    Ok(())
}
