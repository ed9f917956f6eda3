//! `assayd export samples` and `assayd export votes`: stored records, one a line, to standard output.

use super::service::{block_on, load};
use super::{Config, Exit};
use crate::domain::VoteSource;
use crate::export::{samples, votes};
use crate::store::{self, Access, Query, VotePage};
use anyhow::Context as _;
use clap::{Args, Subcommand};
use std::io::Write as _;

/// Write stored records to standard output.
#[derive(Args)]
pub(super) struct Export {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Every sample: timing, usage, verdict, cost, answer (as far as it was kept)
    Samples(Samples),
    /// Every vote, anonymised: voters by a hash whose key is made for this file alone, the day in place of the instant
    Votes(Votes),
}

#[derive(Args)]
struct Votes {
    #[command(flatten)]
    config: Config,
    /// One JSON object a line, or CSV with a header
    #[arg(long, default_value = "jsonl", value_parser = votes_form)]
    format: votes::Format,
    /// Only votes of people (human), or of a judge (judge)
    #[arg(long, value_name = "WHO", value_parser = source)]
    source: Option<VoteSource>,
}

fn votes_form(word: &str) -> Result<votes::Format, String> {
    let names: Vec<&str> = votes::FORMATS.iter().map(|f| f.name).collect();
    votes::FORMATS
        .iter()
        .find(|f| f.name == word)
        .copied()
        .ok_or_else(|| format!("expected one of {}", names.join(", ")))
}

fn source(word: &str) -> Result<VoteSource, String> {
    VoteSource::from_label(word).ok_or_else(|| "expected human or judge".to_owned())
}

#[derive(Args)]
struct Samples {
    #[command(flatten)]
    config: Config,
    /// One JSON object a line, or CSV with a header
    #[arg(long, default_value = "jsonl", value_parser = form)]
    format: samples::Format,
    /// Only of this target; may be repeated
    #[arg(long, value_name = "NAME")]
    target: Vec<String>,
    /// Only of this run (its number)
    #[arg(long, value_name = "ID")]
    run: Option<i64>,
}

fn form(word: &str) -> Result<samples::Format, String> {
    let names: Vec<&str> = samples::FORMATS.iter().map(|f| f.name).collect();
    samples::FORMATS
        .iter()
        .find(|f| f.name == word)
        .copied()
        .ok_or_else(|| format!("expected one of {}", names.join(", ")))
}

impl Export {
    pub(super) fn run(self) -> anyhow::Result<Exit> {
        let config = match &self.what {
            What::Samples(samples) => &samples.config,
            What::Votes(votes) => &votes.config,
        };
        let Some(plan) = load(&config.config) else { return Ok(Exit::BadConfig) };
        match self.what {
            What::Samples(samples) => block_on(samples.write(plan.store.url))?,
            What::Votes(votes) => block_on(votes.write(plan.store.url))?,
        }
    }
}

impl Votes {
    /// All at once: the order of a file is not the one in which votes were cast.
    async fn write(self, url: String) -> anyhow::Result<Exit> {
        let store = store::open(&url, Access::Read).await?;
        let mut ballots = Vec::new();
        let mut page = VotePage { limit: 20_000, ..VotePage::default() };
        loop {
            let read = store.votes(page.clone()).await?;
            let Some(last) = read.last() else { break };
            page.after = last.id;
            let ballot = read.into_iter().map(|voted| voted.ballot);
            ballots.extend(ballot.filter(|ballot| self.source.is_none_or(|source| source == ballot.source)));
        }
        let anonymous = votes::Anonymous::new().context("there are no random numbers")?;
        let mut out = std::io::BufWriter::new(std::io::stdout().lock());
        (self.format.write)(&ballots, &anonymous, &mut out).context("standard output")?;
        out.flush().context("standard output")?;
        Ok(Exit::Done)
    }
}

impl Samples {
    async fn write(self, url: String) -> anyhow::Result<Exit> {
        let store = store::open(&url, Access::Read).await?;
        let run = self.run.map(crate::domain::RunId);
        let mut query = Query { run, targets: self.target, limit: 1_000, ..Query::default() };
        let mut out = std::io::BufWriter::new(std::io::stdout().lock());
        let mut first = true;
        loop {
            let page = store.samples(query.clone()).await?;
            let Some(last) = page.last() else { break };
            query.after = last.position;
            (self.format.write)(&page, first, &mut out).context("standard output")?;
            first = false;
        }
        out.flush().context("standard output")?;
        Ok(Exit::Done)
    }
}
