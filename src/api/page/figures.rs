//! The newest figures of every target and scenario, and how a figure with its interval looks on a page.

use super::parts::{encoded, is_micro, money, wide};
use crate::board::{Figures, Latency};
use crate::domain::{Name, Verdict};
use crate::export::report::{Report, percent, significant};
use maud::{Markup, html};
use std::collections::BTreeMap;

/// What stands where nothing was measured; said aloud, where it is read.
pub(super) fn nothing() -> Markup {
    html! { span aria-hidden="true" { "–" } span.unseen { "not measured" } }
}

/// Rows of one cut, of every target, scenario and domain the newest: of a run that got through before one that did not, and of
/// several provenances of a run the one with the most samples.
pub(super) fn newest(reports: &[Report], cut: impl Fn(&Figures) -> bool) -> Vec<(&Report, &Figures)> {
    let mut best: BTreeMap<(&Name, &Name, Option<&str>), (&Report, &Figures)> = BTreeMap::new();
    let rank = |report: &Report, row: &Figures| (report.complete, report.started_unix_ms, row.samples());
    for report in reports {
        for row in report.rows.iter().filter(|row| row.split.is_none() && cut(row)) {
            let place = (&row.target, &row.scenario, row.domain.as_deref());
            let taken = best.entry(place).or_insert((report, row));
            if rank(report, row) > rank(taken.0, taken.1) {
                *taken = (report, row);
            }
        }
    }
    best.into_values().collect()
}

/// A figure, and the range that holds the truth with 95 % below it.
fn ranged(figure: &str, range: &str) -> Markup {
    html! { (figure) span.range { (range) } }
}

pub(super) fn accuracy(row: &Figures) -> Markup {
    match row.accuracy {
        Some(i) => ranged(
            &format!("{} %", percent(i.estimate)),
            &format!("{}–{}, n {}", percent(i.lower), percent(i.upper), row.graded()),
        ),
        None if row.count(Verdict::Ungraded) > 0 => html! { "not graded" },
        None => nothing(),
    }
}

/// Whether costs per correct answer of these rows are shown in millionths of a dollar: one unit for all, so that they compare
/// at a glance.
pub(super) fn in_micro<'a>(rows: impl Iterator<Item = &'a Figures>) -> bool {
    rows.filter_map(Figures::cost_estimate).any(is_micro)
}

pub(super) fn per_correct(row: &Figures, micro: bool) -> Markup {
    let shown = |amount: f64| money(amount, micro);
    match (row.cost_estimate(), row.cost_lower(), row.cost_upper()) {
        (None, ..) if row.unpriced > 0 => html! { "unpriced" },
        (None, ..) => nothing(),
        (Some(x), Some(low), _) if x.is_infinite() => ranged("∞", &format!("at least {}", shown(low))),
        (Some(x), Some(low), Some(high)) => ranged(&shown(x), &format!("{}–{}", shown(low), shown(high))),
        (Some(_), Some(low), None) => ranged(&format!("≥ {}", shown(low)), "too few correct answers"),
        (Some(x), None, _) => html! { (shown(x)) },
    }
}

/// Median and p99 in ms, or in s where it takes long.
pub(super) fn latency(quantiles: Latency) -> Markup {
    let Latency { p50: Some(p50), p99 } = quantiles else { return nothing() };
    let (scale, unit) = if p50 >= 10.0 { (1.0, "s") } else { (1e3, "ms") };
    let shown = |x: f64| significant(x * scale, 3);
    ranged(&format!("{} {unit}", shown(p50)), &p99.map_or_else(String::new, |p99| format!("p99 {} {unit}", shown(p99))))
}

pub(super) fn number(x: Option<f64>) -> Markup {
    x.filter(|x| x.is_finite()).map_or_else(nothing, |x| html! { (significant(x, 3)) })
}

/// The share of what was asked that brought an answer.
pub(super) fn availability(row: &Figures) -> Markup {
    let (answered, lost) = (row.answered(), row.count(Verdict::Failed) + row.count(Verdict::Unknown));
    match crate::stats::wilson(answered, answered + lost, crate::stats::Level::P95) {
        Some(i) => ranged(&format!("{} %", percent(i.estimate)), &format!("{} of {}", answered, answered + lost)),
        None => nothing(),
    }
}

/// A link to a run.
pub(super) fn run_link(name: &str) -> Markup {
    html! { a href={ "/runs/" (encoded(name)) } { bdi { (name) } } }
}

/// A link to a target.
pub(super) fn target_link(name: &str) -> Markup {
    html! { a href={ "/targets/" (encoded(name)) } { bdi { (name) } } }
}

/// The table of newest figures. Of a single target its own column is left out.
pub(super) fn table(caption: &str, rows: &[(&Report, &Figures)], of_one: bool) -> Markup {
    let micro = in_micro(rows.iter().map(|(_, row)| *row));
    let energy = rows.iter().any(|(_, row)| row.drawn.joules().is_some());
    wide(
        caption,
        &html! { table {
            caption { (caption) }
            thead { tr {
                @if !of_one { th scope="col" { "target" } }
                th scope="col" { "scenario" }
                th.number scope="col" { "accuracy" }
                th.number scope="col" { "cost per correct" }
                th.number scope="col" { "first token" }
                th.number scope="col" { "tokens/s" }
                @if energy { th.number scope="col" { "J per correct" } }
                th.number scope="col" { "answered" }
                th scope="col" { "run" }
            } }
            tbody { @for (report, row) in rows { tr {
                @if of_one {
                    th scope="row" { bdi { (row.scenario) } }
                } @else {
                    th scope="row" { (target_link(row.target.as_str())) }
                    td { bdi { (row.scenario) } }
                }
                td.number { (accuracy(row)) }
                td.number { (per_correct(row, micro)) }
                td.number {
                    (latency(row.first_token))
                    @if !row.validity.is_valid() { span.range { "timing not valid" } }
                }
                td.number { (number(row.tokens_per_second)) }
                @if energy { td.number { (number(row.joules_per_correct())) } }
                td.number { (availability(row)) }
                td { (run_link(&report.run)) span.range { (state(report)) } }
            } } }
        } },
    )
}

/// When a report's run ended, or that it did not.
fn state(report: &Report) -> String {
    match report.finished_unix_ms {
        Some(at) if report.complete => crate::export::report::instant(at),
        Some(at) => format!("{}, not complete", crate::export::report::instant(at)),
        None => "goes on".to_owned(),
    }
}
