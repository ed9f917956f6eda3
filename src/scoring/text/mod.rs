//! What every scorer does to a text before it reads it: reasoning out, width and minus forms folded, markup read.
//!
//! All of it is linear in the text, and what is searched for an answer is at most [`TAIL`] bytes.

mod aside;
mod bold;
mod boxes;
mod breaks;
mod correction;
mod entities;
mod markup;
mod open;
mod others;
mod part;
mod pattern;
mod plea;
mod reasoning;
mod refusal;
mod runs_on;
mod script;
mod sketch;
mod statement;

pub use bold::last_bold;
pub use boxes::last_boxes;
pub use breaks::{breaks_off, stops_short, trails_off};
pub use correction::{taken_back, turns};
pub use markup::plain;
pub use open::{
    allows_both, are_alternatives, asks_back, each_has_its_condition, is_left_to_condition, is_undecided, wavers,
    weighs_conditions,
};
pub use others::without_comparison;
pub use part::{Part, part};
pub use pattern::{Match, Pattern, pattern};
pub use refusal::{only_refuses, opens_as_refusal, refuses};
pub use script::simplified;
pub use statement::{Marker, REACH, Statement, is_first_thought, is_of_another, line_at, statements};

use crate::domain::{Answer, Finding, Finish, Verdict};
use std::borrow::Cow;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

/// How much of a text's end is searched for an answer, in bytes; more text than this states its answer near its end.
pub const TAIL: usize = 32 * 1024;

/// How much of a text's end is folded, in bytes: folding may make it shorter, and [`TAIL`] of it is searched.
const END: usize = 2 * TAIL;

/// How much of a longer text's beginning is kept, in bytes: a refusal stands there.
const BEGINNING: usize = 2 * 1024;

/// What of an answer may be graded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visible {
    /// The text without reasoning, folded, trimmed; never empty.
    pub text: String,
    /// The output limit cut it, so that its last word may be incomplete.
    pub cut: bool,
}

/// What of an answer may be graded, or the finding where there is nothing to grade. Of a text that is much longer than what
/// is searched, its beginning and its end.
///
/// # Errors
/// The finding: refused where the provider says so, unparsed where nothing visible is left.
pub fn visible(answer: &Answer) -> Result<Visible, Finding> {
    let Visible { text, cut } = shown(answer)?;
    let text = uniform(&ends(text.trim_matches(is_blank)));
    Ok(Visible { text: text.trim().to_owned(), cut })
}

/// What of an answer is read where an answer is looked for: [`visible`], with line ends that are written out (`\\n\\n`) and
/// HTML's names of characters as what they stand for, and without what is said to the grader or told of a reference answer.
///
/// # Errors
/// As [`visible`]; unparsed where nothing else is left.
pub fn spoken(answer: &Answer) -> Result<Visible, Finding> {
    let Visible { text, cut } = visible(answer)?;
    let text = entities::without_entities(&text);
    let text = breaks::line_ends(&text);
    let kept = aside::without_asides(&text);
    if kept.len() < text.len() && !kept.chars().any(char::is_alphanumeric) {
        return Err(Finding::bare(Verdict::Unparsed, "unparsed/to-grader"));
    }
    if plea::only_pleads(&kept) {
        return Err(Finding::bare(Verdict::Unparsed, "unparsed/to-grader"));
    }
    if runs_on::is_withdrawn(&kept) {
        return Err(Finding::bare(Verdict::Unparsed, "unparsed/withdrawn"));
    }
    let whole = kept.trim();
    let own = runs_on::own(whole);
    let cut = cut && own.len() == whole.len();
    // What the limit cut tells no mistake of others to its end.
    let own = if cut { own } else { others::without_mistakes(own) };
    let own = others::without_quoted(others::without_opinion(own));
    Ok(Visible { text: own.trim().to_owned(), cut })
}

/// [`spoken`], folded: traditional characters are read as simplified ones.
///
/// # Errors
/// As [`spoken`].
pub fn readable(answer: &Answer) -> Result<Visible, Finding> {
    let Visible { text, cut } = spoken(answer)?;
    Ok(Visible { text: script::simplified(text), cut })
}

/// [`visible`], all of it however long it is.
///
/// # Errors
/// As [`visible`].
pub fn visible_whole(answer: &Answer) -> Result<Visible, Finding> {
    let Visible { text, cut } = as_written(answer)?;
    Ok(Visible { text: uniform(&text).trim().to_owned(), cut })
}

