//! The account: the handle to the one task that writes (`keeper`), and the state that everybody may look at.
//!
//! Why one writer: money has one, an order of events exists, and a group of commits costs one disk flush. What waits for
//! the next group waits no longer than one flush. An intent is granted only after its row is committed; a sample is
//! acknowledged, folded and counted only after its row is.

use super::drawing::Meters;
use super::keeper::{self, Event, Keeper};
use super::ledger::{Denied, Ledger, Line, Scope};
use super::limits::{Seen, Throttles};
use super::progress::Running;
use super::unix_ms;
use crate::board::{Board, Grids, Live};
use crate::domain::{Curve, Exchange, Fingerprint, Money, Name, Point, Purpose, RunId, Sample, TrialKey};
use crate::pricing::tokenizer::Audited;
use crate::store::{Intent, Keep, Recorded, RunRow, Spent, Store, StoreError, Write};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{OwnedMutexGuard, mpsc, oneshot};
use tokio_util::sync::CancellationToken;

/// Events waiting for the account; a full queue slows dispatch down, which is what it is for.
const QUEUE: usize = 4_096;

/// What everybody may look at.
#[derive(Debug, Default)]
pub struct State {
    /// The fold over all samples.
    pub board: Board,
    /// The run that goes on.
    pub running: Running,
    /// The curves of sweeps, of the runs that are remembered and were swept by this process.
    pub curves: BTreeMap<(RunId, Name, Name), Curve>,
    /// The budgets.
    pub ledger: Ledger,
    /// Whether each target answered when it was last asked.
    pub up: BTreeMap<Name, bool>,
    /// What targets with a tokenizer of their own reported and what was counted here, since this process began.
    pub audits: BTreeMap<Name, Audited>,
    /// What there is to see of each target's limits and circuit; empty before it was asked.
    pub limits: BTreeMap<Name, Seen>,
    /// Why the store does not take anything any more.
    pub store_error: Option<StoreError>,
    /// When each scheduled run is due next (ms since the Unix epoch); none for one that is over.
    pub due: BTreeMap<String, Option<i64>>,
    /// What the executions before the present one came to, by name; see [`State::spent_by_run`].
    pub(super) spent: BTreeMap<String, Money>,
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
    /// Targets that were given up.
    #[error("{0}")]
    Dead(String),
    /// Nothing more is to be sent, or the account has ended.
    #[error("assayd is stopping")]
    Stopping,
}

impl Refusal {
    /// Whether the run is over with it, rather than to go on when there is room again: tomorrow, or on the disk.
    #[must_use]
    pub const fn is_final(&self) -> bool {
        matches!(self, Self::Budget(Denied::Overrun | Denied::Budget { scope: Scope::Run, .. }))
    }
}

/// A sample on its way into the store.
pub struct Record {
    /// The record.
    pub sample: Arc<Sample>,
    /// What is held for its last exchange; none where that was settled as an attempt before.
    pub held: Option<Money>,
    /// How much of the answer is kept.
    pub keep: Keep,
    /// Which grader found the finding.
    pub grader: Fingerprint,
    /// Whether it is a success inside the SLO, and also correct.
    pub live: Live,
}

/// An intent that was granted and is not sent after all.
#[derive(Debug, Clone)]
pub struct Withdrawal {
    /// Which trial.
    pub key: TrialKey,
    /// Which of its attempts.
    pub attempt: u32,
    /// What the spending would have been for.
    pub purpose: Purpose,
    /// What is held for it.
    pub held: Money,
}

impl Withdrawal {
    /// That of an intent.
    #[must_use]
    pub fn of(intent: &Intent) -> Self {
        let Intent { key, attempt, purpose, reserve, .. } = intent;
        Self { key: key.clone(), attempt: *attempt, purpose: *purpose, held: reserve.unwrap_or(Money::ZERO) }
    }
}

