//! Item-response theory: what items tell of a model's ability, learnt from the histories of at least thirty models.

/// A two-parameter logistic item: P(right) = 1 / (1 + exp(−(a θ + d))); its difficulty is −d/a.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ItemCurve {
    /// Discrimination a: how steeply the chance rises with ability.
    pub slope: f64,
    /// d: the log odds of a right answer at ability 0.
    pub level: f64,
}

/// Fitted items.
#[derive(Debug, Clone, PartialEq)]
pub struct ResponseModel {
    items: Vec<ItemCurve>,
}

/// Histories below which two parameters an item are guesses.
pub const LEAST_HISTORIES: usize = 30;

/// Abilities −4 to 4 in steps of 0.4.
const NODES: usize = 21;

fn node(q: usize) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "at most 21")]
    let q = q as f64;
    0.4 * (q - 10.0)
}

impl ItemCurve {
    /// The chance of a right answer at an ability.
    #[must_use]
    pub fn chance(&self, ability: f64) -> f64 {
        1.0 / (1.0 + (-(self.slope * ability + self.level)).exp())
    }

    /// Fisher's information of ability in the answer: a² p (1 − p).
    #[must_use]
    pub fn information(&self, ability: f64) -> f64 {
        let p = self.chance(ability);
        self.slope.powi(2) * p * (1.0 - p)
    }

    /// The maximum of the item's part of the expected log likelihood, with priors a ~ N(1.2, 0.8²) and d ~ N(0, 2²) that
    /// keep items which all or none got right finite: a few Newton steps.
    fn fitted(self, right: &[f64; NODES], answered: &[f64; NODES]) -> Self {
        let Self { mut slope, mut level } = self;
        for _ in 0..4 {
            let (mut g_a, mut g_d) = ((1.2 - slope) / 0.64, -level / 4.0);
            let (mut aa, mut ad, mut dd) = (1.0 / 0.64, 0.0, 0.25);
            for (q, (k, n)) in right.iter().zip(answered).enumerate() {
                let theta = node(q);
                let p = Self { slope, level }.chance(theta);
                let (error, v) = (k - n * p, n * p * (1.0 - p));
                g_a += error * theta;
                g_d += error;
                aa += v * theta * theta;
                ad += v * theta;
                dd += v;
            }
            // Positive: the priors alone make it so.
            let det = aa * dd - ad * ad;
            slope = (slope + ((dd * g_a - ad * g_d) / det).clamp(-1.0, 1.0)).clamp(0.05, 5.0);
            level = (level + ((aa * g_d - ad * g_a) / det).clamp(-2.0, 2.0)).clamp(-12.0, 12.0);
        }
        Self { slope, level }
    }
}

impl ResponseModel {
    /// Fits items to histories: by model, then item, whether it was right; none where it was not asked. None with fewer than
    /// thirty models, or rows of different length.
    ///
    /// Source: marginal maximum likelihood by EM (Bock & Aitkin 1981, Psychometrika 46, 443–459), with priors on the items
    /// (Mislevy 1986, Psychometrika 51, 177–195); abilities are standard normal.
    #[must_use]
    pub fn fit(histories: &[Vec<Option<bool>>]) -> Option<Self> {
        let items = histories.first().map(Vec::len).filter(|n| *n > 0)?;
        if histories.len() < LEAST_HISTORIES || histories.iter().any(|row| row.len() != items) {
            return None;
        }
        let mut model = Self { items: vec![ItemCurve { slope: 1.2, level: 0.0 }; items] };
        for _ in 0..20 {
            let mut right = vec![[0.0; NODES]; items];
            let mut answered = vec![[0.0; NODES]; items];
            for row in histories {
                let weights = model.posterior(row.iter().enumerate().filter_map(|(i, y)| Some((i, (*y)?))));
                for ((y, right), answered) in row.iter().zip(&mut right).zip(&mut answered) {
                    let Some(y) = y else { continue };
                    for ((k, n), w) in right.iter_mut().zip(answered.iter_mut()).zip(weights) {
                        *n += w;
                        *k += if *y { w } else { 0.0 };
                    }
                }
            }
            for ((item, right), answered) in model.items.iter_mut().zip(&right).zip(&answered) {
                *item = item.fitted(right, answered);
            }
        }
        Some(model)
    }

