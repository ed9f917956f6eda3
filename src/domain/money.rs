//! Money as integer nano-USD. Prices are decimals elsewhere; a sum is never a floating-point one.

use rust_decimal::RoundingStrategy;
use rust_decimal::prelude::{Decimal, ToPrimitive};
use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Sub, SubAssign};

/// An amount in nano-USD (10⁻⁹ USD). The range is ±9.2 thousand million USD; sums saturate there rather than wrap.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Money(i64);

/// Why an amount can't be held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the amount is outside ±9.2e9 USD")]
pub struct MoneyError;

impl Money {
    /// No money.
    pub const ZERO: Self = Self(0);
    /// The most that can be held; stands for "no limit" in comparisons.
    pub const MAX: Self = Self(i64::MAX);

    /// From nano-USD.
    #[must_use]
    pub const fn from_nanos(nanos: i64) -> Self {
        Self(nanos)
    }

    /// In nano-USD.
    #[must_use]
    pub const fn nanos(self) -> i64 {
        self.0
    }

    /// In USD, for display, statistics and metrics only.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a display value; the account itself stays integer")]
    pub fn usd(self) -> f64 {
        self.0 as f64 / 1e9
    }

    /// From a decimal amount in USD, rounded once, half away from zero, to the nano.
    ///
    /// # Errors
    /// [`MoneyError`] when the amount does not fit.
    pub fn from_usd(usd: Decimal) -> Result<Self, MoneyError> {
        let nanos = usd.checked_mul(Decimal::from(1_000_000_000_i64)).ok_or(MoneyError)?;
        nanos.round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero).to_i64().map(Self).ok_or(MoneyError)
    }

    /// The sum, or none where it does not fit.
    #[must_use]
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    /// Whether this is zero.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }
}

impl Add for Money {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl AddAssign for Money {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sub for Money {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl SubAssign for Money {
    fn sub_assign(&mut self, other: Self) {
        *self = *self - other;
    }
}

impl Sum for Money {
    fn sum<I: Iterator<Item = Self>>(iter: I) -> Self {
        iter.fold(Self::ZERO, Add::add)
    }
}

impl fmt::Display for Money {
    /// `1.50 USD`: at least two decimals, no trailing zeros beyond, never rounded.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let (whole, nano) = (self.0.unsigned_abs() / 1_000_000_000, self.0.unsigned_abs() % 1_000_000_000);
        let digits = format!("{nano:09}");
        let kept = digits.trim_end_matches('0').len().max(2);
        f.pad(&format!("{sign}{whole}.{} USD", digits.get(..kept).unwrap_or("00")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn shows_every_nano_and_two_decimals_at_least() {
        for (nanos, text) in
            [(0, "0.00 USD"), (1_500_000_000, "1.50 USD"), (1, "0.000000001 USD"), (-2_000_000_010, "-2.00000001 USD")]
        {
            assert_eq!(Money(nanos).to_string(), text);
        }
    }

    #[test]
    fn rounds_half_away_from_zero_once() {
        let half = Decimal::new(5, 10);
        assert_eq!(Money::from_usd(half), Ok(Money(1)));
        assert_eq!(Money::from_usd(-half), Ok(Money(-1)));
        assert_eq!(Money::from_usd(Decimal::MAX), Err(MoneyError));
    }

    proptest! {
        #[test]
        fn a_nano_amount_survives_the_way_through_decimal(n in any::<i64>()) {
            prop_assert_eq!(Money::from_usd(Decimal::from_i128_with_scale(i128::from(n), 9)), Ok(Money(n)));
        }
    }
}
