//! Tools about money: currencies, shares, transfers, bills.

use super::{Parameter, Sort, Wanted, counted, text, whole};
use crate::workload::generator::extraction::words::{NAMES, amount, money, say, word};
use rand::RngExt;
use rand::seq::IndexedRandom;
use rand_chacha::ChaCha8Rng;
use serde_json::{Value as Json, json};

const CURRENCIES: [(&str, &str, &str); 5] = [
    ("USD", "US dollars", "美元"),
    ("EUR", "euros", "欧元"),
    ("GBP", "British pounds", "英镑"),
    ("JPY", "Japanese yen", "日元"),
    ("CHF", "Swiss francs", "瑞士法郎"),
];

fn currency() -> Json {
    json!({ "type": "string", "description": "ISO 4217 code", "pattern": "^[A-Z]{3}$" })
}

fn sum() -> Json {
    json!({ "type": "number", "exclusiveMinimum": 0 })
}

pub(super) const TOOLS: &[Sort] = &[
    Sort {
        name: "convert_currency",
        domain: "money",
        about: ("Converts an amount into another currency.", "换算货币。"),
        parameters: || {
            vec![
                Parameter("amount", sum(), true),
                Parameter("from", currency(), true),
                Parameter("to", currency(), true),
            ]
        },
        ask: conversion,
        near: &[],
    },
    Sort {
        name: "get_stock_price",
        domain: "money",
        about: ("Tells the price of a share.", "查询股票价格。"),
        parameters: || vec![Parameter("symbol", text("its symbol"), true)],
        ask: share,
        near: &[],
    },
    Sort {
        name: "transfer_money",
        domain: "money",
        about: ("Transfers money to somebody.", "向某人转账。"),
        parameters: || {
            vec![
                Parameter("recipient", text("full name"), true),
                Parameter("amount", sum(), true),
                Parameter("currency", currency(), true),
            ]
        },
        ask: transfer,
        near: &[],
    },
    Sort {
        name: "split_bill",
        domain: "money",
        about: ("Works out what each pays of a bill.", "计算账单人均金额。"),
        parameters: || vec![Parameter("total", sum(), true), Parameter("people", whole(), true)],
        ask: bill,
        near: &[],
    },
];

fn conversion(wanted: Wanted, rng: &mut ChaCha8Rng) -> (String, Json) {
    let pair: Vec<(&str, &str, &str)> = CURRENCIES.sample(rng, 2).copied().collect();
    let [from, to] = [0, 1].map(|at| pair.get(at).copied().unwrap_or(("EUR", "euros", "欧元")));
    let cents = rng.random_range(500..500_000);
    let shown = amount(cents);
    let words = say(
        wanted.language,
        format!("convert {shown} {} into {}", from.1, to.1),
        format!("把{shown}{}换算成{}", from.2, to.2),
    );
    (words, json!({ "amount": money(cents), "from": from.0, "to": to.0 }))
}

fn share(wanted: Wanted, rng: &mut ChaCha8Rng) -> (String, Json) {
    let symbol: String = (0..4).map(|_| char::from(b'A' + rng.random_range(0..26_u8))).collect();
    let words = say(wanted.language, format!("look up the share price of {symbol}"), format!("查询股票{symbol}的价格"));
    (words, json!({ "symbol": symbol }))
}

fn transfer(wanted: Wanted, rng: &mut ChaCha8Rng) -> (String, Json) {
    let name = word(rng, wanted.language, NAMES);
    let (code, english, chinese) = CURRENCIES.choose(rng).copied().unwrap_or(("EUR", "euros", "欧元"));
    let cents = rng.random_range(500..90_000);
    let shown = amount(cents);
    let words =
        say(wanted.language, format!("transfer {shown} {english} to {name}"), format!("向{name}转账{shown}{chinese}"));
    (words, json!({ "recipient": name, "amount": money(cents), "currency": code }))
}

fn bill(wanted: Wanted, rng: &mut ChaCha8Rng) -> (String, Json) {
    let (cents, people) = (rng.random_range(1_000..60_000), rng.random_range(2..10));
    let (shown, said) = (amount(cents), counted(people, wanted));
    let words = say(
        wanted.language,
        format!("split a bill of {shown} among {said} people"),
        format!("把{shown}元的账单分给{said}个人"),
    );
    (words, json!({ "total": money(cents), "people": people }))
}
