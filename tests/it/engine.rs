//! The engine as a library, against the calibration endpoint in the same process: what is asked, what is paid, what is
//! kept, whatever ends a run. No instant is asserted; where a test must wait, it waits for a fact.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking; it is a test's own data")]

mod adapt;
mod arrivals;
mod bench;
mod policies;
mod talk;

use crate::support::Outcome;
use assayd::domain::{Money, Purpose, Verdict};
use assayd::engine::ledger::{Denied, Scope};
use assayd::engine::run::Halt;
use assayd::engine::{Ended, Refusal, supervise};
use assayd::mock::Settings;
use assayd::store::{Query, Recorded, StoreError};
use bench::{Bench, Failing, Kind, Setup, swift};
use libtest_mimic::{Failed, Trial};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// The tests of this module.
pub fn tests() -> Vec<Trial> {
    let more = policies::tests().into_iter().chain(talk::tests()).chain(arrivals::tests()).chain(adapt::tests());
    let mut all = vec![
        trial("engine::every_item_is_asked_once_of_every_target", every_item_once),
        trial("engine::every_target_gets_the_same_order", every_target_gets_the_same_order),
        trial("engine::the_ledger_is_the_mocks_truth", the_ledger_is_the_mocks_truth),
        trial("engine::a_budget_is_used_up_and_not_passed", a_budget_is_used_up_and_not_passed),
        trial("engine::the_days_budget_ends_all_targets_and_the_run_goes_on", the_days_budget_ends_all_targets),
        trial("engine::what_was_in_flight_is_unknown_and_not_asked_again", in_flight_is_unknown),
        trial("engine::retry_unknown_asks_again", retry_unknown_asks_again),
        trial("engine::a_store_that_fails_interrupts_and_the_run_goes_on", a_store_that_fails),
        trial("engine::a_run_that_could_not_finish_asks_nothing_more", a_run_that_could_not_finish),
        trial("engine::retries_are_recorded_and_settled", retries_are_recorded_and_settled),
        trial("engine::a_drain_does_not_wait_for_back_off", a_drain_does_not_wait_for_back_off),
        trial("engine::a_drain_does_not_wait_for_turns", a_drain_does_not_wait_for_turns),
        trial("engine::an_abort_ends_a_warm_up", an_abort_ends_a_warm_up),
        trial("engine::warm_up_is_paid_and_not_counted", warm_up_is_paid_and_not_counted),
        trial("engine::hardware_shares_are_the_whole", hardware_shares_are_the_whole),
        trial("engine::an_open_loop_keeps_schedule_and_limit", an_open_loop_keeps_schedule_and_limit),
        trial("engine::a_duration_ends_a_run", a_duration_ends_a_run),
        trial("engine::failures_are_in_the_figures", failures_are_in_the_figures),
        trial("engine::figures_outlive_a_kill", figures_outlive_a_kill),
        trial("engine::a_daemon_does_not_pay_twice", a_daemon_does_not_pay_twice),
    ];
    all.extend(more);
    all
}

fn trial<F: Future<Output = Outcome> + Send + 'static>(name: &str, test: fn() -> F) -> Trial {
    Trial::test(name, move || {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
        let limit = Duration::from_secs(60);
        runtime.block_on(async { tokio::time::timeout(limit, test()).await }).map_err(Failed::from)?
    })
}

/// How often each prompt came in.
fn asked(truth: &Value) -> BTreeMap<&str, usize> {
    let mut asked = BTreeMap::new();
    for record in truth["records"].as_array().unwrap() {
        *asked.entry(record["prompt"].as_str().unwrap()).or_default() += 1;
    }
    asked
}

async fn every_item_once() -> Outcome {
    for parallel in [false, true] {
        let bench = Bench::new(Setup { targets: 2, scenarios: 2, items: 40, parallel, ..Setup::default() }).await?;
        let (run, ended) = bench.execute().await?;
        assert!(matches!(ended, Ended::Complete), "{ended:?}");
        let truth = bench.truth().await;
        let counts = asked(&truth);
        assert_eq!((counts.len(), counts.values().copied().collect::<BTreeSet<_>>()), (80, BTreeSet::from([2])));
        let samples = bench.samples().await;
        assert_eq!(samples.iter().map(|r| &r.sample.key).collect::<BTreeSet<_>>().len(), 160);
        assert!(samples.iter().all(|r| r.sample.finding.verdict == Verdict::Correct && r.sample.key.run == run));
        let state = bench.engine.account.shared().lock();
        assert!(state.running.run.is_none() && state.running.targets.values().all(|p| (p.done, p.total) == (80, 80)));
    }
    Ok(())
}

