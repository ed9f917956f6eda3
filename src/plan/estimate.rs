//! What a run will ask and may cost, before a cent is spent.

use super::{Scenario, Target};
use crate::domain::{Answer, Charge, Item, Money, Prompt, Usage};
use crate::scoring::{Graded, SHOWN};
use crate::workload::arrival::Pattern;
use crate::workload::{Look, Workload};
use std::sync::Arc;

/// How the figures come about, to be printed beside them.
pub const RULE: &str = "\
estimate: every trial once, warm-up included; 4 bytes of prompt are a token, answers take half of max_tokens
maximum:  every attempt is used; every byte of the dearest prompts is a token, plus the template; answers take max_tokens
          (in a conversation the next turns have them in their prompts)
          (budgets reserve by the same rule before each exchange; hardware by the hour costs time and is in neither)";

/// Items drawn to see what prompts a generator makes.
const SAMPLE: usize = 1000;

/// What one run asks of one target out of one scenario.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Estimate {
    /// Trials that become samples, at the most: items times repeats.
    pub items: u64,
    /// Items before them that do not.
    pub warmup: u64,
    /// Exchanges when no attempt is needed twice: one for every turn.
    pub least_exchanges: u64,
    /// Exchanges when every attempt is needed.
    pub most_exchanges: u64,
    /// By the rule's typical figures; none where there is no price by token.
    pub typical: Option<Money>,
    /// The worst case; none where there is no price by token.
    pub most: Option<Money>,
    /// Whether prompts were taken from a draw that another run will not repeat: then the maximum is no bound.
    pub sampled: bool,
}

/// Works it out.
#[must_use]
pub fn estimate(target: &Target, scenario: &Scenario, judge: Option<&Target>, workload: &Workload) -> Estimate {
    let Look { items: sample, all, sampled } = scenario.items.look(SAMPLE);
    let items = match &workload.arrival.pattern {
        // At the least: a rate that brings more in its time asks more.
        Pattern::Sweep(bounds) => bounds.points as usize * bounds.samples as usize,
        _ => workload.stop.items.map_or(all, |stop| stop.min(all)).saturating_mul(scenario.repeats as usize),
    };
    let sampled =
        sampled || workload.warmup.duration.is_some() || matches!(workload.arrival.pattern, Pattern::Sweep(_));
    let warmup = if all == 0 { 0 } else { workload.warmup.items };
    let attempts = i128::from(target.retry.attempts);
    let asked = i128::try_from(items.saturating_add(warmup)).unwrap_or(i128::MAX);

    let mut turns: Vec<i128> = sample.iter().map(|item| item.exchanges() as i128).collect();
    turns.sort_by_key(|n| std::cmp::Reverse(*n));
    let most_turns = turns.first().copied().unwrap_or(1);
    let listed: i128 = turns.iter().flat_map(|n| std::iter::repeat_n(n, scenario.repeats as usize)).take(items).sum();
    let beyond = asked - i128::try_from(turns.len().saturating_mul(scenario.repeats as usize).min(items)).unwrap_or(0);
    let least = listed.saturating_add(most_turns.saturating_mul(beyond));

    // Typical and worst, over all that is asked, of what an item costs.
    let summed = |mut costs: Vec<(i128, i128)>, attempts: i128| {
        costs.sort_by_key(|(_, worst)| std::cmp::Reverse(*worst));
        let (_, dearest) = *costs.first()?;
        let count = i128::try_from(costs.len()).unwrap_or(1).max(1);
        let typical = costs.iter().map(|(typical, _)| typical).sum::<i128>().saturating_mul(asked) / count;
        let again = |cost| std::iter::repeat_n(cost, scenario.repeats as usize);
        let listed: i128 = costs.iter().flat_map(again).take(items).map(|(_, worst)| worst).sum();
        // Warm-up items, and items beyond those that were looked at, are taken as the dearest.
        let seen = costs.len().saturating_mul(scenario.repeats as usize).min(items);
        let beyond = asked - i128::try_from(seen).unwrap_or(0);
        let most = listed.saturating_add(dearest.saturating_mul(beyond)).saturating_mul(attempts);
        Some((typical, most))
    };
    let own = summed(sample.iter().filter_map(|item| costs(target, scenario, item)).collect(), attempts);
    let judging = judge.and_then(|judge| {
        let costs = sample.iter().filter_map(|item| judged(judge, target, scenario, item));
        summed(costs.collect(), judge.retry.attempts.into())
    });
    let both = own.into_iter().chain(judging).reduce(|a, b| (a.0.saturating_add(b.0), a.1.saturating_add(b.1)));
    Estimate {
        items: items as u64,
        warmup: warmup as u64,
        least_exchanges: u64::try_from(least).unwrap_or(u64::MAX),
        most_exchanges: u64::try_from(least.saturating_mul(attempts)).unwrap_or(u64::MAX),
        typical: both.map(|(typical, _)| money(typical)),
        most: both.map(|(_, most)| money(most)),
        sampled,
    }
}

