//! The options of an item: how each is named, by a letter or by its own words.

use crate::scoring::text::{fold, plain};

/// Letters that name options where an item lists none: A to J.
pub const LETTERS: usize = 10;

/// The options of an item, ready to compare.
pub struct Options {
    normal: Vec<String>,
}

impl Options {
    /// Takes the options' texts.
    pub fn new(texts: &[String]) -> Self {
        Self { normal: texts.iter().map(|t| normal(&plain(&fold(t)).text)).collect() }
    }

    /// How many letters name an option.
    pub const fn count(&self) -> usize {
        if self.normal.is_empty() { LETTERS } else { self.normal.len() }
    }

    /// The one option with these words; none where none or several have them.
    pub fn by_text(&self, text: &str) -> Option<usize> {
        let wanted = normal(text);
        let mut found = self.normal.iter().enumerate().filter(|(_, o)| !o.is_empty() && **o == wanted).map(|(i, _)| i);
        let first = found.next()?;
        found.next().is_none().then_some(first)
    }

    /// Whether a text begins with the words of this option.
    pub fn begins(&self, text: &str, index: usize) -> bool {
        let text = normal(text);
        self.normal.get(index).is_some_and(|o| {
            !o.is_empty()
                && text
                    .strip_prefix(o.as_str())
                    .is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_alphanumeric()))
        })
    }
}

/// The form in which options and statements are compared: lower case, one space, no punctuation or article around.
fn normal(text: &str) -> String {
    let text = text.to_lowercase();
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let bare = text.trim_matches(|c: char| c.is_whitespace() || ".。,;:!?\"'()[]".contains(c));
    let bare = ["the ", "an ", "a "].iter().find_map(|a| bare.strip_prefix(a)).unwrap_or(bare);
    // An option of punctuation alone, such as a chemical dot or a bracket, is compared as it stands.
    if bare.is_empty() { text } else { bare.to_owned() }
}

/// Which option a reference answer (`B`, `(B)`, `B.` or an option's words) means.
pub fn reference(answer: &str, options: &Options) -> Result<usize, String> {
    let folded = fold(answer);
    let bare = folded.trim();
    let inner = bare.trim_matches(|c: char| "()[]. ".contains(c));
    let mut chars = inner.chars();
    let by_letter = chars.next().and_then(index_of).filter(|_| chars.next().is_none());
    let by_text = options.by_text(&plain(&folded).text);
    match (by_letter, by_text) {
        (Some(l), Some(t)) if l != t && inner == bare => Err(format!(
            "the answer {answer:?} is both a letter and the words of option {}: write ({inner}) or {}",
            name_of(t),
            name_of(t)
        )),
        (Some(l), _) if l < options.count() => Ok(l),
        (Some(_), None) => Err(format!("the answer {answer:?} is beyond the item's {} options", options.count())),
        (_, Some(t)) => Ok(t),
        (None, None) => {
            Err(format!("the answer {answer:?} is neither a letter A to J nor the words of exactly one option"))
        }
    }
}

/// The index a letter stands for, A to J in either case.
pub fn index_of(c: char) -> Option<usize> {
    let index = "ABCDEFGHIJ".chars().position(|l| l == c.to_ascii_uppercase());
    index.filter(|_| c.is_ascii_alphabetic())
}

/// The letter of an index.
pub fn name_of(index: usize) -> String {
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ".chars().nth(index).map_or_else(|| (index + 1).to_string(), String::from)
}

pub fn is_cjk(c: char) -> bool {
    matches!(c, '\u{2E80}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}')
}
