//! Generator `tool-call`: a request in words, and tools of which one serves it; at a higher difficulty perhaps two (for two
//! requests) or none. For scorer `tool_call`.
//!
//! Harder requests are offered more tools, among them those nearest to the right one; dates, times and numbers are in
//! words, and other values are mentioned before.

mod home;
mod money;
mod office;
mod travel;

use super::extraction::words::{CITIES, NAMES, amount, dated, day, say, time, timed, word};
use super::library::{Language, Library, Made, Maker, Wanted};
use super::{Generator, Kind};
use crate::domain::Tool;
use rand::RngExt;
use rand::seq::{IndexedRandom, SliceRandom};
use rand_chacha::ChaCha8Rng;
use serde_json::{Map, Value as Json, json};
use std::sync::Arc;

/// The line in the table of generators.
pub const KIND: Kind = Kind {
    name: "tool-call",
    about: "requests that one of the offered tools serves, or two, or none, with exactly known arguments; for scorer tool_call",
    build: |section| Some(Arc::new(Library::build(section, IDENTITY, ToolCall)?) as Arc<dyn Generator>),
};

/// Kind and version.
const IDENTITY: &str = "tool-call/1";

const CAPABILITY: &str = "tool-use";

/// From here on it may be that no tool serves, and that two do.
const NONE: u32 = 4;
const TWO: u32 = 6;

/// The maker.
pub struct ToolCall;

/// A tool that requests can be made for.
struct Sort {
    name: &'static str,
    domain: &'static str,
    /// What it is for, in either language.
    about: (&'static str, &'static str),
    /// Its parameters: name, schema, and whether it may be left out.
    parameters: fn() -> Vec<Parameter>,
    /// A request, as it follows "please", and the arguments that it means.
    ask: fn(Wanted, &mut ChaCha8Rng) -> (String, Json),
    /// Tools of other domains that could be taken for it.
    near: &'static [&'static str],
}

/// A parameter: its name, its schema, whether it is required.
struct Parameter(&'static str, Json, bool);

fn all() -> impl Iterator<Item = &'static Sort> {
    [home::TOOLS, travel::TOOLS, office::TOOLS, money::TOOLS].into_iter().flatten()
}

impl Maker for ToolCall {
    fn domains(&self) -> &'static [(&'static str, &'static str)] {
        &[("home", CAPABILITY), ("travel", CAPABILITY), ("office", CAPABILITY), ("money", CAPABILITY)]
    }

    fn make(&self, wanted: Wanted, rng: &mut ChaCha8Rng) -> Made {
        let Wanted { domain, difficulty, language } = wanted;
        let own: Vec<&Sort> = all().filter(|sort| sort.domain == domain).collect();
        let Some(asked) = own.choose(rng).copied() else { return Made::default() };
        let chance: f64 = rng.random();
        let none = difficulty >= NONE && chance < 0.2;
        let two = difficulty >= TWO && chance > 0.6;

        let mut requests = vec![asked];
        let others: Vec<&Sort> = all().filter(|sort| sort.name != asked.name).collect();
        requests.extend(others.choose(rng).copied().filter(|_| two));
        let made: Vec<(&Sort, String, Json)> = requests
            .iter()
            .map(|sort| {
                let (words, arguments) = (sort.ask)(wanted, rng);
                (*sort, framed(&words, language, rng), arguments)
            })
            .collect();

        let count = 2 + (difficulty / 2) as usize;
        let mut offered: Vec<&Sort> = if none { Vec::new() } else { requests };
        let is_new = |sort: &&Sort, offered: &[&Sort]| !offered.iter().any(|known| known.name == sort.name);
        // The nearest ones first, where it is to be hard; where none is to serve, nothing near.
        let mut rest: Vec<&Sort> = all().filter(|sort| is_new(sort, &offered)).collect();
        rest.retain(|sort| !none || (sort.domain != domain && !asked.near.contains(&sort.name)));
        rest.shuffle(rng);
        rest.sort_by_key(|sort| difficulty >= NONE && sort.domain != domain);
        let missing = count.saturating_sub(offered.len());
        offered.extend(rest.into_iter().take(missing));
        offered.shuffle(rng);

        let mut sentences: Vec<String> = (0..difficulty / 3).map(|_| remark(wanted, rng)).collect();
        sentences.extend(made.iter().map(|(_, words, _)| words.clone()));
        let text = sentences.join(if language == Language::English { " " } else { "" });
        let prompt = say(
            language,
            format!(
                "{text}\n\nUse the tools that you are offered; where none of them serves, answer in words. Take names and \
                 quoted texts as they are written here."
            ),
            format!("{text}\n\n请使用提供的工具；如果没有合适的工具，请用文字回答。名称和引号中的文字照原文填写。"),
        );
        let calls = made.iter().filter(|_| !none);
        let calls: Vec<Json> =
            calls.map(|(sort, _, arguments)| json!({ "name": sort.name, "arguments": arguments })).collect();
        Made {
            prompt,
            spec: Some([("calls".to_owned(), calls.into())].into_iter().collect()),
            tools: offered.into_iter().map(|sort| sort.tool(language)).collect(),
            ..Made::default()
        }
    }
}

