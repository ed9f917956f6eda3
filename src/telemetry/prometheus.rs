//! `prometheus`: any figures that a Prometheus server (or what speaks its API) can tell, by one query each. For AMD, Intel
//! and the clouds, whose exporters have names of their own.

use super::fetch::{Fetcher, Place, every};
use super::{Absence, Absent, Busy, Device, DeviceId, Meter, Probe, Reading, Value, now};
use crate::config::{self, Section, Source};
use crate::domain::Quality;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// The list's entry.
pub const KIND: super::Kind =
    super::Kind { name: "prometheus", about: "figures by PromQL: AMD, Intel, clouds, anything that is scraped", build };

/// Devices of one answer at the most.
const MOST_DEVICES: usize = 256;

/// What the device of series without a device's label is called.
const ONLY: &str = "prometheus";

/// A figure that can be asked for, with the values that it can have once it is scaled.
struct Figure {
    name: &'static str,
    range: std::ops::RangeInclusive<f64>,
    put: fn(&mut Device, Value),
}

const fn figure(name: &'static str, most: f64, put: fn(&mut Device, Value)) -> Figure {
    Figure { name, range: 0.0..=most, put }
}

fn share(device: &mut Device, kind: Busy, value: Value) {
    device.busy.push((kind, Value { value: value.value.min(1.0), ..value }));
}

/// All figures.
const FIGURES: &[Figure] = &[
    figure("power", 100_000.0, |device, value| device.power = Some(value)),
    figure("energy", 1e15, |device, value| device.energy = Some(value)),
    figure("kernel_active", 1.02, |device, value| share(device, Busy::KernelActive, value)),
    figure("sm_active", 1.02, |device, value| share(device, Busy::SmActive, value)),
    figure("tensor_active", 1.02, |device, value| share(device, Busy::TensorActive, value)),
    figure("dram_active", 1.02, |device, value| share(device, Busy::DramActive, value)),
    figure("cpu_active", 1.02, |device, value| share(device, Busy::CpuActive, value)),
    figure("memory_used", 1e15, |device, value| device.memory_used = Some(value)),
    figure("memory_total", 1e15, |device, value| device.memory_total = Some(value)),
    Figure { name: "temperature", range: -60.0..=250.0, put: |device, value| device.temperature = Some(value) },
    figure("clock", 1e11, |device, value| device.clock = Some(value)),
];

/// One query.
#[derive(Debug, Clone)]
struct Query {
    /// Its place in [`FIGURES`].
    figure: usize,
    promql: String,
    scale: f64,
}

#[derive(Debug, Clone)]
struct Settings {
    place: Place,
    every: Duration,
    device_label: Option<String>,
    pod_label: Option<String>,
    queries: Vec<Query>,
}

fn build(section: &Section<'_>) -> Option<Arc<dyn Meter>> {
    let (place, every) = (Place::build(section, "/"), every(section, Duration::from_secs(1)));
    let label = |key: &'static str| {
        let label: Option<String> = section.get(key);
        let good = label.as_deref().is_none_or(|label| {
            let inside = |c: char| c.is_ascii_alphanumeric() || c == '_';
            !label.is_empty() && label.chars().all(inside) && !label.starts_with(|c: char| c.is_ascii_digit())
        });
        if !good {
            section.problem(key, "is not a label's name", None);
        }
        (good && (label.is_some() || !section.has(key))).then_some(label)
    };
    let (device_label, pod_label) = (label("device_label"), label("pod_label"));
    let scales = section.section("scale");
    let (mut queries, mut good) = (Vec::new(), scales.is_some() || !section.has("scale"));
    for (place, figure) in FIGURES.iter().enumerate() {
        let promql: Option<String> = section.get(figure.name);
        let scale = scales.as_ref().map_or(Some(1.0), |scales| scales.or(figure.name, 1.0));
        if scale.is_some_and(|scale| scale <= 0.0) {
            if let Some(scales) = &scales {
                scales.problem(figure.name, "expected more than 0", None);
            }
            good = false;
        }
        match (promql, scale) {
            (Some(promql), _) if promql.trim().is_empty() => {
                section.problem(figure.name, "must not be empty", None);
                good = false;
            }
            (Some(promql), Some(scale)) => queries.push(Query { figure: place, promql, scale }),
            (None, Some(_)) if !section.has(figure.name) => {
                if let Some(scales) = scales.as_ref().filter(|scales| scales.has(figure.name)) {
                    scales.problem(figure.name, "there is no query of this figure", None);
                    good = false;
                }
            }
            _ => good = false,
        }
    }
    if let Some(scales) = scales {
        scales.finish();
    }
    if queries.is_empty() && good {
        let names: Vec<&str> = FIGURES.iter().map(|figure| figure.name).collect();
        section.problem_here(format!("expected at least one query of {}", names.join(", ")), None);
        good = false;
    }
    let (place, every) = (place?, every?);
    let settings = Settings { place, every, device_label: device_label?, pod_label: pod_label?, queries };
    good.then(|| -> Arc<dyn Meter> { Arc::new(settings) })
}

