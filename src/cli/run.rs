//! `assayd run`: executes the runs of a configuration once and prints the figures.

use super::gate::Threshold;
use super::service::{Service, block_on, load};
use super::{Config, Exit, complain, progress, put, say, signals};
use crate::board::By;
use crate::domain::{Fault, Purpose, RunId};
use crate::engine::run::{Halt, RECENT};
use crate::engine::{Ended, Refusal};
use crate::export::report::{FORMATS, Format, Report, breach};
use crate::plan::{Plan, RunPlan};
use crate::store::{Query, Recorded};
use anyhow::Context as _;
use clap::Args;
use std::sync::Arc;

/// Execute the runs of a configuration once.
#[derive(Args)]
pub(super) struct Run {
    #[command(flatten)]
    config: Config,
    /// Ask only targets whose name matches (`*` and `?` are wild); may be repeated
    #[arg(long, value_name = "GLOB")]
    target: Vec<String>,
    /// Ask only out of scenarios whose name matches; may be repeated
    #[arg(long, value_name = "GLOB")]
    scenario: Vec<String>,
    /// How the figures are printed: table, json or csv
    #[arg(long, default_value = "table", value_parser = format)]
    format: Format,
    /// Exit with 5 if a row of the table misses this, such as 'accuracy<0.9' or 'cost_per_correct>=0.002'; may be repeated. Measures: accuracy, accuracy_lower, cost, cost_per_correct, cost_per_correct_upper, failed, unparsed, refused, ttft_p50, ttft_p99, duration_p99, tokens_per_second, valid, slo_attainment, slo_attainment_lower, correct_goodput
    #[arg(long, value_name = "MEASURE<NUMBER", value_parser = clap::value_parser!(Threshold))]
    fail_if: Vec<Threshold>,
    /// Begin anew where a killed run would be resumed
    #[arg(long)]
    restart: bool,
}

/// Reads a report format's name.
pub(super) fn format(word: &str) -> Result<Format, String> {
    let names: Vec<&str> = FORMATS.iter().map(|f| f.name).collect();
    FORMATS.iter().find(|f| f.name == word).copied().ok_or_else(|| format!("expected one of {}", names.join(", ")))
}

impl Run {
    pub(super) fn run(self) -> anyhow::Result<Exit> {
        let Some(plan) = load(&self.config.config) else { return Ok(Exit::BadConfig) };
        let runs: Vec<RunPlan> =
            plan.runs.iter().filter_map(|run| run.narrowed(&self.target, &self.scenario)).collect();
        if runs.is_empty() {
            complain("no run is left: --target and --scenario together match nothing of this configuration");
            return Ok(Exit::BadConfig);
        }
        for run in &runs {
            if let Some(Err(why)) = run.adaptive.as_ref().map(|adaptive| adaptive.fits(&run.targets)) {
                complain(&format!("{}: with --target as it is, {why}", run.name));
                return Ok(Exit::BadConfig);
            }
        }
        block_on(self.execute(plan, runs))?
    }

    async fn execute(self, plan: Plan, runs: Vec<RunPlan>) -> anyhow::Result<Exit> {
        let halt = Halt::default();
        signals::watch(halt.clone())?;
        let service = Arc::new(Service::open(Arc::new(plan)).await?);
        let pushing = service.push(&halt);
        if self.restart {
            forget(&service, &runs).await?;
        }
        let (reports, exit) = execute(&service, &runs, &halt).await?;
        service.close().await;
        if reports.iter().any(|(_, report)| report.finished_unix_ms.is_none()) {
            say("  the same command goes on where it stopped; --restart begins anew");
        }
        let reports: Vec<Report> = reports.into_iter().map(|(_, report)| report).collect();
        let printed = put(&(self.format.render)(&reports));
        let rows = reports.iter().flat_map(|r| &r.rows).filter(|row| row.is_whole());
        let missed: Vec<String> = rows.flat_map(|row| self.fail_if.iter().filter_map(|t| t.missed(row))).collect();
        missed.iter().for_each(|text| complain(text));
        // Behind the figures: nobody waits for those because a receiver does not answer.
        pushing.end().await;
        printed?;
        Ok(if exit == Exit::Done && !missed.is_empty() { Exit::Threshold } else { exit })
    }
}

