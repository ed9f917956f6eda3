//! The other drawings: cost by duty, accuracy by domain, who wins under which weight.

use super::{BOTTOM, HEIGHT, LEFT, Labels, Log, RIGHT, WIDTH, colour, line, place, px, x, y};
use crate::domain::Name;
use crate::export::verdict::{Lang, plots, unit};
use crate::verdict::{Comparison, Part};
use maud::{Markup, html};

/// Dashes that go with a place, as plotly.js has them.
fn dashes(at: usize) -> &'static str {
    ["", "9 5", "2 4", "9 4 2 4"].get(at % 4).copied().unwrap_or_default()
}

/// Cost of a correct answer by duty; none where nothing is paid by the hour, or nothing to hold it against.
pub(in crate::export::verdict) fn duties(comparison: &Comparison, lang: Lang) -> Option<Markup> {
    let mut curves: Vec<(&Name, Vec<(f64, f64)>)> = Vec::new();
    for one in &comparison.duties {
        if curves.iter().all(|(name, _)| **name != one.own) {
            curves.push((&one.own, plots::grid().map(|duty| (duty, one.own_cost(duty))).collect()));
        }
        if curves.iter().all(|(name, _)| **name != one.api) {
            curves.push((&one.api, plots::grid().map(|duty| (duty, one.api_cost.value)).collect()));
        }
    }
    let axis = Log::of(curves.iter().flat_map(|(_, curve)| curve.iter().map(|(_, cost)| *cost)))?;
    let labels = Labels::default();
    let unit = unit(comparison);
    Some(html! {
        svg.own viewBox={ "0 0 " (WIDTH) " " (HEIGHT) } role="img"
            aria-label=(lang.pick("Cost of a correct answer by duty", "不同利用率下每个正确答案的成本")) {
            @for duty in [0.0, 0.2, 0.4, 0.6, 0.8, 1.0] {
                line.grid x1=(px(x(duty))) x2=(px(x(duty))) y1=(px(y(0.0))) y2=(px(y(1.0))) {}
                text.tick x=(px(x(duty))) y=(px(HEIGHT - BOTTOM + 18.0)) text-anchor="middle" { (duty) }
            }
            @for tick in axis.ticks() {
                @let at = px(y(axis.at(tick)));
                line.grid x1=(px(x(0.0))) x2=(px(x(1.0))) y1=(at) y2=(at) {}
                text.tick x=(px(LEFT - 8.0)) y=(px(y(axis.at(tick)) + 4.0)) text-anchor="end" { (unit.signed(tick)) }
            }
            text.axis x=(px(x(0.5))) y=(px(HEIGHT - 8.0)) text-anchor="middle" { (lang.pick("duty", "利用率")) }
            text.axis x="14" y=(px(y(0.5))) text-anchor="middle" transform={ "rotate(-90 14 " (px(y(0.5))) ")" } {
                (line(lang.terms().per_correct))
            }
            @for (name, curve) in &curves {
                @let at = place(comparison, name);
                @let points: Vec<String> = curve.iter().map(|(duty, cost)| format!("{} {}", px(x(*duty)), px(y(axis.at(*cost))))).collect();
                path.curve stroke=(colour(at)) stroke-dasharray=(dashes(at)) d={ "M" (points.join("L")) } {}
                @if let Some((duty, cost)) = curve.get(curve.len() * 3 / 4) {
                    @let (left, base, anchor) = labels.place(name.as_str(), (x(*duty), y(axis.at(*cost))));
                    text.label x=(px(left)) y=(px(base)) text-anchor=(anchor) { (name) }
                }
            }
        }
    })
}

/// Every domain, and the part of it.
pub(in crate::export::verdict) fn domains(comparison: &Comparison) -> Vec<(&str, &Part)> {
    let domain = |part: &'_ Part| matches!(part, Part::Domain(_));
    let named = comparison.standings.keys().filter(|part| domain(part)).filter_map(|part| match part {
        Part::Domain(name) => Some((name.as_str(), part)),
        _ => None,
    });
    named.collect()
}

