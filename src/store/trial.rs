//! Which trial a write belongs to: remembered, found by its key, its purpose and its attempt, or made.

use super::batch::Batch;
use super::rows::Columns;
use super::text::escape;
use super::writer::execute;
use super::{Intent, StoreError};
use crate::domain::{Fingerprint, ItemId, Purpose, Sample, Tags, TrialKey};
use rusqlite::{OptionalExtension as _, ToSql, params};

/// A trial's row, as far as writing needs it.
#[derive(Debug, Clone, Copy)]
pub(super) struct TrialRow {
    pub(super) id: i64,
    pub(super) run: i64,
    /// Attempts of a process that died; ours are numbered after them.
    pub(super) earlier: i64,
}

/// An open trial that was made here and has one attempt, which is in flight: the usual one, of which nothing need be
/// looked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Alone {
    pub(super) trial: TrialRow,
    pub(super) purpose: Purpose,
    pub(super) attempt: u32,
    pub(super) at_unix_ms: i64,
}

/// What a trial's row has from its beginning.
struct Head<'a> {
    key: &'a TrialKey,
    cluster: &'a ItemId,
    tags: &'a Tags,
    provenance: &'a Fingerprint,
    at_unix_ms: i64,
}

/// Which trial, by [`keyed`].
macro_rules! with_key {
    ($before:literal, $after:literal) => {
        concat!(
            $before,
            "t.run_id = ?1 AND t.target = ?2 AND t.scenario = ?3 AND t.item = ?4 AND t.repeat = ?5",
            $after
        )
    };
}

/// The values of a key, and what comes after them.
macro_rules! keyed {
    ($key:expr $(, $more:expr)*) => {
        params![
            $key.run.0, $key.target.as_str(), $key.scenario.as_str(), escape($key.item.as_str()), $key.repeat $(, $more)*
        ]
    };
}

/// The trial that has this attempt: the one where it is in flight before one where it has ended.
pub(super) const WITH_ATTEMPT: &str = with_key!(
    "SELECT t.id, t.earlier FROM trial t JOIN exchange e ON e.trial_id = t.id AND e.purpose = ?6 \
       AND e.attempt = t.earlier + ?7 WHERE ",
    " AND t.state = 'open' ORDER BY CASE e.charge WHEN 'in_flight' THEN 0 ELSE 1 END, t.seq LIMIT 1"
);
/// The trial that an attempt may still be added to. A judge's attempts belong to the trial they judge.
pub(super) const WITHOUT_ATTEMPT: &str = with_key!(
    "SELECT t.id, t.earlier FROM trial t WHERE ",
    " AND t.state = 'open' AND (t.purpose = ?6 OR ?6 = 'judge') AND NOT EXISTS (SELECT 1 FROM exchange e \
       WHERE e.trial_id = t.id AND e.purpose = ?6 AND e.attempt = t.earlier + ?7) \
       ORDER BY CASE t.purpose WHEN 'measure' THEN 0 ELSE 1 END, t.seq LIMIT 1"
);
const OPEN: &str = with_key!(
    "SELECT t.id, t.earlier, t.purpose FROM trial t WHERE ",
    " AND t.state = 'open' ORDER BY CASE t.purpose WHEN 'measure' THEN 0 ELSE 1 END, t.seq LIMIT 1"
);
const LATEST: &str = with_key!(
    "SELECT t.seq, t.state, t.position FROM trial t WHERE ",
    " AND t.purpose = ?6 ORDER BY t.seq DESC LIMIT 1"
);
const NEW: &str = "INSERT INTO trial (run_id, target, scenario, item, repeat, purpose, seq, id, state, earlier, \
    cluster, domain, capability, language, split, length, hard, provenance, at_unix_ms, good, hardware) \
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 'open', 0, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, 0, 0) \
    ON CONFLICT (run_id, target, scenario, item, repeat, purpose, seq) DO NOTHING";

