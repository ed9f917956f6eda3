//! Families of metrics as the `ExportMetricsServiceRequest` of OTLP, in Protocol Buffers.
//!
//! Sums and histograms are cumulative: each export is the whole state, so one that is lost costs resolution and no count.
//! Numbers at a field are those of `opentelemetry/proto/metrics/v1/metrics.proto`.

use super::asked::Asked;
use super::names::{self, Convention, Instrument, SCHEMA_URL, Since, convention};
use super::proto::Writer;
use crate::board::{self, Buckets, Exemplar};
use crate::export::metrics::{Family, Labels, Metric, Point};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// `AGGREGATION_TEMPORALITY_CUMULATIVE`.
const CUMULATIVE: u64 = 2;

/// Everything that an export is made of.
#[derive(Debug)]
pub struct Export<'a> {
    /// The metrics as they were read.
    pub families: &'a [Family],
    /// When they were read, in nanoseconds since the Unix epoch.
    pub at_unix_nanos: u64,
    /// Since when the store counts.
    pub since: board::Since,
    /// When this process began, in milliseconds since the Unix epoch.
    pub process_unix_ms: i64,
    /// The attributes of the resource.
    pub resource: &'a BTreeMap<String, String>,
    /// The version of this program.
    pub version: &'a str,
    /// Who is asked, by target.
    pub asked: &'a BTreeMap<String, Asked>,
}

impl Export<'_> {
    /// The message.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut request = Writer::default();
        // resource_metrics: resource, scope_metrics, schema_url.
        request.message(1, |all| {
            all.message(1, |resource| {
                for (name, value) in self.resource {
                    attribute(resource, 1, name, value);
                }
            });
            // scope, metrics, schema_url.
            all.message(2, |scoped| {
                scoped.message(1, |scope| {
                    scope.text(1, "assayd");
                    scope.text(2, self.version);
                });
                self.families.iter().for_each(|family| self.family(scoped, family));
                scoped.text(3, SCHEMA_URL);
            });
            all.text(3, SCHEMA_URL);
        });
        request.into_bytes()
    }

    /// A family is one metric or two: what a convention takes of its series, and the rest.
    fn family(&self, scoped: &mut Writer, family: &Family) {
        let metric = family.metric;
        let convention = convention(metric);
        let (taken, rest): (Vec<_>, Vec<_>) =
            family.series().partition(|(labels, _)| convention.is_some_and(|convention| convention.takes(*labels)));
        let start = self.start(metric);
        if let Some(convention) = convention.filter(|_| !taken.is_empty()) {
            let stream =
                Stream { export: self, instrument: convention.instrument, convention: Some(convention), start };
            stream.write(scoped, [convention.name, metric.help, convention.unit], &taken);
        }
        if !rest.is_empty() {
            let stream = Stream { export: self, instrument: Instrument::of(metric.kind), convention: None, start };
            stream.write(scoped, [&names::name(metric), metric.help, &names::unit(metric)], &rest);
        }
    }

    /// Since when a sum counts, in nanoseconds since the Unix epoch; 0 is OTLP's word for not known.
    fn start(&self, metric: &Metric) -> u64 {
        let since = &self.since;
        let unix_ms = match names::since(metric) {
            Since::Store => since.all,
            Since::FirstToken => since.first_token(),
            Since::InterToken => since.inter_token(),
            Since::PerOutputToken => since.per_output_token(),
            Since::Duration => since.duration(),
            Since::Process => Some(self.process_unix_ms),
            Since::Unknown => None,
        };
        // A clock that was set back must not have a sum end before it begins.
        unix_ms.map_or(0, nanos).min(self.at_unix_nanos)
    }
}

/// One metric as it is pushed.
struct Stream<'a> {
    export: &'a Export<'a>,
    instrument: Instrument,
    convention: Option<&'static Convention>,
    start: u64,
}

