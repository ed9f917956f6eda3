//! The ratio of two sums over the same clusters, above all what one correct answer costs: θ = ΣC / ΣR.

use super::distribution::{Level, float};
use crate::domain::Money;

const VERSION: &str = "r2";

/// Sums over independent clusters (an item with its repeats and variants) of a numerator `c` and a denominator `r`:
/// nano-USD and correct answers for the cost per correct answer; correct and graded answers for [`super::clustered`].
///
/// Exact integers: merging in any order, and restoring from a checkpoint, gives the same figures to the last bit. They
/// saturate beyond what 10²⁰ clusters of 1 USD would need.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RatioSums {
    /// Clusters.
    pub n: u64,
    /// Σ c.
    pub c: i128,
    /// Σ r.
    pub r: i128,
    /// Σ c².
    pub cc: i128,
    /// Σ c·r.
    pub cr: i128,
    /// Σ r².
    pub rr: i128,
    /// Σ c³, modulo 2¹²⁸: it exceeds that from 10¹¹ clusters of 1 USD, or a few of 5000 USD, on.
    pub ccc: i128,
}

/// However long a tail, t has no fewer degrees of freedom: a few outliers are no reason for an interval without end.
const LEAST_FREEDOM: f64 = 3.0;

/// Why a text is no record of sums.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a record of sums of version {VERSION}")]
pub struct RatioSumsError;

/// What one correct answer costs, in USD, with its interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PerCorrect {
    /// ΣC / ΣR; +Inf when money was spent and nothing was correct.
    pub estimate: f64,
    /// The interval's lower end; always finite.
    pub lower: f64,
    /// The interval's upper end; none when the data can't bound it (fewer than 5 correct, or Fieller's g ≥ 1).
    pub upper: Option<f64>,
}

impl RatioSums {
    /// Adds one cluster.
    pub fn add(&mut self, c: i64, r: u64) {
        self.merge(&Self::one(c, r));
    }

    /// Takes one cluster out again, as it was added: a cluster that grows is removed as it was and added as it is.
    pub fn remove(&mut self, c: i64, r: u64) {
        let one = Self::one(c, r);
        self.n = self.n.saturating_sub(one.n);
        self.sums().into_iter().zip(one.parts()).for_each(|(sum, part)| *sum = sum.saturating_sub(part));
        self.ccc = self.ccc.wrapping_sub(one.ccc);
    }

    /// Adds the sums of other, disjoint clusters.
    pub fn merge(&mut self, other: &Self) {
        self.n = self.n.saturating_add(other.n);
        self.sums().into_iter().zip(other.parts()).for_each(|(sum, part)| *sum = sum.saturating_add(part));
        self.ccc = self.ccc.wrapping_add(other.ccc);
    }

    fn one(c: i64, r: u64) -> Self {
        let (c, r) = (i128::from(c), i128::from(r));
        // i64² and i64·u64 fit; only r² of an absurd count can exceed.
        let cc = c * c;
        Self { n: 1, c, r, cc, cr: c.saturating_mul(r), rr: r.saturating_mul(r), ccc: cc.wrapping_mul(c) }
    }

    /// The sums that saturate.
    const fn parts(&self) -> [i128; 5] {
        let Self { n: _, c, r, cc, cr, rr, ccc: _ } = *self;
        [c, r, cc, cr, rr]
    }

    const fn sums(&mut self) -> [&mut i128; 5] {
        let Self { n: _, c, r, cc, cr, rr, ccc: _ } = self;
        [c, r, cc, cr, rr]
    }

