//! What a target may be asked, and what is done when it does not answer: limits, refusals, dead targets, hanging up.

use super::bench::{Bench, Kind, Setup, swift};
use super::trial;
use crate::support::Outcome;
use assayd::domain::{Failure, Verdict};
use assayd::engine::limits::{Pool, Standing};
use assayd::engine::run::Halt;
use assayd::engine::{Ended, Refusal};
use assayd::mock::Settings;
use libtest_mimic::Trial;
use serde_json::Value;
use std::collections::BTreeMap;
use std::time::Duration;

/// The tests of this module.
pub fn tests() -> Vec<Trial> {
    vec![
        trial("engine::policies::a_storm_of_429_is_waited_out", a_storm_is_waited_out),
        trial("engine::policies::what_a_provider_tells_is_seen_and_kept_to", what_a_provider_tells),
        trial("engine::policies::tokens_per_minute_hold_and_are_corrected", tokens_per_minute),
        trial("engine::policies::an_open_loop_shows_its_waiting_as_lag", an_open_loop_shows_its_waiting),
        trial("engine::policies::a_dead_target_is_let_alone_and_given_up", a_dead_target_is_given_up),
        trial("engine::policies::a_repeated_run_ends_without_a_dead_target", a_repeated_run_ends),
        trial("engine::policies::a_target_that_comes_back_is_asked_on", a_target_that_comes_back),
        trial("engine::policies::an_open_loop_fails_unasked", an_open_loop_fails_unasked),
        trial("engine::policies::an_abort_hangs_up_at_once", an_abort_hangs_up),
        trial("engine::policies::an_answer_that_outgrows_its_cap_is_hung_up_on", a_cap_hangs_up),
    ]
}

fn refused(truth: &Value) -> u64 {
    truth["statuses"]["429"].as_u64().unwrap_or(0)
}

fn limited(requests: u64, window: u64) -> Settings {
    Settings { rate_requests: Some(requests), rate_window: Duration::from_millis(window), ..swift() }
}

/// 32 at once where 10 are let in: those that are refused know it together, and then nobody else is.
async fn a_storm_is_waited_out() -> Outcome {
    let bench = Bench::new(Setup { items: 60, mock: limited(10, 400), ..Setup::default() }).await?;
    let (_, ended) = bench.execute().await?;
    assert!(matches!(ended, Ended::Complete), "{ended:?}");
    assert_eq!(bench.verdicts().await, BTreeMap::from([("correct", 60)]));
    let truth = bench.truth().await;
    // Each for itself, the others would come back into a used-up window again and again: some hundred refusals.
    assert!(refused(&truth) <= 40, "{} of {}", refused(&truth), truth["arrived"]);
    let seen = bench.engine.account.shared().lock().limits.values().next().copied().unwrap();
    assert_eq!(seen.refusals, refused(&truth));
    bench.agrees().await
}

async fn what_a_provider_tells() -> Outcome {
    let setup = Setup { items: 12, concurrency: 1, mock: limited(3, 100), ..Setup::default() };
    let bench = Bench::new(setup).await?;
    let (_, ended) = bench.execute().await?;
    assert!(matches!(ended, Ended::Complete), "{ended:?}");
    // One after the other: each knows what the one before was told.
    assert_eq!(refused(&bench.truth().await), 0);
    let seen = bench.engine.account.shared().lock().limits.values().next().copied().unwrap();
    let requests = seen.learned[Pool::Requests as usize];
    assert_eq!((requests.limit, seen.refusals, seen.circuit), (Some(3), 0, Standing::Closed));
    Ok(())
}

async fn tokens_per_minute() -> Outcome {
    // An exchange may take 4 bytes + 64 + 8 tokens in, and 32 out, and takes 1 + 8: the fifth still fits.
    let setup = Setup { items: 10, tokens_per_minute: Some(150), ..Setup::default() };
    let bench = Bench::new(setup).await?;
    let halt = Halt::default();
    let drain = async {
        bench.until(|truth| truth["arrived"] == 5 && truth["in_flight"] == 0).await;
        halt.drain.cancel();
    };
    let (ended, ()) = tokio::join!(bench.engine.execute(bench.run(), &halt), drain);
    assert!(matches!(ended?.1, Ended::Interrupted(None)));
    let truth = bench.truth().await;
    assert_eq!(truth["arrived"], 5);
    // One at a time, to the nanosecond: none was sent before the one before it had ended.
    let samples = bench.samples().await;
    let mut spans: Vec<_> =
        samples.iter().filter_map(|r| r.sample.last()).map(|e| (e.timing.send, e.timing.end)).collect();
    spans.sort_unstable();
    assert_eq!(spans.len(), 5);
    assert!(spans.windows(2).all(|pair| pair[0].1.is_some() && pair[0].1 <= pair[1].0), "{spans:?}");
    bench.agrees().await
}

