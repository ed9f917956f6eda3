//! The store in an SQLite file: how it is opened, who may use which connection, and the verbs.
//!
//! One connection writes, on a thread of its own; a few read. WAL, so that readers never wait for the writer, with
//! `synchronous=FULL`: the log is forced to disk at every commit, so that an acknowledged sample survives a power cut
//! (under `NORMAL` the last commits could be lost, and their trials asked and billed again).

use super::batch::Batch;
use super::location::{self, Location};
use super::lock::Lock;
use super::readers::Readers;
use super::writer::{Thread, Writer};
use super::{
    Access, Answered, Outcome, OutcomeStratum, Page, Points, Query, Recorded, Reply, RunRow, Span, Spent, Store,
    StoreError, Write, answers, campaigns, outcomes, points, prune, query, runs, schema, votes,
};
use super::{Billed, Cast, VotePage, Voted, billed};
use super::{Dossier, Finds, Search, browse};
use crate::domain::{Ballot, Fingerprint, Name, RunId};
use rusqlite::{Connection, OpenFlags};
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

/// How long a statement waits for another process's short lock (a reader that recovers the log, a backup).
const BUSY: Duration = Duration::from_secs(10);
/// Every commit is on the disk before it is acknowledged.
const DURABLE: &str = "PRAGMA synchronous = FULL";
/// More than there are texts of statements, so that each is prepared once.
const STATEMENTS: usize = 64;

/// A store in an SQLite file or in memory.
pub(super) struct Sqlite {
    /// None in memory, where the only connection is the writer's. Dropped first: the writer, closed last, empties the log.
    readers: Option<Readers>,
    /// None where opened for reading only.
    writer: Option<Thread>,
}

impl Sqlite {
    /// Opens it; brings an older schema up to date where it may write.
    pub(super) async fn open(location: Location, access: Access) -> Result<Self, StoreError> {
        match (location, access) {
            (Location::Memory, _) => {
                let open = || {
                    let mut conn = set_up(Connection::open_in_memory()?)?;
                    schema::migrate(&mut conn)?;
                    Writer::new(conn, None)
                };
                Ok(Self { readers: None, writer: Some(Thread::start(open).await?) })
            }
            (Location::File(path), Access::Write) => {
                let path = location::make(&path)?;
                let lock = Lock::take(&path)?;
                let readers = Some(Readers::of(&path));
                let open = move || writer(&path, lock).map_err(|e| e.at(&path));
                Ok(Self { readers, writer: Some(Thread::start(open).await?) })
            }
            (Location::File(path), Access::Read) => {
                let path = location::find(&path)?;
                let readers = Readers::of(&path);
                readers.call(schema::check).await.map_err(|e| e.at(&path))?;
                Ok(Self { readers: Some(readers), writer: None })
            }
        }
    }

    /// Does this with the connection that writes.
    pub(super) async fn write<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Writer) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        match &self.writer {
            Some(writer) => writer.call(job).await,
            None => Err(StoreError::Other("it was opened for reading only".to_owned())),
        }
    }

    /// Does this with a connection to read by.
    pub(super) async fn read<T: Send + 'static>(
        &self,
        job: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        match &self.readers {
            Some(readers) => readers.call(job).await,
            None => self.write(|writer| job(&writer.conn)).await,
        }
    }
}

/// What every connection has.
pub(super) fn set_up(conn: Connection) -> Result<Connection, StoreError> {
    conn.busy_timeout(BUSY)?;
    conn.set_prepared_statement_cache_capacity(STATEMENTS);
    conn.execute_batch("PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY")?;
    Ok(conn)
}

fn writer(path: &Path, lock: Lock) -> Result<Writer, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut conn = set_up(Connection::open_with_flags(path, flags)?)?;
    let empty = conn.pragma_query_value(None, "page_count", |row| row.get::<_, i64>(0))? == 0;
    if empty {
        // A power cut can take nothing from a file in which nothing is yet: it is forced to disk once, when it is whole,
        // instead of at every step, each of which waits for the disk three or four times.
        conn.execute_batch("PRAGMA synchronous = OFF")?;
    }
    // In this order: `auto_vacuum` before the first table and before the journal's mode, or it would take a rewrite of
    // the whole file. The log shrinks back to 64 MiB after a burst.
    conn.execute_batch(
        "PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL; PRAGMA journal_size_limit = 67108864",
    )?;
    if !empty {
        conn.execute_batch(DURABLE)?;
    }
    schema::migrate(&mut conn)?;
    if empty {
        conn.execute_batch(DURABLE)?;
        // The log first, with the folder that names both, then the file itself.
        conn.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))?;
    }
    let mut writer = Writer::new(conn, Some(lock))?;
    outcomes::complete(&mut writer)?;
    Ok(writer)
}

