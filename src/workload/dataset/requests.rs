//! `openai-requests`: chat-completions requests as they were logged, or as a batch file has them, one object a line.
//!
//! What was asked is taken (messages, tools, the output limit). How answers are drawn (model, temperature, …) is the
//! target's, so that all targets are asked alike.

use super::gather::{self, Fault, Gather, Good, Labels, lines_of};
use super::json::{Document, Fields, Raw, kind};
use super::{Kind, Loaded};
use crate::config::Section;
use crate::domain::{Item, Message, Role, Spec, Split, Tags, Tool};
use crate::workload::template::MAX_TOKENS;
use std::sync::Arc;

/// The format.
pub const KIND: Kind = Kind {
    name: "openai-requests",
    about: "OpenAI chat-completions requests, JSON lines: batch lines (`custom_id`, `body`) or bare bodies",
    read,
};

/// What a request may say of itself that means nothing for what is asked.
const PASSED_OVER: [&str; 5] = ["messages", "max_tokens", "max_completion_tokens", "tools", "model"];

fn read(section: &Section<'_>) -> Option<Loaded> {
    let labels = Labels::read(section, ["requests", "general", "en"], Split::Private);
    let answer: Option<String> = section.or("answer", "answer".to_owned());
    let named = section.has("answer");
    let loaded = gather::whole(section, &["jsonl"], |gather, found, take| {
        let each = |gather: &mut Gather, line, text: &str| {
            let (Some(labels), Some(answer)) = (&labels, &answer) else { return };
            if !text.trim().is_empty() {
                let row = row(gather, line, text, &found.stem, &labels.tags, (answer, named));
                take(gather, row);
            }
        };
        lines_of(gather, found, each, || {})
    });
    labels.and(answer).and(loaded)
}

fn row(
    gather: &mut Gather,
    line: usize,
    text: &str,
    stem: &str,
    tags: &Tags,
    (answer, named): (&str, bool),
) -> Result<Good, Fault> {
    let (document, root) = Document::new(text, (line, 1))?;
    document.fields(root, "")?;
    let (body, prefix) = match document.find(root, "body") {
        Some(body) => (body, "body."),
        None => (root, ""),
    };
    let name = |field: &str| format!("{prefix}{field}");
    let fields = document.fields(body, &name(""))?;
    if let Some(url) = document.find(root, "url") {
        let url = document.text(url, "url")?;
        if !url.trim_end_matches('/').ends_with("/chat/completions") {
            let message = format!("{url:?} is not /v1/chat/completions, the only kind that is taken");
            return Err(document.find(root, "url").map_or_else(
                || Fault::at((line, 1), "url", message.clone()),
                |at| document.fault(at, "url", message.clone()),
            ));
        }
    }
    let value = document.find(body, "messages").ok_or_else(|| {
        Fault::at(
            (line, 1),
            name("messages"),
            "is missing: expected a chat-completions request, or a batch line of one",
        )
    })?;
    let messages = messages(&document, value, &name("messages"))?;
    let answers = answers(&document, root, line, answer, named)?;
    let id = ["custom_id", "id"].into_iter().find_map(|key| document.find(root, key).map(|id| (id, key)));
    let id = id.map(|(id, key)| document.text(id, key)).transpose()?;
    let limit = ["max_completion_tokens", "max_tokens"].into_iter().find_map(|key| {
        let value = document.find(body, key)?;
        Some(value.get().parse::<u32>().ok().filter(|n| *n > 0).ok_or_else(|| {
            document.fault(value, name(key), format!("expected a whole number from 1, found {}", value.get()))
        }))
    });
    let tools = match document.find(body, "tools") {
        Some(value) => tools(&document, value, &name("tools"))?,
        None => Vec::new(),
    };
    ignored(gather, &document, &fields);
    let mut spec = Spec::new();
    if let Some(limit) = limit.transpose()? {
        spec.insert(MAX_TOKENS.to_owned(), limit.into());
    }
    let item = Item {
        messages,
        tools: tools.into(),
        spec: (!spec.is_empty()).then(|| Arc::new(spec)),
        ..Item::question(&id.unwrap_or_else(|| format!("{stem}-{line}")), "", answers, tags.clone())
    };
    Ok(Good { line, item, explanation: None })
}

