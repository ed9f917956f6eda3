//! The one dispatch loop. Arrival process and stop condition are values; there is no second loop.

use super::ask::{Course, Start, Trial, ask};
use super::lanes::Lanes;
use crate::domain::Nanos;
use crate::provider::wire::now;
use crate::workload::arrival::{Arrival, Stop};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::task::{JoinError, JoinSet};
use tokio_util::sync::CancellationToken;

/// How long before its instant an open-loop trial is handed to its lane: time to commit the intent and to connect.
const LEAD: Nanos = Nanos(500_000_000);

/// How a dispatch ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dispatched {
    /// Every trial was asked, or the workload's own duration was over.
    Done,
    /// It was told to stop before that.
    Stopped,
}

/// Asks all trials of a course, as the arrival process says. `course.stop` ends the dispatch and lets what is in flight
/// finish; `abort` drops what is in flight (its outcome is then unknown).
pub(super) async fn replay(
    course: &Arc<Course>,
    lanes: &Lanes,
    trials: Vec<Trial>,
    (arrival, stop): (Arrival, Stop),
    seed: u64,
    abort: &CancellationToken,
) -> Dispatched {
    let limit = course.target.limits.concurrency;
    let inflight = match arrival {
        Arrival::Closed { concurrency } => concurrency.min(limit.unwrap_or(u32::MAX)),
        Arrival::Poisson { .. } | Arrival::Constant { .. } => limit.unwrap_or(65_536),
    };
    let permits = Arc::new(Semaphore::new(inflight as usize));
    let mut gaps = arrival.gaps(seed);
    let began = now();
    let mut due = began.plus(LEAD);
    let mut tasks = JoinSet::new();
    let mut ended = Dispatched::Done;
    for trial in trials {
        let start = match gaps.as_mut().and_then(Iterator::next) {
            None => Start::Ready,
            Some(gap) => {
                due = due.plus(gap.into());
                Start::At(due)
            }
        };
        let ready = async {
            if let Start::At(due) = start {
                tokio::time::sleep(due.since(now()).since(LEAD).into()).await;
            }
            Arc::clone(&permits).acquire_owned().await
        };
        let permit = tokio::select! {
            biased;
            () = course.stop.cancelled() => None,
            permit = ready => permit.ok(),
        };
        let Some(permit) = permit else {
            ended = Dispatched::Stopped;
            break;
        };
        if stop.duration.is_some_and(|limit| Duration::from(now().since(began)) >= limit) {
            break;
        }
        let course = Arc::clone(course);
        let task = async move {
            ask(course, trial, start).await;
            drop(permit);
        };
        if let Some(lane) = lanes.next() {
            tasks.spawn_on(task, lane);
        }
        while let Some(joined) = tasks.try_join_next() {
            report(joined);
        }
    }
    loop {
        tokio::select! {
            biased;
            joined = tasks.join_next() => match joined {
                Some(joined) => report(joined),
                None => break,
            },
            () = abort.cancelled() => {
                tasks.shutdown().await;
                ended = Dispatched::Stopped;
                break;
            }
        }
    }
    if course.stop.is_cancelled() { Dispatched::Stopped } else { ended }
}

/// A task that panicked is a bug; its trial stays in flight and is counted as unknown at the next start.
fn report(joined: Result<(), JoinError>) {
    if let Err(error) = joined {
        tracing::error!(%error, "a trial's task failed");
    }
}
