//! The usual way of a trial, in two calls to the database: its intent, and its sample with the one attempt it took.
//!
//! A call costs a hand-over to the connection's thread and back, which is more than most statements cost; and what a
//! statement would look up is known here, since one process writes. So the writer remembers the trials that it made
//! and that are open; their rows are written without being looked for, several statements a call. Everything else
//! (a retry's sample, a judge, what another process left) goes the long way in `batch`.

use super::batch::Batch;
use super::ledger::{Booking, Entry};
use super::rows::{FILLED, Texts, bind_exchange, kept_extract};
use super::text::escape;
use super::trial::TrialRow;
use super::{Intent, Keep, StoreError};
use crate::domain::{Component, Cost, Fingerprint, Money, Purpose, RunId, Sample, TrialKey, Verdict};
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// The open trials as the writer knows them.
#[derive(Debug, Default)]
pub(super) struct Open {
    /// Those made here.
    trials: BTreeMap<(TrialKey, Purpose), Made>,
    /// Whether there may be others: then every trial has to be looked for.
    pub(super) others: bool,
}

#[derive(Debug)]
struct Made {
    row: TrialRow,
    /// The only attempt there was yet, in flight; none once it is otherwise.
    only: Option<Only>,
}

#[derive(Debug, Clone, Copy)]
struct Only {
    attempt: u32,
    at_unix_ms: i64,
}

impl Open {
    /// As a database is found that has open trials, or none.
    pub(super) const fn found(others: bool) -> Self {
        Self { trials: BTreeMap::new(), others }
    }

    /// What is not the usual happens to a trial: from here on it goes the long way.
    pub(super) fn unusual(&mut self, key: &TrialKey, purpose: Purpose) {
        if let Some(made) = self.trials.get_mut(&(key.clone(), purpose)) {
            made.only = None;
        }
    }

    /// A trial is over.
    pub(super) fn over(&mut self, key: &TrialKey, purpose: Purpose) {
        self.trials.remove(&(key.clone(), purpose));
    }
}

const INTENT: &str = "INSERT INTO trial (id, run_id, target, scenario, item, repeat, purpose, seq, state, earlier, \
        cluster, domain, capability, language, split, provenance, at_unix_ms, good, hardware) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, 0, 'open', 0, $8, $9, $10, $11, $12, $13, $14, 0, 0); \
    INSERT INTO exchange (trial_id, purpose, attempt, place, at_unix_ms, reserve, charge) \
        VALUES ($1, $7, $15, $15, $14, $16, 'in_flight'); \
    INSERT INTO ledger_entry (trial_id, purpose, attempt, kind, run_id, at_unix_ms, amount, \
        input, cache_read, cache_write, output, reasoning, request, hardware) \
        SELECT $1, $7, $15, 'reserve', $2, $14, $16, 0, 0, 0, 0, 0, 0, 0 WHERE $16 IS NOT NULL";

/// How many parameters stand before those of the exchange.
const BEFORE: usize = 34;

static SAMPLE: LazyLock<String> = LazyLock::new(|| {
    let filled: Vec<String> = (BEFORE + 1..).zip(FILLED).map(|(n, column)| format!("{column} = ${n}")).collect();
    format!(
        "UPDATE trial SET state = $4, position = $5, cluster = $6, domain = $7, capability = $8, language = $9, \
            split = $10, provenance = $11, at_unix_ms = $12, good = $13, hardware = $14 WHERE id = $1; \
        INSERT INTO ledger_entry (trial_id, purpose, attempt, kind, run_id, at_unix_ms, amount, \
            input, cache_read, cache_write, output, reasoning, request, hardware) \
            VALUES ($1, $2, $3, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25); \
        INSERT INTO ledger_entry (trial_id, purpose, attempt, kind, run_id, at_unix_ms, amount, \
            input, cache_read, cache_write, output, reasoning, request, hardware) \
            SELECT $1, $2, 0, 'settle', $16, $12, $14, 0, 0, 0, 0, 0, 0, $14 WHERE $14 <> 0; \
        INSERT INTO finding (trial_id, version, grader, at_unix_ms, verdict, score, extracted, rule) \
            VALUES ($1, 1, $26, $12, $27, $28, $29, $30); \
        INSERT INTO answer (trial_id, purpose, attempt, text, reasoning, tool_calls, refusal) \
            SELECT $1, $2, $3, $31, $32, $33, $34 WHERE $31 IS NOT NULL; \
        UPDATE exchange SET place = $3, {} \
            WHERE trial_id = $1 AND purpose = $2 AND attempt = $3 AND charge = 'in_flight'",
        filled.join(", ")
    )
});