/// The schedule is not moved by the limit: who waits is late, and says so.
async fn an_open_loop_shows_its_waiting() -> Outcome {
    let setup = Setup { items: 20, rate: Some(200), per_minute: Some(3_000), kind: Kind::Open, ..Setup::default() };
    let bench = Bench::new(setup).await?;
    let (_, ended) = bench.execute().await?;
    assert!(matches!(ended, Ended::Complete), "{ended:?}");
    let samples = bench.samples().await;
    let mut scheduled: Vec<u64> = samples.iter().map(|r| r.sample.exchanges[0].timing.scheduled.0).collect();
    let mut sent: Vec<u64> = samples.iter().map(|r| r.sample.exchanges[0].timing.send.unwrap().0).collect();
    scheduled.sort_unstable();
    sent.sort_unstable();
    assert!(scheduled.windows(2).all(|pair| pair[1] - pair[0] == 5_000_000));
    // One every 20 ms at the most, however busy this machine is.
    for (nth, sent) in (0..).zip(&sent) {
        assert!(sent - scheduled[0] >= nth * 20_000_000, "{nth}");
    }
    let lag = samples.iter().filter_map(|r| r.sample.exchanges[0].timing.send_lag()).max().unwrap();
    assert!(lag.0 >= 19 * 15_000_000, "{lag:?}");
    Ok(())
}

const SHORT: &str = "circuit = { failures = 4, cool_down = \"40ms\", give_up_after = \"100ms\" }";

fn failing() -> Settings {
    Settings { faults: vec!["500".parse().unwrap()], ..swift() }
}

async fn a_dead_target_is_given_up() -> Outcome {
    let setup = Setup { items: 60, concurrency: 4, target: SHORT, mock: failing(), ..Setup::default() };
    let bench = Bench::new(setup).await?;
    let (run, ended) = bench.execute().await?;
    let Ended::Interrupted(Some(Refusal::Dead(why))) = ended else { return Err(format!("{ended:?}").into()) };
    assert!(why.contains("target t0"), "{why}");
    let asked = bench.truth().await["arrived"].as_u64().unwrap();
    let failed = bench.samples().await.len();
    // The first ones, those on their way then, and one for each look.
    assert!((4..=16).contains(&asked), "{asked}");
    assert_eq!(failed as u64, asked);
    let seen = bench.engine.account.shared().lock().limits.values().next().copied().unwrap();
    assert_eq!(seen.circuit, Standing::GivenUp);
    assert!(seen.opened >= 2, "{seen:?}");
    // Once it is back, the run goes on with what was not asked.
    bench.heal().await;
    let (again, ended) = bench.execute().await?;
    assert!(matches!(ended, Ended::Complete) && again == run, "{ended:?}");
    assert_eq!(bench.verdicts().await, BTreeMap::from([("correct", 60 - failed), ("failed", failed)]));
    bench.agrees().await
}

async fn a_repeated_run_ends() -> Outcome {
    // The second target is there, and is asked all the same.
    let setup =
        Setup { items: 40, concurrency: 4, target: SHORT, mock: failing(), run: "every = \"1h\"", ..Setup::default() };
    let bench = Bench::new(setup).await?;
    let (run, ended) = bench.execute().await?;
    assert!(matches!(ended, Ended::Incomplete(Refusal::Dead(_))), "{ended:?}");
    let row = bench.engine.store.runs(1).await?.remove(0);
    assert_eq!((row.id, row.result.as_deref()), (run, Some("incomplete")));
    // The next turn is another execution, and asks everything.
    bench.heal().await;
    let (again, ended) = bench.execute().await?;
    assert!(matches!(ended, Ended::Complete) && again != run, "{ended:?}");
    assert_eq!(bench.verdicts().await["correct"], 40);
    Ok(())
}

