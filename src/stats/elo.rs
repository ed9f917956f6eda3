//! Elo: a rating that follows a stream of comparisons, one at a time.
//!
//! For streams only. It depends on the order of the votes, never settles (each vote moves it by up to K points for ever), and
//! has no interval: for a closed set of votes [`super::bradley_terry`] is the better estimate of the same thing.

use super::{Outcome, RATING_BASE, RATING_SCALE, Vote};

/// Ratings as they stand.
#[derive(Debug, Clone, PartialEq)]
pub struct Elo {
    k: f64,
    ratings: Vec<f64>,
}

/// Why a vote can't be counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EloError {
    /// K or a rating that is no sensible number.
    #[error("K takes a number above 0, and a rating a finite number")]
    NoNumber,
    /// A vote on a model that is not there, or of one against itself.
    #[error("a vote on models {first} and {second} of {models}")]
    NoPair {
        /// One.
        first: usize,
        /// The other.
        second: usize,
        /// How many there are.
        models: usize,
    },
}

impl Elo {
    /// K of a board with many votes per model: small, so that a rating is no mere echo of the last few.
    pub const USUAL_K: f64 = 4.0;

    /// So many models, all at [`RATING_BASE`]; a vote moves each of its two by at most `k` points.
    ///
    /// # Errors
    /// `k` is no number above 0.
    pub fn new(models: usize, k: f64) -> Result<Self, EloError> {
        Self::from_ratings(vec![RATING_BASE; models], k)
    }

    /// Goes on from ratings that were remembered.
    ///
    /// # Errors
    /// `k` is no number above 0, or a rating is not finite.
    pub fn from_ratings(ratings: Vec<f64>, k: f64) -> Result<Self, EloError> {
        let sound = k.is_finite() && k > 0.0 && ratings.iter().all(|rating| rating.is_finite());
        if sound { Ok(Self { k, ratings }) } else { Err(EloError::NoNumber) }
    }

    /// Every model's rating.
    #[must_use]
    pub fn ratings(&self) -> &[f64] {
        &self.ratings
    }

    /// What the first is expected to get of a win against the second: 1 / (1 + 10^((R₂ − R₁)/400)).
    #[must_use]
    pub fn expected(&self, first: usize, second: usize) -> Option<f64> {
        let apart = self.ratings.get(first)? - self.ratings.get(second)?;
        Some(1.0 / (1.0 + (-apart / RATING_SCALE).exp()))
    }

    /// Counts a vote: the first moves by K · (what it got − what was expected), the second by as much the other way. Returns
    /// how far the first moved.
    ///
    /// Source: Elo (1978), The Rating of Chessplayers, Past and Present, §1.6; the logistic curve in place of the normal one.
    ///
    /// # Errors
    /// Of a model that there is not, or of one against itself.
    pub fn add(&mut self, vote: Vote) -> Result<f64, EloError> {
        let Vote { first, second, outcome } = vote;
        let no_pair = EloError::NoPair { first, second, models: self.ratings.len() };
        if first == second {
            return Err(no_pair);
        }
        let expected = self.expected(first, second).ok_or(no_pair)?;
        let moved = self.k * (Outcome::score(outcome) - expected);
        for (model, moved) in [(first, moved), (second, -moved)] {
            if let Some(rating) = self.ratings.get_mut(model) {
                *rating += moved;
            }
        }
        Ok(moved)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rand::{RngExt, SeedableRng};

    #[test]
    fn a_players_five_games() {
        // A textbook example: 1613 against 1609 (lost), 1477 (drawn), 1388 (won), 1586 (won), 1720 (lost), K = 32, all counted
        // at the rating before: expected 0.51 + 0.69 + 0.79 + 0.54 + 0.35 = 2.88, got 2.5, new rating 1601.
        let games = [
            (1609.0, Outcome::Second, 0.51),
            (1477.0, Outcome::Tie, 0.69),
            (1388.0, Outcome::First, 0.79),
            (1586.0, Outcome::First, 0.54),
            (1720.0, Outcome::Second, 0.35),
        ];
        let mut rating = 1613.0;
        for (opponent, outcome, expected) in games {
            let mut elo = Elo::from_ratings(vec![1613.0, opponent], 32.0).unwrap();
            assert!((elo.expected(0, 1).unwrap() - expected).abs() < 0.005);
            rating += elo.add(Vote { first: 0, second: 1, outcome }).unwrap();
        }
        assert!((rating - 1601.0_f64).abs() < 0.5, "{rating}");
    }

    #[test]
    fn what_makes_no_sense_is_named() {
        for k in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert_eq!(Elo::new(2, k), Err(EloError::NoNumber));
        }
        assert_eq!(Elo::from_ratings(vec![f64::NAN], 4.0), Err(EloError::NoNumber));
        let mut elo = Elo::new(2, Elo::USUAL_K).unwrap();
        for (first, second) in [(0, 0), (0, 2), (7, 1)] {
            let got = elo.add(Vote { first, second, outcome: Outcome::Tie });
            assert_eq!(got, Err(EloError::NoPair { first, second, models: 2 }));
        }
        assert_eq!(elo.ratings(), [RATING_BASE, RATING_BASE]);
    }

    #[test]
    fn the_order_of_votes_matters_and_a_long_stream_finds_the_strengths() {
        let win = |outcome| Vote { first: 0, second: 1, outcome };
        let after = |votes: [Outcome; 2]| {
            let mut elo = Elo::new(2, 32.0).unwrap();
            votes.into_iter().for_each(|outcome| assert!(elo.add(win(outcome)).is_ok()));
            elo.ratings()[0]
        };
        assert!(after([Outcome::First, Outcome::Second]) < after([Outcome::Second, Outcome::First]));
        let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(2);
        let mut elo = Elo::new(2, Elo::USUAL_K).unwrap();
        let mut late = 0.0;
        for step in 0..20_000 {
            let outcome = if rng.random::<f64>() < 10.0 / 11.0 { Outcome::First } else { Outcome::Second };
            elo.add(win(outcome)).unwrap();
            late += if step >= 10_000 { (elo.ratings()[0] - elo.ratings()[1]) / 10_000.0 } else { 0.0 };
        }
        assert!((late - 400.0).abs() < 15.0, "{late}");
    }

    proptest! {
        #[test]
        fn what_one_wins_the_other_loses(votes in proptest::collection::vec((0..5_usize, 1..5_usize, 0..3_u8), 0..200), k in 1.0..64.0f64) {
            let mut elo = Elo::new(5, k).unwrap();
            for (first, step, outcome) in votes {
                let outcome = [Outcome::First, Outcome::Second, Outcome::Tie][usize::from(outcome)];
                let moved = elo.add(Vote { first, second: (first + step) % 5, outcome }).unwrap();
                prop_assert!(moved.abs() < k);
            }
            prop_assert!((elo.ratings().iter().sum::<f64>() - 5.0 * RATING_BASE).abs() < 1e-6);
        }
    }
}
