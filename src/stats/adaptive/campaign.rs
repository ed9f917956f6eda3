//! A campaign: which items to ask of which target next, until the question is answered. No input or output: whoever runs
//! it asks what it says and tells it the scores.

use super::duels::{Duel, Relation};
use super::eliminate::{Claim, Products};
use super::order::Order;
use super::predict::Items;
use super::ranking;
use super::spec::{Goal, Spec, SpecError};
use super::target::Answers;
use crate::stats::Interval;
use crate::stats::sequential::{MeanSequence, Tuning};
use std::collections::BTreeMap;

/// One item to be asked of one target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ask {
    /// The target's number.
    pub target: usize,
    /// The item's.
    pub item: usize,
}

/// Why a campaign asks no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// The question is answered at the campaign's level.
    Decided,
    /// Every item that could matter was asked: the answer is exact for these items.
    Exact,
    /// What it may spend is spent.
    Cap,
}

/// What is known of one target's mean over all items.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// With its interval at the campaign's level, which holds at every look.
    pub interval: Interval,
    /// Its standard error as far as the estimate is nearly normal; 0 when all items were asked.
    pub error: f64,
    /// Items that were asked.
    pub asked: usize,
    /// Items asked whose score can't be known.
    pub void: usize,
    /// Whether all items were asked and scored.
    pub exact: bool,
}

/// Of the error that an interval may have, the part that goes to its being right at every look before it is as narrow as was asked
/// for; the rest goes to the one look when it is.
pub(super) const EVERY_LOOK: f64 = 0.05;

/// The state of a campaign.
#[derive(Debug, Clone)]
pub struct Campaign {
    pub(super) spec: Spec,
    pub(super) items: Items,
    pub(super) order: Order,
    pub(super) answers: Vec<Answers>,
    pub(super) products: Products,
    pub(super) claims: Vec<Claim>,
    pub(super) duels: Vec<Duel>,
    /// Who is still asked.
    pub(super) active: Vec<bool>,
    /// Who can still be the best.
    pub(super) possible: Vec<bool>,
    /// The moment (answers) when a target's interval first was as narrow as was asked for, with that interval.
    pub(super) looks: Vec<Option<Interval>>,
    pub(super) waiting: BTreeMap<Ask, Option<Option<f64>>>,
    pub(super) spent: f64,
    pub(super) full: f64,
    pub(super) stop: Option<Stop>,
}

impl Campaign {
    /// A campaign that has asked nothing yet.
    ///
    /// # Errors
    /// When the parts of `spec` do not fit together.
    pub fn new(spec: Spec) -> Result<Self, SpecError> {
        spec.check()?;
        let n = spec.strata.len();
        let strata = spec.stratum_count();
        let mut sizes = vec![0.0; strata];
        for h in &spec.strata {
            if let Some(size) = sizes.get_mut(*h) {
                *size += 1.0;
            }
        }
        let raw: Vec<f64> = spec
            .strata
            .iter()
            .map(|h| match &spec.weights {
                None => 1.0,
                Some(weights) => at(weights, *h) / at(&sizes, *h).max(1.0),
            })
            .collect();
        let total: f64 = raw.iter().sum();
        let weights: Vec<f64> = raw.iter().map(|w| w / total).collect();
        let ease = spec.history.as_ref().map(|history| {
            let logit = |(k, m): &(u32, u32)| {
                let (k, m) = (f64::from(*k.min(m)), f64::from(*m));
                ((k + 0.5) / (m - k + 0.5)).ln()
            };
            history.iter().map(logit).collect()
        });
        let items = Items { stratum: spec.strata.clone(), ease };
        let answers = (0..spec.targets).map(|_| Answers::new(strata, &items, &weights)).collect();
        let (claims, duels) = match spec.goal {
            Goal::Best { margin } => ((0..spec.targets).map(|_| Claim::new(margin)).collect(), Vec::new()),
            Goal::BetterThan { baseline, margin } => (
                Vec::new(),
                (0..spec.targets).filter(|k| *k != baseline).map(|k| Duel::new((k, baseline), margin)).collect(),
            ),
            Goal::AllRanked { margin } => {
                let pairs = (0..spec.targets).flat_map(|i| (i + 1..spec.targets).map(move |j| (i, j)));
                (Vec::new(), pairs.map(|pair| Duel::new(pair, margin)).collect())
            }
            Goal::Precision { .. } | Goal::Ranking { .. } => (Vec::new(), Vec::new()),
        };
        let mut campaign = Self {
            order: Order::new(weights, spec.seed),
            items,
            answers,
            products: Products::new(spec.targets),
            claims,
            duels,
            active: vec![true; spec.targets],
            possible: vec![true; spec.targets],
            looks: vec![None; spec.targets],
            waiting: BTreeMap::new(),
            spent: 0.0,
            full: 0.0,
            stop: None,
            spec,
        };
        campaign.full =
            (0..campaign.spec.targets).map(|k| (0..n).map(|item| campaign.cost(k, item)).sum::<f64>()).sum();
        Ok(campaign)
    }

