//! What all sections of one text share, and the reading of a whole text.

use super::currency::{Conversion, Currencies};
use super::{Problem, Problems, Section, Source};
use std::cell::RefCell;
use std::collections::BTreeSet;
use toml::de::DeTable;

/// What all sections of one text share.
pub(super) struct Shared<'a> {
    pub(super) source: &'a Source,
    pub(super) problems: Problems,
    pub(super) warnings: Problems,
    pub(super) currencies: RefCell<Currencies>,
    pub(super) conversions: RefCell<Vec<Conversion>>,
    /// Every field that was asked for, with names left out (`target.NAME.url`): the reference is tested against it.
    pub(super) fields: RefCell<BTreeSet<String>>,
}

/// Reads a text: hands its root section to `build`, then gives what was built, or all problems.
///
/// # Errors
/// All problems: those of this text in the order of their place, then those of other files. After a syntax error
/// nothing can be trusted, so it comes alone; a key given twice is no such error.
pub fn read<T>(source: &Source, build: impl FnOnce(&Section<'_>) -> Option<T>) -> Result<T, Vec<Problem>> {
    whole(source, build).0
}

/// Every field that `build` asks for, with names left out (`target.NAME.url`, `run[].every`), whatever the problems.
pub fn fields<T>(source: &Source, build: impl FnOnce(&Section<'_>) -> Option<T>) -> BTreeSet<String> {
    whole(source, build).1
}

fn whole<T>(
    source: &Source,
    build: impl FnOnce(&Section<'_>) -> Option<T>,
) -> (Result<T, Vec<Problem>>, BTreeSet<String>) {
    let shared = Shared {
        source,
        problems: Problems::default(),
        warnings: Problems::default(),
        currencies: RefCell::default(),
        conversions: RefCell::default(),
        fields: RefCell::default(),
    };
    let (root, errors) = DeTable::parse_recoverable(&source.text);
    let mut broken = false;
    for error in errors {
        let span = error.span().unwrap_or(0..0);
        if error.message() == "duplicate key" {
            let key = source.text.get(span.clone()).unwrap_or("");
            shared.problems.at(source, &span, key, "is given twice", None);
        } else if !broken {
            broken = true;
            shared.problems.at(source, &span, "", error.message(), None);
        }
    }
    let built = if broken {
        None
    } else {
        let section = Section::root(&shared, root.get_ref());
        let built = build(&section);
        section.finish();
        built
    };
    if built.is_none() && shared.problems.is_empty() {
        let message = "can't be built, and nothing said why: this is a fault of assayd";
        shared.problems.at(source, &(0..0), "", message, None);
    }
    let Shared { problems, fields, .. } = shared;
    let built = match built {
        Some(built) if problems.is_empty() => Ok(built),
        _ => Err(problems.take_sorted(&source.name)),
    };
    (built, fields.into_inner())
}
