//! One question with its known answer.

use super::{Haystack, ItemId, Message, Role, Tool, Traced, estimated_tokens};
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

/// How long a question is: long ones are answered differently, and cost more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Length {
    /// Fewer than 500 tokens, by estimate.
    Short,
    /// 500 tokens and more, by estimate.
    Long,
}

impl Length {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Short, Self::Long];

    /// From so many tokens on a question is long.
    pub const LONG_FROM: u64 = 500;

    /// The class of so many tokens.
    #[must_use]
    pub const fn of(tokens: u64) -> Self {
        if tokens < Self::LONG_FROM { Self::Short } else { Self::Long }
    }

    /// The word used in data, tables and records.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Short => "short",
            Self::Long => "long",
        }
    }

    /// Reads the word back.
    #[must_use]
    pub fn from_label(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|l| l.label() == text)
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
    /// How long the question is, few-shot examples and the template apart.
    pub length: Length,
    /// Marked as hard in the data.
    pub hard: bool,
}

impl Tags {
    /// Tags of a short question that is not marked as hard.
    #[must_use]
    pub fn new(
        domain: impl Into<Arc<str>>,
        capability: impl Into<Arc<str>>,
        language: impl Into<Arc<str>>,
        split: Split,
    ) -> Self {
        let (domain, capability, language) = (domain.into(), capability.into(), language.into());
        Self { domain, capability, language, split, length: Length::Short, hard: false }
    }
}

/// What a scorer must know of an item beyond its answers: a schema, instructions to be checked, tests, a rubric. An object,
/// by the field names of a data file; each scorer says which it reads.
pub type Spec = serde_json::Map<String, serde_json::Value>;

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
    /// Which form of its cluster's base item it is, such as `shuffled`; none for the base item itself.
    pub variant: Option<Arc<str>>,
    /// What its scorer must know beyond the answers.
    pub spec: Option<Arc<Spec>>,
    /// The tools that the model is offered.
    pub tools: Arc<[Tool]>,
    /// A long text that stands before the question in the user's last message, made when it is asked.
    pub haystack: Option<Arc<Haystack>>,
}

impl Item {
    /// A single question in a cluster of its own, with nothing beyond its accepted answers.
    #[must_use]
    pub fn question(id: &str, text: impl Into<String>, answers: Vec<String>, tags: Tags) -> Self {
        let id = ItemId::new(id);
        Self {
            cluster: id.clone(),
            id,
            messages: vec![Message { role: Role::User, content: text.into() }],
            answers,
            options: Vec::new(),
            turns: Vec::new(),
            tags,
            traced: None,
            variant: None,
            spec: None,
            tools: Arc::default(),
            haystack: None,
        }
    }

    /// How many tokens it asks in, by estimate: what is said before the question, the question itself, its options, and of a
    /// conversation all that its user says. The template, few-shot examples in it, tools and the model's own answers apart.
    #[must_use]
    pub fn tokens(&self) -> u64 {
        let texts = |all: &[String]| all.iter().map(|text| estimated_tokens(text)).sum::<u64>();
        let said: u64 = self.messages.iter().map(|m| estimated_tokens(&m.content)).sum();
        // The first turn is among the messages; the options are those of the last.
        let later: u64 = self.turns.iter().skip(1).map(|turn| estimated_tokens(&turn.user)).sum();
        let offered: u64 = self.turns.iter().map(|turn| texts(&turn.options)).sum();
        let options = if self.turns.is_empty() { texts(&self.options) } else { offered };
        let made = self.traced.as_ref().and_then(|traced| traced.question.as_ref());
        let before = self.haystack.as_ref().map_or(0, |haystack| haystack.tokens.into());
        said + later + options + made.map_or(0, |recipe| recipe.tokens.into()) + before
    }

    /// The same item in the length class that it belongs to.
    #[must_use]
    pub fn measured(mut self) -> Self {
        self.tags.length = Length::of(self.tokens());
        self
    }

    /// The field of [`Item::spec`] that says that the question shows the options itself.
    pub const OPTIONS_SHOWN: &str = "options_shown";

    /// Whether the question shows the options itself: a template is not to add them.
    #[must_use]
    pub fn shows_options(&self) -> bool {
        self.spec.as_ref().is_some_and(|spec| spec.get(Self::OPTIONS_SHOWN).is_some_and(|shown| shown == true))
    }

    /// How many exchanges it takes where each succeeds at once.
    #[must_use]
    pub fn exchanges(&self) -> usize {
        self.turns.len().max(1)
    }

    /// The item as one of its turns (from 0) is graded; none where that has nothing of its own to be graded by. What is
    /// specified for the scorer is, like the item's answers, the last turn's.
    #[must_use]
    pub fn at_turn(&self, turn: usize) -> Option<Self> {
        let Turn { user: _, answers, options } = self.turns.get(turn)?;
        let (answers, options) = (answers.clone(), options.clone());
        let spec = self.spec.clone().filter(|_| turn + 1 == self.turns.len());
        (!answers.is_empty() || spec.is_some()).then(|| Self { answers, options, spec, ..self.clone() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn length(change: impl FnOnce(&mut Item)) -> Length {
        let mut item = Item::question("i", "short", vec!["a".into()], Tags::new("d", "c", "en", Split::Fresh));
        change(&mut item);
        item.measured().tags.length
    }

    #[test]
    fn a_question_is_as_long_as_all_that_is_asked_with_it() {
        let long = || "word ".repeat(400);
        let said = |role| Message { role, content: long() };
        assert_eq!(length(|_| {}), Length::Short);
        assert_eq!(length(|item| item.options = vec![long(), "b".into()]), Length::Long);
        assert_eq!(length(|item| item.messages.insert(0, said(Role::Assistant))), Length::Long);
        let turn = |user: String| Turn { user, answers: Vec::new(), options: Vec::new() };
        assert_eq!(length(|item| item.turns = vec![turn(long()), turn("b".into())]), Length::Short, "said before");
        assert_eq!(length(|item| item.turns = vec![turn("a".into()), turn(long())]), Length::Long);
    }
}
