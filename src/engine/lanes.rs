//! Lanes: threads with one current-thread runtime each, where measured exchanges live.
//!
//! A stream's stamps must not wait behind the database, grading of others, or a scrape; so exchanges get threads of
//! their own, and a stream stays on its lane from connect to end.

use crate::provider::wire::nap::nap;
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;

/// A set of lanes; dropping it ends them (and what still runs on them).
pub struct Lanes {
    handles: Vec<Handle>,
    next: AtomicUsize,
    _stops: Vec<oneshot::Sender<()>>,
}

/// How much a thread gives way to the lanes, as `nice` counts it.
const NICE: i32 = 10;

/// Lets the calling thread, and those that it starts from now on, give way to the lanes where they share a core: a send
/// that is due must not wait for a commit to use up its turn. (On Linux a thread has a niceness of its own.)
pub fn give_way() {
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::nice(NICE) {
        tracing::debug!(%error, "this thread keeps its priority");
    }
}

impl Lanes {
    /// Starts so many lanes, at least one.
    ///
    /// # Errors
    /// When a thread or runtime can't be made.
    pub fn start(count: usize) -> io::Result<Self> {
        let (mut handles, mut stops) = (Vec::new(), Vec::new());
        for index in 0..count.max(1) {
            let runtime = Builder::new_current_thread().enable_all().on_thread_park(nap).build()?;
            let (stop, stopped) = oneshot::channel();
            handles.push(runtime.handle().clone());
            stops.push(stop);
            std::thread::Builder::new().name(format!("lane-{index}")).spawn(move || {
                // Ends with an error when the sender is dropped: that is the signal.
                let _ended = runtime.block_on(stopped);
            })?;
        }
        Ok(Self { handles, next: AtomicUsize::new(0), _stops: stops })
    }

    /// As many as there are cores beyond the one that serves database, board and scrapes.
    ///
    /// # Errors
    /// As [`Lanes::start`].
    pub fn for_this_machine() -> io::Result<Self> {
        Self::start(std::thread::available_parallelism().map_or(1, |n| n.get().saturating_sub(1)))
    }

    /// The next lane, in turn.
    #[must_use]
    pub fn next(&self) -> Option<&Handle> {
        let turn = self.next.fetch_add(1, Ordering::Relaxed);
        self.handles.get(turn % self.handles.len().max(1))
    }
}
