//! The exposition as text: Prometheus' format 0.0.4, and OpenMetrics 1.0 with exemplars.
//!
//! Both write the upper edge of a bucket as OpenMetrics' canonical number (`1.0`, `1e-05`), as the Python client does that
//! most serving engines use: so a series has the same labels whichever format was negotiated, and the same edges as theirs.
//! `_created` is not written: a counter of ours goes on over restarts, so its beginning is not the process's.

use super::sink::{Family, Labels, Point};
use super::{Kind, Metric};
use crate::board::{Buckets, Exemplar};
use std::fmt::Write as _;

/// In which format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Prometheus' text format 0.0.4: what every scraper reads.
    Text,
    /// OpenMetrics 1.0: units, exemplars, and an end that tells a whole exposition from a cut one.
    OpenMetrics,
}

/// Characters that the names and values of an exemplar's labels may have together.
const EXEMPLAR: usize = 128;

impl Format {
    /// Its content type.
    #[must_use]
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Text => "text/plain; version=0.0.4; charset=utf-8",
            Self::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
        }
    }

    /// Writes an exposition.
    #[must_use]
    pub fn write(self, families: &[Family]) -> String {
        let mut out = String::with_capacity(16 * 1024);
        let mut labels = String::new();
        for family in families {
            self.head(&mut out, family.metric);
            for (of, point) in family.series() {
                labels.clear();
                write_labels(&mut labels, of);
                match point {
                    Point::Number(value) => series(&mut out, family.metric.name, "", &labels, "", *value),
                    Point::Histogram(buckets) => self.histogram(&mut out, family.metric.name, &labels, buckets),
                }
            }
        }
        if self == Self::OpenMetrics {
            out.push_str("# EOF\n");
        }
        out
    }

    fn head(self, out: &mut String, metric: &Metric) {
        let Metric { name, help, kind, unit, .. } = metric;
        let (kind, help) = (kind.label(), help.replace('\\', "\\\\").replace('\n', "\\n"));
        // Writing to a text can't fail.
        let _ = match self {
            Self::Text => writeln!(out, "# HELP {name} {help}\n# TYPE {name} {kind}"),
            Self::OpenMetrics => {
                let (name, help, unit) = (family_name(metric), help.replace('"', "\\\""), unit.to_lowercase());
                let _ = writeln!(out, "# TYPE {name} {kind}");
                let ends = name.strip_suffix(&unit).is_some_and(|before| before.ends_with('_'));
                let _ = if ends { writeln!(out, "# UNIT {name} {unit}") } else { Ok(()) };
                writeln!(out, "# HELP {name} {help}")
            }
        };
    }

    fn histogram(self, out: &mut String, name: &str, labels: &str, buckets: &Buckets) {
        let mut le = String::with_capacity(32);
        for (bucket, (edge, count)) in buckets.cumulative().enumerate() {
            le.clear();
            le.push_str(if labels.is_empty() { "le=\"" } else { ",le=\"" });
            canonical(&mut le, edge);
            le.push('"');
            let _ = write!(out, "{name}_bucket{{{labels}{le}}} {count}");
            let exemplar = buckets.exemplar(bucket).filter(|_| self == Self::OpenMetrics);
            exemplar.into_iter().for_each(|exemplar| write_exemplar(out, exemplar));
            out.push('\n');
        }
        series(out, name, "_sum", labels, "", buckets.sum_seconds());
        let braced = if labels.is_empty() { String::new() } else { format!("{{{labels}}}") };
        let _ = writeln!(out, "{name}_count{braced} {}", buckets.count());
    }
}

/// The name of a metric's family in OpenMetrics, where `_total` belongs to a counter's series.
#[must_use]
pub fn family_name(metric: &Metric) -> &'static str {
    match metric.kind {
        Kind::Counter => metric.name.strip_suffix("_total").unwrap_or(metric.name),
        Kind::Gauge | Kind::Histogram => metric.name,
    }
}

fn series(out: &mut String, name: &str, suffix: &str, labels: &str, more: &str, value: f64) {
    out.push_str(name);
    out.push_str(suffix);
    if !labels.is_empty() || !more.is_empty() {
        out.push('{');
        out.push_str(labels);
        out.push_str(more);
        out.push('}');
    }
    out.push(' ');
    if value.is_infinite() {
        out.push_str(if value > 0.0 { "+Inf" } else { "-Inf" });
    } else {
        let _ = write!(out, "{value}");
    }
    out.push('\n');
}

fn write_labels(out: &mut String, labels: Labels<'_>) {
    for (name, value) in labels.iter() {
        if !out.is_empty() {
            out.push(',');
        }
        out.push_str(name);
        out.push_str("=\"");
        escape(out, value);
        out.push('"');
    }
}

