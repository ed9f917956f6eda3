//! How runs end before their time, and go on: signals, two processes on one store, beginning anew.

use super::trial;
use crate::support::bench::{Bench, Mock, PATIENCE, PRICE, Running, Shape, count, number, sum, target, text};
use crate::support::http;
use crate::support::process::{Signal, until};
use libtest_mimic::{Failed, Trial};
use std::collections::BTreeSet;
use std::net::SocketAddr;

pub(super) fn tests() -> Vec<Trial> {
    vec![
        trial("one_interrupt_drains_and_the_rest_is_asked_later", drains),
        trial("two_interrupts_abort_and_nothing_is_asked_twice", || aborts(false)),
        trial("with_retry_unknown_it_is_asked_again", || aborts(true)),
        trial("an_interrupt_ends_waits", waits),
        trial("sigterm_drains_the_daemon", daemon),
        trial("a_second_process_is_told_of_the_first", two),
        trial("restart_begins_anew", restart),
        trial("retention_deletes_samples_and_no_counter_goes_back", retention),
    ]
}

fn items(samples: &[serde_json::Value]) -> BTreeSet<&str> {
    samples.iter().map(|s| text(s, "item")).collect()
}

fn started(bench: &Bench) -> Result<Running, Failed> {
    bench.start(&mut bench.command(&["run", "-c", "assayd.toml"]))
}

/// Interrupted once: what is in flight is finished and recorded, the rest is asked by the next start, nothing twice.
fn drains() -> Result<(), Failed> {
    let (bench, mock) = (Bench::new()?, Mock::start(&["--ttft", "60ms"])?);
    bench.configure(&[target("a", mock.address, PRICE)], Shape { items: 30, ..Shape::default() })?;
    let running = started(&bench)?;
    until(PATIENCE, || if mock.arrived()? > 4 { Ok(()) } else { Err("nothing is asked".into()) })?;
    running.signal(Signal::INT)?;
    let run = running.end()?;
    run.expect(3, "r: incomplete: it was told to stop")?;
    run.expect(3, "the same command goes on where it stopped")?;
    let first = bench.samples()?;
    assert!((4..30).contains(&first.len()), "{} samples", first.len());
    assert_eq!((first.len(), count(&first, "verdict", "correct")), (usize::try_from(mock.arrived()?)?, first.len()));
    mock.set("{\"ttft\": \"1ms\"}")?;
    bench.run(&[])?.expect(0, "")?;
    let all = bench.samples()?;
    assert_eq!((all.len(), items(&all).len(), mock.arrived()?), (30, 30, 30));
    assert_eq!(count(&all, "verdict", "correct"), 30);
    Ok(())
}

/// Interrupted twice: what is in flight is dropped. The next start bounds its cost, and asks it again only where that was
/// allowed.
fn aborts(retry_unknown: bool) -> Result<(), Failed> {
    let (bench, mock) = (Bench::new()?, Mock::start(&["--ttft", "300s"])?);
    let run = format!("retry_unknown = {retry_unknown}");
    bench.configure(&[target("a", mock.address, PRICE)], Shape { items: 6, run: &run, ..Shape::default() })?;
    let running = started(&bench)?;
    mock.in_flight(3)?;
    running.signal(Signal::INT)?;
    running.line("once more to drop it")?;
    running.signal(Signal::INT)?;
    running.end()?.expect(3, "r: incomplete")?;
    assert_eq!(bench.samples()?.len(), 0);
    mock.in_flight(0)?;
    mock.set("{\"ttft\": \"1ms\"}")?;
    bench.run(&[])?.expect(0, "their outcome is unknown unknown=3")?;
    let samples = bench.samples()?;
    let (unknown, right) = (count(&samples, "verdict", "unknown"), count(&samples, "verdict", "correct"));
    let (asked, again) = if retry_unknown { (9, 6) } else { (6, 3) };
    assert_eq!((unknown, right, mock.arrived()?, items(&samples).len()), (3, again, asked, 6));
    for sample in samples.iter().filter(|s| text(s, "verdict") == "unknown") {
        assert!(number(sample, "unknown_bound_nano_usd")? > 0 && number(sample, "cost_nano_usd")? == 0, "{sample}");
    }
    // Asked again, it is the same trial.
    assert_eq!(sum(&samples, "repeat")?, 0);
    Ok(())
}

/// Trials that wait (for their turn a minute, for a Retry-After) do not hold up the end; they are asked by the next start.
fn waits() -> Result<(), Failed> {
    // Both would wait for longer than this test is patient.
    let storm = ["--fault", "429", "--retry-after", "10m"];
    for (flags, more) in [(&[][..], "limits.requests_per_minute = 1"), (&storm[..], "retry.longest = \"20m\"")] {
        let (bench, mock) = (Bench::new()?, Mock::start(flags)?);
        bench.configure(&[target("a", mock.address, more)], Shape::default())?;
        let running = started(&bench)?;
        until(PATIENCE, || if mock.arrived()? > 0 { Ok(()) } else { Err("nothing is asked".into()) })?;
        mock.in_flight(0)?;
        running.signal(Signal::INT)?;
        running.end()?.expect(3, "r: incomplete: it was told to stop")?;
        let before = bench.samples()?.len();
        assert!(before < 3, "{before} recorded");
        mock.set("{\"faults\": []}")?;
        bench.configure(&[target("a", mock.address, "")], Shape::default())?;
        bench.run(&[])?.expect(0, "")?;
        let samples = bench.samples()?;
        assert_eq!((items(&samples).len(), count(&samples, "verdict", "correct")), (3, 3));
    }
    Ok(())
}

