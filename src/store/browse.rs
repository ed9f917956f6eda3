//! Samples as a person looks through them: newest first, by what they are of, a page at a time; and all that is known of one.
//!
//! Pages are cut by position, never by counting rows. What has no index (verdicts, rules, parts of an item's id) is looked for
//! stretch by stretch of positions, for a bounded time, however many samples there are and however rare what is looked for is.
//! Where that was not enough, the answer says how far it came.

use super::query::samples;
use super::rows::{Columns, rule, unreadable};
use super::text::escape;
use super::{Query, Recorded, RunRow, StoreError, runs};
use crate::domain::{Finding, Fingerprint, ItemId, Money, Name, Nanos, RunId, Verdict};
use rusqlite::types::Value;
use rusqlite::{Connection, params, params_from_iter};
use std::time::Duration;
use tokio::time::Instant;

/// Where a page begins: samples further away are on the next ones.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Seek {
    /// At the newest sample.
    #[default]
    Newest,
    /// With those older than this position.
    Before(i64),
    /// With those newer than this position, the nearest ones.
    After(i64),
}

/// Which samples to measure are looked for; what is none does not matter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Search {
    /// Where to begin.
    pub from: Seek,
    /// Only of runs of this name.
    pub run: Option<String>,
    /// Only of this target.
    pub target: Option<String>,
    /// Only of this scenario.
    pub scenario: Option<String>,
    /// Only with this verdict, by the latest finding.
    pub verdict: Option<Verdict>,
    /// Only of items whose id has this in it.
    pub item: Option<String>,
    /// Only where this rule fired, in the latest finding.
    pub rule: Option<String>,
    /// At most so many.
    pub limit: u32,
}

/// A sample that was found, in short.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// Its place in the order of recording.
    pub position: i64,
    /// The run that asked.
    pub run: RunId,
    /// … and its name.
    pub run_name: String,
    /// Who was asked.
    pub target: Name,
    /// Out of which scenario.
    pub scenario: Name,
    /// What.
    pub item: ItemId,
    /// 0 for the first time.
    pub repeat: u32,
    /// Milliseconds since the Unix epoch when it was sent.
    pub at_unix_ms: i64,
    /// By the latest finding.
    pub verdict: Verdict,
    /// From 0 to 1; not a number where there is none.
    pub score: f64,
    /// Which rule decided.
    pub rule: &'static str,
    /// From its send to the first token.
    pub first: Option<Nanos>,
    /// … and to the end of the answer.
    pub whole: Option<Nanos>,
    /// What is known of its cost.
    pub cost: Money,
    /// What is not known of it can be this at the most.
    pub bound: Money,
    /// Whether an attempt has no price.
    pub unpriced: bool,
}

/// A page of them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Finds {
    /// What was found, newest first.
    pub rows: Vec<Found>,
    /// Whether there may be newer ones.
    pub newer: bool,
    /// The position below which older ones may be; none where there are none.
    pub older: Option<i64>,
    /// Whether the search ended for the bound on it, and not for a full page: what is older was not looked at.
    pub cut: bool,
}

/// What was found by one grader at one time.
#[derive(Debug, Clone, PartialEq)]
pub struct Regrade {
    /// From 1, in their order; the latest holds.
    pub version: u32,
    /// By which grader.
    pub grader: Fingerprint,
    /// Milliseconds since the Unix epoch.
    pub at_unix_ms: i64,
    /// What.
    pub finding: Finding,
}

/// All that is known of one sample.
#[derive(Debug, Clone, PartialEq)]
pub struct Dossier {
    /// The record.
    pub recorded: Recorded,
    /// The run that asked.
    pub run: RunRow,
    /// All findings, oldest first.
    pub findings: Vec<Regrade>,
}

/// Positions that one statement goes through: some ten milliseconds, where nothing is found.
const STRETCH: i64 = 20_000;
/// After so long no further stretch is begun.
const PATIENCE: Duration = Duration::from_millis(800);
/// Rows of a page at the most, whoever asks for more.
const ROWS: u32 = 200;

const COLUMNS: &str = "o.position, s.run_id, r.name, s.target, s.scenario, t.item, t.repeat, t.at_unix_ms, o.verdict, \
    f.score, f.rule, o.d_first, o.d_whole, o.cost, o.bound, o.unpriced";

