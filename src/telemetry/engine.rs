//! `engine`: what a serving engine says of itself at /metrics.
//!
//! Engines rename their metrics from version to version. Each figure has its names, the newest first; the first that is
//! there counts, summed over its series (models, ranks), or averaged where it is a share. The engine is told by the prefix
//! of its metrics, so that nothing has to be configured and an upgrade changes nothing.

use super::exposition::{Exposition, Sample, parse};
use super::fetch::Refused;
use super::page::Page;
use super::{Absence, Absent, Engine, Meter, Reading};
use crate::config::Section;
use std::sync::Arc;

/// The list's entry.
pub const KIND: super::Kind =
    super::Kind { name: "engine", about: "/metrics of vLLM, SGLang, llama.cpp or TGI: queue, cache, tokens", build };

/// How an engine calls its figures, its prefix left out.
struct Dialect {
    name: &'static str,
    prefixes: &'static [&'static str],
    running: &'static [&'static str],
    waiting: &'static [&'static str],
    /// Shares from 0 to 1.
    cache_used: &'static [&'static str],
    cache_hits: &'static [&'static str],
    cache_queries: &'static [&'static str],
    /// A share of hits is all that some versions tell: no counter can be made of it.
    hit_rate: &'static [&'static str],
    preemptions: &'static [&'static str],
    tokens_in: &'static [&'static str],
    tokens_out: &'static [&'static str],
}

const DIALECTS: &[Dialect] = &[
    Dialect {
        name: "vllm",
        // Behind Ray's own exporter all colons become underscores.
        prefixes: &["vllm:", "vllm_", "ray_vllm:", "ray_vllm_"],
        running: &["num_requests_running"],
        waiting: &["num_requests_waiting"],
        // gpu_… until 0.9, kv_… since 0.10.
        cache_used: &["kv_cache_usage_perc", "gpu_cache_usage_perc"],
        // gpu_… in the first versions of the V1 engine; client libraries add _total.
        cache_hits: &[
            "prefix_cache_hits_total",
            "prefix_cache_hits",
            "gpu_prefix_cache_hits_total",
            "gpu_prefix_cache_hits",
        ],
        cache_queries: &[
            "prefix_cache_queries_total",
            "prefix_cache_queries",
            "gpu_prefix_cache_queries_total",
            "gpu_prefix_cache_queries",
        ],
        hit_rate: &["gpu_prefix_cache_hit_rate"],
        preemptions: &["num_preemptions_total", "num_preemptions"],
        tokens_in: &["prompt_tokens_total"],
        tokens_out: &["generation_tokens_total"],
    },
    Dialect {
        name: "sglang",
        prefixes: &["sglang:", "sglang_"],
        running: &["num_running_reqs"],
        waiting: &["num_queue_reqs"],
        cache_used: &["token_usage"],
        cache_hits: &["cached_tokens_total"],
        // Every prompt token is looked for in its radix cache.
        cache_queries: &["prompt_tokens_total"],
        hit_rate: &["cache_hit_rate"],
        preemptions: &["num_retracted_requests_total"],
        tokens_in: &["prompt_tokens_total"],
        tokens_out: &["generation_tokens_total"],
    },
    Dialect {
        name: "llama.cpp",
        prefixes: &["llamacpp:", "llamacpp_"],
        running: &["requests_processing"],
        waiting: &["requests_deferred"],
        // Gone since the cache became one for all slots (2025).
        cache_used: &["kv_cache_usage_ratio"],
        cache_hits: &[],
        cache_queries: &[],
        hit_rate: &[],
        preemptions: &[],
        tokens_in: &["prompt_tokens_total"],
        tokens_out: &["tokens_predicted_total"],
    },
    Dialect {
        name: "tgi",
        prefixes: &["tgi_"],
        running: &["batch_current_size"],
        waiting: &["queue_size"],
        cache_used: &[],
        cache_hits: &[],
        cache_queries: &[],
        hit_rate: &[],
        preemptions: &[],
        // A summary in old versions, a histogram in new ones: both have the sum.
        tokens_in: &["request_input_length_sum"],
        tokens_out: &["request_generated_tokens_sum"],
    },
];

fn build(section: &Section<'_>) -> Option<Arc<dyn Meter>> {
    // llama.cpp's server says so where it was started without them.
    Page { kind: KIND.name, read, hint: Some("llama-server wants --metrics") }.build(section)
}

