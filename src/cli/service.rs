//! What the commands share: reading a configuration, opening store and engine, and telling the state to the HTTP side.

use super::{complain, say};
use crate::api::{Arena, Exported, Facts, Phase, Push, RunState, Status, TargetState};
use crate::board::{By, Figures, Grids, averages};
use crate::config::{Problem, Source};
use crate::domain::{Money, Name, RunId};
use crate::engine::lanes::{Lanes, give_way};
use crate::engine::limits::{Seen, Standing};
use crate::engine::run::{Engine, Halt};
use crate::engine::{Account, Progress, State, unix_ms};
use crate::export::metrics::{Build, Known, Process, View, unmatched};
use crate::export::report::Report;
use crate::plan::{self, Duplicates, Off, Plan, RunPlan, ServerPlan, StorePlan};
use crate::store::{self, Access, Store};
use crate::workload::Items;
use anyhow::Context as _;
use std::collections::BTreeMap;
use std::future::Future;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// Reads and builds a configuration; tells all its problems.
pub(super) fn load(path: &Path) -> Option<Plan> {
    let source = Source::file(path).map_err(|problem| tell(&[problem])).ok()?;
    let plan = plan::build(&source).map_err(|problems| tell(&problems)).ok()?;
    let problems = switched_off(&source, &plan);
    if problems.is_empty() {
        return Some(plan);
    }
    tell(&problems);
    None
}

/// What is to be switched off and is no metric.
fn switched_off(source: &Source, plan: &Plan) -> Vec<Problem> {
    let problem =
        |(off, near): (&Off, Option<&str>)| {
            let (line, column) = source.place(off.span.start);
            Problem {
                file: source.name.clone(),
                line,
                column,
                field: "metrics.off".into(),
                message: format!("no metric has a name like {:?}", off.pattern),
                hint: Some(near.map_or_else(
                    || "docs/metrics.md names them all".into(),
                    |near| format!("did you mean \"{near}\"?"),
                )),
            }
        };
    unmatched(&plan.metrics.off).map(problem).collect()
}

/// Tells problems, and how many they are.
pub(super) fn tell(problems: &[Problem]) {
    problems.iter().for_each(|problem| say(&problem.to_string()));
    let plural = if problems.len() == 1 { "problem" } else { "problems" };
    complain(&format!("the configuration has {} {plural}; nothing was asked", problems.len()));
}

/// Runs a command's future on the main runtime. Exchanges have their own (`engine::lanes`).
pub(super) fn block_on<F: Future>(future: F) -> anyhow::Result<F::Output> {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    let runtime = builder.worker_threads(2).enable_all().on_thread_start(give_way).build()?;
    Ok(runtime.block_on(future))
}

/// A plan with everything open that executing it needs.
pub(super) struct Service {
    pub(super) engine: Engine,
    plans: watch::Sender<Arc<Plan>>,
    /// What can't change while the process runs.
    fixed: (ServerPlan, StorePlan, Grids),
    known: Mutex<Arc<Known>>,
    /// Whether the last reload of the configuration was taken.
    reloaded: AtomicBool,
    /// How metrics were pushed.
    exported: Arc<Exported>,
    opened_unix_ms: i64,
}

impl Service {
    pub(super) async fn open(plan: Arc<Plan>) -> anyhow::Result<Self> {
        let opened_unix_ms = unix_ms();
        // Before this thread gives way to them, and with it the database's threads, which it starts.
        let lanes = Arc::new(Lanes::for_this_machine().context("threads for exchanges")?);
        give_way();
        let store = store::open(&plan.store.url, Access::Write).await?;
        let account = Account::open_on(Arc::clone(&store), plan.budget_per_day, Some(plan.metrics.grids)).await?;
        account.meters.start(&plan.targets);
        let known = Mutex::new(Arc::new(Known::of(&plan)));
        let fixed = (plan.server.clone(), plan.store.clone(), plan.metrics.grids);
        let (plans, _) = watch::channel(plan);
        let program = std::env::current_exe().ok().map(Arc::from);
        let reloaded = AtomicBool::new(true);
        let engine = Engine { store, account, lanes, program };
        Ok(Self { engine, plans, fixed, known, reloaded, exported: Arc::default(), opened_unix_ms })
    }

    /// The plan that holds now.
    pub(super) fn plan(&self) -> Arc<Plan> {
        Arc::clone(&self.plans.borrow())
    }

    /// Tells of every plan that takes the present one's place.
    pub(super) fn plans(&self) -> watch::Receiver<Arc<Plan>> {
        self.plans.subscribe()
    }

