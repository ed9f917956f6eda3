//! What is right, what the mock says, and into which tokens it is put.
//!
//! The right answer comes from the given answers, or else the mock works it out itself: sums of integers such as
//! `12+30=` or `What is 12 + 30 * 2?`. It decides by a seeded draw whether to say it, and keeps the account.

use super::draw;
use super::settings::{Draw, Form, Settings};
use super::sums;
use rust_decimal::Decimal;
use serde::Deserialize;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// Questions with their right answers.
pub type Answers = BTreeMap<String, String>;

/// A line of the answers that is not one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {problem}; expected {{\"prompt\": …, \"answer\": …}}")]
pub struct AnswersError {
    /// Which line, from 1.
    pub line: usize,
    /// What is wrong.
    pub problem: String,
}

/// Reads right answers, one JSON object a line: `{"prompt": "2+2=", "answer": "4"}`; a number is taken as its text, and
/// of a list `answers` the first.
///
/// # Errors
/// [`AnswersError`] names the first line that is something else.
pub fn read_answers(text: &str) -> Result<Answers, AnswersError> {
    #[derive(Deserialize)]
    struct Line {
        prompt: String,
        #[serde(alias = "answers")]
        answer: serde_json::Value,
    }
    let said = |value: &serde_json::Value| match value {
        serde_json::Value::String(text) => Some(text.clone()),
        serde_json::Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    let mut answers = Answers::new();
    for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let wrong = |problem: String| AnswersError { line: index + 1, problem };
        let read: Line = serde_json::from_str(line).map_err(|error| wrong(error.to_string()))?;
        let first = read.answer.as_array().map_or(Some(&read.answer), |list| list.first());
        let answer = first.and_then(said).ok_or_else(|| wrong("the answer is neither a text nor a number".into()))?;
        answers.insert(read.prompt.trim().to_owned(), answer);
    }
    Ok(answers)
}

/// What the mock means to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Intent {
    /// The right answer, where it is known.
    pub known: Option<String>,
    /// What it will say, right or wrong; none where the right answer is not known.
    pub said: Option<String>,
}

/// Decides what to say to a prompt.
pub(super) fn intend(settings: &Settings, sequence: u64, prompt: &str) -> Intent {
    let Some(right) = right_answer(&settings.answers, prompt) else {
        return Intent { known: None, said: None };
    };
    let arrival = sequence.to_le_bytes();
    let key: &[u8] = match settings.draw {
        Draw::Prompt => prompt.as_bytes(),
        Draw::Arrival => &arrival,
    };
    let said = if draw::unit(settings.seed, "accuracy", key) < settings.accuracy {
        right.clone()
    } else {
        wrong_answer(settings, &right, key)
    };
    Intent { known: Some(right), said: Some(said) }
}

/// A template may surround the item's own words, so each line is looked up as well as the whole.
fn right_answer(answers: &Answers, prompt: &str) -> Option<String> {
    let given = |text: &str| answers.get(text.trim()).cloned();
    given(prompt).or_else(|| prompt.lines().find_map(given)).or_else(|| sums::last_sum(prompt).map(|n| n.to_string()))
}

/// A wrong answer of the same kind: another number near by, another letter, another of the given answers.
fn wrong_answer(settings: &Settings, right: &str, key: &[u8]) -> String {
    let seed = settings.seed;
    if let Ok(number) = right.parse::<Decimal>() {
        let step = Decimal::from(1 + draw::below(9, seed, "step", key));
        let lower = draw::bits(seed, "sign", key) & 1 == 1 && (number.is_sign_negative() || number >= step);
        let other = if lower { number.checked_sub(step) } else { number.checked_add(step) };
        return other.map_or_else(|| "0".to_owned(), |other| other.to_string());
    }
    if let Some(letter) = right.bytes().next().filter(|c| right.len() == 1 && c.is_ascii_alphabetic()) {
        let first = if letter.is_ascii_uppercase() { b'A' } else { b'a' };
        let others: Vec<u8> = (first..=first + 3).filter(|c| *c != letter).collect();
        let index = draw::below(others.len() as u64, seed, "letter", key);
        let other = usize::try_from(index).ok().and_then(|i| others.get(i)).copied().unwrap_or(first + 1);
        return char::from(other).to_string();
    }
    let others: Vec<&String> = settings.answers.values().filter(|a| *a != right).take(64).collect();
    let index = draw::below(others.len() as u64, seed, "other", key);
    usize::try_from(index).ok().and_then(|i| others.get(i)).map_or_else(|| "17".to_owned(), |a| (*a).clone())
}

/// Words that no grader can take for an answer: no digits, no single letters, no yes or no.
const FILLER: [&str; 16] = [
    "so", "we", "look", "at", "each", "part", "in", "turn", "then", "put", "them", "back", "together", "and", "check",
    "it",
];

/// The visible text of an answer in tokens. With [`Form::Sentence`] they are `length` tokens with the answer last;
/// with [`Form::Plain`] they are the answer's characters.
pub(super) fn tokens(form: Form, said: Option<&str>, length: u32) -> Vec<Cow<'static, str>> {
    match (form, said) {
        (Form::Plain, Some(said)) => said.chars().map(|c| Cow::Owned(c.to_string())).collect(),
        (Form::Plain, None) => vec![Cow::Borrowed("unknown")],
        (Form::Sentence, said) => sentence(said, length),
    }
}

