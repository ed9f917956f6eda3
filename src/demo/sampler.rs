//! How the next token is chosen out of the logits.

use super::vocabulary::Token;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// How the next token is chosen.
#[derive(Debug, Clone)]
pub enum Sampler {
    /// The likeliest; among equals the first. What temperature 0 means.
    Greedy,
    /// By chance, from a seeded generator: the same seed gives the same text.
    Random {
        /// Divides the logits: above 1 flattens the distribution, below 1 sharpens it.
        temperature: f64,
        /// Only the likeliest tokens that together reach this mass are considered; 1 considers all.
        top_p: f64,
        /// The source of chance.
        rng: Box<ChaCha8Rng>,
    },
}

impl Sampler {
    /// Greedy at temperature 0, else by chance.
    #[must_use]
    pub fn new(temperature: f64, top_p: f64, seed: u64) -> Self {
        if temperature <= 0.0 {
            return Self::Greedy;
        }
        Self::Random { temperature, top_p, rng: Box::new(ChaCha8Rng::seed_from_u64(seed)) }
    }

    /// Chooses a token.
    pub fn choose(&mut self, logits: &[f32]) -> Token {
        let index = match self {
            Self::Greedy => likeliest(logits),
            Self::Random { temperature, top_p, rng } => draw(logits, *temperature, *top_p, rng.random()),
        };
        // There is one logit a token, so the index is always one of a token.
        Token::from_index(index).unwrap_or(Token::EOS)
    }
}

fn likeliest(logits: &[f32]) -> usize {
    let mut best = (0, f32::NEG_INFINITY);
    for (index, &logit) in logits.iter().enumerate() {
        if logit > best.1 {
            best = (index, logit);
        }
    }
    best.0
}

/// The token at quantile `at` (in [0, 1)) of the tempered distribution, likeliest first, cut to `top_p`
/// (nucleus sampling: Holtzman et al. 2020, arXiv 1904.09751).
fn draw(logits: &[f32], temperature: f64, top_p: f64, at: f64) -> usize {
    let greatest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let weight = |logit: f32| (f64::from(logit - greatest) / temperature).exp();
    let mut ranked: Vec<(usize, f64)> = logits.iter().map(|&x| weight(x)).enumerate().collect();
    ranked.sort_by(|a, b| b.1.total_cmp(&a.1));
    let nucleus = top_p * ranked.iter().map(|(_, w)| w).sum::<f64>();
    let mut mass = 0.0;
    ranked.retain(|(_, w)| {
        let inside = mass < nucleus;
        mass += w;
        inside
    });
    let mut left = at * ranked.iter().map(|(_, w)| w).sum::<f64>();
    for &(index, weight) in &ranked {
        left -= weight;
        if left < 0.0 {
            return index;
        }
    }
    // Only rounding gets here.
    ranked.last().map_or(0, |(index, _)| *index)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Logits whose softmax at temperature 1 gives these shares.
    fn logits(shares: &[f32]) -> Vec<f32> {
        shares.iter().map(|p| p.ln()).collect()
    }

    fn shares(temperature: f64, top_p: f64, logits: &[f32]) -> Vec<f64> {
        let mut sampler = Sampler::new(temperature, top_p, 7);
        let mut counts = vec![0.0; logits.len()];
        for _ in 0..20_000 {
            counts[sampler.choose(logits).index()] += 1.0 / 20_000.0;
        }
        counts
    }

    #[test]
    fn temperature_zero_takes_the_first_of_the_greatest() {
        assert_eq!(Sampler::new(0.0, 1.0, 1).choose(&[0.0, 2.0, -1.0, 2.0]).index(), 1);
    }

    #[test]
    fn chance_follows_the_tempered_softmax() {
        let logits = logits(&[0.2, 0.1, 0.7]);
        let near = |found: Vec<f64>, expected: [f64; 3]| {
            // Four standard errors of a share of one half.
            assert!(found.iter().zip(expected).all(|(f, e)| (f - e).abs() < 0.015), "{found:?} against {expected:?}");
        };
        near(shares(1.0, 1.0, &logits), [0.2, 0.1, 0.7]);
        // Temperature ½ squares the shares: 4, 1 and 49 of 54.
        near(shares(0.5, 1.0, &logits), [4.0 / 54.0, 1.0 / 54.0, 49.0 / 54.0]);
        // The nucleus of 0.8 is the likeliest two.
        near(shares(1.0, 0.8, &logits), [2.0 / 9.0, 0.0, 7.0 / 9.0]);
    }

    #[test]
    fn the_same_seed_draws_the_same() {
        let run = |seed| {
            let mut sampler = Sampler::new(1.0, 1.0, seed);
            (0..50).map(|_| sampler.choose(&[0.0; 20]).index()).collect::<Vec<_>>()
        };
        assert_eq!(run(3), run(3));
        assert_ne!(run(3), run(4));
    }
}
