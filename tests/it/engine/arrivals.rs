//! How items arrive and when that is enough, against the calibration endpoint: what its records say of order, places and
//! lengths. No instant is asserted; where two are compared, both are the endpoint's.

use super::bench::{Bench, Kind, Setup, swift};
use super::{asked, trial};
use crate::support::Outcome;
use assayd::domain::{Money, Purpose, Verdict};
use assayd::engine::Ended;
use assayd::engine::run::Halt;
use assayd::mock::{Length, Settings};
use assayd::store::Query;
use libtest_mimic::{Failed, Trial};
use serde_json::Value;
use std::fmt::Write as _;
use std::time::Duration;

pub fn tests() -> Vec<Trial> {
    vec![
        trial("engine::places_come_with_the_ramp_and_go_with_the_steps", places),
        trial("engine::steps_of_a_rate_end_the_run", steps_of_a_rate),
        trial("engine::a_trace_is_replayed_in_its_order_and_lengths", a_trace_is_replayed),
        trial("engine::recorded_instants_of_a_file_are_for_any_items", instants_of_a_file),
        trial("engine::an_accuracy_that_is_known_ends_a_scenario", a_known_accuracy),
        trial("engine::a_targets_budget_completes_it", a_targets_budget),
        trial("engine::what_comes_in_the_time_of_warm_up_does_not_count", warm_up_by_time),
        trial("engine::a_sweep_keeps_its_curve_and_goes_on_after_a_stop", a_sweep),
    ]
}

fn complete(ended: &Ended) {
    assert!(matches!(ended, Ended::Complete), "{ended:?}");
}

/// The most requests that the mock answered at once.
fn most_at_once(truth: &Value) -> i64 {
    let records = truth["records"].as_array().unwrap();
    let at = |r: &Value, field: &str| r[field].as_u64().unwrap();
    // At one instant, ends come first.
    let mut edges: Vec<(u64, i64)> =
        records.iter().flat_map(|r| [(at(r, "received_ns"), 1), (at(r, "ended_ns"), -1)]).collect();
    edges.sort_unstable();
    let mut now = 0;
    edges
        .iter()
        .map(|(_, step)| {
            now += step;
            now
        })
        .max()
        .unwrap_or(0)
}

async fn places() -> Outcome {
    let mock = Settings { ttft: Duration::from_millis(2), ..swift() };
    for (arrival, most, whole) in [
        ("{ kind = \"closed\", concurrency = 6, ramp = \"40ms\", think_time = { mean = \"1ms\" } }", 6, true),
        (
            "{ kind = \"steps\", steps = [{ concurrency = 1, for = \"20ms\" }, { concurrency = 5, for = \"20ms\" }, { concurrency = 2, for = \"1h\" }] }",
            5,
            true,
        ),
        ("{ kind = \"steps\", steps = [{ concurrency = 3, for = \"60ms\" }] }", 3, false),
    ] {
        let bench =
            Bench::new(Setup { items: 200, arrival: Some(arrival), mock: mock.clone(), ..Setup::default() }).await?;
        let (_, ended) = bench.execute().await?;
        complete(&ended);
        let truth = bench.truth().await;
        assert!(most_at_once(&truth) <= most, "{arrival}: {}", most_at_once(&truth));
        assert!(asked(&truth).values().all(|n| *n == 1));
        assert_eq!(asked(&truth).len() == 200, whole, "{}", asked(&truth).len());
        bench.agrees().await?;
    }
    Ok(())
}

async fn steps_of_a_rate() -> Outcome {
    let arrival = "{ kind = \"steps\", spacing = \"constant\", steps = [{ rate = \"100/s\", for = \"100ms\" }, { rate = \"500/s\", for = \"100ms\" }] }";
    let bench = Bench::new(Setup { items: 300, arrival: Some(arrival), ..Setup::default() }).await?;
    complete(&bench.execute().await?.1);
    // 10 in the first tenth of a second, 50 in the next.
    assert_eq!(bench.samples().await.len(), 60);
    Ok(())
}

