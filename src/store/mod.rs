//! The store: what was planned, asked, answered, found and paid, in a database.
//!
//! Rules: an intent with its reserve is committed *before* a request is sent; a sample is acknowledged when its row is
//! committed; what was in flight when the process died becomes `unknown`, bounded by its reserve. All writes of a batch
//! are one transaction. One process writes at a time ([`StoreError::InUse`]); any number read.

mod answers;
mod batch;
mod billed;
mod browse;
mod campaigns;
mod courtesy;
mod failure;
mod ledger;
mod location;
mod lock;
mod outcomes;
mod points;
mod prune;
mod query;
mod readers;
mod rows;
mod runs;
mod schema;
mod sqlite;
#[cfg(test)]
mod tests;
mod text;
mod trial;
mod votes;
mod writer;

pub use billed::Billed;
pub use browse::{Dossier, Finds, Found, Regrade, Search, Seek};
pub use courtesy::Courtesy;
pub use outcomes::{Outcome, OutcomeStratum, Span};
pub use points::Points;
pub use votes::{Cast, VotePage, Voted};

use crate::domain::{
    Answer, Ballot, Exchange, Finding, Fingerprint, ItemId, Money, Name, Point, Purpose, RunId, Sample, Share, Tags,
    TrialKey,
};
use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

/// What a store is opened for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// To write and read: makes the database (and missing folders, for the owner only) and takes the writer's lock.
    Write,
    /// To read only, also while another process writes: makes nothing, changes nothing.
    Read,
}

/// Opens a store: `sqlite:///absolute/path.db`, `sqlite://relative.db`, or `sqlite::memory:` (gone with the process).
///
/// # Errors
/// [`StoreError`] when the URL is of no known form, the file cannot be reached, is damaged, was made by a newer version,
/// or has a writer already.
pub async fn open(url: &str, access: Access) -> Result<Arc<dyn Store>, StoreError> {
    Ok(Arc::new(sqlite::Sqlite::open(location::Location::of(url)?, access).await?))
}

/// Whether [`open`] would know the form of this URL; touches nothing.
///
/// # Errors
/// [`StoreError::Url`], with a hint.
pub fn check_url(url: &str) -> Result<(), StoreError> {
    location::Location::of(url).map(|_| ())
}

/// What a store's verbs return.
pub type Reply<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// What can go wrong with a store.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// The URL is of no known form.
    #[error("{0}")]
    Url(String),
    /// Another process writes to it.
    #[error("the store {path} is in use by another assayd (process {pid})")]
    InUse {
        /// The database.
        path: String,
        /// Who holds it.
        pid: u32,
    },
    /// No room left, or a file-size limit reached: nothing of the batch was written.
    #[error("the store is full: {0}")]
    Full(String),
    /// It was made by a newer version.
    #[error("the store was made by a newer assayd: {0}")]
    Newer(String),
    /// What is there cannot be read as a store.
    #[error("the store is damaged: {0}")]
    Damaged(String),
    /// A trial that has its answer was to be recorded again: nothing of the batch was written.
    #[error("already recorded: {0}")]
    Duplicate(String),
    /// Anything else the database says.
    #[error("the store failed: {0}")]
    Other(String),
}

/// An attempt that is about to be sent.
#[derive(Debug, Clone, PartialEq)]
pub struct Intent {
    /// Which trial.
    pub key: TrialKey,
    /// The independent unit it belongs to in statistics.
    pub cluster: ItemId,
    /// Its strata.
    pub tags: Tags,
    /// The provenance as far as it is known before the answer.
    pub provenance: Fingerprint,
    /// 1 for the first attempt.
    pub attempt: u32,
    /// Which turn of a conversation it is, from 0.
    pub turn: u32,
    /// What the spending is for.
    pub purpose: Purpose,
    /// The worst case that is held back for it; none where the target has no price.
    pub reserve: Option<Money>,
    /// Milliseconds since the Unix epoch.
    pub at_unix_ms: i64,
}

/// How much of an answer is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    /// Text, reasoning and the extracted answer.
    Text,
    /// `sha256:…` in place of each text that the model wrote (text, reasoning, tool arguments, refusal, extracted answer).
    Hash,
    /// Nothing of them; that there was a refusal is kept.
    Nothing,
}