/// Settings of a request that are not taken over: told, once each.
fn ignored(gather: &mut Gather, document: &Document<'_>, fields: &Fields<'_>) {
    let settings = ["temperature", "top_p", "seed", "stop", "n", "tool_choice", "response_format", "reasoning_effort"];
    for (field, value) in fields {
        if settings.contains(&&**field) && !PASSED_OVER.contains(&&**field) && value.get() != "null" {
            let message = format!("`{field}` of the requests is not taken over");
            let hint = "how answers are drawn is the target's: its `sampling` and `body`".to_owned();
            gather.warn(field, document.place(value), message, Some(hint));
        }
    }
}

fn answers(document: &Document<'_>, root: Raw<'_>, line: usize, path: &str, named: bool) -> Result<Vec<String>, Fault> {
    let Some(value) = document.find(root, path) else {
        return if named { Err(Fault::at((line, 1), path, "is missing")) } else { Ok(Vec::new()) };
    };
    let all = if value.get().starts_with('[') { document.list(value, path)? } else { vec![value] };
    let texts: Vec<String> = all.into_iter().map(|v| document.text(v, path)).collect::<Result<_, _>>()?;
    if texts.is_empty() || texts.iter().any(|text| text.trim().is_empty()) {
        return Err(document.fault(value, path, "must not be empty"));
    }
    Ok(texts)
}

fn messages(document: &Document<'_>, value: Raw<'_>, field: &str) -> Result<Vec<Message>, Fault> {
    let mut messages = Vec::new();
    for value in document.list(value, field)? {
        document.fields(value, field)?;
        let role = document.find(value, "role").ok_or_else(|| document.fault(value, field, "a message has no role"))?;
        let word = document.text(role, field)?;
        let speaker = match word.as_str() {
            "system" | "developer" => Role::System,
            "user" => Role::User,
            "assistant" => Role::Assistant,
            _ => {
                let message = format!("expected the role system, developer, user or assistant, found {word:?}");
                return Err(document.fault(role, field, message));
            }
        };
        if document.find(value, "tool_calls").is_some() {
            return Err(document.fault(value, field, "a message that calls tools can't be replayed"));
        }
        let content = document.find(value, "content");
        let content = content.ok_or_else(|| document.fault(value, field, "a message has no content"))?;
        messages.push(Message { role: speaker, content: said(document, content, field)? });
    }
    match messages.last() {
        None => Err(document.fault(value, field, "must not be empty")),
        Some(last) if last.role != Role::User => {
            Err(document.fault(value, field, "the last message must be the user's"))
        }
        Some(_) => Ok(messages),
    }
}

/// A text, or a list of parts of which all are text.
fn said(document: &Document<'_>, content: Raw<'_>, field: &str) -> Result<String, Fault> {
    if !content.get().starts_with('[') {
        return match kind(content) {
            "a text" => document.text(content, field),
            other => Err(document.fault(content, field, format!("expected content as a text, found {other}"))),
        };
    }
    let mut texts = Vec::new();
    for part in document.list(content, field)? {
        let of = document.find(part, "type").map(|of| document.text(of, field)).transpose()?.unwrap_or_default();
        let text = document.find(part, "text").filter(|_| of == "text");
        let text = text.ok_or_else(|| {
            document.fault(part, field, format!("expected a part of type \"text\", found {of:?}: only text is asked"))
        })?;
        texts.push(document.text(text, field)?);
    }
    Ok(texts.join("\n"))
}

fn tools(document: &Document<'_>, value: Raw<'_>, field: &str) -> Result<Vec<Tool>, Fault> {
    let tool = |value| {
        let function = document.find(value, "function").ok_or_else(|| {
            document.fault(value, field, "expected {\"type\": \"function\", \"function\": {\"name\": …}}")
        })?;
        let name = document.find(function, "name").map(|name| document.text(name, field)).transpose()?;
        let name = name.filter(|name| !name.is_empty());
        let name = name.ok_or_else(|| document.fault(function, field, "a function has no name"))?;
        let description = document.find(function, "description").map(|d| document.text(d, field)).transpose()?;
        let parameters = match document.find(function, "parameters") {
            None => "{\"type\":\"object\",\"properties\":{}}".to_owned(),
            Some(schema) => {
                document.fields(schema, field)?;
                schema.get().to_owned()
            }
        };
        Ok(Tool { name, description: description.unwrap_or_default(), parameters })
    };
    document.list(value, field)?.into_iter().map(tool).collect()
}
