//! The keeper: the one task that writes. It checks budgets, commits intents and samples in groups, folds the board.

use super::account::{Beginning, Granted, Record, Refusal, Shared, State, Withdrawal};
use super::ledger::{Line, day_start};
use super::progress::{Progress, Running};
use super::unix_ms;
use crate::domain::{Charge, Exchange, Failure, Money, Name, Nanos, Purpose, RunId, Sample, TrialKey, Verdict};
use crate::provider::wire::now;
use crate::store::{Courtesy, Intent, Query, Recorded, Spent, Store, StoreError, Write};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

/// The most events of one commit.
const GROUP: usize = 1_024;
/// Commits are this far apart while exchanges go on that will have something to write too: a commit costs a flush of the
/// disk, whatever is in it.
const APART: Duration = Duration::from_millis(8);
/// Events of a commit that others wait behind for leave to send: some milliseconds of writing …
const SHARE: usize = 64;
/// … or as many as there were leaves since the last one, or such a part of what has piled up: a machine that can't write as fast as
/// answers end would else give leave to more and more, and its memory would fill with what was answered.
const PART: usize = 4;
/// With so many events piled up no more are taken: whoever has one waits, those who want leave to send among them.
const MOST: usize = 4 * GROUP;
/// Samples between two checkpoints of the board: bounds the tail a restart has to fold.
const CHECKPOINT_EVERY: i64 = 5_000;
/// Samples read at once.
pub(super) const PAGE: u32 = 2_000;

type Reply<T> = oneshot::Sender<T>;
type Written = Result<(), StoreError>;

/// A request for leave to send.
pub(super) struct Asked {
    pub(super) intent: Box<Intent>,
    pub(super) stop: CancellationToken,
    pub(super) reply: Reply<Result<Granted, Refusal>>,
}

pub(super) enum Event {
    Reconcile { reply: Reply<Written> },
    Begin { beginning: Box<Beginning>, reply: Reply<()> },
    Resume { recorded: Vec<Recorded> },
    Expect { totals: BTreeMap<Name, u64> },
    Reserve(Asked),
    Attempt { key: TrialKey, exchange: Box<Exchange>, held: Money, reply: Reply<Written> },
    Withdraw { withdrawal: Withdrawal, reply: Option<Reply<Written>> },
    Record { record: Record, reply: Reply<Written> },
    Point { write: Box<Write>, reply: Reply<Written> },
    Finish { run: RunId, name: String, result: &'static str, reply: Reply<Written> },
    Close { reply: Reply<()> },
}

/// What is to be done once a group is committed (or not).
enum After {
    Grant { withdrawal: Withdrawal, reply: Reply<Result<Granted, Refusal>> },
    Settle { held: Money, charge: Charge, reply: Reply<Written> },
    Release { held: Money, reply: Option<Reply<Written>> },
    Fold { record: Record, reply: Reply<Written> },
    Told { reply: Reply<Written> },
    Ended { run: RunId, name: String, result: &'static str, reply: Reply<Written> },
}

/// Turns what is in flight in the store into `unknown`, folds the samples that the board has not seen, and takes the
/// day's sums over. Only while nothing is in flight.
pub(super) async fn reconcile(store: &dyn Store, shared: &Shared) -> Written {
    let now = unix_ms();
    let unknown = store.recover(now).await?;
    if unknown > 0 {
        tracing::warn!(unknown, "exchanges were in flight when their run was broken off; their outcome is unknown");
    }
    let mut query = Query { after: shared.lock().board.position, limit: PAGE, ..Query::default() };
    loop {
        let page = store.samples(query.clone()).await?;
        let Some(last) = page.last() else { break };
        query.after = last.position;
        let mut state = shared.lock();
        for recorded in &page {
            state.board.count(recorded.position, &recorded.sample, recorded.purpose, recorded.good);
        }
    }
    let Spent { settled, unknown } = store.spent(None, day_start(now)).await?;
    shared.lock().ledger.restore_day(now, settled, unknown);
    Ok(())
}

pub(super) struct Keeper {
    store: Arc<dyn Store>,
    shared: Shared,
    /// Up to which position the board's checkpoint is written.
    checkpointed: i64,
    /// Where an intent is withdrawn that was granted and is not sent.
    events: mpsc::WeakSender<Event>,
    /// What was taken out of the queue too early.
    next: Option<Event>,
    /// What was granted to those who are gone.
    undelivered: Vec<Withdrawal>,
    /// Exchanges that were granted and have not ended.
    going_on: usize,
    /// When the last group was committed.
    committed: Nanos,
    /// Those who wait for leave, in order: what is in flight has first to be settled.
    waiting: VecDeque<Asked>,
}

#[derive(Default)]
struct Group {
    writes: Vec<Write>,
    /// Of each write, in the same order.
    afters: Vec<After>,
}

impl Group {
    /// Whether it takes long to write, and others may go before it: not where something is taken back in it, which may
    /// be asked for again.
    fn is_long(&self) -> bool {
        self.writes.len() > SHARE && !self.writes.iter().any(|write| matches!(write, Write::Withdraw { .. }))
    }

