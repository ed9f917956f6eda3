//! Reading in batches: a thread that serves many streams sleeps a moment before it waits for their sockets, so that one
//! wake-up serves all events which came meanwhile. Waking up costs more than reading.
//!
//! Nothing measured is touched by it: the kernel stamped each segment when it came. What it costs is bounded: a nap is
//! never longer than [`LONGEST`], than a quarter of the gap that 95 % of the reads of one stream lately keep to the one
//! before (else two events could come out of one read, and have one instant), nor than what is left until the next send.
//! Where reads are not stamped by the kernel, or too few come to be gathered, there is none.

use super::clock::now;
use super::departures::look;
use crate::domain::Nanos;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::time::Duration;

/// The longest nap: with what the kernel is late, it stays below what the client's lag may be (p99 ≤ 1 ms).
const LONGEST: u64 = 800_000;
/// Below this a nap costs as much as it saves: the kernel itself is some 50 µs late.
const SHORTEST: u64 = 60_000;
/// Reads that a nap must gather: to sleep and to look is a wake-up too, and servers write several streams at a time.
const WORTH: f64 = 8.0;
/// One gap in so many may be shorter than four naps.
const SHORT: u64 = 20;
/// Over how long the rate of reads is averaged, in seconds.
const MEMORY: f64 = 0.05;

/// What one thread knows of its streams.
struct Drowsy {
    /// Reads since the last look.
    reads: Cell<u32>,
    /// Whether one of them was not stamped by the kernel.
    unstamped: Cell<bool>,
    /// Reads per second, averaged.
    rate: Cell<f64>,
    /// When it was last looked at.
    looked: Cell<u64>,
    /// How long a nap may be, in nanoseconds.
    window: Cell<u64>,
    /// When something is to be sent next; 0 where nothing is.
    due: Cell<u64>,
}

thread_local! {
    /// What this thread is to do, by instant: its naps end before the first of them.
    static DUE: RefCell<BTreeMap<Nanos, u32>> = const { RefCell::new(BTreeMap::new()) };
    static HERE: Drowsy = const {
        Drowsy {
            reads: Cell::new(0),
            unstamped: Cell::new(false),
            rate: Cell::new(0.0),
            looked: Cell::new(0),
            window: Cell::new(SHORTEST),
            due: Cell::new(0),
        }
    };
}

/// A read of a stream on this thread: how long after the stream's one before it came, and whether the kernel said so.
pub(super) fn read(gap: Nanos, stamped: bool) {
    HERE.with(|here| {
        here.reads.set(here.reads.get().saturating_add(1));
        if !stamped {
            here.unstamped.set(true);
        }
        here.window.set(here.adapted(gap));
    });
}

/// While it lives, this thread does not sleep past an instant.
pub struct Awake(Nanos);

impl Awake {
    /// Something is to be done at an instant.
    #[must_use]
    pub fn until(due: Nanos) -> Self {
        DUE.with_borrow_mut(|all| {
            *all.entry(due).or_default() += 1;
            set_due(all);
        });
        Self(due)
    }
}

impl Drop for Awake {
    fn drop(&mut self) {
        DUE.with_borrow_mut(|all| {
            if let Entry::Occupied(mut here) = all.entry(self.0) {
                *here.get_mut() -= 1;
                if *here.get() == 0 {
                    here.remove();
                }
            }
            set_due(all);
        });
    }
}

fn set_due(all: &BTreeMap<Nanos, u32>) {
    HERE.with(|here| here.due.set(all.keys().next().map_or(0, |due| due.0)));
}

/// Called by a thread before it waits for its sockets: sleeps, where that gathers events.
pub fn nap() {
    HERE.with(|here| {
        let at = now();
        look(at);
        if let Some(time) = here.nap(at.0) {
            #[expect(clippy::disallowed_methods, reason = "the thread is about to block anyway")]
            std::thread::sleep(time);
        }
    });
}

impl Drowsy {
    /// The window after a gap: a running quantile by stochastic approximation (Robbins and Monro 1951), whose steps are
    /// in proportion to it and balance where [`SHORT`] of all gaps are shorter than four windows.
    fn adapted(&self, gap: Nanos) -> u64 {
        let window = self.window.get();
        let step = window / 16;
        let next = if gap.0 / 4 < window { window - step } else { window + step / (SHORT - 1) };
        next.clamp(SHORTEST / 2, LONGEST)
    }

    /// How long to sleep at an instant.
    fn nap(&self, at: u64) -> Option<Duration> {
        let Self { reads, unstamped, rate, looked, window, due } = self;
        let (read, blind) = (reads.replace(0), unstamped.replace(false));
        let passed = Nanos(at.saturating_sub(looked.replace(at))).seconds().max(1e-9);
        let weight = -(-passed / MEMORY).exp_m1();
        rate.set(rate.get() + (f64::from(read) / passed - rate.get()) * weight);
        let left = match due.get() {
            0 => u64::MAX,
            due => due.saturating_sub(at + SHORTEST),
        };
        let long = window.get().min(left);
        let worth = rate.get() * Nanos(long).seconds() >= WORTH;
        (worth && !blind && long >= SHORTEST).then(|| Duration::from_nanos(long))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drowsy() -> Drowsy {
        Drowsy {
            reads: Cell::new(0),
            unstamped: Cell::new(false),
            rate: Cell::new(0.0),
            looked: Cell::new(1),
            window: Cell::new(LONGEST),
            due: Cell::new(0),
        }
    }

    /// So many reads in each of 200 stretches of 1 ms; gives the last nap.
    fn after(here: &Drowsy, reads: u32) -> Option<Duration> {
        (1..=200_u64).fold(None, |_, i| {
            here.reads.set(reads);
            here.nap(i * 1_000_000)
        })
    }

    #[test]
    fn many_reads_are_gathered_and_few_are_not_waited_for() {
        assert_eq!(after(&drowsy(), 50), Some(Duration::from_nanos(LONGEST)));
        assert_eq!(after(&drowsy(), 1), None);
    }

    #[test]
    fn a_nap_ends_before_the_next_send() {
        let here = drowsy();
        here.due.set(200_000_000 + 300_000);
        assert_eq!(after(&here, 50), Some(Duration::from_nanos(300_000 - SHORTEST)));
        here.due.set(200_000_000 + 20_000);
        assert_eq!(here.nap(200_000_000), None);
    }

    #[test]
    fn without_the_kernels_stamps_there_is_none() {
        let here = drowsy();
        assert!(after(&here, 50).is_some());
        here.reads.set(50);
        here.unstamped.set(true);
        assert_eq!(here.nap(201_000_000), None);
    }

    #[test]
    fn swift_streams_shorten_it_and_it_grows_back() {
        let here = drowsy();
        let see = |gap: u64, times: u32| {
            for _ in 0..times {
                here.window.set(here.adapted(Nanos(gap)));
            }
            here.window.get()
        };
        // Now and then two events come at once: at the end of an answer.
        for _ in 0..100 {
            see(10_000, 1);
            see(10_000_000, 40);
        }
        assert!(here.window.get() > LONGEST / 2, "{}", here.window.get());
        let swift = see(400_000, 100);
        assert!(swift.abs_diff(100_000) < 20_000, "{swift}");
        assert_eq!(see(10_000_000, 2_000), LONGEST);
        assert_eq!((see(0, 1_000), here.nap(1_000_000)), (SHORTEST / 2, None));
    }
}
