//! From which duty on own hardware is cheaper than an API (docs/cost.md, "Duty and break-even").

use super::{Rule, Topic, by_window, increase, over};
use crate::export::provision::promql::{Scale, Window};

/// The file.
pub(super) const TOPIC: Topic = Topic {
    name: "duty",
    about: "Break-even duty of own hardware against the API target that is cheapest per correct answer in the same scenario \
            (its name in the label api): u* = C_h / (correct answers an hour at saturation x the API's cost per correct), where \
            C_h includes what energy costs while it works. Saturation: the most output tokens a second that a steady window \
            of the runs had. Above 1, own hardware is never cheaper at this price; +Inf where the API costs nothing.",
    groups: |s| by_window("duty", |window| rules(window, s)),
};

fn rules(window: Window, s: Scale) -> Vec<Rule> {
    let name = window.name;
    let (correct, tokens) = (increase("correct_answers", window), increase("output_tokens", window));
    let steady = over("max", "assayd_steady_output_tokens_per_second", window, s);
    let whole = over("max", "assayd_output_tokens_per_second", window, s);
    let saturated = format!("assayd:correct_per_hour:saturated_{name}");
    let energy = increase("energy_cost_usd", window);
    vec![
        // Tokens a second, over tokens that a correct answer takes, over the seconds of an hour.
        Rule::record(saturated.clone(), format!("3600 * (\n  {steady}\n  or {whole}\n) * {correct} / ({tokens} > 0)")),
        Rule::record(
            format!("assayd:api_cost_per_correct_usd:min_{name}"),
            format!(
                "label_replace(\n  bottomk by (job, instance, scenario) (1,\n    \
                 (assayd:cost_per_correct_usd:ratio_{name} < +Inf)\n    \
                 unless on (job, instance, target) assayd_hardware_cost_usd_per_hour\n  ),\n  \
                 \"api\", \"$1\", \"target\", \"(.+)\"\n)"
            ),
        ),
        Rule::record(
            format!("assayd:break_even_duty:ratio_{name}"),
            format!(
                "(\n  ({saturated} > 0) ^ -1\n    * ignoring (scenario) group_left () assayd_hardware_cost_usd_per_hour\n  \
                 + {energy} / ({correct} > 0)\n)\n/ on (job, instance, scenario) group_left (api)\n  \
                 assayd:api_cost_per_correct_usd:min_{name}"
            ),
        ),
    ]
}
