//! What the trials of one target in one run share, and how they are told to stop.

use super::account::{Account, Refusal, Shared};
use super::drawing::Drawing;
use super::limits::{Breaker, Throttle};
use super::places::Places;
use super::sample::{Tried, provenance};
use crate::domain::{Fault, Fingerprint, Name};
use crate::plan::{Scenario, Target};
use crate::provider::wire::{Connected, Connections};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// How a run is told from within to send nothing more, and why: one target's trouble with budget or store is every
/// target's.
#[derive(Debug, Default)]
pub(super) struct Brake {
    /// Cancelled from without (drain) or within.
    pub(super) stop: CancellationToken,
    reason: Mutex<Option<Refusal>>,
}

impl Brake {
    pub(super) fn new(stop: CancellationToken) -> Self {
        Self { stop, reason: Mutex::new(None) }
    }

    /// Stops; the first reason is kept.
    pub(super) fn pull(&self, refusal: Refusal) {
        locked(&self.reason).get_or_insert(refusal);
        self.stop.cancel();
    }

    /// Why the dispatch was ended from within, if it was.
    pub(super) fn reason(&self) -> Option<Refusal> {
        locked(&self.reason).clone()
    }
}

/// Who judges the answers of a run, by scenario.
pub(super) type Judges = BTreeMap<Name, Arc<Course>>;

/// The most answers that wait for a judge or a program while more are asked for.
const JUDGING: usize = 1_024;

/// What is asked of a judge at once, where its target sets no limit.
const JUDGE_AT_ONCE: u32 = 16;

/// What all trials of one target in one run share.
pub(super) struct Course {
    pub(super) target: Arc<Target>,
    pub(super) account: Account,
    /// Whether the schedule is ours: then latency and SLO count from the scheduled instant.
    pub(super) open_loop: bool,
    /// What samples share of the target's hardware; none where there is nothing to share.
    pub(super) drawing: Option<Arc<Mutex<Drawing>>>,
    /// The target's open connections.
    pub(super) connections: Arc<Connections>,
    /// The target's limits, which outlive the run.
    pub(super) throttle: Arc<Throttle>,
    /// None where the target is asked however dead it is.
    pub(super) breaker: Option<Breaker>,
    /// Who judges the answers, by scenario.
    pub(super) judges: Arc<Judges>,
    /// Answers that may wait for a judge or a program.
    pub(super) judging: Semaphore,
    /// What goes on on the lanes: ended tasks leave things behind (intents that are withdrawn) until they are dropped.
    pub(super) on_lanes: TaskTracker,
    /// The runtime that this was made on: for what must not disturb the lanes.
    pub(super) aside: Handle,
    /// The places in flight: taken just before the send, since a trial is got ready (reserved, connected) before it.
    pub(super) gate: Option<Places>,
    pub(super) brake: Arc<Brake>,
    /// Cancelled when nothing more is to be sent to this target: with the brake, or because it was given up.
    pub(super) stop: CancellationToken,
    given_up: AtomicBool,
    /// Cancelled when the workload's own duration is over: what waits for a place is not sent any more.
    pub(super) over: CancellationToken,
    /// Fingerprints by scenario and served model: the same few for all trials.
    provenances: Mutex<BTreeMap<(Name, Option<String>), Fingerprint>>,
}

impl Course {
    /// `gate` has the places in flight; none where nothing bounds them.
    pub(super) fn new(
        target: Arc<Target>,
        account: Account,
        (open_loop, gate): (bool, Option<Places>),
        brake: Arc<Brake>,
    ) -> Self {
        let throttle = account.throttles.of(&target, account.shared());
        Self::by(throttle, target, account, (open_loop, gate), brake)
    }

