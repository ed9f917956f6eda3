//! Samples as files: one flat record a trial, as JSON lines or CSV.
//!
//! Both forms have the same fields in the same order, declared in [`Record`]; fields are only ever added at the end. A
//! record holds no secrets: keys and headers never enter a sample.

mod turns;

use crate::domain::{Component, Exchange, Finish, Money, Nanos, Purpose, Sample, TokenKind, TokenSource};
use crate::export::report::{exact_usd, rfc3339};
use crate::store::Recorded;
use serde::Serialize;
use std::io::{self, Write};

/// One trial. Durations are in nanoseconds, money is in nano-USD (and once more as a decimal text in USD); what did not
/// happen or was not reported is null, or empty in CSV.
///
/// Timing, answer and outcome are those of the last attempt; cost is over all attempts.
#[derive(Debug, Serialize)]
struct Record<'a, T> {
    /// Grows with every recorded sample, over all runs.
    position: i64,
    run: i64,
    target: &'a str,
    scenario: &'a str,
    item: &'a str,
    /// 0 for the first time this item was asked in the run.
    repeat: u32,
    /// The unit that is independent in statistics.
    cluster: &'a str,
    domain: &'a str,
    capability: &'a str,
    language: &'a str,
    split: &'static str,
    provenance: &'a str,
    /// `measure`, `warm-up`, `probe`, `calibration` or `judge`.
    purpose: &'static str,
    /// Wall clock of the first send, RFC 3339.
    at: String,
    at_unix_ms: i64,
    verdict: &'static str,
    /// In [0, 1].
    score: f64,
    /// What was read out of the answer.
    extracted: Option<&'a str>,
    /// The rule of grading that fired.
    rule: &'a str,
    /// Correct and inside the SLO.
    good: bool,
    attempts: usize,
    /// `ok`, or the last attempt's failure; null where none was sent.
    outcome: Option<&'static str>,
    failure_detail: Option<&'a str>,
    http_status: Option<u16>,
    finish: Option<&'a str>,
    /// The model's name as the answer gives it.
    served_model: Option<&'a str>,
    /// Tokens in disjoint buckets, as reported.
    input_tokens: Option<u64>,
    cache_read_tokens: Option<u64>,
    cache_write_tokens: Option<u64>,
    output_tokens: Option<u64>,
    reasoning_tokens: Option<u64>,
    /// Output tokens that rates rest on, and what counted them: `usage` or `events`.
    n_out: Option<u64>,
    token_source: Option<&'static str>,
    /// From the send.
    first_token_ns: Option<u64>,
    /// From the scheduled instant.
    first_token_scheduled_ns: Option<u64>,
    /// First visible token, from the send.
    first_visible_ns: Option<u64>,
    duration_ns: Option<u64>,
    duration_scheduled_ns: Option<u64>,
    per_output_token_ns: Option<u64>,
    /// The longest gap between token-bearing events.
    longest_gap_ns: Option<u64>,
    token_events: Option<u32>,
    schedule_lag_ns: Option<u64>,
    dns_ns: Option<u64>,
    connect_ns: Option<u64>,
    tls_ns: Option<u64>,
    /// Who took the receive stamps: `kernel` or `read`.
    stamps: Option<&'static str>,
    cost_nano_usd: Option<i64>,
    /// The same, as a decimal number.
    cost_usd: Option<String>,
    input_nano_usd: i64,
    cache_read_nano_usd: i64,
    cache_write_nano_usd: i64,
    output_nano_usd: i64,
    reasoning_nano_usd: i64,
    request_nano_usd: i64,
    hardware_nano_usd: i64,
    /// Some attempt has no price: its cost is not zero, but not known.
    unpriced: bool,
    /// Attempts whose cost is only bounded, and the sum of the bounds.
    unknown_attempts: u32,
    unknown_bound_nano_usd: i64,
    /// The text, as far as it was kept (`sha256:` and the hash, where only that was).
    answer: Option<&'a str>,
    reasoning: Option<&'a str>,
    /// How long bytes of the answer lay in the kernel before they were read: the 99th percentile of its reads.
    client_lag_ns: Option<u64>,
    /// Of a conversation: every attempt at every turn, as a list (in CSV, its JSON text). The fields above are those of the
    /// last one.
    turns: Option<T>,
    /// `short` or `long` (500 tokens and more, by estimate).
    length: &'static str,
    /// Marked as hard in the data.
    hard: bool,
    /// Exchanges with a judge about the answer, what they cost (in the cost above), and what it said last.
    judge_attempts: usize,
    judge_nano_usd: i64,
    judge_answer: Option<&'a str>,
    /// Further buckets of tokens, searches of the web, and what they came to.
    cache_write_1h_tokens: Option<u64>,
    audio_input_tokens: Option<u64>,
    image_input_tokens: Option<u64>,
    audio_output_tokens: Option<u64>,
    image_output_tokens: Option<u64>,
    searches: Option<u64>,
    cache_write_1h_nano_usd: i64,
    audio_input_nano_usd: i64,
    image_input_nano_usd: i64,
    audio_output_nano_usd: i64,
    image_output_nano_usd: i64,
    search_nano_usd: i64,
    energy_nano_usd: i64,
    /// The service tier in the provider's word.
    service_tier: Option<&'a str>,
    /// What the provider says the last attempt cost, and how much more that is than what this program takes it for (less,
    /// where negative); the latter only where both are known.
    reported_nano_usd: Option<i64>,
    reported_difference_nano_usd: Option<i64>,
    /// Its part of the energy that the target's devices used, how that was come by (`measured`, `estimated`), of the time
    /// they were busy, and of the emissions; none where no meter told.
    energy_microjoules: Option<u64>,
    energy_quality: Option<&'static str>,
    device_busy_ns: Option<u64>,
    co2e_nanograms: Option<u64>,
    /// The bounds of attempts without a price at a target that has one, summed: they count against budgets.
    unpriced_bound_nano_usd: i64,
}

