//! Runs: begun, resumed, finished, and brought in order after a kill.

use super::ledger::{Booking, Entry};
use super::outcomes;
use super::rows::Columns;
use super::text::escape;
use super::trial::TrialRow;
use super::writer::{Writer, execute};
use super::{Keep, RunRow, StoreError};
use crate::domain::{Failure, Finding, Fingerprint, Money, Purpose, RunId, Verdict};
use rusqlite::{Connection, Row, ToSql, params};

const RUN_COLUMNS: &str = "id, name, plan, seed, started_unix_ms, finished_unix_ms, result";

/// The unfinished run of this name and plan, or a new one.
pub(super) fn resume(
    conn: &Connection,
    name: &str,
    plan: &Fingerprint,
    seed: u64,
    at_unix_ms: i64,
) -> Result<RunRow, StoreError> {
    let sql = format!("SELECT {RUN_COLUMNS} FROM run WHERE name = ?1 AND finished_unix_ms IS NULL ORDER BY id DESC");
    let mut resumed = None;
    for run in all(conn, &sql, &[&escape(name)])? {
        if resumed.is_none() && run.plan == *plan {
            resumed = Some(run);
        } else {
            finish(conn, run.id, "incomplete", at_unix_ms)?;
        }
    }
    if let Some(run) = resumed {
        return Ok(run);
    }
    let id: i64 = conn.query_row("SELECT COALESCE(MAX(id), 0) + 1 FROM run", [], |row| row.get(0))?;
    execute(
        conn,
        "INSERT INTO run (id, name, plan, seed, started_unix_ms) VALUES (?1, ?2, ?3, ?4, ?5)",
        params![id, escape(name), escape(plan.as_str()), seed.cast_signed(), at_unix_ms],
    )?;
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
pub(super) fn finish(conn: &Connection, run: RunId, result: &str, at_unix_ms: i64) -> Result<(), StoreError> {
    let sql = "UPDATE run SET finished_unix_ms = ?2, result = ?3 WHERE id = ?1";
    if execute(conn, sql, params![run.0, at_unix_ms, result])? == 0 {
        return Err(StoreError::Other(format!("there is no run {run} to finish")));
    }
    Ok(())
}

/// Runs, newest first.
pub(super) fn list(conn: &Connection, limit: u32) -> Result<Vec<RunRow>, StoreError> {
    all(conn, &format!("SELECT {RUN_COLUMNS} FROM run ORDER BY id DESC LIMIT ?1"), &[&limit])
}

/// The run of an id.
pub(super) fn one(conn: &Connection, run: RunId) -> Result<Option<RunRow>, StoreError> {
    Ok(all(conn, &format!("SELECT {RUN_COLUMNS} FROM run WHERE id = ?1"), &[&run.0])?.pop())
}

fn all(conn: &Connection, sql: &str, values: &[&dyn ToSql]) -> Result<Vec<RunRow>, StoreError> {
    let mut asking = conn.prepare_cached(sql)?;
    asking.query_and_then(values, run_row)?.collect()
}

fn run_row(row: &Row<'_>) -> Result<RunRow, StoreError> {
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

/// What was to be tried again and is not in flight may be: its attempts stay, and later ones come after them.
const EARLIER: &str = "UPDATE trial SET earlier = \
    COALESCE((SELECT MAX(attempt) FROM ledger_entry WHERE trial_id = trial.id), 0) WHERE state = 'open' \
    AND NOT EXISTS (SELECT 1 FROM exchange e WHERE e.trial_id = trial.id AND e.charge = 'in_flight')";
/// Without a fault it would count as a success; of the closed set, a stream that was cut comes nearest.
const LOST: &str = "UPDATE exchange SET charge = ?4, bound = ?5, events = 0, fault = ?6, \
    fault_detail = 'in flight when the process was killed' WHERE trial_id = ?1 AND purpose = ?2 AND attempt = ?3";

/// Ends what was in flight when its process died. All of it was asked under a lock that this process now holds, so
/// that nothing of it can still be answered.
pub(super) fn recover(writer: &mut Writer, at_unix_ms: i64) -> Result<u64, StoreError> {
    writer.transaction(|batch| {
        let conn = batch.conn;
        execute(conn, EARLIER, &[])?;
        let mut asking = conn.prepare_cached(IN_FLIGHT)?;
        let lost: Vec<(Entry, Option<Money>)> = asking.query_and_then([], lost)?.collect::<Result<_, _>>()?;
        let (mut last, mut positions) = (None, Vec::new());
        for (entry, held) in lost {
            let Entry { trial, purpose, attempt, .. } = entry;
            let (charge, booking) = match held {
                Some(held) => ("unknown", Booking::Unknown(held)),
                None => ("unpriced", Booking::Unpriced(Money::ZERO)),
            };
            let bound = held.map(Money::nanos);
            let values = params![trial.id, purpose.label(), attempt, charge, bound, Failure::Truncated.label()];
            execute(conn, LOST, values)?;
            batch.book(&entry, booking)?;
            if last != Some(trial.id) {
                last = Some(trial.id);
                let position = batch.take_position();
                positions.push(position);
                execute(
                    conn,
                    "UPDATE trial SET state = 'unknown', position = ?2 WHERE id = ?1",
                    &[&trial.id, &position],
                )?;
                let finding = Finding::bare(Verdict::Unknown, KILLED);
                batch.finding(trial.id, &finding, Keep::Text, "", at_unix_ms)?;
            }
        }
        // Trials were ended, or are numbered otherwise.
        batch.memory.alone.clear();
        positions.iter().try_for_each(|position| outcomes::of_position(batch, *position))?;
        Ok(positions.len() as u64)
    })
}

/// An attempt of [`IN_FLIGHT`], and what is held for it.
fn lost(row: &Row<'_>) -> Result<(Entry, Option<Money>), StoreError> {
    let mut row = Columns::new(row);
    let trial = TrialRow { id: row.next()?, run: row.next()?, earlier: 0 };
    let purpose = row.label("purpose", Purpose::from_label)?;
    let entry = Entry { trial, purpose, attempt: row.next()?, at_unix_ms: row.next()? };
    Ok((entry, row.next::<Option<i64>>()?.map(Money::from_nanos)))
}
