//! `fields`: JSON lines of any shape, with a map that says which field is what.

use super::gather::{self, Fault, Good, LABEL, Labels, lines_of};
use super::json::{Document, Raw};
use super::{Kind, Loaded};
use crate::config::{Expected, Section, Value};
use crate::domain::{Item, Message, Role, Split, Tags};
use toml::de::DeValue;

/// The format.
pub const KIND: Kind = Kind {
    name: "fields",
    about: "JSON lines of any shape; `map` says which field is the prompt, the answer, …",
    read,
};

/// The most options of a choice question: A to Z.
const MOST_OPTIONS: usize = 26;

/// How an answer names one of the options.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum As {
    /// A letter, or an option's own words.
    Words,
    /// Its number, from so many.
    Index(usize),
}

const AS: [(&str, As); 3] = [("text", As::Words), ("index", As::Index(0)), ("index-from-1", As::Index(1))];

/// A path, or a list of them.
#[derive(Debug, Clone)]
struct Paths {
    paths: Vec<String>,
    /// Whether each is one option, or the one of them a list of options.
    apart: bool,
}

impl Value for Paths {
    fn expected() -> String {
        "a field's path such as \"choices.text\", or a list of paths, one an option".into()
    }
    fn read(value: &DeValue<'_>) -> Result<Self, Expected> {
        let wrong = || Expected { expected: Self::expected(), hint: None };
        match value {
            DeValue::String(path) => Ok(Self { paths: vec![path.to_string()], apart: false }),
            DeValue::Array(_) => {
                let paths = Vec::<String>::read(value).map_err(|_| wrong())?;
                Ok(Self { paths, apart: true })
            }
            _ => Err(wrong()),
        }
    }
}

/// Which field is what.
struct Map {
    prompt: String,
    answer: Option<String>,
    options: Option<Paths>,
    labels: Option<String>,
    id: Option<String>,
    system: Option<String>,
    explanation: Option<String>,
    domain: Option<String>,
    capability: Option<String>,
    language: Option<String>,
    answer_as: Option<As>,
    tags: Tags,
}

fn read(section: &Section<'_>) -> Option<Loaded> {
    let map = Map::read(section);
    let loaded = map.and_then(|map| {
        gather::whole(section, &["jsonl", "json"], |gather, found, take| {
            let each = |gather: &mut _, line, text: &str| {
                if !text.trim().is_empty() {
                    take(gather, map.row(line, text, &found.stem));
                }
            };
            lines_of(gather, found, each, || {})
        })
    });
    if loaded.is_none() {
        // Known all the same, or they would be told as unknown.
        ["path", "shots", "shots_path"].into_iter().for_each(|key| _ = section.has(key));
    }
    loaded
}

impl Map {
    fn read(section: &Section<'_>) -> Option<Self> {
        let labels = Labels::read(section, ["general", "general", "en"], Split::Private);
        let answer_as = section.has("answer_as").then(|| section.choice("answer_as", &AS));
        let what = "expected the names of the fields, such as map = { prompt = \"question\", answer = \"target\" }";
        let table = section.need_section("map", what)?;
        let prompt = table.need("prompt");
        let this = Self {
            answer: table.get("answer"),
            options: table.get("options"),
            labels: table.get("labels"),
            id: table.get("id"),
            system: table.get("system"),
            explanation: table.get("explanation"),
            domain: table.get("domain"),
            capability: table.get("capability"),
            language: table.get("language"),
            answer_as: None,
            prompt: String::new(),
            tags: Tags::new("", "", "", Split::Private),
        };
        table.finish();
        if answer_as == Some(None) {
            return None;
        }
        Some(Self { prompt: prompt?, answer_as: answer_as.flatten(), tags: labels?.tags, ..this })
    }

    fn row(&self, line: usize, text: &str, stem: &str) -> Result<Good, Fault> {
        let (document, root) = Document::new(text, (line, 1))?;
        document.fields(root, "")?;
        let at = |path: &Option<String>| {
            let Some(path) = path else { return Ok(None) };
            let Some(value) = document.find(root, path) else { return Ok(None) };
            document.text(value, path).map(|text| Some((text, value)))
        };
        let missing = |path: &str| Fault::at((line, 1), path, "is missing");
        let prompt = document.find(root, &self.prompt).ok_or_else(|| missing(&self.prompt))?;
        let content = document.text(prompt, &self.prompt)?;
        if content.trim().is_empty() {
            return Err(document.fault(prompt, &self.prompt, "must not be empty"));
        }
        let options = self.options(&document, root, line)?;
        let answers = self.answers(&document, root, line, &options)?;
        let mut tags = self.tags.clone();
        for (path, tag) in [
            (&self.domain, &mut tags.domain),
            (&self.capability, &mut tags.capability),
            (&self.language, &mut tags.language),
        ] {
            if let (Some((word, value)), Some(path)) = (at(path)?, path) {
                gather::label(&word).map_err(|message| document.fault(value, path, message).hint(LABEL))?;
                *tag = word.into();
            }
        }
        let id = at(&self.id)?.map_or_else(|| format!("{stem}-{line}"), |(id, _)| id);
        let system = at(&self.system)?.map(|(content, _)| Message { role: Role::System, content });
        let messages = system.into_iter().chain([Message { role: Role::User, content }]).collect();
        let explanation = at(&self.explanation)?.map(|(text, _)| text);
        let item = Item { messages, options, ..Item::question(&id, "", answers, tags) };
        Ok(Good { line, item, explanation })
    }

