//! Writing: a batch is one transaction, all or nothing.

use super::courtesy::Courtesy;
use super::ledger::{Booking, Entry};
use super::rows::{self, Texts, kept_extract};
use super::text::escape;
use super::trial::{Alone, TrialRow, shown};
use super::writer::{Memory, execute};
use super::{Intent, Keep, StoreError, Write};
use crate::domain::{Exchange, Finding, Fingerprint, Money, Purpose, Sample, Share, TrialKey, Verdict};
use rusqlite::{Connection, OptionalExtension as _, params};
use std::collections::{BTreeMap, BTreeSet};

/// A transaction that is under way.
pub(super) struct Batch<'w> {
    pub(super) conn: &'w Connection,
    pub(super) memory: &'w mut Memory,
    /// Settled and unknown money by run and minute, added up once at the end.
    pub(super) spending: BTreeMap<(i64, i64), (Money, Money)>,
}

const RECORD: &str = "UPDATE trial SET state = ?2, position = ?3, cluster = ?4, domain = ?5, capability = ?6, \
    language = ?7, split = ?8, length = ?9, hard = ?10, provenance = ?11, at_unix_ms = ?12, good = ?13, hardware = ?14, \
    energy_cost = ?15, microjoules = ?16, energy_quality = ?17, d_device = ?18, nanograms = ?19 \
    WHERE id = ?1";
const IN_FLIGHT: &str = "INSERT INTO exchange (trial_id, purpose, attempt, place, at_unix_ms, reserve, turn, charge) \
    VALUES (?1, ?2, ?3, ?3, ?4, ?5, ?6, 'in_flight') ON CONFLICT DO NOTHING";
const SENT: &str = "SELECT at_unix_ms FROM exchange WHERE trial_id = ?1 AND purpose = ?2 AND attempt = ?3 \
    AND charge = 'in_flight'";
const ANSWER: &str = "INSERT INTO answer (trial_id, purpose, attempt, text, reasoning, tool_calls, refusal) \
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
const NOT_SENT: &str = "DELETE FROM exchange WHERE trial_id = ?1 AND charge = 'in_flight' \
    RETURNING purpose, attempt, at_unix_ms, reserve";
const WITHDRAW: &str = "DELETE FROM exchange WHERE trial_id = ?1 AND purpose = ?2 AND attempt = ?3 \
    AND charge = 'in_flight' RETURNING at_unix_ms, reserve";
const FINDING: &str = "INSERT INTO finding (trial_id, version, grader, at_unix_ms, verdict, score, extracted, rule) \
    VALUES (?1, 1, ?2, ?3, ?4, ?5, ?6, ?7)";
const CHECKPOINT: &str = "INSERT INTO checkpoint (id, position, text) VALUES (1, ?1, ?2) \
    ON CONFLICT (id) DO UPDATE SET position = excluded.position, text = excluded.text \
    WHERE checkpoint.position <= excluded.position";

impl<'w> Batch<'w> {
    pub(super) const fn new(conn: &'w Connection, memory: &'w mut Memory) -> Self {
        Self { conn, memory, spending: BTreeMap::new() }
    }

    /// Writes all of these; gives the positions of the samples.
    pub(super) fn all(&mut self, writes: &[Write]) -> Result<Vec<i64>, StoreError> {
        let (mut positions, mut courtesy) = (Vec::new(), Courtesy::new());
        for write in writes {
            courtesy.step();
            match write {
                Write::Intent(intent) => self.intent(intent)?,
                Write::Attempt { key, exchange } => self.attempt(key, exchange)?,
                Write::Withdraw { key, attempt, purpose } => self.withdraw(key, *purpose, *attempt)?,
                Write::Sample { sample, keep, grader, good } => {
                    positions.push(self.sample(sample, *keep, grader, *good)?);
                }
                Write::Finding { position, finding, keep, grader, at_unix_ms } => {
                    super::answers::again(self.conn, *position, finding, *keep, grader, *at_unix_ms)?;
                }
                Write::Finish { run, result, at_unix_ms } => super::runs::finish(self.conn, *run, result, *at_unix_ms)?,
                Write::Point { run, target, scenario, place, point } => {
                    super::points::write(self.conn, *run, (target, scenario), *place, point)?;
                }
                Write::Checkpoint { position, text } => self.checkpoint(*position, text)?,
            }
        }
        Ok(positions)
    }

