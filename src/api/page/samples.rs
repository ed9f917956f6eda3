//! `/samples`: a table of samples, newest first, with a form that narrows it down.

use super::figures::{nothing, run_link, target_link};
use super::layout::{Page, Way};
use super::parts::{encoded, price, short, verdict, wide};
use crate::domain::{Nanos, Verdict};
use crate::export::report::{instant, significant};
use crate::store::{Finds, Found, Search, Seek};
use maud::{Markup, html};

/// What can be chosen from.
#[derive(Debug, Clone, Default)]
pub(in crate::api) struct Choices {
    pub runs: Vec<String>,
    pub targets: Vec<String>,
    pub scenarios: Vec<String>,
}

/// Renders the page of what was found.
pub(in crate::api) fn render(search: &Search, finds: &Finds, choices: &Choices) -> String {
    let filtered = *search != Search { from: search.from, limit: search.limit, ..Search::default() };
    let body = html! {
        p.lead { "What was asked to measure, newest first; warm-ups and probes are not among it." }
        (form(search, choices, filtered))
        @if finds.rows.is_empty() {
            p { @if finds.cut { "Nothing among the samples that were looked through. " } @else { "There is no such sample. " }
                @if filtered { a href="/samples" { "All samples" } } }
        } @else {
            (found_table("samples; the number leads to all that is known of one", &finds.rows))
        }
        @if finds.cut {
            p.soft { "The search ended before the oldest sample: it looks for a bounded time." }
        }
        (pages(search, finds))
    };
    Page { title: "Samples", way: Some(Way::Samples), is_entry: true, body, ..Page::default() }.render()
}

fn form(search: &Search, choices: &Choices, filtered: bool) -> Markup {
    let Choices { runs, targets, scenarios } = choices;
    let verdicts: Vec<String> = Verdict::ALL.iter().map(|verdict| verdict.label().to_owned()).collect();
    let wanted = search.verdict.map(|verdict| verdict.label().to_owned());
    html! {
        form.filters action="/samples" method="get" role="search" aria-label="Samples" {
            (select("run", "Run", runs, search.run.as_ref()))
            (select("target", "Target", targets, search.target.as_ref()))
            (select("scenario", "Scenario", scenarios, search.scenario.as_ref()))
            (select("verdict", "Verdict", &verdicts, wanted.as_ref()))
            (input("item", "Item id has", search.item.as_deref()))
            (input("rule", "Rule is", search.rule.as_deref()))
            div { button type="submit" { "Show" } }
            @if filtered { div { a href="/samples" { "Clear" } } }
        }
    }
}

/// A choice; what is wanted and is not among the choices is one too, so that it is not lost.
fn select(name: &str, label: &str, all: &[String], wanted: Option<&String>) -> Markup {
    html! {
        div {
            label for={ "by-" (name) } { (label) }
            select id={ "by-" (name) } name=(name) {
                option value="" { "any" }
                @if let Some(wanted) = wanted.filter(|wanted| !all.contains(wanted)) {
                    option value=(wanted) selected { (short(wanted)) }
                }
                @for one in all { option value=(one) selected[wanted == Some(one)] { (one) } }
            }
        }
    }
}

fn input(name: &str, label: &str, value: Option<&str>) -> Markup {
    html! {
        div {
            label for={ "by-" (name) } { (label) }
            input id={ "by-" (name) } name=(name) type="text" maxlength="200" autocomplete="off" spellcheck="false" value=[value];
        }
    }
}

/// The query of a search that begins elsewhere.
fn query(search: &Search, from: Seek) -> String {
    let Search { from: _, run, target, scenario, verdict, item, rule, limit: _ } = search;
    let verdict = verdict.map(|verdict| verdict.label().to_owned());
    let filters = [
        ("run", run),
        ("target", target),
        ("scenario", scenario),
        ("verdict", &verdict),
        ("item", item),
        ("rule", rule),
    ];
    let mut parts: Vec<String> =
        filters.iter().filter_map(|(key, value)| Some(format!("{key}={}", encoded(value.as_ref()?)))).collect();
    match from {
        Seek::Newest => {}
        Seek::Before(position) => parts.push(format!("before={position}")),
        Seek::After(position) => parts.push(format!("after={position}")),
    }
    if parts.is_empty() { "/samples".to_owned() } else { format!("/samples?{}", parts.join("&")) }
}

fn pages(search: &Search, finds: &Finds) -> Markup {
    let newer = finds.rows.first().filter(|_| finds.newer).map(|row| row.position);
    html! {
        @if finds.newer || finds.older.is_some() || search.from != Seek::Newest {
            nav aria-label="More samples" { ul.pages {
                @if finds.newer || search.from != Seek::Newest { li { a href=(query(search, Seek::Newest)) { "Newest" } } }
                @if let Some(position) = newer { li { a href=(query(search, Seek::After(position))) { "Newer" } } }
                @if let Some(position) = finds.older {
                    li { a href=(query(search, Seek::Before(position))) { @if finds.cut { "Look further back" } @else { "Older" } } }
                }
            } }
        }
    }
}

/// A stretch of time in ms, or in s from ten seconds on.
pub(super) fn time(time: Option<Nanos>) -> Markup {
    match time.map(Nanos::seconds) {
        Some(seconds) if seconds >= 10.0 => html! { (significant(seconds, 3)) " s" },
        Some(seconds) => html! { (significant(seconds * 1e3, 3)) " ms" },
        None => nothing(),
    }
}

/// What a sample came to.
fn cost(found: &Found) -> String {
    let known = price(found.cost);
    match (found.unpriced, found.bound.is_zero()) {
        (true, true) if found.cost.is_zero() => "unpriced".to_owned(),
        (false, true) => known,
        _ => format!("≥ {known}"),
    }
}

/// Samples as a table; the run's and the target's names lead to them, the rule to others of it.
pub(super) fn found_table(caption: &str, rows: &[Found]) -> Markup {
    wide(
        caption,
        &html! { table.samples {
            caption { (caption) }
            thead { tr {
                th scope="col" { "sample" } th scope="col" { "verdict" } th scope="col" { "target" }
                th scope="col" { "scenario" } th scope="col" { "item" } th scope="col" { "rule" }
                th.number scope="col" { "first token" } th.number scope="col" { "whole" }
                th.number scope="col" { "cost" } th scope="col" { "run" }
            } }
            tbody { @for row in rows { tr {
                th scope="row" { a href={ "/samples/" (row.position) } { (row.position) } }
                td { (verdict(row.verdict)) }
                td { (target_link(row.target.as_str())) }
                td { bdi { (row.scenario) } }
                td { bdi { (short(row.item.as_str())) } @if row.repeat > 0 { " (again, " (row.repeat) ")" } }
                td { a href={ "/samples?rule=" (encoded(row.rule)) } { code { (short(row.rule)) } } }
                td.number { (time(row.first)) }
                td.number { (time(row.whole)) }
                td.number { (cost(row)) }
                td { (run_link(&row.run_name)) span.range { (instant(row.at_unix_ms)) } }
            } } }
        } },
    )
}
