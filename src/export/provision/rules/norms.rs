//! What is normal: the seven days that ended a day ago, against which a run is held.

use super::{Rule, Topic, group, quotient};
use crate::export::provision::promql::{DAY, FIVE_MINUTES, HOUR, Scale, WEEK};

/// The file.
pub(super) const TOPIC: Topic = Topic {
    name: "norms",
    about: "What was normal in the seven days that ended a day ago, so that a change is not part of its own norm: the mean of the \
            lower bounds of accuracy, cost per correct answer, and cost per graded answer. No series before there is a day.",
    groups: |s| {
        let past = |what| past(what, s);
        let (week, step, day) = (s.span(WEEK), s.span(FIVE_MINUTES), s.span(DAY));
        let rules = vec![
            Rule::record(
                "assayd:accuracy_lower:norm_7d",
                format!("avg_over_time(assayd_accuracy_lower_ratio[{week}:{step}] offset {day})"),
            ),
            Rule::record("assayd:cost_per_correct_usd:norm_7d", quotient(&past("cost_usd"), &past("correct_answers"))),
            Rule::record("assayd:cost_per_graded_usd:norm_7d", quotient(&past("cost_usd"), &past("graded_answers"))),
        ];
        vec![group("assayd-norms", rules)]
    },
};

fn past(what: &str, s: Scale) -> String {
    format!("sum_over_time(assayd:{what}:increase_1d[{}:{}] offset {})", s.span(WEEK), s.span(HOUR), s.span(DAY))
}
