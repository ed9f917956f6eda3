//! Votes, each once for its prompt, pair and voter; and the few words that the store keeps for itself.

use super::StoreError;
use super::rows::{Columns, unreadable};
use super::text::escape;
use super::writer::execute;
use crate::domain::{Ballot, Fingerprint, ItemId, Length, Name, Preference, Side, Split, Tags, VoteSource};
use rusqlite::{Connection, params};

/// What came of a vote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cast {
    /// It counts.
    Counted,
    /// This voter has voted on this prompt and pair already: the first vote stays.
    Twice,
}

/// Which votes are asked for, in the order in which they were cast.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VotePage {
    /// Only after this number.
    pub after: i64,
    /// Only of this voter.
    pub voter: Option<String>,
    /// At most so many.
    pub limit: u32,
}

/// A vote with its number, which grows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Voted {
    /// Its number.
    pub id: i64,
    /// The vote.
    pub ballot: Ballot,
}

const CAST: &str = "INSERT INTO vote (scenario, item, prompt, low, high, low_provenance, high_provenance, low_first, \
    preference, swapped, voter, source, domain, capability, language, split, length, hard, at_unix_ms, id) \
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, \
    (SELECT COALESCE(MAX(id), 0) + 1 FROM vote)) ON CONFLICT (voter, prompt, low, high) DO NOTHING";
const COLUMNS: &str = "id, scenario, item, prompt, low, high, low_provenance, high_provenance, low_first, preference, \
    swapped, voter, source, domain, capability, language, split, length, hard, at_unix_ms";

/// Keeps a vote, unless this voter has voted on it.
pub(super) fn cast(conn: &Connection, ballot: &Ballot) -> Result<Cast, StoreError> {
    let Ballot { scenario, item, prompt, left, right, preference, swapped, voter, source, tags, at_unix_ms } = ballot;
    if left.target == right.target {
        return Err(StoreError::Other(format!("a vote between {} and itself", left.target)));
    }
    let low_first = left.target < right.target;
    let (low, high) = if low_first { (left, right) } else { (right, left) };
    let values = params![
        escape(scenario.as_str()),
        escape(item.as_str()),
        escape(prompt.as_str()),
        low.target.as_str(),
        high.target.as_str(),
        escape(low.provenance.as_str()),
        escape(high.provenance.as_str()),
        low_first,
        preference.label(),
        swapped.map(Preference::label),
        escape(voter),
        source.label(),
        escape(&tags.domain),
        escape(&tags.capability),
        escape(&tags.language),
        tags.split.label(),
        tags.length.label(),
        tags.hard,
        at_unix_ms
    ];
    Ok(if execute(conn, CAST, values)? == 0 { Cast::Twice } else { Cast::Counted })
}

/// A page of votes.
pub(super) fn page(conn: &Connection, page: &VotePage) -> Result<Vec<Voted>, StoreError> {
    let VotePage { after, voter, limit } = page;
    let of = if voter.is_some() { "AND voter = ?3" } else { "AND ?3 IS NULL" };
    let sql = format!("SELECT {COLUMNS} FROM vote WHERE id > ?1 {of} ORDER BY id LIMIT ?2");
    let mut asking = conn.prepare_cached(&sql)?;
    let voter = voter.as_deref().map(escape);
    let mut rows = asking.query(params![after, limit, voter])?;
    let mut out = Vec::new();
    while let Some(row) = rows.next()? {
        out.push(voted(&mut Columns::new(row))?);
    }
    Ok(out)
}

fn voted(row: &mut Columns<'_>) -> Result<Voted, StoreError> {
    let name = |text: String| Name::new(&text).map_err(|_| unreadable("a name", &text));
    let (id, scenario, item) = (row.next()?, name(row.full_text()?)?, ItemId::new(&row.full_text()?));
    let prompt = Fingerprint::from_text(&row.full_text()?);
    let (low, high) = (name(row.full_text()?)?, name(row.full_text()?)?);
    let low = Side { target: low, provenance: Fingerprint::from_text(&row.full_text()?) };
    let high = Side { target: high, provenance: Fingerprint::from_text(&row.full_text()?) };
    let low_first = row.next::<i64>()? != 0;
    let (left, right) = if low_first { (low, high) } else { (high, low) };
    let preference = row.label("preference", Preference::from_label)?;
    let swapped = row.text()?;
    let swapped = swapped.map(|text| Preference::from_label(&text).ok_or_else(|| unreadable("a preference", &text)));
    let swapped = swapped.transpose()?;
    let voter = row.full_text()?.into();
    let source = row.label("source", VoteSource::from_label)?;
    let (domain, capability, language) = (row.full_text()?, row.full_text()?, row.full_text()?);
    let split = row.label("split", Split::from_label)?;
    let length = row.label("length", Length::from_label)?;
    let hard = row.next::<i64>()? != 0;
    let tags = Tags { length, hard, ..Tags::new(domain, capability, language, split) };
    let at_unix_ms = row.next()?;
    let ballot = Ballot { scenario, item, prompt, left, right, preference, swapped, voter, source, tags, at_unix_ms };
    Ok(Voted { id, ballot })
}

/// Deletes votes that were cast before.
pub(super) fn forget(conn: &Connection, before_unix_ms: i64) -> Result<(), StoreError> {
    execute(conn, "DELETE FROM vote WHERE at_unix_ms < ?1", &[&before_unix_ms])?;
    Ok(())
}

/// What is kept under a name, or else this from now on.
pub(super) fn keep(conn: &Connection, name: &str, value: &str) -> Result<String, StoreError> {
    execute(
        conn,
        "INSERT INTO kept (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO NOTHING",
        params![name, value],
    )?;
    Ok(conn.query_row("SELECT value FROM kept WHERE name = ?1", [name], |row| row.get(0))?)
}
