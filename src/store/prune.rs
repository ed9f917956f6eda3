//! Retention: old samples and votes go, what samples cost stays, the file shrinks.

use super::StoreError;
use super::sqlite::Sqlite;
use super::writer::{Writer, execute};
use rusqlite::Connection;
use std::time::Duration;

/// Trials in one transaction: small, so that a running measurement never waits long for the writer.
const CHUNK: i64 = 200;
/// Trials between two looks at the size, so that little more goes than must.
const STEP: i64 = 25;
/// Pages given back in one step.
const PAGES: i64 = 1000;

/// Deletes what is beyond age, then the oldest until what is left fits the size; gives the room back.
pub(super) async fn prune(
    store: &Sqlite,
    now_unix_ms: i64,
    keep_for: Option<Duration>,
    keep_bytes: Option<u64>,
) -> Result<u64, StoreError> {
    let mut gone = 0;
    if let Some(keep) = keep_for {
        let keep = i64::try_from(keep.as_millis()).unwrap_or(i64::MAX);
        let before = now_unix_ms.saturating_sub(keep);
        loop {
            let n = store.write(move |writer| chunk(writer, before, CHUNK)).await?;
            gone += n;
            if n == 0 {
                break;
            }
        }
        store.write(move |writer| writer.transaction(|batch| super::votes::forget(batch.conn, before))).await?;
    }
    if let Some(keep) = keep_bytes {
        loop {
            let step = move |writer: &mut Writer| {
                if used(&writer.conn)? > keep { chunk(writer, i64::MAX, STEP) } else { Ok(0) }
            };
            let n = store.write(step).await?;
            gone += n;
            if n == 0 {
                break;
            }
        }
    }
    if gone > 0 {
        while store.write(give_back).await? {}
        store.write(|writer| empty_log(&writer.conn)).await?;
    }
    Ok(gone)
}

fn pragma(conn: &Connection, name: &str) -> rusqlite::Result<i64> {
    conn.pragma_query_value(None, name, |row| row.get(0))
}

/// Bytes of pages in use; the log and free pages apart.
fn used(conn: &Connection) -> Result<u64, StoreError> {
    let (pages, free) = (pragma(conn, "page_count")?, pragma(conn, "freelist_count")?);
    Ok(u64::try_from((pages - free) * pragma(conn, "page_size")?).unwrap_or(0))
}

/// Finished runs in order, so that no index by time is needed: a run that began too late has nothing old. CROSS keeps
/// SQLite from walking through all trials instead.
pub(super) const OLDEST: &str = "SELECT t.id FROM run r CROSS JOIN trial t \
    WHERE t.run_id = r.id AND r.finished_unix_ms IS NOT NULL AND r.started_unix_ms < ?1 AND t.at_unix_ms < ?1 \
    AND t.position <= (SELECT position FROM checkpoint WHERE id = 1) \
    ORDER BY r.id, t.position LIMIT ?2";

/// What becomes of trials whose ids are a list in JSON. The ledger's entries are added to the sums of their run first:
/// sums that do not fit are an error, and nothing is deleted.
const GONE: [&str; 7] = [
    "INSERT INTO ledger_fold (run_id, purpose, kind, entries, \
        amount, input, cache_read, cache_write, output, reasoning, request, hardware, \
        cache_write_1h, audio_input, image_input, audio_output, image_output, search, energy) \
        SELECT run_id, purpose, kind, COUNT(*), \
        SUM(amount), SUM(input), SUM(cache_read), SUM(cache_write), SUM(output), SUM(reasoning), SUM(request), SUM(hardware), \
        SUM(cache_write_1h), SUM(audio_input), SUM(image_input), SUM(audio_output), SUM(image_output), SUM(search), \
        SUM(energy) \
        FROM ledger_entry WHERE trial_id IN (SELECT value FROM json_each(?1)) GROUP BY run_id, purpose, kind \
        ON CONFLICT (run_id, purpose, kind) DO UPDATE SET entries = entries + excluded.entries, \
        amount = amount + excluded.amount, input = input + excluded.input, \
        cache_read = cache_read + excluded.cache_read, cache_write = cache_write + excluded.cache_write, \
        output = output + excluded.output, reasoning = reasoning + excluded.reasoning, \
        request = request + excluded.request, hardware = hardware + excluded.hardware, \
        cache_write_1h = cache_write_1h + excluded.cache_write_1h, audio_input = audio_input + excluded.audio_input, \
        image_input = image_input + excluded.image_input, audio_output = audio_output + excluded.audio_output, \
        image_output = image_output + excluded.image_output, search = search + excluded.search, \
        energy = energy + excluded.energy",
    "DELETE FROM outcome WHERE position IN (SELECT position FROM trial WHERE id IN (SELECT value FROM json_each(?1)))",
    "DELETE FROM answer WHERE trial_id IN (SELECT value FROM json_each(?1))",
    "DELETE FROM finding WHERE trial_id IN (SELECT value FROM json_each(?1))",
    "DELETE FROM ledger_entry WHERE trial_id IN (SELECT value FROM json_each(?1))",
    "DELETE FROM exchange WHERE trial_id IN (SELECT value FROM json_each(?1))",
    "DELETE FROM trial WHERE id IN (SELECT value FROM json_each(?1))",
];

/// One transaction's worth; gives how many trials went.
fn chunk(writer: &mut Writer, before: i64, most: i64) -> Result<u64, StoreError> {
    writer.transaction(|transaction| {
        let mut finding = transaction.conn.prepare_cached(OLDEST)?;
        let ids: Vec<i64> = finding.query_map([before, most], |row| row.get(0))?.collect::<Result<_, _>>()?;
        if !ids.is_empty() {
            let list = format!("{ids:?}");
            for step in GONE {
                execute(transaction.conn, step, &[&list])?;
            }
        }
        Ok(ids.len() as u64)
    })
}

/// Moves free pages to the end and cuts them off; gives whether there is more to do.
fn give_back(writer: &mut Writer) -> Result<bool, StoreError> {
    let conn = &writer.conn;
    let before = pragma(conn, "freelist_count")?;
    let mut statement = conn.prepare(&format!("PRAGMA incremental_vacuum({PAGES})"))?;
    let mut steps = statement.query([])?;
    // Stepped to its end: each step frees one page.
    while steps.next()?.is_some() {}
    let after = pragma(conn, "freelist_count")?;
    Ok((1..before).contains(&after))
}

/// Moves what is in the write-ahead log into the database's file. A reader may hold the log: then a later one does it.
pub(super) fn empty_log(conn: &Connection) -> Result<(), StoreError> {
    conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    Ok(())
}
