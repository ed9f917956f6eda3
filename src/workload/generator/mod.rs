//! Generators: items with exactly known answers, made anew, so that there is nothing to over-fit to. A new generator is
//! one file and one line in [`KINDS`].

pub mod arithmetic;
pub mod dates;
pub mod extraction;
mod fraction;
pub mod instructions;
pub mod library;
mod logic;
mod needle;
mod phrase;
mod program;
mod prose;
#[cfg(test)]
mod show;
pub mod strings;
mod table;
pub mod tasks;
pub mod tool_call;
pub mod word_problems;

use crate::config::Section;
use crate::domain::Item;
use std::sync::Arc;

/// All generators.
pub const KINDS: &[Kind] = &[
    tasks::KIND,
    extraction::KIND,
    tool_call::KIND,
    arithmetic::KIND,
    dates::KIND,
    word_problems::KIND,
    strings::KIND,
    logic::KIND,
    program::KIND,
    table::KIND,
    needle::KIND,
    instructions::KIND,
];

/// One generator, by the name a configuration gives it (`generator = { kind = "…", … }`).
#[derive(Clone, Copy)]
pub struct Kind {
    /// The configuration's word.
    pub name: &'static str,
    /// One line for help and docs.
    pub about: &'static str,
    /// Builds it out of its section (the fields `kind`, `seed` and `count` are read by the caller).
    pub build: fn(&Section<'_>) -> Option<Arc<dyn Generator>>,
}

/// Which items are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seed {
    /// Another seed each run; it is stored with the run.
    Fresh,
    /// Always the same items: the "public form".
    Fixed(u64),
}

/// A generator.
pub trait Generator: Send + Sync {
    /// Distinct items, at most `count`, the same for the same seed. Fewer where the pool is smaller: then it is a census.
    fn draw(&self, seed: u64, count: usize) -> Vec<Item>;

    /// Name, version and settings, for the provenance.
    fn fingerprint(&self) -> String;

    /// The domains its items can have, so that labels are closed before a run.
    fn domains(&self) -> Vec<Arc<str>>;

    /// How many distinct items a domain has, where that is known: a draw of all of them is a census, not a sample.
    fn pool(&self, domain: &str) -> Option<usize> {
        let _ = domain;
        None
    }

    /// Another item of the same kind as one (domain, size, language), the same for the same seed: never that item itself. None
    /// where it makes none like it.
    fn alike(&self, item: &Item, seed: u64) -> Option<Item> {
        let _ = (item, seed);
        None
    }
}
