//! The HTTP side: metrics, health, pages, events, reports, and metrics that are pushed. Read-only: nothing here changes a run, and
//! nothing is written but votes on stored answers (`arena`).
//!
//! `server` knows connections and nothing of what they carry; `routes`, `pages` and `events` turn [`Facts`] into answers and
//! know nothing of connections; `page` renders, one file a page; `push` sends metrics where nobody asks.

mod arena;
mod events;
mod negotiate;
mod page;
mod pages;
mod push;
mod routes;
mod scrape;
mod server;

pub use arena::{Arena, arena};
pub use push::{Exported, Push};
pub use routes::routes;
pub use server::{BindError, Drained, Limits, bind, serve};

use crate::domain::Money;
use crate::export::metrics::View;
use crate::export::report::Report;
use crate::plan::Plan;
use crate::store::Store;
use std::sync::Arc;

/// What the routes answer from. Calls may block for a moment: they are made off the runtime's threads.
pub trait Facts: Send + Sync {
    /// Gives the state that metrics are read from to `read`, once. A callback, so that the state can stay with its
    /// owner.
    fn view(&self, read: &mut dyn FnMut(&View<'_>));

    /// Whether the store is open and a plan is loaded; else why not, in one line.
    ///
    /// # Errors
    /// The reason, for `/-/ready`.
    fn ready(&self) -> Result<(), String>;

    /// The last report of each run, and those of runs that go on.
    fn reports(&self) -> Vec<Report>;

    /// What the runs are doing.
    fn status(&self) -> Status;

    /// The plan that holds now, for what pages say of targets and items; none where there is none.
    fn plan(&self) -> Option<Arc<Plan>> {
        None
    }

    /// Where samples are read; none where there is none.
    fn store(&self) -> Option<Arc<dyn Store>> {
        None
    }
}

/// What the daemon is doing, for the page.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Status {
    /// Every run of the plan, in its order.
    pub runs: Vec<RunState>,
    /// Spent since midnight UTC over all runs, unknown outcomes at their bound.
    pub spent_today: Money,
    /// The limit on that.
    pub per_day: Option<Money>,
    /// What a person should look at, a sentence each; empty when all is well.
    pub problems: Vec<String>,
}

/// Where a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Not begun yet, or between two executions.
    Waiting,
    /// Asking.
    Running,
    /// It will not be executed again.
    Over,
}

impl Phase {
    /// The word used in records.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Running => "running",
            Self::Over => "over",
        }
    }
}

/// What one run is doing.
#[derive(Debug, Clone, PartialEq)]
pub struct RunState {
    /// Its name.
    pub name: String,
    /// Where it stands.
    pub phase: Phase,
    /// Trials done of the latest execution.
    pub done: u64,
    /// … of so many.
    pub total: u64,
    /// Spent in the latest execution, unknown outcomes at their bound.
    pub spent: Money,
    /// The limit on that.
    pub budget: Option<Money>,
    /// How the last finished execution ended: `complete`, `incomplete` or `budget`.
    pub last_result: Option<String>,
    /// … and when, in milliseconds since the Unix epoch.
    pub last_finished_unix_ms: Option<i64>,
    /// When the next execution is due.
    pub next_unix_ms: Option<i64>,
    /// Its targets while it goes on, in the order of their names.
    pub targets: Vec<TargetState>,
}

/// How far one target of a run is.
#[derive(Debug, Clone, PartialEq)]
pub struct TargetState {
    /// Its name.
    pub name: String,
    /// Trials done.
    pub done: u64,
    /// … of so many.
    pub total: u64,
    /// Correct so far.
    pub correct: u64,
    /// Failed so far.
    pub failed: u64,
    /// What its samples came to, unknown outcomes at their bound.
    pub spent: Money,
    /// What is left at the pace so far, in seconds; none before anything is done.
    pub seconds_left: Option<f64>,
}
