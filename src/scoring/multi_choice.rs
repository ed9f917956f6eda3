//! Scorer `multi_choice`: which of the options an answer names, where several are right. Right only if exactly the
//! right ones are named.
//!
//! Read in this order, the last statement of a kind winning: a box (several side by side are one), an announced answer or
//! a choice ("the answers are A and C", 故选ACD); what is said of single options ("A and C are correct, B is wrong", a
//! list or table with ✓ and ✗), or of several by its clauses ("what's left, D and E"), taken together; those
//! that are left where others are ruled out ("not A and not D; the other two are right"); a last line, a first line or a
//! whole text that is nothing but a set. A list of all options with their words, or a line each, that says nothing of them
//! is unparsed (a line of all their letters is an answer); so is a set that is left open (A or C).
//!
//! The reference is one text (`ABD`, `A, B, D`, options' words), and each further answer another accepted set; with
//! `reference = "members"` each answer is one option of the set. `credit = "partial"` gives part marks as examinations
//! do: the share of the right options that were named, and 0 as soon as a wrong one was; the verdict stays.

use super::choice::{
    Doubt, Find, Options, Set, both_are_wrong, find_set, left_open, name_of, options_fit, read_set, told_together,
    without_remarks,
};
use super::prepared::Prepared;
use super::text::{breaks_off, fold, plain, readable, refuses, tail};
use super::{Graded, Kind, Scorer};
use crate::config::Section;
use crate::domain::{Answer, Finding, Item, Verdict};
use std::sync::Arc;

/// `scorer = "multi_choice"`.
pub const KIND: Kind = Kind {
    name: "multi_choice",
    about: "which options the answer names where several are right; `credit = \"all\" | \"partial\"`",
    build,
};

/// What says outright which the answer is.
const ANNOUNCED: [&str; 2] = ["multi_choice/boxed", "multi_choice/marker"];

/// Grows whenever a verdict could change.
const VERSION: u32 = 13;

/// What a set that is not the right one is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Credit {
    /// Nothing.
    All,
    /// The share of the right options that it has, and nothing where it has a wrong one.
    Partial,
}

/// What an item's answers are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reference {
    /// Each a set that is right.
    Sets,
    /// Each an option of the one right set.
    Members,
}

#[derive(Debug)]
struct MultiChoice {
    credit: Credit,
    reference: Reference,
    asked: Prepared<Asked>,
}

/// What an item asks: its options, and the sets of them that are right.
struct Asked {
    options: Options,
    accepted: Vec<Set>,
}

fn build(section: Option<&Section<'_>>) -> Option<Arc<dyn Scorer>> {
    let mut scorer = MultiChoice { credit: Credit::All, reference: Reference::Sets, asked: Prepared::default() };
    if let Some(section) = section {
        let credit = section
            .has("credit")
            .then(|| section.choice("credit", &[("all", Credit::All), ("partial", Credit::Partial)]));
        let reference = section
            .has("reference")
            .then(|| section.choice("reference", &[("sets", Reference::Sets), ("members", Reference::Members)]));
        section.finish();
        scorer = MultiChoice {
            credit: credit.unwrap_or(Some(scorer.credit))?,
            reference: reference.unwrap_or(Some(scorer.reference))?,
            ..scorer
        };
    }
    Some(Arc::new(scorer))
}

