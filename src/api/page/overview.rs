//! `/`: whether all is well, what runs, what the day has cost, and the newest figures of every target.

use super::figures::{newest, run_link, table, target_link};
use super::layout::{LIVE, Page, Way};
use super::parts::{spent, wide};
use crate::api::{Phase, RunState, Status};
use crate::board::Figures;
use crate::export::report::{Report, instant};
use maud::{Markup, html};

/// Seconds until a page is loaded again where scripts are off: while a run goes on, and else.
pub(super) const fn refresh(running: bool) -> Option<u32> {
    Some(if running { 5 } else { 60 })
}

/// Renders the page. `targets` are those of the plan, in its order.
pub(in crate::api) fn render(
    status: &Status,
    ready: &Result<(), String>,
    reports: &[Report],
    targets: &[String],
) -> String {
    let running = status.runs.iter().any(|run| run.phase == Phase::Running);
    let mut rows = newest(reports, Figures::is_whole);
    rows.sort_by_key(|(_, row)| targets.iter().position(|name| name == row.target.as_str()).unwrap_or(usize::MAX));
    let body = html! {
        div id="health" data-live { (health(status, ready)) }
        div id="now" data-live {
            (cards(status))
            h2 { "Runs" }
            (runs(status))
            h2 { "Newest figures" }
            @if rows.is_empty() { p { "Nothing has been measured yet." } }
            @else {
                (table("of each target and scenario; ranges hold the truth with 95 % certainty", &rows, false))
                p.soft { "Accuracy: correct / (correct + wrong + unparsed + refused). Cost per correct: cost of all attempts / "
                    "correct answers. First token: median, successes only. Definitions are with each run." }
            }
            @let missing: Vec<&String> =
                targets.iter().filter(|name| rows.iter().all(|(_, row)| row.target.as_str() != name.as_str())).collect();
            @if !missing.is_empty() {
                p { "Not measured yet: "
                    @for (at, name) in missing.iter().enumerate() { @if at > 0 { ", " } (target_link(name)) } }
            }
        }
    };
    let refresh = refresh(running);
    let (way, scripts) = (Some(Way::Overview), &[LIVE]);
    Page { title: "Overview", way, is_entry: true, scripts, refresh, body, ..Page::default() }.render()
}

/// What is to be looked at, first; or that all is well.
fn health(status: &Status, ready: &Result<(), String>) -> Markup {
    html! {
        @if ready.is_err() || !status.problems.is_empty() {
            section.alert aria-labelledby="look" {
                h2 id="look" { "Look at this" }
                ul {
                    @if let Err(reason) = ready { li { "not ready: " (reason) } }
                    @for problem in &status.problems { li { (problem) } }
                }
            }
        } @else {
            div.well { p { "All is well: the store takes what is recorded, and every target that was asked last answered." } }
        }
    }
}

fn cards(status: &Status) -> Markup {
    let of = |phase: Phase| status.runs.iter().filter(|run| run.phase == phase).count();
    let next = status.runs.iter().filter_map(|run| run.next_unix_ms).min();
    html! {
        dl.cards {
            div.card { dt { "Spent today (UTC), all runs" } dd { (spent(status.spent_today, status.per_day))
                @if status.per_day.is_none() { small { "no limit a day" } } } }
            div.card { dt { "Runs that go on" } dd { (of(Phase::Running)) small { (of(Phase::Waiting)) " wait, " (of(Phase::Over)) " over" } } }
            @if let Some(next) = next { div.card { dt { "Next run" } dd { (instant(next)) } } }
        }
    }
}

fn runs(status: &Status) -> Markup {
    let caption = "every run of the configuration";
    wide(
        caption,
        &html! { table {
            caption { (caption) }
            thead { tr {
                th scope="col" { "run" } th scope="col" { "now" } th scope="col" { "progress" }
                th.number scope="col" { "spent" } th scope="col" { "last result" } th scope="col" { "next" }
            } }
            tbody { @for run in &status.runs { (row(run)) } }
        } },
    )
}

/// What a phase is called on pages.
pub(super) const fn phase(phase: Phase) -> &'static str {
    match phase {
        Phase::Waiting => "waits",
        Phase::Running => "runs",
        Phase::Over => "over",
    }
}

/// How far something is, for eyes and for ears.
pub(super) fn progress(label: &str, done: u64, total: u64) -> Markup {
    html! { @if total > 0 { progress value=(done) max=(total) aria-label=(label) {} " " (done) " of " (total) } }
}

fn row(run: &RunState) -> Markup {
    let RunState {
        name,
        phase: now,
        done,
        total,
        spent: so_far,
        budget,
        last_result,
        last_finished_unix_ms,
        next_unix_ms,
        targets: _,
    } = run;
    let at = |unix_ms: &Option<i64>| unix_ms.map(instant).unwrap_or_default();
    html! {
        tr {
            th scope="row" { (run_link(name)) }
            td { (phase(*now)) }
            td { (progress(&format!("progress of {name}"), *done, *total)) }
            td.number { (spent(*so_far, *budget)) }
            td { @if let Some(result) = last_result { (result) " " (at(last_finished_unix_ms)) } }
            td { (at(next_unix_ms)) }
        }
    }
}
