//! A full disk, a reader that is gone: what was acknowledged is there, and the message says what happened.

use crate::support::bench::{Bench, Mock, PRICE, Shape, count, log, number, target, text};
use libtest_mimic::{Failed, Trial};
use std::collections::BTreeSet;
use std::process::{Command, Stdio};

pub(super) fn tests() -> Vec<Trial> {
    vec![
        Trial::test("failures::a_full_disk", full_disk),
        Trial::test("failures::a_store_that_cannot_be_made", no_store),
        Trial::test("failures::a_store_that_is_none", damaged),
        Trial::test("failures::nobody_reads_the_report", closed),
        Trial::test("failures::the_reports_disk_is_full", no_room_for_the_report),
    ]
}

const ITEMS: usize = 120;

fn command(bench: &Bench) -> Command {
    bench.command(&["run", "-c", "assayd.toml", "--format", "json"])
}

/// No file may grow beyond a limit (in blocks of 512 bytes, POSIX): the store is full in the middle of the run. The run ends and says so; every sample
/// that was counted as recorded is there; with the limit gone the same command asks the rest, and nothing twice.
fn full_disk() -> Result<(), Failed> {
    // How much room the tables alone take grows with them: the first room that holds a sample as well is the one.
    let mut rooms = (600..4000).step_by(100);
    let (bench, mock, acknowledged) = loop {
        let blocks = rooms.next().ok_or("no room was enough")?;
        let (bench, mock) = (Bench::new()?, Mock::start(&[])?);
        let shape = Shape { items: ITEMS, ..Shape::default() };
        bench.configure(&[target("a", mock.address, PRICE)], shape)?;
        let command = command(&bench);
        let mut limited = Command::new("sh");
        limited.args(["-c", &format!("ulimit -f {blocks}; exec \"$0\" \"$@\"")]);
        limited.arg(command.get_program()).args(command.get_args()).current_dir(bench.folder());
        let run = bench.ran(&mut limited)?;
        let json: Option<serde_json::Value> = serde_json::from_str(&run.ended.stdout).ok();
        let recorded = json.as_ref().and_then(|json| json.pointer("/reports/0/rows/0/samples")?.as_u64());
        if let Some(recorded @ 1..) = recorded {
            run.expect(3, "r: incomplete: the store is full: ")?;
            break (bench, mock, recorded);
        }
        assert!(run.ended.code.is_some_and(|code| code != 0), "no sample, and no failure");
        assert!(run.ended.stderr.contains("the store is full: "), "{}", run.ended.stderr);
    };
    log("named full_disk");
    let before = bench.samples()?;
    let acknowledged = usize::try_from(acknowledged)?;
    assert_eq!(before.len(), acknowledged, "acknowledged, and there");
    assert!((1..ITEMS).contains(&acknowledged), "{acknowledged} of {ITEMS}: the limit was not met in the middle");
    bench.ran(&mut command(&bench))?.expect(0, "")?;
    let after = bench.samples()?;
    let items: BTreeSet<&str> = after.iter().map(|s| text(s, "item")).collect();
    assert_eq!((after.len(), items.len()), (ITEMS, ITEMS));
    assert_eq!(after.get(..before.len()), Some(before.as_slice()), "what was recorded stays as it was");
    // Answered, but never committed, or ready to be sent: unknown. At most what was in flight (three) and what was ready
    // (one) after the last commit that took place, and an answer for each place of which the record came after the intent
    // of the next (three): a trial's turn ends before its record is written.
    let unknown = count(&after, "verdict", "unknown");
    assert!(unknown <= 7, "{unknown} unknown");
    assert_eq!(count(&after, "verdict", "correct") + unknown, ITEMS);
    let (arrived, all) = (mock.arrived()?, ITEMS as u64);
    assert!((all - unknown as u64..=all).contains(&arrived), "{arrived} asked: nothing is asked twice");
    for sample in after.iter().filter(|s| text(s, "verdict") == "unknown") {
        assert!(number(sample, "unknown_bound_nano_usd")? > 0);
    }
    Ok(())
}

fn no_store() -> Result<(), Failed> {
    let (bench, mock) = (Bench::new()?, Mock::start(&[])?);
    let top = "[store]\nurl = \"sqlite:///proc/assayd.db\"";
    bench.configure(&[target("a", mock.address, "")], Shape { top, ..Shape::default() })?;
    bench.run(&[])?.expect(1, "/proc/assayd.db")?;
    assert_eq!(mock.arrived()?, 0, "without a store nothing is asked");
    Ok(())
}

fn damaged() -> Result<(), Failed> {
    let (bench, mock) = (Bench::new()?, Mock::start(&[])?);
    bench.configure(&[target("a", mock.address, "")], Shape::default())?;
    std::fs::write(bench.folder().join("assayd.db"), "this is no database, whatever its name says. ".repeat(200))?;
    bench.run(&[])?.expect(1, "the store is damaged: ")?;
    assert_eq!(mock.arrived()?, 0, "without a store nothing is asked");
    Ok(())
}

/// The reader of standard output has gone before the report: an error that says so, and the samples are there.
fn closed() -> Result<(), Failed> {
    let (bench, mock) = (Bench::new()?, Mock::start(&[])?);
    bench.configure(&[target("a", mock.address, "")], Shape::default())?;
    for arguments in
        [["run", "-c", "assayd.toml", "--format", "json"], ["export", "samples", "-c", "assayd.toml", "--format=csv"]]
    {
        let mut command = bench.command(&arguments);
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
        drop(child.stdout.take());
        let ended = child.wait_with_output()?;
        let said = String::from_utf8_lossy(&ended.stderr);
        assert_eq!(ended.status.code(), Some(1), "{arguments:?}: {said}");
        assert!(said.contains("assayd: standard output: Broken pipe"), "{arguments:?}: {said}");
        assert!(!said.contains("panicked"), "{said}");
    }
    assert_eq!(count(&bench.samples()?, "verdict", "correct"), 3);
    log("named closed_output");
    Ok(())
}

fn no_room_for_the_report() -> Result<(), Failed> {
    let (bench, mock) = (Bench::new()?, Mock::start(&[])?);
    bench.configure(&[target("a", mock.address, "")], Shape::default())?;
    let command = bench.command(&["run", "-c", "assayd.toml"]);
    let mut shell = Command::new("sh");
    shell.args(["-c", "exec \"$0\" \"$@\" >/dev/full"]).arg(command.get_program()).args(command.get_args());
    bench.ran(shell.current_dir(bench.folder()))?.expect(1, "standard output: No space left on device")?;
    assert_eq!(bench.samples()?.len(), 3);
    Ok(())
}
