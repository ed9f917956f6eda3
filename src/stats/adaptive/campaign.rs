//! A campaign: which items to ask of which target next, until the question is answered. No input or output: whoever runs
//! it asks what it says and tells it the scores.

use super::duels::{Duel, Relation};
use super::eliminate::{Claim, Products, rivals};
use super::order::Order;
use super::predict::Items;
use super::ranking;
use super::spec::{Goal, Spec, SpecError};
use super::target::Answers;
use crate::stats::sequential::{MeanSequence, Tuning};
use crate::stats::{Interval, Level};
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
const EVERY_LOOK: f64 = 0.05;

/// The state of a campaign.
#[derive(Debug, Clone)]
pub struct Campaign {
    spec: Spec,
    items: Items,
    order: Order,
    answers: Vec<Answers>,
    products: Products,
    claims: Vec<Claim>,
    duels: Vec<Duel>,
    /// Who is still asked.
    active: Vec<bool>,
    /// Who can still be the best.
    possible: Vec<bool>,
    /// The moment (answers) when a target's interval first was as narrow as was asked for, with that interval.
    looks: Vec<Option<Interval>>,
    waiting: BTreeMap<Ask, Option<Option<f64>>>,
    spent: f64,
    full: f64,
    stop: Option<Stop>,
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
        campaign.full = (0..campaign.spec.targets)
            .map(|k| (0..n).map(|item| campaign.cost(k, item)).sum::<f64>())
            .sum();
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
        let bounds = (known.clamp(0.0, 1.0), (known + left).clamp(0.0, 1.0));
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

    fn means(&self) -> Vec<f64> {
        if matches!(self.spec.goal, Goal::Ranking { .. }) {
            return ranking::standing(&self.answers, &self.products);
        }
        let n = self.items.stratum.len();
        self.answers.iter().map(|a| if a.asked() == n { a.known() } else { a.mean() }).collect()
    }

    fn weight(&self, item: usize) -> f64 {
        at(self.order.weights(), item)
    }

    /// The weight of all items that come after the first so many.
    fn order_weight_left(&self, asked: usize) -> f64 {
        let drawn: f64 = self.order.drawn().iter().take(asked).map(|d| d.weight).sum();
        (1.0 - drawn).max(0.0)
    }

    fn cost(&self, target: usize, item: usize) -> f64 {
        let stratum = self.items.stratum.get(item).copied().unwrap_or(0);
        self.spec.costs.as_ref().and_then(|costs| costs.get(target)?.get(stratum)).copied().unwrap_or(1.0)
    }

    fn why(&self) -> Stop {
        let n = self.items.stratum.len();
        let all = |k: &usize| self.answers.get(*k).is_none_or(|a| a.asked() == n);
        if numbers(&self.active).iter().all(all) { Stop::Exact } else { Stop::Cap }
    }

    fn limit(&self) -> f64 {
        let share = if let Goal::Ranking { share } = self.spec.goal { share * self.full } else { f64::INFINITY };
        self.spec.cap.map_or(share, |cap| cap.min(share)) + 1e-9 * self.full
    }

