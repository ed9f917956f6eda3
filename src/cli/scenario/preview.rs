//! One prompt as it will be sent, with what is right to answer.

use crate::domain::{Item, Prompt, Tool, Turn, estimated_tokens};
use crate::plan::Scenario;
use std::fmt::Write as _;

/// The prompt of an item; of a conversation that of its first turn, and what its user says then.
pub(super) fn preview(scenario: &Scenario, item: &Item) -> String {
    let Prompt { messages, max_tokens, tools } = scenario.template.render(item);
    let tokens: u64 = messages.iter().map(|message| estimated_tokens(&message.content)).sum();
    let mut out = String::new();
    let form = item.variant.as_deref().map(|form| format!(", form {form} of {}", item.cluster.as_str()));
    let limit = max_tokens.map(|most| format!(", at most {most} tokens of answer"));
    let _ = writeln!(
        out,
        "=== {} {} ({tokens} tokens by estimate{}{})",
        scenario.name,
        item.id.as_str(),
        limit.unwrap_or_default(),
        form.unwrap_or_default()
    );
    for message in messages.iter() {
        let _ = writeln!(out, "--- {}\n{}", message.role.label(), message.content);
    }
    for Turn { user, .. } in item.turns.iter().skip(1) {
        let _ = writeln!(out, "--- user, then\n{user}");
    }
    for Tool { name, description, parameters } in tools.iter() {
        let _ = writeln!(out, "--- tool {name}: {description}\n{parameters}");
    }
    let _ = writeln!(out, "--- right ({})", scenario.scorer_kind);
    for answer in &item.answers {
        let _ = writeln!(out, "{answer}");
    }
    for (key, value) in item.spec.iter().flat_map(|spec| spec.iter()) {
        let _ = writeln!(out, "{key}: {value}");
    }
    if item.answers.is_empty() && item.spec.is_none() {
        let _ = writeln!(out, "(nothing is right or wrong here)");
    }
    out.push('\n');
    out
}
