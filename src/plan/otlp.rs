//! `[otlp]`: where metrics are pushed to, how often, and what is said of this program there.

use crate::config::{Section, Value as _};
use crate::telemetry::Place;
use std::collections::BTreeMap;
use std::time::Duration;

/// The path that OTLP/HTTP gives metrics where a URL has none.
const PATH: &str = "/v1/metrics";
/// How often is pushed where nothing else is said: OpenTelemetry's own default.
const EVERY: Duration = Duration::from_secs(60);
/// How long one export may take where nothing else is said: likewise.
const TIMEOUT: Duration = Duration::from_secs(10);
/// The port of OTLP over gRPC, which is another protocol.
const GRPC: u16 = 4317;

/// What `[otlp]` says.
#[derive(Debug, Clone, PartialEq)]
pub struct OtlpPlan {
    /// Where to, with which headers, and how long one export may take.
    pub place: Place,
    /// How often.
    pub every: Duration,
    /// Whether it is packed.
    pub gzip: bool,
    /// Attributes of the resource beside our own; they take the place of ours that have the same name.
    pub resource: BTreeMap<String, String>,
}

/// Reads the section: none where it is wrong, the inner none where there is none.
pub(super) fn build(root: &Section<'_>) -> Option<Option<OtlpPlan>> {
    let Some(section) = root.section("otlp") else { return (!root.has("otlp")).then_some(None) };
    let place = Place::within(&section, PATH, TIMEOUT);
    if let Some(url) = place.as_ref().map(|place| &place.url) {
        if url.port() == Some(GRPC) {
            let hint = "OTLP over HTTP, which is spoken here, has 4318".to_owned();
            section.warn("url", "4317 is the port of OTLP over gRPC", Some(hint));
        }
        if !url.path().ends_with(PATH) {
            let hint = format!("where a receiver names a base URL, add {PATH} to it");
            section.warn("url", format!("the path of OTLP for metrics ends in {PATH}"), Some(hint));
        }
    }
    let every = section.or("every", EVERY).and_then(|every| {
        let sane = (Duration::from_millis(100)..=Duration::from_secs(3600)).contains(&every);
        if !sane {
            section.problem("every", "expected from \"100ms\" to \"1h\"", None);
        }
        sane.then_some(every)
    });
    let gzip = match section.has("compression") {
        true => section.choice("compression", &[("gzip", true), ("none", false)]),
        false => Some(true),
    };
    let resource = match section.section("resource") {
        Some(table) => resource(&table),
        None => (!section.has("resource")).then(BTreeMap::new),
    };
    section.finish();
    Some(Some(OtlpPlan { place: place?, every: every?, gzip: gzip?, resource: resource? }))
}

fn resource(table: &Section<'_>) -> Option<BTreeMap<String, String>> {
    let (mut all, mut good) = (BTreeMap::new(), true);
    for (key, raw) in table.entries() {
        match String::read(raw.get_ref()) {
            Ok(text) if !key.is_empty() && !text.is_empty() => drop(all.insert(key.to_owned(), text)),
            _ => {
                let hint = "an attribute's name is written in quotes: \"deployment.environment.name\" = \"prod\"";
                table.problem_at(key, raw, "expected a text that is not empty", Some(hint.into()));
                good = false;
            }
        }
    }
    good.then_some(all)
}
