//! `/runs/NAME`: a run while it goes on and after: how far it is, what it has cost, its figures, what is wrong with them, and
//! what failed last.

use super::figures::target_link;
use super::layout::{LIVE, Page, Way};
use super::overview::{phase, progress, refresh};
use super::parts::{drawn, encoded, price, spent, wide};
use super::samples::found_table;
use crate::api::{Phase, RunState};
use crate::export::report::{Report, boards, duration, heading, instant, matrix, strata, tables};
use crate::store::Found;
use maud::{Markup, html};

/// Renders the page; `failed` are the last samples that brought no answer, none where samples are not shown.
pub(in crate::api) fn render(run: &RunState, reports: &[Report], failed: Option<&[Found]>) -> String {
    let running = run.phase == Phase::Running;
    let mut own: Vec<&Report> = reports.iter().filter(|report| report.run == run.name).collect();
    own.sort_by_key(|report| std::cmp::Reverse(report.started_unix_ms));
    let title = format!("Run {}", run.name);
    let body = html! {
        div id="state" data-live { (state(run)) }
        div id="figures" data-live {
            @for (at, report) in own.iter().enumerate() { (section(report, at)) }
            @if own.is_empty() { p { "It has not been executed yet, or nothing is known of it any more." } }
        }
        section id="failures" data-live aria-labelledby="failed" {
            h2 id="failed" { "Last failures" }
            @match failed {
                None => p { "Samples are not shown here (" code { "[server] samples" } ")." },
                Some([]) => p { "None among the newest samples." },
                Some(rows) => {
                    (found_table("the newest samples that brought no answer", rows))
                    p { a href={ "/samples?run=" (encoded(&run.name)) "&verdict=failed" } { "All failures of this run" } }
                }
            }
        }
        p { a href={ "/samples?run=" (encoded(&run.name)) } { "Samples of this run" } }
    };
    let (way, above, refresh) = (Some(Way::Overview), &[("/", "Overview")], refresh(running));
    Page { title: &title, way, above, scripts: &[LIVE], refresh, body, ..Page::default() }.render()
}

fn state(run: &RunState) -> Markup {
    let RunState { name, phase: now, done, total, spent: so_far, budget, .. } = run;
    let left = run.targets.iter().filter_map(|target| target.seconds_left).fold(0.0, f64::max);
    html! {
        dl.cards {
            div.card { dt { "Now" } dd { (phase(*now))
                @if *now == Phase::Running && left > 0.0 { small { "about " (duration(milliseconds(left))) " left at the pace so far" } } } }
            @if *total > 0 {
                div.card { dt { "Progress" } dd { (progress(&format!("progress of {name}"), *done, *total)) } }
            }
            div.card { dt { "Spent in this execution" } dd { (spent(*so_far, *budget))
                @if budget.is_none() { small { "no limit of its own" } } } }
            @if let Some(result) = &run.last_result {
                div.card { dt { "Last result" } dd { (result) @if let Some(at) = run.last_finished_unix_ms { small { (instant(at)) } } } }
            }
            @if let Some(next) = run.next_unix_ms { div.card { dt { "Next" } dd { (instant(next)) } } }
        }
        @if !run.targets.is_empty() { (targets(run)) }
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a display value, from 0 and saturating")]
fn milliseconds(seconds: f64) -> u64 {
    (seconds * 1e3) as u64
}

fn targets(run: &RunState) -> Markup {
    let caption = "targets of this execution";
    wide(
        caption,
        &html! { table {
            caption { (caption) }
            thead { tr {
                th scope="col" { "target" } th scope="col" { "progress" } th.number scope="col" { "correct" }
                th.number scope="col" { "failed" } th.number scope="col" { "spent" }
            } }
            tbody { @for target in &run.targets { tr {
                th scope="row" { (target_link(&target.name)) }
                td { (progress(&format!("progress of {}", target.name), target.done, target.total)) }
                td.number { (target.correct) }
                td.number { (target.failed) }
                td.number { (price(target.spent)) }
            } } }
        } },
    )
}

/// The figures of one execution; `at` tells its tables apart from another's.
fn section(report: &Report, at: usize) -> Markup {
    let caveats = report.caveats();
    html! {
        section aria-labelledby={ "run-" (at) } {
            h2 id={ "run-" (at) } { (heading(report)) }
            @if !caveats.is_empty() {
                h3 { "What to know" }
                ul { @for caveat in &caveats { li { (caveat) } } }
            }
            @if report.rows.is_empty() { p { "Nothing was measured." } }
            @let all = [tables(report), boards(report), matrix(report), strata(report)];
            @for table in all.iter().flatten() { (drawn(&table.title, table)) }
            @if !report.rows.is_empty() {
                details open[true] id={ "definitions-" (at) } {
                    summary { "Definitions" }
                    ul { @for definition in &report.definitions() { li { (definition) } } }
                }
            }
        }
    }
}
