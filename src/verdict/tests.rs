//! Comparisons of stores that were written here, with figures worked out by hand.

use super::*;
use crate::domain::{
    Charge, Component, Cost, Exchange, Finding, Fingerprint, ItemId, Money, Name, Purpose, RunId, Sample, Share, Split,
    Tags, Timing, TrialKey, Verdict,
};
use crate::store::{Access, Keep, Store, Write, open};
use std::sync::Arc;

fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

/// An answer to be stored.
#[derive(Clone, Copy)]
struct Asked<'a> {
    target: &'a str,
    scenario: &'a str,
    domain: &'a str,
    item: &'a str,
    cluster: &'a str,
    verdict: Verdict,
    nanos: i64,
    provenance: &'a str,
}

const PLAIN: Asked<'static> = Asked {
    target: "a",
    scenario: "s",
    domain: "d",
    item: "",
    cluster: "",
    verdict: Verdict::Correct,
    nanos: 1_000,
    provenance: "p",
};

fn written(run: RunId, repeat: u32, asked: Asked<'_>) -> Write {
    let Asked { target, scenario, domain, item, cluster, verdict, nanos, provenance } = asked;
    let charge = Charge::Settled(Cost::ZERO.with(Component::Output, Money::from_nanos(nanos)));
    let (answer, timing) = (crate::domain::Answer::default(), Timing::default());
    let exchange = Exchange { attempt: 1, turn: 0, purpose: Purpose::Measure, timing, answer, fault: None, charge };
    let sample = Sample {
        key: TrialKey { run, target: name(target), scenario: name(scenario), item: ItemId::new(item), repeat },
        cluster: ItemId::new(if cluster.is_empty() { item } else { cluster }),
        tags: Tags::new(domain, "c", "en", Split::Public),
        provenance: Fingerprint::from_text(provenance),
        at_unix_ms: 1_000,
        exchanges: vec![exchange],
        judged: Vec::new(),
        finding: Finding::bare(verdict, "t"),
        share: Share::default(),
    };
    Write::Sample { sample: Arc::new(sample), keep: Keep::Text, grader: Fingerprint::from_text("g"), good: false }
}

async fn begun(store: &dyn Store, run: &str, at: i64) -> RunId {
    store.begin(run, &Fingerprint::from_text(run), 7, at).await.unwrap().id
}

async fn compared(store: &dyn Store, scope: &Scope) -> Comparison {
    gather(store, scope).await.unwrap().compare()
}

fn near(got: f64, want: f64) {
    assert!((got - want).abs() < 1e-9, "{got}, not {want}");
}

/// Of 40 items `a` gets all but the last four right at 2 µ$, `b` every second at 1 µ$.
async fn two() -> (Arc<dyn Store>, RunId) {
    let store = open("sqlite::memory:", Access::Write).await.unwrap();
    let run = begun(store.as_ref(), "r", 1_000).await;
    let verdict = |right: bool| if right { Verdict::Correct } else { Verdict::Wrong };
    let items: Vec<String> = (0..40).map(|n| format!("i{n}")).collect();
    let mut batch = Vec::new();
    for (n, item) in items.iter().enumerate() {
        let domain = if n < 20 { "early" } else { "late" };
        let asked = Asked { item, domain, ..PLAIN };
        batch.push(written(run, 0, Asked { verdict: verdict(n < 36), nanos: 2_000, ..asked }));
        batch.push(written(run, 0, Asked { target: "b", verdict: verdict(n % 2 == 0), nanos: 1_000, ..asked }));
    }
    store.commit(batch).await.unwrap();
    (store, run)
}

#[tokio::test]
async fn by_hand() {
    let (store, _) = two().await;
    let comparison = compared(store.as_ref(), &Scope::default()).await;
    let all = comparison.standings.get(&Part::All).unwrap();
    assert_eq!(all.iter().map(|s| (s.target.as_str(), s.items)).collect::<Vec<_>>(), [("a", 40), ("b", 40)]);
    near(all[0].accuracy.unwrap().estimate, 0.9);
    near(all[0].per_correct.unwrap().estimate, 80e-6 / 36.0);
    near(all[1].per_correct.unwrap().estimate, 40e-6 / 20.0);
    let pair = comparison.pair(&Part::All, &name("a"), &name("b")).unwrap();
    // Only a: the 18 odd ones below 36; only b: 36 and 38.
    assert_eq!((pair.items, pair.only), (40, Some((18, 2))));
    near(pair.difference.estimate, 0.4);
    near(pair.p, crate::stats::mcnemar_exact(18, 2));
    near(pair.cost_ratio.unwrap().estimate, (80.0 / 36.0) / 2.0);
    let back = comparison.pair(&Part::All, &name("b"), &name("a")).unwrap();
    assert_eq!((back.only, back.difference.estimate), (Some((2, 18)), -pair.difference.estimate));
    near(back.cost_ratio.unwrap().upper * pair.cost_ratio.unwrap().lower, 1.0);
    let parts: Vec<&Part> = comparison.standings.keys().collect();
    assert_eq!(parts, [&Part::All, &Part::Domain("early".into()), &Part::Domain("late".into())]);
    near(comparison.standing(parts[1], &name("a")).unwrap().accuracy.unwrap().estimate, 1.0);
    assert_eq!(comparison.pair(parts[2], &name("a"), &name("b")).unwrap().items, 20);
}

