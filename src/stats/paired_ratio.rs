//! How many times as much one pays as another for the same: the ratio of two ratios over the same items.

use super::distribution::{Level, float, two_sided_t};
use super::proportion::Interval;

/// Sums over items that both of a pair answered: what it cost (`c`) and how much of it was right (`r`), by each.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct PairedRatio {
    n: u64,
    /// Σ of c and r of the first, c and r of the second.
    sums: [f64; 4],
    /// The sums of their products.
    products: [[f64; 4]; 4],
}

/// A ratio of ratios.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RatioOfRatios {
    /// (C_a / R_a) / (C_b / R_b), with its interval.
    pub ratio: Interval,
    /// Two-sided p-value of a ratio of 1.
    pub p: f64,
}

/// Below so many items nothing is said.
const FEWEST: u64 = 5;

impl PairedRatio {
    /// Takes an item; one that holds no finite numbers, or negative ones, is passed over.
    pub fn add(&mut self, a: (f64, f64), b: (f64, f64)) {
        let values = [a.0, a.1, b.0, b.1];
        if values.iter().any(|value| !value.is_finite() || *value < 0.0) {
            return;
        }
        self.n += 1;
        for ((sum, row), value) in self.sums.iter_mut().zip(&mut self.products).zip(values) {
            *sum += value;
            row.iter_mut().zip(values).for_each(|(product, other)| *product += value * other);
        }
    }

    /// Takes the items of other sums.
    pub fn merge(&mut self, other: &Self) {
        self.n += other.n;
        self.sums.iter_mut().zip(other.sums).for_each(|(mine, theirs)| *mine += theirs);
        let (mine, theirs) = (self.products.iter_mut().flatten(), other.products.iter().flatten());
        mine.zip(theirs).for_each(|(mine, theirs)| *mine += theirs);
    }

