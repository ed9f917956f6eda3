//! The tools of a row: what a model is offered to call, read and checked where they stand.

use crate::domain::Tool;
use serde::de::{Deserialize, Deserializer, Error};
use serde_json::{Map, Value as Json};

/// More tools than this no protocol takes.
const MOST: usize = 128;
/// The longest name that every protocol takes.
const LONGEST_NAME: usize = 64;

/// Distinct tools.
pub(super) struct Tools(pub(super) Vec<Tool>);

impl<'de> Deserialize<'de> for Tools {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let rows = Vec::<ToolRow>::deserialize(deserializer)?;
        if rows.len() > MOST {
            return Err(D::Error::custom(format_args!("expected at most {MOST} tools, found {}", rows.len())));
        }
        let mut tools: Vec<Tool> = Vec::with_capacity(rows.len());
        for row in rows {
            let tool = row.tool().map_err(D::Error::custom)?;
            if tools.iter().any(|known| known.name == tool.name) {
                return Err(D::Error::custom(format_args!("{:?} is there twice", tool.name)));
            }
            tools.push(tool);
        }
        Ok(Self(tools))
    }
}

/// A tool as it is written: its fields, or OpenAI's wrapper around them.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct ToolRow {
    r#type: Option<String>,
    function: Option<Function>,
    name: Option<String>,
    description: Option<String>,
    parameters: Option<Map<String, Json>>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Function {
    name: Option<String>,
    description: Option<String>,
    parameters: Option<Map<String, Json>>,
    /// OpenAI's; it is asked for alike everywhere, and so passed over.
    #[serde(rename = "strict")]
    _strict: Option<bool>,
}

impl ToolRow {
    fn tool(self) -> Result<Tool, String> {
        let Self { r#type, function, name, description, parameters } = self;
        if r#type.as_deref().is_some_and(|kind| kind != "function") {
            return Err("only tools of type \"function\" can be offered".to_owned());
        }
        let (name, description, parameters) = match function {
            None => (name, description, parameters),
            Some(_) if name.is_some() || description.is_some() || parameters.is_some() => {
                return Err(
                    "give name, description and parameters inside `function`, or beside it no `function`".into()
                );
            }
            Some(Function { name, description, parameters, _strict }) => (name, description, parameters),
        };
        let name = name.ok_or("a tool needs a name")?;
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
        if name.is_empty() || name.len() > LONGEST_NAME || !name.chars().all(plain) {
            let expected = format!("expected 1 to {LONGEST_NAME} letters, digits, `_` and `-` as a tool's name");
            return Err(format!("{expected}, found {name:?}"));
        }
        let mut parameters = parameters.unwrap_or_default();
        match parameters.get("type") {
            None => {
                parameters.insert("type".to_owned(), "object".into());
                parameters.entry("properties").or_insert_with(|| Json::Object(Map::new()));
            }
            Some(Json::String(kind)) if kind == "object" => {}
            Some(_) => return Err(format!("the parameters of {name:?} must be a JSON schema of type \"object\"")),
        }
        Ok(Tool {
            name,
            description: description.unwrap_or_default(),
            parameters: Json::Object(parameters).to_string(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<Tool>, String> {
        serde_json::from_str::<Tools>(text).map(|tools| tools.0).map_err(|error| error.to_string())
    }

    #[test]
    fn both_forms_give_the_same_tool() {
        let own = r#"[{"name": "f", "description": "d", "parameters": {"type": "object", "properties": {}}}]"#;
        let openai = r#"[{"type": "function", "function": {"name": "f", "description": "d", "strict": true,
                          "parameters": {"properties": {}, "type": "object"}}}]"#;
        let tools = read(own).unwrap();
        assert_eq!(tools, read(openai).unwrap());
        assert_eq!(tools[0].parameters, r#"{"properties":{},"type":"object"}"#);
        let bare = read(r#"[{"name": "now"}]"#).unwrap();
        assert_eq!((&*bare[0].description, &*bare[0].parameters), ("", r#"{"properties":{},"type":"object"}"#));
    }

    #[test]
    fn what_is_no_tool_is_told() {
        for (text, want) in [
            (r#"[{"description": "d"}]"#, "a tool needs a name"),
            (r#"[{"name": "get weather"}]"#, "found \"get weather\""),
            (r#"[{"name": "f"}, {"name": "f"}]"#, "\"f\" is there twice"),
            (r#"[{"name": "f", "parameters": {"type": "string"}}]"#, "must be a JSON schema of type \"object\""),
            (r#"[{"type": "web_search", "name": "f"}]"#, "only tools of type \"function\""),
            (r#"[{"name": "f", "function": {"name": "f"}}]"#, "inside `function`"),
            (r#"[{"name": "f", "paramters": {}}]"#, "unknown field `paramters`"),
            (r#"{"name": "f"}"#, "expected a sequence"),
        ] {
            let said = read(text).unwrap_err();
            assert!(said.contains(want), "{text}: {said}");
        }
        let many: Vec<String> = (0..=MOST).map(|n| format!("{{\"name\": \"f{n}\"}}")).collect();
        assert!(read(&format!("[{}]", many.join(","))).unwrap_err().contains("at most 128 tools, found 129"));
    }
}
