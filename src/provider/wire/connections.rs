//! Connections that the server keeps open, used again, as an application's client does: a request then costs no
//! handshake, and this machine less work than a token or two hundred.
//!
//! Kept apart by thread: a connection is driven by the runtime that it was made in. A server that closes one without
//! having said so is not trusted again, since the next request could be written into the void and count as a failure.

use super::connect::{Connected, Phases, connect};
use super::endpoint::Endpoint;
use super::exchange::drive;
use super::now;
use crate::domain::{Fault, Nanos};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use std::collections::VecDeque;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::thread::{self, ThreadId};
use std::time::Duration;
use tokio::time::timeout;

/// For how long one is kept that nobody uses: servers close what stays silent, the least patient after 2 to 5 s.
const KEPT: Nanos = Nanos(1_000_000_000);

/// How long after the end of an answer the end of its response may come: some servers send that apart.
const REST: Duration = Duration::from_millis(100);

/// The open connections to one target that nobody uses just now.
#[derive(Default)]
pub struct Connections {
    idle: Mutex<Vec<(ThreadId, VecDeque<Box<Connected>>)>>,
    /// Held once by each that stands.
    standing: Arc<()>,
    /// The server closed one without having said so.
    distrusted: AtomicBool,
}

impl Connections {
    /// One that stands, or else a new one.
    ///
    /// # Errors
    /// Those of [`connect`].
    pub async fn connect(self: &Arc<Self>, endpoint: &Endpoint) -> Result<Box<Connected>, Fault> {
        if !endpoint.keep_alive() {
            return connect(endpoint).await;
        }
        let mut connected = match self.take() {
            Some(kept) => kept,
            None => {
                let mut made = connect(endpoint).await?;
                made._counted = Some(Arc::clone(&self.standing));
                made
            }
        };
        connected.home = Some(Arc::clone(self));
        Ok(connected)
    }

    /// How many there are, idle or not, as far as they may be used again.
    pub fn count(&self) -> usize {
        if self.distrusted.load(Relaxed) { 0 } else { Arc::strong_count(&self.standing) - 1 }
    }

    /// The one of this thread that was used last: the others may be closed in time.
    fn take(&self) -> Option<Box<Connected>> {
        let here = thread::current().id();
        loop {
            let mut kept = self.idle().iter_mut().find(|(thread, _)| *thread == here)?.1.pop_back()?;
            if kept.age() > KEPT {
                continue;
            }
            if kept.stands() {
                return Some(kept);
            }
            self.distrust();
        }
    }

    /// Keeps one whose answer is complete, as soon as its response has ended.
    pub(super) fn keep(self: Arc<Self>, mut connected: Box<Connected>, mut body: Incoming) {
        (connected.reused, connected.phases) = (true, Phases::default());
        match connected.rest(&mut Context::from_waker(Waker::noop()), &mut body) {
            Poll::Ready(true) => self.put(connected),
            Poll::Ready(false) => {}
            Poll::Pending => {
                tokio::spawn(async move {
                    let rest = poll_fn(|cx| connected.rest(cx, &mut body));
                    if let Ok(true) = timeout(REST, rest).await {
                        self.put(connected);
                    }
                });
            }
        }
    }

    fn put(&self, mut connected: Box<Connected>) {
        if self.distrusted.load(Relaxed) {
            return;
        }
        connected.since = now();
        let (here, mut stale) = (thread::current().id(), Vec::new());
        {
            let mut idle = self.idle();
            let at = idle.iter().position(|(thread, _)| *thread == here).unwrap_or_else(|| {
                idle.push((here, VecDeque::new()));
                idle.len() - 1
            });
            let Some((_, kept)) = idle.get_mut(at) else { return };
            while let Some(old) = kept.pop_front_if(|old| old.age() > KEPT) {
                stale.push(old);
            }
            kept.push_back(connected);
        }
        // Closed outside the lock.
        drop(stale);
    }

    /// From here on every request has a connection of its own.
    pub(super) fn distrust(&self) {
        self.distrusted.store(true, Relaxed);
        let kept = std::mem::take(&mut *self.idle());
        drop(kept);
    }

    fn idle(&self) -> MutexGuard<'_, Vec<(ThreadId, VecDeque<Box<Connected>>)>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Connected {
    /// Whether it still stands, as far as this side knows: its end is not here yet.
    pub fn stands(&mut self) -> bool {
        let mut cx = Context::from_waker(Waker::noop());
        if let Some(driven) = &mut self.connection
            && Pin::new(driven).poll(&mut cx).is_ready()
        {
            self.connection = None;
        }
        self.connection.is_some() && self.sender.is_ready()
    }

    /// Reads the rest of a response; whether the connection can be used again.
    fn rest(&mut self, cx: &mut Context<'_>, body: &mut Incoming) -> Poll<bool> {
        loop {
            match drive(&mut self.connection, cx, pin!(body.frame())) {
                Poll::Ready(Some(Ok(_))) => {}
                Poll::Ready(None) => return Poll::Ready(self.stands()),
                Poll::Ready(Some(Err(_))) => return Poll::Ready(false),
                Poll::Pending => return Poll::Pending,
            }
        }
    }
}