    fn options(&self, document: &Document<'_>, root: Raw<'_>, line: usize) -> Result<Vec<String>, Fault> {
        let Some(Paths { paths, apart }) = &self.options else { return Ok(Vec::new()) };
        let field = paths.first().map_or("", String::as_str);
        let missing = |path: &str| Fault::at((line, 1), path, "is missing");
        if *apart {
            let option = |path: &String| document.text(document.find(root, path).ok_or_else(|| missing(path))?, path);
            return counted(paths.iter().map(option).collect::<Result<_, _>>()?, (line, 1), field);
        }
        let value = document.find(root, field).ok_or_else(|| missing(field))?;
        let values: Vec<Raw<'_>> = if value.get().starts_with('{') {
            // {"A": …, "B": …}: by their letters.
            document.fields(value, field)?.into_values().collect()
        } else {
            document.list(value, field)?
        };
        let texts = values.into_iter().map(|value| document.text(value, field)).collect::<Result<_, _>>()?;
        counted(texts, document.place(value), field)
    }

    fn answers(
        &self,
        document: &Document<'_>,
        root: Raw<'_>,
        line: usize,
        options: &[String],
    ) -> Result<Vec<String>, Fault> {
        let Some(path) = &self.answer else { return Ok(Vec::new()) };
        let value = document.find(root, path).ok_or_else(|| Fault::at((line, 1), path, "is missing"))?;
        let all = if value.get().starts_with('[') { document.list(value, path)? } else { vec![value] };
        if all.is_empty() {
            return Err(document.fault(value, path, "must not be empty"));
        }
        let labels = match self.labels.as_ref().and_then(|labels| document.find(root, labels).zip(Some(labels))) {
            None => Vec::new(),
            Some((list, path)) => {
                let list = document.list(list, path)?.into_iter();
                list.map(|label| document.text(label, path)).collect::<Result<_, _>>()?
            }
        };
        all.into_iter().map(|value| self.answer(document, value, path, options, &labels)).collect()
    }

    /// One accepted answer; of a choice question, its letter.
    fn answer(
        &self,
        document: &Document<'_>,
        value: Raw<'_>,
        path: &str,
        options: &[String],
        labels: &[String],
    ) -> Result<String, Fault> {
        let text = document.text(value, path)?;
        let bare = text.trim();
        let fault = |message: String| document.fault(value, path, message);
        if bare.is_empty() {
            return Err(fault("must not be empty".into()));
        }
        let letter = |index: usize| ('A'..='Z').nth(index).map(String::from);
        if options.is_empty() {
            return match self.answer_as {
                Some(As::Index(_)) => Err(fault("is an index, and there are no options".into())),
                _ => Ok(text),
            };
        }
        if let Some(index) = labels.iter().position(|label| label.trim() == bare) {
            return letter(index).filter(|_| index < options.len()).ok_or_else(|| {
                fault(format!("label {bare:?} is the {}th, and there are {} options", index + 1, options.len()))
            });
        }
        let n = options.len();
        if let Some(As::Index(first)) = self.answer_as {
            let index = bare.parse::<usize>().ok().and_then(|i| i.checked_sub(first)).filter(|i| *i < n);
            let wrong = || fault(format!("expected a number from {first} to {}, found {bare:?}", n + first - 1));
            return index.and_then(letter).ok_or_else(wrong);
        }
        let by_words: Vec<usize> = (0..n).filter(|i| options.get(*i).is_some_and(|o| o.trim() == bare)).collect();
        let by_letter = match bare.as_bytes() {
            [b] if b.is_ascii_alphabetic() => Some(usize::from(b.to_ascii_uppercase() - b'A')).filter(|i| *i < n),
            _ => None,
        };
        match (by_words.as_slice(), by_letter) {
            ([one], None) => letter(*one).ok_or_else(|| fault("has no letter".into())),
            ([], Some(index)) => letter(index).ok_or_else(|| fault("has no letter".into())),
            ([one], Some(index)) if *one == index => letter(index).ok_or_else(|| fault("has no letter".into())),
            ([_], Some(_)) => Err(fault(format!("{bare:?} is an option's letter and another option's text"))),
            ([], None) if value.get().bytes().all(|b| b.is_ascii_digit()) => {
                Err(fault(format!("{bare} is a number, and no option reads like that"))
                    .hint("answer_as = \"index\" counts the options from 0, \"index-from-1\" from 1"))
            }
            ([], None) => Err(fault(format!("{bare:?} is none of the options"))),
            (_, _) => Err(fault(format!("{bare:?} is the text of more than one option"))),
        }
    }
}

fn counted(options: Vec<String>, place: (usize, usize), field: &str) -> Result<Vec<String>, Fault> {
    if (2..=MOST_OPTIONS).contains(&options.len()) {
        Ok(options)
    } else {
        let message = format!("expected from 2 to {MOST_OPTIONS} options (A to Z), found {}", options.len());
        Err(Fault::at(place, field, message))
    }
}
