//! Writing: a batch is one transaction, all or nothing.

use super::ledger::{Booking, Entry};
use super::rows::{Texts, bind_exchange, kept_extract, unreadable};
use super::sqlite::Writer;
use super::text::escape;
use super::trial::{TrialRow, shown};
use super::usual::Open;
use super::{Intent, Keep, StoreError, Write};
use crate::domain::{Component, Cost, Exchange, Finding, Fingerprint, Money, Purpose, Sample, TrialKey, Verdict};
use sqlx::{Row, SqliteConnection};
use std::collections::{BTreeMap, BTreeSet};

/// Settled and unknown money of a run and minute.
pub(super) type Spending = ((i64, i64), (Money, Money));

/// A transaction that is under way.
pub(super) struct Batch<'w> {
    writer: &'w mut Writer,
    pub(super) next_trial: i64,
    next_position: i64,
    /// Settled and unknown money by run and minute, added up once at the end.
    pub(super) spending: BTreeMap<(i64, i64), (Money, Money)>,
}

/// Writes a batch; gives the positions of its samples.
pub(super) async fn commit(writer: &mut Writer, writes: &[Write]) -> Result<Vec<i64>, StoreError> {
    let mut batch = writer.begin().await?;
    let result = batch.all(writes).await;
    batch.end(result).await
}

const RECORD: &str = "UPDATE trial SET state = $2, position = $3, cluster = $4, domain = $5, capability = $6, \
    language = $7, split = $8, provenance = $9, at_unix_ms = $10, good = $11, hardware = $12 WHERE id = $1";
const INTENT: &str = "INSERT INTO exchange (trial_id, purpose, attempt, place, at_unix_ms, reserve, turn, charge) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, 'in_flight') ON CONFLICT DO NOTHING";
/// Settles an intent, or adds an attempt that had none; one that has ended is left alone.
const EXCHANGE: &str = "INSERT INTO exchange (trial_id, purpose, attempt, place, at_unix_ms, charge, bound, \
    t_scheduled, d_dns, d_connect, d_tls, t_send, t_first, t_visible, t_last, t_end, events, gaps, stamps, finish, model, \
    tok_input, tok_cache_read, tok_cache_write, tok_output, tok_reasoning, \
    fault, fault_detail, fault_status, fault_retry_ns, d_client_lag, turn) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, \
    $24, $25, $26, $27, $28, $29, $30, $31, $32) \
    ON CONFLICT (trial_id, purpose, attempt) DO UPDATE SET place = excluded.place, charge = excluded.charge, \
    bound = excluded.bound, t_scheduled = excluded.t_scheduled, d_dns = excluded.d_dns, d_connect = excluded.d_connect, \
    d_tls = excluded.d_tls, t_send = excluded.t_send, t_first = excluded.t_first, t_visible = excluded.t_visible, \
    t_last = excluded.t_last, t_end = excluded.t_end, events = excluded.events, gaps = excluded.gaps, \
    stamps = excluded.stamps, finish = excluded.finish, model = excluded.model, tok_input = excluded.tok_input, \
    tok_cache_read = excluded.tok_cache_read, tok_cache_write = excluded.tok_cache_write, \
    tok_output = excluded.tok_output, tok_reasoning = excluded.tok_reasoning, fault = excluded.fault, \
    fault_detail = excluded.fault_detail, fault_status = excluded.fault_status, \
    fault_retry_ns = excluded.fault_retry_ns, d_client_lag = excluded.d_client_lag, \
    turn = excluded.turn WHERE exchange.charge = 'in_flight' RETURNING at_unix_ms";
const ANSWER: &str = "INSERT INTO answer (trial_id, purpose, attempt, text, reasoning, tool_calls, refusal) \
    VALUES ($1, $2, $3, $4, $5, $6, $7)";
const NOT_SENT: &str = "DELETE FROM exchange WHERE trial_id = $1 AND charge = 'in_flight' \
    RETURNING purpose, attempt, at_unix_ms, reserve";
