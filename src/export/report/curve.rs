//! The curve of a sweep: a table, its findings in words, and the same as JSON and CSV.

use super::words::{NOTHING, percent, significant};
use super::{Column, Report, Table};
use crate::domain::{Bracket, Curve, Nanos, Point};
use crate::stats::{Interval, Level, wilson};
use serde_json::{Value, json};

/// The share of arrivals inside the SLO, with Wilson's 95 % interval.
fn attainment(point: &Point) -> Option<Interval> {
    wilson(point.inside?, point.arrived, Level::P95)
}

/// Points by their rate, the lowest first.
fn by_rate(curve: &Curve) -> Vec<&Point> {
    let mut points: Vec<&Point> = curve.points.iter().collect();
    points.sort_by(|a, b| a.rate.total_cmp(&b.rate));
    points
}

/// The curve as a table.
pub(super) fn table(curve: &Curve) -> Table {
    let ms = |pair: Option<(Nanos, Nanos)>| {
        pair.map_or_else(|| NOTHING.to_owned(), |(p50, p99)| format!("{}/{}", shown(p50), shown(p99)))
    };
    let rows = by_rate(curve).into_iter().map(|p| {
        vec![
            format!("{}{}", significant(p.rate, 4), if p.cut { " ‡" } else { "" }),
            p.arrived.to_string(),
            significant(p.offered(), 4),
            significant(p.delivered, 4),
            significant(p.tokens, 3),
            significant(p.in_flight, 3),
            ms(p.first_token),
            ms(p.per_output_token),
            p.goodput().map_or_else(|| NOTHING.to_owned(), |g| significant(g, 4)),
            attainment(p).map_or_else(
                || NOTHING.to_owned(),
                |i| format!("{} ({}–{})", percent(i.estimate), percent(i.lower), percent(i.upper)),
            ),
        ]
    });
    Table {
        title: format!("sweep of {} on {}", curve.target, curve.scenario),
        columns: vec![
            Column::number("rate/s"),
            Column::number("n"),
            Column::number("offered\n/s"),
            Column::number("delivered\n/s"),
            Column::number("tok/s"),
            Column::number("in\nflight"),
            Column::number("TTFT ms\np50/p99"),
            Column::number("TPOT ms\np50/p99"),
            Column::number("goodput\n/s"),
            Column::number("inside SLO %\n(95 %)"),
        ],
        rows: rows.collect(),
    }
}

fn shown(stretch: Nanos) -> String {
    significant(stretch.seconds() * 1e3, 3)
}

/// What the curve shows, a sentence each.
pub(super) fn findings(curve: &Curve) -> Vec<String> {
    let mut lines = Vec::new();
    let (sustained, tolerance) = (curve.sustained(), curve.tolerance);
    let rate = |x: f64| significant(x, 4);
    if let Some(most) = curve.saturation() {
        lines.push(match sustained.high {
            Some(_) => format!(
                "saturation: {} answers/s, the most that was delivered; {}",
                rate(most),
                bracket(sustained, tolerance, "all that is offered is delivered")
            ),
            None => format!("no saturation up to {}/s: everything that was offered was delivered", rate(most)),
        });
    }
    match (curve.goal, curve.within_slo()) {
        (Some(goal), Some(within)) => {
            let words = format!("{} % are inside the SLO", percent(goal));
            let mut line = bracket(within, tolerance, &words);
            let at_low = within.low.and_then(|low| curve.points.iter().find(|p| p.rate.total_cmp(&low).is_eq()));
            if let Some(interval) = at_low.and_then(attainment)
                && interval.lower < goal
            {
                line.push_str(&format!(
                    "; unresolved there: with {} arrivals the interval reaches down to {} %",
                    at_low.map_or(0, |p| p.arrived),
                    percent(interval.lower)
                ));
            }
            lines.push(line);
        }
        _ => lines.push("the target has no SLO: up to which rate it is met is not looked for".to_owned()),
    }
    if curve.points.iter().any(|p| p.cut) {
        lines.push("‡: cut short, since too much was unfinished".to_owned());
    }
    lines
}

/// `WORDS up to X/s, and no more at Y/s`.
fn bracket(Bracket { low, high }: Bracket, tolerance: f64, words: &str) -> String {
    let rate = |x: f64| significant(x, 4);
    let wide = if (Bracket { low, high }).is_narrow(tolerance) { "" } else { " (wider than the tolerance)" };
    match (low, high) {
        (Some(low), Some(high)) => format!("{words} up to {}/s, and no more at {}/s{wide}", rate(low), rate(high)),
        (Some(low), None) => format!("{words} at every rate up to {}/s", rate(low)),
        (None, Some(high)) => format!("{words} at no rate, down to {}/s", rate(high)),
        (None, None) => format!("{words}: no rate was tried"),
    }
}

