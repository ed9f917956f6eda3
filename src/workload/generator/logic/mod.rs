//! Generator `logic`: puzzles of reasoning, each with one answer that the generator has proved to be the only one.
//!
//! `generator = { kind = "logic", count = 200 }`. Domains: `ordering` (who is third from the left), `liars` (who always
//! tells the truth), `family` (who is whose grandmother), `rules` (what follows from rules, with others beside them that
//! do not matter), `sets` (how many are in both of two groups) and `boolean` (statements that are joined).
//!
//! Every prompt asks for a last line "Answer: …" (答案：…), with a name, a word or a number in it: scorer `exact`.

mod boolean;
mod family;
mod liars;
mod ordering;
mod rules;
mod sets;

use super::library::{Library, Made, Maker, Wanted};
use super::{Generator, Kind};
use rand_chacha::ChaCha8Rng;
use std::sync::Arc;

/// The line in the table of generators.
pub const KIND: Kind = Kind {
    name: "logic",
    about: "puzzles with one answer: orders, liars, families, rules, sets, joined statements; for scorer `exact`",
    build: |section| Some(Arc::new(Library::build(section, "logic/1", Logic)?) as Arc<dyn Generator>),
};

struct Logic;

impl Maker for Logic {
    fn domains(&self) -> &'static [(&'static str, &'static str)] {
        &[
            ("ordering", "reasoning"),
            ("liars", "reasoning"),
            ("family", "reasoning"),
            ("rules", "reasoning"),
            ("sets", "reasoning"),
            ("boolean", "reasoning"),
        ]
    }

    fn make(&self, wanted: Wanted, rng: &mut ChaCha8Rng) -> Made {
        match wanted.domain {
            "ordering" => ordering::make(wanted, rng),
            "liars" => liars::make(wanted, rng),
            "family" => family::make(wanted, rng),
            "rules" => rules::make(wanted, rng),
            "sets" => sets::make(wanted, rng),
            _ => boolean::make(wanted, rng),
        }
    }
}

/// The parts of a puzzle's text, each a paragraph.
struct Puzzle {
    intro: String,
    body: String,
    ask: String,
    form: String,
}

impl Puzzle {
    fn made(self, answers: Vec<String>) -> Made {
        let Self { intro, body, ask, form } = self;
        Made { prompt: format!("{intro}\n\n{body}\n\n{ask}\n{form}"), answers, ..Made::default() }
    }
}

#[cfg(test)]
mod tests;
