//! The one dispatch loop. Arrival process and stop condition are values; there is no second loop.

use super::ask::{Asked, Start, Trial, ask};
use super::course::Course;
use super::lanes::Lanes;
use crate::domain::Nanos;
use crate::provider::wire::now;
use crate::workload::arrival::{Arrival, Stop};
use std::sync::Arc;
use tokio::sync::Semaphore;
use tokio::task::{JoinError, JoinSet};
use tokio_util::sync::CancellationToken;

/// How long before its instant an open-loop trial is handed to its lane: time to connect and to commit the intent.
const LEAD: Nanos = Nanos(500_000_000);
/// The most trials of an open loop that are under way where the target has no limit.
const MOST: usize = 65_536;

/// How a dispatch ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dispatched {
    /// Every trial was asked and recorded, or the workload's own duration was over.
    Done,
    /// Not so.
    Stopped,
}

/// Exchanges in flight at once; none where nothing bounds them.
pub(super) fn in_flight(arrival: Arrival, limit: Option<u32>) -> Option<usize> {
    let limit = limit.map(|n| n as usize);
    match arrival {
        Arrival::Closed { concurrency } => Some(limit.unwrap_or(usize::MAX).min(concurrency as usize)),
        Arrival::Poisson { .. } | Arrival::Constant { .. } => limit,
    }
}

/// Trials under way at once: those in flight, which the gate keeps, and those that are being got ready. In open loop
/// that is the lead's worth of them: else the lead would count as time in flight, and throttle the schedule. In closed
/// loop it is a few, for which a place becomes free sooner than their reserve and connection stand.
fn places(arrival: Arrival, limit: Option<u32>) -> usize {
    let in_flight = in_flight(arrival, limit);
    let ready = match arrival {
        Arrival::Closed { .. } => (in_flight.unwrap_or(MOST) / 16).clamp(1, 64),
        Arrival::Poisson { per_second } | Arrival::Constant { per_second } => {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates, which is right")]
            let ready = (per_second * LEAD.seconds() * 2.0).ceil() as usize;
            ready
        }
    };
    in_flight.map_or(MOST, |n| n.saturating_add(ready).clamp(1, MOST))
}

/// Asks all trials of a course, as the arrival process says. The course's brake ends the dispatch and lets what is in
/// flight finish; `abort` drops what is in flight (its outcome is then unknown).
pub(super) async fn replay(
    course: &Arc<Course>,
    lanes: &Lanes,
    trials: impl Iterator<Item = Trial> + Send,
    (arrival, stop): (Arrival, Stop),
    seed: u64,
    abort: &CancellationToken,
) -> Dispatched {
    let permits = Arc::new(Semaphore::new(places(arrival, course.target.limits.concurrency)));
    let mut gaps = arrival.gaps(seed);
    let began = now();
    let mut due = began.plus(LEAD);
    let end = stop.duration.map(|duration| due.plus(duration.into()));
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
        let over = async {
            match (end, start) {
                (None, _) => std::future::pending().await,
                // What arrives after the end is not sent; what arrives before it is, however late.
                (Some(end), Start::At(due)) if due < end => std::future::pending().await,
                (Some(_), Start::At(_)) => {}
                (Some(end), Start::Ready) => tokio::time::sleep(end.since(now()).since(LEAD).into()).await,
            }
        };
        let permit = tokio::select! {
            biased;
            () = course.stop.cancelled() => None,
            () = abort.cancelled() => None,
            () = over => {
                course.over.cancel();
                break;
            }
            permit = ready => permit.ok(),
        };
        let (Some(permit), Some(lane)) = (permit, lanes.next()) else {
            ended = Dispatched::Stopped;
            break;
        };
        tasks.spawn_on(ask(Arc::clone(course), trial, start, permit), lane);
        while let Some(joined) = tasks.try_join_next() {
            ended = worse(ended, joined);
        }
    }
    loop {
        tokio::select! {
            biased;
            () = abort.cancelled() => {
                tasks.shutdown().await;
                return Dispatched::Stopped;
            }
            joined = tasks.join_next() => match joined {
                Some(joined) => ended = worse(ended, joined),
                None => return ended,
            },
        }
    }
}

fn worse(so_far: Dispatched, joined: Result<Asked, JoinError>) -> Dispatched {
    match joined {
        Ok(Asked::Recorded | Asked::Dropped) => so_far,
        Ok(Asked::Left) => Dispatched::Stopped,
        Err(error) => {
            // A bug; the trial stays in flight, and becomes unknown when the run goes on.
            tracing::error!(%error, "a trial's task failed");
            Dispatched::Stopped
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn getting_ready_does_not_count_against_the_limit() {
        let poisson = Arrival::Poisson { per_second: 100.0 };
        assert_eq!(places(poisson, Some(32)), 132);
        assert_eq!(places(poisson, None), MOST);
        assert_eq!(places(Arrival::Constant { per_second: 0.001 }, Some(1)), 2);
        let closed = Arrival::Closed { concurrency: 8 };
        assert_eq!((in_flight(closed, Some(4)), places(closed, Some(4))), (Some(4), 5));
        assert_eq!((in_flight(closed, None), places(closed, None)), (Some(8), 9));
        assert_eq!(places(Arrival::Closed { concurrency: 512 }, None), 544);
    }
}
