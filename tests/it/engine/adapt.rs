//! Adaptive runs against calibration endpoints of known accuracy: what they decide, how little they ask for it, and that
//! neither a budget nor a kill changes what is asked.

use super::bench::{Bench, Setup, swift};
use super::trial;
use crate::support::Outcome;
use assayd::board::{By, CampaignEnd, Campaigned, Question, Standing};
use assayd::domain::{Money, RunId};
use assayd::engine::Ended;
use assayd::engine::ledger::{Denied, Scope};
use assayd::engine::run::Halt;
use assayd::mock::Settings;
use assayd::plan::Plan;
use libtest_mimic::{Failed, Trial};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

pub fn tests() -> Vec<Trial> {
    vec![
        trial("engine::the_best_is_found_with_few_questions", the_best),
        trial("engine::better_than_one_and_all_ranked_are_decided", pairs),
        trial("engine::a_precision_ends_a_run_and_its_interval_is_shown", a_precision),
        trial("engine::a_budget_ends_a_campaign_and_nothing_is_decided", a_budget),
        trial("engine::a_ranking_spends_its_share", a_ranking),
        trial("engine::an_adaptive_run_goes_on_as_if_it_had_not_been_stopped", goes_on),
        trial("engine::a_killed_adaptive_run_asks_nothing_twice", killed),
        trial("engine::earlier_runs_help_to_foresee", history),
        trial("engine::repeats_and_scenarios_have_campaigns_too", repeats),
        trial("engine::what_fails_is_missing_and_not_wrong", failures),
    ]
}

/// Mocks of these accuracies, whose answers hang on the question alone.
fn mocks(accuracies: &[f64]) -> (Settings, Vec<Settings>) {
    let mut all = accuracies.iter().map(|accuracy| Settings { accuracy: *accuracy, ..swift() });
    (all.next().unwrap_or_else(swift), all.collect())
}

fn setup(accuracies: &[f64], items: usize, run: &'static str) -> Setup {
    let (mock, others) = mocks(accuracies);
    Setup { targets: accuracies.len(), items, run, mock, others, concurrency: 8, seed: Some(7), ..Setup::default() }
}

fn campaigns(bench: &Bench, run: RunId) -> Vec<Campaigned> {
    bench.engine.account.shared().lock().board.runs[&run].campaigns.clone()
}

/// What was asked of each target.
async fn asked(bench: &Bench) -> BTreeMap<String, BTreeSet<String>> {
    let mut asked: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for r in bench.samples().await {
        let key = &r.sample.key;
        let new = asked
            .entry(key.target.to_string())
            .or_default()
            .insert(format!("{} {} {}", key.scenario, key.item, key.repeat));
        assert!(new, "{key:?} twice");
    }
    asked
}

fn complete(ended: &Ended) {
    assert!(matches!(ended, Ended::Complete), "{ended:?}");
}

async fn the_best() -> Outcome {
    for parallel in [false, true] {
        let setup = Setup { parallel, ..setup(&[0.6, 0.95, 0.5], 300, "decide = \"best\"") };
        let bench = Bench::new(setup).await?;
        let (run, ended) = bench.execute().await?;
        complete(&ended);
        let campaign = campaigns(&bench, run).remove(0);
        assert_eq!((campaign.question.clone(), campaign.end), (Question::Best, CampaignEnd::Decided));
        assert_eq!((campaign.targets[0].target.as_str(), campaign.targets[0].standing), ("t1", Standing::Possible));
        assert!(campaign.targets[1..].iter().all(|target| target.standing == Standing::Out));
        assert_eq!(campaign.calls.1, 900);
        assert!(campaign.saved_calls() > 0.6, "{campaign:?}");
        let asked = asked(&bench).await;
        assert_eq!(asked.values().map(BTreeSet::len).sum::<usize>() as u64, campaign.calls.0);
        // Paired: whoever was asked less was asked what the others were.
        let most = asked.values().max_by_key(|items| items.len()).unwrap();
        assert!(asked.values().all(|items| items.is_subset(most)));
        assert_eq!(bench.most_often().await, 1);
        // What the full pass would have cost is told by what was paid.
        let (spent, full) = campaign.cost.unwrap();
        assert_eq!(spent, bench.engine.store.spent(Some(run), 0).await?.settled);
        assert!(full.usd() > spent.usd() * 2.0, "{spent} of {full}");
        // The figures have the campaign's interval.
        {
            let state = bench.engine.account.shared().lock();
            for row in state.board.runs[&run].figures(By::Scenario) {
                let own = campaign.targets.iter().find(|target| target.target == row.target).unwrap();
                assert_eq!((row.accuracy, row.samples()), (Some(own.accuracy), own.asked));
            }
            assert!(state.running.targets.values().all(|progress| progress.done == progress.total));
        }
        bench.agrees().await?;
    }
    Ok(())
}

