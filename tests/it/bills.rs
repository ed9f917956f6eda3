//! What others bill, held against ours: `assayd reconcile` with invoices that agree, differ, and can't be read; and the
//! daemon's count of tokens beside the endpoint's.

use crate::support::bench::{Bench, Mock, PATIENCE, PRICE, Run, Shape, number, target, text};
use crate::support::process::{Process, until};
use crate::support::{Outcome, http};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use libtest_mimic::{Failed, Trial};
use serde_json::Value;
use std::collections::BTreeMap;
use std::net::SocketAddr;

/// The tests of this module.
pub fn tests() -> Vec<Trial> {
    vec![
        Trial::test("bills::an_invoice_is_held_against_the_ledger", invoices),
        Trial::test("bills::an_invoice_of_no_known_shape_is_told", shapes),
        Trial::test("bills::tokens_are_counted_here_too", audit),
    ]
}

/// An invoice for what these samples used, day by day: its header, and `model,in,out,amount` of each day made by `row`.
fn invoice(samples: &[Value], row: impl Fn(&str, u64, u64, u64) -> String) -> Result<String, Failed> {
    let mut days: BTreeMap<String, (u64, u64, u64)> = BTreeMap::new();
    for sample in samples {
        let day = text(sample, "at").get(..10).ok_or("no day")?.to_owned();
        let sums = days.entry(day).or_default();
        sums.0 += number(sample, "input_tokens")?;
        sums.1 += number(sample, "output_tokens")?;
        sums.2 += number(sample, "cost_nano_usd")?;
    }
    Ok(days.iter().map(|(day, (input, output, nanos))| row(day, *input, *output, *nanos)).collect())
}

fn usd(nanos: u64) -> String {
    format!("{}.{:09}", nanos / 1_000_000_000, nanos % 1_000_000_000)
}

const HEADER: &str = "date,model,input_tokens,output_tokens,amount,currency\n";

fn reconciled(bench: &Bench, csv: &str, more: &[&str]) -> Result<Run, Failed> {
    std::fs::write(bench.folder().join("invoice.csv"), csv)?;
    let fixed = ["reconcile", "-c", "assayd.toml", "--invoice", "invoice.csv"];
    bench.ran(&mut bench.command(&[&fixed[..], more].concat()))
}

fn invoices() -> Outcome {
    let (bench, mock) = (Bench::new()?, Mock::start(&[])?);
    bench.configure(&[target("a", mock.address, PRICE)], Shape { items: 20, ..Shape::default() })?;
    bench.run(&[])?.expect(0, "")?;
    let samples = bench.samples()?;
    let same =
        invoice(&samples, |day, input, output, nanos| format!("{day},mock,{input},{output},{},USD\n", usd(nanos)))?;
    let same = format!("{HEADER}{same}");
    let run = reconciled(&bench, &same, &["--tolerance", "0%", "--format", "json"])?;
    run.expect(0, "read as generic")?;
    let found: Value = serde_json::from_str(&run.ended.stdout)?;
    assert!(found.to_string().contains("\"a\""), "the target is not named: {found}");
    reconciled(&bench, &same, &[])?.expect(0, "days in UTC")?;

    // A row that can't be read is told with its line, the others count, and the exit code says that not all was read.
    let bad = same.replacen('\n', "\nyesterday,mock,1,2,3,USD\n", 1);
    let run = reconciled(&bench, &bad, &["--tolerance", "0%"])?;
    run.expect(1, "invoice.csv:2: the date is none")?;
    run.expect(1, "1 rows of the invoice could not be read")?;
    assert!(!run.ended.stderr.contains("differ by more"), "{}", run.ended.stderr);
    let unknown = format!("{same}2026-11-01,mock,1,2,3,XYZ\n");
    reconciled(&bench, &unknown, &["--tolerance", "100%"])?.expect(1, "the currency XYZ has no rate in [currency]")?;

    // Twice the money is half too much of the invoice's.
    let double =
        invoice(&samples, |day, input, output, nanos| format!("{day},mock,{input},{output},{},USD\n", usd(2 * nanos)))?;
    let double = format!("{HEADER}{double}");
    reconciled(&bench, &double, &[])?.expect(1, "the invoice and the ledger differ by more than 1 %")?;
    reconciled(&bench, &double, &["--tolerance", "49.9%"])?.expect(1, "differ by more than 49.9 %")?;
    reconciled(&bench, &double, &["--tolerance", "50%"])?.expect(0, "")?;

    // A model that is called otherwise there is on one side only, until it is named.
    let named = same.replace(",mock,", ",mock-2026-11,");
    reconciled(&bench, &named, &["--tolerance", "50%"])?.expect(1, "differ by more than 50 %")?;
    reconciled(&bench, &named, &["--tolerance", "0%", "--alias", "mock-2026-11=mock"])?.expect(0, "")?;

    // Another one's columns, mapped; a day without exchanges of ours is not the invoice's fault.
    let own = invoice(&samples, |day, input, output, nanos| {
        format!("{day}T03:00:00Z,mock,{},1,{output},${}\n", input - 1, usd(nanos))
    })?;
    let own = format!("Day,Model,In,Cached,Out,Cost\n{own}");
    let map = "date=Day,model=Model,input=In+Cached,output=Out,amount=Cost";
    reconciled(&bench, &own, &["--tolerance", "0%", "--map", map])?.expect(0, "read as mapped")
}

