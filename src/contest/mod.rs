//! Contests: who is better of two, as items, people or a judge say; boards of ratings by category; voters who vote oddly.
//!
//! ```text
//! votes (store) ─┐
//! outcomes       ├→ Contests (a few numbers each, by prompt) → boards, voters, the bias of sides
//! ```
//!
//! Pure but for what is read. Votes are of one kind on a board: what people prefer, what a judge prefers and what is right are
//! three questions. Of one prompt and pair one vote by each voter counts, and near-duplicates are one prompt; all votes on a
//! prompt belong together (and all of a voter, where there are enough voters), so that intervals speak of other prompts and
//! other people, not of these. Votes on an older provenance of an answer are left out and told.

mod ballots;
mod board;
mod category;
mod items;
mod pick;
mod position;
#[cfg(test)]
mod simulate;
#[cfg(test)]
mod tests;
mod voters;

pub use ballots::ballots;
pub use board::{Board, Options, Row, Standing};
pub use category::Category;
pub use items::{Same, Scope, items};
pub use pick::{Known, gives_away, pair};
pub use position::Sides;
pub use voters::{Conduct, Voter};

use crate::domain::{Name, Preference, Tags};
use std::collections::BTreeSet;
use std::sync::Arc;

/// One vote, as far as ranking needs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Contest {
    /// Who was shown first, by its place among the targets.
    pub first: usize,
    /// Who was shown second.
    pub second: usize,
    /// Who was better; left is the first.
    pub preference: Preference,
    /// Who was better when it was asked the other way round, from the same sides.
    pub swapped: Option<Preference>,
    /// Who voted, by its place among the voters.
    pub voter: usize,
    /// Its place in time.
    pub at: i64,
}

impl Contest {
    /// What counts: two orders that disagree are a tie.
    #[must_use]
    pub fn counts_as(&self) -> Preference {
        match self.swapped {
            Some(swapped) if swapped != self.preference => Preference::Tie,
            _ => self.preference,
        }
    }
}

/// All votes on one prompt, or how targets scored on it.
#[derive(Debug, Clone, PartialEq)]
pub struct Prompt {
    /// Out of which scenario it is.
    pub scenario: Name,
    /// Its strata.
    pub tags: Tags,
    /// The votes on it.
    pub votes: Vec<Contest>,
    /// Items have scores in place of votes: every two targets are compared, the higher being better. The target's place, each
    /// once, and the share of its answers that were right.
    pub scores: Vec<(usize, f64)>,
}

/// Votes that were left out, since they are on answers of an older provenance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// Whose answers.
    pub target: Name,
    /// On what.
    pub scenario: Name,
    /// How many votes, or samples where items are ranked.
    pub votes: u64,
}

/// Everything that boards are made of.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Contests {
    /// Who is ranked.
    pub targets: Vec<Name>,
    /// Who voted; empty where items decide.
    pub voters: Vec<Arc<str>>,
    /// Prompts with what was said of them.
    pub prompts: Vec<Prompt>,
    /// Votes, or items, that repeat another one of the same prompt, and so do not count.
    pub repeated: u64,
    /// What is of an older provenance.
    pub left_out: Vec<LeftOut>,
}

impl Contests {
    /// How many votes, or comparisons of two on an item, there are.
    #[must_use]
    pub fn votes(&self) -> u64 {
        self.prompts.iter().map(Prompt::count).sum()
    }

    /// Every category that a board can be made of, all of it first. A kind of which there is one value only tells nothing
    /// beyond the whole.
    #[must_use]
    pub fn categories(&self) -> Vec<Category> {
        let mut all = vec![Category::All];
        for kind in Category::KINDS {
            let found: BTreeSet<Category> =
                self.prompts.iter().filter_map(|prompt| kind(&prompt.scenario, &prompt.tags)).collect();
            let part = found.iter().any(|one| self.prompts.iter().any(|p| !one.holds(&p.scenario, &p.tags)));
            if part {
                all.extend(found);
            }
        }
        all
    }
}

impl Prompt {
    fn count(&self) -> u64 {
        let n = self.scores.len() as u64;
        self.votes.len() as u64 + n * n.saturating_sub(1) / 2
    }
}
