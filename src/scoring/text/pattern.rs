//! Patterns that know what a text must hold for them to match.
//!
//! The rules ask hundreds of patterns of one short answer, and nearly all of them find nothing. Running an engine to learn that
//! takes longer than the rest of grading, so each pattern derives from its own syntax what any match of it must have, and
//! is run only where that is there: the character that a match at the beginning (or the end) of a text begins (or ends) with, and
//! one of the words that all matches hold ([`Sketch`]). A gate only ever says no for certain; what it lets through is
//! matched as ever.

use super::sketch::{self, Needs};
use regex::{Captures, Regex, Replacer};
use regex_syntax::hir::{Class, Hir, HirKind, Look};
use std::borrow::Cow;
use std::ops::Range;

/// A constant pattern, compiled, with what it needs.
#[derive(Debug)]
pub struct Pattern {
    regex: Regex,
    /// The least bytes of a match.
    least: usize,
    begins: Option<Edge>,
    ends: Option<Edge>,
    needs: Option<Needs>,
    /// It matches at the beginning of any text, and nothing there unless the text begins with one of these.
    passes: Option<Chars>,
}

/// Where a pattern matches, as [`regex::Match`].
#[derive(Debug, Clone, Copy)]
pub struct Match<'t> {
    text: &'t str,
    start: usize,
    end: usize,
}

impl<'t> Match<'t> {
    /// Where it begins.
    pub const fn start(&self) -> usize {
        self.start
    }

    /// Where it ends.
    pub const fn end(&self) -> usize {
        self.end
    }

    /// From where to where.
    pub const fn range(&self) -> Range<usize> {
        self.start..self.end
    }

    /// What it is.
    pub fn as_str(&self) -> &'t str {
        self.text.get(self.range()).unwrap_or("")
    }

    fn of(text: &'t str, found: &regex::Match<'t>) -> Self {
        Self { text, start: found.start(), end: found.end() }
    }
}

/// Compiles a constant pattern. Its word boundaries (`\b`) are those of ASCII: with Unicode's, a search leaves its fast
/// path at the first Chinese character, and there is none between 是 and the B of 是B.
#[must_use]
pub fn pattern(text: &str) -> Pattern {
    let mut ascii = String::with_capacity(text.len() + 64);
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match (c, if c == '\\' { chars.next() } else { None }) {
            ('\\', Some('b')) => ascii.push_str(r"(?-u:\b)"),
            (_, escaped) => {
                ascii.push(c);
                ascii.extend(escaped);
            }
        }
    }
    #[expect(clippy::expect_used, reason = "the patterns are constants, and every one is compiled by a test")]
    Pattern::new(Regex::new(&ascii).expect("a constant pattern"))
}

impl Pattern {
    fn new(regex: Regex) -> Self {
        let open = Self { regex, least: 0, begins: None, ends: None, needs: None, passes: None };
        let Ok(hir) = regex_syntax::parse(open.regex.as_str()) else { return open };
        let told = hir.properties();
        let begins = told.look_set_prefix().contains(Look::Start);
        let ends = told.look_set_suffix().contains(Look::End);
        Self {
            least: told.minimum_len().unwrap_or(0),
            begins: if begins { Edge::of(&hir, Side::Beginning) } else { None },
            ends: if ends { Edge::of(&hir, Side::End) } else { None },
            needs: Needs::of(&hir),
            passes: if begins && may_be_nothing(&hir) { Some(Chars::first(&hir)) } else { None },
            ..open
        }
    }

    /// Whether it may match; false only where it doesn't.
    fn may_match(&self, text: &str) -> bool {
        text.len() >= self.least
            && self.begins.as_ref().is_none_or(|edge| edge.fits(text.chars().find(|c| !is_passed(*c))))
            && self.ends.as_ref().is_none_or(|edge| edge.fits(text.chars().rev().find(|c| !is_passed(*c))))
            && self.needs.as_ref().is_none_or(|needs| sketch::may_have(text, needs))
    }

    /// As [`Regex::is_match`].
    #[must_use]
    pub fn is_match(&self, text: &str) -> bool {
        self.passes.is_some() || self.may_match(text) && self.regex.is_match(text)
    }

