//! Who becomes minister.

use super::super::{Level, Pair, paired_gap};
use super::{Attempt, Complete, Scored, scored};

/// Who becomes minister of a stratum. "Best" is the target of the highest accuracy in the stratum on the half that chooses,
/// the cheaper one of equals; it can always be chosen, unless the rule is the last.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum MinisterRule {
    /// The cheapest target that is shown to be at most so much worse than the best: the lower end of the paired interval of
    /// its accuracy less the best's is at least −margin. Where items are few that is only the best itself, so that it
    /// saves nothing that it can't answer for.
    NotWorseThan {
        /// A share, such as 0.02.
        margin: f64,
    },
    /// The cheapest target that is not shown to be worse than the best: the upper end of that interval is at least 0. Where
    /// items are few this is nearly everyone, so that accuracy may be lost; how much, the half that scores tells.
    NotShownWorse,
    /// The target whose correct answers are the cheapest, however few they are.
    CheapestPerCorrect,
}

/// The most accurate, the cheaper one of equals, then the first; none without items or targets.
pub(super) fn best(items: &[&Complete], targets: usize) -> Option<usize> {
    if items.is_empty() {
        return None;
    }
    let order = |a: &(usize, Scored), b: &(usize, Scored)| {
        b.1.accuracy.total_cmp(&a.1.accuracy).then(a.1.nanos.total_cmp(&b.1.nanos))
    };
    all(items, targets).into_iter().min_by(order).map(|(target, _)| target)
}

/// The minister by the rule; none without items.
pub(super) fn minister(items: &[&Complete], targets: usize, rule: MinisterRule, level: Level) -> Option<usize> {
    let best = best(items, targets)?;
    let gap = |target: usize| {
        let pair = |item: &&Complete| {
            let (a, b): (&Attempt, &Attempt) = (item.attempts.get(target)?, item.attempts.get(best)?);
            Some(Pair { base: (a.right, a.asked), forms: (b.right, b.asked) })
        };
        paired_gap(items.iter().filter_map(pair), level).map(|gap| gap.difference)
    };
    let may = |target: usize| {
        target == best
            || match rule {
                MinisterRule::NotWorseThan { margin } => gap(target).is_some_and(|gap| gap.lower >= -margin),
                MinisterRule::NotShownWorse => gap(target).is_some_and(|gap| gap.upper >= 0.0),
                MinisterRule::CheapestPerCorrect => true,
            }
    };
    let price = |scored: &Scored| match rule {
        MinisterRule::CheapestPerCorrect if scored.accuracy > 0.0 => scored.nanos / scored.accuracy,
        MinisterRule::CheapestPerCorrect => f64::INFINITY,
        _ => scored.nanos,
    };
    let order = |a: &(usize, Scored), b: &(usize, Scored)| {
        price(&a.1).total_cmp(&price(&b.1)).then(b.1.accuracy.total_cmp(&a.1.accuracy))
    };
    all(items, targets).into_iter().filter(|(target, _)| may(*target)).min_by(order).map(|(target, _)| target)
}

fn all(items: &[&Complete], targets: usize) -> Vec<(usize, Scored)> {
    let of = |target: usize| scored(items.iter().filter_map(|item| item.attempts.get(target).copied()));
    (0..targets).map(|target| (target, of(target))).collect()
}
