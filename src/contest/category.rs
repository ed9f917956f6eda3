//! Categories of questions that have a board of their own.

use crate::domain::{Length, Name, Tags};
use std::fmt;

/// A part of the questions.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Category {
    /// All of them.
    All,
    /// Questions of 500 tokens and more.
    LongQuery,
    /// Questions that the data marks as hard.
    Hard,
    /// Questions whose domain or capability is programming, by one of [`CODING`].
    Coding,
    /// One scenario.
    Scenario(Name),
    /// One language.
    Language(String),
    /// One domain.
    Domain(String),
    /// One capability.
    Capability(String),
}

/// Words for domains and capabilities that are programming.
pub const CODING: [&str; 5] = ["code", "coding", "program", "programming", "software"];

type Kind = fn(&Name, &Tags) -> Option<Category>;

impl Category {
    /// What categories a question is in, one kind each; the whole apart.
    pub(super) const KINDS: [Kind; 7] = [
        |_, tags| is_coding(tags).then_some(Self::Coding),
        |_, tags| (tags.length == Length::Long).then_some(Self::LongQuery),
        |_, tags| tags.hard.then_some(Self::Hard),
        |_, tags| Some(Self::Language(tags.language.to_string())),
        |_, tags| Some(Self::Domain(tags.domain.to_string())),
        |_, tags| Some(Self::Capability(tags.capability.to_string())),
        |scenario, _| Some(Self::Scenario(scenario.clone())),
    ];

    /// Whether a question belongs to it.
    #[must_use]
    pub fn holds(&self, scenario: &Name, tags: &Tags) -> bool {
        match self {
            Self::All => true,
            Self::LongQuery => tags.length == Length::Long,
            Self::Hard => tags.hard,
            Self::Coding => is_coding(tags),
            Self::Scenario(name) => scenario == name,
            Self::Language(language) => *language == *tags.language,
            Self::Domain(domain) => *domain == *tags.domain,
            Self::Capability(capability) => *capability == *tags.capability,
        }
    }

    /// Reads what [`fmt::Display`] writes.
    ///
    /// # Errors
    /// In words.
    pub fn read(text: &str) -> Result<Self, String> {
        let plain = match text {
            "all" => Some(Self::All),
            "coding" => Some(Self::Coding),
            "long" => Some(Self::LongQuery),
            "hard" => Some(Self::Hard),
            _ => None,
        };
        let named = || match text.split_once(':')? {
            (_, "") => None,
            ("language", name) => Some(Self::Language(name.to_owned())),
            ("domain", name) => Some(Self::Domain(name.to_owned())),
            ("capability", name) => Some(Self::Capability(name.to_owned())),
            ("scenario", name) => Name::new(name).ok().map(Self::Scenario),
            _ => None,
        };
        let expected = "expected all, coding, long, hard, language:NAME, domain:NAME, capability:NAME or scenario:NAME";
        plain.or_else(named).ok_or_else(|| expected.to_owned())
    }
}

fn is_coding(tags: &Tags) -> bool {
    [&tags.domain, &tags.capability].iter().any(|tag| CODING.iter().any(|word| tag.eq_ignore_ascii_case(word)))
}

impl fmt::Display for Category {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.pad("all"),
            Self::LongQuery => f.pad("long"),
            Self::Hard => f.pad("hard"),
            Self::Coding => f.pad("coding"),
            Self::Scenario(name) => write!(f, "scenario:{name}"),
            Self::Language(name) => write!(f, "language:{name}"),
            Self::Domain(name) => write!(f, "domain:{name}"),
            Self::Capability(name) => write!(f, "capability:{name}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Split;

    #[test]
    fn a_question_is_in_a_category_of_each_kind_and_words_are_read_back() {
        let tags =
            Tags { hard: true, length: Length::Long, ..Tags::new("Programming", "reasoning", "zh", Split::Public) };
        let scenario = Name::new("s").unwrap();
        let all: Vec<Category> = Category::KINDS.iter().filter_map(|kind| kind(&scenario, &tags)).collect();
        assert_eq!(all.len(), 7);
        let other = Name::new("o").unwrap();
        let elsewhere = Tags::new("d", "c", "en", Split::Public);
        for category in all {
            assert!(category.holds(&scenario, &tags), "{category}");
            assert!(!category.holds(&other, &elsewhere), "{category}");
            assert_eq!(Category::read(&category.to_string()), Ok(category));
        }
        for wrong in ["", "domain:", "scenario:a b", "x:y", "Hard"] {
            assert!(Category::read(wrong).is_err(), "{wrong}");
        }
    }
}
