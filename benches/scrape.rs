//! What a scrape costs: reading the board, writing, packing, against the Prometheus client library's text encoder alone on the
//! same families, already read. The table that `tests/show/scrape` prints.
//!
//! `cargo bench --bench scrape -- ROUNDS`

#![expect(clippy::print_stdout, reason = "a table is what it is for")]
#![expect(clippy::expect_used, reason = "a measurement that can't be made has failed")]

#[path = "../tests/it/support/library.rs"]
mod library;

use assayd::board::{Board, Buckets, Cell, Counters, Grids, Latencies, Origin};
use assayd::domain::{Component, Cost, Money, Name, RunId};
use assayd::export::metrics::{Build, Format, Known, SERIES_CAP, View, gather};
use assayd::provider::wire;
use flate2::Compression;
use flate2::write::GzEncoder;
use library::as_theirs;
use prometheus::proto::MetricFamily;
use std::collections::BTreeMap;
use std::hint::black_box;
use std::io::Write as _;

/// Targets that ask one scenario of one domain each: about 1,000 and 10,000 lines, of which most are histograms'.
const TARGETS: [usize; 2] = [4, 36];

fn main() {
    let rounds = std::env::args().skip(1).find_map(|word| word.parse().ok()).unwrap_or(300_usize);
    println!("series what p50_us p99_us bytes gzip_bytes");
    for targets in TARGETS {
        let (board, known) = filled(targets);
        with_view(&board, &known, |view| measure(view, rounds));
    }
}

fn measure(view: &View<'_>, rounds: usize) {
    let read = || gather(view, &|| true).expect("all families");
    let families = read();
    let theirs: Vec<MetricFamily> = families.iter().map(as_theirs).collect();
    let encode = || prometheus::TextEncoder::new().encode_to_string(black_box(&theirs)).expect("a text");
    let text = Format::Text.write(&families);
    let series = text.lines().filter(|line| !line.starts_with('#')).count();
    let tell = |what: &str, text: &str, work: &mut dyn FnMut()| {
        let [p50, p99] = timed(rounds, work);
        println!("{series} {what} {p50:.1} {p99:.1} {} {}", text.len(), packed(text).len());
    };
    let open = Format::OpenMetrics.write(&families);
    tell("encoder", &encode(), &mut || drop(black_box(encode())));
    tell("text", &text, &mut || drop(black_box(Format::Text.write(&read()))));
    tell("openmetrics", &open, &mut || drop(black_box(Format::OpenMetrics.write(&read()))));
    tell("text+gzip", &text, &mut || drop(black_box(packed(&Format::Text.write(&read())))));
    tell("read", "", &mut || drop(black_box(read())));
}

/// Median and 99th percentile of so many rounds, in microseconds, after a few that warm up.
fn timed(rounds: usize, work: &mut dyn FnMut()) -> [f64; 2] {
    (0..rounds.div_ceil(10)).for_each(|_| work());
    let mut all: Vec<u64> = (0..rounds)
        .map(|_| {
            let begun = wire::now();
            work();
            wire::now().since(begun).0
        })
        .collect();
    all.sort_unstable();
    #[expect(clippy::cast_precision_loss, reason = "microseconds for people")]
    let at =
        |part: usize| all.get((all.len() * part / 100).min(all.len() - 1)).map_or(0.0, |nanos| *nanos as f64 / 1e3);
    [at(50), at(99)]
}

/// As `/metrics` packs.
fn packed(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(text.len() / 8), Compression::fast());
    encoder.write_all(text.as_bytes()).expect("memory");
    encoder.finish().expect("memory")
}

/// A board after some thousand answers of each target.
fn filled(targets: usize) -> (Board, Known) {
    let (mut board, mut known) = (Board::default(), Known::default());
    let scenario = Name::new("support-en").expect("a name");
    for target in 0..targets {
        let target = Name::new(&format!("target-{target}")).expect("a name");
        let cell = Cell {
            target: target.clone(),
            scenario: scenario.clone(),
            domain: "billing".into(),
            capability: "extraction".into(),
        };
        let cost = Cost::ZERO.with(Component::Output, Money::from_nanos(123_456_789));
        let counters = Counters { answers: [4_321, 57, 12, 0, 3, 0, 0], ok: 4_390, cost, ..Counters::default() };
        board.counters.insert(cell.clone(), counters);
        let mut latencies = Latencies::on(&Grids::default());
        let all: [&mut Buckets; 4] = [
            &mut latencies.first_token_send,
            &mut latencies.inter_token,
            &mut latencies.per_output_token,
            &mut latencies.duration_send,
        ];
        for buckets in all {
            for n in 0..4_000_u64 {
                let at_unix_ms = 1_790_000_000_000 + i64::try_from(n).unwrap_or(0);
                let origin = Origin { run: RunId(7), trial: format!("item-{n:05}").into(), at_unix_ms };
                buckets.record_of((n * n) % 40_000_000_000, &origin);
            }
        }
        board.latencies.insert((target, scenario.clone()), latencies);
        known.cells.insert(cell);
    }
    (board, known)
}

fn with_view(board: &Board, known: &Known, read: impl FnOnce(&View<'_>)) {
    read(&View {
        board,
        known,
        figures: &[],
        up: &BTreeMap::new(),
        circuits: &BTreeMap::new(),
        audits: &BTreeMap::new(),
        last_success_unix_ms: &BTreeMap::new(),
        spent_today: Money::ZERO,
        spent_by_run: &BTreeMap::new(),
        config_reloaded: true,
        seen: &[],
        build: Build::CURRENT,
        process: None,
        exports: None,
        series_cap: SERIES_CAP,
    });
}
