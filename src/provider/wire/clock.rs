//! The one clock: CLOCK_MONOTONIC in nanoseconds.

use crate::domain::Nanos;

/// Now, on the kernel's monotonic clock.
#[must_use]
pub fn now() -> Nanos {
    let t = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
    let seconds = u64::try_from(t.tv_sec).unwrap_or(0);
    let nanos = u64::try_from(t.tv_nsec).unwrap_or(0);
    Nanos(seconds * 1_000_000_000 + nanos)
}
