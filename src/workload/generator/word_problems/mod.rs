//! Generator `word-problems`: short stories with numbers in them. Each is a chain of typed steps; a step changes the
//! state of the story and is told as a sentence, so that text and answer come from one structure. The fields are those
//! of the [library](super::library).
//!
//! Difficulty is the number of steps, and from 5 on also of facts that have nothing to do with what is asked. Scorer
//! `number`: the unit is named in the question.

mod ages;
mod measures;
mod mixture;
mod sharing;
mod shopping;
mod stock;
mod travel;
mod work;

use super::library::{Library, Made, Maker, Wanted};
use super::prose::{ONLY_THE_NUMBER, Teller};
use super::{Generator, Kind};
use rand_chacha::ChaCha8Rng;
use std::sync::Arc;

/// The line in the table of generators.
pub const KIND: Kind = Kind {
    name: "word-problems",
    about: "stories of several steps: stock, shopping, journeys, shares, ages, work, mixtures, measures",
    build: |section| {
        Library::build(section, "word-problems/1", WordProblems).map(|library| Arc::new(library) as Arc<dyn Generator>)
    },
};

/// The maker.
pub struct WordProblems;

const CAPABILITY: &str = "reasoning";

/// A story that was made.
struct Story {
    /// What is told, in the order in which it happens.
    facts: Vec<String>,
    /// What could be told beside it, and changes nothing.
    asides: Vec<String>,
    /// What is asked, with the unit of the answer.
    question: String,
    /// The exact answer.
    answer: String,
}

/// How many steps a story has.
const fn steps(difficulty: u32) -> u32 {
    1 + difficulty / 2
}

impl Maker for WordProblems {
    fn domains(&self) -> &'static [(&'static str, &'static str)] {
        &[
            ("stock", CAPABILITY),
            ("shopping", CAPABILITY),
            ("travel", CAPABILITY),
            ("sharing", CAPABILITY),
            ("ages", CAPABILITY),
            ("work", CAPABILITY),
            ("mixtures", CAPABILITY),
            ("measures", CAPABILITY),
        ]
    }

    fn make(&self, wanted: Wanted, rng: &mut ChaCha8Rng) -> Made {
        let Wanted { domain, difficulty, language } = wanted;
        let mut tell = Teller::new(language, rng);
        let tell = &mut tell;
        let Story { mut facts, mut asides, question, answer } = match domain {
            "stock" => stock::story(tell, difficulty),
            "shopping" => shopping::story(tell, difficulty),
            "travel" => travel::story(tell, difficulty),
            "sharing" => sharing::story(tell, difficulty),
            "ages" => ages::story(tell, difficulty),
            "work" => work::story(tell, difficulty),
            "mixtures" => mixture::story(tell, difficulty),
            _ => measures::story(tell, difficulty),
        };
        tell.shuffle(&mut asides);
        let told = match difficulty {
            ..5 => 0,
            5..8 => 1,
            _ => 2,
        };
        for aside in asides.into_iter().take(told) {
            // Never first: there it would have nothing to refer to.
            let place = 1 + tell.place(facts.len());
            facts.insert(place.min(facts.len()), aside);
        }
        facts.push(question);
        let question = tell.join(&facts);
        Made { prompt: tell.ask(&question, ONLY_THE_NUMBER), answers: vec![answer], ..Made::default() }
    }
}

#[cfg(test)]
mod tests;
