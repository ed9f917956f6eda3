//! Waiting for an instant to within the kernel's wake-up latency, on any lane.
//!
//! The runtime's own timers tick in milliseconds, which at 2,000 arrivals a second is two of them. So a wait is in three
//! parts: the runtime's timer until shortly before the instant; a high-resolution kernel timer (timerfd), which wakes the
//! runtime through the same epoll as the sockets; and for the last moment the thread stays awake and serves its sockets,
//! since being woken takes some 50 µs more, now and then much more. Each thread keeps the few timers that its next arrivals
//! need: as many as there are in the last three milliseconds before their instants, not one a trial.

use crate::domain::Nanos;
use crate::provider::wire::nap::Awake;
use crate::provider::wire::now;

/// How long before the instant the runtime's timer ends: it may be late by a tick, by a nap of the lane, and a little.
const NEAR: Nanos = Nanos(3_000_000);

/// How long before the instant the kernel's timer ends. To be woken takes some 50 µs, and not always the same: over so
/// short a time a thread that stays awake and looks at its sockets is more punctual than one that is woken.
const EARLY: Nanos = Nanos(60_000);

/// Returns after a time, or up to a tick of the runtime later; at once where it is none. (The runtime's own sleep takes
/// until its next tick even then: a loop that is behind would fall behind more.)
pub(super) async fn about(time: Nanos) {
    if time > Nanos(0) {
        tokio::time::sleep(time.into()).await;
    }
}

/// Returns at the instant, never before it; at once when it has passed.
pub(super) async fn until(due: Nanos) {
    near(due).await;
    let _awake = Awake::until(due);
    while now() < due {
        // The lane's other streams go on meanwhile.
        tokio::task::yield_now().await;
    }
}

/// Returns shortly before the instant: whoever asks stays awake from then on.
pub(super) async fn near(due: Nanos) {
    about(due.since(now()).since(NEAR)).await;
    let _awake = Awake::until(due);
    precise::until(Nanos(due.0.saturating_sub(EARLY.0))).await;
    while due.since(now()) > EARLY {
        // Where there is no precise timer, or it failed.
        tokio::time::sleep(due.since(now()).into()).await;
    }
}

#[cfg(any(target_os = "linux", target_os = "android"))]
mod precise {
    use crate::domain::Nanos;
    use crate::provider::wire::now;
    use rustix::fd::OwnedFd;
    use rustix::time::{
        Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create, timerfd_settime,
    };
    use std::cell::RefCell;
    use std::io;
    use tokio::io::Interest;
    use tokio::io::unix::AsyncFd;
    use tokio::runtime::{Handle, Id};

    /// Timers that a thread keeps for later: more at once are made and closed again.
    const KEPT: usize = 64;

    thread_local! {
        /// Timers of this thread that nobody waits for, with the runtime that wakes them.
        static IDLE: RefCell<Vec<(Id, Timer)>> = const { RefCell::new(Vec::new()) };
    }

    struct Timer(AsyncFd<OwnedFd>);

    impl Timer {
        fn new() -> io::Result<Self> {
            let fd = timerfd_create(TimerfdClockId::Monotonic, TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC)?;
            #[expect(
                deprecated,
                reason = "the successor is an unsafe function, and this crate forbids unsafe code; what it asks for \
                          (the descriptor stays open and the same) holds of an OwnedFd that nothing else can reach"
            )]
            let registered = AsyncFd::with_interest(fd, Interest::READABLE)?;
            Ok(Self(registered))
        }

        async fn until(&self, due: Nanos) -> io::Result<()> {
            let instant = Timespec {
                tv_sec: i64::try_from(due.0 / 1_000_000_000).unwrap_or(i64::MAX),
                tv_nsec: (due.0 % 1_000_000_000).try_into().unwrap_or_default(),
            };
            let once = Itimerspec { it_interval: Timespec { tv_sec: 0, tv_nsec: 0 }, it_value: instant };
            // Arming anew also resets the expiry count, so the descriptor never has to be read.
            timerfd_settime(self.0.get_ref(), TimerfdTimerFlags::ABSTIME, &once)?;
            // An expiry of an earlier wait may still be noted as readiness: only the clock decides.
            while now() < due {
                self.0.readable().await?.clear_ready();
            }
            Ok(())
        }
    }

    /// Returns at the instant, or before it where there is no timer to be had.
    pub(super) async fn until(due: Nanos) {
        if now() >= due {
            return;
        }
        let here = Handle::current().id();
        let idle = IDLE.with_borrow_mut(|idle| {
            // A timer of a runtime that is gone would never wake anybody.
            idle.retain(|(runtime, _)| *runtime == here);
            idle.pop()
        });
        let Some(timer) = idle.map(|(_, timer)| timer).or_else(|| Timer::new().ok()) else { return };
        if timer.until(due).await.is_ok() {
            IDLE.with_borrow_mut(|idle| {
                if idle.len() < KEPT {
                    idle.push((here, timer));
                }
            });
        }
    }
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
mod precise {
    use crate::domain::Nanos;

    /// Where there is no timerfd the runtime's timer does it, to within its tick.
    pub(super) async fn until(_: Nanos) {}
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Nanos;

    #[test]
    fn waits_are_never_short_on_any_runtime() {
        // Two runtimes after each other on one thread: the timers of the first are of no use to the second.
        for _ in 0..2 {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                until(Nanos(0)).await;
                let due: Vec<Nanos> =
                    [0_u64, 50, 300, 1_900, 2_100, 5_300].map(|us| now().plus(Nanos(us * 1_000))).into();
                let mut waits: tokio::task::JoinSet<bool> = tokio::task::JoinSet::new();
                for due in due.into_iter().cycle().take(300) {
                    waits.spawn(async move {
                        until(due).await;
                        now() >= due
                    });
                }
                while let Some(waited) = waits.join_next().await {
                    assert!(waited.unwrap());
                }
            });
        }
    }
}
