//! What is read: samples with all they are made of, money spent, the checkpoint.

use super::rows::{Columns, EXCHANGE_COLUMNS, exchange, rule, unreadable};
use super::text::unescape;
use super::{Query, Recorded, Spent, StoreError};
use crate::domain::{
    Energy, Finding, Fingerprint, ItemId, Length, Money, Name, Purpose, Quality, RunId, Sample, Share, Split, Tags,
    TrialKey, Verdict,
};
use rusqlite::{Connection, OptionalExtension as _, Row, ToSql, params_from_iter};

/// Spending is summed by minute.
pub(super) const MINUTE_MS: i64 = 60_000;

const TRIAL_COLUMNS: &str = "t.position, t.run_id, t.target, t.scenario, t.item, t.repeat, t.purpose, t.cluster, \
    t.domain, t.capability, t.language, t.split, t.length, t.hard, t.provenance, t.at_unix_ms, t.good, t.hardware, \
    t.energy_cost, t.microjoules, t.energy_quality, t.d_device, t.nanograms, \
    f.verdict, f.score, f.extracted, f.rule";

/// One statement, hence one snapshot: a row for every exchange, the trial's own columns repeated. Its values are the
/// position, the limit, the run, and the targets.
pub(super) fn statement(query: &Query) -> String {
    let run = if query.run.is_some() { " AND run_id = ?3" } else { "" };
    let targets = match query.targets.len() {
        0 => String::new(),
        many => format!(" AND target IN (?4{})", ", ?".repeat(many - 1)),
    };
    format!(
        "SELECT {TRIAL_COLUMNS}, {EXCHANGE_COLUMNS} \
         FROM (SELECT * FROM trial WHERE position > ?1{run}{targets} ORDER BY position LIMIT ?2) t \
         JOIN finding f ON f.trial_id = t.id AND f.version = (SELECT MAX(version) FROM finding WHERE trial_id = t.id) \
         LEFT JOIN exchange e ON e.trial_id = t.id AND e.charge <> 'in_flight' \
         LEFT JOIN answer a ON a.trial_id = e.trial_id AND a.purpose = e.purpose AND a.attempt = e.attempt \
         LEFT JOIN ledger_entry l ON l.trial_id = e.trial_id AND l.purpose = e.purpose AND l.attempt = e.attempt \
           AND l.kind = 'settle' \
         ORDER BY t.position, e.place"
    )
}

/// Samples by position.
pub(super) fn samples(conn: &Connection, query: &Query) -> Result<Vec<Recorded>, StoreError> {
    let Query { after, run, targets, limit } = query;
    let run = run.map(|run| run.0);
    let first: [&dyn ToSql; 3] = [after, limit, &run];
    let targets = targets.iter().map(|target| target as &dyn ToSql);
    let mut asking = conn.prepare_cached(&statement(query))?;
    // Without a run and targets the statement has two values only.
    let values = first.into_iter().chain(targets).take(asking.parameter_count());
    let mut rows = asking.query(params_from_iter(values))?;
    let mut out: Vec<Recorded> = Vec::new();
    while let Some(row) = rows.next()? {
        let mut row = Columns::new(row);
        let next = trial(&mut row)?;
        let exchange = exchange(&mut row)?;
        if out.last().is_none_or(|last| last.position != next.position) {
            out.push(next);
        }
        if let Some(last) = out.last_mut() {
            let judged =
                exchange.as_ref().is_some_and(|e| e.purpose == Purpose::Judge) && last.purpose != Purpose::Judge;
            let list = if judged { &mut last.sample.judged } else { &mut last.sample.exchanges };
            list.extend(exchange);
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
    let purpose = row.label("purpose", Purpose::from_label)?;
    let cluster = ItemId::new(&row.full_text()?);
    let (domain, capability, language) = (row.full_text()?, row.full_text()?, row.full_text()?);
    let split = row.label("split", Split::from_label)?;
    let length = row.label("length", Length::from_label)?;
    let hard = row.next::<i64>()? != 0;
    let tags = Tags { length, hard, ..Tags::new(domain, capability, language, split) };
    let provenance = Fingerprint::from_text(&row.full_text()?);
    let at_unix_ms = row.next()?;
    let good = row.next::<i64>()? != 0;
    let share = share(row)?;
    let finding = Finding {
        verdict: row.label("verdict", Verdict::from_label)?,
        // SQLite keeps "not a number" as NULL.
        score: row.next::<Option<f64>>()?.unwrap_or(f64::NAN),
        extracted: row.text()?,
        rule: rule(&row.full_text()?)?,
    };
    let sample = Sample {
        key,
        cluster,
        tags,
        provenance,
        at_unix_ms,
        exchanges: Vec::new(),
        judged: Vec::new(),
        finding,
        share,
    };
    Ok(Recorded { position, sample, purpose, good })
}

/// Reads the trial's part of what its run used as a whole.
fn share(row: &mut Columns<'_>) -> Result<Share, StoreError> {
    let (hardware, energy_cost) = (Money::from_nanos(row.next()?), Money::from_nanos(row.next()?));
    let (microjoules, quality) = (row.next::<Option<i64>>()?, row.text()?);
    let (device, nanograms) = (row.next::<Option<i64>>()?, row.next::<Option<i64>>()?);
    let quality = quality.map(|text| Quality::from_label(&text).ok_or_else(|| unreadable("quality", &text)));
    let energy = microjoules.zip(quality.transpose()?);
    Ok(Share {
        hardware,
        energy_cost,
        energy: energy.map(|(microjoules, quality)| Energy { microjoules: microjoules.cast_unsigned(), quality }),
        device_nanos: device.map(i64::cast_unsigned),
        nanograms: nanograms.map(i64::cast_unsigned),
    })
}

fn name(text: &str) -> Result<Name, StoreError> {
    Name::new(text).map_err(|_| unreadable("a name", text))
}

pub(super) const SPENT_IN_RUN: &str = "SELECT CAST(COALESCE(SUM(settled), 0) AS BIGINT), \
    CAST(COALESCE(SUM(unknown), 0) AS BIGINT) FROM spending WHERE minute >= ?1 AND run_id = ?2";
pub(super) const SPENT_SINCE: &str = "SELECT CAST(COALESCE(SUM(settled), 0) AS BIGINT), \
    CAST(COALESCE(SUM(unknown), 0) AS BIGINT) FROM spending WHERE minute >= ?1";

/// Money spent, from the sums by minute.
pub(super) fn spent(conn: &Connection, run: Option<RunId>, since_unix_ms: i64) -> Result<Spent, StoreError> {
    let minute = since_unix_ms.div_euclid(MINUTE_MS);
    let sums = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?));
    let (settled, unknown) = match run {
        Some(RunId(run)) => conn.prepare_cached(SPENT_IN_RUN)?.query_row([minute, run], sums)?,
        None => conn.prepare_cached(SPENT_SINCE)?.query_row([minute], sums)?,
    };
    Ok(Spent { settled: Money::from_nanos(settled), unknown: Money::from_nanos(unknown) })
}

/// The board's last totals.
pub(super) fn checkpoint(conn: &Connection) -> Result<Option<(i64, String)>, StoreError> {
    let mut asking = conn.prepare_cached("SELECT position, text FROM checkpoint WHERE id = 1")?;
    let row = asking.query_row([], |row| Ok((row.get(0)?, row.get(1)?)));
    Ok(row.optional()?.map(|(position, text)| (position, unescape(text))))
}
