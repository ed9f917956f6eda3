//! Invoices of every known shape against a small ledger.

use super::invoice::read;
use super::*;
use crate::domain::{Component, Cost, Money, Purpose};

fn billed(day: &str, target: &str, model: Option<&str>, tokens: (u64, u64), nanos: i64) -> Billed {
    let day: Date = day.parse().unwrap();
    let since = day.since((jiff::Unit::Day, date(1970, 1, 1))).unwrap();
    Billed {
        day: i64::from(since.get_days()),
        target: target.into(),
        scenario: "s".into(),
        purpose: Purpose::Measure,
        model: model.map(str::to_owned),
        exchanges: 3,
        unpriced: 0,
        unknown: (0, Money::ZERO),
        input: tokens.0,
        output: tokens.1,
        cost: Cost::ZERO.with(Component::Input, Money::from_nanos(nanos)),
    }
}

fn parsed(text: &str, map: &[(&str, &str)]) -> Result<Invoice, String> {
    let map = map.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
    read(text, &map, |n, code| match code {
        "USD" => Some(n),
        "EUR" => n.checked_mul(Decimal::TWO),
        _ => None,
    })
}

fn names() -> Names {
    let models = BTreeMap::from([("a".to_owned(), "gpt-x".to_owned()), ("j".to_owned(), "judge-x".to_owned())]);
    Names { models, judges: BTreeMap::from([("s".to_owned(), "j".to_owned())]) }
}

#[test]
fn the_shapes_of_exports_are_known_by_their_columns() {
    let usage = "start_time,start_time_iso,model,input_tokens,output_tokens,input_cached_tokens\n\
                 1793491200,2026-11-01T00:00:00Z,gpt-x-2026,100,20,40\n1793491200,2026-11-01T12:00:00Z,gpt-x-2026,1,2,0\n";
    let costs = "start_time,amount_value,amount_currency,line_item\n1793491200,0.0000125,usd,\"gpt-x-2026, input\"\n\
                 1793491200,5e-06,usd,\"gpt-x-2026, output\"\n";
    let anthropic = "usage_date_utc,model_version,usage_input_tokens_no_cache,usage_input_tokens_cache_write_5m,\
                     usage_input_tokens_cache_write_1h,usage_input_tokens_cache_read,usage_output_tokens\n\
                     2026-11-01,claude-x,10,1,2,3,5\n";
    let spent = "usage_date_utc,model,token_type,cost_usd\n2026-11-01,claude-x,input,1.5\n";
    let generic = "date,model,input_tokens,output_tokens,amount,currency\n2026-11-01,m,1,2,$3.50,EUR\n";
    let day: Date = "2026-11-01".parse().unwrap();
    let sums = |text: &str, map: &[(&str, &str)], model: &str| {
        let invoice = parsed(text, map).unwrap();
        assert_eq!(invoice.bad, []);
        let row = invoice.rows.get(&(day, model.to_owned())).cloned().unwrap();
        (invoice.shape, row.input, row.output, row.usd.map(|usd| usd.normalize().to_string()))
    };
    assert_eq!(sums(usage, &[], "gpt-x-2026"), ("openai usage".into(), Some(101), Some(22), None));
    assert_eq!(sums(costs, &[], "gpt-x-2026"), ("openai costs".into(), None, None, Some("0.0000175".into())));
    assert_eq!(sums(anthropic, &[], "claude-x"), ("anthropic usage".into(), Some(16), Some(5), None));
    assert_eq!(sums(spent, &[], "claude-x"), ("anthropic costs".into(), None, None, Some("1.5".into())));
    assert_eq!(sums(generic, &[], "m"), ("generic".into(), Some(1), Some(2), Some("7".into())));
    let own = "Day;x,Tag,Modell,in,cached,Betrag\n1,2026-11-01,m,3,4,0.1\n";
    let map = [("date", "Tag"), ("model", "Modell"), ("input", "in+cached"), ("amount", "Betrag")];
    assert_eq!(sums(own, &map, "m"), ("mapped".into(), Some(7), None, Some("0.1".into())));
    assert!(parsed(own, &[]).unwrap_err().contains("are of no known export (Day;x, Tag"));
    assert!(parsed(own, &[("date", "Datum")]).unwrap_err().contains("the file has no column \"Datum\""));
}

#[test]
fn bad_rows_are_told_by_line() {
    let text = "date,model,input_tokens,amount,currency\n2026-11-01,m,1,1,USD\nsoon,m,1,1,USD\n2026-11-01,,1,1,USD\n\
                2026-11-01,m,many,1,USD\n2026-11-01,m,1,1,XYZ\n2026-11-01,m,1,?,USD\n";
    let lines: Vec<(u64, String)> = parsed(text, &[]).unwrap().bad;
    let want = [
        (3, "the date is none"),
        (4, "has no model"),
        (5, "input_tokens: \"many\" is no number of tokens"),
        (6, "the currency XYZ has no rate in [currency]"),
        (7, "amount: \"?\" is no amount"),
    ];
    assert_eq!(lines, want.map(|(line, why)| (line, why.to_owned())));
}

#[test]
fn both_sides_are_joined_by_served_configured_and_target_name() {
    let invoice = parsed(
        "date,model,input_tokens,output_tokens,amount\n2026-11-01,gpt-x-2026,100,20,0.0011\n2026-11-01,judge-x,5,5,0.01\n\
         2026-11-02,stranger,1,1,1\n",
        &[],
    )
    .unwrap();
    let judged = Billed { purpose: Purpose::Judge, ..billed("2026-11-01", "a", None, (5, 5), 10_000_000) };
    let ledger = [
        billed("2026-11-01", "a", Some("gpt-x-2026"), (100, 20), 1_000_000),
        judged,
        billed("2026-11-02", "b", None, (1, 1), 0),
    ];
    let found = reconcile(&ledger, &names(), &invoice, &BTreeMap::new());
    let row = found.models.get("gpt-x-2026").unwrap();
    let [input, output, usd] = row.differences();
    assert_eq!(input.and_then(|d| d.percent), Some(Decimal::ZERO));
    assert_eq!(output.map(|d| d.more), Some(Decimal::ZERO));
    assert_eq!(
        usd.map(|d| (d.more.to_string(), d.percent.map(|p| p.round_dp(2).to_string()))),
        Some(("0.000100000".into(), Some("9.09".into())))
    );
    assert_eq!(found.models.get("judge-x").map(|row| row.targets.clone()), Some(BTreeSet::from(["j".to_owned()])));
    // One on each side only.
    assert_eq!(found.models.get("stranger").map(|row| row.exchanges), Some(0));
    assert_eq!(found.models.get("b").map(|row| row.invoiced.clone()), Some(None));
    assert!(found.is_beyond(Decimal::ONE_HUNDRED));
    // Called by its own name, it is ours.
    let aliases = BTreeMap::from([("stranger".to_owned(), "b".to_owned())]);
    let joined = reconcile(&ledger, &names(), &invoice, &aliases);
    assert_eq!(joined.models.get("b").map(|row| row.invoiced.is_some()), Some(true));
    let exact = parsed("date,model,input_tokens,output_tokens,amount\n2026-11-01,a,100,20,0.001\n", &[]).unwrap();
    let ours = [billed("2026-11-01", "a", None, (100, 20), 1_000_000)];
    let same = reconcile(&ours, &names(), &exact, &BTreeMap::new());
    assert!(!same.is_beyond(Decimal::ZERO), "{same:?}");
    for format in FORMATS {
        let text = (format.render)(&same);
        assert!(text.contains("2026-11-01") && text.contains("0.001"), "{text}");
    }
}