impl Meter for Settings {
    fn every(&self) -> Duration {
        self.every
    }

    fn fingerprint(&self) -> String {
        let Self { place, every, device_label, pod_label, queries } = self;
        format!("prometheus {every:?} {} {device_label:?} {pod_label:?} {queries:?}", place.fingerprint())
    }

    fn open(&self) -> Box<dyn Probe> {
        Box::new(Asking { settings: self.clone(), fetcher: None })
    }
}

struct Asking {
    settings: Settings,
    fetcher: Option<Fetcher>,
}

impl Probe for Asking {
    fn look(&mut self) -> Reading {
        let Self { settings, fetcher } = self;
        let mut reading = Reading::new(now());
        let mut devices = BTreeMap::new();
        for query in &settings.queries {
            let mut url = settings.place.url.clone();
            url.set_path(&format!("{}/api/v1/query", settings.place.url.path().trim_end_matches('/')));
            url.query_pairs_mut().append_pair("query", &query.promql);
            // A mistake in a query is told in the answer's body, under a status of 4xx.
            let answer = settings.place.with(fetcher).and_then(|fetcher| fetcher.get(&url, true));
            let what = FIGURES.get(query.figure).map_or("all", |figure| figure.name);
            match answer {
                Ok(text) => take(&text, query, settings, &mut devices, &mut reading.absent),
                Err(refused) => {
                    let gone = refused.why == Absence::Unreachable;
                    reading.absent.push(refused.of(what));
                    if gone {
                        // The others would wait as long, one after the other.
                        break;
                    }
                }
            }
        }
        // The server evaluated them about now; half of a slow answer would be a gap.
        reading.at = now();
        reading.devices = devices.into_values().collect();
        reading
    }
}

#[derive(Deserialize)]
struct Answer<'a> {
    status: String,
    #[serde(rename = "errorType", default)]
    error_type: String,
    #[serde(default)]
    error: String,
    #[serde(default)]
    warnings: Vec<String>,
    #[serde(borrow)]
    data: Option<Data<'a>>,
}

#[derive(Deserialize)]
struct Data<'a> {
    #[serde(rename = "resultType")]
    kind: String,
    #[serde(borrow)]
    result: &'a RawValue,
}

#[derive(Deserialize)]
struct Series {
    #[serde(default)]
    metric: BTreeMap<String, String>,
    value: (f64, String),
}

