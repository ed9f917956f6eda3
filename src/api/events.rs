//! `/api/v1/events`: what runs, told as it changes, as a stream of server-sent events.
//!
//! One task looks at the state once a second, for however many listen, and only while somebody does; what has not changed is
//! not told again. Every event has the whole of it, so that whoever comes back needs nothing of what was missed. A stream
//! ends when the server does, or its connection has lived long enough; listeners are bounded in number.

use super::routes::{PLAIN, Shared, asked, text};
use super::server::Leaving;
use super::{RunState, Status, TargetState};
use axum::body::{Body, Bytes};
use axum::extract::{Extension, State};
use axum::http::{HeaderName, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use hyper::body::Frame;
use serde_json::{Value, json};
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::sync::{Semaphore, mpsc, watch};

/// Listeners at the same time.
const MOST: usize = 32;
/// How often the state is looked at.
const EVERY: Duration = Duration::from_secs(1);
/// After so long without an event a comment is sent, so that nobody in between takes the stream for dead.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// What is told: its number, and the JSON text. Number 0 is nothing yet.
type Told = (u64, Arc<str>);

/// What listeners share.
#[derive(Clone)]
pub(super) struct Events {
    facts: Shared,
    places: Arc<Semaphore>,
    /// What was told last. Whether anybody looks at the state is known by the lock: it is held to begin and to stop.
    told: Arc<Mutex<Option<watch::Sender<Told>>>>,
}

impl Events {
    pub(super) fn of(facts: Shared) -> Self {
        Self { facts, places: Arc::new(Semaphore::new(MOST)), told: Arc::default() }
    }

    /// Listens, and sees to it that somebody looks.
    fn listen(&self) -> watch::Receiver<Told> {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(sender) = told.as_ref() {
            return sender.subscribe();
        }
        let (sender, receiver) = watch::channel((0, Arc::from("")));
        *told = Some(sender);
        tokio::spawn(self.clone().look());
        receiver
    }

    /// Looks at the state as long as anybody listens.
    async fn look(self) {
        let mut number = 0;
        loop {
            let now = asked(Arc::clone(&self.facts), |facts| json(&facts.status(), &facts.ready()).to_string()).await;
            {
                let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
                let Some(sender) = told.as_ref() else { return };
                if sender.receiver_count() == 0 {
                    *told = None;
                    return;
                }
                // What panicked is in the log, and is tried again.
                if let Some(now) = now.filter(|now| *sender.borrow().1 != **now) {
                    number += 1;
                    sender.send_replace((number, now.into()));
                }
            }
            tokio::time::sleep(EVERY).await;
        }
    }
}

/// Answers with a stream.
pub(super) async fn events(State(events): State<Events>, leaving: Option<Extension<Leaving>>) -> Response {
    let Ok(place) = Arc::clone(&events.places).try_acquire_owned() else {
        let message = format!("{MOST} listen already; the page says the same\n");
        let mut full = text(StatusCode::SERVICE_UNAVAILABLE, PLAIN, message);
        full.headers_mut().insert(header::RETRY_AFTER, axum::http::HeaderValue::from_static("30"));
        return full;
    };
    let leaving = leaving.map(|Extension(leaving)| leaving.0).unwrap_or_default();
    let mut told = events.listen();
    let (sender, receiver) = mpsc::channel::<Bytes>(4);
    tokio::spawn(async move {
        let _place = place;
        // How long a browser waits before it comes back.
        let mut next = Some(Bytes::from_static(b"retry: 3000\n\n"));
        told.mark_changed();
        loop {
            if let Some(bytes) = next.take()
                && sender.send(bytes).await.is_err()
            {
                return;
            }
            tokio::select! {
                () = leaving.cancelled() => return,
                () = sender.closed() => return,
                changed = told.changed() => {
                    if changed.is_err() {
                        return;
                    }
                    let (number, text) = told.borrow_and_update().clone();
                    next = (number > 0).then(|| Bytes::from(format!("id: {number}\nevent: status\ndata: {text}\n\n")));
                }
                () = tokio::time::sleep(HEARTBEAT) => next = Some(Bytes::from_static(b":\n\n")),
            }
        }
    });
    let kind = "text/event-stream";
    // A proxy that gathers answers would hold events back.
    let unbuffered = HeaderName::from_static("x-accel-buffering");
    ([(header::CONTENT_TYPE, kind), (unbuffered, "no")], Body::new(Stream(receiver))).into_response()
}

/// A body that is whatever comes.
struct Stream(mpsc::Receiver<Bytes>);

impl hyper::body::Body for Stream {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.0.poll_recv(context).map(|bytes| bytes.map(|bytes| Ok(Frame::data(bytes))))
    }
}

