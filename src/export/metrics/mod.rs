//! Prometheus metrics out of one table: exposition, documentation and tests all read [`metrics`].
//!
//! A metric is read from a [`View`] when somebody scrapes; nothing is counted twice, and nothing can drift from the
//! board. Names and labels are a contract (`docs/metrics.md`); a golden test holds them.

mod docs;
mod hardware;
mod meters;
mod process;
mod read;
mod table;
mod view;

pub use docs::docs;
pub use hardware::MeterFacts;
pub use process::Process;
pub use view::{Build, Known, RunFacts, View};

use crate::board::Buckets;
use prometheus::core::{Collector, Desc};
use prometheus::proto::{self, LabelPair, MetricFamily, MetricType};
use std::sync::LazyLock;

/// The table by its parts, in the order of the exposition: what matters most stands first.
const TABLE: &[&[Metric]] = &[table::METRICS, meters::METRICS, table::OWN];

/// Every metric, in the order of the exposition ([`REFUSED`] comes after the last).
pub fn metrics() -> impl Iterator<Item = &'static Metric> {
    TABLE.iter().copied().flatten()
}

/// The content type of [`render`]'s text.
pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Most lines of one exposition: a configuration with very many strata must not overwhelm the scraper.
pub const SERIES_CAP: usize = 50_000;

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

    const fn proto(self) -> MetricType {
        match self {
            Self::Counter => MetricType::COUNTER,
            Self::Gauge => MetricType::GAUGE,
            Self::Histogram => MetricType::HISTOGRAM,
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

/// Takes the series of one metric, up to what is left under the cap.
#[derive(Debug)]
pub struct Sink {
    kind: Kind,
    labels: &'static [&'static str],
    series: Vec<proto::Metric>,
    left: usize,
    refused: usize,
}

impl Sink {
    const fn new(metric: &Metric, left: usize) -> Self {
        Self { kind: metric.kind, labels: metric.labels, series: Vec::new(), left, refused: 0 }
    }

    /// One counter or gauge. Values are in the order of the metric's labels; an empty one means "without this label",
    /// as in Prometheus. A value that is no number is left out.
    pub fn value(&mut self, labels: &[&str], value: f64) {
        if value.is_nan() || !self.takes(1) {
            return;
        }
        let mut series = self.labelled(labels);
        if self.kind == Kind::Counter {
            let mut counter = proto::Counter::default();
            counter.set_value(value);
            series.set_counter(counter);
        } else {
            let mut gauge = proto::Gauge::default();
            gauge.set_value(value);
            series.set_gauge(gauge);
        }
        self.series.push(series);
    }

    /// One counter or gauge, from a whole number.
    #[expect(clippy::cast_precision_loss, reason = "a metric is a double; the board keeps the exact count")]
    pub fn count(&mut self, labels: &[&str], count: u64) {
        self.value(labels, count as f64);
    }

    /// One histogram. It costs as many lines as it has buckets, and two.
    pub fn histogram(&mut self, labels: &[&str], buckets: &Buckets) {
        let edges: Vec<_> = buckets.cumulative().collect();
        if !self.takes(edges.len() + 2) {
            return;
        }
        let mut histogram = proto::Histogram::default();
        histogram.set_sample_count(buckets.count());
        histogram.set_sample_sum(buckets.sum_seconds());
        // The encoder adds the +Inf bucket itself, spelled as Prometheus spells it.
        let finite = edges.into_iter().filter(|(edge, _)| edge.is_finite());
        histogram.set_bucket(finite.map(|(edge, count)| bucket(edge, count)).collect());
        let mut series = self.labelled(labels);
        series.set_histogram(histogram);
        self.series.push(series);
    }

    const fn takes(&mut self, lines: usize) -> bool {
        // After the first refusal of a metric nothing more of it is taken, so that what is missing is its tail.
        match self.left.checked_sub(lines) {
            Some(left) if self.refused == 0 => self.left = left,
            _ => self.refused += lines,
        }
        self.refused == 0
    }

    fn labelled(&self, values: &[&str]) -> proto::Metric {
        debug_assert_eq!(self.labels.len(), values.len(), "one value for each of {:?}", self.labels);
        let pairs = self.labels.iter().zip(values).filter(|(_, value)| !value.is_empty());
        proto::Metric::from_label(pairs.map(|(name, value)| pair(name, value)).collect())
    }
}

fn pair(name: &str, value: &str) -> LabelPair {
    let mut pair = LabelPair::default();
    pair.set_name(name.to_owned());
    pair.set_value(value.to_owned());
    pair
}

fn bucket(edge: f64, count: u64) -> proto::Bucket {
    let mut bucket = proto::Bucket::default();
    bucket.set_upper_bound(edge);
    bucket.set_cumulative_count(count);
    bucket
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

impl Collector for View<'_> {
    fn desc(&self) -> Vec<&Desc> {
        static DESCS: LazyLock<Vec<Desc>> = LazyLock::new(|| {
            let metrics = metrics().chain([&REFUSED]);
            // A table entry that Prometheus would refuse cannot pass this room's tests.
            metrics
                .filter_map(|m| Desc::new(m.name.into(), m.help.into(), owned(m.labels), Default::default()).ok())
                .collect()
        });
        DESCS.iter().collect()
    }

    fn collect(&self) -> Vec<MetricFamily> {
        let (mut families, mut left, mut refused) = (Vec::with_capacity(metrics().count() + 1), self.series_cap, 0);
        for metric in metrics() {
            let mut sink = Sink::new(metric, left);
            (metric.read)(self, &mut sink);
            (left, refused) = (sink.left, refused + sink.refused);
            families.extend(family(metric, sink));
        }
        let mut sink = Sink::new(&REFUSED, 1);
        sink.count(&[], u64::try_from(refused).unwrap_or(u64::MAX));
        families.extend(family(&REFUSED, sink));
        families
    }
}

fn owned(labels: &[&str]) -> Vec<String> {
    labels.iter().map(|l| (*l).to_owned()).collect()
}

fn family(metric: &Metric, sink: Sink) -> Option<MetricFamily> {
    if sink.series.is_empty() {
        return None;
    }
    let mut family = MetricFamily::default();
    family.set_name(metric.name.into());
    family.set_help(metric.help.into());
    family.set_field_type(metric.kind.proto());
    family.set_metric(sink.series);
    Some(family)
}

/// The exposition in Prometheus' text format 0.0.4.
///
/// # Errors
/// The encoder's, which a well-formed table never meets.
pub fn render(view: &View<'_>) -> Result<String, prometheus::Error> {
    prometheus::TextEncoder::new().encode_to_string(&view.collect())
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
        assert_eq!(view::fixture(|v| v.desc().len()), metrics().count() + 1);
    }

    #[test]
    fn the_cap_holds_and_what_it_refused_is_counted() {
        view::fixture(|view| {
            let whole = render(view).unwrap();
            let lines = |text: &str| text.lines().filter(|l| !l.starts_with('#')).count();
            assert!(whole.ends_with("\nassayd_refused_series 0\n"));
            let all = lines(&whole) - 1;
            for cap in [0, 1, 40, all - 1, all] {
                let text = render(&View { series_cap: cap, ..view.clone() }).unwrap();
                assert!(lines(&text) <= cap + 1, "{} lines under a cap of {cap}", lines(&text));
                assert_eq!(text == whole, cap == all);
            }
            let text = render(&View { series_cap: 0, ..view.clone() }).unwrap();
            assert!(text.ends_with(&format!("\nassayd_refused_series {all}\n")), "{text}");
        });
    }

    #[test]
    fn label_values_from_data_are_escaped() {
        view::fixture(|view| {
            let text = render(view).unwrap();
            assert!(text.contains(r#"domain="say \"hi\"\\\n""#), "{text}");
        });
    }

    #[test]
    fn what_is_not_known_is_absent_and_infinity_is_spelled_out() {
        view::fixture(|view| {
            let text = render(view).unwrap();
            assert!(!text.to_lowercase().contains("nan"));
            assert!(text.contains("assayd_cost_per_correct_usd{target=\"dud\",scenario=\"arith\"} inf"), "{text}");
            assert!(text.contains("assayd_cost_per_correct_lower_usd{target=\"dud\""));
            assert!(!text.contains("assayd_cost_per_correct_upper_usd{target=\"dud\""));
        });
    }
}
