//! What a target may be asked, and when: the user's limits and the provider's own, holding back after a refusal, and a
//! circuit breaker for a target that is dead.
//!
//! The rules are values (`limiter`, `circuit`); here they are shared by the trials of a target, which wait by them, and
//! told to people: in the log, and in [`super::State::limits`].

mod circuit;
mod headers;
mod hold;
mod learned;
mod limiter;
mod outcome;
mod window;

pub use circuit::Standing;
pub(super) use circuit::is_dead;
pub use headers::Pool;
pub use learned::Learned;
pub(super) use limiter::{Came, Need, Ticket};
pub(super) use outcome::{came, pause, used};

use super::account::Shared;
use super::course::locked;
use crate::domain::{Fault, Name, Nanos};
use crate::plan::{Circuit as Rule, Limits, Retry, Target};
use crate::provider::wire::now;
use circuit::{Circuit, Entry};
use limiter::Limiter;
use rand::RngExt;
use std::collections::BTreeMap;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// What there is to see of a target's limits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Seen {
    /// What the provider has told, in the order of [`Pool::ALL`].
    pub learned: [Learned; 4],
    /// How often the target told us to wait, since this process began.
    pub refusals: u64,
    /// How long there was a trial that waited for its turn, since this process began.
    pub waited: Duration,
    /// How the circuit stands.
    pub circuit: Standing,
    /// How often it was opened, since this process began.
    pub opened: u64,
}

/// A draw from [0, 1).
pub(super) fn unit() -> f64 {
    rand::rng().random()
}

/// What is set for a target; where it is changed, its limiter is a new one.
type Set = (Limits, Retry);

/// The limiters of all targets, which outlive a run: what was used in the last minute was used, whoever asked.
#[derive(Debug, Default)]
pub(super) struct Throttles(Mutex<BTreeMap<Name, (Set, Arc<Throttle>)>>);

impl Throttles {
    /// The target's, with nothing learned; a new one where what is set for it was changed.
    pub(super) fn of(&self, target: &Target, shared: &Shared) -> Arc<Throttle> {
        let mut all = locked(&self.0);
        let set = (target.limits, target.retry);
        match all.get(&target.name) {
            Some((before, known)) if *before == set => {
                locked(&known.limiter).forget();
                Arc::clone(known)
            }
            _ => {
                let new = Throttle::new(target, shared);
                all.insert(target.name.clone(), (set, Arc::clone(&new)));
                new
            }
        }
    }
}

/// The limiter of a target, as its trials wait by it: in the order in which they came.
#[derive(Debug)]
pub(super) struct Throttle {
    target: Name,
    limiter: Mutex<Limiter>,
    /// Whoever holds it is the next to go; the others queue up behind.
    queue: tokio::sync::Mutex<()>,
    /// Something has made room.
    changed: Notify,
    shared: Shared,
}

impl Throttle {
    /// One of its own, that nobody else waits by.
    pub(super) fn new(target: &Target, shared: &Shared) -> Arc<Self> {
        Arc::new(Self {
            target: target.name.clone(),
            limiter: Mutex::new(Limiter::new(&target.limits, target.retry)),
            queue: tokio::sync::Mutex::new(()),
            changed: Notify::new(),
            shared: shared.clone(),
        })
    }

    /// Waits for leave to send at `due`, or as soon after as the limits let it; none
    /// where nothing more is to be sent.
    pub(super) async fn turn(&self, due: Nanos, need: Need, stop: &CancellationToken) -> Option<Ticket> {
        let _first = tokio::select! {
            biased;
            () = stop.cancelled() => return None,
            first = self.queue.lock() => first,
        };
        let asked = now().max(due);
        let mut waits = false;
        let ticket = loop {
            let turn = locked(&self.limiter).turn(now(), due, need);
            let again = match turn {
                Ok(ticket) => break ticket,
                Err(again) => again,
            };
            waits = true;
            tokio::select! {
                biased;
                () = stop.cancelled() => return None,
                () = tokio::time::sleep(again.since(now()).into()) => {}
                () = self.changed.notified() => {}
            }
        };
        if waits {
            self.see(|seen| seen.waited += Duration::from(ticket.at.since(asked)));
        }
        Some(ticket)
    }

    /// An exchange has ended: what it used and what its response told count from now on.
    pub(super) fn ended(&self, ticket: &Ticket, used: Option<u64>, came: Came, rate_headers: &[(String, String)]) {
        let told = headers::read(rate_headers, jiff::Timestamp::now());
        let (news, learned, held) = {
            let mut limiter = locked(&self.limiter);
            let before = limiter.learned().map(|l| l.limit);
            let held = limiter.ended(now(), ticket, used, came, &told, unit());
            let news = before != limiter.learned().map(|l| l.limit);
            (news, *limiter.learned(), held.then(|| limiter.held_until()))
        };
        self.changed.notify_one();
        if news {
            let limits = Pool::ALL.into_iter().zip(&learned).filter_map(|(p, l)| Some((p.label(), l.limit?)));
            let limits: Vec<String> = limits.map(|(pool, limit)| format!("{limit} {pool}")).collect();
            tracing::info!(target_name = %self.target, limits = limits.join(", "), "the provider tells its limits");
        }
        if let Some(until) = held {
            let wait = Duration::from(until.since(now()));
            tracing::warn!(target_name = %self.target, ?wait, "the target asks to wait: all its trials hold back");
        }
        let refused = matches!(came, Came::Refused(_));
        if refused || !rate_headers.is_empty() {
            self.see(|seen| {
                seen.learned = learned;
                seen.refusals += u64::from(refused);
            });
        }
    }

