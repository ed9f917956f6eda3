//! What a metric's series are read into: families of labelled points, as every format of an exposition writes them.

use super::{Kind, Metric};
use crate::board::Buckets;

/// One metric with its series at one moment.
#[derive(Debug)]
pub struct Family {
    /// Its line in the table.
    pub metric: &'static Metric,
    /// The values of all labels of all series, one behind the other …
    values: String,
    /// … and where each ends: as many for each point as the metric has labels.
    ends: Vec<usize>,
    points: Vec<Point>,
}

/// The state of one series.
#[derive(Debug, Clone, PartialEq)]
pub enum Point {
    /// A counter or a gauge.
    Number(f64),
    /// A histogram.
    Histogram(Buckets),
}

/// The labels of one series.
#[derive(Debug, Clone, Copy)]
pub struct Labels<'a> {
    family: &'a Family,
    at: usize,
}

impl<'a> Labels<'a> {
    /// Names and values, in the order of the table; an empty value is "without this label", and left out.
    pub fn iter(self) -> impl Iterator<Item = (&'static str, &'a str)> {
        let Self { family, at } = self;
        let names = family.metric.labels;
        let first = at * names.len();
        let value = move |label: usize| {
            let to = *family.ends.get(label)?;
            let from = label.checked_sub(1).and_then(|before| family.ends.get(before)).copied().unwrap_or(0);
            family.values.get(from..to).filter(|value| !value.is_empty())
        };
        names.iter().enumerate().filter_map(move |(label, name)| Some((*name, value(first + label)?)))
    }
}

impl Family {
    /// Every series: its labels, and its point.
    pub fn series(&self) -> impl Iterator<Item = (Labels<'_>, &Point)> {
        self.points.iter().enumerate().map(|(at, point)| (Labels { family: self, at }, point))
    }
}

/// Takes the series of one metric, up to what is left under the cap.
#[derive(Debug)]
pub struct Sink {
    family: Family,
    pub(super) left: usize,
    pub(super) refused: usize,
}

impl Sink {
    pub(super) const fn new(metric: &'static Metric, left: usize) -> Self {
        let family = Family { metric, values: String::new(), ends: Vec::new(), points: Vec::new() };
        Self { family, left, refused: 0 }
    }

    /// One counter or gauge. Values are in the order of the metric's labels; an empty one means "without this label",
    /// as in Prometheus. A value that is no number is left out.
    pub fn value(&mut self, labels: &[&str], value: f64) {
        debug_assert!(self.family.metric.kind != Kind::Histogram, "{} is a histogram", self.family.metric.name);
        if !value.is_nan() && self.takes(1) {
            self.push(labels, Point::Number(value));
        }
    }

    /// One counter or gauge, from a whole number.
    #[expect(clippy::cast_precision_loss, reason = "a metric is a double; the board keeps the exact count")]
    pub fn count(&mut self, labels: &[&str], count: u64) {
        self.value(labels, count as f64);
    }

    /// One histogram. It costs as many lines as it has buckets, and two.
    pub fn histogram(&mut self, labels: &[&str], buckets: &Buckets) {
        if self.takes(buckets.counts().len() + 2) {
            self.push(labels, Point::Histogram(buckets.clone()));
        }
    }

    const fn takes(&mut self, lines: usize) -> bool {
        // After the first refusal of a metric nothing more of it is taken, so that what is missing is its tail.
        match self.left.checked_sub(lines) {
            Some(left) if self.refused == 0 => self.left = left,
            _ => self.refused += lines,
        }
        self.refused == 0
    }

    fn push(&mut self, labels: &[&str], point: Point) {
        let Family { metric, values, ends, points } = &mut self.family;
        debug_assert_eq!(metric.labels.len(), labels.len(), "one value for each of {:?}", metric.labels);
        for value in labels {
            values.push_str(value);
            ends.push(values.len());
        }
        points.push(point);
    }

    /// The family, where it has any series.
    pub(super) fn family(self) -> Option<Family> {
        (!self.family.points.is_empty()).then_some(self.family)
    }
}
