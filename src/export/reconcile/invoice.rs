//! A provider's invoice or usage export: CSV with a header, read by the names of its columns.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use rust_decimal::Decimal;
use std::collections::BTreeMap;

/// Which columns hold what. Several columns of tokens are added up.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Map {
    /// The day: a date, an instant that begins with one, or seconds since the Unix epoch.
    pub date: String,
    /// The model.
    pub model: String,
    /// Tokens in.
    pub input: Vec<String>,
    /// Tokens out.
    pub output: Vec<String>,
    /// The amount.
    pub amount: Option<String>,
    /// Its currency; USD where there is no such column.
    pub currency: Option<String>,
}

/// A shape of export that is known by its columns: name, day, model, tokens in, tokens out, amount, currency.
type Shape = (
    &'static str,
    &'static str,
    &'static str,
    &'static [&'static str],
    &'static [&'static str],
    &'static str,
    &'static str,
);

/// Every known shape; the first whose day, model and any figure are there is taken.
pub const KINDS: &[Shape] = &[
    // Input holds the cached tokens there.
    ("openai usage", "start_time_iso", "model", &["input_tokens"], &["output_tokens"], "", ""),
    ("openai usage", "start_time", "model", &["input_tokens"], &["output_tokens"], "", ""),
    ("openai costs", "start_time_iso", "line_item", &[], &[], "amount_value", "amount_currency"),
    ("openai costs", "start_time", "line_item", &[], &[], "amount_value", "amount_currency"),
    (
        "anthropic usage",
        "usage_date_utc",
        "model_version",
        &[
            "usage_input_tokens_no_cache",
            "usage_input_tokens_cache_write_5m",
            "usage_input_tokens_cache_write_1h",
            "usage_input_tokens_cache_read",
        ],
        &["usage_output_tokens"],
        "",
        "",
    ),
    ("anthropic costs", "usage_date_utc", "model", &[], &[], "cost_usd", ""),
    ("generic", "date", "model", &["input_tokens"], &["output_tokens"], "amount", "currency"),
];

/// The sums of an invoice for a day and model; none where no row had the figure.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Invoiced {
    /// Tokens in.
    pub input: Option<u64>,
    /// Tokens out.
    pub output: Option<u64>,
    /// USD.
    pub usd: Option<Decimal>,
}

/// An invoice.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Invoice {
    /// The shape it was read as.
    pub shape: String,
    /// Its sums by day and model.
    pub rows: BTreeMap<(Date, String), Invoiced>,
    /// Rows that could not be read: line and why.
    pub bad: Vec<(u64, String)>,
}

/// Which columns a header names: the known shape, with what was given in its place.
///
/// # Errors
/// What is missing.
pub fn shape(header: &[String], given: &BTreeMap<String, String>) -> Result<(String, Map), String> {
    let there = |column: &str| header.iter().any(|name| name == column);
    for (field, column) in given {
        if let Some(lost) = column.split('+').find(|column| !there(column)) {
            return Err(format!("--map {field}: the file has no column {lost:?}; it has {}", header.join(", ")));
        }
    }
    let known = KINDS.iter().find(|(_, date, model, input, output, amount, _)| {
        let figures = input.iter().chain(*output).chain([amount]).any(|column| there(column));
        there(date) && there(model) && figures
    });
    let (name, mut map) = match known {
        Some((name, date, model, input, output, amount, currency)) => {
            let list = |columns: &[&str]| columns.iter().filter(|c| there(c)).map(|c| (*c).to_owned()).collect();
            let one = |column: &str| there(column).then(|| column.to_owned());
            let (date, model) = ((*date).to_owned(), (*model).to_owned());
            let map = Map {
                date,
                model,
                input: list(input),
                output: list(output),
                amount: one(amount),
                currency: one(currency),
            };
            ((*name).to_owned(), map)
        }
        None => ("mapped".to_owned(), Map::default()),
    };
    let columns = |field: &str| given.get(field).map(|text| text.split('+').map(str::to_owned).collect::<Vec<_>>());
    let first = |field: &str| given.get(field).cloned();
    map.date = first("date").unwrap_or(map.date);
    map.model = first("model").unwrap_or(map.model);
    map.input = columns("input").unwrap_or(map.input);
    map.output = columns("output").unwrap_or(map.output);
    map.amount = first("amount").or(map.amount);
    map.currency = first("currency").or(map.currency);
    let figures = !map.input.is_empty() || !map.output.is_empty() || map.amount.is_some();
    if map.date.is_empty() || map.model.is_empty() || !figures {
        return Err(format!(
            "the columns are of no known export ({}): name them with --map date=…,model=…,input=…,output=…,amount=…",
            header.join(", ")
        ));
    }
    Ok((if given.is_empty() { name } else { "mapped".into() }, map))
}