/// The curves of a report as JSON.
pub(super) fn json(report: &Report) -> Vec<Value> {
    let pair = |pair: Option<(Nanos, Nanos)>| match pair {
        Some((p50, p99)) => json!({ "p50": p50.seconds(), "p99": p99.seconds() }),
        None => json!({ "p50": null, "p99": null }),
    };
    let bounds = |b: Bracket| json!({ "holds_at_per_second": b.low, "fails_at_per_second": b.high });
    let point = |p: &Point| {
        json!({
            "rate_per_second": p.rate,
            "window_seconds": p.window.seconds(),
            "arrived": p.arrived,
            "answered": p.answered,
            "offered_per_second": p.offered(),
            "delivered_per_second": p.delivered,
            "output_tokens_per_second": p.tokens,
            "in_flight": p.in_flight,
            "first_token_seconds": pair(p.first_token),
            "per_output_token_seconds": pair(p.per_output_token),
            "duration_seconds": pair(p.duration),
            "goodput_per_second": p.goodput(),
            "attainment": attainment(p).map(|i| json!({ "estimate": i.estimate, "lower": i.lower, "upper": i.upper })),
            "cut_short": p.cut,
        })
    };
    let curve = |c: &Curve| {
        json!({
            "target": c.target.as_str(),
            "scenario": c.scenario.as_str(),
            "goal": c.goal,
            "tolerance": c.tolerance,
            "saturation_per_second": c.saturation(),
            "everything_delivered": bounds(c.sustained()),
            "inside_slo": c.within_slo().map(bounds),
            "points": by_rate(c).into_iter().map(point).collect::<Vec<_>>(),
        })
    };
    report.curves.iter().map(curve).collect()
}

/// The head of the second table of a CSV report, and its records.
pub(super) fn csv(reports: &[Report]) -> Vec<Vec<String>> {
    const HEAD: &str = "run,target,scenario,rate_per_second,window_seconds,arrived,answered,offered_per_second,\
        delivered_per_second,output_tokens_per_second,in_flight,first_token_p50_seconds,first_token_p99_seconds,\
        per_output_token_p50_seconds,per_output_token_p99_seconds,duration_p50_seconds,duration_p99_seconds,\
        goodput_per_second,attainment,attainment_lower,attainment_upper,cut_short";
    let number = |x: Option<f64>| x.map(|x| x.to_string()).unwrap_or_default();
    let mut records = Vec::new();
    for (report, curve) in reports.iter().flat_map(|r| r.curves.iter().map(move |c| (r, c))) {
        for p in by_rate(curve) {
            let mut record = vec![report.run.clone(), curve.target.to_string(), curve.scenario.to_string()];
            record.extend([p.rate.to_string(), p.window.seconds().to_string()]);
            record.extend([p.arrived.to_string(), p.answered.to_string()]);
            record.extend([p.offered(), p.delivered, p.tokens, p.in_flight].map(|x| x.to_string()));
            for pair in [p.first_token, p.per_output_token, p.duration] {
                record.extend([pair.map(|q| q.0.seconds()), pair.map(|q| q.1.seconds())].map(number));
            }
            let share = attainment(p);
            let [estimate, lower, upper] =
                [share.map(|i| i.estimate), share.map(|i| i.lower), share.map(|i| i.upper)].map(number);
            record.extend([number(p.goodput()), estimate, lower, upper, p.cut.to_string()]);
            records.push(record);
        }
    }
    if !records.is_empty() {
        records.insert(0, HEAD.split(',').map(str::to_owned).collect());
    }
    records
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Name;

    fn report() -> Report {
        let ms = |a: u64, b: u64| Some((Nanos(a * 1_000_000), Nanos(b * 1_000_000)));
        let point = |rate: u32, delivered: f64, inside: u64, cut| Point {
            rate: rate.into(),
            window: Nanos(10_000_000_000),
            arrived: u64::from(rate) * 10,
            answered: u64::from(rate) * 10,
            inside: Some(inside),
            delivered,
            tokens: delivered * 32.0,
            in_flight: delivered * 0.08,
            first_token: ms(41, 95),
            per_output_token: ms(5, 6),
            duration: ms(81, 130),
            cut,
        };
        let points = vec![
            point(50, 49.9, 500, false),
            point(200, 99.7, 12, true),
            point(97, 96.8, 965, false),
            point(100, 99.1, 700, false),
        ];
        let name = |text| Name::new(text).unwrap();
        let curve = Curve { target: name("micro"), scenario: name("sums"), goal: Some(0.99), tolerance: 0.05, points };
        Report { run: "swept".into(), curves: vec![curve], ..Report::default() }
    }

    #[test]
    fn the_curve_of_a_sweep() {
        let report = report();
        let (text, lines) = (
            super::super::text::render(std::slice::from_ref(&report)),
            super::super::csv::render(std::slice::from_ref(&report)),
        );
        insta::assert_snapshot!(format!("{text}\n{lines}"));
        let [curve] = &json(&report)[..] else { panic!() };
        assert_eq!(curve["saturation_per_second"], 99.7);
        assert_eq!(curve["inside_slo"], json!({ "holds_at_per_second": 97.0, "fails_at_per_second": 100.0 }));
        assert_eq!(curve["points"][0]["attainment"]["estimate"], 1.0);
    }
}
