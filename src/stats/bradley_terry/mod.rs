//! Bradley–Terry: how strong each model is, from who was better in comparisons of two.
//!
//! P(i better than j) = 1 / (1 + exp(θ_j − θ_i)). Sources: Zermelo (1929), Math. Z. 29, 436–460; Bradley & Terry (1952),
//! Biometrika 39, 324–345; existence of the maximum: Ford (1957), Amer. Math. Monthly 64 (8), 28–33. What each part
//! assumes is in `docs/statistics.md`.

mod counts;
mod errors;
mod solve;

pub use counts::{Comparisons, MOST_MODELS, Outcome, PairRecord, Vote, win_components};

use super::distribution::float;
use super::linear::Symmetric;
use super::{Interval, Level, Rank, ranks};

/// One unit of ability, as points of a rating: 400 points are odds of 10 to 1 (Elo 1978).
pub const RATING_SCALE: f64 = 400.0 / std::f64::consts::LN_10;

/// The rating of an average ability.
pub const RATING_BASE: f64 = 1000.0;

/// Why there is no fit.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum BradleyTerryError {
    /// Fewer than two models, or no comparison.
    #[error("nothing was compared")]
    Nothing,
    /// More models than a fit takes.
    #[error("{models} models; the most that are ranked together is {MOST_MODELS}")]
    TooMany {
        /// How many.
        models: usize,
    },
    /// A vote on a model that is not there.
    #[error("a vote on model {model} of {models}")]
    Unknown {
        /// Its index.
        model: usize,
        /// How many there are.
        models: usize,
    },
    /// A model that is compared with itself.
    #[error("model {model} is compared with itself")]
    Itself {
        /// Its index.
        model: usize,
    },
    /// A score that is no number.
    #[error("a score of model {model}, or of one that it is compared with, is no number")]
    NoNumber {
        /// Its index.
        model: usize,
    },
    /// A prior that is no positive number.
    #[error("a prior of {0} ties; it takes a number above 0")]
    Prior(f64),
    /// The maximum lies at infinity: between two groups, one never lost or they never met.
    #[error(
        "{} groups of models are not connected by wins in both directions, so that how far apart they are has no bound; \
         compare across them, leave some out, or declare a prior",
        components.len()
    )]
    NotConnected {
        /// The groups, by index of model; one that beat another and never lost to it comes first.
        components: Vec<Vec<usize>>,
    },
    /// One cluster of votes has no variance to speak from.
    #[error("all votes belong together, so that nothing tells how sure they are")]
    OneCluster,
    /// Newton's method found no end.
    #[error("the fit does not settle after {0} steps")]
    Unsettled(u32),
}

/// What is believed before the first vote.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub enum Prior {
    /// Nothing: the maximum of the likelihood, which needs models connected by wins in both directions.
    #[default]
    None,
    /// That every model tied so many times (say 1) with one of ability 0. Any votes then have a fit; models are drawn
    /// together, those with few votes most.
    Ties(f64),
}

impl Prior {
    fn ties(self) -> Result<f64, BradleyTerryError> {
        match self {
            Self::None => Ok(0.0),
            Self::Ties(ties) if ties.is_finite() && ties > 0.0 => Ok(ties),
            Self::Ties(ties) => Err(BradleyTerryError::Prior(ties)),
        }
    }
}

/// Fitted abilities and how sure they are.
#[derive(Debug, Clone, PartialEq)]
pub struct Fit {
    abilities: Vec<f64>,
    /// Of abilities from their mean.
    robust: Symmetric,
    /// By the model and its prior, where there is one.
    plain: Option<Symmetric>,
    /// Independent votes, or clusters of them.
    units: u64,
    /// How many votes there were.
    pub votes: u64,
    /// ln L of the votes at the fit, ties as half a win for each.
    pub log_likelihood: f64,
    /// Newton steps that it took.
    pub steps: u32,
    /// What was declared.
    pub prior: Prior,
}

/// The fit of votes that are independent of each other.
///
/// # Errors
/// See [`BradleyTerryError`].
pub fn bradley_terry(comparisons: &Comparisons, prior: Prior) -> Result<Fit, BradleyTerryError> {
    let solved = solve::solve(comparisons, prior.ties()?)?;
    let meat = errors::of_votes(comparisons, &solved.abilities);
    let units = comparisons.pairs().map(|(.., record)| record.votes()).fold(0, u64::saturating_add);
    finish(comparisons, prior, solved, meat, units)
}

/// The fit of votes that come in clusters (those of one prompt, or of one voter): clusters are independent, votes inside
/// one need not be.
///
/// # Errors
/// See [`BradleyTerryError`].
pub fn bradley_terry_clustered(models: usize, clusters: &[Vec<Vote>], prior: Prior) -> Result<Fit, BradleyTerryError> {
    let visit = |cluster: usize, with: &mut dyn FnMut(Vote) -> Result<(), BradleyTerryError>| {
        clusters.get(cluster).into_iter().flatten().try_for_each(|vote| with(*vote))
    };
    clustered(models, clusters.len(), visit, prior)
}

