//! `[target.NAME]`.

use super::{Slo, StoreAnswers, Target, name_of, policy};
use crate::config::{Expected, Section, Value};
use crate::domain::Sampling;
use crate::pricing::{Carbon, Daily, Power, Price, Shelf, tokenizer};
use crate::provider::wire::Endpoint;
use crate::provider::{self, Common, Kind, PromptCache};
use crate::telemetry::Metered;
use serde_json::{Map, Value as Json};
use std::sync::Arc;
use toml::Spanned;
use toml::de::DeValue;

/// Default overhead of a chat template, in tokens: the longest system prompts that common templates put in by
/// themselves (Llama 3: 36, Qwen 2.5: 21, with their markers) fit, with room to spare.
const TEMPLATE_TOKENS: u64 = 64;

/// The share of what is asked that is to be answered inside the SLO, where none is set.
const GOAL: f64 = 0.99;

/// Extra fields of the body by which providers are told that the model may search.
const SEARCHING: [&str; 5] = ["tools", "web_search_options", "search_parameters", "plugins", "web_search"];

/// Searches that the worst case of one exchange has where the model may search.
const MOST_SEARCHES: u64 = 10;

/// Builds a target; `repeats` is the most often that any scenario asks an item, `intensity` what a kWh emits where the
/// target does not say otherwise.
pub(super) fn build(
    section: &Section<'_>,
    shelf: &Shelf<'_>,
    repeats: u32,
    intensity: Option<&Daily>,
) -> Option<Target> {
    let name = name_of(section);
    let kinds: Vec<_> = provider::KINDS.iter().map(|k| (k.name, *k)).collect();
    let kind = section.choice("api", &kinds);
    let endpoint = Endpoint::build(section);
    let url: Option<String> = section.get("url");
    let model: Option<String> = section.need("model");
    if model.as_deref().is_some_and(|m| m.trim().is_empty()) {
        section.problem("model", "must not be empty", None);
    }
    let price = price(section, shelf);
    let carbon = carbon(section, price.as_ref(), intensity);
    let sampling = sampling(section, price.as_ref().is_some_and(|price| price.by_token().is_some()));
    let body = body(section, kind.as_ref());
    let searching = |body: &Map<String, Json>| SEARCHING.iter().any(|field| body.contains_key(*field));
    let price = match price {
        Some(price) if body.as_ref().is_some_and(searching) => Some(price.with_searches(MOST_SEARCHES)),
        price => price,
    };
    let tier = body.as_ref().and_then(asked_tier);
    if let (Some(tokens), Some(tier)) = (price.as_ref().and_then(Price::by_token), &tier)
        && !tokens.periods().iter().any(|period| period.knows_tier(tier))
    {
        let hint = format!("say what it costs: price.tokens.tier = {{ {tier} = {{ share = \"…%\" }} }}");
        section.warn("body", format!("it asks for the service tier {tier:?}, which has no price"), Some(hint));
    }
    let cache = prompt_cache(section, kind.as_ref());
    let limits = policy::limits(section);
    let retry = policy::retry(section);
    let circuit = policy::circuit(section);
    let slo = section.section("slo").map(|s| slo(&s));
    let store_answers = section.or("store_answers", StoreAnswers::Yes);
    let template_tokens = section.or("template_tokens", TEMPLATE_TOKENS);
    if template_tokens.is_some_and(|n| n > 1_000_000) {
        section.problem("template_tokens", "expected at most 1000000", None);
    }
    let meters = Metered::build(section);
    let tokenizer = section.section("tokenizer").map(|s| tokenizer::build(&s));
    // Even with problems elsewhere, so that the protocol's own fields are known and checked.
    let common = Common {
        model: model.clone().unwrap_or_default(),
        sampling: sampling.clone(),
        body: body.clone().unwrap_or_default(),
        cache: cache.unwrap_or_default(),
    };
    let provider = match &kind {
        Some(kind) => (kind.build)(section, &common),
        None => {
            // Which fields are known depends on the protocol.
            if section.has("api") {
                let _ = section.entries();
            }
            None
        }
    };
    let reseeded = match (&kind, &provider) {
        (Some(kind), Some(_)) => reseeded(section, kind, &common, repeats),
        _ => Vec::new(),
    };
    section.finish();
    let (kind, provider, endpoint) = (kind?, provider?, endpoint?);
    let whole = Target {
        name: name?,
        api: kind.name,
        url: url?,
        provider,
        reseeded,
        endpoint,
        model: model?,
        sampling,
        body: Json::Object(body?).to_string(),
        prompt_cache: cache?,
        limits,
        retry: retry?,
        circuit: circuit?,
        price: price?,
        carbon: carbon?,
        tier,
        slo,
        store_answers: store_answers?,
        probe: None,
        tokenizer: tokenizer.map_or(Some(None), |built| built.map(Some))?,
        template_tokens: template_tokens?,
        meters: meters?,
    };
    // Every field was right, so that nothing is told twice.
    let one = Common { sampling: Sampling { max_tokens: Some(1), ..common.sampling }, ..common };
    let probe = (kind.build)(section, &one).map(|provider| {
        Arc::new(Target {
            provider,
            sampling: one.sampling,
            limits: super::Limits::default(),
            retry: super::Retry { attempts: 1, ..whole.retry },
            circuit: None,
            reseeded: Vec::new(),
            slo: None,
            ..whole.clone()
        })
    });
    Some(Target { probe, ..whole })
}