/// Accuracy by domain and target; none with fewer than two domains.
pub(in crate::export::verdict) fn matrix(comparison: &Comparison) -> Option<Markup> {
    const ROW: f64 = 30.0;
    const HEAD: f64 = 30.0;
    const NAMES: f64 = 150.0;
    let parts = domains(comparison);
    if parts.len() < 2 {
        return None;
    }
    #[expect(clippy::cast_precision_loss, reason = "a few cells")]
    let float = |n: usize| n as f64;
    let wide = (WIDTH - NAMES - RIGHT) / float(comparison.targets.len().max(1));
    let short = |name: &str| {
        if name.chars().count() > 20 { name.chars().take(19).chain(['…']).collect() } else { name.to_owned() }
    };
    Some(html! {
        svg.own viewBox={ "0 0 " (WIDTH) " " (px(HEAD + ROW * float(parts.len()) + 8.0)) } role="img" aria-label="accuracy %" {
            @for (at, target) in comparison.targets.iter().enumerate() {
                text.label x=(px(NAMES + (float(at) + 0.5) * wide)) y="20" text-anchor="middle" { (target) }
            }
            @for (row, (name, part)) in parts.iter().enumerate() {
                @let top = HEAD + ROW * float(row);
                text x=(px(NAMES - 10.0)) y=(px(top + 20.0)) text-anchor="end" { title { (name) } (short(name)) }
                @for (at, target) in comparison.targets.iter().enumerate() {
                    @if let Some(accuracy) = comparison.standing(part, target).and_then(|standing| standing.accuracy) {
                        @let left = NAMES + float(at) * wide;
                        // The darker, the more is right; the figure stays on the pale half of the range.
                        rect.cell x=(px(left + 1.0)) y=(px(top + 1.0)) width=(px(wide - 2.0)) height=(px(ROW - 2.0))
                            fill-opacity=(format!("{:.2}", accuracy.estimate * 0.45)) {}
                        text x=(px(left + wide / 2.0)) y=(px(top + 20.0)) text-anchor="middle" { (format!("{:.1}", accuracy.estimate * 100.0)) }
                    }
                }
            }
        }
    })
}

/// Who scores the most, from which weight of accuracy to which, where cost of a correct answer has the rest.
pub(in crate::export::verdict) fn winners(comparison: &Comparison) -> Vec<(&Name, f64, f64)> {
    let places = comparison.tradeoffs.iter().flat_map(|traded| &traded.places);
    let won = places.filter_map(|place| place.accuracy_weight.map(|(from, to)| (&place.target, from, to)));
    let mut won: Vec<_> = won.filter(|(_, from, to)| to > from).collect();
    won.sort_by(|a, b| a.1.total_cmp(&b.1));
    won
}

/// A bar of who wins; none where nobody is weighed.
pub(in crate::export::verdict) fn regions(comparison: &Comparison, lang: Lang) -> Option<Markup> {
    let won = winners(comparison);
    if won.is_empty() {
        return None;
    }
    const TALL: f64 = 130.0;
    Some(html! {
        svg.own viewBox={ "0 0 " (WIDTH) " " (TALL) } role="img"
            aria-label=(lang.pick("Who wins under which weight of accuracy", "各正确率权重下的胜出者")) {
            @for (at, (target, from, to)) in won.iter().enumerate() {
                @let hue = colour(place(comparison, target));
                rect x=(px(x(*from))) y="46" width=(px((x(*to) - x(*from) - 1.5).max(0.5))) height="30" fill=(hue) {
                    title { (target) ": " (format!("{from:.2}–{to:.2}")) }
                }
                // Names in two rows, so that narrow neighbours do not cover each other.
                @let middle = x(f64::midpoint(*from, *to));
                @let up = if at % 2 == 0 { 36.0 } else { 18.0 };
                line.grid x1=(px(middle)) x2=(px(middle)) y1=(px(up + 4.0)) y2="46" {}
                text.label x=(px(middle)) y=(px(up)) text-anchor="middle" { (target) }
            }
            @for weight in [0.0, 0.2, 0.4, 0.6, 0.8, 1.0] {
                text.tick x=(px(x(weight))) y="94" text-anchor="middle" { (weight) }
            }
            text.axis x=(px(x(0.5))) y="118" text-anchor="middle" {
                (lang.pick("weight of accuracy; the rest is cost of a correct answer", "正确率的权重；其余为每个正确答案的成本"))
            }
        }
    })
}
