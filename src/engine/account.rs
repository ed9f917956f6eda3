//! The account: the one task that writes. It checks budgets, commits intents and samples in groups, folds the board.
//!
//! Why one: money has one writer, an order of events exists, and a group of commits costs one disk flush. What waits for
//! the next group waits no longer than one flush. An intent is granted only after its row is committed; a sample is
//! acknowledged, folded and counted only after its row is.

use super::ledger::{Denied, Ledger, Line, day_start};
use super::progress::{Progress, Running};
use super::unix_ms;
use crate::board::{Board, Live};
use crate::domain::{Charge, Exchange, Failure, Fingerprint, Money, Name, Purpose, RunId, Sample, TrialKey, Verdict};
use crate::store::{Intent, Keep, Query, Recorded, RunRow, Spent, Store, StoreError, Write};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{mpsc, oneshot};

/// Events waiting for the account; a full queue slows dispatch down, which is what it is for.
const QUEUE: usize = 4_096;
/// The most events of one commit.
const GROUP: usize = 1_024;
/// Samples between two checkpoints of the board: bounds the tail a restart has to fold.
const CHECKPOINT_EVERY: i64 = 5_000;

/// What everybody may look at.
#[derive(Debug, Default)]
pub struct State {
    /// The fold over all samples.
    pub board: Board,
    /// The run that goes on.
    pub running: Running,
    /// The budgets.
    pub ledger: Ledger,
    /// Whether each target answered when it was last asked.
    pub up: BTreeMap<Name, bool>,
    /// Why the store does not take anything any more.
    pub store_error: Option<StoreError>,
    /// When each scheduled run is due next (ms since the Unix epoch); none for one that is over.
    pub due: BTreeMap<String, Option<i64>>,
    /// What the executions before the present one came to, by name; see [`State::spent_by_run`].
    spent: BTreeMap<String, Money>,
}

impl State {
    /// Spent in the latest execution of each run, unknown outcomes at their bound.
    #[must_use]
    pub fn spent_by_run(&self) -> BTreeMap<String, Money> {
        let mut spent = self.spent.clone();
        if !self.running.name.is_empty() {
            spent.insert(self.running.name.clone(), self.ledger.run.spent + self.ledger.run.unknown);
        }
        spent
    }
}

/// The state, shared. Locked briefly, never across an await.
#[derive(Debug, Clone, Default)]
pub struct Shared(Arc<Mutex<State>>);

