//! What a scenario says of conversations and repeats.

use crate::config::Section;
use crate::workload::think::Think;

/// Which turns of a conversation are graded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grade {
    /// The last one.
    Last,
    /// Every turn that has an answer: right where all are, and the first that is not decides.
    All,
    /// As `All`, but the score is the mean over those turns.
    Mean,
}

impl Grade {
    /// The configuration's words.
    pub const WORDS: [(&'static str, Self); 3] = [("last", Self::Last), ("all", Self::All), ("mean", Self::Mean)];

    /// The configuration's word for it.
    #[must_use]
    pub fn label(self) -> &'static str {
        Self::WORDS.into_iter().find(|(_, grade)| *grade == self).map_or("", |(word, _)| word)
    }
}

/// The most often that an item is asked in one run.
const MOST_REPEATS: u32 = 1_000;

/// Reads `grade`, `think_time` and `repeats`.
pub(super) fn read(section: &Section<'_>) -> Option<(Grade, Option<Think>, u32)> {
    let grade = if section.has("grade") { section.choice("grade", &Grade::WORDS) } else { Some(Grade::Last) };
    let think = Think::read(section, "think_time");
    let repeats = section.or("repeats", 1);
    if repeats.is_some_and(|n| n == 0 || n > MOST_REPEATS) {
        section.problem("repeats", format!("expected from 1 to {MOST_REPEATS}"), None);
    }
    Some((grade?, think?, repeats?))
}