fn listening(running: &Running) -> Result<SocketAddr, Failed> {
    let line = running.line("listening on http://")?;
    Ok(line.split("http://").nth(1).ok_or("no address")?.parse()?)
}

/// SIGTERM in the middle of a run of the daemon: every exchange that was sent is recorded, and the end is an orderly one.
fn daemon() -> Result<(), Failed> {
    let (bench, mock) = (Bench::new()?, Mock::start(&["--ttft", "80ms"])?);
    let shape =
        Shape { top: "[server]\nlisten = [\"127.0.0.1:0\"]", run: "every = \"1h\"", items: 60, ..Shape::default() };
    bench.configure(&[target("a", mock.address, PRICE)], shape)?;
    let serve = || bench.start(&mut bench.command(&["serve", "-c", "assayd.toml"]));
    let running = serve()?;
    let address = listening(&running)?;
    assert_eq!(http::get(address, "/-/healthy")?.status, 200);
    assert_eq!(http::get(address, "/-/ready")?.status, 200);
    until(PATIENCE, || if mock.arrived()? > 6 { Ok(()) } else { Err("nothing is asked".into()) })?;
    running.signal(Signal::TERM)?;
    running.end()?.expect(0, "")?;
    let first = bench.samples()?;
    assert_eq!((first.len() as u64, count(&first, "verdict", "correct")), (mock.arrived()?, first.len()));
    assert!(first.len() < 60);
    // The next daemon goes on with the run, and counts from where the last one stood.
    mock.set("{\"ttft\": \"1ms\"}")?;
    let running = serve()?;
    let address = listening(&running)?;
    let right = "assayd_answers_total{";
    until(PATIENCE, || {
        let metrics = http::get(address, "/metrics")?.body;
        let line = metrics.lines().find(|l| l.starts_with(right) && l.contains("verdict=\"correct\""));
        if line.is_some_and(|l| l.ends_with(" 60")) { Ok(()) } else { Err(format!("{line:?}").into()) }
    })?;
    running.signal(Signal::TERM)?;
    running.end()?.expect(0, "")?;
    let all = bench.samples()?;
    assert_eq!((all.len(), items(&all).len(), mock.arrived()?), (60, 60, 60));
    Ok(())
}

fn two() -> Result<(), Failed> {
    let (bench, mock) = (Bench::new()?, Mock::start(&["--ttft", "300s"])?);
    bench.configure(&[target("a", mock.address, "")], Shape::default())?;
    let first = started(&bench)?;
    mock.in_flight(3)?;
    let told = format!("is in use by another assayd (process {})", first.id());
    bench.run(&[])?.expect(1, &told)?;
    // Reading goes on.
    assert_eq!(bench.samples()?.len(), 0);
    mock.set("{\"ttft\": \"1ms\"}")?;
    first.signal(Signal::KILL)?;
    drop(first);
    let told = "no graded answer from a (sums), 3 of 3: truncated: in flight when the process was killed";
    bench.run(&[])?.expect(3, told)
}

/// `--restart` leaves the interrupted execution as it is, and asks everything in a new one.
fn restart() -> Result<(), Failed> {
    let (bench, mock) = (Bench::new()?, Mock::start(&["--ttft", "60ms"])?);
    bench.configure(&[target("a", mock.address, "")], Shape { items: 20, ..Shape::default() })?;
    let running = started(&bench)?;
    until(PATIENCE, || if mock.arrived()? > 4 { Ok(()) } else { Err("nothing is asked".into()) })?;
    running.signal(Signal::INT)?;
    running.end()?.expect(3, "--restart begins anew")?;
    let first = bench.samples()?;
    mock.set("{\"ttft\": \"1ms\"}")?;
    bench.run(&["--restart"])?.expect(0, "")?;
    let all = bench.samples()?;
    assert_eq!(all.len(), first.len() + 20);
    let runs: BTreeSet<Option<u64>> = all.iter().map(|s| s.get("run").and_then(serde_json::Value::as_u64)).collect();
    assert_eq!(runs.len(), 2);
    Ok(())
}

/// What is older than `keep_for` goes when the daemon starts; what it has counted stays.
fn retention() -> Result<(), Failed> {
    let (bench, mock) = (Bench::new()?, Mock::start(&[])?);
    let targets = [target("a", mock.address, PRICE)];
    bench.configure(&targets, Shape { items: 10, ..Shape::default() })?;
    bench.run(&[])?.expect(0, "")?;
    let before = bench.samples()?;
    assert_eq!(before.len(), 10);
    let top = "[server]\nlisten = [\"127.0.0.1:0\"]\n[store]\nkeep_for = \"1ms\"";
    bench.configure(&targets, Shape { top, items: 10, ..Shape::default() })?;
    let running = bench.start(&mut bench.command(&["serve", "-c", "assayd.toml"]))?;
    let address = listening(&running)?;
    until(PATIENCE, || if bench.samples()?.is_empty() { Ok(()) } else { Err("they are still there".into()) })?;
    let metrics = http::get(address, "/metrics")?.body;
    let correct = metrics.lines().find(|l| l.starts_with("assayd_answers_total{") && l.contains("\"correct\""));
    assert!(correct.is_some_and(|l| l.ends_with(" 10")), "{correct:?}");
    running.signal(Signal::TERM)?;
    running.end()?.expect(0, "")?;
    assert_eq!(mock.arrived()?, 10, "a run that is complete is not asked again");
    Ok(())
}
