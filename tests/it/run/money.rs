//! Budgets hold, overruns stop, what has no price is never free, hardware is shared out to the last nano-USD.

use super::trial;
use crate::support::bench::{Bench, Mock, PRICE, Shape, count, number, sum, target, text};
use crate::support::scripted::Scripted;
use assayd::store::{self, Access, Query};
use libtest_mimic::{Failed, Trial};
use serde_json::Value;

pub(super) fn tests() -> Vec<Trial> {
    vec![
        trial("a_run_never_passes_its_budget", || budget("", "budget = \"0.003 USD\"", "the run's budget")),
        trial("a_day_never_passes_its_budget", || budget("[budget]\nper_day = \"0.003 USD\"", "", "the day's budget")),
        trial("a_budget_counts_what_is_only_bounded", bounded),
        trial("a_tier_that_the_provider_chose_does_not_slip_the_budget", tier),
        trial("an_overrun_stops_the_dispatch", overrun),
        trial("what_has_no_price_is_never_free", unpriced),
        trial("rented_hardware_is_shared_out_whole", rented),
    ]
}

const LIMIT: u64 = 3_000_000;

/// The worst case of an exchange, as in [`crate::failures`].
const WORST: u64 = 400_006;

/// What an answer of the mock costs: its figures are a token for every 4 bytes in, rounded up, and 6 out.
const ANSWER: u64 = 2 * 1_000 + 6 * 10_000;

/// 32 at once until the money is gone: what is spent stays below the limit, nothing is left in flight, and the mock was
/// asked exactly as often as there are records. A second run of the day finds the day's budget used.
fn budget(top: &str, run: &str, whose: &str) -> Result<(), Failed> {
    let (bench, mock) = (Bench::new()?, Mock::start(&["--ttft", "3ms"])?);
    let shape = Shape { top, run, items: 300, arrival: "{ kind = \"closed\", concurrency = 32 }" };
    bench.configure(&[target("a", mock.address, PRICE)], shape)?;
    bench.run(&[])?.expect(4, &format!("r: {whose} of 0.003 USD is reached"))?;
    let samples = bench.samples()?;
    let spent = sum(&samples, "cost_nano_usd")?;
    assert_eq!((samples.len() as u64, count(&samples, "verdict", "unknown")), (mock.arrived()?, 0));
    assert_eq!(spent, samples.len() as u64 * ANSWER);
    // The limit was not passed, and not left before no further worst case fits: what is only held is waited for.
    assert!(spent <= LIMIT && spent + WORST > LIMIT, "{spent} of {LIMIT}");
    if run.is_empty() {
        let before = mock.arrived()?;
        bench.run(&[])?.expect(4, whose)?;
        let after = bench.samples()?;
        assert_eq!(mock.arrived()?, after.len() as u64);
        assert!(sum(&after, "cost_nano_usd")? <= LIMIT, "asked {before} before");
    }
    Ok(())
}

/// An endpoint that never reports usage: every exchange counts with its worst case, so that fewer are sent.
fn bounded() -> Result<(), Failed> {
    let (bench, mock) = (Bench::new()?, Mock::start(&["--fault", "no_usage"])?);
    let shape = Shape { run: "budget = \"0.003 USD\"", items: 100, ..Shape::default() };
    bench.configure(&[target("a", mock.address, PRICE)], shape)?;
    bench.run(&[])?.expect(4, "the run's budget")?;
    let samples = bench.samples()?;
    let bound = sum(&samples, "unknown_bound_nano_usd")?;
    let each = samples.first().map(|s| number(s, "unknown_bound_nano_usd")).ok_or("no sample")??;
    assert!(bound <= LIMIT && bound + each > LIMIT, "{bound} of {LIMIT}, {each} each");
    assert_eq!((sum(&samples, "cost_nano_usd")?, samples.len() as u64), (0, mock.arrived()?));
    Ok(())
}

/// An endpoint that answers in a service tier without a price: nobody knows what that costs, so each answer counts with its
/// worst case, in the run and after a restart too, and the run stops at its budget.
fn tier() -> Result<(), Failed> {
    let bench = Bench::new()?;
    let endpoint = Scripted::in_tier(|_| "300", Some("turbo"))?;
    let shape = Shape { top: "[budget]\nper_day = \"0.003 USD\"", items: 100, ..Shape::default() };
    bench.configure(&[target("a", endpoint.address, PRICE)], shape)?;
    bench.run(&[])?.expect(4, "the day's budget of 0.003 USD is reached")?;
    let samples = bench.samples()?;
    let bound = sum(&samples, "unpriced_bound_nano_usd")?;
    let each = samples.first().map(|s| number(s, "unpriced_bound_nano_usd")).ok_or("no sample")??;
    assert!(each > 0 && bound <= LIMIT && bound + each > LIMIT, "{bound} of {LIMIT}, {each} each");
    assert_eq!(samples.len(), endpoint.heard().len());
    for sample in &samples {
        assert_eq!((sample.get("unpriced"), text(sample, "service_tier")), (Some(&Value::Bool(true)), "turbo"));
        assert_eq!((sample.get("cost_nano_usd"), number(sample, "unknown_attempts")?), (Some(&Value::Null), 0));
    }
    // Another process reads the day's sums out of the store.
    bench.run(&[])?.expect(4, "the day's budget")?;
    assert_eq!(samples.len(), endpoint.heard().len());
    Ok(())
}

