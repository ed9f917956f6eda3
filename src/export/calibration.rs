//! This machine's own error and ceiling, in words, as a table and as JSON.

use super::report::{duration, rfc3339, significant};
use crate::board::{Calibrated, Calibration, Errors, Level};
use serde::Serialize;
use std::fmt::Write as _;

/// A relative error in per cent, with its sign. Adding zero turns −0.0 into 0.0.
fn error(value: Option<f64>) -> String {
    value.map_or_else(|| "–".to_owned(), |e| format!("{:+.2}", (e * 1e4).round() / 100.0 + 0.0))
}

fn milliseconds(seconds: Option<f64>) -> String {
    seconds.map_or_else(|| "–".to_owned(), |s| significant(s * 1e3, 3))
}

/// What a reader of a run's figures is to know of the machine, in a sentence. `now` is when the run began.
#[must_use]
pub fn sentence(calibrated: &Calibrated, now_unix_ms: i64) -> String {
    let calibration = match calibrated {
        Calibrated::Measured(calibration) => calibration,
        Calibrated::Skipped(why) => return format!("this machine was not calibrated: {why}"),
    };
    let Some(Level { streams, errors, tokens_per_second, .. }) = calibration.at_most() else { return String::new() };
    let Errors { ttft_p50, ttft_p99, gap_p50: _, gap_p99, e2e_p50: _, e2e_p99 } = *errors;
    let age = u64::try_from(now_unix_ms.saturating_sub(calibration.at_unix_ms)).unwrap_or(0);
    let ago = if age >= 60_000 { format!(", {} before", duration(age)) } else { String::new() };
    let shared = if calibration.apart { "" } else { ", sharing its core" };
    let holds = calibration.ceiling().map_or_else(
        || format!("does not hold at {} tokens/s", significant(*tokens_per_second, 3)),
        |ceiling| format!("holds at {} tokens/s", significant(ceiling, 3)),
    );
    format!(
        "this machine's own error (against the built-in mock{shared}, {streams} streams{ago}): TTFT p50 {} %, p99 {} %; \
         gap p99 {} %; E2E p99 {} %; {holds}",
        error(ttft_p50),
        error(ttft_p99),
        error(gap_p99),
        error(e2e_p99),
    )
}

const HEADS: [&str; 12] = [
    "streams",
    "ms/token",
    "answers",
    "TTFT p50 %",
    "p99 %",
    "gap p50 %",
    "p99 %",
    "E2E p50 %",
    "p99 %",
    "lag p99 ms",
    "tokens/s",
    "delivered",
];

/// The table for a terminal.
#[must_use]
pub fn table(calibration: &Calibration) -> String {
    let mut text = format!(
        "assayd {} on this machine, {}: published latency / true latency − 1\n\n",
        calibration.version,
        rfc3339(calibration.at_unix_ms)
    );
    let rows: Vec<[String; HEADS.len()]> =
        std::iter::once(HEADS.map(str::to_owned)).chain(calibration.levels.iter().map(cells)).collect();
    let width = |column: usize| rows.iter().filter_map(|r| r.get(column)).map(|c| c.chars().count()).max().unwrap_or(0);
    for row in &rows {
        let cells = row.iter().enumerate().map(|(at, cell)| format!("{cell:>w$}", w = width(at)));
        let _ = writeln!(text, "{}", cells.collect::<Vec<_>>().join("  "));
    }
    let ceiling = calibration.ceiling().map_or_else(
        || "no level holds".to_owned(),
        |ceiling| format!("ceiling: at least {} tokens/s", significant(ceiling, 3)),
    );
    let _ = write!(
        text,
        "\n{ceiling} (TTFT and gap p99 within 2 %, at least 99 % delivered, nothing failed)\n  \
         truth: the built-in mock's own instants of receipt and write; TTFT and E2E from its receipt of the request\n"
    );
    if !calibration.apart {
        text.push_str("! only one core may be used: the mock's own delays are among the errors\n");
    }
    text
}

fn cells(level: &Level) -> [String; HEADS.len()] {
    let Level { streams, token_interval, answers, failed, errors, client_lag_p99, tokens_per_second, delivered } =
        level;
    let [a, b, c, d, e, f] = errors.all().map(|(_, e)| error(e));
    let answers = if *failed > 0 { format!("{answers} ({failed} failed)") } else { answers.to_string() };
    [
        streams.to_string(),
        milliseconds(Some(*token_interval)),
        answers,
        a,
        b,
        c,
        d,
        e,
        f,
        milliseconds(*client_lag_p99),
        significant(*tokens_per_second, 3),
        format!("{:.1} %", delivered * 100.0),
    ]
}

/// The JSON document. Errors are ratios, stretches are seconds.
#[must_use]
pub fn json(calibration: &Calibration) -> String {
    #[derive(Serialize)]
    struct Document<'a> {
        schema: &'static str,
        /// Null where no level holds.
        ceiling_tokens_per_second: Option<f64>,
        calibration: &'a Calibration,
    }
    let document =
        Document { schema: "assayd.calibration/1", ceiling_tokens_per_second: calibration.ceiling(), calibration };
    serde_json::to_string_pretty(&document).unwrap_or_default() + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calibration() -> Calibration {
        let errors = Errors {
            ttft_p50: Some(0.0009),
            ttft_p99: Some(0.0041),
            gap_p50: Some(-0.00001),
            gap_p99: Some(0.002),
            e2e_p50: Some(0.0),
            e2e_p99: Some(0.0003),
        };
        let level = Level {
            streams: 32,
            token_interval: 0.01,
            answers: 64,
            failed: 0,
            errors,
            client_lag_p99: Some(0.000_213),
            tokens_per_second: 3_181.0,
            delivered: 1.0,
        };
        let over = Level {
            streams: 512,
            failed: 2,
            errors: Errors { ttft_p99: Some(0.31), gap_p99: None, ..errors },
            client_lag_p99: None,
            tokens_per_second: 30_020.0,
            delivered: 0.71,
            ..level
        };
        Calibration {
            version: "1.2.3".into(),
            boot: "b".into(),
            at_unix_ms: 1_790_000_000_000,
            apart: true,
            levels: vec![level, over],
        }
    }

    #[test]
    fn the_table() {
        insta::assert_snapshot!(table(&calibration()));
    }

    #[test]
    fn the_document_reads_back() {
        let document: serde_json::Value = serde_json::from_str(&json(&calibration())).unwrap();
        assert_eq!(document["ceiling_tokens_per_second"], 3_181.0);
        let back: Calibration = serde_json::from_value(document["calibration"].clone()).unwrap();
        assert_eq!(back, calibration());
    }

    #[test]
    fn a_sentence_for_reports() {
        let mut known = calibration();
        known.levels.truncate(1);
        let now = known.at_unix_ms;
        insta::assert_snapshot!(sentence(&Calibrated::Measured(known.clone()), now + 190_000), @"this machine's own error (against the built-in mock, 32 streams, 3 min 10 s before): TTFT p50 +0.09 %, p99 +0.41 %; gap p99 +0.20 %; E2E p99 +0.03 %; holds at 3181 tokens/s");
        known.levels[0].delivered = 0.5;
        known.apart = false;
        let said = sentence(&Calibrated::Measured(known), now);
        assert!(
            said.contains("sharing its core, 32 streams)") && said.ends_with("does not hold at 3181 tokens/s"),
            "{said}"
        );
        let skipped = sentence(&Calibrated::Skipped("only one core may be used".into()), now);
        assert_eq!(skipped, "this machine was not calibrated: only one core may be used");
    }
}
