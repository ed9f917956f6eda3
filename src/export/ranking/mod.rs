//! Boards: targets ranked by contests, with what must stand beside the ranks. One file a format.

mod csv;
mod json;
mod markdown;
mod tables;
mod words;

use super::report::{drawn, wrapped};
use super::verdict::Lang;
use crate::contest::{Board, Contests, LeftOut, Sides, Standing, Voter};
use std::fmt::Write as _;

/// Who decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum From {
    /// Which answers are right.
    Items,
    /// People.
    Votes,
    /// A model that was asked to judge.
    Judge,
}

impl From {
    /// Every one.
    pub const ALL: [Self; 3] = [Self::Items, Self::Votes, Self::Judge];

    /// The word on the command line.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Items => "items",
            Self::Votes => "votes",
            Self::Judge => "judge",
        }
    }
}

/// What is rendered.
#[derive(Debug, Clone)]
pub struct Document {
    /// Who decided.
    pub from: From,
    /// The boards, all of it first.
    pub boards: Vec<Board>,
    /// Fewer votes than this make no board.
    pub least_votes: u64,
    /// Every voter.
    pub voters: Vec<Voter>,
    /// Whether flagged voters' votes are left out.
    pub flagged_left_out: bool,
    /// The names of the targets, by their place.
    pub targets: Vec<String>,
    /// How much it mattered which answer was shown first.
    pub sides: Option<Sides>,
    /// Votes (or items) that repeat another one.
    pub repeated: u64,
    /// What is of an older provenance.
    pub left_out: Vec<LeftOut>,
    /// In which language.
    pub lang: Lang,
    /// Milliseconds since the Unix epoch when it was made.
    pub made_unix_ms: i64,
    /// Where the votes are from: a store's address.
    pub source: String,
}

/// A format.
#[derive(Debug, Clone, Copy)]
pub struct Format {
    /// The word on the command line.
    pub name: &'static str,
    /// Renders it.
    pub render: fn(&Document) -> String,
}

/// Every format.
pub const FORMATS: &[Format] = &[
    Format { name: "table", render: text },
    Format { name: "md", render: markdown::render },
    Format { name: "csv", render: csv::render },
    Format { name: "json", render: json::render },
];

impl Document {
    /// What contests say, without boards; those are added by the caller, who knows which are wanted.
    #[must_use]
    pub fn of(from: From, contests: &Contests, lang: Lang) -> Self {
        Self {
            from,
            boards: Vec::new(),
            least_votes: 0,
            voters: contests.voters(),
            flagged_left_out: true,
            targets: contests.targets.iter().map(ToString::to_string).collect(),
            sides: contests.sides(crate::stats::Level::P95),
            repeated: contests.repeated,
            left_out: contests.left_out.clone(),
            lang,
            made_unix_ms: 0,
            source: String::new(),
        }
    }

    /// Boards with ranks, and those without.
    fn split(&self) -> (Vec<&Board>, Vec<&Board>) {
        self.boards.iter().partition(|board| matches!(board.standing, Standing::Ranked(_)))
    }
}

/// Plain text for a terminal.
fn text(document: &Document) -> String {
    let mut text = format!("{}\n", document.lang.ranking().title(document.from));
    for table in tables::tables(document) {
        let _ = write!(text, "\n{}\n{}\n", table.title, drawn(&table));
    }
    text.push('\n');
    words::notes(document).iter().for_each(|note| wrapped(&mut text, "* ", note));
    text
}

#[cfg(test)]
mod tests;
