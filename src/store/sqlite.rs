//! The store in an SQLite file: how it is opened, who may use which connection, and the verbs.
//!
//! One connection writes, behind a lock; a small pool reads. WAL, so that readers never wait for the writer, with
//! `synchronous=FULL`: the log is forced to disk at every commit, so that an acknowledged sample survives a power cut
//! (under `NORMAL` the last commits could be lost, and their trials asked and billed again).

use super::batch::{self, Batch, Spending};
use super::location::{self, Location};
use super::lock::Lock;
use super::usual::Open;
use super::{
    Access, Points, Query, Recorded, Reply, RunRow, Spent, Store, StoreError, Write, points, prune, query, runs,
};
use crate::domain::{Fingerprint, RunId};
use sqlx::sqlite::{
    SqliteAutoVacuum, SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{ConnectOptions, SqliteConnection};
use std::ops::{Deref, DerefMut};
use std::path::Path;
use std::time::Duration;
use tokio::sync::{Mutex, MutexGuard};

/// Every step of the schema, in order; a step that was released is never edited.
const MIGRATIONS: &[(i64, &str)] = &[
    (1, include_str!("migrations/0001_spine.sql")),
    (2, include_str!("migrations/0002_client_lag.sql")),
    (3, include_str!("migrations/0003_policies.sql")),
    (4, include_str!("migrations/0004_arrivals.sql")),
];

/// How long a statement waits for another process's short lock (a reader that recovers the log, a backup).
const BUSY: Duration = Duration::from_secs(10);
/// The log shrinks back to this after a burst.
const LOG_BYTES: &str = "67108864";
const READERS: u32 = 4;

/// A store in an SQLite file or in memory.
pub(super) struct Sqlite {
    /// None where opened for reading only.
    writer: Option<Mutex<Writer>>,
    /// None in memory, where the only connection is the writer's.
    readers: Option<SqlitePool>,
    /// Let go last.
    _lock: Option<Lock>,
}

/// The one connection that writes, and the numbers it gives out.
pub(super) struct Writer {
    conn: SqliteConnection,
    /// The id of the next trial.
    pub(super) next_trial: i64,
    /// The position of the next recorded sample.
    pub(super) next_position: i64,
    /// The open trials; none where they have to be asked for anew.
    pub(super) open: Option<Open>,
    /// The sums by minute that were written last, while they hold.
    pub(super) spending: Option<Spending>,
    /// A transaction was begun and not ended: its caller went away, or an error broke it off.
    unfinished: bool,
}

impl Writer {
    async fn new(mut conn: SqliteConnection) -> Result<Self, StoreError> {
        let (next_trial, next_position) = next_numbers(&mut conn).await?;
        Ok(Self { conn, next_trial, next_position, open: None, spending: None, unfinished: false })
    }

    /// Begins a transaction that holds the write lock from the start, so that it never fails half-way for want of it.
    pub(super) async fn begin(&mut self) -> Result<Batch<'_>, StoreError> {
        self.undo_unfinished().await?;
        self.unfinished = true;
        sqlx::query("BEGIN IMMEDIATE").execute(&mut self.conn).await?;
        if self.open.is_none() {
            let others = sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM trial WHERE state = 'open')");
            self.open = Some(Open::found(others.fetch_one(&mut self.conn).await?));
        }
        Ok(Batch::new(self))
    }

    async fn undo_unfinished(&mut self) -> Result<(), StoreError> {
        if self.unfinished {
            // Nothing to undo is no error here. Whether a broken-off commit took place is not known: read it.
            let _ = sqlx::query("ROLLBACK").execute(&mut self.conn).await;
            (self.next_trial, self.next_position) = next_numbers(&mut self.conn).await?;
            (self.open, self.spending) = (None, None);
            self.unfinished = false;
        }
        Ok(())
    }

    /// Ends it; an error undoes all of it.
    pub(super) async fn end<T>(&mut self, result: Result<T, StoreError>) -> Result<T, StoreError> {
        let ended = match result {
            Ok(value) => sqlx::query("COMMIT").execute(&mut self.conn).await.map(|_| value).map_err(StoreError::from),
            Err(e) => Err(e),
        };
        if ended.is_err() {
            (self.open, self.spending) = (None, None);
            // Some failures have undone it already.
            let _ = sqlx::query("ROLLBACK").execute(&mut self.conn).await;
        }
        self.unfinished = false;
        ended
    }

    pub(super) const fn conn(&mut self) -> &mut SqliteConnection {
        &mut self.conn
    }
}

