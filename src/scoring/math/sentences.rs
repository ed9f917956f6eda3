//! Sentences and pieces of them, in a text with mathematics marked: where they end, and what stands around an answer.

use super::clean::ARROW;
use super::lex::{CLOSE, OPEN};
use super::phrases::{EQUATION, FRACTION, PHRASE, REASON};
use crate::scoring::text::{Pattern, after, before, pattern};
use std::sync::LazyLock;

/// How far a statement reaches, in characters.
pub const REACH: usize = 900;

/// The sentence at a place, beginning with the first line that says something.
pub fn sentence(text: &str, from: usize) -> &str {
    let reach = after(text, from, REACH);
    let skipped =
        reach.len() - reach.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '*' | ':' | '>' | '#')).len();
    let rest = reach.get(skipped..).unwrap_or("");
    let end = ends(rest).next().unwrap_or(rest.len());
    reach.get(..skipped + end).unwrap_or("")
}

pub fn sentences(line: &str) -> Vec<&str> {
    let mut from = 0;
    let mut all = Vec::new();
    for end in ends(line).chain([line.len()]) {
        all.push(line.get(from..end).unwrap_or(""));
        from = end;
    }
    all
}

/// Where sentences end: never inside mathematics, never in a number.
pub fn ends(text: &str) -> impl Iterator<Item = usize> + '_ {
    let mut math = false;
    let mut said = false;
    text.char_indices().filter_map(move |(at, c)| {
        let next = text.get(at + c.len_utf8()..).and_then(|r| r.chars().next());
        let apart = next.is_none_or(|n| n.is_whitespace() || n == '"' || !n.is_ascii());
        match c {
            OPEN => math = true,
            CLOSE => math = false,
            _ => said |= c.is_alphanumeric() || math,
        }
        let abbreviated = matches!(c, '.')
            && matches!(
                before(text, at, 4).trim_start_matches(|c: char| !c.is_ascii_alphabetic()),
                "i.e" | "e.g" | "approx" | "sq" | "cu" | "cf"
            );
        let stops = match c {
            '\n' => said,
            '。' | '！' | '？' => true,
            '.' | '?' => apart && !abbreviated && next != Some(OPEN),
            '!' => apart && next.is_none_or(|n| n == '\n'),
            _ => false,
        };
        (stops && !math && said).then_some(at + c.len_utf8())
    })
}

/// Without what stands around an answer.
pub fn trimmed(text: &str) -> &str {
    let text = text.trim().trim_start_matches(|c: char| {
        c.is_whitespace() || matches!(c, ':' | '*' | '#' | '>' | '"' | '\'' | ',' | '=' | ';' | '。')
    });
    let text = text.strip_prefix("- ").unwrap_or(text);
    let text = text.trim_end_matches(|c: char| {
        c.is_whitespace() || matches!(c, '.' | ',' | ';' | ':' | '。' | '"' | '*' | '、' | '?')
    });
    let text = without_gloss(text);
    // An exclamation is no factorial where the text is no mathematics.
    match text.strip_suffix('!') {
        Some(calm) if !text.contains(OPEN) || calm.ends_with(CLOSE) => calm.trim_end(),
        _ => text,
    }
}

/// Without a rounded value in brackets at its end: "ln 5 (approximately 1.609)".
pub fn without_gloss(text: &str) -> &str {
    static GLOSS: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(
            r"(?i)\s*\(\s*(?:approximately|approx\.?|about|roughly|or\s+about|大?约(?:为|是|等于)?|近似(?:为|值)?|≈|check:|verif|检验|验证|经检|[\d无限]{0,8}循环|the\s+\d+s?\s+(?:is\s+)?repeat|in\s+(?:radians|degrees)|(?:用)?(?:弧度|角度)制?[:为是]|即[^()\n]{1,16}(?:弧度|度)\))[^()\n]{0,60}\)?\z",
        )
    });
    match GLOSS.find(text) {
        Some(found) if outside(text, found.start()) && found.start() > 0 => text.get(..found.start()).unwrap_or(text),
        _ => text,
    }
}

/// What stands before a reason or a remark, outside mathematics.
pub fn reason_cut(body: &str) -> &str {
    let cut = REASON
        .find_iter(body)
        .find(|m| m.start() > 0 && outside(body, m.start()) && has_value(body.get(..m.start()).unwrap_or("")));
    cut.map_or(body, |m| body.get(..m.start()).unwrap_or(body))
}

/// Whether a place is outside mathematics.
pub fn outside(text: &str, at: usize) -> bool {
    let head = text.get(..at).unwrap_or("");
    head.rfind(OPEN).is_none_or(|open| head.rfind(CLOSE).is_some_and(|close| close > open))
}

/// What stands behind the last arrow of a derivation.
pub fn last_step(text: &str) -> &str {
    text.rsplit(ARROW).find(|part| part.chars().any(char::is_alphanumeric)).unwrap_or(text)
}

/// The mathematics that a text begins with, and what follows it.
pub fn leading_math(text: &str) -> Option<(&str, &str)> {
    text.strip_prefix(OPEN)?.split_once(CLOSE)
}

/// Whether there is something in it that could be a value.
pub fn has_value(text: &str) -> bool {
    text.contains(OPEN)
        || text.chars().any(|c| c.is_ascii_digit() || "√π∞∅½".contains(c))
        || text.contains("分之")
        || FRACTION.is_match(text)
        || EQUATION.is_match(text)
        || PHRASE.is_match(text)
}
