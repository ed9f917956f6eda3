//! The JSON of one chunk: the fields that are read, borrowed from the event where the JSON allows.

use crate::provider::text::{Fields, Indexed, Into, IntoFirst, IntoIf, Many, Text};
use serde::Deserialize;
use serde::de::{self, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;

/// One chunk of a stream, or a whole completion.
#[derive(Default)]
pub(super) struct Chunk<'a> {
    pub(super) model: Option<Text<'a>>,
    /// Whether there is a list of choices at all.
    pub(super) has_choices: bool,
    pub(super) choice: Option<Choice<'a>>,
    pub(super) usage: Option<&'a RawValue>,
    pub(super) error: Option<&'a RawValue>,
    pub(super) detail: Option<&'a RawValue>,
    pub(super) message: Option<&'a RawValue>,
    pub(super) service_tier: Option<Text<'a>>,
    /// The last value that is passed over.
    pub(super) passed: Option<&'a RawValue>,
}

impl<'de> Fields<'de> for Chunk<'de> {
    fn field<A: MapAccess<'de>>(&mut self, name: &str, value: &mut A) -> Result<(), A::Error> {
        match name {
            "model" => self.model = value.next_value()?,
            "choices" => value.next_value_seed(IntoFirst(&mut self.choice, &mut self.has_choices))?,
            "usage" => self.usage = value.next_value()?,
            "error" => self.error = value.next_value()?,
            "detail" => self.detail = value.next_value()?,
            "message" => self.message = value.next_value()?,
            "service_tier" => self.service_tier = value.next_value()?,
            _ => self.passed = value.next_value()?,
        }
        Ok(())
    }
}

#[derive(Default)]
pub(super) struct Choice<'a> {
    pub(super) index: Option<u64>,
    pub(super) has_delta: bool,
    pub(super) delta: Delta<'a>,
    /// Of a whole chat completion.
    pub(super) message: Option<Box<Delta<'a>>>,
    /// Of a text completion, streamed or whole.
    pub(super) text: Option<Text<'a>>,
    pub(super) finish_reason: Option<Text<'a>>,
}

impl Indexed for Choice<'_> {
    fn index(&self) -> u64 {
        self.index.unwrap_or(0)
    }
}

impl<'de> Fields<'de> for Choice<'de> {
    fn field<A: MapAccess<'de>>(&mut self, name: &str, value: &mut A) -> Result<(), A::Error> {
        match name {
            "index" => self.index = value.next_value()?,
            "delta" => value.next_value_seed(IntoIf(&mut self.delta, &mut self.has_delta))?,
            "message" => self.message = value.next_value()?,
            "text" => self.text = value.next_value()?,
            "finish_reason" => self.finish_reason = value.next_value()?,
            _ => _ = value.next_value::<IgnoredAny>()?,
        }
        Ok(())
    }
}

#[derive(Default)]
pub(super) struct Delta<'a> {
    pub(super) content: Option<Content<'a>>,
    pub(super) refusal: Option<Text<'a>>,
    // One thing under the names that DeepSeek and SGLang, vLLM and OpenRouter, and others give it. Some send two of
    // them with the same text, so only the first is taken.
    pub(super) reasoning_content: Option<Text<'a>>,
    pub(super) reasoning: Option<Text<'a>>,
    pub(super) thinking: Option<Text<'a>>,
    /// Older TGI servers send one without a list.
    pub(super) tool_calls: Option<Many<ToolDelta<'a>>>,
}

impl<'de> Fields<'de> for Delta<'de> {
    fn field<A: MapAccess<'de>>(&mut self, name: &str, value: &mut A) -> Result<(), A::Error> {
        match name {
            "content" => self.content = value.next_value()?,
            "refusal" => self.refusal = value.next_value()?,
            "reasoning_content" => self.reasoning_content = value.next_value()?,
            "reasoning" => self.reasoning = value.next_value()?,
            "thinking" => self.thinking = value.next_value()?,
            "tool_calls" => self.tool_calls = value.next_value()?,
            _ => _ = value.next_value::<IgnoredAny>()?,
        }
        Ok(())
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Delta<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut delta = Delta::<'de>::default();
        Into(&mut delta).deserialize(deserializer)?;
        Ok(delta)
    }
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