const WITHDRAW: &str = "DELETE FROM exchange WHERE trial_id = $1 AND purpose = $2 AND attempt = $3 \
    AND charge = 'in_flight' RETURNING at_unix_ms, reserve";
const FINDING: &str = "INSERT INTO finding (trial_id, version, grader, at_unix_ms, verdict, score, extracted, rule) \
    VALUES ($1, 1, $2, $3, $4, $5, $6, $7)";

impl<'w> Batch<'w> {
    pub(super) fn new(writer: &'w mut Writer) -> Self {
        let (next_trial, next_position) = (writer.next_trial, writer.next_position);
        Self { writer, next_trial, next_position, spending: BTreeMap::new() }
    }

    /// The open trials as far as they are known.
    pub(super) fn open(&mut self) -> &mut Open {
        self.writer.open.get_or_insert_with(|| Open::found(true))
    }

    /// The sums by minute that were written last.
    pub(super) const fn latest_spending(&self) -> Option<&Spending> {
        self.writer.spending.as_ref()
    }

    pub(super) const fn spent_now(&mut self, minute: (i64, i64), sums: (Money, Money)) {
        self.writer.spending = Some((minute, sums));
    }

    pub(super) const fn conn(&mut self) -> &mut SqliteConnection {
        self.writer.conn()
    }

    /// Commits, or undoes everything.
    pub(super) async fn end<T>(mut self, result: Result<T, StoreError>) -> Result<T, StoreError> {
        let result = match result {
            Ok(value) => self.add_spending().await.map(|()| value),
            Err(e) => Err(e),
        };
        let ended = self.writer.end(result).await;
        if ended.is_ok() {
            (self.writer.next_trial, self.writer.next_position) = (self.next_trial, self.next_position);
        }
        ended
    }

    async fn all(&mut self, writes: &[Write]) -> Result<Vec<i64>, StoreError> {
        let mut positions = Vec::new();
        for write in writes {
            match write {
                Write::Intent(intent) => self.intent(intent).await?,
                Write::Attempt { key, exchange } => self.attempt(key, exchange).await?,
                Write::Withdraw { key, attempt, purpose } => self.withdraw(key, *purpose, *attempt).await?,
                Write::Sample { sample, keep, grader, good } => {
                    positions.push(self.sample(sample, *keep, grader, *good).await?);
                }
                Write::Finish { run, result, at_unix_ms } => {
                    super::runs::finish(self.conn(), *run, result, *at_unix_ms).await?;
                }
                Write::Point { run, target, scenario, place, point } => {
                    super::points::write(self.conn(), *run, (target, scenario), *place, point).await?;
                }
                Write::Checkpoint { position, text } => self.checkpoint(*position, text).await?,
            }
        }
        Ok(positions)
    }

    async fn intent(&mut self, intent: &Intent) -> Result<(), StoreError> {
        if self.usual_intent(intent).await? {
            return Ok(());
        }
        let Intent { key, cluster, tags, provenance, attempt, turn, purpose, reserve, at_unix_ms } = intent;
        self.open().unusual(key, if *purpose == Purpose::Judge { Purpose::Measure } else { *purpose });
        let trial = match self.trial_without(key, *purpose, *attempt).await? {
            Some(trial) => trial,
            None => {
                let blank = Finding::bare(Verdict::Unknown, "");
                let sample = Sample {
                    key: key.clone(),
                    cluster: cluster.clone(),
                    tags: tags.clone(),
                    provenance: provenance.clone(),
                    at_unix_ms: *at_unix_ms,
                    exchanges: Vec::new(),
                    finding: blank,
                    hardware: Money::ZERO,
                };
                self.new_trial(&sample, *purpose).await?
            }
        };
        let number = trial.earlier + i64::from(*attempt);
        let done = sqlx::query(INTENT)
            .bind(trial.id)
            .bind(purpose.label())
            .bind(number)
            .bind(number)
            .bind(at_unix_ms)
            .bind(reserve.map(Money::nanos))
            .bind(i64::from(*turn))
            .execute(self.conn())
            .await?;
        if done.rows_affected() == 0 {
            return Err(StoreError::Other(format!("attempt {attempt} of {} has an intent already", shown(key))));
        }
        if let Some(held) = reserve {
            let entry = Entry { trial, purpose: *purpose, attempt: number, at_unix_ms: *at_unix_ms };
            self.book(&entry, Booking::Reserve(*held)).await?;
        }
        Ok(())
    }