    /// The cost of one correct answer: `c` in nano-USD, `r` correct answers, and `hardware`, the cost of the run's
    /// hardware, which belongs to the run and enters every cluster as `hardware / n`: it moves θ, and adds no variance
    /// of its own. None without clusters.
    ///
    /// The interval is the delta method on the logarithm, exp(ln θ̂ ± t·se/θ̂) with se = sd(C − θ̂R)/(√n·R̄) (Cochran 1977,
    /// Sampling Techniques, §6.3–6.5). Costs have a long tail, and then se is known less well than n − 1 degrees of
    /// freedom say: t has (n − 1)/(1 + ¾γ²), those of a variance whose kurtosis is a gamma distribution's, 3 + 1.5γ²
    /// (Satterthwaite 1946, Biometrics Bulletin 2, 110–114), where γ is the part of the skewness of C − θ̂R that C
    /// brings; R's the logarithm takes. With Fieller's g = t²·var(R̄)/R̄², t of n − 1 degrees of freedom (1954, J. R. Statist.
    /// Soc. B 16, 175–185), at 1 or above the ratio has no bounded interval. Where there is no upper end, the lower one is
    /// the smaller of the delta method's and, below 5 correct answers, ΣC over Garwood's (1936) Poisson upper limit of the
    /// number correct.
    #[must_use]
    pub fn per_correct(&self, hardware: Money, level: Level) -> Option<PerCorrect> {
        if self.n == 0 {
            return None;
        }
        let (n, correct) = (float(self.n), wide(self.r));
        let cost = (wide(self.c.saturating_add(i128::from(hardware.nanos()))) / 1e9).max(0.0);
        let few = self.r < 5;
        let floor = if few { cost / poisson_upper(correct, level) } else { f64::INFINITY };
        if self.r <= 0 {
            return Some(PerCorrect { estimate: f64::INFINITY, lower: floor, upper: None });
        }
        let theta = cost / correct;
        if theta <= 0.0 {
            // Nothing was spent: a known price of nothing, if enough was seen to say so.
            return Some(PerCorrect { estimate: 0.0, lower: 0.0, upper: (!few).then_some(0.0) });
        }
        let Some(t) = level.t(n - 1.0) else {
            return Some(PerCorrect { estimate: theta, lower: floor.min(theta), upper: None });
        };
        // Sums of squares about the means: what every cluster has in common, such as the hardware, drops out.
        let [cc, cr, rr] = [(self.cc, self.c, self.c), (self.cr, self.c, self.r), (self.rr, self.r, self.r)]
            .map(|(ab, a, b)| centred(self.n, ab, a, b));
        let (cc, cr) = (cc / 1e18, cr / 1e9);
        let third = self.third() / 1e27;
        let variance = ((cc - 2.0 * theta * cr + theta * theta * rr) / (n - 1.0)).max(0.0);
        let mean_correct = correct / n;
        let relative = (variance / n).sqrt() / mean_correct / theta;
        let g = t * t * (rr.max(0.0) / (n - 1.0) / n) / (mean_correct * mean_correct);
        // Both over n, of costs in units of themselves.
        let skew = (third / n) / (variance * (n - 1.0) / n).powf(1.5);
        let skew = if skew.is_finite() { skew } else { 0.0 };
        let freedom = ((n - 1.0) / (1.0 + 0.75 * skew * skew)).max(LEAST_FREEDOM.min(n - 1.0));
        let wide = level.t(freedom).unwrap_or(t);
        let (lower, upper) = (theta * (-wide * relative).exp(), theta * (wide * relative).exp());
        if few || g >= 1.0 || !upper.is_finite() {
            return Some(PerCorrect { estimate: theta, lower: lower.min(floor), upper: None });
        }
        Some(PerCorrect { estimate: theta, lower, upper: Some(upper) })
    }

    /// Σ(c − c̄)³; 0 where Σc³ may have been more than it can hold.
    fn third(&self) -> f64 {
        // Σ|c|³ is at most (Σc²)^1.5.
        if wide(self.cc).powf(1.5) >= wide(i128::MAX) {
            return 0.0;
        }
        let n = float(self.n);
        let mean = wide(self.c) / n;
        let squares = centred(self.n, self.cc, self.c, self.c);
        wide(self.ccc) - mean * (3.0 * squares + n * mean * mean)
    }

    /// One line for a database column.
    #[must_use]
    pub fn to_text(&self) -> String {
        let Self { n, c, r, cc, cr, rr, ccc } = self;
        format!("{VERSION} {n} {c} {r} {cc} {cr} {rr} {ccc}")
    }

    /// Reads [`RatioSums::to_text`] back.
    ///
    /// # Errors
    /// [`RatioSumsError`] for any other text.
    pub fn from_text(text: &str) -> Result<Self, RatioSumsError> {
        let words: Vec<&str> = text.split(' ').collect();
        let [VERSION, n, c, r, cc, cr, rr, ccc] = words.as_slice() else { return Err(RatioSumsError) };
        let sum = |word: &str| word.parse().map_err(|_| RatioSumsError);
        let n = n.parse().map_err(|_| RatioSumsError)?;
        Ok(Self { n, c: sum(c)?, r: sum(r)?, cc: sum(cc)?, cr: sum(cr)?, rr: sum(rr)?, ccc: sum(ccc)? })
    }
}

#[expect(clippy::cast_precision_loss, reason = "a sum above 2^53 is rounded to 16 digits, once, after exact summing")]
const fn wide(sum: i128) -> f64 {
    sum as f64
}

