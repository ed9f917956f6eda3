//! From rows to figures: one pass over the items, in their order.

use super::gather::{Cell, Gathered, Row, Sums};
use super::pair::{Answers, Pair, PairSums};
use super::standing::{Standing, curve};
use super::{Comparison, Gap, Part};
use crate::domain::{Name, Verdict};
use crate::stats::{self, Level, PairedSums, RatioSums, holm};
use std::collections::BTreeMap;

/// Above so many targets only the baseline's pairs are made (or the first target's): every two would be too many to read.
const MOST_ALL_PAIRS: usize = 24;

/// What one target came to on one item.
#[derive(Clone, Copy, Default)]
struct Item {
    samples: u32,
    graded: u32,
    correct: u32,
    /// Nano-USD.
    cost: i64,
    published: (u32, u32),
    others: (u32, u32),
}

/// What is summed in a part.
struct Sum {
    /// By target: correct over graded, and nano-USD over correct, by item.
    accuracy: Vec<RatioSums>,
    cost: Vec<RatioSums>,
    /// In the order of [`Folding::pairs`].
    pairs: Vec<PairSums>,
}

struct Folding {
    /// Which targets are held against each other.
    pairs: Vec<(usize, usize)>,
    /// Of each cell, which sums it goes into.
    into: Vec<Vec<usize>>,
    sums: Vec<Sum>,
    /// By target and scenario.
    gaps: Vec<Vec<PairedSums>>,
}

impl Gathered {
    /// Holds the targets against each other.
    #[must_use]
    pub fn compare(&self) -> Comparison {
        let parts = self.parts();
        let baseline = self.baseline.as_ref().and_then(|name| self.targets.iter().position(|target| target == name));
        let mut folding = self.folding(&parts, baseline);
        let mut items = vec![Item::default(); self.targets.len()];
        let same = |a: &Row, b: &Row| a.cluster == b.cluster && self.scenario(a) == self.scenario(b);
        for rows in self.rows.chunk_by(same) {
            folding.item(rows, &mut items, self.scenario_of(rows));
        }
        self.compared(&parts, &folding)
    }

    fn scenario(&self, row: &Row) -> Option<usize> {
        self.cells.get(row.cell()).map(|cell| cell.scenario)
    }

    fn scenario_of(&self, rows: &[Row]) -> usize {
        rows.first().and_then(|row| self.scenario(row)).unwrap_or_default()
    }

    fn folding(&self, parts: &[Part], baseline: Option<usize>) -> Folding {
        let targets = self.targets.len();
        let all = || (0..targets).flat_map(|a| (a + 1..targets).map(move |b| (a, b)));
        let pairs: Vec<(usize, usize)> = match baseline {
            None if targets <= MOST_ALL_PAIRS => all().collect(),
            None => all().filter(|(a, _)| *a == 0).collect(),
            Some(_) if targets <= MOST_ALL_PAIRS => all().collect(),
            Some(base) => all().filter(|(a, b)| *a == base || *b == base).collect(),
        };
        let into = |cell: &Cell| {
            let counts = |part: &Part| match part {
                Part::All => true,
                Part::Scenario(name) => self.scenarios.get(cell.scenario) == Some(name),
                Part::Domain(domain) => *domain == cell.domain,
            };
            parts.iter().enumerate().filter(|(_, part)| counts(part)).map(|(at, _)| at).collect()
        };
        let sum = |_: &Part| Sum {
            accuracy: vec![RatioSums::default(); targets],
            cost: vec![RatioSums::default(); targets],
            pairs: vec![PairSums::default(); pairs.len()],
        };
        Folding {
            into: self.cells.iter().map(into).collect(),
            sums: parts.iter().map(sum).collect(),
            gaps: vec![vec![PairedSums::default(); self.scenarios.len()]; targets],
            pairs,
        }
    }

    fn compared(&self, parts: &[Part], folding: &Folding) -> Comparison {
        let mut comparison = Comparison {
            targets: self.targets.clone(),
            left_out: self.left_out.clone(),
            baseline: self.baseline.clone(),
            runs: self.runs.iter().map(|run| (run.name.clone(), run.started_unix_ms, run.result.clone())).collect(),
            gaps: self.gaps(folding),
            kin: self.kin(),
            cabinet: self.cabinet(),
            origins: self.runs.clone(),
            background: self.background.clone(),
            ..Comparison::default()
        };
        for (at, part) in parts.iter().enumerate() {
            let Some(sum) = folding.sums.get(at) else { continue };
            comparison.standings.insert(part.clone(), self.standings(at, sum, folding));
            comparison.pairs.insert(part.clone(), self.pairs(sum, folding));
        }
        comparison.weighed(&[])
    }

    fn standings(&self, at: usize, sum: &Sum, folding: &Folding) -> Vec<Standing> {
        let of = |(number, target): (usize, &Name)| {
            let mut sums = Sums::default();
            for ((cell, of), own) in &self.sums {
                let here = folding.into.get(*cell).is_some_and(|into| into.contains(&at));
                if *of == number && here {
                    sums.merge(own);
                }
            }
            let asked = sums.verdicts.iter().any(|n| *n > 0);
            let (accuracy, cost) = (sum.accuracy.get(number)?, sum.cost.get(number)?);
            let mut standing = asked.then(|| Standing::new(target.clone(), &sums, accuracy, cost))?;
            // The first part is the whole.
            if at == 0 {
                standing.first_curve = curve(&sums.first);
            }
            Some(standing)
        };
        self.targets.iter().enumerate().filter_map(of).collect()
    }

