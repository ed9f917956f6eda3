//! The points of sweeps.

use super::StoreError;
use super::rows::{Columns, unreadable};
use super::text::escape;
use super::writer::execute;
use crate::domain::{Name, Nanos, Point, RunId};
use rusqlite::{Connection, params};
use std::collections::BTreeMap;

/// The points of a run by target and scenario, in the order they were tried.
pub type Points = BTreeMap<(Name, Name), Vec<Point>>;

const COLUMNS: &str = "target, scenario, rate, d_window, arrived, answered, inside, delivered, tokens, in_flight, \
    d_first_token_p50, d_first_token_p99, d_per_output_token_p50, d_per_output_token_p99, d_duration_p50, \
    d_duration_p99, cut";

/// Writes one. One that is there already stays as it is.
pub(super) fn write(
    conn: &Connection,
    run: RunId,
    (target, scenario): (&Name, &Name),
    place: u32,
    point: &Point,
) -> Result<(), StoreError> {
    let Point { rate, window, arrived, answered, inside, delivered, tokens, in_flight, .. } = *point;
    let Point { first_token, per_output_token, duration, cut, .. } = *point;
    let sql = format!(
        "INSERT INTO sweep_point (run_id, place, {COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, \
         ?13, ?14, ?15, ?16, ?17, ?18, ?19) ON CONFLICT DO NOTHING"
    );
    let p50 = |pair: Option<(Nanos, Nanos)>| pair.map(|(p50, _)| p50.0.cast_signed());
    let p99 = |pair: Option<(Nanos, Nanos)>| pair.map(|(_, p99)| p99.0.cast_signed());
    let values = params![
        run.0,
        place,
        escape(target.as_str()),
        escape(scenario.as_str()),
        rate,
        window.0.cast_signed(),
        arrived.cast_signed(),
        answered.cast_signed(),
        inside.map(u64::cast_signed),
        delivered,
        tokens,
        in_flight,
        p50(first_token),
        p99(first_token),
        p50(per_output_token),
        p99(per_output_token),
        p50(duration),
        p99(duration),
        cut
    ];
    execute(conn, &sql, values)?;
    Ok(())
}

/// All of a run.
pub(super) fn of(conn: &Connection, run: RunId) -> Result<Points, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM sweep_point WHERE run_id = ?1 ORDER BY target, scenario, place");
    let (mut points, mut asking) = (Points::new(), conn.prepare_cached(&sql)?);
    let mut rows = asking.query([run.0])?;
    while let Some(row) = rows.next()? {
        let mut row = Columns::new(row);
        let key = (name(&mut row, "target")?, name(&mut row, "scenario")?);
        let point = Point {
            rate: row.next()?,
            window: Nanos(row.next::<i64>()?.cast_unsigned()),
            arrived: row.next::<i64>()?.cast_unsigned(),
            answered: row.next::<i64>()?.cast_unsigned(),
            inside: row.unsigned()?,
            delivered: row.next()?,
            tokens: row.next()?,
            in_flight: row.next()?,
            first_token: pair(&mut row)?,
            per_output_token: pair(&mut row)?,
            duration: pair(&mut row)?,
            cut: row.next::<i64>()?.cast_unsigned() != 0,
        };
        points.entry(key).or_default().push(point);
    }
    Ok(points)
}

fn name(row: &mut Columns<'_>, column: &str) -> Result<Name, StoreError> {
    let text = row.full_text()?;
    Name::new(&text).map_err(|_| unreadable(column, &text))
}

fn pair(row: &mut Columns<'_>) -> Result<Option<(Nanos, Nanos)>, StoreError> {
    let (p50, p99) = (row.unsigned()?, row.unsigned()?);
    Ok(p50.map(Nanos).zip(p99.map(Nanos)))
}
