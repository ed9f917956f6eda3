//! Every puzzle is solved again from its text alone: what a sentence means is written here a second time, and the ways of
//! solving are others than the generator's.

mod numbers;
mod people;

use super::super::library::{Library, check};
use super::super::show::{show, split};
use super::*;
use crate::domain::Item;
use regex::Regex;
use std::collections::BTreeMap;

/// A puzzle as it is read.
struct Asked<'a> {
    intro: &'a str,
    lines: Vec<&'a str>,
    ask: &'a str,
}

impl<'a> Asked<'a> {
    fn of(prompt: &'a str) -> Self {
        let [intro, body, ask] = split(prompt);
        Self { intro, lines: sentences(body), ask }
    }
}

/// Lines, or sentences where there is one line only, without a bullet.
fn sentences(body: &str) -> Vec<&str> {
    let mut all: Vec<&str> = body.lines().collect();
    if let [one] = all.as_slice() {
        all = one.split_inclusive("。").flat_map(|part| part.split_inclusive(". ")).collect();
    }
    all.into_iter().map(|line| line.trim().trim_start_matches("- ")).filter(|line| !line.is_empty()).collect()
}

/// Patterns with what they mean, compiled once.
struct Grammar<T>(Vec<(Regex, T)>);

impl<T: Copy> Grammar<T> {
    fn new(table: &[(&str, T)]) -> Self {
        // `@` is a name or a number, `#` a name or a pronoun.
        let name = |pattern: &str| pattern.replace('@', "([A-Z][a-z]+|\\p{Han}{2}|\\d+)");
        let anybody = |pattern: &str| name(pattern).replace('#', "([A-Z][a-z]*|me|我|\\p{Han}{2})");
        let full = |pattern: &str| Regex::new(&format!("^{}$", anybody(pattern)));
        Self(table.iter().map(|(pattern, meaning)| (full(pattern).unwrap(), *meaning)).collect())
    }

    /// What a line means, and the parts that it speaks of.
    fn read<'t>(&self, line: &'t str) -> Option<(T, Vec<&'t str>)> {
        self.0.iter().find_map(|(pattern, meaning)| {
            let found = pattern.captures(line)?;
            Some((*meaning, found.iter().skip(1).flatten().map(|m| m.as_str()).collect()))
        })
    }
}

/// A number in digits or as a word, an ordinal too.
fn number(word: &str) -> Option<usize> {
    const WORDS: [&str; 10] = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];
    const ORDINALS: [&str; 10] =
        ["-", "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth"];
    let word = word.to_lowercase();
    let known = |words: [&str; 10]| words.iter().position(|known| *known == word);
    word.parse().ok().or_else(|| known(WORDS)).or_else(|| known(ORDINALS))
}

struct Solver {
    people: people::Solver,
    numbers: numbers::Solver,
}

impl Solver {
    fn answer(&self, item: &Item) -> Option<String> {
        let asked = Asked::of(&item.messages[0].content);
        match &*item.tags.domain {
            "ordering" => self.people.ordering(&asked),
            "liars" => self.people.liars(&asked),
            "family" => self.people.family(&asked),
            "rules" => self.numbers.rules(&asked),
            "sets" => self.numbers.sets(&asked),
            "boolean" => self.numbers.boolean(&asked),
            _ => None,
        }
    }
}

#[test]
fn ten_thousand_are_solved_from_their_text() {
    let solver = Solver { people: people::Solver::new(), numbers: numbers::Solver::new() };
    check::verified(KIND.name, Logic, |item| {
        let (got, prompt) = (solver.answer(item), &item.messages[0].content);
        if got.as_ref() == item.answers.first() {
            return Ok(());
        }
        Err(format!("{got:?} and not {:?}:\n{prompt}", item.answers))
    });
}

#[test]
fn answers_are_not_one_sided() {
    let items = Library::new("logic", Logic).draw(5, 3_000);
    let mut of: BTreeMap<(&str, &str), BTreeMap<&str, usize>> = BTreeMap::new();
    for item in &items {
        let counts = of.entry((&*item.tags.domain, &*item.tags.language)).or_default();
        *counts.entry(item.answers[0].as_str()).or_default() += 1;
    }
    for ((domain, language), counts) in of {
        let (all, most) = (counts.values().sum::<usize>(), counts.values().max().unwrap());
        assert!(most * 100 <= all * 50, "{domain} {language}: {counts:?}");
    }
}

#[test]
fn some_to_read() {
    show("logic", &Logic);
}
