//! What adaptive runs knew when they began.

use super::StoreError;
use super::text::escape;
use super::writer::execute;
use crate::domain::{Name, RunId};
use rusqlite::{Connection, params};

/// Keeps it, unless there is something already; gives what holds.
pub(super) fn keep(conn: &Connection, run: RunId, scenario: &Name, text: &str) -> Result<String, StoreError> {
    let sql = "INSERT INTO campaign (run_id, scenario, knowledge) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";
    execute(conn, sql, params![run.0, escape(scenario.as_str()), text])?;
    let sql = "SELECT knowledge FROM campaign WHERE run_id = ?1 AND scenario = ?2";
    Ok(conn.query_row(sql, params![run.0, escape(scenario.as_str())], |row| row.get(0))?)
}
