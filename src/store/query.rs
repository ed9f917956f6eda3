//! What is read: samples with all they are made of, money spent, the checkpoint.

use super::rows::{Columns, EXCHANGE_COLUMNS, exchange, rule, unreadable};
use super::text::unescape;
use super::{Query, Recorded, Spent, StoreError};
use crate::domain::{
    Finding, Fingerprint, ItemId, Money, Name, Purpose, RunId, Sample, Split, Tags, TrialKey, Verdict,
};
use sqlx::{QueryBuilder, Sqlite, SqliteConnection};

/// Spending is summed by minute.
pub(super) const MINUTE_MS: i64 = 60_000;

const TRIAL_COLUMNS: &str = "t.position, t.run_id, t.target, t.scenario, t.item, t.repeat, t.purpose, t.cluster, \
    t.domain, t.capability, t.language, t.split, t.provenance, t.at_unix_ms, t.good, t.hardware, \
    f.verdict, f.score, f.extracted, f.rule";

/// One statement, hence one snapshot: a row for every exchange, the trial's own columns repeated.
pub(super) fn statement(query: &Query) -> QueryBuilder<Sqlite> {
    let Query { after, run, targets, limit } = query;
    let mut sql = QueryBuilder::new(format!(
        "SELECT {TRIAL_COLUMNS}, {EXCHANGE_COLUMNS} FROM (SELECT * FROM trial WHERE position > "
    ));
    sql.push_bind(*after);
    if let Some(RunId(run)) = run {
        sql.push(" AND run_id = ").push_bind(*run);
    }
    if !targets.is_empty() {
        sql.push(" AND target IN (");
        let mut list = sql.separated(", ");
        for target in targets {
            list.push_bind(target.as_str());
        }
        sql.push(")");
    }
    sql.push(" ORDER BY position LIMIT ").push_bind(i64::from(*limit));
    sql.push(
        ") t JOIN finding f ON f.trial_id = t.id \
               AND f.version = (SELECT MAX(version) FROM finding WHERE trial_id = t.id) \
         LEFT JOIN exchange e ON e.trial_id = t.id AND e.charge <> 'in_flight' \
         LEFT JOIN answer a ON a.trial_id = e.trial_id AND a.purpose = e.purpose AND a.attempt = e.attempt \
         LEFT JOIN ledger_entry l ON l.trial_id = e.trial_id AND l.purpose = e.purpose AND l.attempt = e.attempt \
               AND l.kind = 'settle' \
         ORDER BY t.position, e.place",
    );
    sql
}

/// Samples by position.
pub(super) async fn samples(conn: &mut SqliteConnection, query: &Query) -> Result<Vec<Recorded>, StoreError> {
    let rows = statement(query).build().fetch_all(conn).await?;
    let mut out: Vec<Recorded> = Vec::new();
    for row in &rows {
        let mut row = Columns::new(row);
        let next = trial(&mut row)?;
        let exchange = exchange(&mut row)?;
        if out.last().is_none_or(|last| last.position != next.position) {
            out.push(next);
        }
        if let Some(last) = out.last_mut() {
            last.sample.exchanges.extend(exchange);
        }
    }
    Ok(out)
}

/// Reads [`TRIAL_COLUMNS`].
fn trial(row: &mut Columns<'_>) -> Result<Recorded, StoreError> {
    let position = row.next()?;
    let run = RunId(row.next()?);
    let key = TrialKey {
        run,
        target: name(&row.full_text()?)?,
        scenario: name(&row.full_text()?)?,
        item: ItemId::new(&row.full_text()?),
        repeat: row.small()?,
    };
    let purpose = row.full_text()?;
    let purpose = Purpose::from_label(&purpose).ok_or_else(|| unreadable("purpose", &purpose))?;
    let cluster = ItemId::new(&row.full_text()?);
    let (domain, capability, language) = (row.full_text()?, row.full_text()?, row.full_text()?);
    let split = row.full_text()?;
    let split = Split::from_label(&split).ok_or_else(|| unreadable("split", &split))?;
    let tags = Tags { domain: domain.into(), capability: capability.into(), language: language.into(), split };
    let provenance = Fingerprint::from_text(&row.full_text()?);
    let at_unix_ms = row.next()?;
    let good = row.next::<i64>()? != 0;
    let hardware = Money::from_nanos(row.next()?);
    let verdict = row.full_text()?;
    let finding = Finding {
        verdict: Verdict::from_label(&verdict).ok_or_else(|| unreadable("verdict", &verdict))?,
        // SQLite keeps "not a number" as NULL.
        score: row.next::<Option<f64>>()?.unwrap_or(f64::NAN),
        extracted: row.text()?,
        rule: rule(&row.full_text()?)?,
    };
    let sample = Sample { key, cluster, tags, provenance, at_unix_ms, exchanges: Vec::new(), finding, hardware };
    Ok(Recorded { position, sample, purpose, good })
}

fn name(text: &str) -> Result<Name, StoreError> {
    Name::new(text).map_err(|_| unreadable("a name", text))
}

pub(super) const SPENT_IN_RUN: &str = "SELECT CAST(COALESCE(SUM(settled), 0) AS BIGINT), \
    CAST(COALESCE(SUM(unknown), 0) AS BIGINT) FROM spending WHERE minute >= $1 AND run_id = $2";
pub(super) const SPENT_SINCE: &str = "SELECT CAST(COALESCE(SUM(settled), 0) AS BIGINT), \
    CAST(COALESCE(SUM(unknown), 0) AS BIGINT) FROM spending WHERE minute >= $1";

/// Money spent, from the sums by minute.
pub(super) async fn spent(
    conn: &mut SqliteConnection,
    run: Option<RunId>,
    since_unix_ms: i64,
) -> Result<Spent, StoreError> {
    let sql = if run.is_some() { SPENT_IN_RUN } else { SPENT_SINCE };
    let mut filling = sqlx::query_as(sql).bind(since_unix_ms.div_euclid(MINUTE_MS));
    if let Some(RunId(run)) = run {
        filling = filling.bind(run);
    }
    let (settled, unknown): (i64, i64) = filling.fetch_one(conn).await?;
    Ok(Spent { settled: Money::from_nanos(settled), unknown: Money::from_nanos(unknown) })
}

/// The board's last totals.
pub(super) async fn checkpoint(conn: &mut SqliteConnection) -> Result<Option<(i64, String)>, StoreError> {
    let row: Option<(i64, String)> =
        sqlx::query_as("SELECT position, text FROM checkpoint WHERE id = 1").fetch_optional(conn).await?;
    Ok(row.map(|(position, text)| (position, unescape(text))))
}
