//! `/compare`: the verdict in words and tables, as `assayd compare` makes it of what is stored.

use super::layout::{Page, Way};
use super::parts::drawn;
use crate::export::report::duration;
use crate::export::verdict::{Document, Lang};
use maud::{Markup, html};

/// What is said where there is no store to read.
pub(in crate::api) const NOT_STORED: &str = "There is no store to compare out of.";

/// Renders the page; `baseline` is whom the others are held against, `targets` who it can be, `took` how long it took to make.
pub(in crate::api) fn render(document: &Document, baseline: Option<&str>, targets: &[String], took_ms: u64) -> String {
    let chinese = matches!(document.lang, Lang::Zh);
    let title = if chinese { "对比" } else { "Compare" };
    let words = |en: &'static str, zh: &'static str| if chinese { zh } else { en };
    let body = html! {
        (form(baseline, targets, document.lang))
        section aria-labelledby="verdict" {
            h2 id="verdict" { (words("Verdict", "结论")) }
            ul.claims { @for sentence in document.sentences() { li { (sentence) } } }
        }
        section aria-labelledby="figures" {
            h2 id="figures" { (words("Figures", "数据")) }
            @for table in document.tables() { (drawn(&table.title, &table)) }
        }
        section aria-labelledby="notes" {
            h2 id="notes" { (words("What to know", "说明")) }
            ul { @for note in document.notes() { li { (note) } } }
        }
        section aria-labelledby="provenance" {
            h2 id="provenance" { (words("Where this comes from", "来源")) }
            ul { @for line in document.provenance() { li { (line) } } }
            p.soft lang="en" { "Making it took " (duration(took_ms)) "; it is made anew at the most every half minute. " code { "assayd compare" } " writes it as a report." }
        }
    };
    let way = Some(Way::Compare);
    Page { title, way, is_entry: true, lang: code(document.lang), body, ..Page::default() }.render()
}

/// The language as HTML names it.
const fn code(lang: Lang) -> &'static str {
    match lang {
        Lang::En => "en",
        Lang::Zh => "zh",
    }
}

fn form(baseline: Option<&str>, targets: &[String], lang: Lang) -> Markup {
    let languages = [("en", "English"), ("zh", "中文")];
    html! {
        form.filters action="/compare" method="get" lang="en" aria-label="Comparison" {
            div {
                label for="against" { "Hold the others against" }
                select id="against" name="baseline" {
                    option value="" { "each other" }
                    @for name in targets { option value=(name) selected[baseline == Some(name)] { (name) } }
                }
            }
            div {
                label for="language" { "Language" }
                select id="language" name="lang" {
                    @for (tag, word) in &languages { option value=(tag) lang=(tag) selected[code(lang) == *tag] { (word) } }
                }
            }
            div { button type="submit" { "Show" } }
        }
    }
}
