//! What the commands share: reading a configuration, opening store and engine, and telling the state to the HTTP side.

use super::{complain, say};
use crate::api::{Facts, Phase, RunState, Status};
use crate::board::By;
use crate::config::{Problem, Source};
use crate::domain::{Money, RunId};
use crate::engine::lanes::Lanes;
use crate::engine::run::Engine;
use crate::engine::{Account, State, unix_ms};
use crate::export::metrics::{Build, Known, Process, SERIES_CAP, View};
use crate::export::report::Report;
use crate::plan::{self, Plan};
use crate::store::{self, Access};
use anyhow::Context as _;
use std::collections::BTreeMap;
use std::future::Future;
use std::path::Path;
use std::sync::Arc;

/// Reads and builds a configuration; tells all its problems.
pub(super) fn load(path: &Path) -> Option<Plan> {
    let source = Source::file(path).map_err(|problem| tell(&[problem])).ok()?;
    plan::build(&source).map_err(|problems| tell(&problems)).ok()
}

/// Tells problems, and how many they are.
pub(super) fn tell(problems: &[Problem]) {
    problems.iter().for_each(|problem| say(&problem.to_string()));
    let plural = if problems.len() == 1 { "problem" } else { "problems" };
    complain(&format!("the configuration has {} {plural}; nothing was asked", problems.len()));
}

/// Runs a command's future on the main runtime. Exchanges have their own (`engine::lanes`).
pub(super) fn block_on<F: Future>(future: F) -> anyhow::Result<F::Output> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    Ok(runtime.block_on(future))
}

/// A plan with everything open that executing it needs.
pub(super) struct Service {
    pub(super) plan: Arc<Plan>,
    pub(super) engine: Engine,
    known: Known,
}

impl Service {
    pub(super) async fn open(plan: Arc<Plan>) -> anyhow::Result<Self> {
        let store = store::open(&plan.store.url, Access::Write).await?;
        let account = Account::open(Arc::clone(&store), plan.budget_per_day).await?;
        let lanes = Arc::new(Lanes::for_this_machine().context("threads for exchanges")?);
        let known = Known::of(&plan);
        Ok(Self { plan, engine: Engine { store, account, lanes }, known })
    }

    /// Writes what is still to be written.
    pub(super) async fn close(&self) {
        self.engine.account.close().await;
    }

    /// The report of a run that is remembered.
    pub(super) fn report(&self, run: RunId) -> Report {
        self.report_of(&self.engine.account.shared().lock(), run)
    }

    fn report_of(&self, state: &State, run: RunId) -> Report {
        let Some(board) = state.board.runs.get(&run) else { return Report::default() };
        Report {
            run: board.name.clone(),
            started_unix_ms: board.started_unix_ms,
            finished_unix_ms: board.finished.map(|(at, _)| at),
            complete: board.finished.is_some_and(|(_, result)| result == "complete"),
            open_loop: board.open_loop,
            rows: By::ALL.into_iter().flat_map(|by| board.figures(by)).collect(),
            notes: self.notes(state, run),
            ..Report::default()
        }
    }

    /// What a reader must know besides the figures.
    fn notes(&self, state: &State, run: RunId) -> Vec<String> {
        let Some(board) = state.board.runs.get(&run) else { return Vec::new() };
        let mut notes = Vec::new();
        match board.finished {
            Some((_, "complete")) => {}
            Some((_, result)) => {
                notes.push(format!("this run is not complete ({result}): figures are of what was asked"))
            }
            None => notes.push("this run goes on, or was interrupted: figures are of what was asked so far".into()),
        }
        if let Some(plan) = self.plan.runs.iter().find(|plan| plan.name.as_str() == board.name) {
            for scenario in plan.scenarios.iter().filter(|s| !s.bad_rows.is_empty()) {
                notes.push(format!("{}: {} rows of its data were skipped", scenario.name, scenario.bad_rows.len()));
            }
        }
        let mut seen = BTreeMap::new();
        for row in board.figures(By::Scenario) {
            *seen.entry((row.target, row.scenario)).or_insert(0) += 1;
        }
        for ((target, scenario), _) in seen.into_iter().filter(|(_, rows)| *rows > 1) {
            notes.push(format!(
                "{target} / {scenario}: what was asked changed during the run (see provenance); nothing is pooled"
            ));
        }
        notes
    }
}

impl Facts for Service {
    fn view(&self, read: &mut dyn FnMut(&View<'_>)) {
        let state = self.engine.account.shared().lock();
        let figures = state.board.latest_figures();
        let mut last_success_unix_ms = BTreeMap::new();
        for (_, run) in state.board.last_complete() {
            if let Some((at, _)) = run.finished {
                last_success_unix_ms.entry(run.name.clone()).or_insert(at);
            }
        }
        let day = state.ledger.day_at(unix_ms());
        read(&View {
            board: &state.board,
            known: &self.known,
            figures: &figures,
            up: &state.up,
            last_success_unix_ms: &last_success_unix_ms,
            spent_today: day.spent + day.unknown,
            spent_by_run: &state.spent_by_run(),
            config_reloaded: true,
            build: Build::CURRENT,
            process: Process::read(),
            series_cap: SERIES_CAP,
        });
    }

    fn ready(&self) -> Result<(), String> {
        match &self.engine.account.shared().lock().store_error {
            Some(error) => Err(error.to_string()),
            None => Ok(()),
        }
    }

    fn reports(&self) -> Vec<Report> {
        let state = self.engine.account.shared().lock();
        state.board.runs.keys().map(|run| self.report_of(&state, *run)).collect()
    }

    fn status(&self) -> Status {
        let state = self.engine.account.shared().lock();
        let day = state.ledger.day_at(unix_ms());
        let spent = state.spent_by_run();
        let runs = self.plan.runs.iter().map(|run| {
            let name = run.name.to_string();
            let running = state.running.run.is_some() && state.running.name == name;
            let last =
                state.board.runs.values().rev().filter(|board| board.name == name).find_map(|board| board.finished);
            let due = state.due.get(&name).copied();
            let phase = match (running, due) {
                (true, _) => Phase::Running,
                (false, Some(None)) => Phase::Over,
                (false, _) => Phase::Waiting,
            };
            let progress = if state.running.name == name { Some(&state.running.targets) } else { None };
            let sum =
                |read: fn(&crate::engine::Progress) -> u64| progress.into_iter().flatten().map(|(_, p)| read(p)).sum();
            RunState {
                phase,
                done: sum(|p| p.done),
                total: sum(|p| p.total),
                spent: spent.get(&name).copied().unwrap_or(Money::ZERO),
                budget: run.budget,
                last_result: last.map(|(_, result)| result.to_owned()),
                last_finished_unix_ms: last.map(|(at, _)| at),
                next_unix_ms: due.flatten(),
                name,
            }
        });
        let silent = state.up.iter().filter(|(_, up)| !**up).map(|(target, _)| format!("{target} does not answer"));
        let stuck = state.store_error.iter().map(ToString::to_string);
        Status {
            runs: runs.collect(),
            spent_today: day.spent + day.unknown,
            per_day: day.limit,
            problems: stuck.chain(silent).collect(),
        }
    }
}
