//! Any sample survives the way into the store and back; intents, attempts and samples meet in the right trial.

mod browse;
mod made;
mod outcomes;
mod strategies;
mod votes;

use super::text::hash;
use super::*;
use crate::domain::{
    Answer, Charge, Component, Cost, Failure, Fault, Finding, Length, Name, Share, Split, Timing, Usage, Verdict,
};
use proptest::prelude::*;
use strategies::samples;

const GRADER: &str = "0123456789abcdef";

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

async fn memory() -> (Arc<dyn Store>, RunId) {
    let store = open("sqlite::memory:", Access::Write).await.unwrap();
    let run = store.begin("r", &Fingerprint::from_text("p"), 7, 1_000).await.unwrap();
    (store, run.id)
}

fn key(run: RunId, item: &str) -> TrialKey {
    TrialKey {
        run,
        target: Name::new("t").unwrap(),
        scenario: Name::new("s").unwrap(),
        item: ItemId::new(item),
        repeat: 0,
    }
}

fn tags() -> Tags {
    Tags { length: Length::Long, hard: true, ..Tags::new("d", "c", "en", Split::Fresh) }
}

fn intent(key: &TrialKey, purpose: Purpose, attempt: u32, reserve: i64) -> Write {
    Write::Intent(Intent {
        key: key.clone(),
        cluster: key.item.clone(),
        tags: tags(),
        provenance: Fingerprint::from_text("v"),
        attempt,
        turn: 0,
        purpose,
        reserve: (reserve > 0).then(|| Money::from_nanos(reserve)),
        at_unix_ms: 60_000,
    })
}

fn exchange(purpose: Purpose, attempt: u32, charge: Charge) -> Exchange {
    let answer = Answer { text: format!("answer {attempt}"), ..Answer::default() };
    Exchange { attempt, turn: 0, purpose, timing: Timing::default(), answer, fault: None, charge }
}

fn cost(nanos: i64) -> Charge {
    Charge::Settled(Cost::ZERO.with(Component::Output, Money::from_nanos(nanos)))
}

fn sample(key: &TrialKey, exchanges: Vec<Exchange>) -> Sample {
    Sample {
        key: key.clone(),
        cluster: key.item.clone(),
        tags: tags(),
        provenance: Fingerprint::from_text("v"),
        at_unix_ms: 60_000,
        exchanges,
        judged: Vec::new(),
        finding: Finding::judged(true, "4", "number/last"),
        share: Share::default(),
    }
}

fn write(sample: Sample, keep: Keep) -> Write {
    Write::Sample { sample: Arc::new(sample), keep, grader: Fingerprint::from_text(GRADER), good: true }
}

async fn all(store: &Arc<dyn Store>) -> Vec<Recorded> {
    store.samples(Query { limit: 1_000, ..Query::default() }).await.unwrap()
}

/// What `keep` leaves of a sample.
fn reduced(mut sample: Sample, keep: Keep) -> Sample {
    let text = |t: &mut String| match keep {
        Keep::Text => {}
        Keep::Hash => *t = hash(t),
        Keep::Nothing => t.clear(),
    };
    for exchange in &mut sample.exchanges {
        let answer = &mut exchange.answer;
        text(&mut answer.text);
        text(&mut answer.reasoning);
        answer.refusal.iter_mut().for_each(text);
        answer.tool_calls.iter_mut().for_each(|c| text(&mut c.arguments));
        if keep == Keep::Nothing {
            answer.tool_calls.clear();
        }
    }
    sample.finding.extracted.iter_mut().for_each(text);
    if keep == Keep::Nothing {
        sample.finding.extracted = None;
    }
    sample
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]
    #[test]
    fn any_sample_comes_back_equal_but_for_what_is_not_kept(
        (purpose, sample) in samples(),
        keep in proptest::sample::select(&[Keep::Text, Keep::Hash, Keep::Nothing][..]),
        good: bool,
    ) {
        let (back, spent) = runtime().block_on(async {
            let (store, _) = memory().await;
            let grader = Fingerprint::from_text(GRADER);
            let write = Write::Sample { sample: Arc::new(sample.clone()), keep, grader, good };
            assert_eq!(store.commit(vec![write]).await.unwrap(), [1]);
            (all(&store).await, store.spent(Some(RunId(1)), 0).await.unwrap())
        });
        let expected = Spent { settled: sample.cost().total(), unknown: sample.unknown().1 + sample.unpriced_bound() };
        prop_assert_eq!(back, [Recorded { position: 1, sample: reduced(sample, keep), purpose, good }]);
        prop_assert_eq!(spent, expected);
    }
}

