//! Places in flight: how many exchanges there may be at once, as that changes over time (a ramp, steps), and how long a
//! place stays empty after an answer (think time).

use super::clock;
use crate::domain::Nanos;
use crate::provider::wire::now;
use crate::workload::think::Think;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How many places there are from when on.
pub(super) type Stairs = Vec<(Duration, usize)>;

/// Places in flight.
pub(super) struct Places {
    inner: Arc<Inner>,
    stairs: Stairs,
}

struct Inner {
    free: Arc<Semaphore>,
    /// Places that are to go as soon as they become free.
    surplus: Mutex<usize>,
    /// When those that are free became so; those of the beginning are not among them.
    freed: Mutex<VecDeque<Nanos>>,
    /// How many more may be asked for.
    elastic: AtomicUsize,
    think: Option<(Think, Mutex<ChaCha8Rng>)>,
}

/// One place, until it is dropped (and, where there is think time, for that time after it).
pub(super) struct Place {
    permit: Option<OwnedSemaphorePermit>,
    of: Arc<Inner>,
    /// How long it was empty before, as far as there was somebody before.
    pub(super) empty: Nanos,
}

impl Places {
    /// As many as there are at the beginning; [`Places::follow`] does the rest.
    pub(super) fn new(stairs: Stairs, think: Option<Think>, seed: u64) -> Self {
        let first = count(&stairs, Duration::ZERO).min(Semaphore::MAX_PERMITS);
        let think = think.map(|think| (think, Mutex::new(ChaCha8Rng::seed_from_u64(!seed))));
        let free = Arc::new(Semaphore::new(first));
        let (surplus, freed, elastic) = (Mutex::default(), Mutex::default(), AtomicUsize::new(0));
        Self { inner: Arc::new(Inner { free, surplus, freed, elastic, think }), stairs }
    }

    /// So many more may be asked for by those who have one.
    pub(super) fn elastic(self, more: usize) -> Self {
        self.inner.elastic.store(more, Ordering::Relaxed);
        self
    }

    /// The most that there are at any time by their stairs.
    pub(super) fn most(&self) -> usize {
        self.stairs.iter().map(|(_, count)| *count).max().unwrap_or(0)
    }

    /// So many, all the time.
    pub(super) fn fixed(count: usize) -> Self {
        Self::new(vec![(Duration::ZERO, count)], None, 0)
    }

    /// Waits for a place, in order of asking.
    pub(super) async fn take(&self) -> Place {
        // Never closed; without a permit the place is just not counted.
        let permit = Arc::clone(&self.inner.free).acquire_owned().await.ok();
        let freed = locked(&self.inner.freed).pop_front();
        let empty = freed.map_or(Nanos(0), |freed| now().since(freed));
        Place { permit, of: Arc::clone(&self.inner), empty }
    }

    /// Adds and takes away places as the time comes, from the beginning on. Never ends.
    pub(super) async fn follow(&self, began: Nanos) {
        let mut before = count(&self.stairs, Duration::ZERO);
        for (from, after) in self.stairs.iter().copied().filter(|(from, _)| !from.is_zero()) {
            clock::until(began.plus(from.into())).await;
            if after > before {
                self.inner.grow(after - before);
            } else {
                self.inner.shrink(before - after);
            }
            before = after;
        }
        std::future::pending().await
    }
}

fn count(stairs: &Stairs, at: Duration) -> usize {
    stairs.iter().take_while(|(from, _)| *from <= at).last().map_or(0, |(_, count)| *count)
}

impl Inner {
    fn grow(&self, by: usize) {
        let mut surplus = locked(&self.surplus);
        let kept = by.min(*surplus);
        *surplus -= kept;
        self.free.add_permits(by - kept);
    }

    fn shrink(&self, by: usize) {
        let mut surplus = locked(&self.surplus);
        *surplus += by - self.free.forget_permits(by);
    }
}

impl Place {
    /// Makes one more place, as far as it is elastic.
    pub(super) fn another(&self) {
        let less = |left: usize| left.checked_sub(1);
        if self.of.elastic.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less).is_ok() {
            self.of.grow(1);
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let Some(permit) = self.permit.take() else { return };
        let pause = self.of.think.as_ref().map_or(Duration::ZERO, |(think, rng)| think.time(locked(rng).random()));
        if !pause.is_zero()
            && let Ok(runtime) = Handle::try_current()
        {
            let (of, due) = (Arc::clone(&self.of), now().plus(pause.into()));
            runtime.spawn(async move {
                clock::until(due).await;
                of.give_back(permit);
            });
            return;
        }
        self.of.give_back(permit);
    }
}

impl Inner {
    fn give_back(&self, permit: OwnedSemaphorePermit) {
        let mut surplus = locked(&self.surplus);
        if *surplus > 0 {
            *surplus -= 1;
            permit.forget();
            return;
        }
        // Before it is free: whoever takes it finds this.
        locked(&self.freed).push_back(now());
        drop(permit);
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    #[tokio::test]
    async fn places_come_and_go_with_the_stairs() {
        let places = Places::new(vec![(ms(0), 3), (ms(5), 1), (ms(10), 4), (ms(15), 2)], None, 1);
        let taken = [places.take().await, places.take().await, places.take().await];
        assert!(tokio::time::timeout(ms(100), places.follow(now())).await.is_err());
        let state = || (places.inner.free.available_permits(), *locked(&places.inner.surplus));
        // Down to one, up to four, down to two: of the three that are taken one is too many.
        assert_eq!(state(), (0, 1));
        drop(taken);
        assert_eq!(state(), (2, 0));
    }

    #[tokio::test]
    async fn a_place_tells_how_long_it_was_empty_and_more_come_as_far_as_they_may() {
        let places = Places::fixed(1).elastic(1);
        let first = places.take().await;
        assert_eq!((first.empty, places.most()), (Nanos(0), 1), "nobody was there before");
        first.another();
        first.another();
        let second = places.take().await;
        assert_eq!((second.empty, places.inner.free.available_permits()), (Nanos(0), 0), "one more, and no third");
        let freed = now();
        drop(first);
        tokio::time::sleep(ms(3)).await;
        let empty = places.take().await.empty;
        assert!(empty >= Nanos::from(ms(3)) && empty <= now().since(freed), "{empty:?}");
    }

    #[tokio::test]
    async fn thinking_keeps_a_place_empty() {
        let places = Places::new(vec![(ms(0), 1)], Some(Think::Fixed(ms(20))), 1);
        let first = places.take().await;
        let freed = now();
        drop(first);
        drop(places.take().await);
        assert!(now().since(freed) >= Nanos::from(ms(20)));
    }
}
