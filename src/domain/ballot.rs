//! A vote on two answers to one question: who was better, as somebody saw it who did not know whose they were.

use super::{Fingerprint, ItemId, Name, Tags};
use std::sync::Arc;

/// What somebody says of two answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Preference {
    /// The one that was shown first (on the left) is better.
    Left,
    /// The other one is.
    Right,
    /// Both are good, and neither is better.
    Tie,
    /// Neither is any good.
    BothBad,
}

impl Preference {
    /// The closed set.
    pub const ALL: [Self; 4] = [Self::Left, Self::Right, Self::Tie, Self::BothBad];

    /// The word used in data and records.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Left => "left",
            Self::Right => "right",
            Self::Tie => "tie",
            Self::BothBad => "both-bad",
        }
    }

    /// Reads the word back.
    #[must_use]
    pub fn from_label(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|p| p.label() == text)
    }

    /// The same of the two answers with their sides changed.
    #[must_use]
    pub const fn flipped(self) -> Self {
        match self {
            Self::Left => Self::Right,
            Self::Right => Self::Left,
            Self::Tie | Self::BothBad => self,
        }
    }

    /// Whether one of the two is better.
    #[must_use]
    pub const fn is_decided(self) -> bool {
        matches!(self, Self::Left | Self::Right)
    }
}

/// Who votes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum VoteSource {
    /// A person, on the page.
    Human,
    /// A model that was asked to judge.
    Judge,
}

impl VoteSource {
    /// The closed set.
    pub const ALL: [Self; 2] = [Self::Human, Self::Judge];

    /// The word used in data and records.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Human => "human",
            Self::Judge => "judge",
        }
    }

    /// Reads the word back.
    #[must_use]
    pub fn from_label(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.label() == text)
    }
}

/// One side of a contest: whose answer, and of which provenance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Side {
    /// The target.
    pub target: Name,
    /// The provenance of its answer: votes on another one are votes on another model.
    pub provenance: Fingerprint,
}

/// A vote. Of one prompt and pair there is one by each voter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ballot {
    /// Out of which scenario the question is.
    pub scenario: Name,
    /// The question: an item of it.
    pub item: ItemId,
    /// What is asked, as a hash that near-duplicates of the question share.
    pub prompt: Fingerprint,
    /// Whose answer was shown first, or on the left.
    pub left: Side,
    /// Whose was shown second, or on the right.
    pub right: Side,
    /// What was said.
    pub preference: Preference,
    /// What was said when the two were shown the other way round, as seen from the sides above; none where they were not.
    pub swapped: Option<Preference>,
    /// Who voted: a pseudonym, which tells nothing of a person.
    pub voter: Arc<str>,
    /// What kind of voter that is.
    pub source: VoteSource,
    /// The question's strata.
    pub tags: Tags,
    /// Milliseconds since the Unix epoch.
    pub at_unix_ms: i64,
}

impl Ballot {
    /// What counts: what was said; where it was asked in both orders and they disagree, neither is better.
    #[must_use]
    pub fn counts_as(&self) -> Preference {
        match self.swapped {
            Some(swapped) if swapped != self.preference => Preference::Tie,
            _ => self.preference,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_back_and_sides_change() {
        for preference in Preference::ALL {
            assert_eq!(Preference::from_label(preference.label()), Some(preference));
            assert_eq!(preference.flipped().flipped(), preference);
            assert_eq!(preference.flipped() != preference, preference.is_decided());
        }
        for source in VoteSource::ALL {
            assert_eq!(VoteSource::from_label(source.label()), Some(source));
        }
        assert_eq!(Preference::from_label("A"), None);
    }
}
