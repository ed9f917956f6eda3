//! How much better a model is at published items than at other forms of them.

use super::{Rule, Topic, by_window, over};

/// The file.
pub(super) const TOPIC: Topic = Topic {
    name: "overfit",
    about: "The over-fit gap of the last complete runs, averaged over the window, with its lower 95 % bound likewise: accuracy on \
            published items less accuracy on other forms of them. Only scenarios with variants.",
    groups: |s| {
        by_window("overfit", |window| {
            vec![
                Rule::record(
                    format!("assayd:overfit_gap:avg_{}", window.name),
                    over("avg", "assayd_overfit_gap_ratio", window, s),
                ),
                Rule::record(
                    format!("assayd:overfit_gap_lower:avg_{}", window.name),
                    over("avg", "assayd_overfit_gap_lower_ratio", window, s),
                ),
            ]
        })
    },
};