impl Batch<'_> {
    /// The trial that an attempt is to be added to, which is made where there is none, and whether it is the first that
    /// was ever asked with this key and purpose.
    pub(super) fn trial_for(&mut self, intent: &Intent) -> Result<(TrialRow, bool), StoreError> {
        let Intent { key, cluster, tags, provenance, attempt, turn: _, purpose, reserve: _, at_unix_ms } = intent;
        let head = Head { key, cluster, tags, provenance, at_unix_ms: *at_unix_ms };
        // A judge's attempts belong to the trial they judge.
        if *purpose != Purpose::Judge
            && let Some(trial) = self.make(&head, *purpose, 0)?
        {
            return Ok((trial, true));
        }
        self.memory.alone.remove(key);
        let trial = match self.find(WITHOUT_ATTEMPT, key, keyed!(key, purpose.label(), attempt))? {
            Some(trial) => trial,
            None => self.another(&head, *purpose)?,
        };
        Ok((trial, false))
    }

    /// The open trial that has this attempt, and when that was sent where it is known and its only one. It is remembered
    /// no longer, since something happens to it now.
    pub(super) fn trial_with(
        &mut self,
        key: &TrialKey,
        purpose: Purpose,
        attempt: u32,
    ) -> Result<Option<(TrialRow, Option<i64>)>, StoreError> {
        match self.memory.alone.remove(key) {
            Some(alone) if (alone.purpose, alone.attempt) == (purpose, attempt) => {
                Ok(Some((alone.trial, Some(alone.at_unix_ms))))
            }
            _ => {
                let found = self.find(WITH_ATTEMPT, key, keyed!(key, purpose.label(), attempt))?;
                Ok(found.map(|trial| (trial, None)))
            }
        }
    }

    /// The trial that a sample ends, which is made where it had no intent, and its purpose; and where its only attempt is
    /// the sample's only one, and known, when that was sent.
    pub(super) fn trial_of(&mut self, sample: &Sample) -> Result<(TrialRow, Purpose, Option<i64>), StoreError> {
        let Sample { key, cluster, tags, provenance, at_unix_ms, exchanges, judged, .. } = sample;
        let head = Head { key, cluster, tags, provenance, at_unix_ms: *at_unix_ms };
        let mut purpose = Purpose::Measure;
        if let [first, ..] = exchanges.as_slice()
            && let Some(last) = exchanges.last()
        {
            purpose = first.purpose;
            let found = match self.trial_with(key, last.purpose, last.attempt)? {
                None if exchanges.len() > 1 => self.trial_with(key, purpose, first.attempt)?,
                found => found,
            };
            if let Some((trial, sent)) = found {
                return Ok((trial, purpose, sent.filter(|_| exchanges.len() == 1 && judged.is_empty())));
            }
        }
        self.memory.alone.remove(key);
        // Attempts that the sample does not tell of were not sent. Measuring has one open trial at most.
        let open = if purpose == Purpose::Measure { self.open_trial(key)? } else { None };
        match open {
            Some((trial, of)) if of == purpose || exchanges.is_empty() => Ok((trial, of, None)),
            _ => Ok((self.another(&head, purpose)?, purpose, None)),
        }
    }

    fn find(&self, sql: &str, key: &TrialKey, values: &[&dyn ToSql]) -> Result<Option<TrialRow>, StoreError> {
        let run = key.run.0;
        let mut finding = self.conn.prepare_cached(sql)?;
        let found = finding.query_row(values, |row| Ok(TrialRow { id: row.get(0)?, run, earlier: row.get(1)? }));
        Ok(found.optional()?)
    }

    fn open_trial(&self, key: &TrialKey) -> Result<Option<(TrialRow, Purpose)>, StoreError> {
        let mut finding = self.conn.prepare_cached(OPEN)?;
        let mut rows = finding.query(keyed!(key))?;
        let Some(row) = rows.next()? else { return Ok(None) };
        let mut row = Columns::new(row);
        let trial = TrialRow { id: row.next()?, run: key.run.0, earlier: row.next()? };
        Ok(Some((trial, row.label("purpose", Purpose::from_label)?)))
    }

    /// An open trial of a key that may have been asked before, where it may be asked again.
    fn another(&mut self, head: &Head<'_>, purpose: Purpose) -> Result<TrialRow, StoreError> {
        let mut finding = self.conn.prepare_cached(LATEST)?;
        let latest = finding.query_row(keyed!(head.key, purpose.label()), |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?, row.get::<_, Option<i64>>(2)?))
        });
        let trial = || shown(head.key);
        let seq = match latest.optional()? {
            Some((_, state, position)) if purpose == Purpose::Measure && state == "done" => {
                let position = position.unwrap_or_default();
                return Err(StoreError::Duplicate(format!("{} is the sample at position {position}", trial())));
            }
            Some((_, state, _)) if purpose == Purpose::Measure && state == "open" => {
                return Err(StoreError::Other(format!("{} is being asked already", trial())));
            }
            latest => latest.map_or(0, |(seq, ..)| seq + 1),
        };
        self.make(head, purpose, seq)?.ok_or_else(|| StoreError::Damaged(format!("{} is not to be found", trial())))
    }

    /// A new trial; none where there is one of this number.
    fn make(&mut self, head: &Head<'_>, purpose: Purpose, seq: i64) -> Result<Option<TrialRow>, StoreError> {
        let Head { key, cluster, tags, provenance, at_unix_ms } = head;
        let id = self.memory.next_trial;
        let values = keyed!(
            key,
            purpose.label(),
            seq,
            id,
            escape(cluster.as_str()),
            escape(&tags.domain),
            escape(&tags.capability),
            escape(&tags.language),
            tags.split.label(),
            tags.length.label(),
            tags.hard,
            escape(provenance.as_str()),
            at_unix_ms
        );
        let made = execute(self.conn, NEW, values)? > 0;
        self.memory.next_trial += i64::from(made);
        Ok(made.then_some(TrialRow { id, run: key.run.0, earlier: 0 }))
    }
}

/// A trial for a message.
pub(super) fn shown(key: &TrialKey) -> String {
    let TrialKey { run, target, scenario, item, repeat } = key;
    format!("the trial of {item:?} ({scenario}, repeat {repeat}) with {target} in run {run}", item = item.as_str())
}
