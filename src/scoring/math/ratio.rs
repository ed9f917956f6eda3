//! Exact rationals in checked 128-bit integers: an overflow is told as "not exact", never wrapped.

use super::node::Numeral;

/// A fraction in lowest terms, its denominator positive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ratio {
    pub num: i128,
    pub den: i128,
}

impl Ratio {
    pub const ONE: Self = Self { num: 1, den: 1 };

    /// In lowest terms; none where the denominator is 0 or something overflows.
    pub fn new(num: i128, den: i128) -> Option<Self> {
        let common = gcd(num.checked_abs()?, den.checked_abs()?);
        let sign = if den < 0 { -1 } else { 1 };
        let num = num.checked_div(common)?.checked_mul(sign)?;
        let den = den.checked_div(common)?.checked_mul(sign)?;
        (den > 0).then_some(Self { num, den })
    }

    pub fn of(numeral: &Numeral) -> Option<Self> {
        let digits: i128 = numeral.digits.parse().ok()?;
        let scale = numeral.scale();
        let power = 10_i128.checked_pow(u32::try_from(scale.unsigned_abs()).ok()?)?;
        if scale >= 0 { Self::new(digits.checked_mul(power)?, 1) } else { Self::new(digits, power) }
    }

    pub fn add(self, other: Self) -> Option<Self> {
        let left = self.num.checked_mul(other.den)?;
        let right = other.num.checked_mul(self.den)?;
        Self::new(left.checked_add(right)?, self.den.checked_mul(other.den)?)
    }

    pub fn mul(self, other: Self) -> Option<Self> {
        let (a, b) = (Self::new(self.num, other.den)?, Self::new(other.num, self.den)?);
        Self::new(a.num.checked_mul(b.num)?, a.den.checked_mul(b.den)?)
    }

    pub fn neg(self) -> Option<Self> {
        Some(Self { num: self.num.checked_neg()?, den: self.den })
    }

    pub fn inverse(self) -> Option<Self> {
        Self::new(self.den, self.num)
    }

    /// A whole power; none where it is large.
    pub fn pow(self, exponent: i64) -> Option<Self> {
        let base = if exponent < 0 { self.inverse()? } else { self };
        let times = u32::try_from(exponent.unsigned_abs()).ok()?;
        Self::new(base.num.checked_pow(times)?, base.den.checked_pow(times)?)
    }

    pub fn integer(self) -> Option<i64> {
        (self.den == 1).then(|| i64::try_from(self.num).ok()).flatten()
    }

    pub const fn is_positive(self) -> bool {
        self.num > 0
    }

    pub const fn floor(self) -> Self {
        Self { num: self.num.div_euclid(self.den), den: 1 }
    }
}

const fn gcd(mut a: i128, mut b: i128) -> i128 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fractions_are_exact_or_told() {
        let half = Ratio::new(2, -4).unwrap();
        assert_eq!(half, Ratio { num: -1, den: 2 });
        assert_eq!(half.pow(-3), Ratio::new(-8, 1));
        assert_eq!(half.floor(), Ratio::new(-1, 1).unwrap());
        assert_eq!(half.add(Ratio::ONE), Ratio::new(1, 2));
        assert_eq!(Ratio::new(1, 0), None);
        assert_eq!(Ratio::new(i128::MAX, 1).and_then(|m| m.mul(Ratio::new(2, 1)?)), None);
        assert_eq!(Ratio::new(10, 1).and_then(|t| t.pow(60)), None);
        let decimal = Numeral { digits: "0125".into(), decimals: 3, exponent: 0 };
        assert_eq!(Ratio::of(&decimal), Ratio::new(1, 8));
    }
}