/// Reads the answer to one query.
fn take(
    text: &str,
    query: &Query,
    settings: &Settings,
    devices: &mut BTreeMap<DeviceId, Device>,
    absent: &mut Vec<Absent>,
) {
    let Some(figure) = FIGURES.get(query.figure) else { return };
    let mut note = |why, device: Option<DeviceId>, detail: String| {
        absent.push(Absent { what: figure.name, device, why, detail: shortened(&detail) });
    };
    let (series, warned) = match series(text) {
        Ok(read) => read,
        Err(detail) => return note(Absence::Unreadable, None, detail),
    };
    if series.is_empty() {
        return note(Absence::NoDevice, None, "the query gives no series".into());
    }
    let quality = if warned.is_empty() { Quality::Measured } else { Quality::Estimated };
    for warning in warned {
        note(Absence::Other, None, format!("the server warns: {warning}"));
    }
    let id_of = |series: &Series| match &settings.device_label {
        None => Some(DeviceId::new(ONLY)),
        Some(label) => series.metric.get(label).filter(|id| !id.is_empty()).map(|id| DeviceId::new(id)),
    };
    let mut counts: BTreeMap<DeviceId, usize> = BTreeMap::new();
    for id in series.iter().filter_map(id_of) {
        *counts.entry(id).or_default() += 1;
    }
    for one in &series {
        let Some(id) = id_of(one) else {
            let label = settings.device_label.as_deref().unwrap_or_default();
            note(Absence::Unreadable, None, format!("a series has no label {label:?}"));
            continue;
        };
        let same = counts.get(&id).copied().unwrap_or(0);
        if same != 1 {
            // Told once for all of them.
            if counts.insert(id.clone(), 0) != Some(0) {
                let detail = format!("{same} series of one device: aggregate the query, as by sum by (…)");
                note(Absence::Unreadable, Some(id), detail);
            }
            continue;
        }
        let value = one.value.1.parse::<f64>().ok().map(|value| value * query.scale);
        let Some(value) = value.filter(|value| figure.range.contains(value)) else {
            note(Absence::Nonsense, Some(id), format!("the value is {}", one.value.1));
            continue;
        };
        if devices.len() >= MOST_DEVICES && !devices.contains_key(&id) {
            return note(Absence::Other, None, format!("more than {MOST_DEVICES} devices"));
        }
        let device = devices.entry(id.clone()).or_insert_with(|| Device::new(id));
        if let Some(pod) = settings.pod_label.as_ref().and_then(|label| one.metric.get(label)) {
            let namespace = one.metric.get("namespace").or_else(|| one.metric.get("exported_namespace"));
            device.pod = Some(namespace.map_or_else(|| pod.clone(), |namespace| format!("{namespace}/{pod}")));
        }
        (figure.put)(device, Value { value, quality });
    }
}

/// The series of an answer, and the server's warnings.
fn series(text: &str) -> Result<(Vec<Series>, Vec<String>), String> {
    let answer: Answer<'_> = serde_json::from_str(text).map_err(|e| format!("the answer is not Prometheus': {e}"))?;
    if answer.status != "success" {
        return Err(format!("{} {}", answer.error_type, answer.error).trim().to_owned());
    }
    let data = answer.data.ok_or("the answer has no data")?;
    let unreadable = |e: serde_json::Error| format!("the result can't be read: {e}");
    let series = match data.kind.as_str() {
        "vector" => serde_json::from_str(data.result.get()).map_err(unreadable)?,
        "scalar" => {
            let value = serde_json::from_str(data.result.get()).map_err(unreadable)?;
            vec![Series { metric: BTreeMap::new(), value }]
        }
        kind => return Err(format!("the query gives a {kind}, where a vector is wanted: leave the range out")),
    };
    Ok((series, answer.warnings))
}

/// The one value that a query gives now, with the server's warnings; inside, in words why there is none. Blocks the thread,
/// which must not be a runtime's.
///
/// # Errors
/// In words, where the URL is none.
pub fn value(url: &str, promql: &str) -> Result<Result<(f64, Vec<String>), String>, String> {
    // A text of JSON is one of TOML.
    let text = format!("url = {}\ntimeout = \"10s\"\n", serde_json::Value::from(url));
    let place = config::read(&Source::inline("--prometheus", &text), |section| Place::build(section, "/"));
    let place = place.map_err(|problems| problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))?;
    let mut url = place.url.clone();
    url.set_path(&format!("{}/api/v1/query", place.url.path().trim_end_matches('/')));
    url.query_pairs_mut().append_pair("query", promql);
    let mut fetcher = None;
    let answer = place.with(&mut fetcher).and_then(|fetcher| fetcher.get(&url, true));
    Ok(answer.map_err(|refused| refused.detail).and_then(|text| {
        let (found, warnings) = series(&text)?;
        let one = match found.as_slice() {
            [one] => &one.value.1,
            [] => return Err("the query gives no series".into()),
            several => return Err(format!("the query gives {} series: aggregate it to one", several.len())),
        };
        one.parse().map(|value| (value, warnings)).map_err(|_| format!("the value is {one}"))
    }))
}

/// Text of others, as long as a line may be.
fn shortened(text: &str) -> String {
    let mut short: String = text.chars().take(300).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests;
