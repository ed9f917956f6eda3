//! What the database says, as what it means for the store.

use super::StoreError;
use rusqlite::Error;

/// SQLite's primary codes (<https://www.sqlite.org/rescode.html>), the low byte of the extended ones.
const IOERR: i32 = 10;
const CORRUPT: i32 = 11;
const FULL: i32 = 13;
const NOTADB: i32 = 26;
/// Extended codes of failed *writes*: a file-size limit (EFBIG) and a quota come as these, not as "full".
const WRITES: [i32; 4] = [
    IOERR | (3 << 8),  // write
    IOERR | (4 << 8),  // fsync: what was written before did not reach the disk
    IOERR | (6 << 8),  // truncate
    IOERR | (19 << 8), // the WAL index cannot grow
];
/// A row names a run that is not there.
const FOREIGN_KEY: i32 = 19 | (3 << 8);
const CANTOPEN: i32 = 14;
const READONLY: i32 = 8;

impl From<Error> for StoreError {
    fn from(error: Error) -> Self {
        let (code, message) = match &error {
            Error::SqliteFailure(said, Some(message)) => (said.extended_code, message),
            Error::SqlInputError { error, msg, .. } => (error.extended_code, msg),
            Error::FromSqlConversionFailure(..)
            | Error::IntegralValueOutOfRange(..)
            | Error::InvalidColumnIndex(_)
            | Error::InvalidColumnType(..)
            | Error::Utf8Error(..) => return Self::Damaged(error.to_string()),
            other => return Self::Other(other.to_string()),
        };
        match (code & 0xff, code) {
            (FULL, _) => Self::Full(format!("{message} (code {code})")),
            (IOERR, code) if WRITES.contains(&code) => {
                Self::Full(format!("a write failed, as it does at a file-size limit or quota: {message} (code {code})"))
            }
            (CORRUPT | NOTADB, _) => Self::Damaged(format!("{message} (code {code})")),
            (_, FOREIGN_KEY) => Self::Other("a record names a run that the store does not have".to_owned()),
            (CANTOPEN | READONLY, _) => Self::Other(format!(
                "{message} (code {code}); hint: the folder must be writable too, for SQLite's own files"
            )),
            _ => Self::Other(format!("{message} (code {code})")),
        }
    }
}

impl StoreError {
    /// The same with the database's path, for errors of opening.
    pub(super) fn at(self, path: &std::path::Path) -> Self {
        let path = path.display();
        match self {
            Self::Full(text) => Self::Full(format!("{path}: {text}")),
            Self::Damaged(text) => Self::Damaged(format!("{path}: {text}")),
            Self::Newer(text) => Self::Newer(format!("{path} {text}")),
            Self::Other(text) => Self::Other(format!("{path}: {text}")),
            same @ (Self::Url(_) | Self::InUse { .. } | Self::Duplicate(_)) => same,
        }
    }
}
