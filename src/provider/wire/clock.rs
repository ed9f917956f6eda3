//! The one clock: CLOCK_MONOTONIC in nanoseconds, and how the kernel's wall-clock stamps are brought to it.

use crate::domain::Nanos;
use rustix::time::{ClockId, clock_gettime};

/// Now, on the kernel's monotonic clock.
#[must_use]
pub fn now() -> Nanos {
    let t = clock_gettime(ClockId::Monotonic);
    let seconds = u64::try_from(t.tv_sec).unwrap_or(0);
    let nanos = u64::try_from(t.tv_nsec).unwrap_or(0);
    Nanos(seconds * 1_000_000_000 + nanos)
}

/// Now, on CLOCK_REALTIME in nanoseconds: only to compare with the kernel's receive stamps.
pub(super) fn wall() -> i64 {
    let t = clock_gettime(ClockId::Realtime);
    t.tv_sec * 1_000_000_000 + t.tv_nsec
}

/// CLOCK_REALTIME − CLOCK_MONOTONIC in nanoseconds: of several readings, the one whose clocks were read closest to each
/// other.
pub(super) fn wall_offset() -> i64 {
    let readings = (0..4).map(|_| {
        let (before, wall, after) = (now(), wall(), now());
        let width = after.since(before).0;
        let middle = i64::try_from(before.0 + width / 2).unwrap_or(i64::MAX);
        (width, wall.wrapping_sub(middle))
    });
    readings.min().map_or(0, |(_, offset)| offset)
}
