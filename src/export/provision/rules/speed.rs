//! How much comes out: good answers and output tokens, by the wall clock and while runs went on.

use super::{Rule, Topic, by_window, increase, over};

/// The file.
pub(super) const TOPIC: Topic = Topic {
    name: "speed",
    about: "By the wall clock (rate): correct answers inside the SLO and output tokens per second of the whole window, \
            pauses between runs included. While runs went on (avg): goodput and output tokens per second of the last \
            complete runs, averaged over the window.",
    groups: |s| {
        by_window("speed", |window| {
            let per_second = |what: &str| format!("{} / {}", increase(what, window), s.seconds(window.span));
            vec![
                Rule::record(format!("assayd:good_answers:rate_{}", window.name), per_second("good_answers")),
                Rule::record(format!("assayd:output_tokens:rate_{}", window.name), per_second("output_tokens")),
                Rule::record(
                    format!("assayd:goodput_per_second:avg_{}", window.name),
                    over("avg", "assayd_goodput_per_second", window, s),
                ),
                Rule::record(
                    format!("assayd:output_tokens_per_second:avg_{}", window.name),
                    over("avg", "assayd_output_tokens_per_second", window, s),
                ),
            ]
        })
    },
};
