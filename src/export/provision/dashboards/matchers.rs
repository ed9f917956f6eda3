//! Puts the matchers of the dashboards' variables into an expression, so that none is forgotten: job and instance for every
//! series, target and scenario for those that have such labels.

use crate::export::metrics;

/// Series that Prometheus itself makes of every scrape.
const OF_THE_SCRAPE: &[&str] = &[
    "up",
    "scrape_duration_seconds",
    "scrape_samples_scraped",
    "scrape_series_added",
    "scrape_samples_post_metric_relabeling",
];

/// Endings that a histogram's series have beside its name.
const ENDINGS: &[&str] = &["_bucket", "_sum", "_count"];

/// The labels of the metric that a series belongs to; none where there is no such metric.
#[must_use]
pub fn labels(series: &str) -> Option<&'static [&'static str]> {
    if OF_THE_SCRAPE.contains(&series) {
        return Some(&[]);
    }
    if series == metrics::REFUSED.name {
        return Some(&[]);
    }
    // A recording rule keeps what the metrics behind it have.
    if series.starts_with("assayd:") {
        return Some(&["target", "scenario"]);
    }
    let base = |metric: &&metrics::Metric| {
        metric.name == series
            || metric.kind == metrics::Kind::Histogram
                && ENDINGS.iter().any(|ending| series.strip_suffix(ending) == Some(metric.name))
    };
    metrics::metrics().find(base).map(|metric| metric.labels)
}

/// The expression with the variables' matchers in every selector of a metric.
#[must_use]
pub fn fill(expr: &str) -> String {
    let mut filled = String::with_capacity(expr.len() * 2);
    let mut rest = expr;
    while let Some(first) = rest.chars().next() {
        if first == '"' {
            // Text in quotes is nobody's name. Expressions here have no escapes.
            let end = rest.char_indices().skip(1).find(|(_, c)| *c == '"').map_or(rest.len(), |(at, _)| at + 1);
            let (text, after) = rest.split_at(end);
            filled.push_str(text);
            rest = after;
        } else if first.is_ascii_alphabetic() || first == '_' || first == '$' {
            let part = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == ':' || c == '$';
            let end = rest.find(|c| !part(c)).unwrap_or(rest.len());
            let (name, after) = rest.split_at(end);
            filled.push_str(name);
            rest = after;
            if let Some(labels) = labels(name) {
                let inner = after.strip_prefix('{');
                filled.push('{');
                filled.push_str(&matchers(labels));
                match inner {
                    Some(inner) => {
                        filled.push_str(", ");
                        rest = inner;
                    }
                    None => filled.push('}'),
                }
            }
        } else {
            filled.push(first);
            rest = rest.get(first.len_utf8()..).unwrap_or_default();
        }
    }
    filled
}

fn matchers(labels: &[&str]) -> String {
    let chosen = ["target", "scenario"].into_iter().filter(|name| labels.contains(name));
    let all: Vec<_> =
        ["job", "instance"].into_iter().chain(chosen).map(|name| format!("{name}=~\"${name}\"")).collect();
    all.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_selector_gets_the_matchers_that_its_labels_allow() {
        for (expr, filled) in [
            ("up", r#"up{job=~"$job", instance=~"$instance"}"#),
            (
                "sum(assayd_build_info) or vector(0)",
                r#"sum(assayd_build_info{job=~"$job", instance=~"$instance"}) or vector(0)"#,
            ),
            (
                r#"rate(assayd_exchanges_total{outcome!="ok"}[$__rate_interval])"#,
                r#"rate(assayd_exchanges_total{job=~"$job", instance=~"$instance", target=~"$target", scenario=~"$scenario", outcome!="ok"}[$__rate_interval])"#,
            ),
            (
                "sum by (le) (assayd_probe_time_to_first_token_seconds_bucket)",
                r#"sum by (le) (assayd_probe_time_to_first_token_seconds_bucket{job=~"$job", instance=~"$instance", target=~"$target"})"#,
            ),
            (r#"label_replace(x, "up", "y", "", "")"#, r#"label_replace(x, "up", "y", "", "")"#),
        ] {
            assert_eq!(fill(expr), filled);
        }
        assert_eq!(labels("assayd_accuracy_ratio_bucket"), None, "no histogram");
        assert_eq!(labels("assayd_nothing"), None);
    }
}