async fn every_target_gets_the_same_order() -> Outcome {
    let setup = Setup { targets: 2, scenarios: 2, items: 30, concurrency: 1, ..Setup::default() };
    let bench = Bench::new(setup).await?;
    bench.execute().await?;
    let samples = bench.samples().await;
    let (first, second) = samples.split_at(60);
    let items = |list: &[Recorded]| -> Vec<(String, String)> {
        list.iter().map(|r| (r.sample.key.scenario.to_string(), r.sample.key.item.to_string())).collect()
    };
    assert_eq!(items(first), items(second));
    assert!(first.iter().all(|r| r.sample.key.target == first[0].sample.key.target));
    // One scenario after the other, each in an order of the run's own.
    assert_eq!(items(first).windows(2).filter(|pair| pair[0].0 != pair[1].0).count(), 1);
    assert!(!items(first).is_sorted());
    Ok(())
}

async fn the_ledger_is_the_mocks_truth() -> Outcome {
    // Among them answers that end without a usage record, whose cost is bounded and not known.
    let mock = Settings { faults: vec!["no_usage=every:7".parse()?], ..swift() };
    let bench = Bench::new(Setup { items: 100, mock, ..Setup::default() }).await?;
    let (run, ended) = bench.execute().await?;
    assert!(matches!(ended, Ended::Complete), "{ended:?}");
    let truth = bench.truth().await;
    let records = truth["records"].as_array().unwrap();
    let told = records.iter().filter(|r| r["usage_sent"] == true);
    let expected: i64 = told
        .map(|r| r["prompt_tokens"].as_i64().unwrap() * 1_000 + r["completion_tokens"].as_i64().unwrap() * 2_000)
        .sum();
    let spent = bench.engine.store.spent(Some(run), 0).await?;
    assert_eq!(spent.settled, Money::from_nanos(expected));
    assert_eq!(records.iter().filter(|r| r["usage_sent"] == false).count(), 14);
    let bounds = bench
        .samples()
        .await
        .iter()
        .map(|r| r.sample.unknown())
        .fold((0, Money::ZERO), |sum, (n, bound)| (sum.0 + n, sum.1 + bound));
    assert_eq!(bounds, (14, spent.unknown));
    bench.agrees().await
}

async fn a_budget_is_used_up_and_not_passed() -> Outcome {
    // An answer costs some 18,000 nano-USD and at the worst 130,000: 32 at once could cost more than all there is.
    for limit in [200_000, 1_000_000] {
        let bench = Bench::new(Setup { items: 300, budget: Some(limit), ..Setup::default() }).await?;
        let (run, ended) = bench.execute().await?;
        let Ended::Budget(Denied::Budget { scope: Scope::Run, asked, .. }) = ended else {
            return Err(format!("{ended:?}").into());
        };
        let spent = bench.engine.store.spent(Some(run), 0).await?.settled;
        let limit = Money::from_nanos(limit);
        assert!(spent <= limit && spent + asked > limit, "{spent} of {limit}, asked {asked}");
        bench.agrees().await?;
        // It is over: the next execution is a new one.
        assert_ne!(bench.execute().await?.0, run);
    }
    Ok(())
}

async fn the_days_budget_ends_all_targets() -> Outcome {
    let setup = Setup { targets: 3, parallel: true, items: 100, per_day: Some(800_000), ..Setup::default() };
    let bench = Bench::new(setup).await?;
    let (run, ended) = bench.execute().await?;
    assert!(matches!(ended, Ended::Budget(Denied::Budget { scope: Scope::Day, .. })), "{ended:?}");
    let recorded = bench.samples().await.len();
    assert!(recorded < 300);
    bench.agrees().await?;
    // With the next day's money it goes on, and pays for nothing twice.
    let bench = bench.reopened(|plan| plan.budget_per_day = None).await?;
    let (again, ended) = bench.execute().await?;
    assert!(matches!(ended, Ended::Complete) && again == run, "{ended:?}");
    assert_eq!(asked(&bench.truth().await).values().sum::<usize>(), 300);
    assert_eq!(bench.samples().await.len(), 300);
    Ok(())
}

