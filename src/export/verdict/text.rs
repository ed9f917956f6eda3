//! Plain text for a terminal.

use super::Document;
use crate::export::report::{drawn, wrapped};
use std::fmt::Write as _;

pub(super) fn render(document: &Document) -> String {
    let terms = document.lang.terms();
    let mut text = format!("{}\n", terms.title);
    for line in document.provenance() {
        let _ = writeln!(text, "{line}");
    }
    let _ = writeln!(text, "\n{}", terms.verdict);
    document.sentences().iter().for_each(|sentence| wrapped(&mut text, "* ", sentence));
    for table in document.tables() {
        let _ = write!(text, "\n{}\n{}\n", table.title, drawn(&table));
    }
    for table in document.origin_tables() {
        let _ = write!(text, "\n{}\n{}\n", table.title, drawn(&table));
    }
    text.push('\n');
    document.notes().iter().for_each(|note| wrapped(&mut text, "  ", note));
    document.not_measured().iter().for_each(|note| wrapped(&mut text, "  ", note));
    text
}
