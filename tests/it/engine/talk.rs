//! Conversations and repeats: what the endpoint sees of them, what is graded, what is paid, what a kill leaves.

use super::bench::{Bench, Kind, Setup, swift};
use super::{asked, trial};
use crate::support::Outcome;
use assayd::config::Source;
use assayd::domain::{Money, Verdict};
use assayd::engine::Ended;
use assayd::engine::run::Halt;
use assayd::mock::Settings;
use assayd::plan;
use libtest_mimic::Trial;
use serde_json::json;
use std::collections::BTreeSet;
use std::time::Duration;

/// The tests of this module.
pub fn tests() -> Vec<Trial> {
    vec![
        trial("engine::talk::the_endpoint_sees_the_models_own_words", the_models_own_words),
        trial("engine::talk::turns_are_graded_as_the_scenario_says", turns_are_graded),
        trial("engine::talk::a_turn_that_fails_ends_the_conversation", a_turn_that_fails),
        trial("engine::talk::a_conversation_that_is_broken_off_begins_anew", broken_off_begins_anew),
        trial("engine::talk::an_open_loop_goes_on_after_the_think_time", an_open_loop_goes_on),
        trial("engine::talk::repeats_are_trials_of_their_own_and_survive_a_kill", repeats_survive_a_kill),
        trial("engine::talk::a_repeat_has_a_seed_of_its_own", a_repeat_has_a_seed),
    ]
}

/// Two conversations of three turns, the second of which is graded too.
const ROWS: &str = r#"{"id": "a", "messages": [{"role": "system", "content": "Sums."}], "turns": [{"user": "1+1="}, {"user": "2+3=", "answer": 5}, {"user": "4+4=", "answer": 8}]}
{"id": "b", "turns": [{"user": "10+1="}, {"user": "20+2=", "answer": 99}, {"user": "30+3="}], "answer": 33}
"#;

fn talk() -> Setup {
    Setup { rows: Some(ROWS), concurrency: 2, ..Setup::default() }
}

async fn the_models_own_words() -> Outcome {
    let bench = Bench::new(talk()).await?;
    let (run, ended) = bench.execute().await?;
    assert!(matches!(ended, Ended::Complete), "{ended:?}");
    let truth = bench.truth().await;
    let records = truth["records"].as_array().unwrap();
    assert_eq!(records.len(), 6);
    let record = |prompt: &str| records.iter().find(|r| r["prompt"] == prompt).unwrap();
    assert_eq!(record("1+1=")["history"], json!([]));
    let history = record("4+4=")["history"].as_array().unwrap();
    assert_eq!(history.len(), 5, "{history:?}");
    let said = |n: usize| history[n].as_str().unwrap();
    assert_eq!([said(0), said(1), said(3)], ["system: Sums.", "user: 1+1=", "user: 2+3="]);
    assert!(said(2).starts_with("assistant: ") && said(2).ends_with("answer is 2"), "{history:?}");
    assert!(said(4).ends_with("answer is 5"));
    // One sample a conversation, an exchange for every turn, each paid.
    let samples = bench.samples().await;
    assert_eq!(samples.len(), 2);
    for r in &samples {
        let turns: Vec<(u32, u32)> = r.sample.exchanges.iter().map(|e| (e.attempt, e.turn)).collect();
        assert_eq!(turns, [(1, 0), (2, 1), (3, 2)]);
        assert_eq!(r.sample.finding.verdict, Verdict::Correct);
    }
    let paid: i64 = records
        .iter()
        .map(|r| r["prompt_tokens"].as_i64().unwrap() * 1_000 + r["completion_tokens"].as_i64().unwrap() * 2_000)
        .sum();
    assert_eq!(bench.engine.store.spent(Some(run), 0).await?.settled, Money::from_nanos(paid));
    // Every turn's latency is in the figures.
    let board = bench.engine.account.shared().lock().board.clone();
    let latencies = board.latencies.values().next().unwrap();
    assert_eq!((latencies.duration_send.count(), latencies.schedule_lag.count()), (6, 6));
    bench.agrees().await
}

