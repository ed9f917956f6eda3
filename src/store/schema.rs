//! The schema: its steps, and which of them a database has.

use super::StoreError;
use rusqlite::{Connection, OptionalExtension as _};

/// Every step, in order; a step that was released is never edited.
const MIGRATIONS: &[(i64, &str)] = &[
    (1, include_str!("migrations/0001_spine.sql")),
    (2, include_str!("migrations/0002_client_lag.sql")),
    (3, include_str!("migrations/0003_policies.sql")),
    (4, include_str!("migrations/0004_arrivals.sql")),
    (5, include_str!("migrations/0005_strata.sql")),
    (6, include_str!("migrations/0006_asked.sql")),
    (7, include_str!("migrations/0007_buckets.sql")),
    (8, include_str!("migrations/0008_energy.sql")),
    (9, include_str!("migrations/0009_outcomes.sql")),
    (10, include_str!("migrations/0010_votes.sql")),
    (11, include_str!("migrations/0011_campaigns.sql")),
];

/// The schema's version: none in an empty database.
fn version(conn: &Connection) -> Result<Option<i64>, StoreError> {
    let tables = "SELECT COUNT(*), COALESCE(SUM(name = 'meta'), 0), COALESCE(SUM(name = 'ledger_entry'), 0) \
                  FROM sqlite_schema WHERE type = 'table'";
    let (all, meta, ours): (i64, i64, i64) =
        conn.query_row(tables, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    if all == 0 {
        return Ok(None);
    }
    if meta == 0 || ours == 0 {
        return Err(StoreError::Other("this is an SQLite database, but not one of assayd".to_owned()));
    }
    let text = conn.query_row("SELECT value FROM meta WHERE key = 'schema'", [], |row| row.get::<_, String>(0));
    let version = text.optional()?.and_then(|text| text.parse().ok());
    version.map(Some).ok_or_else(|| StoreError::Damaged("its schema has no version".to_owned()))
}

fn newest() -> i64 {
    MIGRATIONS.last().map_or(0, |(version, _)| *version)
}

fn newer(version: i64) -> StoreError {
    let (newest, ours) = (newest(), env!("CARGO_PKG_VERSION"));
    StoreError::Newer(format!("has schema {version}; this is assayd {ours}, which knows schemas up to {newest}"))
}

/// Brings it up to date in one transaction: a database is of its old version or of the newest, and a new one costs one wait for
/// the disk.
pub(super) fn migrate(conn: &mut Connection) -> Result<(), StoreError> {
    let version = version(conn)?.unwrap_or(0);
    if version > newest() {
        return Err(newer(version));
    }
    if version == newest() {
        return Ok(());
    }
    let steps = conn.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    steps.execute_batch("CREATE TABLE IF NOT EXISTS meta (key TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL)")?;
    for (_, sql) in MIGRATIONS.iter().filter(|(number, _)| *number > version) {
        steps.execute_batch(sql)?;
    }
    steps.execute(
        "INSERT INTO meta (key, value) VALUES ('schema', ?1) ON CONFLICT (key) DO UPDATE SET value = ?1",
        [newest().to_string()],
    )?;
    Ok(steps.commit()?)
}

/// Whether it can be read as it is.
pub(super) fn check(conn: &Connection) -> Result<(), StoreError> {
    match version(conn)? {
        Some(version) if version > newest() => Err(newer(version)),
        Some(version) if version == newest() => Ok(()),
        Some(version) => Err(StoreError::Other(format!(
            "it has the older schema {version}; hint: `assayd run` or `assayd serve` brings it up to date"
        ))),
        None => Err(StoreError::Other("nothing was stored here yet".to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_older_schema_is_brought_up_to_date_and_not_read_before() {
        for (steps, (last, _)) in (1..).zip(MIGRATIONS) {
            let mut conn = Connection::open_in_memory().unwrap();
            conn.execute_batch("CREATE TABLE meta (key TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL)").unwrap();
            MIGRATIONS.iter().take(steps).for_each(|(_, sql)| conn.execute_batch(sql).unwrap());
            conn.execute("INSERT INTO meta VALUES ('schema', ?1)", [last.to_string()]).unwrap();
            assert_eq!(check(&conn).is_ok(), *last == newest());
            migrate(&mut conn).unwrap();
            assert_eq!(version(&conn).unwrap(), Some(newest()));
            check(&conn).unwrap();
        }
    }

    /// As the last version without the further buckets left it: an answer with its attempt, its ledger and its share of
    /// hardware, and the sums of what was pruned.
    const BEFORE_BUCKETS: &str = "
        INSERT INTO meta VALUES ('schema', '6');
        INSERT INTO run VALUES (1, 'r', 'p', 7, 1000, NULL, NULL);
        INSERT INTO trial (id, run_id, target, scenario, item, repeat, purpose, seq, state, earlier, cluster, domain, \
            capability, language, split, provenance, at_unix_ms, position, good, hardware) VALUES \
            (1, 1, 't', 's', 'i', 0, 'measure', 0, 'done', 0, 'i', 'd', 'c', 'en', 'private', 'v', 60000, 1, 1, 40);
        INSERT INTO exchange (trial_id, purpose, attempt, place, at_unix_ms, reserve, charge, finish, model, tok_input, \
            tok_cache_read, tok_cache_write, tok_output, tok_reasoning) VALUES \
            (1, 'measure', 1, 1, 60000, 900, 'settled', 'stop', 'm', 10, 20, NULL, 30, 0);
        INSERT INTO finding VALUES (1, 1, 'g', 60000, 'correct', 1.0, '4', 'number/last');
        INSERT INTO ledger_entry VALUES \
            (1, 'measure', 1, 'reserve', 1, 60000, 900, 0, 0, 0, 0, 0, 0, 0), \
            (1, 'measure', 1, 'settle', 1, 60000, 63, 1, 2, 4, 8, 16, 32, 0), \
            (1, 'measure', 0, 'settle', 1, 60000, 40, 0, 0, 0, 0, 0, 0, 40);
        INSERT INTO ledger_fold VALUES (1, 'measure', 'settle', 5, 127, 1, 2, 4, 8, 16, 32, 64);
        INSERT INTO spending VALUES (1, 1, 230, 0);";

    #[test]
    fn a_database_from_before_the_further_buckets_keeps_its_figures() {
        use crate::domain::{Component, Money, Usage};
        let mut conn = Connection::open_in_memory().unwrap();
        conn.execute_batch("CREATE TABLE meta (key TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL)").unwrap();
        MIGRATIONS.iter().filter(|(number, _)| *number < 7).for_each(|(_, sql)| conn.execute_batch(sql).unwrap());
        conn.execute_batch(BEFORE_BUCKETS).unwrap();
        migrate(&mut conn).unwrap();

        let all = super::super::query::samples(&conn, &crate::store::Query { limit: 9, ..Default::default() }).unwrap();
        let [recorded] = &all[..] else { panic!("{all:?}") };
        let last = recorded.sample.last().unwrap();
        let before =
            Usage { input: Some(10), cache_read: Some(20), output: Some(30), reasoning: Some(0), ..Usage::default() };
        assert_eq!((last.answer.usage, last.answer.tier.as_deref(), last.answer.reported_cost), (before, None, None));
        let nanos = Component::ALL.map(|c| recorded.sample.cost().get(c).nanos());
        assert_eq!(nanos, [1, 2, 4, 8, 16, 32, 40, 0, 0, 0, 0, 0, 0, 0]);
        assert_eq!(super::super::query::spent(&conn, None, 0).unwrap().settled, Money::from_nanos(230));
        let fold = "SELECT amount = input + cache_read + cache_write + output + reasoning + request + hardware \
            + cache_write_1h + audio_input + image_input + audio_output + image_output + search + energy FROM ledger_fold";
        assert!(conn.query_row(fold, [], |row| row.get::<_, bool>(0)).unwrap());
    }
}
