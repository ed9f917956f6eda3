//! The resolved plan for people: what will be asked, of whom, how often, and what it may cost, before a cent is spent.

use crate::board::Grids;
use crate::config::Problem;
use crate::domain::{Money, Sampling};
use crate::plan::{
    Circuit, MetricsPlan, OtlpPlan, Plan, RULE, RunPlan, Scenario, Slo, StoreAnswers, Target, Treatment, estimate,
};
use crate::pricing::{Booked, Carbon, Daily, Embodied, EnergyPrice, Hourly, Owned, Power, Price, Window};
use crate::provider::PromptCache;
use crate::telemetry::Metered;
use crate::workload::arrival::Pattern;
use crate::workload::{Stop, WarmUp, Workload};
use jiff::SignedDuration;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

/// Messages of a list that are shown.
const LISTED: usize = 20;
/// Items that are looked at to count them.
const LOOKED_AT: usize = 1000;

/// The whole plan as text; secrets are named by their place only.
#[must_use]
pub fn render(plan: &Plan) -> String {
    let Plan { server, store, metrics, otlp, budget_per_day, targets, scenarios, runs, book, currencies, .. } = plan;
    let (conversions, warnings) = (&plan.conversions, &plan.warnings);
    let mut out = Lines::default();
    let listen: Vec<String> = server.listen.iter().map(ToString::to_string).collect();
    out.pair(0, "listen", &listen.join(", "));
    let mut kept = vec![store.url.clone()];
    kept.extend(store.keep_for.map(|d| format!("samples kept for {}", span(d))));
    kept.extend(store.keep_bytes.map(|n| format!("oldest samples deleted above {n} bytes")));
    out.pair(0, "store", &kept.join(", "));
    if *metrics != MetricsPlan::default() {
        out.pair(0, "metrics", &exported(metrics));
    }
    if let Some(otlp) = otlp {
        out.pair(0, "pushed", &pushed(otlp));
    }
    out.pair(0, "budget per day", &budget_per_day.map_or_else(|| "none".to_owned(), |m| m.to_string()));
    for about in &book.files {
        let entries = book.entries().iter().filter(|entry| Arc::ptr_eq(&entry.about, about)).count();
        let (name, figures, as_of) = (&about.source.name, &about.figures, about.as_of);
        out.pair(0, "prices", &format!("{name}: {entries} of {figures}, as of {as_of}"));
    }
    for c in currencies {
        out.pair(0, "currency", &format!("{} {} per USD as of {}", c.per_usd, c.code, c.as_of));
    }
    for c in conversions {
        let (number, usd) = (c.amount.number.normalize(), c.usd.round_dp(9).normalize());
        out.pair(0, "converted", &format!("{}: {number} {} is {usd} USD", c.field, c.amount.currency));
    }
    for t in targets {
        target(&mut out, t);
    }
    for s in scenarios {
        scenario(&mut out, s);
    }
    for r in runs {
        run(&mut out, r, *budget_per_day);
    }
    out.blank();
    RULE.lines().for_each(|line| out.line(0, line));
    if runs.iter().any(|run| !run.judges.is_empty()) {
        out.line(0, "judges:   come on top, with their prompts and 32 KiB of an answer, every byte a token");
    }
    warn(&mut out, warnings);
    out.0
}

fn exported(MetricsPlan { off, series_cap, grids }: &MetricsPlan) -> String {
    let mut parts = vec![format!("at most {series_cap} lines")];
    let off: Vec<&str> = off.iter().map(|off| off.pattern.as_str()).collect();
    parts.extend((!off.is_empty()).then(|| format!("without {}", off.join(", "))));
    let Grids { first_token, inter_token, per_output_token, duration } = grids;
    let names: BTreeSet<_> = [first_token, inter_token, per_output_token, duration].map(|grid| grid.name).into();
    parts.push(format!("buckets {}", names.into_iter().collect::<Vec<_>>().join(", ")));
    parts.join(", ")
}

fn pushed(OtlpPlan { place, every, gzip, resource }: &OtlpPlan) -> String {
    let mut parts = vec![format!("by OTLP every {} to {}", span(*every), place.shown())];
    parts.extend((!gzip).then(|| "not packed".to_owned()));
    parts.extend(resource.iter().map(|(name, value)| format!("{name} = {value:?}")));
    parts.join(", ")
}

