//! Outcomes are written with their samples, follow re-grading, go with them, and can be made of the other tables.

use super::*;
use crate::domain::digest64;

async fn outcomes(store: &Arc<dyn Store>) -> Vec<Outcome> {
    store.outcomes(Span { after: 0, until: i64::MAX, limit: 1_000 }).await.unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn what_is_written_with_a_sample_is_what_the_other_tables_say(
        (purpose, sample) in samples(),
        keep in proptest::sample::select(&[Keep::Text, Keep::Hash, Keep::Nothing][..]),
        good: bool,
    ) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s.db");
        let url = format!("sqlite://{}", path.display());
        let (written, rebuilt, strata) = runtime().block_on(async {
            let store = open(&url, Access::Write).await.unwrap();
            store.begin("r", &Fingerprint::from_text("p"), 7, 1_000).await.unwrap();
            let grader = Fingerprint::from_text(GRADER);
            store.commit(vec![Write::Sample { sample: Arc::new(sample.clone()), keep, grader, good }]).await.unwrap();
            let written = (outcomes(&store).await, store.strata().await.unwrap());
            drop(store);
            let conn = rusqlite::Connection::open(&path).unwrap();
            conn.execute_batch("DELETE FROM outcome; DELETE FROM stratum").unwrap();
            drop(conn);
            let store = open(&url, Access::Write).await.unwrap();
            (written, (outcomes(&store).await, store.strata().await.unwrap()), store.outcome_ends().await.unwrap())
        });
        prop_assert_eq!(&written, &rebuilt);
        if purpose == Purpose::Measure {
            let outcome = written.0.first().copied().unwrap();
            prop_assert_eq!(outcome.cost, sample.cost().total());
            prop_assert_eq!(outcome.bound, sample.unknown().1 + sample.unpriced_bound());
            prop_assert_eq!(outcome.cluster, digest64(sample.cluster.as_str()));
            prop_assert_eq!(outcome.form.is_none(), sample.key.item == sample.cluster);
            prop_assert_eq!((outcome.verdict, outcome.good), (sample.finding.verdict, good));
            prop_assert_eq!(outcome.said.is_some(), sample.finding.extracted.is_some() && keep != Keep::Nothing);
            let stratum = written.1.get(&outcome.stratum).unwrap();
            prop_assert_eq!((&stratum.target, &stratum.tags), (&sample.key.target, &sample.tags));
            prop_assert_eq!(strata, Some((1, 1)));
        } else {
            prop_assert_eq!(written.0.len(), 0);
            prop_assert_eq!(strata, None);
        }
    }
}

#[tokio::test]
async fn many_samples_of_an_older_store_get_theirs_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.db");
    let url = format!("sqlite://{}", path.display());
    let store = open(&url, Access::Write).await.unwrap();
    let run = store.begin("r", &Fingerprint::from_text("p"), 7, 1_000).await.unwrap().id;
    for chunk in 0..5 {
        let one = |n: usize| write(sample(&key(run, &format!("{chunk}-{n}")), Vec::new()), Keep::Text);
        store.commit((0..1_000).map(one).collect()).await.unwrap();
    }
    let whole = Span { after: 0, until: i64::MAX, limit: 10_000 };
    let before = store.outcomes(whole).await.unwrap();
    drop(store);
    // As if the process had been killed while it made them.
    let conn = rusqlite::Connection::open(&path).unwrap();
    conn.execute_batch("DELETE FROM outcome WHERE position <= 4321").unwrap();
    drop(conn);
    let store = open(&url, Access::Write).await.unwrap();
    assert_eq!(before.len(), 5_000);
    assert_eq!(store.outcomes(whole).await.unwrap(), before);
    let part = store.outcomes(Span { after: 10, until: 20, limit: 5 }).await.unwrap();
    assert_eq!(part.iter().map(|o| o.position).collect::<Vec<_>>(), [11, 12, 13, 14, 15]);
}

#[tokio::test]
async fn the_latest_finding_counts_and_what_was_killed_is_unknown() {
    let (store, run) = memory().await;
    let (a, b) = (key(run, "a"), key(run, "b"));
    store.commit(vec![write(sample(&a, vec![exchange(Purpose::Measure, 1, cost(3))]), Keep::Text)]).await.unwrap();
    let (finding, grader) = (Finding::judged(false, " Five ", "number/last"), Fingerprint::from_text("other"));
    let again = Write::Finding { position: 1, finding, keep: Keep::Text, grader, at_unix_ms: 5 };
    store.commit(vec![again, intent(&b, Purpose::Measure, 1, 10)]).await.unwrap();
    assert_eq!(store.recover(9).await.unwrap(), 1);
    let all = outcomes(&store).await;
    assert_eq!(all.iter().map(|o| o.verdict).collect::<Vec<_>>(), [Verdict::Wrong, Verdict::Unknown]);
    assert_eq!(all.iter().map(|o| o.said).collect::<Vec<_>>(), [Some(digest64("five")), None]);
    assert_eq!(all.iter().map(|o| o.bound.nanos()).collect::<Vec<_>>(), [0, 10]);
    assert_eq!(store.strata().await.unwrap().len(), 1);
}

#[tokio::test]
async fn it_goes_with_its_sample() {
    let (store, run) = memory().await;
    for item in ["a", "b"] {
        store.commit(vec![write(sample(&key(run, item), Vec::new()), Keep::Text)]).await.unwrap();
    }
    let ended = Write::Finish { run, result: "complete", at_unix_ms: 70_000 };
    store.commit(vec![ended, Write::Checkpoint { position: 1, text: "x".to_owned() }]).await.unwrap();
    assert_eq!(store.prune(1_000_000_000, Some(Duration::from_secs(1)), None).await.unwrap(), 1);
    assert_eq!(outcomes(&store).await.iter().map(|o| o.position).collect::<Vec<_>>(), [2]);
}
