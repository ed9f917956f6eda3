//! Break-even duty: how much of its time own hardware must work before its correct answers cost less than an API's.
//!
//! u* = ΣC_h / (correct an hour at saturation × cost per correct of the API), with correct an hour = accuracy × answers an
//! hour. Above u* owning is cheaper; above 1 there is no such duty. C_h is known to the nano-USD; the interval comes from
//! those of accuracy, answers an hour and the API's cost per correct: the delta method on logarithms, each side by the
//! distances of the inputs' own intervals, since those are not symmetric (MOVER: Zou & Donner 2008, Statistics in Medicine
//! 27, 1693–1702). The inputs are taken as independent. Where both were measured on the same items, items that are hard
//! for both make accuracy low and the API's cost high at once, and the interval is wider than it need be.

/// A positive figure with its 95 % interval. An end that is not known, or that the data can't bound, is none.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// The figure.
    pub value: f64,
    /// The interval's lower end; none is 0.
    pub lower: Option<f64>,
    /// The interval's upper end; none is unbounded.
    pub upper: Option<f64>,
}

impl Estimate {
    /// A figure that is taken as it is, without an interval.
    #[must_use]
    pub const fn exact(value: f64) -> Self {
        Self { value, lower: Some(value), upper: Some(value) }
    }

    /// With the ends of an interval.
    #[must_use]
    pub const fn new(value: f64, lower: f64, upper: Option<f64>) -> Self {
        Self { value, lower: Some(lower), upper }
    }

    /// Whether it says more than its figure.
    #[must_use]
    pub fn has_interval(&self) -> bool {
        self.lower != Some(self.value) || self.upper != Some(self.value)
    }

    /// The distances to the ends on the logarithm; infinite where there is no end, or it is 0.
    fn distances(&self) -> (f64, f64) {
        let below = self.lower.filter(|end| *end > 0.0).map_or(f64::INFINITY, |end| (self.value / end).ln());
        let above = self.upper.map_or(f64::INFINITY, |end| (end / self.value).ln());
        (below.max(0.0), above.max(0.0))
    }
}

/// `numerator` over the product of the inputs, with its interval; none where an input is not positive and finite.
#[must_use]
pub fn over(numerator: f64, inputs: &[Estimate]) -> Option<Estimate> {
    let positive = |x: f64| x > 0.0 && x.is_finite();
    if !(numerator >= 0.0 && numerator.is_finite() && inputs.iter().all(|input| positive(input.value))) {
        return None;
    }
    let value = inputs.iter().fold(numerator, |so_far, input| so_far / input.value);
    let squares = inputs.iter().map(Estimate::distances).fold((0.0, 0.0), |sum, (below, above)| {
        // An input that is larger makes it smaller.
        (sum.0 + above * above, sum.1 + below * below)
    });
    let end = |factor: f64| Some(value * factor).filter(|end| *end > 0.0 && end.is_finite());
    Some(Estimate { value, lower: end((-squares.0.sqrt()).exp()), upper: end(squares.1.sqrt().exp()) })
}

/// The product of figures, with its interval; none where one is not positive and finite.
#[must_use]
pub fn product(inputs: &[Estimate]) -> Option<Estimate> {
    let inverse = over(1.0, inputs)?;
    let turned = |end: Option<f64>| end.map(|x| 1.0 / x);
    Some(Estimate { value: 1.0 / inverse.value, lower: turned(inverse.upper), upper: turned(inverse.lower) })
}

/// What is said of a break-even.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BreakEven {
    /// The duty above which own hardware is cheaper.
    pub duty: Estimate,
    /// Answers a day at that duty: those that must be asked for, right or wrong.
    pub answers_per_day: f64,
}

/// How a break-even is to be understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Above the duty own hardware is cheaper, also at the interval's worse end.
    Reachable,
    /// The interval holds 1: whether it can be cheaper at all is not shown.
    Unresolved,
    /// Not even hardware that never rests is cheaper at this price.
    Never,
}

impl Verdict {
    /// The word used in records.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Reachable => "reachable",
            Self::Unresolved => "unresolved",
            Self::Never => "never",
        }
    }
}

impl BreakEven {
    /// Of hardware at `per_hour` USD (energy included), its accuracy and its answers an hour at saturation, against an
    /// API's USD per correct answer. None where a figure is not positive and finite.
    #[must_use]
    pub fn of(per_hour: f64, accuracy: Estimate, answers_per_hour: Estimate, api: Estimate) -> Option<Self> {
        let duty = over(per_hour, &[accuracy, answers_per_hour, api])?;
        Some(Self { duty, answers_per_day: duty.value * answers_per_hour.value * 24.0 })
    }

