//! Whether figures may be believed, and whether a goal was met, from the wire to the reports.

use super::trial;
use crate::support::bench::{Bench, Mock, PATIENCE, PRICE, Shape, count, number, target, text};
use crate::support::process::{assayd, until};
use libtest_mimic::{Failed, Trial};
use serde_json::Value;
use std::path::Path;
use std::process::Stdio;

pub(super) fn tests() -> Vec<Trial> {
    vec![
        trial("what_was_late_is_marked_as_not_valid", late),
        trial("a_goal_is_met_missed_or_unresolved", goals),
        trial("calibration_compares_with_the_mocks_own_truth", calibration),
        trial("a_busy_run_states_this_machines_own_error", busy),
        trial("probes_beside_the_load_are_counted_and_paid_apart", probes),
        trial("the_mock_ends_with_its_standard_input", stdin),
    ]
}

fn rows(json: &str) -> Result<Vec<Value>, Failed> {
    Ok(document(json)?["rows"].as_array().ok_or("no rows")?.clone())
}

fn document(json: &str) -> Result<Value, Failed> {
    let mut document: Value = serde_json::from_str(json)?;
    Ok(document.pointer_mut("/reports/0").ok_or("no report")?.take())
}

/// A hundred a second are due, and the target's limit lets twenty through: the schedule was not kept.
fn late() -> Result<(), Failed> {
    let (bench, mock) = (Bench::new()?, Mock::start(&["--ttft", "40ms"])?);
    let arrival = "{ kind = \"constant\", rate = \"100/s\" }";
    let shape = Shape { top: "[calibration]\nbefore_runs = false", items: 20, arrival, ..Shape::default() };
    bench.configure(&[target("a", mock.address, "limits.concurrency = 1")], shape)?;
    let run = bench.run(&["--format", "json"])?;
    run.expect(0, "r: the timing of a on sums is not valid: ")?;
    let report = document(&run.ended.stdout)?;
    assert_eq!(report["valid"], false);
    let rows = rows(&run.ended.stdout)?;
    for row in &rows {
        assert_eq!(row["valid"], false, "{row}");
        let reasons: Vec<&str> =
            row["reasons"].as_array().into_iter().flatten().filter_map(|r| r["reason"].as_str()).collect();
        assert!(["send_lag", "underdelivered", "few_samples"].iter().all(|r| reasons.contains(r)), "{reasons:?}");
    }
    let table = bench.run(&["--restart", "--fail-if", "valid<1"])?;
    table.expect(5, "a / sums: fails if valid<1: 0.000000")?;
    assert!(table.ended.stdout.lines().any(|line| line.starts_with("a‡ ")), "{}", table.ended.stdout);
    let csv = bench.run(&["--restart", "--format", "csv"])?.ended.stdout;
    assert!(csv.contains("send_lag underdelivered"), "{csv}");
    Ok(())
}

fn goals() -> Result<(), Failed> {
    for (slo, attained, share) in [
        ("{ total = \"30s\", goal = 0.4 }", "met", 1.0),
        ("{ total = \"30s\" }", "unresolved", 1.0),
        ("{ first_token = \"1us\", goal = 0.9 }", "missed", 0.0),
    ] {
        let (bench, mock) = (Bench::new()?, Mock::start(&[])?);
        bench.configure(&[target("a", mock.address, &format!("slo = {slo}"))], Shape::default())?;
        let run = bench.run(&["--format", "json"])?;
        run.expect(0, "")?;
        let rows = rows(&run.ended.stdout)?;
        let slo = rows.first().and_then(|row| row.get("slo")).ok_or("no slo")?;
        assert_eq!((text(slo, "attained"), slo["attainment"]["estimate"].as_f64()), (attained, Some(share)), "{slo}");
        assert_eq!(number(slo, "asked")?, 3);
    }
    Ok(())
}

