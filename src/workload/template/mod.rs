//! How an item becomes a prompt.
//!
//! Two kinds: a plain frame (`{prompt}`, `{options}`), and templates in Jinja, with examples, as a chat or as one text that
//! a base model goes on with.

mod config;
mod jinja;
mod ready;
#[cfg(test)]
mod tests;

pub use config::{Choice, check, read};
pub use jinja::Jinja;

use super::{haystack, synthetic};
use crate::domain::{Item, Message, Prompt, Role, Tags};
use std::sync::Arc;

/// In what an item says to its scorer: the most output tokens of its answer, where the data say so.
pub const MAX_TOKENS: &str = "max_tokens";

/// A question with its answer, to be shown in a prompt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shot {
    /// Its strata: examples of a question's own domain are shown before others.
    pub tags: Tags,
    /// The question's words.
    pub prompt: String,
    /// The options of a choice question, in order A, B, C…; empty otherwise.
    pub options: Vec<String>,
    /// The right answer; of a choice question, as the data have it.
    pub answer: String,
    /// How it is come by.
    pub explanation: Option<String>,
}

/// What a template makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Messages, examples as question and answer in turn: for models that follow instructions.
    Chat,
    /// One text, which a base model goes on with.
    Completion,
}

impl Form {
    /// The configuration's words.
    pub const WORDS: [(&'static str, Self); 2] = [("chat", Self::Chat), ("completion", Self::Completion)];

    /// The configuration's word for it.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Chat => "chat",
            Self::Completion => "completion",
        }
    }
}

/// A prompt template: an optional system message, and the item's own words in a frame or in a template.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Template {
    /// Put before the conversation.
    pub system: Option<String>,
    /// The frame of the last user message; `{prompt}` and `{options}` are replaced. None: the prompt, then the options
    /// (if any) as lines `A. …`.
    pub prompt: Option<String>,
    /// The template, in place of a frame.
    pub jinja: Option<Arc<Jinja>>,
}

impl Template {
    /// The prompt for an item; of a conversation, that of its first turn.
    #[must_use]
    pub fn render(&self, item: &Item) -> Prompt {
        self.turn(item, &[])
    }

    /// The prompt for the turn of a conversation that comes after these answers: the same frame around every turn, so
    /// that the history is what was really asked.
    ///
    /// A template that can't be rendered for this item gives the item's own words in the plain frame; every item of a
    /// file, and a draw of a generator, were rendered before the run ([`check`]), where that is told.
    #[must_use]
    pub fn turn(&self, item: &Item, said: &[String]) -> Prompt {
        let options = offered(item);
        let made: Vec<Message>;
        let traced = item.traced.as_ref();
        let own = match (traced.and_then(|t| t.question.as_ref()), &item.haystack) {
            (None, None) => &item.messages,
            (Some(recipe), _) => {
                made = vec![Message { role: Role::User, content: synthetic::text(recipe) }];
                &made
            }
            (None, Some(recipe)) => {
                made = after(haystack::text(recipe), &item.messages);
                &made
            }
        };
        let rendered = self.jinja.as_ref().and_then(|jinja| {
            let rendered = jinja.messages(item, own, options, said, self.system.as_deref());
            rendered.inspect_err(|failed| tracing::error!(item = item.id.as_str(), "template: {}", failed.error)).ok()
        });
        let limit = item.spec.as_ref().and_then(|spec| spec.get(MAX_TOKENS)?.as_u64());
        Prompt {
            messages: rendered.unwrap_or_else(|| self.plain(item, own, options, said)).into(),
            max_tokens: traced
                .and_then(|traced| traced.output_tokens)
                .or_else(|| limit.and_then(|limit| u32::try_from(limit).ok())),
            tools: item.tools.clone(),
        }
    }

    fn plain(&self, item: &Item, own: &[Message], options: &[String], said: &[String]) -> Vec<Message> {
        let system = self.system.iter().map(|s| Message { role: Role::System, content: s.clone() });
        let last = own.iter().rposition(|m| m.role == Role::User);
        let opening = own.iter().enumerate().map(|(i, m)| {
            let content = if Some(i) == last { self.framed(&m.content, options) } else { m.content.clone() };
            Message { role: m.role, content }
        });
        let later = item.turns.iter().skip(1).zip(said).flat_map(|(turn, answer)| {
            [
                Message { role: Role::Assistant, content: answer.clone() },
                Message { role: Role::User, content: self.framed(&turn.user, &turn.options) },
            ]
        });
        system.chain(opening).chain(later).collect()
    }

