//! Samples as comparisons read them: a row of numbers each. Millions of them are read where reading whole samples would
//! take minutes.
//!
//! Written with the sample, in the same transaction; brought up to date by grading anew; gone with the sample. A store that
//! was made before there were any gets them when it is opened to write, out of what its other tables hold.

use super::batch::Batch;
use super::rows::{Columns, kept_extract, unreadable};
use super::text::escape;
use super::writer::{Memory, Writer, execute};
use super::{Keep, Query, Recorded, StoreError};
use crate::domain::{
    Finding, Fingerprint, Length, Money, Name, Nanos, Purpose, RunId, Sample, Split, Tags, Timing, Verdict, digest64,
};
use rusqlite::{Connection, OptionalExtension as _, params};
use std::collections::BTreeMap;

/// Where a sample belongs: figures of two of them are never added together unasked.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct OutcomeStratum {
    /// The run that asked.
    pub run: RunId,
    /// Who was asked.
    pub target: Name,
    /// Out of which scenario.
    pub scenario: Name,
    /// The items' tags.
    pub tags: Tags,
    /// What makes figures comparable.
    pub provenance: Fingerprint,
}

/// A sample to measure, as far as comparisons need it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outcome {
    /// Its place in the order of recording.
    pub position: i64,
    /// The id of its [`OutcomeStratum`].
    pub stratum: u32,
    /// The item, all its forms together: a hash, the same in every run and store.
    pub cluster: u64,
    /// Which of its forms it is: a hash; none for the item as it was published.
    pub form: Option<u64>,
    /// By the latest finding.
    pub verdict: Verdict,
    /// Correct and inside the SLO when it was answered.
    pub good: bool,
    /// What was read out of the answer, capitals and spaces around it aside: a hash; none where nothing was, or is kept.
    pub said: Option<u64>,
    /// What is known of its cost, shares of hardware and energy included.
    pub cost: Money,
    /// What attempts of unknown cost, or without a price, can have cost at the most.
    pub bound: Money,
    /// Whether an attempt has no price.
    pub unpriced: bool,
    /// How late the request of a success was sent.
    pub lag: Option<Nanos>,
    /// From its send to the first token.
    pub first: Option<Nanos>,
    /// … and to the end of the answer.
    pub whole: Option<Nanos>,
    /// Output tokens, where the endpoint said how many.
    pub tokens: Option<u64>,
    /// Its part of the energy, in microjoules.
    pub microjoules: Option<u64>,
}

/// Which outcomes are asked for, in the order of their position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// Only after this position.
    pub after: i64,
    /// Only up to this one.
    pub until: i64,
    /// At most so many.
    pub limit: u32,
}

/// Samples of an older store that get their outcomes in one transaction.
const PAGE: u32 = 2_000;

const WRITE: &str = "INSERT INTO outcome (position, stratum_id, cluster, form, verdict, good, said, cost, bound, unpriced, \
    d_lag, d_first, d_whole, tokens, microjoules) \
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)";
const STRATUM: &str = "SELECT id FROM stratum WHERE run_id = ?1 AND target = ?2 AND scenario = ?3 AND domain = ?4 \
    AND capability = ?5 AND language = ?6 AND split = ?7 AND length = ?8 AND hard = ?9 AND provenance = ?10";
const NEW_STRATUM: &str = "INSERT INTO stratum (run_id, target, scenario, domain, capability, language, split, length, \
    hard, provenance, id) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, \
    (SELECT COALESCE(MAX(id), 0) + 1 FROM stratum)) RETURNING id";
const STRATA: &str = "SELECT id, run_id, target, scenario, domain, capability, language, split, length, hard, provenance \
    FROM stratum ORDER BY id";
const REGRADED: &str = "UPDATE outcome SET verdict = ?2, said = ?3 WHERE position = ?1";
pub(super) const READ: &str = "SELECT position, stratum_id, cluster, form, verdict, good, said, cost, bound, unpriced, \
    d_lag, d_first, d_whole, tokens, microjoules FROM outcome WHERE position > ?1 AND position <= ?2 ORDER BY position LIMIT ?3";

