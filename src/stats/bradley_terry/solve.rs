//! The maximum of the likelihood, by Newton's method with steps that are held back while they are long.

use super::super::distribution::float;
use super::super::linear::Symmetric;
use super::{BradleyTerryError, Comparisons, PairRecord, logistic, win_components};

/// More than the 40 or so that the most lopsided counts need: where a probability is near 0 or 1, a step moves the logarithm
/// of its odds by one.
const MOST_STEPS: u32 = 500;

/// In steps where no two compared abilities move apart by more than this, Newton's method converges quadratically without
/// being held back: the logistic function's third derivative is at most its second (Bach 2010, Electron. J. Statist. 4,
/// 384–414).
const SAFE: f64 = 0.5;

/// What comes out.
pub(super) struct Solved {
    pub(super) abilities: Vec<f64>,
    /// Of the information; with the direction that nothing tells about filled up where there is no prior.
    pub(super) inverse: Symmetric,
    /// What the prior brings to the information's diagonal; empty without.
    pub(super) prior_information: Vec<f64>,
    pub(super) log_likelihood: f64,
    pub(super) steps: u32,
}

/// A pair of models and the wins of each, a tie being half a win.
struct Pair {
    i: usize,
    j: usize,
    wins: f64,
    losses: f64,
}

/// Finds the abilities. `prior`: ties of every model with one of ability 0.
pub(super) fn solve(comparisons: &Comparisons, prior: f64) -> Result<Solved, BradleyTerryError> {
    let halves = |(i, j, record): (usize, usize, PairRecord)| {
        let half = float(record.ties) / 2.0;
        Pair { i, j, wins: float(record.first) + half, losses: float(record.second) + half }
    };
    let pairs: Vec<Pair> = comparisons.pairs().map(halves).collect();
    let models = comparisons.models();
    if models < 2 || pairs.is_empty() {
        return Err(BradleyTerryError::Nothing);
    }
    if prior <= 0.0 {
        let components = win_components(comparisons);
        if components.len() > 1 {
            return Err(BradleyTerryError::NotConnected { components });
        }
    }
    let mut abilities = vec![0.0; models];
    let mut previous = f64::INFINITY;
    for steps in 1..=MOST_STEPS {
        let (gradient, information) = derivatives(&pairs, &abilities, prior);
        let decomposed = information.cholesky().ok_or(BradleyTerryError::Unsettled(steps))?;
        let step = decomposed.solve(&gradient);
        let longest = step.iter().fold(0.0_f64, |most, x| most.max(x.abs()));
        if !longest.is_finite() {
            break;
        }
        let apart = pairs.iter().map(|pair| (at(&step, pair.i) - at(&step, pair.j)).abs()).fold(0.0, f64::max);
        let apart = if prior > 0.0 { apart.max(longest) } else { apart };
        let factor = if apart <= SAFE { 1.0 } else { held_back(&pairs, &abilities, &step, &gradient, prior) };
        abilities.iter_mut().zip(&step).for_each(|(ability, step)| *ability += factor * step);
        // Below the first all is done; below the second rounding may be all that is left.
        if factor >= 1.0 && (longest < 1e-11 || (longest < 1e-7 && longest >= previous)) {
            let (_, information) = derivatives(&pairs, &abilities, prior);
            let inverse = information.cholesky().ok_or(BradleyTerryError::Unsettled(steps))?.inverse();
            let of_prior = |ability: &f64| prior * logistic(*ability) * logistic(-ability);
            let prior_information = if prior > 0.0 { abilities.iter().map(of_prior).collect() } else { Vec::new() };
            let log_likelihood = likelihood(&pairs, &abilities);
            return Ok(Solved { abilities, inverse, prior_information, log_likelihood, steps });
        }
        previous = longest;
    }
    Err(BradleyTerryError::Unsettled(MOST_STEPS))
}

fn at(values: &[f64], i: usize) -> f64 {
    values.get(i).copied().unwrap_or(0.0)
}

/// The gradient of the (penalised) logarithm of the likelihood, and the information: minus its second derivatives.
fn derivatives(pairs: &[Pair], abilities: &[f64], prior: f64) -> (Vec<f64>, Symmetric) {
    let models = abilities.len();
    let (mut gradient, mut information) = (vec![0.0; models], Symmetric::zero(models));
    for Pair { i, j, wins, losses } in pairs {
        let apart = at(abilities, *i) - at(abilities, *j);
        let (p, q) = (logistic(apart), logistic(-apart));
        // wins − (wins + losses)·p, without the cancellation.
        let pull = wins * q - losses * p;
        for (model, pull) in [(*i, pull), (*j, -pull)] {
            if let Some(slot) = gradient.get_mut(model) {
                *slot += pull;
            }
        }
        information.add_contrast(*i, *j, (wins + losses) * p * q);
    }
    if prior > 0.0 {
        for (i, (slot, ability)) in gradient.iter_mut().zip(abilities).enumerate() {
            let (p, q) = (logistic(*ability), logistic(-ability));
            *slot += prior * (q - p) / 2.0;
            information.add(i, i, prior * p * q);
        }
    } else {
        // Adding one number to all abilities changes nothing: that direction is filled up, and never moved in, as the
        // gradient has no part in it.
        let size = float(models as u64);
        information.add_everywhere(information.trace() / (size * size));
    }
    (gradient, information)
}

/// The longest of 1, ½, ¼, … of a step that raises the likelihood as its slope promises (Armijo 1966), but never less than
/// what is safe.
fn held_back(pairs: &[Pair], abilities: &[f64], step: &[f64], gradient: &[f64], prior: f64) -> f64 {
    let value = |abilities: &[f64]| {
        let tie = |ability: &f64| prior / 2.0 * (ln_logistic(*ability) + ln_logistic(-ability));
        likelihood(pairs, abilities) + if prior > 0.0 { abilities.iter().map(tie).sum() } else { 0.0 }
    };
    let now = value(abilities);
    let slope: f64 = gradient.iter().zip(step).map(|(g, s)| g * s).sum();
    let mut factor = 1.0;
    for _ in 0..20 {
        let moved: Vec<f64> = abilities.iter().zip(step).map(|(ability, step)| ability + factor * step).collect();
        if value(&moved) >= now + 1e-4 * factor * slope {
            break;
        }
        factor /= 2.0;
    }
    factor
}

fn likelihood(pairs: &[Pair], abilities: &[f64]) -> f64 {
    let of_pair = |Pair { i, j, wins, losses }: &Pair| {
        let apart = at(abilities, *i) - at(abilities, *j);
        wins * ln_logistic(apart) + losses * ln_logistic(-apart)
    };
    pairs.iter().map(of_pair).sum()
}

/// ln of the logistic function.
fn ln_logistic(x: f64) -> f64 {
    if x < 0.0 { x - x.exp().ln_1p() } else { -(-x).exp().ln_1p() }
}
