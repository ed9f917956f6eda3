//! How an item becomes a prompt.

use crate::domain::{Item, Message, Prompt, Role};

/// A prompt template: an optional system message, and the item's own words in a frame.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Template {
    /// Put before the conversation.
    pub system: Option<String>,
    /// The frame of the last user message; `{prompt}` and `{options}` are replaced. None: the prompt, then the options
    /// (if any) as lines `A. …`.
    pub prompt: Option<String>,
}

impl Template {
    /// The prompt for an item.
    #[must_use]
    pub fn render(&self, item: &Item) -> Prompt {
        let options: Vec<String> =
            item.options.iter().zip('A'..='Z').map(|(text, letter)| format!("{letter}. {text}")).collect();
        let options = options.join("\n");
        let frame = match (&self.prompt, options.is_empty()) {
            (Some(frame), _) => frame.as_str(),
            (None, true) => "{prompt}",
            (None, false) => "{prompt}\n{options}",
        };
        let last = item.messages.iter().rposition(|m| m.role == Role::User);
        let system = self.system.iter().map(|s| Message { role: Role::System, content: s.clone() });
        let turns = item.messages.iter().enumerate().map(|(i, m)| {
            let content = if Some(i) == last { fill(frame, &m.content, &options) } else { m.content.clone() };
            Message { role: m.role, content }
        });
        Prompt { messages: system.chain(turns).collect() }
    }

    /// Its text, for the provenance.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        format!("{:?}", (&self.system, &self.prompt))
    }
}

/// Replaces both names in one pass, so that a prompt that contains `{options}` stays as it is.
fn fill(frame: &str, prompt: &str, options: &str) -> String {
    let mut out = String::with_capacity(frame.len() + prompt.len() + options.len());
    let mut rest = frame;
    while let Some(at) = rest.find('{') {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        if let Some(after) = from.strip_prefix("{prompt}") {
            out.push_str(prompt);
            rest = after;
        } else if let Some(after) = from.strip_prefix("{options}") {
            out.push_str(options);
            rest = after;
        } else {
            out.push('{');
            rest = from.get(1..).unwrap_or("");
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replaces_in_one_pass_and_keeps_other_braces() {
        assert_eq!(fill("Q: {prompt} {x}\n{options}", "a {options} b", "A. 1"), "Q: a {options} b {x}\nA. 1");
    }
}
