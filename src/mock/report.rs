//! The truth as it is read: a summary, and the records as JSON or CSV, a page at a time.

use super::openai::Figures;
use super::truth::{Log, Outcome, Record, Totals};
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Nearest-rank quantiles of a set of durations in nanoseconds.
#[derive(Debug, Serialize, PartialEq, Eq)]
struct Spread {
    n: usize,
    min: Option<u64>,
    p50: Option<u64>,
    p90: Option<u64>,
    p99: Option<u64>,
    p999: Option<u64>,
    max: Option<u64>,
}

impl Spread {
    fn of(mut values: Vec<u64>) -> Self {
        values.sort_unstable();
        let n = values.len();
        let at = |per_mille: usize| values.get((n * per_mille).div_ceil(1_000).max(1) - 1).copied();
        Self {
            n,
            min: values.first().copied(),
            p50: at(500),
            p90: at(900),
            p99: at(990),
            p999: at(999),
            max: at(1_000),
        }
    }
}

#[derive(Serialize)]
struct Kind {
    outcome: Outcome,
    usage_sent: bool,
    #[serde(flatten)]
    totals: Totals,
}

/// The summary. Its timing covers the completed requests whose records were kept; it takes a sort of all their
/// instants, so it is to be asked for when the load is over.
pub(super) fn summary(log: &Log) -> Value {
    let completed = || log.records.iter().filter(|r| r.outcome == Outcome::Completed);
    let ttft = completed().filter_map(|r| Some(r.writes.first()?.saturating_sub(r.received.0))).collect();
    let itl = completed().flat_map(|r| r.writes.gaps()).collect();
    let queued = completed().map(|r| r.started.since(r.received).0).collect();
    let kind = |(&(outcome, usage_sent), &totals): (&(Outcome, bool), &Totals)| Kind { outcome, usage_sent, totals };
    let faults: BTreeMap<&str, u64> = log.faults.iter().map(|(fault, n)| (fault.label(), *n)).collect();
    let late = |per_mille| log.late.quantile(per_mille);
    let late = json!({
        "n": log.late.count, "p50": late(500), "p90": late(900), "p99": late(990), "p999": late(999),
        "max": log.late.most,
    });
    json!({
        "clock": "CLOCK_MONOTONIC, nanoseconds",
        "connections": log.connections,
        "arrived": log.arrived,
        "in_flight": log.in_flight,
        "peak_in_flight": log.peak_in_flight,
        "records": log.records.len(),
        "dropped_records": log.dropped,
        "totals": log.totals.iter().map(kind).collect::<Vec<_>>(),
        "faults": faults,
        "statuses": log.statuses,
        "ttft_ns": Spread::of(ttft),
        "itl_ns": Spread::of(itl),
        "queued_ns": Spread::of(queued),
        "late_ns": late,
    })
}

/// The columns of the CSV form. `gaps_ns` holds the differences of the content writes' instants, separated by spaces;
/// figures that were not to be reported, and instants that never came, are empty.
pub(super) const COLUMNS: &str = "sequence,received_ns,started_ns,status,outcome,fault,usage_sent,prompt_tokens,\
    cached_tokens,completion_tokens,reasoning_tokens,events,first_ns,gaps_ns,ended_ns,right,known,said,prompt\n";

/// One record as a line of CSV.
pub(super) fn csv(record: &Record) -> String {
    let Figures { prompt, cached, completion, reasoning } = record.figures;
    let mut gaps = String::new();
    for gap in record.writes.gaps() {
        if !gaps.is_empty() {
            gaps.push(' ');
        }
        gaps.push_str(&gap.to_string());
    }
    [
        record.sequence.to_string(),
        record.received.0.to_string(),
        record.started.0.to_string(),
        record.status.to_string(),
        record.outcome.label().to_owned(),
        record.fault.map_or("", |fault| fault.label()).to_owned(),
        record.usage_sent.to_string(),
        prompt.to_string(),
        or_empty(cached),
        completion.to_string(),
        or_empty(reasoning),
        record.writes.count().to_string(),
        or_empty(record.writes.first()),
        gaps,
        record.ended.0.to_string(),
        or_empty(record.right()),
        quoted(record.known.as_deref()),
        quoted(record.said.as_deref()),
        quoted(Some(&record.prompt)),
    ]
    .join(",")
        + "\n"
}

fn or_empty(value: Option<impl ToString>) -> String {
    value.map_or_else(String::new, |value| value.to_string())
}

/// Quoted as RFC 4180 has it; a text that is not there is empty without quotes.
fn quoted(text: Option<&str>) -> String {
    text.map_or_else(String::new, |text| format!("\"{}\"", text.replace('"', "\"\"")))
}

