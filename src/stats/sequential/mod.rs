//! Statistics that stay right however often one looks, and whenever one stops.

mod capital;
mod draw;
mod duel;
mod mean;

pub(super) use capital::Capital;
pub use draw::{Draw, WithoutReplacement};
pub use duel::duel_log_evidence;
pub use mean::{MeanSequence, Tuning};