fn calibration() -> Result<(), Failed> {
    let bench = Bench::new()?;
    let ran = bench.ran(&mut bench.command(&["calibrate", "--quick", "--streams", "4", "--format", "json"]))?;
    ran.expect(0, "")?;
    let document: Value = serde_json::from_str(&ran.ended.stdout)?;
    let level = document.pointer("/calibration/levels/0").ok_or("no level")?;
    assert_eq!((number(level, "streams")?, number(level, "answers")?, number(level, "failed")?), (4, 4, 0));
    for figure in ["ttft_p50", "ttft_p99", "gap_p50", "gap_p99", "e2e_p50", "e2e_p99"] {
        assert!(level["errors"][figure].is_f64(), "{figure}: {level}");
    }
    Ok(())
}

fn busy() -> Result<(), Failed> {
    let one_core = std::thread::available_parallelism().is_ok_and(|n| n.get() == 1);
    let (bench, mock) = (Bench::new()?, Mock::start(&[])?);
    let shape = Shape { items: 20, arrival: "{ kind = \"closed\", concurrency = 16 }", ..Shape::default() };
    bench.configure(&[target("a", mock.address, "")], shape)?;
    let asked = |flags: &[&str]| -> Result<Value, Failed> {
        let run = bench.run(flags)?;
        run.expect(0, "")?;
        Ok(document(&run.ended.stdout)?["calibration"].take())
    };
    let first = asked(&["--format", "json"])?;
    if one_core {
        assert!(first["Skipped"].is_string(), "{first}");
    } else {
        assert_eq!(number(&first["Measured"]["levels"][0], "answers")?, 16, "{first}");
        // Within the hour it is known.
        assert_eq!(asked(&["--format", "json"])?, first);
    }
    assert_eq!(mock.arrived()?, if one_core { 20 } else { 40 });
    let shape = Shape { top: "[calibration]\nbefore_runs = false", ..shape };
    bench.configure(&[target("a", mock.address, "")], shape)?;
    assert_eq!(asked(&["--format", "json"])?, Value::Null);
    Ok(())
}

/// The load waits for its one place, the probes do not; they have a purpose of their own and are in no row.
fn probes() -> Result<(), Failed> {
    let (bench, mock) = (Bench::new()?, Mock::start(&["--ttft", "150ms"])?);
    let shape = Shape { items: 4, run: "probe = { every = \"100ms\" }", ..Shape::default() };
    bench.configure(&[target("a", mock.address, &format!("{PRICE}\nlimits.concurrency = 1"))], shape)?;
    let run = bench.run(&["--format", "json"])?;
    run.expect(0, "")?;
    let report = document(&run.ended.stdout)?;
    let lane = report.pointer("/probes/0").ok_or("no probes")?;
    let asked = number(lane, "asked")?;
    assert!(asked >= 3 && text(lane, "target") == "a", "{lane}");
    assert_eq!(number(lane, "failed")?, 0);
    // Beside them, not behind: a probe takes the mock's time and not that of those before it.
    assert!(lane["first_token_seconds"]["p50"].as_f64() >= Some(0.149), "{lane}");
    let rows = rows(&run.ended.stdout)?;
    assert!(rows.iter().all(|row| row["samples"] == 4), "{rows:?}");
    let samples = bench.samples()?;
    assert_eq!((count(&samples, "purpose", "probe") as u64, count(&samples, "purpose", "measure")), (asked, 4));
    assert_eq!(mock.arrived()?, asked + 4);
    Ok(())
}

/// So it does not outlive a program that was killed.
fn stdin() -> Result<(), Failed> {
    let mut command = assayd(Path::new("."), ["mock", "--listen", "127.0.0.1:0", "--until-stdin-ends"]);
    let mut mock = command.stdin(Stdio::piped()).stderr(Stdio::null()).spawn()?;
    assert!(mock.try_wait()?.is_none());
    drop(mock.stdin.take());
    let ended = until(PATIENCE, || mock.try_wait()?.ok_or_else(|| "it goes on".into()))?;
    assert_eq!(ended.code(), Some(0));
    Ok(())
}