/// Leave to send. It is withdrawn where it is dropped before it was used: what was not sent has cost nothing.
#[derive(Debug)]
pub struct Granted {
    events: mpsc::WeakSender<Event>,
    withdrawal: Option<Withdrawal>,
}

impl Granted {
    pub(super) const fn new(events: mpsc::WeakSender<Event>, withdrawal: Withdrawal) -> Self {
        Self { events, withdrawal: Some(withdrawal) }
    }

    /// The request is being sent: from here on only what came of it settles the intent.
    pub fn used(mut self) {
        self.withdrawal = None;
    }

    /// Takes it back, and returns once that is committed.
    ///
    /// # Errors
    /// When the store did not take it: it stays in flight, and becomes unknown.
    pub async fn withdraw(mut self) -> Result<(), StoreError> {
        let (Some(events), Some(withdrawal)) = (self.events.upgrade(), self.withdrawal.take()) else { return Ok(()) };
        let (reply, answer) = oneshot::channel();
        let event = Event::Withdraw { withdrawal, reply: Some(reply) };
        if events.send(event).await.is_err() {
            return Err(closed());
        }
        answer.await.unwrap_or_else(|_| Err(closed()))
    }
}

impl Drop for Granted {
    fn drop(&mut self) {
        if let (Some(events), Some(withdrawal)) = (self.events.upgrade(), self.withdrawal.take()) {
            // Nobody can wait here. Where the account is too busy to take it, the intent becomes unknown.
            let _full = events.try_send(Event::Withdraw { withdrawal, reply: None });
        }
    }
}

/// A run that begins or goes on.
pub struct Beginning {
    /// Its row.
    pub row: RunRow,
    /// Whether latency counts from the scheduled instant.
    pub open_loop: bool,
    /// Its hard limit.
    pub limit: Option<Money>,
    /// What it has cost so far.
    pub spent: Spent,
}

/// The handle to the account; clones speak to the same one.
#[derive(Clone)]
pub struct Account {
    events: mpsc::Sender<Event>,
    shared: Shared,
    pub(super) throttles: Arc<Throttles>,
    /// What hardware is watched by.
    pub meters: Meters,
    alone: Arc<tokio::sync::Mutex<()>>,
}

