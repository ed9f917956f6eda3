//! Exact numbers: decimals of any length and fractions, compared without rounding.

use rust_decimal::Decimal;
use std::fmt;
use std::str::FromStr;

/// A number, in one canonical form, so that equal numbers are equal values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// ± digits × 10^exponent; digits without leading or trailing zeros; zero has no digits, exponent 0 and no sign.
    Decimal {
        /// Below zero.
        negative: bool,
        /// Significant digits.
        digits: String,
        /// Power of ten of the last digit.
        exponent: i64,
    },
    /// In lowest terms, the denominator at least 3 and not a product of 2s and 5s.
    Ratio {
        /// With the sign.
        numerator: i128,
        /// Above zero.
        denominator: i128,
    },
}

impl Value {
    /// From digits with at most one point, such as `12`, `1.50` or `.5`, and a power of ten.
    #[must_use]
    pub fn decimal(text: &str, power: i64) -> Option<Self> {
        let (whole, part) = text.split_once('.').unwrap_or((text, ""));
        let all = [whole, part].concat();
        if all.is_empty() || !all.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let digits = all.trim_start_matches('0');
        if digits.is_empty() {
            return Some(Self::Decimal { negative: false, digits: String::new(), exponent: 0 });
        }
        let kept = digits.trim_end_matches('0');
        let zeros = i64::try_from(digits.len() - kept.len()).ok()?;
        let exponent = power.checked_add(zeros)?.checked_sub(i64::try_from(part.len()).ok()?)?;
        Some(Self::Decimal { negative: false, digits: kept.to_owned(), exponent })
    }

    /// A whole number.
    #[must_use]
    pub fn integer(n: i128) -> Self {
        let value = Self::decimal(&n.unsigned_abs().to_string(), 0).unwrap_or(Self::ZERO);
        if n < 0 { value.negated() } else { value }
    }

    const ZERO: Self = Self::Decimal { negative: false, digits: String::new(), exponent: 0 };

    /// The quotient of two values; none when it is not exact within 38 digits, or the divisor is zero.
    #[must_use]
    pub fn quotient(&self, by: &Self) -> Option<Self> {
        let ((a, b), (c, d)) = (self.parts()?, by.parts()?);
        Self::reduced(a.checked_mul(d)?, b.checked_mul(c)?)
    }

    /// The sum of two values; none when it is not exact within 38 digits.
    #[must_use]
    pub fn sum(&self, other: &Self) -> Option<Self> {
        let ((a, b), (c, d)) = (self.parts()?, other.parts()?);
        Self::reduced(a.checked_mul(d)?.checked_add(c.checked_mul(b)?)?, b.checked_mul(d)?)
    }

    /// The product of two values; none when it is not exact within 38 digits.
    #[must_use]
    pub fn product(&self, other: &Self) -> Option<Self> {
        let ((a, b), (c, d)) = (self.parts()?, other.parts()?);
        Self::reduced(a.checked_mul(c)?, b.checked_mul(d)?)
    }

    fn reduced(numerator: i128, denominator: i128) -> Option<Self> {
        if denominator == 0 || numerator == i128::MIN || denominator == i128::MIN {
            return None;
        }
        let sign = denominator.signum();
        let shared = gcd(numerator, denominator).max(1);
        let (n, d) = (numerator / shared * sign, denominator / shared * sign);
        // A denominator of 2s and 5s alone is a decimal: multiply up to a power of ten.
        let (mut rest, mut twos, mut fives) = (d, 0_u32, 0_u32);
        while rest % 2 == 0 {
            (rest, twos) = (rest / 2, twos + 1);
        }
        while rest % 5 == 0 {
            (rest, fives) = (rest / 5, fives + 1);
        }
        if rest != 1 {
            return Some(Self::Ratio { numerator: n, denominator: d });
        }
        let power = twos.max(fives);
        let up = 2_i128.checked_pow(power - twos)?.checked_mul(5_i128.checked_pow(power - fives)?)?;
        Some(Self::integer(n.checked_mul(up)?).scaled(-i64::from(power)))
    }

