//! Looking through samples: in pages that neither repeat nor leave out, by what they are of, and never far.

use super::*;
use crate::store::{Finds, Search, Seek};

const VERDICTS: [Verdict; 4] = [Verdict::Correct, Verdict::Wrong, Verdict::Failed, Verdict::Wrong];

/// A store with so many samples in two runs of two names, of two targets; every third is a warm-up's.
async fn filled(count: usize) -> Arc<dyn Store> {
    let (store, first) = memory().await;
    let second = store.begin("other <run>", &Fingerprint::from_text("p"), 7, 2_000).await.unwrap().id;
    let mut writes = Vec::new();
    for n in 0..count {
        let run = if n < count / 2 { first } else { second };
        let target = Name::new(if n % 2 == 0 { "even" } else { "odd" }).unwrap();
        let key = TrialKey { target, ..key(run, &format!("item-{n}-%_\0")) };
        let purpose = if n % 3 == 2 { Purpose::WarmUp } else { Purpose::Measure };
        let verdict = VERDICTS[n % VERDICTS.len()];
        let rule = if n % 5 == 0 { "number/first" } else { "number/last" };
        let finding = Finding { verdict, score: 0.5, extracted: Some(format!("{n}")), rule };
        writes.push(write(Sample { finding, ..sample(&key, vec![exchange(purpose, 1, cost(7))]) }, Keep::Text));
    }
    store.commit(writes).await.unwrap();
    store
}

fn positions(finds: &Finds) -> Vec<i64> {
    finds.rows.iter().map(|row| row.position).collect()
}

#[tokio::test]
async fn pages_go_through_all_of_it_in_both_directions() {
    let store = filled(50).await;
    let measured: Vec<i64> = (1..=50).rev().filter(|position| position % 3 != 0).collect();
    let page = |from| store.search(Search { from, limit: 7, ..Search::default() });
    let (mut seen, mut from, mut pages) = (Vec::new(), Seek::Newest, Vec::new());
    loop {
        let finds = page(from).await.unwrap();
        assert_eq!((finds.newer, finds.cut), (from != Seek::Newest, false));
        seen.extend(positions(&finds));
        pages.push(positions(&finds));
        let Some(older) = finds.older else { break };
        from = Seek::Before(older);
    }
    assert_eq!(seen, measured);
    // Back again: the page before each is the one that led to it.
    for two in pages.windows(2) {
        let back = page(Seek::After(*two[1].first().unwrap())).await.unwrap();
        assert_eq!(positions(&back), two[0]);
        assert_eq!(back.older, two[0].last().copied());
    }
    let newest = page(Seek::After(50)).await.unwrap();
    assert!(newest.rows.is_empty() && !newest.newer);
}

#[tokio::test]
async fn what_is_looked_for_is_found_and_nothing_else() {
    let store = filled(60).await;
    let all = store.search(Search { limit: 200, ..Search::default() }).await.unwrap().rows;
    assert_eq!(all.len(), 40);
    type Wanted = fn(&crate::store::Found) -> bool;
    let text = |text: &str| Some(text.to_owned());
    let searches: [(Search, Wanted); 8] = [
        (Search { run: text("other <run>"), ..Search::default() }, |f| f.run == RunId(2)),
        (Search { target: text("odd"), ..Search::default() }, |f| f.target.as_str() == "odd"),
        (Search { scenario: text("s"), ..Search::default() }, |_| true),
        (Search { verdict: Some(Verdict::Failed), ..Search::default() }, |f| f.verdict == Verdict::Failed),
        (Search { item: text("-1"), ..Search::default() }, |f| f.item.as_str().contains("-1")),
        (Search { item: text("%_\0"), ..Search::default() }, |_| true),
        (Search { rule: text("number/first"), ..Search::default() }, |f| f.rule == "number/first"),
        (Search { run: text("r"), target: text("even"), verdict: Some(Verdict::Correct), ..Search::default() }, |f| {
            f.run_name == "r" && f.target.as_str() == "even" && f.verdict == Verdict::Correct
        }),
    ];
    for (search, wanted) in searches {
        let found = store.search(Search { limit: 200, ..search.clone() }).await.unwrap();
        let expected: Vec<_> = all.iter().filter(|f| wanted(f)).cloned().collect();
        assert!(!expected.is_empty() && found.rows == expected, "{search:?}");
        assert_eq!((found.newer, found.older, found.cut), (false, None, false), "{search:?}");
    }
    for nothing in ["r'--", "", "none"] {
        let found = store.search(Search { run: text(nothing), limit: 9, ..Search::default() }).await.unwrap();
        assert_eq!(found, Finds::default(), "{nothing:?}");
    }
}