    fn intent(&mut self, intent: &Intent) -> Result<(), StoreError> {
        let Intent { key, attempt, turn, purpose, reserve, at_unix_ms, .. } = intent;
        let (trial, is_new) = self.trial_for(intent)?;
        let number = trial.earlier + i64::from(*attempt);
        let entry = Entry { trial, purpose: *purpose, attempt: number, at_unix_ms: *at_unix_ms };
        if !self.in_flight(&entry, *reserve, *turn)? {
            return Err(StoreError::Other(format!("attempt {attempt} of {} has an intent already", shown(key))));
        }
        if is_new {
            let alone = Alone { trial, purpose: *purpose, attempt: *attempt, at_unix_ms: *at_unix_ms };
            self.memory.alone.insert(key.clone(), alone);
        }
        reserve.map_or(Ok(()), |held| self.book(&entry, Booking::Reserve(held)))
    }

    /// False where there is this attempt already.
    fn in_flight(&self, entry: &Entry, reserve: Option<Money>, turn: u32) -> Result<bool, StoreError> {
        let Entry { trial, purpose, attempt, at_unix_ms } = entry;
        let reserve = reserve.map(Money::nanos);
        let values = params![trial.id, purpose.label(), attempt, at_unix_ms, reserve, turn];
        Ok(execute(self.conn, IN_FLIGHT, values)? > 0)
    }

    fn attempt(&mut self, key: &TrialKey, exchange: &Exchange) -> Result<(), StoreError> {
        let attempt = exchange.attempt;
        let Some((trial, sent)) = self.trial_with(key, exchange.purpose, attempt)? else {
            return Err(StoreError::Other(format!("attempt {attempt} of {} has no intent", shown(key))));
        };
        let number = trial.earlier + i64::from(attempt);
        if !self.exchange(trial, exchange, number, sent, 0)? {
            return Err(StoreError::Other(format!("attempt {attempt} of {} has ended already", shown(key))));
        }
        Ok(())
    }

    fn withdraw(&mut self, key: &TrialKey, purpose: Purpose, attempt: u32) -> Result<(), StoreError> {
        let Some((trial, _)) = self.trial_with(key, purpose, attempt)? else { return Ok(()) };
        let number = trial.earlier + i64::from(attempt);
        let mut deleting = self.conn.prepare_cached(WITHDRAW)?;
        let values = params![trial.id, purpose.label(), number];
        let deleted = deleting.query_row(values, |row| Ok((row.get(0)?, row.get::<_, Option<i64>>(1)?)));
        match deleted.optional()? {
            Some((at_unix_ms, Some(held))) => {
                let entry = Entry { trial, purpose, attempt: number, at_unix_ms };
                self.book(&entry, Booking::Release(Money::from_nanos(held)))
            }
            Some((_, None)) | None => Ok(()),
        }
    }

    fn sample(&mut self, sample: &Sample, keep: Keep, grader: &Fingerprint, good: bool) -> Result<i64, StoreError> {
        let Sample { key, cluster, tags, provenance, at_unix_ms, exchanges, judged, finding, share } = sample;
        let Share { hardware, energy_cost, energy, device_nanos, nanograms } = share;
        let mut seen = BTreeSet::new();
        if let Some(twice) = sample.paid().find(|e| !seen.insert((e.purpose, e.attempt))) {
            return Err(StoreError::Other(format!("{} has attempt {} twice", shown(key), twice.attempt)));
        }
        let (trial, purpose, sent) = self.trial_of(sample)?;
        let position = self.take_position();
        execute(
            self.conn,
            RECORD,
            params![
                trial.id,
                if finding.verdict == Verdict::Unknown { "unknown" } else { "done" },
                position,
                escape(cluster.as_str()),
                escape(&tags.domain),
                escape(&tags.capability),
                escape(&tags.language),
                tags.split.label(),
                tags.length.label(),
                tags.hard,
                escape(provenance.as_str()),
                at_unix_ms,
                good,
                hardware.nanos(),
                energy_cost.nanos(),
                energy.map(|e| e.microjoules.cast_signed()),
                energy.map(|e| e.quality.label()),
                device_nanos.map(u64::cast_signed),
                nanograms.map(u64::cast_signed)
            ],
        )?;
        for (place, exchange) in (trial.earlier + 1..).zip(exchanges.iter().chain(judged)) {
            self.exchange(trial, exchange, place, sent, *at_unix_ms)?;
            self.texts(trial, exchange, keep)?;
        }
        if sent.is_none() {
            self.release(trial)?;
        }
        let cost = share.cost();
        if !cost.total().is_zero() {
            let entry = Entry { trial, purpose, attempt: 0, at_unix_ms: *at_unix_ms };
            self.book(&entry, Booking::Settle(cost))?;
        }
        self.finding(trial.id, finding, keep, grader.as_str(), *at_unix_ms)?;
        if purpose == Purpose::Measure {
            self.outcome(position, sample, keep, good)?;
        }
        Ok(position)
    }

