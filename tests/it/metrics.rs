//! The metrics contract: names, types and labels as a golden exposition, `docs/metrics.md` as the table has it, and
//! Prometheus' own checker over both. `ASSAYD_UPDATE=1` writes the golden text and the page anew.

mod openmetrics;

use crate::support::library::as_theirs;
use crate::support::{Server, needs};
use assayd::board::ProbeTotals;
use assayd::board::{
    Attainment, Board, Breach, Buckets, Calibration, Cell, Counters, Drawn, Errors, Figures, Grid, Latencies, Latency,
    Level, Origin, Reason, Steady, Validity,
};
use assayd::domain::{Component, Cost, Fingerprint, Money, Name, Nanos, Quality, RunId, TokenSource};
use assayd::export::metrics::{
    Build, Exports, Format, Known, MeterFacts, Process, REFUSED, RunFacts, SERIES_CAP, View, gather, metrics, render,
};
use assayd::pricing::tokenizer::Audited;
use assayd::stats::{Interval, Method, PairedGap, PerCorrect};
use assayd::telemetry::{
    Absence, Absent, Attribution, Busy, Cumulative, Device, DeviceId, Energy, Engine, Host, Reading, Seen, Value,
};
use libtest_mimic::{Failed, Trial};
use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

type Outcome = Result<(), Failed>;

/// This module's tests.
pub fn tests() -> Vec<Trial> {
    vec![
        Trial::test("metrics::golden_exposition", golden_exposition),
        Trial::test("metrics::every_metric_is_in_the_golden_text", every_metric_is_in_the_golden_text),
        Trial::test("metrics::openmetrics_is_by_its_specification", openmetrics_by_specification),
        Trial::test("metrics::the_strict_reader_refuses_what_is_wrong", strict_reader),
        Trial::test("metrics::text_is_what_the_clients_encoder_writes", as_the_client_library),
        needs(Server::Promtool, "metrics::promtool_is_content", promtool_is_content),
    ]
}