    /// What to ask next: what was handed out and is not answered yet, or else the next batch. Empty when nothing is to be
    /// asked any more (see [`Campaign::stopped`]).
    pub fn next_batch(&mut self) -> Vec<Ask> {
        if self.stop.is_some() {
            return Vec::new();
        }
        if self.waiting.values().all(Option::is_some) {
            let asks = self.choose();
            self.waiting = asks.into_iter().map(|ask| (ask, None)).collect();
            if self.waiting.is_empty() {
                self.stop = Some(self.why());
            }
        }
        self.waiting.iter().filter(|(_, answer)| answer.is_none()).map(|(ask, _)| *ask).collect()
    }

    /// Takes in the score (0 to 1) of what was asked; none where nobody can say what it would have been. What was not
    /// asked, or is answered already, changes nothing and gives false.
    pub fn take(&mut self, ask: Ask, score: Option<f64>) -> bool {
        let Some(place) = self.waiting.get_mut(&ask) else { return false };
        if place.is_some() {
            return false;
        }
        *place = Some(score);
        self.spent += self.cost(ask.target, ask.item);
        if self.waiting.values().all(Option::is_some) {
            self.digest();
        }
        true
    }

    /// Why it asks no more; none while it does.
    #[must_use]
    pub const fn stopped(&self) -> Option<Stop> {
        self.stop
    }

    /// What was spent, and what asking everything of everyone would have cost, in the unit of the costs.
    #[must_use]
    pub const fn spent(&self) -> (f64, f64) {
        (self.spent, self.full)
    }

    /// The share of the full pass's cost that was not spent.
    #[must_use]
    pub fn saving(&self) -> f64 {
        if self.full > 0.0 { 1.0 - self.spent / self.full } else { 0.0 }
    }

    /// The targets that can still be the best, of [`Goal::Best`]; of other goals all. Among several the margin decided: none of
    /// them but the first of [`Campaign::ranking`] can lead all the others by it.
    #[must_use]
    pub fn candidates(&self) -> Vec<usize> {
        numbers(&self.possible)
    }

    /// Targets from best to worst by estimate; those that can still be the best come first.
    #[must_use]
    pub fn ranking(&self) -> Vec<usize> {
        let means = self.means();
        let mut order: Vec<usize> = (0..self.spec.targets).collect();
        let out = |k: usize| self.possible.get(k) != Some(&true);
        order.sort_by(|a, b| out(*a).cmp(&out(*b)).then_with(|| at(&means, *b).total_cmp(&at(&means, *a))));
        order
    }

    /// What is shown of two targets, directly or because a third lies between them ([`Goal::BetterThan`] and
    /// [`Goal::AllRanked`]).
    #[must_use]
    pub fn relation(&self, a: usize, b: usize) -> Relation {
        let direct = |i: usize, j: usize| {
            self.duels.iter().find_map(|duel| match duel.pair {
                pair if pair == (i, j) => Some(duel.relation),
                pair if pair == (j, i) => Some(duel.relation.turned()),
                _ => None,
            })
        };
        match direct(a, b).unwrap_or(Relation::Open) {
            Relation::Open => {}
            shown => return shown,
        }
        for through in [Relation::Better, Relation::Worse] {
            if (0..self.spec.targets).any(|c| direct(a, c) == Some(through) && direct(c, b) == Some(through)) {
                return through;
            }
        }
        Relation::Open
    }

    /// A target's mean over all items.
    ///
    /// The interval is a confidence sequence by betting, cut by what is certain. Of [`Goal::Precision`] it has nineteen twentieths
    /// of its error left for one look, the first at which the standard error is small enough: from there on it is also within
    /// the normal interval of that look (fixed-width sequential intervals: Chow & Robbins 1965, Ann. Math. Statist. 36,
    /// 457–462; the moment depends on the variance alone). Together they hold at every look.
    #[must_use]
    pub fn estimate(&self, target: usize) -> Estimate {
        let Some(answers) = self.answers.get(target) else {
            let interval = Interval { estimate: 0.5, lower: 0.0, upper: 1.0 };
            return Estimate { interval, error: f64::INFINITY, asked: 0, void: 0, exact: false };
        };
        let (asked, void) = (answers.asked(), answers.void());
        let exact = asked == self.items.stratum.len() && void == 0;
        if exact {
            let known = answers.known().clamp(0.0, 1.0);
            let interval = Interval { estimate: known, lower: known, upper: known };
            return Estimate { interval, error: 0.0, asked, void, exact };
        }
        let known: f64 = answers.seen().iter().map(|seen| seen.score * self.weight(seen.item)).sum();
        let left: f64 = self.order_weight_left(asked);
        // Nobody knows what an answer without a score would have been.
        let (less, more) = answers.hidden();
        let bounds = ((known - less).clamp(0.0, 1.0), (known + more + left).clamp(0.0, 1.0));
        let alpha = 2.0 * self.spec.level.tail();
        let (alpha, tuning) = match self.spec.goal {
            Goal::Precision { half_width } => (alpha * EVERY_LOOK, Tuning::HalfWidth(half_width)),
            _ => (alpha, Tuning::Everywhere),
        };
        let mut sequence = MeanSequence::with_error(alpha, tuning, bounds);
        for absorbed in answers.absorbed() {
            sequence.push(absorbed.draw);
        }
        let mut interval = sequence.interval();
        if let Some(look) = self.looks.get(target).copied().flatten() {
            // Where the two don't meet, one is wrong: the look's stays, which has most of the error.
            if look.lower <= interval.upper && interval.lower <= look.upper {
                interval.lower = interval.lower.max(look.lower);
                interval.upper = interval.upper.min(look.upper);
            } else {
                interval = look;
            }
        }
        interval.estimate = answers.mean().clamp(interval.lower, interval.upper);
        Estimate { interval, error: answers.error(), asked, void, exact }
    }

