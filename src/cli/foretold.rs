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
        let full = u64::try_from(cost.nanos()).unwrap_or(0);
        let (spent, full) = (rounded(left(full, saving)), rounded(full));
        text.push_str(&format!(", for about {spent} of {full} ({} % saved)", percent(saving)));
    }
    if high - low >= 0.01 {
        let what = if cost.is_some() { "cost" } else { "calls" };
        text.push_str(&format!(
            "; of {runs} simulated campaigns one in ten saves less than {} % of {what}, one in ten more than {} %",
            percent(low),
            percent(high)
        ));
    }
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

/// An amount to three digits: more would not be meant.
fn rounded(nanos: u64) -> Money {
    let unit = 10_u64.pow(nanos.checked_ilog10().unwrap_or(0).saturating_sub(2));
    let rounded = nanos.saturating_add(unit / 2) / unit * unit;
    Money::from_nanos(i64::try_from(rounded).unwrap_or(i64::MAX))
}

fn percent(share: f64) -> String {
    format!("{:.0}", share * 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn foretold(cost: Option<i64>, items: (usize, usize), decided: f64) -> Foretold {
        let expected = Expected { saving: 0.75, calls: 0.7, low: 0.5, high: 0.9, decided, runs: 60 };
        Foretold { expected, items, calls: 1_000, cost: cost.map(Money::from_nanos) }
    }

    #[test]
    fn what_is_expected_is_told_in_calls_and_money() {
        let text = told(&foretold(Some(123_456_789), (500, 500), 1.0), &Question::Best);
        assert_eq!(
            text,
            "about 300 of 1000 calls are expected to be asked (70 % saved), for about 0.0309 USD of 0.123 USD (75 % saved); of \
             60 simulated campaigns one in ten saves less than 50 % of cost, one in ten more than 90 %"
        );
        let text = told(&foretold(None, (5_000, 3_000), 0.4), &Question::AllRanked);
        assert!(
            text.contains("of calls, one in ten") && text.contains("40 % come to a decision within the budget"),
            "{text}"
        );
        assert!(text.ends_with("simulated with 3000 of 5000 items, and more items save more"), "{text}");
        assert!(!told(&foretold(None, (1, 1), 0.0), &Question::Ranking(0.25)).contains("decision"));
    }

    #[test]
    fn amounts_have_three_digits() {
        assert_eq!([0, 7, 999, 1_005, 123_456_789].map(|n| rounded(n).nanos()), [0, 7, 999, 1_010, 123_000_000]);
    }
}