/// The fit of items on which models scored (`(model, score)`, each model once): on every item every two are compared, the
/// higher score being better and equal ones a tie. An item is a cluster.
///
/// # Errors
/// See [`BradleyTerryError`].
pub fn bradley_terry_items(models: usize, items: &[Vec<(usize, f64)>], prior: Prior) -> Result<Fit, BradleyTerryError> {
    let visit = |item: usize, with: &mut dyn FnMut(Vote) -> Result<(), BradleyTerryError>| {
        counts::for_pairs(items.get(item).map(Vec::as_slice).unwrap_or_default(), with)
    };
    clustered(models, items.len(), visit, prior)
}

fn clustered(
    models: usize,
    clusters: usize,
    visit: impl Fn(usize, &mut dyn FnMut(Vote) -> Result<(), BradleyTerryError>) -> Result<(), BradleyTerryError>,
    prior: Prior,
) -> Result<Fit, BradleyTerryError> {
    let mut comparisons = Comparisons::new(models)?;
    let mut units = 0_u64;
    for cluster in 0..clusters {
        let mut any = false;
        visit(cluster, &mut |vote| {
            any = true;
            comparisons.add(vote)
        })?;
        units += u64::from(any);
    }
    let solved = solve::solve(&comparisons, prior.ties()?)?;
    if units < 2 {
        return Err(BradleyTerryError::OneCluster);
    }
    let mut meat = errors::Clusters::new(&solved.abilities);
    for cluster in 0..clusters {
        visit(cluster, &mut |vote| {
            meat.vote(vote);
            Ok(())
        })?;
        meat.end();
    }
    let meat = meat.finish(&comparisons);
    finish(&comparisons, prior, solved, meat, units)
}

/// Puts bread around the meat.
fn finish(
    comparisons: &Comparisons,
    prior: Prior,
    solved: solve::Solved,
    mut meat: Symmetric,
    units: u64,
) -> Result<Fit, BradleyTerryError> {
    let solve::Solved { abilities, inverse, prior_information, log_likelihood, steps } = solved;
    prior_information.iter().enumerate().for_each(|(i, information)| meat.add(i, i, *information));
    let robust = inverse.around(&meat).centred();
    let plain = (prior != Prior::None).then(|| inverse.centred());
    let mean = abilities.iter().sum::<f64>() / float(abilities.len() as u64);
    let abilities = abilities.into_iter().map(|ability| ability - mean).collect();
    let votes = comparisons.pairs().map(|(.., record)| record.votes()).fold(0, u64::saturating_add);
    Ok(Fit { abilities, robust, plain, units, votes, log_likelihood, steps, prior })
}

impl Fit {
    /// Abilities in natural logarithms of odds, with a mean of 0.
    #[must_use]
    pub fn abilities(&self) -> &[f64] {
        &self.abilities
    }

    /// The variance of a model's ability as it is measured from the mean of all, and of a difference of two: from the
    /// sandwich, or, where a prior is declared, from the model where that says more.
    fn variance(&self, of: impl Fn(&Symmetric) -> f64) -> f64 {
        self.plain.as_ref().map_or(0.0, &of).max(of(&self.robust)).max(0.0)
    }

    fn around(&self, estimate: f64, variance: f64, level: Level) -> Interval {
        let half = level.t(float(self.units) - 1.0).unwrap_or_else(|| level.z()) * variance.sqrt();
        Interval { estimate, lower: estimate - half, upper: estimate + half }
    }

    /// A model's ability, from the mean of all; none for a model that there is not.
    #[must_use]
    pub fn ability(&self, model: usize, level: Level) -> Option<Interval> {
        let ability = *self.abilities.get(model)?;
        Some(self.around(ability, self.variance(|v| v.get(model, model)), level))
    }

    /// How much abler the first is than the second; none for a model that there is not, and for one and the same.
    #[must_use]
    pub fn difference(&self, first: usize, second: usize, level: Level) -> Option<Interval> {
        let estimate = self.abilities.get(first)? - self.abilities.get(second)?;
        (first != second).then(|| self.around(estimate, self.variance(|v| v.contrast(first, second)), level))
    }

    /// The probability that the first is better than the second, a tie being half; none for a model that there is not.
    #[must_use]
    pub fn win_probability(&self, first: usize, second: usize) -> Option<f64> {
        Some(logistic(self.abilities.get(first)? - self.abilities.get(second)?))
    }

    /// Every model's rating: [`RATING_BASE`] for the mean of all, and [`RATING_SCALE`] points for a unit of ability.
    #[must_use]
    pub fn ratings(&self, level: Level) -> Vec<Interval> {
        let points = |ability: f64| RATING_BASE + RATING_SCALE * ability;
        let rating = |Interval { estimate, lower, upper }| Interval {
            estimate: points(estimate),
            lower: points(lower),
            upper: points(upper),
        };
        (0..self.abilities.len()).filter_map(|model| self.ability(model, level)).map(rating).collect()
    }

    /// Every model's rank by the intervals of its ability.
    #[must_use]
    pub fn ranks(&self, level: Level) -> Vec<Rank> {
        ranks(&self.ratings(level))
    }
}

/// 1 / (1 + exp(−x)).
fn logistic(x: f64) -> f64 {
    if x < 0.0 { x.exp() / (1.0 + x.exp()) } else { 1.0 / (1.0 + (-x).exp()) }
}

#[cfg(test)]
mod tests;
