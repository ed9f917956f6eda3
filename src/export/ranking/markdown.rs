//! Markdown, for a page or a pull request.

use super::{Document, tables, words};
use std::fmt::Write as _;

pub(super) fn render(document: &Document) -> String {
    let mut text = format!("# {}\n", document.lang.ranking().title(document.from));
    for table in tables::tables(document) {
        let _ = write!(text, "\n## {}\n\n", cell(&table.title));
        let row = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
        text += &row(table.columns.iter().map(|column| cell(&column.head)).collect());
        let rule = |number: bool| if number { "---:".to_owned() } else { "---".to_owned() };
        text += &row(table.columns.iter().map(|column| rule(column.number)).collect());
        for cells in &table.rows {
            text += &row(cells.iter().map(|text| cell(text)).collect());
        }
    }
    text.push('\n');
    for note in words::notes(document) {
        let _ = writeln!(text, "- {}", cell(&note));
    }
    text
}

/// A text on one line, without what Markdown would take for its own.
fn cell(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' => out.push(' '),
            '|' | '*' | '_' | '`' | '<' | '[' | '\\' => out.extend(['\\', c]),
            c => out.push(c),
        }
    }
    out
}
