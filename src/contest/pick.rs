//! Which two answers are shown: those that tell the most, and not always the same.
//!
//! A vote on two targets tells p (1 − p) of Fisher's information about how far they are apart, p being the chance that the
//! first wins: the most where they are close. What is known already makes it worth less, so that a pair's weight is
//! p (1 − p) / (1 + its votes). Pairs are drawn by their weight, so that none is starved and nobody can foresee the next one.

use super::{Category, Contests, Options, Standing};
use crate::domain::Name;
use rand::{Rng, RngExt as _};
use std::collections::{BTreeMap, BTreeSet};

/// What is known of targets before the next vote.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// Votes by pair, the lower name first.
    votes: BTreeMap<(Name, Name), u64>,
    /// Ratings, as far as there are any.
    ratings: BTreeMap<Name, f64>,
}

/// A pair, the lower name first.
#[must_use]
pub fn pair(one: &Name, other: &Name) -> (Name, Name) {
    if one < other { (one.clone(), other.clone()) } else { (other.clone(), one.clone()) }
}

impl Known {
    /// Of all votes so far.
    #[must_use]
    pub fn of(contests: &Contests) -> Self {
        let mut known = Self::default();
        for contest in contests.prompts.iter().flat_map(|prompt| &prompt.votes) {
            if let (Some(one), Some(other)) =
                (contests.targets.get(contest.first), contests.targets.get(contest.second))
            {
                *known.votes.entry(pair(one, other)).or_default() += 1;
            }
        }
        let board = contests.board(&Category::All, &BTreeSet::new(), Options { least_votes: 20, ..Options::DEFAULT });
        if let Standing::Ranked(rows) = board.standing {
            known.ratings = rows.into_iter().map(|row| (row.target, row.rating.estimate)).collect();
        }
        known
    }

    /// One vote more.
    pub fn add(&mut self, one: &Name, other: &Name) {
        *self.votes.entry(pair(one, other)).or_default() += 1;
    }

    #[expect(clippy::cast_precision_loss, reason = "numbers of votes")]
    fn weight(&self, of: &(Name, Name)) -> f64 {
        let rating = |name: &Name| self.ratings.get(name).copied().unwrap_or(crate::stats::RATING_BASE);
        let apart = (rating(&of.0) - rating(&of.1)) / crate::stats::RATING_SCALE;
        let p = 1.0 / (1.0 + apart.exp());
        p * (1.0 - p) / (1.0 + self.votes.get(of).copied().unwrap_or(0) as f64)
    }

    /// Draws one of these pairs.
    pub fn draw<'p>(&self, pairs: &'p [(Name, Name)], rng: &mut impl Rng) -> Option<&'p (Name, Name)> {
        let weights: Vec<f64> = pairs.iter().map(|of| self.weight(of)).collect();
        let all: f64 = weights.iter().sum();
        let mut left = rng.random::<f64>() * all;
        for (pair, weight) in pairs.iter().zip(weights) {
            left -= weight;
            if left <= 0.0 {
                return Some(pair);
            }
        }
        pairs.last()
    }
}

/// Whether a text says one of these names as a word: who reads it knows whose answer it is.
pub fn gives_away<'n>(text: &str, names: impl IntoIterator<Item = &'n str>) -> bool {
    let text = text.to_lowercase();
    let is_word = |c: char| c.is_alphanumeric();
    names.into_iter().map(str::to_lowercase).filter(|name| name.chars().count() > 2).any(|name| {
        text.match_indices(&name).any(|(at, found)| {
            let before = text.get(..at).and_then(|before| before.chars().next_back());
            let after = text.get(at + found.len()..).and_then(|after| after.chars().next());
            !before.is_some_and(is_word) && !after.is_some_and(is_word)
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng as _;

    fn name(text: &str) -> Name {
        Name::new(text).unwrap()
    }

    #[test]
    fn close_pairs_and_those_with_few_votes_are_drawn_more_often() {
        let (a, b, c) = (name("a"), name("b"), name("c"));
        let mut known = Known {
            ratings: [(a.clone(), 1300.0), (b.clone(), 1290.0), (c.clone(), 700.0)].into(),
            ..Known::default()
        };
        let pairs = [pair(&a, &b), pair(&c, &a), pair(&b, &c)];
        let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(1);
        let mut count = |known: &Known| {
            let mut drawn = BTreeMap::new();
            for _ in 0..2_000 {
                *drawn.entry(known.draw(&pairs, &mut rng).cloned()).or_insert(0) += 1;
            }
            pairs.clone().map(|of| drawn.get(&Some(of)).copied().unwrap_or(0))
        };
        let first = count(&known);
        assert!(first[0] > 1_400 && first[1] > 50 && first[2] > 50, "{first:?}");
        for _ in 0..20 {
            known.add(&b, &a);
        }
        assert!(count(&known)[0] < first[0] / 2);
        assert_eq!(known.draw(&[], &mut rng), None);
    }

    #[test]
    fn an_answer_that_names_a_target_is_known() {
        let names = ["Qwen3-8B", "gpt-x", "io"];
        assert!(gives_away("I am qwen3-8b, made by", names));
        assert!(gives_away("(GPT-X)", names));
        assert!(!gives_away("gpt-xyz and Qwen3-8Bs and io", names));
        assert!(!gives_away("", names));
    }
}
