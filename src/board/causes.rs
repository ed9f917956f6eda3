//! What a cost was for, and the cost-of-pass beside the cost per correct answer.

use super::tally::Cluster;
use crate::domain::{Component, Money, Sample};
use serde::{Deserialize, Serialize};

/// Known cost by what it was for, in nano-USD; the parts add up to the whole, exactly.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Causes {
    /// Answers at the first attempt.
    pub first: i64,
    /// Answers at a later one.
    pub retries: i64,
    /// Attempts that failed.
    pub failed: i64,
    /// What judges were asked.
    pub judge: i64,
    /// Time of hardware.
    pub hardware: i64,
    /// Energy that is paid apart.
    pub energy: i64,
}

impl Causes {
    /// Each with its word.
    #[must_use]
    pub const fn parts(&self) -> [(&'static str, Money); 6] {
        let Self { first, retries, failed, judge, hardware, energy } = *self;
        [
            ("first", Money::from_nanos(first)),
            ("retries", Money::from_nanos(retries)),
            ("failed", Money::from_nanos(failed)),
            ("judge", Money::from_nanos(judge)),
            ("hardware", Money::from_nanos(hardware)),
            ("energy", Money::from_nanos(energy)),
        ]
    }

    /// The whole.
    #[must_use]
    pub fn total(&self) -> Money {
        self.parts().into_iter().map(|(_, part)| part).sum()
    }

    /// Adds a sample's cost.
    pub fn add(&mut self, sample: &Sample) {
        let mut sums = Self::default();
        let mut turn = None;
        for exchange in &sample.exchanges {
            // Every turn of a conversation has a first attempt.
            let again = turn.replace(exchange.turn) == Some(exchange.turn);
            let cause = match (&exchange.fault, again) {
                (Some(_), _) => &mut sums.failed,
                (None, true) => &mut sums.retries,
                (None, false) => &mut sums.first,
            };
            *cause = cause.saturating_add(exchange.charge.known().total().nanos());
        }
        let judged: Money = sample.judged.iter().map(|exchange| exchange.charge.known().total()).sum();
        let share = sample.share.cost();
        sums.judge = judged.nanos();
        (sums.hardware, sums.energy) = (share.get(Component::Hardware).nanos(), share.get(Component::Energy).nanos());
        self.merge(&sums);
    }

    /// Adds other samples'.
    pub fn merge(&mut self, other: &Self) {
        let Self { first, retries, failed, judge, hardware, energy } = *other;
        for (sum, more) in [
            (&mut self.first, first),
            (&mut self.retries, retries),
            (&mut self.failed, failed),
            (&mut self.judge, judge),
            (&mut self.hardware, hardware),
            (&mut self.energy, energy),
        ] {
            *sum = sum.saturating_add(more);
        }
    }
}

/// Cost-of-pass (Erol et al. 2025, arXiv 2504.13359): of each item its expected cost over its probability of being right,
/// and the mean of that over items. Another number than the cost per correct answer.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct CostOfPass {
    /// Items, each with its forms and repeats.
    pub items: u64,
    /// Items that were never answered right: one of them makes the whole infinite.
    pub never: u64,
    /// The mean over the others, in USD; none where there are none.
    pub solved: Option<f64>,
}

