//! Who is good at what: accuracy by target and domain.

use super::table::{Column, Table};
use super::words::{NOTHING, percent};
use super::{Report, total};
use crate::board::Figures;
use crate::domain::{Name, Verdict};
use crate::stats::Interval;
use std::collections::{BTreeMap, BTreeSet};

/// One matrix for each scenario that has rows by domain. A cell holds the accuracy in per cent with half its interval,
/// and the number of graded answers; a census is marked † and has no interval.
#[must_use]
pub fn matrix(report: &Report) -> Vec<Table> {
    let mut scenarios: BTreeMap<&Name, Vec<(&str, &Figures)>> = BTreeMap::new();
    for row in &report.rows {
        if let Some(domain) = &row.domain {
            scenarios.entry(&row.scenario).or_default().push((domain, row));
        }
    }
    scenarios.into_iter().map(|(scenario, rows)| of_scenario(report, scenario, &rows)).collect()
}

fn of_scenario(report: &Report, scenario: &Name, rows: &[(&str, &Figures)]) -> Table {
    let domains: BTreeSet<&str> = rows.iter().map(|(domain, _)| *domain).collect();
    let mut by_place: BTreeMap<(&Name, &str), &Figures> = BTreeMap::new();
    for (domain, row) in rows {
        // Of several provenances the one with the most samples stands for the target.
        let shown = by_place.entry((&row.target, domain)).or_insert(row);
        if total(row) > total(shown) {
            *shown = row;
        }
    }
    let targets: BTreeSet<&Name> = rows.iter().map(|(_, row)| &row.target).collect();
    let cells = |target: &Name| {
        let of_domain = |domain: &&str| match by_place.get(&(target, *domain)) {
            Some(row) => cell(row, report.is_census(row)),
            None => NOTHING.to_owned(),
        };
        [target.to_string()].into_iter().chain(domains.iter().map(of_domain)).collect()
    };
    let heads = domains.iter().map(|domain| Column::number(*domain));
    Table {
        title: format!("scenario {scenario}: accuracy % by domain, n graded, 95 % interval"),
        columns: [Column::text("target")].into_iter().chain(heads).collect(),
        rows: targets.into_iter().map(cells).collect(),
    }
}

fn cell(row: &Figures, census: bool) -> String {
    let Some(Interval { estimate: p, lower: low, upper: high }) = row.accuracy else { return NOTHING.to_owned() };
    let graded: u64 = Verdict::ALL.iter().zip(row.verdicts).filter(|(v, _)| v.is_graded()).map(|(_, n)| n).sum();
    if census {
        format!("{} n {graded}\n†", percent(p))
    } else {
        format!("{} n {graded}\n({}–{})", percent(p), percent(low), percent(high))
    }
}
