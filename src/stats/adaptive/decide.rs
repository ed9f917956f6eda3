//! When a campaign's question is answered.

use super::campaign::{Campaign, Stop, at, count, numbers};
use super::duels::Relation;
use super::eliminate::rivals;
use super::spec::{Goal, Spec};
use super::target::Answers;
use crate::stats::{Interval, Level};

/// Answers below which no interval is called normal.
pub(super) const LEAST: usize = 50;

/// A target that can't lead by the margin is asked on while the best is this many margins ahead of it: it will soon be out.
const PARK: f64 = 3.0;

impl Campaign {
    /// Looks at what was answered so far: who needs no more questions, and whether anybody does.
    pub(super) fn decide(&mut self) {
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
        let least = |answers: &Answers| answers.known() - answers.hidden().0;
        let known = standing.iter().filter_map(|(k, _)| asked(*k)).map(least).fold(0.0, f64::max);
        for (k, mean) in &standing {
            let (Some(claim), Some(answers)) = (self.claims.get_mut(*k), self.answers.get(*k)) else { continue };
            if answers.known() + answers.hidden().1 + left < known - 1e-12 {
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
            let seen = look_interval(answers, z);
            let narrow = (seen.upper - seen.lower) / 2.0 <= half_width && answers.asked() >= LEAST;
            if let (Some(active), Some(look)) = (self.active.get_mut(k), self.looks.get_mut(k)) {
                if narrow && look.is_none() {
                    *look = Some(seen);
                }
                *active = *active && look.is_none() && answers.asked() < n;
            }
        }
        if !self.active.contains(&true) {
            self.stop = Some(if self.looks.iter().all(Option::is_some) { Stop::Decided } else { Stop::Exact });
        }
    }
}

/// The interval of one look: Wilson's, with as many answers as would have this standard error by themselves. Where nearly all answers are
/// alike, such a look comes early just when few of the rare kind were seen, and the normal interval then lies too far out.
///
/// Source: Wilson (1927), J. Amer. Statist. Assoc. 22, 209–212; with the effective number of answers: Korn & Graubard (1998), Survey
/// Methodology 24, 193–201.
fn look_interval(answers: &Answers, z: f64) -> Interval {
    let (estimate, error) = (answers.mean(), answers.error());
    if !error.is_finite() {
        return Interval { estimate, lower: 0.0, upper: 1.0 };
    }
    // One answer of either kind is possible, however many were alike.
    let least = 1.0 / (count(answers.asked()) + 2.0);
    let p = estimate.clamp(least, 1.0 - least);
    // z² over the effective number of answers.
    let part = (z * error).powi(2) / (p * (1.0 - p));
    let centre = (p + part / 2.0) / (1.0 + part);
    let half = ((z * error).powi(2) + part * part / 4.0).sqrt() / (1.0 + part);
    let (lower, upper) = ((centre - half).max(0.0), (centre + half).min(1.0));
    Interval { estimate: estimate.clamp(lower, upper), lower, upper }
}
