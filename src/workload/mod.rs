//! What is asked and when: dataset formats, traces, generators, conversations, arrival processes, stops.

pub mod arrival;
pub mod dataset;
pub mod generator;
mod items;
mod load;
mod synthetic;
pub mod template;
pub mod think;
pub mod trace;

pub use items::{Items, Look, Occasion};
pub use load::{Precision, Stop, WarmUp, Workload};
