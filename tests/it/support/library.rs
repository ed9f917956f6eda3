//! A family of ours as the Prometheus project's own client library has it, to hold our text against its encoder: what comes out (the
//! tests), and how long it takes (`benches/scrape.rs`, which reads this file too).

use assayd::export::metrics::{Family, Kind, Point};
use prometheus::proto::{self, MetricFamily, MetricType};

/// The same family as the client library has it.
pub fn as_theirs(family: &Family) -> MetricFamily {
    let kind = match family.metric.kind {
        Kind::Counter => MetricType::COUNTER,
        Kind::Gauge => MetricType::GAUGE,
        Kind::Histogram => MetricType::HISTOGRAM,
    };
    let series = family.series().map(|(labels, point)| {
        let pair = |(name, value): (&str, &str)| {
            let mut pair = proto::LabelPair::default();
            pair.set_name(name.to_owned());
            pair.set_value(value.to_owned());
            pair
        };
        let mut metric = proto::Metric::from_label(labels.iter().map(pair).collect());
        match point {
            Point::Number(value) if kind == MetricType::COUNTER => {
                let mut counter = proto::Counter::default();
                counter.set_value(*value);
                metric.set_counter(counter);
            }
            Point::Number(value) => {
                let mut gauge = proto::Gauge::default();
                gauge.set_value(*value);
                metric.set_gauge(gauge);
            }
            Point::Histogram(buckets) => {
                let bucket = |(edge, count)| {
                    let mut bucket = proto::Bucket::default();
                    bucket.set_upper_bound(edge);
                    bucket.set_cumulative_count(count);
                    bucket
                };
                let finite = buckets.cumulative().filter(|(edge, _)| edge.is_finite());
                let mut histogram = proto::Histogram::default();
                histogram.set_sample_count(buckets.count());
                histogram.set_sample_sum(buckets.sum_seconds());
                histogram.set_bucket(finite.map(bucket).collect());
                metric.set_histogram(histogram);
            }
        }
        metric
    });
    let mut out = MetricFamily::default();
    out.set_name(family.metric.name.to_owned());
    out.set_help(family.metric.help.to_owned());
    out.set_field_type(kind);
    out.set_metric(series.collect());
    out
}
