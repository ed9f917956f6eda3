//! What is asked in a row: one question, a conversation that ends with one, or turns that are asked one by one.

use super::jsonl::{Fault, instead};
use super::row::TurnRow;
use crate::domain::{Message, Role, Turn};

/// What is asked, as the fields of a row say it.
#[derive(Debug, Default)]
pub(super) struct Said {
    pub(super) prompt: Option<String>,
    pub(super) messages: Option<Vec<Message>>,
    pub(super) turns: Option<Vec<TurnRow>>,
    /// Of the row itself: with turns, they are the last one's.
    pub(super) answers: Option<Vec<String>>,
    pub(super) options: Option<Vec<String>>,
    /// Whether the row has something else to grade the last answer by: then it needs no answer.
    pub(super) graded: bool,
}

/// The same, as an item has it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Asked {
    pub(super) messages: Vec<Message>,
    pub(super) turns: Vec<Turn>,
    pub(super) answers: Vec<String>,
    pub(super) options: Vec<String>,
}

/// Words that other tools use for our fields.
const PROMPT: &[&str] = &["question", "input", "instruction", "query", "problem", "text"];
const ANSWER: &[&str] = &["target", "output", "label", "solution", "gold", "expected", "reference", "ground_truth"];
/// More turns than this in one row are taken for a mistake.
const MOST_TURNS: usize = 1_000;

impl Said {
    /// Checks it; `others` are the fields of the row that mean nothing.
    pub(super) fn asked(self, others: &[String]) -> Result<Asked, Fault> {
        let Self { prompt, messages, turns, answers, options, graded } = self;
        match turns {
            None => {
                let messages = single(prompt, messages, others)?;
                let answers = match answers {
                    Some(answers) => checked(answers, "answer")?,
                    None if graded => Vec::new(),
                    None => {
                        let message = "is missing: expected the right answer as a text, a number or a list of them";
                        return Err(("answer", message.to_owned(), instead(others, "answer", ANSWER)));
                    }
                };
                let options = choice(options, "options")?;
                Ok(Asked { messages, turns: Vec::new(), answers, options })
            }
            Some(_) if prompt.is_some() => fault("prompt", "give prompt or turns, not both"),
            Some(turns) => conversation(messages.unwrap_or_default(), turns, answers, options, graded),
        }
    }
}

fn fault<T>(field: &'static str, text: &str) -> Result<T, Fault> {
    Err((field, text.to_owned(), None))
}

fn checked(answers: Vec<String>, field: &'static str) -> Result<Vec<String>, Fault> {
    if answers.is_empty() || answers.iter().any(|a| a.trim().is_empty()) {
        let text = if field == "turns" { "an answer must not be empty" } else { "must not be empty" };
        return fault(field, text);
    }
    Ok(answers)
}

fn choice(options: Option<Vec<String>>, field: &'static str) -> Result<Vec<String>, Fault> {
    let options = options.unwrap_or_default();
    if options.len() == 1 || options.len() > 26 {
        return fault(field, &format!("expected from 2 to 26 options (A to Z), found {}", options.len()));
    }
    Ok(options)
}

fn single(prompt: Option<String>, messages: Option<Vec<Message>>, others: &[String]) -> Result<Vec<Message>, Fault> {
    match (prompt, messages) {
        (Some(_), Some(_)) => fault("prompt", "give prompt or messages, not both"),
        (None, None) => {
            let message = "is missing: expected the question as a text, or a conversation as messages or turns";
            Err(("prompt", message.into(), instead(others, "prompt", PROMPT)))
        }
        (Some(prompt), None) if prompt.trim().is_empty() => fault("prompt", "must not be empty"),
        (Some(content), None) => Ok(vec![Message { role: Role::User, content }]),
        (None, Some(messages)) => match messages.last() {
            None => fault("messages", "must not be empty"),
            Some(last) if last.role != Role::User => fault("messages", "the last message must be the user's"),
            Some(_) => Ok(messages),
        },
    }
}

