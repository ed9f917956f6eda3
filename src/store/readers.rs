//! The connections that only read: a few, opened when they are needed, on threads that may block.

use super::StoreError;
use rusqlite::{Connection, OpenFlags};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Semaphore;

/// At most so many read at once.
const MOST: usize = 4;

/// A pool of them.
pub(super) struct Readers {
    path: PathBuf,
    idle: Arc<Mutex<Vec<Connection>>>,
    turns: Arc<Semaphore>,
}

impl Readers {
    /// Opens nothing yet.
    pub(super) fn of(path: &Path) -> Self {
        Self { path: path.to_owned(), idle: Arc::default(), turns: Arc::new(Semaphore::new(MOST)) }
    }

    /// Reads, once it is its turn.
    pub(super) async fn call<T: Send + 'static>(
        &self,
        job: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let broken_off = |e: &dyn std::fmt::Display| StoreError::Other(format!("a reader was broken off: {e}"));
        let turn = Arc::clone(&self.turns).acquire_owned().await.map_err(|e| broken_off(&e))?;
        let (path, idle) = (self.path.clone(), Arc::clone(&self.idle));
        let reading = tokio::task::spawn_blocking(move || {
            let conn = idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let conn = conn.map_or_else(|| open(&path), Ok)?;
            let result = job(&conn);
            idle.lock().unwrap_or_else(PoisonError::into_inner).push(conn);
            drop(turn);
            result
        });
        reading.await.map_err(|e| broken_off(&e))?
    }
}

fn open(path: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    super::sqlite::set_up(Connection::open_with_flags(path, flags)?)
}