/// With a fixed sampling seed the n-th repeat of an item is asked with seed + n: asked the same again, an endpoint that
/// keeps its word would say the same again.
fn reseeded(
    section: &Section<'_>,
    kind: &provider::Kind,
    common: &Common,
    repeats: u32,
) -> Vec<Arc<dyn provider::Provider>> {
    let Some(seed) = common.sampling.seed else { return Vec::new() };
    let again = (1..u64::from(repeats)).map(|n| {
        let sampling = Sampling { seed: Some(seed.wrapping_add(n)), ..common.sampling.clone() };
        (kind.build)(section, &Common { sampling, ..common.clone() })
    });
    again.map_while(|built| built).collect()
}

fn price(section: &Section<'_>, shelf: &Shelf<'_>) -> Option<Price> {
    let today = shelf.today;
    let inner = section.section("price");
    let price = Price::build(inner.as_ref(), shelf)?;
    if let Price::Owned(owned) = &price
        && owned.energy.power == Power::Measured
        && !section.has("meter")
        && let Some(table) = inner.and_then(|inner| inner.section("owned"))
    {
        let hint = "give the target a meter, or power = { nameplate = \"700 W\" }".to_owned();
        table.warn("power", "nothing measures its power: the energy is not in the cost", Some(hint));
    }
    let Some(tokens) = price.by_token() else { return Some(price) };
    if !tokens.holds_on(today) {
        let from = tokens.periods().iter().filter_map(|period| period.since).find(|since| *since > today);
        let message = match from {
            Some(since) => format!("the price holds from {since} only: until then answers are unpriced"),
            None => format!("no price is in force on {today}: answers are unpriced"),
        };
        section.warn("price", message, None);
    }
    Some(price.from_day(today))
}

/// The service tier that extra fields of the body ask for.
fn asked_tier(body: &Map<String, Json>) -> Option<String> {
    let asked = body.get("service_tier").or_else(|| body.get("serviceTier"))?;
    asked.as_str().map(str::to_owned)
}

/// None only where something is wrong. What making one's own hardware emitted is spread over its years, like its price.
fn carbon(section: &Section<'_>, price: Option<&Price>, intensity: Option<&Daily>) -> Option<Option<Carbon>> {
    let Some(own) = section.section("carbon") else {
        let carbon = intensity.map(|intensity| Carbon { intensity: intensity.clone(), embodied: None });
        return (!section.has("carbon")).then_some(carbon);
    };
    let years = match price {
        Some(Price::Owned(owned)) => Some(owned.years),
        _ => None,
    };
    Carbon::build(&own, intensity, years).map(Some)
}

