//! The subjects of published boards: what they are called, which category each is counted under, and how the board averages.
//!
//! Facts only, and no question of any board: they give items their tags, templates a name to call the subject by, and
//! reports the number of subjects that a whole board has.

mod c_eval;
mod cmmlu;
mod mmlu;

pub use c_eval::C_EVAL;
pub use cmmlu::CMMLU;
pub use mmlu::MMLU;

use std::borrow::Cow;

/// All boards.
pub const BOARDS: [&Board; 3] = [&C_EVAL, &CMMLU, &MMLU];

/// How a board makes one figure of many subjects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mean {
    /// Every subject weighs the same, however many questions it has.
    Macro,
    /// Every question weighs the same.
    Micro,
}

impl Mean {
    /// The configuration's words.
    pub const WORDS: [(&'static str, Self); 2] = [("macro", Self::Macro), ("micro", Self::Micro)];

    /// The configuration's word for it.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Macro => "macro",
            Self::Micro => "micro",
        }
    }
}

/// A published board.
#[derive(Debug, PartialEq, Eq)]
pub struct Board {
    /// Its name, as it calls itself.
    pub name: &'static str,
    /// BCP 47.
    pub language: &'static str,
    /// The average that it publishes.
    pub mean: Mean,
    /// Its categories, in the order it shows them.
    pub categories: &'static [&'static str],
    /// Its subjects.
    pub subjects: &'static [Subject],
}

/// One subject.
#[derive(Debug, PartialEq, Eq)]
pub struct Subject {
    /// As in the names of the board's files; the items' domain.
    pub id: &'static str,
    /// What the board calls it in its own language, where that is not the id with spaces.
    pub name: Option<&'static str>,
    /// One of the board's categories; the items' capability.
    pub category: &'static str,
    /// Whether it is one of the board's hard subjects.
    pub hard: bool,
}

impl Board {
    /// The subject of this id.
    #[must_use]
    pub fn subject(&self, id: &str) -> Option<&'static Subject> {
        self.subjects.iter().find(|subject| subject.id == id)
    }
}

/// What to call a domain in a sentence of this language: the boards' own name where they know it, else its words.
#[must_use]
pub fn called<'a>(domain: &'a str, language: &str) -> Cow<'a, str> {
    let speaks = |board: &&&Board| language.split('-').next() == Some(board.language);
    let name = BOARDS.iter().filter(speaks).find_map(|board| board.subject(domain)?.name);
    match name {
        Some(name) => Cow::Borrowed(name),
        None if domain.contains('_') => Cow::Owned(domain.replace('_', " ")),
        None => Cow::Borrowed(domain),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn counts(board: &Board) -> Vec<(&str, usize)> {
        let count = |category: &&str| board.subjects.iter().filter(|s| s.category == *category).count();
        board.categories.iter().map(|category| (*category, count(category))).collect()
    }

    #[test]
    fn every_board_has_the_subjects_that_it_publishes() {
        assert_eq!(counts(&C_EVAL), [("STEM", 20), ("Social Science", 10), ("Humanities", 11), ("Other", 11)]);
        assert_eq!(counts(&CMMLU), [("STEM", 17), ("Humanities", 13), ("Social Science", 22), ("Other", 15)]);
        assert_eq!(counts(&MMLU), [("STEM", 18), ("humanities", 13), ("social sciences", 12), ("other", 14)]);
        assert_eq!(BOARDS.map(|board| board.subjects.len()), [52, 67, 57]);
    }

    #[test]
    fn ids_are_unique_and_every_category_is_one_of_the_boards() {
        for board in BOARDS {
            let ids: BTreeSet<&str> = board.subjects.iter().map(|s| s.id).collect();
            assert_eq!(ids.len(), board.subjects.len(), "{}", board.name);
            assert!(board.subjects.iter().all(|s| board.categories.contains(&s.category)), "{}", board.name);
        }
    }

    #[test]
    fn the_hard_subjects_are_those_of_c_eval_hard() {
        let hard: BTreeSet<&str> = C_EVAL.subjects.iter().filter(|s| s.hard).map(|s| s.id).collect();
        let want = [
            "advanced_mathematics",
            "college_chemistry",
            "college_physics",
            "discrete_mathematics",
            "high_school_chemistry",
            "high_school_mathematics",
            "high_school_physics",
            "probability_and_statistics",
        ];
        assert_eq!(hard, want.into());
        assert!(CMMLU.subjects.iter().chain(MMLU.subjects).all(|s| !s.hard));
    }

    #[test]
    fn a_subject_is_called_by_its_name_in_the_language_of_the_question() {
        assert_eq!(called("college_physics", "zh"), "大学物理");
        assert_eq!(called("college_physics", "zh-CN"), "大学物理");
        assert_eq!(called("college_physics", "en"), "college physics");
        assert_eq!(called("billing", "zh"), "billing");
    }
}
