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

/// A tool that a model is offered.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Tool {
    /// Its name: letters, digits, `_` and `-`.
    pub name: String,
    /// What it is for, in words.
    pub description: String,
    /// The JSON schema of its arguments, as JSON text.
    pub parameters: String,
}

impl Tool {
    /// UTF-8 bytes that it takes in a prompt at the most: its texts, and the frame that a chat template puts around them.
    fn bytes(&self) -> u64 {
        const FRAME: usize = 128;
        let Self { name, description, parameters } = self;
        (name.len() + description.len() + parameters.len() + FRAME) as u64
    }
}

/// A rendered conversation, ready for a provider to put on the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prompt {
    /// The turns, oldest first.
    pub messages: Arc<[Message]>,
    /// The most output tokens of this one answer, where the item says; the smaller of this and the sampling's holds.
    pub max_tokens: Option<u32>,
    /// The tools that are offered; empty for most.
    pub tools: Arc<[Tool]>,
}

impl Prompt {
    /// A conversation without tools or a limit of its own.
    #[must_use]
    pub fn of(messages: impl Into<Arc<[Message]>>) -> Self {
        Self { messages: messages.into(), max_tokens: None, tools: Arc::default() }
    }

    /// The most output tokens that may be asked for: the smaller of the item's own and the sampling's.
    #[must_use]
    pub fn limit(&self, sampling: &Sampling) -> Option<u32> {
        self.max_tokens.into_iter().chain(sampling.max_tokens).min()
    }

    /// UTF-8 bytes of all content and tools: with byte-level vocabularies no tokenizer gives more tokens than bytes,
    /// so this bounds the input tokens from above (template overhead apart).
    #[must_use]
    pub fn bytes(&self) -> u64 {
        let said: u64 = self.messages.iter().map(|m| m.content.len() as u64).sum();
        said + self.tools.iter().map(Tool::bytes).sum::<u64>()
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