fn shapes() -> Outcome {
    let bench = Bench::new()?;
    bench.configure(&[target("a", "127.0.0.1:9", PRICE)], Shape::default())?;
    let other = "when,what,how much\n2026-11-01,mock,3\n";
    reconciled(&bench, other, &[])?.expect(2, "the columns are of no known export (when, what, how much)")?;
    let map = &["--map", "date=when,model=what,amount=price"];
    reconciled(&bench, other, map)?.expect(2, "--map amount: the file has no column \"price\"")?;
    reconciled(&bench, other, &["--map", "day=when"])?.expect(2, "--map: \"day\" is none of date, model, input")?;
    reconciled(&bench, HEADER, &[])?.expect(2, "invoice.csv has no row that could be read")?;
    let missing = ["reconcile", "-c", "assayd.toml", "--invoice", "nowhere.csv"];
    bench.ran(&mut bench.command(&missing))?.expect(1, "nowhere.csv")
}

/// A tokenizer that knows the 256 bytes and nothing more: a text has as many tokens as bytes.
fn audit() -> Outcome {
    let (bench, mock) = (Bench::new()?, Mock::start(&[])?);
    let table: String = (0..=255_u8).map(|byte| format!("{} {byte}\n", STANDARD.encode([byte]))).collect();
    std::fs::write(bench.folder().join("bytes.tiktoken"), table)?;
    let counted = format!("{PRICE}\ntokenizer = {{ tiktoken = \"bytes.tiktoken\", pattern = \"gpt2\" }}");
    let targets = [target("a", mock.address, &counted), target("b", mock.address, PRICE)];
    let shape = Shape { top: "server.listen = [\"127.0.0.1:0\"]", items: 10, ..Shape::default() };
    bench.configure(&targets, shape)?;
    let process = Process::start(&mut bench.command(&["serve", "-c", "assayd.toml"]))?;
    let line = process.line("listening on", PATIENCE)?;
    let address = line.split("http://").nth(1).ok_or_else(|| format!("no address in {line:?}"))?;
    let address: SocketAddr = address.trim().parse()?;
    let value = |text: &str, name: &str, target: &str| -> Option<f64> {
        let of = format!("target=\"{target}\"");
        let line = text.lines().find(|line| line.starts_with(name) && line.contains(&of))?;
        line.rsplit(' ').next()?.parse().ok()
    };
    let (reported, counted) = until(PATIENCE, || {
        let text = http::get(address, "/metrics")?.body;
        let of = |name: &str| value(&text, name, "a").ok_or_else(|| format!("no {name}"));
        let (reported, counted) = (of("assayd_tokens_reported_audited_total{")?, of("assayd_tokens_counted_total{")?);
        assert_eq!(value(&text, "assayd_tokens_counted_total{", "b"), None, "it has no tokenizer");
        // 6 tokens each, by the endpoint's own count.
        if reported >= 60.0 { Ok((reported, counted)) } else { Err(format!("{reported} reported so far").into()) }
    })?;
    let samples = bench.samples()?;
    let of_a = samples.iter().filter(|sample| text(sample, "target") == "a");
    let bytes: usize = of_a.map(|sample| text(sample, "answer").len()).sum();
    assert!(bytes > 0, "{samples:?}");
    assert_eq!((reported, counted), (60.0, bytes as f64));
    Ok(())
}
