//! Metrics by OTLP: what is encoded, read with the published definitions, and what the program pushes to a receiver that is
//! there, not ready, content with a part, or not there at all.

mod receiver;

use crate::metrics::with_view;
use crate::serve::{Daemon, Mock, configured};
use crate::support::Outcome;
use crate::support::process::{Process, Signal, assayd, free_port, until};
use assayd::board::Since;
use assayd::export::metrics::{Family, Kind, Point, gather};
use assayd::export::otlp::{Asked, CONVENTIONS, Export, SCHEMA_URL, convention, name, unit};
use libtest_mimic::{Failed, Trial};
use opentelemetry_proto::tonic::collector::metrics::v1::{
    ExportMetricsPartialSuccess, ExportMetricsServiceRequest, ExportMetricsServiceResponse,
};
use opentelemetry_proto::tonic::common::v1::{KeyValue, any_value::Value};
use opentelemetry_proto::tonic::metrics::v1::{
    AggregationTemporality, HistogramDataPoint, Metric, NumberDataPoint, metric::Data, number_data_point,
};
use prost::Message as _;
use receiver::{Got, Receiver};
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

/// Longer than anything here takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

const AT: u64 = 1_790_000_123_000_000_000;
const STORE: i64 = 1_780_000_000_000;
const PROCESS: i64 = 1_789_999_000_000;

/// This module's tests.
pub fn tests() -> Vec<Trial> {
    vec![
        Trial::test("otlp::every_series_is_there_under_its_name", every_series),
        Trial::test("otlp::generative_ai_is_told_by_the_conventions", conventions),
        Trial::test("otlp::sums_say_since_when_they_count", starts),
        Trial::test("otlp::exemplars_name_run_and_trial", exemplars),
        Trial::test("otlp::resource_scope_and_schema", resource),
        Trial::test("otlp::a_run_pushes_what_it_came_to", a_run_pushes),
        Trial::test("otlp::a_daemon_tries_again_and_counts_what_became_of_it", a_daemon_pushes),
        Trial::test("otlp::a_reload_begins_to_push", a_reload_begins),
        Trial::test("otlp::a_receiver_that_is_not_there_changes_no_run", nobody_there),
    ]
}

type Attributes = BTreeMap<String, String>;

fn attributes(pairs: &[KeyValue]) -> Attributes {
    let text = |pair: &KeyValue| match pair.value.as_ref()?.value.as_ref()? {
        Value::StringValue(text) => Some(text.clone()),
        Value::IntValue(n) => Some(n.to_string()),
        other => Some(format!("{other:?}")),
    };
    pairs.iter().filter_map(|pair| Some((pair.key.clone(), text(pair)?))).collect()
}

/// The metrics of a message by their names.
fn by_name(message: &ExportMetricsServiceRequest) -> Result<BTreeMap<String, Metric>, Failed> {
    let all = message.resource_metrics.iter().flat_map(|all| &all.scope_metrics).flat_map(|scoped| &scoped.metrics);
    let mut metrics = BTreeMap::new();
    for metric in all {
        if metrics.insert(metric.name.clone(), metric.clone()).is_some() {
            return Err(format!("{} is there twice", metric.name).into());
        }
    }
    Ok(metrics)
}

fn numbers(metric: &Metric) -> &[NumberDataPoint] {
    match &metric.data {
        Some(Data::Sum(sum)) => &sum.data_points,
        Some(Data::Gauge(gauge)) => &gauge.data_points,
        _ => &[],
    }
}

fn histograms(metric: &Metric) -> &[HistogramDataPoint] {
    match &metric.data {
        Some(Data::Histogram(histogram)) => &histogram.data_points,
        _ => &[],
    }
}

fn value(point: &NumberDataPoint) -> f64 {
    match point.value {
        Some(number_data_point::Value::AsDouble(value)) => value,
        _ => f64::NAN,
    }
}

