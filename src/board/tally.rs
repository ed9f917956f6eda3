//! What one run has found in one stratum: sums that merge, and from which figures follow.

use super::causes::{Causes, CostOfPass};
use super::drawn::Drawn;
use crate::domain::{
    Component, Cost, Exchange, Fingerprint, ItemId, Money, Name, Nanos, Sample, Tags, TokenSource, Verdict,
};
use crate::stats::{Level, Pair, PairedGap, RatioSums, Sketch, paired_gap};
use std::collections::BTreeMap;

/// What is never pooled: who, what, which stratum, which provenance.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct TallyKey {
    /// Who was asked.
    pub target: Name,
    /// Out of which scenario.
    pub scenario: Name,
    /// The stratum.
    pub tags: Tags,
    /// The provenance.
    pub provenance: Fingerprint,
}

/// What one independent unit (an item with its variants and repeats) has come to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Cluster {
    pub(super) correct: u32,
    pub(super) graded: u32,
    /// The same of the item itself, its other forms apart.
    pub(super) base: (u32, u32),
    /// Nano-USD, hardware and energy apart: they are the run's.
    pub(super) cost: i64,
}

impl Cluster {
    fn add(&mut self, other: &Self) {
        let Self { correct, graded, base, cost } = other;
        self.correct += correct;
        self.graded += graded;
        self.base = (self.base.0 + base.0, self.base.1 + base.1);
        self.cost = self.cost.saturating_add(*cost);
    }

    /// The item itself against its other forms.
    fn pair(&self) -> Pair {
        let Self { correct, graded, base, cost: _ } = *self;
        let forms = (correct.saturating_sub(base.0), graded.saturating_sub(base.1));
        let wide = |(right, all): (u32, u32)| (u64::from(right), u64::from(all));
        Pair { base: wide(base), forms: wide(forms) }
    }
}

/// Latencies of successes, by which clock they count from.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Sketches {
    pub(super) first_token: [Sketch; 2],
    pub(super) duration: [Sketch; 2],
    pub(super) inter_token: Sketch,
    pub(super) per_output_token: Sketch,
}

/// What is known of a sample only by the process that asked it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Live {
    /// Whether it was a success inside the SLO; none without an SLO.
    pub inside: Option<bool>,
    /// Correct and inside the SLO.
    pub good: bool,
    /// The share of the target's answers that is to be inside the SLO.
    pub goal: f64,
}

/// How many answers were inside the SLO; what brought no answer was not.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Slo {
    pub(super) inside: u64,
    pub(super) asked: u64,
    /// Of one target all samples have the same.
    pub(super) goal: f64,
}

/// Sums over the samples of one key; a monoid.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Tally {
    clusters: BTreeMap<ItemId, Cluster>,
    /// Whether some of it are forms of items: then other strata may have more of the same clusters.
    forms: bool,
    pub(super) verdicts: [u64; Verdict::ALL.len()],
    /// By cluster: correct over graded.
    pub(super) accuracy: RatioSums,
    /// By cluster: nano-USD (hardware and energy apart) over correct.
    pub(super) per_correct: RatioSums,
    pub(super) cost: Cost,
    pub(super) drawn: Drawn,
    /// What the cost was for.
    pub(super) causes: Causes,
    pub(super) unpriced: u64,
    pub(super) unknown: (u64, Money),
    pub(super) sketches: Sketches,
    pub(super) by_events: bool,
    /// What came inside the SLO while this process watched; none without an SLO.
    pub(super) slo: Option<Slo>,
    /// Output tokens, and successes that were correct and inside the SLO, while this process watched …
    pub(super) tokens: u64,
    pub(super) good: u64,
    /// … from the first send to the last token.
    pub(super) window: Option<(Nanos, Nanos)>,
}

fn index(verdict: Verdict) -> usize {
    verdict as usize
}