impl Shared {
    /// Looks at the state. A panic elsewhere while it was locked leaves it readable.
    pub fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Why nothing more is sent.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Refusal {
    /// A budget.
    #[error("{0}")]
    Budget(Denied),
    /// The store does not take intents.
    #[error("{0}")]
    Store(#[from] StoreError),
    /// The account has ended.
    #[error("assayd is stopping")]
    Stopping,
}

/// A sample on its way into the store.
pub struct Record {
    /// The record.
    pub sample: Box<Sample>,
    /// What is held for its last exchange.
    pub held: Money,
    /// How much of the answer is kept.
    pub keep: Keep,
    /// Which grader found the finding.
    pub grader: Fingerprint,
    /// Whether it is a success inside the SLO, and also correct.
    pub live: Live,
}

/// A run that begins or goes on.
pub struct Beginning {
    /// Its row.
    pub row: RunRow,
    /// Whether latency counts from the scheduled instant.
    pub open_loop: bool,
    /// Its hard limit.
    pub limit: Option<Money>,
    /// Trials in all, by target.
    pub totals: BTreeMap<Name, u64>,
    /// What was recorded before this process.
    pub recorded: Vec<Recorded>,
    /// What it has cost before this process.
    pub spent: Spent,
}

enum Event {
    Begin { beginning: Box<Beginning>, reply: oneshot::Sender<()> },
    Reserve { intent: Box<Intent>, reply: oneshot::Sender<Result<(), Refusal>> },
    Attempt { key: TrialKey, exchange: Box<Exchange>, held: Money },
    Record { record: Record, reply: oneshot::Sender<Result<(), StoreError>> },
    Finish { run: RunId, result: &'static str, reply: oneshot::Sender<Result<(), StoreError>> },
    Close { reply: oneshot::Sender<()> },
}

/// The handle to the account; clones speak to the same one.
#[derive(Clone)]
pub struct Account {
    events: mpsc::Sender<Event>,
    shared: Shared,
}

impl Account {
    /// Opens the account on a store: turns what was in flight when the last process died into `unknown`, restores the
    /// board (checkpoint and tail), adds up the day, and starts the task on the current runtime.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn open(store: Arc<dyn Store>, per_day: Option<Money>) -> Result<Self, StoreError> {
        let now = unix_ms();
        let unknown = store.recover(now).await?;
        if unknown > 0 {
            tracing::warn!(unknown, "exchanges were in flight when assayd was killed; their outcome is unknown");
        }
        let mut board = match store.checkpoint().await? {
            Some((position, text)) => Board::from_text(&text, position).map_err(StoreError::Other)?,
            None => Board::default(),
        };
        let mut query = Query { after: board.position, limit: 2_000, ..Query::default() };
        loop {
            let page = store.samples(query.clone()).await?;
            let Some(last) = page.last() else { break };
            query.after = last.position;
            for recorded in &page {
                board.count(recorded.position, &recorded.sample, recorded.purpose, recorded.good);
            }
        }
        let Spent { settled, unknown } = store.spent(None, day_start(now)).await?;
        let day = Line { limit: per_day, spent: settled, unknown, held: Money::ZERO };
        let shared = Shared::default();
        {
            let mut state = shared.lock();
            state.board = board;
            state.ledger = Ledger::new(now, day);
        }
        let (events, inbox) = mpsc::channel(QUEUE);
        tokio::spawn(Keeper { store, shared: shared.clone(), checkpointed: 0 }.work(inbox));
        Ok(Self { events, shared })
    }

    /// What everybody may look at.
    #[must_use]
    pub const fn shared(&self) -> &Shared {
        &self.shared
    }

    async fn tell<T>(&self, event: impl FnOnce(oneshot::Sender<T>) -> Event) -> Option<T> {
        let (reply, answer) = oneshot::channel();
        self.events.send(event(reply)).await.ok()?;
        answer.await.ok()
    }

    /// A run begins, or goes on.
    pub async fn begin(&self, beginning: Beginning) {
        self.tell(|reply| Event::Begin { beginning: Box::new(beginning), reply }).await;
    }

    /// Asks leave to send: returns once the intent and its reserve are committed.
    ///
    /// # Errors
    /// [`Refusal`]: then nothing may be sent.
    pub async fn reserve(&self, intent: Intent) -> Result<(), Refusal> {
        let answer = self.tell(|reply| Event::Reserve { intent: Box::new(intent), reply }).await;
        answer.unwrap_or(Err(Refusal::Stopping))
    }

    /// Records an attempt that will be repeated, and settles its hold.
    pub async fn attempt(&self, key: TrialKey, exchange: Exchange, held: Money) {
        // A closed account leaves the attempt in flight: the next start counts it as unknown.
        let _closed = self.events.send(Event::Attempt { key, exchange: Box::new(exchange), held }).await;
    }

    /// Records a sample; returns once it is committed (acknowledged).
    ///
    /// # Errors
    /// When the store did not take it: it stays in flight, and the next start counts it as unknown.
    pub async fn record(&self, record: Record) -> Result<(), StoreError> {
        let closed = || Err(StoreError::Other("assayd is stopping".into()));
        self.tell(|reply| Event::Record { record, reply }).await.unwrap_or_else(closed)
    }

    /// Ends a run.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn finish(&self, run: RunId, result: &'static str) -> Result<(), StoreError> {
        self.tell(|reply| Event::Finish { run, result, reply }).await.unwrap_or(Ok(()))
    }

    /// Writes the last checkpoint and ends the task; everything sent before is written.
    pub async fn close(&self) {
        self.tell(|reply| Event::Close { reply }).await;
    }
}

/// What is to be done once a group is committed (or not).
enum After {
    Grant { held: Money, reply: oneshot::Sender<Result<(), Refusal>> },
    Settle { held: Money, charge: Charge },
    Fold { record: Record, reply: oneshot::Sender<Result<(), StoreError>> },
    Ended { run: RunId, result: &'static str, reply: oneshot::Sender<Result<(), StoreError>> },
}

struct Keeper {
    store: Arc<dyn Store>,
    shared: Shared,
    checkpointed: i64,
}

impl Keeper {
    async fn work(mut self, mut inbox: mpsc::Receiver<Event>) {
        let mut group = Vec::new();
        self.checkpointed = self.shared.lock().board.position;
        while inbox.recv_many(&mut group, GROUP).await > 0 {
            let mut closing = Vec::new();
            let (mut writes, mut afters) = (Vec::new(), Vec::new());
            for event in group.drain(..) {
                match event {
                    Event::Close { reply } => closing.push(reply),
                    other => self.take(other, &mut writes, &mut afters),
                }
            }
            let due = self.shared.lock().board.position - self.checkpointed >= CHECKPOINT_EVERY;
            self.commit(writes, afters).await;
            if due || !closing.is_empty() {
                self.checkpoint().await;
            }
            if !closing.is_empty() {
                inbox.close();
                for reply in closing {
                    let _gone = reply.send(());
                }
            }
        }
    }