async fn a_target_that_comes_back() -> Outcome {
    let circuit = "circuit = { failures = 3, cool_down = \"30ms\", give_up_after = \"1h\" }";
    let setup = Setup { items: 40, concurrency: 4, target: circuit, mock: failing(), ..Setup::default() };
    let bench = Bench::new(setup).await?;
    let heal = async {
        let open = || bench.engine.account.shared().lock().limits.values().any(|seen| seen.opened > 0);
        while !open() {
            tokio::task::yield_now().await;
        }
        bench.heal().await;
    };
    let (ended, ()) = tokio::join!(bench.execute(), heal);
    assert!(matches!(ended?.1, Ended::Complete));
    let verdicts = bench.verdicts().await;
    assert_eq!(verdicts.values().sum::<usize>(), 40);
    assert!(verdicts["failed"] < 20 && verdicts["correct"] > 20, "{verdicts:?}");
    let seen = bench.engine.account.shared().lock().limits.values().next().copied().unwrap();
    assert_eq!(seen.circuit, Standing::Closed);
    Ok(())
}

async fn an_open_loop_fails_unasked() -> Outcome {
    let circuit = "circuit = { failures = 3, cool_down = \"1h\" }";
    let setup =
        Setup { items: 60, rate: Some(100), kind: Kind::Open, target: circuit, mock: failing(), ..Setup::default() };
    let bench = Bench::new(setup).await?;
    let (_, ended) = bench.execute().await?;
    assert!(matches!(ended, Ended::Complete), "the schedule comes to its end: {ended:?}");
    let samples = bench.samples().await;
    assert_eq!(samples.len(), 60);
    let unasked: Vec<_> = samples
        .iter()
        .filter(|r| r.sample.last().is_some_and(|e| e.fault.as_ref().is_some_and(|f| f.kind == Failure::CircuitOpen)))
        .collect();
    let asked = bench.truth().await["arrived"].as_u64().unwrap();
    assert_eq!(unasked.len() as u64, 60 - asked);
    assert!(!unasked.is_empty());
    for r in &unasked {
        let exchange = &r.sample.exchanges[0];
        assert!(exchange.timing.send.is_none() && exchange.timing.scheduled.0 > 0);
        assert_eq!((r.sample.finding.verdict, r.sample.cost().total().nanos()), (Verdict::Failed, 0));
    }
    bench.agrees().await
}

/// Waits until nothing is answered any more, and gives what came of the requests.
async fn hung_up(bench: &Bench) -> Vec<String> {
    bench.until(|truth| truth["in_flight"] == 0).await;
    let truth = bench.truth().await;
    let records = truth["records"].as_array().unwrap();
    records.iter().map(|r| r["outcome"].as_str().unwrap_or_default().to_owned()).collect()
}

async fn an_abort_hangs_up() -> Outcome {
    let mock = Settings { faults: vec!["endless".parse()?], itl: Duration::from_millis(1), ..swift() };
    let bench = Bench::new(Setup { items: 8, concurrency: 3, mock, ..Setup::default() }).await?;
    let halt = Halt::default();
    let abort = async {
        bench.until(|truth| truth["in_flight"] == 3).await;
        halt.abort.cancel();
    };
    let (ended, ()) = tokio::join!(bench.engine.execute(bench.run(), &halt), abort);
    assert!(matches!(ended?.1, Ended::Interrupted(None)));
    // An endless answer ends for nothing but the connection's end.
    assert_eq!(hung_up(&bench).await, ["abandoned"; 3]);
    Ok(())
}

async fn a_cap_hangs_up() -> Outcome {
    let mock = Settings { faults: vec!["endless".parse()?], itl: Duration::from_micros(10), ..swift() };
    let target = "max_answer_bytes = 20000";
    let bench = Bench::new(Setup { items: 3, concurrency: 3, target, mock, ..Setup::default() }).await?;
    let (_, ended) = bench.execute().await?;
    assert!(matches!(ended, Ended::Complete), "{ended:?}");
    assert_eq!(hung_up(&bench).await, ["abandoned"; 3]);
    for r in bench.samples().await {
        assert_eq!(r.sample.last().unwrap().outcome(), "too_large");
    }
    bench.agrees().await
}