/// A label's value: both formats escape the same three characters.
fn escape(out: &mut String, value: &str) {
    let mut rest = value;
    while let Some(at) = rest.find(['\\', '"', '\n']) {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let mut chars = from.chars();
        match chars.next() {
            Some('\n') => out.push_str("\\n"),
            Some(special) => out.extend(['\\', special]),
            None => {}
        }
        rest = chars.as_str();
    }
    out.push_str(rest);
}

/// A number as OpenMetrics wants an edge to be spelled, so that equal edges are equal labels.
fn canonical(out: &mut String, edge: f64) {
    let _ = if edge.is_infinite() {
        out.write_str("+Inf")
    } else if edge > 0.0 && edge < 1e-4 {
        let text = format!("{edge:e}");
        let (digits, exponent) = text.split_once("e-").unwrap_or((&text, ""));
        write!(out, "{digits}e-{exponent:0>2}")
    } else if edge.fract() == 0.0 {
        write!(out, "{edge}.0")
    } else {
        write!(out, "{edge}")
    };
}

fn write_exemplar(out: &mut String, exemplar: &Exemplar) {
    let Exemplar { origin, nanos } = exemplar;
    let run = origin.run.0.to_string();
    let _ = write!(out, " # {{run=\"{run}\"");
    let length = "run".len() + run.len() + "trial".len() + origin.trial.chars().count();
    // Too long a name of an item is left out rather than cut: half a name finds nothing.
    if length <= EXEMPLAR {
        out.push_str(",trial=\"");
        escape(out, &origin.trial);
        out.push('"');
    }
    #[expect(clippy::cast_precision_loss, reason = "shown, not summed")]
    let seconds = *nanos as f64 / 1e9;
    let (whole, ms) = (origin.at_unix_ms.div_euclid(1000), origin.at_unix_ms.rem_euclid(1000));
    let _ = write!(out, "}} {seconds} {whole}.{ms:03}");
}

#[cfg(test)]
mod tests {
    use super::super::{gather, view};
    use super::*;
    use crate::board::{Grid, Origin};
    use crate::domain::RunId;

    #[test]
    fn edges_are_spelled_as_other_clients_spell_them() {
        for (edge, want) in [
            (0.00001, "1e-05"),
            (0.000_025, "2.5e-05"),
            (0.0001, "0.0001"),
            (0.3, "0.3"),
            (1.0, "1.0"),
            (2.5, "2.5"),
            (7680.0, "7680.0"),
            (f64::INFINITY, "+Inf"),
        ] {
            let mut out = String::new();
            canonical(&mut out, edge);
            assert_eq!(out, want);
        }
    }

    fn shown(trial: &str) -> String {
        let origin = Origin { run: RunId(7), trial: trial.into(), at_unix_ms: 1_790_000_000_042 };
        let mut out = String::new();
        write_exemplar(&mut out, &Exemplar { origin, nanos: 12_345_678 });
        out
    }

    #[test]
    fn an_exemplar_names_run_and_trial_within_its_128_characters() {
        assert_eq!(shown("a\"1"), " # {run=\"7\",trial=\"a\\\"1\"} 0.012345678 1790000000.042");
        let most = 128 - "run7trial".len();
        assert!(shown(&"度".repeat(most)).contains("trial"));
        assert_eq!(shown(&"x".repeat(most + 1)), " # {run=\"7\"} 0.012345678 1790000000.042");
    }

    #[test]
    fn only_openmetrics_has_exemplars_units_and_an_end() {
        view::fixture(|view| {
            let mut board = view.board.clone();
            for latencies in board.latencies.values_mut() {
                latencies.inter_token = Buckets::new(&Grid::TOKENS);
                let origin = Origin { run: RunId(7), trial: "a".into(), at_unix_ms: 1 };
                latencies.inter_token.record_of(3_000_000, &origin);
            }
            let view = super::super::View { board: &board, ..view.clone() };
            let families = gather(&view, &|| true).unwrap();
            let (text, open) = (Format::Text.write(&families), Format::OpenMetrics.write(&families));
            for part in [
                "# EOF\n",
                "# UNIT assayd_inter_token_latency_seconds seconds\n",
                " # {run=\"7\",trial=\"a\"} 0.003 0.001\n",
            ] {
                assert!(open.contains(part) && !text.contains(part), "{part}");
            }
            assert!(open.ends_with("\n# EOF\n"));
            assert!(open.contains("# TYPE assayd_answers counter\n# UNIT assayd_answers answers\n"), "{open}");
            assert!(text.contains("# TYPE assayd_answers_total counter\n"), "{text}");
            let lines = |text: &str| text.lines().filter(|l| !l.starts_with('#')).count();
            assert_eq!(lines(&text), lines(&open));
        });
    }
}
