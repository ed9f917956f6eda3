//! `assayd regrade`: grades stored answers anew by the configuration's scorers, without asking or paying again.

mod words;

use super::service::{block_on, load};
use super::{Config, Exit, complain, say};
use crate::domain::RunId;
use crate::engine::Account;
use crate::engine::regrade::{Change, Regraded, Scope, regrade};

use crate::plan::Plan;
use crate::store::{self, Access};
use anyhow::Context as _;
use clap::{Args, ValueEnum};
use std::io::Write as _;
use std::sync::Arc;

/// Grade stored answers anew, without asking or paying again, and print the verdicts that change.
#[derive(Args)]
pub(super) struct Regrade {
    #[command(flatten)]
    config: Config,
    /// Only answers of targets whose name matches (`*` and `?` are wild); may be repeated
    #[arg(long, value_name = "GLOB")]
    target: Vec<String>,
    /// Only answers to scenarios whose name matches; may be repeated
    #[arg(long, value_name = "GLOB")]
    scenario: Vec<String>,
    /// Only of this run (its number)
    #[arg(long, value_name = "ID")]
    run: Option<i64>,
    /// Also where items or template have changed since they were asked: answers are then graded by item id
    #[arg(long)]
    changed_items: bool,
    /// Print what would change, and keep nothing; may be used while a daemon writes to the store
    #[arg(long)]
    dry_run: bool,
    /// How a changed verdict is printed
    #[arg(long, default_value = "text")]
    format: Format,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// A line for people
    Text,
    /// One JSON object a line
    Jsonl,
}

impl Regrade {
    pub(super) fn run(self) -> anyhow::Result<Exit> {
        let Some(plan) = load(&self.config.config) else { return Ok(Exit::BadConfig) };
        block_on(self.regrade(plan))?
    }

    async fn regrade(self, plan: Plan) -> anyhow::Result<Exit> {
        let Self { config: _, target, scenario, run, changed_items, dry_run, format } = self;
        let access = if dry_run { Access::Read } else { Access::Write };
        let store = store::open(&plan.store.url, access).await?;
        if !dry_run {
            // The board counts what it has not seen yet first, by the findings that were made first.
            let grids = Some(plan.metrics.grids);
            Account::open_on(Arc::clone(&store), None, grids).await?.close().await;
        }
        let scope =
            Scope { targets: target, scenarios: scenario, run: run.map(RunId), changed: changed_items, dry_run };
        let mut out = std::io::BufWriter::new(std::io::stdout().lock());
        let mut written = Ok(());
        let tell = |change: &Change| {
            let line = match format {
                Format::Text => words::line(change),
                Format::Jsonl => words::json(change),
            };
            if written.is_ok() {
                written = out.write_all(line.as_bytes());
            }
        };
        let done = regrade(store.as_ref(), &plan, &scope, tell).await?;
        written.and_then(|()| out.flush()).context("standard output")?;
        drop(out);
        if !dry_run {
            store.close().await?;
        }
        say(words::summary(&done, dry_run).trim_end());
        let Regraded { summaries, left } = done;
        if summaries.is_empty() && left.is_empty() {
            complain("nothing stored matches");
        }
        Ok(Exit::Done)
    }
}
