//! Who is good at what: accuracy by target and domain, and by what else items differ in.

use super::table::{Column, Table};
use super::words::{NOTHING, percent};
use super::{Report, total};
use crate::board::{Figures, Place, Stratum};
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

/// Cells of a scenario's strata that are shown to people at the most; records have them all.
const SHOWN: usize = 60;

/// One table for each scenario whose items differ in more than their domain: columns are the strata of every cut that has
/// several, with the share of the items that is in them. Several capabilities of one domain are needed for a matrix of both.
#[must_use]
pub fn strata(report: &Report) -> Vec<Table> {
    let mut scenarios: BTreeMap<&Name, Vec<&Stratum>> = BTreeMap::new();
    for stratum in &report.strata {
        scenarios.entry(&stratum.scenario).or_default().push(stratum);
    }
    scenarios.into_iter().filter_map(|(scenario, all)| strata_of(scenario, &all)).collect()
}

fn strata_of(scenario: &Name, all: &[&Stratum]) -> Option<Table> {
    let places: BTreeSet<&Place> = all.iter().map(|stratum| &stratum.place).collect();
    let several = |place: &Place| {
        let same = places.iter().filter(|other| other.cut() == place.cut());
        match place {
            // With one capability to each domain, the matrix by domain has said it.
            Place::Cell { .. } => {
                let domains: BTreeSet<_> = same.clone().filter_map(|other| other.labels().first().copied()).collect();
                domains.len() < same.count()
            }
            _ => same.count() > 1,
        }
    };
    let shown: Vec<&Place> = places.iter().copied().filter(|place| several(place)).collect();
    let targets: BTreeSet<&Name> = all.iter().map(|stratum| &stratum.target).collect();
    if shown.is_empty() || shown.len() * targets.len() > SHOWN {
        return None;
    }
    // Of several provenances the one with the most items stands for the target.
    let of = |target: &Name, place: &Place| {
        let there = all.iter().filter(|stratum| stratum.target == *target && stratum.place == *place);
        there.max_by_key(|stratum| stratum.items)
    };
    let row = |target: &Name| {
        let cell = |place: &&Place| {
            of(target, place).map_or_else(
                || NOTHING.to_owned(),
                |stratum| {
                    let weight = format!("{} % of items", percent(stratum.weight));
                    format!("{}\n{weight}", accuracy(stratum.accuracy, &stratum.verdicts, false).replace('\n', " "))
                },
            )
        };
        [target.to_string()].into_iter().chain(shown.iter().map(cell)).collect()
    };
    let heads = shown.iter().map(|place| Column::number(place.labels().join("\n")));
    Some(Table {
        title: format!("scenario {scenario}: accuracy % by stratum, n graded, 95 % interval, weight"),
        columns: [Column::text("target")].into_iter().chain(heads).collect(),
        rows: targets.into_iter().map(row).collect(),
    })
}

fn cell(row: &Figures, census: bool) -> String {
    accuracy(row.accuracy, &row.verdicts, census)
}

fn accuracy(accuracy: Option<Interval>, verdicts: &[u64], census: bool) -> String {
    let Some(Interval { estimate: p, lower: low, upper: high }) = accuracy else { return NOTHING.to_owned() };
    let graded: u64 = Verdict::ALL.iter().zip(verdicts).filter(|(v, _)| v.is_graded()).map(|(_, n)| n).sum();
    if census {
        format!("{} n {graded}\n†", percent(p))
    } else {
        format!("{} n {graded}\n({}–{})", percent(p), percent(low), percent(high))
    }
}
