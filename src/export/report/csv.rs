//! The CSV format: one row a figure row, totals and domains alike; `domain` is empty for totals.
//!
//! Seconds, ratios and USD are decimal numbers; an empty field was not measured, `inf` is infinite. Columns are only ever
//! added at the end.

use super::table::count;
use super::words::{exact_usd, rfc3339};
use super::{Report, curve, total};
use crate::board::{Figures, Probes, Reason};
use crate::domain::Verdict;

type Read = fn(&Report, &Figures) -> String;

const COLUMNS: &[(&str, Read)] = &[
    ("run", |r, _| r.run.clone()),
    ("started", |r, _| rfc3339(r.started_unix_ms)),
    ("complete", |r, _| r.complete.to_string()),
    ("clock", |r, _| r.clock().to_owned()),
    ("target", |_, f| f.target.to_string()),
    ("scenario", |_, f| f.scenario.to_string()),
    ("domain", |_, f| f.domain.clone().unwrap_or_default()),
    ("census", |r, f| r.is_census(f).to_string()),
    ("provenance", |_, f| f.provenance.to_string()),
    ("samples", |_, f| total(f).to_string()),
    ("correct", |_, f| count(f, Verdict::Correct).to_string()),
    ("wrong", |_, f| count(f, Verdict::Wrong).to_string()),
    ("unparsed", |_, f| count(f, Verdict::Unparsed).to_string()),
    ("refused", |_, f| count(f, Verdict::Refused).to_string()),
    ("failed", |_, f| count(f, Verdict::Failed).to_string()),
    ("unknown", |_, f| count(f, Verdict::Unknown).to_string()),
    ("ungraded", |_, f| count(f, Verdict::Ungraded).to_string()),
    ("accuracy", |_, f| number(f.accuracy.map(|a| a.estimate))),
    ("accuracy_lower", |_, f| number(f.accuracy.map(|a| a.lower))),
    ("accuracy_upper", |_, f| number(f.accuracy.map(|a| a.upper))),
    ("first_token_p50_seconds", |_, f| number(f.first_token.p50)),
    ("first_token_p99_seconds", |_, f| number(f.first_token.p99)),
    ("inter_token_p50_seconds", |_, f| number(f.inter_token.p50)),
    ("inter_token_p99_seconds", |_, f| number(f.inter_token.p99)),
    ("per_output_token_p50_seconds", |_, f| number(f.per_output_token.p50)),
    ("per_output_token_p99_seconds", |_, f| number(f.per_output_token.p99)),
    ("duration_p50_seconds", |_, f| number(f.duration.p50)),
    ("duration_p99_seconds", |_, f| number(f.duration.p99)),
    ("output_tokens_per_second", |_, f| number(f.tokens_per_second)),
    ("token_source", |_, f| f.token_source.label().to_owned()),
    ("goodput_per_second", |_, f| number(f.goodput)),
    ("correct_goodput_per_second", |_, f| number(f.correct_goodput)),
    ("cost_usd", |_, f| if f.is_costless() { String::new() } else { exact_usd(f.cost.total()) }),
    ("unpriced_samples", |_, f| f.unpriced.to_string()),
    ("unknown_exchanges", |_, f| f.unknown.0.to_string()),
    ("unknown_bound_usd", |_, f| exact_usd(f.unknown.1)),
    ("cost_per_correct_usd", |_, f| number(f.cost_estimate())),
    ("cost_per_correct_lower_usd", |_, f| number(f.cost_lower())),
    ("cost_per_correct_upper_usd", |_, f| number(f.cost_upper())),
    ("split", |_, f| f.split.map_or_else(String::new, |split| split.label().to_owned())),
    ("valid", |_, f| f.validity.is_valid().to_string()),
    ("reasons", |_, f| f.validity.reasons().map(Reason::label).collect::<Vec<_>>().join(" ")),
    ("first_token_with_failures_p50_seconds", |_, f| number(f.first_token_with_failures.p50)),
    ("first_token_with_failures_p99_seconds", |_, f| number(f.first_token_with_failures.p99)),
    ("duration_with_failures_p50_seconds", |_, f| number(f.duration_with_failures.p50)),
    ("duration_with_failures_p99_seconds", |_, f| number(f.duration_with_failures.p99)),
    ("steady_seconds", |_, f| number(f.steady.map(|s| s.seconds))),
    ("steady_in_flight", |_, f| number(f.steady.map(|s| s.in_flight))),
    ("steady_output_tokens_per_second", |_, f| number(f.steady.map(|s| s.tokens_per_second))),
    ("slo_attainment", |_, f| number(f.attainment.map(|a| a.share.estimate))),
    ("slo_attainment_lower", |_, f| number(f.attainment.map(|a| a.share.lower))),
    ("slo_attainment_upper", |_, f| number(f.attainment.map(|a| a.share.upper))),
    ("slo_goal", |_, f| number(f.attainment.map(|a| a.goal))),
    ("probes", |r, f| probes(r, f).map_or_else(String::new, |p| p.asked.to_string())),
    ("probes_failed", |r, f| probes(r, f).map_or_else(String::new, |p| p.failed.to_string())),
    ("probe_first_token_p50_seconds", |r, f| number(probes(r, f).and_then(|p| p.first_token.p50))),
    ("probe_first_token_p99_seconds", |r, f| number(probes(r, f).and_then(|p| p.first_token.p99))),
    ("slo_attained", |_, f| f.attainment.map_or("", |a| a.attained().label()).to_owned()),
    ("energy_joules", |_, f| number(f.drawn.joules())),
    ("energy_quality", |_, f| f.drawn.quality().label().to_owned()),
    ("joules_per_correct", |_, f| number(f.joules_per_correct())),
    ("device_busy_seconds", |_, f| number(f.drawn.device_seconds())),
    ("co2e_grams", |_, f| number(f.drawn.grams())),
    ("co2e_grams_per_correct", |_, f| number(f.grams_per_correct())),
];