    /// Times a power of ten.
    #[must_use]
    pub fn scaled(self, power: i64) -> Self {
        match self {
            Self::Decimal { negative, digits, exponent } if !digits.is_empty() => {
                Self::Decimal { negative, digits, exponent: exponent.saturating_add(power) }
            }
            Self::Ratio { .. } => self.scaled_ratio(power).unwrap_or(self),
            zero @ Self::Decimal { .. } => zero,
        }
    }

    fn scaled_ratio(&self, power: i64) -> Option<Self> {
        let (n, d) = self.parts()?;
        let ten = 10_i128.checked_pow(u32::try_from(power.unsigned_abs()).ok()?)?;
        if power >= 0 { Self::reduced(n.checked_mul(ten)?, d) } else { Self::reduced(n, d.checked_mul(ten)?) }
    }

    /// With the other sign.
    #[must_use]
    pub fn negated(self) -> Self {
        match self {
            Self::Decimal { negative, digits, exponent } => {
                let negative = !negative && !digits.is_empty();
                Self::Decimal { negative, digits, exponent }
            }
            Self::Ratio { numerator, denominator } => Self::Ratio { numerator: -numerator, denominator },
        }
    }

    /// Whether this is a whole number.
    #[must_use]
    pub const fn is_whole(&self) -> bool {
        matches!(self, Self::Decimal { exponent: 0.., .. })
    }

    /// Whether this lies below one.
    #[must_use]
    pub fn is_below_one(&self) -> bool {
        self.approximate() < 1.0
    }

    /// Numerator and denominator, where both fit.
    fn parts(&self) -> Option<(i128, i128)> {
        match self {
            Self::Ratio { numerator, denominator } => Some((*numerator, *denominator)),
            Self::Decimal { negative, digits, exponent } => {
                let n: i128 = if digits.is_empty() { 0 } else { digits.parse().ok()? };
                let n = if *negative { -n } else { n };
                let ten = 10_i128.checked_pow(u32::try_from(exponent.unsigned_abs()).ok()?)?;
                if *exponent >= 0 { Some((n.checked_mul(ten)?, 1)) } else { Some((n, ten)) }
            }
        }
    }

    fn approximate(&self) -> f64 {
        match self {
            #[expect(clippy::cast_precision_loss, reason = "only for tolerances beyond decimal arithmetic")]
            Self::Ratio { numerator, denominator } => *numerator as f64 / *denominator as f64,
            Self::Decimal { negative, digits, exponent } => {
                let text = format!(
                    "{}{}e{exponent}",
                    if *negative { "-" } else { "" },
                    if digits.is_empty() { "0" } else { digits }
                );
                text.parse().unwrap_or(f64::NAN)
            }
        }
    }

    fn to_decimal(&self) -> Option<Decimal> {
        match self {
            Self::Ratio { numerator, denominator } => {
                let [n, d] = [numerator, denominator].map(|part| Decimal::from_str(&part.to_string()).ok());
                n?.checked_div(d?)
            }
            Self::Decimal { digits, exponent, .. } if digits.len() <= 28 && (-28..=28).contains(exponent) => {
                Decimal::from_str(&self.to_string()).ok()
            }
            Self::Decimal { .. } => None,
        }
    }

    /// Whether this lies within `absolute`, or within `relative` times the reference, of the reference. Decimal
    /// arithmetic, so that a limit given in decimals holds exactly; floating point only beyond 28 digits.
    #[must_use]
    pub fn is_within(&self, reference: &Self, absolute: f64, relative: f64) -> bool {
        if self == reference {
            return true;
        }
        if absolute <= 0.0 && relative <= 0.0 {
            return false;
        }
        let exact = || {
            let (a, b) = (self.to_decimal()?, reference.to_decimal()?);
            let limit = |x: f64| Decimal::from_str(&x.to_string()).ok();
            let gap = a.checked_sub(b)?.abs();
            Some(gap <= limit(absolute)? || gap <= limit(relative)?.checked_mul(b.abs())?)
        };
        exact().unwrap_or_else(|| {
            let (a, b) = (self.approximate(), reference.approximate());
            let gap = (a - b).abs();
            gap.is_finite() && (gap <= absolute || gap <= relative * b.abs())
        })
    }
}

