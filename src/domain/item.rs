//! One question with its known answer.

use super::{ItemId, Message, Traced};
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

/// One turn of a conversation: what the user says, and what is right to answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turn {
    /// The user's words, before the template.
    pub user: String,
    /// Accepted answers, any of which is right; empty where this turn is not graded.
    pub answers: Vec<String>,
    /// The options of a choice question, in order A, B, C…; empty otherwise.
    pub options: Vec<String>,
}

/// One question with its known answer, or a conversation that leads to one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Unique within the scenario.
    pub id: ItemId,
    /// Variants and repeats of one base item share this; the unit that is independent in statistics.
    pub cluster: ItemId,
    /// What is asked, before the template. Of a conversation: what comes before it, and its first turn.
    pub messages: Vec<Message>,
    /// Accepted answers, any of which is right; empty only where nothing grades them.
    pub answers: Vec<String>,
    /// The options of a choice question, in order A, B, C…; empty otherwise.
    pub options: Vec<String>,
    /// The turns of a conversation, the first among them; empty for a single question. Answers and options above are
    /// then those of the last turn.
    pub turns: Vec<Turn>,
    /// Its strata.
    pub tags: Tags,
    /// What a trace says of it, where it comes out of one.
    pub traced: Option<Traced>,
}

impl Item {
    /// How many exchanges it takes where each succeeds at once.
    #[must_use]
    pub fn exchanges(&self) -> usize {
        self.turns.len().max(1)
    }

    /// The item as one of its turns (from 0) is graded; none where that has no answers of its own.
    #[must_use]
    pub fn at_turn(&self, turn: usize) -> Option<Self> {
        let Turn { user: _, answers, options } = self.turns.get(turn)?;
        let (answers, options) = (answers.clone(), options.clone());
        (!answers.is_empty()).then(|| Self { answers, options, ..self.clone() })
    }
}
