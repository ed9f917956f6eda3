//! Charts as SVG: drawn here, so that a report is one file that opens without a network, prints, and can be read aloud.

use super::{Lang, unit};
use crate::domain::Name;
use crate::export::report::significant;
use crate::verdict::{Comparison, Part, Quantiles, Standing};
use maud::{Markup, html};
use std::cell::RefCell;

mod more;

pub(super) use more::{domains, duties, matrix, regions, winners};

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 400.0;
const LEFT: f64 = 64.0;
const RIGHT: f64 = 24.0;
const TOP: f64 = 16.0;
const BOTTOM: f64 = 48.0;
/// Colours that people who are colour-blind tell apart (Okabe & Ito 2008), with shapes beside them.
pub(super) const COLOURS: [&str; 8] =
    ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#8a8a00", "#6b6b6b"];

/// A target's place, which its colour and its mark go by.
pub(super) fn place(comparison: &Comparison, target: &Name) -> usize {
    let standings = comparison.standings.get(&Part::All).into_iter().flatten();
    standings.into_iter().position(|standing| standing.target == *target).unwrap_or_default()
}

/// The colour of a target by its place.
pub(super) fn colour(at: usize) -> &'static str {
    COLOURS.get(at % COLOURS.len()).copied().unwrap_or("#6b6b6b")
}

/// A logarithmic axis from the least to the most, in decades or in 1, 2, 5.
struct Log {
    low: f64,
    high: f64,
}

impl Log {
    fn of(values: impl Iterator<Item = f64>) -> Option<Self> {
        let (mut low, mut high) = (f64::INFINITY, 0.0_f64);
        for value in values.filter(|value| value.is_finite() && *value > 0.0) {
            (low, high) = (low.min(value), high.max(value));
        }
        (high > 0.0).then(|| Self { low: low / 1.3, high: high * 1.3 })
    }

    /// From 0 to 1.
    fn at(&self, value: f64) -> f64 {
        ((value / self.low).ln() / (self.high / self.low).ln()).clamp(0.0, 1.0)
    }

    fn ticks(&self) -> Vec<f64> {
        let (first, last) = (self.low.log10().floor(), self.high.log10().ceil());
        let steps: &[f64] = if last - first > 3.0 { &[1.0] } else { &[1.0, 2.0, 5.0] };
        let mut ticks = Vec::new();
        let mut decade = first;
        while decade <= last && ticks.len() < 40 {
            let values = steps.iter().map(|step| step * 10_f64.powf(decade));
            ticks.extend(values.filter(|value| (self.low..=self.high).contains(value)));
            decade += 1.0;
        }
        ticks
    }
}

fn x(share: f64) -> f64 {
    LEFT + share * (WIDTH - LEFT - RIGHT)
}

fn y(share: f64) -> f64 {
    HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM)
}

/// Text for a coordinate.
fn px(value: f64) -> String {
    format!("{value:.1}")
}

/// Marks that are told apart without their colour.
fn mark(at: usize, (cx, cy): (f64, f64)) -> Markup {
    let colour = colour(at);
    let path = match at % 4 {
        0 => return html! { circle cx=(px(cx)) cy=(px(cy)) r="5.5" fill=(colour) {} },
        1 => format!("M{} {}h11v11h-11z", px(cx - 5.5), px(cy - 5.5)),
        2 => format!("M{} {}l6.5 11.5h-13z", px(cx), px(cy - 6.5)),
        _ => format!("M{} {}l6.5 6.5l-6.5 6.5l-6.5 -6.5z", px(cx), px(cy - 6.5)),
    };
    html! { path d=(path) fill=(colour) {} }
}

