//! What a campaign asks next.

use super::campaign::{Ask, Campaign, EVERY_LOOK, at, at_count, count, numbers};
use super::decide::LEAST;
use super::ranking;
use super::spec::Goal;
use super::target::Answers;
use crate::stats::Level;

/// The part of a ranking's budget that is spent on everyone alike.
const FIRST_PART: f64 = 0.2;

impl Campaign {
    fn limit(&self) -> f64 {
        let share = if let Goal::Ranking { share } = self.spec.goal { share * self.full } else { f64::INFINITY };
        self.spec.cap.map_or(share, |cap| cap.min(share)) + 1e-9 * self.full
    }

    /// The next batch: for each target that is asked, how far it is to go in the order.
    pub(super) fn choose(&mut self) -> Vec<Ask> {
        let n = self.items.stratum.len();
        let asked: Vec<usize> = self.answers.iter().map(Answers::asked).collect();
        let front = numbers(&self.active).iter().filter_map(|k| asked.get(*k).copied()).max().unwrap_or(0);
        let batch = self.spec.batch.max(front / 16);
        let mut goals: Vec<(usize, usize)> = Vec::new();
        if let Goal::Ranking { share } = self.spec.goal {
            #[expect(
                clippy::cast_precision_loss,
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "counts"
            )]
            let first = ((n as f64 * share * FIRST_PART).ceil() as usize).clamp(1, n);
            // Of a small set or share no batch is to be a great part.
            let batch = batch.min((first / 2).max(4));
            if asked.iter().any(|have| *have < first) {
                goals = (0..self.spec.targets).map(|k| (k, (front + batch).min(first))).collect();
            } else {
                let costs: Vec<f64> = (0..self.spec.targets).map(|k| self.mean_cost(k)).collect();
                let mean_cost = |k: usize| at(&costs, k);
                let drawn = self.order.drawn();
                if let Some(step) = ranking::worth_asking(&self.answers, &self.products, drawn, n, batch, mean_cost) {
                    let to = (step.from + batch).min(n);
                    let behind = |k: &usize| at_count(&asked, *k) < to;
                    goals = step.who.into_iter().filter(behind).map(|k| (k, to)).collect();
                }
            }
        } else {
            let to = (front + self.needed(front, batch)).min(n);
            goals.extend(numbers(&self.active).into_iter().map(|k| (k, to)));
        }
        let furthest = goals.iter().map(|(_, to)| *to).max().unwrap_or(0);
        self.extend_order(furthest);
        // As much as can be paid, item by item, so that everyone was asked the same.
        let (mut left, mut asks) = (self.limit() - self.spent, Vec::new());
        let from = goals.iter().map(|(k, _)| at_count(&asked, *k)).min().unwrap_or(0);
        for (position, drawn) in self.order.drawn().iter().enumerate().take(furthest).skip(from) {
            let who = goals.iter().filter(|(k, to)| at_count(&asked, *k) <= position && position < *to);
            let row: Vec<Ask> = who.map(|(target, _)| Ask { target: *target, item: drawn.item }).collect();
            let price: f64 = row.iter().map(|ask| self.cost(ask.target, ask.item)).sum();
            if price > left {
                break;
            }
            left -= price;
            asks.extend(row);
        }
        asks
    }

    /// Of a batch, the part after which the first target's interval should be as narrow as asked for.
    fn needed(&self, front: usize, batch: usize) -> usize {
        let Goal::Precision { half_width } = self.spec.goal else { return batch };
        let z = self.look_z();
        let widest = |k: &usize| self.answers.get(*k).map_or(f64::INFINITY, Answers::error) * z / half_width;
        let over = numbers(&self.active).iter().map(widest).fold(f64::INFINITY, f64::min);
        if front < LEAST || !over.is_finite() || over <= 1.0 {
            return batch;
        }
        // The squared error goes as 1/n − 1/N.
        let (n, all) = (count(front), count(self.items.stratum.len()));
        let aim = 1.0 / ((1.0 / n - 1.0 / all).max(0.0) / (over * over) + 1.0 / all);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a float-to-int cast saturates")]
        let more = ((aim - n).ceil().max(1.0)) as usize;
        more.clamp(4.min(batch), batch)
    }

    /// The normal quantile of the one look at which an interval is narrow enough.
    pub(super) fn look_z(&self) -> f64 {
        let level = self.spec.level;
        Level::new(1.0 - 2.0 * level.tail() * (1.0 - EVERY_LOOK)).unwrap_or(level).z()
    }

    fn mean_cost(&self, target: usize) -> f64 {
        (0..self.items.stratum.len()).map(|item| self.cost(target, item) * self.weight(item)).sum()
    }

    fn extend_order(&mut self, to: usize) {
        let have = self.order.drawn().len();
        if to <= have {
            return;
        }
        let who = numbers(&self.active);
        let mut spreads = vec![0.0; self.items.stratum.len()];
        let mut mean = 0.0;
        for item in self.order.left() {
            let each = who.iter().filter_map(|k| self.answers.get(*k)).map(|a| {
                let f = a.predicted(*item);
                f * (1.0 - f)
            });
            let variance = each.sum::<f64>() / count(who.len().max(1));
            if let Some(place) = spreads.get_mut(*item) {
                *place = variance;
            }
            mean += variance;
        }
        mean /= count(self.order.left().len().max(1));
        // What is foreseen after few answers is drawn towards what is common; and never wholly trusted.
        let common = 30.0 / (30.0 + count(have)) * 0.75 + 0.25;
        let costs: Vec<f64> =
            (0..spreads.len()).map(|item| who.iter().map(|k| self.cost(*k, item)).sum::<f64>()).collect();
        let spread = |item: usize| ((1.0 - common) * at(&spreads, item) + common * mean).sqrt();
        self.order.extend(to - have, spread, |item| at(&costs, item));
    }
}
