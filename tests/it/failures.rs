//! Every failure that a run can meet, end to end: the real binary against an endpoint (or a disk, or a reader) that fails.
//!
//! Each run asks two targets, first the failing one and then a healthy one, and is held to: the failure has its name in
//! every record, the attempts are as many as they should be, what they cost is right to the nano-USD, standard error
//! says what happened, the healthy target is asked all the same, and [`crate::support::bench`]'s rules.

mod disk;
mod endpoint;
mod proxy;

use crate::support::bench::{Bench, Mock, PRICE, Shape, count, log, number, sum, target, text};
use assayd::domain::Failure;
use libtest_mimic::{Failed, Trial};
use std::fmt::Display;

/// This module's tests.
pub fn tests() -> Vec<Trial> {
    [endpoint::tests(), proxy::tests(), disk::tests()].into_iter().flatten().collect()
}

/// What became of the money of a failing exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Money {
    /// It certainly cost nothing: nothing was sent, or the answer was a refusal.
    Nothing,
    /// It may have cost anything up to its worst case.
    Bounded,
    /// It cost what the endpoint reported.
    Billed,
}

/// What every exchange with the failing target must come to.
#[derive(Debug, Clone, Copy)]
struct Expected {
    outcome: &'static str,
    /// A part of the failure's detail.
    detail: &'static str,
    attempts: u64,
    money: Money,
}

/// How many items each target is asked.
const ITEMS: usize = 3;

/// The worst case of one exchange: a sum of 8 bytes, 64 tokens of template, 8 for the message, 32 tokens of answer; and
/// one nano for each of six components that rounding could raise. Worked out here by hand from [`PRICE`].
const WORST: u64 = (8 + 64 + 8) * 1_000 + 32 * 10_000 + 6;

/// Runs a failing target and a healthy one; `more` are further lines of the failing target.
fn fails(at: impl Display, more: &str, expected: Expected) -> Result<(), Failed> {
    let (bench, good) = (Bench::new()?, Mock::start(&[])?);
    let bad = target("bad", at, &format!("{PRICE}\n{more}"));
    let items = Shape { items: ITEMS, ..Shape::default() };
    bench.configure(&[bad, target("good", good.address, PRICE)], items)?;
    let run = bench.run(&["--format", "json"])?;
    let Expected { outcome, detail, attempts, money } = expected;
    if outcome == "ok" {
        run.expect(0, "")?;
    } else {
        run.expect(3, &format!("r: no graded answer from bad (sums), {ITEMS} of {ITEMS}: {outcome}"))?;
        run.expect(3, detail)?;
        Failure::from_label(outcome).ok_or("the name is none of the closed set")?;
        log(format_args!("named {outcome}"));
    }
    let samples = bench.samples()?;
    let (bad, healthy): (Vec<_>, Vec<_>) = samples.into_iter().partition(|s| text(s, "target") == "bad");
    if (healthy.len(), count(&healthy, "verdict", "correct")) != (ITEMS, ITEMS) {
        return Err(format!("the healthy target was not asked as it should: {healthy:?}").into());
    }
    if bad.len() != ITEMS {
        return Err(format!("{} records of the failing target", bad.len()).into());
    }
    let (cost, unknown, bound) = match money {
        Money::Nothing => (Some(0), 0, 0),
        Money::Bounded => (Some(0), attempts, attempts * WORST),
        Money::Billed => (None, 0, 0),
    };
    for sample in &bad {
        let verdict = if outcome == "ok" { "correct" } else { "failed" };
        let as_it_should = text(sample, "outcome") == outcome
            && text(sample, "verdict") == verdict
            && text(sample, "failure_detail").contains(detail)
            && number(sample, "attempts")? == attempts
            && cost.is_none_or(|cost| number(sample, "cost_nano_usd").is_ok_and(|c| c == cost))
            && (cost.is_some() || number(sample, "cost_nano_usd")? > 0)
            && number(sample, "unknown_attempts")? == unknown
            && number(sample, "unknown_bound_nano_usd")? == bound;
        if !as_it_should {
            return Err(format!("wanted {expected:?} (bound {bound}), got {sample:#}").into());
        }
    }
    // The report's figures are the same account.
    let json: serde_json::Value = serde_json::from_str(&run.ended.stdout)?;
    let rows = json.pointer("/reports/0/rows").and_then(|r| r.as_array()).ok_or("no rows")?;
    let row = rows.iter().find(|r| text(r, "target") == "bad" && r.get("domain").is_some_and(|d| d.is_null()));
    let row = row.ok_or("no row of the failing target")?;
    let at = |path: &str| row.pointer(path).and_then(serde_json::Value::as_u64);
    assert_eq!(at("/unknown/bound_nano_usd"), Some(sum(&bad, "unknown_bound_nano_usd")?));
    assert_eq!(at("/cost/nano_usd"), Some(sum(&bad, "cost_nano_usd")?));
    Ok(())
}
