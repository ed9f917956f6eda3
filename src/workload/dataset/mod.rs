//! Dataset formats: how items are read out of files. A new format is one file and one line in [`KINDS`].

use crate::config::{Problem, Section};
use crate::domain::Item;

/// All formats.
pub const KINDS: &[Kind] = &[];

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
}