#[tokio::test]
async fn an_attempt_and_its_successor_make_one_sample() {
    let (store, run) = memory().await;
    let key = key(run, "i");
    let mut first = exchange(Purpose::Measure, 1, cost(0));
    first.fault = Some(Fault::new(Failure::RateLimited, "slow down").with_status(429));
    let second = exchange(Purpose::Measure, 2, cost(5));
    store.commit(vec![intent(&key, Purpose::Measure, 1, 10)]).await.unwrap();
    let repeated = Write::Attempt { key: key.clone(), exchange: Box::new(first.clone()) };
    store.commit(vec![repeated, intent(&key, Purpose::Measure, 2, 10)]).await.unwrap();
    let whole = sample(&key, vec![first, second]);
    assert_eq!(store.commit(vec![write(whole.clone(), Keep::Text)]).await.unwrap(), [1]);
    assert_eq!(all(&store).await.pop().unwrap().sample, whole);
    let spent = store.spent(None, 0).await.unwrap();
    assert_eq!(spent, Spent { settled: Money::from_nanos(5), unknown: Money::ZERO });
    assert_eq!(store.recover(1).await.unwrap(), 0);
}

#[tokio::test]
async fn a_trial_is_recorded_once_and_a_refused_batch_leaves_nothing() {
    let (store, run) = memory().await;
    let (a, b) = (key(run, "a"), key(run, "b"));
    let one = |key: &TrialKey| write(sample(key, vec![exchange(Purpose::Measure, 1, cost(3))]), Keep::Text);
    store.commit(vec![one(&a)]).await.unwrap();
    let refused = store.commit(vec![one(&b), one(&a)]).await.unwrap_err();
    assert_eq!(
        refused.to_string(),
        "already recorded: the trial of \"a\" (s, repeat 0) with t in run 1 is the sample at position 1"
    );
    let refused = store.commit(vec![intent(&a, Purpose::Measure, 1, 3)]).await.unwrap_err();
    assert!(matches!(refused, StoreError::Duplicate(_)), "{refused}");
    assert_eq!(all(&store).await.len(), 1);
    assert_eq!(store.spent(None, 0).await.unwrap().settled, Money::from_nanos(3));
    assert_eq!(store.commit(vec![one(&b)]).await.unwrap(), [2], "positions have no hole");
}

#[tokio::test]
async fn warm_up_repeats_and_is_never_a_measurement() {
    let (store, run) = memory().await;
    let key = key(run, "w");
    for _ in 0..3 {
        store.commit(vec![intent(&key, Purpose::WarmUp, 1, 4)]).await.unwrap();
    }
    for _ in 0..3 {
        let warm = sample(&key, vec![exchange(Purpose::WarmUp, 1, cost(1))]);
        store.commit(vec![write(warm, Keep::Text)]).await.unwrap();
    }
    let measured = sample(&key, vec![exchange(Purpose::Measure, 1, cost(2))]);
    store.commit(vec![intent(&key, Purpose::Measure, 1, 4), write(measured, Keep::Text)]).await.unwrap();
    let purposes: Vec<_> = all(&store).await.iter().map(|r| r.purpose).collect();
    assert_eq!(purposes, [Purpose::WarmUp, Purpose::WarmUp, Purpose::WarmUp, Purpose::Measure]);
    assert_eq!(store.spent(Some(run), 0).await.unwrap().settled, Money::from_nanos(5));
    assert_eq!(store.recover(9).await.unwrap(), 0, "every intent met its sample");
}

#[tokio::test]
async fn a_judge_belongs_to_the_trial_it_judges() {
    let (store, run) = memory().await;
    let key = key(run, "j");
    let answered = exchange(Purpose::Measure, 1, cost(2));
    let judged = vec![exchange(Purpose::Judge, 1, cost(7)), exchange(Purpose::Judge, 2, cost(8))];
    let ended = |exchange: &Exchange| Write::Attempt { key: key.clone(), exchange: Box::new(exchange.clone()) };
    store.commit(vec![intent(&key, Purpose::Measure, 1, 4)]).await.unwrap();
    // The answer is settled before it is judged, and one of the two judgements before the other is asked for.
    store.commit(vec![ended(&answered), intent(&key, Purpose::Judge, 1, 9)]).await.unwrap();
    store.commit(vec![ended(&judged[0]), intent(&key, Purpose::Judge, 2, 9)]).await.unwrap();
    let whole = Sample { judged, ..sample(&key, vec![answered]) };
    store.commit(vec![write(whole.clone(), Keep::Text)]).await.unwrap();
    let back = all(&store).await;
    assert_eq!(back.len(), 1);
    assert_eq!((&back[0].sample, back[0].purpose), (&whole, Purpose::Measure));
    assert_eq!(store.recover(9).await.unwrap(), 0);
}

