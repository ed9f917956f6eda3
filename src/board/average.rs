//! Board averages: one figure of many subjects, each weighing the same, as boards publish it.

use super::Figures;
use crate::domain::{Fingerprint, Name};
use crate::stats::{Interval, Level, unweighted_mean};
use std::collections::BTreeMap;

/// How the domains of a scenario make up its average.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AverageRule {
    /// Whose subjects these are; none where they are the data's own.
    pub board: Option<&'static str>,
    /// The categories, in the order they are shown.
    pub categories: Vec<String>,
    /// Every subject that a whole board has.
    pub subjects: Vec<AverageSubject>,
}

/// One subject of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AverageSubject {
    /// The items' domain.
    pub domain: String,
    /// The category it is counted under; none where it lies in several.
    pub category: Option<String>,
    /// Whether it is one of the hard ones.
    pub hard: bool,
}

/// What an average is over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Over {
    /// All subjects.
    All,
    /// Those of a category.
    Category(String),
    /// The hard ones.
    Hard,
}

/// The average over some subjects.
#[derive(Debug, Clone, PartialEq)]
pub struct Average {
    /// Over which.
    pub over: Over,
    /// The mean of the subjects' accuracies, with its 95 % interval; none where nothing was graded.
    pub share: Option<Interval>,
    /// Subjects in it …
    pub subjects: usize,
    /// … of so many that a whole board has.
    pub of: usize,
    /// Answers that were graded.
    pub graded: u64,
}

/// The averages of one target on one scenario, of one provenance.
#[derive(Debug, Clone, PartialEq)]
pub struct BoardAverage {
    /// Who was asked.
    pub target: Name,
    /// Out of which scenario.
    pub scenario: Name,
    /// Figures of different provenance are never put together.
    pub provenance: Fingerprint,
    /// The board's name; none where the subjects are the data's own.
    pub board: Option<&'static str>,
    /// Over all subjects first, then by category, then the hard ones.
    pub averages: Vec<Average>,
    /// Domains that are not the board's, and are in no average.
    pub left_out: Vec<String>,
}

impl BoardAverage {
    /// Whether there are subjects without a graded answer.
    #[must_use]
    pub fn is_partial(&self) -> bool {
        self.averages.first().is_some_and(|all| all.subjects < all.of)
    }
}

/// The averages of a scenario: out of its rows by domain, one for each target and provenance.
#[must_use]
pub fn averages(rule: &AverageRule, scenario: &Name, rows: &[Figures]) -> Vec<BoardAverage> {
    let mut by_target: BTreeMap<(&Name, &Fingerprint), BTreeMap<&str, &Figures>> = BTreeMap::new();
    for row in rows.iter().filter(|row| row.scenario == *scenario) {
        if let Some(domain) = &row.domain {
            by_target.entry((&row.target, &row.provenance)).or_default().insert(domain, row);
        }
    }
    let each = |((target, provenance), rows): ((&Name, &Fingerprint), BTreeMap<&str, &Figures>)| {
        let over = |over: Over| {
            let is_in = |subject: &&AverageSubject| match &over {
                Over::All => true,
                Over::Category(category) => subject.category.as_ref() == Some(category),
                Over::Hard => subject.hard,
            };
            let of = rule.subjects.iter().filter(is_in);
            let there = of.clone().filter_map(|subject| {
                let row = rows.get(subject.domain.as_str())?;
                Some((row.accuracy?, row.graded()))
            });
            let (shares, graded): (Vec<Interval>, Vec<u64>) = there.unzip();
            Average {
                share: unweighted_mean(&shares, Level::P95),
                subjects: shares.len(),
                of: of.count(),
                graded: graded.iter().sum(),
                over,
            }
        };
        let categories = rule.categories.iter().cloned().map(Over::Category);
        let all = [Over::All].into_iter().chain(categories).chain([Over::Hard]);
        let known = |domain: &str| rule.subjects.iter().any(|subject| subject.domain == domain);
        BoardAverage {
            target: target.clone(),
            scenario: scenario.clone(),
            provenance: provenance.clone(),
            board: rule.board,
            averages: all.map(over).filter(|average| average.of > 0).collect(),
            left_out: rows.keys().filter(|domain| !known(domain)).map(|domain| (*domain).to_owned()).collect(),
        }
    };
    by_target.into_iter().map(each).collect()
}