/// Accuracy against the cost of a correct answer, with both intervals; none where there is no cost.
pub(super) fn scatter(comparison: &Comparison, lang: Lang) -> Option<Markup> {
    let standings: Vec<(usize, &Standing)> = comparison.standings.get(&Part::All)?.iter().enumerate().collect();
    let points: Vec<_> = standings
        .iter()
        .filter_map(|(at, standing)| {
            let cost = standing.per_correct.filter(|cost| cost.estimate.is_finite() && cost.estimate > 0.0)?;
            Some((*at, standing.target.as_str(), standing.accuracy?, cost))
        })
        .collect();
    let costs = points.iter().flat_map(|(_, _, _, cost)| [Some(cost.estimate), Some(cost.lower), cost.upper]).flatten();
    let axis = Log::of(costs)?;
    let (terms, labels) = (lang.terms(), Labels::default());
    Some(html! {
        svg.own viewBox={ "0 0 " (WIDTH) " " (HEIGHT) } role="img" aria-label=(terms.chart) {
            @for share in [0.0, 0.2, 0.4, 0.6, 0.8, 1.0] {
                line.grid x1=(px(x(0.0))) x2=(px(x(1.0))) y1=(px(y(share))) y2=(px(y(share))) {}
                text.tick x=(px(LEFT - 8.0)) y=(px(y(share) + 4.0)) text-anchor="end" { (format!("{:.0} %", share * 100.0)) }
            }
            @for tick in axis.ticks() {
                @let at = px(x(axis.at(tick)));
                line.grid x1=(at) x2=(at) y1=(px(y(0.0))) y2=(px(y(1.0))) {}
                text.tick x=(at) y=(px(HEIGHT - BOTTOM + 18.0)) text-anchor="middle" { (unit(comparison).signed(tick)) }
            }
            text.axis x=(px(x(0.5))) y=(px(HEIGHT - 8.0)) text-anchor="middle" { (line(terms.per_correct)) }
            text.axis x="14" y=(px(y(0.5))) text-anchor="middle" transform={ "rotate(-90 14 " (px(y(0.5))) ")" } {
                (line(terms.accuracy))
            }
            @let steps = super::plots::stairs(comparison);
            @if steps.len() > 1 {
                path.frontier d=(stairs(&steps, &axis)) {}
            }
            @for (at, target, accuracy, cost) in &points {
                @let (cx, cy) = (x(axis.at(cost.estimate)), y(accuracy.estimate));
                @let right = x(cost.upper.map_or(1.0, |upper| axis.at(upper)));
                g {
                    title {
                        (target) ": " (format!("{:.1}", accuracy.estimate * 100.0)) " %, " (unit(comparison).signed(cost.estimate))
                    }
                    line.whisker stroke=(colour(*at)) x1=(px(x(axis.at(cost.lower)))) x2=(px(right)) y1=(px(cy)) y2=(px(cy)) {}
                    line.whisker stroke=(colour(*at)) x1=(px(cx)) x2=(px(cx)) y1=(px(y(accuracy.lower))) y2=(px(y(accuracy.upper))) {}
                    (mark(*at, (cx, cy)))
                    @let (left, base, anchor) = labels.place(target, (cx, cy));
                    text.label x=(px(left)) y=(px(base)) text-anchor=(anchor) { (target) }
                }
            }
        }
    })
}

/// From each point of the frontier to the next: first dearer, then more accurate.
fn stairs(steps: &[(f64, f64)], axis: &Log) -> String {
    let mut path = String::new();
    for (at, (cost, share)) in steps.iter().enumerate() {
        let (x, y) = (px(x(axis.at(*cost))), px(y(*share)));
        path += &if at == 0 { format!("M{x} {y}") } else { format!("H{x}V{y}") };
    }
    path
}

/// Where names were written, so that the next does not cover them.
#[derive(Default)]
struct Labels {
    /// Left, top, right, bottom.
    taken: RefCell<Vec<[f64; 4]>>,
}

