//! Statistics as pure functions: proportions, ratios, quantiles, exact tests, corrections for many tests; rankings,
//! trade-offs and kinship of several models (`docs/statistics.md`).
//!
//! Invariants: every formula names its source; nothing panics, whatever the counts; no result is NaN (what can't be
//! said is `None`, what has no bound is infinite or `None`, and the type says which). What is summed for later (counts,
//! money, histograms) is summed in integers, so that merging in any order gives the same figures to the last bit.

mod adaptive;
mod bootstrap;
mod bradley_terry;
mod correlation;
mod council;
mod distribution;
mod elo;
mod kappa;
mod kinship;
mod linear;
mod multiple;
mod paired;
mod paired_ratio;
mod pareto;
mod power;
mod proportion;
mod quantile;
mod rank;
mod ratio;
mod seeded;
mod sequential;
#[cfg(test)]
mod simulate;
mod sketch;
mod strata;
mod weighted;

pub use adaptive::{
    Ask, Campaign, Estimate, Expected, Goal, ItemCurve, LEAST_HISTORIES, Matrix, Part, Recorded, RecordedError,
    Relation, ResponseModel, Spec, SpecError, Stop, World, between_items, cost_neyman, expected_saving,
};
pub use bootstrap::bootstrap_ratio;
pub use bradley_terry::{
    BradleyTerryError, Comparisons, Fit, MOST_MODELS, Outcome, PairRecord, Prior, RATING_BASE, RATING_SCALE, Vote,
    bradley_terry, bradley_terry_clustered, bradley_terry_items, win_components,
};
pub use correlation::{
    RankStability, kendall, mid_ranks, rank_stability, rank_stability_of, spearman, weighted_scores,
};
pub use council::{
    Attempt, Council, CouncilError, CouncilItem, CouncilOptions, Minister, MinisterRule, Scored, chooses, convex_hull,
    council, on_hull,
};
pub use distribution::Level;
pub use elo::{Elo, EloError};
pub use kappa::kappa;
pub use kinship::{Kin, SharedAnswer, WrongAnswer, families, kinship};
pub use multiple::holm;
pub use paired::{Method, Pair, PairedGap, PairedSums, newcombe_paired, paired_gap};
pub use paired_ratio::{PairedRatio, RatioOfRatios};
pub use pareto::{
    Direction, MOST_OBJECTIVES, MOST_POINTS, Objective, Standing, VolumeError, WeightShare, WeightShares, frontier,
    hypervolume, normalised, weight_intervals, weight_shares,
};
pub use power::{
    detectable_paired, detectable_unpaired, items_for_half_width, items_paired, items_unpaired, power_paired,
};
pub use proportion::{
    Interval, clustered, difference, fisher_exact, mcnemar_exact, paired_difference, two_sample_p, wilson,
};
pub use quantile::{QuantileInterval, interval_ranks, nearest_rank, of_sketch, of_sorted};
pub use rank::{Rank, ranks};
pub use ratio::{PerCorrect, RatioSums, RatioSumsError};
pub use sequential::{Draw, MeanSequence, Tuning, WithoutReplacement, duel_log_evidence};
pub use sketch::{Sketch, SketchError};
pub use strata::{Standardised, Stratum, standardised_difference};
pub use weighted::{Weighted, effective_size, unweighted_mean, weighted_mean};
