//! What is asked and when: dataset formats, traces, generators, conversations, arrival processes, stops.

pub mod arrival;
pub mod dataset;
pub mod duplicates;
pub mod forms;
pub mod generator;
mod haystack;
mod items;
mod load;
pub mod split;
pub mod subjects;
mod synthetic;
pub mod template;
pub mod think;
pub mod trace;

pub use items::{Items, Look, Occasion};
pub use load::{Margin, Precision, Stop, WarmUp, Workload};