    fn pairs(&self, sum: &Sum, folding: &Folding) -> Vec<Pair> {
        let named = |((a, b), sums): (&(usize, usize), &PairSums)| {
            sums.pair(self.targets.get(*a)?.clone(), self.targets.get(*b)?.clone())
        };
        let mut pairs: Vec<Pair> = folding.pairs.iter().zip(&sum.pairs).filter_map(named).collect();
        let adjusted = holm(&pairs.iter().map(|pair| pair.p).collect::<Vec<_>>());
        pairs.iter_mut().zip(adjusted).for_each(|(pair, p)| pair.p = p);
        let costs = holm(&pairs.iter().filter_map(|pair| pair.cost_p).collect::<Vec<_>>());
        let with_cost = pairs.iter_mut().filter_map(|pair| pair.cost_p.as_mut());
        with_cost.zip(costs).for_each(|(p, adjusted)| *p = adjusted);
        pairs
    }

    fn gaps(&self, folding: &Folding) -> Vec<Gap> {
        let mut gaps = Vec::new();
        for (target, scenarios) in self.targets.iter().zip(&folding.gaps) {
            for (scenario, sums) in self.scenarios.iter().zip(scenarios) {
                let Some(gap) = sums.gap(Level::P95) else { continue };
                let (target, scenario) = (target.clone(), scenario.clone());
                gaps.push(Gap { target, scenario, items: gap.pairs, gap: gap.difference, p: gap.p });
            }
        }
        let adjusted = holm(&gaps.iter().map(|gap| gap.p).collect::<Vec<_>>());
        gaps.iter_mut().zip(adjusted).for_each(|(gap, p)| gap.p = p);
        gaps
    }
}

impl Folding {
    /// Takes all rows of one item.
    fn item(&mut self, rows: &[Row], items: &mut [Item], scenario: usize) {
        // Nearly always all of an item is in one cell; its forms may have tags of their own.
        let cell = rows.first().map_or(0, Row::cell);
        if rows.iter().all(|row| row.cell() == cell) {
            self.collect(rows.iter(), items);
            self.add(cell, items);
            self.gap(items, scenario);
            return;
        }
        let mut cells: Vec<usize> = rows.iter().map(Row::cell).collect();
        cells.sort_unstable();
        cells.dedup();
        // A part that has several of the cells has one item of them.
        let mut parts: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for cell in cells {
            for part in self.into.get(cell).into_iter().flatten() {
                parts.entry(*part).or_default().push(cell);
            }
        }
        for (part, cells) in parts {
            self.collect(rows.iter().filter(|row| cells.contains(&row.cell())), items);
            self.add_to(part, items);
        }
        self.collect(rows.iter(), items);
        self.gap(items, scenario);
    }

    fn collect<'r>(&self, rows: impl Iterator<Item = &'r Row>, items: &mut [Item]) {
        items.fill(Item::default());
        for row in rows {
            let Some(item) = items.get_mut(row.target()) else { continue };
            item.samples += 1;
            item.cost = item.cost.saturating_add(row.cost);
            if row.verdict.is_graded() {
                let correct = u32::from(row.verdict == Verdict::Correct);
                item.graded += 1;
                item.correct += correct;
                let form = if row.published { &mut item.published } else { &mut item.others };
                (form.0, form.1) = (form.0 + correct, form.1 + 1);
            }
        }
    }

    fn add(&mut self, cell: usize, items: &[Item]) {
        for at in 0..self.into.get(cell).map_or(0, Vec::len) {
            if let Some(part) = self.into.get(cell).and_then(|into| into.get(at)).copied() {
                self.add_to(part, items);
            }
        }
    }

    fn add_to(&mut self, part: usize, items: &[Item]) {
        let Some(sum) = self.sums.get_mut(part) else { return };
        for ((accuracy, cost), item) in sum.accuracy.iter_mut().zip(&mut sum.cost).zip(items) {
            if item.graded > 0 {
                accuracy.add(i64::from(item.correct), u64::from(item.graded));
            }
            if item.samples > 0 {
                cost.add(item.cost, u64::from(item.correct));
            }
        }
        for ((a, b), pair) in self.pairs.iter().zip(&mut sum.pairs) {
            if let (Some(a), Some(b)) = (items.get(*a), items.get(*b))
                && a.graded > 0
                && b.graded > 0
            {
                pair.add(answers(a), answers(b));
            }
        }
    }

    fn gap(&mut self, items: &[Item], scenario: usize) {
        for (item, scenarios) in items.iter().zip(&mut self.gaps) {
            if let Some(sums) = scenarios.get_mut(scenario) {
                let count = |(correct, graded): (u32, u32)| (u64::from(correct), u64::from(graded));
                sums.add(stats::Pair { base: count(item.published), forms: count(item.others) });
            }
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "a cost above 2^53 nano-USD is nine million dollars for one item")]
const fn answers(item: &Item) -> Answers {
    Answers { graded: item.graded, correct: item.correct, cost: item.cost as f64 / 1e9 }
}