impl Batch<'_> {
    /// Writes the intent of a trial that is asked for the first time. False, and nothing done, where it is not that.
    pub(super) async fn usual_intent(&mut self, intent: &Intent) -> Result<bool, StoreError> {
        // The first attempt is of the first turn.
        let Intent { key, cluster, tags, provenance, attempt, turn: _, purpose, reserve, at_unix_ms } = intent;
        let open = self.open();
        // A judge's attempts belong to the trial they judge.
        if open.others || *purpose == Purpose::Judge || open.trials.contains_key(&(key.clone(), *purpose)) {
            return Ok(false);
        }
        let TrialKey { run: RunId(run), target, scenario, item, repeat } = key;
        let id = self.next_trial;
        let written = sqlx::query(INTENT)
            .bind(id)
            .bind(*run)
            .bind(target.as_str())
            .bind(scenario.as_str())
            .bind(escape(item.as_str()))
            .bind(i64::from(*repeat))
            .bind(purpose.label())
            .bind(escape(cluster.as_str()))
            .bind(escape(&tags.domain))
            .bind(escape(&tags.capability))
            .bind(escape(&tags.language))
            .bind(tags.split.label())
            .bind(escape(provenance.as_str()))
            .bind(at_unix_ms)
            .bind(i64::from(*attempt))
            .bind(reserve.map(Money::nanos))
            .execute(self.conn())
            .await;
        match written {
            Ok(_) => {}
            // It was asked before. The first statement failed, so that nothing was written.
            Err(sqlx::Error::Database(e)) if e.is_unique_violation() => return Ok(false),
            Err(e) => return Err(e.into()),
        }
        self.next_trial += 1;
        let row = TrialRow { id, run: *run, earlier: 0 };
        let only = Some(Only { attempt: *attempt, at_unix_ms: *at_unix_ms });
        self.open().trials.insert((key.clone(), *purpose), Made { row, only });
        Ok(true)
    }

    /// Writes the sample of a trial that took one attempt. None, and nothing done, where it is not that.
    pub(super) async fn usual_sample(
        &mut self,
        sample: &Sample,
        keep: Keep,
        grader: &Fingerprint,
        good: bool,
    ) -> Result<Option<i64>, StoreError> {
        let Sample { key, cluster, tags, provenance, at_unix_ms, exchanges, finding, hardware } = sample;
        let [exchange] = exchanges.as_slice() else { return Ok(None) };
        let purpose = exchange.purpose;
        let Some(Made { row: trial, only: Some(only) }) = self.open().trials.get(&(key.clone(), purpose)) else {
            return Ok(None);
        };
        let (trial, only) = (*trial, *only);
        if only.attempt != exchange.attempt {
            return Ok(None);
        }
        let position = self.take_position();
        let entry = Entry { trial, purpose, attempt: i64::from(only.attempt), at_unix_ms: only.at_unix_ms };
        let (kind, amount, cost) = self.add_up(&entry, Booking::from(&exchange.charge));
        if !hardware.is_zero() {
            let share = Cost::ZERO.with(Component::Hardware, *hardware);
            self.add_up(&Entry { attempt: 0, at_unix_ms: *at_unix_ms, ..entry }, Booking::Settle(share));
        }
        let texts = Texts::of(&exchange.answer, keep);
        let answered = texts.is_some();
        let (text, reasoning, tool_calls, refusal) = match texts {
            Some(Texts { text, reasoning, tool_calls, refusal }) => {
                (Some(text), Some(reasoning), Some(tool_calls), refusal)
            }
            None => (None, None, None, None),
        };
        let mut filling = sqlx::query(sqlx::AssertSqlSafe(SAMPLE.as_str()))
            .bind(trial.id)
            .bind(purpose.label())
            .bind(i64::from(only.attempt))
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
            .bind(kind)
            .bind(trial.run)
            .bind(only.at_unix_ms)
            .bind(amount.nanos());
        for component in Component::ALL {
            filling = filling.bind(cost.get(component).nanos());
        }
        filling = filling
            .bind(escape(grader.as_str()))
            .bind(finding.verdict.label())
            .bind(finding.score)
            .bind(kept_extract(finding, keep))
            .bind(escape(finding.rule))
            .bind(text)
            .bind(reasoning)
            .bind(tool_calls)
            .bind(refusal);
        let done = bind_exchange(filling, exchange).execute(self.conn()).await?;
        self.open().over(key, purpose);
        // The last statement ends the attempt, which must have been in flight.
        let rows = 4 + u64::from(answered) + u64::from(!hardware.is_zero());
        if done.rows_affected() != rows {
            return Err(StoreError::Damaged(format!("trial {} has no attempt in flight", trial.id)));
        }
        Ok(Some(position))
    }
}
