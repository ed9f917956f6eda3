//! How many tokens a text has, counted here: to hold a provider's count against, never to price by.
//!
//! Byte-pair encoding from a Hugging Face `tokenizer.json` or a tiktoken table. Ours, since the `tokenizers` crate brings
//! trainers, a thread pool and a hundred seconds of compilation for what is a table and a loop; whatever a file asks for that
//! is not understood here is a problem of the configuration, never a wrong count.

mod bpe;
mod config;
mod hugging_face;
mod pieces;
mod tiktoken;

pub use config::build;

use bpe::Bpe;
use pieces::{Cut, Rewrite};
use regex::Regex;

/// What a provider said that it wrote, and what was counted here, of the same answers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Audited {
    /// Answers that were counted.
    pub answers: u64,
    /// Output tokens that the provider reported for them.
    pub reported: u64,
    /// Output tokens that their texts have by the target's tokenizer.
    pub counted: u64,
}

/// A tokenizer, for counting.
#[derive(Debug)]
pub struct Tokenizer {
    /// Texts that are one token wherever they stand.
    added: Option<Regex>,
    rewrites: Vec<Rewrite>,
    cuts: Vec<Cut>,
    bpe: Bpe,
    /// What it is, for people.
    name: String,
}

impl Tokenizer {
    /// How many tokens a text has, without what a template puts around it.
    #[must_use]
    pub fn count(&self, text: &str) -> u64 {
        let mut tokens = 0;
        let mut from = 0;
        for found in self.added.iter().flat_map(|added| added.find_iter(text)) {
            tokens += self.plain(text.get(from..found.start()).unwrap_or("")) + 1;
            from = found.end();
        }
        tokens + self.plain(text.get(from..).unwrap_or(""))
    }

    /// The same of a text without added tokens.
    fn plain(&self, text: &str) -> u64 {
        if text.is_empty() {
            return 0;
        }
        let text = self.rewrites.iter().fold(text.to_owned(), |text, rewrite| rewrite.apply(&text));
        let mut pieces = vec![text];
        for cut in &self.cuts {
            pieces = pieces.iter().flat_map(|piece| cut.apply(piece)).collect();
        }
        pieces.iter().map(|piece| self.bpe.count(piece)).sum()
    }

    /// What it is, for people.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}

#[cfg(test)]
mod tests;
