//! Generator `strings`: sorting, counting and taking apart numbers, words and letters; in Chinese mostly characters. The
//! fields are those of the [library](super::library).
//!
//! Difficulty is the length, and from 6 on how much alike the parts are. Scorer `exact` without regard to case, its
//! default: every usual way to write a list is among the accepted answers. `number` reads the two counting domains alone.

mod lists;
mod texts;
mod words;

use super::library::{Library, Made, Maker, Wanted};
use super::prose::{Sentence, Teller};
use super::{Generator, Kind};
use rand_chacha::ChaCha8Rng;
use std::sync::Arc;

/// The line in the table of generators.
pub const KIND: Kind = Kind {
    name: "strings",
    about: "sorting, counting, reversing, picking, removing repeats, shifting letters, anagrams, prefixes, run lengths",
    build: |section| {
        Library::build(section, "strings/1", Strings).map(|library| Arc::new(library) as Arc<dyn Generator>)
    },
};

/// The maker.
pub struct Strings;

const CAPABILITY: &str = "string";

impl Maker for Strings {
    fn domains(&self) -> &'static [(&'static str, &'static str)] {
        &[
            ("sort-numbers", CAPABILITY),
            ("sort-words", CAPABILITY),
            ("count-letters", CAPABILITY),
            ("count-words", CAPABILITY),
            ("reverse", CAPABILITY),
            ("nth", CAPABILITY),
            ("repeats", CAPABILITY),
            ("caesar", CAPABILITY),
            ("anagram", CAPABILITY),
            ("prefix", CAPABILITY),
            ("run-length", CAPABILITY),
        ]
    }

    fn make(&self, wanted: Wanted, rng: &mut ChaCha8Rng) -> Made {
        let mut tell = Teller::new(wanted.language, rng);
        let (difficulty, tell) = (wanted.difficulty, &mut tell);
        let Asked { question, form, answers } = match wanted.domain {
            "sort-numbers" => lists::sort_numbers(tell, difficulty),
            "sort-words" => lists::sort_words(tell, difficulty),
            "count-letters" => texts::count_letters(tell, difficulty),
            "count-words" => lists::count_words(tell, difficulty),
            "reverse" => texts::reverse(tell, difficulty),
            "nth" => texts::nth(tell, difficulty),
            "repeats" => lists::repeats(tell, difficulty),
            "caesar" => texts::caesar(tell, difficulty),
            "anagram" => texts::anagram(tell, difficulty),
            "prefix" => texts::prefix(tell, difficulty),
            _ => texts::run_length(tell, difficulty),
        };
        Made { prompt: tell.ask(&question, form), answers, ..Made::default() }
    }
}

/// A question, the form of its answer, and what is accepted; the first is the form that is asked for.
struct Asked {
    question: String,
    form: Sentence,
    answers: Vec<String>,
}

impl Asked {
    /// Of a text.
    fn text(question: String, answer: impl Into<String>) -> Self {
        Self { question, form: ONLY_THE_RESULT, answers: vec![answer.into()] }
    }

    /// Of a list.
    fn list<T: ToString>(question: String, all: &[T]) -> Self {
        let all: Vec<String> = all.iter().map(ToString::to_string).collect();
        let mut answers: Vec<String> = [", ", ",", "、", " "].map(|between| all.join(between)).to_vec();
        answers.dedup();
        Self { question, form: COMMAS, answers }
    }

    /// Of a count, of what in English and Chinese.
    fn count(tell: &Teller<'_>, question: String, count: usize) -> Self {
        let mut answers = vec![count.to_string()];
        match tell.is_chinese() {
            true => answers.extend([format!("{count}次"), format!("{count}个")]),
            false => {
                answers.push(format!("{count} {}", if count == 1 { "time" } else { "times" }));
                answers.push(format!("{count} {}", if count == 1 { "word" } else { "words" }));
            }
        }
        Self { question, form: super::prose::ONLY_THE_NUMBER, answers }
    }
}

const ONLY_THE_RESULT: Sentence = (
    &[
        "Give only the result.",
        "Reply with just that, without any other words.",
        "Answer with the result and nothing else.",
    ],
    &["只给出结果。", "最后只写出结果，不要写别的。", "直接回答结果即可。"],
);
const COMMAS: Sentence = (
    &[
        "Give only the resulting list, its parts separated by commas.",
        "Answer with just the list on one line, with a comma and a space between the parts.",
        "Reply with nothing but the list, comma-separated.",
    ],
    &[
        "只给出结果，各项之间用逗号隔开。",
        "最后只写出这个列表，写成一行，用逗号分隔。",
        "答案只写列表，项与项之间用逗号。",
    ],
);

#[cfg(test)]
mod tests;