    /// The next batch: for each target that is asked, how far it is to go in the order.
    fn choose(&mut self) -> Vec<Ask> {
        let n = self.items.stratum.len();
        let asked: Vec<usize> = self.answers.iter().map(Answers::asked).collect();
        let front = numbers(&self.active).iter().filter_map(|k| asked.get(*k).copied()).max().unwrap_or(0);
        let batch = self.spec.batch.max(front / 16);
        let mut goals: Vec<(usize, usize)> = Vec::new();
        if let Goal::Ranking { share } = self.spec.goal {
            #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "counts")]
            let first = ((n as f64 * share * FIRST_PART).ceil() as usize).clamp(1, n);
            if asked.iter().any(|have| *have < first) {
                goals = (0..self.spec.targets).map(|k| (k, (front + batch).min(first))).collect();
            } else {
                let costs: Vec<f64> = (0..self.spec.targets).map(|k| self.mean_cost(k)).collect();
                let mean_cost = |k: usize| at(&costs, k);
                let drawn = self.order.drawn();
                if let Some((i, j)) = ranking::worth_asking(&self.answers, &self.products, drawn, n, batch, mean_cost) {
                    let (a, b) = (at_count(&asked, i), at_count(&asked, j));
                    let to = (a.min(b) + batch).min(n);
                    goals = [(i, a), (j, b)].into_iter().filter(|(_, have)| *have < to).map(|(k, _)| (k, to)).collect();
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

    fn look_z(&self) -> f64 {
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

    fn decide(&mut self) {
        let Spec { goal, level, .. } = self.spec;
        match goal {
            Goal::Best { margin } => self.decide_best(margin, level),
            Goal::BetterThan { margin, .. } | Goal::AllRanked { margin } => self.decide_duels(margin, level),
            Goal::Precision { half_width } => self.decide_precision(half_width),
            Goal::Ranking { .. } => {}
        }
    }

    fn decide_best(&mut self, margin: f64, level: Level) {
        let needed = -(2.0 * level.tail()).ln();
        let means = self.means();
        let mut standing: Vec<(usize, f64)> = numbers(&self.active).into_iter().map(|k| (k, at(&means, k))).collect();
        standing.sort_by(|a, b| b.1.total_cmp(&a.1));
        let Some((leader, top)) = standing.first().copied() else { return };
        let asked = |k: usize| self.answers.get(k);
        let left = self.order_weight_left(asked(leader).map_or(0, Answers::asked));
        let known = standing.iter().filter_map(|(k, _)| asked(*k)).map(Answers::known).fold(0.0, f64::max);
        for (k, mean) in &standing {
            let (Some(claim), Some(answers)) = (self.claims.get_mut(*k), self.answers.get(*k)) else { continue };
            if answers.known() + left < known - 1e-12 {
                claim.refute();
            }
            let (best, ahead) = claim.evidence();
            if *k == leader {
                continue;
            }
            if let (Some(active), Some(possible)) = (self.active.get_mut(*k), self.possible.get_mut(*k)) {
                *possible = best < needed;
                // Who can't lead by the margin and is close needs no more questions: whether it is the best is worth nobody's
                // money. Who is behind will soon be out.
                *active = *possible && (margin <= 0.0 || ahead < needed || top - mean > PARK * margin);
            }
        }
        standing.retain(|(k, _)| self.active.get(*k) == Some(&true));
        // Shut are those that are still asked, and those that were parked.
        let open = standing.iter().filter(|(k, _)| *k != leader && !self.shut(*k, needed, margin)).count();
        if open == 0 {
            self.stop = Some(Stop::Decided);
            return;
        }
        for (k, _) in &standing {
            let (mixture, variance) = rivals(*k, &standing, &self.products);
            if let Some(claim) = self.claims.get_mut(*k) {
                claim.rivals = mixture;
                claim.variance = variance;
            }
        }
    }

    fn shut(&self, target: usize, needed: f64, margin: f64) -> bool {
        margin > 0.0 && self.claims.get(target).is_some_and(|claim| claim.evidence().1 >= needed)
    }

    fn decide_duels(&mut self, margin: f64, level: Level) {
        // Two directions for every pair.
        let needed = (2.0 * count(self.duels.len()) / (2.0 * level.tail())).ln();
        let n = self.items.stratum.len();
        let mut exact = false;
        for duel in &mut self.duels {
            let (a, b) = duel.pair;
            duel.judge(needed, margin);
            let full = |k: usize| self.answers.get(k).filter(|x| x.asked() == n && x.void() == 0).map(Answers::known);
            if let (Relation::Open, Some(of_a), Some(of_b)) = (duel.relation, full(a), full(b)) {
                exact = true;
                duel.relation = match of_a - of_b {
                    d if d.abs() < margin.max(1e-12) => Relation::Close,
                    d if d > 0.0 => Relation::Better,
                    _ => Relation::Worse,
                };
            }
            duel.variance = self.products.against(&[(a, 1.0)], b);
        }
        let open: Vec<(usize, usize)> = (0..self.spec.targets)
            .flat_map(|i| (i + 1..self.spec.targets).map(move |j| (i, j)))
            .filter(|(i, j)| {
                self.duels.iter().any(|duel| duel.pair == (*i, *j) || duel.pair == (*j, *i))
                    && self.relation(*i, *j) == Relation::Open
                    && [i, j].into_iter().any(|k| self.answers.get(*k).is_some_and(|a| a.asked() < n))
            })
            .collect();
        for (k, active) in self.active.iter_mut().enumerate() {
            *active = open.iter().any(|(i, j)| *i == k || *j == k);
        }
        if open.is_empty() {
            let open = self.duels.iter().any(|duel| self.relation(duel.pair.0, duel.pair.1) == Relation::Open);
            self.stop = Some(if exact || open { Stop::Exact } else { Stop::Decided });
        }
    }

    fn decide_precision(&mut self, half_width: f64) {
        let n = self.items.stratum.len();
        let z = self.look_z();
        for (k, answers) in self.answers.iter().enumerate() {
            let narrow = z * answers.error() <= half_width && answers.asked() >= LEAST;
            if let (Some(active), Some(look)) = (self.active.get_mut(k), self.looks.get_mut(k)) {
                if narrow && look.is_none() {
                    let (estimate, half) = (answers.mean(), z * answers.error());
                    *look = Some(Interval {
                        estimate,
                        lower: (estimate - half).max(0.0),
                        upper: (estimate + half).min(1.0),
                    });
                }
                *active = *active && look.is_none() && answers.asked() < n;
            }
        }
        if !self.active.contains(&true) {
            self.stop = Some(if self.looks.iter().all(Option::is_some) { Stop::Decided } else { Stop::Exact });
        }
    }
}

/// Answers below which no interval is called normal.
const LEAST: usize = 50;

/// The part of a ranking's budget that is spent on everyone alike.
const FIRST_PART: f64 = 0.2;

/// A target that can't lead by the margin is asked on while the best is this many margins ahead of it: it will soon be out.
const PARK: f64 = 3.0;

fn numbers(which: &[bool]) -> Vec<usize> {
    which.iter().enumerate().filter(|(_, is)| **is).map(|(k, _)| k).collect()
}

fn at(list: &[f64], place: usize) -> f64 {
    list.get(place).copied().unwrap_or(0.0)
}

fn at_count(list: &[usize], place: usize) -> usize {
    list.get(place).copied().unwrap_or(0)
}

#[expect(clippy::cast_precision_loss, reason = "counts far below 2^53")]
const fn count(n: usize) -> f64 {
    n as f64
}