#[tokio::test]
async fn what_was_in_flight_becomes_unknown_within_its_reserve_and_keeps_what_came_before() {
    let (store, run) = memory().await;
    let (a, b, c) = (key(run, "a"), key(run, "b"), key(run, "c"));
    let first = exchange(Purpose::Measure, 1, cost(2));
    store.commit(vec![intent(&a, Purpose::Measure, 1, 50), intent(&b, Purpose::Measure, 1, 0)]).await.unwrap();
    let repeated = Write::Attempt { key: a.clone(), exchange: Box::new(first) };
    store.commit(vec![repeated, intent(&a, Purpose::Measure, 2, 60), intent(&c, Purpose::WarmUp, 1, 5)]).await.unwrap();
    assert_eq!(store.recover(99).await.unwrap(), 3);
    assert_eq!(store.recover(99).await.unwrap(), 0, "once");
    let back = all(&store).await;
    assert_eq!(back.iter().map(|r| r.position).collect::<Vec<_>>(), [1, 2, 3]);
    for recorded in &back {
        assert_eq!(recorded.sample.finding, Finding::bare(Verdict::Unknown, "unknown/killed"));
        assert!(!recorded.sample.last().unwrap().is_success());
        assert_eq!(recorded.sample.at_unix_ms, 60_000);
    }
    let charges: Vec<Vec<Charge>> =
        back.iter().map(|r| r.sample.exchanges.iter().map(|e| e.charge).collect()).collect();
    let unknown = |n| Charge::Unknown { bound: Money::from_nanos(n) };
    assert_eq!(charges, [vec![cost(2), unknown(60)], vec![Charge::Unpriced { bound: Money::ZERO }], vec![unknown(5)]]);
    assert_eq!(back.iter().map(|r| r.purpose).collect::<Vec<_>>()[2], Purpose::WarmUp);
    let spent = store.spent(Some(run), 0).await.unwrap();
    assert_eq!(spent, Spent { settled: Money::from_nanos(2), unknown: Money::from_nanos(65) });
    // Who wants to may ask it again: the unknown sample stays beside the new one.
    let again = sample(&a, vec![exchange(Purpose::Measure, 1, cost(1))]);
    let writes = vec![intent(&a, Purpose::Measure, 1, 50), write(again.clone(), Keep::Text)];
    assert_eq!(store.commit(writes).await.unwrap(), [4]);
    assert_eq!(all(&store).await.pop().unwrap().sample, again);
}

