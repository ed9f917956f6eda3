//! One question with its known answer.

use super::{ItemId, Message};
use std::sync::Arc;

/// Where an item stands towards what models may have seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Split {
    /// Published: a model may have been trained on it.
    Public,
    /// The user's own, not published.
    Private,
    /// Made for this run.
    Fresh,
}

impl Split {
    /// All splits.
    pub const ALL: [Self; 3] = [Self::Public, Self::Private, Self::Fresh];

    /// The word used in data, tables and records.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Private => "private",
            Self::Fresh => "fresh",
        }
    }

    /// Reads the word back.
    #[must_use]
    pub fn from_label(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.label() == text)
    }
}

/// The strata of an item. `domain` and `capability` become metric labels, so their set is closed by the plan.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tags {
    /// Subject matter, such as `billing` or `algebra`.
    pub domain: Arc<str>,
    /// What is exercised, such as `reasoning` or `recall`.
    pub capability: Arc<str>,
    /// BCP 47 language, such as `en` or `zh`.
    pub language: Arc<str>,
    /// Seen by the public or not.
    pub split: Split,
}

/// One question with its known answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Unique within the scenario.
    pub id: ItemId,
    /// Variants and repeats of one base item share this; the unit that is independent in statistics.
    pub cluster: ItemId,
    /// What is asked, before the template.
    pub messages: Vec<Message>,
    /// Accepted answers, any of which is right; never empty.
    pub answers: Vec<String>,
    /// The options of a choice question, in order A, B, C…; empty otherwise.
    pub options: Vec<String>,
    /// Its strata.
    pub tags: Tags,
}
