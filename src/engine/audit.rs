//! Counting what was answered, to hold the provider's count against: after the answer, and not on the lane that reads
//! streams.

use super::course::Course;
use crate::domain::Exchange;
use crate::pricing::tokenizer::Audited;
use std::sync::Arc;

/// Counts the whole answers among these, where the target has a tokenizer. An answer with tool calls is passed over: how
/// they are written as tokens is the template's own.
pub(super) fn audit(course: &Course, exchanges: &[Exchange]) {
    let Some(tokenizer) = &course.target.tokenizer else { return };
    let wanted: Vec<(String, u64)> = exchanges.iter().filter_map(text).collect();
    if wanted.is_empty() {
        return;
    }
    let (tokenizer, name) = (Arc::clone(tokenizer), course.target.name.clone());
    let shared = course.account.shared().clone();
    course.aside.spawn_blocking(move || {
        let mut sum = Audited::default();
        for (text, reported) in wanted {
            sum.answers += 1;
            sum.reported += reported;
            sum.counted += tokenizer.count(&text);
        }
        let mut state = shared.lock();
        let all = state.audits.entry(name).or_default();
        all.answers += sum.answers;
        all.reported += sum.reported;
        all.counted += sum.counted;
    });
}

/// What there is to count of an exchange, and what was reported for it.
fn text(exchange: &Exchange) -> Option<(String, u64)> {
    let answer = &exchange.answer;
    if !exchange.is_success() || !answer.tool_calls.is_empty() || answer.refusal.is_some() {
        return None;
    }
    let reported = answer.usage.output?;
    // Reasoning is apart where the provider says so.
    let hidden = if answer.usage.reasoning.is_none() { answer.reasoning.as_str() } else { "" };
    (reported > 0).then(|| (format!("{hidden}{}", answer.text), reported))
}
