//! Under which name, unit and kind each metric is pushed.
//!
//! What OpenTelemetry's semantic conventions have a name for goes by [`CONVENTIONS`], one table, pinned to one version. All else
//! keeps its name, in OpenTelemetry's spelling: dots between namespaces, no `_total`, and the unit beside the name in place
//! of in it, in UCUM's spelling.

use crate::export::metrics::{Kind, Labels, Metric};
use std::borrow::Cow;

/// The version of the semantic conventions that [`CONVENTIONS`] is of: the last that defines those of generative AI, before they
/// moved to a repository of their own, which has no version yet.
pub const SEMCONV: &str = "1.41.1";

/// Their schema, as OpenTelemetry publishes it.
pub const SCHEMA_URL: &str = "https://opentelemetry.io/schemas/1.41.1";

/// OpenTelemetry's kinds of metrics, as far as there are any here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Instrument {
    /// Only grows.
    Counter,
    /// A sum that goes up and down.
    UpDownCounter,
    /// A value at a moment.
    Gauge,
    /// Buckets.
    Histogram,
}

impl Instrument {
    /// Of a metric that no convention has a word on.
    #[must_use]
    pub const fn of(kind: Kind) -> Self {
        match kind {
            Kind::Counter => Self::Counter,
            Kind::Gauge => Self::Gauge,
            Kind::Histogram => Self::Histogram,
        }
    }

    /// OpenTelemetry's word.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Counter => "Counter",
            Self::UpDownCounter => "UpDownCounter",
            Self::Gauge => "Gauge",
            Self::Histogram => "Histogram",
        }
    }
}

/// A metric that the semantic conventions have a name for.
#[derive(Debug, PartialEq, Eq)]
pub struct Convention {
    /// Ours.
    pub metric: &'static str,
    /// Only its series with this label and value, where not all of them are meant; the label is then left out.
    pub series: Option<(&'static str, &'static str)>,
    /// Its name there.
    pub name: &'static str,
    /// Its unit there.
    pub unit: &'static str,
    /// What kind it is there.
    pub instrument: Instrument,
    /// Labels of ours that are attributes there.
    pub attributes: &'static [(&'static str, &'static str)],
    /// What it measures here, where the convention leaves room or we differ; for the documentation.
    pub here: &'static str,
}

impl Convention {
    /// Whether it is about a model that was asked: then its points say which, by the conventions' attributes.
    #[must_use]
    pub fn is_gen_ai(&self) -> bool {
        self.name.starts_with("gen_ai.")
    }

    /// Whether a series is meant.
    #[must_use]
    pub fn takes(&self, labels: Labels<'_>) -> bool {
        self.series.is_none_or(|wanted| labels.iter().any(|label| label == wanted))
    }

    /// The attribute that one of our labels is; none where it is left out.
    #[must_use]
    pub fn attribute(&self, label: &'static str) -> Option<Cow<'static, str>> {
        if self.series.is_some_and(|(left_out, _)| left_out == label) {
            return None;
        }
        let named = self.attributes.iter().find(|(ours, _)| *ours == label);
        Some(named.map_or_else(|| attribute(label), |(_, theirs)| (*theirs).into()))
    }
}

/// All of them. There is none of `gen_ai.server.*`, which a server tells of itself: what is measured here has the network in it.
pub const CONVENTIONS: &[Convention] = &[
    Convention {
        metric: "assayd_exchange_tokens",
        series: None,
        name: "gen_ai.client.token.usage",
        unit: "{token}",
        instrument: Instrument::Histogram,
        attributes: &[("side", "gen_ai.token.type")],
        here: "as the provider reports them: cached and reasoning tokens included",
    },
    Convention {
        metric: "assayd_request_duration_seconds",
        series: Some(("clock", "send")),
        name: "gen_ai.client.operation.duration",
        unit: "s",
        instrument: Instrument::Histogram,
        attributes: &[],
        here: "from the send to the last token, of successes: failures are in `assayd.exchanges` by `assayd.outcome`, and so there \
               is no `error.type`",
    },
    Convention {
        metric: "assayd_time_to_first_token_seconds",
        series: Some(("clock", "send")),
        name: "gen_ai.client.operation.time_to_first_chunk",
        unit: "s",
        instrument: Instrument::Histogram,
        attributes: &[],
        here: "to the first chunk with content, reasoning or a tool call; those that carry only a role do not count",
    },
    Convention {
        metric: "assayd_inter_token_latency_seconds",
        series: None,
        name: "gen_ai.client.operation.time_per_output_chunk",
        unit: "s",
        instrument: Instrument::Histogram,
        attributes: &[],
        here: "between chunks with content, reasoning or a tool call",
    },
    Convention {
        metric: "process_resident_memory_bytes",
        series: None,
        name: "process.memory.usage",
        unit: "By",
        instrument: Instrument::UpDownCounter,
        attributes: &[],
        here: "",
    },
    Convention {
        metric: "process_open_fds",
        series: None,
        name: "process.unix.file_descriptor.count",
        unit: "{file_descriptor}",
        instrument: Instrument::UpDownCounter,
        attributes: &[],
        here: "",
    },
];

/// The convention for some of a metric's series.
#[must_use]
pub fn convention(metric: &Metric) -> Option<&'static Convention> {
    CONVENTIONS.iter().find(|convention| convention.metric == metric.name)
}

