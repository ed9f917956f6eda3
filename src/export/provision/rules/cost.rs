//! What a correct answer and a million tokens cost.

use super::{Rule, Topic, by_window, increase, quotient};

/// The file.
pub(super) const TOPIC: Topic = Topic {
    name: "cost",
    about: "Cost per correct answer: all that was spent (retries, failures, hardware and energy too) over the correct answers; \
            +Inf where none was. Cost of a million output tokens, reasoning among them, by the same sum. No series where \
            nothing was spent and nothing answered, nor where some answers had no price: the sum would be too small.",
    groups: |_| {
        by_window("cost", |window| {
            let of = |what| increase(what, window);
            let priced = |expr: String| format!("{expr}\nunless {} > 0", of("unpriced_answers"));
            let per_token = quotient(&of("cost_usd"), &of("output_tokens"));
            vec![
                Rule::record(
                    format!("assayd:cost_per_correct_usd:ratio_{}", window.name),
                    priced(quotient(&of("cost_usd"), &of("correct_answers"))),
                ),
                Rule::record(
                    format!("assayd:cost_per_million_output_tokens_usd:ratio_{}", window.name),
                    priced(format!("1e6 * {per_token}")),
                ),
            ]
        })
    },
};
