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

#[cfg(test)]
mod tests {
    use super::now;

    #[test]
    fn the_clock_never_goes_back() {
        let first = now();
        assert!(first.0 > 0);
        assert!(now() >= first);
    }
}
