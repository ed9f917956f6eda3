//! A waker that does not wake the task that is already running.
//!
//! One task drives the connection and reads what it brings. HTTP's own channel between the two wakes it for every token,
//! from within: the runtime would then poll the whole task once more, for nothing. What is woken from within is told to
//! the loop that runs; only what is woken from outside (sockets, timers) wakes the task.

use std::cell::Cell;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

thread_local! {
    /// Whose inner futures this thread polls just now (by address; 0: nobody's), and whether they were woken meanwhile.
    static RUNNING: Cell<usize> = const { Cell::new(0) };
    static WOKEN: Cell<bool> = const { Cell::new(false) };
}

/// The waker of one task's inner futures.
pub struct Within {
    inner: Arc<Inner>,
    waker: Waker,
    /// The task's own, as it was told to the inner one last.
    told: Option<Waker>,
}

#[derive(Default)]
struct Inner {
    /// The task itself.
    task: Mutex<Option<Waker>>,
}

impl Inner {
    fn address(self: &Arc<Self>) -> usize {
        Arc::as_ptr(self).addr()
    }
}

impl Wake for Inner {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if RUNNING.get() == self.address() {
            WOKEN.set(true);
        } else if let Some(task) = &*self.task.lock().unwrap_or_else(PoisonError::into_inner) {
            task.wake_by_ref();
        }
    }
}

impl Within {
    pub fn new() -> Self {
        let inner = Arc::new(Inner::default());
        Self { waker: Waker::from(Arc::clone(&inner)), inner, told: None }
    }

    /// Polls something as often as it is woken from within, in the task of `cx`.
    pub fn poll<T>(&mut self, cx: &Context<'_>, mut what: impl FnMut(&mut Context<'_>) -> Poll<T>) -> Poll<T> {
        if !self.told.as_ref().is_some_and(|told| told.will_wake(cx.waker())) {
            self.told = Some(cx.waker().clone());
            *self.inner.task.lock().unwrap_or_else(PoisonError::into_inner) = self.told.clone();
        }
        let running = Running::new(self.inner.address());
        loop {
            WOKEN.set(false);
            let polled = what(&mut Context::from_waker(&self.waker));
            // What is ready is polled again before it is waited for.
            if polled.is_ready() || !WOKEN.get() {
                drop(running);
                return polled;
            }
        }
    }
}

/// While it lives, this thread polls somebody's inner futures.
struct Running(usize);

impl Running {
    fn new(address: usize) -> Self {
        Self(RUNNING.replace(address))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Nobody is polled within another's; if it were so, that one goes on, and looks again.
        RUNNING.set(self.0);
        if self.0 != 0 {
            WOKEN.set(true);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

    #[derive(Default)]
    struct Count(AtomicUsize);

    impl Wake for Count {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, SeqCst);
        }
    }

    #[test]
    fn from_within_it_polls_again_and_from_outside_it_wakes_the_task() {
        let (mut within, count) = (Within::new(), Arc::new(Count::default()));
        let task = Waker::from(Arc::clone(&count));
        let cx = Context::from_waker(&task);
        let (mut polls, mut kept) = (0, None);
        let polled: Poll<()> = within.poll(&cx, |cx| {
            polls += 1;
            if polls < 3 {
                cx.waker().wake_by_ref();
            }
            kept = Some(cx.waker().clone());
            Poll::Pending
        });
        assert!(polled.is_pending());
        assert_eq!((polls, count.0.load(SeqCst)), (3, 0));
        kept.unwrap().wake();
        assert_eq!(count.0.load(SeqCst), 1);
        assert_eq!(within.poll(&cx, |_| Poll::Ready(7)), Poll::Ready(7));
    }
}
