//! The engine: executes plans. Trials go out, samples come in; one task owns store, ledger and board.
//!
//! - [`run`] executes one `[[run]]` from `begin` to `finish`, resuming what was killed;
//! - `adapt` asks only what a campaign says still matters, batch by batch;
//! - `replay` is the one dispatch loop, whatever the arrival process and the stop;
//! - `beside` asks a small question every so often while the load goes on;
//! - `ask` takes one trial through reserve → connect → exchange → grade → record, attempt by attempt;
//! - `grade` says what the answers are worth, and asks a judge where the scorer wants one;
//! - `drawing` shares a target's hardware and energy among its samples;
//! - `course` is what the trials of one target share, `sample` what their exchanges come to;
//! - [`limits`] says when a target may be asked at all, `talk` what is asked next in a conversation;
//! - [`account`] leads to the one writer, `keeper`: budgets are checked, intents and samples committed in groups, the
//!   board folded;
//! - [`calibrate`] tells this machine's own error, against the calibration endpoint;
//! - [`agreement`] holds a scorer against labelled answers, and [`regrade`] grades stored answers anew;
//! - [`contest`] lets a judge vote on stored answers, [`pairs`] says which can be held against each other;
//! - [`questions`] knows what stored answers are answers to, and which questions ask the same;
//! - [`supervise`] repeats runs on their schedule until told to stop.

pub mod account;
mod adapt;
pub mod agreement;
mod ask;
mod audit;
mod beside;
pub mod calibrate;
mod clock;
pub mod contest;
mod course;
mod drawing;
mod enough;
mod grade;
mod hardware;
mod keeper;
pub mod lanes;
pub mod ledger;
pub mod limits;
mod pace;
pub mod pairs;
mod places;
pub mod probe;
pub mod progress;
pub mod questions;
pub mod regrade;
mod replay;
pub mod run;
mod sample;
pub mod supervise;
mod sweep;
mod talk;

pub use account::{Account, Refusal, Shared, State};
pub use drawing::Meters;
pub use progress::Progress;
pub use run::{Ended, RunError};

/// Milliseconds since the Unix epoch, for people, retention and the UTC day of a budget; never for durations.
#[must_use]
pub fn unix_ms() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}
