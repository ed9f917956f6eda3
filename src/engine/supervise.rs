//! The daemon's schedule: each run on its `every`, one at a time, until told to stop.

use super::ledger::{Denied, Scope, day_start};
use super::run::{Ended, Engine, Halt, RECENT, RunError};
use super::unix_ms;
use crate::domain::RunId;
use crate::plan::{Plan, RunPlan};
use crate::store::{RunRow, Store, StoreError};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// When a run is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Due {
    /// At this instant (ms since the Unix epoch), or as soon after as the others let it.
    At(i64),
    /// Not again.
    Never,
}

/// The pause after a run that could not go on (store full, budget of the day reached), before it is tried again.
const PAUSE_MS: i64 = 60_000;

/// The longest sleep before the clock is looked at again: it may have been set meanwhile.
const LOOK_MS: i64 = 60_000;

/// Executes a plan's runs on their schedule until `halt.drain`. A run that was interrupted is resumed first. When another
/// plan is sent, it takes over as soon as no run goes on.
///
/// # Errors
/// When the store can't even be read at the start, or the account's task has ended.
pub async fn daemon(engine: &Engine, plans: &mut watch::Receiver<Arc<Plan>>, halt: &Halt) -> Result<(), StoreError> {
    let plan = Arc::clone(&plans.borrow_and_update());
    let mut table = schedule(engine, &plan).await?;
    while !halt.drain.is_cancelled() {
        if plans.has_changed().unwrap_or(false) {
            let plan = Arc::clone(&plans.borrow_and_update());
            match schedule(engine, &plan).await {
                Ok(new) => table = new,
                Err(error) => {
                    tracing::error!(%error, "the new configuration can't take over yet; it is tried again in a minute");
                    plans.mark_changed();
                    tokio::select! {
                        () = halt.drain.cancelled() => break,
                        () = tokio::time::sleep(Duration::from_millis(PAUSE_MS.cast_unsigned())) => continue,
                    }
                }
            }
            tracing::info!("the new configuration has taken over");
        }
        tell(engine, &table);
        let next = table.iter_mut().filter_map(|(run, due)| match due {
            Due::At(at) => Some((*at, run, due)),
            Due::Never => None,
        });
        let Some((at, run, due)) = next.min_by_key(|(at, ..)| *at) else {
            tokio::select! {
                () = halt.drain.cancelled() => break,
                () = another(plans) => continue,
            }
        };
        let wait = (at - unix_ms()).clamp(0, LOOK_MS);
        tokio::select! {
            () = halt.drain.cancelled() => break,
            () = another(plans) => continue,
            () = tokio::time::sleep(Duration::from_millis(wait.cast_unsigned())) => {}
        }
        if at > unix_ms() {
            continue;
        }
        let began = unix_ms();
        *due = match engine.execute(run, halt).await {
            Ok((id, ended)) => {
                report(run, id, &ended);
                after(run.every, &ended, began, unix_ms())
            }
            Err(RunError::Store(error)) => {
                tracing::error!(run = %run.name, %error, "the run could not begin; it is tried again in a minute");
                engine.account.shared().lock().store_error = Some(error);
                Due::At(unix_ms() + PAUSE_MS)
            }
        };
        if engine.account.is_closed() {
            // Nothing can be recorded any more. Whoever started the daemon can start it again.
            return Err(StoreError::Other("the account's task has ended".into()));
        }
    }
    Ok(())
}

/// When each run of a plan is first due.
async fn schedule(engine: &Engine, plan: &Plan) -> Result<Vec<(Arc<RunPlan>, Due)>, StoreError> {
    let rows = engine.store.runs(RECENT).await?;
    let first = |run: &Arc<RunPlan>| (Arc::clone(run), first(last(&rows, run), run.every, unix_ms()));
    Ok(plan.runs.iter().map(first).collect())
}

