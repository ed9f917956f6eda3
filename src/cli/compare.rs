//! `assayd compare`: targets held against each other on what is stored, as a report that can be signed.

use super::service::{block_on, load};
use super::{Exit, complain, put, say};
use crate::domain::Name;
use crate::engine::unix_ms;
use crate::export::verdict::{Document, FORMATS, Format, Lang};
use crate::store::{self, Access};
use crate::verdict::{Scope, claims, gather};
use anyhow::Context as _;
use clap::Args;
use jiff::Timestamp;
use std::path::PathBuf;

/// Hold targets against each other on stored samples: who is best, who is cheapest, how sure that is
///
/// Of every run's name the newest counts, or with --since all that began since. Nothing is asked, nothing is written.
#[derive(Args)]
pub(super) struct Compare {
    /// The configuration (TOML): its store, its targets in their order
    #[arg(short, long, value_name = "FILE", required_unless_present = "store")]
    config: Option<PathBuf>,
    /// A store instead of a configuration's, such as sqlite:///var/lib/assayd/assayd.db
    #[arg(long, value_name = "URL", conflicts_with = "config")]
    store: Option<String>,
    /// Hold the others against this target
    #[arg(long, value_name = "TARGET", value_parser = name)]
    baseline: Option<Name>,
    /// Only these targets; may be repeated
    #[arg(long, value_name = "NAME", value_parser = name)]
    target: Vec<Name>,
    /// Only these scenarios; may be repeated
    #[arg(long, value_name = "NAME", value_parser = name)]
    scenario: Vec<Name>,
    /// Only runs of these names; may be repeated
    #[arg(long, value_name = "NAME")]
    run: Vec<String>,
    /// All runs that began since: a day (2026-11-01), an instant, or so long ago (7d, 36h)
    #[arg(long, value_name = "WHEN", value_parser = since)]
    since: Option<i64>,
    /// How it is written: table, md, html, csv or json
    #[arg(long, default_value = "table", value_parser = format)]
    format: Format,
    /// In which language the report speaks: en or zh
    #[arg(long, default_value = "en", value_parser = Lang::from_word)]
    lang: Lang,
    /// Write to this file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    out: Option<PathBuf>,
}

fn format(word: &str) -> Result<Format, String> {
    let names: Vec<&str> = FORMATS.iter().map(|f| f.name).collect();
    FORMATS.iter().find(|f| f.name == word).copied().ok_or_else(|| format!("expected one of {}", names.join(", ")))
}

fn name(text: &str) -> Result<Name, String> {
    Name::new(text).map_err(|error| error.to_string())
}

/// Milliseconds since the Unix epoch.
pub(super) fn since(text: &str) -> Result<i64, String> {
    if let Ok(instant) = text.parse::<Timestamp>() {
        return Ok(instant.as_millisecond());
    }
    if let Ok(day) = text.parse::<jiff::civil::Date>() {
        let begin = day.to_zoned(jiff::tz::TimeZone::UTC).map_err(|e| e.to_string())?;
        return Ok(begin.timestamp().as_millisecond());
    }
    let ago = text.parse::<jiff::Span>().ok().and_then(|span| {
        let days = jiff::SpanRelativeTo::days_are_24_hours();
        span.to_duration(days).ok()
    });
    match ago.filter(|ago| ago.is_positive()) {
        Some(ago) => Ok(unix_ms().saturating_sub(i64::try_from(ago.as_millis()).unwrap_or(i64::MAX))),
        None => Err("expected a day such as 2026-11-01, an instant, or so long ago such as 7d".to_owned()),
    }
}

impl Compare {
    pub(super) fn run(self) -> anyhow::Result<Exit> {
        let Self { config, store, baseline, target, scenario, run, since, format, lang, out } = self;
        let (url, targets) = match (config, store) {
            (_, Some(url)) => (url, target),
            (Some(config), None) => {
                let Some(plan) = load(&config) else { return Ok(Exit::BadConfig) };
                let order = plan.targets.iter().map(|target| target.name.clone());
                let targets = if target.is_empty() { order.collect() } else { target };
                (plan.store.url.clone(), targets)
            }
            (None, None) => {
                complain("a store is needed: --config FILE or --store URL");
                return Ok(Exit::BadConfig);
            }
        };
        let scope = Scope { targets, scenarios: scenario, runs: run, since_unix_ms: since, baseline };
        let gathered = block_on(async {
            let store = store::open(&url, Access::Read).await?;
            gather(store.as_ref(), &scope).await
        })?
        .with_context(|| url.clone())?;
        if let Some(baseline) = scope.baseline.as_ref().filter(|name| !gathered.targets.contains(name)) {
            let there: Vec<&str> = gathered.targets.iter().map(|name| name.as_str()).collect();
            complain(&format!(
                "--baseline: there is no sample of {baseline}; hint: there are some of {}",
                there.join(", ")
            ));
            return Ok(Exit::BadConfig);
        }
        let comparison = gathered.compare();
        let nothing = comparison.targets.is_empty();
        let claims = claims(&comparison);
        let text = (format.render)(&Document { comparison, claims, lang, made_unix_ms: unix_ms(), source: url });
        match out {
            None => put(&text)?,
            Some(path) => {
                std::fs::write(&path, text).with_context(|| path.display().to_string())?;
                say(&format!("written to {}", path.display()));
            }
        }
        Ok(if nothing { Exit::Incomplete } else { Exit::Done })
    }
}
