//! The points of sweeps.

use super::StoreError;
use super::rows::unreadable;
use super::text::{escape, unescape};
use crate::domain::{Name, Nanos, Point, RunId};
use sqlx::{Row, SqliteConnection};
use std::collections::BTreeMap;

/// The points of a run by target and scenario, in the order they were tried.
pub type Points = BTreeMap<(Name, Name), Vec<Point>>;

const COLUMNS: &str = "target, scenario, rate, d_window, arrived, answered, inside, delivered, tokens, in_flight, \
    d_first_token_p50, d_first_token_p99, d_per_output_token_p50, d_per_output_token_p99, d_duration_p50, \
    d_duration_p99, cut";

/// Writes one. One that is there already stays as it is.
pub(super) async fn write(
    conn: &mut SqliteConnection,
    run: RunId,
    (target, scenario): (&Name, &Name),
    place: u32,
    point: &Point,
) -> Result<(), StoreError> {
    let Point { rate, window, arrived, answered, inside, delivered, tokens, in_flight, .. } = *point;
    let Point { first_token, per_output_token, duration, cut, .. } = *point;
    let sql = format!(
        "INSERT INTO sweep_point (run_id, place, {COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, \
         $13, $14, $15, $16, $17, $18, $19) ON CONFLICT DO NOTHING"
    );
    let mut query = sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(run.0)
        .bind(i64::from(place))
        .bind(escape(target.as_str()))
        .bind(escape(scenario.as_str()))
        .bind(rate)
        .bind(window.0.cast_signed())
        .bind(arrived.cast_signed())
        .bind(answered.cast_signed())
        .bind(inside.map(u64::cast_signed))
        .bind(delivered)
        .bind(tokens)
        .bind(in_flight);
    for pair in [first_token, per_output_token, duration] {
        query = query.bind(pair.map(|(p50, _)| p50.0.cast_signed())).bind(pair.map(|(_, p99)| p99.0.cast_signed()));
    }
    query.bind(i64::from(cut)).execute(conn).await?;
    Ok(())
}

/// All of a run.
pub(super) async fn of(conn: &mut SqliteConnection, run: RunId) -> Result<Points, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM sweep_point WHERE run_id = $1 ORDER BY target, scenario, place");
    let mut points = Points::new();
    for row in sqlx::query(sqlx::AssertSqlSafe(sql)).bind(run.0).fetch_all(conn).await? {
        let name = |column: &str| {
            let text = unescape(row.try_get::<String, _>(column)?);
            Name::new(&text).map_err(|_| unreadable(column, &text))
        };
        let count = |column: &str| row.try_get::<i64, _>(column).map(i64::cast_unsigned);
        let stretch = |column: &str| row.try_get::<Option<i64>, _>(column).map(|n| n.map(|n| Nanos(n.cast_unsigned())));
        let pair = |p50: &str, p99: &str| Ok::<_, sqlx::Error>(stretch(p50)?.zip(stretch(p99)?));
        let point = Point {
            rate: row.try_get("rate")?,
            window: Nanos(count("d_window")?),
            arrived: count("arrived")?,
            answered: count("answered")?,
            inside: row.try_get::<Option<i64>, _>("inside")?.map(i64::cast_unsigned),
            delivered: row.try_get("delivered")?,
            tokens: row.try_get("tokens")?,
            in_flight: row.try_get("in_flight")?,
            first_token: pair("d_first_token_p50", "d_first_token_p99")?,
            per_output_token: pair("d_per_output_token_p50", "d_per_output_token_p99")?,
            duration: pair("d_duration_p50", "d_duration_p99")?,
            cut: count("cut")? != 0,
        };
        points.entry((name("target")?, name("scenario")?)).or_default().push(point);
    }
    Ok(points)
}