/// Σ(a − ā)(b − b̄) = (n·Σab − Σa·Σb) / n: exact where the integers fit, so that nothing cancels away.
fn centred(n: u64, ab: i128, a: i128, b: i128) -> f64 {
    let exact = || i128::from(n).checked_mul(ab)?.checked_sub(a.checked_mul(b)?);
    exact().map_or_else(|| wide(ab) - wide(a) * (wide(b) / float(n)), |exact| wide(exact) / float(n))
}

/// Garwood's upper limit of a Poisson mean when `count` (below 5) were seen: the mean at which so few have the tail's
/// probability, by bisection.
fn poisson_upper(count: f64, level: Level) -> f64 {
    let at_most = |mean: f64| {
        let (mut term, mut sum, mut k) = (1.0, 1.0, 0.0);
        while k < count {
            k += 1.0;
            term *= mean / k;
            sum += term;
        }
        sum * (-mean).exp()
    };
    let (mut low, mut high) = (0.0, 100.0);
    for _ in 0..60 {
        let middle = (low + high) / 2.0;
        if at_most(middle) > level.tail() { low = middle } else { high = middle }
    }
    high
}

#[cfg(test)]
mod tests {
    use super::super::simulate;
    use super::*;
    use proptest::prelude::*;

    const P95: Level = Level::P95;

    fn of(clusters: &[(i64, u64)]) -> RatioSums {
        let mut sums = RatioSums::default();
        clusters.iter().for_each(|(c, r)| sums.add(*c, *r));
        sums
    }

    #[test]
    fn worked_by_hand() {
        // Ten items at 1 USD, six right: θ = 10/6; C − θR has squares 6·(2/3)² + 4·1² = 20/3, over 9.
        let ten: Vec<_> = (0..10).map(|i| (1_000_000_000, u64::from(i < 6))).collect();
        let got = of(&ten).per_correct(Money::ZERO, P95).unwrap();
        let relative: f64 = (20.0 / 27.0 / 10.0_f64).sqrt() / 0.6 / (10.0 / 6.0);
        let factor = (2.262_157_163 * relative).exp();
        assert!((got.estimate - 10.0 / 6.0).abs() < 1e-12);
        assert!((got.lower * factor - got.estimate).abs() < 1e-8, "{got:?}");
        assert!((got.upper.unwrap() - got.estimate * factor).abs() < 1e-8, "{got:?}");
    }

    #[test]
    fn hardware_moves_the_estimate_and_adds_no_variance() {
        let free: Vec<_> = (0..10).map(|i| (0, u64::from(i < 6))).collect();
        let paid: Vec<_> = (0..10).map(|i| (1_000_000_000, u64::from(i < 6))).collect();
        let hardware = of(&free).per_correct(Money::from_nanos(10_000_000_000), P95).unwrap();
        let spread = of(&paid).per_correct(Money::ZERO, P95).unwrap();
        assert!((hardware.estimate - spread.estimate).abs() < 1e-12 && (hardware.lower - spread.lower).abs() < 1e-12);
    }

    #[test]
    fn what_has_no_upper_end_says_so() {
        let none = of(&[(1_000_000_000, 0); 4]).per_correct(Money::ZERO, P95).unwrap();
        assert_eq!((none.estimate, none.upper), (f64::INFINITY, None));
        // 4 USD over −ln 0.025 = 3.689 expected at the most.
        assert!((none.lower - 4.0 / 3.688_879).abs() < 1e-5, "{none:?}");
        let mut four = vec![(1_000_000_000, 1); 4];
        four.extend([(1_000_000_000, 0); 40]);
        let four = of(&four).per_correct(Money::ZERO, P95).unwrap();
        assert!(
            four.upper.is_none() && four.estimate > 10.9 && four.lower > 0.0 && four.lower < four.estimate,
            "{four:?}"
        );
        // 30 correct, but all in one of 20 clusters: Fieller's g is far above 1.
        let mut lump = vec![(1_000_000_000, 30)];
        lump.extend([(1_000_000_000, 0); 19]);
        assert_eq!(of(&lump).per_correct(Money::ZERO, P95).unwrap().upper, None);
        assert_eq!(of(&[(5, 9)]).per_correct(Money::ZERO, P95).unwrap().upper, None);
        assert_eq!(RatioSums::default().per_correct(Money::ZERO, P95), None);
    }

    #[test]
    fn a_price_of_nothing_is_nothing() {
        let got = of(&[(0, 1); 8]).per_correct(Money::ZERO, P95).unwrap();
        assert_eq!(got, PerCorrect { estimate: 0.0, lower: 0.0, upper: Some(0.0) });
        let none = of(&[(0, 0); 8]).per_correct(Money::ZERO, P95).unwrap();
        assert_eq!((none.estimate, none.lower, none.upper), (f64::INFINITY, 0.0, None));
    }

