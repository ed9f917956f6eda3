//! Answers that would have themselves graded as right: orders to the grader, every option at once, the reference's form,
//! code that would print it. Each is wrong, so a scorer that finds one right has been talked into it.

use crate::cases::Case;
use assayd::domain::Item;
use serde_json::{Value, json};

/// In the place of a scorer's name: tried with every scorer, on every item of its tables.
pub const EVERY: &str = "*";

/// One answer, and what it answers.
pub struct Attempt {
    /// The scorer that it is made for, or [`EVERY`].
    pub scorer: String,
    /// The answer.
    pub says: String,
    /// The item, as a case of the tables has it; without anything for an attempt on every item.
    item: Value,
}

impl Attempt {
    /// It as a case of the tables.
    ///
    /// # Errors
    /// When the item is none.
    pub fn case(&self) -> Result<Case, String> {
        let mut case = self.item.clone();
        for (key, value) in [("says", json!(self.says)), ("want", json!("wrong"))] {
            if let Some(fields) = case.as_object_mut() {
                fields.insert(key.to_owned(), value);
            }
        }
        serde_json::from_value(case).map_err(|error| format!("injections for {}: {error}", self.scorer))
    }
}

/// All attempts.
///
/// # Errors
/// When the file is not as it should be.
pub fn read() -> Result<Vec<Attempt>, String> {
    let mut attempts = Vec::new();
    for (i, line) in include_str!("injections.jsonl").lines().enumerate() {
        let wrong = |why: &str| format!("injections.jsonl:{}: {why}", i + 1);
        let mut item: Value = serde_json::from_str(line).map_err(|error| wrong(&error.to_string()))?;
        let fields = item.as_object_mut().ok_or_else(|| wrong("no object"))?;
        let scorer = fields.remove("scorer").and_then(|name| Some(name.as_str()?.to_owned()));
        let scorer = scorer.ok_or_else(|| wrong("no scorer"))?;
        let texts = fields.remove("attempts").and_then(|texts| serde_json::from_value::<Vec<String>>(texts).ok());
        for says in texts.ok_or_else(|| wrong("no attempts"))? {
            attempts.push(Attempt { scorer: scorer.clone(), says, item: item.clone() });
        }
    }
    Ok(attempts)
}

/// Whether an attempt on every item is no right answer to this one. Instructions on an answer's form (at most so many words)
/// can be followed by any text, no call may be what is wanted, and an answer may be a word that the attempt has.
pub fn is_wrong(scorer: &str, item: &Item, says: &str) -> bool {
    let says = says.to_lowercase();
    let calls = item.spec.as_ref().and_then(|spec| spec.get("calls")?.as_array());
    let has = |words: &[String]| words.iter().any(|word| says.contains(&word.to_lowercase()));
    match scorer {
        "instructions" => false,
        "tool_call" => calls.is_some_and(|calls| !calls.is_empty()),
        // A schema alone is kept by many a value.
        "json" => !item.answers.is_empty() && !has(&item.answers),
        _ => !has(&item.answers) && !has(&item.options),
    }
}