    /// Takes the first of it, after so many got leave.
    fn share(&mut self, leaves: usize) -> Self {
        let share = SHARE.max(leaves).max(self.writes.len() / PART).min(self.writes.len());
        let (writes, afters) = (self.writes.split_off(share), self.afters.split_off(share));
        Self {
            writes: std::mem::replace(&mut self.writes, writes),
            afters: std::mem::replace(&mut self.afters, afters),
        }
    }
}

impl Keeper {
    pub(super) fn new(
        store: Arc<dyn Store>,
        shared: Shared,
        checkpointed: i64,
        events: mpsc::WeakSender<Event>,
    ) -> Self {
        Self {
            store,
            shared,
            checkpointed,
            events,
            next: None,
            undelivered: Vec::new(),
            going_on: 0,
            committed: Nanos(0),
            waiting: VecDeque::new(),
        }
    }

    pub(super) async fn work(mut self, mut inbox: mpsc::Receiver<Event>) {
        let mut events = Vec::new();
        loop {
            match self.next.take() {
                Some(event) => events.push(event),
                None if inbox.recv_many(&mut events, GROUP).await == 0 => return,
                None => {}
            }
            let (mut group, mut closing, mut ended) = (Group::default(), Vec::new(), false);
            let mut events: VecDeque<Event> = events.drain(..).collect();
            while let Some(event) = events.pop_front() {
                match event {
                    Event::Close { reply } => closing.push(reply),
                    Event::Reconcile { reply } => {
                        // In its place among the events: what came before it must be in the store.
                        self.commit(std::mem::take(&mut group)).await;
                        // What was granted just now, to those who are gone, comes back at once.
                        while let Ok(event) = inbox.try_recv() {
                            match event {
                                Event::Withdraw { .. } => self.take(event, &mut group),
                                other => events.push_back(other),
                            }
                        }
                        self.commit(std::mem::take(&mut group)).await;
                        self.going_on = 0;
                        let done = reconcile(self.store.as_ref(), &self.shared).await;
                        self.shared.lock().store_error = done.as_ref().err().cloned();
                        let _gone = reply.send(done);
                    }
                    other => {
                        ended |= matches!(other, Event::Finish { .. });
                        self.take(other, &mut group);
                    }
                }
            }
            self.gather(&mut inbox, &mut group).await;
            // Until nothing more fits: what a group settles makes room for those who wait.
            loop {
                if group.is_long() {
                    // Many answers ended at once. Leave to send comes first: places are empty for want of it.
                    let mut leave = Group::default();
                    self.admit(&mut leave);
                    let leaves = leave.writes.len();
                    self.commit(leave).await;
                    let share = group.share(leaves);
                    self.commit(share).await;
                    self.take_more(&mut inbox, &mut group);
                    continue;
                }
                self.admit(&mut group);
                if group.writes.is_empty() {
                    break;
                }
                self.commit(std::mem::take(&mut group)).await;
            }
            let tail = self.shared.lock().board.position - self.checkpointed;
            // Figures of ended runs are nowhere but in the board.
            if tail >= CHECKPOINT_EVERY || ended || !closing.is_empty() {
                self.checkpoint(ended).await;
            }
            if !closing.is_empty() {
                if let Err(error) = self.store.close().await {
                    tracing::warn!(%error, "the store's log was not moved into its file; the next start does it");
                }
                inbox.close();
                for reply in closing {
                    let _gone = reply.send(());
                }
            }
        }
    }

