//! Rented hardware: by the hour, its energy in the price.

use super::owned::EnergyPrice;
use crate::config::Section;
use rust_decimal::Decimal;

/// Rented hardware: the whole cost is in the hourly price (its energy is counted in joules only).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rented {
    /// USD per GPU and hour.
    pub per_gpu_hour: Decimal,
    /// How many GPUs serve the target.
    pub gpus: u32,
    /// How its energy is known; it is in the price, and costs nothing more.
    pub energy: EnergyPrice,
}

impl Rented {
    /// Reads a `price.rented` section.
    pub fn build(s: &Section<'_>) -> Option<Self> {
        let (per_gpu_hour, gpus) = (s.need_usd("per_gpu_hour"), s.need::<u32>("gpus"));
        if gpus.is_some_and(|n| n == 0 || n > 100_000) {
            s.problem("gpus", "expected from 1 to 100000", None);
        }
        if per_gpu_hour.is_some_and(|usd| usd > Decimal::from(10_000)) {
            s.problem("per_gpu_hour", "expected at most 10000 USD an hour", None);
        }
        let energy = EnergyPrice::build(s, Some(Decimal::ONE), None);
        s.finish();
        Some(Self { per_gpu_hour: per_gpu_hour?, gpus: gpus?, energy: energy? })
    }

    /// USD per hour for all of it.
    #[must_use]
    pub fn per_hour(&self) -> Decimal {
        self.per_gpu_hour.checked_mul(Decimal::from(self.gpus)).unwrap_or(Decimal::MAX)
    }

    /// Figures, for the provenance.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        // How energy is known moves no figure of cost.
        format!("rented {} x {}", self.per_gpu_hour.normalize(), self.gpus)
    }
}
