//! `relabel`: the options under other letters, E, F, G… instead of A, B, C….
//!
//! Other letters only: digits, i to iv and 甲乙丙丁 are no labels that the `choice` scorer could tell from the numbers and
//! words of an answer, and a form that is graded by guess shows nothing.

use super::labels::{letter, moved, refers};
use super::{Kind, Sources, asked, asking, showing_options};
use crate::domain::Item;
use rand_chacha::ChaCha8Rng;

/// The line in the table of kinds.
pub(super) const KIND: Kind = Kind {
    name: "relabel",
    about: "the options under the letters from E on",
    needs: "from 2 to 6 options, answers that are letters or an option's words, and a question that names no letters",
    make,
    tries: 1,
};

/// The place of the letter that the first option gets.
const FROM: usize = 4;
/// Scorers read letters up to J.
const LETTERS: usize = 10;

/// Empty options in front, which nothing names, shift the letters; the question shows the others itself.
fn make(item: &Item, _: &Sources, _: &mut ChaCha8Rng) -> Option<Item> {
    let question = asked(item)?;
    let count = item.options.len();
    let blocked = item.shows_options() || refers(question) || item.options.iter().any(|option| refers(option));
    if blocked || !(2..=LETTERS - FROM).contains(&count) {
        return None;
    }
    let answers = moved(item, |place| place + FROM)?;
    let lines = item.options.iter().enumerate();
    let lines = lines.map(|(place, option)| Some(format!("\n{}. {option}", letter(place + FROM)?)));
    let shown = format!("{question}{}", lines.collect::<Option<String>>()?);
    let options = std::iter::repeat_n(String::new(), FROM).chain(item.options.iter().cloned()).collect();
    Some(showing_options(Item { options, answers, ..asking(item, shown)? }))
}

/// Whether a template tells the model which letters there are, such as "A, B, C or D": then other letters contradict it.
#[must_use]
pub fn names_letters(template: &str) -> bool {
    refers(template)
}
