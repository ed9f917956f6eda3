//! Kinship: targets that share more *wrong* answers than chance would bring: the same model under other names, or offspring
//! of one parent.
//!
//! Right answers prove nothing (all good models share them), and a wrong answer that everybody falls for proves little. So
//! every item is held against itself: among those who got it wrong, how often would two picked at random say the same?

mod chance;
mod tail;

use super::distribution::float;
use super::holm;
use chance::Shape;
use std::collections::{BTreeMap, BTreeSet};

/// One target's wrong answer to an item, as a number that is the same for the same answer to the same item.
pub type WrongAnswer = u32;

/// Two targets and how much they have in common.
#[derive(Debug, Clone, PartialEq)]
pub struct Kin {
    /// One, by index …
    pub first: usize,
    /// … and the other, of the higher index.
    pub second: usize,
    /// Items that both got wrong.
    pub both_wrong: u64,
    /// Those of them that some third target got wrong too: only they tell what chance would bring …
    pub compared: u64,
    /// … and among them, those on which the two gave the same wrong answer …
    pub same: u64,
    /// … and on how many they were expected to.
    pub expected: f64,
    /// (same − expected) / (compared − expected): 0 is chance, 1 is always the same, as Cohen's κ. None where always the
    /// same was expected.
    pub excess: Option<f64>,
    /// The probability of so many or more, were the two no kin.
    pub p: f64,
    /// The same, corrected by Holm's procedure for all pairs that were compared.
    pub holm: f64,
    /// The items that they share a wrong answer on, what chance would bring least first.
    pub evidence: Vec<SharedAnswer>,
}

/// An item on which two gave the same wrong answer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SharedAnswer {
    /// The item, by index.
    pub item: usize,
    /// What both said.
    pub answer: WrongAnswer,
    /// How many other targets said the same …
    pub others_same: u64,
    /// … of so many others that got it wrong.
    pub others_wrong: u64,
    /// The probability that it counts with.
    pub chance: f64,
}

/// Every pair of targets that got some item wrong together, the least p-value first. `items`: of each one every target that
/// got it wrong, with its answer (each target once; what is no answer at all, such as a refusal or a time-out, is no wrong
/// answer here).
///
/// The test is conditional on what was said to each item and exact under its assumption: whoever got an item wrong drew
/// their answers from one and the same distribution, independently. Then two of them agree with probability
/// Σ_w C(c_w, 2) / C(k, 2), where c_w of the k wrong ones said w, and the number of agreements over items is a
/// Poisson binomial. A wrong answer that everybody falls for thereby proves little, and items on which only the two were wrong
/// prove nothing.
///
/// A target that agrees with the others far less than that has another way of being wrong (it does not understand the task, its
/// answers are read out wrongly): it says nothing of traps, and would make the chance of all others look too small. Where
/// its agreements with all others are fewer than half of what is expected, and so few by chance less than once in a thousand, it
/// is no third party to others' pairs; the rest is worked out anew without it.
///
/// Targets that fall for the same traps more readily than the others do also agree more than this expects, kin or not: what
/// tells them from copies is how much more ([`Kin::excess`]), and what the evidence shows. See `docs/statistics.md`.
#[must_use]
pub fn kinship(targets: usize, items: &[Vec<(usize, WrongAnswer)>]) -> Vec<Kin> {
    let whole = pairs_of(targets, items);
    let mut strangers = BTreeSet::new();
    let mut pairs = whole.clone();
    while let Some(stranger) = stranger(targets, &pairs) {
        strangers.insert(stranger);
        let without = |wrong: &Vec<(usize, WrongAnswer)>| {
            wrong.iter().filter(|(target, _)| !strangers.contains(target)).copied().collect()
        };
        // Items keep their places: the evidence names them.
        pairs = pairs_of(targets, &items.iter().map(without).collect::<Vec<_>>());
    }
    let strange = |tested: &&Tested| [tested.0.first, tested.0.second].iter().any(|target| strangers.contains(target));
    let mut pairs: Vec<Kin> = pairs.iter().chain(whole.iter().filter(strange)).map(|(kin, _)| kin.clone()).collect();
    let tested: Vec<f64> = pairs.iter().filter(|kin| kin.compared > 0).map(|kin| kin.p).collect();
    let mut corrected = holm(&tested).into_iter();
    for kin in pairs.iter_mut().filter(|kin| kin.compared > 0) {
        kin.holm = corrected.next().unwrap_or(1.0);
    }
    let excess = |kin: &Kin| kin.excess.unwrap_or(f64::NEG_INFINITY);
    pairs.sort_by(|a, b| {
        a.p.total_cmp(&b.p).then(excess(b).total_cmp(&excess(a))).then((a.first, a.second).cmp(&(b.first, b.second)))
    });
    pairs
}

/// A pair, and the chance of each item that it was compared on.
type Tested = (Kin, Vec<f64>);

/// Agreements below this share of what is expected …
const FEW: f64 = 0.5;
/// … that are so unlikely make a stranger.
const STRANGE: f64 = 0.001;