impl Stream<'_> {
    /// Name, description, unit, and the points in the field of their kind.
    fn write(&self, scoped: &mut Writer, texts: [&str; 3], series: &[(Labels<'_>, &Point)]) {
        scoped.message(2, |metric| {
            for (field, text) in (1..).zip(texts) {
                metric.text(field, text);
            }
            let field = match self.instrument {
                Instrument::Gauge => 5,
                Instrument::Counter | Instrument::UpDownCounter => 7,
                Instrument::Histogram => 9,
            };
            metric.message(field, |data| {
                for (labels, point) in series {
                    data.message(1, |to| match point {
                        Point::Number(value) => self.number(to, *labels, *value),
                        Point::Histogram(buckets) => self.histogram(to, *labels, buckets),
                    });
                }
                if self.instrument != Instrument::Gauge {
                    data.uint(2, CUMULATIVE);
                }
                data.uint(3, u64::from(self.instrument == Instrument::Counter));
            });
        });
    }

    /// `NumberDataPoint`.
    fn number(&self, point: &mut Writer, labels: Labels<'_>, value: f64) {
        if self.instrument != Instrument::Gauge {
            point.fixed64(2, self.start);
        }
        point.fixed64(3, self.export.at_unix_nanos);
        point.double(4, value);
        self.attributes(point, 7, labels);
    }

    /// `HistogramDataPoint`.
    fn histogram(&self, point: &mut Writer, labels: Labels<'_>, buckets: &Buckets) {
        point.fixed64(2, self.start);
        point.fixed64(3, self.export.at_unix_nanos);
        point.fixed64(4, buckets.count());
        point.double(5, buckets.sum_seconds());
        point.packed_fixed64(6, buckets.counts().iter().copied());
        point.packed_double(7, buckets.grid().edges().collect::<Vec<_>>().into_iter());
        let exemplars = (0..buckets.counts().len()).filter_map(|bucket| buckets.exemplar(bucket));
        for Exemplar { origin, nanos: value } in exemplars {
            point.message(8, |to| {
                to.fixed64(2, nanos(origin.at_unix_ms));
                #[expect(clippy::cast_precision_loss, reason = "shown, not summed")]
                to.double(3, *value as f64 / 1e9);
                attribute(to, 7, "assayd.run", &origin.run.0.to_string());
                attribute(to, 7, "assayd.trial", &origin.trial);
            });
        }
        self.attributes(point, 9, labels);
    }

    fn attributes(&self, point: &mut Writer, field: u32, labels: Labels<'_>) {
        for (label, value) in labels.iter() {
            let name = match self.convention {
                Some(convention) => convention.attribute(label),
                None => Some(names::attribute(label)),
            };
            name.iter().for_each(|name: &Cow<'_, str>| attribute(point, field, name, value));
        }
        if !self.convention.is_some_and(Convention::is_gen_ai) {
            return;
        }
        let target = labels.iter().find(|(label, _)| *label == "target").map(|(_, target)| target);
        // A target that is in the store and no longer in the plan: the conventions want both, and nobody knows any more.
        let asked = target.and_then(|target| self.export.asked.get(target));
        attribute(point, field, "gen_ai.operation.name", asked.map_or("chat", |asked| asked.operation));
        attribute(point, field, "gen_ai.provider.name", asked.map_or("_OTHER", |asked| asked.provider));
        if let Some(Asked { model, address, port, .. }) = asked {
            attribute(point, field, "gen_ai.request.model", model);
            attribute(point, field, "server.address", address);
            key_value(point, field, "server.port", |value| value.uint(3, u64::from(*port)));
        }
    }
}

/// An attribute that is a text.
fn attribute(to: &mut Writer, field: u32, name: &str, value: &str) {
    key_value(to, field, name, |to| to.choice_text(1, value));
}

/// `KeyValue`: key, and a value of `AnyValue`.
fn key_value(to: &mut Writer, field: u32, name: &str, value: impl FnOnce(&mut Writer)) {
    to.message(field, |pair| {
        pair.text(1, name);
        pair.message(2, value);
    });
}

/// Milliseconds as nanoseconds, as OTLP counts since the Unix epoch; 0 before it.
fn nanos(unix_ms: i64) -> u64 {
    u64::try_from(unix_ms).unwrap_or(0).saturating_mul(1_000_000)
}