    /// The estimate of every target.
    pub(super) fn means(&self) -> Vec<f64> {
        if matches!(self.spec.goal, Goal::Ranking { .. }) {
            return ranking::standing(&self.answers, &self.products);
        }
        let n = self.items.stratum.len();
        self.answers.iter().map(|a| if a.asked() == n { a.known() } else { a.mean() }).collect()
    }

    /// The weight of an item.
    pub(super) fn weight(&self, item: usize) -> f64 {
        at(self.order.weights(), item)
    }

    /// The weight of all items that come after the first so many.
    pub(super) fn order_weight_left(&self, asked: usize) -> f64 {
        let drawn: f64 = self.order.drawn().iter().take(asked).map(|d| d.weight).sum();
        (1.0 - drawn).max(0.0)
    }

    /// What it costs to ask an item of a target.
    pub(super) fn cost(&self, target: usize, item: usize) -> f64 {
        let stratum = self.items.stratum.get(item).copied().unwrap_or(0);
        self.spec.costs.as_ref().and_then(|costs| costs.get(target)?.get(stratum)).copied().unwrap_or(1.0)
    }

    fn why(&self) -> Stop {
        let n = self.items.stratum.len();
        let all = |k: &usize| self.answers.get(*k).is_none_or(|a| a.asked() == n);
        if numbers(&self.active).iter().all(all) { Stop::Exact } else { Stop::Cap }
    }

    /// Works in a whole batch of answers, in the order of items.
    fn digest(&mut self) {
        let waiting = std::mem::take(&mut self.waiting);
        let asked: Vec<usize> = self.answers.iter().map(Answers::asked).collect();
        let first = waiting.keys().map(|ask| at_count(&asked, ask.target)).min().unwrap_or(0);
        let mut outstanding = waiting.len();
        let drawn: Vec<_> = self.order.drawn().iter().enumerate().skip(first).map(|(p, d)| (p, *d)).collect();
        for (position, drawn) in drawn {
            if outstanding == 0 {
                break;
            }
            for k in 0..self.spec.targets {
                let Some(Some(score)) = waiting.get(&Ask { target: k, item: drawn.item }) else { continue };
                outstanding -= 1;
                let Some(answers) = self.answers.get_mut(k) else { continue };
                let error = answers.absorb(&drawn, *score).error;
                for (j, other) in self.answers.iter().enumerate() {
                    if let Some(absorbed) = other.absorbed().get(position).filter(|_| other.asked() > position) {
                        self.products.take(k, j, error * absorbed.error);
                    }
                }
            }
            self.bet(position, drawn.reach);
        }
        for (answers, before) in self.answers.iter_mut().zip(asked) {
            // A prediction is worth working out anew when there is something new to it.
            if answers.asked() > before {
                answers.refit(&self.items, self.order.weights());
            }
        }
        self.decide();
    }

    /// Lets the bettors have one draw.
    fn bet(&mut self, position: usize, reach: f64) {
        let Self { answers, claims, duels, active, .. } = self;
        let of = |k: usize| {
            let answers = answers.get(k)?;
            Some((*answers.absorbed().get(position)?, answers.range()))
        };
        for (k, claim) in claims.iter_mut().enumerate() {
            if let Some((own, range)) = of(k).filter(|_| active.get(k) == Some(&true)) {
                claim.take(&own, range, reach, of);
            }
        }
        for duel in duels.iter_mut().filter(|duel| duel.relation == Relation::Open) {
            if let (Some((a, of_a)), Some((b, of_b))) = (of(duel.pair.0), of(duel.pair.1)) {
                duel.take((&a, of_a), (&b, of_b), reach);
            }
        }
    }
}

/// The numbers of those that are true.
pub(super) fn numbers(which: &[bool]) -> Vec<usize> {
    which.iter().enumerate().filter(|(_, is)| **is).map(|(k, _)| k).collect()
}

/// A number of a list, 0 where it has none.
pub(super) fn at(list: &[f64], place: usize) -> f64 {
    list.get(place).copied().unwrap_or(0.0)
}

/// The same of counts.
pub(super) fn at_count(list: &[usize], place: usize) -> usize {
    list.get(place).copied().unwrap_or(0)
}

/// A count as a number.
#[expect(clippy::cast_precision_loss, reason = "counts far below 2^53")]
pub(super) const fn count(n: usize) -> f64 {
    n as f64
}