impl Tally {
    /// Takes a sample. `live` says that this process asked it, so that its instants are on this process's clock: only
    /// then does it count in rates per second.
    pub fn add(&mut self, sample: &Sample, live: Option<Live>) {
        let verdict = sample.finding.verdict;
        self.verdicts[index(verdict)] += 1;
        let cost = sample.cost();
        self.cost = self.cost + cost;
        self.drawn.add(&sample.share);
        self.causes.add(sample);
        self.add_to_cluster(sample, verdict, cost);
        self.unpriced += u64::from(sample.is_unpriced());
        let (count, bound) = sample.unknown();
        self.unknown = (self.unknown.0 + u64::from(count), self.unknown.1 + bound);
        if let Some(Live { inside: Some(inside), good: _, goal }) = live {
            let slo = self.slo.get_or_insert_default();
            (slo.inside, slo.asked) = (slo.inside + u64::from(inside), slo.asked + 1);
            slo.goal = slo.goal.max(goal);
        }
        // Of a conversation, every turn.
        for exchange in sample.exchanges.iter().filter(|e| e.is_success()) {
            let (tokens, source) = exchange.tokens_out();
            let timing = &exchange.timing;
            self.by_events |= source == TokenSource::Events;
            self.sketch(timing, tokens);
            if let (Some(_), Some(send), Some(end)) = (live, timing.send, timing.last.or(timing.end)) {
                let (from, to) = self.window.unwrap_or((send, end));
                self.window = Some((from.min(send), to.max(end)));
                self.tokens += tokens;
            }
        }
        if let (Some(live), true) = (live, sample.last().is_some_and(Exchange::is_success)) {
            self.good += u64::from(live.good);
        }
    }

    /// What belongs to the run and to no item: hardware and its energy.
    pub(super) fn of_the_run(&self) -> Money {
        self.cost.get(Component::Hardware) + self.cost.get(Component::Energy)
    }

    /// Whether anything in it was answered.
    pub(super) fn is_answered(&self) -> bool {
        Verdict::ALL.into_iter().any(|v| v.is_answered() && self.verdicts[index(v)] > 0)
    }

    /// Whether there is nothing in it to be right or wrong: answers came, and none can be graded.
    pub(super) fn is_ungraded(&self) -> bool {
        self.verdicts[index(Verdict::Ungraded)] > 0
            && !Verdict::ALL.into_iter().any(|v| v.is_graded() && self.verdicts[index(v)] > 0)
    }

    fn add_to_cluster(&mut self, sample: &Sample, verdict: Verdict, cost: Cost) {
        let known = self.clusters.contains_key(&sample.cluster);
        let cluster = self.clusters.entry(sample.cluster.clone()).or_default();
        let old = *cluster;
        cluster.correct += u32::from(verdict == Verdict::Correct);
        cluster.graded += u32::from(verdict.is_graded());
        // An item's own id is that of its cluster; a form of it has another.
        if sample.key.item == sample.cluster {
            cluster.base.0 += u32::from(verdict == Verdict::Correct);
            cluster.base.1 += u32::from(verdict.is_graded());
        } else {
            self.forms = true;
        }
        let of_the_run = cost.get(Component::Hardware) + cost.get(Component::Energy);
        cluster.cost = cluster.cost.saturating_add((cost.total() - of_the_run).nanos());
        let new = *cluster;
        // Sums of squares of cluster sums: what the cluster was goes out, what it is comes in.
        if old.graded > 0 {
            self.accuracy.remove(old.correct.into(), old.graded.into());
        }
        if new.graded > 0 {
            self.accuracy.add(new.correct.into(), new.graded.into());
        }
        if known {
            self.per_correct.remove(old.cost, old.correct.into());
        }
        self.per_correct.add(new.cost, new.correct.into());
    }

    fn sketch(&mut self, timing: &crate::domain::Timing, tokens: u64) {
        let Sketches { first_token, duration, inter_token, per_output_token } = &mut self.sketches;
        let pairs = [
            (first_token, [timing.ttft(), timing.ttft_scheduled()]),
            (duration, [timing.e2e(), timing.e2e_scheduled()]),
        ];
        for (sketches, values) in pairs {
            for (sketch, value) in sketches.iter_mut().zip(values) {
                value.iter().for_each(|v| sketch.record(v.0));
            }
        }
        timing.gaps.iter().for_each(|gap| inter_token.record(*gap));
        timing.tpot(tokens).iter().for_each(|v| per_output_token.record(v.0));
    }

