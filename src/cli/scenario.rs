//! `assayd scenario`: what a scenario asks, looked at before anything is paid: what is wrong with it, what its prompts are,
//! and its items as a file.

mod lint;
mod preview;

use super::service::load;
use super::{Config, Exit, complain, put};
use crate::engine::unix_ms;
use crate::plan::{Plan, Scenario, matches};
use crate::workload::Occasion;
use crate::workload::dataset::row;
use clap::{Args, Subcommand};
use std::sync::Arc;

/// What scenarios ask, before anything is paid.
#[derive(Args)]
pub(super) struct Command {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// What is wrong with the items: answers, duplicates, balance, length, strata; and what asking them costs
    Lint(Lint),
    /// Prompts as they will be sent, with their right answers
    Preview(Preview),
    /// Items as JSON lines of the format `jsonl`, such as a public form to keep
    Sample(Sample),
}

#[derive(Args)]
struct Which {
    #[command(flatten)]
    config: Config,
    /// Only scenarios whose name matches (`*` and `?` are wild); may be repeated
    #[arg(long, value_name = "GLOB")]
    scenario: Vec<String>,
    /// Draw what is fresh by this seed
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
}

#[derive(Args)]
struct Lint {
    #[command(flatten)]
    which: Which,
    /// Exit with 5 where anything is found
    #[arg(long)]
    strict: bool,
}

#[derive(Args)]
struct Preview {
    #[command(flatten)]
    which: Which,
    /// So many prompts of each scenario
    #[arg(long, value_name = "N", default_value_t = 3)]
    count: usize,
    /// The prompt of this item
    #[arg(long, value_name = "ID")]
    item: Option<String>,
}

#[derive(Args)]
struct Sample {
    #[command(flatten)]
    which: Which,
    /// So many items of each scenario; all where not given
    #[arg(long, value_name = "N")]
    count: Option<usize>,
}

impl Which {
    /// The plan and the scenarios that are looked at, with the occasion that items are drawn for.
    fn chosen(&self) -> Option<(Plan, Vec<Arc<Scenario>>, Occasion)> {
        let plan = load(&self.config.config)?;
        let wanted = |s: &&Arc<Scenario>| {
            self.scenario.is_empty() || self.scenario.iter().any(|glob| matches(glob, s.name.as_str()))
        };
        let chosen: Vec<Arc<Scenario>> = plan.scenarios.iter().filter(wanted).cloned().collect();
        if chosen.is_empty() {
            let known: Vec<&str> = plan.scenarios.iter().map(|s| s.name.as_str()).collect();
            complain(&format!("--scenario matches none of {}", known.join(", ")));
            return None;
        }
        Some((plan, chosen, Occasion { seed: self.seed, started_unix_ms: unix_ms() }))
    }
}

impl Command {
    pub(super) fn run(self) -> anyhow::Result<Exit> {
        match self.what {
            What::Lint(Lint { which, strict }) => {
                let Some((plan, chosen, on)) = which.chosen() else { return Ok(Exit::BadConfig) };
                let mut found = 0;
                for scenario in &chosen {
                    let (text, count) = lint::lint(&plan, scenario, on);
                    found += count;
                    put(&text)?;
                }
                Ok(if strict && found > 0 { Exit::Threshold } else { Exit::Done })
            }
            What::Preview(Preview { which, count, item }) => {
                let Some((_, chosen, on)) = which.chosen() else { return Ok(Exit::BadConfig) };
                let mut shown = 0;
                for scenario in &chosen {
                    let items = scenario.items.draw(on);
                    let wanted = items.iter().filter(|i| item.as_ref().is_none_or(|id| i.id.as_str() == id));
                    for item in wanted.take(count) {
                        put(&preview::preview(scenario, item))?;
                        shown += 1;
                    }
                }
                if shown == 0 {
                    complain("there is no such item");
                    return Ok(Exit::BadConfig);
                }
                Ok(Exit::Done)
            }
            What::Sample(Sample { which, count }) => {
                let Some((_, chosen, on)) = which.chosen() else { return Ok(Exit::BadConfig) };
                let mut without = 0;
                for scenario in &chosen {
                    let mut items = scenario.items.draw(on);
                    items.truncate(count.unwrap_or(usize::MAX));
                    let rows: Vec<String> = items.iter().filter_map(|item| row(item)).map(|row| row + "\n").collect();
                    without += items.len() - rows.len();
                    put(&rows.concat())?;
                }
                if without > 0 {
                    complain(&format!("{without} items are lengths of a trace, and have no text of their own"));
                }
                Ok(Exit::Done)
            }
        }
    }
}