    fn see(&self, change: impl FnOnce(&mut Seen)) {
        change(self.shared.lock().limits.entry(self.target.clone()).or_default());
    }
}

/// The circuit of one target in one run, as its trials wait by it.
#[derive(Debug)]
pub(super) struct Breaker {
    target: Name,
    rule: Rule,
    circuit: Mutex<Circuit>,
    changed: Notify,
    /// Whether trials wait while it is open (closed loop), or fail at once, since the schedule does not wait.
    patience: bool,
    shared: Shared,
}

/// Whether a trial may go.
pub(super) enum Gate<'a> {
    /// Yes.
    Open(Pass<'a>),
    /// Not now.
    Shut,
    /// Not in this run any more.
    GivenUp,
    /// Nothing more is to be sent.
    Stopping,
}

impl Breaker {
    pub(super) fn new(target: Name, rule: Rule, patience: bool, shared: Shared) -> Self {
        // A schedule comes to its end by itself.
        let give_up_after = if patience { rule.give_up_after } else { Duration::MAX };
        let rule = Rule { give_up_after, ..rule };
        let circuit = Mutex::new(Circuit::new(rule));
        let breaker = Self { target, rule, circuit, changed: Notify::new(), patience, shared };
        breaker.see(Standing::Closed, false);
        breaker
    }

    /// Whether one may go now; waits while the circuit is open, where trials do.
    pub(super) async fn enter(&self, stop: &CancellationToken) -> Gate<'_> {
        loop {
            let mut changed = pin!(self.changed.notified());
            changed.as_mut().enable();
            let entry = locked(&self.circuit).enter(now());
            let until = match entry {
                Entry::Go => return Gate::Open(Pass { breaker: self, probe: false }),
                Entry::Probe => {
                    tracing::info!(target_name = %self.target, "one trial looks whether the target is back");
                    self.see(Standing::HalfOpen, false);
                    return Gate::Open(Pass { breaker: self, probe: true });
                }
                Entry::GiveUp => return Gate::GivenUp,
                Entry::Wait(_) if !self.patience => return Gate::Shut,
                Entry::Wait(until) => until,
            };
            let cooled = async {
                match until {
                    Some(until) => tokio::time::sleep(until.since(now()).into()).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                biased;
                () = stop.cancelled() => return Gate::Stopping,
                () = changed => {}
                () = cooled => {}
            }
        }
    }

    /// Something came from the target.
    pub(super) fn alive(&self) {
        if locked(&self.circuit).alive() {
            tracing::info!(target_name = %self.target, "the target is back");
            self.see(Standing::Closed, false);
            self.changed.notify_waiters();
        }
    }

    fn see(&self, circuit: Standing, opened: bool) {
        let mut state = self.shared.lock();
        let seen = state.limits.entry(self.target.clone()).or_default();
        seen.circuit = circuit;
        seen.opened += u64::from(opened);
    }
}

/// A trial that went, for what it finds.
pub(super) struct Pass<'a> {
    breaker: &'a Breaker,
    /// It looks whether the target is back; cleared once it has told.
    probe: bool,
}

impl Pass<'_> {
    /// All its attempts found the target dead.
    pub(super) fn dead(mut self, fault: &Fault) {
        let Breaker { target, rule, circuit, changed, patience, .. } = self.breaker;
        let (news, standing) = {
            let mut circuit = locked(circuit);
            (circuit.dead(now(), std::mem::take(&mut self.probe)), circuit.standing())
        };
        if !news {
            return;
        }
        let pause = rule.cool_down;
        match standing {
            Standing::GivenUp => {
                tracing::error!(target_name = %target, %fault, "still dead: the rest of its trials is not asked");
            }
            _ if *patience => {
                tracing::warn!(target_name = %target, %fault, ?pause, "the target is dead: nothing is sent for a while");
            }
            _ => tracing::warn!(target_name = %target, %fault, ?pause, "the target is dead: its trials fail unasked"),
        }
        self.breaker.see(standing, standing == Standing::Open);
        changed.notify_waiters();
    }
}

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        if self.probe && locked(&self.breaker.circuit).standing() == Standing::HalfOpen {
            locked(&self.breaker.circuit).unseen();
            self.breaker.changed.notify_waiters();
        }
    }
}
