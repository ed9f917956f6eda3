//! `[otlp]`: where metrics are pushed to, how often, and what is said of this program there.

use crate::config::{Section, Value as _};
use crate::telemetry::Place;
use std::collections::BTreeMap;
use std::time::Duration;
use toml::de::DeValue;

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
                let hint = "a name with dots is written in quotes: \"deployment.environment.name\" = \"prod\"";
                let hint = matches!(raw.get_ref(), DeValue::Table(_)).then(|| hint.to_owned());
                table.problem_at(key, raw, "expected a text that is not empty", hint);
                good = false;
            }
        }
    }
    good.then_some(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Source, read};

    /// The plan of a section, and the warnings.
    fn built(text: &str) -> (Option<OtlpPlan>, Vec<String>) {
        let source = Source::inline("c", text);
        read(&source, |root| {
            let plan = build(root)?;
            Some((plan, root.take_warnings().iter().map(ToString::to_string).collect()))
        })
        .unwrap()
    }

    #[test]
    fn nothing_is_pushed_unless_somebody_asks() {
        assert_eq!(built(""), (None, Vec::new()));
        let (plan, warnings) = built("[otlp]\nurl = \"http://c:4318\"\n");
        let plan = plan.unwrap();
        assert_eq!((plan.place.shown().as_str(), plan.gzip), ("http://c:4318/v1/metrics", true));
        assert_eq!((plan.every, plan.place.timeout), (Duration::from_secs(60), Duration::from_secs(10)));
        assert_eq!((plan.resource.len(), warnings), (0, Vec::new()));
    }

    #[test]
    fn another_protocols_port_and_another_signals_path_are_doubtful() {
        let (_, warnings) = built("[otlp]\nurl = \"https://c:4317\"\n");
        let grpc = "c:2:7: otlp.url: 4317 is the port of OTLP over gRPC\n  hint: OTLP over HTTP, which is spoken here, has 4318";
        assert_eq!(warnings, [grpc]);
        let (plan, warnings) = built("[otlp]\nurl = \"https://c/otlp?token=hidden\"\n");
        assert!(warnings.len() == 1 && warnings[0].contains("ends in /v1/metrics"), "{warnings:?}");
        assert_eq!(plan.unwrap().place.shown(), "https://c/otlp?***");
        assert_eq!(built("[otlp]\nurl = \"http://p:9090/api/v1/otlp/v1/metrics\"\n").1, Vec::<String>::new());
    }
}