/// The endpoint bills more than the prompt and the limit allow: that is seen, said, and the end of the dispatch.
fn overrun() -> Result<(), Failed> {
    let (bench, mock) = (Bench::new()?, Mock::start(&["--prompt-overhead", "1000000"])?);
    let shape = Shape { items: 50, ..Shape::default() };
    bench.configure(&[target("a", mock.address, PRICE)], shape)?;
    let run = bench.run(&[])?;
    run.expect(4, "r: an exchange cost more than its reserved worst case; nothing more is sent")?;
    let samples = bench.samples()?;
    // Those in flight when the first one told.
    assert!((1..=6).contains(&samples.len()), "{} were sent", samples.len());
    assert_eq!(samples.len() as u64, mock.arrived()?);
    // It is billed as reported all the same.
    assert!(number(samples.first().ok_or("none")?, "input_nano_usd")? > 1_000_000 * 1_000);
    Ok(())
}

fn rows(run: &str) -> Result<Vec<Value>, Failed> {
    let json: Value = serde_json::from_str(run)?;
    let rows = json.pointer("/reports/0/rows").and_then(Value::as_array).cloned().ok_or("no rows")?;
    Ok(rows.into_iter().filter(|row| row.get("domain").is_some_and(Value::is_null)).collect())
}

fn unpriced() -> Result<(), Failed> {
    let (bench, mock) = (Bench::new()?, Mock::start(&[])?);
    bench.configure(&[target("a", mock.address, "")], Shape::default())?;
    let table = bench.run(&[])?;
    table.expect(0, "")?;
    let line =
        table.ended.stdout.lines().find(|line| line.starts_with("a ") || line.starts_with("a‡")).unwrap_or_default();
    assert!(line.contains("unpriced"), "{}", table.ended.stdout);
    assert!(!line.contains("USD") && !line.contains("$0"), "{line}");
    let json = bench.run(&["--format", "json"])?;
    let rows = rows(&json.ended.stdout)?;
    let row = rows.first().ok_or("no row")?;
    assert_eq!(number(row, "unpriced_samples")?, 3);
    assert_eq!(text(row, "cost_per_correct_status"), "unpriced");
    assert_eq!(row.get("cost_per_correct_usd"), Some(&Value::Null));
    bench.run(&["--fail-if", "cost>100"])?.expect(5, "not measured")?;
    Ok(())
}

/// At 3,600 USD an hour a nanosecond costs a nano-USD, so that a share can be read as time: eight at once on the same
/// hardware cost the window once, not eight times, and report, records and ledger agree to the nano-USD.
fn rented() -> Result<(), Failed> {
    let (bench, mock) = (Bench::new()?, Mock::start(&["--ttft", "100ms"])?);
    let price = "price.rented = { per_gpu_hour = \"900 USD\", gpus = 4 }";
    let shape = Shape { items: 32, arrival: "{ kind = \"closed\", concurrency = 8 }", ..Shape::default() };
    bench.configure(&[target("a", mock.address, price)], shape)?;
    let run = bench.run(&["--format", "json"])?;
    run.expect(0, "")?;
    let samples = bench.samples()?;
    let shares = sum(&samples, "hardware_nano_usd")?;
    assert!(samples.iter().all(|s| number(s, "hardware_nano_usd").is_ok_and(|share| share > 0)));
    let reported = rows(&run.ended.stdout)?;
    let reported = reported.first().and_then(|row| row.pointer("/cost/nano_usd")).and_then(Value::as_u64);
    assert_eq!(reported, Some(shares));

    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let url = format!("sqlite://{}", bench.folder().join("assayd.db").display());
    let (kept, spent) = runtime.block_on(async {
        let store = store::open(&url, Access::Read).await?;
        let kept = store.samples(Query { limit: 1_000, ..Query::default() }).await?;
        Ok::<_, store::StoreError>((kept, store.spent(None, 0).await?))
    })?;
    assert_eq!(u64::try_from(spent.settled.nanos())?, shares);
    let exchanges = || kept.iter().flat_map(|r| &r.sample.exchanges);
    let first = exchanges().map(|e| e.timing.scheduled).min().ok_or("no exchange")?;
    let last = exchanges().filter_map(|e| e.timing.end).max().ok_or("no end")?;
    let (window, sum_of_times) = (last.since(first).0, sum(&samples, "duration_ns")?);
    // The window that is charged begins a moment after `first` and ends a moment after `last`, as soon as the task that
    // notes it runs. Charged by the time each was in flight, it would come to several windows.
    assert!(shares > window / 10 * 9 && shares < window * 3 / 2, "{shares} for a window of {window}");
    assert!(sum_of_times > window * 3 / 2, "they were not at once: {sum_of_times} in {window}");
    Ok(())
}