#[tokio::test]
async fn a_trial_killed_between_two_attempts_is_asked_again_and_keeps_both() {
    let (store, run) = memory().await;
    let key = key(run, "a");
    let first = exchange(Purpose::Measure, 1, cost(2));
    let repeated = Write::Attempt { key: key.clone(), exchange: Box::new(first) };
    store.commit(vec![intent(&key, Purpose::Measure, 1, 50), repeated]).await.unwrap();
    assert_eq!(store.recover(99).await.unwrap(), 0);
    let whole = sample(&key, vec![exchange(Purpose::Measure, 1, cost(3))]);
    store.commit(vec![intent(&key, Purpose::Measure, 1, 50), write(whole, Keep::Text)]).await.unwrap();
    let back = all(&store).await.pop().unwrap().sample;
    assert_eq!(back.exchanges.iter().map(|e| e.attempt).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(back.cost().total(), Money::from_nanos(5));
    assert_eq!(store.spent(Some(run), 0).await.unwrap().settled, Money::from_nanos(5));
}

#[tokio::test]
async fn an_intent_that_was_not_sent_is_released() {
    let (store, run) = memory().await;
    let (a, b) = (key(run, "a"), key(run, "b"));
    let mut never = sample(&a, Vec::new());
    never.finding = Finding::bare(Verdict::Failed, "failed/not-sent");
    store.commit(vec![intent(&a, Purpose::Measure, 1, 50), write(never.clone(), Keep::Text)]).await.unwrap();
    let only_first = sample(&b, vec![exchange(Purpose::Measure, 1, cost(1))]);
    let intents = vec![intent(&b, Purpose::Measure, 1, 50), intent(&b, Purpose::Measure, 2, 50)];
    store.commit(intents).await.unwrap();
    store.commit(vec![write(only_first.clone(), Keep::Text)]).await.unwrap();
    let back: Vec<_> = all(&store).await.into_iter().map(|r| r.sample).collect();
    assert_eq!(back, [never, only_first]);
    assert_eq!(store.recover(9).await.unwrap(), 0);
    assert_eq!(store.spent(None, 0).await.unwrap(), Spent { settled: Money::from_nanos(1), unknown: Money::ZERO });
}

#[tokio::test]
async fn an_intent_that_is_withdrawn_was_never_made() {
    let (store, run) = memory().await;
    let a = key(run, "a");
    let withdraw = || Write::Withdraw { key: a.clone(), attempt: 1, purpose: Purpose::Measure };
    store.commit(vec![withdraw()]).await.unwrap();
    store.commit(vec![intent(&a, Purpose::Measure, 1, 50), withdraw()]).await.unwrap();
    assert_eq!(store.recover(9).await.unwrap(), 0, "nothing was in flight");
    assert_eq!(store.spent(None, 0).await.unwrap(), Spent::default());
    // It is asked after all when the run goes on.
    let asked = sample(&a, vec![exchange(Purpose::Measure, 1, cost(1))]);
    store.commit(vec![intent(&a, Purpose::Measure, 1, 50)]).await.unwrap();
    store.commit(vec![write(asked, Keep::Text)]).await.unwrap();
    let verdicts: Vec<_> = all(&store).await.into_iter().map(|r| r.sample.finding.verdict).collect();
    assert_eq!(verdicts, [Verdict::Correct]);
    store.commit(vec![withdraw()]).await.unwrap();
    assert_eq!(store.spent(None, 0).await.unwrap().settled, Money::from_nanos(1));
}

#[tokio::test]
async fn what_breaks_the_rules_is_refused_by_name() {
    let (store, run) = memory().await;
    let key = key(run, "a");
    let one = exchange(Purpose::Measure, 1, cost(1));
    let trial = "the trial of \"a\" (s, repeat 0) with t in run 1";
    let elsewhere = TrialKey { run: RunId(99), ..key.clone() };
    let finish = Write::Finish { run: RunId(9), result: "complete", at_unix_ms: 1 };
    let cases = [
        (
            vec![Write::Attempt { key: key.clone(), exchange: Box::new(one.clone()) }],
            format!("attempt 1 of {trial} has no intent"),
        ),
        (
            vec![intent(&key, Purpose::Measure, 1, 1), intent(&key, Purpose::Measure, 1, 1)],
            format!("{trial} is being asked already"),
        ),
        (vec![write(sample(&key, vec![one.clone(), one]), Keep::Text)], format!("{trial} has attempt 1 twice")),
        (
            vec![intent(&elsewhere, Purpose::Measure, 1, 1)],
            "a record names a run that the store does not have".to_owned(),
        ),
        (vec![finish], "there is no run 9 to finish".to_owned()),
        (
            vec![Write::Checkpoint { position: 1, text: String::new() }],
            "a checkpoint at 1 is beyond the last sample".to_owned(),
        ),
    ];
    for (writes, message) in cases {
        let error = store.commit(writes).await.unwrap_err();
        assert_eq!(error.to_string(), format!("the store failed: {message}"));
    }
    assert_eq!(store.spent(None, 0).await.unwrap(), Spent::default());
}

#[tokio::test]
async fn a_checkpoint_never_goes_back() {
    let (store, run) = memory().await;
    for item in ["a", "b"] {
        let one = sample(&key(run, item), vec![exchange(Purpose::Measure, 1, cost(1))]);
        store.commit(vec![write(one, Keep::Text)]).await.unwrap();
    }
    assert_eq!(store.checkpoint().await.unwrap(), None);
    let at = |position| vec![Write::Checkpoint { position, text: format!("totals\0{position}") }];
    store.commit(at(2)).await.unwrap();
    store.commit(at(2)).await.unwrap();
    let error = store.commit(at(1)).await.unwrap_err();
    assert_eq!(error.to_string(), "the store failed: a checkpoint at 1 would go back");
    assert_eq!(store.checkpoint().await.unwrap(), Some((2, "totals\u{0}2".to_owned())));
}

#[tokio::test]
async fn samples_come_by_page_run_and_target() {
    let (store, run) = memory().await;
    let other = store.begin("other", &Fingerprint::from_text("p"), 7, 1_000).await.unwrap().id;
    for n in 0..10 {
        let run = if n % 2 == 0 { run } else { other };
        let mut key = key(run, &n.to_string());
        key.target = Name::new(if n < 5 { "t" } else { "u" }).unwrap();
        store.commit(vec![write(sample(&key, Vec::new()), Keep::Text)]).await.unwrap();
    }
    let ask = async |after, run, targets: &[&str], limit| {
        let targets = targets.iter().map(|t| (*t).to_owned()).collect();
        let page = store.samples(Query { after, run, targets, limit }).await.unwrap();
        page.iter().map(|r| r.position).collect::<Vec<_>>()
    };
    assert_eq!(ask(0, None, &[], 3).await, [1, 2, 3]);
    assert_eq!(ask(8, None, &[], 9).await, [9, 10]);
    assert_eq!(ask(1, Some(run), &[], 9).await, [3, 5, 7, 9]);
    assert_eq!(ask(0, Some(other), &["u"], 9).await, [6, 8, 10]);
    assert_eq!(ask(0, None, &["t", "u"], 2).await, [1, 2]);
    assert_eq!(ask(0, None, &["v"], 9).await, [] as [i64; 0]);
}

#[tokio::test]
async fn spending_is_booked_at_the_minute_of_its_intent() {
    let (store, run) = memory().await;
    let key = key(run, "a");
    let mut late = sample(&key, vec![exchange(Purpose::Measure, 1, cost(3))]);
    late.at_unix_ms = 600_000;
    late.share.hardware = Money::from_nanos(4);
    store.commit(vec![intent(&key, Purpose::Measure, 1, 5), write(late, Keep::Text)]).await.unwrap();
    let settled = async |run, since| store.spent(run, since).await.unwrap().settled.nanos();
    assert_eq!(settled(None, 60_000).await, 7, "the intent's minute");
    assert_eq!(settled(None, 119_999).await, 7, "taken down to the minute");
    assert_eq!(settled(None, 120_000).await, 4, "the share of hardware is booked at the sample's");
    assert_eq!(settled(Some(run), 660_000).await, 0);
    assert_eq!(settled(Some(RunId(2)), 0).await, 0);
}

/// Budgets and pages must not slow down as the store grows: each is a search in an index, and no scan.
#[tokio::test]
async fn what_is_asked_often_is_searched_in_an_index() {
    let store = sqlite::Sqlite::open(location::Location::Memory, Access::Write).await.unwrap();
    let page = |run| query::statement(&Query { run, limit: 9, ..Query::default() });
    let cases = [
        (query::SPENT_IN_RUN.to_owned(), "SEARCH spending USING INDEX sqlite_autoindex_spending_1"),
        (query::SPENT_SINCE.to_owned(), "SEARCH spending USING COVERING INDEX spending_minute"),
        (page(None), "SEARCH trial USING INDEX trial_position"),
        (page(Some(RunId(1))), "SEARCH trial USING INDEX trial_run"),
        (trial::WITH_ATTEMPT.to_owned(), "SEARCH t USING INDEX trial_key"),
        (trial::WITHOUT_ATTEMPT.to_owned(), "SEARCH t USING INDEX trial_key"),
        (prune::OLDEST.to_owned(), "SEARCH t USING INDEX trial_run"),
        (runs::IN_FLIGHT.to_owned(), "SCAN e USING INDEX exchange_in_flight"),
    ];
    for (sql, expected) in cases {
        let explain = format!("EXPLAIN QUERY PLAN {sql}");
        let explained = store.read(move |conn| {
            let mut steps = conn.prepare(&explain)?;
            let steps = steps.raw_query().mapped(|row| row.get(3)).collect::<Result<Vec<String>, _>>();
            Ok(steps?)
        });
        let steps = explained.await.unwrap();
        assert!(steps.iter().any(|s| s.starts_with(expected)), "{sql}\n{steps:#?}");
        // Walked through: a page that was just cut out, what is in flight, and runs, of which there are few.
        let scans =
            |s: &&String| s.starts_with("SCAN") && !["SCAN t", "SCAN r", "SCAN e"].iter().any(|w| s.starts_with(w));
        assert_eq!(steps.iter().find(scans), None, "{sql}\n{steps:#?}");
    }
}

/// Goes so many steps with a commit, and then away. Gives whether it was done by then.
async fn leave(mut commit: Reply<'_, Vec<i64>>, steps: u32) -> bool {
    let mut left = steps;
    let done = std::future::poll_fn(|context| {
        use std::task::Poll;
        if left == 0 {
            return Poll::Ready(None);
        }
        left -= 1;
        commit.as_mut().poll(context).map(Some)
    });
    done.await.is_some()
}

#[tokio::test]
async fn a_commit_whose_caller_goes_away_is_whole_or_not_there() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", folder.path().join("a.db").display());
    let store = open(&url, Access::Write).await.unwrap();
    let run = store.begin("r", &Fingerprint::from_text("p"), 7, 1_000).await.unwrap().id;
    let batch = |n: u32| {
        let of = |part: &str| {
            write(sample(&key(run, &format!("{n}{part}")), vec![exchange(Purpose::Measure, 1, cost(1))]), Keep::Text)
        };
        vec![of("a"), of("b")]
    };
    let (mut whole, mut there) = (0, 0);
    for n in 0..60 {
        // Before it was handed over, once it was, and once it is done (which may come with the first step).
        whole += usize::from(leave(store.commit(batch(n)), n % 3).await);
        let positions = store.commit(batch(1_000 + n)).await.unwrap();
        let after = all(&store).await;
        let batches = after.len() / 2;
        assert_eq!(after.len() % 2, 0, "never half a batch");
        assert_eq!(batches - there, if n % 3 == 0 { 1 } else { 2 }, "what was handed over is done");
        assert_eq!(after.iter().rev().take(2).map(|r| r.position).rev().collect::<Vec<_>>(), positions);
        assert_eq!(after.iter().map(|r| r.position).max(), i64::try_from(after.len()).ok(), "positions have no hole");
        there = batches;
    }
    assert!(whole > 0, "some were given the time");
    let settled = store.spent(Some(run), 0).await.unwrap().settled;
    assert_eq!(settled.nanos(), i64::try_from(all(&store).await.len()).unwrap());
    // The store itself goes away: what was handed over is done, and the file free.
    drop(store);
    for n in 100..110 {
        let store = open(&url, Access::Write).await.unwrap();
        leave(store.commit(batch(n)), 1).await;
    }
    let reopened = open(&url, Access::Write).await.unwrap();
    assert_eq!(all(&reopened).await.len(), 2 * (there + 10));
}