/// Of a very long text its beginning and its end, and between them a sign that something is left out.
fn ends(text: &str) -> Cow<'_, str> {
    if text.len() <= BEGINNING + END {
        return Cow::Borrowed(text);
    }
    let beginning = text.get(..text.floor_char_boundary(BEGINNING)).unwrap_or("");
    let end = text.get(text.ceil_char_boundary(text.len() - END)..).unwrap_or("");
    Cow::Owned(format!("{beginning}\n…\n{end}"))
}

/// The same as it was written: only reasoning and the white space around it are gone. For what must be read to the
/// character, such as JSON.
///
/// # Errors
/// As [`visible`].
pub fn as_written(answer: &Answer) -> Result<Visible, Finding> {
    let Visible { text, cut } = shown(answer)?;
    Ok(Visible { text: text.trim_matches(is_blank).to_owned(), cut })
}

/// The same with the white space around it, which programs have a use for.
///
/// # Errors
/// As [`visible`].
pub fn shown(answer: &Answer) -> Result<Visible, Finding> {
    if answer.refusal.is_some() {
        return Err(Finding::bare(Verdict::Refused, "refused/provider"));
    }
    if answer.finish == Some(Finish::ContentFilter) {
        return Err(Finding::bare(Verdict::Refused, "refused/filter"));
    }
    let kept = reasoning::strip(&answer.text);
    if kept.text.trim_matches(is_blank).is_empty() {
        let rule = if kept.stripped { "unparsed/reasoning-only" } else { "unparsed/empty" };
        return Err(Finding::bare(Verdict::Unparsed, rule));
    }
    Ok(Visible { text: kept.text, cut: answer.finish == Some(Finish::Length) })
}

/// White space, and what takes no room at all.
fn is_blank(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{200B}' | '\u{2060}' | '\u{FEFF}' | '\u{AD}')
}

/// The end of a text, at most [`TAIL`] bytes, beginning after white space so that no word or number is cut in two.
#[must_use]
pub fn tail(text: &str) -> &str {
    if text.len() <= TAIL {
        return text;
    }
    let mut start = text.len() - TAIL;
    while !text.is_char_boundary(start) {
        start += 1;
    }
    let end = text.get(start..).unwrap_or("");
    end.find(char::is_whitespace).and_then(|at| end.get(at..)).unwrap_or("").trim_start()
}

/// What is compared and read for its meaning: [`uniform`], and traditional characters as simplified ones.
#[must_use]
pub fn fold(text: &str) -> String {
    script::simplified(uniform(text))
}

/// Folds what differs only in form: full-width and half-width forms, mathematical and circled letters, minus signs,
/// quotation marks, line ends; drops zero-width characters; composes accents (NFC).
///
/// Full NFKC is deliberately not used: it turns 10² into 102 and ½ into 1⁄2, which would change what an answer says.
#[must_use]
pub fn uniform(text: &str) -> String {
    if text.is_ascii() && !text.contains('\r') {
        return text.to_owned();
    }
    let mut folded = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\r' if chars.peek() == Some(&'\n') => {}
            '\r' | '\u{2028}' | '\u{2029}' | '\u{85}' => folded.push('\n'),
            '\u{200B}' | '\u{2060}' | '\u{FEFF}' | '\u{AD}' => {}
            '\u{3000}' => folded.push(' '),
            // Spaces that never separate words are kept apart from plain ones: in numbers they group digits.
            '\u{A0}' | '\u{2007}'..='\u{200A}' | '\u{202F}' => folded.push(THIN),
            '\u{2010}'..='\u{2013}' | '\u{2212}' | '\u{FE63}' => folded.push('-'),
            '\u{2018}' | '\u{2019}' | '\u{2032}' => folded.push('\''),
            '\u{201C}' | '\u{201D}' => folded.push('"'),
            // Letters in a square or a dark circle, and what asks for them to be shown in colour.
            '\u{1F130}'..='\u{1F149}' | '\u{1F150}'..='\u{1F169}' | '\u{1F170}'..='\u{1F189}' => {
                folded.push(boxed_letter(c));
                chars.next_if_eq(&'\u{FE0F}');
            }
            '\u{FF00}'..='\u{FFEF}' | '\u{1D400}'..='\u{1D7FF}' | '\u{249C}'..='\u{24E9}' => {
                folded.extend(std::iter::once(c).nfkc());
            }
            _ => folded.push(c),
        }
    }
    // Nearly every text is composed already, which is told much faster than it is done.
    let composed = folded.chars().all(is_plain) || is_nfc_quick(folded.chars()) == IsNormalized::Yes;
    if composed { folded } else { folded.nfc().collect() }
}