/// One thing to write.
#[derive(Debug, Clone)]
pub enum Write {
    /// Before an attempt is sent: its intent and reserve.
    Intent(Intent),
    /// After an attempt that will be repeated: settles its reserve, keeps its record. Its texts are kept with the
    /// trial's [`Write::Sample`], which says how much of them may be.
    Attempt {
        /// Which trial.
        key: TrialKey,
        /// What came of it.
        exchange: Box<Exchange>,
    },
    /// An intent that is not sent after all: its reserve is released, and the trial is as if it had not been made.
    /// Nothing where it has ended, or was never there: it may come late, from one who was dropped.
    Withdraw {
        /// Which trial.
        key: TrialKey,
        /// Which of its attempts.
        attempt: u32,
        /// What the spending would have been for.
        purpose: Purpose,
    },
    /// After the last attempt: settles its reserve, keeps the sample. Acknowledged when committed. Exchanges already
    /// written by [`Write::Attempt`] are not written again. Samples of a purpose other than `measure` are kept too, and
    /// count in the ledger only; they may repeat. A second one of the same trial to measure is
    /// [`StoreError::Duplicate`], unless all before it are `unknown`. An intent that the sample has no exchange of was
    /// not sent after all: its reserve is released. The purpose is that of the first exchange.
    Sample {
        /// The record.
        sample: Arc<Sample>,
        /// How much of the answer is kept.
        keep: Keep,
        /// Which grader found the finding.
        grader: Fingerprint,
        /// Correct and inside the SLO.
        good: bool,
    },
    /// Another finding of a sample, by another grader: the latest holds.
    Finding {
        /// Which sample.
        position: i64,
        /// What was found.
        finding: Finding,
        /// How much of the answer is kept.
        keep: Keep,
        /// By which grader.
        grader: Fingerprint,
        /// Milliseconds since the Unix epoch.
        at_unix_ms: i64,
    },
    /// A point of a sweep.
    Point {
        /// Of which run.
        run: RunId,
        /// Whose.
        target: Name,
        /// On what.
        scenario: Name,
        /// Its rank in the order of trying, from 0.
        place: u32,
        /// What came of it.
        point: Point,
    },
    /// The run is over.
    Finish {
        /// Which.
        run: RunId,
        /// `complete`, `incomplete` or `budget`.
        result: &'static str,
        /// Milliseconds since the Unix epoch.
        at_unix_ms: i64,
    },
    /// The board's totals up to and including a position.
    Checkpoint {
        /// The last position that is in them.
        position: i64,
        /// The board's own text form.
        text: String,
    },
}

/// A run as the store knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunRow {
    /// Its id.
    pub id: RunId,
    /// Its name in the configuration.
    pub name: String,
    /// The plan it executes.
    pub plan: Fingerprint,
    /// The seed that items and orders are drawn from.
    pub seed: u64,
    /// Milliseconds since the Unix epoch.
    pub started_unix_ms: i64,
    /// … none while unfinished.
    pub finished_unix_ms: Option<i64>,
    /// `complete`, `incomplete`, `budget`; none while unfinished.
    pub result: Option<String>,
}

/// A recorded sample with its place in the order of recording.
#[derive(Debug, Clone, PartialEq)]
pub struct Recorded {
    /// Grows with every recorded sample, over all runs.
    pub position: i64,
    /// The record (answer text as far as it was kept).
    pub sample: Sample,
    /// What the spending was for.
    pub purpose: Purpose,
    /// Correct and inside the SLO.
    pub good: bool,
}

/// Which samples are asked for, in the order of their position.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Query {
    /// Only after this position.
    pub after: i64,
    /// Only of this run.
    pub run: Option<RunId>,
    /// Only of these targets; empty is all.
    pub targets: Vec<String>,
    /// At most so many.
    pub limit: u32,
}

/// Which answers are asked for, in the order of their position.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Page {
    /// Only after this position.
    pub after: i64,
    /// At most so many samples.
    pub limit: u32,
}

/// An answer of a sample, as far as it is kept.
#[derive(Debug, Clone, PartialEq)]
pub struct Said {
    /// The turn that it answers, from 0.
    pub turn: u32,
    /// Its text, tool calls, refusal, finish and model; nothing else.
    pub answer: Answer,
    /// Whether its texts are there as they were: neither left out nor hashed.
    pub kept: bool,
}

/// A sample to measure, as grading it anew needs it.
#[derive(Debug, Clone, PartialEq)]
pub struct Answered {
    /// Its place in the order of recording.
    pub position: i64,
    /// Which trial.
    pub key: TrialKey,
    /// The independent unit it belongs to in statistics.
    pub cluster: ItemId,
    /// Its strata.
    pub tags: Tags,
    /// Its provenance.
    pub provenance: Fingerprint,
    /// What its exchanges cost, as far as that is known; shares of hardware and energy apart.
    pub cost: Money,
    /// What its shares of hardware and energy cost; energy itself is left out.
    pub share: Share,
    /// The latest finding.
    pub finding: Finding,
    /// Who found it.
    pub grader: Fingerprint,
    /// Its successful exchanges, in order; none where it failed.
    pub said: Vec<Said>,
}

/// Money by state, as budgets must see it at start.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Spent {
    /// Known and settled.
    pub settled: Money,
    /// Of unknown outcome, or without a price at a target that has one: the bounds.
    pub unknown: Money,
}

/// The verbs.
pub trait Store: Send + Sync {
    /// Writes a batch in one transaction (all or nothing). Gives the position of each [`Write::Sample`], in order.
    fn commit(&self, batch: Vec<Write>) -> Reply<'_, Vec<i64>>;

    /// The unfinished run of this name and plan, or a new one. An unfinished run of the same name and another plan is
    /// finished as `incomplete`.
    fn begin(&self, name: &str, plan: &Fingerprint, seed: u64, at_unix_ms: i64) -> Reply<'_, RunRow>;