/// A file that must be what the code says; `ASSAYD_UPDATE=1` makes it so.
fn current(path: &str, text: &str) -> Outcome {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    if std::env::var_os("ASSAYD_UPDATE").is_some_and(|v| v == "1") {
        std::fs::write(&path, text)?;
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    let differs = kept.lines().zip(text.lines()).position(|(a, b)| a != b);
    let at = differs.unwrap_or_else(|| kept.lines().count().min(text.lines().count()));
    if kept == text {
        return Ok(());
    }
    let (old, new) = (kept.lines().nth(at).unwrap_or("(end)"), text.lines().nth(at).unwrap_or("(end)"));
    let hint = "if the change is meant: ASSAYD_UPDATE=1 cargo test --test it";
    Err(format!("{} differs at line {}:\n- {old}\n+ {new}\n{hint}", path.display(), at + 1).into())
}

fn name(text: &str) -> Result<Name, Failed> {
    Ok(Name::new(text)?)
}

fn histogram(grid: &'static Grid, millis: &[u64]) -> Buckets {
    let mut buckets = Buckets::new(grid);
    for (at, ms) in (0..).zip(millis) {
        let origin = Origin { run: RunId(7), trial: format!("add-{ms}").into(), at_unix_ms: 1_790_000_000_000 + at };
        buckets.record_of(ms * 1_000_000, &origin);
    }
    buckets
}

fn latencies() -> Latencies {
    Latencies {
        first_token_send: histogram(&Grid::SECONDS, &[12, 13, 40]),
        first_token_scheduled: histogram(&Grid::SECONDS, &[12, 14, 1200]),
        inter_token: histogram(&Grid::TOKENS, &[5, 5, 6, 90_000]),
        per_output_token: histogram(&Grid::TOKENS, &[5, 6]),
        duration_send: histogram(&Grid::SECONDS, &[200, 220, 900]),
        duration_scheduled: histogram(&Grid::SECONDS, &[200, 221, 2000]),
        schedule_lag: histogram(&Grid::LAG, &[0, 1, 1160]),
        client_lag: histogram(&Grid::LAG, &[0, 1]),
        // A token counts as a second would.
        input_tokens: histogram(&Grid::USAGE, &[7_000, 1_200_000]),
        output_tokens: histogram(&Grid::USAGE, &[1_000, 3_000]),
    }
}

/// What a meter saw that sees everything.
fn seen() -> Seen {
    let value = |value| Value { value, quality: Quality::Measured };
    let device = Device {
        name: "NVIDIA H100 80GB HBM3".into(),
        index: Some(0),
        host: Some("gpu-01".into()),
        parent: None,
        busy: vec![(Busy::KernelActive, value(0.5))],
        memory_used: Some(value(4e10)),
        memory_total: Some(value(8e10)),
        power: Some(value(350.0)),
        energy: Some(value(7e5)),
        temperature: Some(value(61.0)),
        clock: Some(value(1.98e9)),
        throttled: vec!["power_cap"],
        ..Device::new(DeviceId::new("GPU-11111111-2222-3333-4444-555555555555"))
    };
    let slice = Device {
        parent: Some(device.id.clone()),
        ..Device::new(DeviceId::new("MIG-99999999-2222-3333-4444-555555555555"))
    };
    let energy = Energy { joules: 700.0, idle_joules: 100.0, active_joules: 600.0, quality: Quality::Measured };
    let totals = Cumulative {
        device_seconds: 10.0,
        busy: [(Busy::KernelActive, (5.0, Quality::Measured)), (Busy::TensorActive, (1.25, Quality::Estimated))].into(),
        energy: Some(energy),
    };
    let engine = Engine {
        name: "vllm",
        running: Some(7.0),
        waiting: Some(2.0),
        cache_used: Some(0.42),
        cache_hits: Some(1200.0),
        cache_queries: Some(4000.0),
        preemptions: Some(1.0),
        tokens_in: Some(4000.0),
        tokens_out: Some(900.0),
    };
    let host = Host {
        cpu: Some(value(0.25)),
        memory_used: Some(value(1e10)),
        memory_total: Some(value(6.4e10)),
        process_cpu: Some(value(123.5)),
        process_memory: Some(value(5e9)),
    };
    let absent = Absent { what: "sm_active", device: None, why: Absence::NotSupported, detail: String::new() };
    let totals = [(device.id.clone(), totals)].into();
    Seen {
        kind: "nvml",
        fingerprint: "nvml".into(),
        every: Duration::from_millis(100),
        looks: 100,
        failures: 1,
        reading: Some(Reading {
            devices: vec![device, slice],
            engine: Some(engine),
            host: Some(host),
            absent: vec![absent],
            ..Reading::new(Nanos(1))
        }),
        totals,
    }
}

/// What a hundred metered samples drew.
const fn drawn() -> Drawn {
    Drawn {
        samples: 100,
        metered: 100,
        measured: 1_234_500_000,
        estimated: 500_000,
        device_nanos: 3_210_000_000,
        timed: 100,
        nanograms: 137_100_000,
        weighed: 100,
    }
}

/// A row as a run of a good model gives it.
pub fn figures(target: &str, scenario: &str) -> Result<Figures, Failed> {
    let quantiles = |p50, p99| Latency { p50: Some(p50), p99: Some(p99) };
    Ok(Figures {
        target: name(target)?,
        scenario: name(scenario)?,
        domain: None,
        split: None,
        provenance: Fingerprint::from_text("00112233aabbccdd"),
        verdicts: [93, 4, 2, 0, 1, 0, 0],
        accuracy: Some(Interval { estimate: 0.939, lower: 0.874, upper: 0.972 }),
        first_token: quantiles(0.0121, 0.0403),
        inter_token: quantiles(0.005, 0.0061),
        per_output_token: quantiles(0.005, 0.006),
        duration: quantiles(0.21, 0.9),
        first_token_with_failures: quantiles(0.0121, f64::INFINITY),
        duration_with_failures: quantiles(0.21, f64::INFINITY),
        tokens_per_second: Some(412.5),
        token_source: TokenSource::Usage,
        steady: Some(Steady { seconds: 38.4, in_flight: 7.93, tokens_per_second: 431.5 }),
        goodput: Some(1.5),
        correct_goodput: Some(1.4),
        attainment: Some(Attainment {
            share: Interval { estimate: 0.97, lower: 0.915, upper: 0.99 },
            goal: 0.95,
            asked: 100,
        }),
        validity: Validity::default(),
        cost: Cost::ZERO.with(Component::Input, Money::from_nanos(12_000_000)),
        drawn: drawn(),
        unpriced: 0,
        unknown: (0, Money::ZERO),
        per_correct: Some(PerCorrect { estimate: 0.000_129, lower: 0.000_120, upper: Some(0.000_139) }),
        causes: None,
        cost_of_pass: None,
        gap: Some(PairedGap {
            difference: Interval { estimate: 0.322, lower: 0.253, upper: 0.395 },
            base: 1.0,
            forms: 0.678,
            pairs: 171,
            answers: (171, 171),
            p: 1.4e-17,
            method: Method::Newcombe,
        }),
    })
}

/// A view with something in every metric; `test` reads it.
pub fn with_view<R>(test: impl FnOnce(&View<'_>) -> R) -> Result<R, Failed> {
    let (micro, cloud, arith) = (name("micro")?, name("cloud")?, name("arith")?);
    let cell = |target: &Name, domain: &str| Cell {
        target: target.clone(),
        scenario: arith.clone(),
        domain: domain.into(),
        capability: "math".into(),
    };
    let mut board = Board::default();
    board.drawn.insert(micro.clone(), drawn());
    let mut counters =
        Counters { answers: [93, 4, 2, 0, 1, 0, 0], good: 90, ok: 99, unpriced: 3, unknown: 1, ..Counters::default() };
    if let (Some(failures), Some(tokens)) = (counters.failures.get_mut(9), counters.tokens.get_mut(3)) {
        (*failures, *tokens) = (2, 1234);
    }
    counters.cost = Cost::ZERO
        .with(Component::Input, Money::from_nanos(12_000_001))
        .with(Component::Output, Money::from_nanos(340_000_000))
        .with(Component::Hardware, Money::from_nanos(2));
    board.counters.insert(cell(&micro, "add"), counters);
    board.latencies.insert((micro.clone(), arith.clone()), latencies());
    board.ended.insert(("nightly".into(), "complete"), 7);
    let free = name("free")?;
    let known = Known {
        // A target without a price has no cost series: 0 would be a lie.
        cells: [cell(&micro, "add"), cell(&cloud, "add"), cell(&free, "add")].into(),
        unpriced: [free.clone()].into(),
        runs: vec![
            RunFacts { name: "nightly".into(), budget: Some(Money::from_nanos(1_500_000_000)) },
            RunFacts { name: "run-2".into(), budget: None },
        ],
        hardware: BTreeMap::from([(micro.clone(), 2.49)]),
        meters: vec![MeterFacts {
            target: "micro".into(),
            kind: "nvml",
            fingerprint: "nvml".into(),
            attribution: Attribution::default(),
        }],
        per_day: Some(Money::from_nanos(20_000_000_000)),
        off: Vec::new(),
    };
    let first_token = histogram(&Grid::SECONDS, &[13, 51]);
    let mut probes = ProbeTotals { first_token, ok: 2, ..ProbeTotals::default() };
    probes.failures[0] = 1;
    board.probes.insert(micro.clone(), probes);
    board.calibration = Some(Calibration {
        version: "1.2.3".into(),
        boot: "b".into(),
        at_unix_ms: 1_790_000_000_000,
        apart: true,
        levels: vec![Level {
            streams: 64,
            token_interval: 0.01,
            answers: 64,
            failed: 0,
            errors: Errors {
                ttft_p50: Some(0.0009),
                ttft_p99: Some(0.0041),
                gap_p50: Some(-0.0001),
                gap_p99: Some(0.002),
                e2e_p50: Some(0.0),
                e2e_p99: Some(0.0003),
            },
            client_lag_p99: Some(0.0002),
            tokens_per_second: 6_019.5,
            delivered: 1.0,
        }],
    });
    let never_right = Figures {
        per_correct: Some(PerCorrect { estimate: f64::INFINITY, lower: 0.01, upper: None }),
        validity: Validity { breaches: vec![Breach { reason: Reason::SendLag, measured: 0.012, limit: 0.005 }] },
        ..figures("cloud", "arith")?
    };
    let rows = [figures("micro", "arith")?, never_right];
    let dead = cloud.clone();
    Ok(test(&View {
        board: &board,
        known: &known,
        figures: &rows,
        up: &BTreeMap::from([(micro, true), (cloud, false)]),
        circuits: &BTreeMap::from([(dead.clone(), true)]),
        audits: &BTreeMap::from([(dead, Audited { answers: 2, reported: 120, counted: 100 })]),
        last_success_unix_ms: &BTreeMap::from([("nightly".into(), 1_790_000_000_500)]),
        spent_today: Money::from_nanos(352_000_003),
        spent_by_run: &BTreeMap::from([("nightly".into(), Money::from_nanos(352_000_003))]),
        config_reloaded: true,
        seen: &[seen()],
        build: Build { version: "1.2.3", arch: "x86_64", os: "linux" },
        process: Some(Process {
            cpu_seconds: 1.25,
            resident_bytes: 34_000_000,
            start_seconds: 1_789_999_000,
            open_fds: Some(21),
            max_fds: Some(1024),
        }),
        exports: Some(Exports { ok: 58, partial: 1, refused: 0, failed: 2, rejected_points: 3 }),
        series_cap: SERIES_CAP,
    }))
}

fn golden_exposition() -> Outcome {
    current("tests/it/golden/metrics.txt", &with_view(render)?)
}

fn open(view: &View<'_>) -> String {
    Format::OpenMetrics.write(&gather(view, &|| true).unwrap_or_default())
}

fn openmetrics_by_specification() -> Outcome {
    let text = with_view(open)?;
    let read = openmetrics::read(&text)?;
    let lines = with_view(render)?.lines().filter(|line| !line.starts_with('#')).count();
    assert_eq!(read.samples, lines, "as many series as in the other format");
    let named = |labels: &BTreeMap<String, String>| {
        labels.get("run").is_some_and(|run| run == "7") && labels.get("trial").is_some_and(|t| t.starts_with("add-"))
    };
    assert!(read.exemplars.len() > 15 && read.exemplars.iter().all(named), "{:?}", read.exemplars);
    for (family, unit) in [
        ("assayd_time_to_first_token_seconds", "seconds"),
        ("assayd_cost_usd", "usd"),
        ("assayd_gpu_energy_joules", "joules"),
        ("assayd_accuracy_ratio", "ratio"),
    ] {
        assert_eq!(read.units.get(family).map(String::as_str), Some(unit), "{family}");
    }
    current("tests/it/golden/openmetrics.txt", &text)
}

fn strict_reader() -> Outcome {
    for text in openmetrics::WRONG {
        if let Ok(read) = openmetrics::read(text) {
            return Err(format!("took {text:?} for {read:?}").into());
        }
    }
    Ok(())
}

/// The Prometheus project's own client library, on the same families. It spells edges and infinities in its own way.
fn as_the_client_library() -> Outcome {
    let theirs = |view: &View<'_>| {
        let families = gather(view, &|| true).unwrap_or_default();
        let all = families.iter().map(as_theirs);
        prometheus::TextEncoder::new().encode_to_string(&all.collect::<Vec<_>>())
    };
    let (ours, theirs) = (with_view(render)?, with_view(theirs)??);
    // Numbers as numbers, everything else to the letter.
    let spelled = |line: &str| -> String {
        let (series, value) = line.rsplit_once(' ').unwrap_or((line, ""));
        let value = value.parse::<f64>().map_or_else(|_| value.to_owned(), |value| value.to_string());
        let series = match series.split_once("le=\"").and_then(|(before, le)| Some((before, le.split_once('"')?))) {
            Some((before, (le, after))) if !line.starts_with('#') => {
                format!("{before}le=\"{}\"{after}", le.parse::<f64>().unwrap_or(f64::NAN))
            }
            _ => series.to_owned(),
        };
        format!("{series} {value}")
    };
    for (our, their) in ours.lines().zip(theirs.lines()) {
        assert_eq!(spelled(our), spelled(their));
    }
    assert_eq!(ours.lines().count(), theirs.lines().count());
    Ok(())
}

fn every_metric_is_in_the_golden_text() -> Outcome {
    let text = with_view(render)?;
    for metric in metrics().chain([&REFUSED]) {
        let head = format!("# TYPE {} {}\n", metric.name, metric.kind.label());
        if !text.contains(&head) {
            return Err(format!("{} has no series in the golden view", metric.name).into());
        }
        for label in metric.labels {
            let of_metric = text.lines().filter(|l| l.starts_with(metric.name));
            if !of_metric.into_iter().any(|l| l.contains(&format!("{label}=\""))) {
                return Err(format!("{} never shows its label {label}", metric.name).into());
            }
        }
    }
    Ok(())
}

fn promtool_is_content() -> Outcome {
    let text = with_view(render)?;
    let mut child = Command::new("promtool")
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    // The handle is dropped after the write: promtool reads to the end of its input.
    child.stdin.take().ok_or("no pipe")?.write_all(text.as_bytes())?;
    let output = child.wait_with_output()?;
    let said = [output.stdout, output.stderr].concat();
    if output.status.success() && said.is_empty() {
        return Ok(());
    }
    Err(format!("promtool says ({}):\n{}", output.status, String::from_utf8_lossy(&said)).into())
}
