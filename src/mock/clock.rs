//! The mock's own reading of CLOCK_MONOTONIC: truth must not pass through the code it is to judge.

use crate::domain::Nanos;
use rustix::time::{ClockId, clock_gettime};

/// Now, on the kernel's monotonic clock.
pub(super) fn now() -> Nanos {
    let t = clock_gettime(ClockId::Monotonic);
    let seconds = u64::try_from(t.tv_sec).unwrap_or(0);
    let nanos = u64::try_from(t.tv_nsec).unwrap_or(0);
    Nanos(seconds.saturating_mul(1_000_000_000).saturating_add(nanos))
}

/// A recent instant of CLOCK_REALTIME, in nanoseconds, on the monotonic clock; none where it does not look recent, as
/// when the wall clock was stepped since.
#[cfg(target_os = "linux")]
pub(super) fn from_wall(stamp: i64) -> Option<Nanos> {
    const RECENT: i64 = 1_000_000_000;
    // Of several readings of both clocks the closest: between two readings this thread may lose its core.
    let readings = (0..4).map(|_| {
        let before = now();
        let wall = clock_gettime(ClockId::Realtime);
        let width = now().since(before).0;
        (width, before.0 + width / 2, wall.tv_sec.saturating_mul(1_000_000_000).saturating_add(wall.tv_nsec))
    });
    let (_, at, wall) = readings.min()?;
    let ago = wall.saturating_sub(stamp);
    (-RECENT..RECENT).contains(&ago).then(|| Nanos(at.saturating_add_signed(-ago)))
}

#[cfg(test)]
mod tests {
    use super::now;
    #[cfg(target_os = "linux")]
    use super::{ClockId, clock_gettime, from_wall};

    #[test]
    fn the_clock_never_goes_back() {
        let first = now();
        assert!(first.0 > 0);
        assert!(now() >= first);
    }
    #[test]
    #[cfg(target_os = "linux")]
    fn instants_of_the_wall_clock_keep_their_distance() {
        let wall = clock_gettime(ClockId::Realtime);
        let wall = wall.tv_sec * 1_000_000_000 + wall.tv_nsec;
        let (early, late) = (from_wall(wall - 5_000_000).unwrap(), from_wall(wall).unwrap());
        assert!(late.since(early).0.abs_diff(5_000_000) < 1_000_000);
        assert_eq!(from_wall(wall - 3_600_000_000_000), None, "stepped");
        assert_eq!(from_wall(wall + 3_600_000_000_000), None, "stepped");
    }
}
