//! The text that exporters answer with: Prometheus' text format 0.0.4, and OpenMetrics 1.0 as far as it is the same.
//!
//! A line that can't be read is counted and left out, so that one odd metric does not blind a meter. Nothing is larger
//! than the text itself, which whoever fetches it has bounded.

use std::borrow::Cow;
use std::collections::BTreeMap;

/// Samples of one text at the most; what comes after them is left out.
const MOST_SAMPLES: usize = 100_000;

/// Labels of one sample at the most.
const MOST_LABELS: usize = 64;

/// One value with its labels.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample<'t> {
    /// The metric's name.
    pub name: &'t str,
    /// In their order.
    pub labels: Vec<(&'t str, Cow<'t, str>)>,
    /// The value; NaN and infinities too.
    pub value: f64,
    /// The value as it is written: large whole numbers don't fit a float.
    pub raw: &'t str,
    /// The exporter's own time, as it is written (milliseconds, or seconds in OpenMetrics).
    pub timestamp: Option<f64>,
}

impl Sample<'_> {
    /// A label's value; none where it is not there or empty, which mean the same.
    #[must_use]
    pub fn label(&self, name: &str) -> Option<&str> {
        self.labels.iter().find(|(label, _)| *label == name).map(|(_, value)| value.as_ref()).filter(|v| !v.is_empty())
    }
}

/// A whole text.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Exposition<'t> {
    /// What it says, in its order.
    pub samples: Vec<Sample<'t>>,
    /// What metrics mean, by their names.
    pub help: BTreeMap<&'t str, &'t str>,
    /// Lines that can't be read, and samples that are too many.
    pub bad: usize,
}

/// Reads a text.
#[must_use]
pub fn parse(text: &str) -> Exposition<'_> {
    let mut whole = Exposition::default();
    for line in text.lines() {
        let line = line.trim();
        if let Some(comment) = line.strip_prefix('#') {
            let comment = comment.trim_start();
            if comment == "EOF" {
                break;
            }
            if let Some((name, help)) = comment.strip_prefix("HELP ").and_then(|rest| rest.trim_start().split_once(' '))
            {
                whole.help.insert(name, help.trim());
            }
        } else if !line.is_empty() {
            match sample(line).filter(|_| whole.samples.len() < MOST_SAMPLES) {
                Some(sample) => whole.samples.push(sample),
                None => whole.bad += 1,
            }
        }
    }
    whole
}

/// `name{label="value",…} value [timestamp] [# exemplar]`.
fn sample(line: &str) -> Option<Sample<'_>> {
    let (name, rest) = word(line, |c| c == ':')?;
    let rest = rest.trim_start();
    let (labels, rest) = match rest.strip_prefix('{') {
        Some(inside) => labels(inside)?,
        None => (Vec::new(), rest),
    };
    let mut parts = rest.split_whitespace();
    let raw = parts.next()?;
    let value = number(raw)?;
    let timestamp = match parts.next() {
        None | Some("#") => None,
        Some(time) => {
            let time = number(time)?;
            // Nothing but an exemplar may follow.
            if parts.next().is_some_and(|next| next != "#") {
                return None;
            }
            Some(time)
        }
    };
    Some(Sample { name, labels, value, raw, timestamp })
}

/// A name of a metric or label, and what follows it.
fn word(text: &str, more: impl Fn(char) -> bool) -> Option<(&str, &str)> {
    let inside = |c: char| c.is_ascii_alphanumeric() || c == '_' || more(c);
    let end = text.find(|c| !inside(c)).unwrap_or(text.len());
    let (name, rest) = text.split_at_checked(end)?;
    (!name.is_empty() && !name.starts_with(|c: char| c.is_ascii_digit())).then_some((name, rest))
}

/// The labels after their brace, and what follows it.
type Labels<'t> = (Vec<(&'t str, Cow<'t, str>)>, &'t str);

fn labels(mut text: &str) -> Option<Labels<'_>> {
    let mut all = Vec::new();
    loop {
        text = text.trim_start();
        if let Some(rest) = text.strip_prefix('}') {
            return Some((all, rest));
        }
        let (name, rest) = word(text, |_| false)?;
        let rest = rest.trim_start().strip_prefix('=')?.trim_start().strip_prefix('"')?;
        let (value, rest) = quoted(rest)?;
        if all.len() >= MOST_LABELS {
            return None;
        }
        all.push((name, value));
        text = rest.trim_start();
        match text.strip_prefix(',') {
            Some(rest) => text = rest,
            None if text.starts_with('}') => {}
            None => return None,
        }
    }
}

