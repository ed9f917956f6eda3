//! `/arena`: people vote on stored answers without knowing whose they are.
//!
//! The one thing on this server that writes: a vote, and nothing else. Who may vote is `guard`'s, what it looks like `page`'s,
//! which two answers are shown the engine's (`pairs`); here is the state and what a request does to it.
//!
//! What is shown is kept here under a random number that says nothing of it, for one voter and an hour: nobody votes on what
//! was not shown, nobody shops for another pair by loading the page again, and the page holds no name, no provenance and no
//! order that tells anything.

mod guard;
mod page;
mod routes;

pub(in crate::api) use page::SCRIPT;
pub use routes::arena;

use crate::contest::{Category, Known, Options, Standing, ballots, pair};
use crate::domain::{Ballot, Name, Preference, VoteSource};
use crate::engine::pairs::{Catalog, Duel, catalog, words};
use crate::engine::questions::Questions;
use crate::plan::{ArenaPlan, Plan};
use crate::store::{Cast, Store, StoreError, VotePage};
use guard::{Key, Tries};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::watch;

/// How long two answers stay open to be voted on.
const OPEN_MS: i64 = 3_600_000;
/// Contests that are kept in all, open and voted on: beyond, the oldest go.
const MOST: usize = 2_000;
/// Pairs of texts that are looked at before the page says that there is nothing to show.
const LOOKS: usize = 60;
/// How old the catalog and the ratings may be.
const FRESH_MS: i64 = 30_000;

/// Two answers, as they are shown.
struct Contest {
    voter: String,
    at_unix_ms: i64,
    /// Its place in the order of making.
    made: u64,
    duel: Duel,
    /// What was said of it.
    voted: Option<Preference>,
}

/// What changes while the page is served.
#[derive(Default)]
struct State {
    contests: BTreeMap<String, Contest>,
    /// Of each voter the contest that is open.
    open: BTreeMap<String, String>,
    made: u64,
    tries: Tries,
}

/// What is read out of the store now and then.
struct Read {
    questions: Questions,
    plan: Arc<Plan>,
    catalog: Catalog,
    known: Known,
    /// None before the first time.
    at_unix_ms: Option<i64>,
}

/// The page where people vote.
pub struct Arena {
    store: Arc<dyn Store>,
    plans: watch::Receiver<Arc<Plan>>,
    settings: ArenaPlan,
    key: Key,
    now: fn() -> i64,
    state: Mutex<State>,
    read: tokio::sync::Mutex<Read>,
}

/// What is there to show.
enum Shown {
    /// A contest, by its number.
    Contest(String),
    /// Nothing that this voter has not seen.
    Nothing,
}

/// What came of a vote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Came {
    Counted,
    Twice,
    /// It was not shown to this voter, or too long ago.
    Unknown,
}

/// A line of the running tally.
struct Line {
    target: Name,
    votes: u64,
    wins: u64,
    ties: u64,
    rating: Option<crate::stats::Interval>,
}

impl Arena {
    /// Opens it: the store keeps its key, so that voters stay the same over a restart.
    ///
    /// # Errors
    /// What the store says; or the system has no random numbers.
    pub async fn open(
        store: Arc<dyn Store>,
        plans: watch::Receiver<Arc<Plan>>,
        settings: ArenaPlan,
    ) -> Result<Self, StoreError> {
        let no_key = || StoreError::Other("there is no key for the page of votes".to_owned());
        let kept = store.keep("arena", guard::new_key().ok_or_else(no_key)?).await?;
        let key = Key::of(&kept).ok_or_else(no_key)?;
        let plan = Arc::clone(&plans.borrow());
        let read = Read {
            questions: Questions::of(Arc::clone(&plan)),
            plan,
            catalog: Catalog::default(),
            known: Known::default(),
            at_unix_ms: None,
        };
        let (state, read) = (Mutex::default(), tokio::sync::Mutex::new(read));
        Ok(Self { store, plans, settings, key, now: crate::engine::unix_ms, state, read })
    }

