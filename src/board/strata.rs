//! Accuracy by stratum: domain and capability, language, length class, and what is marked as hard; with the weight that each
//! stratum has in the whole, so that a figure can be weighted otherwise.

use super::tally::{Tally, TallyKey, join};
use crate::domain::{Fingerprint, Length, Name, Tags, Verdict};
use crate::stats::{Interval, Level, clustered};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A stratum of a cut.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// A cell of the matrix of domains and capabilities.
    Cell {
        /// Its domain.
        domain: Arc<str>,
        /// Its capability.
        capability: Arc<str>,
    },
    /// A language.
    Language(Arc<str>),
    /// A length class.
    Length(Length),
    /// What is marked as hard, or what is not.
    Hard(bool),
}

impl Place {
    /// The words for the cuts, in the order of the variants.
    pub const CUTS: [&str; 4] = ["domain-capability", "language", "length", "hard"];

    /// Where an item with these tags lies, in each cut.
    fn of(tags: &Tags) -> [Self; 4] {
        let Tags { domain, capability, language, split: _, length, hard } = tags;
        [
            Self::Cell { domain: Arc::clone(domain), capability: Arc::clone(capability) },
            Self::Language(Arc::clone(language)),
            Self::Length(*length),
            Self::Hard(*hard),
        ]
    }

    /// The word for its cut.
    #[must_use]
    pub const fn cut(&self) -> &'static str {
        let [cell, language, length, hard] = Self::CUTS;
        match self {
            Self::Cell { .. } => cell,
            Self::Language(_) => language,
            Self::Length(_) => length,
            Self::Hard(_) => hard,
        }
    }

    /// What tells it from the others of its cut, in one word or two.
    #[must_use]
    pub fn labels(&self) -> Vec<&str> {
        match self {
            Self::Cell { domain, capability } => vec![domain, capability],
            Self::Language(language) => vec![language],
            Self::Length(length) => vec![length.label()],
            Self::Hard(hard) => vec![if *hard { "hard" } else { "other" }],
        }
    }

    /// Reads cut and labels back.
    #[must_use]
    pub fn from_labels(cut: &str, labels: &[String]) -> Option<Self> {
        let cut = Self::CUTS.iter().position(|known| *known == cut)?;
        match (cut, labels) {
            (0, [domain, capability]) => {
                Some(Self::Cell { domain: domain.as_str().into(), capability: capability.as_str().into() })
            }
            (1, [language]) => Some(Self::Language(language.as_str().into())),
            (2, [length]) => Length::from_label(length).map(Self::Length),
            (3, [hard]) => ["other", "hard"].iter().position(|word| word == hard).map(|at| Self::Hard(at == 1)),
            _ => None,
        }
    }
}

/// What one target came to in one stratum of a scenario.
#[derive(Debug, Clone, PartialEq)]
pub struct Stratum {
    /// Who was asked.
    pub target: Name,
    /// Out of which scenario.
    pub scenario: Name,
    /// The provenance.
    pub provenance: Fingerprint,
    /// Which stratum.
    pub place: Place,
    /// Items, their forms and repeats together.
    pub items: u64,
    /// The share of the items of its cut.
    pub weight: f64,
    /// Samples by verdict, in the order of [`Verdict::ALL`].
    pub verdicts: [u64; Verdict::ALL.len()],
    /// Correct / graded, with its 95 % interval; none where nothing was graded.
    pub accuracy: Option<Interval>,
}

