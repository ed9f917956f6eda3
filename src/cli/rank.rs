//! `assayd rank`: boards of targets by items, by people's votes or by a judge's.

use super::service::{block_on, load};
use super::{Exit, complain, put, say};
use crate::contest::{Category, Contests, Options, Same, Scope, ballots, items};
use crate::domain::{Name, VoteSource};
use crate::engine::{questions, unix_ms};
use crate::export::ranking::{Document, FORMATS, Format, From};
use crate::export::verdict::Lang;
use crate::store::{self, Access};
use anyhow::Context as _;
use clap::Args;
use std::collections::BTreeSet;
use std::path::PathBuf;

/// Rank targets by contests of two: by items (who is right), by people's votes (/arena), or by a judge's
///
/// Boards for everything and by category: coding, long questions, hard ones, languages, domains, capabilities, scenarios.
#[derive(Args)]
pub(super) struct Rank {
    /// The configuration (TOML): its store, and which of its questions are near-duplicates
    #[arg(short, long, value_name = "FILE", required_unless_present = "store")]
    config: Option<PathBuf>,
    /// A store instead of a configuration's
    #[arg(long, value_name = "URL", conflicts_with = "config")]
    store: Option<String>,
    /// Who decides: items, votes or judge
    #[arg(long, default_value = "items", value_parser = from)]
    from: From,
    /// Only this category (all, coding, long, hard, language:NAME, domain:NAME, capability:NAME, scenario:NAME); may be repeated
    #[arg(long, value_name = "CATEGORY", value_parser = Category::read)]
    category: Vec<Category>,
    /// Only these targets; may be repeated
    #[arg(long, value_name = "NAME", value_parser = name)]
    target: Vec<Name>,
    /// By items: only runs of these names; may be repeated
    #[arg(long, value_name = "NAME")]
    run: Vec<String>,
    /// By items: all runs that began since (else of every name the newest): a day, an instant, or so long ago (7d, 36h)
    #[arg(long, value_name = "WHEN", value_parser = super::compare::since)]
    since: Option<i64>,
    /// A category with fewer votes has no board
    #[arg(long, value_name = "N", default_value_t = Options::DEFAULT.least_votes)]
    least: u64,
    /// Count the votes of flagged voters too
    #[arg(long)]
    keep_flagged: bool,
    /// How it is written: table, md, csv or json
    #[arg(long, default_value = "table", value_parser = format)]
    format: Format,
    /// In which language: en or zh
    #[arg(long, default_value = "en", value_parser = Lang::from_word)]
    lang: Lang,
    /// Write to this file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    out: Option<PathBuf>,
}

fn from(word: &str) -> Result<From, String> {
    From::ALL.into_iter().find(|from| from.label() == word).ok_or_else(|| "expected items, votes or judge".to_owned())
}

fn format(word: &str) -> Result<Format, String> {
    let names: Vec<&str> = FORMATS.iter().map(|f| f.name).collect();
    FORMATS.iter().find(|f| f.name == word).copied().ok_or_else(|| format!("expected one of {}", names.join(", ")))
}

fn name(text: &str) -> Result<Name, String> {
    Name::new(text).map_err(|error| error.to_string())
}

impl Rank {
    pub(super) fn run(self) -> anyhow::Result<Exit> {
        let (url, same) = match (&self.config, &self.store) {
            (_, Some(url)) => (url.clone(), Same::new()),
            (Some(config), None) => {
                let Some(plan) = load(config) else { return Ok(Exit::BadConfig) };
                let by_items = self.from == From::Items;
                (plan.store.url.clone(), if by_items { questions::repeated(&plan) } else { Same::new() })
            }
            (None, None) => {
                complain("a store is needed: --config FILE or --store URL");
                return Ok(Exit::BadConfig);
            }
        };
        let contests = block_on(self.gather(&url, &same))??;
        let mut document = Document::of(self.from, &contests, self.lang);
        let odd = document.voters.iter().enumerate().filter(|(_, voter)| voter.is_flagged() && !self.keep_flagged);
        let flagged: BTreeSet<usize> = odd.map(|(at, _)| at).collect();
        let options = Options { least_votes: self.least, ..Options::DEFAULT };
        let categories = if self.category.is_empty() { contests.categories() } else { self.category };
        document.boards = categories.iter().map(|category| contests.board(category, &flagged, options)).collect();
        document.least_votes = self.least;
        document.flagged_left_out = !self.keep_flagged;
        document.made_unix_ms = unix_ms();
        document.source = url;
        let text = (self.format.render)(&document);
        match self.out {
            None => put(&text)?,
            Some(path) => {
                std::fs::write(&path, text).with_context(|| path.display().to_string())?;
                say(&format!("written to {}", path.display()));
            }
        }
        Ok(if contests.prompts.is_empty() { Exit::Incomplete } else { Exit::Done })
    }

    async fn gather(&self, url: &str, same: &Same) -> anyhow::Result<Contests> {
        let store = store::open(url, Access::Read).await.with_context(|| url.to_owned())?;
        let source = match self.from {
            From::Votes => VoteSource::Human,
            From::Judge => VoteSource::Judge,
            From::Items => {
                let (targets, runs) = (self.target.clone(), self.run.clone());
                let scope = Scope { targets, runs, since_unix_ms: self.since };
                return Ok(items(store.as_ref(), &scope, same).await?);
            }
        };
        Ok(ballots(store.as_ref(), source, &self.target).await?)
    }
}
