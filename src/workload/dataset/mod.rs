//! Dataset formats: how items are read out of files. A new format is one file and one line in [`KINDS`].

mod array;
mod c_eval;
mod cmmlu;
mod conversation;
mod csv;
mod exam;
mod fields;
mod files;
mod gather;
mod gsm8k;
mod json;
mod jsonl;
pub mod labelled;
pub(super) mod lines;
mod mmlu;
mod offered;
mod requests;
pub(super) mod row;
mod sharegpt;
#[cfg(test)]
mod tests;
mod traced;
mod write;

pub use write::row;

use super::subjects::Board;
use super::template::Shot;
use crate::config::{Problem, Section};
use crate::domain::Item;
use std::sync::Arc;

/// All formats.
pub const KINDS: &[Kind] = &[
    jsonl::KIND,
    c_eval::KIND,
    cmmlu::KIND,
    mmlu::KIND,
    gsm8k::KIND,
    fields::KIND,
    requests::KIND,
    sharegpt::KIND,
    traced::MOONCAKE,
    traced::AZURE,
    traced::BURSTGPT,
    traced::OWN,
];

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

/// What came out of a file, or of several.
#[derive(Default)]
pub struct Loaded {
    /// The good rows, in file order; ids are unique.
    pub items: Vec<Item>,
    /// The bad rows; `skip_bad_rows = true` counts and prints them, otherwise they fail the plan.
    pub bad: Vec<Problem>,
    /// The file's name, for messages about all of them.
    pub file: String,
    /// The line of each item, from 1, in the order of `items`.
    pub lines: Vec<usize>,
    /// The file of each item, in the same order; empty where all are of `file`.
    pub files: Vec<Arc<str>>,
    /// Questions with their answers to show in a prompt, in file order.
    pub shots: Vec<Shot>,
    /// The board that the data are of, where their format is a board's.
    pub board: Option<&'static Board>,
    /// What is right but perhaps not meant, such as a field that looks misspelt.
    pub warnings: Vec<Problem>,
}
