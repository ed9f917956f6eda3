//! `assayd export samples`: stored records, one a line, to standard output.

use super::service::{block_on, load};
use super::{Config, Exit};
use crate::export::samples;
use crate::store::{self, Access, Query};
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
        let What::Samples(samples) = self.what;
        let Some(plan) = load(&samples.config.config) else { return Ok(Exit::BadConfig) };
        block_on(samples.write(plan.store.url))?
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