    /// As [`Regex::find`].
    #[must_use]
    pub fn find<'t>(&self, text: &'t str) -> Option<Match<'t>> {
        if self.passes.as_ref().is_some_and(|begins| !text.starts_with(|c| begins.has(c))) {
            return Some(Match { text, start: 0, end: 0 });
        }
        if self.may_match(text) { self.regex.find(text).map(|found| Match::of(text, &found)) } else { None }
    }

    /// As [`Regex::captures`].
    #[must_use]
    pub fn captures<'t>(&self, text: &'t str) -> Option<Captures<'t>> {
        if self.may_match(text) { self.regex.captures(text) } else { None }
    }

    /// As [`Regex::captures_at`].
    #[must_use]
    pub fn captures_at<'t>(&self, text: &'t str, at: usize) -> Option<Captures<'t>> {
        self.regex.captures_at(text, at)
    }

    /// As [`Regex::find_at`].
    #[must_use]
    pub fn find_at<'t>(&self, text: &'t str, at: usize) -> Option<Match<'t>> {
        self.regex.find_at(text, at).map(|found| Match::of(text, &found))
    }

    /// As [`Regex::find_iter`].
    pub fn find_iter<'t>(&self, text: &'t str) -> impl Iterator<Item = Match<'t>> + use<'_, 't> {
        let all = self.may_match(text).then(|| self.regex.find_iter(text));
        all.into_iter().flatten().map(move |found| Match::of(text, &found))
    }

    /// As [`Regex::captures_iter`].
    pub fn captures_iter<'t>(&self, text: &'t str) -> impl Iterator<Item = Captures<'t>> + use<'_, 't> {
        self.may_match(text).then(|| self.regex.captures_iter(text)).into_iter().flatten()
    }

    /// As [`Regex::replace`].
    pub fn replace<'t>(&self, text: &'t str, by: impl Replacer) -> Cow<'t, str> {
        if self.may_match(text) { self.regex.replace(text, by) } else { Cow::Borrowed(text) }
    }

    /// As [`Regex::replace_all`].
    pub fn replace_all<'t>(&self, text: &'t str, by: impl Replacer) -> Cow<'t, str> {
        if self.may_match(text) { self.regex.replace_all(text, by) } else { Cow::Borrowed(text) }
    }

    /// As [`Regex::split`].
    pub fn split<'t>(&self, text: &'t str) -> impl Iterator<Item = &'t str> + use<'_, 't> {
        self.regex.split(text)
    }
}

/// White space of ASCII, which most patterns pass over at their ends.
const fn is_passed(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r')
}

