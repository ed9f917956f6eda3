//! Runs: begun, resumed, finished, and brought in order after a kill.

use super::ledger::{Booking, Entry};
use super::rows::{Columns, unreadable};
use super::sqlite::Writer;
use super::text::escape;
use super::trial::TrialRow;
use super::{Keep, RunRow, StoreError};
use crate::domain::{Failure, Finding, Fingerprint, Money, Purpose, RunId, Verdict};
use sqlx::{Row, SqliteConnection};

/// The unfinished run of this name and plan, or a new one.
pub(super) async fn begin(
    writer: &mut Writer,
    name: &str,
    plan: &Fingerprint,
    seed: u64,
    at_unix_ms: i64,
) -> Result<RunRow, StoreError> {
    let mut batch = writer.begin().await?;
    let result = resume(batch.conn(), name, plan, seed, at_unix_ms).await;
    batch.end(result).await
}

const RUN_COLUMNS: &str = "id, name, plan, seed, started_unix_ms, finished_unix_ms, result";

async fn resume(
    conn: &mut SqliteConnection,
    name: &str,
    plan: &Fingerprint,
    seed: u64,
    at_unix_ms: i64,
) -> Result<RunRow, StoreError> {
    let sql = format!("SELECT {RUN_COLUMNS} FROM run WHERE name = $1 AND finished_unix_ms IS NULL ORDER BY id DESC");
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(escape(name)).fetch_all(&mut *conn).await?;
    let mut resumed = None;
    for row in &rows {
        let run = run_row(row)?;
        if resumed.is_none() && run.plan == *plan {
            resumed = Some(run);
        } else {
            finish(conn, run.id, "incomplete", at_unix_ms).await?;
        }
    }
    if let Some(run) = resumed {
        return Ok(run);
    }
    let id: i64 = sqlx::query_scalar("SELECT COALESCE(MAX(id), 0) + 1 FROM run").fetch_one(&mut *conn).await?;
    sqlx::query("INSERT INTO run (id, name, plan, seed, started_unix_ms) VALUES ($1, $2, $3, $4, $5)")
        .bind(id)
        .bind(escape(name))
        .bind(escape(plan.as_str()))
        .bind(seed.cast_signed())
        .bind(at_unix_ms)
        .execute(conn)
        .await?;
    Ok(RunRow {
        id: RunId(id),
        name: name.to_owned(),
        plan: plan.clone(),
        seed,
        started_unix_ms: at_unix_ms,
        finished_unix_ms: None,
        result: None,
    })
}

/// Marks a run as over.
pub(super) async fn finish(
    conn: &mut SqliteConnection,
    run: RunId,
    result: &str,
    at_unix_ms: i64,
) -> Result<(), StoreError> {
    let done = sqlx::query("UPDATE run SET finished_unix_ms = $2, result = $3 WHERE id = $1")
        .bind(run.0)
        .bind(at_unix_ms)
        .bind(result)
        .execute(conn)
        .await?;
    if done.rows_affected() == 0 {
        return Err(StoreError::Other(format!("there is no run {run} to finish")));
    }
    Ok(())
}

/// Runs, newest first.
pub(super) async fn list(conn: &mut SqliteConnection, limit: u32) -> Result<Vec<RunRow>, StoreError> {
    let sql = format!("SELECT {RUN_COLUMNS} FROM run ORDER BY id DESC LIMIT $1");
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(i64::from(limit)).fetch_all(conn).await?;
    rows.iter().map(run_row).collect()
}

fn run_row(row: &sqlx::sqlite::SqliteRow) -> Result<RunRow, StoreError> {
    let mut row = Columns::new(row);
    Ok(RunRow {
        id: RunId(row.next()?),
        name: row.full_text()?,
        plan: Fingerprint::from_text(&row.full_text()?),
        seed: row.next::<i64>()?.cast_unsigned(),
        started_unix_ms: row.next()?,
        finished_unix_ms: row.next()?,
        result: row.text()?,
    })
}

/// The rule of a verdict that no grader found.
const KILLED: &str = "unknown/killed";

pub(super) const IN_FLIGHT: &str = "SELECT t.id, t.run_id, e.purpose, e.attempt, e.at_unix_ms, e.reserve \
    FROM exchange e JOIN trial t ON t.id = e.trial_id WHERE e.charge = 'in_flight' ORDER BY t.id, e.place";

/// Ends what was in flight when its process died. All of it was asked under a lock that this process now holds, so
/// that nothing of it can still be answered.
pub(super) async fn recover(writer: &mut Writer, at_unix_ms: i64) -> Result<u64, StoreError> {
    let mut batch = writer.begin().await?;
    let result = async {
        // What was to be tried again and is not in flight may be: its attempts stay, and later ones come after them.
        sqlx::query(
            "UPDATE trial SET earlier = COALESCE((SELECT MAX(attempt) FROM ledger_entry WHERE trial_id = trial.id), 0) \
             WHERE state = 'open' \
             AND NOT EXISTS (SELECT 1 FROM exchange e WHERE e.trial_id = trial.id AND e.charge = 'in_flight')",
        )
        .execute(batch.conn())
        .await?;
        let lost = sqlx::query(IN_FLIGHT).fetch_all(batch.conn()).await?;
        let (mut last, mut ended) = (None, 0);
        for row in &lost {
            let trial = TrialRow { id: row.try_get(0)?, run: row.try_get(1)?, earlier: 0 };
            let label: String = row.try_get(2)?;
            let purpose = Purpose::from_label(&label).ok_or_else(|| unreadable("purpose", &label))?;
            let entry = Entry { trial, purpose, attempt: row.try_get(3)?, at_unix_ms: row.try_get(4)? };
            let reserve: Option<i64> = row.try_get(5)?;
            // Without a fault it would count as a success; of the closed set, a stream that was cut comes nearest.
            sqlx::query(
                "UPDATE exchange SET charge = $4, bound = $5, events = 0, fault = $6, fault_detail = $7 \
                 WHERE trial_id = $1 AND purpose = $2 AND attempt = $3",
            )
            .bind(trial.id)
            .bind(label)
            .bind(entry.attempt)
            .bind(if reserve.is_some() { "unknown" } else { "unpriced" })
            .bind(reserve)
            .bind(Failure::Truncated.label())
            .bind("in flight when the process was killed")
            .execute(batch.conn())
            .await?;
            let booking = reserve.map_or(Booking::Unpriced, |held| Booking::Unknown(Money::from_nanos(held)));
            batch.book(&entry, booking).await?;
            if last != Some(trial.id) {
                (last, ended) = (Some(trial.id), ended + 1);
                let position = batch.take_position();
                sqlx::query("UPDATE trial SET state = 'unknown', position = $2 WHERE id = $1")
                    .bind(trial.id)
                    .bind(position)
                    .execute(batch.conn())
                    .await?;
                let finding = Finding::bare(Verdict::Unknown, KILLED);
                batch.finding(trial.id, &finding, Keep::Text, "", at_unix_ms).await?;
            }
        }
        Ok(ended)
    };
    let result = result.await;
    let ended = batch.end(result).await;
    // Trials were ended, or are numbered otherwise.
    writer.open = None;
    ended
}
