//! The paths that run for every token, every answer or every scrape: framing, JSON deltas, grading, encoding /metrics.
//!
//! `cargo bench` runs all, `cargo bench -- deltas` those of that name; figures are compared with the run before. Each
//! adapter of `provider::KINDS` is measured on a stream of its own shape.

#![expect(clippy::expect_used, reason = "a bench that can't be set up has failed")]

mod streams;

use assayd::board::Board;
use assayd::config::Source;
use assayd::domain::{Answer, Item, Money};
use assayd::export::metrics::{Build, Known, SERIES_CAP, View, render};
use assayd::plan::{self, Plan, Scenario};
use assayd::provider::framing::Cutter;
use assayd::provider::{Framing, KINDS, Mark, Provider, Reader};
use assayd::workload::Occasion;
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::hint::black_box;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// Far above any line or event here.
const CAP: usize = 1 << 20;

/// Tokens of each stream.
const TOKENS: usize = 128;

criterion_group! {
    name = hot;
    // Short: these are microseconds, and a machine's slow drift costs more precision than few samples do.
    config = Criterion::default().warm_up_time(Duration::from_millis(500)).measurement_time(Duration::from_secs(2));
    targets = framing, deltas, grading, metrics
}
criterion_main!(hot);

/// Bytes into events, nothing read: one event a piece as servers write them, many in one piece, and events torn apart.
fn framing(c: &mut Criterion) {
    let sse = streams::of("openai-chat", TOKENS).expect("a stream").concat();
    let ndjson = streams::of("ollama", TOKENS).expect("a stream").concat();
    let mut group = c.benchmark_group("framing");
    for (name, framing, stream) in [("sse", Framing::Sse, &sse), ("ndjson", Framing::NdJson, &ndjson)] {
        group.throughput(Throughput::Bytes(stream.len() as u64));
        for (cut, size) in [("torn", 61), ("16 KiB", 16 << 10)] {
            group.bench_function(BenchmarkId::new(name, cut), |b| b.iter(|| events(framing, stream.chunks(size))));
        }
    }
    let pieces = streams::of("openai-chat", TOKENS).expect("a stream");
    group.throughput(Throughput::Bytes(sse.len() as u64));
    let whole = |b: &mut criterion::Bencher<'_>| {
        b.iter(|| events(Framing::Sse, pieces.iter().map(Vec::as_slice)));
    };
    group.bench_function(BenchmarkId::new("sse", "an event a piece"), whole);
    group.finish();
}

fn events<'a>(framing: Framing, pieces: impl Iterator<Item = &'a [u8]>) -> usize {
    let mut cutter = Cutter::new(framing, CAP);
    let mut count = 0;
    let mut out = |event: &[u8]| {
        black_box(event);
        count += 1;
        ControlFlow::<()>::Continue(())
    };
    for piece in pieces {
        cutter.push(piece, &mut out).expect("a small event").is_continue();
    }
    cutter.finish(&mut out).expect("a small event").is_continue();
    count
}

/// A whole stream through framing and adapter into an answer: what a token costs besides its arrival.
fn deltas(c: &mut Criterion) {
    let mut group = c.benchmark_group("deltas");
    group.throughput(Throughput::Elements(TOKENS as u64));
    for kind in KINDS {
        let stream = streams::of(kind.name, TOKENS);
        let pieces = stream.unwrap_or_else(|| unreachable!("{}: give it a stream in benches/streams", kind.name));
        let provider = adapter(kind.name);
        let answer = answered(&*provider, &pieces);
        assert!(
            answer.1 >= TOKENS && answer.0.finish.is_some(),
            "{}: the stream is not its own: {answer:?}",
            kind.name
        );
        group.bench_function(kind.name, |b| b.iter(|| answered(&*provider, black_box(&pieces))));
    }
    group.finish();
}

/// An adapter as a configuration builds it.
fn adapter(api: &str) -> Arc<dyn Provider> {
    let plan = plan_of(api, SUMS);
    let target = plan.targets.first().expect("a target");
    Arc::clone(&target.provider)
}

