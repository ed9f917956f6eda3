//! The request's body, put together field by field.

use super::Common;
use crate::config::Section;
use crate::domain::{Prompt, Role, Tool};
use bytes::Bytes;
use serde_json::{Map, Value as Json, json};

/// A JSON object that grows.
pub(super) struct Body(Map<String, Json>);

impl Body {
    pub(super) fn new() -> Self {
        Self(Map::new())
    }

    pub(super) fn put(&mut self, key: &str, value: impl Into<Json>) {
        self.0.insert(key.to_owned(), value.into());
    }

    /// What is none is not sent.
    pub(super) fn put_some(&mut self, key: &str, value: Option<impl Into<Json>>) {
        if let Some(value) = value {
            self.put(key, value);
        }
    }

    pub(super) fn put_list(&mut self, key: &str, values: &[String]) {
        if !values.is_empty() {
            self.put(key, values);
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// As an object inside another.
    pub(super) fn into_json(self) -> Json {
        Json::Object(self.0)
    }

    /// The bytes to send. The target's own fields come last and win; objects are merged, so that an extra field of a
    /// nested table does not throw away its others.
    pub(super) fn finish(self, common: &Common) -> Bytes {
        let mut body = self.0;
        merge(&mut body, &common.body);
        Bytes::from(Json::Object(body).to_string())
    }
}

fn merge(into: &mut Map<String, Json>, extra: &Map<String, Json>) {
    for (key, value) in extra {
        match (into.get_mut(key), value) {
            (Some(Json::Object(inner)), Json::Object(more)) => merge(inner, more),
            _ => drop(into.insert(key.clone(), value.clone())),
        }
    }
}

/// The conversation as most protocols write it.
pub(super) fn messages(prompt: &Prompt) -> Json {
    prompt.messages.iter().map(|m| json!({ "role": m.role.label(), "content": m.content })).collect()
}

/// All that is said above the conversation, for protocols that keep it apart; nothing where nothing is.
pub(super) fn system(prompt: &Prompt) -> Option<String> {
    let said: Vec<&str> =
        prompt.messages.iter().filter(|m| m.role == Role::System).map(|m| m.content.as_str()).collect();
    (!said.is_empty()).then(|| said.join("\n\n"))
}

/// The tools that a prompt offers, each as the protocol writes it; none where there are none.
pub(super) fn tools(prompt: &Prompt, write: fn(&Tool, Json) -> Json) -> Option<Json> {
    // The parameters were checked where they were read; a schema that takes anything stands in for what is none.
    let one = |tool: &Tool| {
        write(tool, serde_json::from_str(&tool.parameters).unwrap_or_else(|_| json!({ "type": "object" })))
    };
    (!prompt.tools.is_empty()).then(|| prompt.tools.iter().map(one).collect())
}

/// A tool as chat completions have it, and those who followed them.
pub(super) fn function(tool: &Tool, parameters: Json) -> Json {
    json!({ "type": "function", "function": declared(tool, "parameters", parameters) })
}

/// A tool's name, its description (where it has one) and its schema, which has a name of its own in every protocol.
pub(super) fn declared(tool: &Tool, schema: &str, parameters: Json) -> Json {
    let mut body = Body::new();
    body.put("name", tool.name.as_str());
    body.put_some("description", Some(tool.description.as_str()).filter(|text| !text.is_empty()));
    body.put(schema, parameters);
    body.into_json()
}

/// Notes a sampling parameter that the protocol does not have, at its place; says whether it is right without it.
pub(super) fn lacks(section: &Section<'_>, field: &'static str, api: &str) -> bool {
    let Some(sampling) = section.is_table("sampling").then(|| section.section("sampling")).flatten() else {
        return true;
    };
    if !sampling.has(field) {
        return true;
    }
    let hint = "leave it out, or put it into `body` where the endpoint takes it all the same";
    sampling.problem(field, format!("the protocol {api} has no {field}"), Some(hint.into()));
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extra_fields_win_and_objects_are_merged() {
        let mut body = Body::new();
        body.put("options", json!({ "num_predict": 5, "seed": 1 }));
        body.put("stream", true);
        body.put_some("seed", None::<u64>);
        body.put_list("stop", &[]);
        let extra = json!({ "options": { "num_ctx": 8, "seed": 2 }, "stream": { "a": 1 }, "new": [1] });
        let common = Common { body: extra.as_object().cloned().unwrap(), ..Common::default() };
        let sent: Json = serde_json::from_slice(&body.finish(&common)).unwrap();
        let want =
            json!({ "options": { "num_predict": 5, "num_ctx": 8, "seed": 2 }, "stream": { "a": 1 }, "new": [1] });
        assert_eq!(sent, want);
    }
}