/// The letter of 🄱, 🅑 or 🅱, which NFKC knows in part only.
fn boxed_letter(c: char) -> char {
    let place = (u32::from(c) - 0x1F130) % 0x20;
    u8::try_from(place).map_or(c, |place| char::from(b'A' + place))
}

/// Whether a character is ASCII, a Chinese one or a mark of Chinese, none of which is ever composed with another.
#[must_use]
pub const fn is_plain(c: char) -> bool {
    matches!(c, '\0'..='\x7F' | '\u{3001}'..='\u{3029}' | '\u{4E00}'..='\u{9FFF}')
}

/// A thin space: what [`uniform`] makes of all spaces that may group digits.
pub const THIN: char = '\u{2009}';

/// At most `count` characters that stand before a place.
#[must_use]
pub fn before(text: &str, at: usize, count: usize) -> &str {
    let all = text.get(..at).unwrap_or("");
    let start = all.char_indices().rev().nth(count.saturating_sub(1)).map_or(0, |(start, _)| start);
    all.get(start..).unwrap_or("")
}

/// At most `count` characters from a place on.
#[must_use]
pub fn after(text: &str, at: usize, count: usize) -> &str {
    let all = text.get(at..).unwrap_or("");
    all.char_indices().nth(count).map_or(all, |(end, _)| all.get(..end).unwrap_or(""))
}

/// A text for display in a record: at most 200 characters.
#[must_use]
pub fn excerpt(text: &str) -> String {
    text.chars().take(200).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn form_is_folded_and_meaning_kept() {
        for (raw, want) in [
            ("Ａ（１２％）", "A(12%)"),
            ("−5 and 3–4", "-5 and 3-4"),
            ("10² ½", "10² ½"),
            ("a\r\nb\rc", "a\nb\nc"),
            ("Ⓑ 𝟒𝟐", "B 42"),
            ("🄰 🅱\u{FE0F} 🅲. 🆎", "A B C. 🆎"),
            ("1\u{A0}234\u{FEFF}", "1\u{2009}234"),
            ("e\u{301}", "é"),
        ] {
            assert_eq!(fold(raw), want);
        }
    }

    #[test]
    fn a_tail_begins_after_white_space() {
        let long = format!("{} {}", "1".repeat(TAIL), "2".repeat(10));
        assert_eq!(tail(&long), "2222222222");
        assert_eq!(tail(&"9".repeat(TAIL * 2)), "", "one endless word has no readable end");
        assert_eq!(tail("short"), "short");
    }

    #[test]
    fn of_a_very_long_text_the_ends_are_visible() {
        let middle = "文".repeat(TAIL);
        let answer = Answer { text: format!("Sorry. {middle}B {middle} The end."), ..Answer::default() };
        let text = visible(&answer).unwrap().text;
        assert!(text.starts_with("Sorry. 文") && text.ends_with("文 The end.") && !text.contains('B'));
        assert!(text.len() <= BEGINNING + END + 5 && tail(&text) == "The end.");
        assert_eq!(visible_whole(&answer).unwrap().text, answer.text);
    }

    #[test]
    fn what_the_provider_refused_is_refused() {
        let base = Answer { text: "B".into(), ..Answer::default() };
        let refused = visible(&Answer { refusal: Some("no".into()), ..base.clone() }).unwrap_err();
        let filtered = visible(&Answer { finish: Some(Finish::ContentFilter), ..base.clone() }).unwrap_err();
        assert_eq!((refused.rule, filtered.rule), ("refused/provider", "refused/filter"));
        let hidden = visible(&Answer { text: "<think>B".into(), ..base.clone() }).unwrap_err();
        let empty = visible(&Answer { text: " \n".into(), ..base }).unwrap_err();
        assert_eq!((hidden.rule, empty.rule), ("unparsed/reasoning-only", "unparsed/empty"));
    }

    proptest! {
        #[test]
        fn folding_twice_is_folding_once(text in "\\PC{0,60}") {
            let once = fold(&text);
            prop_assert_eq!(fold(&once), once);
        }
    }
}
