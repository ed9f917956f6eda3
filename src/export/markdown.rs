//! What every report in Markdown is made of: text on one line, and tables.

use super::report::Table;

/// A text on one line, without what Markdown would take for its own.
pub(super) fn cell(text: &str) -> String {
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

/// A table, without its title; numbers stand to the right.
pub(super) fn drawn(table: &Table) -> String {
    let row = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    let mut text = row(table.columns.iter().map(|column| cell(&column.head)).collect());
    let rule = |number: bool| if number { "---:".to_owned() } else { "---".to_owned() };
    text += &row(table.columns.iter().map(|column| rule(column.number)).collect());
    for cells in &table.rows {
        text += &row(cells.iter().map(|text| cell(text)).collect());
    }
    text
}
