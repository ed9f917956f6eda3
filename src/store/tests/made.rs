//! What a new store in a file has to be before the first sample is in it.

use super::runtime;
use crate::store::location::Location;
use crate::store::sqlite::Sqlite;
use crate::store::{Access, schema};
use rusqlite::Connection;
use std::path::Path;

/// Opens it for writing, looks how durable its commits are (2: `FULL`), and closes it again.
fn synchronous(path: &Path, while_open: impl FnOnce()) -> i64 {
    runtime().block_on(async {
        let store = Sqlite::open(Location::File(path.to_owned()), Access::Write).await.unwrap();
        while_open();
        let level = |writer: &mut crate::store::writer::Writer| {
            Ok(writer.conn.pragma_query_value(None, "synchronous", |row| row.get(0))?)
        };
        store.write(level).await.unwrap()
    })
}

#[test]
fn every_commit_is_forced_to_disk_in_a_new_store_and_in_an_old_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("assayd.db");
    assert_eq!(synchronous(&path, || ()), 2, "a new one");
    assert_eq!(synchronous(&path, || ()), 2, "an old one");
}

#[test]
fn a_new_store_is_whole_without_its_log() {
    let folder = tempfile::tempdir().unwrap();
    let (path, copy) = (folder.path().join("assayd.db"), folder.path().join("copy.db"));
    synchronous(&path, || {
        std::fs::copy(&path, &copy).unwrap();
    });
    schema::check(&Connection::open(&copy).unwrap()).unwrap();
}
