//! What is asked and when: dataset formats, traces, generators, conversations, arrival processes, stops.

pub mod arrival;
pub mod dataset;
pub mod generator;
mod load;
mod synthetic;
pub mod template;
pub mod think;
pub mod trace;

pub use load::{Precision, Stop, WarmUp, Workload};

use crate::domain::Item;

/// Where a scenario's items come from.
pub enum Items {
    /// Read once, from a file: the whole set, in file order.
    Fixed(std::sync::Arc<[Item]>),
    /// Made anew for each run.
    Drawn {
        /// The maker.
        generator: std::sync::Arc<dyn generator::Generator>,
        /// The seed: fresh for each run, or fixed.
        seed: generator::Seed,
        /// How many.
        count: usize,
    },
}