/// Reads what an engine says.
fn read(text: &str, reading: &mut Reading) {
    let said = parse(text);
    let count = |dialect: &&Dialect| said.samples.iter().filter(|s| tail(s, dialect).is_some()).count();
    let Some(dialect) = DIALECTS.iter().max_by_key(count).filter(|dialect| count(dialect) > 0) else {
        let names: Vec<&str> = DIALECTS.iter().map(|dialect| dialect.name).collect();
        let detail = format!("{} metrics, none of {}", said.samples.len(), names.join(", "));
        reading.absent.push(Refused::new(Absence::Unreadable, detail).of("all"));
        return;
    };
    let mut figures = Figures { said: &said, dialect, absent: Vec::new() };
    let unit = figures.tokens_each();
    reading.engine = Some(Engine {
        name: dialect.name,
        running: figures.take("running", dialect.running),
        waiting: figures.take("waiting", dialect.waiting),
        cache_used: figures.take("cache_used", dialect.cache_used),
        cache_hits: figures.take("cache_hits", dialect.cache_hits).zip(unit).map(|(n, unit)| n * unit),
        cache_queries: figures.take("cache_queries", dialect.cache_queries).zip(unit).map(|(n, unit)| n * unit),
        preemptions: figures.take("preemptions", dialect.preemptions),
        tokens_in: figures.take("tokens_in", dialect.tokens_in),
        tokens_out: figures.take("tokens_out", dialect.tokens_out),
    });
    reading.absent.append(&mut figures.absent);
}

/// A sample's name behind the engine's prefix.
fn tail<'s>(sample: &Sample<'s>, dialect: &Dialect) -> Option<&'s str> {
    dialect.prefixes.iter().find_map(|prefix| sample.name.strip_prefix(prefix))
}

/// Whether a sample is one of those that are added up. Ranks of one model beyond the first repeat what it says, and a sum
/// over all sources of the cache stands beside its parts.
fn counts(sample: &Sample<'_>) -> bool {
    let first = |label: &str| sample.label(label).is_none_or(|rank| rank == "0");
    first("tp_rank") && first("pp_rank") && sample.label("cache_source") != Some("total")
}

struct Figures<'t> {
    said: &'t Exposition<'t>,
    dialect: &'static Dialect,
    absent: Vec<Absent>,
}

impl<'t> Figures<'t> {
    /// A figure by the first of its names that is there; what is wrong with it is noted.
    fn take(&mut self, what: &'static str, names: &[&str]) -> Option<f64> {
        let share = what == "cache_used";
        let Some((name, value)) = self.find(names, share) else {
            let rate = self.find(self.dialect.hit_rate, true).filter(|_| what == "cache_hits");
            let detail = match rate {
                Some((name, rate)) => format!("only a rate, from which nothing can be summed up: {name} is {rate}"),
                None => format!("{} as it runs here does not say", self.dialect.name),
            };
            self.note(what, Absence::NotSupported, detail);
            return None;
        };
        if value.is_finite() && value >= 0.0 && !(share && value > 1.001) {
            return Some(if share { value.min(1.0) } else { value });
        }
        self.note(what, Absence::Nonsense, format!("{name} is {value}"));
        None
    }

    fn note(&mut self, what: &'static str, why: Absence, detail: String) {
        self.absent.push(Absent { what, device: None, why, detail });
    }

    /// The first name that is there, with the sum or mean of its series.
    fn find(&self, names: &[&str], mean: bool) -> Option<(&'t str, f64)> {
        names.iter().find_map(|wanted| {
            let series = || self.said.samples.iter().filter(|s| tail(s, self.dialect) == Some(*wanted) && counts(s));
            let name = series().next()?.name;
            let (sum, n) = series().fold((0.0, 0.0), |(sum, n), s| (sum + s.value, n + 1.0));
            Some((name, if mean { sum / n } else { sum }))
        })
    }

    /// How many tokens one hit or query is: the first versions of vLLM's V1 engine count blocks, and say so. None where
    /// their size is not told.
    fn tokens_each(&mut self) -> Option<f64> {
        let (name, _) = self.find(self.dialect.cache_hits, false)?;
        let help = [name, name.strip_suffix("_total").unwrap_or(name)].into_iter().find_map(|n| self.said.help.get(n));
        if !help.is_some_and(|help| help.contains("blocks")) {
            return Some(1.0);
        }
        let size = self.said.samples.iter().find_map(|s| s.label("block_size")?.parse::<f64>().ok());
        let size = size.filter(|size| size.is_finite() && *size >= 1.0);
        if size.is_none() {
            self.note("cache_hits", Absence::NotSupported, "counted in blocks, whose size is not told".into());
        }
        size
    }
}

#[cfg(test)]
mod tests;
