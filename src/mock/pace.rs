//! When each token is due, and how to be there on time.
//!
//! The schedule is absolute: token `k` is due at start + ttft + phase + `k`·itl + jitter(`k`), so that lateness of one
//! token never moves the next. The waiting is done by one timerfd a connection, armed with the absolute instant on
//! CLOCK_MONOTONIC: tokio's own timers tick in milliseconds, and spinning up to the instant would take the second core
//! away from the client that is being judged. A timerfd is a high-resolution kernel timer without slack, it wakes the
//! runtime through the same epoll as the sockets, and costs one system call a token.

use super::draw;
use super::settings::Settings;
use crate::domain::Nanos;

/// When the tokens of one answer are due, counted from its start.
#[derive(Clone, Debug)]
pub(super) struct Schedule {
    first: u64,
    itl: u64,
    jitter: u64,
    seed: u64,
    sequence: u64,
}

impl Schedule {
    /// The schedule of the request with this arrival number.
    pub(super) fn new(settings: &Settings, sequence: u64) -> Self {
        let itl = Nanos::from(settings.itl).0;
        // Multiples of the golden ratio modulo 1 spread any number of streams evenly over one interval.
        let turn = sequence.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let phase = if settings.spread { scale(itl, turn) } else { 0 };
        Self {
            first: Nanos::from(settings.ttft).0.saturating_add(phase),
            itl,
            jitter: Nanos::from(settings.jitter).0,
            seed: settings.seed,
            sequence,
        }
    }

    /// When token `k` (from 0) is due, in nanoseconds after the start.
    pub(super) fn due(&self, k: u64) -> u64 {
        let jitter = match self.jitter {
            0 => 0,
            most => scale(most, draw::bits(self.seed ^ self.sequence, "jitter", &k.to_le_bytes())),
        };
        self.first.saturating_add(self.itl.saturating_mul(k)).saturating_add(jitter)
    }
}

/// `whole` × `bits`/2⁶⁴.
fn scale(whole: u64, bits: u64) -> u64 {
    u64::try_from((u128::from(whole) * u128::from(bits)) >> 64).unwrap_or(whole)
}

#[cfg(any(target_os = "linux", target_os = "android"))]
pub(super) use timerfd::Timer;

#[cfg(any(target_os = "linux", target_os = "android"))]
mod timerfd {
    use crate::domain::Nanos;
    use crate::mock::clock;
    use rustix::fd::OwnedFd;
    use rustix::time::{
        Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create, timerfd_settime,
    };
    use std::io;
    use tokio::io::Interest;
    use tokio::io::unix::AsyncFd;

    /// Waits for instants, to within the kernel's wake-up latency.
    #[derive(Debug)]
    pub(in crate::mock) struct Timer(AsyncFd<OwnedFd>);

    impl Timer {
        /// One timer; it takes one file descriptor.
        pub(in crate::mock) fn new() -> io::Result<Self> {
            let fd = timerfd_create(TimerfdClockId::Monotonic, TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC)?;
            #[expect(
                deprecated,
                reason = "the successor is an unsafe function, and this crate forbids unsafe code; what it asks for \
                          (the descriptor stays open and the same) holds of an OwnedFd that nothing else can reach"
            )]
            let registered = AsyncFd::with_interest(fd, Interest::READABLE)?;
            Ok(Self(registered))
        }

        /// Returns at the instant, or at once when it has passed.
        pub(in crate::mock) async fn until(&mut self, due: Nanos) -> io::Result<()> {
            if clock::now() >= due {
                return Ok(());
            }
            let (seconds, nanos) = (due.0 / 1_000_000_000, due.0 % 1_000_000_000);
            let instant = Timespec {
                tv_sec: i64::try_from(seconds).unwrap_or(i64::MAX),
                tv_nsec: nanos.try_into().unwrap_or_default(),
            };
            let once = Itimerspec { it_interval: Timespec { tv_sec: 0, tv_nsec: 0 }, it_value: instant };
            // Arming anew also resets the expiry count, so the descriptor never has to be read.
            timerfd_settime(self.0.get_ref(), TimerfdTimerFlags::ABSTIME, &once)?;
            // An expiry of an earlier, abandoned wait may still be noted as readiness: only the clock decides.
            while clock::now() < due {
                self.0.readable().await?.clear_ready();
            }
            Ok(())
        }
    }
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub(super) use coarse::Timer;

/// Where there is no timerfd the mock works, but is late by up to a millisecond; its truth stays the truth.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
mod coarse {
    use crate::domain::Nanos;
    use crate::mock::clock;
    use std::io;

    /// Waits for instants, to within a tick of the runtime.
    #[derive(Debug)]
    pub(in crate::mock) struct Timer;

    impl Timer {
        pub(in crate::mock) fn new() -> io::Result<Self> {
            Ok(Self)
        }

        pub(in crate::mock) async fn until(&mut self, due: Nanos) -> io::Result<()> {
            tokio::time::sleep(due.since(clock::now()).into()).await;
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mock::clock;
    use std::time::Duration;

    fn settings(spread: bool, jitter: u64) -> Settings {
        Settings {
            ttft: Duration::from_millis(50),
            itl: Duration::from_millis(10),
            jitter: Duration::from_micros(jitter),
            spread,
            ..Settings::default()
        }
    }

    #[test]
    fn the_schedule_is_absolute() {
        let schedule = Schedule::new(&settings(false, 0), 7);
        assert_eq!(schedule.due(0), 50_000_000);
        assert_eq!(schedule.due(1000), 10_050_000_000);
    }

    #[test]
    fn phases_spread_over_one_interval() {
        let mut firsts: Vec<u64> = (1..=64).map(|i| Schedule::new(&settings(true, 0), i).due(0) - 50_000_000).collect();
        firsts.sort_unstable();
        assert!(firsts.iter().all(|phase| *phase < 10_000_000));
        let widest = firsts.windows(2).map(|w| w[1] - w[0]).max();
        assert!(widest < Some(10_000_000 / 16), "{widest:?}");
    }

    #[test]
    fn jitter_stays_inside_its_bound_and_repeats() {
        let (a, b) = (Schedule::new(&settings(false, 500), 3), Schedule::new(&settings(false, 500), 3));
        let offsets: Vec<u64> = (0..200).map(|k| a.due(k) - 50_000_000 - k * 10_000_000).collect();
        assert!(offsets.iter().all(|o| *o < 500_000));
        assert!(offsets.iter().any(|o| *o > 250_000) && offsets.iter().any(|o| *o < 250_000));
        assert!((0..200).all(|k| a.due(k) == b.due(k)));
    }

    #[tokio::test]
    async fn the_timer_is_never_early_and_can_be_used_again() {
        let mut timer = Timer::new().unwrap();
        timer.until(Nanos(0)).await.unwrap();
        for micros in [300, 50, 1_500] {
            let due = clock::now().plus(Nanos(micros * 1_000));
            timer.until(due).await.unwrap();
            assert!(clock::now() >= due);
        }
    }

    #[tokio::test]
    async fn a_wait_given_up_does_not_end_the_next_one_early() {
        let mut timer = Timer::new().unwrap();
        let early = clock::now().plus(Nanos(1_000_000));
        tokio::select! {
            biased;
            () = std::future::ready(()) => {}
            _ = timer.until(early) => {}
        }
        let late = clock::now().plus(Nanos(5_000_000));
        timer.until(late).await.unwrap();
        assert!(clock::now() >= late);
    }
}
