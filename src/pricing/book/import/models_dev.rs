//! models.dev's `api.json`: providers with their models, USD per million tokens.

use super::{Importer, Json, Sink, Told, figure};
use crate::pricing::book::draft::{Draft, Rates};
use std::collections::BTreeMap;

pub(super) const KIND: Importer = Importer { name: "models-dev", file: "models.dev's api.json", read };

const FIELDS: [(&str, &str); 8] = [
    ("input", "input"),
    ("output", "output"),
    ("reasoning", "reasoning"),
    ("cache_read", "cache_read"),
    ("cache_write", "cache_write"),
    ("cache_write_1h", "cache_write_1h"),
    ("input_audio", "audio_input"),
    ("output_audio", "audio_output"),
];

/// The size of context behind the field's name.
const OVER: u64 = 200_000;

fn read(json: &Json, sink: &mut Sink<'_>) -> Result<(), String> {
    let providers = json.table().ok_or("is no table of providers")?;
    if !providers.values().any(|provider| provider.get("models").is_some()) {
        return Err("no provider has `models`: is it models.dev's api.json?".into());
    }
    for (key, provider) in providers {
        let name = provider.get("id").and_then(Json::text).unwrap_or(key).replace('/', "-");
        for (id, model) in provider.get("models").and_then(Json::table).into_iter().flatten() {
            if !(sink.wanted)(&name, id) {
                continue;
            }
            let example = format!("{name}/{id}");
            let Some(cost) = model.get("cost").and_then(Json::table) else {
                sink.told.note("(models left out) without a cost", &example);
                continue;
            };
            let mut draft = Draft { provider: name.clone(), model: id.clone(), ..Draft::default() };
            draft.rates = rates(cost, &example, &mut sink.told);
            contexts(&mut draft, cost, &example, &mut sink.told);
            if draft.rates.values().all(|usd| usd.is_zero()) && !draft.rates.is_empty() {
                sink.told.note("(carried over) models that cost nothing, as those of a subscription do", &example);
            }
            sink.take(draft);
        }
    }
    Ok(())
}

fn rates(table: &BTreeMap<String, Json>, example: &str, told: &mut Told) -> Rates {
    let mut out = Rates::new();
    for (field, value) in table.iter().filter(|(_, value)| **value != Json::Null) {
        match FIELDS.iter().find(|(from, _)| from == field) {
            Some((_, to)) => drop(figure(told, field, example, value, 0).map(|usd| out.insert(*to, usd))),
            None if matches!(field.as_str(), "context_over_200k" | "tiers" | "tier") => {}
            None => told.note(field, example),
        }
    }
    out
}

fn contexts(draft: &mut Draft, cost: &BTreeMap<String, Json>, example: &str, told: &mut Told) {
    for part in cost.get("tiers").and_then(Json::list).unwrap_or_default() {
        let kind = part.get("tier").and_then(|tier| tier.get("type")).and_then(Json::text);
        let size = part.get("tier").and_then(|tier| tier.get("size")).and_then(Json::whole);
        match (kind, size, part.table()) {
            (Some("context"), Some(size), Some(table)) => drop(draft.context.insert(size, rates(table, example, told))),
            _ => told.note("tiers: of another kind than context", example),
        }
    }
    if let Some(table) = cost.get("context_over_200k").and_then(Json::table)
        && draft.context.is_empty()
    {
        draft.context.insert(OVER, rates(table, example, told));
    }
}
