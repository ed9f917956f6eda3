//! Recording rules as data, one file a topic: what dashboards and alerts read instead of dividing counters themselves.
//!
//! Sums are taken of increases, never the other way round, so that a counter that begins anew costs nothing; labels are
//! taken away (`without`), never listed, so that `job`, `instance` and whatever a Prometheus adds stay apart. A ratio of which
//! nothing was asked has no series; a cost where nothing was correct is +Inf, which is what it is.

mod accuracy;
mod budget;
mod cost;
mod counts;
mod duty;
mod hardware;
mod lag;
mod norms;
mod overfit;
mod speed;

use super::alerts::{self, Alert};
use super::promql::{MINUTE, Scale, Span, WINDOWS, Window};
use super::yaml;

/// Rules that are worked out one after another, at the same instant.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    /// Unique over all files.
    pub name: String,
    /// How often; none for the server's own setting.
    pub interval: Option<Span>,
    /// In order: each sees what those before it recorded.
    pub rules: Vec<Rule>,
}

/// One rule.
#[derive(Debug, Clone, PartialEq)]
pub enum Rule {
    /// A figure that is recorded.
    Record {
        /// `assayd:WHAT:OPERATION_WINDOW`.
        name: String,
        /// In PromQL.
        expr: String,
    },
    /// A condition that somebody is told of.
    Alert(Alert),
}

impl Rule {
    fn record(name: impl Into<String>, expr: impl Into<String>) -> Self {
        Self::Record { name: name.into(), expr: expr.into() }
    }

    /// What it records, or the alert's name.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Record { name, .. } => name,
            Self::Alert(alert) => alert.name,
        }
    }

    /// Its expression.
    #[must_use]
    pub fn expr(&self) -> &str {
        match self {
            Self::Record { expr, .. } => expr,
            Self::Alert(alert) => &alert.expr,
        }
    }
}

/// A file of rules.
pub struct Topic {
    /// The file, without `.yml`.
    pub name: &'static str,
    /// What its figures are, for people who open it.
    pub about: &'static str,
    /// Its groups.
    pub groups: fn(Scale) -> Vec<Group>,
}

/// Every file of rules.
pub const TOPICS: &[Topic] = &[
    // One line a topic.
    counts::TOPIC,
    accuracy::TOPIC,
    cost::TOPIC,
    speed::TOPIC,
    lag::TOPIC,
    hardware::TOPIC,
    duty::TOPIC,
    overfit::TOPIC,
    norms::TOPIC,
    budget::TOPIC,
    alerts::TOPIC,
];

/// Every file: name and text.
pub(super) fn files(scale: Scale) -> Vec<(String, String)> {
    let text = |topic: &Topic| yaml::file(topic.about, &(topic.groups)(scale), scale);
    TOPICS.iter().map(|topic| (format!("{}.yml", topic.name), text(topic))).collect()
}

/// Every rule, as it is at a scale.
pub fn all(scale: Scale) -> impl Iterator<Item = Rule> {
    TOPICS.iter().flat_map(move |topic| (topic.groups)(scale)).flat_map(|group| group.rules)
}

/// The names of what is recorded: what dashboards may ask for beside the metrics themselves.
#[must_use]
pub fn recorded() -> Vec<String> {
    let name = |rule| match rule {
        Rule::Record { name, .. } => Some(name),
        Rule::Alert(_) => None,
    };
    all(Scale::ONE).filter_map(name).collect()
}

/// A group for each window, with the rules that a topic has for it.
fn by_window(topic: &str, rules: impl Fn(Window) -> Vec<Rule>) -> Vec<Group> {
    let group = |window: Window| group(format!("assayd-{topic}-{}", window.name), rules(window));
    WINDOWS.into_iter().map(group).collect()
}

fn group(name: impl Into<String>, rules: Vec<Rule>) -> Group {
    Group { name: name.into(), interval: Some(MINUTE), rules }
}

/// The counts of a window, by what is counted.
fn increase(what: &str, window: Window) -> String {
    format!("assayd:{what}:increase_{}", window.name)
}

/// `over / under`, where anything was counted of either: +Inf where something stands over nothing, no series where nothing
/// stands over nothing.
fn quotient(over: &str, under: &str) -> String {
    format!("{over}\n  / {under}\nand\n  {over}\n  + {under} > 0")
}

/// A gauge of the last complete runs over a window, by one of the functions that end in `_over_time`.
fn over(function: &str, gauge: &str, window: Window, s: Scale) -> String {
    format!("{function}_over_time({gauge}{})", window.range(s))
}
