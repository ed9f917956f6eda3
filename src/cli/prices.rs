//! `assayd prices`: the price book, brought in from public lists, looked at, compared and checked.

mod check;
mod diff;
mod import;
mod show;

use super::Exit;
use super::complain;
use crate::config::Problem;
use crate::plan::Plan;
use crate::pricing::PriceBook;
use crate::pricing::book;
use clap::{Args, Subcommand};
use std::path::{Path, PathBuf};

/// The price book.
#[derive(Args)]
pub(super) struct Command {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Make a price book of a public price list; what can't be carried over is told by field
    Import(import::Import),
    /// Print prices: all, or those of a provider, a model, a day
    Show(show::Show),
    /// What changed between two price books, by figure and percent
    Diff(diff::Diff),
    /// Whether files are right and fresh, and whether targets and prices belong together
    Check(check::Check),
}

impl Command {
    pub(super) fn run(self) -> anyhow::Result<Exit> {
        match self.what {
            What::Import(import) => import.run(),
            What::Show(show) => show.run(),
            What::Diff(diff) => diff.run(),
            What::Check(check) => check.run(),
        }
    }
}

/// Which files: named, or those of a configuration.
#[derive(Args)]
struct Which {
    /// Files of prices; `*` and `?` are wild in the last part
    #[arg(value_name = "FILE", required_unless_present = "config")]
    files: Vec<PathBuf>,
    /// The price book of this configuration
    #[arg(short, long, value_name = "FILE")]
    config: Option<PathBuf>,
}

impl Which {
    /// The book, and the plan where a configuration was named; none where something is wrong (and told).
    fn open(&self) -> Option<(PriceBook, Option<Plan>)> {
        let plan = match &self.config {
            Some(config) => Some(super::service::load(config)?),
            None => None,
        };
        let book = match &plan {
            Some(plan) if self.files.is_empty() => plan.book.clone(),
            _ => look(&self.files)?,
        };
        Some((book, plan))
    }
}

/// Reads files as they are written; tells what is wrong.
fn look(patterns: &[PathBuf]) -> Option<PriceBook> {
    let mut files = Vec::new();
    for pattern in patterns {
        match book::expand(Path::new(""), pattern) {
            Ok(found) => files.extend(found),
            Err(why) => {
                complain(&format!("{}: {why}", pattern.display()));
                return None;
            }
        }
    }
    files.sort();
    files.dedup();
    book::look(&files).map_err(|problems| tell(&problems)).ok()
}

fn tell(problems: &[Problem]) {
    problems.iter().for_each(|problem| super::say(&problem.to_string()));
    let plural = if problems.len() == 1 { "problem" } else { "problems" };
    complain(&format!("the price book has {} {plural}", problems.len()));
}

/// Today, in UTC, as prices count days.
fn today() -> jiff::civil::Date {
    jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date()
}

/// A table without lines, as wide as it needs to be.
fn table(header: Vec<&str>, rows: Vec<Vec<String>>) -> String {
    let mut table = comfy_table::Table::new();
    table.load_style(comfy_table::presets::NOTHING);
    table.set_header(header);
    table.add_rows(rows);
    let lines: Vec<String> = table.lines().map(|line| line.trim_end().to_owned()).collect();
    lines.join("\n") + "\n"
}
