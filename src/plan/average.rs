//! `average = "micro" | "macro"`: whether every answer weighs the same, or every domain.

use crate::board::{AverageRule, AverageSubject};
use crate::config::Section;
use crate::domain::Tags;
use crate::workload::subjects::{Board, Mean};
use std::collections::{BTreeMap, BTreeSet};

/// Reads it; where it is not said, the board decides whose data these are. The rule of a macro average; `Some(None)` is
/// none.
pub(super) fn read(
    section: &Section<'_>,
    board: Option<&'static Board>,
    strata: &[Tags],
) -> Option<Option<AverageRule>> {
    let usual = board.map_or(Mean::Micro, |board| board.mean);
    let mean = if section.has("average") { section.choice("average", &Mean::WORDS)? } else { usual };
    Some((mean == Mean::Macro).then(|| rule(board, strata)))
}

/// A board's own subjects, where the data have any of them; else the domains that there are.
fn rule(board: Option<&'static Board>, strata: &[Tags]) -> AverageRule {
    let theirs = board.filter(|board| strata.iter().any(|tags| board.subject(&tags.domain).is_some()));
    if let Some(board) = theirs {
        let subject = |s: &crate::workload::subjects::Subject| AverageSubject {
            domain: s.id.to_owned(),
            category: Some(s.category.to_owned()),
            hard: s.hard,
        };
        return AverageRule {
            board: Some(board.name),
            categories: board.categories.iter().map(|category| (*category).to_owned()).collect(),
            subjects: board.subjects.iter().map(subject).collect(),
        };
    }
    let mut domains: BTreeMap<&str, (BTreeSet<&str>, bool)> = BTreeMap::new();
    for tags in strata {
        let (categories, hard) = domains.entry(&tags.domain).or_insert_with(|| (BTreeSet::new(), true));
        categories.insert(&tags.capability);
        *hard &= tags.hard;
    }
    let category = |of: &BTreeSet<&str>| (of.len() == 1).then(|| of.first().map(|word| (*word).to_owned())).flatten();
    let subjects: Vec<AverageSubject> = domains
        .into_iter()
        .map(|(domain, (categories, hard))| AverageSubject {
            domain: domain.to_owned(),
            category: category(&categories),
            hard,
        })
        .collect();
    let categories: BTreeSet<String> = subjects.iter().filter_map(|subject| subject.category.clone()).collect();
    // One category of all is the average itself.
    let categories = if categories.len() > 1 { categories.into_iter().collect() } else { Vec::new() };
    AverageRule { board: None, categories, subjects }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Split;
    use crate::workload::subjects::C_EVAL;

    fn tags(domain: &str, capability: &str, hard: bool) -> Tags {
        Tags { hard, ..Tags::new(domain, capability, "en", Split::Private) }
    }

    #[test]
    fn a_board_has_all_its_subjects_whatever_the_data_have() {
        let rule = rule(Some(&C_EVAL), &[tags("accountant", "Other", false)]);
        assert_eq!((rule.board, rule.subjects.len(), rule.categories.len()), (Some("C-Eval"), 52, 4));
        assert_eq!(rule.subjects.iter().filter(|s| s.hard).count(), 8);
    }

    #[test]
    fn data_of_ones_own_have_the_domains_that_are_there() {
        let strata = [
            tags("a", "recall", true),
            tags("a", "reasoning", true),
            tags("b", "recall", false),
            tags("b", "recall", true),
            tags("c", "reasoning", true),
        ];
        let rule = rule(Some(&C_EVAL), &strata);
        let of: Vec<_> = rule.subjects.iter().map(|s| (s.domain.as_str(), s.category.as_deref(), s.hard)).collect();
        assert_eq!(of, [("a", None, true), ("b", Some("recall"), false), ("c", Some("reasoning"), true)]);
        assert_eq!((rule.board, rule.categories), (None, vec!["reasoning".to_owned(), "recall".to_owned()]));
    }
}
