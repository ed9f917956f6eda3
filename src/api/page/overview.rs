//! `/`: whether all is well, what runs, what it costs, and the tables of the last reports.

use super::layout::{LIVE, Page, Way};
use super::parts::{drawn, spent};
use crate::api::{Phase, RunState, Status};
use crate::export::report::{Report, boards, heading, instant, matrix, strata, tables};
use maud::{Markup, html};

/// Renders the page.
pub(in crate::api) fn render(status: &Status, ready: &Result<(), String>, reports: &[Report]) -> String {
    let running = status.runs.iter().any(|r| r.phase == Phase::Running);
    let body = html! {
        div id="now" data-live {
            (problems(status, ready))
            (runs(status))
            @for report in reports { (section(report)) }
            @if reports.is_empty() { p { "No run has ended yet." } }
        }
    };
    let refresh = Some(if running { 5 } else { 60 });
    Page {
        title: "Overview",
        way: Some(Way::Overview),
        is_entry: true,
        scripts: &[LIVE],
        refresh,
        body,
        ..Page::default()
    }
    .render()
}

fn problems(status: &Status, ready: &Result<(), String>) -> Markup {
    html! {
        @if ready.is_err() || !status.problems.is_empty() {
            section.alert role="alert" {
                h2 { "Look at this" }
                ul {
                    @if let Err(reason) = ready { li { "not ready: " (reason) } }
                    @for problem in &status.problems { li { (problem) } }
                }
            }
        }
    }
}

fn runs(status: &Status) -> Markup {
    html! {
        section {
            h2 { "Runs" }
            div.wide { table {
                thead { tr {
                    th scope="col" { "run" } th scope="col" { "now" } th scope="col" { "progress" }
                    th.number scope="col" { "spent" } th scope="col" { "last result" } th scope="col" { "next" }
                } }
                tbody { @for run in &status.runs { (state(run)) } }
            } }
            p { "Spent today (UTC), all runs: " (spent(status.spent_today, status.per_day)) }
        }
    }
}

fn state(run: &RunState) -> Markup {
    let RunState { name, phase, done, total, spent: so_far, budget, last_result, last_finished_unix_ms, next_unix_ms } =
        run;
    let now = match phase {
        Phase::Waiting => "waits",
        Phase::Running => "runs",
        Phase::Over => "over",
    };
    let at = |unix_ms: &Option<i64>| unix_ms.map(instant).unwrap_or_default();
    html! {
        tr {
            th scope="row" { (name) }
            td { (now) }
            td { @if *total > 0 { progress value=(done) max=(total) {} " " (done) " of " (total) } }
            td.number { (spent(*so_far, *budget)) }
            td { @if let Some(result) = last_result { (result) " " (at(last_finished_unix_ms)) } }
            td { (at(next_unix_ms)) }
        }
    }
}

fn section(report: &Report) -> Markup {
    html! {
        section {
            h2 { (heading(report)) }
            @if report.rows.is_empty() { p { "Nothing was measured." } }
            @let all = [tables(report), boards(report), matrix(report), strata(report)];
            @for table in all.iter().flatten() { (drawn(&format!("{}: {}", report.run, table.title), table)) }
            @let caveats = report.caveats();
            @if !caveats.is_empty() {
                ul.caveats { @for caveat in &caveats { li { (caveat) } } }
            }
            @if !report.rows.is_empty() {
                details open[true] {
                    summary { "Definitions" }
                    ul { @for definition in &report.definitions() { li { (definition) } } }
                }
            }
        }
    }
}
