//! The ledger: entries are only added, and their sums by minute with them.

use super::StoreError;
use super::batch::Batch;
use super::query::MINUTE_MS;
use super::trial::TrialRow;
use super::writer::execute;
use crate::domain::{Charge, Component, Cost, Money, Purpose};
use rusqlite::{OptionalExtension as _, ToSql, params};

/// Where a ledger entry belongs.
#[derive(Clone, Copy)]
pub(super) struct Entry {
    pub(super) trial: TrialRow,
    pub(super) purpose: Purpose,
    /// As numbered in the store; 0 for the share of hardware.
    pub(super) attempt: i64,
    pub(super) at_unix_ms: i64,
}

/// How an attempt's money ended, or began.
#[derive(Clone, Copy)]
pub(super) enum Booking {
    Reserve(Money),
    Settle(Cost),
    Unknown(Money),
    Unpriced(Money),
    Release(Money),
}

impl From<&Charge> for Booking {
    fn from(charge: &Charge) -> Self {
        match charge {
            Charge::Settled(cost) => Self::Settle(*cost),
            Charge::Unpriced { bound } => Self::Unpriced(*bound),
            Charge::Unknown { bound } => Self::Unknown(*bound),
        }
    }
}

const LEDGER: &str = "INSERT INTO ledger_entry (trial_id, purpose, attempt, kind, run_id, at_unix_ms, amount, \
    input, cache_read, cache_write, output, reasoning, request, hardware, \
    cache_write_1h, audio_input, image_input, audio_output, image_output, search, energy) \
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21)";
const SPENT: &str = "SELECT settled, unknown FROM spending WHERE run_id = ?1 AND minute = ?2";
const SPEND: &str = "INSERT INTO spending (run_id, minute, settled, unknown) VALUES (?1, ?2, ?3, ?4) \
    ON CONFLICT (run_id, minute) DO UPDATE SET settled = excluded.settled, unknown = excluded.unknown";

impl Batch<'_> {
    /// Adds an entry to the ledger, and its money to the sums of this batch.
    pub(super) fn book(&mut self, entry: &Entry, booking: Booking) -> Result<(), StoreError> {
        let Entry { trial, purpose, attempt, at_unix_ms } = entry;
        let (kind, amount, cost) = match booking {
            Booking::Reserve(held) => ("reserve", held, Cost::ZERO),
            Booking::Settle(cost) => ("settle", cost.total(), cost),
            Booking::Unknown(bound) => ("unknown", bound, Cost::ZERO),
            Booking::Unpriced(bound) => ("unpriced", bound, Cost::ZERO),
            Booking::Release(held) => ("release", held, Cost::ZERO),
        };
        let (settled, unknown) = match booking {
            Booking::Settle(_) => (amount, Money::ZERO),
            Booking::Unknown(_) | Booking::Unpriced(_) => (Money::ZERO, amount),
            Booking::Reserve(_) | Booking::Release(_) => (Money::ZERO, Money::ZERO),
        };
        let sums = self.spending.entry((trial.run, at_unix_ms.div_euclid(MINUTE_MS))).or_default();
        *sums = (sums.0 + settled, sums.1 + unknown);
        let nanos = Component::ALL.map(|component| cost.get(component).nanos());
        let amount = amount.nanos();
        let head: [&dyn ToSql; 7] = [&trial.id, &purpose.label(), attempt, &kind, &trial.run, at_unix_ms, &amount];
        let values: Vec<&dyn ToSql> = head.into_iter().chain(nanos.iter().map(|n| n as &dyn ToSql)).collect();
        execute(self.conn, LEDGER, &values)?;
        Ok(())
    }

    /// Adds what was booked to the sums by minute. Added up here, since [`Money`] saturates where SQLite would turn to
    /// floating point.
    pub(super) fn add_spending(&mut self) -> Result<(), StoreError> {
        for ((run, minute), (settled, unknown)) in std::mem::take(&mut self.spending) {
            if settled.is_zero() && unknown.is_zero() {
                continue;
            }
            let before = self.spent_before(run, minute)?;
            let (settled, unknown) = (before.0 + settled, before.1 + unknown);
            execute(self.conn, SPEND, params![run, minute, settled.nanos(), unknown.nanos()])?;
            self.memory.spending = Some(((run, minute), (settled, unknown)));
        }
        Ok(())
    }

    /// A minute's sums as they stand; asked for once, since nobody else writes them.
    fn spent_before(&self, run: i64, minute: i64) -> Result<(Money, Money), StoreError> {
        match self.memory.spending {
            Some((of, sums)) if of == (run, minute) => Ok(sums),
            _ => {
                let mut asking = self.conn.prepare_cached(SPENT)?;
                let stored = asking.query_row([run, minute], |row| Ok((row.get(0)?, row.get(1)?)));
                let (settled, unknown) = stored.optional()?.unwrap_or_default();
                Ok((Money::from_nanos(settled), Money::from_nanos(unknown)))
            }
        }
    }
}