/// Executes runs one after the other, with a live display; the worst end is the exit.
pub(super) async fn execute(
    service: &Service,
    runs: &[RunPlan],
    halt: &Halt,
) -> anyhow::Result<(Vec<(RunId, Report)>, Exit)> {
    let (mut reports, mut exit) = (Vec::new(), Exit::Done);
    for run in runs {
        let display = progress::show(service.engine.account.shared());
        let ended = service.engine.execute(run, halt).await;
        drop(display);
        let (id, ended) = ended.context("the run could not begin")?;
        let this = judge(service, run, id, &ended).await?;
        exit = if exit == Exit::Done { this } else { exit };
        let report = service.report(id);
        warn(&report);
        reports.push((id, report));
        // A dead target is no reason not to ask the others.
        if matches!(ended, Ended::Interrupted(None | Some(Refusal::Budget(_) | Refusal::Store(_) | Refusal::Stopping)))
        {
            break;
        }
    }
    Ok((reports, exit))
}

/// Says which timing must not be believed; the report says so too, but may go where nobody reads it.
fn warn(report: &Report) {
    for row in report.rows.iter().filter(|row| row.is_whole() && !row.validity.is_valid()) {
        let broken = row.validity.breaches.iter().filter(|b| b.reason.invalidates()).map(breach);
        let why = broken.collect::<Vec<_>>().join("; ");
        complain(&format!("{}: the timing of {} on {} is not valid: {why}", report.run, row.target, row.scenario));
    }
}

async fn judge(service: &Service, run: &RunPlan, id: RunId, ended: &Ended) -> anyhow::Result<Exit> {
    Ok(match ended {
        Ended::Complete => {
            let silent = silent(service, id).await?;
            if silent.is_empty() {
                return Ok(Exit::Done);
            }
            complain(&format!("{}: no graded answer from {}", run.name, silent.join("; ")));
            Exit::Incomplete
        }
        Ended::Budget(denied) => {
            complain(&format!("{}: {denied}", run.name));
            Exit::Budget
        }
        Ended::Incomplete(why) => {
            complain(&format!("{}: incomplete: {why}", run.name));
            Exit::Incomplete
        }
        Ended::Interrupted(why) => {
            let why = why.as_ref().map_or_else(|| "it was told to stop".into(), ToString::to_string);
            complain(&format!("{}: incomplete: {why}", run.name));
            Exit::Incomplete
        }
    })
}

/// Records that are looked at to say why a target was silent.
const LOOKED_AT: u32 = 1_000;

/// Targets that gave no graded answer at all, with their commonest failure.
async fn silent(service: &Service, id: RunId) -> anyhow::Result<Vec<String>> {
    let rows = {
        let state = service.engine.account.shared().lock();
        state.board.runs.get(&id).map(|run| run.figures(By::Scenario)).unwrap_or_default()
    };
    let mut told = Vec::new();
    for row in rows.iter().filter(|row| row.answered() == 0 && row.samples() > 0) {
        let query =
            Query { run: Some(id), targets: vec![row.target.to_string()], limit: LOOKED_AT, ..Query::default() };
        let mut samples = service.engine.store.samples(query).await?;
        samples.retain(|r| r.purpose == Purpose::Measure && r.sample.key.scenario == row.scenario);
        let of = format!("{} ({})", row.target, row.scenario);
        told.push(match commonest(&samples) {
            Some((count, fault)) => format!("{of}, {count} of {}: {fault}", samples.len()),
            None => of,
        });
    }
    Ok(told)
}

/// How often the commonest failure is there, and its first case.
fn commonest(samples: &[Recorded]) -> Option<(usize, &Fault)> {
    let faults: Vec<&Fault> = samples.iter().filter_map(|r| r.sample.last()?.fault.as_ref()).collect();
    let count = |kind| faults.iter().filter(|f| f.kind == kind).count();
    // The last of equals is kept by `max`, so the first case comes last.
    let most = faults.iter().rev().max_by_key(|f| count(f.kind))?;
    Some((count(most.kind), most))
}

/// Ends the unfinished executions of these runs, so that new ones begin.
async fn forget(service: &Service, runs: &[RunPlan]) -> anyhow::Result<()> {
    let rows = service.engine.store.runs(RECENT).await?;
    let unfinished = rows
        .iter()
        .filter(|row| row.finished_unix_ms.is_none() && runs.iter().any(|run| run.name.as_str() == row.name));
    for row in unfinished {
        service.engine.account.finish(row.id, &row.name, "incomplete").await?;
    }
    Ok(())
}
