//! `[metrics]`: which metrics are exported, how many lines of them, and on which grids the histograms stand.

use crate::board::{Grid, Grids};
use crate::config::{Expected, Placed, Section, Value, suggest};
use std::ops::Range;
use toml::de::DeValue;

/// Lines of one exposition at the most, where the configuration does not say otherwise: one with very many strata must not
/// overwhelm the scraper.
pub const SERIES_CAP: usize = 50_000;

/// What `[metrics]` says.
#[derive(Debug, Clone, PartialEq)]
pub struct MetricsPlan {
    /// What is switched off.
    pub off: Vec<Off>,
    /// Lines of one exposition at the most.
    pub series_cap: usize,
    /// What the latency histograms stand on.
    pub grids: Grids,
}

/// A pattern of metrics that are switched off. Which metrics there are is not known here: whoever knows holds it against
/// them, and can tell its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Off {
    /// The pattern.
    pub pattern: String,
    /// Where it is written, in bytes.
    pub span: Range<usize>,
}

impl Default for MetricsPlan {
    fn default() -> Self {
        Self { off: Vec::new(), series_cap: SERIES_CAP, grids: Grids::default() }
    }
}

/// The name of a metric, or a pattern of some.
struct Pattern(String);

impl Value for Pattern {
    fn expected() -> String {
        "a metric's name, or a pattern of names such as \"assayd_engine_*\"".into()
    }
    fn read(value: &DeValue<'_>) -> Result<Self, Expected> {
        let fail = |hint: Option<&str>| Err(Expected { expected: Self::expected(), hint: hint.map(str::to_owned) });
        let DeValue::String(text) = value else { return fail(None) };
        let known = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '*' | '?');
        match text {
            text if text.is_empty() => fail(None),
            text if text.contains('{') => fail(Some("metrics are switched off whole, not by their labels")),
            text if text.chars().all(known) => Ok(Self(text.to_string())),
            _ => fail(Some("letters, digits and _, with * for any run of characters and ? for any one")),
        }
    }
}

/// A set of grids, by its name.
struct Named(Grids);

impl Value for Named {
    fn expected() -> String {
        let names: Vec<_> = Grids::KINDS.iter().map(|(name, _)| format!("{name:?}")).collect();
        format!("one of {}", names.join(", "))
    }
    fn read(value: &DeValue<'_>) -> Result<Self, Expected> {
        let fail = |hint| Err(Expected { expected: Self::expected(), hint });
        let DeValue::String(text) = value else { return fail(None) };
        match Grids::KINDS.iter().find(|(name, _)| text == name) {
            Some((_, grids)) => Ok(Self(*grids)),
            None => {
                let near = suggest(text, Grids::KINDS.iter().map(|(name, _)| *name));
                fail(near.map(|near| format!("did you mean \"{near}\"?")))
            }
        }
    }
}

/// Reads the section; none where it is wrong.
pub(super) fn build(root: &Section<'_>) -> Option<MetricsPlan> {
    let Some(section) = root.section("metrics") else { return Some(MetricsPlan::default()) };
    let off = section.or::<Vec<Placed<Pattern>>>("off", Vec::new());
    let series_cap = section.or("series_cap", SERIES_CAP as u64).and_then(|cap| match usize::try_from(cap) {
        Ok(cap) if cap > 0 => Some(cap),
        _ => {
            section.problem("series_cap", "expected at least 1", Some("without the field it is 50,000".into()));
            None
        }
    });
    let grids = grids(&section);
    section.finish();
    let off = off?.into_iter().map(|Placed { span, value: Pattern(pattern) }| Off { pattern, span });
    Some(MetricsPlan { off: off.collect(), series_cap: series_cap?, grids: grids? })
}

/// `buckets`: one name for all histograms, or a table with a name for each.
fn grids(section: &Section<'_>) -> Option<Grids> {
    if !section.is_table("buckets") {
        return section.or("buckets", Named(Grids::default())).map(|Named(grids)| grids);
    }
    let table = section.section("buckets")?;
    let one = |key, pick: fn(&Grids) -> &'static Grid| {
        table.or(key, Named(Grids::default())).map(|Named(grids)| pick(&grids))
    };
    let first_token = one("time_to_first_token", |grids| grids.first_token);
    let inter_token = one("inter_token_latency", |grids| grids.inter_token);
    let per_output_token = one("time_per_output_token", |grids| grids.per_output_token);
    let duration = one("request_duration", |grids| grids.duration);
    table.finish();
    Some(Grids {
        first_token: first_token?,
        inter_token: inter_token?,
        per_output_token: per_output_token?,
        duration: duration?,
    })
}
