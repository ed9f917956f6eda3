//! `/matrix`: one figure of every target, by scenario, by domain, or by domain and capability, as a table that can be switched by
//! plain links.

use super::figures::{accuracy, in_micro, latency, newest, nothing, number, per_correct, target_link};
use super::layout::{LIVE, Page, Way};
use super::parts::wide;
use crate::board::{Figures, Place};
use crate::domain::{Name, Verdict};
use crate::export::report::{Report, percent};
use maud::{Markup, html};
use std::collections::{BTreeMap, BTreeSet};

/// What the rows are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::api) enum By {
    Scenario,
    Domain,
    Capability,
}

impl By {
    pub(in crate::api) const ALL: [(Self, &'static str); 3] =
        [(Self::Scenario, "scenario"), (Self::Domain, "domain"), (Self::Capability, "capability")];
}

/// What the cells hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::api) enum Figure {
    Accuracy,
    Cost,
    FirstToken,
    Energy,
}

impl Figure {
    pub(in crate::api) const ALL: [(Self, &'static str); 4] = [
        (Self::Accuracy, "accuracy"),
        (Self::Cost, "cost per correct"),
        (Self::FirstToken, "first token"),
        (Self::Energy, "joules per correct"),
    ];

    /// The word in an address.
    pub(in crate::api) const fn word(self) -> &'static str {
        match self {
            Self::Accuracy => "accuracy",
            Self::Cost => "cost",
            Self::FirstToken => "first-token",
            Self::Energy => "energy",
        }
    }
}

/// A row's head and its cells by target.
type Rows = BTreeMap<Vec<String>, BTreeMap<Name, Markup>>;

/// Renders the page; `order` is that of the plan's targets.
pub(in crate::api) fn render(reports: &[Report], order: &[String], by: By, figure: Figure) -> String {
    let figure = if by == By::Capability { Figure::Accuracy } else { figure };
    let rows = rows(reports, by, figure);
    let present: BTreeSet<&Name> = rows.values().flat_map(BTreeMap::keys).collect();
    let mut targets: Vec<&Name> = present.into_iter().collect();
    targets.sort_by_key(|name| order.iter().position(|other| other == name.as_str()).unwrap_or(usize::MAX));
    let body = html! {
        p.lead { "The newest figures of every target; the range below a figure holds the truth with 95 % certainty." }
        (tabs(by, figure))
        div id="matrix" data-live {
            @if rows.is_empty() { p { "Nothing has been measured yet." } } @else { (table(&rows, &targets, by, figure)) }
        }
        @if by == By::Capability { p.soft { "By capability there is accuracy only." } }
    };
    let (way, refresh) = (Some(Way::Matrix), Some(60));
    Page { title: "Matrix", way, is_entry: true, scripts: &[LIVE], refresh, body, ..Page::default() }.render()
}

fn tabs(by: By, figure: Figure) -> Markup {
    let path = |by: &str, figure: Figure| format!("/matrix?by={by}&show={}", figure.word());
    let here = By::ALL.iter().find(|(other, _)| *other == by).map_or("scenario", |(_, word)| word);
    html! {
        nav aria-label="Rows" { ul.tabs { @for (other, word) in By::ALL {
            li { a href=(path(word, figure)) aria-current=[(other == by).then_some("true")] { "by " (word) } }
        } } }
        @if by != By::Capability {
            nav aria-label="Figure" { ul.tabs { @for (other, word) in Figure::ALL {
                li { a href=(path(here, other)) aria-current=[(other == figure).then_some("true")] { (word) } }
            } } }
        }
    }
}

fn rows(reports: &[Report], by: By, figure: Figure) -> Rows {
    let mut rows = Rows::new();
    if by == By::Capability {
        capabilities(reports, &mut rows);
        return rows;
    }
    let newest = newest(reports, |row| row.domain.is_some() == (by == By::Domain));
    let micro = in_micro(newest.iter().map(|(_, row)| *row));
    for (_, row) in newest {
        let head = [Some(row.scenario.to_string()), row.domain.clone()].into_iter().flatten().collect();
        rows.entry(head).or_default().insert(row.target.clone(), cell(row, figure, micro));
    }
    rows
}

fn cell(row: &Figures, figure: Figure, micro: bool) -> Markup {
    match figure {
        Figure::Accuracy => accuracy(row),
        Figure::Cost => per_correct(row, micro),
        Figure::FirstToken => latency(row.first_token),
        Figure::Energy => number(row.joules_per_correct()),
    }
}

/// Cells of domain and capability: of each the newest report that has it, and of several provenances the one of most items.
fn capabilities(reports: &[Report], rows: &mut Rows) {
    let mut best = BTreeMap::new();
    for report in reports {
        for stratum in &report.strata {
            let Place::Cell { domain, capability } = &stratum.place else { continue };
            let head = vec![stratum.scenario.to_string(), domain.to_string(), capability.to_string()];
            let rank = (report.complete, report.started_unix_ms, stratum.items);
            let taken = best.entry((head, stratum.target.clone())).or_insert((rank, stratum));
            if rank > taken.0 {
                *taken = (rank, stratum);
            }
        }
    }
    for ((head, target), (_, stratum)) in best {
        let graded: u64 =
            Verdict::ALL.iter().zip(stratum.verdicts).filter(|(v, _)| v.is_graded()).map(|(_, n)| n).sum();
        let shown = match stratum.accuracy {
            Some(i) => html! {
                (percent(i.estimate)) " %"
                span.range { (percent(i.lower)) "–" (percent(i.upper)) ", n " (graded) }
            },
            None => nothing(),
        };
        rows.entry(head).or_default().insert(target, shown);
    }
}

fn table(rows: &Rows, targets: &[&Name], by: By, figure: Figure) -> Markup {
    let heads = match by {
        By::Scenario => &["scenario"][..],
        By::Domain => &["scenario", "domain"],
        By::Capability => &["scenario", "domain", "capability"],
    };
    let word = Figure::ALL.iter().find(|(other, _)| *other == figure).map_or("", |(_, word)| word);
    let caption = format!("{word} by {} and target", heads.join(", "));
    wide(
        &caption,
        &html! { table {
            caption { (caption) }
            thead { tr {
                @for head in heads { th scope="col" { (head) } }
                @for target in targets { th.number scope="col" { (target_link(target.as_str())) } }
            } }
            tbody { @for (head, cells) in rows { tr {
                @for (at, part) in head.iter().enumerate() {
                    @if at + 1 == head.len() { th scope="row" { bdi { (part) } } } @else { td { bdi { (part) } } }
                }
                @for target in targets {
                    td.number { @match cells.get(*target) { Some(cell) => (cell), None => (nothing()) } }
                }
            } } }
        } },
    )
}