/// The target that agrees least with all others, where that is far too little; none among fewer than four, since three are
/// needed to tell anything of a pair.
fn stranger(targets: usize, pairs: &[Tested]) -> Option<usize> {
    let of =
        |target: usize| move |(kin, _): &&Tested| kin.compared > 0 && (kin.first == target || kin.second == target);
    if (0..targets).filter(|target| pairs.iter().any(|pair| of(*target)(&pair))).count() < 4 {
        return None;
    }
    let share = |target: usize| {
        let own = || pairs.iter().filter(of(target));
        let same: usize = own().map(|(kin, _)| kin.evidence.len()).sum();
        let chances: Vec<f64> = own().flat_map(|(_, chances)| chances).copied().collect();
        let (agreed, expected) = (float(same as u64), chances.iter().sum::<f64>());
        let strange = agreed < FEW * expected && 1.0 - tail::at_least(&chances, same + 1) < STRANGE;
        strange.then_some((target, agreed / expected))
    };
    (0..targets).filter_map(share).min_by(|a, b| a.1.total_cmp(&b.1)).map(|(target, _)| target)
}

/// Every pair, in the order of its targets, not corrected yet.
fn pairs_of(targets: usize, items: &[Vec<(usize, WrongAnswer)>]) -> Vec<Tested> {
    let shapes: Vec<Shape> = items.iter().map(|wrong| Shape::of(wrong, targets)).collect();
    // What each target said, in the order of items.
    let mut said: Vec<Vec<(usize, WrongAnswer)>> = vec![Vec::new(); targets];
    for (item, shape) in shapes.iter().enumerate() {
        for (target, answer) in shape.wrong() {
            if let Some(said) = said.get_mut(*target) {
                said.push((item, *answer));
            }
        }
    }
    let mut pairs = Vec::new();
    for (first, a) in said.iter().enumerate() {
        for (second, b) in said.iter().enumerate().skip(first + 1) {
            let met = met(a, b);
            if !met.is_empty() {
                pairs.push(of_pair(first, second, &met, &shapes));
            }
        }
    }
    pairs
}

/// An item that two got wrong, and what they said.
struct Met {
    item: usize,
    said: (WrongAnswer, WrongAnswer),
}

/// The items that are in both lists.
fn met(a: &[(usize, WrongAnswer)], b: &[(usize, WrongAnswer)]) -> Vec<Met> {
    let mut others = b.iter().peekable();
    let with = |(item, one): &(usize, WrongAnswer)| {
        while others.next_if(|(other, _)| other < item).is_some() {}
        others.next_if(|(other, _)| other == item).map(|(_, other)| Met { item: *item, said: (*one, *other) })
    };
    a.iter().filter_map(with).collect()
}

fn of_pair(first: usize, second: usize, met: &[Met], shapes: &[Shape]) -> Tested {
    let with_shape =
        |met: &Met| Some((met.item, shapes.get(met.item)?, met.said)).filter(|(_, shape, _)| shape.wrong().len() > 2);
    let (mut chances, mut evidence) = (Vec::new(), Vec::new());
    for (item, shape, (a, b)) in met.iter().filter_map(with_shape) {
        let chance = shape.chance();
        chances.push(chance);
        if a == b {
            evidence.push(SharedAnswer {
                item,
                answer: a,
                others_same: shape.count(a).saturating_sub(2),
                others_wrong: (shape.wrong().len() as u64).saturating_sub(2),
                chance,
            });
        }
    }
    evidence.sort_by(|a, b| a.chance.total_cmp(&b.chance).then(a.item.cmp(&b.item)));
    let (all, same) = (chances.len() as u64, evidence.len() as u64);
    let expected: f64 = chances.iter().sum();
    let room = float(all) - expected;
    let p = tail::at_least(&chances, evidence.len());
    let kin = Kin {
        first,
        second,
        both_wrong: met.len() as u64,
        compared: all,
        same,
        expected,
        excess: (room > 1e-9).then(|| (float(same) - expected) / room),
        p,
        holm: 1.0,
        evidence,
    };
    (kin, chances)
}

/// The families of kin: targets that are joined by pairs whose corrected p-value is below `alpha` and whose excess is at
/// least `excess`, each in ascending order.
#[must_use]
pub fn families(pairs: &[Kin], alpha: f64, excess: f64) -> Vec<Vec<usize>> {
    let mut family: BTreeMap<usize, usize> = BTreeMap::new();
    for kin in pairs.iter().filter(|kin| kin.holm < alpha && kin.excess.is_some_and(|found| found >= excess)) {
        let one = *family.entry(kin.first).or_insert(kin.first);
        let other = *family.entry(kin.second).or_insert(kin.second);
        family.values_mut().filter(|of| **of == one.max(other)).for_each(|of| *of = one.min(other));
    }
    let mut families: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    family.into_iter().for_each(|(target, of)| families.entry(of).or_default().push(target));
    families.into_values().collect()
}

#[cfg(test)]
mod tests;
