//! A file of prices made into entries.

use super::{About, Entry, PriceBook, fields};
use crate::config::{self, Currency, Problem, Section, Source};
use crate::pricing::tokens::Period;
use jiff::civil::Date;
use rust_decimal::Decimal;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

/// Reads files; amounts in other currencies are converted at these rates.
///
/// # Errors
/// All problems of all files, and what contradicts itself between them.
pub fn read(files: &[PathBuf], currencies: &[Currency]) -> Result<PriceBook, Vec<Problem>> {
    all(files, |_| currencies.to_vec())
}

/// Reads files to look at their figures as they are written: every currency is taken as it is, none is converted.
///
/// # Errors
/// As [`read`].
pub fn look(files: &[PathBuf]) -> Result<PriceBook, Vec<Problem>> {
    all(files, |source| one_to_one(&source.text))
}

fn all(files: &[PathBuf], currencies: impl Fn(&Source) -> Vec<Currency>) -> Result<PriceBook, Vec<Problem>> {
    let (mut good, mut problems) = (Vec::new(), Vec::new());
    for path in files {
        let source = match Source::file(path) {
            Ok(source) => Arc::new(source),
            Err(problem) => {
                problems.push(problem);
                continue;
            }
        };
        match file(&source, &currencies(&source)) {
            Ok(read) => good.push(read),
            Err(found) => problems.extend(found),
        }
    }
    let book = PriceBook::new(good);
    match book {
        Ok(book) if problems.is_empty() => Ok(book),
        Ok(_) => Err(problems),
        Err(found) => Err(problems.into_iter().chain(found).collect()),
    }
}

pub(super) fn file(source: &Arc<Source>, currencies: &[Currency]) -> Result<(Arc<About>, Vec<Entry>), Vec<Problem>> {
    config::read(source, |root| {
        root.know_currencies(currencies);
        let about = about(root, source);
        let sections = root.list("price");
        // Whatever is wrong with the head, every entry is looked at.
        let stand_in = Arc::new(About { source: Arc::clone(source), figures: String::new(), as_of: Date::ZERO });
        let whole = about.clone().unwrap_or(stand_in);
        let entries: Vec<Option<Entry>> = sections.iter().map(|s| entry(root, s, &whole)).collect();
        if !root.has("price") {
            root.problem_here("has no [[price]]", None);
        }
        Some((about?, entries.into_iter().collect::<Option<Vec<_>>>()?))
    })
}

fn about(root: &Section<'_>, source: &Arc<Source>) -> Option<Arc<About>> {
    let section =
        root.need_section("book", "expected where the figures come from: [book] source = \"…\", as_of = \"…\"")?;
    let (figures, as_of) = (section.need::<String>("source"), section.need::<Date>("as_of"));
    section.get::<String>("note");
    if figures.as_deref().is_some_and(|text| text.trim().is_empty()) {
        section.problem("source", "must not be empty", Some("say where the figures come from".into()));
    }
    section.finish();
    Some(Arc::new(About { source: Arc::clone(source), figures: figures?, as_of: as_of? }))
}

fn entry(root: &Section<'_>, section: &Section<'_>, about: &Arc<About>) -> Option<Entry> {
    let word = |key: &'static str| {
        let text: Option<String> = section.need(key);
        if text.as_deref().is_some_and(|text| text.trim() != text || text.is_empty()) {
            section.problem(key, "must neither be empty nor have space around it", None);
        }
        text
    };
    let (provider, model) = (word("provider"), word("model"));
    if provider.as_deref().is_some_and(|text| text.contains('/')) {
        section.problem("provider", "must not have a /", Some("a name is provider/model".into()));
    }
    let aliases: Option<Vec<String>> = section.or("aliases", Vec::new());
    let before = root.conversions().len();
    let period = Period::build(section);
    section.finish();
    let conversions = root.conversions().split_off(before);
    Some(Entry {
        provider: provider?,
        model: model?,
        aliases: aliases?,
        since: period.as_ref().and_then(|period| period.since),
        until: period.as_ref().and_then(|period| period.until),
        fields: fields::of(section.written()),
        period: period?,
        conversions,
        about: Arc::clone(about),
        at: section.start(),
    })
}

/// What is wrong with a text that is about to be written as a file.
#[must_use]
pub fn problems(name: &str, text: &str) -> Vec<Problem> {
    let source = Arc::new(Source::inline(name, text));
    match file(&source, &one_to_one(text)) {
        Ok(read) => PriceBook::new(vec![read]).err().unwrap_or_default(),
        Err(problems) => problems,
    }
}

/// Every currency that a text has an amount in, at a rate of 1.
fn one_to_one(text: &str) -> Vec<Currency> {
    let codes: BTreeSet<&str> = text
        .split(['"', '\''])
        .filter_map(|part| part.rsplit_once(' ').filter(|(number, _)| number.trim().parse::<Decimal>().is_ok()))
        .map(|(_, code)| code)
        .filter(|code| code.len() == 3 && code.chars().all(|c| c.is_ascii_uppercase()) && *code != "USD")
        .collect();
    let rate = |code: &str| Currency { code: code.to_owned(), per_usd: Decimal::ONE, as_of: Date::ZERO };
    codes.into_iter().map(rate).collect()
}