/// Whether a pattern matches nothing at the beginning of a text, whatever the text.
fn may_be_nothing(hir: &Hir) -> bool {
    match hir.kind() {
        HirKind::Empty => true,
        HirKind::Look(look) => *look == Look::Start,
        HirKind::Literal(_) | HirKind::Class(_) => false,
        HirKind::Repetition(repeated) => repeated.min == 0 || may_be_nothing(&repeated.sub),
        HirKind::Capture(capture) => may_be_nothing(&capture.sub),
        HirKind::Concat(parts) => parts.iter().all(may_be_nothing),
        HirKind::Alternation(parts) => parts.iter().any(may_be_nothing),
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Beginning,
    End,
}

/// Which character must be the first (or the last) of a text that is no white space.
#[derive(Debug, Clone)]
struct Edge {
    chars: Chars,
    /// A text of white space alone may match.
    blank: bool,
}

impl Edge {
    /// None where a match says nothing of it.
    fn of(hir: &Hir, side: Side) -> Option<Self> {
        let mut edge = Self { chars: Chars::NONE, blank: false };
        let passes = edge.add(hir, side, is_passed);
        (!passes).then_some(edge)
    }

    fn fits(&self, c: Option<char>) -> bool {
        c.map_or(self.blank, |c| self.chars.has(c))
    }

    /// Adds what a match may begin (or end) with; whether it may be white space or nothing, so that what comes next counts.
    fn add(&mut self, hir: &Hir, side: Side, passed: fn(char) -> bool) -> bool {
        match hir.kind() {
            HirKind::Empty => true,
            HirKind::Look(look) => {
                let edge = if side == Side::Beginning { Look::End } else { Look::Start };
                self.blank |= *look == edge;
                *look != edge
            }
            HirKind::Literal(literal) => {
                let Ok(text) = std::str::from_utf8(&literal.0) else { return self.chars.all() };
                let told = |c: &char| !passed(*c);
                let c = if side == Side::Beginning { text.chars().find(told) } else { text.chars().rev().find(told) };
                c.inspect(|c| self.chars.add(*c)).is_none()
            }
            HirKind::Class(Class::Unicode(class)) => {
                let mut passes = false;
                for range in class.ranges() {
                    if u32::from(range.end()) - u32::from(range.start()) > 1024 {
                        self.chars.all();
                        passes |= (range.start()..=range.end()).take(128).any(passed);
                        continue;
                    }
                    for c in range.start()..=range.end() {
                        if passed(c) { passes = true } else { self.chars.add(c) }
                    }
                }
                passes
            }
            HirKind::Class(Class::Bytes(_)) => self.chars.all(),
            HirKind::Repetition(repeated) => self.add(&repeated.sub, side, passed) || repeated.min == 0,
            HirKind::Capture(capture) => self.add(&capture.sub, side, passed),
            HirKind::Concat(parts) => match side {
                Side::Beginning => parts.iter().all(|part| self.add(part, side, passed)),
                Side::End => parts.iter().rev().all(|part| self.add(part, side, passed)),
            },
            HirKind::Alternation(parts) => {
                let mut passes = false;
                for part in parts {
                    passes |= self.add(part, side, passed);
                }
                passes
            }
        }
    }
}

const CHARS: usize = 512;

/// A set of characters: exact for ASCII; of others some fall together.
#[derive(Debug, Clone)]
struct Chars([u64; CHARS / 64]);

impl Chars {
    const NONE: Self = Self([0; CHARS / 64]);

    /// What a match that is not empty may begin with.
    fn first(hir: &Hir) -> Self {
        let mut edge = Edge { chars: Self::NONE, blank: false };
        edge.add(hir, Side::Beginning, |_| false);
        edge.chars
    }

    const fn bit(c: char) -> usize {
        let c = c as usize;
        if c < 128 { c } else { 128 + c % (CHARS - 128) }
    }

    fn add(&mut self, c: char) {
        let bit = Self::bit(c);
        if let Some(word) = self.0.get_mut(bit / 64) {
            *word |= 1 << (bit % 64);
        }
    }

    /// Adds all; what they hold is then not told, as of white space alone.
    fn all(&mut self) -> bool {
        self.0 = [u64::MAX; CHARS / 64];
        true
    }

    fn has(&self, c: char) -> bool {
        let bit = Self::bit(c);
        self.0.get(bit / 64).is_some_and(|word| word >> (bit % 64) & 1 == 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// One of each way in which a pattern is told by its text.
    const PATTERNS: &[&str] = &[
        r"(?i)\A\s*(?:is|was)\b",
        r"(?i)(?:\bnot|[是为])\s*\z",
        r"(?i)\b(?:the\s+)?answers?\s*(?:is|:)|答案",
        r"\A(?:[)\]】]|[\s\u{2009}]*选?项|[.:：](?:\s|\z))*",
        r"(?m)^\s*[A-J]$|\?",
        r"(?i)[sk]\b|[^\sa-z]{2}",
        r"\A[^\n]{1,4}\n|\A\s*\z",
        r"(?i)n't\b|\bif\b.*\bthen\b",
        r"\bA\s?[=-]|x{2,3}|\d+年?",
        "",
    ];

    /// Texts of what these are made of.
    const TEXTS: &str = "(?:[ \\nA-Ea-fikstnoxſK=:?)-]|answer|答案|[是选项年不]| the | is |n't|if|then|[0-9]){0,12}";

    #[test]
    fn a_gate_shuts_where_nothing_can_match() {
        for (of, text) in [(0, "the"), (0, " \n"), (1, "it is"), (2, "the question"), (7, "then")] {
            let pattern = PATTERNS.get(of).map_or_else(|| pattern(""), |of| pattern(of));
            assert!(!pattern.may_match(text), "{pattern:?} {text}");
        }
        let passes = pattern(PATTERNS[3]);
        assert_eq!(passes.find("A)").map(|found| found.range()), Some(0..0));
        assert_eq!(passes.find(") 项 A").map(|found| found.as_str()), Some(") 项"));
    }

    proptest! {
        #[test]
        fn what_an_engine_finds_no_gate_hides(text in TEXTS) {
            for of in PATTERNS {
                let pattern = pattern(of);
                let found = pattern.regex.find(&text).map(|found| found.range());
                prop_assert_eq!(pattern.find(&text).map(|found| found.range()), found.clone(), "{} in {:?}", of, text);
                prop_assert_eq!(pattern.is_match(&text), found.is_some(), "{} in {:?}", of, text);
                let all: Vec<_> = pattern.regex.find_iter(&text).map(|found| found.range()).collect();
                prop_assert_eq!(pattern.find_iter(&text).map(|found| found.range()).collect::<Vec<_>>(), all);
            }
        }
    }
}
