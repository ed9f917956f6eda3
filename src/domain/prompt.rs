//! What a model is asked, free of any provider's wire format.

use std::sync::Arc;

/// Who speaks in a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// Instructions above the conversation.
    System,
    /// The one who asks.
    User,
    /// The model's own earlier words.
    Assistant,
}

impl Role {
    /// All roles.
    pub const ALL: [Self; 3] = [Self::System, Self::User, Self::Assistant];

    /// The field's usual word for it.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::User => "user",
            Self::Assistant => "assistant",
        }
    }
}

/// One turn of a conversation.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Message {
    /// Who speaks.
    pub role: Role,
    /// What is said.
    pub content: String,
}

/// A rendered conversation, ready for a provider to put on the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prompt {
    /// The turns, oldest first.
    pub messages: Arc<[Message]>,
    /// The most output tokens of this one answer, where the item says; the smaller of this and the sampling's holds.
    pub max_tokens: Option<u32>,
}

impl Prompt {
    /// The most output tokens that may be asked for: the smaller of the item's own and the sampling's.
    #[must_use]
    pub fn limit(&self, sampling: &Sampling) -> Option<u32> {
        self.max_tokens.into_iter().chain(sampling.max_tokens).min()
    }

    /// UTF-8 bytes of all content: with byte-level vocabularies no tokenizer gives more tokens than bytes,
    /// so this bounds the input tokens from above (template overhead apart).
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.messages.iter().map(|m| m.content.len() as u64).sum()
    }
}

/// How the model is to draw its answer. Part of the provenance.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Sampling {
    /// The most output tokens; bounds the cost, so it is required where a price is set.
    pub max_tokens: Option<u32>,
    /// Softmax temperature; not sent when absent.
    pub temperature: Option<f64>,
    /// Nucleus mass; not sent when absent.
    pub top_p: Option<f64>,
    /// The provider's sampling seed; not sent when absent.
    pub seed: Option<u64>,
    /// Stop sequences.
    pub stop: Vec<String>,
}
