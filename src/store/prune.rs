//! Retention: old samples go, what they cost stays, the file shrinks.

use super::StoreError;
use super::sqlite::{Sqlite, Writer};
use sqlx::{QueryBuilder, SqliteConnection};
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
            let n = chunk(&mut *store.writer().await?, before, CHUNK).await?;
            gone += n;
            if n == 0 {
                break;
            }
        }
    }
    if let Some(keep) = keep_bytes {
        loop {
            let mut writer = store.writer().await?;
            if used(writer.conn()).await? <= keep {
                break;
            }
            let n = chunk(&mut writer, i64::MAX, STEP).await?;
            gone += n;
            if n == 0 {
                break;
            }
        }
    }
    if gone > 0 {
        give_back(store).await?;
    }
    Ok(gone)
}

/// Bytes of pages in use; the log and free pages apart.
async fn used(conn: &mut SqliteConnection) -> Result<u64, StoreError> {
    let pages: i64 = sqlx::query_scalar("PRAGMA page_count").fetch_one(&mut *conn).await?;
    let free: i64 = sqlx::query_scalar("PRAGMA freelist_count").fetch_one(&mut *conn).await?;
    let size: i64 = sqlx::query_scalar("PRAGMA page_size").fetch_one(&mut *conn).await?;
    Ok(u64::try_from((pages - free) * size).unwrap_or(0))
}

/// Finished runs in order, so that no index by time is needed: a run that began too late has nothing old. CROSS keeps
/// SQLite from walking through all trials instead.
pub(super) const OLDEST: &str = "SELECT t.id FROM run r CROSS JOIN trial t \
    WHERE t.run_id = r.id AND r.finished_unix_ms IS NOT NULL AND r.started_unix_ms < $1 AND t.at_unix_ms < $1 \
    AND t.position <= (SELECT position FROM checkpoint WHERE id = 1) \
    ORDER BY r.id, t.position LIMIT $2";

/// One transaction's worth; gives how many trials went.
async fn chunk(writer: &mut Writer, before: i64, most: i64) -> Result<u64, StoreError> {
    let mut batch = writer.begin().await?;
    let result = async {
        let ids: Vec<i64> = sqlx::query_scalar(OLDEST).bind(before).bind(most).fetch_all(batch.conn()).await?;
        if !ids.is_empty() {
            fold(batch.conn(), &ids).await?;
            for table in ["answer", "finding", "ledger_entry", "exchange"] {
                let mut sql = QueryBuilder::new(format!("DELETE FROM {table} WHERE trial_id"));
                among(&mut sql, &ids).build().persistent(false).execute(batch.conn()).await?;
            }
            let mut sql = QueryBuilder::new("DELETE FROM trial WHERE id");
            among(&mut sql, &ids).build().persistent(false).execute(batch.conn()).await?;
        }
        Ok(ids.len() as u64)
    };
    let result = result.await;
    batch.end(result).await
}

/// Adds the ledger's entries of these trials to the sums of their run. Sums that do not fit are an error, and nothing
/// is deleted.
async fn fold(conn: &mut SqliteConnection, ids: &[i64]) -> Result<(), StoreError> {
    const SUMS: [&str; 8] =
        ["amount", "input", "cache_read", "cache_write", "output", "reasoning", "request", "hardware"];
    let sums: Vec<String> = SUMS.iter().map(|c| format!("CAST(SUM({c}) AS BIGINT)")).collect();
    let added: Vec<String> = SUMS.iter().map(|c| format!("{c} = ledger_fold.{c} + excluded.{c}")).collect();
    let mut sql = QueryBuilder::new(format!(
        "INSERT INTO ledger_fold (run_id, purpose, kind, entries, {columns}) \
         SELECT run_id, purpose, kind, COUNT(*), {sums} FROM ledger_entry WHERE trial_id",
        columns = SUMS.join(", "),
        sums = sums.join(", "),
    ));
    among(&mut sql, ids);
    sql.push(format!(
        " GROUP BY run_id, purpose, kind \
         ON CONFLICT (run_id, purpose, kind) DO UPDATE SET entries = ledger_fold.entries + excluded.entries, {}",
        added.join(", ")
    ));
    sql.build().persistent(false).execute(conn).await?;
    Ok(())
}

fn among<'a>(sql: &'a mut QueryBuilder<sqlx::Sqlite>, ids: &[i64]) -> &'a mut QueryBuilder<sqlx::Sqlite> {
    sql.push(" IN (");
    let mut list = sql.separated(", ");
    for id in ids {
        list.push_bind(*id);
    }
    sql.push(")")
}

/// Moves free pages to the end and cuts them off, in steps; then empties the log, which held the old pages too.
async fn give_back(store: &Sqlite) -> Result<(), StoreError> {
    loop {
        let mut writer = store.writer().await?;
        let before: i64 = sqlx::query_scalar("PRAGMA freelist_count").fetch_one(writer.conn()).await?;
        // Stepped to its end: each step frees one page.
        let sql = format!("PRAGMA incremental_vacuum({PAGES})");
        sqlx::query(sqlx::AssertSqlSafe(sql)).fetch_all(writer.conn()).await?;
        let after: i64 = sqlx::query_scalar("PRAGMA freelist_count").fetch_one(writer.conn()).await?;
        if after == 0 || after >= before {
            break;
        }
    }
    empty_log(store).await
}

/// Moves what is in the write-ahead log into the database's file. A reader may hold the log: then a later one does it.
pub(super) async fn empty_log(store: &Sqlite) -> Result<(), StoreError> {
    sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").fetch_all(store.writer().await?.conn()).await?;
    Ok(())
}