/// Waits for another plan; for ever where nobody can send one any more.
async fn another(plans: &mut watch::Receiver<Arc<Plan>>) {
    match plans.changed().await {
        // Left unseen, so that the loop finds it.
        Ok(()) => plans.mark_changed(),
        Err(_) => std::future::pending().await,
    }
}

/// Lets everybody see when runs are due.
fn tell(engine: &Engine, table: &[(Arc<RunPlan>, Due)]) {
    let due = table.iter().map(|(run, due)| match due {
        Due::At(at) => (run.name.to_string(), Some(*at)),
        Due::Never => (run.name.to_string(), None),
    });
    engine.account.shared().lock().due = due.collect();
}

/// The latest execution of this very plan.
fn last<'a>(rows: &'a [RunRow], run: &RunPlan) -> Option<&'a RunRow> {
    rows.iter().find(|row| row.name == run.name.as_str() && row.plan == run.fingerprint)
}

/// When a run is first due: an unfinished one at once and before the others, a repeated one `every` after it last began,
/// a single one only if this very plan has not ended before (a restart must not spend the money again).
fn first(last: Option<&RunRow>, every: Option<Duration>, now: i64) -> Due {
    let Some(RunRow { started_unix_ms, finished_unix_ms, result, .. }) = last else { return Due::At(now) };
    match (finished_unix_ms, every, result.as_deref()) {
        (None, ..) => Due::At(now.min(*started_unix_ms)),
        (Some(_), Some(every), _) => Due::At(later(*started_unix_ms, every).max(now)),
        (Some(_), None, Some("complete" | "budget")) => Due::Never,
        (Some(_), None, _) => Due::At(now),
    }
}

fn later(instant: i64, by: Duration) -> i64 {
    instant.saturating_add(i64::try_from(by.as_millis()).unwrap_or(i64::MAX))
}

fn report(run: &RunPlan, id: RunId, ended: &Ended) {
    match ended {
        Ended::Complete => tracing::info!(run = %run.name, %id, "complete"),
        Ended::Incomplete(why) => tracing::error!(run = %run.name, %id, %why, "incomplete"),
        Ended::Budget(denied) => tracing::warn!(run = %run.name, %id, %denied, "ended by its budget"),
        Ended::Interrupted(Some(refusal)) => tracing::error!(run = %run.name, %id, %refusal, "interrupted"),
        Ended::Interrupted(None) => {
            tracing::info!(run = %run.name, %id, "interrupted; it is resumed at the next start")
        }
    }
}

/// When a run that began at an instant and has now ended is due again.
fn after(every: Option<Duration>, ended: &Ended, began: i64, now: i64) -> Due {
    match (ended, every) {
        (Ended::Interrupted(_), _) => Due::At(now.saturating_add(PAUSE_MS)),
        // It goes on when there is money again.
        (Ended::Budget(Denied::Budget { scope: Scope::Day, .. }), _) => {
            Due::At(later(day_start(now), Duration::from_hours(24)))
        }
        (Ended::Complete | Ended::Budget(_) | Ended::Incomplete(_), None) => Due::Never,
        // Missed turns are not caught up: the next one is the first that lies ahead.
        (Ended::Complete | Ended::Budget(_) | Ended::Incomplete(_), Some(every)) => {
            let every = i64::try_from(every.as_millis()).unwrap_or(i64::MAX).max(1);
            let missed = now.saturating_sub(began).max(0) / every;
            Due::At(began.saturating_add(every.saturating_mul(missed.saturating_add(1))))
        }
    }
}

/// How long, and how much, is kept.
#[derive(Debug, Clone, Copy)]
pub struct Retention {
    /// Finished samples older than this are deleted.
    pub keep_for: Option<Duration>,
    /// Above this many bytes the oldest finished samples are deleted.
    pub keep_bytes: Option<u64>,
}