/// A hash of an extracted answer; none where it is not kept.
fn said(finding: &Finding, keep: Keep) -> Option<i64> {
    let text = kept_extract(finding, keep)?;
    Some(digest64(&text.trim().to_lowercase()).cast_signed())
}

impl Batch<'_> {
    /// Writes the outcome of a sample to measure.
    pub(super) fn outcome(&mut self, position: i64, sample: &Sample, keep: Keep, good: bool) -> Result<(), StoreError> {
        let Sample { key, cluster, finding, share, .. } = sample;
        let stratum = OutcomeStratum {
            run: key.run,
            target: key.target.clone(),
            scenario: key.scenario.clone(),
            tags: sample.tags.clone(),
            provenance: sample.provenance.clone(),
        };
        let stratum = id_of(self.conn, self.memory, stratum)?;
        let answered = sample.last().filter(|last| last.fault.is_none());
        let nanos = |time: Option<Nanos>| time.and_then(|time| i64::try_from(time.0).ok());
        let timing = answered.map(|last| &last.timing);
        let output = answered.and_then(|last| last.answer.usage.output_total()).map(u64::cast_signed);
        let form = (key.item != *cluster).then(|| digest64(key.item.as_str()).cast_signed());
        let bound = sample.unknown().1 + sample.unpriced_bound();
        let values = params![
            position,
            stratum,
            digest64(cluster.as_str()).cast_signed(),
            form,
            finding.verdict as i64,
            good,
            said(finding, keep),
            sample.cost().total().nanos(),
            bound.nanos(),
            sample.is_unpriced(),
            nanos(timing.and_then(Timing::send_lag)),
            nanos(timing.and_then(Timing::ttft)),
            nanos(timing.and_then(Timing::e2e)),
            output,
            share.energy.map(|energy| energy.microjoules.cast_signed())
        ];
        execute(self.conn, WRITE, values)?;
        Ok(())
    }
}

/// The number of a stratum, which gets one where it has none.
fn id_of(conn: &Connection, memory: &mut Memory, stratum: OutcomeStratum) -> Result<i64, StoreError> {
    if let Some(id) = memory.strata.get(&stratum) {
        return Ok(*id);
    }
    let OutcomeStratum { run, target, scenario, tags, provenance } = &stratum;
    let values = params![
        run.0,
        target.as_str(),
        scenario.as_str(),
        escape(&tags.domain),
        escape(&tags.capability),
        escape(&tags.language),
        tags.split.label(),
        tags.length.label(),
        tags.hard,
        escape(provenance.as_str())
    ];
    let known = conn.prepare_cached(STRATUM)?.query_row(values, |row| row.get(0)).optional()?;
    let id = match known {
        Some(id) => id,
        None => conn.prepare_cached(NEW_STRATUM)?.query_row(values, |row| row.get(0))?,
    };
    memory.strata.insert(stratum, id);
    Ok(id)
}

/// After another finding.
pub(super) fn regraded(conn: &Connection, position: i64, finding: &Finding, keep: Keep) -> Result<(), StoreError> {
    // A sample of another purpose has no outcome.
    execute(conn, REGRADED, params![position, finding.verdict as i64, said(finding, keep)])?;
    Ok(())
}

/// The sample at a position, out of its tables; none where it is of another purpose.
pub(super) fn of_position(batch: &mut Batch<'_>, position: i64) -> Result<(), StoreError> {
    let query = Query { after: position - 1, limit: 1, ..Query::default() };
    let found = super::query::samples(batch.conn, &query)?;
    found.into_iter().filter(|found| found.position == position).try_for_each(|found| rebuilt(batch, &found))
}

fn rebuilt(batch: &mut Batch<'_>, recorded: &Recorded) -> Result<(), StoreError> {
    let Recorded { position, sample, purpose, good } = recorded;
    match purpose {
        Purpose::Measure => batch.outcome(*position, sample, Keep::Text, *good),
        _ => Ok(()),
    }
}

