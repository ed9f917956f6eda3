//! Two targets on the same items, looked at as often as one likes: evidence out of the items that only one of them got right.

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

use crate::stats::distribution::float;
