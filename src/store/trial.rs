//! Which trial a write belongs to: found by its key, its purpose and its attempt, or made.

use super::StoreError;
use super::batch::Batch;
use super::rows::{Filling, unreadable};
use super::text::escape;
use crate::domain::{Purpose, RunId, Sample, TrialKey};
use sqlx::Row;

/// A trial's row, as far as writing needs it.
#[derive(Debug, Clone, Copy)]
pub(super) struct TrialRow {
    pub(super) id: i64,
    pub(super) run: i64,
    /// Attempts of a process that died; ours are numbered after them.
    pub(super) earlier: i64,
}

/// Which trial, by [`bind_key`].
macro_rules! with_key {
    ($before:literal, $after:literal) => {
        concat!(
            $before,
            "t.run_id = $1 AND t.target = $2 AND t.scenario = $3 AND t.item = $4 AND t.repeat = $5",
            $after
        )
    };
}

fn bind_key<'q>(filling: Filling<'q>, key: &TrialKey) -> Filling<'q> {
    let TrialKey { run: RunId(run), target, scenario, item, repeat } = key;
    filling
        .bind(*run)
        .bind(target.as_str())
        .bind(scenario.as_str())
        .bind(escape(item.as_str()))
        .bind(i64::from(*repeat))
}

/// The trial that has this attempt: the one where it is in flight before one where it has ended.
pub(super) const WITH_ATTEMPT: &str = with_key!(
    "SELECT t.id, t.earlier FROM trial t JOIN exchange e ON e.trial_id = t.id AND e.purpose = $6 \
       AND e.attempt = t.earlier + $7 WHERE ",
    " AND t.state = 'open' ORDER BY CASE e.charge WHEN 'in_flight' THEN 0 ELSE 1 END, t.seq LIMIT 1"
);
/// The trial that an attempt may still be added to. A judge's attempts belong to the trial they judge.
pub(super) const WITHOUT_ATTEMPT: &str = with_key!(
    "SELECT t.id, t.earlier FROM trial t WHERE ",
    " AND t.state = 'open' AND (t.purpose = $6 OR $6 = 'judge') AND NOT EXISTS (SELECT 1 FROM exchange e \
       WHERE e.trial_id = t.id AND e.purpose = $6 AND e.attempt = t.earlier + $7) \
       ORDER BY CASE t.purpose WHEN 'measure' THEN 0 ELSE 1 END, t.seq LIMIT 1"
);
const OPEN: &str = with_key!(
    "SELECT t.id, t.earlier, t.purpose FROM trial t WHERE ",
    " AND t.state = 'open' ORDER BY CASE t.purpose WHEN 'measure' THEN 0 ELSE 1 END, t.seq LIMIT 1"
);
const LATEST: &str = with_key!(
    "SELECT t.seq, t.state, t.position FROM trial t WHERE ",
    " AND t.purpose = $6 ORDER BY t.seq DESC LIMIT 1"
);
const NEW_TRIAL: &str = "INSERT INTO trial (run_id, target, scenario, item, repeat, purpose, seq, id, state, earlier, \
    cluster, domain, capability, language, split, provenance, at_unix_ms, good, hardware) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'open', 0, $9, $10, $11, $12, $13, $14, $15, 0, 0)";