    /// Turns every attempt that is in flight into an `unknown` sample (its process has died) and gives how many.
    ///
    /// A trial whose attempts have all ended, but which was to be tried again, stays open: it may be asked again, and
    /// its sample then has the earlier attempts too, numbered first.
    fn recover(&self, at_unix_ms: i64) -> Reply<'_, u64>;

    /// Samples, oldest first.
    fn samples(&self, query: Query) -> Reply<'_, Vec<Recorded>>;

    /// Samples to measure with their answers, oldest first.
    fn answers(&self, page: Page) -> Reply<'_, Vec<Answered>>;

    /// Keeps what a run asks: of each scenario a hash of its items and template, without right answers. What is there
    /// already stays.
    fn asks(&self, run: RunId, scenarios: Vec<(Name, Fingerprint)>) -> Reply<'_, ()>;

    /// What a run asked, by scenario: see [`Store::asks`].
    fn asked(&self, run: RunId) -> Reply<'_, BTreeMap<String, Fingerprint>>;

    /// The points of a run's sweeps.
    fn points(&self, run: RunId) -> Reply<'_, Points> {
        let _ = run;
        Box::pin(async { Ok(Points::new()) })
    }

    /// Keeps what an adaptive run knew of a scenario when it began, and gives what holds: what is there already stays.
    fn campaign(&self, run: RunId, scenario: &Name, knowledge: String) -> Reply<'_, String> {
        let _ = (run, scenario);
        Box::pin(async { Ok(knowledge) })
    }

    /// Runs, newest first, at most `limit`.
    fn runs(&self, limit: u32) -> Reply<'_, Vec<RunRow>>;

    /// Money spent in a run, or since an instant (ms since the Unix epoch) over all runs; every purpose counts, and
    /// shares of hardware too. Spending is booked at its intent's instant; the instant asked for is taken down to its
    /// minute. Never changed by [`Store::prune`].
    fn spent(&self, run: Option<RunId>, since_unix_ms: i64) -> Reply<'_, Spent>;

    /// What exchanges used and cost that were sent in a stretch of time (ms since the Unix epoch, its end not in it), by day,
    /// target, scenario, purpose and served model. Deleted samples are not among them.
    fn billed(&self, from_unix_ms: i64, to_unix_ms: i64) -> Reply<'_, Vec<Billed>> {
        let _ = (from_unix_ms, to_unix_ms);
        Box::pin(async { Ok(Vec::new()) })
    }

    /// Outcomes of samples to measure, oldest first: all that comparisons need of them.
    fn outcomes(&self, span: Span) -> Reply<'_, Vec<Outcome>> {
        let _ = span;
        Box::pin(async { Ok(Vec::new()) })
    }

    /// Where the samples of outcomes belong, by the number that they name.
    fn strata(&self) -> Reply<'_, BTreeMap<u32, OutcomeStratum>> {
        Box::pin(async { Ok(BTreeMap::new()) })
    }

    /// The positions of the first and the last outcome; none where there is none.
    fn outcome_ends(&self) -> Reply<'_, Option<(i64, i64)>> {
        Box::pin(async { Ok(None) })
    }

    /// Keeps a vote; [`Cast::Twice`] where this voter has voted on this prompt and pair already, and the first one stays.
    fn vote(&self, ballot: Ballot) -> Reply<'_, Cast> {
        let _ = ballot;
        Box::pin(async { Err(StoreError::Other("it keeps no votes".to_owned())) })
    }

    /// Votes, oldest first.
    fn votes(&self, page: VotePage) -> Reply<'_, Vec<Voted>> {
        let _ = page;
        Box::pin(async { Ok(Vec::new()) })
    }

    /// A word that belongs to this store and is kept under a name (such as a key that it made for itself): what is there, or
    /// else this one, which is there from now on.
    fn keep(&self, name: &'static str, value: String) -> Reply<'_, String> {
        let _ = (name, value);
        Box::pin(async { Err(StoreError::Other("it keeps no words".to_owned())) })
    }

    /// Samples to measure as a person looks through them, newest first, a page at a time.
    fn search(&self, search: Search) -> Reply<'_, Finds> {
        let _ = search;
        Box::pin(async { Ok(Finds::default()) })
    }

    /// All that is known of the sample at a position; none where there is none.
    fn dossier(&self, position: i64) -> Reply<'_, Option<Dossier>> {
        let _ = position;
        Box::pin(async { Ok(None) })
    }

    /// The last checkpoint: position and text.
    fn checkpoint(&self) -> Reply<'_, Option<(i64, String)>>;

    /// Puts everything into the one file that a person would copy, where the database keeps a log beside it. Asked when
    /// nothing is in flight any more; a reader may prevent it, which loses nothing.
    fn close(&self) -> Reply<'_, ()> {
        Box::pin(async { Ok(()) })
    }

    /// Deletes samples of finished runs beyond age or size (bytes in use) that are in the checkpoint, the oldest first,
    /// and gives the room back; gives how many. What they cost stays in the ledger's sums.
    fn prune(&self, now_unix_ms: i64, keep_for: Option<Duration>, keep_bytes: Option<u64>) -> Reply<'_, u64>;
}
