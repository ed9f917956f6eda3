//! Scorers: pure functions from an item and an answer to a finding. A new scorer is one file and one line in [`KINDS`].
//!
//! Invariants: reasoning is stripped before reading; the last boxed or stated answer wins; never a random guess; what
//! can't be read is `unparsed`, what is declined is `refused`, and every finding names the rule that fired.

mod choice;
mod code;
mod duel;
mod exact;
mod instructions;
mod json;
mod judge;
mod math;
mod multi_choice;
mod none;
mod number;
mod prepared;
mod similar;
mod text;
mod tool_call;

pub use duel::{DUEL_VERSION, duel, preferred};
pub use judge::SHOWN;

pub use crate::domain::{Ended, Job, Reply};

use crate::config::Section;
use crate::domain::{Answer, Finding, Item, Prompt, Verdict};
use std::sync::Arc;

/// All scorers.
pub const KINDS: &[Kind] = &[
    choice::KIND,
    multi_choice::KIND,
    exact::KIND,
    number::KIND,
    math::KIND,
    similar::KIND,
    json::KIND,
    tool_call::KIND,
    instructions::KIND,
    code::KIND,
    judge::KIND,
    none::KIND,
];

/// One scorer, by the name a configuration gives it (`scorer = "…"` or `scorer = { kind = "…", … }`).
#[derive(Clone, Copy)]
pub struct Kind {
    /// The configuration's word.
    pub name: &'static str,
    /// One line for help and docs.
    pub about: &'static str,
    /// Builds it; the section is none for the short form without settings. Whoever calls has read `kind` from the section;
    /// this reads the rest and finishes it.
    pub build: fn(Option<&Section<'_>>) -> Option<Arc<dyn Scorer>>,
}

/// What grading comes to.
#[derive(Debug, Clone, PartialEq)]
pub enum Graded {
    /// The finding.
    Final(Finding),
    /// A judge must be asked: ordinary, priced exchanges. Then [`Scorer::settle`] has their answers.
    Ask(Vec<Prompt>),
    /// A program must run, in a sandbox and nowhere else. Then [`Scorer::settle`] has what came of it.
    Run(Job),
}

impl From<Finding> for Graded {
    fn from(finding: Finding) -> Self {
        Self::Final(finding)
    }
}

/// A scorer.
pub trait Scorer: Send + Sync {
    /// Grades one answer. Bounded in time and memory whatever the text; never panics.
    fn grade(&self, item: &Item, answer: &Answer) -> Graded;

    /// Grades with the replies to what [`Scorer::grade`] wanted, one for each prompt or job, in order.
    fn settle(&self, item: &Item, answer: &Answer, replies: &[Reply]) -> Finding {
        let _ = (item, answer, replies);
        Finding::bare(Verdict::Unparsed, "unparsed/nothing-wanted")
    }

    /// The command that runs programs of a model, where grading has such programs run: they need a sandbox.
    fn runs(&self) -> Option<&[String]> {
        None
    }

    /// Whether it can grade this item at all, told at load time (such as: a `choice` item needs options or a letter).
    ///
    /// # Errors
    /// In words, what the item lacks.
    fn accepts(&self, item: &Item) -> Result<(), String>;

    /// Name, version and settings, for the provenance: changes whenever a verdict could.
    fn fingerprint(&self) -> String;
}

#[cfg(test)]
mod tests;