async fn a_trace_is_replayed() -> Outcome {
    let mut trace = String::new();
    for n in [3, 1, 2, 0, 4] {
        let _ = writeln!(
            trace,
            "{{\"at\": {}, \"id\": \"r{n}\", \"input_tokens\": {}, \"output_tokens\": {}}}",
            f64::from(n) * 0.02,
            20 + n,
            5 + n
        );
    }
    let bare = trace.clone();
    // Longer than the target's own limit of 32: that holds.
    let _ = writeln!(trace, "{{\"at\": 0.1, \"id\": \"r5\", \"prompt\": \"Which day is it?\", \"output_tokens\": 50}}");
    let mock = Settings { tokens: Length::MaxTokens, ..swift() };
    let arrival = Some("{ kind = \"trace\", speed = 2 }");
    let bench = Bench::new(Setup { arrival, mock, trace: Some(trace), ..Setup::default() }).await?;
    let (run, ended) = bench.execute().await?;
    complete(&ended);
    let truth = bench.truth().await;
    let mut records: Vec<&Value> = truth["records"].as_array().unwrap().iter().collect();
    records.sort_by_key(|r| r["received_ns"].as_u64());
    let lengths: Vec<usize> = records.iter().map(|r| r["prompt"].as_str().unwrap().split(' ').count()).collect();
    assert_eq!(lengths, [20, 21, 22, 23, 24, 4]);
    let written: Vec<u64> = records.iter().map(|r| r["completion_tokens"].as_u64().unwrap()).collect();
    assert_eq!(written, [5, 6, 7, 8, 9, 32]);
    // Two scenarios take turns: the second's clock goes on where the first's ended.
    let arrival = Some("{ kind = \"trace\", speed = 2 }");
    let twice = Bench::new(Setup { scenarios: 2, arrival, trace: Some(bare), ..Setup::default() }).await?;
    complete(&twice.execute().await?.1);
    let mut at: Vec<u64> = twice.samples().await.iter().map(|r| r.sample.exchanges[0].timing.scheduled.0).collect();
    at.sort_unstable();
    let offsets: Vec<u64> = at.iter().map(|instant| (instant - at[0]) / 1_000_000).collect();
    assert_eq!(offsets, [0, 10, 20, 30, 40, 40, 50, 60, 70, 80]);
    // Nothing grades it, and that is no failure.
    let samples = bench.samples().await;
    assert!(samples.iter().all(|r| r.sample.finding.verdict == Verdict::Ungraded));
    let figures = bench.engine.account.shared().lock().board.runs[&run].figures(assayd::board::By::Scenario);
    assert!(figures.iter().all(|f| f.accuracy.is_none() && f.per_correct.is_none() && f.correct_goodput.is_none()));
    bench.agrees().await
}

async fn instants_of_a_file() -> Outcome {
    let arrival = "{ kind = \"trace\", format = \"burstgpt\", path = \"/dev/null\" }";
    assert!(Bench::new(Setup { arrival: Some(arrival), ..Setup::default() }).await.is_err());
    let file = tempfile::NamedTempFile::new()?;
    std::fs::write(
        file.path(),
        "Timestamp,Model,Request tokens,Response tokens\n100,m,5,5\n100.02,m,5,5\n100.05,m,5,5\n",
    )?;
    let arrival = format!("{{ kind = \"trace\", format = \"burstgpt\", path = \"{}\" }}", file.path().display());
    let bench = Bench::new(Setup { items: 10, arrival: Some(arrival.leak()), ..Setup::default() }).await?;
    complete(&bench.execute().await?.1);
    let samples = bench.samples().await;
    let mut at: Vec<u64> = samples.iter().map(|r| r.sample.exchanges[0].timing.scheduled.0).collect();
    at.sort_unstable();
    assert_eq!((at[1] - at[0], at[2] - at[0], at.len()), (20_000_000, 50_000_000, 3));
    assert!(samples.iter().all(|r| r.sample.finding.verdict == Verdict::Correct));
    Ok(())
}

async fn a_known_accuracy() -> Outcome {
    // Always right: ±5 % is known from the first look at 50 answers on (Wilson: 0.929 to 1). Both scenarios get there.
    let stop = Some("{ accuracy_within = \"±5%\", at_least = 50 }");
    let bench = Bench::new(Setup { scenarios: 2, items: 400, concurrency: 4, stop, ..Setup::default() }).await?;
    let (_, ended) = bench.execute().await?;
    complete(&ended);
    for scenario in ["s0", "s1"] {
        let asked = bench.samples().await.iter().filter(|r| r.sample.key.scenario.as_str() == scenario).count();
        assert!((50..80).contains(&asked), "{scenario}: {asked}");
    }
    // Half of the time right: 400 answers do not bring it to ±2 %.
    let mock = Settings { accuracy: 0.5, ..swift() };
    let stop = Some("{ accuracy_within = \"±2%\", at_least = 50 }");
    let bench = Bench::new(Setup { items: 400, stop, mock, ..Setup::default() }).await?;
    complete(&bench.execute().await?.1);
    assert_eq!(bench.samples().await.len(), 400);
    Ok(())
}

