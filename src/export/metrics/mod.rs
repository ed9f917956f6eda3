//! Prometheus metrics out of one table: exposition, documentation and tests all read [`metrics`].
//!
//! A metric is read from a [`View`] when somebody scrapes; nothing is counted twice, and nothing can drift from the
//! board. Names and labels are a contract (`docs/metrics.md`); a golden test holds them.

mod docs;
mod hardware;
mod meters;
mod own;
mod process;
mod read;
mod sink;
mod table;
mod text;
mod view;

pub use docs::docs;
pub use hardware::MeterFacts;
pub use own::Exports;
pub use process::Process;
pub use sink::{Family, Labels, Point, Sink};
pub use text::{Format, family_name};
pub use view::{Build, Known, RunFacts, View};

use crate::config::suggest;
use crate::plan::{Off, matches};

/// The table by its parts, in the order of the exposition: what matters most stands first.
const TABLE: &[&[Metric]] = &[table::METRICS, meters::METRICS, own::METRICS];

/// Every metric, in the order of the exposition ([`REFUSED`] comes after the last).
pub fn metrics() -> impl Iterator<Item = &'static Metric> {
    TABLE.iter().copied().flatten()
}

pub use crate::plan::SERIES_CAP;

/// What kind of metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Only grows.
    Counter,
    /// Goes up and down.
    Gauge,
    /// Cumulative buckets.
    Histogram,
}

impl Kind {
    /// Prometheus' word.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
        }
    }
}

/// One line of the contract.
pub struct Metric {
    /// The full name.
    pub name: &'static str,
    /// One line for people, without the final stop.
    pub help: &'static str,
    /// How it is defined, for the documentation; empty where `help` says it all.
    pub definition: &'static str,
    /// Counter, gauge or histogram.
    pub kind: Kind,
    /// In what it is counted.
    pub unit: &'static str,
    /// The names of its labels, all from closed sets.
    pub labels: &'static [&'static str],
    /// Reads its series.
    pub read: fn(&View<'_>, &mut Sink),
}

impl std::fmt::Debug for Metric {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Metric").field("name", &self.name).finish_non_exhaustive()
    }
}

/// The lines that [`SERIES_CAP`] kept out of an exposition; the last metric, since it counts all others.
pub const REFUSED: Metric = Metric {
    name: "assayd_refused_series",
    help: "Lines left out of this exposition because of the cap on series",
    definition: "Above zero, the exposition is not whole: name fewer domains and capabilities, or split the plan.",
    kind: Kind::Gauge,
    unit: "lines",
    labels: &[],
    read: |_, _| {},
};

/// Those patterns that no metric has the name of: whoever wrote one meant something else. [`REFUSED`] can't be switched off.
pub fn unmatched(off: &[Off]) -> impl Iterator<Item = (&Off, Option<&'static str>)> {
    let names = || metrics().map(|metric| metric.name);
    let without = off.iter().filter(move |off| !names().any(|name| matches(&off.pattern, name)));
    without.map(move |off| (off, suggest(&off.pattern, names())))
}

/// Reads every metric that is not switched off; none when `go_on` says no before the end.
#[must_use]
pub fn gather(view: &View<'_>, go_on: &dyn Fn() -> bool) -> Option<Vec<Family>> {
    let (mut families, mut left, mut refused) = (Vec::with_capacity(metrics().count() + 1), view.series_cap, 0);
    for metric in metrics().filter(|metric| !view.known.is_off(metric)) {
        if !go_on() {
            return None;
        }
        let mut sink = Sink::new(metric, left);
        (metric.read)(view, &mut sink);
        (left, refused) = (sink.left, refused + sink.refused);
        families.extend(sink.family());
    }
    let mut sink = Sink::new(&REFUSED, 1);
    sink.count(&[], u64::try_from(refused).unwrap_or(u64::MAX));
    families.extend(sink.family());
    Some(families)
}

