//! What an adaptive run may be expected to save, in words: before a cent is spent, and with what was assumed.

use crate::board::Question;
use crate::domain::Money;
use crate::plan::{Foretold, RunPlan, foretell};
use crate::stats::Expected;

/// What was assumed.
const RULE: &str = "expected: campaigns simulated with answers by the two-parameter logistic model, the targets' abilities drawn \
                    about 11 points apart; closer ones save less; with earlier answers to the same items, more is saved";

/// The expectation for each scenario, and what was assumed; nothing of a run that asks everything.
pub(super) fn lines(run: &RunPlan) -> Vec<String> {
    let Some(adaptive) = &run.adaptive else { return Vec::new() };
    let mut lines = Vec::new();
    for scenario in &run.scenarios {
        let Some(foretold) = foretell(run, scenario) else { continue };
        lines.push(format!("{}: {}", scenario.name, told(&foretold, &adaptive.question)));
    }
    lines.extend((!lines.is_empty()).then(|| RULE.to_owned()));
    lines
}

fn told(Foretold { expected, items: (items, simulated), calls, cost }: &Foretold, question: &Question) -> String {
    let Expected { saving, calls: saved, low, high, decided, runs } = *expected;
    let mut text =
        format!("about {} of {calls} calls are expected to be asked ({} % saved)", left(*calls, saved), percent(saved));
    if let Some(cost) = cost {
        let nanos = left(u64::try_from(cost.nanos()).unwrap_or(0), saving);
        let spent = Money::from_nanos(i64::try_from(nanos).unwrap_or(i64::MAX));
        text.push_str(&format!(", for about {spent} of {cost} ({} % saved)", percent(saving)));
    }
    let what = if cost.is_some() { "cost" } else { "calls" };
    text.push_str(&format!("; of {runs} simulated campaigns one in ten saves less than {} % of {what}", percent(low)));
    text.push_str(&format!(", one in ten more than {} %", percent(high)));
    if decided < 1.0 && !matches!(question, Question::Ranking(_)) {
        text.push_str(&format!("; {} % come to a decision within the budget", percent(decided)));
    }
    if simulated < items {
        text.push_str(&format!("; simulated with {simulated} of {items} items, and more items save more"));
    }
    text
}

/// What is left of a number when a share of it is saved.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a figure for display; a float-to-int cast saturates"
)]
fn left(of: u64, saved: f64) -> u64 {
    (of as f64 * (1.0 - saved)).round() as u64
}

fn percent(share: f64) -> String {
    format!("{:.0}", share * 100.0)
}