    /// Adds another tally of a *different* stratum: their clusters are taken as distinct.
    pub fn merge(&mut self, other: &Self) {
        for (mine, theirs) in self.verdicts.iter_mut().zip(other.verdicts) {
            *mine += theirs;
        }
        self.accuracy.merge(&other.accuracy);
        self.per_correct.merge(&other.per_correct);
        self.forms |= other.forms;
        self.cost = self.cost + other.cost;
        self.drawn.merge(&other.drawn);
        self.causes.merge(&other.causes);
        self.unpriced += other.unpriced;
        self.unknown = (self.unknown.0 + other.unknown.0, self.unknown.1 + other.unknown.1);
        self.by_events |= other.by_events;
        self.tokens += other.tokens;
        if let Some(Slo { inside, asked, goal }) = other.slo {
            let slo = self.slo.get_or_insert_default();
            (slo.inside, slo.asked, slo.goal) = (slo.inside + inside, slo.asked + asked, slo.goal.max(goal));
        }
        self.good += other.good;
        self.window = match (self.window, other.window) {
            (Some((a, b)), Some((c, d))) => Some((a.min(c), b.max(d))),
            (mine, theirs) => mine.or(theirs),
        };
        let Sketches { first_token, duration, inter_token, per_output_token } = &mut self.sketches;
        for (mine, theirs) in first_token.iter_mut().zip(&other.sketches.first_token) {
            mine.merge(theirs);
        }
        for (mine, theirs) in duration.iter_mut().zip(&other.sketches.duration) {
            mine.merge(theirs);
        }
        inter_token.merge(&other.sketches.inter_token);
        per_output_token.merge(&other.sketches.per_output_token);
    }
}

/// Tallies of different strata taken together.
pub(super) struct Whole {
    /// Their sums; it has no clusters of its own.
    pub(super) tally: Tally,
    items: u64,
    /// How much better items are answered than their forms; none where there are no forms.
    pub(super) gap: Option<PairedGap>,
    /// None where nothing was asked.
    pub(super) pass: Option<CostOfPass>,
}

impl Whole {
    /// Items, each with its forms and repeats.
    pub(super) const fn items(&self) -> u64 {
        self.items
    }
}

/// Takes tallies of different strata together. Where there are forms of items, an item and its forms may lie in different
/// strata (a fresh form has a split of its own): their clusters are joined, and so counted as the one unit that they are.
pub(super) fn join(parts: &[&Tally]) -> Whole {
    let mut tally = Tally::default();
    parts.iter().for_each(|part| tally.merge(part));
    if !tally.forms {
        let clusters = parts.iter().flat_map(|part| part.clusters.values());
        let pass = CostOfPass::of(clusters, tally.of_the_run());
        return Whole { tally, items: parts.iter().map(|part| part.clusters.len() as u64).sum(), gap: None, pass };
    }
    let mut clusters: BTreeMap<&ItemId, Cluster> = BTreeMap::new();
    for (id, cluster) in parts.iter().flat_map(|part| &part.clusters) {
        clusters.entry(id).or_default().add(cluster);
    }
    (tally.accuracy, tally.per_correct) = (RatioSums::default(), RatioSums::default());
    for cluster in clusters.values() {
        if cluster.graded > 0 {
            tally.accuracy.add(cluster.correct.into(), cluster.graded.into());
        }
        tally.per_correct.add(cluster.cost, cluster.correct.into());
    }
    let gap = paired_gap(clusters.values().map(Cluster::pair), Level::P95);
    let pass = CostOfPass::of(clusters.values(), tally.of_the_run());
    Whole { tally, items: clusters.len() as u64, gap, pass }
}