fn target(out: &mut Lines, t: &Target) {
    let Target {
        name,
        api,
        url: _,
        provider: _,
        reseeded: _,
        endpoint,
        model,
        sampling,
        body,
        prompt_cache,
        limits,
        retry,
        circuit,
        price,
        carbon,
        slo,
        store_answers,
        probe: _,
        tokenizer,
        template_tokens,
        tier: _,
        meters,
    } = t;
    out.blank();
    out.line(0, &format!("target {name}"));
    out.pair(1, "model", &format!("{model} ({api})"));
    out.pair(1, "endpoint", &endpoint.describe());
    out.pair(1, "sampling", &sampling_text(sampling));
    if body != "{}" {
        out.pair(1, "body", body);
    }
    if *prompt_cache != PromptCache::Server {
        out.pair(1, "prompt cache", prompt_cache.label());
    }
    out.pair(1, "price", &price_text(price));
    if let Some(carbon) = carbon {
        out.pair(1, "carbon", &carbon_text(carbon));
    }
    let mut bounds: Vec<String> = limits.concurrency.iter().map(|n| format!("{n} in flight")).collect();
    bounds.extend(limits.requests_per_minute.map(|n| format!("{n} requests a minute")));
    bounds.extend(limits.tokens_per_minute.map(|n| format!("{n} tokens a minute")));
    if !bounds.is_empty() {
        out.pair(1, "limits", &bounds.join(", "));
    }
    let waits = format!("waits from {} to {}", span(retry.backoff), span(retry.longest));
    out.pair(1, "attempts", &format!("{} at the most, {waits}", retry.attempts));
    let text = circuit.as_ref().map_or_else(|| "asked however dead it is".to_owned(), circuit_text);
    out.pair(1, "circuit", &text);
    if let Some(slo) = slo {
        out.pair(1, "slo", &slo_text(slo));
    }
    let stored = match store_answers {
        StoreAnswers::Yes => "stored",
        StoreAnswers::No => "not stored",
        StoreAnswers::Hash => "stored as SHA-256",
    };
    out.pair(1, "answers", stored);
    if let Some(tokenizer) = tokenizer {
        out.pair(1, "tokenizer", &format!("{}: output is counted here too", tokenizer.name()));
    }
    out.pair(1, "template", &format!("{template_tokens} tokens at the most"));
    if !meters.is_empty() {
        out.pair(1, "meters", &meters.iter().map(meter_text).collect::<Vec<_>>().join(", "));
    }
}

fn meter_text(Metered { kind, meter, attribution }: &Metered) -> String {
    let every = format!("{kind} every {}", span(meter.every()));
    let share = attribution.describe();
    match (*kind, share.is_empty()) {
        ("none", _) => "none".into(),
        (_, true) => every,
        (_, false) => format!("{every} ({share})"),
    }
}

fn circuit_text(circuit: &Circuit) -> String {
    let Circuit { failures, cool_down, give_up_after } = circuit;
    let (cool_down, most) = (span(*cool_down), span(*give_up_after));
    format!("let alone for {cool_down} after {failures} failures in a row, given up after {most}")
}

fn sampling_text(sampling: &Sampling) -> String {
    let Sampling { max_tokens, temperature, top_p, seed, stop } = sampling;
    let mut parts = Vec::new();
    parts.extend(max_tokens.map(|n| format!("max_tokens {n}")));
    parts.extend(temperature.map(|x| format!("temperature {x}")));
    parts.extend(top_p.map(|x| format!("top_p {x}")));
    parts.extend(seed.map(|n| format!("seed {n}")));
    parts.extend((!stop.is_empty()).then(|| format!("stop {stop:?}")));
    if parts.is_empty() { "the endpoint's own".into() } else { parts.join(", ") }
}

fn price_text(price: &Price) -> String {
    match price {
        Price::Unpriced => "unpriced: counted and shown as such, never as 0".into(),
        Price::Rented(rented) => {
            format!("{} USD an hour ({} x {} USD)", rented.per_hour().normalize(), rented.gpus, rented.per_gpu_hour)
        }
        Price::Owned(owned) => owned_text(owned),
        Price::Book(Booked { name, as_of, price, .. }) => {
            format!("{}; the book's {name}, as of {as_of}", price_text(&Price::Tokens(price.clone())))
        }
        Price::Tokens(price) => {
            let versions: Vec<String> = price.periods().iter().map(|period| period.words(figure)).collect();
            versions.join("; ")
        }
    }
}