fn sampling(section: &Section<'_>, priced: bool) -> Sampling {
    const WHY: &str = "a price by token is set, so max_tokens must bound what an answer can cost";
    let Some(s) = section.section("sampling") else {
        if priced && !section.has("sampling") {
            section.missing("sampling", &format!("{WHY}, such as {{ max_tokens = 512 }}"));
        }
        return Sampling::default();
    };
    let max_tokens: Option<u32> = s.get("max_tokens");
    if max_tokens == Some(0) {
        s.problem("max_tokens", "expected at least 1", None);
    }
    if priced && !s.has("max_tokens") {
        s.missing("max_tokens", WHY);
    }
    let temperature: Option<f64> = s.get("temperature");
    if temperature.is_some_and(|t| !(0.0..=100.0).contains(&t)) {
        s.problem("temperature", "expected from 0 to 100", None);
    }
    let top_p: Option<f64> = s.get("top_p");
    if top_p.is_some_and(|p| p <= 0.0 || p > 1.0) {
        s.problem("top_p", "expected more than 0 and at most 1", None);
    }
    let stop: Vec<String> = s.or("stop", Vec::new()).unwrap_or_default();
    if stop.iter().any(String::is_empty) {
        s.problem("stop", "a stop sequence must not be empty", None);
    }
    let sampling = Sampling { max_tokens, temperature, top_p, seed: s.get("seed"), stop };
    s.finish();
    sampling
}

fn body(section: &Section<'_>, kind: Option<&Kind>) -> Option<Map<String, Json>> {
    let Some(table) = section.section("body") else { return (!section.has("body")).then(Map::new) };
    // Where the protocol is not known, what most of them set is not an extra field either.
    let reserved = kind.or(provider::KINDS.first()).map_or(&[][..], |k| k.reserved);
    let (mut body, mut good) = (Map::new(), true);
    for (key, value) in table.entries() {
        good &= no_reserved(&table, (key, ""), value, reserved);
        match Json::read(value.get_ref()) {
            Ok(json) => drop(body.insert(key.to_owned(), json)),
            Err(Expected { expected, hint }) => {
                table.problem_at(key, value, format!("expected {expected}"), hint);
                good = false;
            }
        }
    }
    good.then_some(body)
}

/// Notes every field that the protocol sets itself, in this value or in tables inside it, at its place. `inside` is the
/// path from the extra field to the value.
fn no_reserved(
    table: &Section<'_>,
    (key, inside): (&str, &str),
    value: &Spanned<DeValue<'_>>,
    reserved: &[(&str, &str)],
) -> bool {
    let path = if inside.is_empty() { key.to_owned() } else { format!("{key}.{inside}") };
    if let Some((_, hint)) = reserved.iter().find(|(field, _)| *field == path) {
        let it = if inside.is_empty() { String::new() } else { format!("its {inside} ") };
        table.problem_at(key, value, format!("{it}is set by assayd itself"), Some((*hint).to_owned()));
        return false;
    }
    let DeValue::Table(inner) = value.get_ref() else { return true };
    inner.iter().fold(true, |good, (name, value)| {
        let name = name.get_ref();
        let inside = if inside.is_empty() { name.to_string() } else { format!("{inside}.{name}") };
        no_reserved(table, (key, &inside), value, reserved) && good
    })
}

fn prompt_cache(section: &Section<'_>, kind: Option<&Kind>) -> Option<PromptCache> {
    let cache = section.or("prompt_cache", PromptCache::Server)?;
    let refused =
        kind.and_then(|k| k.no_cache.iter().find(|(state, _)| *state == cache).map(|(_, hint)| (k.name, hint)));
    if let Some((api, hint)) = refused {
        let message = format!("{:?} can't be asked for by the protocol {api}", cache.label());
        section.problem("prompt_cache", message, Some((*hint).to_owned()));
        return None;
    }
    Some(cache)
}

fn slo(s: &Section<'_>) -> Slo {
    let goal = s.or("goal", GOAL).unwrap_or(GOAL);
    if !(goal > 0.0 && goal <= 1.0) {
        s.problem("goal", "expected more than 0 and at most 1", Some("0.99 is 99 % of what is asked".into()));
    }
    let (first_token, per_output_token, total) = (s.get("first_token"), s.get("per_output_token"), s.get("total"));
    let slo = Slo { first_token, per_output_token, total, goal };
    if !["first_token", "per_output_token", "total"].into_iter().any(|key| s.has(key)) {
        s.problem_here("expected at least one of first_token, per_output_token, total", None);
    }
    s.finish();
    slo
}

impl Value for StoreAnswers {
    fn expected() -> String {
        "true, false or \"hash\"".into()
    }
    fn read(value: &DeValue<'_>) -> Result<Self, Expected> {
        match value {
            DeValue::Boolean(true) => Ok(Self::Yes),
            DeValue::Boolean(false) => Ok(Self::No),
            DeValue::String(s) if s == "hash" => Ok(Self::Hash),
            _ => Err(Expected { expected: Self::expected(), hint: None }),
        }
    }
}
