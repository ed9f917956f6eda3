//! Generator `needle`: facts to be found in a long text, whose length is chosen.
//!
//! `generator = { kind = "needle", count = 200 }`, and optionally
//! * `tokens`: how long the text is, from 500 to 1,000,000 tokens, by estimate; 4,000 where absent. The estimate is that
//!   of [`estimated_tokens`](crate::domain::estimated_tokens), which also decides what a long question is;
//! * `needles`: how many facts must be found; by the difficulty where absent.
//!
//! Domains: `needles` (each fact is asked for) and `chains` (each fact leads to the next one, the last one has the
//! answer). Facts stand evenly over the text; the harder, the more of them, and the more that are nearly the same.
//! The text is made when it is asked: an item holds its recipe only. Scorer `exact`.

mod facts;

use super::library::{Library, Made, Maker, Wanted};
use super::phrase::{closing, fill, listed_answers, one, said, shuffled};
use super::{Generator, Kind};
use crate::config::Section;
use crate::domain::{Fact, Haystack};
use facts::{About, Facts};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use std::sync::Arc;

/// The line in the table of generators.
pub const KIND: Kind = Kind {
    name: "needle",
    about: "facts to be found in a text of so many `tokens`, one by one or one leading to the next; for scorer `exact`",
    build: |section| {
        let needles = Needles::read(section);
        let identity = needles.as_ref().map_or_else(String::new, Needles::identity);
        // With a stand-in, so that all problems are told at once.
        let library = Library::build(section, identity, needles.unwrap_or(Needles { tokens: TOKENS, needles: None }));
        needles.and(library).map(|library| Arc::new(library) as Arc<dyn Generator>)
    },
};

/// The length where none is given.
const TOKENS: u32 = 4_000;
/// The lengths that can be had: fewer would have no room for the facts.
const LENGTHS: std::ops::RangeInclusive<u32> = 500..=1_000_000;
/// The most facts to be found.
const MOST: u32 = 12;

#[derive(Debug, Clone, Copy)]
struct Needles {
    tokens: u32,
    /// By the difficulty where there is none.
    needles: Option<u32>,
}

impl Needles {
    fn read(section: &Section<'_>) -> Option<Self> {
        let tokens = section.or("tokens", TOKENS);
        if tokens.is_some_and(|tokens| !LENGTHS.contains(&tokens)) {
            section.problem("tokens", "expected from 500 to 1000000", None);
            return None;
        }
        let needles = if section.has("needles") { Some(section.get::<u32>("needles")?) } else { None };
        if needles.is_some_and(|needles| !(1..=MOST).contains(&needles)) {
            section.problem("needles", format!("expected from 1 to {MOST}"), None);
            return None;
        }
        Some(Self { tokens: tokens?, needles })
    }

    fn identity(&self) -> String {
        let needles = self.needles.map_or_else(|| "by-difficulty".to_owned(), |needles| needles.to_string());
        format!("needle/1 tokens={} needles={needles}", self.tokens)
    }
}

impl Maker for Needles {
    fn domains(&self) -> &'static [(&'static str, &'static str)] {
        &[("needles", "long-context"), ("chains", "long-context")]
    }

    fn make(&self, wanted: Wanted, rng: &mut ChaCha8Rng) -> Made {
        let Wanted { domain, difficulty, language } = wanted;
        let is_chain = domain == "chains";
        let count = self.needles.unwrap_or(1 + u32::from(is_chain) + (difficulty - 1) / 3) as usize;
        let facts = Facts::random(rng, language);
        // A chain stays with one kind of number, or its links would not be links.
        let asked: Vec<About> = facts.distinct(rng, count, is_chain);
        let values = facts.values(rng, count + difficulty as usize);
        let (told, answers): (Vec<String>, Vec<String>) = if is_chain {
            let links = asked.windows(2).map(|pair| facts.link(rng, pair[0], pair[1])).collect::<Vec<_>>();
            let end = asked.last().zip(values.get(asked.len().saturating_sub(1)));
            let last = end.map(|(about, value)| facts.tell(rng, *about, *value));
            (links.into_iter().chain(last).collect(), end.map(|(_, value)| value.to_string()).into_iter().collect())
        } else {
            let told = asked.iter().zip(&values).map(|(about, value)| facts.tell(rng, *about, *value)).collect();
            (told, values.iter().take(count).map(u32::to_string).collect())
        };
        let spare = values.get(count..).unwrap_or(&[]);
        let others = facts.others(rng, &asked, is_chain, spare, difficulty.saturating_sub(1) as usize);
        // Each in a stretch of its own, so that together they are spread over the whole text.
        let stretch = Haystack::WHOLE / u32::try_from(told.len().max(1)).unwrap_or(1);
        let stretches = shuffled(rng, &(0..told.len()).zip(0_u32..).map(|(_, at)| at * stretch).collect::<Vec<_>>());
        let mut all: Vec<Fact> = told
            .into_iter()
            .zip(stretches)
            .map(|(text, from)| Fact { depth: from + rng.random_range(0..stretch), text })
            .collect();
        all.extend(others.into_iter().map(|text| Fact { depth: rng.random_range(0..Haystack::WHOLE), text }));
        let question = self.ask(rng, wanted, &facts, &asked);
        let is_chinese = said(language, false, true);
        let haystack = Haystack { tokens: self.tokens, facts: all, seed: rng.random(), is_chinese };
        Made { prompt: question, answers: listed_answers(&answers), haystack: Some(haystack), ..Made::default() }
    }
}

impl Needles {
    fn ask(&self, rng: &mut ChaCha8Rng, wanted: Wanted, facts: &Facts, asked: &[About]) -> String {
        let Wanted { domain, language, .. } = wanted;
        let first = asked.first().map_or_else(String::new, |about| facts.name(*about));
        let several = domain != "chains" && asked.len() > 1;
        let (ask, what) = if several {
            let list: Vec<String> = asked.iter().map(|about| facts.name(*about)).collect();
            let numbered: Vec<String> =
                list.iter().zip(1..).map(|(name, number)| format!("({number}) {name}")).collect();
            let forms: &[&str] = said(
                language,
                &[
                    "According to the text above, what are the following, in this order?\n{list}",
                    "Look these up in the text above:\n{list}",
                ],
                &["根据上文，下列各项分别是多少？\n{list}", "请在上文中依次查出：\n{list}"],
            );
            let ask = fill(one(rng, forms), &[("list", &numbered.join("\n"))]);
            let what = "the numbers in this order, with a comma and a space between them";
            (ask, said(language, what, "各个数（按上面的顺序，用逗号隔开）"))
        } else {
            let forms: &[&str] = said(
                language,
                &[
                    "According to the text above, what is {f}?",
                    "What is {f}? The text above says it.",
                    "Somewhere in the text above there is what you need to tell {f}. What is it?",
                ],
                &["根据上文，{f}是多少？", "上文中可以查到{f}，它是多少？", "请从上文中找出{f}。"],
            );
            (fill(one(rng, forms), &[("f", &first)]), said(language, "the number", "这个数"))
        };
        format!("{ask}\n{}", closing(rng, language, what))
    }
}

#[cfg(test)]
mod tests;