/// The families of the view with something in every metric, and what they are encoded to, decoded.
fn encoded() -> Result<(Vec<Family>, ExportMetricsServiceRequest), Failed> {
    let families = with_view(|view| gather(view, &|| true))?.ok_or("given up")?;
    let asked = BTreeMap::from([
        ("micro".to_owned(), Asked::of("openai-chat", "http://127.0.0.1:8000/v1", "Qwen/Qwen3-8B")),
        ("cloud".to_owned(), Asked::of("gemini", "https://generativelanguage.googleapis.com", "gemini-9")),
    ]);
    let mut board = assayd::board::Board::default();
    board.opened(STORE);
    let resource =
        BTreeMap::from([("service.name".to_owned(), "assayd".to_owned()), ("empty".to_owned(), String::new())]);
    let export = Export {
        families: &families,
        at_unix_nanos: AT,
        since: *board.since(),
        process_unix_ms: PROCESS,
        resource: &resource,
        version: "1.2.3",
        asked: &asked,
    };
    let message = ExportMetricsServiceRequest::decode(&export.encode()[..])?;
    Ok((families, message))
}

fn every_series() -> Outcome {
    let (families, message) = encoded()?;
    let mut metrics = by_name(&message)?;
    let mut points = 0;
    for family in &families {
        let ours = family.metric;
        for (labels, point) in family.series() {
            points += 1;
            let convention = convention(ours).filter(|convention| convention.takes(labels));
            let (name, unit) = match convention {
                Some(convention) => (convention.name.to_owned(), convention.unit.into()),
                None => (name(ours), unit(ours)),
            };
            let metric = metrics.get(&name).ok_or_else(|| format!("no {name}"))?;
            assert_eq!((metric.unit.as_str(), metric.description.as_str()), (unit.as_ref(), ours.help), "{name}");
            let attribute = |(label, value): (&'static str, &str)| {
                let name = match convention {
                    Some(convention) => convention.attribute(label)?.into_owned(),
                    None => format!("assayd.{label}"),
                };
                Some((name, value.to_owned()))
            };
            let want: Attributes = labels.iter().filter_map(attribute).collect();
            // Those of generative AI have more, which another test looks at.
            let is_it = |pairs: &[KeyValue]| {
                let mut found = attributes(pairs);
                found.retain(|name, _| {
                    name == "gen_ai.token.type" || !name.starts_with("gen_ai.") && !name.starts_with("server.")
                });
                found == want
            };
            match point {
                Point::Number(wanted) => {
                    let found = numbers(metric).iter().filter(|point| is_it(&point.attributes));
                    let [found] = found.collect::<Vec<_>>()[..] else { return Err(format!("{name} {want:?}").into()) };
                    assert_eq!((value(found), found.time_unix_nano), (*wanted, AT), "{name}");
                }
                Point::Histogram(wanted) => {
                    let found = histograms(metric).iter().filter(|point| is_it(&point.attributes));
                    let [found] = found.collect::<Vec<_>>()[..] else { return Err(format!("{name} {want:?}").into()) };
                    assert_eq!((found.count, found.sum), (wanted.count(), Some(wanted.sum_seconds())), "{name}");
                    assert_eq!((&found.bucket_counts[..], found.time_unix_nano), (wanted.counts(), AT), "{name}");
                    assert_eq!(found.explicit_bounds, wanted.grid().edges().collect::<Vec<_>>(), "{name}");
                }
            }
            let kind = match &metric.data {
                Some(Data::Gauge(_)) => Kind::Gauge,
                Some(Data::Sum(sum)) => {
                    assert_eq!(sum.aggregation_temporality, AggregationTemporality::Cumulative as i32, "{name}");
                    // A gauge of ours may be a sum that goes up and down there.
                    if sum.is_monotonic { Kind::Counter } else { Kind::Gauge }
                }
                Some(Data::Histogram(histogram)) => {
                    assert_eq!(histogram.aggregation_temporality, AggregationTemporality::Cumulative as i32, "{name}");
                    Kind::Histogram
                }
                other => return Err(format!("{name} is {other:?}").into()),
            };
            assert_eq!(kind, ours.kind, "{name}");
        }
    }
    let there: usize = metrics.values().map(|metric| numbers(metric).len() + histograms(metric).len()).sum();
    assert_eq!((there, points > 200), (points, true), "as many points as series, and none empty");
    metrics.retain(|name, _| !name.starts_with("assayd."));
    let named: Vec<&str> = metrics.keys().map(String::as_str).collect();
    let mut conventions: Vec<&str> = CONVENTIONS.iter().map(|convention| convention.name).collect();
    conventions.sort_unstable();
    assert_eq!(named, conventions, "all that is not ours is in the table, and all of the table is there");
    Ok(())
}