/// The answer of a stream, and how many of its events bore tokens.
fn answered(provider: &dyn Provider, pieces: &[Vec<u8>]) -> (Answer, usize) {
    let (framing, _) = provider.framing();
    let (mut cutter, mut answer, mut tokens) = (Cutter::new(framing, CAP), Answer::default(), 0);
    let mut reader = Reader::new(provider);
    let mut out = |event: &[u8]| {
        let mark = reader.read(event, &mut answer).expect("an event of the protocol");
        tokens += usize::from(matches!(mark, Mark::Content | Mark::Reasoning | Mark::Tool));
        ControlFlow::<()>::Continue(())
    };
    for piece in pieces {
        cutter.push(piece, &mut out).expect("a small event").is_continue();
    }
    cutter.finish(&mut out).expect("a small event").is_continue();
    (answer, tokens)
}

/// Each scorer on a short answer and on one that reasons first.
fn grading(c: &mut Criterion) {
    let sums = plan_of(
        "openai-chat",
        "[scenario.exact]\ngenerator = { kind = \"tasks\", domains = [\"add\"], seed = 1, count = 64 }\nscorer = \"exact\"\n\
         [scenario.number]\ngenerator = { kind = \"tasks\", domains = [\"add\"], seed = 1, count = 64 }\nscorer = \"number\"\n",
    );
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let choices = built(&Source::file(&root.join("configs/quickstart.toml")).expect("the example"));
    let scenarios = sums.runs.iter().chain(&choices.runs).flat_map(|run| &run.scenarios);
    let mut group = c.benchmark_group("grading");
    for scenario in scenarios {
        let items = items(scenario);
        group.throughput(Throughput::Elements(items.len() as u64));
        for (length, filler) in [("short", ""), ("reasoned", &*"Let me see, that would be 17, or not. ".repeat(40))] {
            let said = items.iter().map(|item| {
                let right = item.answers.first().map_or("", String::as_str);
                let text = format!("{filler}The answer is {right}.");
                (&**item, Answer { text, ..Answer::default() })
            });
            let said: Vec<(&Item, Answer)> = said.collect();
            group.bench_function(BenchmarkId::new(scenario.scorer_kind, length), |b| {
                b.iter(|| said.iter().for_each(|(item, answer)| drop(black_box(scenario.scorer.grade(item, answer)))));
            });
        }
    }
    group.finish();
}

fn items(scenario: &Scenario) -> Vec<Arc<Item>> {
    scenario.items.draw(Occasion { seed: 1, started_unix_ms: 0 })
}

/// The whole exposition of plans of several sizes.
fn metrics(c: &mut Criterion) {
    let mut group = c.benchmark_group("metrics");
    for targets in [1, 10, 50] {
        let more: String = (1..targets).fold(String::new(), |mut text, n| {
            let _ =
                write!(text, "[target.t{n}]\napi = \"openai-chat\"\nurl = \"http://127.0.0.1:1/v1\"\nmodel = \"m\"\n");
            text
        });
        let known = Known::of(&plan_of("openai-chat", &format!("{more}{SUMS}")));
        let (board, up, last, spent) = (Board::default(), BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        let view = View {
            board: &board,
            known: &known,
            figures: &[],
            up: &up,
            circuits: &BTreeMap::new(),
            last_success_unix_ms: &last,
            spent_today: Money::ZERO,
            spent_by_run: &spent,
            config_reloaded: true,
            seen: &[],
            audits: &BTreeMap::new(),
            build: Build::CURRENT,
            process: None,
            exports: None,
            series_cap: SERIES_CAP,
        };
        let text = render(&view);
        group.throughput(Throughput::Bytes(text.len() as u64));
        let id = BenchmarkId::from_parameter(format!("{targets} targets, {} lines", text.lines().count()));
        group.bench_function(id, |b| b.iter(|| render(black_box(&view))));
    }
    group.finish();
}

/// A scenario for plans that need one.
const SUMS: &str = "[scenario.s]\ngenerator = { kind = \"tasks\", seed = 1, count = 70 }\nscorer = \"number\"\n";

/// A plan with one target and one run over everything else that is given.
fn plan_of(api: &str, more: &str) -> Plan {
    let text = format!(
        "[target.t]\napi = \"{api}\"\nurl = \"http://127.0.0.1:1\"\nmodel = \"m\"\nsampling = {{ max_tokens = 128 }}\n{more}\
         [workload.w]\narrival = {{ kind = \"closed\", concurrency = 1 }}\n\
         [[run]]\ntargets = [\"*\"]\nscenarios = [\"*\"]\nworkload = \"w\"\n"
    );
    built(&Source::inline("bench", &text))
}

fn built(source: &Source) -> Plan {
    plan::build(source).expect("a configuration without problems")
}
