//! Dataset formats: how items are read out of files. A new format is one file and one line in [`KINDS`].

mod conversation;
mod jsonl;
pub mod labelled;
pub(super) mod lines;
mod offered;
pub(super) mod row;
mod traced;

use crate::config::{Problem, Section};
use crate::domain::Item;

/// All formats.
pub const KINDS: &[Kind] = &[jsonl::KIND, traced::MOONCAKE, traced::AZURE, traced::BURSTGPT, traced::OWN];

/// One format, by the name a configuration gives it (`dataset = { format = "…", path = "…" }`).
#[derive(Clone, Copy)]
pub struct Kind {
    /// The configuration's word.
    pub name: &'static str,
    /// One line for help and docs.
    pub about: &'static str,
    /// Reads all items, streaming; bad rows are problems with the data file's own line and column.
    pub read: fn(&Section<'_>) -> Option<Loaded>,
}

/// What came out of a file.
pub struct Loaded {
    /// The good rows, in file order; ids are unique.
    pub items: Vec<Item>,
    /// The bad rows; `skip_bad_rows = true` counts and prints them, otherwise they fail the plan.
    pub bad: Vec<Problem>,
    /// The file's name, for messages about its rows.
    pub file: String,
    /// The line of each item, from 1, in the order of `items`.
    pub lines: Vec<usize>,
    /// What is right but perhaps not meant, such as a field that looks misspelt.
    pub warnings: Vec<Problem>,
}
