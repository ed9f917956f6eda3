//! The ledger: entries are only added, and their sums by minute with them.

use super::StoreError;
use super::batch::Batch;
use super::query::MINUTE_MS;
use super::trial::TrialRow;
use crate::domain::{Charge, Component, Cost, Money, Purpose};

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
    Unpriced,
    Release(Money),
}

impl From<&Charge> for Booking {
    fn from(charge: &Charge) -> Self {
        match charge {
            Charge::Settled(cost) => Self::Settle(*cost),
            Charge::Unpriced => Self::Unpriced,
            Charge::Unknown { bound } => Self::Unknown(*bound),
        }
    }
}

const LEDGER: &str = "INSERT INTO ledger_entry (trial_id, purpose, attempt, kind, run_id, at_unix_ms, amount, \
    input, cache_read, cache_write, output, reasoning, request, hardware) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)";

impl Batch<'_> {
    /// Adds an entry to the ledger.
    pub(super) async fn book(&mut self, entry: &Entry, booking: Booking) -> Result<(), StoreError> {
        let Entry { trial, purpose, attempt, at_unix_ms } = entry;
        let (kind, amount, cost) = self.add_up(entry, booking);
        let filling = sqlx::query(LEDGER)
            .bind(trial.id)
            .bind(purpose.label())
            .bind(attempt)
            .bind(kind)
            .bind(trial.run)
            .bind(at_unix_ms)
            .bind(amount.nanos());
        Component::ALL
            .into_iter()
            .fold(filling, |filling, component| filling.bind(cost.get(component).nanos()))
            .execute(self.conn())
            .await?;
        Ok(())
    }

    /// Adds a booking to the sums of this batch; gives its word, its amount and its components.
    pub(super) fn add_up(&mut self, entry: &Entry, booking: Booking) -> (&'static str, Money, Cost) {
        let (kind, amount, cost) = match booking {
            Booking::Reserve(held) => ("reserve", held, Cost::ZERO),
            Booking::Settle(cost) => ("settle", cost.total(), cost),
            Booking::Unknown(bound) => ("unknown", bound, Cost::ZERO),
            Booking::Unpriced => ("unpriced", Money::ZERO, Cost::ZERO),
            Booking::Release(held) => ("release", held, Cost::ZERO),
        };
        let sums = || (entry.trial.run, entry.at_unix_ms.div_euclid(MINUTE_MS));
        match booking {
            Booking::Settle(_) => self.spending.entry(sums()).or_default().0 += amount,
            Booking::Unknown(_) => self.spending.entry(sums()).or_default().1 += amount,
            Booking::Reserve(_) | Booking::Unpriced | Booking::Release(_) => {}
        }
        (kind, amount, cost)
    }

    /// Adds what was booked to the sums by minute. Added up here, since [`Money`] saturates where SQLite would turn to
    /// floating point.
    pub(super) async fn add_spending(&mut self) -> Result<(), StoreError> {
        for ((run, minute), (settled, unknown)) in std::mem::take(&mut self.spending) {
            if settled.is_zero() && unknown.is_zero() {
                continue;
            }
            let (before_settled, before_unknown) = self.spent_before(run, minute).await?;
            let (settled, unknown) = (before_settled + settled, before_unknown + unknown);
            sqlx::query(
                "INSERT INTO spending (run_id, minute, settled, unknown) VALUES ($1, $2, $3, $4) \
                 ON CONFLICT (run_id, minute) DO UPDATE SET settled = excluded.settled, unknown = excluded.unknown",
            )
            .bind(run)
            .bind(minute)
            .bind(settled.nanos())
            .bind(unknown.nanos())
            .execute(self.conn())
            .await?;
            self.spent_now((run, minute), (settled, unknown));
        }
        Ok(())
    }

    /// A minute's sums as they stand; asked for once, since nobody else writes them.
    async fn spent_before(&mut self, run: i64, minute: i64) -> Result<(Money, Money), StoreError> {
        if let Some(((r, m), sums)) = self.latest_spending()
            && (*r, *m) == (run, minute)
        {
            return Ok(*sums);
        }
        let stored: Option<(i64, i64)> =
            sqlx::query_as("SELECT settled, unknown FROM spending WHERE run_id = $1 AND minute = $2")
                .bind(run)
                .bind(minute)
                .fetch_optional(self.conn())
                .await?;
        let (settled, unknown) = stored.unwrap_or_default();
        Ok((Money::from_nanos(settled), Money::from_nanos(unknown)))
    }
}
