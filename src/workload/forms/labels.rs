//! Letters of options in reference answers, moved along with the options.

use crate::domain::Item;
use regex::Regex;
use std::sync::LazyLock;

/// The letter of an option's place.
pub(super) fn letter(place: usize) -> Option<char> {
    ('A'..='Z').nth(place)
}

/// The item's answers after its options have moved: `to` says where the option of a place has gone. An answer is a letter
/// (`B`, `(b)`), letters (`AC`, `A, C`), or an option's own words. None where one is something else.
pub(super) fn moved(item: &Item, to: impl Fn(usize) -> usize) -> Option<Vec<String>> {
    let words = |answer: &str| item.options.iter().any(|option| option.trim().eq_ignore_ascii_case(answer.trim()));
    let one = |answer: &String| match (places(answer, item.options.len()), words(answer)) {
        // A letter that is an option's words too: which of both is meant can't be told.
        (Some(_), true) | (None, false) => None,
        (None, true) => Some(answer.clone()),
        (Some(places), false) => {
            let mut places: Vec<usize> = places.into_iter().map(&to).collect();
            places.sort_unstable();
            places.into_iter().map(letter).collect::<Option<String>>()
        }
    };
    item.answers.iter().map(one).collect()
}

/// The places that an answer names by letters, each once; none where it is more than letters.
fn places(answer: &str, count: usize) -> Option<Vec<usize>> {
    let bare = answer.trim().trim_matches(|c: char| "()[].（）。".contains(c));
    let letters: Vec<char> = bare.chars().filter(|c| !c.is_whitespace() && !",;/&、，".contains(*c)).collect();
    // In lower case only alone: `ad` may be a word.
    let place = |c: char| {
        let c = if letters.len() == 1 { c.to_ascii_uppercase() } else { c };
        ('A'..='Z').position(|l| l == c).filter(|place| *place < count)
    };
    let places: Vec<usize> = letters.iter().map(|c| place(*c)).collect::<Option<_>>()?;
    let mut once = places.clone();
    once.sort_unstable();
    once.dedup();
    (!places.is_empty() && once.len() == places.len()).then_some(places)
}

/// Whether a text speaks of options by their letters or place, so that they can't be moved: "both A and B", "option C".
pub(super) fn refers(text: &str) -> bool {
    static LETTERS: LazyLock<Option<Regex>> = LazyLock::new(|| {
        let list = r"(?:\A|[^A-Za-z])[A-J]\)?\s*(?:,|、|，|/|&|-|–|~|\band\b|\bor\b|\bto\b|和|与|或|及|至|到)\s*\(?[A-J](?:[^A-Za-z]|\z)";
        let named = r"(?i:\b(?:option|options|choice|choices|answer)\s*\(?|选项\s*|只有\s*)[A-J](?:[^A-Za-z]|\z)";
        Regex::new(&format!("(?:{list})|(?:{named})")).ok()
    });
    LETTERS.as_ref().is_some_and(|found| found.is_match(text))
}

/// Whether an option speaks of the others: "all of the above", "以上都对".
pub(super) fn sums_up(option: &str) -> bool {
    static WORDS: LazyLock<Option<Regex>> = LazyLock::new(|| {
        let english = r"(?i)\b(?:above|below|preceding|aforementioned|following|all of (?:these|them)|none of (?:these|them)|neither|both)\b";
        Regex::new(&format!(r"(?:{english})|以上|上述|上面|下述|以下|前述|其他选项|都对|都不对|都是|都不是|皆|均")).ok()
    });
    WORDS.as_ref().is_some_and(|found| found.is_match(option))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Split, Tags};

    fn item(answers: &[&str]) -> Item {
        let answers = answers.iter().map(|a| (*a).to_owned()).collect();
        let options = ["iron", "wood", "glass", "D"].map(str::to_owned).to_vec();
        Item { options, ..Item::question("i", "Which?", answers, Tags::new("d", "c", "en", Split::Public)) }
    }

    #[test]
    fn letters_move_and_words_stay() {
        let back = |place: usize| 3 - place;
        for (answer, want) in [("A", "D"), ("(b)", "C"), ("C.", "B"), ("AC", "BD"), ("A, B", "CD"), ("Wood", "Wood")] {
            assert_eq!(moved(&item(&[answer]), back), Some(vec![want.to_owned()]), "{answer}");
        }
        for answer in ["D", "E", "AA", "ab", "metal", ""] {
            assert_eq!(moved(&item(&[answer]), back), None, "{answer}");
        }
    }

    #[test]
    fn what_refers_to_other_options_is_known() {
        for text in ["Both A and B", "A、B", "Option C only", "only (A) or (C)", "choose from A-D", "选项B正确", "A和C"]
        {
            assert!(refers(text), "{text}");
        }
        for text in ["Vitamin A", "A dog and a cat", "Plan B", "AB-Serum", "甲和乙", "C++ or Rust"] {
            assert!(!refers(text), "{text}");
        }
        assert!(sums_up("None of the above") && sums_up("以上都不对") && !sums_up("a metal"));
    }
}
