//! A target's price that is taken out of the book by its name.

use super::{Entry, PriceBook};
use crate::config::{Conversion, Section};
use crate::pricing::TokenPrice;
use jiff::civil::Date;

/// Where prices of a book are found, and for which day.
#[derive(Debug, Clone, Copy)]
pub struct Shelf<'a> {
    /// The book; none where it is wrong itself, and told of.
    pub book: Option<&'a PriceBook>,
    /// The day.
    pub today: Date,
}

/// `price.book = "provider/model"`.
#[derive(Debug, Clone, PartialEq)]
pub struct Booked {
    /// The name, as the book has it.
    pub name: String,
    /// Where the figures come from, as its file says.
    pub figures: String,
    /// The day they were taken.
    pub as_of: Date,
    /// What it comes to.
    pub price: TokenPrice,
}

impl Booked {
    /// Reads a `price` section that has `book`.
    pub fn build(section: &Section<'_>, shelf: &Shelf<'_>) -> Option<Self> {
        let others: Vec<&str> = ["tokens", "rented"].into_iter().filter(|key| section.has(key)).collect();
        if let Some(other) = others.first() {
            section.problem_here(format!("expected one of them, found both book and {other}"), None);
        }
        let name: Option<String> = section.get("book");
        section.finish();
        let (name, book) = (name?, shelf.book?);
        let entries = book.find(&name);
        let Some(last) = entries.last() else {
            let hint = match book.near(&name) {
                _ if book.is_empty() => {
                    Some("name the files of a price book: [prices] files = [\"prices/*.toml\"]".into())
                }
                near => near.or_else(|| Some("`assayd prices show` lists every name".into())),
            };
            section.problem("book", format!("{name:?} is in no price book"), hint);
            return None;
        };
        let field =
            |from: Conversion| Conversion { field: format!("{} ({})", section.field("book"), from.field), ..from };
        section.remember(entries.iter().flat_map(|entry| entry.conversions.iter().cloned()).map(field));
        let about = &last.about;
        let stamp = entries.iter().map(|entry| entry.about.as_of).max().unwrap_or(about.as_of);
        Some(Self { name: last.name(), figures: about.figures.clone(), as_of: stamp, price: joined(entries) })
    }
}

/// The periods of a model as one price.
fn joined(entries: &[Entry]) -> TokenPrice {
    TokenPrice::of(entries.iter().map(|entry| entry.period.clone()).collect())
}
