//! Who repeats whose wrong answers: renamed and re-packaged models.

use super::gather::Gathered;
use crate::domain::Name;
use crate::stats::{WrongAnswer, kinship};

/// A pair below this p-value …
const SHOWN: f64 = 0.05;
/// … and with at least so much of the room above chance filled is called kin: models of one kind fall for the same traps, and
/// so agree a little more than chance.
const LEAST_EXCESS: f64 = 0.05;
/// Items that several got wrong beyond this many are not looked at: the test is long decided.
const MOST_ITEMS: usize = 100_000;

/// Two targets that share more wrong answers than chance would bring.
#[derive(Debug, Clone, PartialEq)]
pub struct KinPair {
    /// One …
    pub a: Name,
    /// … and the other.
    pub b: Name,
    /// Items that both got wrong, and a third one too.
    pub compared: u64,
    /// … on which the two said the same …
    pub same: u64,
    /// … and on how many they were expected to.
    pub expected: f64,
    /// (same − expected) / (compared − expected).
    pub excess: Option<f64>,
    /// Adjusted over all pairs (Holm).
    pub p: f64,
}

impl KinPair {
    /// Whether it is to be called kin.
    #[must_use]
    pub fn is_kin(&self) -> bool {
        self.p < SHOWN && self.excess.is_some_and(|excess| excess >= LEAST_EXCESS)
    }
}

impl Gathered {
    /// Every pair of targets that got the same items wrong, those that share the most beyond chance first.
    #[must_use]
    pub fn kin(&self) -> Vec<KinPair> {
        let mut items: Vec<Vec<(usize, WrongAnswer)>> = Vec::new();
        for answers in self.said.chunk_by(|a, b| a.form == b.form) {
            let mut item: Vec<(usize, u64)> = Vec::new();
            for one in answers {
                // Of several answers of one target the first in the order of their hashes: any rule will do that is blind to the
                // others' answers.
                if item.last().is_none_or(|(target, _)| *target != one.target as usize) {
                    item.push((one.target as usize, one.said));
                }
            }
            if item.len() < 2 {
                continue;
            }
            let mut said: Vec<u64> = item.iter().map(|(_, said)| *said).collect();
            said.sort_unstable();
            said.dedup();
            let number = |answer: u64| said.binary_search(&answer).ok().and_then(|at| u32::try_from(at).ok());
            items.push(item.iter().filter_map(|(target, said)| Some((*target, number(*said)?))).collect());
            if items.len() >= MOST_ITEMS {
                break;
            }
        }
        let name = |at: usize| self.targets.get(at).cloned();
        let pairs = kinship(self.targets.len(), &items);
        let named = pairs.iter().filter(|kin| kin.compared > 0).filter_map(|kin| {
            let (compared, same, expected, excess, p) = (kin.compared, kin.same, kin.expected, kin.excess, kin.holm);
            Some(KinPair { a: name(kin.first)?, b: name(kin.second)?, compared, same, expected, excess, p })
        });
        named.collect()
    }
}