impl Labels {
    /// Beside a point, above or below, where there is room: x, y and the anchor.
    fn place(&self, text: &str, (cx, cy): (f64, f64)) -> (f64, f64, &'static str) {
        #[expect(clippy::cast_precision_loss, reason = "a short text")]
        let width = 7.5 * text.chars().count() as f64;
        let mut taken = self.taken.borrow_mut();
        let ways = [(7.0, -9.0), (7.0, 19.0), (-7.0, -9.0), (-7.0, 19.0), (7.0, -23.0), (7.0, 33.0)];
        let boxed = |(dx, dy): (f64, f64)| {
            let left = if dx > 0.0 { cx + dx } else { cx + dx - width };
            [left, cy + dy - 11.0, left + width, cy + dy + 3.0]
        };
        let free = |way: &&(f64, f64)| {
            let [left, top, right, bottom] = boxed(**way);
            let clear = |b: &[f64; 4]| right < b[0] || left > b[2] || bottom < b[1] || top > b[3];
            right < WIDTH && left > LEFT && top > 0.0 && taken.iter().all(clear)
        };
        let (dx, dy) = *ways.iter().find(free).unwrap_or(&ways[0]);
        taken.push(boxed((dx, dy)));
        (cx + dx, cy + dy, if dx > 0.0 { "start" } else { "end" })
    }
}

fn line(text: &str) -> String {
    text.replace('\n', " ")
}

/// Times to the first token and to the last, each from its median to its 99th hundredth; none without times.
pub(super) fn latencies(comparison: &Comparison, lang: Lang) -> Option<Markup> {
    let standings = comparison.standings.get(&Part::All)?;
    let rows: Vec<(usize, &str, Quantiles, Option<Quantiles>)> = standings
        .iter()
        .enumerate()
        .filter_map(|(at, standing)| Some((at, standing.target.as_str(), standing.first?, standing.whole)))
        .collect();
    let all = rows.iter().flat_map(|(_, _, first, whole)| {
        [Some(first.p50), Some(first.p99), whole.map(|w| w.p50), whole.map(|w| w.p99)]
    });
    let axis = Log::of(all.flatten())?;
    const ROW: f64 = 34.0;
    const NAMES: f64 = 120.0;
    #[expect(clippy::cast_precision_loss, reason = "a few rows")]
    let height = TOP + ROW * rows.len() as f64 + BOTTOM;
    let x = |value: f64| NAMES + axis.at(value) * (WIDTH - NAMES - RIGHT);
    let terms = lang.terms();
    let bar = |at: usize, from: f64, to: f64, y: f64, what: &str| {
        html! {
            g {
                title { (what) ": p50 " (time(from)) ", p99 " (time(to)) }
                line.bar stroke=(colour(at)) x1=(px(x(from))) x2=(px(x(to))) y1=(px(y)) y2=(px(y)) {}
                circle cx=(px(x(from))) cy=(px(y)) r="4.5" fill=(colour(at)) {}
                circle.end cx=(px(x(to))) cy=(px(y)) r="4" stroke=(colour(at)) {}
            }
        }
    };
    Some(html! {
        svg.own viewBox={ "0 0 " (WIDTH) " " (px(height)) } role="img" aria-label=(terms.latency) {
            @for tick in axis.ticks() {
                line.grid x1=(px(x(tick))) x2=(px(x(tick))) y1=(px(TOP)) y2=(px(height - BOTTOM)) {}
                text.tick x=(px(x(tick))) y=(px(height - BOTTOM + 18.0)) text-anchor="middle" { (time(tick)) }
            }
            @for (row, (at, target, first, whole)) in rows.iter().enumerate() {
                @let middle = TOP + ROW * (f64::from(u32::try_from(row).unwrap_or(0)) + 0.5);
                text.label x=(px(NAMES - 10.0)) y=(px(middle + 4.0)) text-anchor="end" { (target) }
                (bar(*at, first.p50, first.p99, middle - 6.0, "TTFT"))
                @if let Some(whole) = whole {
                    (bar(*at, whole.p50, whole.p99, middle + 7.0, "whole"))
                }
            }
        }
    })
}

fn time(seconds: f64) -> String {
    if seconds < 1.0 {
        format!("{} ms", significant(seconds * 1e3, 2))
    } else {
        format!("{} s", significant(seconds, 2))
    }
}
