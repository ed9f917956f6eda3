//! Confidence levels, the quantiles they stand for, and tails of discrete distributions.

use statrs::distribution::{ContinuousCDF, Normal, StudentsT};
use statrs::function::gamma::ln_gamma;

/// A two-sided confidence level, such as 95 %.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Level(f64);

impl Level {
    /// 95 %, which assayd reports everywhere.
    pub const P95: Self = Self(0.95);

    /// A level from 0.5 to 0.999999.
    #[must_use]
    pub fn new(level: f64) -> Option<Self> {
        (0.5..=0.999_999).contains(&level).then_some(Self(level))
    }

    /// The level as a fraction.
    #[must_use]
    pub const fn get(self) -> f64 {
        self.0
    }

    /// The mass in each tail, such as 0.025.
    #[must_use]
    pub fn tail(self) -> f64 {
        (1.0 - self.0) / 2.0
    }

    /// The standard normal quantile at `1 − tail`, such as 1.96.
    #[must_use]
    pub fn z(self) -> f64 {
        Normal::standard().inverse_cdf(1.0 - self.tail())
    }

    /// Student's t quantile at `1 − tail` for `df` degrees of freedom; none below 1.
    ///
    /// Above 10,000 by the expansion of Abramowitz & Stegun (1964) 26.7.5, whose first dropped term is below 10⁻¹¹
    /// there, while inverting the incomplete beta function loses digits.
    #[must_use]
    pub fn t(self, df: f64) -> Option<f64> {
        if df.is_nan() || df < 1.0 {
            return None;
        }
        if df <= 1e4 {
            return StudentsT::new(0.0, 1.0, df).ok().map(|t| t.inverse_cdf(1.0 - self.tail()));
        }
        let z = self.z();
        let first = (z.powi(3) + z) / 4.0;
        let second = (5.0 * z.powi(5) + 16.0 * z.powi(3) + 3.0 * z) / 96.0;
        Some(z + first / df + second / (df * df))
    }
}

/// The standard normal distribution function.
pub(super) fn normal_cdf(x: f64) -> f64 {
    Normal::standard().cdf(x)
}

/// Counts become floating-point numbers here and nowhere else.
#[expect(clippy::cast_precision_loss, reason = "a count above 2^53 is rounded, which no interval can notice")]
pub(super) const fn float(n: u64) -> f64 {
    n as f64
}

/// ln C(n, k), for k ≤ n.
pub(super) fn ln_choose(n: u64, k: u64) -> f64 {
    let ln_factorial = |n: u64| ln_gamma(float(n) + 1.0);
    ln_factorial(n) - ln_factorial(k) - ln_factorial(n.saturating_sub(k))
}

/// The sum of a mass function from `start` on, given its value there and the ratio of each value to the one before;
/// ends when a term no longer counts. `ratio(i)` is that of the i-th step, from 0; a ratio of 0 ends the support.
pub(super) fn tail_sum(first: f64, mut ratio: impl FnMut(u64) -> f64) -> f64 {
    let (mut term, mut sum, mut step) = (first, first, 0);
    loop {
        let factor = ratio(step);
        term *= factor;
        sum += term;
        step += 1;
        // Falling terms below this fraction of the sum can't move its 15th digit.
        if term <= 0.0 || (factor < 1.0 && term < sum * 1e-17 * (1.0 - factor)) {
            return sum;
        }
    }
}

/// P(X ≤ k) for X binomial(n, p), 0 < p < 1.
///
/// Exact sum of the nearer tail; where n·p·(1−p) is above 10⁶ the normal approximation with continuity correction and
/// Edgeworth's skewness term (Feller 1971, XVI.4), whose error there is below 10⁻⁶.
pub(super) fn binomial_cdf(k: u64, n: u64, p: f64) -> f64 {
    if k >= n {
        return 1.0;
    }
    let (mean, variance) = (float(n) * p, float(n) * p * (1.0 - p));
    if variance > 1e6 {
        let sd = variance.sqrt();
        let x = (float(k) + 0.5 - mean) / sd;
        let density = (-x * x / 2.0).exp() / std::f64::consts::TAU.sqrt();
        let skew = (1.0 - 2.0 * p) / sd;
        return (Normal::standard().cdf(x) - skew / 6.0 * (x * x - 1.0) * density).clamp(0.0, 1.0);
    }
    let mass = |k: u64| (ln_choose(n, k) + float(k) * p.ln() + float(n - k) * (-p).ln_1p()).exp();
    let odds = p / (1.0 - p);
    if float(k) < mean {
        let below = tail_sum(mass(k), |i| {
            let j = k.saturating_sub(i);
            float(j) / (float(n - j) + 1.0) / odds
        });
        below.min(1.0)
    } else {
        let start = k + 1;
        let above = tail_sum(mass(start), |i| {
            let j = start + i;
            float(n.saturating_sub(j)) / (float(j) + 1.0) * odds
        });
        (1.0 - above).max(0.0)
    }
}

/// The two-sided p-value of Student's t; 1 where it is not a number, 0 where it is infinite.
pub(super) fn two_sided_t(t: f64, freedom: f64) -> f64 {
    // The library panics at what is not a number.
    if t.is_nan() {
        return 1.0;
    }
    if t.is_infinite() {
        return 0.0;
    }
    let tail = StudentsT::new(0.0, 1.0, freedom).map_or(0.5, |student| student.sf(t.abs()));
    (2.0 * tail).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_agree_with_printed_tables() {
        // z and t at 97.5 %: Abramowitz & Stegun, tables 26.1 and 26.10.
        assert!((Level::P95.z() - 1.959_963_985).abs() < 1e-8);
        for (df, t) in [(1.0, 12.706_205), (4.0, 2.776_445), (29.0, 2.045_230), (120.0, 1.979_930)] {
            let got = Level::P95.t(df).unwrap();
            assert!((got - t).abs() < 1e-5, "{df}: {got}");
        }
        let (below, above) = (Level::P95.t(1e4).unwrap(), Level::P95.t(10_001.0).unwrap());
        assert!(below > above && below - above < 1e-7, "the two methods meet: {below} {above}");
        assert_eq!(Level::P95.t(0.0), None);
        assert_eq!(Level::P95.t(f64::NAN), None);
    }

    #[test]
    fn a_level_is_a_sensible_fraction() {
        assert_eq!(Level::new(0.95), Some(Level::P95));
        for bad in [0.0, 1.0, 95.0, f64::NAN] {
            assert_eq!(Level::new(bad), None);
        }
    }

    #[test]
    fn binomial_tails_add_up() {
        for (n, p) in [(1, 0.5_f64), (10, 0.2), (200, 0.99), (5_000, 0.5)] {
            let mut sum = 0.0;
            for k in 0..=n {
                sum += (ln_choose(n, k) + float(k) * p.ln() + float(n - k) * (1.0 - p).ln()).exp();
                assert!((binomial_cdf(k, n, p) - sum).abs() < 1e-9, "n {n} p {p} k {k}");
            }
        }
    }

    #[test]
    fn the_large_approximation_meets_the_exact_sum() {
        // n·p·(1−p) is just over the switch.
        let (n, p, k) = (6_250_001_u64, 0.2, 1_248_500_u64);
        let exact = tail_sum((ln_choose(n, k) + float(k) * f64::ln(p) + float(n - k) * f64::ln(1.0 - p)).exp(), |i| {
            let j = k - i;
            float(j) / (float(n - j) + 1.0) / 0.25
        });
        assert!((binomial_cdf(k, n, p) - exact).abs() < 1e-6, "{exact} {}", binomial_cdf(k, n, p));
    }
}
