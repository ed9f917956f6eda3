//! `assayd prices diff`.

use super::show::Format;
use super::{Exit, look, table};
use crate::cli::put;
use crate::pricing::book::{Change, changes};
use clap::Args;
use serde_json::{Value as Json, json};
use std::path::PathBuf;

#[derive(Args)]
pub(super) struct Diff {
    /// The earlier book; `*` and `?` are wild in the last part
    old: PathBuf,
    /// The later one
    new: PathBuf,
    #[arg(long, default_value = "table")]
    format: Format,
}

impl Diff {
    pub(super) fn run(self) -> anyhow::Result<Exit> {
        let (Some(old), Some(new)) = (look(&[self.old]), look(&[self.new])) else { return Ok(Exit::BadConfig) };
        let changes = changes(&old, &new);
        match self.format {
            Format::Table if changes.is_empty() => put("nothing changed\n")?,
            Format::Table => put(&table(vec!["price", "figure", "old", "new", "change"], rows(&changes)))?,
            Format::Json => put(&(serde_json::to_string_pretty(&as_json(&changes))? + "\n"))?,
        }
        Ok(Exit::Done)
    }
}

fn rows(changes: &[Change]) -> Vec<Vec<String>> {
    let row = |change: &Change| {
        let word = match (change.field.as_str(), &change.old, &change.new) {
            ("", None, _) => "(new)".to_owned(),
            ("", _, None) => "(gone)".to_owned(),
            (field, ..) => field.to_owned(),
        };
        let percent = change
            .percent()
            .map(|p| format!("{}{} %", if p.is_sign_negative() { "" } else { "+" }, p.round_dp(1).normalize()));
        let side = |side: &Option<String>| side.clone().unwrap_or_else(|| "-".into());
        vec![change.entry.clone(), word, side(&change.old), side(&change.new), percent.unwrap_or_default()]
    };
    changes.iter().map(row).collect()
}

fn as_json(changes: &[Change]) -> Json {
    let one = |change: &Change| {
        let percent = change.percent().map(|p| p.round_dp(6).normalize().to_string());
        let Change { entry, field, old, new } = change;
        json!({ "price": entry, "field": field, "old": old, "new": new, "percent": percent })
    };
    Json::from(changes.iter().map(one).collect::<Vec<_>>())
}