#[tokio::test]
async fn claims_say_what_is_shown_and_no_more() {
    let (store, _) = two().await;
    let comparison = compared(store.as_ref(), &Scope { baseline: Some(name("b")), ..Scope::default() }).await;
    let claims = claims(&comparison);
    let Some(Claim::Best { target, next: Some(next), level, .. }) = claims.first() else { panic!("{claims:?}") };
    assert_eq!((target.as_str(), next.target.as_str(), level.len()), ("a", "b", 0));
    let Some(Claim::Cheapest { target, next: None, level, .. }) = claims.get(1) else { panic!("{claims:?}") };
    assert_eq!((target.as_str(), level.len()), ("b", 1), "1.11 times as much is not shown");
    let Some(Claim::Council { cabinet }) = claims.get(2) else { panic!("{claims:?}") };
    assert_eq!((cabinet.best.as_str(), cabinet.chosen_on + cabinet.scored_on), ("a", 40));
    let Some(Claim::AgainstBaseline { pair }) = claims.get(3) else { panic!("{claims:?}") };
    assert_eq!((pair.a.as_str(), pair.b.as_str()), ("a", "b"));
    assert_eq!(claims.len(), 4, "nobody is dominated");
}

#[tokio::test]
async fn an_item_counts_once_and_only_where_both_were_graded() {
    let (store, run) = two().await;
    // a is asked i0 again, and fails at two items that b is never asked.
    let again = Asked { item: "i0", domain: "early", nanos: 2_000, ..PLAIN };
    let failed = Asked { item: "new", domain: "early", verdict: Verdict::Failed, ..PLAIN };
    let alone = Asked { item: "alone", domain: "early", ..PLAIN };
    store.commit(vec![written(run, 1, again), written(run, 0, failed), written(run, 0, alone)]).await.unwrap();
    let comparison = compared(store.as_ref(), &Scope::default()).await;
    let a = comparison.standing(&Part::All, &name("a")).unwrap();
    assert_eq!((a.items, a.graded(), a.samples(), a.count(Verdict::Failed)), (41, 42, 43, 1));
    near(a.accuracy.unwrap().estimate, 38.0 / 42.0);
    near(a.per_correct.unwrap().estimate, 84e-6 / 38.0);
    let pair = comparison.pair(&Part::All, &name("a"), &name("b")).unwrap();
    assert_eq!((pair.items, pair.only), (40, None), "several answers to one item");
    near(pair.difference.estimate, 0.4);
}

#[tokio::test]
async fn the_newest_provenance_counts_and_what_failed_goes_with_it() {
    let (store, run) = two().await;
    let later = begun(store.as_ref(), "later", 9_000).await;
    let mut batch: Vec<Write> = Vec::new();
    for item in ["x", "y", "z"] {
        batch.push(written(later, 0, Asked { item, provenance: "new", ..PLAIN }));
    }
    batch.push(written(later, 0, Asked { item: "w", provenance: "unserved", verdict: Verdict::Failed, ..PLAIN }));
    store.commit(batch).await.unwrap();
    let comparison = compared(store.as_ref(), &Scope::default()).await;
    let a = comparison.standing(&Part::All, &name("a")).unwrap();
    assert_eq!((a.graded(), a.samples()), (3, 4));
    assert_eq!(comparison.left_out, [LeftOut { target: name("a"), scenario: name("s"), samples: 40 }]);
    assert_eq!(comparison.standing(&Part::All, &name("b")).unwrap().graded(), 40);
    assert!(comparison.pairs[&Part::All].is_empty(), "no item in common");
    // Only the older run.
    let older = compared(store.as_ref(), &Scope { runs: vec!["r".to_owned()], ..Scope::default() }).await;
    assert_eq!(older.standing(&Part::All, &name("a")).unwrap().graded(), 40);
    assert_eq!(older.runs.iter().map(|run| run.0.as_str()).collect::<Vec<_>>(), ["r"]);
    assert!(run < later);
}