/// The exposition in Prometheus' text format 0.0.4.
#[must_use]
pub fn render(view: &View<'_>) -> String {
    Format::Text.write(&gather(view, &|| true).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn names_follow_prometheus_conventions_and_are_unique() {
        let mut seen = BTreeSet::new();
        for m in metrics().chain([&REFUSED]) {
            assert!(seen.insert(m.name), "{} is there twice", m.name);
            assert_eq!(m.kind == Kind::Counter, m.name.ends_with("_total"), "{}", m.name);
            assert!(m.name.starts_with("assayd_") || m.name.starts_with("process_"), "{}", m.name);
            assert!(!m.help.is_empty() && !m.help.ends_with('.'), "{}", m.name);
            let unit = m.unit.to_lowercase();
            if ["seconds", "usd", "ratio", "bytes"].contains(&unit.as_str()) {
                assert!(m.name.contains(&unit), "{} does not name its unit {}", m.name, m.unit);
            }
        }
    }

    #[test]
    fn the_cap_holds_and_what_it_refused_is_counted() {
        view::fixture(|view| {
            let whole = render(view);
            let lines = |text: &str| text.lines().filter(|l| !l.starts_with('#')).count();
            assert!(whole.ends_with("\nassayd_refused_series 0\n"));
            let all = lines(&whole) - 1;
            for cap in [0, 1, 40, all - 1, all] {
                let text = render(&View { series_cap: cap, ..view.clone() });
                assert!(lines(&text) <= cap + 1, "{} lines under a cap of {cap}", lines(&text));
                assert_eq!(text == whole, cap == all);
            }
            let text = render(&View { series_cap: 0, ..view.clone() });
            assert!(text.ends_with(&format!("\nassayd_refused_series {all}\n")), "{text}");
        });
    }

    #[test]
    fn what_is_switched_off_is_left_out_and_never_read() {
        view::fixture(|view| {
            let known =
                Known { off: vec!["assayd_*_seconds".into(), "assayd_answers_total".into()], ..view.known.clone() };
            let text = render(&View { known: &known, ..view.clone() });
            assert!(!text.contains("_seconds") && !text.contains("assayd_answers_total"), "{text}");
            assert!(text.contains("assayd_exchanges_total"));
            // What is off costs no lines of the cap.
            assert!(text.ends_with("\nassayd_refused_series 0\n"));
            let known = Known { off: vec!["*".into()], ..known };
            let text = render(&View { known: &known, ..view.clone() });
            assert_eq!(text.lines().filter(|l| !l.starts_with('#')).collect::<Vec<_>>(), ["assayd_refused_series 0"]);
        });
    }

    #[test]
    fn a_pattern_that_fits_nothing_is_told_with_what_was_meant() {
        let off = |pattern: &str| Off { pattern: pattern.into(), span: 0..0 };
        let off = [off("assayd_engine_*"), off("assayd_answer_total"), off("vllm_*")];
        let told: Vec<_> = unmatched(&off).map(|(off, near)| (off.pattern.as_str(), near)).collect();
        assert_eq!(told, [("assayd_answer_total", Some("assayd_answers_total")), ("vllm_*", None)]);
    }

    #[test]
    fn label_values_from_data_are_escaped() {
        view::fixture(|view| {
            let text = render(view);
            assert!(text.contains(r#"domain="say \"hi\"\\\n""#), "{text}");
        });
    }

    #[test]
    fn what_is_not_known_is_absent_and_infinity_is_spelled_out() {
        view::fixture(|view| {
            let text = render(view);
            assert!(!text.to_lowercase().contains("nan"));
            assert!(text.contains("assayd_cost_per_correct_usd{target=\"dud\",scenario=\"arith\"} +Inf"), "{text}");
            assert!(text.contains("assayd_cost_per_correct_lower_usd{target=\"dud\""));
            assert!(!text.contains("assayd_cost_per_correct_upper_usd{target=\"dud\""));
        });
    }
}