async fn next_numbers(conn: &mut SqliteConnection) -> Result<(i64, i64), StoreError> {
    let sql = "SELECT COALESCE((SELECT MAX(id) FROM trial), 0) + 1, \
               MAX(COALESCE((SELECT MAX(position) FROM trial WHERE position IS NOT NULL), 0), \
                   COALESCE((SELECT position FROM checkpoint WHERE id = 1), 0)) + 1";
    Ok(sqlx::query_as(sql).fetch_one(conn).await?)
}

/// A connection to read by.
pub(super) enum Reader<'a> {
    Pooled(sqlx::pool::PoolConnection<sqlx::Sqlite>),
    Writer(MutexGuard<'a, Writer>),
}

impl Deref for Reader<'_> {
    type Target = SqliteConnection;
    fn deref(&self) -> &SqliteConnection {
        match self {
            Self::Pooled(conn) => conn,
            Self::Writer(writer) => &writer.conn,
        }
    }
}

impl DerefMut for Reader<'_> {
    fn deref_mut(&mut self) -> &mut SqliteConnection {
        match self {
            Self::Pooled(conn) => conn,
            Self::Writer(writer) => &mut writer.conn,
        }
    }
}

impl Sqlite {
    /// Opens it; brings an older schema up to date where it may write.
    pub(super) async fn open(location: Location, access: Access) -> Result<Self, StoreError> {
        match (location, access) {
            (Location::Memory, _) => {
                let mut conn = options(Path::new(":memory:")).connect().await?;
                migrate(&mut conn).await?;
                let writer = Writer::new(conn).await?;
                Ok(Self { writer: Some(Mutex::new(writer)), readers: None, _lock: None })
            }
            (Location::File(path), Access::Write) => {
                let path = location::make(&path)?;
                let lock = Lock::take(&path)?;
                let writer = writer(&path).await.map_err(|e| e.at(&path))?;
                Ok(Self { writer: Some(Mutex::new(writer)), readers: Some(readers(&path)), _lock: Some(lock) })
            }
            (Location::File(path), Access::Read) => {
                let path = location::find(&path)?;
                let pool = readers(&path);
                let check = async { check_readable(&mut *pool.acquire().await?).await };
                check.await.map_err(|e: StoreError| e.at(&path))?;
                Ok(Self { writer: None, readers: Some(pool), _lock: None })
            }
        }
    }

    pub(super) async fn writer(&self) -> Result<MutexGuard<'_, Writer>, StoreError> {
        match &self.writer {
            Some(writer) => Ok(writer.lock().await),
            None => Err(StoreError::Other("it was opened for reading only".to_owned())),
        }
    }

    pub(super) async fn reader(&self) -> Result<Reader<'_>, StoreError> {
        match &self.readers {
            Some(pool) => Ok(Reader::Pooled(pool.acquire().await?)),
            None => {
                let mut writer = self.writer().await?;
                writer.undo_unfinished().await?;
                Ok(Reader::Writer(writer))
            }
        }
    }
}

fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .busy_timeout(BUSY)
        .foreign_keys(true)
        .pragma("temp_store", "MEMORY")
        .disable_statement_logging()
}

async fn writer(path: &Path) -> Result<Writer, StoreError> {
    let mut conn = options(path)
        // Before the first table, or it would take a rewrite of the whole file.
        .auto_vacuum(SqliteAutoVacuum::Incremental)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .pragma("journal_size_limit", LOG_BYTES)
        .connect()
        .await?;
    migrate(&mut conn).await?;
    Writer::new(conn).await
}

fn readers(path: &Path) -> SqlitePool {
    SqlitePoolOptions::new().max_connections(READERS).connect_lazy_with(options(path).read_only(true))
}

/// The schema's version: none in an empty database.
async fn schema(conn: &mut SqliteConnection) -> Result<Option<i64>, StoreError> {
    let tables = "SELECT COUNT(*), COALESCE(SUM(name = 'meta'), 0), COALESCE(SUM(name = 'ledger_entry'), 0) \
                  FROM sqlite_schema WHERE type = 'table'";
    let (all, meta, ours): (i64, i64, i64) = sqlx::query_as(tables).fetch_one(&mut *conn).await?;
    if all == 0 {
        return Ok(None);
    }
    if meta == 0 || ours == 0 {
        return Err(StoreError::Other("this is an SQLite database, but not one of assayd".to_owned()));
    }
    let text: Option<String> =
        sqlx::query_scalar("SELECT value FROM meta WHERE key = 'schema'").fetch_optional(conn).await?;
    let version = text.as_deref().and_then(|t| t.parse().ok());
    version.map(Some).ok_or_else(|| StoreError::Damaged("its schema has no version".to_owned()))
}

