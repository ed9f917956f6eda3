//! From rows to figures: one pass over the items, in their order.

use super::gather::{Cell, Gathered, Row, Sums};
use super::pair::{Answers, Pair, PairSums};
use super::standing::{Standing, curve};
use super::{Comparison, Gap, Part, parallel};
use crate::domain::{Name, Verdict};
use crate::stats::{self, Level, PairedSums, RatioSums, holm};
use std::collections::BTreeMap;

/// Above so many targets only the baseline's pairs are made (or the first target's): every two would be too many to read.
const MOST_ALL_PAIRS: usize = 24;
/// Pieces that the rows are folded in: as many on every machine, so that sums are rounded alike …
const PIECES: usize = 8;
/// … of so many rows at least.
const PIECE: usize = 1 << 16;

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

/// What is summed in a cell or a part.
#[derive(Clone)]
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
    /// Of each cell, which parts it belongs to.
    into: Vec<Vec<usize>>,
    /// By cell: items that are in no other.
    cells: Vec<Sum>,
    /// By part: items that are in several of its cells, which count once.
    parts: Vec<Sum>,
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
        let least = self.rows.len().div_ceil(PIECES).max(PIECE);
        let folded = parallel::map(&self.pieces(least), |piece| {
            let mut folding = self.folding(&parts, baseline);
            let mut items = vec![Item::default(); self.targets.len()];
            for rows in piece.chunk_by(|a, b| self.is_same_item(a, b)) {
                folding.item(rows, &mut items, self.scenario_of(rows));
            }
            folding
        });
        folded.iter().for_each(|piece| folding.merge(piece));
        self.compared(&parts, &folding)
    }

    /// The rows in pieces of so many at least, cut between items.
    fn pieces(&self, least: usize) -> Vec<&[Row]> {
        let (mut pieces, mut rest) = (Vec::new(), self.rows.as_slice());
        while rest.len() > least {
            let behind = rest.get(least - 1..).unwrap_or_default();
            let end = behind.windows(2).position(|two| matches!(two, [a, b] if !self.is_same_item(a, b)));
            let Some((piece, others)) = end.and_then(|end| rest.split_at_checked(least + end)) else { break };
            pieces.push(piece);
            rest = others;
        }
        pieces.push(rest);
        pieces
    }

    fn is_same_item(&self, a: &Row, b: &Row) -> bool {
        a.cluster == b.cluster && self.scenario(a) == self.scenario(b)
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
        let sum = Sum {
            accuracy: vec![RatioSums::default(); targets],
            cost: vec![RatioSums::default(); targets],
            pairs: vec![PairSums::default(); pairs.len()],
        };
        Folding {
            into: self.cells.iter().map(into).collect(),
            cells: vec![sum.clone(); self.cells.len()],
            parts: vec![sum; parts.len()],
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
            let Some(sum) = folding.part(at) else { continue };
            comparison.standings.insert(part.clone(), self.standings(at, &sum, folding));
            comparison.pairs.insert(part.clone(), self.pairs(&sum, folding));
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

impl Sum {
    /// Takes an item.
    fn add(&mut self, items: &[Item], pairs: &[(usize, usize)]) {
        for ((accuracy, cost), item) in self.accuracy.iter_mut().zip(&mut self.cost).zip(items) {
            if item.graded > 0 {
                accuracy.add(i64::from(item.correct), u64::from(item.graded));
            }
            if item.samples > 0 {
                cost.add(item.cost, u64::from(item.correct));
            }
        }
        for ((a, b), pair) in pairs.iter().zip(&mut self.pairs) {
            if let (Some(a), Some(b)) = (items.get(*a), items.get(*b))
                && a.graded > 0
                && b.graded > 0
            {
                pair.add(answers(a), answers(b));
            }
        }
    }

    fn merge(&mut self, other: &Self) {
        self.accuracy.iter_mut().zip(&other.accuracy).for_each(|(mine, theirs)| mine.merge(theirs));
        self.cost.iter_mut().zip(&other.cost).for_each(|(mine, theirs)| mine.merge(theirs));
        self.pairs.iter_mut().zip(&other.pairs).for_each(|(mine, theirs)| mine.merge(theirs));
    }
}

impl Folding {
    /// Takes what was folded out of other rows, with the same targets, parts and pairs.
    fn merge(&mut self, other: &Self) {
        self.cells.iter_mut().zip(&other.cells).for_each(|(mine, theirs)| mine.merge(theirs));
        self.parts.iter_mut().zip(&other.parts).for_each(|(mine, theirs)| mine.merge(theirs));
        let (mine, theirs) = (self.gaps.iter_mut().flatten(), other.gaps.iter().flatten());
        mine.zip(theirs).for_each(|(mine, theirs)| mine.merge(theirs));
    }

    /// Takes all rows of one item.
    fn item(&mut self, rows: &[Row], items: &mut [Item], scenario: usize) {
        // Nearly always all of an item is in one cell; its forms may have tags of their own.
        let cell = rows.first().map_or(0, Row::cell);
        if rows.iter().all(|row| row.cell() == cell) {
            self.collect(rows.iter(), items);
            if let Some(sum) = self.cells.get_mut(cell) {
                sum.add(items, &self.pairs);
            }
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
            if let Some(sum) = self.parts.get_mut(part) {
                sum.add(items, &self.pairs);
            }
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

    /// All items of a part.
    fn part(&self, at: usize) -> Option<Sum> {
        let mut sum = self.parts.get(at)?.clone();
        let own = self.cells.iter().zip(&self.into).filter(|(_, into)| into.contains(&at));
        own.for_each(|(cell, _)| sum.merge(cell));
        Some(sum)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_item_is_cut_and_no_row_is_lost() {
        let cells = vec![Cell { scenario: 0, domain: "a".to_owned() }, Cell { scenario: 1, domain: "a".to_owned() }];
        // Items of one to four rows, the last of a scenario of the same number as the first of the next.
        let of = |scenario| (0..40_u64).flat_map(move |n| (0..=n % 4).map(move |_| Row::of(n % 39, scenario)));
        let gathered = Gathered { cells, rows: of(0).chain(of(1)).collect(), ..Gathered::default() };
        for least in 1..=gathered.rows.len() {
            let pieces = gathered.pieces(least);
            assert!(pieces.concat() == gathered.rows, "{least}");
            for two in pieces.windows(2) {
                let [before, after] = two else { panic!("two") };
                assert!(before.len() >= least && before.len() < least + 4, "{least}: {}", before.len());
                assert!(!gathered.is_same_item(before.last().unwrap(), after.first().unwrap()), "{least}");
            }
        }
    }
}