    fn by(
        throttle: Arc<Throttle>,
        target: Arc<Target>,
        account: Account,
        (open_loop, gate): (bool, Option<Places>),
        brake: Arc<Brake>,
    ) -> Self {
        let drawing = Drawing::new(&target, account.meters.hub()).map(|drawing| Arc::new(Mutex::new(drawing)));
        let shared = || account.shared().clone();
        let breaker = target.circuit.map(|rule| Breaker::new(target.name.clone(), rule, !open_loop, shared()));
        let stop = brake.stop.child_token();
        Self {
            target,
            account,
            open_loop,
            drawing,
            connections: Arc::default(),
            throttle,
            breaker,
            judges: Arc::default(),
            judging: Semaphore::new(JUDGING),
            on_lanes: TaskTracker::new(),
            aside: Handle::current(),
            gate,
            brake,
            stop,
            given_up: AtomicBool::new(false),
            over: CancellationToken::new(),
            provenances: Mutex::default(),
        }
    }

    /// The same, with who judges.
    pub(super) fn judged_by(self, judges: &Arc<Judges>) -> Self {
        Self { judges: Arc::clone(judges), ..self }
    }

    /// A course beside another one of the same target: no limit holds it back, what it learns of limits is not shown as
    /// the other's, and hardware by the hour is paid by the other already.
    pub(super) fn beside(target: Arc<Target>, account: Account, brake: Arc<Brake>) -> Self {
        let throttle = Throttle::new(&target, &Shared::default());
        Self { drawing: None, breaker: None, ..Self::by(throttle, target, account, (false, None), brake) }
    }

    /// The course of a judge. What stops the load does not stop it: an answer that is there is still judged.
    pub(super) fn of_judge(target: Arc<Target>, account: Account) -> Self {
        let places = target.limits.concurrency.unwrap_or(JUDGE_AT_ONCE);
        Self::new(target, account, (false, Some(Places::fixed(places as usize))), Arc::default())
    }

    /// A connection to the target.
    ///
    /// # Errors
    /// Those of the wire.
    pub(super) async fn connect(&self) -> Result<Box<Connected>, Fault> {
        self.connections.connect(&self.target.endpoint).await
    }

    /// Returns when nothing of it goes on on the lanes any more: after their tasks were aborted.
    pub(super) async fn left(&self) {
        for course in self.judges.values().map(Arc::as_ref).chain([self]) {
            course.on_lanes.close();
            course.on_lanes.wait().await;
            course.on_lanes.reopen();
        }
    }

    /// Sends nothing more to this target; the others go on.
    pub(super) fn give_up(&self) {
        self.given_up.store(true, Ordering::Relaxed);
        self.stop.cancel();
    }

    /// Whether the target was given up.
    pub(super) fn is_given_up(&self) -> bool {
        self.given_up.load(Ordering::Relaxed)
    }

    /// What the target's hardware did since the last exchange falls to nobody: others were asked meanwhile. Only while nothing
    /// is in flight.
    pub(super) fn rested(&self) {
        if let Some(drawing) = &self.drawing {
            locked(drawing).rested();
        }
    }

    /// Waits for something before a trial is sent; none where the workload's duration is over first. One that was tried
    /// already is to end as it would have, and so is what arrived in an open loop, however late.
    pub(super) async fn unless_over<T>(&self, tried: &Tried, what: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            biased;
            () = self.over.cancelled(), if !self.open_loop && tried.exchanges.is_empty() => None,
            what = what => Some(what),
        }
    }

    /// Sleeps; false where nothing more is to be sent meanwhile.
    pub(super) async fn wait(&self, time: Duration) -> bool {
        tokio::select! {
            biased;
            () = self.stop.cancelled() => false,
            () = tokio::time::sleep(time) => true,
        }
    }

    pub(super) fn provenance(&self, scenario: &Scenario, served: Option<&str>) -> Fingerprint {
        let key = (scenario.name.clone(), served.map(str::to_owned));
        let judge = self.judges.get(&scenario.name).map(|course| &*course.target);
        let made = || provenance(&self.target, scenario, judge, served);
        locked(&self.provenances).entry(key).or_insert_with(made).clone()
    }
}

pub(super) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