async fn turns_are_graded() -> Outcome {
    for (scenario, verdict, score) in [
        ("", Verdict::Correct, 1.0),
        ("grade = \"last\"", Verdict::Correct, 1.0),
        ("grade = \"all\"", Verdict::Wrong, 0.0),
        ("grade = \"mean\"", Verdict::Wrong, 0.5),
    ] {
        let bench = Bench::new(Setup { scenario, ..talk() }).await?;
        bench.execute().await?;
        let samples = bench.samples().await;
        let of =
            |item: &str| samples.iter().find(|r| r.sample.key.item.as_str() == item).unwrap().sample.finding.clone();
        assert_eq!((of("a").verdict, of("a").score), (Verdict::Correct, 1.0), "{scenario}");
        assert_eq!((of("b").verdict, of("b").score), (verdict, score), "{scenario}");
    }
    Ok(())
}

async fn a_turn_that_fails() -> Outcome {
    let mock = Settings { faults: vec!["500=every:2".parse()?], ..swift() };
    let bench = Bench::new(Setup { concurrency: 1, mock, ..talk() }).await?;
    let (_, ended) = bench.execute().await?;
    assert!(matches!(ended, Ended::Complete), "{ended:?}");
    assert_eq!(bench.truth().await["arrived"], 4);
    for r in bench.samples().await {
        let outcomes: Vec<(u32, &str)> = r.sample.exchanges.iter().map(|e| (e.turn, e.outcome())).collect();
        assert_eq!(outcomes, [(0, "ok"), (1, "http_5xx")]);
        assert_eq!(r.sample.finding.verdict, Verdict::Failed);
        assert!(!r.sample.cost().total().is_zero(), "the first turn was paid");
    }
    bench.agrees().await
}

async fn broken_off_begins_anew() -> Outcome {
    let bench = Bench::new(Setup { scenario: "think_time = \"1h\"", concurrency: 1, ..talk() }).await?;
    let halt = Halt::default();
    let drain = async {
        bench.until(|truth| truth["arrived"] == 1 && truth["in_flight"] == 0).await;
        halt.drain.cancel();
    };
    let (ended, ()) = tokio::join!(bench.engine.execute(bench.run(), &halt), drain);
    assert!(matches!(ended?.1, Ended::Interrupted(None)), "nobody waits for the user to think");
    assert_eq!(bench.samples().await.len(), 0);
    let bench = bench.reopened(|plan| {
        let run = plan.runs.get_mut(0).and_then(std::sync::Arc::get_mut).unwrap();
        let scenario = std::sync::Arc::get_mut(&mut plan.scenarios[0]);
        assert!(scenario.is_none(), "the run has it too");
        plan.scenarios.clear();
        std::sync::Arc::get_mut(&mut run.scenarios[0]).unwrap().think = None;
    });
    let bench = bench.await?;
    let (_, ended) = bench.execute().await?;
    assert!(matches!(ended, Ended::Complete), "{ended:?}");
    // What was said before is told, and paid, and said again.
    let counts: Vec<usize> = bench.samples().await.iter().map(|r| r.sample.exchanges.len()).collect();
    assert_eq!(counts.iter().sum::<usize>(), 7);
    let truth = bench.truth().await;
    assert_eq!(asked(&truth).values().filter(|n| **n == 2).count(), 1);
    assert!(bench.samples().await.iter().all(|r| r.sample.finding.verdict == Verdict::Correct));
    Ok(())
}

async fn an_open_loop_goes_on() -> Outcome {
    let setup = Setup { scenario: "think_time = \"30ms\"", kind: Kind::Open, rate: Some(100), ..talk() };
    let bench = Bench::new(setup).await?;
    let (_, ended) = bench.execute().await?;
    assert!(matches!(ended, Ended::Complete), "{ended:?}");
    for r in bench.samples().await {
        for pair in r.sample.exchanges.windows(2) {
            let (before, after) = (&pair[0].timing, &pair[1].timing);
            let pause = after.scheduled.since(before.end.unwrap());
            assert!(Duration::from(pause) >= Duration::from_millis(30), "{pause:?}");
            assert!(after.send.unwrap() >= after.scheduled);
        }
    }
    Ok(())
}