    /// The items, as they were numbered.
    #[must_use]
    pub fn items(&self) -> &[ItemCurve] {
        &self.items
    }

    fn posterior(&self, answers: impl Iterator<Item = (usize, bool)>) -> [f64; NODES] {
        let mut logs = [0.0; NODES];
        for (q, log) in logs.iter_mut().enumerate() {
            *log = -node(q).powi(2) / 2.0;
        }
        for (item, right) in answers {
            let Some(curve) = self.items.get(item) else { continue };
            for (q, log) in logs.iter_mut().enumerate() {
                let p = curve.chance(node(q)).clamp(1e-9, 1.0 - 1e-9);
                *log += if right { p.ln() } else { (-p).ln_1p() };
            }
        }
        let top = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let mut weights = logs.map(|log| (log - top).exp());
        let sum: f64 = weights.iter().sum();
        for w in &mut weights {
            *w /= sum;
        }
        weights
    }

    /// A model's ability and its standard deviation, given answers to some items (the mean and deviation of the posterior).
    #[must_use]
    pub fn ability(&self, answers: &[(usize, bool)]) -> (f64, f64) {
        let weights = self.posterior(answers.iter().copied());
        let mean: f64 = weights.iter().enumerate().map(|(q, w)| w * node(q)).sum();
        let variance: f64 = weights.iter().enumerate().map(|(q, w)| w * (node(q) - mean).powi(2)).sum();
        (mean, variance.max(0.0).sqrt())
    }

    /// The share of all items that a model of this ability is expected to get right.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "counts far below 2^53")]
    pub fn expected(&self, ability: f64) -> f64 {
        self.items.iter().map(|item| item.chance(ability)).sum::<f64>() / self.items.len().max(1) as f64
    }

    /// Of these items the one that tells most of an ability; the first of equals.
    #[must_use]
    pub fn most_telling(&self, left: impl Iterator<Item = usize>, ability: f64) -> Option<usize> {
        let told = left.filter_map(|item| Some((item, self.items.get(item)?.information(ability))));
        told.reduce(|best, next| if next.1 > best.1 { next } else { best }).map(|(item, _)| item)
    }
}

#[cfg(test)]
mod tests {
    use super::super::World;
    use super::*;
    use crate::stats::seeded::Seeded;

    #[test]
    fn abilities_are_found_again_with_few_telling_items() {
        let mut rng = Seeded::new(4);
        let abilities: Vec<f64> = (0..45).map(|_| rng.normal()).collect();
        let matrix = World { domains: vec![80], abilities: abilities.clone(), ..World::usual() }.draw(9);
        let rows: Vec<Vec<Option<bool>>> =
            matrix.right.iter().map(|row| row.iter().copied().map(Some).collect()).collect();
        let model = ResponseModel::fit(&rows[5..]).unwrap();
        for (row, k) in matrix.right.iter().zip(0..5) {
            let (mut asked, mut ability) = (Vec::new(), 0.0);
            for _ in 0..20 {
                let left = (0..80).filter(|item| !asked.iter().any(|(i, _)| i == item));
                let item = model.most_telling(left, ability).unwrap();
                asked.push((item, row[item]));
                ability = model.ability(&asked).0;
            }
            let (_, deviation) = model.ability(&asked);
            assert!((model.expected(ability) - matrix.accuracy(k)).abs() < 0.15 && deviation < 0.6);
        }
        assert_eq!(ResponseModel::fit(&rows[..29]), None, "too few histories");
        assert_eq!(ResponseModel::fit(&[]), None);
    }

    #[test]
    fn what_tells_nothing_stays_finite() {
        let rows = vec![vec![Some(true), Some(false), None]; 30];
        let model = ResponseModel::fit(&rows).unwrap();
        assert!(model.items().iter().all(|i| i.slope.is_finite() && i.level.is_finite()));
        let (ability, deviation) = model.ability(&[(0, true), (99, false)]);
        assert!(ability.is_finite() && deviation > 0.0);
        assert_eq!(model.most_telling(std::iter::empty(), 0.0), None);
    }
}