    async fn attempt(&mut self, key: &TrialKey, exchange: &Exchange) -> Result<(), StoreError> {
        self.open().unusual(key, exchange.purpose);
        let Some(trial) = self.trial_with(key, exchange.purpose, exchange.attempt).await? else {
            let attempt = exchange.attempt;
            return Err(StoreError::Other(format!("attempt {attempt} of {} has no intent", shown(key))));
        };
        let number = trial.earlier + i64::from(exchange.attempt);
        if !self.exchange(trial, exchange, number, 0).await? {
            let attempt = exchange.attempt;
            return Err(StoreError::Other(format!("attempt {attempt} of {} has ended already", shown(key))));
        }
        Ok(())
    }

    async fn withdraw(&mut self, key: &TrialKey, purpose: Purpose, attempt: u32) -> Result<(), StoreError> {
        self.open().unusual(key, purpose);
        let Some(trial) = self.trial_with(key, purpose, attempt).await? else { return Ok(()) };
        let number = trial.earlier + i64::from(attempt);
        let deleting = sqlx::query(WITHDRAW).bind(trial.id).bind(purpose.label()).bind(number);
        let Some(row) = deleting.fetch_optional(self.conn()).await? else { return Ok(()) };
        let entry = Entry { trial, purpose, attempt: number, at_unix_ms: row.try_get(0)? };
        match row.try_get::<Option<i64>, _>(1)? {
            Some(held) => self.book(&entry, Booking::Release(Money::from_nanos(held))).await,
            None => Ok(()),
        }
    }

    async fn sample(
        &mut self,
        sample: &Sample,
        keep: Keep,
        grader: &Fingerprint,
        good: bool,
    ) -> Result<i64, StoreError> {
        if let Some(position) = self.usual_sample(sample, keep, grader, good).await? {
            return Ok(position);
        }
        let Sample { key, cluster, tags, provenance, at_unix_ms, exchanges, finding, hardware } = sample;
        let mut seen = BTreeSet::new();
        if let Some(twice) = exchanges.iter().find(|e| !seen.insert((e.purpose, e.attempt))) {
            return Err(StoreError::Other(format!("{} has attempt {} twice", shown(key), twice.attempt)));
        }
        let (trial, purpose) = self.trial_of(sample).await?;
        self.open().over(key, purpose);
        let position = self.take_position();
        sqlx::query(RECORD)
            .bind(trial.id)
            .bind(if finding.verdict == Verdict::Unknown { "unknown" } else { "done" })
            .bind(position)
            .bind(escape(cluster.as_str()))
            .bind(escape(&tags.domain))
            .bind(escape(&tags.capability))
            .bind(escape(&tags.language))
            .bind(tags.split.label())
            .bind(escape(provenance.as_str()))
            .bind(at_unix_ms)
            .bind(i64::from(good))
            .bind(hardware.nanos())
            .execute(self.conn())
            .await?;
        for (place, exchange) in (trial.earlier + 1..).zip(exchanges) {
            self.exchange(trial, exchange, place, *at_unix_ms).await?;
            self.texts(trial, exchange, keep).await?;
        }
        self.release(trial).await?;
        if !hardware.is_zero() {
            let share = Cost::ZERO.with(Component::Hardware, *hardware);
            let entry = Entry { trial, purpose, attempt: 0, at_unix_ms: *at_unix_ms };
            self.book(&entry, Booking::Settle(share)).await?;
        }
        self.finding(trial.id, finding, keep, grader.as_str(), *at_unix_ms).await?;
        Ok(position)
    }

