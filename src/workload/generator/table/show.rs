//! How a table is written: Markdown, CSV or lines of prose.

use super::super::library::Language;
use super::super::phrase::{one, said};
use super::data::Data;
use rand_chacha::ChaCha8Rng;

#[derive(Debug, Clone, Copy)]
enum Format {
    Markdown,
    Csv,
    Prose,
}

/// The table, and the second one where it is wanted.
pub(super) fn body(rng: &mut ChaCha8Rng, language: Language, data: &Data, joined: bool) -> String {
    let scene = data.scene;
    let format = one(rng, &[Format::Markdown, Format::Csv, Format::Prose]);
    let heads = [scene.key, scene.texts[0].0, scene.texts[1].0, scene.numbers[0].0, scene.numbers[1].0];
    let rows: Vec<[String; 5]> = data
        .rows
        .iter()
        .map(|row| {
            let [a, b] = row.texts.map(str::to_owned);
            let shown = |at: usize| number(row.numbers[at], scene.numbers[at].3);
            [row.key.clone(), a, b, shown(0), shown(1)]
        })
        .collect();
    let mut text = written(format, language, &heads, &rows);
    if joined {
        let heads = [scene.texts[0].0, scene.more.0, scene.factor.0];
        let rows: Vec<[String; 3]> = data
            .more
            .iter()
            .map(|more| [more.about.to_owned(), more.word.to_owned(), number(more.factor, scene.factor.3)])
            .collect();
        text.push_str("\n\n");
        text.push_str(&written(format, language, &heads, &rows));
    }
    text
}

/// A number out of tenths, with its decimal where the column has one.
fn number(tenths: i64, decimal: bool) -> String {
    if decimal { format!("{}.{}", tenths / 10, tenths % 10) } else { (tenths / 10).to_string() }
}

fn written<const N: usize>(format: Format, language: Language, heads: &[&str; N], rows: &[[String; N]]) -> String {
    let lines: Vec<String> = match format {
        Format::Markdown => {
            let line = |cells: Vec<&str>| format!("| {} |", cells.join(" | "));
            let head = [line(heads.to_vec()), format!("|{}", "---|".repeat(N))];
            let rows = rows.iter().map(|row| line(row.iter().map(String::as_str).collect()));
            head.into_iter().chain(rows).collect()
        }
        // No value has a comma or a quote in it.
        Format::Csv => std::iter::once(heads.join(",")).chain(rows.iter().map(|row| row.join(","))).collect(),
        Format::Prose => rows.iter().map(|row| prose(language, heads, row)).collect(),
    };
    lines.join("\n")
}

fn prose<const N: usize>(language: Language, heads: &[&str; N], row: &[String; N]) -> String {
    let cells: Vec<String> = heads
        .iter()
        .zip(row)
        .skip(1)
        .map(|(head, cell)| said(language, [head, " ", cell.as_str()], [head, "为", cell.as_str()]).concat())
        .collect();
    let (head, key) = (heads.first().copied().unwrap_or(""), row.first().map_or("", String::as_str));
    match language {
        Language::English => format!("{head} {key}: {}.", cells.join(", ")),
        Language::Chinese => format!("{head}{key}：{}。", cells.join("，")),
    }
}
