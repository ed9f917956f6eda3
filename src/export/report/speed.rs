//! The table of speed: what was in flight, how fast it came, and how much of it was fast enough.

use super::table::{count, latency};
use super::words::{NOTHING, percent, significant};
use super::{Column, Report, Table};
use crate::board::{Attainment, Figures, Latency, Probes};
use crate::domain::Verdict;

/// One row for each of these, under the same names; none where nothing of them was timed.
pub(super) fn speed(scenario: &str, rows: &[&Figures], names: &[String]) -> Option<Table> {
    if rows.iter().all(|f| f.duration == Latency::default()) {
        return None;
    }
    // What no row has is no column.
    let failures = rows.iter().any(|f| count(f, Verdict::Failed) + count(f, Verdict::Unknown) > 0);
    let slo = rows.iter().any(|f| f.attainment.is_some());
    let slow = rows.iter().filter_map(|f| f.duration.p99).any(|p| p >= 10.0);
    let mut columns = vec![
        Column::text("target"),
        Column::number("in flight\nsteady"),
        Column::number("tok/s\nsteady"),
        Column::number("TPOT ms\np50/p99"),
        Column::number("gap ms\np50/p99"),
        Column::number(if slow { "whole s\np50/p99" } else { "whole ms\np50/p99" }),
    ];
    if failures {
        columns.push(Column::number("TTFT p99 ms\nfailed = ∞"));
    }
    if slo {
        columns.extend(["goodput\nper s", "good\nper s", "in SLO %\n(95 %)"].map(Column::number));
        columns.push(Column::number("goal"));
    }
    let number = |x: Option<f64>| x.map_or_else(|| NOTHING.to_owned(), |x| significant(x, 3));
    let cells = rows.iter().zip(names).map(|(f, name)| {
        let mut cells = vec![
            name.clone(),
            number(f.steady.map(|s| s.in_flight)),
            number(f.steady.map(|s| s.tokens_per_second)),
            latency(f.per_output_token, false),
            latency(f.inter_token, false),
            latency(f.duration, slow),
        ];
        if failures {
            cells.push(number(f.first_token_with_failures.p99.map(|s| s * 1e3)));
        }
        if slo {
            cells.extend([number(f.goodput), number(f.correct_goodput), share(f.attainment), goal(f.attainment)]);
        }
        cells
    });
    Some(Table { title: format!("scenario {scenario}, speed"), rows: cells.collect(), columns })
}

/// The probes beside the load; none where nobody was probed.
#[must_use]
pub fn probes(report: &Report) -> Option<Table> {
    let slow = report.probes.iter().filter_map(|p| p.first_token.p99).any(|p| p >= 10.0);
    let columns = vec![
        Column::text("target"),
        Column::number("n"),
        Column::number("failed"),
        Column::number(if slow { "TTFT s\np50/p99" } else { "TTFT ms\np50/p99" }),
    ];
    let cells = |Probes { target, asked, failed, first_token }: &Probes| {
        vec![target.to_string(), asked.to_string(), failed.to_string(), latency(*first_token, slow)]
    };
    let rows: Vec<_> = report.probes.iter().map(cells).collect();
    (!rows.is_empty()).then(|| Table { title: "probes beside the load".to_owned(), columns, rows })
}

fn share(attainment: Option<Attainment>) -> String {
    let share = attainment.map(|a| a.share);
    share.map_or_else(
        || NOTHING.to_owned(),
        |i| format!("{} ({}–{})", percent(i.estimate), percent(i.lower), percent(i.upper)),
    )
}

fn goal(attainment: Option<Attainment>) -> String {
    attainment.map_or_else(
        || NOTHING.to_owned(),
        |a| format!("{} % {}", significant(a.goal * 100.0, 3), a.attained().label()),
    )
}