impl Account {
    /// Opens the account on a store: turns what was in flight when the last process died into `unknown`, restores the
    /// board (checkpoint and tail), adds up the day, and starts the task on the current runtime.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn open(store: Arc<dyn Store>, per_day: Option<Money>) -> Result<Self, StoreError> {
        Self::open_on(store, per_day, None).await
    }

    /// The same with histograms on these grids, where they are told: those that stood on others begin anew.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn open_on(
        store: Arc<dyn Store>,
        per_day: Option<Money>,
        grids: Option<Grids>,
    ) -> Result<Self, StoreError> {
        let shared = Shared::default();
        if let Some((position, text)) = store.checkpoint().await? {
            shared.lock().board = Board::from_text(&text, position).map_err(StoreError::Other)?;
        } else {
            shared.lock().board.opened(unix_ms());
        }
        grids.into_iter().for_each(|grids| shared.lock().board.stand_on(grids, unix_ms()));
        let checkpointed = shared.lock().board.position;
        shared.lock().ledger = Ledger::new(unix_ms(), Line { limit: per_day, ..Line::default() });
        keeper::reconcile(store.as_ref(), &shared).await?;
        let (events, inbox) = mpsc::channel(QUEUE);
        tokio::spawn(Keeper::new(store, shared.clone(), checkpointed, events.downgrade()).work(inbox));
        Ok(Self { events, shared, throttles: Arc::default(), meters: Meters::default(), alone: Arc::default() })
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

    /// Waits until no run goes on, and keeps others from beginning while the guard lives.
    pub(super) async fn alone(&self) -> OwnedMutexGuard<()> {
        Arc::clone(&self.alone).lock_owned().await
    }

    /// Brings store, board and ledger into agreement after a run that was broken off: what it left in flight becomes
    /// `unknown`. Only while nothing is in flight.
    ///
    /// # Errors
    /// When the store fails.
    pub(super) async fn reconcile(&self) -> Result<(), StoreError> {
        self.tell(|reply| Event::Reconcile { reply }).await.unwrap_or_else(|| Err(closed()))
    }

    /// A run begins, or goes on.
    pub async fn begin(&self, beginning: Beginning) {
        self.tell(|reply| Event::Begin { beginning: Box::new(beginning), reply }).await;
    }

    /// Tells what a run that goes on had recorded before, in pages, oldest first.
    pub async fn resume(&self, recorded: Vec<Recorded>) {
        // A closed account is noticed by whoever reserves.
        let _closed = self.events.send(Event::Resume { recorded }).await;
    }

    /// Tells how many trials there are in all, by target.
    pub async fn expect(&self, totals: BTreeMap<Name, u64>) {
        let _closed = self.events.send(Event::Expect { totals }).await;
    }

    /// Asks leave to send: returns once the intent and its reserve are committed. Where it would fit if what is in
    /// flight turned out cheaper than its worst case, it waits for that; not any longer once `stop` is cancelled.
    ///
    /// # Errors
    /// [`Refusal`]: then nothing may be sent.
    pub async fn reserve(&self, intent: Intent, stop: &CancellationToken) -> Result<Granted, Refusal> {
        let (intent, stop) = (Box::new(intent), stop.clone());
        let answer = self.tell(|reply| Event::Reserve(keeper::Asked { intent, stop, reply })).await;
        answer.unwrap_or_else(|| Err(closed().into()))
    }

    /// Records an attempt that will be repeated, and settles its hold; returns once it is committed.
    ///
    /// # Errors
    /// When the store did not take it: it stays in flight, and becomes unknown.
    pub async fn attempt(&self, key: TrialKey, exchange: Exchange, held: Money) -> Result<(), StoreError> {
        let exchange = Box::new(exchange);
        self.tell(|reply| Event::Attempt { key, exchange, held, reply }).await.unwrap_or_else(|| Err(closed()))
    }

    /// Records a sample; returns once it is committed (acknowledged).
    ///
    /// # Errors
    /// When the store did not take it: it stays in flight, and becomes unknown.
    pub async fn record(&self, record: Record) -> Result<(), StoreError> {
        self.tell(|reply| Event::Record { record, reply }).await.unwrap_or_else(|| Err(closed()))
    }

    /// Keeps a point of a sweep; returns once it is committed.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn point(
        &self,
        run: RunId,
        (target, scenario): (&Name, &Name),
        place: u32,
        point: Point,
    ) -> Result<(), StoreError> {
        let (target, scenario) = (target.clone(), scenario.clone());
        let write = Box::new(Write::Point { run, target, scenario, place, point });
        self.tell(|reply| Event::Point { write, reply }).await.unwrap_or_else(|| Err(closed()))
    }

    /// Ends a run, by its name's word for how it ended ([`crate::board::RESULTS`]).
    ///
    /// # Errors
    /// When the store fails.
    pub async fn finish(&self, run: RunId, name: &str, result: &'static str) -> Result<(), StoreError> {
        let name = name.to_owned();
        self.tell(|reply| Event::Finish { run, name, result, reply }).await.unwrap_or_else(|| Err(closed()))
    }

    /// The run that went on does so no more, though it is not finished.
    pub(super) fn pause(&self) {
        self.shared.lock().running.run = None;
    }

    /// Whether the task has ended, by [`Account::close`] or by a mistake in it.
    pub fn is_closed(&self) -> bool {
        self.events.is_closed()
    }

    /// Writes the last checkpoint and ends the task; everything sent before is written.
    pub async fn close(&self) {
        self.tell(|reply| Event::Close { reply }).await;
    }
}

fn closed() -> StoreError {
    StoreError::Other("assayd is stopping".into())
}