fn sentence(said: Option<&str>, length: u32) -> Vec<Cow<'static, str>> {
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    let closing: Vec<&str> = said.map_or_else(Vec::new, |said| vec!["the", "answer", "is", said]);
    let fill = FILLER.iter().copied().cycle().take(length.saturating_sub(closing.len()));
    let cut = closing.len().saturating_sub(length);
    let words = fill.chain(closing.iter().copied().skip(cut));
    let spaced = |(i, word): (usize, &str)| Cow::Owned(if i == 0 { word.to_owned() } else { format!(" {word}") });
    words.enumerate().map(spaced).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    fn settings(accuracy: f64) -> Settings {
        let answers = read_answers(
            "{\"prompt\": \"Capital of France?\", \"answer\": \"Paris\"}\n\n{\"prompt\":\"Pick\",\"answers\":[\"B\",\"b\"]}\n{\"prompt\":\"Half?\",\"answer\":0.5}",
        );
        Settings { accuracy, answers: Arc::new(answers.unwrap()), ..Settings::default() }
    }

    fn intent(accuracy: f64, prompt: &str) -> (Option<String>, Option<String>) {
        let Intent { known, said } = intend(&settings(accuracy), 1, prompt);
        (known, said)
    }

    #[test]
    fn right_answers_are_given_or_worked_out() {
        let right = |prompt| intent(1.0, prompt).1;
        assert_eq!(right("12+30="), Some("42".into()));
        assert_eq!(right("Capital of France?"), Some("Paris".into()));
        assert_eq!(right("Answer in one word.\n Capital of France? \n"), Some("Paris".into()));
        assert_eq!(right("Pick"), Some("B".into()));
        assert_eq!(right("Half?"), Some("0.5".into()));
        assert_eq!(intent(1.0, "Why?"), (None, None));
    }

    #[test]
    fn wrong_answers_are_wrong_and_of_the_same_kind() {
        for i in 0..500 {
            let (known, said) = intent(0.0, &format!("{i}+3="));
            let (known, said) = (known.unwrap().parse::<i64>().unwrap(), said.unwrap().parse::<i64>().unwrap());
            assert!(known != said && said >= 0 && (known - said).abs() <= 9, "{known} {said}");
        }
        assert!(["A", "C", "D"].contains(&intent(0.0, "Pick").1.unwrap().as_str()));
        assert!(["B", "0.5"].contains(&intent(0.0, "Capital of France?").1.unwrap().as_str()));
        assert_ne!(intent(0.0, "Half?").1.unwrap(), "0.5");
    }

    #[test]
    fn accuracy_is_met_and_does_not_hang_on_the_order() {
        let right = |draw, order: &dyn Fn(u64) -> u64| {
            let settings = Settings { accuracy: 0.7, draw, ..Settings::default() };
            let said = |i: u64| intend(&settings, order(i), &format!("{i}+1="));
            (0..5_000)
                .filter(|i| {
                    let Intent { known, said } = said(*i);
                    known == said
                })
                .collect::<Vec<u64>>()
        };
        let forward = right(Draw::Prompt, &|i| i);
        assert!((3_350..3_650).contains(&forward.len()), "{}", forward.len());
        assert_eq!(forward, right(Draw::Prompt, &|i| 5_000 - i));
        assert_ne!(right(Draw::Arrival, &|i| i), right(Draw::Arrival, &|i| 5_000 - i));
    }

    #[test]
    fn a_sentence_has_exactly_its_length_and_the_answer_last() {
        let text = |length| tokens(Form::Sentence, Some("42"), length).concat();
        assert_eq!(text(1), "42");
        assert_eq!(text(2), "is 42");
        assert_eq!(text(6), "so we the answer is 42");
        for length in [1, 3, 4, 5, 100] {
            assert_eq!(tokens(Form::Sentence, Some("42"), length).len(), length as usize);
            assert_eq!(tokens(Form::Sentence, None, length).len(), length as usize);
        }
        assert!(!tokens(Form::Sentence, None, 40).concat().contains(|c: char| c.is_ascii_digit()));
    }

    #[test]
    fn a_plain_answer_is_one_token_a_character() {
        assert_eq!(tokens(Form::Plain, Some("42"), 9), ["4", "2"]);
        assert_eq!(tokens(Form::Plain, None, 9), ["unknown"]);
    }

    #[test]
    fn a_wrong_line_of_answers_is_named() {
        let problem = |text| read_answers(text).unwrap_err().to_string();
        assert!(problem("{\"prompt\":\"a\",\"answer\":1}\n\nx").starts_with("line 3: "));
        assert!(problem("{\"prompt\":\"a\"}").contains("missing field `answer`"));
        assert_eq!(
            problem("{\"prompt\":\"a\",\"answers\":[]}"),
            "line 1: the answer is neither a text nor a number; expected {\"prompt\": …, \"answer\": …}"
        );
    }
}