impl Store for Sqlite {
    fn commit(&self, batch: Vec<Write>) -> Reply<'_, Vec<i64>> {
        Box::pin(self.write(move |writer| writer.transaction(|transaction| transaction.all(&batch))))
    }

    fn begin(&self, name: &str, plan: &Fingerprint, seed: u64, at_unix_ms: i64) -> Reply<'_, RunRow> {
        let (name, plan) = (name.to_owned(), plan.clone());
        Box::pin(self.write(move |writer| {
            writer.transaction(|transaction| runs::resume(transaction.conn, &name, &plan, seed, at_unix_ms))
        }))
    }

    fn recover(&self, at_unix_ms: i64) -> Reply<'_, u64> {
        Box::pin(self.write(move |writer| runs::recover(writer, at_unix_ms)))
    }

    fn samples(&self, query: Query) -> Reply<'_, Vec<Recorded>> {
        Box::pin(self.read(move |conn| query::samples(conn, &query)))
    }

    fn answers(&self, page: Page) -> Reply<'_, Vec<Answered>> {
        Box::pin(self.read(move |conn| answers::page(conn, page)))
    }

    fn asks(&self, run: RunId, scenarios: Vec<(Name, Fingerprint)>) -> Reply<'_, ()> {
        Box::pin(self.write(move |writer| {
            let each = |batch: &mut Batch<'_>| {
                scenarios.iter().try_for_each(|(scenario, items)| answers::asked(batch.conn, run, scenario, items))
            };
            writer.transaction(each)
        }))
    }

    fn asked(&self, run: RunId) -> Reply<'_, BTreeMap<String, Fingerprint>> {
        Box::pin(self.read(move |conn| answers::all_asked(conn, run)))
    }

    fn campaign(&self, run: RunId, scenario: &Name, knowledge: String) -> Reply<'_, String> {
        let scenario = scenario.clone();
        Box::pin(
            self.write(move |writer| {
                writer.transaction(|batch| campaigns::keep(batch.conn, run, &scenario, &knowledge))
            }),
        )
    }

    fn points(&self, run: RunId) -> Reply<'_, Points> {
        Box::pin(self.read(move |conn| points::of(conn, run)))
    }

    fn runs(&self, limit: u32) -> Reply<'_, Vec<RunRow>> {
        Box::pin(self.read(move |conn| runs::list(conn, limit)))
    }

    fn spent(&self, run: Option<RunId>, since_unix_ms: i64) -> Reply<'_, Spent> {
        Box::pin(self.read(move |conn| query::spent(conn, run, since_unix_ms)))
    }

    fn billed(&self, from_unix_ms: i64, to_unix_ms: i64) -> Reply<'_, Vec<Billed>> {
        Box::pin(self.read(move |conn| billed::billed(conn, from_unix_ms, to_unix_ms)))
    }

    fn outcomes(&self, span: Span) -> Reply<'_, Vec<Outcome>> {
        Box::pin(self.read(move |conn| outcomes::read(conn, span)))
    }

    fn strata(&self) -> Reply<'_, BTreeMap<u32, OutcomeStratum>> {
        Box::pin(self.read(outcomes::strata))
    }

    fn outcome_ends(&self) -> Reply<'_, Option<(i64, i64)>> {
        Box::pin(self.read(outcomes::ends))
    }

    fn vote(&self, ballot: Ballot) -> Reply<'_, Cast> {
        Box::pin(self.write(move |writer| writer.transaction(|transaction| votes::cast(transaction.conn, &ballot))))
    }

    fn votes(&self, page: VotePage) -> Reply<'_, Vec<Voted>> {
        Box::pin(self.read(move |conn| votes::page(conn, &page)))
    }

    fn keep(&self, name: &'static str, value: String) -> Reply<'_, String> {
        Box::pin(
            self.write(move |writer| writer.transaction(|transaction| votes::keep(transaction.conn, name, &value))),
        )
    }

    fn search(&self, search: Search) -> Reply<'_, Finds> {
        Box::pin(self.read(move |conn| browse::search(conn, &search)))
    }

    fn dossier(&self, position: i64) -> Reply<'_, Option<Dossier>> {
        Box::pin(self.read(move |conn| browse::dossier(conn, position)))
    }

    fn checkpoint(&self) -> Reply<'_, Option<(i64, String)>> {
        Box::pin(self.read(query::checkpoint))
    }

    fn close(&self) -> Reply<'_, ()> {
        Box::pin(self.write(|writer| prune::empty_log(&writer.conn)))
    }

    fn prune(&self, now_unix_ms: i64, keep_for: Option<Duration>, keep_bytes: Option<u64>) -> Reply<'_, u64> {
        Box::pin(prune::prune(self, now_unix_ms, keep_for, keep_bytes))
    }
}