    fn framed(&self, prompt: &str, options: &[String]) -> String {
        let options: Vec<String> = letters(options).map(|(letter, text)| format!("{letter}. {text}")).collect();
        let options = options.join("\n");
        let frame = match (&self.prompt, options.is_empty()) {
            (Some(frame), _) => frame.as_str(),
            (None, true) => "{prompt}",
            (None, false) => "{prompt}\n{options}",
        };
        fill(frame, prompt, &options)
    }

    /// Its text (and that of its examples), for the provenance.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let plain = format!("{:?}", (&self.system, &self.prompt));
        self.jinja.as_ref().map_or(plain.clone(), |jinja| format!("{plain} {}", jinja.fingerprint()))
    }

    /// What it makes.
    #[must_use]
    pub fn form(&self) -> Form {
        self.jinja.as_ref().map_or(Form::Chat, |jinja| jinja.form())
    }

    /// What it is, for people; none for a plain frame.
    #[must_use]
    pub fn describe(&self) -> Option<String> {
        let jinja = self.jinja.as_ref()?;
        let shots = match jinja.shots().count() {
            0 => "no examples".to_owned(),
            1 => "1 example".to_owned(),
            n => {
                let domains: std::collections::BTreeSet<_> = jinja.shots().map(|shot| &shot.tags.domain).collect();
                if domains.len() == 1 {
                    format!("{n} examples")
                } else {
                    format!("{n} examples of {} domains", domains.len())
                }
            }
        };
        Some(format!("{} ({}, {shots})", jinja.name(), jinja.form().label()))
    }
}

/// The options of an item's first turn that are to be shown: none that the question shows itself.
fn offered(item: &Item) -> &[String] {
    let options = item.turns.first().map_or(&item.options, |first| &first.options);
    if item.shows_options() { &[] } else { options }
}

/// Options with their letters.
fn letters(options: &[String]) -> impl Iterator<Item = (char, &str)> {
    ('A'..='Z').zip(options.iter().map(String::as_str))
}

/// These messages, with a long text before the last of the user's.
fn after(long: String, messages: &[Message]) -> Vec<Message> {
    let mut all = messages.to_vec();
    if let Some(last) = all.iter_mut().rfind(|message| message.role == Role::User) {
        last.content = format!("{long}\n\n{}", last.content);
    }
    all
}

/// Replaces both names in one pass, so that a prompt that contains `{options}` stays as it is.
fn fill(frame: &str, prompt: &str, options: &str) -> String {
    let mut out = String::with_capacity(frame.len() + prompt.len() + options.len());
    let mut rest = frame;
    while let Some(at) = rest.find('{') {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        if let Some(after) = from.strip_prefix("{prompt}") {
            out.push_str(prompt);
            rest = after;
        } else if let Some(after) = from.strip_prefix("{options}") {
            out.push_str(options);
            rest = after;
        } else {
            out.push('{');
            rest = from.get(1..).unwrap_or("");
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod plain {
    use super::*;
    use crate::domain::{Split, Tags, Turn};

    #[test]
    fn replaces_in_one_pass_and_keeps_other_braces() {
        assert_eq!(fill("Q: {prompt} {x}\n{options}", "a {options} b", "A. 1"), "Q: a {options} b {x}\nA. 1");
    }

    #[test]
    fn a_conversation_carries_its_frame_and_its_answers() {
        let turn = |user: &str, options: &[&str]| Turn {
            user: user.into(),
            answers: Vec::new(),
            options: options.iter().map(|o| (*o).to_owned()).collect(),
        };
        let turns = vec![turn("one", &[]), turn("two", &["x", "y"]), turn("three", &[])];
        let tags = Tags::new("d", "c", "en", Split::Fresh);
        let item = Item { turns, ..Item::question("i", "one", vec!["a".into()], tags) };
        let template = Template { system: Some("s".into()), prompt: Some("Q: {prompt} {options}".into()), jinja: None };
        let shown = |said: &[&str]| {
            let said: Vec<String> = said.iter().map(|s| (*s).to_owned()).collect();
            let prompt = template.turn(&item, &said);
            prompt.messages.iter().map(|m| format!("{} {}", m.role.label(), m.content)).collect::<Vec<_>>()
        };
        assert_eq!(shown(&[]), ["system s", "user Q: one "]);
        assert_eq!(shown(&["first"]), ["system s", "user Q: one ", "assistant first", "user Q: two A. x\nB. y"]);
        assert_eq!(shown(&["first", "second"]).last().unwrap(), "user Q: three ");
        assert_eq!(shown(&["first", "second"]).len(), 6);
    }
}