/// The most that any one exchange can cost; zero where there is no price by token.
pub(super) fn one_exchange(target: &Target, scenario: &Scenario) -> Money {
    let turns =
        |item: &Arc<Item>| turns(target, scenario, item).map(|(prompt, more)| target.worst_after(&prompt, more)).max();
    scenario.items.look(SAMPLE).items.iter().filter_map(turns).max().unwrap_or_default()
}

/// The prompts of an item's turns, and the tokens that the earlier answers in them take at the most.
fn turns<'a>(target: &Target, scenario: &'a Scenario, item: &'a Item) -> impl Iterator<Item = (Prompt, u64)> + 'a {
    let most = u64::from(target.sampling.max_tokens.unwrap_or(0));
    (0..item.exchanges()).map(move |turn| {
        let silent = vec![String::new(); turn];
        (scenario.template.turn(item, &silent), most.saturating_mul(turn as u64))
    })
}

/// The most that asking an item once can cost, all its turns together, retries apart.
#[must_use]
pub fn worst(target: &Target, scenario: &Scenario, item: &Item) -> Money {
    turns(target, scenario, item).map(|(prompt, earlier)| target.worst_after(&prompt, earlier)).sum()
}

/// Typical and worst cost of having an answer to an item judged, in nano-USD; none where there is no price by token, or
/// this item's answers are never judged.
fn judged(judge: &Target, target: &Target, scenario: &Scenario, item: &Item) -> Option<(i128, i128)> {
    judge.price.by_token()?;
    let blank = Answer { text: "?".to_owned(), ..Answer::default() };
    let Graded::Ask(prompts) = scenario.scorer.grade(item, &blank) else { return None };
    let likely = u64::from(target.sampling.max_tokens.unwrap_or(0)).div_ceil(2);
    let cost = |prompt: &Prompt| {
        let usage = Usage {
            input: Some(prompt.bytes().div_ceil(4) + likely),
            output: prompt.limit(&judge.sampling).map(|most| u64::from(most).div_ceil(2)),
            ..Usage::default()
        };
        let typical = charged(judge, &usage)?.nanos();
        let worst = judge.worst_after(prompt, SHOWN as u64).nanos();
        Some((i128::from(typical), i128::from(worst)))
    };
    prompts.iter().map(cost).try_fold((0, 0), |sum, one| one.map(|one| (sum.0 + one.0, sum.1 + one.1)))
}

/// The typical cost of asking an item once and having its answer judged; none where that is not known.
pub(super) fn typical(target: &Target, scenario: &Scenario, judge: Option<&Target>, item: &Item) -> Option<Money> {
    let (own, _) = costs(target, scenario, item)?;
    let judged = match judge {
        // Without a prompt for it, nothing is judged.
        Some(judge) if judge.price.by_token().is_some() => {
            judged(judge, target, scenario, item).map_or(0, |(one, _)| one)
        }
        Some(_) => return None,
        None => 0,
    };
    Some(money(own.saturating_add(judged)))
}

/// Typical and worst cost of asking an item once, in nano-USD; none where there is no price by token.
fn costs(target: &Target, scenario: &Scenario, item: &Item) -> Option<(i128, i128)> {
    target.price.by_token()?;
    let mut sums = turns(target, scenario, item).map(|(prompt, earlier)| {
        let usage = Usage {
            input: Some(prompt.bytes().div_ceil(4) + earlier.div_ceil(2)),
            // A recorded length is known; else half of what is allowed.
            output: prompt
                .limit(&target.sampling)
                .map(|most| if prompt.max_tokens.is_some() { u64::from(most) } else { u64::from(most).div_ceil(2) }),
            ..Usage::default()
        };
        let typical = charged(target, &usage)?;
        Some((i128::from(typical.nanos()), i128::from(target.worst_after(&prompt, earlier).nanos())))
    });
    sums.try_fold((0, 0), |sum, one| one.map(|one| (sum.0 + one.0, sum.1 + one.1)))
}

/// What a usage would cost today at noon (UTC), in the tier that is asked for; none where that has no price. Not now: two
/// looks at a plan on one day tell the same.
fn charged(target: &Target, usage: &Usage) -> Option<Money> {
    const DAY_MS: i64 = 86_400_000;
    let noon = jiff::Timestamp::now().as_millisecond().div_euclid(DAY_MS) * DAY_MS + DAY_MS / 2;
    match target.price.charge(usage, noon, target.tier.as_deref(), Money::ZERO) {
        Charge::Unpriced { .. } => None,
        charge => Some(charge.known().total()),
    }
}

fn money(nanos: i128) -> Money {
    Money::from_nanos(i64::try_from(nanos).unwrap_or(i64::MAX))
}
