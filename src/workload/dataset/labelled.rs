//! Labelled answers: questions with an answer that somebody gave and the verdict of a person on it, by which a scorer is
//! held to account. One JSON object a line: `prompt`, `answer` (or `answers`, as in `jsonl`), perhaps `options` and
//! `rubric`; `says` (the answer given) and `label` (`correct` or `wrong`).

use super::lines::{self, Line};
use super::row::OneOrMore;
use crate::config::Problem;
use crate::domain::{Answer, Finish, Item, Spec, Split, Tags};
use serde::Deserialize;
use std::io::BufRead;
use std::sync::Arc;

/// A question, an answer to it, and whether a person finds that right.
#[derive(Debug, Clone, PartialEq)]
pub struct Labelled {
    /// The question with its references.
    pub item: Item,
    /// The answer that was given.
    pub answer: Answer,
    /// Whether a person finds it right.
    pub correct: bool,
}

#[derive(Deserialize)]
struct Row {
    prompt: String,
    #[serde(default, alias = "answers")]
    answer: Option<OneOrMore>,
    #[serde(default)]
    options: Vec<String>,
    #[serde(default)]
    rubric: Option<String>,
    says: String,
    label: Label,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Label {
    Correct,
    Wrong,
}

/// Reads all rows of an input named `file`; a row that can't be read is a problem with its line and column.
///
/// # Errors
/// What reading gives.
pub fn read(input: impl BufRead, file: &str) -> std::io::Result<(Vec<Labelled>, Vec<Problem>)> {
    let (mut rows, mut bad) = (Vec::new(), Vec::new());
    lines::for_each(input, lines::LONGEST, |number, line| {
        let problem = |column, message| Problem {
            file: file.to_owned(),
            line: number,
            column,
            field: String::new(),
            message,
            hint: None,
        };
        let text = match line {
            Line::Text(text) if text.trim().is_empty() => return,
            Line::Text(text) => text,
            Line::NotUtf8(before) => return bad.push(problem(before.chars().count() + 1, "is not UTF-8".to_owned())),
            Line::TooLong => return bad.push(problem(1, format!("is longer than {} MiB", lines::LONGEST >> 20))),
        };
        match serde_json::from_str::<Row>(text) {
            Ok(row) => rows.push(labelled(number, row)),
            Err(error) => {
                let text = error.to_string();
                let message = text.rsplit_once(" at line ").map_or(text.as_str(), |(text, _)| text).to_owned();
                bad.push(problem(error.column().max(1), message));
            }
        }
    })?;
    Ok((rows, bad))
}

fn labelled(number: usize, row: Row) -> Labelled {
    let Row { prompt, answer, options, rubric, says, label } = row;
    let answers = answer.map(|answers| answers.0).unwrap_or_default();
    let spec = rubric.map(|rubric| Arc::new(Spec::from_iter([("rubric".to_owned(), rubric.into())])));
    let tags = Tags::new("general", "general", "en", Split::Private);
    let item = Item { options, spec, ..Item::question(&format!("line-{number}"), prompt, answers, tags) };
    let answer = Answer { text: says, finish: Some(Finish::Stop), ..Answer::default() };
    Labelled { item, answer, correct: matches!(label, Label::Correct) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_read_and_bad_ones_told_with_their_place() {
        let text = "{\"prompt\": \"2+2\", \"answer\": 4, \"says\": \"four\", \"label\": \"correct\"}\n\n\
                    {\"prompt\": \"2+2\", \"answers\": [\"4\", \"IV\"], \"rubric\": \"r\", \"says\": \"5\", \"label\": \"wrong\"}\n\
                    {\"prompt\": \"2+2\", \"says\": \"5\"}\n{\"prompt\": \"2+2\", \"says\": \"5\", \"label\": \"maybe\"}\n";
        let (rows, bad) = read(text.as_bytes(), "l.jsonl").unwrap();
        let seen: Vec<_> = rows.iter().map(|r| (r.item.id.as_str(), r.item.answers.len(), r.correct)).collect();
        assert_eq!(seen, [("line-1", 1, true), ("line-3", 2, false)]);
        assert_eq!(rows[1].item.spec.as_ref().unwrap()["rubric"], "r");
        let bad: Vec<String> = bad.iter().map(ToString::to_string).collect();
        assert_eq!(
            bad,
            [
                "l.jsonl:4:30: missing field `label`",
                "l.jsonl:5:47: unknown variant `maybe`, expected `correct` or `wrong`"
            ]
        );
    }
}