fn conventions() -> Outcome {
    let (_, message) = encoded()?;
    let metrics = by_name(&message)?;
    let point = |name: &str, target: &str, more: (&str, &str)| -> Result<(HistogramDataPoint, Attributes), Failed> {
        let metric = metrics.get(name).ok_or_else(|| format!("no {name}"))?;
        let all = histograms(metric).iter().map(|point| (point.clone(), attributes(&point.attributes)));
        let has = |found: &Attributes, (name, value): (&str, &str)| found.get(name).is_some_and(|v| v == value);
        let mut all = all.filter(|(_, found)| has(found, ("assayd.target", target)) && has(found, more));
        all.next().ok_or_else(|| format!("{name} has no point of {target}").into())
    };
    let chat = ("gen_ai.operation.name", "chat");
    let (usage, said) = point("gen_ai.client.token.usage", "micro", ("gen_ai.token.type", "input"))?;
    let want = [
        ("assayd.scenario", "arith"),
        ("assayd.target", "micro"),
        ("gen_ai.operation.name", "chat"),
        ("gen_ai.provider.name", "openai"),
        ("gen_ai.request.model", "Qwen/Qwen3-8B"),
        ("gen_ai.token.type", "input"),
        ("server.address", "127.0.0.1"),
        ("server.port", "8000"),
    ];
    assert_eq!(said, want.map(|(name, value)| (name.to_owned(), value.to_owned())).into());
    // The boundaries that the conventions name, and 7 and 1200 tokens between them.
    let bounds: Vec<f64> = (0..14).map(|power| 4_f64.powi(power)).collect();
    assert_eq!((usage.explicit_bounds, usage.sum), (bounds, Some(1207.0)));
    assert_eq!(usage.bucket_counts, [0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
    // 12, 13 and 40 ms from the send; the scheduled ones stay under a name of ours.
    let (first, said) = point("gen_ai.client.operation.time_to_first_chunk", "micro", chat)?;
    assert_eq!((first.count, said.contains_key("assayd.clock")), (3, false));
    assert!((first.sum.unwrap_or(0.0) - 0.065).abs() < 1e-12);
    let (late, said) = point("assayd.time_to_first_token", "micro", ("assayd.clock", "scheduled"))?;
    assert!((late.sum.unwrap_or(0.0) - 1.226).abs() < 1e-12 && !said.contains_key("gen_ai.request.model"), "{said:?}");
    let (whole, _) = point("gen_ai.client.operation.duration", "micro", chat)?;
    assert!((whole.sum.unwrap_or(0.0) - 1.32).abs() < 1e-12);
    assert_eq!(point("gen_ai.client.operation.time_per_output_chunk", "micro", chat)?.0.count, 4);
    let gemini = ("gen_ai.operation.name", "generate_content");
    let (_, said) = point("gen_ai.client.operation.duration", "cloud", gemini)?;
    assert_eq!(said.get("gen_ai.provider.name").map(String::as_str), Some("gcp.gemini"));
    // One that is no longer in the plan.
    let (_, said) = point("gen_ai.client.operation.duration", "free", ("gen_ai.provider.name", "_OTHER"))?;
    assert!(!said.contains_key("gen_ai.request.model"), "{said:?}");
    Ok(())
}

fn starts() -> Outcome {
    let (_, message) = encoded()?;
    let metrics = by_name(&message)?;
    let nanos = |ms: i64| u64::try_from(ms).unwrap_or(0) * 1_000_000;
    for (name, want) in [
        ("assayd.answers", nanos(STORE)),
        ("gen_ai.client.operation.duration", nanos(STORE)),
        ("assayd.otlp.exports", nanos(PROCESS)),
        ("process.memory.usage", nanos(PROCESS)),
        ("assayd.engine.preemptions", 0),
        // A gauge has no beginning.
        ("assayd.accuracy", 0),
    ] {
        let metric = metrics.get(name).ok_or_else(|| format!("no {name}"))?;
        let numbers = numbers(metric).iter().map(|point| point.start_time_unix_nano);
        let all: Vec<u64> = numbers.chain(histograms(metric).iter().map(|point| point.start_time_unix_nano)).collect();
        assert!(!all.is_empty() && all.iter().all(|start| *start == want), "{name} {all:?}");
    }
    let since = Since::default();
    assert_eq!((since.all, since.duration()), (None, None), "a store from before it was kept");
    Ok(())
}

fn exemplars() -> Outcome {
    let (_, message) = encoded()?;
    let metrics = by_name(&message)?;
    let metric = metrics.get("gen_ai.client.operation.time_to_first_chunk").ok_or("no such metric")?;
    let of_micro = |point: &&HistogramDataPoint| {
        attributes(&point.attributes).get("assayd.target").is_some_and(|target| target == "micro")
    };
    let point = histograms(metric).iter().find(of_micro).ok_or("no point")?;
    let shown: Vec<_> = point
        .exemplars
        .iter()
        .map(|exemplar| {
            let said = attributes(&exemplar.filtered_attributes);
            let value = exemplar.value.map(|value| format!("{value:?}")).unwrap_or_default();
            (value, exemplar.time_unix_nano, said.get("assayd.run").cloned(), said.get("assayd.trial").cloned())
        })
        .collect();
    let of = |value: &str, at: u64, trial: &str| {
        (format!("AsDouble({value})"), 1_790_000_000_000_000_000 + at, Some("7".to_owned()), Some(trial.to_owned()))
    };
    // 12 and 13 ms share a bucket, whose newest is shown.
    assert_eq!(shown, [of("0.013", 1_000_000, "add-13"), of("0.04", 2_000_000, "add-40")]);
    Ok(())
}

fn resource() -> Outcome {
    let (_, message) = encoded()?;
    let [all] = &message.resource_metrics[..] else { return Err("not one resource".into()) };
    let said = attributes(&all.resource.as_ref().ok_or("no resource")?.attributes);
    assert_eq!(said, [("empty".to_owned(), String::new()), ("service.name".to_owned(), "assayd".to_owned())].into());
    let [scoped] = &all.scope_metrics[..] else { return Err("not one scope".into()) };
    let scope = scoped.scope.as_ref().ok_or("no scope")?;
    assert_eq!((scope.name.as_str(), scope.version.as_str()), ("assayd", "1.2.3"));
    assert_eq!((all.schema_url.as_str(), scoped.schema_url.as_str()), (SCHEMA_URL, SCHEMA_URL));
    Ok(())
}

/// Adds a section to the configuration of a directory.
fn add(directory: &Path, section: &str) -> Outcome {
    let path = directory.join("serve.toml");
    let text = std::fs::read_to_string(&path)?;
    Ok(std::fs::write(path, format!("{text}\n{section}\n"))?)
}

/// The sum of a counter's points.
fn sum(got: &Got, name: &str) -> Result<f64, Failed> {
    Ok(by_name(&got.message()?)?.get(name).map_or(0.0, |metric| numbers(metric).iter().map(value).sum()))
}

fn a_run_pushes() -> Outcome {
    let receiver = Receiver::start(Vec::new())?;
    let scratch = tempfile::tempdir()?;
    let mock = Mock::start(scratch.path(), "--ttft 1ms --itl 1ms")?;
    let directory = configured(&format!("http://{}", mock.address), "")?;
    std::fs::write(directory.path().join("token"), "Bearer very-secret\n")?;
    let section = format!(
        "[otlp]\nurl = \"http://{}\"\nheaders = {{ authorization = {{ file = \"token\" }}, x-tenant = \"blue\" }}\n\
         resource = {{ \"deployment.environment.name\" = \"test\" }}\n[metrics]\nbuckets = \"otel\"",
        receiver.address
    );
    add(directory.path(), &section)?;
    let ended = Process::start(&mut assayd(directory.path(), ["run", "-c", "serve.toml"]))?.end(PATIENCE)?;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let got = receiver.wait(1, PATIENCE)?;
    let [got] = &got[..] else { return Err(format!("{} requests", got.len()).into()) };
    assert_eq!(got.line, "POST /v1/metrics");
    let agent = concat!("assayd/", env!("CARGO_PKG_VERSION"));
    for (header, want) in [
        ("content-type", "application/x-protobuf"),
        ("content-encoding", "gzip"),
        ("authorization", "Bearer very-secret"),
        ("x-tenant", "blue"),
        ("user-agent", agent),
    ] {
        assert_eq!(got.headers.get(header).map(String::as_str), Some(want), "{header}");
    }
    let message = got.message()?;
    let said = attributes(&message.resource_metrics[0].resource.as_ref().ok_or("no resource")?.attributes);
    let names: Vec<&str> = said.keys().map(String::as_str).collect();
    assert_eq!(names, ["deployment.environment.name", "service.instance.id", "service.name", "service.version"]);
    // Twelve sums, all right, as the report says too.
    assert_eq!((sum(got, "assayd.answers")?, sum(got, "assayd.runs")?), (12.0, 1.0));
    let metrics = by_name(&message)?;
    let duration = metrics.get("gen_ai.client.operation.duration").ok_or("no duration")?;
    let [point] = histograms(duration) else { return Err("not one target".into()) };
    assert_eq!((point.count, point.explicit_bounds.len(), point.explicit_bounds[0]), (12, 14, 0.01));
    let trial = |exemplar: &opentelemetry_proto::tonic::metrics::v1::Exemplar| {
        let said = attributes(&exemplar.filtered_attributes);
        said.get("assayd.run").is_some_and(|run| run == "1") && said.contains_key("assayd.trial")
    };
    assert!(!point.exemplars.is_empty() && point.exemplars.iter().all(trial), "{:?}", point.exemplars);
    assert!(point.start_time_unix_nano > 0 && point.start_time_unix_nano < point.time_unix_nano);
    assert_eq!(attributes(&point.attributes).get("gen_ai.request.model").map(String::as_str), Some("mock"));
    let usage = metrics.get("gen_ai.client.token.usage").ok_or("no usage")?;
    let counts: Vec<u64> = histograms(usage).iter().map(|point| point.count).collect();
    assert_eq!(counts, [12, 12], "input and output");
    Ok(())
}

fn a_daemon_pushes() -> Outcome {
    let partial = ExportMetricsPartialSuccess { rejected_data_points: 3, error_message: "older than an hour".into() };
    let partial = ExportMetricsServiceResponse { partial_success: Some(partial) }.encode_to_vec();
    let receiver = Receiver::start(vec![
        (503, "retry-after: 0\r\n", b"warming up".to_vec()),
        (200, "", Vec::new()),
        (400, "", b"no very-secret tenant".to_vec()),
        (200, "", partial.clone()),
        (200, "", partial),
    ])?;
    let scratch = tempfile::tempdir()?;
    let mock = Mock::start(scratch.path(), "--ttft 1ms --itl 1ms")?;
    let directory = configured(&format!("http://{}", mock.address), "")?;
    std::fs::write(directory.path().join("token"), "very-secret\n")?;
    let section = format!(
        "[otlp]\nurl = \"http://{}/otlp/v1/metrics\"\nevery = \"200ms\"\ncompression = \"none\"\nkey = {{ file = \"token\" }}",
        receiver.address
    );
    add(directory.path(), &section)?;
    let daemon = Daemon::start(directory.path())?;
    let series = |result: &str| format!("assayd_otlp_exports_total{{result=\"{result}\"}}");
    let metrics = until(PATIENCE, || {
        let metrics = daemon.metrics()?;
        let taken = metrics.get(&series("ok")).copied().unwrap_or(0.0) >= 2.0;
        if taken { Ok(metrics) } else { Err(format!("{metrics:?}").into()) }
    })?;
    let counts = ["partial", "refused", "failed"].map(|result| metrics.get(&series(result)).copied());
    assert_eq!(counts, [Some(2.0), Some(1.0), Some(0.0)]);
    assert_eq!(metrics.get("assayd_otlp_rejected_points_total"), Some(&6.0));
    let before = receiver.wait(6, PATIENCE)?;
    assert_eq!(before[0].line, "POST /otlp/v1/metrics");
    assert!(before[0].body == before[1].body && before[1].body != before[2].body, "the same again, then the next");
    assert_eq!(before[0].headers.get("content-encoding"), None);
    let ended = daemon.end()?;
    // The end pushes once more: what came before the signal may be a moment old.
    let all = receiver.wait(before.len() + 1, PATIENCE)?;
    let last = all.last().ok_or("nothing")?;
    assert!(sum(last, "assayd.otlp.exports")? >= sum(&before[5], "assayd.otlp.exports")?);
    let told = |what: &str| ended.stderr.matches(what).count();
    assert_eq!(told("taken in part only: older than an hour"), 1, "{}", ended.stderr);
    assert_eq!(told("refused: status 400: no [redacted] tenant"), 1, "{}", ended.stderr);
    assert_eq!((told("warming up"), told("very-secret")), (0, 0), "{}", ended.stderr);
    Ok(())
}

fn a_reload_begins() -> Outcome {
    let receiver = Receiver::start(Vec::new())?;
    let scratch = tempfile::tempdir()?;
    let mock = Mock::start(scratch.path(), "--ttft 1ms --itl 1ms")?;
    let directory = configured(&format!("http://{}", mock.address), "")?;
    let daemon = Daemon::start(directory.path())?;
    assert!(!daemon.metrics()?.keys().any(|series| series.starts_with("assayd_otlp_")), "without a receiver");
    add(directory.path(), &format!("[otlp]\nurl = \"http://{}\"\nevery = \"100ms\"", receiver.address))?;
    daemon.process.signal(Signal::HUP)?;
    let got = receiver.wait(2, PATIENCE)?;
    let instance = |got: &Got| -> Result<Option<String>, Failed> {
        let message = got.message()?;
        let resource = message.resource_metrics.first().and_then(|all| all.resource.as_ref()).ok_or("no resource")?;
        Ok(attributes(&resource.attributes).remove("service.instance.id"))
    };
    daemon.end()?;
    // A restart goes on with the same series: the same instance, and sums that count since the same time.
    let so_far = receiver.wait(1, PATIENCE)?.len();
    let daemon = Daemon::start(directory.path())?;
    let after = receiver.wait(so_far + 2, PATIENCE)?;
    let newest = after.last().ok_or("nothing")?;
    assert_eq!(instance(&got[0])?, instance(newest)?);
    let start = |got: &Got| -> Result<Option<u64>, Failed> {
        let metrics = by_name(&got.message()?)?;
        Ok(metrics.get("assayd.answers").and_then(|metric| Some(numbers(metric).first()?.start_time_unix_nano)))
    };
    assert_eq!(start(&got[0])?, start(newest)?);
    assert!(start(newest)?.is_some_and(|start| start > 0));
    daemon.end()?;
    Ok(())
}

fn nobody_there() -> Outcome {
    let scratch = tempfile::tempdir()?;
    let mock = Mock::start(scratch.path(), "--ttft 1ms --itl 1ms")?;
    let directory = configured(&format!("http://{}", mock.address), "")?;
    let silent = std::net::TcpListener::bind("127.0.0.1:0")?;
    let closed = free_port()?;
    // One that refuses connections, and one that takes them and never answers.
    for address in [format!("127.0.0.1:{closed}"), silent.local_addr()?.to_string()] {
        add(directory.path(), &format!("[otlp]\nurl = \"http://{address}\"\nevery = \"100ms\"\ntimeout = \"300ms\""))?;
        let flags = ["run", "-c", "serve.toml", "--restart", "--format", "json"];
        let ended = Process::start(&mut assayd(directory.path(), flags))?.end(PATIENCE)?;
        assert_eq!(ended.code, Some(0), "{ended:?}");
        let report: serde_json::Value = serde_json::from_str(&ended.stdout)?;
        let text = report.to_string();
        assert!(text.contains("\"correct\":12"), "{text}");
        assert!(
            ended.stderr.contains(&format!("metrics pushed to http://{address}/v1/metrics: not taken: ")),
            "{ended:?}"
        );
        let path = directory.path().join("serve.toml");
        let (before, _) = std::fs::read_to_string(&path)?
            .split_once("[otlp]")
            .map(|(a, b)| (a.to_owned(), b.to_owned()))
            .ok_or("no section")?;
        std::fs::write(path, before)?;
    }
    Ok(())
}