impl Sort {
    fn tool(&self, language: Language) -> Tool {
        let (mut properties, mut required) = (Map::new(), Vec::new());
        for Parameter(name, schema, needed) in (self.parameters)() {
            properties.insert(name.to_owned(), schema);
            required.extend(needed.then_some(name));
        }
        let parameters = json!({
            "type": "object", "properties": properties, "required": required, "additionalProperties": false
        });
        Tool {
            name: self.name.to_owned(),
            description: say(language, self.about.0, self.about.1),
            parameters: parameters.to_string(),
        }
    }
}

/// A request as a sentence.
fn framed(words: &str, language: Language, rng: &mut ChaCha8Rng) -> String {
    let frames = [
        (format!("Please {words}."), format!("请{words}。")),
        (format!("Could you {words}?"), format!("麻烦{words}。")),
        (format!("I would like you to {words}."), format!("帮我{words}，谢谢。")),
    ];
    let at = rng.random_range(0..frames.len());
    frames.into_iter().nth(at).map(|(english, chinese)| say(language, english, chinese)).unwrap_or_default()
}

/// A sentence about something else, with values like those of requests.
fn remark(wanted: Wanted, rng: &mut ChaCha8Rng) -> String {
    let Wanted { language, difficulty, .. } = wanted;
    let (city, name) = (word(rng, language, CITIES), word(rng, language, NAMES));
    let (on, at) = (dated(day(rng), language, difficulty), timed(time(rng), language, difficulty));
    let sum = amount(rng.random_range(500..90_000));
    match rng.random_range(0..4) {
        0 => say(language, format!("I was in {city} on {on}."), format!("我{on}去过{city}。")),
        1 => say(language, format!("{name} called me at {at}."), format!("{name}在{at}给我打过电话。")),
        2 => say(language, format!("Yesterday I spent {sum} on books."), format!("昨天我买书花了{sum}。")),
        _ => say(language, format!("{name} lives in {city} now."), format!("{name}现在住在{city}。")),
    }
}

fn text(english: &str) -> Json {
    json!({ "type": "string", "description": english })
}

fn date() -> Json {
    json!({ "type": "string", "format": "date", "description": "YYYY-MM-DD" })
}

fn hour() -> Json {
    json!({ "type": "string", "description": "HH:MM, 24 hours" })
}

fn whole() -> Json {
    json!({ "type": "integer", "minimum": 1 })
}

/// A small number as people say it: in words where it is harder.
fn counted(number: u32, wanted: Wanted) -> String {
    const WORDS: [(&str, &str); 9] = [
        ("one", "一"),
        ("two", "两"),
        ("three", "三"),
        ("four", "四"),
        ("five", "五"),
        ("six", "六"),
        ("seven", "七"),
        ("eight", "八"),
        ("nine", "九"),
    ];
    let word = usize::try_from(number).ok().and_then(|n| WORDS.get(n.checked_sub(1)?));
    match word {
        Some((english, chinese)) if wanted.difficulty >= 5 => say(wanted.language, *english, *chinese),
        _ => number.to_string(),
    }
}

#[cfg(test)]
mod tests;