/// Reads a CSV. `usd` converts an amount of a currency, none where its rate is not known.
///
/// # Errors
/// When its header is of no known shape.
pub fn read(
    text: &str,
    given: &BTreeMap<String, String>,
    usd: impl Fn(Decimal, &str) -> Option<Decimal>,
) -> Result<Invoice, String> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
    let header: Vec<String> =
        reader.headers().map_err(|e| e.to_string())?.iter().map(|h| h.trim().to_owned()).collect();
    let (shape, map) = shape(&header, given)?;
    let mut invoice = Invoice { shape, ..Invoice::default() };
    for record in reader.records() {
        let (line, row) = match &record {
            Ok(record) => (record.position().map_or(0, csv::Position::line), one(record, &header, &map, &usd)),
            Err(error) => (error.position().map_or(0, csv::Position::line), Err(error.to_string())),
        };
        match row {
            Ok((day, model, row)) => {
                let sum = invoice.rows.entry((day, model)).or_default();
                let add = |a: Option<u64>, b: Option<u64>| b.map_or(a, |b| Some(a.unwrap_or(0).saturating_add(b)));
                sum.input = add(sum.input, row.input);
                sum.output = add(sum.output, row.output);
                sum.usd = row.usd.map_or(sum.usd, |usd| Some(sum.usd.unwrap_or_default().saturating_add(usd)));
            }
            Err(why) => invoice.bad.push((line, why)),
        }
    }
    Ok(invoice)
}

fn one(
    record: &csv::StringRecord,
    header: &[String],
    map: &Map,
    usd: &impl Fn(Decimal, &str) -> Option<Decimal>,
) -> Result<(Date, String, Invoiced), String> {
    let cell = |column: &str| {
        let at = header.iter().position(|name| name == column)?;
        record.get(at).map(str::trim).filter(|text| !text.is_empty())
    };
    let day = cell(&map.date)
        .ok_or("has no date")
        .and_then(|text| day(text).ok_or("the date is none"))
        .map_err(String::from)?;
    // A line item is `model, input` there.
    let model = cell(&map.model).and_then(|text| text.split(", ").next()).ok_or("has no model")?.to_owned();
    let tokens = |columns: &[String]| -> Result<Option<u64>, String> {
        let mut sum = None;
        for column in columns {
            if let Some(text) = cell(column) {
                let n: u64 =
                    text.replace(',', "").parse().map_err(|_| format!("{column}: {text:?} is no number of tokens"))?;
                sum = Some(sum.unwrap_or(0u64).saturating_add(n));
            }
        }
        Ok(sum)
    };
    let amount = match map.amount.as_deref().and_then(|column| Some((column, cell(column)?))) {
        None => None,
        Some((column, text)) => {
            let plain = text.trim_start_matches('$').replace(',', "");
            let parsed = plain.parse::<Decimal>().or_else(|_| Decimal::from_scientific(&plain));
            let number = parsed.map_err(|_| format!("{column}: {text:?} is no amount"))?;
            let currency = map.currency.as_deref().and_then(cell).unwrap_or("USD").to_ascii_uppercase();
            Some(usd(number, &currency).ok_or_else(|| format!("the currency {currency} has no rate in [currency]"))?)
        }
    };
    Ok((day, model, Invoiced { input: tokens(&map.input)?, output: tokens(&map.output)?, usd: amount }))
}

/// A day: a date, the beginning of an instant, or seconds since the Unix epoch.
fn day(text: &str) -> Option<Date> {
    if text.bytes().all(|b| b.is_ascii_digit()) && text.len() > 8 {
        let at = jiff::Timestamp::from_second(text.parse().ok()?).ok()?;
        return Some(at.to_zoned(TimeZone::UTC).date());
    }
    text.get(..10)?.parse().ok()
}