    /// Turns an event into what is to be written and what follows from it.
    fn take(&self, event: Event, writes: &mut Vec<Write>, afters: &mut Vec<After>) {
        match event {
            Event::Begin { beginning, reply } => {
                begin(&mut self.shared.lock(), *beginning);
                let _gone = reply.send(());
            }
            Event::Reserve { intent, reply } => {
                let held = intent.reserve.unwrap_or(Money::ZERO);
                match self.shared.lock().ledger.reserve(held, unix_ms()) {
                    Ok(()) => {
                        writes.push(Write::Intent(*intent));
                        afters.push(After::Grant { held, reply });
                    }
                    Err(denied) => {
                        let _gone = reply.send(Err(Refusal::Budget(denied)));
                    }
                }
            }
            Event::Attempt { key, exchange, held } => {
                afters.push(After::Settle { held, charge: exchange.charge });
                writes.push(Write::Attempt { key, exchange });
            }
            Event::Record { record, reply } => {
                let Record { sample, keep, grader, live, .. } = &record;
                let (sample, grader) = (sample.clone(), grader.clone());
                writes.push(Write::Sample { sample, keep: *keep, grader, good: live.good });
                afters.push(After::Fold { record, reply });
            }
            Event::Finish { run, result, reply } => {
                writes.push(Write::Finish { run, result, at_unix_ms: unix_ms() });
                afters.push(After::Ended { run, result, reply });
            }
            Event::Close { .. } => {}
        }
    }

    async fn commit(&self, writes: Vec<Write>, afters: Vec<After>) {
        if writes.is_empty() {
            return;
        }
        let committed = self.store.commit(writes).await;
        let mut state = self.shared.lock();
        match committed {
            Ok(positions) => {
                state.store_error = None;
                let mut positions = positions.into_iter();
                for after in afters {
                    succeed(&mut state, after, &mut positions);
                }
            }
            Err(error) => {
                tracing::error!(%error, "nothing of this group was written");
                for after in afters {
                    fail(&mut state, after, &error);
                }
                state.store_error = Some(error);
            }
        }
    }

