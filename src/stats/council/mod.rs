//! A council: for every stratum of the work the target that does it cheapest, and whether sending the work there beats the
//! one best target. Chosen on one half of the items and scored on the other, so that luck in choosing is not taken for skill.

mod choose;
mod hull;

pub use choose::MinisterRule;
pub use hull::{convex_hull, on_hull};

use super::bootstrap::bootstrap_ratio;
use super::distribution::float;
use super::{Interval, Level, Pair, PairedGap, paired_gap};
use sha2::{Digest as _, Sha256};

/// What one target made of one item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attempt {
    /// Right answers …
    pub right: u64,
    /// … of so many.
    pub asked: u64,
    /// What all of them cost, in nano-USD.
    pub nanos: u64,
}

impl Attempt {
    fn is_sound(&self) -> bool {
        self.asked > 0 && self.right <= self.asked
    }

    /// The share that is right.
    fn share(&self) -> f64 {
        float(self.right) / float(self.asked)
    }

    /// Nano-USD for one answer.
    fn cost(&self) -> f64 {
        float(self.nanos) / float(self.asked)
    }
}

/// One item that all targets were asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CouncilItem<'a> {
    /// Its identity, which decides its half.
    pub id: &'a str,
    /// Its stratum, by index.
    pub stratum: usize,
    /// What each target made of it, by index; none where there is no graded answer.
    pub attempts: Vec<Option<Attempt>>,
}

/// How a council is chosen and scored.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CouncilOptions<'a> {
    /// Who becomes minister of a stratum.
    pub rule: MinisterRule,
    /// Decides, with an item's identity, its half.
    pub key: &'a str,
    /// Of all intervals, and of the tests in the choice.
    pub level: Level,
    /// Of the bootstrap, such as 2,000 …
    pub draws: u32,
    /// … and where it starts.
    pub seed: u64,
}

/// Why there is no council.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CouncilError {
    /// No item that all targets answered is in one of the halves.
    #[error(
        "{chosen_on} items to choose a council on and {scored_on} to score it on; each half needs one that all targets answered"
    )]
    TooFew {
        /// Items in the half that chooses …
        chosen_on: u64,
        /// … and in the half that scores.
        scored_on: u64,
    },
    /// A margin that is no share.
    #[error("a margin is a share from 0 to 1")]
    Margin,
}

/// Accuracy and cost over the half that scores.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Scored {
    /// The mean share right of an item.
    pub accuracy: f64,
    /// Mean nano-USD of one answer.
    pub nanos: f64,
}

/// Who answers a stratum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Minister {
    /// The target, by index.
    pub target: usize,
    /// Items that it was chosen on: where there are none, it is the one best target of all strata.
    pub chosen_on: u64,
    /// Items of the stratum that it is scored on.
    pub scored_on: u64,
}

/// A council and what it is worth.
#[derive(Debug, Clone, PartialEq)]
pub struct Council {
    /// By stratum.
    pub ministers: Vec<Minister>,
    /// The one best target: of the highest accuracy on the half that chooses, the cheaper one of equals.
    pub best: usize,
    /// Items in the half that chooses …
    pub chosen_on: u64,
    /// … in the half that scores, which everything below is of …
    pub scored_on: u64,
    /// … and left out, because some target has no graded answer.
    pub left_out: u64,
    /// The council.
    pub council: Scored,
    /// Every target by itself.
    pub targets: Vec<Scored>,
    /// The cheapest right target of each item, and the cheapest where none is right: what no choice that is made before
    /// the answer can beat. An answer counts as right where more than half of its repeats are.
    pub oracle: Scored,
    /// Accuracy of the council less that of the one best target, paired by item: `base` is the council.
    pub gap: Option<PairedGap>,
    /// The share of the best target's cost that the council saves, paired by item; negative where it costs more. None where
    /// one of them costs nothing.
    pub saving: Option<Interval>,
    /// The targets on the convex hull of (cost, accuracy), cheapest first: between two neighbours lies what sending a
    /// random part of the work to each of them gives.
    pub hull: Vec<usize>,
    /// How much more accurate the council is than such a mixture of the same cost; none where it is cheaper than every
    /// target.
    pub above_hull: Option<f64>,
}

/// Whether an item is of the half that a council is chosen on: half of all are, by a hash of key and identity, whichever
/// other items there are.
#[must_use]
pub fn chooses(key: &str, id: &str) -> bool {
    let mut hash = Sha256::new();
    hash.update((key.len() as u64).to_le_bytes());
    hash.update(key.as_bytes());
    hash.update(id.as_bytes());
    hash.finalize().first().is_some_and(|byte| byte % 2 == 0)
}

