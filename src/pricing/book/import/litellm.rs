//! LiteLLM's `model_prices_and_context_window.json`: one flat table a model, USD per token, with the variant in the field's
//! name (`input_cost_per_token_above_200k_tokens_priority`).

use super::{Importer, Json, Sink, Told, figure};
use crate::pricing::book::draft::{Draft, Hours, Rates, Tier};
use rust_decimal::Decimal;
use std::collections::BTreeMap;

pub(super) const KIND: Importer =
    Importer { name: "litellm", file: "LiteLLM's model_prices_and_context_window.json", read };

/// The field that a price is carried to, and the power of ten to it.
const FIELDS: [(&str, &str, i32); 12] = [
    ("input_cost_per_token", "input", 6),
    ("output_cost_per_token", "output", 6),
    ("cache_read_input_token_cost", "cache_read", 6),
    ("input_cost_per_token_cache_hit", "cache_read", 6),
    ("cache_creation_input_token_cost", "cache_write", 6),
    ("cache_creation_input_token_cost_above_1hr", "cache_write_1h", 6),
    ("output_cost_per_reasoning_token", "reasoning", 6),
    ("input_cost_per_audio_token", "audio_input", 6),
    ("output_cost_per_audio_token", "audio_output", 6),
    ("input_cost_per_image_token", "image_input", 6),
    ("output_cost_per_image_token", "image_output", 6),
    ("input_cost_per_request", "per_request", 0),
];

const TIERS: [(&str, &str); 6] = [
    ("_batches", "batch"),
    ("_flex", "flex"),
    ("_priority", "priority"),
    ("_ultrafast", "ultrafast"),
    ("_balanced", "balanced"),
    ("_decisions", "decisions"),
];

fn read(json: &Json, sink: &mut Sink<'_>) -> Result<(), String> {
    let models = json.table().ok_or("is no table of models")?;
    if !models.values().any(|model| model.get("litellm_provider").is_some()) {
        return Err("no model has a `litellm_provider`: is it LiteLLM's list?".into());
    }
    for (key, model) in models.iter().filter(|(key, _)| *key != "sample_spec") {
        let Some(provider) = model.get("litellm_provider").and_then(Json::text).map(|p| p.replace('/', "-")) else {
            sink.told.note("(models left out) without a provider", key);
            continue;
        };
        // A key often begins with its provider; where the name without it is another entry, the whole key is the name.
        let short = key.strip_prefix(&provider).and_then(|rest| rest.strip_prefix('/'));
        let name = short.filter(|short| !models.contains_key(*short)).unwrap_or(key);
        if (sink.wanted)(&provider, name)
            && let Some(table) = model.table()
        {
            let draft = Draft { provider, model: name.to_owned(), ..Draft::default() };
            let draft = one(draft, table, key, &mut sink.told);
            sink.take(draft);
        }
    }
    Ok(())
}

fn one(mut draft: Draft, table: &BTreeMap<String, Json>, key: &str, told: &mut Told) -> Draft {
    for (field, value) in table.iter().filter(|(_, value)| **value != Json::Null) {
        match field.as_str() {
            "search_context_cost_per_query" => search(&mut draft, value, key, told),
            "tiered_pricing" => tiered(&mut draft, value, key, told),
            "off_peak_pricing" => off_peak(&mut draft, value, key, told),
            _ if known(&mut draft, field, value, key, told) => {}
            _ if is_price(field) => {
                let free = value
                    .digits()
                    .and_then(|d| crate::pricing::book::amount::scaled(d, 0))
                    .is_some_and(|d| d.is_zero());
                if !free {
                    told.note(field, key);
                }
            }
            _ => {}
        }
    }
    draft
}

fn is_price(field: &str) -> bool {
    ["cost", "pric", "discount", "multiplier"].iter().any(|word| field.contains(word))
}

/// Takes a price by token, with its tier and its size of context out of the field's name.
fn known(draft: &mut Draft, field: &str, value: &Json, key: &str, told: &mut Told) -> bool {
    let (name, tier) = TIERS
        .iter()
        .find_map(|(suffix, tier)| Some((field.strip_suffix(suffix)?, Some(*tier))))
        .unwrap_or((field, None));
    let (name, above) = match context(name) {
        Some((name, above)) => (name, Some(above)),
        None => (name, None),
    };
    let Some((_, to, power)) = FIELDS.iter().find(|(from, ..)| *from == name) else { return false };
    let Some(usd) = figure(told, field, key, value, *power) else { return true };
    if *to == "per_request" && usd.is_zero() {
        return true;
    }
    let (usual, steps) = match tier {
        None => (&mut draft.rates, &mut draft.context),
        Some(tier) => match draft.tiers.entry(tier).or_insert_with(|| Tier::Rates(Rates::new(), BTreeMap::new())) {
            Tier::Rates(rates, steps) => (rates, steps),
            Tier::Share(_) => return true,
        },
    };
    let rates = match above {
        Some(above) => steps.entry(above).or_default(),
        None => usual,
    };
    put(rates, to, usd, field, key, told);
    true
}