fn conversation(
    mut messages: Vec<Message>,
    rows: Vec<TurnRow>,
    answers: Option<Vec<String>>,
    options: Option<Vec<String>>,
    graded: bool,
) -> Result<Asked, Fault> {
    if messages.last().is_some_and(|last| last.role == Role::User) {
        return fault("messages", "before turns, the last message must not be the user's: the first turn is");
    }
    if rows.is_empty() || rows.len() > MOST_TURNS {
        return fault("turns", &format!("expected from 1 to {MOST_TURNS} turns, found {}", rows.len()));
    }
    let mut turns = Vec::with_capacity(rows.len());
    for TurnRow { user, answer, options } in rows {
        if user.trim().is_empty() {
            return fault("turns", "what the user says must not be empty");
        }
        let answers = answer.map_or(Ok(Vec::new()), |answers| checked(answers, "turns"))?;
        turns.push(Turn { user, answers, options: choice(options, "turns")? });
    }
    if let Some(last) = turns.last_mut() {
        match (answers, last.answers.is_empty()) {
            (Some(answers), true) => last.answers = checked(answers, "answer")?,
            (None, false) => {}
            (None, true) if graded => {}
            (Some(_), false) => return fault("answer", "is given twice: the last turn has one too"),
            (None, true) => return fault("turns", "the last turn needs an answer"),
        }
        match (options, last.options.is_empty()) {
            (Some(options), true) => last.options = choice(Some(options), "options")?,
            (Some(_), false) => return fault("options", "are given twice: the last turn has some too"),
            (None, _) => {}
        }
    }
    messages.extend(turns.first().map(|first| Message { role: Role::User, content: first.user.clone() }));
    let (answers, options) = turns.last().map(|last| (last.answers.clone(), last.options.clone())).unwrap_or_default();
    Ok(Asked { messages, turns, answers, options })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn turn(user: &str, answer: Option<&str>) -> TurnRow {
        TurnRow { user: user.into(), answer: answer.map(|a| vec![a.into()]), options: None }
    }

    #[test]
    fn the_last_turn_decides_and_the_first_is_asked_first() {
        let system = Message { role: Role::System, content: "s".into() };
        let said = Said {
            messages: Some(vec![system.clone()]),
            turns: Some(vec![turn("a", None), turn("b", Some("1")), turn("c", None)]),
            answers: Some(vec!["2".into()]),
            ..Said::default()
        };
        let asked = said.asked(&[]).unwrap();
        assert_eq!(asked.messages, [system, Message { role: Role::User, content: "a".into() }]);
        let answers: Vec<Vec<String>> = asked.turns.iter().map(|t| t.answers.clone()).collect();
        assert_eq!(answers, [vec![], vec!["1".to_owned()], vec!["2".to_owned()]]);
        assert_eq!(asked.answers, ["2"]);
    }

    #[test]
    fn what_makes_no_conversation_is_told() {
        let user = Message { role: Role::User, content: "u".into() };
        let with = |turns: Vec<TurnRow>| Said { turns: Some(turns), ..Said::default() };
        for (said, want) in [
            (with(vec![]), "turns: expected from 1 to 1000 turns, found 0"),
            (with(vec![turn("a", None)]), "turns: the last turn needs an answer"),
            (with(vec![turn(" ", Some("1"))]), "turns: what the user says must not be empty"),
            (with(vec![turn("a", Some(""))]), "turns: an answer must not be empty"),
            (
                Said { answers: Some(vec!["1".into()]), ..with(vec![turn("a", Some("1"))]) },
                "answer: is given twice: the last turn has one too",
            ),
            (Said { prompt: Some("p".into()), ..with(vec![]) }, "prompt: give prompt or turns, not both"),
            (
                Said { messages: Some(vec![user]), ..with(vec![turn("a", Some("1"))]) },
                "messages: before turns, the last message must not be the user's: the first turn is",
            ),
        ] {
            let (field, message, _) = said.asked(&[]).unwrap_err();
            assert_eq!(format!("{field}: {message}"), want);
        }
    }
}