impl Batch<'_> {
    /// The trial that a sample ends, which is made where it had no intent, and its purpose.
    pub(super) async fn trial_of(&mut self, sample: &Sample) -> Result<(TrialRow, Purpose), StoreError> {
        let key = &sample.key;
        if let (Some(first), Some(last)) = (sample.exchanges.first(), sample.last()) {
            let found = match self.trial_with(key, last.purpose, last.attempt).await? {
                None if sample.exchanges.len() > 1 => self.trial_with(key, first.purpose, first.attempt).await?,
                found => found,
            };
            return match found {
                Some(trial) => Ok((trial, first.purpose)),
                // An attempt that the sample does not tell of was not sent; measuring has one open trial at most.
                None if first.purpose == Purpose::Measure => match self.open_trial(key).await? {
                    Some((trial, Purpose::Measure)) => Ok((trial, Purpose::Measure)),
                    _ => Ok((self.new_trial(sample, Purpose::Measure).await?, Purpose::Measure)),
                },
                None => Ok((self.new_trial(sample, first.purpose).await?, first.purpose)),
            };
        }
        match self.open_trial(key).await? {
            Some(found) => Ok(found),
            None => Ok((self.new_trial(sample, Purpose::Measure).await?, Purpose::Measure)),
        }
    }

    pub(super) async fn trial_without(
        &mut self,
        key: &TrialKey,
        purpose: Purpose,
        attempt: u32,
    ) -> Result<Option<TrialRow>, StoreError> {
        let filling = bind_key(sqlx::query(WITHOUT_ATTEMPT), key).bind(purpose.label()).bind(i64::from(attempt));
        let row = filling.fetch_optional(self.conn()).await?;
        row.map(|r| Ok(TrialRow { id: r.try_get(0)?, run: key.run.0, earlier: r.try_get(1)? })).transpose()
    }

    pub(super) async fn trial_with(
        &mut self,
        key: &TrialKey,
        purpose: Purpose,
        attempt: u32,
    ) -> Result<Option<TrialRow>, StoreError> {
        let attempt = i64::from(attempt);
        let filling = bind_key(sqlx::query(WITH_ATTEMPT), key).bind(purpose.label()).bind(attempt);
        let row = filling.fetch_optional(self.conn()).await?;
        row.map(|r| Ok(TrialRow { id: r.try_get(0)?, run: key.run.0, earlier: r.try_get(1)? })).transpose()
    }

    pub(super) async fn open_trial(&mut self, key: &TrialKey) -> Result<Option<(TrialRow, Purpose)>, StoreError> {
        let Some(row) = bind_key(sqlx::query(OPEN), key).fetch_optional(self.conn()).await? else {
            return Ok(None);
        };
        let purpose: String = row.try_get(2)?;
        let purpose = Purpose::from_label(&purpose).ok_or_else(|| unreadable("purpose", &purpose))?;
        Ok(Some((TrialRow { id: row.try_get(0)?, run: key.run.0, earlier: row.try_get(1)? }, purpose)))
    }

    /// An open trial of the sample's key, where that may be asked (again).
    pub(super) async fn new_trial(&mut self, sample: &Sample, purpose: Purpose) -> Result<TrialRow, StoreError> {
        let Sample { key, cluster, tags, provenance, at_unix_ms, .. } = sample;
        let latest = bind_key(sqlx::query(LATEST), key).bind(purpose.label()).fetch_optional(self.conn()).await?;
        let mut seq = 0;
        if let Some(row) = latest {
            let (last, state, position): (i64, String, Option<i64>) =
                (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
            match (purpose, state.as_str()) {
                (Purpose::Measure, "done") => {
                    let position = position.unwrap_or_default();
                    return Err(StoreError::Duplicate(format!("{} is the sample at position {position}", shown(key))));
                }
                (Purpose::Measure, "open") => {
                    return Err(StoreError::Other(format!("{} is being asked already", shown(key))));
                }
                _ => seq = last + 1,
            }
        }
        let id = self.next_trial;
        self.next_trial += 1;
        bind_key(sqlx::query(NEW_TRIAL), key)
            .bind(purpose.label())
            .bind(seq)
            .bind(id)
            .bind(escape(cluster.as_str()))
            .bind(escape(&tags.domain))
            .bind(escape(&tags.capability))
            .bind(escape(&tags.language))
            .bind(tags.split.label())
            .bind(escape(provenance.as_str()))
            .bind(at_unix_ms)
            .execute(self.conn())
            .await?;
        Ok(TrialRow { id, run: key.run.0, earlier: 0 })
    }
}

/// A trial for a message.
pub(super) fn shown(key: &TrialKey) -> String {
    let TrialKey { run, target, scenario, item, repeat } = key;
    format!("the trial of {item:?} ({scenario}, repeat {repeat}) with {target} in run {run}", item = item.as_str())
}