    /// Writes an attempt's record and books its money at the instant it was sent (its intent's), which is looked for
    /// where it is not given; one that had no intent, at the last instant given. False where it had ended before.
    fn exchange(
        &mut self,
        trial: TrialRow,
        exchange: &Exchange,
        place: i64,
        sent: Option<i64>,
        at_unix_ms: i64,
    ) -> Result<bool, StoreError> {
        let (purpose, attempt) = (exchange.purpose, trial.earlier + i64::from(exchange.attempt));
        let mut entry = Entry { trial, purpose, attempt, at_unix_ms };
        let sent = match sent {
            None => {
                let mut looking = self.conn.prepare_cached(SENT)?;
                looking.query_row(params![trial.id, purpose.label(), attempt], |row| row.get(0)).optional()?
            }
            known => known,
        };
        match sent {
            Some(sent) => entry.at_unix_ms = sent,
            None if self.in_flight(&entry, None, exchange.turn)? => {}
            None => return Ok(false),
        }
        if rows::settle(self.conn, (trial.id, attempt, place), exchange)? != 1 {
            return Err(StoreError::Damaged(format!("trial {} has no attempt in flight", trial.id)));
        }
        self.book(&entry, Booking::from(&exchange.charge))?;
        Ok(true)
    }

    fn texts(&self, trial: TrialRow, exchange: &Exchange, keep: Keep) -> Result<(), StoreError> {
        if let Some(Texts { text, reasoning, tool_calls, refusal }) = Texts::of(&exchange.answer, keep) {
            let attempt = trial.earlier + i64::from(exchange.attempt);
            let values = params![trial.id, exchange.purpose.label(), attempt, text, reasoning, tool_calls, refusal];
            execute(self.conn, ANSWER, values)?;
        }
        Ok(())
    }

    /// Lets go of what was held for attempts that were not sent after all.
    fn release(&mut self, trial: TrialRow) -> Result<(), StoreError> {
        let mut deleting = self.conn.prepare_cached(NOT_SENT)?;
        let mut rows = deleting.query([trial.id])?;
        while let Some(row) = rows.next()? {
            let mut row = rows::Columns::new(row);
            let purpose = row.label("purpose", Purpose::from_label)?;
            let entry = Entry { trial, purpose, attempt: row.next()?, at_unix_ms: row.next()? };
            if let Some(held) = row.next()? {
                self.book(&entry, Booking::Release(Money::from_nanos(held)))?;
            }
        }
        Ok(())
    }

    pub(super) fn finding(
        &self,
        trial: i64,
        finding: &Finding,
        keep: Keep,
        grader: &str,
        at_unix_ms: i64,
    ) -> Result<(), StoreError> {
        let Finding { verdict, score, extracted: _, rule } = finding;
        let (verdict, extracted) = (verdict.label(), kept_extract(finding, keep));
        let values = params![trial, escape(grader), at_unix_ms, verdict, score, extracted, escape(rule)];
        execute(self.conn, FINDING, values)?;
        Ok(())
    }

    fn checkpoint(&self, position: i64, text: &str) -> Result<(), StoreError> {
        // Samples up to the last one may be pruned already: totals without them would be wrong for good.
        if execute(self.conn, CHECKPOINT, params![position, escape(text)])? == 0 {
            return Err(StoreError::Other(format!("a checkpoint at {position} would go back")));
        }
        if position >= self.memory.next_position {
            return Err(StoreError::Other(format!("a checkpoint at {position} is beyond the last sample")));
        }
        Ok(())
    }

    /// The next position, which a recovered sample takes too.
    pub(super) const fn take_position(&mut self) -> i64 {
        let position = self.memory.next_position;
        self.memory.next_position += 1;
        position
    }
}
