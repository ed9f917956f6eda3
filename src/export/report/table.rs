//! The result tables as cells: what the terminal and the page both show.

use super::causes::causes;
use super::energy::energy;
use super::hardware::hardware;
use super::speed::{probes, speed};
use super::words::{INVALID, NOTHING, Unit, percent, significant};
use super::{Report, total};
use crate::board::{Figures, Latency};
use crate::domain::Verdict;
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

/// A column's head.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its words, on one line or two.
    pub head: String,
    /// Whether it holds numbers, which align to the right.
    pub number: bool,
}

impl Column {
    pub(in crate::export) fn text(head: impl Into<String>) -> Self {
        Self { head: head.into(), number: false }
    }

    pub(in crate::export) fn number(head: impl Into<String>) -> Self {
        Self { head: head.into(), number: true }
    }
}

/// A table of texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// What it is about.
    pub title: String,
    /// The columns; the first names the row.
    pub columns: Vec<Column>,
    /// The cells, on one line or two.
    pub rows: Vec<Vec<String>>,
}

/// The tables for each scenario of a report, in the order of their names: results, and where there is any, speed, cost by
/// cause, energy. Rows by cost per correct answer, cheapest first, what has no cost last.
#[must_use]
pub fn tables(report: &Report) -> Vec<Table> {
    let mut scenarios: BTreeMap<&str, Vec<&Figures>> = BTreeMap::new();
    for row in report.rows.iter().filter(|f| f.is_whole()) {
        scenarios.entry(row.scenario.as_str()).or_default().push(row);
    }
    let both = |(scenario, mut rows): (&str, Vec<&Figures>)| {
        rows.sort_by(|a, b| order(a, b));
        let names = names(&rows);
        let tables = [speed, causes, energy].map(|table| table(scenario, &rows, &names));
        [Some(table(scenario, &rows, &names))].into_iter().chain(tables).flatten().collect::<Vec<_>>()
    };
    scenarios.into_iter().flat_map(both).chain(hardware(report)).chain(probes(report)).collect()
}

/// What each row is called: its target, with the provenance where one target has several, and with the mark of timing
/// that is not valid.
fn names(rows: &[&Figures]) -> Vec<String> {
    let apart = split_targets(rows);
    let name = |f: &&Figures| {
        let short: String = f.provenance.as_str().chars().take(6).collect();
        let provenance = if apart.contains(f.target.as_str()) { format!("@{short}") } else { String::new() };
        let mark = if f.validity.is_valid() { "" } else { INVALID };
        format!("{}{provenance}{mark}", f.target)
    };
    rows.iter().map(name).collect()
}

fn table(scenario: &str, rows: &[&Figures], names: &[String]) -> Table {
    let seconds = rows.iter().filter_map(|f| f.first_token.p99).filter(|p| p.is_finite()).any(|p| p >= 10.0);
    let unit = unit_of(rows);
    let columns = vec![
        Column::text("target"),
        Column::number("n"),
        Column::number("accuracy %\n(95 %)"),
        Column::number("un-\nparsed"),
        Column::number("re-\nfused"),
        Column::number("failed\n+unkn."),
        Column::number(if seconds { "TTFT s\np50/p99" } else { "TTFT ms\np50/p99" }),
        Column::number("tok/s"),
        Column::number("cost"),
        Column::number("cost per correct\n(95 %)"),
    ];
    let cells = rows.iter().zip(names).map(|(f, name)| {
        let verdict = |v: Verdict| short(count(f, v));
        vec![
            name.clone(),
            short(total(f)),
            accuracy(f),
            verdict(Verdict::Unparsed),
            verdict(Verdict::Refused),
            failed(f),
            latency(f.first_token, seconds),
            f.tokens_per_second.filter(|x| x.is_finite()).map_or_else(|| NOTHING.to_owned(), |x| significant(x, 3)),
            cost(f),
            per_correct(f, unit.unwrap_or_else(|| own_unit(f))),
        ]
    });
    Table { title: format!("scenario {scenario}"), rows: cells.collect(), columns }
}

/// Cheapest per correct answer first; then what never was right, then what has no price; ties by accuracy and name.
fn order(a: &Figures, b: &Figures) -> Ordering {
    let cost = |f: &Figures| (f.per_correct.is_none(), f.cost_estimate().unwrap_or(f64::INFINITY));
    let accuracy = |f: &Figures| f.accuracy.map_or(0.0, |a| a.estimate);
    let ((a_none, a_cost), (b_none, b_cost)) = (cost(a), cost(b));
    a_none
        .cmp(&b_none)
        .then(a_cost.total_cmp(&b_cost))
        .then(accuracy(b).total_cmp(&accuracy(a)))
        .then_with(|| (&a.target, &a.provenance).cmp(&(&b.target, &b.provenance)))
}