#[tokio::test]
async fn a_dossier_has_every_finding_and_says_which_run() {
    let store = filled(4).await;
    let finding = Finding { verdict: Verdict::Unparsed, score: 0.0, extracted: None, rule: "number/none" };
    let grader = Fingerprint::from_text("another");
    let again = Write::Finding { position: 2, finding, keep: Keep::Text, grader, at_unix_ms: 90_000 };
    store.commit(vec![again]).await.unwrap();
    let dossier = store.dossier(2).await.unwrap().unwrap();
    assert_eq!((dossier.recorded.position, dossier.run.name.as_str()), (2, "r"));
    let verdicts: Vec<_> = dossier.findings.iter().map(|f| (f.version, f.finding.verdict, f.finding.rule)).collect();
    assert_eq!(verdicts, [(1, Verdict::Wrong, "number/last"), (2, Verdict::Unparsed, "number/none")]);
    assert_eq!(dossier.recorded.sample.finding.verdict, Verdict::Unparsed);
    let found = store.search(Search { limit: 9, verdict: Some(Verdict::Unparsed), ..Search::default() }).await.unwrap();
    assert_eq!(positions(&found), [2]);
    for none in [0, 5, -1, i64::MIN, i64::MAX] {
        assert_eq!(store.dossier(none).await.unwrap(), None, "{none}");
    }
}

/// Millions of samples: walked in the order of positions, between two of them, and what belongs to each is found by its key.
#[tokio::test]
async fn a_page_is_walked_by_position_and_joined_by_keys() {
    let store = sqlite::Sqlite::open(location::Location::Memory, Access::Write).await.unwrap();
    let text = || Some("x".to_owned());
    let whole = Search {
        run: text(),
        target: text(),
        scenario: text(),
        item: text(),
        rule: text(),
        verdict: Some(Verdict::Wrong),
        ..Search::default()
    };
    for (search, upwards) in [(Search::default(), false), (whole.clone(), false), (whole, true)] {
        let (sql, _) = super::super::browse::statement(&search, upwards);
        let explain = format!("EXPLAIN QUERY PLAN {sql}");
        let explained = store.read(move |conn| {
            let mut steps = conn.prepare(&explain)?;
            let steps = steps.raw_query().mapped(|row| row.get(3)).collect::<Result<Vec<String>, _>>();
            Ok(steps?)
        });
        let steps = explained.await.unwrap();
        let first = "SEARCH o USING INDEX sqlite_autoindex_outcome_1 (position>? AND position<?)";
        assert_eq!(steps.first().map(String::as_str), Some(first), "{steps:#?}");
        for key in ["SEARCH t USING INDEX trial_position", "SEARCH f USING INDEX sqlite_autoindex_finding_1"] {
            assert!(steps.iter().any(|step| step.starts_with(key)), "{steps:#?}");
        }
        // Only what there is little of is gone through: strata and runs. Nothing is sorted.
        let wrong = |step: &&String| {
            step.contains("TEMP B-TREE FOR ORDER") || step.starts_with("SCAN t") || step.starts_with("SCAN f")
        };
        assert_eq!(steps.iter().find(wrong), None, "{steps:#?}");
    }
}
