//! One writer a store: an advisory lock beside the database, which the kernel releases however the process ends.

use super::StoreError;
use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;
use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// The right to write, for as long as it lives. The file stays: removing it would let two writers lock two files.
pub(super) struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock of a database, whose path must be canonical so that two spellings of it share one lock.
    pub(super) fn take(database: &Path) -> Result<Self, StoreError> {
        let mut path = database.as_os_str().to_owned();
        path.push(".lock");
        let path = PathBuf::from(path);
        let failed = |e: &dyn std::fmt::Display| StoreError::Other(format!("cannot lock {}: {e}", path.display()));
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&path)
            .map_err(|e| failed(&e))?;
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {}
            Err(Errno::WOULDBLOCK) => {
                let mut holder = String::new();
                file.read_to_string(&mut holder).map_err(|e| failed(&e))?;
                let pid = holder.trim().parse().unwrap_or(0);
                return Err(StoreError::InUse { path: database.display().to_string(), pid });
            }
            Err(e) => return Err(failed(&e)),
        }
        // The id is for people only: a full disk must not keep a store from being opened.
        let named = file
            .set_len(0)
            .and_then(|()| file.seek(SeekFrom::Start(0)))
            .and_then(|_| writeln!(file, "{}", std::process::id()));
        if let Err(e) = named {
            tracing::debug!(path = %path.display(), error = %e, "the lock does not name its holder");
        }
        Ok(Self { _file: file })
    }
}
