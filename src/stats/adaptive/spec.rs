//! What a campaign is asked to find out, of how many targets, on which items.

use crate::stats::Level;

/// What to find out.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Goal {
    /// Which target is the best. With a margin above 0 it is also enough to know that no other target leads all the rest by
    /// the margin: then those that are left are told as a tie. The margin is a share, such as 0.01.
    Best {
        /// A lead that nobody would pay for.
        margin: f64,
    },
    /// Which targets are better than this one, which worse, and which differ by less than the margin.
    BetterThan {
        /// The target that the others are held against.
        baseline: usize,
        /// A difference that nobody would pay for.
        margin: f64,
    },
    /// The order of all targets, pair by pair: better, worse or within the margin.
    AllRanked {
        /// A difference that nobody would pay for.
        margin: f64,
    },
    /// The accuracy of each target to plus or minus this.
    Precision {
        /// Half the width of the interval, such as 0.02.
        half_width: f64,
    },
    /// The best order of all targets that a share of the full pass's cost can give. Without a promise of error: the order comes
    /// with standard errors.
    Ranking {
        /// The share to spend, such as 0.25.
        share: f64,
    },
}

/// Targets, items, goal and means.
#[derive(Debug, Clone, PartialEq)]
pub struct Spec {
    /// How many targets there are.
    pub targets: usize,
    /// The stratum of each item.
    pub strata: Vec<usize>,
    /// The weight of each stratum; none: each item weighs alike.
    pub weights: Option<Vec<f64>>,
    /// What one item costs, by target and then stratum, in any unit; none: 1 each.
    pub costs: Option<Vec<Vec<f64>>>,
    /// How many earlier targets got each item right, of how many; none: nothing is known of the items.
    pub history: Option<Vec<(u32, u32)>>,
    /// What to find out.
    pub goal: Goal,
    /// With which confidence.
    pub level: Level,
    /// Items asked between two looks, at least; later looks are 1/16 of what was asked apart.
    pub batch: usize,
    /// Not to be spent more than this, in the unit of `costs`.
    pub cap: Option<f64>,
    /// Decides the order of items.
    pub seed: u64,
}

/// Why a campaign can't be.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum SpecError {
    /// There is nobody to ask.
    #[error("a campaign needs at least {needed} targets, not {targets}")]
    Targets {
        /// For this goal.
        needed: usize,
        /// As many as were given.
        targets: usize,
    },
    /// There is nothing to ask.
    #[error("a campaign needs at least one item")]
    NoItems,
    /// A list has not the length that targets, items or strata ask for.
    #[error("{what}: {got} entries, where {want} are needed")]
    Length {
        /// Which list.
        what: &'static str,
        /// Its length.
        got: usize,
        /// The right one.
        want: usize,
    },
    /// A number outside its range.
    #[error("{what} must be {range}, not {got}")]
    Range {
        /// Which number.
        what: &'static str,
        /// What it may be.
        range: &'static str,
        /// What it is.
        got: f64,
    },
}

impl Spec {
    /// The number of strata.
    pub(super) fn stratum_count(&self) -> usize {
        self.strata.iter().max().map_or(0, |most| most + 1)
    }

    /// Whether all of it fits together.
    pub(super) fn check(&self) -> Result<(), SpecError> {
        let Self { targets, strata, weights, costs, history, goal, level: _, batch, cap, seed: _ } = self;
        let needed = if matches!(goal, Goal::Precision { .. }) { 1 } else { 2 };
        if *targets < needed {
            return Err(SpecError::Targets { needed, targets: *targets });
        }
        if strata.is_empty() {
            return Err(SpecError::NoItems);
        }
        let length = |what, got, want| if got == want { Ok(()) } else { Err(SpecError::Length { what, got, want }) };
        let range = |what, range, got: f64, fits: bool| {
            if fits { Ok(()) } else { Err(SpecError::Range { what, range, got }) }
        };
        let count = self.stratum_count();
        if count > strata.len() {
            // Else one stratum's number could ask for any amount of memory.
            return Err(SpecError::Length {
                what: "strata, which are numbered from 0",
                got: strata.len(),
                want: count,
            });
        }
        if let Some(weights) = weights {
            length("weights", weights.len(), count)?;
            for w in weights {
                range("a stratum's weight", "above 0", *w, w.is_finite() && *w > 0.0)?;
            }
        }
        if let Some(costs) = costs {
            length("costs", costs.len(), *targets)?;
            for row in costs {
                length("costs of a target", row.len(), count)?;
                for c in row {
                    range("an item's cost", "0 or more", *c, c.is_finite() && *c >= 0.0)?;
                }
            }
        }
        if let Some(history) = history {
            length("history", history.len(), strata.len())?;
        }
        if let Some(cap) = cap {
            range("the cap", "0 or more", *cap, *cap >= 0.0)?;
        }
        #[expect(clippy::cast_precision_loss, reason = "only to be told")]
        range("the batch", "1 or more", *batch as f64, *batch > 0)?;
        let share = |what, got: f64, zero: bool| {
            let above = if zero { got >= 0.0 } else { got > 0.0 };
            range(what, if zero { "from 0 to 1" } else { "above 0 and at most 1" }, got, above && got <= 1.0)
        };
        match *goal {
            Goal::Best { margin } | Goal::AllRanked { margin } => share("the margin", margin, true),
            Goal::BetterThan { baseline, margin } => {
                if baseline >= *targets {
                    return Err(SpecError::Length {
                        what: "targets with the baseline's number",
                        got: *targets,
                        want: baseline + 1,
                    });
                }
                share("the margin", margin, true)
            }
            Goal::Precision { half_width } => share("the half width", half_width, false),
            Goal::Ranking { share: part } => share("the share", part, false),
        }
    }
}
