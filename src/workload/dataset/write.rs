//! Items as rows of `jsonl`: what is written here is read back as the same item.

use crate::domain::{Item, Message, Role, Tags, Tool, Turn};
use crate::workload::haystack;
use serde_json::{Map, Value as Json, json};

/// The row of an item; none where it is a length of a trace, which has no text of its own.
#[must_use]
pub fn row(item: &Item) -> Option<String> {
    if item.traced.as_ref().is_some_and(|traced| traced.question.is_some()) {
        return None;
    }
    let Item { id, messages, answers, options, turns, tags, spec, tools, haystack, .. } = item;
    let Tags { domain, capability, language, split, length: _, hard } = tags;
    let mut row = Map::new();
    let mut put = |key: &str, value: Json| drop(row.insert(key.to_owned(), value));
    put("id", id.as_str().into());
    match (turns.is_empty(), messages.as_slice()) {
        (true, [Message { role: Role::User, content }]) => {
            let long = haystack.as_ref().map(|recipe| haystack::text(recipe) + "\n\n").unwrap_or_default();
            put("prompt", (long + content).into());
        }
        (true, all) => put("messages", all.iter().map(message).collect()),
        (false, all) => {
            // The first turn is among them.
            let before = all.split_last().map_or(&[][..], |(_, before)| before);
            if !before.is_empty() {
                put("messages", before.iter().map(message).collect());
            }
            put("turns", turns.iter().map(turn).collect());
        }
    }
    if turns.is_empty() {
        match answers.as_slice() {
            [] => {}
            [one] => put("answer", one.as_str().into()),
            several => put("answers", several.into()),
        }
        if !options.is_empty() {
            put("options", options.as_slice().into());
        }
    }
    for (key, word) in [("domain", &**domain), ("capability", capability), ("language", language)] {
        put(key, word.into());
    }
    put("split", split.label().into());
    if *hard {
        put("hard", true.into());
    }
    if !tools.is_empty() {
        put("tools", tools.iter().map(tool).collect());
    }
    for (key, value) in spec.iter().flat_map(|spec| spec.iter()) {
        put(key, value.clone());
    }
    Some(Json::Object(row).to_string())
}

fn message(Message { role, content }: &Message) -> Json {
    json!({"role": role.label(), "content": content})
}

fn turn(Turn { user, answers, options }: &Turn) -> Json {
    let mut turn = json!({"user": user});
    if !answers.is_empty() {
        turn["answer"] = answers.as_slice().into();
    }
    if !options.is_empty() {
        turn["options"] = options.as_slice().into();
    }
    turn
}

fn tool(Tool { name, description, parameters }: &Tool) -> Json {
    let parameters: Json = serde_json::from_str(parameters).unwrap_or(Json::Null);
    json!({"name": name, "description": description, "parameters": parameters})
}