/// A run that is broken off with some exchanges in flight.
async fn broken_off(retry_unknown: bool) -> Result<(Bench, usize), Failed> {
    let mock = Settings { faults: vec!["stall=every:5".parse()?], stall: Duration::from_secs(600), ..swift() };
    let bench = Bench::new(Setup { items: 60, concurrency: 4, retry_unknown, mock, ..Setup::default() }).await?;
    let halt = Halt::default();
    let abort = async {
        // Every place is taken by a request that stalls.
        bench.until(|truth| truth["in_flight"] == 4 && truth["arrived"] == 20).await;
        halt.abort.cancel();
    };
    let (ended, ()) = tokio::join!(bench.engine.execute(bench.run(), &halt), abort);
    assert!(matches!(ended?.1, Ended::Interrupted(None)));
    bench.heal().await;
    // What was answered is on its way into the store.
    let all = async {
        while bench.samples().await.len() < 16 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), all).await.map_err(|_| "what was answered was not recorded")?;
    let recorded = bench.samples().await.len();
    assert_eq!(recorded, 16);
    Ok((bench, recorded))
}

async fn in_flight_is_unknown() -> Outcome {
    let (bench, recorded) = broken_off(false).await?;
    // In the same process, and in another.
    let (bench, others) = (bench.reopened(|_| {}).await?, broken_off(false).await?.0);
    for bench in [bench, others] {
        let (_, ended) = bench.execute().await?;
        assert!(matches!(ended, Ended::Complete), "{ended:?}");
        assert!(asked(&bench.truth().await).values().all(|n| *n == 1));
        let verdicts = bench.verdicts().await;
        assert_eq!(verdicts, BTreeMap::from([("correct", 60 - (20 - recorded)), ("unknown", 20 - recorded)]));
        bench.agrees().await?;
    }
    Ok(())
}

async fn retry_unknown_asks_again() -> Outcome {
    let (bench, _) = broken_off(true).await?;
    let (_, ended) = bench.execute().await?;
    assert!(matches!(ended, Ended::Complete), "{ended:?}");
    assert_eq!(bench.verdicts().await, BTreeMap::from([("correct", 60), ("unknown", 4)]));
    let truth = bench.truth().await;
    let counts = asked(&truth);
    assert_eq!((counts.len(), counts.values().filter(|n| **n == 2).count()), (60, 4));
    bench.agrees().await
}

async fn a_store_that_fails() -> Outcome {
    for kth in [3, 9, 14] {
        let bench = Bench::with(Setup { items: 60, concurrency: 4, ..Setup::default() }, Failing::commits(kth)).await?;
        let (run, ended) = bench.execute().await?;
        assert!(
            matches!(ended, Ended::Interrupted(Some(Refusal::Store(StoreError::Full(_))))),
            "at commit {kth}: {ended:?}"
        );
        {
            let state = bench.engine.account.shared().lock();
            assert!(state.running.run.is_none());
            assert_eq!((state.ledger.run.held, state.ledger.day.held), (Money::ZERO, Money::ZERO));
        }
        // There is room again: the same process goes on.
        let (again, ended) = bench.execute().await?;
        assert!(matches!(ended, Ended::Complete) && again == run, "{ended:?}");
        assert!(asked(&bench.truth().await).values().all(|n| *n == 1));
        assert_eq!(bench.verdicts().await.values().sum::<usize>(), 60);
        assert!(bench.engine.account.shared().lock().store_error.is_none());
        bench.agrees().await?;
    }
    Ok(())
}

async fn a_run_that_could_not_finish() -> Outcome {
    let bench = Bench::with(Setup { items: 10, ..Setup::default() }, Failing::finish()).await?;
    let (run, ended) = bench.execute().await?;
    assert!(matches!(ended, Ended::Interrupted(Some(Refusal::Store(_)))), "{ended:?}");
    let (again, ended) = bench.execute().await?;
    assert!(matches!(ended, Ended::Complete) && again == run, "{ended:?}");
    assert_eq!(bench.truth().await["arrived"], 10);
    let state = bench.engine.account.shared().lock();
    assert_eq!(state.board.latest_figures()[0].samples(), 10);
    Ok(())
}

async fn retries_are_recorded_and_settled() -> Outcome {
    let faults = vec!["429=every:3".parse()?, "503=every:7".parse()?, "closed=every:11".parse()?];
    let mock = Settings { faults, retry_after: Duration::ZERO, ..swift() };
    let bench = Bench::new(Setup { items: 60, mock, budget: Some(50_000_000), ..Setup::default() }).await?;
    let (_, ended) = bench.execute().await?;
    assert!(matches!(ended, Ended::Complete), "{ended:?}");
    let samples = bench.samples().await;
    let exchanges: usize = samples.iter().map(|r| r.sample.exchanges.len()).sum();
    assert_eq!(bench.truth().await["arrived"], exchanges);
    assert!(exchanges > 60 && samples.len() == 60);
    for r in &samples {
        let attempts: Vec<u32> = r.sample.exchanges.iter().map(|e| e.attempt).collect();
        assert!(attempts.iter().copied().eq((1..).take(attempts.len())), "{attempts:?}");
    }
    bench.agrees().await
}

