//! Markdown, for a page or a pull request.

use super::{Document, tables, words};
use crate::export::markdown::{cell, drawn};
use std::fmt::Write as _;

pub(super) fn render(document: &Document) -> String {
    let mut text = format!("# {}\n", document.lang.ranking().title(document.from));
    for table in tables::tables(document) {
        let _ = write!(text, "\n## {}\n\n{}", cell(&table.title), drawn(&table));
    }
    text.push('\n');
    for note in words::notes(document) {
        let _ = writeln!(text, "- {}", cell(&note));
    }
    text
}
