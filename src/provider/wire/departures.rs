//! Departures: requests that are ready down to their last byte leave at their instants, whatever the thread is doing.
//!
//! At two thousand arrivals a second one gap in twenty-five is shorter than 20 µs. If each request were built and sent by
//! its own task when its turn came, two that are due together would be as far apart as the runtime takes to get from one
//! to the other, and whatever else it does between them. So what is due is listed by thread, and everybody who passes
//! here sends all of it, one call each: a task that waits for its own, a read of any stream, the thread before it sleeps.

use super::nap::Awake;
use super::now;
use super::stamp::Stamps;
use crate::domain::Nanos;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::task::yield_now;

/// So long before an instant the thread does nothing else any more: a look at the sockets and back may take as long.
const CLOSE: Nanos = Nanos(15_000);

thread_local! {
    /// From when on the first of those below is close.
    static NEXT: Cell<Nanos> = const { Cell::new(Nanos(u64::MAX)) };
    /// What is to leave from this thread, by instant, and which time of its connection it is.
    static LISTED: RefCell<BTreeMap<(Nanos, u64), Arc<Stamps>>> = const { RefCell::new(BTreeMap::new()) };
}

/// When a request is to be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Departure {
    /// The instant that its schedule says.
    pub scheduled: Nanos,
    /// Not before this one: that, or later where limits held it back.
    pub at: Nanos,
}

impl Departure {
    /// At once.
    #[must_use]
    pub fn now() -> Self {
        let at = now();
        Self { scheduled: at, at }
    }
}

/// Sends what a connection holds since that time, at an instant; returns when it has left. Dropped before, it never does.
pub async fn depart(at: Nanos, stamps: &Arc<Stamps>, time: u64) {
    let _listed = (at > now()).then(|| (Listed::new(at, stamps, time), Awake::until(at)));
    while stamps.is_held(time) && now() < at {
        look(now());
        if stamps.is_held(time) {
            // The thread's other streams go on meanwhile.
            yield_now().await;
        }
    }
    // Where this task has come to another thread meanwhile, nobody else does it.
    stamps.depart(time);
}

/// Sends whatever of this thread is due, or as good as.
pub fn look(at: Nanos) {
    if at >= NEXT.get() {
        send();
    }
}

fn send() {
    LISTED.with_borrow_mut(|all| {
        while let Some(first) = all.first_entry() {
            let (due, time) = *first.key();
            if due.since(now()) > CLOSE {
                break;
            }
            while now() < due {
                std::hint::spin_loop();
            }
            first.remove().depart(time);
        }
        set_next(all);
    });
}

fn set_next(all: &BTreeMap<(Nanos, u64), Arc<Stamps>>) {
    NEXT.set(all.keys().next().map_or(Nanos(u64::MAX), |(due, _)| Nanos(due.0.saturating_sub(CLOSE.0))));
}

/// While it lives, a departure is listed. After that it does not take place any more, even where the task that waited for
/// it has gone to another thread.
struct Listed<'a> {
    key: (Nanos, u64),
    stamps: &'a Stamps,
}

impl<'a> Listed<'a> {
    fn new(at: Nanos, stamps: &'a Arc<Stamps>, time: u64) -> Self {
        let key = (at, time);
        LISTED.with_borrow_mut(|all| {
            all.insert(key, Arc::clone(stamps));
            set_next(all);
        });
        Self { key, stamps }
    }
}

impl Drop for Listed<'_> {
    fn drop(&mut self) {
        let Self { key, stamps } = self;
        if stamps.is_held(key.1) {
            stamps.give_up(key.1);
            LISTED.with_borrow_mut(|all| {
                all.remove(key);
                set_next(all);
            });
        }
    }
}
