//! One HTML file that holds everything: it opens without a network, prints, and is read without a script.

use super::{Document, chart};
use crate::export::report::Table;
use maud::{DOCTYPE, Markup, PreEscaped, html};

const CSS: &str = include_str!("report.css");

pub(super) fn render(document: &Document) -> String {
    let lang = document.lang;
    let terms = lang.terms();
    let (scatter, latencies) =
        (chart::scatter(&document.comparison, lang), chart::latencies(&document.comparison, lang));
    let page = html! {
        (DOCTYPE)
        html lang=(lang.code()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { "assayd · " (terms.title) }
                style { (PreEscaped(CSS)) }
            }
            body {
                main {
                    header {
                        h1 { (terms.title) }
                        p.targets { (names(document)) }
                    }
                    section aria-labelledby="verdict" {
                        h2 id="verdict" { (terms.verdict) }
                        ul.verdict { @for sentence in document.sentences() { li { (sentence) } } }
                    }
                    @if let Some(scatter) = scatter {
                        (figure(terms.chart, &scatter))
                    }
                    @if let Some(latencies) = latencies {
                        (figure(terms.latency, &latencies))
                    }
                    section aria-labelledby="figures" {
                        h2 id="figures" { (terms.figures) }
                        @for table in document.tables() { (drawn(&table)) }
                    }
                    section aria-labelledby="notes" {
                        h2 id="notes" { (terms.notes) }
                        ul { @for note in document.notes() { li { (note) } } }
                    }
                    section aria-labelledby="provenance" {
                        h2 id="provenance" { (terms.provenance) }
                        ul { @for line in document.provenance() { li { (line) } } }
                    }
                }
            }
        }
    };
    page.into_string() + "\n"
}

fn names(document: &Document) -> String {
    document.comparison.targets.iter().map(|name| name.as_str()).collect::<Vec<_>>().join(" · ")
}

fn figure(caption: &str, drawn: &Markup) -> Markup {
    html! { figure { (drawn) figcaption { (caption) } } }
}

fn drawn(table: &Table) -> Markup {
    let number = |at: usize| table.columns.get(at).is_some_and(|column| column.number);
    html! {
        // It can be scrolled by keyboard where it is wider than the window.
        div.table role="region" aria-label=(table.title) tabindex="0" {
            table {
                caption { (table.title) }
                thead { tr { @for column in &table.columns { th scope="col" .number[column.number] { (lines(&column.head)) } } } }
                tbody {
                    @for cells in &table.rows {
                        tr {
                            @for (at, cell) in cells.iter().enumerate() {
                                @if at == 0 { th scope="row" { (lines(cell)) } }
                                @else { td .number[number(at)] { (lines(cell)) } }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn lines(text: &str) -> Markup {
    html! { @for (at, line) in text.split('\n').enumerate() { @if at > 0 { br; } (line) } }
}