impl Scorer for MultiChoice {
    fn grade(&self, item: &Item, answer: &Answer) -> Graded {
        let finding = match readable(answer) {
            Err(finding) => finding,
            Ok(shown) => {
                let asked = self.asked.of(item, |item| {
                    let options = Options::of(item);
                    let accepted = self.accepted(item, &options);
                    Asked { options, accepted }
                });
                let options = &asked.options;
                let cut = shown.cut || breaks_off(&shown.text);
                let text = without_remarks(tail(&shown.text));
                let told = |rule| match told_together(text.trim(), options).filter(|_| !cut) {
                    Some(set) => Find::Found(set, "multi_choice/told"),
                    None => Find::Missing(rule),
                };
                let found = match find_set(&text, cut, options) {
                    Find::Missing(rule) if rule == "multi_choice/none" => told(rule),
                    Find::Found(_, "multi_choice/chosen") if both_are_wrong(&text) => {
                        Find::Missing("multi_choice/unclear")
                    }
                    Find::Found(set, rule) if !ANNOUNCED.contains(&rule) => {
                        let judged = self.judged(&asked.accepted, set, rule);
                        // Where another option is in doubt a set is never right; that it is wrong stays so.
                        let open = match left_open(&text, set) {
                            Some(Doubt::AtLeast) => true,
                            Some(Doubt::Another) => judged.verdict == Verdict::Correct,
                            None => false,
                        };
                        if open { Find::Missing("multi_choice/unclear") } else { Find::Found(set, rule) }
                    }
                    found => found,
                };
                match found {
                    Find::Found(set, rule) => self.judged(&asked.accepted, set, rule),
                    Find::Missing(rule) if rule == "multi_choice/none" && refuses(&shown.text) => {
                        Finding::bare(Verdict::Refused, "refused/text")
                    }
                    Find::Missing(rule) => Finding::bare(Verdict::Unparsed, rule),
                }
            }
        };
        finding.into()
    }

    fn accepts(&self, item: &Item) -> Result<(), String> {
        if item.answers.is_empty() {
            return Err("a multi_choice item needs an answer".into());
        }
        options_fit("multi_choice", item)?;
        let options = Options::of(item);
        for answer in &item.answers {
            let set = reference(answer, &options).ok_or_else(|| {
                format!("the answer {answer:?} is no set of the item's options, such as \"ABD\" or \"A, B, D\"")
            })?;
            if self.reference == Reference::Members && set.len() > 1 {
                return Err(format!(
                    "the answer {answer:?} is more than one member: leave out reference = \"members\""
                ));
            }
        }
        let single = |answer: &String| reference(answer, &options).is_some_and(|set| set.len() == 1);
        if self.reference == Reference::Sets && item.answers.len() > 1 && item.answers.iter().all(single) {
            return Err(
                "each answer is a single option: write them as one (\"ABD\"), or say reference = \"members\"".into()
            );
        }
        Ok(())
    }

    fn fingerprint(&self) -> String {
        let Self { credit, reference, asked: _ } = self;
        format!("multi_choice/{VERSION} credit={credit:?} reference={reference:?}")
    }
}

impl MultiChoice {
    /// The sets that are right.
    fn accepted(&self, item: &Item, options: &Options) -> Vec<Set> {
        let all = item.answers.iter().filter_map(|a| reference(a, options));
        match self.reference {
            Reference::Sets => all.collect(),
            Reference::Members => vec![all.fold(Set::default(), Set::or)],
        }
    }

    fn judged(&self, accepted: &[Set], set: Set, rule: &'static str) -> Finding {
        let shown: String = set.iter().map(name_of).collect();
        let judged = Finding::judged(accepted.contains(&set), shown, rule);
        let share = |right: &Set| {
            let whole = set.without(*right).is_empty() && !right.is_empty();
            if whole { f64::from(set.and(*right).len()) / f64::from(right.len()) } else { 0.0 }
        };
        match self.credit {
            Credit::All => judged,
            Credit::Partial => Finding { score: accepted.iter().map(share).fold(0.0, f64::max), ..judged },
        }
    }
}

/// The set that a reference answer means: it must be all that the answer says.
fn reference(answer: &str, options: &Options) -> Option<Set> {
    let text = plain(&fold(answer)).text;
    let text = options.lettered(&text).into_owned();
    let bare = text.trim().trim_matches(['[', ']', '{', '}']).replace('"', "");
    read_set(&bare, options)
}
