//! Generator `instructions`: a text to write about a made-up subject, under rules that a program can check.
//!
//! `generator = { kind = "instructions", seed = "fresh", count = 200 }`, with `difficulty`, `languages` and `domains` as in
//! every generator of the library. The domain says what the rules are about; with the difficulty they get more, and their
//! bounds narrower. Rules never contradict each other: each takes what it needs out of one [`Room`], and those that share
//! a part of the text are never drawn together. There is no reference answer: `spec.instructions` is what is graded.

mod rules;
mod words;

use super::library::{Language, Library, Made, Maker, Wanted};
use super::{Generator, Kind};
use rand::RngExt;
use rand::seq::IndexedRandom;
use rand_chacha::ChaCha8Rng;
use rules::Room;
use serde_json::Value;
use std::sync::Arc;

/// The line in the table of generators.
pub const KIND: Kind = Kind {
    name: "instructions",
    about: "texts to write under rules that a program can check: length, wording, format, and mixed",
    build: |section| {
        let library = Library::build(section, IDENTITY, Instructions)?;
        Some(Arc::new(library) as Arc<dyn Generator>)
    },
};

/// Grows whenever an item could change.
const IDENTITY: &str = "instructions/1";

/// Makes them.
#[derive(Debug, Clone, Copy)]
pub struct Instructions;

impl Maker for Instructions {
    fn domains(&self) -> &'static [(&'static str, &'static str)] {
        const OF: &str = "instruction-following";
        &[("length", OF), ("wording", OF), ("format", OF), ("mixed", OF)]
    }

    fn make(&self, wanted: Wanted, rng: &mut ChaCha8Rng) -> Made {
        let Wanted { domain, difficulty, language } = wanted;
        let mut room = Room::new(language, difficulty);
        // One or two rules for the easiest, up to seven for the hardest.
        let count = 1 + (difficulty as usize * 6).div_ceil(10).saturating_sub(usize::from(rng.random_bool(0.5)));
        let rules = rules::draw(domain, count, &mut room, rng);
        let lines: Vec<String> = rules.iter().map(|rule| format!("- {}", rule.words)).collect();
        let task = task(language, rng);
        let prompt = match language {
            Language::English => format!(
                "{task} Follow all of these rules, and write nothing but the text itself:\n{}",
                lines.join("\n")
            ),
            Language::Chinese => format!("{task}请遵守以下全部要求，除正文外不要写别的：\n{}", lines.join("\n")),
        };
        let list: Vec<Value> = rules.into_iter().map(|rule| rule.spec).collect();
        let spec = [("instructions".to_owned(), Value::Array(list))].into_iter().collect();
        Made { prompt, spec: Some(spec), ..Made::default() }
    }
}

/// What is to be written.
fn task(language: Language, rng: &mut ChaCha8Rng) -> String {
    let one = |all: &'static [&'static str], rng: &mut ChaCha8Rng| all.choose(rng).copied().unwrap_or_default();
    match language {
        Language::English => {
            let (kind, subject) = (one(words::KINDS_EN, rng), one(words::SUBJECTS_EN, rng));
            format!("Write {kind} about {subject} for {}.", one(words::READERS_EN, rng))
        }
        Language::Chinese => {
            let (kind, subject) = (one(words::KINDS_ZH, rng), one(words::SUBJECTS_ZH, rng));
            format!("请为{}写{kind}，主题是{subject}。", one(words::READERS_ZH, rng))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::library::check;
    use super::*;
    use crate::domain::Item;
    use std::collections::BTreeSet;

    /// What a rule says must be in the prompt: its figures and its phrases. That rules can be kept together, and are
    /// graded so, is tested with the scorer (`tests/it/instructions.rs`).
    fn told(item: &Item) -> Result<(), String> {
        let prompt = item.messages.first().map(|m| m.content.as_str()).ok_or("no prompt")?;
        let list = item.spec.as_ref().and_then(|spec| spec.get("instructions")?.as_array()).ok_or("no instructions")?;
        let rules: Vec<&str> = prompt.lines().filter_map(|line| line.strip_prefix("- ")).collect();
        if rules.len() != list.len() || list.is_empty() || list.len() > 8 {
            return Err(format!("{} rules, {} instructions", rules.len(), list.len()));
        }
        let mut kinds = BTreeSet::new();
        for (rule, one) in rules.iter().zip(list) {
            let fields = one.as_object().ok_or("no object")?;
            if !kinds.insert(fields.get("kind").map(ToString::to_string)) {
                return Err(format!("{one} is there twice"));
            }
            for (key, value) in fields.iter().filter(|(key, _)| !matches!(key.as_str(), "kind" | "type")) {
                let said = |value: &Value| match value {
                    Value::String(text) => {
                        rule.contains(text.replace("{n}", "一").as_str()) || text.chars().all(|c| rule.contains(c))
                    }
                    Value::Number(number) => rule.contains(&number.to_string()),
                    Value::Array(several) => {
                        several.iter().all(|one| one.as_str().is_some_and(|text| rule.contains(text)))
                    }
                    _ => false,
                };
                if !said(value) {
                    return Err(format!("{key} of {one} is not in {rule:?}"));
                }
            }
        }
        let answers = item.answers.is_empty();
        if answers { Ok(()) } else { Err("there are answers".into()) }
    }

    #[test]
    fn every_rule_is_in_the_prompt() {
        check::verified(KIND.name, Instructions, told);
    }

    #[test]
    fn the_hardest_have_the_most_rules() {
        let count = |difficulty| {
            let section = format!("difficulty = {difficulty}");
            let library = crate::config::read(&crate::config::Source::inline("t", &section), |section| {
                Library::build(section, IDENTITY, Instructions)
            });
            let items = library.ok().unwrap().draw(1, 400);
            let rules = |item: &Item| item.spec.as_ref().unwrap()["instructions"].as_array().unwrap().len();
            items.iter().map(rules).sum::<usize>()
        };
        assert!(count(1) < count(4) && count(4) < count(7) && count(7) < count(10));
    }
}
