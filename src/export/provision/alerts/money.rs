//! Money that goes faster than it should.

use super::models::ACCURACY_DROPPED;
use super::{Alert, PAIR, Severity, value_of};
use crate::export::provision::promql::{FIVE_MINUTES, HALF_HOUR, HOUR, MINUTE, Scale, Span};

/// By how much cost must have risen to be told of.
const RISEN: f64 = 1.2;

pub(super) fn alerts(s: Scale) -> Vec<Alert> {
    let hour = s.span(HOUR);
    let norm = value_of("assayd:cost_per_correct_usd:norm_7d", PAIR, "printf \"%.3g\"");
    let now = value_of("assayd_cost_per_correct_usd", PAIR, "printf \"%.3g\"");
    vec![
        Alert {
            name: "AssaydCostPerCorrectRose",
            // Where the model is worse and no answer costs more, the cost per correct answer rises too: the alert on
            // accuracy tells that, and this one would be its echo.
            expr: format!(
                "assayd_cost_per_correct_lower_usd > {RISEN} * assayd:cost_per_correct_usd:norm_7d\nunless\n(\n  \
                 {ACCURACY_DROPPED}\n  unless\n  \
                 assayd_cost_per_correct_usd * assayd_accuracy_ratio > {RISEN} * assayd:cost_per_graded_usd:norm_7d\n)"
            ),
            after: Some(FIVE_MINUTES),
            severity: Severity::Warning,
            summary: "A correct answer of {{ $labels.target }} to {{ $labels.scenario }} costs more than it did",
            description: format!(
                "In the last complete run a correct answer of {{{{ $labels.target }}}} to {{{{ $labels.scenario }}}} cost \
                 {now} USD, at least {{{{ $value | printf \"%.3g\" }}}} USD by its 95 % interval. In the week that ended a day ago it \
                 was {norm} USD."
            ),
        },
        burn("AssaydBudgetBurnFast", ("1h", "5m"), 4, MINUTE, Severity::Critical),
        burn("AssaydBudgetBurnSlow", ("6h", "30m"), 1, HALF_HOUR, Severity::Warning),
        Alert {
            name: "AssaydBudgetEnded",
            expr: format!("increase(assayd_runs_total{{result=\"budget\"}}[{hour}]) > 0"),
            after: None,
            severity: Severity::Warning,
            summary: "A budget ended the run {{ $labels.run }}",
            description:
                "In the last hour a budget ended {{ $labels.run }} before all was asked. Its figures are of what was \
                          asked until then, and are no complete run's."
                    .into(),
        },
    ]
}

/// The day's budget goes too fast, over a long window and still over a short one, and half of it is gone: a run that
/// spends what it is meant to in one go is none.
fn burn(name: &'static str, (long, short): (&str, &str), pace: u32, after: Span, severity: Severity) -> Alert {
    Alert {
        name,
        expr: format!(
            "assayd:budget_burn:ratio_{long} > {pace}\nand assayd:budget_burn:ratio_{short} > {pace}\n\
             and assayd_budget_spent_usd{{scope=\"day\"}} > 0.5 * assayd_budget_limit_usd{{scope=\"day\"}}"
        ),
        after: Some(after),
        severity,
        summary: "The day's budget of {{ $labels.instance }} goes too fast",
        description: format!(
            "At the pace of the last {long} a day takes {{{{ $value | printf \"%.1f\" }}}} times the day's budget, and more than \
             half of today's is spent ({} of {} USD). At the limit, runs end.",
            value_of("assayd_budget_spent_usd", &["job", "instance", "scope"], "printf \"%.4g\""),
            value_of("assayd_budget_limit_usd", &["job", "instance", "scope"], "printf \"%.4g\"")
        ),
    }
}
