//! What a scorer makes of an item before it looks at an answer: options read, references parsed. It is made once and kept for
//! the item's other answers, of every target and every repeat.

use crate::domain::Item;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

/// How many items are kept: as many as may be in flight.
const KEPT: usize = 256;

/// The longest answers and options of one that is kept, in bytes.
const LONGEST: usize = 4096;

/// What is made of items, by what it is made of.
pub struct Prepared<T>(Mutex<Vec<Option<Kept<T>>>>);

/// What was made, and of what.
type Kept<T> = (Source, Arc<T>);

/// All of an item that it may be made of.
#[derive(PartialEq, Eq)]
struct Source {
    answers: Vec<String>,
    options: Vec<String>,
    language: String,
}

impl Source {
    fn is(&self, item: &Item) -> bool {
        self.answers == item.answers && self.options == item.options && *self.language == *item.tags.language
    }
}

impl<T> Prepared<T> {
    /// What `make` makes of an item's answers, options and language.
    pub fn of(&self, item: &Item, make: impl FnOnce(&Item) -> T) -> Arc<T> {
        let place = place(item);
        let texts = || item.answers.iter().chain(&item.options);
        if let Some(Some((source, made))) = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(place)
            && source.is(item)
        {
            return Arc::clone(made);
        }
        let made = Arc::new(make(item));
        if texts().map(String::len).sum::<usize>() <= LONGEST {
            let source = Source {
                answers: item.answers.clone(),
                options: item.options.clone(),
                language: item.tags.language.to_string(),
            };
            let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            if kept.is_empty() {
                kept.resize_with(KEPT, || None);
            }
            if let Some(kept) = kept.get_mut(place) {
                *kept = Some((source, Arc::clone(&made)));
            }
        }
        made
    }
}

/// Where an item is kept: by the beginnings of its texts, which are many more than there are places.
fn place(item: &Item) -> usize {
    let texts = item.answers.iter().take(2).chain(item.options.iter().take(4));
    let bytes = texts.flat_map(|text| text.bytes().take(16).chain([0]));
    bytes.fold(7_usize, |all, byte| all.wrapping_mul(31).wrapping_add(usize::from(byte))) % KEPT
}

impl<T> Default for Prepared<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T> fmt::Debug for Prepared<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Prepared")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scoring::tests::item;

    #[test]
    fn each_item_has_its_own_and_it_is_made_once() {
        let prepared = Prepared::default();
        let [one, other] = [item(&["A"], &["x", "y"]), item(&["A"], &["x", "z"])];
        let made = |item: &Item| prepared.of(item, |item| item.options.concat());
        assert_eq!((&**made(&one), &**made(&other)), ("xy", "xz"));
        assert!(Arc::ptr_eq(&made(&other), &made(&other)));
        let long = item(&[&"a".repeat(LONGEST + 1)], &[]);
        assert!(!Arc::ptr_eq(&made(&long), &made(&long)), "a long one is not kept");
    }
}