    /// Waits a little for more to write along with a group.
    async fn gather(&mut self, inbox: &mut mpsc::Receiver<Event>, group: &mut Group) {
        let until = self.committed.plus(APART.into());
        while self.going_on > 0 && group.writes.len() + self.waiting.len() < GROUP {
            // What must not wait: the end, and what is in its place among the events.
            let event = tokio::select! {
                biased;
                event = inbox.recv() => event,
                () = tokio::time::sleep(until.since(now()).into()) => return,
            };
            match event {
                Some(event @ (Event::Close { .. } | Event::Reconcile { .. } | Event::Finish { .. })) => {
                    self.next = Some(event);
                    return;
                }
                Some(event) => self.take(event, group),
                None => return,
            }
        }
    }

    /// Takes what came meanwhile, as long as there is room.
    fn take_more(&mut self, inbox: &mut mpsc::Receiver<Event>, group: &mut Group) {
        while self.next.is_none() && group.writes.len() + self.waiting.len() < MOST {
            match inbox.try_recv() {
                Ok(event @ (Event::Close { .. } | Event::Reconcile { .. } | Event::Finish { .. })) => {
                    self.next = Some(event);
                }
                Ok(event) => self.take(event, group),
                Err(_) => return,
            }
        }
    }

    /// Turns an event into what is to be written and what follows from it.
    fn take(&mut self, event: Event, group: &mut Group) {
        let Group { writes, afters } = group;
        match event {
            Event::Begin { beginning, reply } => {
                begin(&mut self.shared.lock(), *beginning);
                let _gone = reply.send(());
            }
            Event::Resume { recorded } => {
                let mut state = self.shared.lock();
                for Recorded { sample, purpose, .. } in recorded {
                    if purpose == Purpose::Measure {
                        state.board.tally(&sample, None);
                        progress(&mut state, &sample, true);
                    } else if purpose == Purpose::Probe {
                        state.board.probed(&sample);
                    }
                }
            }
            Event::Expect { totals } => {
                let mut state = self.shared.lock();
                let began_unix_ms = unix_ms();
                for (target, total) in totals {
                    let p = state.running.targets.entry(target).or_default();
                    (p.total, p.began_unix_ms) = (total, began_unix_ms);
                }
            }
            Event::Reserve(asked) => self.waiting.push_back(asked),
            Event::Attempt { key, exchange, held, reply } => {
                self.going_on = self.going_on.saturating_sub(1);
                afters.push(After::Settle { held, charge: exchange.charge, reply });
                writes.push(Write::Attempt { key, exchange });
            }
            Event::Withdraw { withdrawal: Withdrawal { key, attempt, purpose, held }, reply } => {
                self.going_on = self.going_on.saturating_sub(1);
                afters.push(After::Release { held, reply });
                writes.push(Write::Withdraw { key, attempt, purpose });
            }
            Event::Record { record, reply } => {
                let Record { sample, held, keep, grader, live } = &record;
                self.going_on = self.going_on.saturating_sub(usize::from(held.is_some()));
                let (sample, grader) = (sample.clone(), grader.clone());
                writes.push(Write::Sample { sample, keep: *keep, grader, good: live.good });
                afters.push(After::Fold { record, reply });
            }
            Event::Point { write, reply } => {
                writes.push(*write);
                afters.push(After::Told { reply });
            }
            Event::Finish { run, name, result, reply } => {
                writes.push(Write::Finish { run, result, at_unix_ms: unix_ms() });
                afters.push(After::Ended { run, name, result, reply });
            }
            Event::Reconcile { .. } | Event::Close { .. } => {}
        }
    }