    #[test]
    fn long_tails_widen_it_and_symmetric_ones_do_not() {
        let interval = |costs: &[i64]| {
            let all: Vec<_> = (0_u64..).zip(costs).map(|(i, c)| (*c, u64::from(i % 2 == 0))).collect();
            of(&all).per_correct(Money::ZERO, P95).unwrap()
        };
        let width = |got: PerCorrect| (got.upper.unwrap() / got.lower).ln();
        let level: Vec<i64> = (0..40).map(|i| 1_000_000 + 1_000 * (i % 5 - 2)).collect();
        // The interval as it is with 39 degrees of freedom.
        let of_level = of(&level.iter().enumerate().map(|(i, c)| (*c, u64::from(i % 2 == 0))).collect::<Vec<_>>());
        let (n, theta) = (40.0, wide(of_level.c) / wide(of_level.r));
        let [cc, cr, rr] = [
            centred(40, of_level.cc, of_level.c, of_level.c),
            centred(40, of_level.cr, of_level.c, of_level.r),
            centred(40, of_level.rr, of_level.r, of_level.r),
        ];
        let se = ((cc - 2.0 * theta * cr + theta * theta * rr) / (n - 1.0) / n).sqrt() / (wide(of_level.r) / n) / theta;
        assert!((width(interval(&level)) / (2.0 * P95.t(39.0).unwrap() * se) - 1.0).abs() < 1e-6);
        // One answer that cost as much as all others together: far fewer degrees of freedom.
        let mut tail = level;
        if let Some(first) = tail.first_mut() {
            *first = 40_000_000;
        }
        let got = interval(&tail);
        assert!(got.lower > 0.0 && width(got) > 2.0, "{got:?}");
    }

    #[test]
    fn nominal_95_percent_covers_95_percent() {
        let mut rng = simulate::SplitMix(20_261_123);
        for cell in simulate::grid() {
            let simulate::Cell { n, p, sigma } = cell;
            // The long runs are the dear ones, and the ones that have nothing to hide.
            let runs = if n > 100 { 1_000 } else { 2_000 };
            let simulate::Coverage { all, two_ended, covered } = simulate::run(&mut rng, cell, runs);
            let what =
                format!("n {n} p {p} sigma {sigma}: {all} of all, {two_ended} with both ends, {covered} of those");
            // Where an upper end is rare, those that have one are the lucky runs, and only the whole is calibrated.
            assert!(all >= 0.92 && (two_ended < 0.9 || covered >= 0.92), "{what}");
            // A lower bound alone is wrong in one tail only: where there are many, more are covered.
            assert!(two_ended < 0.98 || all <= 0.97, "{what}");
            // The design's reasons for no upper end: fewer than 5 correct, or so few that their number is hardly known.
            assert!(two_ended > 0.99 || f64::from(n) * p < 16.0, "{what}");
        }
    }

    fn clusters() -> impl Strategy<Value = Vec<(i64, u64)>> {
        proptest::collection::vec((-1_000_000_000_000_000..=1_000_000_000_000_000_i64, 0..1_000_u64), 0..30)
    }

    proptest! {
        #[test]
        fn sums_are_a_commutative_monoid_with_removal(a in clusters(), b in clusters()) {
            let (mut ab, mut ba) = (of(&a), of(&b));
            ab.merge(&of(&b));
            ba.merge(&of(&a));
            prop_assert_eq!(ab, ba);
            b.iter().for_each(|(c, r)| ab.remove(*c, *r));
            prop_assert_eq!(ab, of(&a));
            prop_assert_eq!(RatioSums::from_text(&ba.to_text()), Ok(ba));
        }

        #[test]
        fn any_figures_give_ordered_numbers(n in any::<u64>(), figures in any::<[i128; 6]>(), hardware in any::<i64>()) {
            let [c, r, cc, cr, rr, ccc] = figures;
            if let Some(got) = (RatioSums { n, c, r, cc, cr, rr, ccc }).per_correct(Money::from_nanos(hardware), P95) {
                prop_assert!(got.lower <= got.estimate && got.upper.is_none_or(|u| got.estimate <= u), "{got:?}");
                prop_assert!(got.lower.is_finite());
            }
        }

        #[test]
        fn any_text_is_read_or_refused(text in "(r2 )?[0-9 -]{0,40}|.{0,40}") {
            if let Ok(sums) = RatioSums::from_text(&text) {
                prop_assert_eq!(RatioSums::from_text(&sums.to_text()), Ok(sums));
            }
        }
    }
}