fn owned_text(owned: &Owned) -> String {
    let Hourly { depreciation, capital, opex } = owned.hourly();
    let [total, depreciation, capital, opex] =
        [owned.per_hour(), depreciation, capital, opex].map(|usd| usd.round_dp(6).normalize());
    let EnergyPrice { power, pue, tariff } = &owned.energy;
    let power = match power {
        Power::Measured => "measured power".to_owned(),
        Power::Nameplate(watts) => format!("{} W (nameplate)", watts.normalize()),
    };
    let tariff = tariff.as_ref().map_or_else(String::new, |tariff| format!(" x {} USD/kWh", daily(tariff)));
    format!(
        "{total} USD an hour ({depreciation} depreciation + {capital} capital + {opex} opex), and energy: {power} x PUE \
         {}{tariff}",
        pue.normalize()
    )
}

/// A figure by time of day: what holds else, and how many times of day have their own.
fn daily(daily: &Daily) -> String {
    let standard = daily.standard.normalize();
    let window = |w: &Window| {
        format!(
            "{} from {} to {} {}",
            w.value.normalize(),
            w.from.strftime("%H:%M"),
            w.to.strftime("%H:%M"),
            w.zone_name
        )
    };
    let windows: Vec<String> = daily.windows.iter().map(window).collect();
    if windows.is_empty() { standard.to_string() } else { format!("({standard}; {})", windows.join("; ")) }
}

fn carbon_text(carbon: &Carbon) -> String {
    let mut text = format!("{} g CO2e/kWh", daily(&carbon.intensity));
    if let Some(Embodied { grams, years }) = carbon.embodied {
        let kilograms = (grams / rust_decimal::Decimal::ONE_THOUSAND).normalize();
        text.push_str(&format!(", {kilograms} kg embodied over {} years", years.normalize()));
    }
    text
}

fn figure(amount: &rust_decimal::Decimal) -> String {
    amount.round_dp(9).normalize().to_string()
}

fn slo_text(slo: &Slo) -> String {
    let Slo { first_token, per_output_token, total, goal } = slo;
    let all = [("first token", first_token), ("per output token", per_output_token), ("whole answer", total)];
    let parts = all.iter().filter_map(|(word, limit)| limit.map(|d| format!("{word} {}", span(d))));
    format!("{} for {} % of what is asked", parts.collect::<Vec<_>>().join(", "), goal * 100.0)
}

fn scenario(out: &mut Lines, s: &Scenario) {
    let Scenario {
        name,
        items,
        origin,
        template,
        average,
        scorer: _,
        scorer_kind,
        judge,
        sandbox,
        grade,
        think,
        repeats,
        strata,
        bad_rows,
        asked: _,
        treatment,
        fingerprint,
    } = s;
    out.blank();
    out.line(0, &format!("scenario {name}"));
    let looked = items.look(LOOKED_AT);
    let text = match items.fixed() {
        Some(items) => format!("{} of {origin}", items.len()),
        None => format!("{} at the most of {origin}", looked.all),
    };
    out.pair(1, "items", &text);
    if *repeats > 1 {
        out.pair(1, "repeats", &format!("each item {repeats} times"));
    }
    out.pair(1, "scorer", scorer_kind);
    if let Some(judge) = judge {
        out.pair(1, "judge", judge.as_str());
    }
    if sandbox.is_some() {
        out.pair(1, "sandbox", "programs of the model run in it, without network");
    }
    if let Some(items) = items.fixed()
        && let Some(most) = items.iter().map(|item| item.turns.len()).max().filter(|n| *n > 0)
    {
        let pause = think.map_or_else(|| "none".to_owned(), crate::workload::think::Think::label);
        let graded = grade.label();
        out.pair(1, "turns", &format!("{most} at the most, think time {pause}, graded: {graded}"));
    }
    if let Some(system) = &template.system {
        out.pair(1, "system", &format!("{system:?}"));
    }
    if let Some(prompt) = &template.prompt {
        out.pair(1, "prompt", &format!("{prompt:?}"));
    }
    template.describe().iter().for_each(|text| out.pair(1, "template", text));
    if let Some(rule) = average {
        let there = rule.subjects.iter().filter(|s| strata.iter().any(|tags| *tags.domain == *s.domain)).count();
        let whose = rule.board.map_or_else(String::new, |board| format!(" of {board}"));
        let text = format!("macro, over {} subjects{whose}, of which {there} are in the data", rule.subjects.len());
        out.pair(1, "average", &text);
    }
    let mut words: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for tags in strata {
        for (kind, word) in [
            ("domains", &*tags.domain),
            ("capabilities", &*tags.capability),
            ("languages", &*tags.language),
            ("splits", tags.split.label()),
        ] {
            words.entry(kind).or_default().insert(word);
        }
    }
    for (kind, all) in words {
        out.pair(1, kind, &all.into_iter().collect::<Vec<_>>().join(", "));
    }
    if !bad_rows.is_empty() {
        out.pair(1, "bad rows", &format!("{} skipped", bad_rows.len()));
        out.some(bad_rows);
    }
    let Treatment { duplicates, private, forms } = treatment;
    if let Some(found) = duplicates
        && let Some(sentence) = found.sentence()
    {
        out.pair(1, "duplicates", &sentence);
        out.some(&found.repeats);
        out.some(&found.contradictions);
    }
    private.iter().for_each(|text| out.pair(1, "private", text));
    forms.iter().for_each(|text| out.pair(1, "variants", text));
    out.pair(1, "fingerprint", fingerprint.as_str());
}

