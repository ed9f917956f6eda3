//! The upper tail of a sum of independent yes-or-no variables that each have their own probability.

use super::super::distribution::float;
use statrs::distribution::{Continuous as _, ContinuousCDF as _, Normal};

/// Up to so many the sum is exact; its time grows with the square.
const EXACT: usize = 1_000;

/// P(X ≥ k) of the Poisson binomial X with these probabilities (each from 0 to 1).
///
/// Exact by convolution up to 1,000 of them (Hong 2013, Comput. Statist. Data Anal. 59, 41–51, §2.3). Above, Lugannani & Rice's
/// saddlepoint approximation for lattices (1980, Adv. Appl. Probab. 12, 475–490; Daniels 1987, Int. Statist. Rev. 55, 37–48, §6, second
/// continuity correction), and nearer to the mean than it can be worked out, Edgeworth's (Feller 1971, XVI.4).
pub(super) fn at_least(probabilities: &[f64], k: usize) -> f64 {
    let certain = probabilities.iter().filter(|p| **p >= 1.0).count();
    let open: Vec<f64> = probabilities.iter().copied().filter(|p| *p > 0.0 && *p < 1.0).collect();
    let Some(k) = k.checked_sub(certain).filter(|k| *k > 0) else { return 1.0 };
    if k > open.len() {
        return 0.0;
    }
    let tail = if open.len() <= EXACT { exact(&open, k) } else { saddlepoint(&open, k) };
    tail.clamp(0.0, 1.0)
}

fn exact(probabilities: &[f64], k: usize) -> f64 {
    // The mass of 0 … k − 1; what passes k − 1 stays there.
    let mut mass = vec![0.0; k];
    let mut reached = 0.0;
    if let Some(first) = mass.first_mut() {
        *first = 1.0;
    }
    for p in probabilities {
        reached += p * mass.last().copied().unwrap_or(0.0);
        let mut below = 0.0;
        for cell in &mut mass {
            let next = *cell * (1.0 - p) + below * p;
            below = std::mem::replace(cell, next);
        }
    }
    reached
}

fn saddlepoint(probabilities: &[f64], k: usize) -> f64 {
    let mean: f64 = probabilities.iter().sum();
    let sd = probabilities.iter().map(|p| p * (1.0 - p)).sum::<f64>().sqrt();
    let x = float(k as u64) - 0.5;
    let normal = Normal::standard();
    let edgeworth = || {
        let skew = probabilities.iter().map(|p| p * (1.0 - p) * (1.0 - 2.0 * p)).sum::<f64>() / sd.powi(3);
        let z = (x - mean) / sd;
        normal.sf(z) + skew / 6.0 * (z * z - 1.0) * normal.pdf(z)
    };
    if (x - mean).abs() < 1e-2 * sd {
        return edgeworth();
    }
    // K(t) = Σ ln(1 − p + p·eᵗ), K′ its tilted mean, rising in t.
    let tilted = |t: f64| probabilities.iter().map(move |p| p / (p + (1.0 - p) * (-t).exp()));
    let (mut low, mut high) = (-60.0, 60.0);
    for _ in 0..100 {
        let middle = f64::midpoint(low, high);
        if tilted(middle).sum::<f64>() < x { low = middle } else { high = middle }
    }
    let t = f64::midpoint(low, high);
    let cumulant: f64 = probabilities.iter().map(|p| (p * t.exp_m1()).ln_1p()).sum();
    let curvature: f64 = tilted(t).map(|p| p * (1.0 - p)).sum();
    let w = t.signum() * (2.0 * (t * x - cumulant)).max(0.0).sqrt();
    let u = 2.0 * (t / 2.0).sinh() * curvature.sqrt();
    let tail = normal.sf(w) + normal.pdf(w) * (1.0 / u - 1.0 / w);
    if tail.is_finite() { tail } else { edgeworth() }
}

#[cfg(test)]
mod tests {
    use super::super::super::distribution::binomial_cdf;
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn equal_probabilities_are_a_binomial() {
        for (n, p) in [(1, 0.5), (20, 0.1), (300, 0.7), (1_000, 0.03)] {
            for k in [1, 2, n / 3, n / 2, n] {
                let got = at_least(&vec![p; n], k.max(1));
                let want = 1.0 - binomial_cdf(k.max(1) as u64 - 1, n as u64, p);
                assert!((got - want).abs() < 1e-9, "{n} {p} {k}: {got} {want}");
            }
        }
    }

    #[test]
    fn worked_by_hand() {
        // Of ½, ¼ and a certain one: at least 2 is at least one of two.
        assert!((at_least(&[0.5, 1.0, 0.25, 0.0], 2) - (1.0 - 0.375)).abs() < 1e-12);
        assert!((at_least(&[0.5, 1.0, 0.25, 0.0], 3) - 0.125).abs() < 1e-12);
        assert!(
            (at_least(&[0.3], 0) - 1.0).abs() < 1e-12 && at_least(&[0.3, 0.0], 2) <= 0.0 && at_least(&[], 1) <= 0.0
        );
    }

    #[test]
    fn the_approximation_meets_the_sum() {
        let spread: Vec<f64> = (0..1_200).map(|i| 0.01 + 0.6 * f64::from(i % 97) / 97.0).collect();
        let mean: f64 = spread.iter().sum();
        for off in [-80.0, -20.0, -0.5, 0.3, 15.0, 40.0, 90.0, 200.0] {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small and above 0")]
            let k = (mean + off).round() as usize;
            let (fast, sum) = (saddlepoint(&spread, k), exact(&spread, k));
            assert!((fast / sum - 1.0).abs() < 2e-3, "{k}: {fast:e} {sum:e}");
        }
    }

    proptest! {
        #[test]
        fn more_is_less_likely(probabilities in proptest::collection::vec(0.0..=1.0f64, 0..40)) {
            let tails: Vec<f64> = (0..=probabilities.len() + 1).map(|k| at_least(&probabilities, k)).collect();
            for pair in tails.windows(2) {
                prop_assert!(pair[1] <= pair[0] + 1e-12 && (0.0..=1.0).contains(&pair[1]));
            }
            // The mean is the sum of the tails.
            let mean: f64 = tails[1..].iter().sum();
            prop_assert!((mean - probabilities.iter().sum::<f64>()).abs() < 1e-9);
        }
    }
}
