//! A judge's votes on stored answers: both orders asked of it, each an ordinary, priced exchange of purpose `judge`, in a run
//! of its own with a hard limit.

use super::account::{Beginning, Refusal};
use super::ask::{Question, Start, Trial, one_turn};
use super::course::Course;
use super::pairs::{Catalog, Duel, catalog, words};
use super::questions::Questions;
use super::run::{Engine, RunError};
use super::sample::{Tried, record};
use super::unix_ms;
use crate::contest::{Known, ballots, pair};
use crate::domain::{
    Ballot, Charge, Finding, Fingerprint, Money, Name, Preference, Purpose, RunId, TrialKey, Verdict, VoteSource,
};
use crate::plan::{Plan, Scenario, Target};
use crate::scoring::{DUEL_VERSION, duel, preferred};
use crate::store::{Cast, Store, StoreError, VotePage};
use rand::SeedableRng as _;
use std::collections::BTreeSet;
use std::sync::Arc;
use tokio::task::JoinSet;

/// Contests that are asked at once.
const AT_ONCE: usize = 8;

/// What a judge is to do.
pub struct Jury {
    /// Who judges; never on answers of its own.
    pub judge: Arc<Target>,
    /// At most so many contests.
    pub votes: u64,
    /// What they may cost together.
    pub limit: Option<Money>,
    /// What pairs and sides are drawn by.
    pub seed: u64,
}

/// What came of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sentence {
    /// Votes that were cast.
    pub cast: u64,
    /// … of which both orders said the same.
    pub agreed: u64,
    /// Contests without a vote: a reply failed, or was not in the form that was asked for.
    pub unread: u64,
    /// What the exchanges cost, as far as that is known.
    pub cost: Money,
    /// Whether there was nothing left to judge before there were as many votes as were wanted.
    pub exhausted: bool,
}

/// Lets a judge vote.
///
/// # Errors
/// When the store fails; or (the inner one) a budget does not allow the judge to be asked any more. What was cast before stays.
pub async fn contest(engine: &Engine, plan: &Arc<Plan>, jury: Jury) -> Result<(Sentence, Option<Refusal>), RunError> {
    let Jury { judge, votes, limit, seed } = jury;
    let _alone = engine.account.alone().await;
    engine.account.reconcile().await?;
    let store = engine.store.as_ref();
    let voter = pseudonym(&judge);
    let mut seen = voted(store, &voter).await?;
    let mut known = Known::of(&ballots(store, VoteSource::Judge, &[]).await?);
    let mut questions = Questions::of(Arc::clone(plan));
    let catalog = catalog(store, &mut questions).await?;
    let now = unix_ms();
    // A run of its own each time: nothing is resumed.
    let fingerprint = Fingerprint::of(&[("contest", &now.to_string()), ("seed", &seed.to_string())]);
    let row = engine.store.begin("contest", &fingerprint, seed, now).await?;
    let run = row.id;
    let spent = engine.store.spent(Some(run), 0).await?;
    engine.account.begin(Beginning { row, open_loop: false, limit, spent }).await;
    let course = Arc::new(Course::of_judge(Arc::clone(&judge), engine.account.clone()));
    let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(seed);
    let mut pairs = catalog.pairs.clone();
    pairs.retain(|(one, other)| *one != judge.name && *other != judge.name);
    let (mut done, mut tasks, mut refused, mut asked) = (Sentence::default(), JoinSet::new(), None, 0);
    loop {
        while tasks.len() < AT_ONCE && refused.is_none() && asked < votes {
            let Some(duel) = next(store, plan, &catalog, &mut pairs, &mut seen, &known, &mut rng).await? else {
                done.exhausted = true;
                break;
            };
            let [left, right] = &duel.sides;
            known.add(&left.target, &right.target);
            let Some(scenario) = plan.scenarios.iter().find(|s| s.name == duel.entry.scenario).cloned() else { break };
            let (course, Some(lane)) = (Arc::clone(&course), engine.lanes.next()) else { break };
            asked += 1;
            tasks.spawn_on(async move { judged(&course, scenario, duel, run).await }, lane);
        }
        match tasks.join_next().await {
            Some(Ok(Ok(Judged { duel, said, cost }))) => {
                done.cost += cost;
                let [Some(preference), Some(swapped)] = said else {
                    done.unread += 1;
                    continue;
                };
                let ballot = Ballot {
                    swapped: Some(swapped),
                    source: VoteSource::Judge,
                    ..duel.ballot(preference, voter.as_str().into(), unix_ms())
                };
                if store.vote(ballot).await? == Cast::Counted {
                    done.cast += 1;
                    done.agreed += u64::from(preference == swapped);
                }
            }
            Some(Ok(Err(refusal))) => refused = Some(refusal),
            Some(Err(error)) => tracing::error!(%error, "judging two answers failed"),
            None => break,
        }
    }
    let refused = refused.or_else(|| course.brake.reason());
    let result = match &refused {
        Some(Refusal::Budget(_)) => "budget",
        Some(_) => "incomplete",
        None => "complete",
    };
    engine.account.finish(run, "contest", result).await?;
    Ok((done, refused))
}