async fn a_drain_does_not_wait_for_back_off() -> Outcome {
    let mock = Settings { faults: vec!["429".parse()?], retry_after: Duration::from_secs(3_000), ..swift() };
    let bench = Bench::new(Setup { items: 20, concurrency: 4, mock, ..Setup::default() }).await?;
    let halt = Halt::default();
    let drain = async {
        // One that is told to wait holds all others back that were not sent yet.
        bench.until(|truth| truth["arrived"] != 0 && truth["in_flight"] == 0).await;
        halt.drain.cancel();
    };
    let (ended, ()) = tokio::join!(bench.engine.execute(bench.run(), &halt), drain);
    assert!(matches!(ended?.1, Ended::Interrupted(None)));
    assert_eq!(bench.samples().await.len(), 0);
    let refused = usize::try_from(bench.truth().await["arrived"].as_u64().unwrap())?;
    assert!(refused <= 4, "{refused}");
    // They are still to be asked, and what was tried before is told with them.
    bench.heal().await;
    let (_, ended) = bench.execute().await?;
    assert!(matches!(ended, Ended::Complete), "{ended:?}");
    assert_eq!(bench.verdicts().await, BTreeMap::from([("correct", 20)]));
    let samples = bench.samples().await;
    assert_eq!(samples.iter().map(|r| r.sample.exchanges.len()).sum::<usize>(), 20 + refused);
    assert!(samples.iter().all(|r| r.sample.last().is_some_and(|e| e.is_success())));
    bench.agrees().await
}

async fn a_drain_does_not_wait_for_turns() -> Outcome {
    let bench = Bench::new(Setup { items: 20, per_minute: Some(1), ..Setup::default() }).await?;
    let halt = Halt::default();
    let drain = async {
        bench.until(|truth| truth["arrived"] == 1 && truth["in_flight"] == 0).await;
        halt.drain.cancel();
    };
    let (ended, ()) = tokio::join!(bench.engine.execute(bench.run(), &halt), drain);
    assert!(matches!(ended?.1, Ended::Interrupted(None)));
    assert_eq!((bench.truth().await["arrived"].clone(), bench.samples().await.len()), (1.into(), 1));
    Ok(())
}

async fn an_abort_ends_a_warm_up() -> Outcome {
    let mock = Settings { faults: vec!["stall".parse()?], stall: Duration::from_secs(600), ..swift() };
    let bench = Bench::new(Setup { items: 5, warmup: 2, mock, ..Setup::default() }).await?;
    let halt = Halt::default();
    let abort = async {
        bench.until(|truth| truth["in_flight"] == 1).await;
        halt.abort.cancel();
    };
    let (ended, ()) = tokio::join!(bench.engine.execute(bench.run(), &halt), abort);
    assert!(matches!(ended?.1, Ended::Interrupted(None)));
    Ok(())
}

async fn warm_up_is_paid_and_not_counted() -> Outcome {
    // More warm-up than there are items.
    let bench = Bench::new(Setup { items: 3, warmup: 8, ..Setup::default() }).await?;
    let (run, ended) = bench.execute().await?;
    assert!(matches!(ended, Ended::Complete), "{ended:?}");
    assert_eq!(bench.truth().await["arrived"], 11);
    let all = bench.engine.store.samples(Query { run: Some(run), limit: 100, ..Query::default() }).await?;
    assert_eq!(all.iter().filter(|r| r.purpose == Purpose::WarmUp).count(), 8);
    let measured: Money = all.iter().filter(|r| r.purpose == Purpose::Measure).map(|r| r.sample.cost().total()).sum();
    let row = bench.engine.account.shared().lock().board.latest_figures().remove(0);
    assert_eq!((row.samples(), row.cost.total()), (3, measured));
    assert!(bench.engine.store.spent(Some(run), 0).await?.settled > measured);
    bench.agrees().await
}

