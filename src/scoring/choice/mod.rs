//! Scorer `choice`: which option an answer names, by its letter or its words.
//!
//! Read in this order, the last statement of a kind winning: a box or an announced answer (whichever comes later, and
//! what follows a correction such as "wait, no"); "B is correct", "I choose B", "so it's B", a last line that is only a
//! letter; a first line that begins with one; the words of one option alone; and, where
//! none of these is there, what each clause says of the options that it mentions. Naming two options is unparsed, as is
//! everything else: a letter that merely occurs is never taken.

mod clauses;
mod cues;
mod doubted;
mod dress;
mod each;
mod ending;
mod find;
mod judged;
mod label;
mod late;
mod letter;
mod listed;
mod mentions;
mod options;
mod ordinal;
mod places;
mod rest;
mod set;
mod sets;
mod ticked;
mod verdict;
mod weigh;

use super::prepared::Prepared;
use super::text::{breaks_off, opens_as_refusal, readable, refuses, tail};
use super::{Graded, Kind, Scorer};
use crate::config::Section;
use crate::domain::{Answer, Finding, Item, Verdict};
use options::{LETTERS, reference};
use std::sync::Arc;

pub use doubted::{Doubt, left_open};
pub use dress::{both_are_wrong, told_together, without_remarks};
pub use options::{Options, is_cjk, name_of};
pub use set::Set;
pub use sets::{Find, find_set, read_set};

/// `scorer = "choice"`.
pub const KIND: Kind = Kind {
    name: "choice",
    about: "which of the options A, B, C… the answer names, by letter or by the option's own words",
    build,
};

/// Grows whenever a verdict could change.
const VERSION: u32 = 14;

#[derive(Debug, Default)]
struct Choice {
    asked: Prepared<Asked>,
}

/// What an item asks: its options, and which of them are right.
struct Asked {
    options: Options,
    right: Vec<usize>,
}

impl Asked {
    fn of(item: &Item) -> Self {
        let options = Options::of(item);
        let right = item.answers.iter().filter_map(|a| reference(a, &options).ok()).collect();
        Self { options, right }
    }
}

fn build(section: Option<&Section<'_>>) -> Option<Arc<dyn Scorer>> {
    if let Some(section) = section {
        section.finish();
    }
    Some(Arc::new(Choice::default()))
}

impl Scorer for Choice {
    fn grade(&self, item: &Item, answer: &Answer) -> Graded {
        let finding = match readable(answer) {
            Err(finding) => finding,
            Ok(shown) => {
                let asked = self.asked.of(item, Asked::of);
                let text = dress::undressed(tail(&shown.text));
                match find::read(&text, shown.cut || breaks_off(&shown.text), &asked.options) {
                    Ok((index, rule)) => Finding::judged(asked.right.contains(&index), name_of(index), rule),
                    Err(find::NONE) if refuses(&shown.text) => Finding::bare(Verdict::Refused, "refused/text"),
                    // 无法就此提供判断 leaves nothing open between options.
                    Err(_) if find::names_none(&text, &asked.options) && opens_as_refusal(&shown.text) => {
                        Finding::bare(Verdict::Refused, "refused/text")
                    }
                    Err(rule) => Finding::bare(Verdict::Unparsed, rule),
                }
            }
        };
        finding.into()
    }

    fn accepts(&self, item: &Item) -> Result<(), String> {
        if item.answers.is_empty() {
            return Err("a choice item needs an answer".into());
        }
        options_fit("choice", item)?;
        let options = Options::of(item);
        item.answers.iter().try_for_each(|a| reference(a, &options).map(drop))
    }

    fn fingerprint(&self) -> String {
        format!("choice/{VERSION}")
    }
}

/// Whether an item has no options, or as many as letters name.
///
/// # Errors
/// In words, how many there are.
pub fn options_fit(scorer: &str, item: &Item) -> Result<(), String> {
    match item.options.len() {
        count if count == 1 || count > LETTERS => {
            Err(format!("a {scorer} item has 2 to {LETTERS} options, not {count}"))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