    /// With another clock: milliseconds since the Unix epoch.
    #[must_use]
    pub fn with_clock(mut self, now: fn() -> i64) -> Self {
        self.now = now;
        self
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the voter is shown: the contest that is open for it, or a new one.
    async fn show(&self, voter: &str) -> Result<Shown, StoreError> {
        let now = (self.now)();
        {
            let mut state = self.state();
            state.forget(now);
            if let Some(open) = state.open.get(voter) {
                return Ok(Shown::Contest(open.clone()));
            }
        }
        let mut seen = BTreeSet::new();
        let mut after = 0;
        loop {
            let page = self.store.votes(VotePage { after, voter: Some(voter.to_owned()), limit: 20_000 }).await?;
            let Some(last) = page.last() else { break };
            after = last.id;
            let of = |b: &Ballot| (b.prompt.clone(), pair(&b.left.target, &b.right.target));
            seen.extend(page.iter().map(|voted| of(&voted.ballot)));
        }
        let mut read = self.read.lock().await;
        self.refresh(&mut read).await?;
        // Seeded by the system; dropped before anything is waited for.
        let mut seed = rand::random::<[u8; 32]>();
        let mut pairs = read.catalog.pairs.clone();
        let mut looks = 0;
        while !pairs.is_empty() && looks < LOOKS {
            let mut rng: rand_chacha::ChaCha8Rng = rand::SeedableRng::from_seed(seed);
            let Some(of) = read.known.draw(&pairs, &mut rng).cloned() else { break };
            let order = read.catalog.unseen(&of, &seen, &mut rng);
            rand::Rng::fill_bytes(&mut rng, &mut seed);
            for (entry, sides) in order.into_iter().take(LOOKS / 4) {
                looks += 1;
                let Some(texts) = words(self.store.as_ref(), &read.plan, &sides).await? else { continue };
                return self.opened(voter, now, Duel { entry, sides, texts }.turned(seed[0] & 1 == 1));
            }
            pairs.retain(|other| *other != of);
        }
        Ok(Shown::Nothing)
    }

    fn opened(&self, voter: &str, now: i64, duel: Duel) -> Result<Shown, StoreError> {
        let id = guard::random().ok_or_else(|| StoreError::Other("there are no random numbers".to_owned()))?;
        let mut state = self.state();
        // Another request of the same voter may have been quicker.
        if let Some(open) = state.open.get(voter) {
            return Ok(Shown::Contest(open.clone()));
        }
        state.made += 1;
        let made = state.made;
        let contest = Contest { voter: voter.to_owned(), at_unix_ms: now, made, duel, voted: None };
        state.contests.insert(id.clone(), contest);
        state.open.insert(voter.to_owned(), id.clone());
        Ok(Shown::Contest(id))
    }

    /// Reads anew what has become old.
    async fn refresh(&self, read: &mut Read) -> Result<(), StoreError> {
        let plan = Arc::clone(&self.plans.borrow());
        let same = Arc::ptr_eq(&plan, &read.plan);
        if same && read.at_unix_ms.is_some_and(|at| (0..FRESH_MS).contains(&((self.now)() - at))) {
            return Ok(());
        }
        if !same {
            read.questions = Questions::of(Arc::clone(&plan));
            read.plan = plan;
        }
        read.catalog = catalog(self.store.as_ref(), &mut read.questions).await?;
        read.known = Known::of(&ballots(self.store.as_ref(), VoteSource::Human, &[]).await?);
        read.at_unix_ms = Some((self.now)());
        Ok(())
    }

    /// Keeps a vote on a contest that was shown to this voter.
    async fn vote(&self, voter: &str, id: &str, preference: Preference) -> Result<Came, StoreError> {
        let now = (self.now)();
        let ballot = {
            let mut state = self.state();
            state.forget(now);
            let Some(contest) = state.contests.get(id).filter(|contest| contest.voter == voter) else {
                return Ok(Came::Unknown);
            };
            if contest.voted.is_some() {
                return Ok(Came::Twice);
            }
            contest.duel.ballot(preference, voter.into(), now)
        };
        let [left, right] = [ballot.left.target.clone(), ballot.right.target.clone()];
        let cast = self.store.vote(ballot).await?;
        self.state().voted(voter, id, Some(preference).filter(|_| cast == Cast::Counted));
        if cast == Cast::Twice {
            return Ok(Came::Twice);
        }
        self.read.lock().await.known.add(&left, &right);
        Ok(Came::Counted)
    }

    /// The tally of all votes so far, the best first.
    async fn tally(&self) -> Result<Vec<Line>, StoreError> {
        let contests = ballots(self.store.as_ref(), VoteSource::Human, &[]).await?;
        let level = Options::DEFAULT.level;
        let board = contests.board(&Category::All, &BTreeSet::new(), Options { least_votes: 1, level });
        let enough = board.votes >= Options::DEFAULT.least_votes;
        let Standing::Ranked(rows) = board.standing else { return Ok(Vec::new()) };
        let line = |row: crate::contest::Row| Line {
            target: row.target,
            votes: row.votes,
            wins: row.wins,
            ties: row.ties + row.both_bad,
            rating: enough.then_some(row.rating),
        };
        Ok(rows.into_iter().map(line).collect())
    }
}

impl State {
    /// A vote was taken, or had been before: of two requests at once the store takes one, and what it took is what is shown.
    fn voted(&mut self, voter: &str, id: &str, preference: Option<Preference>) {
        self.open.remove(voter);
        if let Some(contest) = self.contests.get_mut(id) {
            contest.voted = contest.voted.or(preference);
        }
    }

    /// Lets go of what is too old, and of the oldest where there is too much.
    fn forget(&mut self, now_unix_ms: i64) {
        self.contests.retain(|_, contest| now_unix_ms.saturating_sub(contest.at_unix_ms) < OPEN_MS);
        while self.contests.len() >= MOST {
            let oldest = self.contests.iter().min_by_key(|(_, contest)| contest.made).map(|(id, _)| id.clone());
            if let Some(oldest) = oldest {
                self.contests.remove(&oldest);
            }
        }
        let Self { contests, open, .. } = self;
        open.retain(|_, id| contests.contains_key(id));
    }
}
