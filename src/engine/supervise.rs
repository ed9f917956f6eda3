//! The daemon's schedule: each run on its `every`, one at a time, until told to stop.

use super::ledger::Denied;
use super::run::{Ended, Engine, Halt};
use super::unix_ms;
use crate::domain::RunId;
use crate::plan::{Plan, RunPlan};
use crate::store::{RunRow, Store, StoreError};
use std::sync::Arc;
use std::time::Duration;

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

/// Executes a plan's runs on their schedule until `halt.drain`. A run that was interrupted is resumed first.
///
/// # Errors
/// When the store can't even be read at the start.
pub async fn daemon(engine: &Engine, plan: &Plan, halt: &Halt) -> Result<(), StoreError> {
    let mut table = Vec::new();
    for run in &plan.runs {
        let due = first(engine.store.as_ref(), run).await?;
        table.push((Arc::clone(run), due));
    }
    while !halt.drain.is_cancelled() {
        tell(engine, &table);
        let next = table.iter_mut().filter_map(|(run, due)| match due {
            Due::At(at) => Some((*at, run, due)),
            Due::Never => None,
        });
        let Some((at, run, due)) = next.min_by_key(|(at, ..)| *at) else {
            halt.drain.cancelled().await;
            break;
        };
        let wait = u64::try_from(at - unix_ms()).unwrap_or(0);
        tokio::select! {
            () = halt.drain.cancelled() => break,
            () = tokio::time::sleep(Duration::from_millis(wait)) => {}
        }
        let began = unix_ms();
        *due = match engine.execute(run, halt).await {
            Ok((id, ended)) => after(run, id, &ended, began),
            Err(error) => {
                tracing::error!(run = %run.name, %error, "the run could not begin; it is tried again in a minute");
                Due::At(unix_ms() + PAUSE_MS)
            }
        };
    }
    Ok(())
}

/// Lets everybody see when runs are due.
fn tell(engine: &Engine, table: &[(Arc<RunPlan>, Due)]) {
    let due = table.iter().map(|(run, due)| match due {
        Due::At(at) => (run.name.to_string(), Some(*at)),
        Due::Never => (run.name.to_string(), None),
    });
    engine.account.shared().lock().due = due.collect();
}

/// When a run is first due: an unfinished one at once, a repeated one `every` after it last began, a single one only if
/// this very plan has not been completed before (a restart must not spend the money again).
async fn first(store: &dyn Store, run: &RunPlan) -> Result<Due, StoreError> {
    let rows = store.runs(1_000).await?;
    let last = rows.iter().find(|r| r.name == run.name.as_str() && r.plan == run.fingerprint);
    Ok(match (last, run.every) {
        (None | Some(RunRow { finished_unix_ms: None, .. }), _) => Due::At(0),
        (Some(last), Some(every)) => Due::At(later(last.started_unix_ms, every)),
        (Some(last), None) if last.result.as_deref() == Some("complete") => Due::Never,
        (Some(_), None) => Due::At(0),
    })
}

fn later(instant: i64, by: Duration) -> i64 {
    instant.saturating_add(i64::try_from(by.as_millis()).unwrap_or(i64::MAX))
}

fn after(run: &RunPlan, id: RunId, ended: &Ended, began: i64) -> Due {
    match ended {
        Ended::Complete => tracing::info!(run = %run.name, %id, "complete"),
        Ended::Budget(denied) => tracing::warn!(run = %run.name, %id, %denied, "ended by its budget"),
        Ended::Interrupted(Some(refusal)) => tracing::error!(run = %run.name, %id, %refusal, "interrupted"),
        Ended::Interrupted(None) => {
            tracing::info!(run = %run.name, %id, "interrupted; it is resumed at the next start")
        }
    }
    match (ended, run.every) {
        (Ended::Interrupted(_), _) => Due::At(unix_ms() + PAUSE_MS),
        (Ended::Budget(Denied::Budget { scope: super::ledger::Scope::Day, .. }), None) => {
            Due::At(super::ledger::day_start(unix_ms()) + 86_400_000)
        }
        (Ended::Complete | Ended::Budget(_), None) => Due::Never,
        // Missed turns are not caught up: the next one is the first that lies ahead.
        (Ended::Complete | Ended::Budget(_), Some(every)) => {
            let mut at = later(began, every);
            while at <= unix_ms() {
                at = later(at, every);
            }
            Due::At(at)
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