/// All strata of a set of tallies, cut by cut.
#[expect(clippy::cast_precision_loss, reason = "counts of items, far below 2^53")]
pub(super) fn strata(tallies: &BTreeMap<TallyKey, Tally>) -> Vec<Stratum> {
    let mut parts: BTreeMap<(&Name, &Name, &Fingerprint, Place), Vec<&Tally>> = BTreeMap::new();
    for (TallyKey { target, scenario, tags, provenance }, tally) in tallies {
        for place in Place::of(tags) {
            parts.entry((target, scenario, provenance, place)).or_default().push(tally);
        }
    }
    let mut sums: BTreeMap<(&Name, &Name, &Fingerprint, &'static str), u64> = BTreeMap::new();
    let mut all = Vec::new();
    for ((target, scenario, provenance, place), parts) in parts {
        let whole = join(&parts);
        let items = whole.items();
        *sums.entry((target, scenario, provenance, place.cut())).or_default() += items;
        all.push(Stratum {
            target: target.clone(),
            scenario: scenario.clone(),
            provenance: provenance.clone(),
            place,
            items,
            weight: 0.0,
            verdicts: whole.tally.verdicts,
            accuracy: clustered(&whole.tally.accuracy, Level::P95),
        });
    }
    for stratum in &mut all {
        let sum = sums.get(&(&stratum.target, &stratum.scenario, &stratum.provenance, stratum.place.cut()));
        stratum.weight = sum.filter(|sum| **sum > 0).map_or(0.0, |sum| stratum.items as f64 / *sum as f64);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::super::{Board, By};
    use super::*;
    use crate::domain::{Finding, ItemId, RunId, Sample, Share, Split, TrialKey};
    use crate::stats::Method;

    fn sample(item: &str, tags: &Tags, right: bool) -> Sample {
        let (base, form) = item.split_once('~').map_or((item, false), |(base, _)| (base, true));
        let split = if form { Split::Fresh } else { tags.split };
        let verdict = if right { Verdict::Correct } else { Verdict::Wrong };
        let [target, scenario] = ["t", "s"].map(|name| Name::new(name).unwrap());
        Sample {
            key: TrialKey { run: RunId(1), target, scenario, item: ItemId::new(item), repeat: 0 },
            cluster: ItemId::new(base),
            tags: Tags { split, ..tags.clone() },
            provenance: Fingerprint::of(&[]),
            at_unix_ms: 0,
            exchanges: Vec::new(),
            judged: Vec::new(),
            finding: Finding::bare(verdict, "test"),
            share: Share::default(),
        }
    }

    fn board(samples: &[Sample]) -> Board {
        let mut board = Board::default();
        board.begin(RunId(1), "r", false, 0);
        samples.iter().for_each(|sample| board.tally(sample, None));
        board
    }

    fn tags(language: &str, hard: bool) -> Tags {
        Tags { hard, ..Tags::new("d", "c", language, Split::Public) }
    }

    /// 40 items in two forms; every fourth only right as published, the last two not asked in the other form.
    fn pairs() -> Vec<Sample> {
        let mut samples = Vec::new();
        for n in 0..42 {
            let tags = tags(if n % 2 == 0 { "en" } else { "zh" }, n < 10);
            samples.push(sample(&format!("q{n}"), &tags, n % 5 != 0));
            if n < 40 {
                samples.push(sample(&format!("q{n}~fresh"), &tags, n % 5 != 0 && n % 4 != 0));
            }
        }
        samples
    }

    #[test]
    fn the_gap_pairs_forms_across_splits_and_survives_a_restart() {
        let mut board = board(&pairs());
        let gap = |board: &Board| board.runs[&RunId(1)].figures(By::Scenario)[0].gap;
        let found = gap(&board).unwrap();
        assert_eq!((found.pairs, found.answers, found.method), (40, (40, 40), Method::Newcombe));
        assert!((found.base - 32.0 / 40.0).abs() < 1e-12 && (found.forms - 24.0 / 40.0).abs() < 1e-12);
        assert!(found.difference.lower > 0.0, "{found:?}");
        // Rebuilt from samples in another order, as after a kill.
        let mut backwards = pairs();
        backwards.reverse();
        assert_eq!(gap(&self::board(&backwards)), Some(found));
        board.finish(RunId(1), "complete", 9);
        let back = Board::from_text(&board.to_text(), 0).unwrap();
        assert_eq!((gap(&back), gap(&board)), (Some(found), Some(found)));
        assert_eq!(back.runs[&RunId(1)].strata(), board.runs[&RunId(1)].strata());
    }

    #[test]
    fn an_item_and_its_form_are_one_unit_whatever_their_splits() {
        let split = &board(&pairs());
        let same: Vec<Sample> = pairs()
            .into_iter()
            .map(|s| Sample { tags: Tags { split: Split::Public, ..s.tags.clone() }, ..s })
            .collect();
        let accuracy = |board: &Board| board.runs[&RunId(1)].figures(By::Scenario)[0].accuracy.unwrap();
        assert_eq!(accuracy(split), accuracy(&board(&same)));
        let alone = crate::stats::wilson(57, 82, Level::P95).unwrap();
        assert!(accuracy(split).half_width() > alone.half_width() * 1.1, "82 answers of 42 items are no 82 items");
    }

    #[test]
    fn strata_have_weights_that_sum_to_one_in_each_cut() {
        let board = board(&pairs());
        let strata = board.runs[&RunId(1)].strata();
        for cut in Place::CUTS {
            let sum: f64 = strata.iter().filter(|s| s.place.cut() == cut).map(|s| s.weight).sum();
            assert!((sum - 1.0).abs() < 1e-12, "{cut} {sum}");
        }
        let hard = strata.iter().find(|s| s.place == Place::Hard(true)).unwrap();
        assert_eq!((hard.items, hard.verdicts.iter().sum::<u64>()), (10, 20));
        assert!((hard.weight - 10.0 / 42.0).abs() < 1e-12);
        for Stratum { place, .. } in &strata {
            let labels: Vec<String> = place.labels().into_iter().map(str::to_owned).collect();
            assert_eq!(Place::from_labels(place.cut(), &labels).as_ref(), Some(place));
        }
    }

    #[test]
    fn without_forms_there_is_no_gap() {
        let only: Vec<Sample> = pairs().into_iter().filter(|s| s.key.item == s.cluster).collect();
        assert_eq!(board(&only).runs[&RunId(1)].figures(By::Scenario)[0].gap, None);
        let forms: Vec<Sample> = pairs().into_iter().filter(|s| s.key.item != s.cluster).collect();
        assert_eq!(board(&forms).runs[&RunId(1)].figures(By::Scenario)[0].gap, None);
    }
}
