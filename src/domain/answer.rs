//! What a model answered, put together from its stream.

use super::{Money, Usage};

/// Why a model stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finish {
    /// It was done (or met a stop sequence).
    Stop,
    /// The output limit was reached: the answer is graded, and flagged.
    Length,
    /// It asks for a tool.
    ToolCalls,
    /// The provider's filter cut it.
    ContentFilter,
    /// A reason this version does not know, as the provider spelled it.
    Other(String),
}

impl Finish {
    /// The word used in records.
    #[must_use]
    pub fn label(&self) -> &str {
        match self {
            Self::Stop => "stop",
            Self::Length => "length",
            Self::ToolCalls => "tool_calls",
            Self::ContentFilter => "content_filter",
            Self::Other(text) => text,
        }
    }

    /// Reads the word back; an unknown one is kept.
    #[must_use]
    pub fn from_label(text: &str) -> Self {
        match text {
            "stop" => Self::Stop,
            "length" => Self::Length,
            "tool_calls" => Self::ToolCalls,
            "content_filter" => Self::ContentFilter,
            other => Self::Other(other.to_owned()),
        }
    }
}

/// One tool call, as the model made it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ToolCall {
    /// The tool's name.
    pub name: String,
    /// The arguments, as the model's JSON text.
    pub arguments: String,
}

/// What a model answered.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answer {
    /// Visible text.
    pub text: String,
    /// Reasoning that the provider marks as such; never graded.
    pub reasoning: String,
    /// Tool calls, in order.
    pub tool_calls: Vec<ToolCall>,
    /// A refusal the provider marks as such.
    pub refusal: Option<String>,
    /// Why it stopped; none when the stream ended without saying.
    pub finish: Option<Finish>,
    /// What the provider says was used, in disjoint buckets.
    pub usage: Usage,
    /// The model's name as the answer gives it.
    pub model: Option<String>,
    /// The service tier that the provider says it used, in its own word.
    pub tier: Option<String>,
    /// What the provider (or a gateway before it) says that the exchange cost, rounded once to the nano-USD.
    pub reported_cost: Option<Money>,
}