impl CostOfPass {
    /// Of items, with what belongs to the run as a whole (hardware, energy) spread over them evenly; none without items.
    #[expect(clippy::cast_precision_loss, reason = "a figure for display")]
    pub(super) fn of<'a>(clusters: impl Iterator<Item = &'a Cluster>, of_the_run: Money) -> Option<Self> {
        let (mut items, mut solved, mut sum, mut inverse) = (0_u64, 0_u64, 0.0, 0.0);
        for Cluster { correct, cost, .. } in clusters {
            items += 1;
            if *correct > 0 {
                solved += 1;
                // As often asked as it cost: the number of attempts drops out.
                sum += *cost as f64 / f64::from(*correct);
                inverse += 1.0 / f64::from(*correct);
            }
        }
        let each = of_the_run.nanos() as f64 / items.max(1) as f64;
        let mean = (sum + each * inverse) / 1e9 / solved.max(1) as f64;
        (items > 0).then(|| Self { items, never: items - solved, solved: (solved > 0).then_some(mean) })
    }

    /// USD; infinite where an item was never answered right.
    #[must_use]
    pub fn value(&self) -> f64 {
        self.solved.filter(|_| self.never == 0).unwrap_or(f64::INFINITY)
    }

    /// The share of items that were never answered right.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a figure for display")]
    pub fn never_share(&self) -> f64 {
        self.never as f64 / self.items.max(1) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Board, By};
    use super::*;
    use crate::domain::{
        Answer, Charge, Cost, Exchange, Failure, Fault, Finding, Fingerprint, ItemId, Name, Purpose, RunId, Share,
        Split, Tags, Timing, TrialKey, Verdict,
    };

    fn exchange((turn, attempt): (u32, u32), failed: bool, nanos: i64) -> Exchange {
        Exchange {
            attempt,
            turn,
            purpose: Purpose::Measure,
            timing: Timing::default(),
            answer: Answer::default(),
            fault: failed.then(|| Fault::new(Failure::Http5xx, "busy")),
            charge: Charge::Settled(Cost::ZERO.with(Component::Output, Money::from_nanos(nanos))),
        }
    }

    fn sample(exchanges: Vec<Exchange>) -> Sample {
        let (item, name) = (ItemId::new("i"), |text: &str| Name::new(text).unwrap());
        Sample {
            key: TrialKey { run: RunId(1), target: name("t"), scenario: name("s"), item: item.clone(), repeat: 0 },
            cluster: item,
            tags: Tags::new("d", "c", "en", Split::Fresh),
            provenance: Fingerprint::of(&[]),
            at_unix_ms: 0,
            exchanges,
            judged: vec![exchange((0, 1), false, 1_000), exchange((0, 2), true, 100)],
            finding: Finding::bare(Verdict::Correct, "test"),
            share: Share {
                hardware: Money::from_nanos(10_000),
                energy_cost: Money::from_nanos(100_000),
                ..Share::default()
            },
        }
    }

    #[test]
    fn every_nano_has_one_cause() {
        // A failed attempt, its retry, and the first answer of the next turn.
        let all = sample(vec![exchange((0, 1), true, 1), exchange((0, 2), false, 10), exchange((1, 3), false, 200)]);
        let mut causes = Causes::default();
        causes.add(&all);
        let want = Causes { first: 200, retries: 10, failed: 1, judge: 1_100, hardware: 10_000, energy: 100_000 };
        assert_eq!((causes, causes.total()), (want, all.cost().total()));
        causes.add(&sample(Vec::new()));
        assert_eq!((causes.first, causes.judge, causes.energy), (200, 2_200, 200_000));
    }

    #[test]
    fn figures_have_them_and_checkpoints_from_before_do_not() {
        let mut board = Board::default();
        board.begin(RunId(1), "nightly", false, 5);
        board.tally(&sample(vec![exchange((0, 1), false, 900)]), None);
        board.finish(RunId(1), "complete", 9);
        let text = board.to_text();
        let row = |board: &Board| board.runs[&RunId(1)].figures(By::Scenario).remove(0);
        let (new, back) = (row(&board), row(&Board::from_text(&text, 0).unwrap()));
        assert_eq!((new.causes, new.cost_of_pass), (back.causes, back.cost_of_pass));
        assert_eq!(new.causes.map(|causes| causes.total()), Some(new.cost.total()));
        // All that the one item cost, run and all.
        assert!((new.cost_of_pass.unwrap().value() / new.cost.total().usd() - 1.0).abs() < 1e-12);
        let mut old: serde_json::Value = serde_json::from_str(&text).unwrap();
        for row in old["runs"][0]["rows"].as_array_mut().unwrap() {
            let row = row[1].as_object_mut().unwrap();
            assert!(row.remove("causes").is_some() && row.remove("cost_of_pass").is_some());
        }
        let old = row(&Board::from_text(&old.to_string(), 0).unwrap());
        assert_eq!((old.causes, old.cost_of_pass, old.cost), (None, None, new.cost));
    }

    fn cluster(correct: u32, cost: i64) -> Cluster {
        Cluster { correct, cost, ..Cluster::default() }
    }

    #[test]
    fn cost_of_pass_worked_by_hand() {
        // Four times asked: right twice for 4 USD in all, four times for 2 USD, never for 8 USD.
        let usd = |n: i64| n * 1_000_000_000;
        let all = [cluster(2, usd(4)), cluster(4, usd(2)), cluster(0, usd(8))];
        let found = CostOfPass::of(all.iter(), Money::ZERO).unwrap();
        assert_eq!((found.items, found.never, found.solved), (3, 1, Some(1.25)));
        assert!(found.value().is_infinite() && (found.never_share() - 1.0 / 3.0).abs() < 1e-12);
        // 3 USD of hardware: one for each item.
        let found = CostOfPass::of(all.iter().take(2), Money::from_nanos(usd(2))).unwrap();
        assert!((found.value() - (2.5 + 0.75) / 2.0).abs() < 1e-12);
        assert_eq!(CostOfPass::of([].iter(), Money::ZERO), None);
        assert_eq!(CostOfPass::of([cluster(0, 1)].iter(), Money::ZERO).unwrap().solved, None);
    }
}
