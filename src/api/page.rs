//! The status page: what runs, what it costs, and the tables of the last reports. Plain HTML: no script, nothing loaded.

use super::{Phase, RunState, Status};
use crate::domain::Money;
use crate::export::report::{Report, Table, boards, heading, instant, matrix, strata, tables, usd};
use axum::http::HeaderValue;
use base64::Engine as _;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest as _, Sha256};
use std::sync::LazyLock;

const STYLE: &str = include_str!("page.css");

/// What the page may do: use its own style sheet, known by its hash, and nothing else.
pub(super) static POLICY: LazyLock<HeaderValue> = LazyLock::new(|| {
    let hash = base64::engine::general_purpose::STANDARD.encode(Sha256::digest(STYLE));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    HeaderValue::from_str(&policy).unwrap_or(HeaderValue::from_static("default-src 'none'"))
});

/// Renders the page.
pub(super) fn render(status: &Status, ready: &Result<(), String>, reports: &[Report]) -> String {
    let running = status.runs.iter().any(|r| r.phase == Phase::Running);
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta http-equiv="refresh" content=(if running { "5" } else { "60" });
                title { "assayd" }
                style { (PreEscaped(STYLE)) }
            }
            body {
                header {
                    h1 { "assayd" }
                    p { "what one correct answer costs" }
                }
                main {
                    (problems(status, ready))
                    (runs(status))
                    @for report in reports { (section(report)) }
                    @if reports.is_empty() { p { "No run has ended yet." } }
                }
                footer {
                    a href="/metrics" { "metrics" } " · " a href="/api/v1/report" { "report as JSON" } " · "
                    "assayd " (env!("CARGO_PKG_VERSION"))
                }
            }
        }
    };
    page.into_string()
}

fn problems(status: &Status, ready: &Result<(), String>) -> Markup {
    html! {
        @if ready.is_err() || !status.problems.is_empty() {
            section.problems role="alert" {
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

fn spent(amount: Money, limit: Option<Money>) -> String {
    let amount = usd(amount.usd());
    match limit {
        Some(limit) => format!("{amount} of {}", usd(limit.usd())),
        None => amount,
    }
}

fn section(report: &Report) -> Markup {
    html! {
        section {
            h2 { (heading(report)) }
            @if report.rows.is_empty() { p { "Nothing was measured." } }
            @let all = [tables(report), boards(report), matrix(report), strata(report)];
            @for table in all.iter().flatten() { (drawn(table)) }
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

fn drawn(table: &Table) -> Markup {
    let Table { title, columns, rows } = table;
    html! {
        div.wide { table {
            caption { (title) }
            thead { tr {
                @for column in columns { th.number[column.number] scope="col" { (lines(&column.head)) } }
            } }
            tbody { @for cells in rows {
                tr {
                    @for (column, cell) in columns.iter().zip(cells) {
                        @if column.number { td.number { (lines(cell)) } } @else { th scope="row" { (lines(cell)) } }
                    }
                }
            } }
        } }
    }
}

/// A head or cell of two lines; a word that is parted at the end of the first is put together again, since a page has
/// room.
fn lines(text: &str) -> Markup {
    let text = text.replace("-\n", "");
    html! {
        @for (at, line) in text.lines().enumerate() {
            @if at > 0 { br; }
            (line)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy_knows_the_style_sheet_and_allows_no_script() {
        let policy = POLICY.to_str().unwrap();
        assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");
        let page = render(&Status::default(), &Ok(()), &[]);
        assert!(page.contains(&format!("<style>{STYLE}</style>")));
        assert!(!page.contains("<script") && !page.contains(" style="));
    }
}