/// Two spellings of one price may stand side by side; where they differ, the first is kept and that is told.
fn put(rates: &mut Rates, to: &'static str, usd: Decimal, field: &str, key: &str, told: &mut Told) {
    if rates.get(to).is_some_and(|there| *there != usd) {
        told.note(format!("{field}: another price of `{to}` is there"), key);
        return;
    }
    rates.insert(to, usd);
}

/// `…_above_200k_tokens`: the rest of the name, and how many tokens; LiteLLM's thousands are of 1000.
fn context(field: &str) -> Option<(&str, u64)> {
    let (name, behind) = field.rsplit_once("_above_")?;
    let thousands: u64 = behind.strip_suffix("k_tokens")?.parse().ok()?;
    Some((name, thousands.checked_mul(1000)?))
}

/// By the size of what a search brings; the medium one is what LiteLLM takes where nobody says.
fn search(draft: &mut Draft, value: &Json, key: &str, told: &mut Told) {
    let size = |word: &str| value.get(&format!("search_context_size_{word}"));
    let Some(medium) = size("medium").or_else(|| size("low")).or_else(|| size("high")) else {
        return told.note("search_context_cost_per_query: no known size", key);
    };
    let Some(usd) = figure(told, "search_context_cost_per_query", key, medium, 0) else { return };
    if ["low", "high"].into_iter().filter_map(size).any(|other| other != medium) {
        told.note("search_context_cost_per_query: sizes other than medium", key);
    }
    if !usd.is_zero() {
        draft.rates.insert("per_search", usd);
    }
}

/// Ranges of input tokens, each with its own prices: the first is where nothing is said.
fn tiered(draft: &mut Draft, value: &Json, key: &str, told: &mut Told) {
    for part in value.list().unwrap_or_default() {
        let from = part.get("range").and_then(Json::list).and_then(|range| range.first()?.whole());
        let (Some(from), Some(table)) = (from, part.table()) else {
            told.note("tiered_pricing: a part that is no range of input tokens", key);
            continue;
        };
        for (field, value) in table.iter().filter(|(field, _)| *field != "range") {
            let Some((_, to, power)) = FIELDS.iter().find(|(from, ..)| from == field) else {
                told.note(format!("tiered_pricing: {field}"), key);
                continue;
            };
            let Some(usd) = figure(told, field, key, value, *power) else { continue };
            let rates = if from == 0 { &mut draft.rates } else { draft.context.entry(from).or_default() };
            put(rates, to, usd, field, key, told);
        }
    }
}

/// Prices at a time of day. What holds on some days of the week only can't be carried over.
fn off_peak(draft: &mut Draft, value: &Json, key: &str, told: &mut Told) {
    let mut rates = Rates::new();
    for (field, value) in value.table().into_iter().flatten().filter(|(field, _)| *field != "windows") {
        match FIELDS.iter().find(|(from, ..)| from == field) {
            Some((_, to, power)) => drop(figure(told, field, key, value, *power).map(|usd| rates.insert(*to, usd))),
            None => told.note(format!("off_peak_pricing: {field}"), key),
        }
    }
    for window in value.get("windows").and_then(Json::list).unwrap_or_default() {
        let days = window.get("weekdays").and_then(Json::list);
        if days.is_some_and(|days| days.len() < 7) {
            told.note("off_peak_pricing: windows of some weekdays", key);
            continue;
        }
        let hours = window.get("hours_utc");
        let one = hours.and_then(Json::text).into_iter();
        let many = hours.and_then(Json::list).unwrap_or_default().iter().filter_map(Json::text);
        for text in one.chain(many) {
            match text.split_once('-') {
                Some((from, to)) => {
                    draft.hours.push(Hours { from: from.trim().into(), to: to.trim().into(), rates: rates.clone() });
                }
                None => told.note("off_peak_pricing: a window that is no time", key),
            }
        }
    }
}
