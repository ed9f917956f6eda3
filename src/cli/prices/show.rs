//! `assayd prices show`.

use super::{Exit, Which, table};
use crate::cli::put;
use crate::config::matches;
use crate::pricing::book::{Entry, rank};
use clap::{Args, ValueEnum};
use jiff::civil::Date;
use serde_json::{Map, Value as Json, json};

#[derive(Args)]
pub(super) struct Show {
    #[command(flatten)]
    which: Which,
    /// Only this provider (`*` and `?` are wild)
    #[arg(long, value_name = "GLOB")]
    provider: Option<String>,
    /// Only models whose name or alias matches (`*` and `?` are wild)
    #[arg(long, value_name = "GLOB")]
    model: Option<String>,
    /// Only what holds on this day
    #[arg(long, value_name = "DATE")]
    at: Option<Date>,
    #[arg(long, default_value = "table")]
    format: Format,
}

#[derive(Clone, Copy, ValueEnum)]
pub(super) enum Format {
    /// For people
    Table,
    /// One JSON document
    Json,
}

impl Show {
    pub(super) fn run(self) -> anyhow::Result<Exit> {
        let Some((book, _)) = self.which.open() else { return Ok(Exit::BadConfig) };
        let named = |e: &Entry, glob: &str| matches(glob, &e.model) || e.aliases.iter().any(|a| matches(glob, a));
        let chosen: Vec<&Entry> = book
            .entries()
            .iter()
            .filter(|e| self.provider.as_deref().is_none_or(|glob| matches(glob, &e.provider)))
            .filter(|e| self.model.as_deref().is_none_or(|glob| named(e, glob)))
            .filter(|e| self.at.is_none_or(|day| holds(e, day, book.entries())))
            .collect();
        match self.format {
            Format::Table => put(&text(&chosen))?,
            Format::Json => put(&(serde_json::to_string_pretty(&as_json(&chosen))? + "\n"))?,
        }
        Ok(Exit::Done)
    }
}

/// Whether an entry is the one for a day: a later one of the same model ends it.
fn holds(entry: &Entry, day: Date, all: &[Entry]) -> bool {
    let same = |other: &&Entry| (&other.provider, &other.model) == (&entry.provider, &entry.model);
    let last = all.iter().filter(same).rfind(|other| other.since.is_none_or(|since| since <= day));
    entry.holds(day) && last.is_some_and(|last| last.since == entry.since)
}

const COLUMNS: [&str; 5] = ["input", "cache_read", "cache_write", "output", "reasoning"];

fn text(entries: &[&Entry]) -> String {
    let row = |entry: &&Entry| {
        let day = |day: Option<Date>| day.map_or_else(String::new, |day| day.to_string());
        let mut row = vec![entry.name(), day(entry.since), day(entry.until)];
        row.extend(COLUMNS.iter().map(|field| entry.fields.get(*field).cloned().unwrap_or_default()));
        let mut rest: Vec<_> = entry.fields.iter().filter(|(path, _)| !COLUMNS.contains(&path.as_str())).collect();
        rest.sort_by_key(|(path, _)| rank(path));
        row.push(rest.iter().map(|(path, text)| format!("{path} {text}")).collect::<Vec<_>>().join("; "));
        row
    };
    let mut header = vec!["name", "since", "until"];
    header.extend(COLUMNS);
    header.push("further");
    table(header, entries.iter().map(row).collect())
}

fn as_json(entries: &[&Entry]) -> Json {
    let one = |entry: &&Entry| {
        let fields: Map<String, Json> = entry.fields.iter().map(|(k, v)| (k.clone(), Json::from(v.as_str()))).collect();
        json!({
            "name": entry.name(),
            "provider": entry.provider,
            "model": entry.model,
            "aliases": entry.aliases,
            "since": entry.since.map(|day| day.to_string()),
            "until": entry.until.map(|day| day.to_string()),
            "prices": fields,
            "source": entry.about.figures,
            "as_of": entry.about.as_of.to_string(),
            "place": entry.place(),
        })
    };
    Json::from(entries.iter().map(one).collect::<Vec<_>>())
}
