//! `assayd agreement`: how far a scenario's scorer, a judge above all, agrees with people on labelled answers.

use super::service::{Service, block_on, load};
use super::{Config, Exit, complain, put, say};
use crate::domain::Verdict;
use crate::engine::Refusal;
use crate::engine::agreement::{Agreement, agreement};
use crate::plan::Plan;
use crate::stats::{Level, kappa, wilson};
use crate::workload::dataset::labelled::{self, Labelled};
use anyhow::Context as _;
use clap::Args;
use std::io::BufReader;
use std::path::PathBuf;
use std::sync::Arc;

/// How far a scorer agrees with people on labelled answers (Cohen's kappa); what a judge is asked is paid.
#[derive(Args)]
pub(super) struct Command {
    #[command(flatten)]
    config: Config,
    /// The scenario whose scorer is looked at
    #[arg(long, value_name = "NAME")]
    scenario: String,
    /// Labelled answers, one JSON object a line: prompt, answer, says, label (correct or wrong)
    #[arg(long, value_name = "FILE")]
    labelled: PathBuf,
}

impl Command {
    pub(super) fn run(self) -> anyhow::Result<Exit> {
        let Some(plan) = load(&self.config.config) else { return Ok(Exit::BadConfig) };
        let file = std::fs::File::open(&self.labelled).with_context(|| self.labelled.display().to_string())?;
        let (rows, bad) = labelled::read(BufReader::new(file), &self.labelled.display().to_string())?;
        bad.iter().for_each(|problem| say(&problem.to_string()));
        if !bad.is_empty() || rows.is_empty() {
            complain(&format!("{} has {} good rows and {} bad ones", self.labelled.display(), rows.len(), bad.len()));
            return Ok(Exit::BadConfig);
        }
        block_on(compare(plan, self.scenario, rows))?
    }
}

async fn compare(plan: Plan, name: String, rows: Vec<Labelled>) -> anyhow::Result<Exit> {
    let Some(scenario) = plan.scenarios.iter().find(|scenario| scenario.name.as_str() == name).cloned() else {
        let known: Vec<&str> = plan.scenarios.iter().map(|s| s.name.as_str()).collect();
        complain(&format!("there is no scenario {name:?}; there are {}", known.join(", ")));
        return Ok(Exit::BadConfig);
    };
    for Labelled { item, .. } in &rows {
        if let Err(why) = scenario.scorer.accepts(item) {
            complain(&format!("{}: can't be graded: {why}", item.id.as_str()));
            return Ok(Exit::BadConfig);
        }
    }
    let judge = scenario.judge.as_ref().and_then(|judge| plan.targets.iter().find(|t| t.name == *judge)).cloned();
    // Whom the answers are booked on: the judge, where there is one; nobody is asked otherwise.
    let target = judge.clone().or_else(|| plan.targets.first().cloned()).context("no target")?;
    let service = Service::open(Arc::new(plan)).await?;
    let found = agreement(&service.engine, &scenario, judge.as_ref(), rows, &target).await?;
    service.close().await;
    match found {
        Ok(found) => {
            put(&render(&found))?;
            Ok(Exit::Done)
        }
        Err(refusal) => {
            complain(&refusal.to_string());
            Ok(if matches!(refusal, Refusal::Budget(_)) { Exit::Budget } else { Exit::Incomplete })
        }
    }
}

fn render(found: &Agreement) -> String {
    let Agreement { table, undecided, cost, differing } = found;
    let [[both, missed], [taken, neither]] = *table;
    let (decided, alike) = (both + missed + taken + neither, both + neither);
    let all = decided + undecided.iter().sum::<u64>();
    let mut out = format!(
        "labelled   found correct  found wrong  undecided\n\
         correct    {both:>13}  {missed:>11}  {:>9}\n\
         wrong      {taken:>13}  {neither:>11}  {:>9}\n\n",
        undecided[0], undecided[1]
    );
    if let Some(share) = wilson(alike, decided, Level::P95) {
        out.push_str(&format!(
            "agreement  {:.3} ({:.3} to {:.3}) of the {decided} that it decided, of {all}\n",
            share.estimate, share.lower, share.upper
        ));
    }
    match kappa(table, Level::P95) {
        Some(kappa) => out.push_str(&format!(
            "kappa      {:.3} ({:.3} to {:.3}), Cohen's, beyond chance\n",
            kappa.estimate, kappa.lower, kappa.upper
        )),
        None => out.push_str("kappa      can't be said: only one verdict occurs\n"),
    }
    out.push_str(&format!("cost       {cost}\n"));
    let word = |correct: bool| if correct { Verdict::Correct } else { Verdict::Wrong };
    for (item, correct, verdict) in differing {
        out.push_str(&format!("differs    {item}: labelled {}, found {}\n", word(*correct).label(), verdict.label()));
    }
    out
}