async fn repeats_survive_a_kill() -> Outcome {
    let mock = Settings { faults: vec!["stall=every:20".parse()?], stall: Duration::from_secs(600), ..swift() };
    let setup =
        Setup { items: 10, concurrency: 1, scenario: "repeats = 3", retry_unknown: true, mock, ..Setup::default() };
    let bench = Bench::new(setup).await?;
    let halt = Halt::default();
    let abort = async {
        bench.until(|truth| truth["arrived"] == 20 && truth["in_flight"] == 1).await;
        halt.abort.cancel();
    };
    let (ended, ()) = tokio::join!(bench.engine.execute(bench.run(), &halt), abort);
    assert!(matches!(ended?.1, Ended::Interrupted(None)));
    bench.heal().await;
    let bench = bench.reopened(|_| {}).await?;
    let (run, ended) = bench.execute().await?;
    assert!(matches!(ended, Ended::Complete), "{ended:?}");
    let samples = bench.samples().await;
    let answered: Vec<_> = samples.iter().filter(|r| r.sample.finding.verdict == Verdict::Correct).collect();
    let keys: BTreeSet<(&str, u32)> =
        answered.iter().map(|r| (r.sample.key.item.as_str(), r.sample.key.repeat)).collect();
    assert_eq!((answered.len(), keys.len()), (30, 30));
    assert!(samples.iter().all(|r| r.sample.cluster == r.sample.key.item));
    // All items once, before any of them again.
    let repeats: Vec<u32> = answered.iter().map(|r| r.sample.key.repeat).collect();
    assert_eq!(repeats.iter().filter(|n| **n == 0).count(), 10);
    assert!(repeats.is_sorted(), "{repeats:?}");
    // Three answers to one item are not three items: the interval is that of ten.
    let state = bench.engine.account.shared().lock();
    let row = state.board.runs[&run].figures(assayd::board::By::Scenario).remove(0);
    let accuracy = row.accuracy.unwrap();
    assert!(accuracy.lower < 0.75, "30 independent ones would give 0.886: {accuracy:?}");
    assert!(state.running.targets.values().all(|p| p.done == p.total), "{:?}", state.running);
    Ok(())
}

async fn a_repeat_has_a_seed() -> Outcome {
    let config = |sampling: &str| {
        format!(
            "[target.t]\napi = \"openai-chat\"\nurl = \"http://127.0.0.1:9/v1\"\nmodel = \"m\"\n\
             sampling = {{ {sampling} }}\n[scenario.s]\ngenerator = {{ kind = \"tasks\", count = 2 }}\n\
             scorer = \"number\"\nrepeats = 3\n[workload.w]\narrival = {{ kind = \"closed\", concurrency = 1 }}\n\
             [[run]]\ntargets = [\"*\"]\nscenarios = [\"*\"]\nworkload = \"w\"\n"
        )
    };
    let built = |sampling: &str| {
        let told = |problems: Vec<_>| format!("{problems:?}");
        plan::build(&Source::inline("t.toml", &config(sampling))).map_err(told)
    };
    let plan = built("seed = 7, temperature = 0")?;
    let prompt = assayd::domain::Prompt::of([]);
    let seed = |repeat| {
        let request = plan.targets[0].asked_as(repeat).request(&prompt);
        serde_json::from_slice::<serde_json::Value>(&request.body).unwrap()["seed"].clone()
    };
    assert_eq!([seed(0), seed(1), seed(2)], [json!(7), json!(8), json!(9)]);
    let warnings: Vec<String> = plan.warnings.iter().map(ToString::to_string).collect();
    assert!(warnings.iter().any(|w| w.contains("3 times, and target t answers at temperature 0")), "{warnings:?}");
    let estimate = plan::estimate(&plan.targets[0], &plan.scenarios[0], None, &plan.runs[0].workload);
    assert_eq!((estimate.items, estimate.least_exchanges, estimate.most_exchanges), (6, 6, 18));
    let plan = built("temperature = 0.5")?;
    assert!(plan.warnings.is_empty() && plan.targets[0].reseeded.is_empty());
    Ok(())
}