async fn pairs() -> Outcome {
    let bench = Bench::new(setup(&[0.7, 0.97, 0.3], 300, "decide = \"better-than:t0\"\nconfidence = \"90%\"")).await?;
    let (run, ended) = bench.execute().await?;
    complete(&ended);
    let campaign = campaigns(&bench, run).remove(0);
    let place = |name: &str| campaign.targets.iter().position(|target| target.target.as_str() == name).unwrap();
    let relation = |a: &str, b: &str| format!("{:?}", campaign.relation(place(a), place(b)));
    assert_eq!([relation("t1", "t0"), relation("t2", "t0"), relation("t1", "t2")], ["Better", "Worse", "Open"]);
    assert!(campaign.saved_calls() > 0.3 && campaign.level == 0.9, "{campaign:?}");
    let bench = Bench::new(setup(&[0.6, 0.99, 0.2], 300, "decide = \"all-ranked\"\nmargin = \"2%\"")).await?;
    let (run, ended) = bench.execute().await?;
    complete(&ended);
    let campaign = campaigns(&bench, run).remove(0);
    assert_eq!(campaign.targets.iter().map(|t| t.target.as_str()).collect::<Vec<_>>(), ["t1", "t0", "t2"]);
    assert!(campaign.relations.iter().all(|(.., shown)| format!("{shown:?}") == "Better"), "{campaign:?}");
    Ok(())
}

async fn a_precision() -> Outcome {
    let bench = Bench::new(setup(&[0.9], 600, "precision = { accuracy = \"±5%\" }")).await?;
    let (run, ended) = bench.execute().await?;
    complete(&ended);
    let campaign = campaigns(&bench, run).remove(0);
    assert_eq!(campaign.end, CampaignEnd::Decided);
    let interval = campaign.targets[0].accuracy;
    assert!(interval.half_width() <= 0.05 && interval.lower < 0.9 && interval.upper > 0.85, "{interval:?}");
    assert!((50..300).contains(&campaign.calls.0), "{:?}", campaign.calls);
    Ok(())
}

async fn a_budget() -> Outcome {
    // Both say the same to everything: without a margin nothing is ever decided before the last item.
    let limit = 3_000_000;
    let more = Setup { budget: Some(limit), ..setup(&[0.7, 0.7], 400, "decide = \"best\"\nmargin = \"0%\"") };
    let bench = Bench::new(more).await?;
    let (run, ended) = bench.execute().await?;
    let Ended::Budget(Denied::Budget { scope: Scope::Run, .. }) = ended else {
        return Err(format!("{ended:?}").into());
    };
    let spent = bench.engine.store.spent(Some(run), 0).await?.settled;
    // All of it but what the worst case of an exchange would need.
    assert!(spent <= Money::from_nanos(limit) && spent.nanos() > limit * 8 / 10, "{spent}");
    let campaign = campaigns(&bench, run).remove(0);
    assert_eq!(campaign.end, CampaignEnd::Budget);
    assert!(campaign.targets.iter().all(|target| target.standing == Standing::Possible));
    // Item by item, so that everybody was asked the same.
    let asked = asked(&bench).await;
    assert_eq!(asked["t0"], asked["t1"]);
    bench.agrees().await
}

async fn a_ranking() -> Outcome {
    let bench = Bench::new(setup(&[0.9, 0.6, 0.3], 200, "decide = \"ranking\"\nshare = \"25%\"")).await?;
    let (run, ended) = bench.execute().await?;
    complete(&ended);
    let campaign = campaigns(&bench, run).remove(0);
    assert_eq!(campaign.end, CampaignEnd::Share);
    assert_eq!(campaign.targets.iter().map(|t| t.target.as_str()).collect::<Vec<_>>(), ["t0", "t1", "t2"]);
    assert!((0.15..=0.26).contains(&(1.0 - campaign.saved_cost().unwrap())), "{campaign:?}");
    Ok(())
}

/// Told to stop after a number of requests, and gone on with by another process.
async fn stopped(bench: Bench, after: u64) -> Result<Bench, Failed> {
    let halt = Halt::default();
    let drain = async {
        bench.until(|truth| truth["arrived"].as_u64().is_some_and(|n| n >= after)).await;
        halt.drain.cancel();
    };
    let (ended, ()) = tokio::join!(bench.engine.execute(bench.run(), &halt), drain);
    assert!(matches!(ended?.1, Ended::Interrupted(None)));
    bench.reopened(|_| {}).await
}

async fn goes_on() -> Outcome {
    let setup = || setup(&[0.8, 0.7, 0.75], 200, "decide = \"best\"");
    let whole = Bench::new(setup()).await?;
    let (run, ended) = whole.execute().await?;
    complete(&ended);
    let bench = stopped(stopped(Bench::new(setup()).await?, 10).await?, 30).await?;
    let (again, ended) = bench.execute().await?;
    complete(&ended);
    assert_eq!(again, run, "the first run of its store");
    assert_eq!(bench.most_often().await, 1);
    assert_eq!(asked(&bench).await, asked(&whole).await);
    assert_eq!(campaigns(&bench, run), campaigns(&whole, run));
    Ok(())
}

