//! `[prices]`: the files of the price book.

use crate::config::{Currency, Placed, Section};
use crate::pricing::PriceBook;
use crate::pricing::book;
use std::path::PathBuf;

/// The price book that the configuration names, empty where it names none; none where it is wrong.
pub(super) fn book(root: &Section<'_>, currencies: &[Currency]) -> Option<PriceBook> {
    let Some(section) = root.section("prices") else {
        return (!root.has("prices")).then(PriceBook::default);
    };
    let patterns: Option<Vec<Placed<PathBuf>>> = section.need("files");
    section.finish();
    let (mut files, mut right) = (Vec::new(), true);
    for Placed { span, value } in patterns? {
        match book::expand(&root.source().folder, &value) {
            Ok(found) => files.extend(found),
            Err(why) => {
                right = false;
                section.problem_at_span("files", &span, format!("{}: {why}", value.display()), None);
            }
        }
    }
    // A file that two patterns mean is one.
    files.sort();
    files.dedup();
    match book::read(&files, currencies) {
        Ok(book) => right.then_some(book),
        Err(problems) => {
            problems.into_iter().for_each(|problem| root.problem_elsewhere(problem));
            None
        }
    }
}
