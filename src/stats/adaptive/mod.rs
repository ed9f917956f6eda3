//! Adaptive testing: ask what still matters, and stop when the question is answered.
//!
//! A [`Campaign`] is a state machine without input or output: it says what to ask, takes in scores, and knows when to stop.
//! `docs/adaptive.md` has the formulas, their sources and what was measured.

mod allocation;
mod campaign;
mod choose;
mod decide;
mod duels;
mod eliminate;
mod expect;
mod generate;
mod order;
mod predict;
mod ranking;
mod recorded;
mod reprice;
mod response;
mod spec;
mod target;
#[cfg(test)]
mod tests;

pub use allocation::{Part, between_items, cost_neyman};
pub use campaign::{Ask, Campaign, Estimate, Stop};
pub use duels::Relation;
pub use expect::{Expected, expected_saving};
pub use generate::{Matrix, World};
pub use recorded::{Recorded, RecordedError};
pub use response::{ItemCurve, LEAST_HISTORIES, ResponseModel};
pub use spec::{Goal, Spec, SpecError};