    /// The ratio of costs per right answer, first over second; none where one of them cost nothing or got nothing right, or
    /// with fewer than five items.
    ///
    /// The delta method on the logarithm, paired: ln θ̂ = ln(C_a/R_a) − ln(C_b/R_b), in which an item has the influence
    /// c_a/C_a − r_a/R_a − c_b/C_b + r_b/R_b (they add up to zero), so that var(ln θ̂) = n/(n−1)·Σ influence²; t of n − 1
    /// degrees of freedom (Cochran 1977, Sampling Techniques, §6.3–6.5, for each of the two ratios).
    #[must_use]
    pub fn ratio(&self, level: Level) -> Option<RatioOfRatios> {
        let n = float(self.n);
        if self.n < FEWEST || self.sums.iter().any(|sum| *sum <= 0.0) {
            return None;
        }
        let signs = [1.0, -1.0, -1.0, 1.0];
        let mut weights = self.sums;
        weights.iter_mut().zip(signs).for_each(|(weight, sign)| *weight = sign / *weight);
        let row = |row: &[f64; 4]| row.iter().zip(weights).map(|(product, weight)| product * weight).sum::<f64>();
        let squares: f64 = self.products.iter().zip(weights).map(|(products, weight)| weight * row(products)).sum();
        let error = (squares.max(0.0) * n / (n - 1.0)).sqrt();
        let [cost_a, right_a, cost_b, right_b] = self.sums;
        let log = (cost_a / right_a).ln() - (cost_b / right_b).ln();
        let half = level.t(n - 1.0)? * error;
        let ratio = Interval { estimate: log.exp(), lower: (log - half).exp(), upper: (log + half).exp() };
        // Without any spread but that of rounding, the ratio is exact: 1 or not.
        let p = if error > 1e-12 { two_sided_t(log / error, n - 1.0) } else { f64::from(u8::from(log.abs() < 1e-9)) };
        let whole = ratio.lower > 0.0 && ratio.upper.is_finite();
        whole.then_some(RatioOfRatios { ratio, p })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    #[test]
    fn by_hand() {
        let mut sums = PairedRatio::default();
        for (right_a, right_b) in [(1.0, 1.0), (1.0, 0.0), (0.0, 1.0), (1.0, 1.0)] {
            sums.add((2.0, right_a), (1.0, right_b));
        }
        assert_eq!(sums.ratio(Level::P95), None, "too few");
        sums.add((2.0, 1.0), (1.0, 0.0));
        sums.add((f64::NAN, 1.0), (1.0, 0.0));
        let got = sums.ratio(Level::P95).unwrap();
        // 10/4 over 5/3; influences r_b/3 − r_a/4 (the costs' parts cancel).
        assert!((got.ratio.estimate - 1.5).abs() < 1e-12);
        let influences: [f64; 5] = [1.0 / 12.0, -0.25, 1.0 / 3.0, 1.0 / 12.0, -0.25];
        let error = (influences.iter().map(|i| i * i).sum::<f64>() * 5.0 / 4.0).sqrt();
        let half = (got.ratio.upper / got.ratio.estimate).ln();
        assert!((half - Level::P95.t(4.0).unwrap() * error).abs() < 1e-9, "{half}");
        assert!((got.ratio.lower * got.ratio.upper - 2.25).abs() < 1e-9);
    }

    #[test]
    fn what_costs_nothing_has_no_ratio_and_what_is_the_same_is_1() {
        let of = |a: (f64, f64), b: (f64, f64)| {
            let mut sums = PairedRatio::default();
            (0..9).for_each(|_| sums.add(a, b));
            sums.ratio(Level::P95)
        };
        assert_eq!((of((0.0, 1.0), (1.0, 1.0)), of((1.0, 1.0), (1.0, 0.0))), (None, None));
        let same = of((3.0, 1.0), (3.0, 1.0)).unwrap();
        assert_eq!((same.ratio.lower, same.ratio.upper, same.p), (1.0, 1.0, 1.0));
        assert!(of((6.0, 1.0), (3.0, 1.0)).unwrap().p < 1e-9, "exactly twice");
    }

    #[test]
    fn sums_of_halves_are_the_sums_of_all() {
        let items: Vec<_> = (1..30_u32).map(f64::from).map(|n| ((n, n % 2.0), (n.sqrt(), n % 3.0))).collect();
        let of = |from: usize, to: usize| {
            let mut sums = PairedRatio::default();
            items[from..to].iter().for_each(|(a, b)| sums.add(*a, *b));
            sums
        };
        let (mut merged, all) = (of(0, 11), of(0, items.len()).ratio(Level::P95).unwrap());
        merged.merge(&of(11, items.len()));
        let got = merged.ratio(Level::P95).unwrap();
        let ends = |of: RatioOfRatios| [of.ratio.lower, of.ratio.estimate, of.ratio.upper, of.p];
        ends(got).into_iter().zip(ends(all)).for_each(|(mine, theirs)| assert!((mine / theirs - 1.0).abs() < 1e-12));
    }

    #[test]
    fn intervals_cover() {
        // Costs are long-tailed and alike for both (a long question is long for everybody); right answers too.
        let mut rng = ChaCha8Rng::seed_from_u64(11);
        for (items, least) in [(40, 920), (200, 935)] {
            let (mut covered, runs) = (0, 1_000);
            for _ in 0..runs {
                let mut sums = PairedRatio::default();
                for _ in 0..items {
                    let length = (rng.random::<f64>() * 2.0).exp();
                    let hard = rng.random::<f64>();
                    let right = |share: f64, roll: f64| f64::from(u8::from(hard * 0.5 + roll * 0.5 < share));
                    let (a, b) = (right(0.7, rng.random()), right(0.5, rng.random()));
                    sums.add((2.0 * length, a), (length * (0.5 + rng.random::<f64>()), b));
                }
                // P(U/2 + V/2 < s) is 2s² up to one half, 1 − 2(1 − s)² above; costs are 2 to 1.
                let truth = 2.0 / 0.82 * 0.5;
                covered += u32::from(sums.ratio(Level::P95).unwrap().ratio.covers(truth));
            }
            assert!(covered >= least, "{items}: {covered}");
        }
    }
}