async fn killed() -> Outcome {
    let bench = Bench::new(setup(&[0.9, 0.5], 300, "decide = \"best\"")).await?;
    let halt = Halt::default();
    let abort = async {
        bench.until(|truth| truth["arrived"].as_u64().is_some_and(|n| n >= 20)).await;
        halt.abort.cancel();
    };
    let (ended, ()) = tokio::join!(bench.engine.execute(bench.run(), &halt), abort);
    assert!(matches!(ended?.1, Ended::Interrupted(None)));
    let bench = bench.reopened(|_| {}).await?;
    let (run, ended) = bench.execute().await?;
    complete(&ended);
    assert_eq!(bench.most_often().await, 1);
    let campaign = campaigns(&bench, run).remove(0);
    assert_eq!((campaign.end, campaign.targets[0].target.as_str()), (CampaignEnd::Decided, "t0"));
    // Those in flight are unknown: asked, and without a score.
    let unknown = bench.verdicts().await.get("unknown").copied().unwrap_or(0) as u64;
    assert_eq!(campaign.targets.iter().map(|target| target.void).sum::<u64>(), unknown);
    bench.agrees().await
}

fn everything(plan: &mut Plan, adaptive: bool) {
    let run = plan.runs.iter_mut().find_map(Arc::get_mut).unwrap();
    run.adaptive = run.adaptive.take().filter(|_| adaptive);
}

async fn history() -> Outcome {
    let run = "precision = { accuracy = \"±4%\" }";
    let alone = Bench::new(setup(&[0.7, 0.72], 400, run)).await?;
    let (id, _) = alone.execute().await?;
    let alone = campaigns(&alone, id).remove(0);
    assert_eq!(alone.history, 0);
    let bench = Bench::new(setup(&[0.7, 0.72], 400, run)).await?;
    let adaptive = bench.run().adaptive.clone();
    let bench = bench.reopened(|plan| everything(plan, false)).await?;
    complete(&bench.execute().await?.1);
    let bench = bench.reopened(|plan| plan.runs.iter_mut().find_map(Arc::get_mut).unwrap().adaptive = adaptive).await?;
    let (id, ended) = bench.execute().await?;
    complete(&ended);
    let known = campaigns(&bench, id).remove(0);
    assert_eq!(known.history, 2);
    assert!(known.calls.0 < alone.calls.0, "{:?} {:?}", known.calls, alone.calls);
    // The mean over all items is known of the first pass.
    let state = bench.engine.account.shared().lock();
    assert_eq!(state.board.runs[&id].figures(By::Scenario).len(), 2);
    Ok(())
}

async fn repeats() -> Outcome {
    let setup = Setup { scenarios: 2, scenario: "repeats = 2", ..setup(&[0.95, 0.5], 150, "decide = \"best\"") };
    let bench = Bench::new(setup).await?;
    let (run, ended) = bench.execute().await?;
    complete(&ended);
    let campaigns = campaigns(&bench, run);
    assert_eq!(campaigns.iter().map(|c| c.scenario.as_str()).collect::<Vec<_>>(), ["s0", "s1"]);
    for campaign in &campaigns {
        assert_eq!((campaign.targets[0].target.as_str(), campaign.items, campaign.calls.1), ("t0", 150, 600));
        assert!(campaign.saved_calls() > 0.4, "{campaign:?}");
        let (between, within) = campaign.noise.unwrap();
        // The same answer to the same question: all of the variance lies between items.
        assert!(between > 0.0 && within == 0.0);
    }
    let counts = bench.samples().await.iter().fold(BTreeMap::new(), |mut counts: BTreeMap<_, u32>, r| {
        let key = &r.sample.key;
        *counts.entry((key.target.clone(), key.scenario.clone(), key.item.clone())).or_default() += 1;
        counts
    });
    assert!(counts.values().all(|n| *n == 2));
    Ok(())
}

async fn failures() -> Outcome {
    let mut setup = setup(&[0.9, 0.5], 300, "decide = \"best\"");
    setup.mock.faults = vec!["500=every:4".parse()?];
    let bench = Bench::new(setup).await?;
    let (run, ended) = bench.execute().await?;
    complete(&ended);
    let campaign = campaigns(&bench, run).remove(0);
    let of = |name: &str| campaign.targets.iter().find(|target| target.target.as_str() == name).unwrap();
    assert!(of("t0").void * 4 >= of("t0").asked - 3 && of("t1").void == 0, "{campaign:?}");
    assert_eq!((campaign.targets[0].target.as_str(), campaign.end), ("t0", CampaignEnd::Decided));
    assert!(of("t0").accuracy.lower > 0.6, "what failed is not wrong: {campaign:?}");
    Ok(())
}