async fn a_targets_budget() -> Outcome {
    // An answer costs some 18,000 nano-USD and at the worst 130,000.
    let limit = 1_000_000;
    let stop = Some("{ budget = \"0.001 USD\" }");
    let bench = Bench::new(Setup { targets: 2, items: 300, concurrency: 8, stop, ..Setup::default() }).await?;
    let (run, ended) = bench.execute().await?;
    complete(&ended);
    let samples = bench.samples().await;
    for target in ["t0", "t1"] {
        let costs = samples.iter().filter(|r| r.sample.key.target.as_str() == target).map(|r| r.sample.cost().total());
        let spent: Money = costs.sum();
        assert!(spent.nanos() <= limit && spent.nanos() > limit - 300_000, "{target}: {spent}");
    }
    bench.agrees().await?;
    assert_ne!(bench.execute().await?.0, run, "it is over");
    Ok(())
}

async fn warm_up_by_time() -> Outcome {
    for (kind, rate) in [(Kind::Closed, None), (Kind::Open, Some(500))] {
        let setup = Setup { items: 30, concurrency: 2, kind, rate, warmup_for: Some("60ms"), ..Setup::default() };
        let bench = Bench::new(setup).await?;
        complete(&bench.execute().await?.1);
        assert_eq!(bench.samples().await.len(), 30);
        let all = bench.engine.store.samples(Query { limit: 100_000, ..Query::default() }).await?;
        let (warm, counted): (Vec<_>, Vec<_>) = all.iter().partition(|r| r.purpose == Purpose::WarmUp);
        assert!(!warm.is_empty());
        let send = |r: &&assayd::store::Recorded| r.sample.exchanges[0].timing.scheduled;
        let first = counted.iter().map(send).min().unwrap();
        assert!(rate.is_none() || warm.iter().all(|r| send(r) < first));
    }
    Ok(())
}

async fn a_sweep() -> Outcome {
    // Two at a time, 10 ms each: more than 200 a second is too much, whatever else this machine does.
    let mock = Settings { ttft: Duration::from_millis(10), tokens: Length::Fixed(1), capacity: Some(2), ..swift() };
    let arrival = "{ kind = \"sweep\", start = \"40/s\", settle = \"50ms\", hold = \"200ms\", samples = 20, points = 4, backlog = 60, spacing = \"constant\" }";
    let bench = Bench::new(Setup { items: 7, arrival: Some(arrival), mock, ..Setup::default() }).await?;
    let halt = Halt::default();
    let drain = async {
        bench.until(|truth| truth["arrived"].as_u64() > Some(30)).await;
        halt.drain.cancel();
    };
    let (ended, ()) = tokio::join!(bench.engine.execute(bench.run(), &halt), drain);
    assert!(matches!(ended?.1, Ended::Interrupted(None)));
    let bench = bench.reopened(|_| {}).await?;
    let (run, ended) = bench.execute().await?;
    complete(&ended);
    let curves = bench.engine.account.shared().lock().curves.clone();
    let [curve] = &curves.values().collect::<Vec<_>>()[..] else { return Err(Failed::from("one curve")) };
    assert_eq!(curve.points.iter().map(|p| p.rate).take(2).collect::<Vec<_>>(), [40.0, 80.0]);
    assert!(curve.points.len() <= 4 && curve.points.iter().all(|p| p.arrived > 0 && p.answered <= p.arrived));
    assert!(curve.saturation() < Some(230.0), "{curve:?}");
    let stored = bench.engine.store.points(run).await?;
    assert_eq!(stored.values().collect::<Vec<_>>(), [&curve.points]);
    // Items come again as repeats, and none twice.
    let samples = bench.samples().await;
    let mut keys: Vec<_> = samples.iter().map(|r| r.sample.key.clone()).collect();
    keys.sort();
    keys.dedup();
    assert!(keys.len() == samples.len() && keys.iter().any(|key| key.repeat > 2));
    bench.agrees().await
}
