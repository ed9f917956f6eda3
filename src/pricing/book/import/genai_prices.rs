//! Pydantic's genai-prices `data.json`: USD per million tokens, with tiers by size of context in each price, and lists of
//! prices under a condition (from a day, at a time of day), of which the last that holds is the one.

use super::{Importer, Json, Sink, Told, figure};
use crate::pricing::book::draft::{Draft, Hours, Rates};
use jiff::civil::Date;

pub(super) const KIND: Importer = Importer { name: "genai-prices", file: "genai-prices' data.json", read };

const FIELDS: [(&str, &str, i32); 13] = [
    ("input_mtok", "input", 0),
    ("output_mtok", "output", 0),
    ("cache_read_mtok", "cache_read", 0),
    ("cache_write_mtok", "cache_write", 0),
    ("cache_write_5m_mtok", "cache_write", 0),
    ("cache_write_1h_mtok", "cache_write_1h", 0),
    ("output_reasoning_mtok", "reasoning", 0),
    ("input_image_mtok", "image_input", 0),
    ("output_image_mtok", "image_output", 0),
    ("input_audio_mtok", "audio_input", 0),
    ("output_audio_mtok", "audio_output", 0),
    ("requests_kcount", "per_request", -3),
    ("web_searches_kcount", "per_search", -3),
];

fn read(json: &Json, sink: &mut Sink<'_>) -> Result<(), String> {
    let providers = json.list().or_else(|| json.get("providers")?.list()).ok_or("is no list of providers")?;
    for provider in providers {
        let Some(name) = provider.get("id").and_then(Json::text).map(|id| id.replace('/', "-")) else {
            sink.told.note("(providers left out) without an id", "");
            continue;
        };
        for model in provider.get("models").and_then(Json::list).unwrap_or_default() {
            let Some(id) = model.get("id").and_then(Json::text) else {
                sink.told.note("(models left out) without an id", &name);
                continue;
            };
            if (sink.wanted)(&name, id) {
                for draft in one(&name, id, model, &mut sink.told) {
                    sink.take(draft);
                }
            }
        }
    }
    Ok(())
}

fn one(provider: &str, id: &str, model: &Json, told: &mut Told) -> Vec<Draft> {
    let example = format!("{provider}/{id}");
    let mut aliases = Vec::new();
    if let Some(rule) = model.get("match") {
        names(rule, id, &mut aliases, &example, told);
    }
    if model.get("price_comments").is_some() {
        told.note("price_comments (remarks)", &example);
    }
    let blank = || Draft { provider: provider.into(), model: id.into(), aliases: aliases.clone(), ..Draft::default() };
    let Some(prices) = model.get("prices") else {
        told.note("(models left out) without prices", &example);
        return Vec::new();
    };
    let mut out: Vec<Draft> = Vec::new();
    let Some(list) = prices.list() else { return vec![filled(blank(), prices, &example, told)] };
    for part in list {
        let Some(prices) = part.get("prices") else {
            told.note("prices: a part without prices", &example);
            continue;
        };
        let Some(constraint) = part.get("constraint") else {
            out.push(filled(blank(), prices, &example, told));
            continue;
        };
        let day = constraint.get("start_date").and_then(Json::text).and_then(|day| day.parse::<Date>().ok());
        let time = |key: &str| constraint.get(key).and_then(Json::text).and_then(utc);
        match (day, time("start_time"), time("end_time")) {
            (Some(since), None, None) => {
                out.push(filled(Draft { since: Some(since), ..blank() }, prices, &example, told))
            }
            (None, Some(from), Some(to)) => match out.last_mut() {
                Some(last) => {
                    let Draft { rates, context, .. } = filled(blank(), prices, &example, told);
                    if !context.is_empty() {
                        told.note("prices: by context at a time of day", &example);
                    }
                    last.hours.push(Hours { from, to, rates });
                }
                // The other hours have no price that is known.
                None => told.note("prices: at a time of day, and none for the others", &example),
            },
            _ => told.note("prices: under another condition", &example),
        }
    }
    out
}

/// `16:30:00Z`, as `16:30`; none of another zone.
fn utc(text: &str) -> Option<String> {
    let time = text.strip_suffix('Z').or_else(|| text.strip_suffix("+00:00"))?;
    let (hour, rest) = time.split_once(':')?;
    let (minute, second) = rest.split_once(':').unwrap_or((rest, "00"));
    let right = hour.len() == 2 && minute.len() == 2 && second.trim_matches(['0', '.']).is_empty();
    right.then(|| format!("{hour}:{minute}"))
}

fn filled(mut draft: Draft, prices: &Json, example: &str, told: &mut Told) -> Draft {
    for (field, value) in prices.table().into_iter().flatten().filter(|(_, value)| **value != Json::Null) {
        let Some((_, to, power)) = FIELDS.iter().find(|(from, ..)| from == field) else {
            told.note(field, example);
            continue;
        };
        let base = value.get("base").unwrap_or(value);
        put(&mut draft.rates, to, figure(told, field, example, base, *power));
        for tier in value.get("tiers").and_then(Json::list).unwrap_or_default() {
            match (tier.get("start").and_then(Json::whole), tier.get("price")) {
                (Some(start), Some(price)) => {
                    let usd = figure(told, field, example, price, *power);
                    put(draft.context.entry(start).or_default(), to, usd);
                }
                _ => told.note(format!("{field}: a tier without start or price"), example),
            }
        }
    }
    draft
}

fn put(rates: &mut Rates, to: &'static str, usd: Option<rust_decimal::Decimal>) {
    rates.extend(usd.filter(|usd| !(usd.is_zero() && to.starts_with("per_"))).map(|usd| (to, usd)));
}

/// Names that a model is known by word for word; other rules of matching have no counterpart.
fn names(rule: &Json, id: &str, out: &mut Vec<String>, example: &str, told: &mut Told) {
    for (kind, value) in rule.table().into_iter().flatten() {
        match (kind.as_str(), value) {
            ("equals", Json::Text(name)) => out.extend((name != id).then(|| name.clone())),
            ("or", Json::List(rules)) => rules.iter().for_each(|rule| names(rule, id, out, example, told)),
            _ => told.note(format!("match: {kind} (only `equals` becomes an alias)"), example),
        }
    }
}