/// The first words of our names that are namespaces.
const SPACES: &[&str] = &[
    "budget",
    "build",
    "calibration",
    "config",
    "engine",
    "gpu",
    "host",
    "meter",
    "otlp",
    "probe",
    "process",
    "run",
    "serving_process",
    "target",
];

/// Units at the ends of our names.
const ENDS: &[&str] =
    &["_usd_per_hour", "_seconds", "_usd", "_ratio", "_bytes", "_joules", "_watts", "_celsius", "_hertz", "_grams"];

/// The name of a metric where no convention has one.
#[must_use]
pub fn name(metric: &Metric) -> String {
    let bare = metric.name.strip_prefix("assayd_").unwrap_or(metric.name);
    let (bare, counts) = bare.strip_suffix("_total").map_or((bare, false), |bare| (bare, true));
    let mut name = ENDS.iter().find_map(|end| bare.strip_suffix(end)).unwrap_or(bare).to_owned();
    let space = SPACES.iter().find(|space| name.strip_prefix(*space).is_some_and(|rest| rest.starts_with('_')));
    if let Some(space) = space {
        name.replace_range(space.len()..=space.len(), ".");
    }
    // A sum of seconds is OpenTelemetry's `time`.
    if counts && bare.ends_with("_seconds") {
        name.push_str(".time");
    }
    format!("assayd.{name}")
}

/// Its unit in UCUM's spelling; what is counted stands in braces, in the singular.
#[must_use]
pub fn unit(metric: &Metric) -> Cow<'static, str> {
    match metric.unit {
        "seconds" => "s",
        "USD" if metric.name.ends_with("_per_hour") => "{USD}/h",
        "USD" => "{USD}",
        "ratio" | "1" | "0 or 1" => "1",
        "bytes" => "By",
        "joules" => "J",
        "watts" => "W",
        "hertz" => "Hz",
        "grams" => "g",
        "degrees Celsius" => "Cel",
        "tokens per second" | "tokens/s" => "{token}/s",
        "answers/s" => "{answer}/s",
        counted => return format!("{{{}}}", counted.strip_suffix('s').unwrap_or(counted)).into(),
    }
    .into()
}

/// The attribute that one of our labels is where no convention has one: in a namespace of our own, as OpenTelemetry wants it of
/// applications.
#[must_use]
pub fn attribute(label: &'static str) -> Cow<'static, str> {
    format!("assayd.{label}").into()
}

/// From when on a sum counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Since {
    /// The store was begun.
    Store,
    /// The same, or times to the first token got other buckets.
    FirstToken,
    /// … gaps between tokens.
    InterToken,
    /// … times per output token.
    PerOutputToken,
    /// … durations.
    Duration,
    /// This process began.
    Process,
    /// Something else began, such as the engine whose counter it is: not known.
    Unknown,
}