fn run(out: &mut Lines, r: &RunPlan, per_day: Option<Money>) {
    let RunPlan {
        name,
        targets,
        scenarios,
        judges,
        workload,
        adaptive,
        every,
        budget,
        parallel,
        retry_unknown,
        probe: _,
        calibrate: _,
        fingerprint,
    } = r;
    out.blank();
    out.line(0, &format!("run {name}"));
    out.pair(1, "workload", &workload_text(workload));
    if let Some(adaptive) = adaptive {
        out.pair(1, "decides", &adaptive.words(targets.len()));
    }
    out.pair(1, "every", &every.map_or_else(|| "once".to_owned(), span));
    out.pair(1, "budget", &budget.map_or_else(|| "none of its own".to_owned(), |m| m.to_string()));
    out.pair(1, "targets", if *parallel { "all at the same time" } else { "one after the other" });
    if *retry_unknown {
        out.pair(1, "unknown", "asked again: what was in flight when killed may be paid twice");
    }
    out.pair(1, "fingerprint", fingerprint.as_str());
    out.blank();
    let head = ["target", "scenario", "items", "warm-up", "exchanges", "estimate", "maximum"].map(str::to_owned);
    let mut rows = vec![head.to_vec()];
    let (mut typical, mut most, mut sampled, mut priced, mut unpriced) =
        (Money::ZERO, Money::ZERO, false, false, 0_u32);
    for t in targets {
        for s in scenarios {
            let e = estimate(t, s, judges.get(&s.name).map(|judge| &**judge), workload);
            sampled |= e.sampled && e.most.is_some();
            priced |= e.most.is_some();
            let known = matches!(t.price, Price::Rented(_)) || e.typical.is_some();
            unpriced += u32::from(!known);
            typical += e.typical.unwrap_or_default();
            most += e.most.unwrap_or_default();
            let bare = match &t.price {
                // By token, in a version that is not in force.
                Price::Unpriced | Price::Tokens(_) | Price::Book(_) => "unpriced",
                Price::Rented(_) | Price::Owned(_) => "by the hour",
            };
            let word = |amount: Option<Money>| amount.map_or_else(|| bare.to_owned(), |m| m.to_string());
            let exchanges = match e.least_exchanges {
                once if once == e.most_exchanges => once.to_string(),
                once => format!("{once} to {}", e.most_exchanges),
            };
            let (items, warmup) = (e.items.to_string(), e.warmup.to_string());
            let (typical, most) = (word(e.typical), word(e.most));
            rows.push(vec![t.name.to_string(), s.name.to_string(), items, warmup, exchanges, typical, most]);
        }
    }
    let asked = rows.len() - 1;
    if priced && asked > 1 {
        let gap = || String::new();
        rows.push(vec!["total".into(), gap(), gap(), gap(), gap(), typical.to_string(), most.to_string()]);
    }
    out.table(1, &rows);
    if unpriced > 0 {
        out.line(1, &format!("{unpriced} of {asked} rows have no price: their cost is in no total and in no budget"));
    }
    if matches!(workload.arrival.pattern, Pattern::Sweep(_)) {
        out.line(
            1,
            "a sweep asks at least that much: what its rates bring in their time decides, and a budget bounds it",
        );
    } else if sampled {
        out.line(1, "items are fresh in each run: estimate and maximum are those of one draw");
    }
    if workload.warmup.duration.is_some() && priced {
        out.line(1, "what is asked in the time of warm-up comes on top");
    }
    super::foretold::lines(r).iter().for_each(|text| out.line(1, text));
    for (limit, whose) in [(*budget, "this run's budget"), (per_day, "the day's budget")] {
        let Some(limit) = limit.filter(|_| priced) else { continue };
        let verdict = if most > limit { "exceeds" } else { "is within" };
        let then = if most > limit { ": the run stops before it would pass it" } else { "" };
        out.line(1, &format!("the maximum {verdict} {whose} of {limit}{then}"));
    }
}