/// Under which name a judge votes: another model behind the name, or another form of asking, is another voter.
fn pseudonym(judge: &Target) -> String {
    let version = DUEL_VERSION.to_string();
    let of = Fingerprint::of(&[("judge", judge.name.as_str()), ("model", &judge.model), ("form", &version)]);
    format!("{}:{of}", judge.name)
}

type Seen = BTreeSet<(Fingerprint, (Name, Name))>;

/// What this judge has voted on.
async fn voted(store: &dyn Store, voter: &str) -> Result<Seen, StoreError> {
    let (mut seen, mut after) = (Seen::new(), 0);
    loop {
        let page = store.votes(VotePage { after, voter: Some(voter.to_owned()), limit: 20_000 }).await?;
        let Some(last) = page.last() else { return Ok(seen) };
        after = last.id;
        let of = |b: &Ballot| (b.prompt.clone(), pair(&b.left.target, &b.right.target));
        seen.extend(page.iter().map(|voted| of(&voted.ballot)));
    }
}

/// The next two answers; none where there are none left.
async fn next(
    store: &dyn Store,
    plan: &Plan,
    catalog: &Catalog,
    pairs: &mut Vec<(Name, Name)>,
    seen: &mut Seen,
    known: &Known,
    rng: &mut rand_chacha::ChaCha8Rng,
) -> Result<Option<Duel>, StoreError> {
    while let Some(of) = known.draw(pairs, rng).cloned() {
        for (entry, sides) in catalog.unseen(&of, seen, rng) {
            // Looked at is looked at: what can't be judged is not looked at again.
            seen.insert((entry.question.prompt.clone(), of.clone()));
            if let Some(texts) = words(store, plan, &sides).await? {
                return Ok(Some(Duel { entry, sides, texts }.turned(rand::RngExt::random(rng))));
            }
        }
        pairs.retain(|other| *other != of);
    }
    Ok(None)
}

/// What a judge said of two answers, from the same sides both times.
struct Judged {
    duel: Duel,
    said: [Option<Preference>; 2],
    cost: Money,
}

async fn judged(course: &Course, scenario: Arc<Scenario>, of: Duel, run: RunId) -> Result<Judged, Refusal> {
    let item = Arc::new(of.entry.question.item.clone());
    let key = TrialKey {
        run,
        target: course.target.name.clone(),
        scenario: scenario.name.clone(),
        item: item.id.clone(),
        repeat: 0,
    };
    let mut said = [None, None];
    let mut cost = Money::ZERO;
    let [left, right] = &of.texts;
    let orders = [([left.as_str(), right.as_str()], false), ([right.as_str(), left.as_str()], true)];
    for ((texts, turned), said) in orders.into_iter().zip(&mut said) {
        let trial = Trial {
            key: key.clone(),
            item: Arc::clone(&item),
            scenario: Arc::clone(&scenario),
            purpose: Purpose::Judge,
        };
        let mut tried = Tried::new();
        let question = Question::of(&course.target, &course.target.provider, duel(&item, texts), 0);
        let Some((exchange, held)) =
            one_turn(course, &trial, &question, Start::Ready, (&mut None, &mut tried), &|| ()).await?
        else {
            break;
        };
        if exchange.fault.is_none() {
            let read = preferred(&exchange.answer.text);
            *said = if turned { read.map(Preference::flipped) } else { read };
        }
        tried.add(exchange);
        let known = |charge: &Charge| charge.known().total();
        cost += tried.exchanges.iter().map(|exchange| known(&exchange.charge)).sum::<Money>();
        let word = said.map_or("unread", Preference::label);
        let finding = Finding { extracted: Some(word.to_owned()), ..Finding::bare(Verdict::Ungraded, "duel/said") };
        course.account.record(record(course, &trial, tried, held, Some(finding))).await?;
        // Half of an opinion is none.
        if said.is_none() {
            break;
        }
    }
    Ok(Judged { duel: of, said, cost })
}