/// Targets that have rows of more than one provenance.
fn split_targets<'a>(rows: &[&'a Figures]) -> BTreeSet<&'a str> {
    let mut seen = BTreeSet::new();
    rows.iter().map(|f| f.target.as_str()).filter(|target| !seen.insert(*target)).collect()
}

pub(super) fn count(f: &Figures, verdict: Verdict) -> u64 {
    Verdict::ALL.iter().zip(f.verdicts).find(|(v, _)| **v == verdict).map_or(0, |(_, n)| n)
}

/// A count; from 100,000 on in thousands or millions, so that it stays within five columns.
#[expect(clippy::cast_precision_loss, reason = "three digits are shown")]
fn short(n: u64) -> String {
    match n {
        0..100_000 => n.to_string(),
        100_000..999_500 => format!("{}k", significant(n as f64 / 1e3, 3)),
        _ => format!("{}M", significant(n as f64 / 1e6, 3)),
    }
}

fn accuracy(f: &Figures) -> String {
    f.accuracy.map_or_else(
        || if count(f, Verdict::Ungraded) > 0 { "not graded" } else { NOTHING }.to_owned(),
        |i| format!("{} ({}–{})", percent(i.estimate), percent(i.lower), percent(i.upper)),
    )
}

/// `3`, or `3+1` where one more is unknown.
fn failed(f: &Figures) -> String {
    match count(f, Verdict::Unknown) {
        0 => short(count(f, Verdict::Failed)),
        unknown => format!("{}+{}", short(count(f, Verdict::Failed)), short(unknown)),
    }
}

pub(super) fn latency(quantiles: Latency, seconds: bool) -> String {
    if quantiles == Latency::default() {
        return NOTHING.to_owned();
    }
    let scale = if seconds { 1.0 } else { 1e3 };
    let shown = |q: Option<f64>| q.map_or_else(|| NOTHING.to_owned(), |s| significant(s * scale, 3));
    format!("{}/{}", shown(quantiles.p50), shown(quantiles.p99))
}

/// The known cost; `≥` where something is on top of it that is not known.
fn cost(f: &Figures) -> String {
    if f.unpriced > 0 && f.cost.total().is_zero() {
        return "unpriced".to_owned();
    }
    let known = Unit::Usd.signed(f.cost.total().usd());
    if f.unpriced > 0 || f.unknown.0 > 0 { format!("≥{known}") } else { known }
}

fn per_correct(f: &Figures, unit: Unit) -> String {
    let at_least = |low: f64| format!("≥ {}", unit.signed(low));
    match (f.cost_estimate(), f.cost_lower(), f.cost_upper()) {
        (None, ..) if f.unpriced > 0 => "unpriced".to_owned(),
        (None, ..) => NOTHING.to_owned(),
        (Some(x), Some(low), _) if x.is_infinite() && low <= 0.0 => "∞".to_owned(),
        (Some(x), Some(low), _) if x.is_infinite() => format!("∞ ({})", at_least(low)),
        (Some(x), Some(low), Some(high)) => format!("{} ({}–{})", unit.signed(x), unit.bare(low), unit.bare(high)),
        // Too few correct answers: the estimate alone would promise what it can't keep.
        (Some(_), Some(low), None) => at_least(low),
        (Some(x), None, _) => unit.signed(x),
    }
}

/// One unit for the whole column, so that rows compare at a glance: dollars, unless they would be mostly zeros. Where
/// amounts lie too far apart for either, none: each row has its own.
fn unit_of(rows: &[&Figures]) -> Option<Unit> {
    let width = |unit| rows.iter().map(|f| per_correct(f, unit).chars().count()).max().unwrap_or(0);
    let (usd, micro) = (width(Unit::Usd), width(Unit::MicroUsd));
    match (usd <= 30, micro <= 30) {
        (true, _) => Some(Unit::Usd),
        (false, true) => Some(Unit::MicroUsd),
        (false, false) => None,
    }
}

fn own_unit(f: &Figures) -> Unit {
    if f.cost_estimate().is_some_and(|x| x < 1e-4) { Unit::MicroUsd } else { Unit::Usd }
}
