//! What exchanges used and cost by day, target and served model: what an invoice is held against.

use super::StoreError;
use super::text::unescape;
use crate::domain::{Component, Cost, Money, Purpose, TokenKind};
use rusqlite::{Connection, Row};

/// A day's exchanges with one model of one target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Billed {
    /// Days since the Unix epoch, in UTC.
    pub day: i64,
    /// Who was asked; where the purpose is a judge's, whose answer was judged.
    pub target: String,
    /// Out of which scenario.
    pub scenario: String,
    /// What for.
    pub purpose: Purpose,
    /// The model that the endpoint said it served; none where it did not say.
    pub model: Option<String>,
    /// How many exchanges were sent.
    pub exchanges: u64,
    /// How many of them have no price.
    pub unpriced: u64,
    /// How many have an unknown outcome or are in flight, and what they can have cost at the most.
    pub unknown: (u64, Money),
    /// Tokens in, cached ones too.
    pub input: u64,
    /// Tokens out, reasoning too.
    pub output: u64,
    /// What was settled, by component.
    pub cost: Cost,
}

/// The sums of exchanges that were sent in a stretch of time (ms since the Unix epoch, its end not in it). Samples that were
/// deleted are not among them.
pub(super) fn billed(conn: &Connection, from_ms: i64, to_ms: i64) -> Result<Vec<Billed>, StoreError> {
    let tokens = |kinds: &[TokenKind]| {
        let sums = kinds.iter().map(|kind| format!("COALESCE(SUM(e.tok_{}), 0)", kind.label()));
        sums.collect::<Vec<_>>().join(" + ")
    };
    let costs: Vec<String> = Component::ALL.iter().map(|c| format!("COALESCE(SUM(l.{}), 0)", c.label())).collect();
    let statement = format!(
        "SELECT e.at_unix_ms / 86400000 AS day, t.target, t.scenario, e.purpose, e.model, COUNT(*), \
           SUM(e.charge = 'unpriced'), SUM(e.charge IN ('unknown', 'in_flight')), \
           COALESCE(SUM(CASE WHEN e.charge IN ('unknown', 'in_flight') THEN COALESCE(e.bound, e.reserve, 0) END), 0), \
           {}, {}, {} \
         FROM exchange e JOIN trial t ON t.id = e.trial_id \
         LEFT JOIN ledger_entry l ON l.trial_id = e.trial_id AND l.purpose = e.purpose AND l.attempt = e.attempt \
           AND l.kind = 'settle' \
         WHERE e.at_unix_ms >= ?1 AND e.at_unix_ms < ?2 \
         GROUP BY day, t.target, t.scenario, e.purpose, e.model ORDER BY day, t.target, t.scenario, e.purpose, e.model",
        tokens(&TokenKind::INPUT),
        tokens(&TokenKind::OUTPUT),
        costs.join(", ")
    );
    let mut asking = conn.prepare(&statement)?;
    let rows = asking.query_map([from_ms, to_ms], |row| Ok(one(row)))?;
    rows.map(|row| row?).collect()
}

fn one(row: &Row<'_>) -> Result<Billed, StoreError> {
    let word: String = row.get(3)?;
    let purpose = Purpose::from_label(&word).ok_or_else(|| super::rows::unreadable("a purpose", &word))?;
    let count = |at: usize| row.get::<_, i64>(at).map(|n| u64::try_from(n).unwrap_or(0));
    let mut cost = Cost::ZERO;
    for (at, component) in Component::ALL.into_iter().enumerate() {
        cost = cost.with(component, Money::from_nanos(row.get(11 + at)?));
    }
    Ok(Billed {
        day: row.get(0)?,
        target: unescape(row.get(1)?),
        scenario: unescape(row.get(2)?),
        purpose,
        model: row.get::<_, Option<String>>(4)?.map(unescape),
        exchanges: count(5)?,
        unpriced: count(6)?,
        unknown: (count(7)?, Money::from_nanos(row.get(8)?)),
        input: count(9)?,
        output: count(10)?,
        cost,
    })
}
