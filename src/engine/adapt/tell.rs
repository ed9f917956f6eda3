//! A campaign as the board keeps it.

use super::Play;
use super::known::Known;
use crate::board::{CampaignEnd, CampaignTarget, Campaigned, Question, Shown, Standing};
use crate::plan::{Adaptive, RunPlan};
use crate::stats::Relation;

/// What it came to so far.
pub(super) fn campaigned(
    plan: &RunPlan,
    adaptive: &Adaptive,
    play: &Play<'_>,
    known: &Known,
    end: CampaignEnd,
) -> Campaigned {
    let Play { scenario, ground, campaign, knowledge, paid } = play;
    let (order, possible) = (campaign.ranking(), campaign.candidates());
    let targets = order.iter().filter_map(|k| {
        let estimate = campaign.estimate(*k);
        let standing = match (&adaptive.question, possible.contains(k)) {
            (Question::Best, true) => Standing::Possible,
            (Question::Best, false) => Standing::Out,
            _ => Standing::Unsaid,
        };
        Some(CampaignTarget {
            target: plan.targets.get(*k)?.name.clone(),
            asked: estimate.asked as u64,
            void: paid.void(*k),
            accuracy: estimate.interval,
            exact: estimate.exact,
            standing,
        })
    });
    let pairs =
        order.iter().enumerate().flat_map(|(i, a)| order.iter().enumerate().skip(i + 1).map(move |b| ((i, a), b)));
    let relations = pairs.filter_map(|((i, a), (j, b))| {
        let of_pairs = match &adaptive.question {
            Question::AllRanked => true,
            Question::BetterThan(name) => [a, b].iter().any(|k| plan.targets.get(**k).is_some_and(|t| t.name == *name)),
            _ => false,
        };
        let shown = match campaign.relation(*a, *b) {
            Relation::Better => Shown::Better,
            Relation::Worse => Shown::Worse,
            Relation::Close => Shown::Close,
            Relation::Open => Shown::Open,
        };
        of_pairs.then_some((i, j, shown))
    });
    let (calls, cost, unpriced) = known.on(&scenario.name);
    Campaigned {
        scenario: scenario.name.clone(),
        question: adaptive.question.clone(),
        margin: adaptive.margin,
        level: adaptive.level.get(),
        end,
        items: ground.units.len() as u64,
        calls: (calls, ground.trials(scenario.repeats) * plan.targets.len() as u64),
        cost: paid.full().filter(|_| !unpriced).map(|full| (cost, full)),
        targets: targets.collect(),
        relations: relations.collect(),
        history: knowledge.earlier,
        noise: paid.noise(),
    }
}