/// From when on a metric counts that is a sum.
#[must_use]
pub fn since(metric: &Metric) -> Since {
    let of = |start: &str| metric.name.starts_with(start);
    match metric.name {
        "assayd_time_to_first_token_seconds" | "assayd_probe_time_to_first_token_seconds" => Since::FirstToken,
        "assayd_inter_token_latency_seconds" => Since::InterToken,
        "assayd_time_per_output_token_seconds" => Since::PerOutputToken,
        "assayd_request_duration_seconds" => Since::Duration,
        "assayd_tokens_reported_audited_total" | "assayd_tokens_counted_total" => Since::Process,
        _ if of("assayd_engine_") || of("assayd_serving_process_") => Since::Unknown,
        _ if of("process_") || of("assayd_otlp_") || of("assayd_gpu_") || of("assayd_meter_") => Since::Process,
        _ => Since::Store,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::metrics::{REFUSED, metrics};
    use std::collections::BTreeMap;

    fn ours(name: &str) -> &'static Metric {
        metrics().find(|metric| metric.name == name).unwrap()
    }

    #[test]
    fn names_are_opentelemetrys_and_their_own() {
        let mut seen = BTreeMap::new();
        let own = metrics().chain([&REFUSED]).map(|metric| (name(metric), metric.name));
        for (name, metric) in own.chain(CONVENTIONS.iter().map(|c| (c.name.to_owned(), c.metric))) {
            // The specification's rule on names of instruments, and its advice against units and `total` in them.
            let good = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '.');
            assert!(name.chars().all(good) && name.len() <= 255 && !name.contains(".."), "{name}");
            assert!(!["_seconds", "_usd", "_bytes", "_ratio"].iter().any(|end| name.ends_with(end)), "{name}");
            // A device's memory has a total that is none of OpenMetrics' suffixes.
            assert!(!name.ends_with("_total") || name.ends_with("memory_total"), "{name}");
            assert_eq!(seen.insert(name.clone(), metric), None, "{name} is there twice");
        }
    }

    #[test]
    fn examples_of_names_and_units() {
        for (metric, want) in [
            ("assayd_answers_total", ("assayd.answers", "{answer}")),
            ("assayd_cost_usd_total", ("assayd.cost", "{USD}")),
            ("assayd_cost_per_correct_lower_usd", ("assayd.cost_per_correct_lower", "{USD}")),
            ("assayd_hardware_cost_usd_per_hour", ("assayd.hardware_cost", "{USD}/h")),
            ("assayd_gpu_busy_seconds_total", ("assayd.gpu.busy.time", "s")),
            ("assayd_gpu_temperature_celsius", ("assayd.gpu.temperature", "Cel")),
            ("assayd_time_per_output_token_seconds", ("assayd.time_per_output_token", "s")),
            ("assayd_accuracy_ratio", ("assayd.accuracy", "1")),
            ("assayd_run_last_success_timestamp_seconds", ("assayd.run.last_success_timestamp", "s")),
            ("assayd_runs_total", ("assayd.runs", "{run}")),
            ("assayd_steady_output_tokens_per_second", ("assayd.steady_output_tokens_per_second", "{token}/s")),
            ("assayd_serving_process_cpu_seconds_total", ("assayd.serving_process.cpu.time", "s")),
            ("process_cpu_seconds_total", ("assayd.process.cpu.time", "s")),
        ] {
            let metric = ours(metric);
            assert_eq!((name(metric).as_str(), unit(metric).as_ref()), want);
        }
    }

    #[test]
    fn units_are_ucums() {
        for metric in metrics().chain([&REFUSED]) {
            let unit = unit(metric);
            let braced = |text: &str| text.starts_with('{') && text.ends_with('}') && !text.contains(' ');
            let (top, bottom) = unit.split_once('/').unwrap_or((&unit, "s"));
            let known = ["s", "1", "By", "J", "W", "Hz", "g", "Cel"];
            assert!((known.contains(&top) || braced(top)) && ["s", "h"].contains(&bottom), "{}: {unit}", metric.name);
        }
    }

    #[test]
    fn conventions_are_of_metrics_that_there_are_and_of_labels_that_they_have() {
        for Convention { metric, series, instrument, attributes, .. } in CONVENTIONS {
            let ours = ours(metric);
            let labels = series.iter().map(|(label, _)| label).chain(attributes.iter().map(|(label, _)| label));
            labels.for_each(|label| assert!(ours.labels.contains(label), "{metric} has no {label}"));
            let same = match ours.kind {
                Kind::Gauge => *instrument == Instrument::UpDownCounter,
                kind => *instrument == Instrument::of(kind),
            };
            assert!(same, "{metric} is a {instrument:?}");
        }
    }
}