/// The statement, with its values: the first and the last position come first, the limit last.
pub(super) fn statement(search: &Search, upwards: bool) -> (String, Vec<Value>) {
    let Search { from: _, run, target, scenario, verdict, item, rule, limit: _ } = search;
    let (mut of, mut is, mut values) = (Vec::new(), Vec::new(), Vec::new());
    let mut value = |value: Value| {
        values.push(value);
        values.len() + 2
    };
    let text = |text: &String| Value::Text(escape(text).into_owned());
    let in_stratum = run.is_some() || target.is_some() || scenario.is_some();
    if let Some(run) = run {
        of.push(format!("run_id IN (SELECT id FROM run WHERE name = ?{})", value(text(run))));
    }
    for (column, wanted) in [("target", target), ("scenario", scenario)] {
        of.extend(wanted.as_ref().map(|wanted| format!("{column} = ?{}", value(text(wanted)))));
    }
    if in_stratum {
        is.push(format!(" AND o.stratum_id IN (SELECT id FROM stratum WHERE {})", of.join(" AND ")));
    }
    is.extend(verdict.map(|verdict| format!(" AND o.verdict = ?{}", value(Value::Integer(verdict as i64)))));
    is.extend(item.as_ref().map(|part| format!(" AND instr(t.item, ?{}) > 0", value(text(part)))));
    is.extend(rule.as_ref().map(|rule| format!(" AND f.rule = ?{}", value(text(rule)))));
    let (order, last) = (if upwards { "ASC" } else { "DESC" }, values.len() + 3);
    // `+`: in the order of positions, and no other way. What belongs to a row is then found by its key.
    let sql = format!(
        "SELECT {COLUMNS} FROM outcome o JOIN stratum s ON s.id = +o.stratum_id JOIN run r ON r.id = +s.run_id \
         JOIN trial t ON t.position = +o.position JOIN finding f ON f.trial_id = +t.id \
         AND f.version = (SELECT MAX(version) FROM finding WHERE trial_id = t.id) \
         WHERE o.position >= ?1 AND o.position <= ?2{} ORDER BY o.position {order} LIMIT ?{last}",
        is.concat()
    );
    (sql, values)
}

/// A page of samples.
pub(super) fn search(conn: &Connection, search: &Search) -> Result<Finds, StoreError> {
    let Some((first, last)) = bounds(conn, search.run.as_deref())? else { return Ok(Finds::default()) };
    let limit = search.limit.clamp(1, ROWS) as usize;
    let (upwards, mut low, mut high) = match search.from {
        Seek::Newest => (false, first, last),
        Seek::Before(position) => (false, first, position.saturating_sub(1).min(last)),
        Seek::After(position) => (true, position.saturating_add(1).max(first), last),
    };
    let (sql, values) = statement(search, upwards);
    let mut out = Vec::new();
    #[expect(clippy::disallowed_methods, reason = "how long a person waits: no measurement")]
    let began = Instant::now();
    // One more than are shown tells whether there are more.
    while low <= high && out.len() <= limit && began.elapsed() < PATIENCE {
        let (from, to) = if upwards {
            (low, high.min(low.saturating_add(STRETCH - 1)))
        } else {
            (low.max(high.saturating_sub(STRETCH - 1)), high)
        };
        let ends = [from, to].map(Value::Integer);
        let left = i64::try_from(limit + 1 - out.len()).unwrap_or(1);
        let all = ends.into_iter().chain(values.iter().cloned()).chain([Value::Integer(left)]);
        let mut asking = conn.prepare_cached(&sql)?;
        for row in asking.query_and_then(params_from_iter(all), |row| found(&mut Columns::new(row)))? {
            out.push(row?);
        }
        if upwards {
            low = to.saturating_add(1);
        } else {
            high = from.saturating_sub(1);
        }
    }
    let full = out.len() > limit;
    // Whether there are positions left that nobody looked at.
    let cut = !full && low <= high;
    out.truncate(limit);
    if upwards {
        out.reverse();
        let lowest = out.last().map(|row| row.position).filter(|lowest| *lowest > first);
        return Ok(Finds { rows: out, newer: full || cut, older: lowest, cut: false });
    }
    let older = match (full, out.last()) {
        (true, Some(lowest)) => Some(lowest.position),
        _ => cut.then(|| high.saturating_add(1)),
    };
    let newer = matches!(search.from, Seek::Before(position) if position <= last);
    Ok(Finds { rows: out, newer, older, cut })
}

