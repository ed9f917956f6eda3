//! OpenRouter's `GET /api/v1/models`: USD for each token, request or search, as text; "-1" is a price that depends on where a
//! request is routed to, which is none.

use super::{Importer, Json, Sink, Told, figure};
use crate::pricing::book::draft::{Draft, Hours, Rates};
use std::collections::BTreeMap;

pub(super) const KIND: Importer =
    Importer { name: "openrouter", file: "the answer of OpenRouter's /api/v1/models", read };

const FIELDS: [(&str, &str, i32); 13] = [
    ("prompt", "input", 6),
    ("completion", "output", 6),
    ("input_cache_read", "cache_read", 6),
    ("input_cache_write", "cache_write", 6),
    ("input_cache_write_1h", "cache_write_1h", 6),
    ("internal_reasoning", "reasoning", 6),
    ("audio", "audio_input", 6),
    ("audio_output", "audio_output", 6),
    ("image_token", "image_input", 6),
    ("image_output", "image_output", 6),
    ("image_output_token", "image_output", 6),
    ("request", "per_request", 0),
    ("web_search", "per_search", 0),
];

/// What holds under a condition, rather than a price.
const CONDITIONS: [&str; 4] = ["min_prompt_tokens", "utc_start", "utc_end", "utc_days"];

fn read(json: &Json, sink: &mut Sink<'_>) -> Result<(), String> {
    let models = json.get("data").and_then(Json::list).ok_or("has no list `data` of models")?;
    for model in models {
        let Some(id) = model.get("id").and_then(Json::text) else {
            sink.told.note("(models left out) without an id", "");
            continue;
        };
        if !(sink.wanted)("openrouter", id) {
            continue;
        }
        let Some(pricing) = model.get("pricing").and_then(Json::table) else {
            sink.told.note("(models left out) without prices", id);
            continue;
        };
        if pricing.values().filter_map(Json::digits).any(|digits| digits.trim().starts_with('-')) {
            sink.told.note("(models left out) with a price that depends on the route (-1)", id);
            continue;
        }
        let mut draft = Draft { provider: "openrouter".into(), model: id.to_owned(), ..Draft::default() };
        draft.rates = rates(pricing, id, &mut sink.told);
        for part in pricing.get("overrides").and_then(Json::list).unwrap_or_default() {
            overriding(&mut draft, part, id, &mut sink.told);
        }
        sink.take(draft);
    }
    Ok(())
}

fn rates(table: &BTreeMap<String, Json>, id: &str, told: &mut Told) -> Rates {
    let mut out = Rates::new();
    for (field, value) in table {
        if *value == Json::Null || field == "overrides" || CONDITIONS.contains(&field.as_str()) {
            continue;
        }
        let known = FIELDS.iter().find(|(from, ..)| from == field);
        let Some(usd) = figure(told, field, id, value, known.map_or(0, |(.., power)| *power)) else { continue };
        match known {
            // 0 says that it is not charged apart: the tokens are paid as prompt or completion, or the fee is none.
            Some((_, to, _)) if usd.is_zero() && !matches!(*to, "input" | "output") => {}
            Some((_, to, _)) => drop(out.insert(to, usd)),
            None if usd.is_zero() => {}
            None => told.note(field, id),
        }
    }
    out
}

/// Prices that hold from so many tokens of the prompt, or at a time of day.
fn overriding(draft: &mut Draft, part: &Json, id: &str, told: &mut Told) {
    let Some(table) = part.table() else { return told.note("overrides: no table", id) };
    let from = part.get("min_prompt_tokens").map(Json::whole);
    let hours = (part.get("utc_start").and_then(Json::whole), part.get("utc_end").and_then(Json::whole));
    match (from, hours) {
        _ if part.get("utc_days").is_some() => told.note("overrides: of some weekdays", id),
        // From so many on is above one less.
        (Some(Some(from)), (None, None)) if from > 0 => {
            let rates = rates(table, id, told);
            draft.context.insert(from - 1, rates);
        }
        (None, (Some(start), Some(end))) if start <= 2400 && end <= 2400 => {
            let time = |hhmm: u64| format!("{:02}:{:02}", (hhmm / 100) % 24, hhmm % 100);
            let rates = rates(table, id, told);
            draft.hours.push(Hours { from: time(start), to: time(end), rates });
        }
        _ => told.note("overrides: of another condition", id),
    }
}