fn gcd(a: i128, b: i128) -> i128 {
    let (mut a, mut b) = (a.saturating_abs(), b.saturating_abs());
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

impl fmt::Display for Value {
    /// Plain digits where they are few, else with an exponent.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ratio { numerator, denominator } => write!(f, "{numerator}/{denominator}"),
            Self::Decimal { digits, .. } if digits.is_empty() => f.write_str("0"),
            Self::Decimal { negative, digits, exponent } => {
                let sign = if *negative { "-" } else { "" };
                match usize::try_from(exponent.unsigned_abs()) {
                    Ok(zeros) if *exponent >= 0 && zeros <= 30 => write!(f, "{sign}{digits}{}", "0".repeat(zeros)),
                    Ok(places) if *exponent < 0 && places < digits.len() => {
                        let (whole, part) = digits.split_at_checked(digits.len() - places).unwrap_or((digits, ""));
                        write!(f, "{sign}{whole}.{part}")
                    }
                    Ok(places) if *exponent < 0 && places <= 30 => {
                        write!(f, "{sign}0.{}{digits}", "0".repeat(places - digits.len()))
                    }
                    _ => write!(f, "{sign}{digits}e{exponent}"),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn v(text: &str) -> Value {
        match text.split_once('/') {
            Some((n, d)) => v(n).quotient(&v(d)).unwrap(),
            None => match text.strip_prefix('-') {
                Some(rest) => v(rest).negated(),
                None => Value::decimal(text, 0).unwrap(),
            },
        }
    }

    #[test]
    fn one_number_has_one_form() {
        for (a, b) in [
            ("1.50", "1.5"),
            ("007", "7"),
            ("0", "-0.00"),
            ("3/4", "0.75"),
            ("6/4", "1.5"),
            ("2/6", "1/3"),
            ("1200", "1.2/0.001"),
        ] {
            assert_eq!(v(a), v(b), "{a} {b}");
        }
        assert_ne!(v("1/3"), v("0.333333333333333333333"));
        assert_eq!(v("12").scaled(400).to_string(), "12e400");
        assert_eq!(
            (v("0.05").to_string(), v("-12.5").to_string(), v("-1/3").to_string()),
            ("0.05".into(), "-12.5".into(), "-1/3".into())
        );
        assert_eq!(v("1").quotient(&v("0")), None);
        assert_eq!(v("1/3").sum(&v("2/3")), Some(v("1")));
    }

    #[test]
    fn a_tolerance_holds_to_the_digit() {
        let within = |a: &str, b: &str, absolute, relative| v(a).is_within(&v(b), absolute, relative);
        assert!(within("3.15", "3.14", 0.01, 0.0) && !within("3.151", "3.14", 0.01, 0.0));
        assert!(within("101", "100", 0.0, 0.01) && !within("101.1", "100", 0.0, 0.01));
        assert!(within("0.333", "1/3", 0.001, 0.0) && !within("0.333", "1/3", 0.0, 0.0));
        let huge = v("1").scaled(300);
        assert!(huge.is_within(&v("1.001").scaled(300), 0.0, 0.01) && !huge.is_within(&v("1"), 1.0, 0.01));
    }

    proptest! {
        #[test]
        fn texts_come_back(n in any::<i64>(), places in 0..20_i64) {
            let value = Value::integer(i128::from(n)).scaled(-places);
            prop_assert_eq!(v(&value.to_string()), value);
        }

        #[test]
        fn arithmetic_never_panics(a in any::<i128>(), b in any::<i128>(), p in any::<i64>()) {
            let (a, b) = (Value::integer(a).scaled(p % 60), Value::integer(b));
            let all = [a.quotient(&b), b.quotient(&a), a.sum(&b), Some(a.clone().scaled(p)), a.quotient(&b).map(|q| q.scaled(p % 60).negated())];
            for value in all.into_iter().flatten() {
                let _ = (value.to_string(), value.is_within(&a, 0.5, 0.5));
            }
        }
    }
}