#[test]
fn what_was_billed_is_summed_by_day_target_and_model() {
    runtime().block_on(async {
        let (store, run) = memory().await;
        let day = 86_400_000;
        for (item, model) in [("i", "m-1"), ("j", "m-1"), ("k", "m-2")] {
            let usage =
                Usage { input: Some(10), cache_read: Some(5), output: Some(2), reasoning: Some(1), ..Usage::default() };
            let mut done = exchange(Purpose::Measure, 1, cost(7));
            done.answer = Answer { model: Some(model.into()), usage, ..Answer::default() };
            let key = key(run, item);
            store
                .commit(vec![intent(&key, Purpose::Measure, 1, 9), write(sample(&key, vec![done]), Keep::Text)])
                .await
                .unwrap();
        }
        let open = key(run, "open");
        store.commit(vec![intent(&open, Purpose::Measure, 1, 9)]).await.unwrap();
        let rows = store.billed(0, day).await.unwrap();
        let told: Vec<_> = rows
            .iter()
            .map(|r| (r.day, r.model.as_deref(), r.exchanges, r.input, r.output, r.cost.total().nanos(), r.unknown))
            .collect();
        assert_eq!(
            told,
            [
                (0, None, 1, 0, 0, 0, (1, Money::from_nanos(9))),
                (0, Some("m-1"), 2, 30, 6, 14, (0, Money::ZERO)),
                (0, Some("m-2"), 1, 15, 3, 7, (0, Money::ZERO)),
            ]
        );
        assert_eq!(rows.iter().map(|r| r.cost.get(Component::Output).nanos()).sum::<i64>(), 21);
        assert_eq!(store.billed(day, 2 * day).await.unwrap(), []);
        assert_eq!(store.billed(0, 60_000).await.unwrap(), []);
    });
}