/// Gives every sample its outcome that was recorded before there were any.
pub(super) fn complete(writer: &mut Writer) -> Result<(), StoreError> {
    // Outcomes are written in order, so that those which are missing come before the first, or there are none at all.
    let bounds = "SELECT COALESCE((SELECT MIN(position) FROM outcome), (SELECT MAX(position) + 1 FROM trial), 1)";
    let end: i64 = writer.conn.query_row(bounds, [], |row| row.get(0))?;
    let first = "SELECT COALESCE(MIN(position), ?1) FROM trial WHERE position IS NOT NULL AND purpose = 'measure'";
    let begin: i64 = writer.conn.query_row(first, [end], |row| row.get(0))?;
    // From the last to the first, so that a kill in between leaves the first ones missing again.
    let mut until = end;
    while until > begin {
        until = writer.transaction(|batch| {
            let page = "SELECT COALESCE(MIN(position), ?1) FROM (SELECT position FROM trial WHERE position < ?1 \
                        ORDER BY position DESC LIMIT ?2)";
            let from: i64 = batch.conn.query_row(page, params![until, PAGE], |row| row.get(0))?;
            let query = Query { after: from - 1, limit: PAGE, ..Query::default() };
            for recorded in super::query::samples(batch.conn, &query)? {
                if recorded.position < until {
                    rebuilt(batch, &recorded)?;
                }
            }
            Ok(if from == until { begin } else { from })
        })?;
    }
    Ok(())
}

/// Every stratum by its id.
pub(super) fn strata(conn: &Connection) -> Result<BTreeMap<u32, OutcomeStratum>, StoreError> {
    let mut asking = conn.prepare_cached(STRATA)?;
    let mut rows = asking.query([])?;
    let mut out = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let mut row = Columns::new(row);
        let name = |text: String| Name::new(&text).map_err(|_| unreadable("a name", &text));
        let (id, run) = (row.small()?, RunId(row.next()?));
        let (target, scenario) = (name(row.full_text()?)?, name(row.full_text()?)?);
        let (domain, capability, language) = (row.full_text()?, row.full_text()?, row.full_text()?);
        let split = row.label("split", Split::from_label)?;
        let length = row.label("length", Length::from_label)?;
        let hard = row.next::<i64>()? != 0;
        let tags = Tags { length, hard, ..Tags::new(domain, capability, language, split) };
        let provenance = Fingerprint::from_text(&row.full_text()?);
        out.insert(id, OutcomeStratum { run, target, scenario, tags, provenance });
    }
    Ok(out)
}

/// The positions of the first and the last outcome.
pub(super) fn ends(conn: &Connection) -> Result<Option<(i64, i64)>, StoreError> {
    let sql = "SELECT (SELECT MIN(position) FROM outcome), (SELECT MAX(position) FROM outcome)";
    Ok(conn.query_row(sql, [], |row| {
        let (first, last): (Option<i64>, Option<i64>) = (row.get(0)?, row.get(1)?);
        Ok(first.zip(last))
    })?)
}

/// Outcomes of a span.
pub(super) fn read(conn: &Connection, span: Span) -> Result<Vec<Outcome>, StoreError> {
    let Span { after, until, limit } = span;
    let mut asking = conn.prepare_cached(READ)?;
    let mut rows = asking.query(params![after, until, limit])?;
    let mut out = Vec::new();
    while let Some(row) = rows.next()? {
        let verdict: i64 = row.get(4)?;
        let known = usize::try_from(verdict).ok().and_then(|at| Verdict::ALL.get(at).copied());
        let unsigned = |at: usize| row.get::<_, Option<i64>>(at).map(|n| n.map(i64::cast_unsigned));
        out.push(Outcome {
            position: row.get(0)?,
            stratum: row.get(1)?,
            cluster: row.get::<_, i64>(2)?.cast_unsigned(),
            form: unsigned(3)?,
            verdict: known.ok_or_else(|| unreadable("a verdict", &verdict.to_string()))?,
            good: row.get(5)?,
            said: unsigned(6)?,
            cost: Money::from_nanos(row.get(7)?),
            bound: Money::from_nanos(row.get(8)?),
            unpriced: row.get(9)?,
            lag: unsigned(10)?.map(Nanos),
            first: unsigned(11)?.map(Nanos),
            whole: unsigned(12)?.map(Nanos),
            tokens: unsigned(13)?,
            microjoules: unsigned(14)?,
        });
    }
    Ok(out)
}
