//! Made-up answers with known truth: item-response data by domain, for plans (what saving to expect) and for proofs.

use crate::stats::seeded::Seeded;

/// How the answers are made.
#[derive(Debug, Clone, PartialEq)]
pub struct World {
    /// Items of each domain.
    pub domains: Vec<usize>,
    /// The ability of each target, on the scale of difficulties (standard normal abilities and difficulties).
    pub abilities: Vec<f64>,
    /// Standard deviation of the domains' mean difficulties.
    pub between: f64,
    /// Standard deviation of difficulties within a domain.
    pub within: f64,
    /// Median discrimination: how steeply the chance of a right answer rises with ability.
    pub discrimination: f64,
    /// Standard deviation of a target's ability from domain to domain.
    pub leaning: f64,
    /// The part of items on which all targets have the same luck: there the weaker one of two is right only where the stronger one
    /// is. 0: luck is everyone's own.
    pub shared: f64,
}

/// Answers of every target to every item.
#[derive(Debug, Clone, PartialEq)]
pub struct Matrix {
    /// The domain of each item.
    pub domain: Vec<usize>,
    /// By target, then item: answered right.
    pub right: Vec<Vec<bool>>,
}

impl World {
    /// Without domains and targets yet; neighbours at the top disagree on about a fifth of the items, as models on public boards
    /// do.
    #[must_use]
    pub const fn usual() -> Self {
        Self {
            domains: Vec::new(),
            abilities: Vec::new(),
            between: 0.6,
            within: 1.4,
            discrimination: 1.8,
            leaning: 0.15,
            shared: 0.0,
        }
    }

    /// One matrix by the two-parameter logistic model: P(right) = 1 / (1 + exp(−a_i (θ_kh − b_i))), with difficulties
    /// b_i ~ N(β_h, within²), discriminations a_i log-normal around their median with σ = 0.35, and abilities
    /// θ_kh = θ_k + N(0, leaning²) in domain h.
    ///
    /// Source: Birnbaum, A. (1968), in Lord & Novick, Statistical Theories of Mental Test Scores, ch. 17.
    #[must_use]
    pub fn draw(&self, seed: u64) -> Matrix {
        let mut rng = Seeded::new(seed);
        let mut items = Vec::new();
        let mut domain = Vec::new();
        for (h, count) in self.domains.iter().enumerate() {
            let centre = self.between * rng.normal();
            for _ in 0..*count {
                items.push((self.discrimination * (0.35 * rng.normal()).exp(), centre + self.within * rng.normal()));
                domain.push(h);
            }
        }
        // Drawn only where wanted, so that other worlds stay what they were.
        let common: Vec<Option<f64>> =
            items.iter().map(|_| (self.shared > 0.0 && rng.uniform() < self.shared).then(|| rng.uniform())).collect();
        let right = self
            .abilities
            .iter()
            .map(|ability| {
                let by_domain: Vec<f64> = self.domains.iter().map(|_| ability + self.leaning * rng.normal()).collect();
                items
                    .iter()
                    .zip(&domain)
                    .zip(&common)
                    .map(|(((a, b), h), common)| {
                        let theta = by_domain.get(*h).copied().unwrap_or(*ability);
                        common.unwrap_or_else(|| rng.uniform()) < 1.0 / (1.0 + (-a * (theta - b)).exp())
                    })
                    .collect()
            })
            .collect();
        Matrix { domain, right }
    }
}

impl Matrix {
    /// The share of items that a target got right.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "counts far below 2^53")]
    pub fn accuracy(&self, target: usize) -> f64 {
        self.right
            .get(target)
            .map_or(0.0, |row| row.iter().filter(|right| **right).count() as f64 / row.len().max(1) as f64)
    }
}
