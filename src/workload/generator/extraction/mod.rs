//! Generator `extraction`: a short made-up text (an order, an appointment, a shipment, a career), out of which facts are to
//! be read as JSON that satisfies a schema. For scorer `json`.
//!
//! Harder texts have more facts, more sentences about something else of the same kind (another order, another day), dates
//! and times in words, and from difficulty 8 on a correction of what was said before.

mod appointment;
mod career;
mod order;
mod shipment;
pub(super) mod words;

use super::library::{Language, Library, Made, Maker, Wanted};
use super::{Generator, Kind};
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use serde_json::{Map, Value as Json, json};
use std::sync::Arc;
use words::say;

/// The line in the table of generators.
pub const KIND: Kind = Kind {
    name: "extraction",
    about: "facts of a short made-up text as JSON against a schema, among others of the same kind; for scorer json",
    build: |section| Some(Arc::new(Library::build(section, IDENTITY, Extraction)?) as Arc<dyn Generator>),
};

/// Kind and version.
const IDENTITY: &str = "extraction/1";

/// From here on a text corrects itself.
const CORRECTED: u32 = 8;

const CAPABILITY: &str = "extraction";

/// The maker.
pub struct Extraction;

impl Maker for Extraction {
    fn domains(&self) -> &'static [(&'static str, &'static str)] {
        &[("orders", CAPABILITY), ("appointments", CAPABILITY), ("shipments", CAPABILITY), ("careers", CAPABILITY)]
    }

    fn make(&self, wanted: Wanted, rng: &mut ChaCha8Rng) -> Made {
        let draft = match wanted.domain {
            "orders" => order::draft(wanted, rng),
            "appointments" => appointment::draft(wanted, rng),
            "shipments" => shipment::draft(wanted, rng),
            _ => career::draft(wanted, rng),
        };
        draft.finish(wanted, rng)
    }
}

/// A text and what is to be read out of it.
#[derive(Default)]
struct Draft {
    opening: String,
    facts: Vec<String>,
    /// Sentences about something else; as many are taken as the difficulty asks for.
    noise: Vec<String>,
    /// What is said last: corrections.
    corrections: Vec<String>,
    fields: Vec<Field>,
}

/// A field of the expected object: its name, its schema, its value.
struct Field(&'static str, Json, Json);

impl Draft {
    fn fact(&mut self, wanted: Wanted, english: String, chinese: String) {
        self.facts.push(say(wanted.language, english, chinese));
    }

    fn noise(&mut self, wanted: Wanted, english: String, chinese: String) {
        self.noise.push(say(wanted.language, english, chinese));
    }

    fn correction(&mut self, wanted: Wanted, english: String, chinese: String) {
        self.corrections.push(say(wanted.language, english, chinese));
    }

    fn field(&mut self, name: &'static str, schema: Json, value: impl Into<Json>) {
        self.fields.push(Field(name, schema, value.into()));
    }

    fn finish(self, wanted: Wanted, rng: &mut ChaCha8Rng) -> Made {
        let Self { opening, mut facts, mut noise, corrections, fields } = self;
        noise.shuffle(rng);
        noise.truncate((wanted.difficulty / 2) as usize);
        facts.extend(noise);
        facts.shuffle(rng);
        let sentences: Vec<String> = std::iter::once(opening).chain(facts).chain(corrections).collect();
        let text = sentences.join(if wanted.language == Language::English { " " } else { "" });
        let (schema, expected) = object(fields);
        let prompt = say(
            wanted.language,
            format!(
                "Read the facts out of the text, as one JSON object that satisfies the schema. Write names and codes as \
                 the text has them, dates as YYYY-MM-DD and times as HH:MM (24 hours); null stands for what the text does \
                 not say. Where the text corrects itself, the correction holds. Answer with the JSON only.\n\n\
                 Schema: {schema}\n\nText: {text}"
            ),
            format!(
                "请从文本中提取信息，输出一个符合下列模式的JSON对象。名称和编号照原文书写，日期写成YYYY-MM-DD，时间写成HH:MM（24小时制）；\
                 文本未提及的填null。若文本有更正，以更正为准。只输出JSON。\n\n模式：{schema}\n\n文本：{text}"
            ),
        );
        let spec = [("schema".to_owned(), schema)].into_iter().collect();
        Made { prompt, answers: vec![expected.to_string()], spec: Some(spec), ..Made::default() }
    }
}

/// A closed object of fields that are all required: its schema and its value.
fn object(fields: Vec<Field>) -> (Json, Json) {
    let names: Vec<&str> = fields.iter().map(|Field(name, ..)| *name).collect();
    let mut schema = json!({ "type": "object", "required": names, "additionalProperties": false });
    let (mut properties, mut value) = (Map::new(), Map::new());
    for Field(name, of, is) in fields {
        properties.insert(name.to_owned(), of);
        value.insert(name.to_owned(), is);
    }
    if let Some(all) = schema.as_object_mut() {
        all.insert("properties".to_owned(), Json::Object(properties));
    }
    (schema, Json::Object(value))
}

fn text() -> Json {
    json!({ "type": "string" })
}

fn text_or_null() -> Json {
    json!({ "type": ["string", "null"] })
}

fn date() -> Json {
    json!({ "type": "string", "format": "date" })
}

fn whole(least: u32) -> Json {
    json!({ "type": "integer", "minimum": least })
}

#[cfg(test)]
mod tests;