    /// Writes an attempt's record and books its money at its intent's instant, or at the given one where it had none.
    /// False where it had ended before.
    async fn exchange(
        &mut self,
        trial: TrialRow,
        exchange: &Exchange,
        place: i64,
        at_unix_ms: i64,
    ) -> Result<bool, StoreError> {
        let number = trial.earlier + i64::from(exchange.attempt);
        let filling = sqlx::query(EXCHANGE)
            .bind(trial.id)
            .bind(exchange.purpose.label())
            .bind(number)
            .bind(place)
            .bind(at_unix_ms);
        let Some(row) = bind_exchange(filling, exchange).fetch_optional(self.conn()).await? else {
            return Ok(false);
        };
        let entry = Entry { trial, purpose: exchange.purpose, attempt: number, at_unix_ms: row.try_get(0)? };
        self.book(&entry, Booking::from(&exchange.charge)).await?;
        Ok(true)
    }

    async fn texts(&mut self, trial: TrialRow, exchange: &Exchange, keep: Keep) -> Result<(), StoreError> {
        let Some(Texts { text, reasoning, tool_calls, refusal }) = Texts::of(&exchange.answer, keep) else {
            return Ok(());
        };
        sqlx::query(ANSWER)
            .bind(trial.id)
            .bind(exchange.purpose.label())
            .bind(trial.earlier + i64::from(exchange.attempt))
            .bind(text)
            .bind(reasoning)
            .bind(tool_calls)
            .bind(refusal)
            .execute(self.conn())
            .await?;
        Ok(())
    }

    /// Lets go of what was held for attempts that were not sent after all.
    async fn release(&mut self, trial: TrialRow) -> Result<(), StoreError> {
        for row in sqlx::query(NOT_SENT).bind(trial.id).fetch_all(self.conn()).await? {
            let purpose: String = row.try_get(0)?;
            let purpose = Purpose::from_label(&purpose).ok_or_else(|| unreadable("purpose", &purpose))?;
            let entry = Entry { trial, purpose, attempt: row.try_get(1)?, at_unix_ms: row.try_get(2)? };
            if let Some(held) = row.try_get::<Option<i64>, _>(3)? {
                self.book(&entry, Booking::Release(Money::from_nanos(held))).await?;
            }
        }
        Ok(())
    }

    pub(super) async fn finding(
        &mut self,
        trial: i64,
        finding: &Finding,
        keep: Keep,
        grader: &str,
        at_unix_ms: i64,
    ) -> Result<(), StoreError> {
        sqlx::query(FINDING)
            .bind(trial)
            .bind(escape(grader))
            .bind(at_unix_ms)
            .bind(finding.verdict.label())
            .bind(finding.score)
            .bind(kept_extract(finding, keep))
            .bind(escape(finding.rule))
            .execute(self.conn())
            .await?;
        Ok(())
    }

    async fn checkpoint(&mut self, position: i64, text: &str) -> Result<(), StoreError> {
        let done = sqlx::query(
            "INSERT INTO checkpoint (id, position, text) VALUES (1, $1, $2) \
             ON CONFLICT (id) DO UPDATE SET position = excluded.position, text = excluded.text \
             WHERE checkpoint.position <= excluded.position",
        )
        .bind(position)
        .bind(escape(text))
        .execute(self.conn())
        .await?;
        // Samples up to the last one may be pruned already: totals without them would be wrong for good.
        if done.rows_affected() == 0 {
            return Err(StoreError::Other(format!("a checkpoint at {position} would go back")));
        }
        if position >= self.next_position {
            return Err(StoreError::Other(format!("a checkpoint at {position} is beyond the last sample")));
        }
        Ok(())
    }

    /// The next position, which a recovered sample takes too.
    pub(super) const fn take_position(&mut self) -> i64 {
        let position = self.next_position;
        self.next_position += 1;
        position
    }
}
