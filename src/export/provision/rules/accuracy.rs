//! How often answers are right, and how often right and inside the SLO.

use super::{Rule, Topic, by_window, increase};

/// The file.
pub(super) const TOPIC: Topic = Topic {
    name: "accuracy",
    about: "Accuracy: correct answers over graded ones (correct, wrong, unparsed, refused). Good: correct and inside the SLO, \
            over all that was asked. Failed: no answer came, over all that was asked. No series where nothing was.",
    groups: |_| {
        by_window("accuracy", |window| {
            let of = |what| increase(what, window);
            let share = |part, whole| format!("{} / ({} > 0)", of(part), of(whole));
            vec![
                Rule::record(
                    format!("assayd:accuracy:ratio_{}", window.name),
                    share("correct_answers", "graded_answers"),
                ),
                Rule::record(format!("assayd:good:ratio_{}", window.name), share("good_answers", "answers")),
                Rule::record(format!("assayd:failed:ratio_{}", window.name), share("failed_answers", "answers")),
            ]
        })
    },
};