/// The state as JSON. Money is in nano-USD, times are milliseconds since the Unix epoch; null is not known or not so.
fn json(status: &Status, ready: &Result<(), String>) -> Value {
    let Status { runs, spent_today, per_day, problems } = status;
    let problems: Vec<&str> = ready.as_ref().err().into_iter().chain(problems).map(String::as_str).collect();
    json!({
        "schema": "assayd.status/1",
        "runs": runs.iter().map(run).collect::<Vec<_>>(),
        "spent_today_nano_usd": spent_today.nanos(),
        "per_day_nano_usd": per_day.map(|limit| limit.nanos()),
        "problems": problems,
    })
}

fn run(state: &RunState) -> Value {
    let RunState { name, phase, done, total, spent, budget, last_result, last_finished_unix_ms, next_unix_ms, targets } =
        state;
    json!({
        "name": name,
        "phase": phase.label(),
        "done": done,
        "total": total,
        "spent_nano_usd": spent.nanos(),
        "budget_nano_usd": budget.map(|budget| budget.nanos()),
        "last_result": last_result,
        "last_finished_unix_ms": last_finished_unix_ms,
        "next_unix_ms": next_unix_ms,
        "targets": targets.iter().map(target).collect::<Vec<_>>(),
    })
}

/// What is left in seconds is not told: it changes all the time, and so would the event.
fn target(state: &TargetState) -> Value {
    let TargetState { name, done, total, correct, failed, spent, seconds_left: _ } = state;
    json!({
        "name": name,
        "done": done,
        "total": total,
        "correct": correct,
        "failed": failed,
        "spent_nano_usd": spent.nanos(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::Facts;
    use crate::domain::Money;
    use crate::export::metrics::View;
    use crate::export::report::Report;
    use std::sync::atomic::{AtomicU64, Ordering};

    /// Facts that count how often they are asked, and change with it until they are told to stay.
    #[derive(Default)]
    struct Counting {
        asked: AtomicU64,
        most: u64,
    }

    impl Facts for Counting {
        fn view(&self, _: &mut dyn FnMut(&View<'_>)) {}
        fn ready(&self) -> Result<(), String> {
            Ok(())
        }
        fn reports(&self) -> Vec<Report> {
            Vec::new()
        }
        fn status(&self) -> Status {
            let asked = self.asked.fetch_add(1, Ordering::Relaxed).min(self.most);
            Status { spent_today: Money::from_nanos(asked.cast_signed()), ..Status::default() }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn the_state_is_looked_at_once_a_second_for_all_and_not_at_all_for_nobody() {
        let facts = Arc::new(Counting { most: 3, ..Counting::default() });
        let events = Events::of(facts.clone());
        let mut listeners = [events.listen(), events.listen(), events.listen()];
        tokio::time::sleep(Duration::from_millis(9_500)).await;
        let asked = facts.asked.load(Ordering::Relaxed);
        assert!((9..=10).contains(&asked), "{asked}");
        for listener in &mut listeners {
            let (number, text) = listener.borrow_and_update().clone();
            // Four different ones were told, and nothing after that.
            assert_eq!(number, 4);
            assert!(text.contains("\"spent_today_nano_usd\":3"), "{text}");
        }
        drop(listeners);
        tokio::time::sleep(Duration::from_secs(60)).await;
        let before = facts.asked.load(Ordering::Relaxed);
        assert!(before <= 11, "{before}");
        // And again for the next one.
        let mut listener = events.listen();
        listener.changed().await.unwrap();
        assert_eq!(facts.asked.load(Ordering::Relaxed), before + 1);
    }
}
