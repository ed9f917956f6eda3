//! The table format: plain text for a terminal, at most 120 columns.

use super::words::heading;
use super::{Column, Report, Table, boards, campaign, curve, matrix, strata, tables};
use comfy_table::{CellAlignment, Row, presets};
use std::fmt::Write;

/// The most columns of a line.
const WIDTH: usize = 120;

/// Renders reports one under the other.
pub(super) fn render(reports: &[Report]) -> String {
    reports.iter().map(one).collect::<Vec<_>>().join("\n")
}

fn one(report: &Report) -> String {
    let mut text = heading(report) + "\n";
    if report.rows.is_empty() && report.boards.is_empty() {
        text.push_str("\nnothing was measured\n");
    }
    // Only matrices are cut by columns: a result row belongs together, and has a bounded width.
    let whole = tables(report).into_iter().map(|table| squeezed(&table));
    let cut = [boards(report), matrix(report), strata(report)].into_iter().flatten().flat_map(|table| parts(&table));
    for table in whole.chain(cut) {
        let _ = write!(text, "\n{}\n{}\n", table.title, drawn(&table));
    }
    for table in campaign::tables(report) {
        let table = squeezed(&table);
        let _ = write!(text, "\n{}\n{}\n", table.title, drawn(&table));
    }
    report.decisions().iter().for_each(|sentence| wrapped(&mut text, "  ", sentence));
    for curve in &report.curves {
        let table = squeezed(&curve::table(curve));
        let _ = write!(text, "\n{}\n{}\n", table.title, drawn(&table));
        curve::findings(curve).iter().for_each(|finding| wrapped(&mut text, "  ", finding));
    }
    let caveats = report.caveats();
    if !caveats.is_empty() {
        text.push('\n');
    }
    caveats.iter().for_each(|caveat| wrapped(&mut text, "! ", caveat));
    if !report.rows.is_empty() {
        text.push('\n');
        report.definitions().iter().for_each(|definition| wrapped(&mut text, "  ", definition));
    }
    text
}

/// Cuts a table that is too wide into several, each with the first column.
fn parts(table: &Table) -> Vec<Table> {
    let widths: Vec<usize> = columns_of(table);
    let first = widths.first().copied().unwrap_or(0);
    let fits = |cut: &[usize]| first + cut.iter().map(|w| w + 1).sum::<usize>() <= WIDTH;
    let (mut parts, mut from) = (Vec::new(), 1);
    while from < widths.len() {
        let mut to = from + 1;
        while to < widths.len() && widths.get(from..=to).is_some_and(fits) {
            to += 1;
        }
        let picked = |of: usize| of == 0 || (from..to).contains(&of);
        let pick = |cells: &Vec<String>| keep(cells, picked);
        let part = Table {
            title: table.title.clone(),
            columns: keep(&table.columns, picked),
            rows: table.rows.iter().map(pick).collect(),
        };
        parts.push(squeezed(&part));
        from = to;
    }
    parts
}

fn keep<T: Clone>(of: &[T], picked: impl Fn(usize) -> bool) -> Vec<T> {
    of.iter().enumerate().filter(|(at, _)| picked(*at)).map(|(_, x)| x.clone()).collect()
}

/// Shortens names until the table fits: of rows first (down to 8 columns), then heads of columns (down to 12).
fn squeezed(table: &Table) -> Table {
    let mut table = table.clone();
    let width = |t: &Table| columns_of(t).iter().map(|w| w + 1).sum::<usize>() - 1;
    for longest in (8..=64).rev() {
        if width(&table) <= WIDTH {
            return table;
        }
        table.rows.iter_mut().filter_map(|cells| cells.first_mut()).for_each(|name| shorten(name, longest));
        if longest >= 12 {
            table.columns.iter_mut().filter(|c| !c.head.contains('\n')).for_each(|c| shorten(&mut c.head, longest));
        }
    }
    table
}

/// Keeps both ends of a text: names differ at the front or at the back.
fn shorten(text: &mut String, longest: usize) {
    let length = text.chars().count();
    if length > longest {
        let (front, back) = (longest / 2, (longest - 1) / 2);
        *text = text.chars().take(front).chain(['…']).chain(text.chars().skip(length - back)).collect();
    }
}

