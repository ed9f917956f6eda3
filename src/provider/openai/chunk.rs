//! The JSON of one chunk: the fields that are read, borrowed from the event where the JSON allows.

use crate::provider::text::{First, Indexed, Many, Text};
use serde::Deserialize;
use serde::de::{self, Deserializer, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;

/// One chunk of a stream, or a whole completion.
#[derive(Deserialize)]
pub(super) struct Chunk<'a> {
    #[serde(default, borrow)]
    pub(super) model: Option<Text<'a>>,
    #[serde(default, borrow)]
    pub(super) choices: Option<First<Choice<'a>>>,
    #[serde(default, borrow)]
    pub(super) usage: Option<&'a RawValue>,
    #[serde(default, borrow)]
    pub(super) error: Option<&'a RawValue>,
    #[serde(default, borrow)]
    pub(super) detail: Option<&'a RawValue>,
    #[serde(default, borrow)]
    pub(super) message: Option<&'a RawValue>,
}

#[derive(Deserialize)]
pub(super) struct Choice<'a> {
    #[serde(default)]
    pub(super) index: Option<u64>,
    #[serde(default, borrow)]
    pub(super) delta: Option<Delta<'a>>,
    /// Of a whole chat completion: rare, and not moved about with every token.
    #[serde(default, borrow)]
    pub(super) message: Option<Box<Delta<'a>>>,
    /// Of a text completion, streamed or whole.
    #[serde(default, borrow)]
    pub(super) text: Option<Text<'a>>,
    #[serde(default, borrow)]
    pub(super) finish_reason: Option<Text<'a>>,
}

impl Indexed for Choice<'_> {
    fn index(&self) -> u64 {
        self.index.unwrap_or(0)
    }
}

#[derive(Deserialize)]
pub(super) struct Delta<'a> {
    #[serde(default, borrow)]
    pub(super) content: Option<Content<'a>>,
    #[serde(default, borrow)]
    pub(super) refusal: Option<Text<'a>>,
    // One thing under the names that DeepSeek and SGLang, vLLM and OpenRouter, and others give it. Some send two of
    // them with the same text, so only the first is taken.
    #[serde(default, borrow)]
    pub(super) reasoning_content: Option<Text<'a>>,
    #[serde(default, borrow)]
    pub(super) reasoning: Option<Text<'a>>,
    #[serde(default, borrow)]
    pub(super) thinking: Option<Text<'a>>,
    /// Older TGI servers send one without a list.
    #[serde(default, borrow)]
    pub(super) tool_calls: Option<Many<ToolDelta<'a>>>,
}

#[derive(Deserialize)]
pub(super) struct ToolDelta<'a> {
    #[serde(default)]
    pub(super) index: Option<usize>,
    #[serde(default, borrow)]
    pub(super) function: Option<FunctionDelta<'a>>,
}

#[derive(Deserialize)]
pub(super) struct FunctionDelta<'a> {
    #[serde(default, borrow)]
    pub(super) name: Option<Text<'a>>,
    /// JSON in a text; some servers give the JSON itself.
    #[serde(default, borrow)]
    pub(super) arguments: Option<&'a RawValue>,
}

/// Content: a text, or (Mistral's reasoning models) a list of typed parts.
pub(super) struct Content<'a> {
    pub(super) text: Cow<'a, str>,
    pub(super) reasoning: String,
}

#[derive(Deserialize)]
pub(super) struct Part<'a> {
    #[serde(default, borrow)]
    pub(super) text: Option<Text<'a>>,
    #[serde(default, borrow)]
    pub(super) thinking: Option<Content<'a>>,
}

impl<'de: 'a, 'a> Deserialize<'de> for Content<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read;
        impl<'de> Visitor<'de> for Read {
            type Value = Content<'de>;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a text or a list of parts")
            }
            fn visit_borrowed_str<E: de::Error>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Content { text: Cow::Borrowed(text), reasoning: String::new() })
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Content { text: Cow::Owned(text.to_owned()), reasoning: String::new() })
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut parts: A) -> Result<Self::Value, A::Error> {
                let (mut text, mut reasoning) = (String::new(), String::new());
                while let Some(part) = parts.next_element::<Part<'de>>()? {
                    text.push_str(part.text.as_ref().map_or("", |t| t));
                    reasoning.push_str(part.thinking.as_ref().map_or("", |t| &t.text));
                }
                Ok(Content { text: Cow::Owned(text), reasoning })
            }
        }
        deserializer.deserialize_any(Read)
    }
}
