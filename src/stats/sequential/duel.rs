//! Two targets on the same items, looked at as often as one likes: evidence out of the items that only one of them got right.

use crate::stats::distribution::float;
use statrs::function::gamma::ln_gamma;

/// The natural logarithm of the evidence that the discordant items are not a fair coin's: E = B(b+½, c+½)/B(½, ½) · 2^(b+c),
/// where `b` items only the first got right, and `c` only the second. Stop as soon as it reaches ln(1/α): under no difference
/// that ever happens with a probability of at most α, at whatever moments one looks.
///
/// Source: the Beta(½, ½) mixture of likelihood ratios against p = ½ (Robbins 1970, Ann. Math. Statist. 41, 1397–1409; the
/// estimator of Krichevsky & Trofimov 1981), bounded by Ville's inequality.
#[must_use]
pub fn duel_log_evidence(b: u64, c: u64) -> f64 {
    let (b, c) = (float(b), float(c));
    let beta = |x: f64, y: f64| ln_gamma(x) + ln_gamma(y) - ln_gamma(x + y);
    beta(b + 0.5, c + 0.5) - std::f64::consts::PI.ln() + (b + c) * std::f64::consts::LN_2
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::seeded::Seeded;

    #[test]
    fn worked_by_hand() {
        // B(3/2, 1/2)/π · 2 = 1; B(5/2, 1/2) = 3π/8, so 3/8 · 4; B(3/2, 3/2) = π/8, so 1/8 · 4.
        for (b, c, e) in [(0, 0, 1.0_f64), (1, 0, 1.0), (2, 0, 1.5), (1, 1, 0.5)] {
            assert!((duel_log_evidence(b, c) - e.ln()).abs() < 1e-12);
        }
        assert!(duel_log_evidence(3, 20) > 20.0_f64.ln() && duel_log_evidence(10, 12) < 0.0);
        assert!(duel_log_evidence(u64::MAX, 1).is_finite());
    }

    #[test]
    fn a_fair_coin_hardly_ever_convinces_however_often_one_looks() {
        let mut rng = Seeded::new(11);
        let convinced = (0..400)
            .filter(|_| {
                let (mut b, mut c) = (0, 0);
                (0..300).any(|_| {
                    if rng.uniform() < 0.5 {
                        b += 1
                    } else {
                        c += 1
                    }
                    duel_log_evidence(b, c) >= 20.0_f64.ln()
                })
            })
            .count();
        assert!(convinced <= 20, "{convinced} of 400");
    }
}