/// An item that all targets answered.
struct Complete {
    stratum: usize,
    attempts: Vec<Attempt>,
}

/// Chooses a council of `targets` targets over `strata` strata and scores it.
///
/// # Errors
/// See [`CouncilError`].
pub fn council(
    targets: usize,
    strata: usize,
    items: &[CouncilItem<'_>],
    options: CouncilOptions<'_>,
) -> Result<Council, CouncilError> {
    if let MinisterRule::NotWorseThan { margin } = options.rule
        && !(0.0..=1.0).contains(&margin)
    {
        return Err(CouncilError::Margin);
    }
    let (mut choosing, mut scoring, mut left_out) = (Vec::new(), Vec::new(), 0);
    for item in items {
        let sound = |attempt: &Option<Attempt>| attempt.filter(Attempt::is_sound);
        let attempts: Option<Vec<Attempt>> = item.attempts.iter().map(sound).collect();
        match attempts.filter(|attempts| attempts.len() == targets && item.stratum < strata) {
            Some(attempts) if targets > 0 => {
                let half = if chooses(options.key, item.id) { &mut choosing } else { &mut scoring };
                half.push(Complete { stratum: item.stratum, attempts });
            }
            _ => left_out += 1,
        }
    }
    let (chosen_on, scored_on) = (choosing.len() as u64, scoring.len() as u64);
    let too_few = CouncilError::TooFew { chosen_on, scored_on };
    let all: Vec<&Complete> = choosing.iter().collect();
    let best = choose::best(&all, targets).filter(|_| scored_on > 0).ok_or(too_few)?;
    let minister = |stratum: usize| {
        let own: Vec<&Complete> = choosing.iter().filter(|item| item.stratum == stratum).collect();
        Minister {
            target: choose::minister(&own, targets, options.rule, options.level).unwrap_or(best),
            chosen_on: own.len() as u64,
            scored_on: scoring.iter().filter(|item| item.stratum == stratum).count() as u64,
        }
    };
    let ministers: Vec<Minister> = (0..strata).map(minister).collect();

    let sent = |item: &Complete| ministers.get(item.stratum).map_or(best, |minister| minister.target);
    let of = |item: &Complete, target: usize| item.attempts.get(target).copied();
    let council = scored(scoring.iter().filter_map(|item| of(item, sent(item))));
    let alone: Vec<Scored> =
        (0..targets).map(|target| scored(scoring.iter().filter_map(|item| of(item, target)))).collect();
    let both = || scoring.iter().filter_map(|item| Some((of(item, sent(item))?, of(item, best)?)));
    let pairs = both().map(|(a, b)| Pair { base: (a.right, a.asked), forms: (b.right, b.asked) });
    let costs: Vec<(f64, f64)> = both().map(|(a, b)| (a.cost(), b.cost())).collect();
    let ratio = bootstrap_ratio(&costs, options.draws, options.seed, options.level);
    let points: Vec<(f64, f64)> = alone.iter().map(|scored| (scored.nanos, scored.accuracy)).collect();
    Ok(Council {
        best,
        chosen_on,
        scored_on,
        left_out,
        council,
        oracle: scored(scoring.iter().filter_map(oracle)),
        gap: paired_gap(pairs, options.level),
        saving: ratio.map(|ratio| Interval {
            estimate: 1.0 - ratio.estimate,
            lower: 1.0 - ratio.upper,
            upper: 1.0 - ratio.lower,
        }),
        hull: convex_hull(&points),
        above_hull: on_hull(&points, council.nanos).map(|accuracy| council.accuracy - accuracy),
        targets: alone,
        ministers,
    })
}

/// Means; both 0 over nothing.
fn scored(attempts: impl Iterator<Item = Attempt>) -> Scored {
    let (mut n, mut accuracy, mut nanos) = (0_u64, 0.0, 0.0);
    for attempt in attempts {
        (n, accuracy, nanos) = (n + 1, accuracy + attempt.share(), nanos + attempt.cost());
    }
    let n = float(n.max(1));
    Scored { accuracy: accuracy / n, nanos: nanos / n }
}

fn oracle(item: &Complete) -> Option<Attempt> {
    let right = |attempt: &&Attempt| attempt.share() > 0.5;
    let cheapest = |a: &&Attempt, b: &&Attempt| a.cost().total_cmp(&b.cost());
    let found = item.attempts.iter().filter(right).min_by(cheapest);
    found.or_else(|| item.attempts.iter().min_by(cheapest)).copied()
}

#[cfg(test)]
mod tests;