    /// Gives leave to those who wait, in order, as far as the budgets reach.
    fn admit(&mut self, group: &mut Group) {
        let mut state = self.shared.lock();
        while let Some(Asked { intent, stop, reply }) = self.waiting.pop_front() {
            let held = intent.reserve.unwrap_or(Money::ZERO);
            if reply.is_closed() {
                continue;
            }
            if stop.is_cancelled() {
                let _gone = reply.send(Err(Refusal::Stopping));
                continue;
            }
            match state.ledger.reserve(held, unix_ms()) {
                Ok(()) => {
                    group.afters.push(After::Grant { withdrawal: Withdrawal::of(&intent), reply });
                    group.writes.push(Write::Intent(*intent));
                }
                Err(_) if state.ledger.may_fit_later(held) => {
                    self.waiting.push_front(Asked { intent, stop, reply });
                    return;
                }
                Err(denied) => {
                    let _gone = reply.send(Err(Refusal::Budget(denied)));
                }
            }
        }
    }

    async fn commit(&mut self, mut group: Group) {
        while !group.writes.is_empty() {
            self.commit_once(std::mem::take(&mut group)).await;
            for withdrawal in std::mem::take(&mut self.undelivered) {
                self.take(Event::Withdraw { withdrawal, reply: None }, &mut group);
            }
        }
    }

    async fn commit_once(&mut self, group: Group) {
        let Group { writes, afters } = group;
        let committed = self.store.commit(writes).await;
        self.committed = now();
        let mut courtesy = Courtesy::new();
        let mut state = self.shared.lock();
        match committed {
            Ok(positions) => {
                state.store_error = None;
                let mut positions = positions.into_iter();
                for after in afters {
                    courtesy.step();
                    match after {
                        After::Grant { withdrawal, reply } => {
                            self.going_on += 1;
                            let granted = Granted::new(self.events.clone(), withdrawal.clone());
                            if let Err(Ok(granted)) = reply.send(Ok(granted)) {
                                // Whoever asked is gone, and may have been the last who could tell us.
                                granted.used();
                                self.undelivered.push(withdrawal);
                            }
                        }
                        other => succeed(&mut state, other, &mut positions),
                    }
                }
            }
            Err(error) => {
                tracing::error!(%error, "nothing of this group was written");
                for after in afters {
                    fail(&mut state, after, &error);
                }
                for Asked { reply, .. } in self.waiting.drain(..) {
                    let _gone = reply.send(Err(Refusal::Store(error.clone())));
                }
                state.store_error = Some(error);
            }
        }
    }