    /// What it says.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        match (self.duty.lower, self.duty.upper) {
            (_, Some(upper)) if upper <= 1.0 => Verdict::Reachable,
            (Some(lower), _) if lower > 1.0 => Verdict::Never,
            _ => Verdict::Unresolved,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::Level;
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;
    use statrs::distribution::{ContinuousCDF, Normal};

    #[test]
    fn worked_by_hand() {
        // 1.4065 USD an hour; 9,000 answers an hour of which 80 % are right; the API takes 0.0005 USD for each right one.
        let found =
            BreakEven::of(1.4065, Estimate::exact(0.8), Estimate::exact(9_000.0), Estimate::exact(0.0005)).unwrap();
        assert!((found.duty.value - 1.4065 / 3.6).abs() < 1e-12, "{found:?}");
        assert!((found.answers_per_day - 1.4065 * 24.0 / (0.8 * 0.0005)).abs() < 1e-6, "{found:?}");
        assert_eq!((found.duty.has_interval(), found.verdict()), (false, Verdict::Reachable));
    }

    #[test]
    fn each_side_goes_by_the_distances_that_make_it() {
        let accuracy = Estimate::new(0.8, 0.4, Some(0.8));
        let found = BreakEven::of(1.0, accuracy, Estimate::exact(2.0), Estimate::exact(1.0)).unwrap();
        // Half as accurate is twice the duty; more accurate it may not be.
        assert!((found.duty.lower.unwrap() / 0.625 - 1.0).abs() < 1e-12);
        assert!((found.duty.upper.unwrap() / 1.25 - 1.0).abs() < 1e-12);
        assert_eq!(found.verdict(), Verdict::Unresolved);
        // Two distances add as squares.
        let two = over(1.0, &[Estimate::new(1.0, 0.5, Some(2.0)), Estimate::new(1.0, 0.5, Some(2.0))]).unwrap();
        assert!((two.upper.unwrap().ln() / std::f64::consts::LN_2 - std::f64::consts::SQRT_2).abs() < 1e-12);
        let back = product(&[Estimate::new(2.0, 1.0, Some(4.0)), Estimate::exact(3.0)]).unwrap();
        let [value, lower, upper] = [back.value, back.lower.unwrap(), back.upper.unwrap()];
        assert!((value - 6.0).abs() + (lower - 3.0).abs() + (upper - 12.0).abs() < 1e-12, "{back:?}");
    }

    #[test]
    fn what_has_no_bound_gives_none() {
        // Too few correct answers at the API: its cost has no upper end, so the duty has no lower one.
        let api = Estimate::new(0.01, 0.005, None);
        let found = BreakEven::of(100.0, Estimate::exact(0.5), Estimate::exact(100.0), api).unwrap();
        assert_eq!((found.duty.lower, found.verdict()), (None, Verdict::Unresolved));
        let dear = Estimate::exact(0.001);
        let found = BreakEven::of(100.0, Estimate::exact(0.5), Estimate::exact(100.0), dear).unwrap();
        assert_eq!(found.verdict(), Verdict::Never);
        for bad in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert_eq!(BreakEven::of(1.0, Estimate::exact(bad), Estimate::exact(1.0), Estimate::exact(1.0)), None);
            let hour = BreakEven::of(bad, Estimate::exact(1.0), Estimate::exact(1.0), Estimate::exact(1.0));
            assert_eq!(hour.is_none(), bad != 0.0);
        }
    }

    #[test]
    fn its_interval_covers_the_truth_as_often_as_it_says() {
        let mut rng = ChaCha8Rng::seed_from_u64(20_261_123);
        let normal = Normal::standard();
        let mut gauss = || normal.inverse_cdf(rng.random_range(1e-9..1.0 - 1e-9));
        let z = Level::P95.z();
        let (truth, spreads) = (1.0 / (0.7 * 9_000.0 * 0.000_5), [0.05, 0.02, 0.09]);
        let covered = (0..2_000).filter(|_| {
            let inputs: Vec<Estimate> = [0.7, 9_000.0, 0.000_5]
                .into_iter()
                .zip(spreads)
                .map(|(value, s): (f64, f64)| {
                    let seen = value * (s * gauss()).exp();
                    Estimate::new(seen, seen * (-z * s).exp(), Some(seen * (z * s).exp()))
                })
                .collect();
            let found = over(1.0, &inputs).unwrap();
            found.lower.unwrap() <= truth && truth <= found.upper.unwrap()
        });
        let covered = covered.count();
        assert!((1_870..=1_930).contains(&covered), "{covered} of 2000");
    }
}