/// One record as JSON, with the absolute instants of its content writes.
pub(super) fn json(record: &Record) -> Value {
    let Record { sequence, prompt, history, received, started, status, outcome, fault, .. } = record;
    let Record { figures, usage_sent, known, said, writes, ended, .. } = record;
    let instants: Vec<u64> = writes
        .first()
        .into_iter()
        .chain(writes.gaps().scan(writes.first().unwrap_or(0), |at, gap| {
            *at += gap;
            Some(*at)
        }))
        .collect();
    json!({
        "sequence": sequence,
        "prompt": prompt,
        "history": history,
        "received_ns": received.0,
        "started_ns": started.0,
        "ended_ns": ended.0,
        "status": status,
        "outcome": outcome,
        "fault": fault.map(|fault| fault.label()),
        "usage_sent": usage_sent,
        "prompt_tokens": figures.prompt,
        "cached_tokens": figures.cached,
        "completion_tokens": figures.completion,
        "reasoning_tokens": figures.reasoning,
        "events": writes.count(),
        "writes_ns": instants,
        "known": known,
        "said": said,
        "right": record.right(),
    })
}

/// How the records are rendered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// One JSON document.
    Json,
    /// One line a record.
    Csv,
}

/// A page is ended when it has reached so many bytes, so that rendering never holds the log, or the thread, for long.
const PAGE: usize = 32 << 10;

/// Renders records from `from` on: a page and where the next begins; none when there are no more.
pub(super) fn page(log: &Log, format: Format, from: usize) -> Option<(Vec<u8>, usize)> {
    let mut bytes = Vec::new();
    let mut next = from;
    for record in log.records.get(from..).unwrap_or_default() {
        match format {
            Format::Csv => bytes.extend_from_slice(csv(record).as_bytes()),
            Format::Json => {
                if next > 0 {
                    bytes.push(b',');
                }
                bytes.extend_from_slice(json(record).to_string().as_bytes());
            }
        }
        next += 1;
        if bytes.len() >= PAGE {
            break;
        }
    }
    (next > from).then_some((bytes, next))
}

#[cfg(test)]
mod tests {
    use super::super::stamps::Stamps;
    use super::*;
    use crate::domain::Nanos;

    fn log(n: u64) -> Log {
        let mut log = Log::default();
        for i in 0..n {
            let (generation, sequence) = log.arrive();
            let mut writes = Stamps::default();
            for at in [0, 10, 25] {
                writes.push(Nanos(1_100 + i + at));
            }
            let record = Record {
                sequence,
                prompt: "say \"1\",\n2".into(),
                history: Vec::new(),
                received: Nanos(1_000),
                started: Nanos(1_004),
                status: 200,
                outcome: Outcome::Completed,
                fault: None,
                figures: Figures { prompt: 4, cached: None, completion: 3, reasoning: Some(0) },
                usage_sent: true,
                known: Some("2".into()),
                said: Some("2".into()),
                writes,
                ended: Nanos(1_130),
            };
            log.finish(generation, record, usize::MAX);
        }
        log
    }

    #[test]
    fn a_line_of_csv_reads_back() {
        let text = COLUMNS.to_owned() + &csv(&log(1).records[0]);
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let row: BTreeMap<String, String> = reader.deserialize().next().unwrap().unwrap();
        assert_eq!(row["gaps_ns"], "10 15");
        assert_eq!((row["first_ns"].as_str(), row["right"].as_str()), ("1100", "true"));
        assert_eq!((row["cached_tokens"].as_str(), row["reasoning_tokens"].as_str()), ("", "0"));
        assert_eq!(row["prompt"], "say \"1\",\n2");
        assert_eq!(row.len(), 19);
    }

    #[test]
    fn json_has_absolute_instants() {
        assert_eq!(json(&log(1).records[0])["writes_ns"], json!([1_100, 1_110, 1_125]));
    }

    #[test]
    fn the_summary_has_nearest_ranks() {
        let summary = summary(&log(100));
        assert_eq!(summary["ttft_ns"]["p50"], 149);
        assert_eq!(summary["ttft_ns"]["p99"], 198);
        assert_eq!(summary["itl_ns"]["n"], 200);
        assert_eq!(summary["itl_ns"]["p50"], 10);
        assert_eq!(summary["queued_ns"]["max"], 4);
        assert_eq!(summary["totals"][0]["right"], 100);
        assert_eq!(super::summary(&Log::default())["itl_ns"]["p50"], Value::Null);
    }

    #[test]
    fn pages_join_to_the_whole() {
        let log = log(1_000);
        for format in [Format::Json, Format::Csv] {
            let (mut pages, mut all, mut from) = (0, Vec::new(), 0);
            while let Some((bytes, next)) = page(&log, format, from) {
                assert!(bytes.len() < 2 * PAGE);
                all.extend(bytes);
                from = next;
                pages += 1;
            }
            assert_eq!(from, 1_000);
            assert!(pages > 1);
            if format == Format::Json {
                let list: Vec<Value> = serde_json::from_slice(&[b"[".as_slice(), &all, b"]"].concat()).unwrap();
                assert_eq!(list.len(), 1_000);
            }
        }
    }
}