/// The probes of a row's target, of which there is one set a run.
fn probes<'a>(report: &'a Report, row: &Figures) -> Option<&'a Probes> {
    report.probes.iter().find(|probes| probes.target == row.target)
}

fn number(x: Option<f64>) -> String {
    x.filter(|x| !x.is_nan()).map(|x| x.to_string()).unwrap_or_default()
}

/// Renders all reports under one header.
pub(super) fn render(reports: &[Report]) -> String {
    let mut writer = ::csv::Writer::from_writer(Vec::new());
    let header = COLUMNS.iter().map(|(name, _)| (*name).to_owned()).collect();
    let rows = reports.iter().flat_map(|r| r.rows.iter().map(move |f| (r, f)));
    let records = rows.map(|(r, f)| COLUMNS.iter().map(|(_, read)| read(r, f)).collect());
    for record in std::iter::once::<Vec<String>>(header).chain(records) {
        // Records of one length into memory: the writer has nothing to refuse.
        let _ = writer.write_record(&record);
    }
    let mut text = String::from_utf8(writer.into_inner().unwrap_or_default()).unwrap_or_default();
    let points = curve::csv(reports);
    if !points.is_empty() {
        // Another table, with another head.
        let mut writer = ::csv::Writer::from_writer(Vec::new());
        for record in points {
            let _ = writer.write_record(&record);
        }
        text.push('\n');
        text.push_str(&String::from_utf8(writer.into_inner().unwrap_or_default()).unwrap_or_default());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::super::fixture::report;
    use super::*;

    #[test]
    fn csv_of_a_run() {
        insta::assert_snapshot!(render(&[report()]));
    }

    #[test]
    fn several_runs_share_one_header_and_every_row_has_every_column() {
        let text = render(&[report(), report()]);
        let mut reader = ::csv::Reader::from_reader(text.as_bytes());
        assert_eq!(reader.headers().unwrap().len(), COLUMNS.len());
        assert_eq!(reader.records().map(|r| r.unwrap()).filter(|r| r.len() == COLUMNS.len()).count(), 22);
    }
}
