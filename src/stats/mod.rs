//! Statistics as pure functions: proportions, ratios, quantiles, exact tests, corrections for many tests.
//!
//! Invariants: every formula names its source; nothing panics, whatever the counts; no result is NaN (what can't be
//! said is `None`, what has no bound is infinite or `None`, and the type says which). What is summed for later (counts,
//! money, histograms) is summed in integers, so that merging in any order gives the same figures to the last bit.

mod adaptive;
mod distribution;
mod kappa;
mod multiple;
mod paired;
mod power;
mod proportion;
mod quantile;
mod ratio;
mod seeded;
mod sequential;
#[cfg(test)]
mod simulate;
mod sketch;
mod strata;
mod weighted;

pub use adaptive::{
    Ask, Campaign, Estimate, Expected, Goal, ItemCurve, LEAST_HISTORIES, Matrix, Part, Relation, ResponseModel, Spec,
    SpecError, Stop, World, between_items, cost_neyman, expected_saving,
};
pub use distribution::Level;
pub use kappa::kappa;
pub use multiple::holm;
pub use paired::{Method, Pair, PairedGap, newcombe_paired, paired_gap};
pub use power::{
    detectable_paired, detectable_unpaired, items_for_half_width, items_paired, items_unpaired, power_paired,
};
pub use proportion::{
    Interval, clustered, difference, fisher_exact, mcnemar_exact, paired_difference, two_sample_p, wilson,
};
pub use quantile::{QuantileInterval, interval_ranks, nearest_rank, of_sketch, of_sorted};
pub use ratio::{PerCorrect, RatioSums, RatioSumsError};
pub use sequential::{Draw, MeanSequence, Tuning, WithoutReplacement, duel_log_evidence};
pub use sketch::{Sketch, SketchError};
pub use strata::{Standardised, Stratum, standardised_difference};
pub use weighted::{Weighted, effective_size, unweighted_mean, weighted_mean};