async fn hardware_shares_are_the_whole() -> Outcome {
    let bench = Bench::new(Setup { items: 40, rented: true, warmup: 2, concurrency: 8, ..Setup::default() }).await?;
    let (run, ended) = bench.execute().await?;
    assert!(matches!(ended, Ended::Complete), "{ended:?}");
    let all = bench.engine.store.samples(Query { run: Some(run), limit: 100, ..Query::default() }).await?;
    let shares: Money = all.iter().map(|r| r.sample.share.hardware).sum();
    assert_eq!(bench.engine.store.spent(Some(run), 0).await?.settled, shares);
    // 3,600 USD an hour are 1,000 nano-USD a microsecond: at least from the first send to the last byte.
    let first = all.iter().filter_map(|r| r.sample.last()?.timing.send).min().unwrap();
    let last = all.iter().filter_map(|r| r.sample.last()?.timing.end).max().unwrap();
    assert!(shares.nanos() + 1 >= i64::try_from(last.since(first).0).unwrap(), "{shares}");
    bench.agrees().await
}

async fn an_open_loop_keeps_schedule_and_limit() -> Outcome {
    let mock = Settings { ttft: Duration::from_millis(2), ..swift() };
    let setup = Setup { items: 40, rate: Some(200), limit: Some(2), mock, kind: Kind::Open, ..Setup::default() };
    let bench = Bench::new(setup).await?;
    let (_, ended) = bench.execute().await?;
    assert!(matches!(ended, Ended::Complete), "{ended:?}");
    assert!(bench.truth().await["peak_in_flight"].as_u64().unwrap() <= 2);
    let mut scheduled: Vec<u64> =
        bench.samples().await.iter().map(|r| r.sample.exchanges[0].timing.scheduled.0).collect();
    scheduled.sort_unstable();
    assert!(scheduled.windows(2).all(|w| w[1] - w[0] == 5_000_000), "{scheduled:?}");
    let early = bench.samples().await.iter().any(|r| r.sample.exchanges[0].timing.send_lag().is_none());
    assert!(!early);
    Ok(())
}

async fn a_duration_ends_a_run() -> Outcome {
    for kind in [Kind::Closed, Kind::Open] {
        let mock = Settings { ttft: Duration::from_millis(10), ..swift() };
        let setup = Setup { items: 5_000, concurrency: 1, kind, rate: Some(20), mock, ..Setup::default() };
        let bench = Bench::new(Setup { duration: Some("200ms"), ..setup }).await?;
        let (_, ended) = bench.execute().await?;
        assert!(matches!(ended, Ended::Complete), "{ended:?}");
        let n = bench.samples().await.len();
        assert!((1..5_000).contains(&n), "{n}");
        assert_eq!(bench.truth().await["arrived"], n);
    }
    Ok(())
}

async fn failures_are_in_the_figures() -> Outcome {
    let mock = Settings { faults: vec!["500=every:4".parse()?], ..swift() };
    let bench = Bench::new(Setup { items: 40, mock, ..Setup::default() }).await?;
    bench.execute().await?;
    let rows = bench.engine.account.shared().lock().board.latest_figures();
    assert_eq!(rows.len(), 1, "failures have no row of their own");
    assert_eq!((rows[0].count(Verdict::Correct), rows[0].count(Verdict::Failed)), (30, 10));
    Ok(())
}

async fn figures_outlive_a_kill() -> Outcome {
    let bench = Bench::new(Setup { items: 10, ..Setup::default() }).await?;
    bench.execute().await?;
    let before = bench.engine.account.shared().lock().board.clone();
    // Not closed: dropped.
    let bench = bench.reopened(|_| {}).await?;
    let after = bench.engine.account.shared().lock().board.clone();
    assert_eq!(after.latest_figures(), before.latest_figures());
    assert_eq!((&after.ended, &after.counters, after.position), (&before.ended, &before.counters, before.position));
    Ok(())
}

async fn a_daemon_does_not_pay_twice() -> Outcome {
    let bench = Bench::new(Setup { items: 10, ..Setup::default() }).await?;
    for _ in 0..2 {
        let halt = Halt::default();
        let drain = async {
            // Over: it has run, now or before.
            while bench.engine.account.shared().lock().due.get("r") != Some(&None) {
                tokio::task::yield_now().await;
            }
            halt.drain.cancel();
        };
        let (_plans, mut plans) = watch::channel(Arc::clone(&bench.plan));
        let (ended, ()) = tokio::join!(supervise::daemon(&bench.engine, &mut plans, &halt), drain);
        ended?;
        bench.engine.account.shared().lock().due.clear();
        assert_eq!(bench.truth().await["arrived"], 10);
    }
    Ok(())
}