    /// Writes the board's checkpoint, also at an unchanged position where something else in it has changed.
    async fn checkpoint(&mut self, changed: bool) {
        let (position, text) = {
            let state = self.shared.lock();
            if !changed && state.board.position == self.checkpointed {
                return;
            }
            (state.board.position, state.board.to_text())
        };
        match self.store.commit(vec![Write::Checkpoint { position, text }]).await {
            Ok(_) => self.checkpointed = position,
            // Nothing is lost: a restart folds a longer tail.
            Err(error) => tracing::warn!(%error, "the board's checkpoint was not written"),
        }
    }
}

fn begin(state: &mut State, beginning: Beginning) {
    let Beginning { row, open_loop, limit, spent } = beginning;
    state.spent = state.spent_by_run();
    state.ledger.begin_run(Line { limit, spent: spent.settled, unknown: spent.unknown, held: Money::ZERO });
    state.board.begin(row.id, &row.name, open_loop, row.started_unix_ms);
    let State { board, curves, .. } = state;
    curves.retain(|(run, _, _), _| board.runs.contains_key(run));
    state.running = Running { run: Some(row.id), name: row.name, targets: BTreeMap::new() };
}

fn progress(state: &mut State, sample: &Sample, resumed: bool) {
    let p: &mut Progress = state.running.targets.entry(sample.key.target.clone()).or_default();
    p.done += 1;
    p.resumed += u64::from(resumed);
    p.spent += sample.cost().total() + sample.unknown().1 + sample.unpriced_bound();
    p.unpriced += u64::from(sample.is_unpriced());
    if !resumed && p.done == p.resumed + 1 {
        p.began_unix_ms = sample.at_unix_ms;
    }
    p.correct += u64::from(sample.finding.verdict == Verdict::Correct);
    p.failed += u64::from(matches!(sample.finding.verdict, Verdict::Failed | Verdict::Unknown));
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
        After::Grant { .. } => {}
        After::Settle { held, charge, reply } => {
            settle(state, held, &charge);
            let _gone = reply.send(Ok(()));
        }
        After::Release { held, reply } => {
            state.ledger.release(held);
            if let Some(reply) = reply {
                let _gone = reply.send(Ok(()));
            }
        }
        After::Fold { record, reply } => {
            let Record { sample, held, live, .. } = record;
            let position = positions.next().unwrap_or(state.board.position);
            let purpose = sample.last().map_or(Purpose::Measure, |e| e.purpose);
            if let Some(last) = sample.last() {
                if let Some(held) = held {
                    settle(state, held, &last.charge);
                }
                state.up.insert(sample.key.target.clone(), answered(last));
            }
            state.ledger.spend(sample.share.cost().total(), unix_ms());
            state.board.count(position, &sample, purpose, live.good);
            if purpose == Purpose::Measure {
                state.board.tally(&sample, Some(live));
                progress(state, &sample, false);
            } else if purpose == Purpose::Probe {
                state.board.probed(&sample);
            }
            let _gone = reply.send(Ok(()));
        }
        After::Told { reply } => {
            let _gone = reply.send(Ok(()));
        }
        After::Ended { run, name, result, reply } => {
            if state.board.runs.contains_key(&run) {
                state.board.finish(run, result, unix_ms());
            } else {
                // Of an earlier process, given up unseen.
                *state.board.ended.entry((name, result)).or_default() += 1;
            }
            if state.running.run == Some(run) {
                state.running.run = None;
            }
            let _gone = reply.send(Ok(()));
        }
    }
}

fn fail(state: &mut State, after: After, error: &StoreError) {
    // What was sent and could not be recorded may have been spent: unknown, as the store will have it.
    match after {
        After::Grant { withdrawal, reply } => {
            state.ledger.release(withdrawal.held);
            let _gone = reply.send(Err(Refusal::Store(error.clone())));
        }
        After::Release { held, reply } => {
            settle(state, held, &Charge::Unknown { bound: held });
            if let Some(reply) = reply {
                let _gone = reply.send(Err(error.clone()));
            }
        }
        After::Settle { held, reply, .. } => {
            settle(state, held, &Charge::Unknown { bound: held });
            let _gone = reply.send(Err(error.clone()));
        }
        After::Fold { record, reply } => {
            if let Some(held) = record.held {
                settle(state, held, &Charge::Unknown { bound: held });
            }
            let _gone = reply.send(Err(error.clone()));
        }
        After::Told { reply } | After::Ended { reply, .. } => {
            let _gone = reply.send(Err(error.clone()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pile(events: usize) -> Group {
        let mut group = Group::default();
        for at_unix_ms in (0..).take(events) {
            group.writes.push(Write::Finish { run: RunId(1), result: "complete", at_unix_ms });
            group.afters.push(After::Told { reply: oneshot::channel().0 });
        }
        group
    }

    /// How many go before leave to send is given again, each time, until no more than a share is left.
    fn shares(mut group: Group) -> Vec<usize> {
        let mut sizes = Vec::new();
        while group.is_long() {
            let share = group.share(0);
            assert_eq!(share.writes.len(), share.afters.len());
            sizes.push(share.writes.len());
        }
        sizes
    }

    #[test]
    fn a_pile_is_worked_off_faster_the_higher_it_is() {
        assert_eq!(shares(pile(SHARE)), [0; 0]);
        assert_eq!(shares(pile(SHARE + 1)), [SHARE]);
        assert_eq!(shares(pile(3 * SHARE)), [SHARE; 2]);
        assert_eq!(pile(1_000).share(300).writes.len(), 300, "as many as got leave");
        let all = shares(pile(MOST));
        assert_eq!(all.first(), Some(&(MOST / PART)));
        assert!(all.len() < 20 && all.is_sorted_by(|a, b| a >= b), "{all:?}");
    }

    #[test]
    fn what_comes_in_order_is_written_in_order() {
        let mut group = pile(1_000);
        let mut next = 0;
        while !group.writes.is_empty() {
            for write in group.share(0).writes {
                let Write::Finish { at_unix_ms, .. } = write else { panic!("of these") };
                assert_eq!(at_unix_ms, next);
                next += 1;
            }
        }
        assert_eq!(next, 1_000);
    }
}