fn newest() -> i64 {
    MIGRATIONS.last().map_or(0, |(version, _)| *version)
}

fn newer(version: i64) -> StoreError {
    let (newest, ours) = (newest(), env!("CARGO_PKG_VERSION"));
    StoreError::Newer(format!("has schema {version}; this is assayd {ours}, which knows schemas up to {newest}"))
}

async fn migrate(conn: &mut SqliteConnection) -> Result<(), StoreError> {
    let version = schema(conn).await?.unwrap_or(0);
    if version > newest() {
        return Err(newer(version));
    }
    for (number, sql) in MIGRATIONS.iter().filter(|(number, _)| *number > version) {
        let step = async {
            sqlx::query("BEGIN IMMEDIATE").execute(&mut *conn).await?;
            sqlx::raw_sql("CREATE TABLE IF NOT EXISTS meta (key TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL)")
                .execute(&mut *conn)
                .await?;
            sqlx::raw_sql(*sql).execute(&mut *conn).await?;
            sqlx::query(
                "INSERT INTO meta (key, value) VALUES ('schema', $1) ON CONFLICT (key) DO UPDATE SET value = $1",
            )
            .bind(number.to_string())
            .execute(&mut *conn)
            .await?;
            sqlx::query("COMMIT").execute(&mut *conn).await
        };
        step.await?;
    }
    Ok(())
}

async fn check_readable(conn: &mut SqliteConnection) -> Result<(), StoreError> {
    match schema(conn).await? {
        Some(version) if version > newest() => Err(newer(version)),
        Some(version) if version == newest() => Ok(()),
        Some(version) => Err(StoreError::Other(format!(
            "it has the older schema {version}; hint: `assayd run` or `assayd serve` brings it up to date"
        ))),
        None => Err(StoreError::Other("nothing was stored here yet".to_owned())),
    }
}

impl Store for Sqlite {
    fn commit(&self, batch: Vec<Write>) -> Reply<'_, Vec<i64>> {
        Box::pin(async move {
            let mut writer = self.writer().await?;
            batch::commit(&mut writer, &batch).await
        })
    }

    fn begin(&self, name: &str, plan: &Fingerprint, seed: u64, at_unix_ms: i64) -> Reply<'_, RunRow> {
        let (name, plan) = (name.to_owned(), plan.clone());
        Box::pin(async move {
            let mut writer = self.writer().await?;
            runs::begin(&mut writer, &name, &plan, seed, at_unix_ms).await
        })
    }

    fn recover(&self, at_unix_ms: i64) -> Reply<'_, u64> {
        Box::pin(async move {
            let mut writer = self.writer().await?;
            runs::recover(&mut writer, at_unix_ms).await
        })
    }

    fn samples(&self, query: Query) -> Reply<'_, Vec<Recorded>> {
        Box::pin(async move { query::samples(&mut *self.reader().await?, &query).await })
    }

    fn points(&self, run: RunId) -> Reply<'_, Points> {
        Box::pin(async move { points::of(&mut *self.reader().await?, run).await })
    }

    fn runs(&self, limit: u32) -> Reply<'_, Vec<RunRow>> {
        Box::pin(async move { runs::list(&mut *self.reader().await?, limit).await })
    }

    fn spent(&self, run: Option<RunId>, since_unix_ms: i64) -> Reply<'_, Spent> {
        Box::pin(async move { query::spent(&mut *self.reader().await?, run, since_unix_ms).await })
    }

    fn checkpoint(&self) -> Reply<'_, Option<(i64, String)>> {
        Box::pin(async move { query::checkpoint(&mut *self.reader().await?).await })
    }

    fn close(&self) -> Reply<'_, ()> {
        Box::pin(prune::empty_log(self))
    }

    fn prune(&self, now_unix_ms: i64, keep_for: Option<Duration>, keep_bytes: Option<u64>) -> Reply<'_, u64> {
        Box::pin(async move { prune::prune(self, now_unix_ms, keep_for, keep_bytes).await })
    }
}
