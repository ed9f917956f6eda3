//! The capital of somebody who bets against a hypothesis: it can't be expected to grow while the hypothesis is true.

/// Bets that the mean of draws is above a bound, with several stakes at once: the capital is their average.
///
/// A stake λ multiplies its part by 1 + λ (u − m), where u is an unbiased draw of the mean and m the bound. While the mean
/// is at most m, the capital is a nonnegative supermartingale, so P(it ever reaches 1/α) ≤ α (Ville 1939), whenever one
/// looks. Stakes are foreseen advantages δ over the variance (the growth-optimal bet is nearly δ/variance), for δ on a
/// grid: a mixture as in Robbins (1970), Ann. Math. Statist. 41, 1397–1409; betting after Waudby-Smith & Ramdas (2024),
/// J. R. Statist. Soc. B 86, 1–27, arXiv 2010.09686.
#[derive(Debug, Clone, PartialEq)]
pub struct Capital {
    bound: f64,
    logs: [f64; ADVANTAGES.len()],
    peak: f64,
}

/// The grid of advantages, as shares of 1.
const ADVANTAGES: [f64; 6] = [0.02, 0.035, 0.06, 0.1, 0.17, 0.3];

/// No bet may lose more than this share of its part, whatever the draw.
const MOST: f64 = 0.75;

impl Capital {
    /// Against "the mean is at most `bound`".
    pub const fn against(bound: f64) -> Self {
        Self { bound, logs: [0.0; ADVANTAGES.len()], peak: 0.0 }
    }

    /// Takes in a draw that was known to be at least `lower` and was expected to have this variance. Stakes are those of a bet
    /// against `highest`, the highest bound that the same draws are held against, so that a lower bound's capital is never
    /// below a higher one's.
    pub fn take(&mut self, value: f64, lower: f64, variance: f64, highest: f64) {
        let cap = MOST / (highest.max(self.bound) - lower).max(1e-9);
        for (log, advantage) in self.logs.iter_mut().zip(ADVANTAGES) {
            let stake = (advantage / variance.max(1e-12)).min(cap);
            // Not below what the cap allows, should a draw break its promise.
            *log += (stake * (value - self.bound)).max(-0.999).ln_1p();
        }
        let top = self.logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let parts = self.logs.iter().map(|log| (log - top).exp()).sum::<f64>();
        #[expect(clippy::cast_precision_loss, reason = "six")]
        let now = top + (parts / ADVANTAGES.len() as f64).ln();
        if now > self.peak {
            self.peak = now;
        }
    }

    /// The logarithm of the highest capital so far: the hypothesis falls at ln(1/α).
    pub const fn peak(&self) -> f64 {
        self.peak
    }

    /// What remains to be said when the hypothesis has become impossible.
    pub const fn refute(&mut self) {
        self.peak = f64::INFINITY;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::seeded::Seeded;

    #[test]
    fn fair_draws_hardly_ever_make_rich_and_better_ones_do() {
        let mut rng = Seeded::new(5);
        let mut rich = |drift: f64| {
            (0..400)
                .filter(|_| {
                    let mut capital = Capital::against(0.0);
                    for _ in 0..300 {
                        let u = rng.uniform();
                        let value = if u < 0.1 + drift {
                            1.0
                        } else if u < 0.2 + drift {
                            -1.0
                        } else {
                            0.0
                        };
                        capital.take(value, -1.0, 0.2, 0.0);
                    }
                    capital.peak() >= 20.0_f64.ln()
                })
                .count()
        };
        assert!(rich(0.0) <= 20);
        assert!(rich(0.15) >= 320);
    }

    #[test]
    fn a_lower_bound_falls_no_later() {
        let mut rng = Seeded::new(6);
        let (mut at, mut below) = (Capital::against(0.0), Capital::against(-0.02));
        for _ in 0..500 {
            let value = if rng.uniform() < 0.5 { 0.5 } else { -0.5 };
            at.take(value, -0.5, 0.25, 0.0);
            below.take(value, -0.5, 0.25, 0.0);
            assert!(below.peak() >= at.peak());
        }
        at.refute();
        assert!(at.peak() > 1e300);
    }
}
