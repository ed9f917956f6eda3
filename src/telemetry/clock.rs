//! The clock of readings: the one that exchanges are timed by, so that windows of both can be laid over each other.

use crate::domain::Nanos;

/// CLOCK_MONOTONIC in absolute nanoseconds. Not a measured timestamp of an exchange: those are the wire's alone.
#[must_use]
pub fn now() -> Nanos {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
    let (seconds, nanos) = (u64::try_from(time.tv_sec), u64::try_from(time.tv_nsec));
    Nanos(seconds.unwrap_or(0).saturating_mul(1_000_000_000).saturating_add(nanos.unwrap_or(0)))
}