/// The record; `turns` puts the exchanges of a conversation into the format's form.
fn record<'a, T>(recorded: &'a Recorded, turns: impl FnOnce(&'a [Exchange]) -> T) -> Record<'a, T> {
    let Recorded { position, sample, purpose, good } = recorded;
    let Sample { key, cluster, tags, provenance, at_unix_ms, exchanges, judged, finding, share } = sample;
    let last = sample.last();
    let timing = last.map(|e| &e.timing);
    let answer = last.map(|e| &e.answer);
    let fault = last.and_then(|e| e.fault.as_ref());
    let n_out = last.map(Exchange::tokens_out);
    let tokens = |kind: TokenKind| answer.and_then(|a| a.usage.get(kind));
    let ns = |stretch: Option<Nanos>| stretch.map(|n| n.0);
    let cost = sample.cost();
    // Without a price nothing is known of it, which is not 0.
    let known = !(sample.is_unpriced() && cost.total().is_zero());
    let nanos = |component: Component| cost.get(component).nanos();
    let (unknown_attempts, bound) = sample.unknown();
    let text = |text: &'_ str| !text.is_empty();
    Record {
        position: *position,
        run: key.run.0,
        target: key.target.as_str(),
        scenario: key.scenario.as_str(),
        item: key.item.as_str(),
        repeat: key.repeat,
        cluster: cluster.as_str(),
        domain: &tags.domain,
        capability: &tags.capability,
        language: &tags.language,
        split: tags.split.label(),
        length: tags.length.label(),
        hard: tags.hard,
        provenance: provenance.as_str(),
        purpose: Purpose::label(*purpose),
        at: rfc3339(*at_unix_ms),
        at_unix_ms: *at_unix_ms,
        verdict: finding.verdict.label(),
        score: finding.score,
        extracted: finding.extracted.as_deref(),
        rule: finding.rule,
        good: *good,
        attempts: exchanges.len(),
        outcome: last.map(Exchange::outcome),
        failure_detail: fault.map(|f| f.detail.as_str()),
        http_status: fault.and_then(|f| f.status),
        finish: answer.and_then(|a| a.finish.as_ref()).map(Finish::label),
        served_model: answer.and_then(|a| a.model.as_deref()),
        input_tokens: tokens(TokenKind::Input),
        cache_read_tokens: tokens(TokenKind::CacheRead),
        cache_write_tokens: tokens(TokenKind::CacheWrite),
        output_tokens: tokens(TokenKind::Output),
        reasoning_tokens: tokens(TokenKind::Reasoning),
        n_out: n_out.map(|n| n.0),
        token_source: n_out.map(|n| TokenSource::label(n.1)),
        first_token_ns: ns(timing.and_then(|t| t.ttft())),
        first_token_scheduled_ns: ns(timing.and_then(|t| t.ttft_scheduled())),
        first_visible_ns: ns(timing.and_then(|t| Some(t.visible?.since(t.send?)))),
        duration_ns: ns(timing.and_then(|t| t.e2e())),
        duration_scheduled_ns: ns(timing.and_then(|t| t.e2e_scheduled())),
        per_output_token_ns: ns(timing.zip(n_out).and_then(|(t, (n, _))| t.tpot(n))),
        longest_gap_ns: timing.and_then(|t| t.gaps.iter().max().copied()),
        token_events: timing.map(|t| t.events),
        schedule_lag_ns: ns(timing.and_then(|t| t.send_lag())),
        dns_ns: ns(timing.and_then(|t| t.dns)),
        connect_ns: ns(timing.and_then(|t| t.connect)),
        tls_ns: ns(timing.and_then(|t| t.tls)),
        stamps: timing.map(|t| t.stamps.label()),
        cost_nano_usd: known.then(|| cost.total().nanos()),
        cost_usd: known.then(|| exact_usd(cost.total())),
        input_nano_usd: nanos(Component::Input),
        cache_read_nano_usd: nanos(Component::CacheRead),
        cache_write_nano_usd: nanos(Component::CacheWrite),
        output_nano_usd: nanos(Component::Output),
        reasoning_nano_usd: nanos(Component::Reasoning),
        request_nano_usd: nanos(Component::Request),
        hardware_nano_usd: nanos(Component::Hardware),
        unpriced: sample.is_unpriced(),
        unknown_attempts,
        unknown_bound_nano_usd: bound.nanos(),
        answer: answer.map(|a| a.text.as_str()).filter(|t| text(t)),
        reasoning: answer.map(|a| a.reasoning.as_str()).filter(|t| text(t)),
        client_lag_ns: ns(timing.and_then(|t| t.client_lag)),
        judge_attempts: judged.len(),
        judge_nano_usd: judged.iter().map(|e| e.charge.known().total()).sum::<Money>().nanos(),
        judge_answer: judged.last().map(|e| e.answer.text.as_str()).filter(|t| text(t)),
        cache_write_1h_tokens: tokens(TokenKind::CacheWriteLong),
        audio_input_tokens: tokens(TokenKind::AudioInput),
        image_input_tokens: tokens(TokenKind::ImageInput),
        audio_output_tokens: tokens(TokenKind::AudioOutput),
        image_output_tokens: tokens(TokenKind::ImageOutput),
        searches: answer.and_then(|a| a.usage.searches),
        cache_write_1h_nano_usd: nanos(Component::CacheWriteLong),
        audio_input_nano_usd: nanos(Component::AudioInput),
        image_input_nano_usd: nanos(Component::ImageInput),
        audio_output_nano_usd: nanos(Component::AudioOutput),
        image_output_nano_usd: nanos(Component::ImageOutput),
        search_nano_usd: nanos(Component::Search),
        energy_nano_usd: nanos(Component::Energy),
        service_tier: answer.and_then(|a| a.tier.as_deref()),
        reported_nano_usd: answer.and_then(|a| a.reported_cost).map(Money::nanos),
        reported_difference_nano_usd: last.and_then(Exchange::reported_difference),
        turns: exchanges.iter().any(|e| e.turn > 0).then(|| turns(exchanges)),
        energy_microjoules: share.energy.map(|e| e.microjoules),
        energy_quality: share.energy.map(|e| e.quality.label()),
        device_busy_ns: share.device_nanos,
        co2e_nanograms: share.nanograms,
        unpriced_bound_nano_usd: sample.unpriced_bound().nanos(),
    }
}

/// A file format for samples.
#[derive(Debug, Clone, Copy)]
pub struct Format {
    /// The word on the command line.
    pub name: &'static str,
    /// Writes samples; `first` says that the file begins with them (CSV's header goes before).
    pub write: fn(&[Recorded], first: bool, &mut dyn Write) -> io::Result<()>,
}

/// Every format.
pub const FORMATS: &[Format] =
    &[Format { name: "jsonl", write: write_jsonl }, Format { name: "csv", write: write_csv }];

/// Writes one line of JSON for each sample.
///
/// # Errors
/// The writer's.
pub fn write_jsonl(samples: &[Recorded], _first: bool, mut out: &mut dyn Write) -> io::Result<()> {
    for sample in samples {
        serde_json::to_writer(&mut out, &record(sample, turns::list))?;
        out.write_all(b"\n")?;
    }
    Ok(())
}

/// Writes one row for each sample; with `first`, after a header.
///
/// # Errors
/// The writer's.
pub fn write_csv(samples: &[Recorded], first: bool, out: &mut dyn Write) -> io::Result<()> {
    let mut writer = csv::WriterBuilder::new().has_headers(first).from_writer(out);
    for sample in samples {
        writer.serialize(record(sample, turns::text))?;
    }
    writer.flush()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        Answer, Charge, Cost, Failure, Fault, Finding, Fingerprint, ItemId, Money, Name, RunId, Share, Split,
        StampSource, Tags, Timing, TrialKey, Usage, Verdict,
    };

    fn answered() -> Recorded {
        let timing = Timing {
            scheduled: Nanos(1_000),
            dns: None,
            connect: Some(Nanos(40_000)),
            tls: None,
            send: Some(Nanos(2_000)),
            first: Some(Nanos(12_002_000)),
            visible: Some(Nanos(12_002_000)),
            last: Some(Nanos(32_002_000)),
            end: Some(Nanos(33_000_000)),
            events: 3,
            gaps: vec![9_000_000, 11_000_000],
            stamps: StampSource::Kernel,
            client_lag: Some(Nanos(250_000)),
        };
        let cost = Cost::ZERO
            .with(Component::Input, Money::from_nanos(25))
            .with(Component::Output, Money::from_nanos(1_500_000_000));
        let refused = Exchange {
            attempt: 1,
            turn: 0,
            purpose: Purpose::Measure,
            timing: Timing { scheduled: Nanos(1_000), ..Timing::default() },
            answer: Answer::default(),
            fault: Some(Fault::new(Failure::RateLimited, "slow down").with_status(429)),
            charge: Charge::Unknown { bound: Money::from_nanos(7) },
        };
        let exchange = Exchange {
            attempt: 2,
            turn: 0,
            purpose: Purpose::Measure,
            timing,
            answer: Answer {
                text: "the \"answer\", is\n42\u{0}".into(),
                finish: Some(Finish::Stop),
                usage: Usage { input: Some(10), output: Some(3), ..Usage::default() },
                model: Some("micro-v2".into()),
                ..Answer::default()
            },
            fault: None,
            charge: Charge::Settled(cost),
        };
        let sample = Sample {
            key: TrialKey {
                run: RunId(3),
                target: Name::new("micro").unwrap(),
                scenario: Name::new("arith").unwrap(),
                item: ItemId::new("add-1"),
                repeat: 0,
            },
            cluster: ItemId::new("add-1"),
            tags: Tags::new("add", "math", "en", Split::Fresh),
            provenance: Fingerprint::from_text("00112233aabbccdd"),
            at_unix_ms: 1_790_000_000_000,
            exchanges: vec![refused, exchange],
            judged: Vec::new(),
            finding: Finding::judged(true, "42", "number/last"),
            share: Share { hardware: Money::from_nanos(5), ..Share::default() },
        };
        Recorded { position: 9, sample, purpose: Purpose::Measure, good: true }
    }

    fn never_sent() -> Recorded {
        let mut recorded = answered();
        recorded.sample.exchanges.clear();
        recorded.sample.finding = Finding::bare(Verdict::Unknown, "killed");
        recorded.sample.share = Share::default();
        recorded
    }

    fn written(format: &str, samples: &[Recorded], first: bool) -> String {
        let mut out = Vec::new();
        let format = FORMATS.iter().find(|f| f.name == format).unwrap();
        (format.write)(samples, first, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn jsonl_of_an_answer() {
        let text = written("jsonl", &[answered(), never_sent()], true);
        assert_eq!(text.lines().count(), 2);
        let first: serde_json::Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
        insta::assert_snapshot!(serde_json::to_string_pretty(&first).unwrap());
    }

    #[test]
    fn csv_has_one_header_and_the_same_fields() {
        let text = written("csv", &[answered()], true) + &written("csv", &[never_sent()], false);
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let names: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
        let rows: Vec<_> = reader.records().map(Result::unwrap).collect();
        let json: serde_json::Map<String, serde_json::Value> =
            serde_json::from_str(&written("jsonl", &[answered()], true)).unwrap();
        assert_eq!(rows.len(), 2);
        assert_eq!(names.len(), json.len());
        let field = |row: usize, name: &str| {
            let at = names.iter().position(|n| n == name).unwrap();
            rows.get(row).unwrap().get(at).unwrap().to_owned()
        };
        for (name, value) in [
            ("answer", "the \"answer\", is\n42\u{0}"),
            ("cost_usd", "1.50000003"),
            ("cost_nano_usd", "1500000030"),
            ("unknown_bound_nano_usd", "7"),
            ("attempts", "2"),
            ("outcome", "ok"),
            ("per_output_token_ns", "10000000"),
            ("dns_ns", ""),
        ] {
            assert_eq!(field(0, name), value, "{name}");
        }
        assert_eq!((field(1, "outcome").as_str(), field(1, "verdict").as_str()), ("", "unknown"));
    }

    #[test]
    fn a_conversation_has_its_turns_as_a_list() {
        let mut talk = answered();
        talk.sample.exchanges[1].turn = 1;
        let json: serde_json::Value = serde_json::from_str(&written("jsonl", &[talk.clone()], true)).unwrap();
        let turns = json["turns"].as_array().unwrap();
        let of = |n: usize| (&turns[n]["turn"], &turns[n]["outcome"], &turns[n]["duration_ns"], &turns[n]["answer"]);
        assert_eq!(of(0), (&0.into(), &"rate_limited".into(), &serde_json::Value::Null, &"".into()));
        assert_eq!(of(1), (&1.into(), &"ok".into(), &32_000_000.into(), &"the \"answer\", is\n42\u{0}".into()));
        let csv = written("csv", &[talk], true);
        let mut reader = csv::Reader::from_reader(csv.as_bytes());
        let row = reader.records().next().unwrap().unwrap();
        let place = csv.lines().next().unwrap().split(',').position(|name| name == "turns").unwrap();
        let turns: serde_json::Value = serde_json::from_str(row.get(place).unwrap()).unwrap();
        assert_eq!(&turns, &json["turns"]);
    }

    #[test]
    fn a_full_disk_is_an_error_not_a_short_file() {
        struct Full;
        impl Write for Full {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                Err(io::ErrorKind::StorageFull.into())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        for format in FORMATS {
            let error = (format.write)(&[answered()], true, &mut Full).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::StorageFull, "{}", format.name);
        }
    }
}
