//! How fast a day's budget goes.

use super::{Rule, Topic, group};
use crate::export::provision::promql::{DAY, FIVE_MINUTES, HALF_HOUR, HOUR, SIX_HOURS};

/// The file.
pub(super) const TOPIC: Topic = Topic {
    name: "budget",
    about: "Burn of the day's budget: how many days' budgets a day at this pace would take. 1 spends exactly the day's limit. \
            What is spent of a day begins anew at midnight UTC, which is read as a counter that begins anew.",
    groups: |s| {
        let rules = [("5m", FIVE_MINUTES), ("30m", HALF_HOUR), ("1h", HOUR), ("6h", SIX_HOURS)].map(|(name, span)| {
            let expr = format!(
                "{} * increase(assayd_budget_spent_usd{{scope=\"day\"}}[{}])\n  / (assayd_budget_limit_usd{{scope=\"day\"}} > 0)",
                DAY.0 / span.0,
                s.span(span)
            );
            Rule::record(format!("assayd:budget_burn:ratio_{name}"), expr)
        });
        vec![group("assayd-budget", rules.into())]
    },
};