#[tokio::test]
async fn of_a_name_the_newest_run_counts_or_all_since() {
    let store = open("sqlite::memory:", Access::Write).await.unwrap();
    for (at, verdict) in [(1_000, Verdict::Wrong), (2_000, Verdict::Wrong), (3_000, Verdict::Correct)] {
        let run = begun(store.as_ref(), "r", at).await;
        let finish = Write::Finish { run, result: "complete", at_unix_ms: at + 1 };
        store.commit(vec![written(run, 0, Asked { item: "i", verdict, ..PLAIN }), finish]).await.unwrap();
    }
    // A run that was begun and has no sample yet does not hide the last one.
    begun(store.as_ref(), "r", 4_000).await;
    for (since, right, graded) in [(None, 1, 1), (Some(2_000), 1, 2), (Some(0), 1, 3), (Some(5_000), 0, 0)] {
        let comparison = compared(store.as_ref(), &Scope { since_unix_ms: since, ..Scope::default() }).await;
        let a = comparison.standing(&Part::All, &name("a"));
        assert_eq!(a.map_or((0, 0), |a| (a.count(Verdict::Correct), a.graded())), (right, graded), "{since:?}");
    }
    assert!(
        claims(&compared(store.as_ref(), &Scope { targets: vec![name("nobody")], ..Scope::default() }).await)
            .is_empty()
    );
}

#[tokio::test]
async fn what_was_known_by_heart_shows() {
    let store = open("sqlite::memory:", Access::Write).await.unwrap();
    let run = begun(store.as_ref(), "r", 1_000).await;
    let items: Vec<(String, String)> = (0..60).map(|n| (format!("i{n}"), format!("i{n}+fresh"))).collect();
    let mut batch = Vec::new();
    for (n, (item, form)) in items.iter().enumerate() {
        let verdict = |right: bool| if right { Verdict::Correct } else { Verdict::Wrong };
        for (target, share) in [("honest", 3), ("leaky", 2)] {
            let asked = Asked { target, item, cluster: item, ..PLAIN };
            let published = target == "leaky" || n % 4 < share;
            batch.push(written(run, 0, Asked { verdict: verdict(published), ..asked }));
            batch.push(written(run, 0, Asked { item: form, verdict: verdict((n + 1) % 4 < share), ..asked }));
        }
    }
    store.commit(batch).await.unwrap();
    let comparison = compared(store.as_ref(), &Scope::default()).await;
    let gaps: Vec<(&str, u64)> = comparison.gaps.iter().map(|gap| (gap.target.as_str(), gap.items)).collect();
    assert_eq!(gaps, [("honest", 60), ("leaky", 60)]);
    near(comparison.gaps[1].gap.estimate, 0.5);
    let overfit: Vec<Claim> = claims(&comparison).into_iter().filter(|c| matches!(c, Claim::Overfit { .. })).collect();
    assert!(matches!(&overfit[..], [Claim::Overfit { target, .. }] if target.as_str() == "leaky"), "{overfit:?}");
    // Two forms of an item are one item.
    assert_eq!(comparison.standing(&Part::All, &name("leaky")).unwrap().items, 60);
}

#[tokio::test]
async fn what_has_no_price_has_no_cost_to_decide_by() {
    let (store, run) = two().await;
    let asked = Asked { target: "c", item: "i0", domain: "early", ..PLAIN };
    let Write::Sample { sample, keep, grader, good } = written(run, 0, asked) else { panic!() };
    let mut sample = Arc::unwrap_or_clone(sample);
    sample.exchanges[0].charge = Charge::Unpriced { bound: Money::from_nanos(70) };
    store.commit(vec![Write::Sample { sample: Arc::new(sample), keep, grader, good }]).await.unwrap();
    let comparison = compared(store.as_ref(), &Scope::default()).await;
    let c = comparison.standing(&Part::All, &name("c")).unwrap();
    assert_eq!((c.per_correct, c.unpriced, c.bound.nanos()), (None, 1, 70));
    let unpriced = claims(&comparison).into_iter().find(|claim| matches!(claim, Claim::Unpriced { .. }));
    assert_eq!(unpriced, Some(Claim::Unpriced { target: name("c"), samples: 1 }));
}

#[tokio::test]
async fn nobody_is_the_best_of_those_it_was_not_held_against() {
    let (store, run) = two().await;
    // c was asked other items, and got fewer of them right.
    let items: Vec<String> = (0..30).map(|n| format!("other{n}")).collect();
    let verdict = |n: usize| if n.is_multiple_of(2) { Verdict::Correct } else { Verdict::Wrong };
    let one = |(n, item)| Asked { target: "c", domain: "early", item, verdict: verdict(n), ..PLAIN };
    store
        .commit(items.iter().map(String::as_str).enumerate().map(one).map(|a| written(run, 0, a)).collect())
        .await
        .unwrap();
    let claims = claims(&compared(store.as_ref(), &Scope::default()).await);
    let Some(Claim::Best { target, apart, .. }) = claims.first() else { panic!("{claims:?}") };
    assert_eq!((target.as_str(), &apart[..]), ("a", &[name("c")][..]));
}
