//! The middle of the sandwich: how much the votes scatter about the fit, whatever they would do if the model held.
//!
//! Source: Huber (1967), Proc. Fifth Berkeley Symp. 1, 221–233; White (1982), Econometrica 50, 1–25; for clusters Liang &
//! Zeger (1986), Biometrika 73, 13–22.

use super::super::distribution::float;
use super::super::linear::Symmetric;
use super::{Comparisons, Outcome, Vote, logistic};

/// Scatter of independent votes: Σ (y − p)² (e_i − e_j)(e_i − e_j)ᵀ, y being 1, ½ or 0; and what few votes need.
pub(super) fn of_votes(comparisons: &Comparisons, abilities: &[f64]) -> Symmetric {
    let mut meat = Symmetric::zero(abilities.len());
    for (i, j, record) in comparisons.pairs() {
        let p = probability(abilities, i, j);
        let scatter = float(record.first) * (1.0 - p).powi(2)
            + float(record.second) * p * p
            + float(record.ties) * (0.5 - p).powi(2);
        meat.add_contrast(i, j, scatter);
    }
    let mut votes = vec![0_u64; abilities.len()];
    for (i, j, record) in comparisons.pairs() {
        for model in [i, j] {
            if let Some(count) = votes.get_mut(model) {
                *count = count.saturating_add(record.votes());
            }
        }
    }
    add_doubt(&mut meat, comparisons, abilities, &votes);
    meat
}

/// Scatter of clusters: each brings the square of its votes' summed residuals.
pub(super) struct Clusters<'a> {
    abilities: &'a [f64],
    /// Of every two, the probability that the first is better: there are more votes than pairs.
    expected: Vec<Vec<f64>>,
    meat: Symmetric,
    /// Of the cluster that is being read: each model's residual, and whose it has.
    residuals: Vec<f64>,
    touched: Vec<usize>,
    is_touched: Vec<bool>,
    /// Clusters that each model is in.
    clusters: Vec<u64>,
}

impl<'a> Clusters<'a> {
    pub(super) fn new(abilities: &'a [f64]) -> Self {
        let models = abilities.len();
        let expected = |i: usize| (0..models).map(|j| probability(abilities, i, j)).collect();
        Self {
            abilities,
            expected: (0..models).map(expected).collect(),
            meat: Symmetric::zero(models),
            residuals: vec![0.0; models],
            touched: Vec::new(),
            is_touched: vec![false; models],
            clusters: vec![0; models],
        }
    }

    pub(super) fn vote(&mut self, Vote { first, second, outcome }: Vote) {
        let Some(expected) = self.expected.get(first).and_then(|row| row.get(second)) else { return };
        let residual = Outcome::score(outcome) - expected;
        for (model, residual) in [(first, residual), (second, -residual)] {
            let (Some(sum), Some(touched)) = (self.residuals.get_mut(model), self.is_touched.get_mut(model)) else {
                continue;
            };
            *sum += residual;
            if !std::mem::replace(touched, true) {
                self.touched.push(model);
            }
        }
    }

    /// The cluster is at its end.
    pub(super) fn end(&mut self) {
        let mut touched = std::mem::take(&mut self.touched);
        self.meat.add_outer(&touched, &self.residuals);
        for model in touched.drain(..) {
            self.residuals[model] = 0.0;
            self.is_touched[model] = false;
            self.clusters[model] += 1;
        }
        self.touched = touched;
    }

    pub(super) fn finish(mut self, comparisons: &Comparisons) -> Symmetric {
        add_doubt(&mut self.meat, comparisons, self.abilities, &self.clusters);
        self.meat
    }
}

/// Adds 2 / (n + 2) of what a pair's votes would scatter if the model held, n being the votes (or clusters) of that one of
/// the two that has fewer. Few votes fit themselves too well, and votes that all are ties scatter not at all: for two
/// models with n ties this gives the interval of Bonett & Price (2012), J. Educ. Behav. Statist. 37, 479–488.
fn add_doubt(meat: &mut Symmetric, comparisons: &Comparisons, abilities: &[f64], units: &[u64]) {
    for (i, j, record) in comparisons.pairs() {
        let p = probability(abilities, i, j);
        let n = [i, j].into_iter().filter_map(|model| units.get(model)).min().copied().unwrap_or(0);
        meat.add_contrast(i, j, 2.0 / (float(n) + 2.0) * float(record.votes()) * p * (1.0 - p));
    }
}

fn probability(abilities: &[f64], i: usize, j: usize) -> f64 {
    abilities.get(i).zip(abilities.get(j)).map_or(0.5, |(a, b)| logistic(a - b))
}