    /// Reads the configuration again. A bad one changes nothing but the gauge that says so; what can't change while the
    /// daemon runs (where it listens, where it stores) stays as it was, and is told.
    pub(super) fn reload(&self, path: &Path) {
        let new = load(path).map(|plan| {
            let (server, store, grids) = &self.fixed;
            let fixed = [
                ("[server]", plan.server == *server),
                ("[store]", plan.store == *store),
                ("[metrics] buckets", plan.metrics.grids == *grids),
            ];
            for (what, _) in fixed.into_iter().filter(|(_, same)| !same) {
                complain(&format!("{what} has changed: that takes a restart, the rest is taken now"));
            }
            Arc::new(plan)
        });
        self.reloaded.store(new.is_some(), Ordering::Relaxed);
        let Some(plan) = new else {
            complain("the configuration that was there before stays in force");
            return;
        };
        self.engine.account.shared().lock().ledger.day.limit = plan.budget_per_day;
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(Known::of(&plan));
        self.engine.account.meters.start(&plan.targets);
        self.plans.send_replace(plan);
        say("assayd: the configuration was read again; it holds once no run goes on");
    }

    /// The page where people vote, where there is one.
    pub(super) async fn arena(&self) -> anyhow::Result<Option<Arena>> {
        let settings = self.plan().server.arena.clone();
        if !settings.on {
            return Ok(None);
        }
        let store = Arc::clone(&self.engine.store);
        Ok(Some(Arena::open(store, self.plans(), settings).await?))
    }

    /// Pushes metrics from now on, where the plan says so.
    pub(super) fn push(self: &Arc<Self>, halt: &Halt) -> Pushing {
        let began = Process::read().and_then(|process| i64::try_from(process.start_seconds).ok()?.checked_mul(1000));
        let push = Push {
            facts: Arc::clone(self) as Arc<dyn Facts>,
            exported: Arc::clone(&self.exported),
            process_unix_ms: began.unwrap_or(self.opened_unix_ms).min(self.opened_unix_ms),
            host: sysinfo::System::host_name().unwrap_or_default(),
            clock: || u64::try_from(jiff::Timestamp::now().as_nanosecond()).unwrap_or(0),
        };
        let stop = CancellationToken::new();
        let task = tokio::spawn(push.run(self.plans(), stop.clone()));
        Pushing { stop, task, abort: halt.abort.clone() }
    }

    /// Writes what is still to be written.
    pub(super) async fn close(&self) {
        self.engine.account.close().await;
    }

    /// The report of a run that is remembered.
    pub(super) fn report(&self, run: RunId) -> Report {
        let report = self.report_of(&self.engine.account.shared().lock(), run);
        self.completed(report)
    }

    /// Adds what is not the board's: which domains were asked whole. Not under the state's lock, since counting a
    /// generator's items can take a moment.
    fn completed(&self, mut report: Report) -> Report {
        let plan = self.plan();
        if let Some(plan) = plan.runs.iter().find(|plan| plan.name.as_str() == report.run) {
            report.census = report.rows.iter().filter_map(|row| census(plan, row)).collect();
            let ruled = plan.scenarios.iter().filter_map(|s| Some((s, s.average.as_ref()?)));
            report.boards = ruled.flat_map(|(s, rule)| averages(rule, &s.name, &report.rows)).collect();
        }
        report
    }