/// The first and the last position that there is anything to be looked for between.
fn bounds(conn: &Connection, run: Option<&str>) -> Result<Option<(i64, i64)>, StoreError> {
    let Some(run) = run else { return super::outcomes::ends(conn) };
    let ids = "SELECT (SELECT MIN(id) FROM run WHERE name = ?1), (SELECT MAX(id) FROM run WHERE name = ?1)";
    let (oldest, newest): (Option<i64>, Option<i64>) =
        conn.prepare_cached(ids)?.query_row([escape(run)], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let end = |which: &str, id: Option<i64>| -> Result<Option<i64>, StoreError> {
        let sql = format!("SELECT {which}(position) FROM trial WHERE run_id = ?1 AND position IS NOT NULL");
        Ok(conn.prepare_cached(&sql)?.query_row([id], |row| row.get(0))?)
    };
    let (first, last) = (end("MIN", oldest)?, end("MAX", newest)?);
    // Pruned, or begun and nothing recorded yet: what the others have bounds it as well.
    let Some((lowest, highest)) = super::outcomes::ends(conn)? else { return Ok(None) };
    Ok(oldest.map(|_| (first.unwrap_or(lowest), last.unwrap_or(highest))))
}

fn found(row: &mut Columns<'_>) -> Result<Found, StoreError> {
    let name = |text: String| Name::new(&text).map_err(|_| unreadable("a name", &text));
    let (position, run, run_name) = (row.next()?, RunId(row.next()?), row.full_text()?);
    let (target, scenario) = (name(row.full_text()?)?, name(row.full_text()?)?);
    let (item, repeat, at_unix_ms) = (ItemId::new(&row.full_text()?), row.small()?, row.next()?);
    let verdict: i64 = row.next()?;
    let known = usize::try_from(verdict).ok().and_then(|at| Verdict::ALL.get(at).copied());
    Ok(Found {
        position,
        run,
        run_name,
        target,
        scenario,
        item,
        repeat,
        at_unix_ms,
        verdict: known.ok_or_else(|| unreadable("a verdict", &verdict.to_string()))?,
        score: row.next::<Option<f64>>()?.unwrap_or(f64::NAN),
        rule: rule(&row.full_text()?)?,
        first: row.unsigned()?.map(Nanos),
        whole: row.unsigned()?.map(Nanos),
        cost: Money::from_nanos(row.next()?),
        bound: Money::from_nanos(row.next()?),
        unpriced: row.next()?,
    })
}

/// All that is known of the sample at a position.
pub(super) fn dossier(conn: &Connection, position: i64) -> Result<Option<Dossier>, StoreError> {
    let Some(after) = position.checked_sub(1) else { return Ok(None) };
    let one = samples(conn, &Query { after, limit: 1, ..Query::default() })?;
    let Some(recorded) = one.into_iter().next().filter(|recorded| recorded.position == position) else {
        return Ok(None);
    };
    let Some(run) = runs::one(conn, recorded.sample.key.run)? else { return Ok(None) };
    let sql = "SELECT f.version, f.grader, f.at_unix_ms, f.verdict, f.score, f.extracted, f.rule FROM finding f \
        WHERE f.trial_id = (SELECT id FROM trial WHERE position = ?1) ORDER BY f.version LIMIT ?2";
    let mut asking = conn.prepare_cached(sql)?;
    let findings = asking.query_and_then(params![position, ROWS], |row| regrade(&mut Columns::new(row)))?;
    Ok(Some(Dossier { recorded, run, findings: findings.collect::<Result<_, StoreError>>()? }))
}

fn regrade(row: &mut Columns<'_>) -> Result<Regrade, StoreError> {
    Ok(Regrade {
        version: row.small()?,
        grader: Fingerprint::from_text(&row.full_text()?),
        at_unix_ms: row.next()?,
        finding: Finding {
            verdict: row.label("verdict", Verdict::from_label)?,
            score: row.next::<Option<f64>>()?.unwrap_or(f64::NAN),
            extracted: row.text()?,
            rule: rule(&row.full_text()?)?,
        },
    })
}
