//! The words of assayd as plain values: what is asked, what came back, when, and what it cost.
//!
//! Ground floor: no I/O, no async, no clocks, no wire formats. Everything above speaks in these types.

mod answer;
mod ballot;
mod cost;
mod curve;
mod exchange;
mod failure;
mod finding;
mod hash;
mod haystack;
mod item;
mod job;
mod money;
mod name;
mod prompt;
mod quality;
mod sample;
mod share;
mod timing;
mod tokens;
mod traced;
mod usage;

pub use answer::{Answer, Finish, ToolCall};
pub use ballot::{Ballot, Preference, Side, VoteSource};
pub use cost::{Charge, Component, Cost};
pub use curve::{Bracket, Curve, Point};
pub use exchange::{Exchange, Purpose};
pub use failure::{Failure, Fault};
pub use finding::{Finding, Verdict};
pub use hash::{Fingerprint, digest64};
pub use haystack::{Fact, Haystack};
pub use item::{Item, Length, Spec, Split, Tags, Turn};
pub use job::{Ended, Job, Reply};
pub use money::{Money, MoneyError};
pub use name::{ItemId, Name, NameError, RunId};
pub use prompt::{Message, Prompt, Role, Sampling, Tool};
pub use quality::Quality;
pub use sample::{Sample, TrialKey};
pub use share::{Energy, Share};
pub use timing::{Nanos, StampSource, Timing};
pub use tokens::{TOKEN, estimated_tokens, is_wide, token_parts};
pub use traced::{Synthetic, Traced};
pub use usage::{TokenKind, TokenSource, Usage};