/// A label's value after its opening quote, and what follows the closing one.
fn quoted(text: &str) -> Option<(Cow<'_, str>, &str)> {
    let mut value = Cow::Borrowed("");
    let mut start = 0;
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => {
                let piece = text.get(start..at)?;
                return Some((joined(value, piece), text.get(at + 1..)?));
            }
            '\\' => {
                let piece = text.get(start..at)?;
                let (after, escaped) = chars.next()?;
                let mut owned = joined(value, piece).into_owned();
                match escaped {
                    'n' => owned.push('\n'),
                    '\\' | '"' => owned.push(escaped),
                    // As Prometheus does: what is no escape is itself.
                    other => owned.extend(['\\', other]),
                }
                value = Cow::Owned(owned);
                start = after + escaped.len_utf8();
            }
            _ => {}
        }
    }
    None
}

fn joined<'t>(value: Cow<'t, str>, piece: &'t str) -> Cow<'t, str> {
    if value.is_empty() {
        return Cow::Borrowed(piece);
    }
    Cow::Owned(value.into_owned() + piece)
}

/// A number as Go writes it.
fn number(text: &str) -> Option<f64> {
    let sane = text.len() <= 64 && !text.contains('_');
    if sane { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_form_of_a_line() {
        let text = "# HELP up Is it\\nup?\n# TYPE up gauge\nup 1\n\n  temperature{room=\"a\\\"b\\\\c\\nd\",empty=\"\",} -1.5e3 1700000000000\n\
                    t{} NaN\r\nt:sum_total{a = \"x\" , b=\"ä\"} +Inf # {trace=\"1\"} 0.5\nt{x=\"{}\"} 9223372036854775794\n# EOF\nafter 1\n";
        let read = parse(text);
        assert_eq!((read.bad, read.samples.len()), (0, 5));
        assert_eq!(read.help.get("up"), Some(&"Is it\\nup?"));
        let sample = &read.samples[1];
        assert_eq!((sample.label("room"), sample.label("empty")), (Some("a\"b\\c\nd"), None));
        assert_eq!((sample.value, sample.timestamp), (-1500.0, Some(1.7e12)));
        assert!(read.samples[2].value.is_nan());
        assert_eq!((read.samples[3].name, read.samples[3].value), ("t:sum_total", f64::INFINITY));
        assert_eq!((read.samples[3].label("b"), read.samples[3].timestamp), (Some("ä"), None));
        assert_eq!((read.samples[4].raw, read.samples[4].label("x")), ("9223372036854775794", Some("{}")));
    }

    #[test]
    fn a_bad_line_is_counted_and_the_rest_is_read() {
        for bad in [
            "a",
            "a b",
            "1a 1",
            "a{ 1",
            "a{b} 1",
            "a{b=\"c} 1",
            "a{b=\"c\" d=\"e\"} 1",
            "a{b=\"c\\",
            "a 1 2 3",
            "{\"a\"} 1",
            "a 1_0",
            "a 0x10",
            "<html>",
        ] {
            let text = format!("x 1\n{bad}\ny 2\n");
            let read = parse(&text);
            assert_eq!((read.bad, read.samples.len()), (1, 2), "{bad}");
        }
    }

    #[test]
    fn labels_are_bounded() {
        let many: Vec<String> = (0..65).map(|n| format!("l{n}=\"\"")).collect();
        assert_eq!(parse(&format!("a{{{}}} 1", many.join(","))).bad, 1);
    }

    proptest! {
        #[test]
        fn garbage_never_panics(text in "\\PC{0,200}|[a-z{}=\",\\\\ 0-9#\\n.]{0,200}") {
            let read = parse(&text);
            prop_assert!(read.samples.len() + read.bad <= text.lines().count());
        }

        #[test]
        fn what_is_written_is_read(
            name in "[a-zA-Z_:][a-zA-Z0-9_:]{0,12}",
            labels in prop::collection::vec(("[a-zA-Z_][a-zA-Z0-9_]{0,8}", "\\PC{0,12}|[\"\\\\\\n]{0,4}"), 0..5),
            value in prop::num::f64::NORMAL | prop::num::f64::ZERO,
        ) {
            let escaped = |v: &str| v.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
            let inside: Vec<String> = labels.iter().map(|(k, v)| format!("{k}=\"{}\"", escaped(v))).collect();
            // A line separator of Unicode's is no line end here, but a carriage return at its end would be trimmed.
            prop_assume!(labels.iter().all(|(_, v)| !v.contains('\r')));
            let text = format!("{name}{{{}}} {value:e}\n", inside.join(","));
            let read = parse(&text);
            prop_assert_eq!(read.bad, 0, "{}", text);
            let sample = &read.samples[0];
            prop_assert_eq!((sample.name, sample.value), (name.as_str(), value));
            let got: Vec<(String, String)> = sample.labels.iter().map(|(k, v)| ((*k).into(), v.to_string())).collect();
            prop_assert_eq!(got, labels);
        }
    }
}
