//! The one connection that writes, what it remembers, and the thread it lives on.
//!
//! A thread of its own, which is handed whole batches: a batch is some hundred short calls to the database, and handing
//! each over to a connection's thread and back costs more than most of them. It runs every job to its end, whether or
//! not somebody still waits for it, so that no transaction is left half-way.

use super::StoreError;
use super::batch::Batch;
use super::lock::Lock;
use super::outcomes::OutcomeStratum;
use super::trial::Alone;
use crate::domain::{Money, TrialKey};
use rusqlite::{Connection, ToSql};
use std::collections::BTreeMap;
use std::sync::mpsc;
use std::thread::JoinHandle;
use tokio::sync::oneshot;

/// The one connection that writes.
pub(super) struct Writer {
    pub(super) conn: Connection,
    /// None after a failure: then it is read anew.
    pub(super) memory: Option<Memory>,
    /// Let go last.
    _lock: Option<Lock>,
}

/// What nobody else changes, and so need not be asked for.
pub(super) struct Memory {
    /// The id of the next trial.
    pub(super) next_trial: i64,
    /// The position of the next recorded sample.
    pub(super) next_position: i64,
    /// Open trials that have one attempt, in flight. Whichever is not here is looked for.
    pub(super) alone: BTreeMap<TrialKey, Alone>,
    /// The sums by minute that were written last: settled and unknown money of a run and minute.
    pub(super) spending: Option<((i64, i64), (Money, Money))>,
    /// The ids of strata.
    pub(super) strata: BTreeMap<OutcomeStratum, i64>,
}

impl Memory {
    fn read(conn: &Connection) -> rusqlite::Result<Self> {
        let sql = "SELECT COALESCE((SELECT MAX(id) FROM trial), 0) + 1, \
                   MAX(COALESCE((SELECT MAX(position) FROM trial WHERE position IS NOT NULL), 0), \
                       COALESCE((SELECT position FROM checkpoint WHERE id = 1), 0)) + 1";
        conn.query_row(sql, [], |row| {
            let (next_trial, next_position) = (row.get(0)?, row.get(1)?);
            Ok(Self { next_trial, next_position, alone: BTreeMap::new(), spending: None, strata: BTreeMap::new() })
        })
    }
}

/// Runs a statement, which stays prepared; gives how many rows it changed.
pub(super) fn execute(conn: &Connection, sql: &str, values: &[&dyn ToSql]) -> rusqlite::Result<usize> {
    conn.prepare_cached(sql)?.execute(values)
}

impl Writer {
    pub(super) fn new(conn: Connection, lock: Option<Lock>) -> Result<Self, StoreError> {
        let memory = Some(Memory::read(&conn)?);
        Ok(Self { conn, memory, _lock: lock })
    }

    /// Does all of this in one transaction; an error undoes all of it.
    pub(super) fn transaction<T>(
        &mut self,
        work: impl FnOnce(&mut Batch<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let result = self.try_to(work);
        if result.is_err() {
            self.memory = None;
            // Some failures have undone it already.
            if !self.conn.is_autocommit() {
                let _ = execute(&self.conn, "ROLLBACK", &[]);
            }
        }
        result
    }

    fn try_to<T>(&mut self, work: impl FnOnce(&mut Batch<'_>) -> Result<T, StoreError>) -> Result<T, StoreError> {
        // It holds the write lock from the start, so that it never fails half-way for want of it.
        execute(&self.conn, "BEGIN IMMEDIATE", &[])?;
        let memory = match &mut self.memory {
            Some(memory) => memory,
            forgotten => forgotten.insert(Memory::read(&self.conn)?),
        };
        let mut batch = Batch::new(&self.conn, memory);
        let value = work(&mut batch)?;
        batch.add_spending()?;
        execute(&self.conn, "COMMIT", &[])?;
        Ok(value)
    }
}

type Job = Box<dyn FnOnce(&mut Writer) + Send>;

/// The writer's thread. Dropping it waits until what was handed over is done, the connection closed and the lock let go.
pub(super) struct Thread {
    /// None while it is being dropped.
    jobs: Option<mpsc::Sender<Job>>,
    thread: Option<JoinHandle<()>>,
}

impl Thread {
    /// Starts it, and opens the writer there. It has the niceness of the thread that calls this.
    pub(super) async fn start(
        open: impl FnOnce() -> Result<Writer, StoreError> + Send + 'static,
    ) -> Result<Self, StoreError> {
        let (jobs, queue) = mpsc::channel::<Job>();
        let (tell, told) = oneshot::channel();
        let work = move || match open() {
            Ok(mut writer) => {
                let _gone = tell.send(Ok(()));
                queue.into_iter().for_each(|job| job(&mut writer));
            }
            Err(error) => {
                let _gone = tell.send(Err(error));
            }
        };
        let thread = std::thread::Builder::new().name("store".to_owned()).spawn(work);
        let thread = thread.map_err(|e| StoreError::Other(format!("cannot start the store's thread: {e}")))?;
        let started = Self { jobs: Some(jobs), thread: Some(thread) };
        told.await.map_err(|_| ended())??;
        Ok(started)
    }

    /// Hands over a job and waits for what comes of it. A job whose caller goes away is done all the same.
    pub(super) async fn call<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Writer) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (tell, told) = oneshot::channel();
        let job: Job = Box::new(move |writer| {
            let _gone = tell.send(job(writer));
        });
        let sent = self.jobs.as_ref().is_some_and(|jobs| jobs.send(job).is_ok());
        if !sent {
            return Err(ended());
        }
        told.await.map_err(|_| ended())?
    }
}

impl Drop for Thread {
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(thread) = self.thread.take() {
            // One that panicked has let go of everything too.
            let _panicked = thread.join();
        }
    }
}

fn ended() -> StoreError {
    StoreError::Other("its thread has ended".to_owned())
}