/// Deletes what is beyond retention, every ten minutes, until `halt.drain`.
pub async fn retain(store: Arc<dyn Store>, retention: Retention, halt: Halt) {
    let Retention { keep_for, keep_bytes } = retention;
    if keep_for.is_none() && keep_bytes.is_none() {
        return;
    }
    loop {
        match store.prune(unix_ms(), keep_for, keep_bytes).await {
            Ok(0) => {}
            Ok(deleted) => tracing::info!(deleted, "samples beyond retention were deleted"),
            Err(error) => tracing::error!(%error, "retention failed; it is tried again"),
        }
        tokio::select! {
            () = halt.drain.cancelled() => return,
            () = tokio::time::sleep(Duration::from_secs(600)) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Fingerprint, Money};

    const HOUR: Duration = Duration::from_hours(1);
    const HOUR_MS: i64 = 3_600_000;

    fn row(started_unix_ms: i64, result: Option<&str>) -> RunRow {
        RunRow {
            id: RunId(1),
            name: "nightly".into(),
            plan: Fingerprint::of(&[]),
            seed: 1,
            started_unix_ms,
            finished_unix_ms: result.map(|_| started_unix_ms + 10),
            result: result.map(Into::into),
        }
    }

    fn denied(scope: Scope) -> Ended {
        let limit = Money::from_nanos(1);
        Ended::Budget(Denied::Budget { scope, limit, committed: limit, asked: limit })
    }

    #[test]
    fn a_start_resumes_repeats_and_does_not_pay_twice() {
        let now = 10 * HOUR_MS;
        for (last, every, expected) in [
            (None, None, Due::At(now)),
            (None, Some(HOUR), Due::At(now)),
            // Unfinished: before those that are due now.
            (Some(row(5, None)), None, Due::At(5)),
            (Some(row(5, None)), Some(HOUR), Due::At(5)),
            // Repeated: `every` after it last began, at once where that has passed.
            (Some(row(now - 1, Some("complete"))), Some(HOUR), Due::At(now - 1 + HOUR_MS)),
            (Some(row(5, Some("complete"))), Some(HOUR), Due::At(now)),
            (Some(row(5, Some("budget"))), Some(HOUR), Due::At(now)),
            // Once: paid for is paid for.
            (Some(row(5, Some("complete"))), None, Due::Never),
            (Some(row(5, Some("budget"))), None, Due::Never),
            (Some(row(5, Some("incomplete"))), None, Due::At(now)),
        ] {
            assert_eq!(first(last.as_ref(), every, now), expected, "{last:?} {every:?}");
        }
    }

    #[test]
    fn the_next_turn_lies_ahead_and_on_the_grid() {
        let began = 1_000;
        for (ended, every, now, expected) in [
            (Ended::Complete, None, 2_000, Due::Never),
            (Ended::Complete, Some(HOUR), 2_000, Due::At(began + HOUR_MS)),
            // Three turns were missed, one of them to the millisecond.
            (Ended::Complete, Some(HOUR), began + 3 * HOUR_MS, Due::At(began + 4 * HOUR_MS)),
            (Ended::Complete, Some(HOUR), began + 3 * HOUR_MS - 1, Due::At(began + 3 * HOUR_MS)),
            // A clock that was set back.
            (Ended::Complete, Some(HOUR), began - 500, Due::At(began + HOUR_MS)),
            (Ended::Complete, Some(Duration::MAX), 2_000, Due::At(i64::MAX)),
            (denied(Scope::Run), None, 2_000, Due::Never),
            (denied(Scope::Run), Some(HOUR), 2_000, Due::At(began + HOUR_MS)),
            // The day's budget comes back at midnight, not before, however often the run would be due.
            (denied(Scope::Day), None, 2_000, Due::At(24 * HOUR_MS)),
            (denied(Scope::Day), Some(HOUR), 25 * HOUR_MS, Due::At(48 * HOUR_MS)),
            (Ended::Interrupted(None), Some(HOUR), 2_000, Due::At(2_000 + PAUSE_MS)),
        ] {
            assert_eq!(after(every, &ended, began, now), expected, "{ended:?} {every:?} {now}");
        }
    }
}
