//! What is said where there is nothing to show: no such page, a query that makes no sense, samples that are not for showing.

use super::layout::{Page, Way};
use maud::{Markup, html};

/// There is no such page; `what` says what there is none of.
pub(in crate::api) fn nothing(what: &str) -> String {
    let body = html! {
        p { (what) }
        (ways())
    };
    Page { title: "Not found", body, ..Page::default() }.render()
}

/// The query of a page can't be taken: which part of it, and what is expected.
pub(in crate::api) fn refused(path: &str, why: &str) -> String {
    let body = html! {
        p { "The address can't be taken: " (why) "." }
        p { a href=(path) { "The same page without it" } }
        (ways())
    };
    Page { title: "Not understood", body, ..Page::default() }.render()
}

/// Samples hold texts of models and data, and are not shown to whoever can reach the port.
pub(in crate::api) fn hidden() -> String {
    let body = html! {
        p { "Samples hold what was asked and answered, so they are shown on this machine only: where every address that is "
            "listened on is a loopback one, and the browser asks for one of them." }
        p { "To show them to everybody who can reach this server: " code { "samples = true" } " in " code { "[server]" }
            " of the configuration." }
    };
    Page { title: "Samples are not shown", way: Some(Way::Samples), is_entry: true, body, ..Page::default() }.render()
}

/// It takes too long, or failed for another reason than the request.
pub(in crate::api) fn failed(way: Option<Way>, why: &str) -> String {
    let body = html! { p { (why) } (ways()) };
    Page { title: "Not available", way, body, ..Page::default() }.render()
}

fn ways() -> Markup {
    html! {
        p { "There are: " a href="/" { "the overview" } " of runs and targets, " a href="/matrix" { "the matrix" } ", "
            a href="/compare" { "the comparison" } ", " a href="/samples" { "the samples" } "." }
    }
}