    fn report_of(&self, state: &State, run: RunId) -> Report {
        let Some(board) = state.board.runs.get(&run) else { return Report::default() };
        Report {
            run: board.name.clone(),
            started_unix_ms: board.started_unix_ms,
            finished_unix_ms: board.finished.map(|(at, _)| at),
            complete: board.finished.is_some_and(|(_, result)| result == "complete"),
            open_loop: board.open_loop,
            strata: board.strata(),
            rows: By::ALL.into_iter().flat_map(|by| board.figures(by)).collect(),
            probes: board.probes(),
            hardware: board.hardware.clone(),
            calibrated: board.calibrated.clone(),
            curves: state.curves.iter().filter(|((of, ..), _)| *of == run).map(|(_, c)| c.clone()).collect(),
            campaigns: board.campaigns.clone(),
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
        if let Some(plan) = self.plan().runs.iter().find(|plan| plan.name.as_str() == board.name) {
            for scenario in plan.scenarios.iter().filter(|s| !s.bad_rows.is_empty()) {
                notes.push(format!("{}: {} rows of its data were skipped", scenario.name, scenario.bad_rows.len()));
            }
            for scenario in &plan.scenarios {
                let found = scenario.treatment.duplicates.as_ref().and_then(Duplicates::sentence);
                notes.extend(found.map(|found| format!("{}: {found}", scenario.name)));
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

/// Metrics that are being pushed.
pub(super) struct Pushing {
    stop: CancellationToken,
    task: JoinHandle<()>,
    abort: CancellationToken,
}

impl Pushing {
    /// Pushes them once more, and returns when that is over: at once where there is nothing to push, or whoever asked for the
    /// end asked twice.
    pub(super) async fn end(self) {
        self.stop.cancel();
        tokio::select! {
            _ended = self.task => {}
            () = self.abort.cancelled() => {}
        }
    }
}

/// The scenario and domain of a row, where every item that its generator can make was asked: no sampling error then.
fn census(run: &RunPlan, row: &Figures) -> Option<(Name, String)> {
    let domain = row.domain.as_ref()?;
    let scenario = run.scenarios.iter().find(|scenario| scenario.name == row.scenario)?;
    let Items::Drawn { generator, .. } = &scenario.items else { return None };
    let whole = generator.pool(domain).is_some_and(|pool| pool as u64 == row.samples());
    whole.then(|| (row.scenario.clone(), domain.clone()))
}

fn target_state((name, progress): (&Name, &Progress)) -> TargetState {
    TargetState {
        name: name.to_string(),
        done: progress.done,
        total: progress.total,
        correct: progress.correct,
        failed: progress.failed,
        spent: progress.spent,
        seconds_left: progress.seconds_left(unix_ms()),
    }
}

impl Facts for Service {
    fn plan(&self) -> Option<Arc<Plan>> {
        Some(Self::plan(self))
    }

    fn store(&self) -> Option<Arc<dyn Store>> {
        Some(Arc::clone(&self.engine.store))
    }

    fn view(&self, read: &mut dyn FnMut(&View<'_>)) {
        let known = Arc::clone(&self.known.lock().unwrap_or_else(PoisonError::into_inner));
        let seen = self.engine.account.meters.hub().snapshot();
        let state = self.engine.account.shared().lock();
        let figures = state.board.latest_figures();
        let mut last_success_unix_ms = BTreeMap::new();
        for (_, run) in state.board.last_complete() {
            if let Some((at, _)) = run.finished {
                last_success_unix_ms.entry(run.name.clone()).or_insert(at);
            }
        }
        let day = state.ledger.day_at(unix_ms());
        let open = |seen: &Seen| seen.circuit != Standing::Closed;
        let circuits = state.limits.iter().map(|(target, seen)| (target.clone(), open(seen))).collect();
        read(&View {
            board: &state.board,
            known: &known,
            figures: &figures,
            up: &state.up,
            circuits: &circuits,
            audits: &state.audits,
            last_success_unix_ms: &last_success_unix_ms,
            spent_today: day.spent + day.unknown,
            spent_by_run: &state.spent_by_run(),
            config_reloaded: self.reloaded.load(Ordering::Relaxed),
            seen: &seen,
            build: Build::CURRENT,
            process: Process::read(),
            exports: self.plan().otlp.is_some().then(|| self.exported.so_far()),
            series_cap: self.plan().metrics.series_cap,
        });
    }

    fn ready(&self) -> Result<(), String> {
        match &self.engine.account.shared().lock().store_error {
            Some(error) => Err(error.to_string()),
            None => Ok(()),
        }
    }

    fn reports(&self) -> Vec<Report> {
        let reports: Vec<Report> = {
            let state = self.engine.account.shared().lock();
            state.board.runs.keys().map(|run| self.report_of(&state, *run)).collect()
        };
        reports.into_iter().map(|report| self.completed(report)).collect()
    }

    fn status(&self) -> Status {
        let state = self.engine.account.shared().lock();
        let day = state.ledger.day_at(unix_ms());
        let spent = state.spent_by_run();
        let plan = self.plan();
        let runs = plan.runs.iter().map(|run| {
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
            let sum = |read: fn(&Progress) -> u64| progress.into_iter().flatten().map(|(_, p)| read(p)).sum();
            RunState {
                phase,
                done: sum(|p| p.done),
                total: sum(|p| p.total),
                spent: spent.get(&name).copied().unwrap_or(Money::ZERO),
                budget: run.budget,
                last_result: last.map(|(_, result)| result.to_owned()),
                last_finished_unix_ms: last.map(|(at, _)| at),
                next_unix_ms: due.flatten(),
                targets: progress.filter(|_| running).into_iter().flatten().map(target_state).collect(),
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
