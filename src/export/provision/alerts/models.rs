//! A model that is worse, gone, or good at the test only.

use super::{Alert, PAIR, Severity, value_of};
use crate::export::provision::promql::{DAY, FIVE_MINUTES, HOUR, Scale};

/// From which lower bound on a gap counts: with many models and scenarios some lower bounds lie above 0 by chance.
const LEAST_GAP: f64 = 0.02;

/// The upper bound now, where it lies below the norm's lower bound: no chance of the draw explains that.
pub(super) const ACCURACY_DROPPED: &str = "assayd_accuracy_upper_ratio < assayd:accuracy_lower:norm_7d";

pub(super) fn alerts(s: Scale) -> Vec<Alert> {
    let norm = value_of("assayd:accuracy_lower:norm_7d", PAIR, "humanizePercentage");
    let now = value_of("assayd_accuracy_ratio", PAIR, "humanizePercentage");
    let asked = value_of("assayd:exchanges:increase_1h", &["job", "instance", "target"], "printf \"%.0f\"");
    let gap = value_of("assayd_overfit_gap_ratio", PAIR, "humanizePercentage");
    let day = s.span(DAY);
    vec![
        Alert {
            name: "AssaydAccuracyDropped",
            expr: ACCURACY_DROPPED.into(),
            after: Some(FIVE_MINUTES),
            severity: Severity::Warning,
            summary: "{{ $labels.target }} answers {{ $labels.scenario }} worse than it did",
            description: format!(
                "In the last complete run {{{{ $labels.target }}}} got {now} of {{{{ $labels.scenario }}}} right, at most \
                 {{{{ $value | humanizePercentage }}}} by its 95 % interval. In the week that ended a day ago, the lower bound was \
                 {norm} on average."
            ),
        },
        Alert {
            name: "AssaydTargetDown",
            // The second branch: a target that answers nothing while the circuit has not opened, as where few questions
            // are asked. One failure at the end of a run that went well is none.
            expr: "assayd_circuit_open == 1\nor\n(\n  assayd_target_up == 0\n  \
                   and assayd:exchanges:increase_1h > 0\n  unless assayd:ok_exchanges:increase_1h > 0\n)"
                .into(),
            after: Some(FIVE_MINUTES),
            severity: Severity::Critical,
            summary: "{{ $labels.target }} brings no answers",
            description: format!(
                "{{{{ $labels.target }}}} was taken for dead, or brought no answer in the last hour. Exchanges tried in that \
                 hour: {asked}."
            ),
        },
        Alert {
            name: "AssaydOverfitGap",
            expr: format!(
                "assayd_overfit_gap_lower_ratio > {LEAST_GAP}\nand avg_over_time(assayd_overfit_gap_lower_ratio[{day}]) > 0"
            ),
            after: Some(HOUR),
            severity: Severity::Warning,
            summary: "{{ $labels.target }} is better at the published {{ $labels.scenario }} than at other forms of it",
            description: format!(
                "In the last complete run {{{{ $labels.target }}}} was better by {gap} at the published items of \
                 {{{{ $labels.scenario }}}} than at other forms of the same items, by at least \
                 {{{{ $value | humanizePercentage }}}} (95 %)."
            ),
        },
        Alert {
            name: "AssaydUnpricedAnswers",
            expr: "assayd:unpriced_answers:increase_1h > 0".into(),
            after: None,
            severity: Severity::Warning,
            summary: "Answers of {{ $labels.target }} have no price",
            description: "{{ $value | printf \"%.0f\" }} answers of {{ $labels.target }} to {{ $labels.scenario }} in the last hour \
                          had no price. They are in no figure of cost, and cost per correct answer is not recorded while \
                          they are in its window."
                .into(),
        },
    ]
}