    async fn checkpoint(&mut self) {
        let (position, text) = {
            let state = self.shared.lock();
            (state.board.position, state.board.to_text())
        };
        if position == self.checkpointed {
            return;
        }
        match self.store.commit(vec![Write::Checkpoint { position, text }]).await {
            Ok(_) => self.checkpointed = position,
            // Nothing is lost: a restart folds a longer tail.
            Err(error) => tracing::warn!(%error, "the board's checkpoint was not written"),
        }
    }
}

fn begin(state: &mut State, beginning: Beginning) {
    let Beginning { row, open_loop, limit, totals, recorded, spent } = beginning;
    state.spent = state.spent_by_run();
    state.ledger.begin_run(Line { limit, spent: spent.settled, unknown: spent.unknown, held: Money::ZERO });
    state.board.begin(row.id, &row.name, open_loop, row.started_unix_ms);
    state.running = Running { run: Some(row.id), name: row.name, targets: BTreeMap::new() };
    let began_unix_ms = unix_ms();
    for (target, total) in totals {
        state.running.targets.insert(target, Progress { total, began_unix_ms, ..Progress::default() });
    }
    for Recorded { sample, purpose, .. } in recorded {
        if purpose == Purpose::Measure {
            state.board.tally(&sample, None);
            progress(state, &sample, true);
        }
    }
}

fn progress(state: &mut State, sample: &Sample, resumed: bool) {
    if let Some(p) = state.running.targets.get_mut(&sample.key.target) {
        p.done += 1;
        p.resumed += u64::from(resumed);
        p.correct += u64::from(sample.finding.verdict == Verdict::Correct);
        p.failed += u64::from(matches!(sample.finding.verdict, Verdict::Failed | Verdict::Unknown));
    }
}

/// Whether an exchange shows that the target is there: anything but silence and 5xx does.
fn answered(exchange: &Exchange) -> bool {
    use Failure as F;
    exchange.fault.as_ref().is_none_or(|f| {
        matches!(
            f.kind,
            F::Auth
                | F::Quota
                | F::RateLimited
                | F::Http4xx
                | F::InStreamError
                | F::Protocol
                | F::Truncated
                | F::TooLarge
        )
    })
}

fn settle(state: &mut State, held: Money, charge: &Charge) {
    if let Some(overrun) = state.ledger.settle(held, charge, unix_ms()) {
        tracing::error!(reserved = %overrun.reserved, cost = %overrun.cost, "an exchange cost more than its worst case; dispatch stops");
    }
}

fn succeed(state: &mut State, after: After, positions: &mut impl Iterator<Item = i64>) {
    match after {
        After::Grant { reply, .. } => {
            let _gone = reply.send(Ok(()));
        }
        After::Settle { held, charge } => settle(state, held, &charge),
        After::Fold { record, reply } => {
            let Record { sample, held, live, .. } = record;
            let position = positions.next().unwrap_or(state.board.position);
            let purpose = sample.last().map_or(Purpose::Measure, |e| e.purpose);
            if let Some(last) = sample.last() {
                settle(state, held, &last.charge);
                state.up.insert(sample.key.target.clone(), answered(last));
            }
            state.ledger.spend(sample.hardware);
            state.board.count(position, &sample, purpose, live.good);
            if purpose == Purpose::Measure {
                state.board.tally(&sample, Some(live));
                progress(state, &sample, false);
            }
            let _gone = reply.send(Ok(()));
        }
        After::Ended { run, result, reply } => {
            state.board.finish(run, result, unix_ms());
            state.running.run = None;
            let _gone = reply.send(Ok(()));
        }
    }
}

fn fail(state: &mut State, after: After, error: &StoreError) {
    match after {
        After::Grant { held, reply } => {
            state.ledger.release(held);
            let _gone = reply.send(Err(Refusal::Store(error.clone())));
        }
        // Not recorded: the hold stays, since the money may be spent; the next start makes it `unknown`.
        After::Settle { .. } => {}
        After::Fold { reply, .. } | After::Ended { reply, .. } => {
            let _gone = reply.send(Err(error.clone()));
        }
    }
}
