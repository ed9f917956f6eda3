//! A waker that does not wake the task that is already running.
//!
//! One task drives the connection and reads what it brings. HTTP's own channel between the two wakes it for every token,
//! from within: the runtime would then poll the whole task once more, for nothing. What is woken from within is told to
//! the loop that runs; only what is woken from outside (sockets, timers) wakes the task.

use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

/// The waker of one task's inner futures.
pub struct Within {
    inner: Arc<Inner>,
    waker: Waker,
}

#[derive(Default)]
struct Inner {
    /// The task itself.
    task: Mutex<Option<Waker>>,
    running: AtomicBool,
    woken: AtomicBool,
}

impl Wake for Inner {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        // In this order: whoever ends running looks for it afterwards.
        self.woken.store(true, SeqCst);
        if !self.running.load(SeqCst)
            && let Some(task) = &*self.task.lock().unwrap_or_else(PoisonError::into_inner)
        {
            task.wake_by_ref();
        }
    }
}

impl Within {
    pub fn new() -> Self {
        let inner = Arc::new(Inner::default());
        Self { waker: Waker::from(Arc::clone(&inner)), inner }
    }

    /// Polls something as often as it is woken from within, in the task of `cx`.
    pub fn poll<T>(&self, cx: &Context<'_>, mut what: impl FnMut(&mut Context<'_>) -> Poll<T>) -> Poll<T> {
        let Inner { task, running, woken } = &*self.inner;
        {
            let mut task = task.lock().unwrap_or_else(PoisonError::into_inner);
            if !task.as_ref().is_some_and(|known| known.will_wake(cx.waker())) {
                *task = Some(cx.waker().clone());
            }
        }
        running.store(true, SeqCst);
        loop {
            woken.store(false, SeqCst);
            let polled = what(&mut Context::from_waker(&self.waker));
            // What is ready is polled again before it is waited for.
            if polled.is_ready() {
                running.store(false, SeqCst);
                return polled;
            }
            if !woken.load(SeqCst) {
                running.store(false, SeqCst);
                // Woken from outside between the two: nobody else tells the task.
                if woken.load(SeqCst) {
                    cx.waker().wake_by_ref();
                }
                return Poll::Pending;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicUsize;

    #[derive(Default)]
    struct Count(AtomicUsize);

    impl Wake for Count {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, SeqCst);
        }
    }

    #[test]
    fn from_within_it_polls_again_and_from_outside_it_wakes_the_task() {
        let (within, count) = (Within::new(), Arc::new(Count::default()));
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
