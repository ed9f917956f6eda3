//! What was answered, as far as grading it anew needs it: many answers at once, without timing and usage.

use super::rows::{Columns, kept_extract, rule, tools_from, unreadable};
use super::text::{escape, is_hash};
use super::writer::execute;
use super::{Answered, Keep, Page, Said, StoreError};
use crate::domain::{
    Answer, Finding, Fingerprint, Finish, ItemId, Length, Money, Name, RunId, Share, Split, Tags, TrialKey, Verdict,
};
use rusqlite::{Connection, params};
use std::collections::BTreeMap;

/// Of each sample to measure its latest finding, and a row for every success. What it cost is its attempts' and its
/// judge's; shares of hardware and energy are apart (attempt 0).
const ANSWERS: &str = "SELECT t.position, t.run_id, t.target, t.scenario, t.item, t.repeat, t.cluster, \
    t.domain, t.capability, t.language, t.split, t.length, t.hard, t.provenance, \
    (SELECT CAST(COALESCE(SUM(amount), 0) AS BIGINT) FROM ledger_entry \
      WHERE trial_id = t.id AND kind = 'settle' AND attempt > 0), t.hardware, t.energy_cost, \
    f.verdict, f.score, f.extracted, f.rule, f.grader, \
    e.turn, e.finish, e.model, a.text, a.tool_calls, a.refusal \
    FROM (SELECT * FROM trial WHERE position > ?1 AND purpose = 'measure' ORDER BY position LIMIT ?2) t \
    JOIN finding f ON f.trial_id = t.id AND f.version = (SELECT MAX(version) FROM finding WHERE trial_id = t.id) \
    LEFT JOIN exchange e ON e.trial_id = t.id AND e.purpose = 'measure' AND e.charge <> 'in_flight' AND e.fault IS NULL \
    LEFT JOIN answer a ON a.trial_id = e.trial_id AND a.purpose = e.purpose AND a.attempt = e.attempt \
    ORDER BY t.position, e.place";
const AGAIN: &str = "INSERT INTO finding (trial_id, version, grader, at_unix_ms, verdict, score, extracted, rule) \
    SELECT t.id, (SELECT MAX(version) FROM finding WHERE trial_id = t.id) + 1, ?2, ?3, ?4, ?5, ?6, ?7 \
    FROM trial t WHERE t.position = ?1";
const ASKED: &str = "INSERT INTO asked (run_id, scenario, items) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";

/// A page of answers, oldest first.
pub(super) fn page(conn: &Connection, page: Page) -> Result<Vec<Answered>, StoreError> {
    let Page { after, limit } = page;
    let mut asking = conn.prepare_cached(ANSWERS)?;
    let mut rows = asking.query(params![after, limit])?;
    let mut out: Vec<Answered> = Vec::new();
    while let Some(row) = rows.next()? {
        let mut row = Columns::new(row);
        let next = head(&mut row)?;
        let said = said(&mut row)?;
        if out.last().is_none_or(|last| last.position != next.position) {
            out.push(next);
        }
        if let (Some(last), Some(said)) = (out.last_mut(), said) {
            last.said.push(said);
        }
    }
    Ok(out)
}

fn head(row: &mut Columns<'_>) -> Result<Answered, StoreError> {
    let name = |text: String| Name::new(&text).map_err(|_| unreadable("a name", &text));
    let position = row.next()?;
    let key = TrialKey {
        run: RunId(row.next()?),
        target: name(row.full_text()?)?,
        scenario: name(row.full_text()?)?,
        item: ItemId::new(&row.full_text()?),
        repeat: row.small()?,
    };
    let cluster = ItemId::new(&row.full_text()?);
    let (domain, capability, language) = (row.full_text()?, row.full_text()?, row.full_text()?);
    let split = row.label("split", Split::from_label)?;
    let length = row.label("length", Length::from_label)?;
    let hard = row.next::<i64>()? != 0;
    let tags = Tags { length, hard, ..Tags::new(domain, capability, language, split) };
    let provenance = Fingerprint::from_text(&row.full_text()?);
    let cost = Money::from_nanos(row.next()?);
    let (hardware, energy_cost) = (Money::from_nanos(row.next()?), Money::from_nanos(row.next()?));
    let share = Share { hardware, energy_cost, ..Share::default() };
    let finding = Finding {
        verdict: row.label("verdict", Verdict::from_label)?,
        score: row.next::<Option<f64>>()?.unwrap_or(f64::NAN),
        extracted: row.text()?,
        rule: rule(&row.full_text()?)?,
    };
    let grader = Fingerprint::from_text(&row.full_text()?);
    Ok(Answered { position, key, cluster, tags, provenance, cost, share, finding, grader, said: Vec::new() })
}

/// The answer of a row; none where nothing succeeded.
fn said(row: &mut Columns<'_>) -> Result<Option<Said>, StoreError> {
    let (turn, finish, model) = (row.next::<Option<i64>>()?, row.text()?, row.text()?);
    let (text, tools, refusal) = (row.text()?, row.text()?, row.text()?);
    // Every exchange that ended has a turn or, before there were any, none; one that is not there has no finish either.
    if turn.is_none() && finish.is_none() && model.is_none() && text.is_none() {
        return Ok(None);
    }
    let tool_calls = tools_from(&tools.unwrap_or_default())?;
    let hidden = |text: &Option<String>| text.as_deref().is_some_and(is_hash);
    let hashed = hidden(&text) || hidden(&refusal) || tool_calls.iter().any(|call| is_hash(&call.arguments));
    let kept = text.is_some() && !hashed;
    let answer = Answer {
        text: text.unwrap_or_default(),
        tool_calls,
        refusal,
        finish: finish.map(|finish| Finish::from_label(&finish)),
        model,
        ..Answer::default()
    };
    let turn = u32::try_from(turn.unwrap_or_default()).unwrap_or_default();
    Ok(Some(Said { turn, answer, kept }))
}

/// Adds a finding to a sample.
pub(super) fn again(
    conn: &Connection,
    position: i64,
    finding: &Finding,
    keep: Keep,
    grader: &Fingerprint,
    at_unix_ms: i64,
) -> Result<(), StoreError> {
    let Finding { verdict, score, extracted: _, rule } = finding;
    let (verdict, extracted) = (verdict.label(), kept_extract(finding, keep));
    let values = params![position, escape(grader.as_str()), at_unix_ms, verdict, score, extracted, escape(rule)];
    match execute(conn, AGAIN, values)? {
        1 => super::outcomes::regraded(conn, position, finding, keep),
        _ => Err(StoreError::Other(format!("there is no sample at position {position} any more"))),
    }
}

/// Keeps what a run asks out of a scenario; what is there stays.
pub(super) fn asked(conn: &Connection, run: RunId, scenario: &Name, items: &Fingerprint) -> Result<(), StoreError> {
    execute(conn, ASKED, params![run.0, escape(scenario.as_str()), escape(items.as_str())])?;
    Ok(())
}

/// What a run asked, by scenario.
pub(super) fn all_asked(conn: &Connection, run: RunId) -> Result<BTreeMap<String, Fingerprint>, StoreError> {
    let mut asking = conn.prepare_cached("SELECT scenario, items FROM asked WHERE run_id = ?1")?;
    let mut rows = asking.query([run.0])?;
    let mut all = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let mut row = Columns::new(row);
        all.insert(row.full_text()?, Fingerprint::from_text(&row.full_text()?));
    }
    Ok(all)
}
