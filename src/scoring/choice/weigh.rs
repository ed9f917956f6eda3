//! Decides from what a text's clauses say of its options which one it answers with, or which several. What is unclear
//! stays so.

use super::clauses::{Claim, Claims, claims};
use super::cues::{self, Stance};
use super::options::Options;
use super::set::Set;
use crate::scoring::text::{Pattern, is_undecided, pattern, turns};
use std::sync::LazyLock;

/// What the clauses come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weighed {
    /// These options, chosen or judged.
    Said(Set, Stance),
    /// Several things that don't go together.
    Unclear,
    /// Nothing.
    Silent,
}

/// The one option that a text's clauses come to.
pub fn weigh_one(text: &str, cut: bool, options: &Options) -> Weighed {
    match weigh(text, cut, options, false) {
        Weighed::Said(set, _) if set.len() != 1 => Weighed::Unclear,
        weighed => weighed,
    }
}

/// The options that a text's clauses come to together.
pub fn weigh_all(text: &str, cut: bool, options: &Options) -> Weighed {
    weigh(text, cut, options, true)
}

fn weigh(text: &str, cut: bool, options: &Options, several: bool) -> Weighed {
    if cues::pleads(text) {
        return Weighed::Silent;
    }
    static LISTS: LazyLock<Pattern> =
        LazyLock::new(|| pattern(r"(?i)\A[\s*]*(?:the\s+)?(?:options?|choices)\s+are\b|\A选项(?:有|包括|分别是)"));
    if is_undecided(text) || LISTS.is_match(text) {
        return Weighed::Unclear;
    }
    let mut claims = claims(text, options);
    let whole = is_finished(text);
    if cut && !whole {
        let last = claims.sentences.len().saturating_sub(1);
        claims.all.retain(|c| c.sentence < last);
    }
    let chosen = of(&claims.all, Stance::Chosen);
    if let Some(last) = chosen.last() {
        return by_choice(text, &claims, &chosen, last.sentence, several);
    }
    let settled = settled(&claims.all);
    let with = |stance| settled.iter().filter(|(_, s)| *s == stance).fold(Set::default(), |all, (set, _)| all.or(*set));
    let (right, wrong, odd, open) = (with(Stance::Right), with(Stance::Wrong), with(Stance::Odd), with(Stance::Open));
    if !open.is_empty() {
        return Weighed::Unclear;
    }
    match (right.is_empty(), odd.is_empty()) {
        // What is judged one by one must have been judged to the end.
        (false, true) if whole => Weighed::Said(right, Stance::Right),
        // What is wrong is the answer where that is what was asked for.
        (true, false) if !several && cues::concludes(text) => Weighed::Said(odd, Stance::Odd),
        (true, true) => left_over(text, &claims, wrong, options, several),
        (false, false) if !several && whole && odd.len() == 1 && right.len() > 1 => Weighed::Said(odd, Stance::Odd),
        (true, false) => Weighed::Silent,
        _ => Weighed::Unclear,
    }
}

fn of(claims: &[Claim], stance: Stance) -> Vec<&Claim> {
    claims.iter().filter(|c| c.stance == stance).collect()
}

/// What the last sentence that chooses does choose, unless others speak against it.
fn by_choice(text: &str, claims: &Claims, chosen: &[&Claim], last: usize, several: bool) -> Weighed {
    let here = |c: &&&Claim| c.sentence == last;
    let mut said = chosen.iter().filter(here).fold(Set::default(), |all, c| all.or(c.set));
    let at = chosen.iter().filter(here).map(|c| c.at).min().unwrap_or(0);
    let sentence = claims.sentences.get(last).and_then(|s| text.get(s.clone())).unwrap_or("");
    let concluded = cues::concludes(sentence);
    for earlier in chosen.iter().filter(|c| c.sentence < last) {
        if earlier.set.without(said).is_empty() {
            continue;
        }
        let turned = text.get(earlier.at..at).is_some_and(turns);
        let also = several && sentence.to_lowercase().contains("also") || sentence.contains(['也', '还']);
        match () {
            () if turned || concluded => {}
            () if several && also => said = said.or(earlier.set),
            () => return Weighed::Unclear,
        }
    }
    for claim in &claims.all {
        let within = !claim.set.and(said).is_empty();
        let later = claim.at > at;
        match claim.stance {
            Stance::Wrong | Stance::Odd if within && later => {
                // "B, not C": in the same breath.
                let rest = said.without(claim.set);
                if !several || claim.stance == Stance::Wrong || rest.is_empty() {
                    return Weighed::Unclear;
                }
                said = rest;
            }
            Stance::Open if later => return Weighed::Unclear,
            Stance::Right if !claim.set.without(said).is_empty() && (later || several) => {
                let withdrawn = claims.all.iter().any(|c| {
                    c.at > claim.at
                        && matches!(c.stance, Stance::Wrong | Stance::Odd)
                        && c.set.and(claim.set) == claim.set
                });
                if !withdrawn {
                    return Weighed::Unclear;
                }
            }
            _ => {}
        }
    }
    Weighed::Said(said, Stance::Chosen)
}

/// The last stance on each option.
fn settled(claims: &[Claim]) -> Vec<(Set, Stance)> {
    let mut all: Vec<(Set, Stance)> = Vec::new();
    for claim in claims {
        for index in claim.set.iter() {
            let one = Set::of([index]);
            all.retain(|(set, _)| *set != one);
            all.push((one, claim.stance));
        }
    }
    all
}

/// The option that is left when all others are rejected, where the text says that it concludes by that.
fn left_over(text: &str, claims: &Claims, wrong: Set, options: &Options, several: bool) -> Weighed {
    let every = Set::of(0..options.count());
    let left = every.without(wrong);
    let last = claims.sentences.iter().rev().find_map(|s| text.get(s.clone()).filter(|t| !t.trim().is_empty()));
    let concluded = last.is_some_and(cues::concludes) && is_finished(text);
    let known = options.are_known() && !several && left.len() == 1 && wrong.len() > 1;
    if known && concluded && left.and(claims.mentioned) == left {
        Weighed::Said(left, Stance::Chosen)
    } else {
        Weighed::Silent
    }
}

/// Whether a text ends as a finished one does.
fn is_finished(text: &str) -> bool {
    text.trim_end().ends_with(|c: char| !c.is_alphanumeric() && !matches!(c, ',' | ':' | ';' | '(' | '-' | '、'))
}
