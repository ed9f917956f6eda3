//! Long work in small pieces, where threads that must be punctual share a core with it.
//!
//! Niceness decides who gets more of a core, not who gets it now: Linux lets whoever runs go on for some milliseconds
//! before one that was woken has its turn. A commit takes that long, and a send that is due does not wait for it.

use crate::domain::Nanos;
use crate::provider::wire::now;

/// How long a thread works before it looks whether others wait (100 µs; the look itself takes less than one).
const PIECE: Nanos = Nanos(100_000);

/// Work that lets others go first every now and then.
#[derive(Debug)]
pub struct Courtesy {
    since: Nanos,
}

impl Courtesy {
    /// Work begins.
    #[must_use]
    pub fn new() -> Self {
        Self { since: now() }
    }

    /// Between two steps of it: lets those go first who wait for this core, if the last time is long ago.
    pub fn step(&mut self) {
        if now().since(self.since) > PIECE {
            std::thread::yield_now();
            self.since = now();
        }
    }
}

impl Default for Courtesy {
    fn default() -> Self {
        Self::new()
    }
}
