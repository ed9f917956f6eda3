//! The commands: what the program can be asked to do, and how each ends.
//!
//! Data goes to standard output, talk to standard error. Exit codes are part of the contract: [`Exit`].

mod agreement;
mod breakeven;
mod calibrate;
pub mod check;
mod compare;
mod contest;
mod demo;
mod discover;
mod export;
mod foretold;
mod gate;
mod gpu;
mod health;
pub mod mock;
mod plan;
mod prices;
mod progress;
mod provision;
mod rank;
mod reconcile;
mod regrade;
mod run;
mod scenario;
mod serve;
mod service;
mod signals;

use anyhow::Context as _;
use clap::{Args, Parser, Subcommand};
use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::process::ExitCode;
use tracing_subscriber::EnvFilter;

/// How the program ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// All was done.
    Done,
    /// Something failed that has no code of its own; the message says what.
    Failed,
    /// The configuration (or the command line) is wrong; nothing was asked.
    BadConfig,
    /// A run did not get through: interrupted, the store failed, or a target gave no graded answer at all.
    Incomplete,
    /// A budget ended a run.
    Budget,
    /// A `--fail-if` threshold was missed.
    Threshold,
}

impl Exit {
    /// The process's exit code.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::BadConfig => 2,
            Self::Incomplete => 3,
            Self::Budget => 4,
            Self::Threshold => 5,
        }
    }
}

const EXIT_CODES: &str = "Exit codes:
  0  done
  1  failed for another reason (the message says which)
  2  the configuration or the command line is wrong; nothing was asked
  3  a run is incomplete: interrupted, the store failed, or a target gave no graded answer
  4  a budget ended a run
  5  a --fail-if threshold or condition was missed";

/// Assays language models: accuracy, speed, and what one correct answer costs.
#[derive(Parser)]
#[command(name = "assayd", version, after_help = EXIT_CODES, propagate_version = true)]
struct Cli {
    /// What is logged to standard error: error, warn, info, debug, trace, or a filter such as `assayd=debug`.
    #[arg(long, global = true, env = "ASSAYD_LOG", default_value = "warn", value_name = "FILTER")]
    log: String,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Five embedded models, assayed over real HTTP: figures within a minute, without key, GPU or server
    Demo(demo::Demo),
    /// Find what is served on this host or at given places, and write a configuration that asks it
    Discover(discover::Discover),
    /// Print the resolved plan: what will be asked, of whom, and what it can cost at the most
    Check(plan::Check),
    /// Execute the runs of a configuration once and print the figures
    Run(run::Run),
    /// The daemon: execute runs on their schedule and serve /metrics and a status page
    Serve(serve::Serve),
    /// The calibration endpoint: exact, known answers and timing to prove measurements right (not a model)
    Mock(Box<mock::MockArgs>),
    /// This machine's own error and ceiling, measured against the calibration endpoint
    Calibrate(calibrate::Calibrate),
    /// What the meters of this machine see: GPUs, their use and power, and what is missing and why
    Gpu(gpu::Gpu),
    /// Ask a daemon whether it is ready, by the exit code: for health checks of containers
    Health(health::Health),
    /// Write stored records to standard output
    Export(export::Export),
    /// How far a scorer agrees with people on labelled answers (Cohen's kappa); what a judge is asked is paid
    Agreement(agreement::Command),
    /// What scenarios ask, before anything is paid: lint, preview, sample
    Scenario(scenario::Command),
    /// From which duty on own hardware is cheaper than an API, by correct answers
    Breakeven(Box<breakeven::Breakeven>),
    /// The price book: bring in public price lists, show, compare, check
    Prices(prices::Command),
    Compare(compare::Compare),
    Gate(Box<gate::Gate>),
    Rank(Box<rank::Rank>),
    Contest(contest::Command),
    Reconcile(reconcile::Reconcile),
    /// Write what is set up beside assayd: Prometheus' rules and alerts, Grafana's dashboards
    Provision(provision::Provision),
    /// Grade stored answers anew, without asking or paying again, and print the verdicts that change
    Regrade(regrade::Regrade),
}

/// The configuration file.
#[derive(Args)]
struct Config {
    /// The configuration (TOML)
    #[arg(short, long, value_name = "FILE")]
    config: PathBuf,
}

/// The whole program.
#[must_use]
pub fn main() -> ExitCode {
    let Cli { log, command } = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are no mistakes; clap prints them to standard output.
            let code = if error.use_stderr() { Exit::BadConfig.code() } else { Exit::Done.code() };
            let _closed = error.print();
            return ExitCode::from(code);
        }
    };
    if let Err(error) = start_log(&log) {
        complain(&format!("--log: {error}"));
        return ExitCode::from(Exit::BadConfig.code());
    }
    let ended = match command {
        Command::Demo(demo) => demo.run(),
        Command::Discover(discover) => discover.run(),
        Command::Check(check) => check.run(),
        Command::Run(run) => run.run(),
        Command::Serve(serve) => serve.run(),
        Command::Mock(mock) => serve_mock(*mock),
        Command::Calibrate(calibrate) => calibrate.run(),
        Command::Gpu(gpu) => gpu.run(),
        Command::Health(health) => health.run(),
        Command::Export(export) => export.run(),
        Command::Agreement(agreement) => agreement.run(),
        Command::Scenario(scenario) => scenario.run(),
        Command::Breakeven(breakeven) => breakeven.run(),
        Command::Prices(prices) => prices.run(),
        Command::Compare(compare) => compare.run(),
        Command::Gate(gate) => gate.run(),
        Command::Rank(rank) => rank.run(),
        Command::Contest(contest) => contest.run(),
        Command::Reconcile(reconcile) => reconcile.run(),
        Command::Provision(provision) => provision.run(),
        Command::Regrade(regrade) => regrade.run(),
    };
    match ended {
        Ok(exit) => ExitCode::from(exit.code()),
        Err(error) => {
            complain(&format!("{error:#}"));
            ExitCode::from(Exit::Failed.code())
        }
    }
}

/// The mock on a runtime of one thread: nothing else is to disturb its pace.
fn serve_mock(mock: mock::MockArgs) -> anyhow::Result<Exit> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    match runtime.block_on(mock::run(mock)) {
        Err(error) if error.kind() == std::io::ErrorKind::InvalidInput => {
            complain(&error.to_string());
            Ok(Exit::BadConfig)
        }
        ended => ended.map(|()| Exit::Done).map_err(Into::into),
    }
}

fn start_log(filter: &str) -> Result<(), String> {
    let filter = EnvFilter::try_new(filter).map_err(|e| e.to_string())?;
    let colours = std::io::stderr().is_terminal();
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    log.with_ansi(colours).with_target(false).init();
    Ok(())
}

/// Says something on standard error. A closed one is nobody's loss.
fn say(text: &str) {
    use std::io::Write as _;
    let _closed = writeln!(std::io::stderr(), "{text}");
}

/// Says what went wrong.
fn complain(text: &str) {
    say(&format!("assayd: {text}"));
}

/// Writes data to standard output.
///
/// # Errors
/// When it is closed or full: data that nobody got is no success.
fn put(text: &str) -> anyhow::Result<()> {
    use std::io::Write as _;
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).context("standard output")
}