fn workload_text(workload: &Workload) -> String {
    let Workload { arrival, stop, warmup } = workload;
    let Stop { items, duration, precision, budget } = stop;
    let WarmUp { items: warm, duration: warm_for } = warmup;
    let mut parts = vec![arrival.words.clone()];
    parts.extend(items.map(|n| format!("stop after {n} items of each scenario")));
    parts.extend(duration.map(|d| format!("stop after {}", span(d))));
    parts.extend(precision.map(|p| {
        let (margin, least) = (p.half_width * 100.0, p.at_least);
        format!("a scenario stops when its accuracy is known to ±{margin}% (95 %), looked at from {least} answers on")
    }));
    parts.extend(budget.map(|b| format!("stop before a target could cost more than {b}")));
    if *stop == Stop::default() && !matches!(arrival.pattern, Pattern::Sweep(_)) {
        parts.push("all items".into());
    }
    parts.extend((*warm > 0).then(|| format!("{warm} items of warm-up")));
    parts.extend(warm_for.map(|d| format!("the first {} are warm-up", span(d))));
    parts.join("; ")
}

fn warn(out: &mut Lines, warnings: &[Problem]) {
    if warnings.is_empty() {
        return;
    }
    out.blank();
    out.line(0, "warnings");
    for warning in warnings {
        warning.to_string().lines().for_each(|line| out.line(1, line));
    }
}

fn span(d: Duration) -> String {
    SignedDuration::try_from(d).map_or_else(|_| format!("{d:?}"), |d| format!("{d:#}"))
}

/// Indented lines, pairs and tables.
#[derive(Default)]
struct Lines(String);

impl Lines {
    fn blank(&mut self) {
        self.0.push('\n');
    }

    fn line(&mut self, depth: usize, text: &str) {
        self.0.push_str(&"  ".repeat(depth));
        self.0.push_str(text);
        self.0.push('\n');
    }

    /// The first of a list of messages, and how many more there are.
    fn some(&mut self, messages: &[String]) {
        for message in messages.iter().take(LISTED) {
            message.lines().for_each(|line| self.line(2, line));
        }
        if messages.len() > LISTED {
            self.line(2, &format!("and {} more", messages.len() - LISTED));
        }
    }

    fn pair(&mut self, depth: usize, key: &str, value: &str) {
        self.line(depth, &format!("{key:<width$}{value}", width = 16 - 2 * depth));
    }

    /// Columns as wide as they need; figures (from the third on) to the right.
    fn table(&mut self, depth: usize, rows: &[Vec<String>]) {
        let width = |column: usize| rows.iter().filter_map(|r| r.get(column)).map(|c| c.chars().count()).max();
        for row in rows {
            let cells = row.iter().enumerate().map(|(column, cell)| {
                let width = width(column).unwrap_or(0);
                if column < 2 { format!("{cell:<width$}") } else { format!("{cell:>width$}") }
            });
            let text = cells.collect::<Vec<_>>().join("  ");
            self.line(depth, text.trim_end());
        }
    }
}
