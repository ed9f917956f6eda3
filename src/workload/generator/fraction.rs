//! Exact fractions of whole numbers, for generators. Their numbers are small by construction: far below what 128 bits
//! hold.

use std::fmt;

/// A fraction in lowest terms, its denominator above zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fraction {
    numerator: i128,
    denominator: i128,
}

impl Fraction {
    /// In lowest terms. The denominator is not zero: callers see to that, and [`Fraction::over`] refuses it.
    #[must_use]
    pub fn new(numerator: i128, denominator: i128) -> Self {
        debug_assert_ne!(denominator, 0);
        let sign = if denominator < 0 { -1 } else { 1 };
        let shared = gcd(numerator, denominator).max(1) * sign;
        Self { numerator: numerator / shared, denominator: denominator / shared }
    }

    /// A whole number.
    #[must_use]
    pub const fn whole(number: i64) -> Self {
        Self { numerator: number as i128, denominator: 1 }
    }

    /// The sum.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        let numerator = self.numerator * other.denominator + other.numerator * self.denominator;
        Self::new(numerator, self.denominator * other.denominator)
    }

    /// The difference.
    #[must_use]
    pub fn minus(self, other: Self) -> Self {
        self.plus(Self { numerator: -other.numerator, ..other })
    }

    /// The product.
    #[must_use]
    pub fn times(self, other: Self) -> Self {
        Self::new(self.numerator * other.numerator, self.denominator * other.denominator)
    }

    /// The quotient; none by zero.
    #[must_use]
    pub fn over(self, other: Self) -> Option<Self> {
        (other.numerator != 0)
            .then(|| Self::new(self.numerator * other.denominator, self.denominator * other.numerator))
    }

    /// The whole number that it is; none where it is none.
    #[must_use]
    pub fn integer(self) -> Option<i64> {
        if self.denominator == 1 { i64::try_from(self.numerator).ok() } else { None }
    }

    /// As a decimal with at most so many places; none where it has more, or no end.
    #[must_use]
    pub fn decimal(self, places: u32) -> Option<String> {
        let scaled = self.times(Self::new(10_i128.pow(places), 1));
        (scaled.denominator == 1).then(|| point(scaled.numerator, places))
    }

    /// Below zero.
    #[must_use]
    pub const fn is_negative(self) -> bool {
        self.numerator < 0
    }

    /// The denominator.
    #[must_use]
    pub const fn denominator(self) -> i128 {
        self.denominator
    }
}

/// A whole number of tenths, hundredths… as a decimal, without zeros at its end.
#[must_use]
pub fn point(scaled: i128, places: u32) -> String {
    let one = 10_u128.pow(places);
    let (whole, part) = (scaled.unsigned_abs() / one, scaled.unsigned_abs() % one);
    let sign = if scaled < 0 { "-" } else { "" };
    let width = places as usize;
    let text = format!("{sign}{whole}.{part:0width$}");
    if places == 0 { format!("{sign}{whole}") } else { text.trim_end_matches('0').trim_end_matches('.').to_owned() }
}

impl fmt::Display for Fraction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { numerator, denominator } = self;
        if *denominator == 1 { write!(f, "{numerator}") } else { write!(f, "{numerator}/{denominator}") }
    }
}

/// The greatest common divisor.
fn gcd(a: i128, b: i128) -> i128 {
    let (mut a, mut b) = (a.abs(), b.abs());
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arithmetic_is_exact_and_reduced() {
        let [half, third] = [Fraction::new(1, 2), Fraction::new(-2, -6)];
        assert_eq!(half.plus(third).to_string(), "5/6");
        assert_eq!(third.minus(half).to_string(), "-1/6");
        assert!(third.minus(half).is_negative());
        assert_eq!(half.times(third).to_string(), "1/6");
        assert_eq!(half.over(third).map(|f| f.to_string()).as_deref(), Some("3/2"));
        assert_eq!(half.over(Fraction::whole(0)), None);
        assert_eq!((half.plus(half).integer(), half.integer(), half.denominator()), (Some(1), None, 2));
    }

    #[test]
    fn decimals_are_exact_or_none() {
        assert_eq!(Fraction::new(-7, 8).decimal(3).as_deref(), Some("-0.875"));
        assert_eq!(Fraction::new(7, 8).decimal(2), None);
        assert_eq!(Fraction::whole(120).decimal(2).as_deref(), Some("120"));
        assert_eq!(
            (point(5, 2), point(-1250, 2), point(0, 3), point(100, 0)),
            ("0.05".into(), "-12.5".into(), "0".into(), "100".into())
        );
    }
}