fn drawing(table: &Table) -> comfy_table::Table {
    let mut drawing = comfy_table::Table::new();
    drawing.load_style(presets::NOTHING);
    drawing.set_header(Row::from(table.columns.iter().map(|Column { head, .. }| head.as_str()).collect::<Vec<_>>()));
    for cells in &table.rows {
        drawing.add_row(cells);
    }
    drawing
}

fn columns_of(table: &Table) -> Vec<usize> {
    drawing(table).column_max_content_widths().into_iter().map(usize::from).collect()
}

pub(in crate::export) fn drawn(table: &Table) -> String {
    let widths = columns_of(table);
    // Two columns of air where there is room, one where there is not.
    let roomy = widths.iter().map(|w| w + 2).sum::<usize>() - 2 <= WIDTH;
    let mut drawing = drawing(table);
    for (at, column) in table.columns.iter().enumerate() {
        if let Some(drawn) = drawing.column_mut(at) {
            let air = if at == 0 { 0 } else { 1 + u16::from(roomy) };
            drawn.set_padding((air, 0));
            drawn.set_cell_alignment(if column.number { CellAlignment::Right } else { CellAlignment::Left });
        }
    }
    drawing.trim_fmt()
}

/// Adds a paragraph, its lines broken between words, under a mark.
pub(in crate::export) fn wrapped(text: &mut String, mark: &str, paragraph: &str) {
    let mut line = mark.to_owned();
    let mut empty = true;
    for word in paragraph.split_whitespace() {
        if !empty && line.chars().count() + 1 + word.chars().count() > WIDTH {
            let _ = writeln!(text, "{line}");
            line = "  ".to_owned();
            empty = true;
        }
        if !empty {
            line.push(' ');
        }
        line.push_str(word);
        empty = false;
    }
    let _ = writeln!(text, "{line}");
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{figures, report};
    use super::*;
    use crate::stats::{Interval, PerCorrect};

    #[test]
    fn table_of_a_run() {
        insta::assert_snapshot!(render(&[report()]));
    }

    #[test]
    fn an_empty_run_says_so() {
        let empty = Report { run: "first".into(), finished_unix_ms: Some(1500), ..Report::default() };
        insta::assert_snapshot!(render(&[empty]), @"
        run first · 1970-01-01 00:00:00 UTC · 1.5 s · incomplete

        nothing was measured

        ! the run ended before everything was asked; its figures cover what was
        ");
    }

    #[test]
    fn nothing_is_wider_than_the_terminal() {
        let mut report = report();
        let mut wide = figures("a-target-with-a-name-of-sixty-four-characters-which-is-the-most-", "arith");
        wide.verdicts = [1_000_000, 1_000_000, 1_000_000, 1_000_000, 1_000_000, 1_000_000, 1_000_000];
        wide.accuracy = Some(Interval { estimate: 1.0, lower: 0.999, upper: 1.0 });
        (wide.first_token.p50, wide.first_token.p99) = (Some(123.456), Some(599.9));
        wide.tokens_per_second = Some(123_456.0);
        wide.cost = crate::domain::Cost::ZERO
            .with(crate::domain::Component::Output, crate::domain::Money::from_nanos(123_456_789_012_345));
        wide.per_correct = Some(PerCorrect { estimate: 12_345.0, lower: 12_000.0, upper: Some(12_999.0) });
        let mut tiny = wide.clone();
        tiny.per_correct = Some(PerCorrect { estimate: 1.234e-9, lower: 1.1e-9, upper: Some(1.3e-9) });
        report.rows.extend([wide.clone(), tiny]);
        for n in 0..30 {
            report.rows.push(crate::board::Figures { domain: Some(format!("domain-{n}")), ..wide.clone() });
        }
        report.notes.push("word ".repeat(100));
        let text = render(&[report]);
        for line in text.lines() {
            assert!(line.chars().count() <= WIDTH, "{} columns: {line}", line.chars().count());
        }
        for n in 0..30 {
            assert!(text.contains(&format!("domain-{n}")), "domain {n} is missing");
        }
    }

    #[test]
    fn wide_letters_count_twice() {
        let row = crate::board::Figures { domain: Some("数学与推理能力".repeat(12)), ..figures("micro", "zh") };
        let report = Report { rows: vec![row], ..Report::default() };
        let text = render(&[report]);
        assert!(text.contains('…') && text.contains("数学"), "{text}");
    }
}
