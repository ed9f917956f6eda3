//! How an item becomes a prompt.

use super::{haystack, synthetic};
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
    /// The prompt for an item; of a conversation, that of its first turn.
    #[must_use]
    pub fn render(&self, item: &Item) -> Prompt {
        self.turn(item, &[])
    }

    /// The prompt for the turn of a conversation that comes after these answers: the same frame around every turn, so
    /// that the history is what was really asked.
    #[must_use]
    pub fn turn(&self, item: &Item, said: &[String]) -> Prompt {
        let system = self.system.iter().map(|s| Message { role: Role::System, content: s.clone() });
        let options = item.turns.first().map_or(&item.options, |first| &first.options);
        // What the question shows is not shown again.
        let options = if item.shows_options() { &Vec::new() } else { options };
        let made: Vec<Message>;
        let traced = item.traced.as_ref();
        let messages = match traced.and_then(|t| t.question.as_ref()) {
            None => &item.messages,
            Some(recipe) => {
                made = vec![Message { role: Role::User, content: synthetic::text(recipe) }];
                &made
            }
        };
        let last = messages.iter().rposition(|m| m.role == Role::User);
        let opening = messages.iter().enumerate().map(|(i, m)| {
            let content = match &item.haystack {
                _ if Some(i) != last => m.content.clone(),
                None => self.framed(&m.content, options),
                Some(recipe) => self.framed(&format!("{}\n\n{}", haystack::text(recipe), m.content), options),
            };
            Message { role: m.role, content }
        });
        let later = item.turns.iter().skip(1).zip(said).flat_map(|(turn, answer)| {
            [
                Message { role: Role::Assistant, content: answer.clone() },
                Message { role: Role::User, content: self.framed(&turn.user, &turn.options) },
            ]
        });
        Prompt {
            messages: system.chain(opening).chain(later).collect(),
            max_tokens: traced.and_then(|traced| traced.output_tokens),
            tools: item.tools.clone(),
        }
    }

    fn framed(&self, prompt: &str, options: &[String]) -> String {
        let options: Vec<String> =
            options.iter().zip('A'..='Z').map(|(text, letter)| format!("{letter}. {text}")).collect();
        let options = options.join("\n");
        let frame = match (&self.prompt, options.is_empty()) {
            (Some(frame), _) => frame.as_str(),
            (None, true) => "{prompt}",
            (None, false) => "{prompt}\n{options}",
        };
        fill(frame, prompt, &options)
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
    use crate::domain::{Split, Tags, Turn};

    #[test]
    fn replaces_in_one_pass_and_keeps_other_braces() {
        assert_eq!(fill("Q: {prompt} {x}\n{options}", "a {options} b", "A. 1"), "Q: a {options} b {x}\nA. 1");
    }

    #[test]
    fn a_conversation_carries_its_frame_and_its_answers() {
        let turn = |user: &str, options: &[&str]| Turn {
            user: user.into(),
            answers: Vec::new(),
            options: options.iter().map(|o| (*o).to_owned()).collect(),
        };
        let turns = vec![turn("one", &[]), turn("two", &["x", "y"]), turn("three", &[])];
        let tags = Tags::new("d", "c", "en", Split::Fresh);
        let item = Item { turns, ..Item::question("i", "one", vec!["a".into()], tags) };
        let template = Template { system: Some("s".into()), prompt: Some("Q: {prompt} {options}".into()) };
        let shown = |said: &[&str]| {
            let said: Vec<String> = said.iter().map(|s| (*s).to_owned()).collect();
            let prompt = template.turn(&item, &said);
            prompt.messages.iter().map(|m| format!("{} {}", m.role.label(), m.content)).collect::<Vec<_>>()
        };
        assert_eq!(shown(&[]), ["system s", "user Q: one "]);
        assert_eq!(shown(&["first"]), ["system s", "user Q: one ", "assistant first", "user Q: two A. x\nB. y"]);
        assert_eq!(shown(&["first", "second"]).last().unwrap(), "user Q: three ");
        assert_eq!(shown(&["first", "second"]).len(), 6);
    }
}
