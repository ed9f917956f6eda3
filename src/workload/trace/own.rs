//! `trace`: our own: JSON lines with `at` (seconds), and either a question in words (`prompt` or `messages`, perhaps with
//! `answer`), or its length (`input_tokens`); and `output_tokens`, which bounds the answer.

use super::mooncake::{column_of, parse};
use super::{Ask, Fault, Format, Kind, Parsed, Said, instant, tokens};
use crate::config::Section;
use crate::domain::{ItemId, Message, Role, Split, Tags};
use crate::workload::dataset::row::{self, Row, RowError};
use serde::Deserialize;
use std::collections::BTreeSet;
use std::sync::Arc;

/// The format.
pub const KIND: Kind = Kind {
    name: "trace",
    about: "JSON lines of at (s), prompt or messages (perhaps answer) or input_tokens, output_tokens",
    start,
};

#[derive(Default)]
struct Own {
    /// Tags repeat in every row; one copy of each is kept.
    words: BTreeSet<Arc<str>>,
}

fn start(_: &Section<'_>) -> Option<Box<dyn Format>> {
    Some(Box::new(Own::default()))
}

#[derive(Deserialize)]
struct Line {
    at: f64,
    input_tokens: Option<f64>,
    output_tokens: Option<f64>,
}

impl Format for Own {
    fn line(&mut self, text: &str) -> Result<Option<Parsed>, Fault> {
        let Line { at, input_tokens, output_tokens } = parse(text)?;
        let row = row::parse(text).map_err(|RowError { column, field, message }| Fault::at(column, field, message))?;
        let wrong = |field| move |message: String| Fault::at(column_of(text, field), field, message);
        let at = instant(at, 1e9).map_err(wrong("at"))?;
        let output_tokens = output_tokens.map(|n| tokens(n, 1)).transpose().map_err(wrong("output_tokens"))?;
        let input_tokens = input_tokens.map(|n| tokens(n, 1)).transpose().map_err(wrong("input_tokens"))?;
        let ask = match (input_tokens, row.prompt.is_some() || row.messages.is_some()) {
            (Some(tokens), false) => Ask::Length { tokens, blocks: Vec::new(), block_tokens: 0 },
            // A length beside the words is what was counted once: the words are what is asked.
            (_, true) => Ask::Said(Box::new(self.said(text, row)?)),
            (None, false) => {
                return Err(Fault::at(1, "", "expected a prompt, messages or input_tokens"));
            }
        };
        Ok(Some(Parsed { at, ask, output_tokens }))
    }
}

impl Own {
    fn said(&mut self, text: &str, row: Row) -> Result<Said, Fault> {
        let fault = |field: &str, message: &str| Fault::at(column_of(text, field), field, message);
        let messages = match (row.prompt, row.messages) {
            (Some(_), Some(_)) => return Err(fault("prompt", "give prompt or messages, not both")),
            (Some(content), None) => vec![Message { role: Role::User, content }],
            (None, messages) => messages.unwrap_or_default(),
        };
        if !messages.iter().any(|m| m.role == Role::User && !m.content.trim().is_empty()) {
            return Err(fault("prompt", "must not be empty"));
        }
        let answers = match (row.answer, row.answers) {
            (Some(_), Some(_)) => return Err(fault("answer", "give answer or answers, not both")),
            (one, other) => one.or(other).unwrap_or_default(),
        };
        if answers.iter().any(|answer| answer.trim().is_empty()) {
            return Err(fault("answer", "must not be empty"));
        }
        let id = row.id.map(|id| ItemId::new(&id));
        if id.as_ref().is_some_and(|id| id.as_str().is_empty()) {
            return Err(fault("id", "must not be empty"));
        }
        let split = match row.split {
            None => Split::Private,
            Some(word) => {
                Split::from_label(&word).ok_or_else(|| fault("split", "expected public, private or fresh"))?
            }
        };
        let mut tag = |field, word: Option<String>, default: &str| {
            let word = word.as_deref().unwrap_or(default);
            if word.is_empty() || word.len() > 64 || word.chars().any(char::is_control) {
                return Err(fault(field, "is not a usable tag").hint("1 to 64 bytes, no control characters"));
            }
            let known = self.words.get(word).cloned();
            Ok(known.unwrap_or_else(|| {
                let new: Arc<str> = word.into();
                self.words.insert(Arc::clone(&new));
                new
            }))
        };
        let tags = Tags::new(
            tag("domain", row.domain, "general")?,
            tag("capability", row.capability, "general")?,
            tag("language", row.language, "en")?,
            split,
        );
        Ok(Said { id, messages, answers, tags })
    }
}
