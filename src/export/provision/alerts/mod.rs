//! Alerts as data: what somebody should be told of, and what it says. docs/runbooks.md has a section for each.

mod hardware;
mod models;
mod money;
mod runs;

use super::promql::{Scale, Span};
use super::rules::{Group, Rule, Topic};

/// Where the sections are that alerts link to, each under the alert's name.
pub const RUNBOOKS: &str = "https://github.com/assayd/assayd/blob/main/docs/runbooks.md";

/// The file.
pub(super) const TOPIC: Topic = Topic {
    name: "alerts",
    about: "What somebody should be told of. docs/runbooks.md says of each what it means, how to look, and what to do.",
    groups,
};

/// How much it matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// Now: something is down, or money goes fast.
    Critical,
    /// Today: a figure has changed, or can't be believed.
    Warning,
}

impl Severity {
    /// Its label.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Critical => "critical",
            Self::Warning => "warning",
        }
    }
}

/// An alert.
#[derive(Debug, Clone, PartialEq)]
pub struct Alert {
    /// `Assayd…`.
    pub name: &'static str,
    /// In PromQL.
    pub expr: String,
    /// How long it must hold; none: at once.
    pub after: Option<Span>,
    /// How much it matters.
    pub severity: Severity,
    /// One line: what happened to whom.
    pub summary: &'static str,
    /// With figures: what was seen, and what is normal.
    pub description: String,
}

impl Alert {
    /// Where to read on.
    #[must_use]
    pub fn runbook_url(&self) -> String {
        format!("{RUNBOOKS}#{}", self.name.to_lowercase())
    }
}

/// A topic's alerts at a scale.
type Alerts = fn(Scale) -> Vec<Alert>;

/// Every group of alerts.
const GROUPS: &[(&str, Alerts)] = &[
    ("assayd-alerts-models", models::alerts),
    ("assayd-alerts-money", money::alerts),
    ("assayd-alerts-runs", runs::alerts),
    ("assayd-alerts-hardware", hardware::alerts),
];

fn groups(scale: Scale) -> Vec<Group> {
    let group = |(name, alerts): &(&str, Alerts)| Group {
        name: (*name).to_owned(),
        interval: None,
        rules: alerts(scale).into_iter().map(Rule::Alert).collect(),
    };
    GROUPS.iter().map(group).collect()
}

/// Every alert, as it is meant.
pub fn all() -> impl Iterator<Item = Alert> {
    GROUPS.iter().flat_map(|(_, alerts)| alerts(Scale::ONE))
}

/// In a description: the value of a series with the alert's own labels, in one of Prometheus' forms.
fn value_of(series: &str, labels: &[&str], form: &str) -> String {
    let matchers: Vec<String> = labels.iter().map(|label| format!("{label}=%q")).collect();
    let values: Vec<String> = labels.iter().map(|label| format!("$labels.{label}")).collect();
    format!(
        "{{{{ with printf `{series}{{{}}}` {} | query }}}}{{{{ . | first | value | {form} }}}}{{{{ else }}}}unknown{{{{ end }}}}",
        matchers.join(","),
        values.join(" ")
    )
}

/// Of which series of one target and scenario of one assayd.
const PAIR: &[&str] = &["job", "instance", "target", "scenario"];
