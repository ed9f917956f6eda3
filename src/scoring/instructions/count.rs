//! What can be counted in a text, as a careful reader counts it.

use super::super::text::{Pattern, pattern};
use std::sync::LazyLock;

/// Characters that are words by themselves.
pub fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFF}' | '々' | '〇')
}

fn is_kana(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30FF}')
}

/// Words: each Chinese character and each kana, and otherwise what stands between blanks and has a letter or a figure.
/// A dash that is no hyphen parts words.
pub fn words(text: &str) -> u64 {
    let (mut count, mut inside) = (0, false);
    for c in text.chars() {
        if is_han(c) || is_kana(c) {
            (count, inside) = (count + 1, false);
        } else if c.is_whitespace()
            || matches!(c, '—' | '–' | '…' | '/' | '，' | '。' | '、' | '；' | '：' | '！' | '？')
        {
            inside = false;
        } else if c.is_alphanumeric() && !inside {
            (count, inside) = (count + 1, true);
        }
    }
    count
}

/// Characters, blanks apart.
pub fn characters(text: &str) -> u64 {
    number(text.chars().filter(|c| !c.is_whitespace()).count())
}

/// Lines that say something.
pub fn lines(text: &str) -> u64 {
    number(text.lines().filter(|line| says(line)).count())
}

/// Whether there is a letter or a figure.
pub fn says(text: &str) -> bool {
    text.chars().any(char::is_alphanumeric)
}

/// Words whose full stop belongs to what follows.
const TITLES: &[&str] = &[
    "mr", "mrs", "ms", "dr", "prof", "st", "vs", "e.g", "i.e", "cf", "p.s", "p.p.s", "dept", "vol", "rev", "capt", "mt",
];
/// Words whose full stop ends a sentence only where another one begins.
const SHORT: &[&str] = &["etc", "inc", "ltd", "co", "jr", "sr", "u.s", "u.k", "a.m", "p.m", "approx"];

/// Sentences: to a mark that ends one, to a blank line, to the next item of a list or heading, or to the text's end. A
/// full stop ends none behind a common short form, a single letter or a list's number, nor within a number or a word.
pub fn sentences(text: &str) -> u64 {
    let mut count = 0;
    for block in blocks(text) {
        let (mut open, mut rest, mut word, mut last) = (false, block.as_str(), String::new(), ' ');
        while let Some(c) = rest.chars().next() {
            rest = rest.get(c.len_utf8()..).unwrap_or("");
            let is_mark = |c| matches!(c, '.' | '!' | '?' | '…');
            let wide = matches!(c, '。' | '！' | '？' | '｡');
            // Of several marks the first one decides for all.
            if open && (wide || (is_mark(c) && !is_mark(last) && ends(c, &word, rest))) {
                (count, open) = (count + 1, false);
            } else if c.is_alphanumeric() {
                open = true;
            }
            if c.is_whitespace() {
                word.clear();
            } else {
                word.push(c);
            }
            last = c;
        }
        count += u64::from(open);
    }
    count
}

/// Whether a mark behind a word, with what follows it, ends a sentence.
fn ends(mark: char, word: &str, rest: &str) -> bool {
    // Closing quotes and stars, and further marks, belong to it.
    let after = rest.trim_start_matches(['"', '\'', '”', '’', '」', '』', ')', '*', '_', '.', '!', '?', '…', ']']);
    if !after.chars().next().is_none_or(|c| c.is_whitespace() || is_han(c)) {
        return false;
    }
    let next = after.trim_start().chars().next();
    match mark {
        '.' if after.len() == rest.len() => {
            let word = word.trim_start_matches(|c: char| !c.is_alphanumeric());
            // At the very end even "etc." ends one.
            let single = word.chars().count() == 1 && word.chars().all(char::is_uppercase) && word != "I";
            let word = word.to_lowercase();
            let begins = next.is_none_or(|c| c.is_uppercase());
            next.is_none()
                || !(single || TITLES.contains(&word.as_str()) || (SHORT.contains(&word.as_str()) && !begins))
        }
        // An ellipsis within a sentence goes on in small letters.
        '…' => next.is_none_or(|c| !c.is_lowercase()),
        '.' => !(rest.starts_with("..") && next.is_some_and(char::is_lowercase)),
        // "Stop!" she said.
        _ => after.len() == rest.len() || next.is_none_or(|c| !c.is_lowercase()),
    }
}

static ITEM: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r"^\s*(?:[-*+•]\s+|\d{1,3}(?:[.)]\s+|[、．]\s*)|#{1,6}\s+|\|)"));

/// Pieces that no sentence goes beyond, without their marks.
fn blocks(text: &str) -> Vec<String> {
    let mut all: Vec<String> = vec![String::new()];
    for line in text.lines() {
        let item = ITEM.find(line).map_or(0, |found| found.end());
        if line.trim().is_empty() || item > 0 {
            all.push(String::new());
        }
        if let Some(last) = all.last_mut() {
            last.push_str(line.get(item..).unwrap_or(line));
            last.push('\n');
        }
    }
    all
}

/// Paragraphs that say something: parted by blank lines, or by lines of a mark such as `***`.
pub fn paragraphs<'a>(text: &'a str, mark: Option<&str>) -> Vec<&'a str> {
    let (mut all, mut start, mut at) = (Vec::new(), 0, 0);
    for line in text.split_inclusive('\n') {
        let parts = mark.map_or(line.trim().is_empty(), |mark| line.trim() == mark);
        if parts {
            all.push(text.get(start..at).unwrap_or(""));
            start = at + line.len();
        }
        at += line.len();
    }
    all.push(text.get(start..).unwrap_or(""));
    all.retain(|part| says(part));
    all
}

/// How often a phrase is there. Where `whole`, a phrase that begins or ends with a letter or figure begins or ends a word
/// there; Chinese has no such borders. Places do not overlap.
pub fn occurrences(text: &str, phrase: &str, whole: bool) -> u64 {
    if phrase.is_empty() {
        return 0;
    }
    let bound = |c: Option<char>| c.is_some_and(|c| (c.is_alphanumeric() || c == '_') && !is_han(c) && !is_kana(c));
    let (first, last) = (phrase.chars().next(), phrase.chars().next_back());
    let (mut count, mut at) = (0, 0);
    while let Some(found) = text.get(at..).and_then(|rest| rest.find(phrase)) {
        let (from, to) = (at + found, at + found + phrase.len());
        let before = text.get(..from).and_then(|head| head.chars().next_back());
        let after = text.get(to..).and_then(|tail| tail.chars().next());
        let inside = whole && ((bound(first) && bound(before)) || (bound(last) && bound(after)));
        if inside {
            at = from + first.map_or(1, char::len_utf8);
        } else {
            (count, at) = (count + 1, to);
        }
    }
    count
}

/// Words of capital letters only, of two letters and more.
pub fn capital_words(text: &str) -> u64 {
    let words = text.split(|c: char| !c.is_alphanumeric());
    let all_capital =
        |word: &&str| word.chars().filter(|c| c.is_uppercase()).count() >= 2 && !word.chars().any(char::is_lowercase);
    number(words.filter(all_capital).count())
}

pub fn number(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_counted_in_either_language() {
        for (text, want) in [
            ("", 0),
            ("One two  three.", 3),
            ("A well-known, half-baked idea — really!", 5),
            ("**Bold** - dash", 2),
            ("don't stop 3.14 now", 4),
            ("我喜欢咖啡。", 5),
            ("我用 Rust 写了3个程序。", 9),
            ("ends—begins", 2),
            ("and/or", 2),
        ] {
            assert_eq!(words(text), want, "{text}");
        }
    }

    #[test]
    fn sentences_end_where_a_reader_ends_them() {
        for (text, want) in [
            ("One.", 1),
            ("One. Two! Three?", 3),
            ("No mark at the end", 1),
            ("Dr. Smith paid 3.50 at 5 p.m. on Monday. Fine.", 2),
            ("Really?! Yes... no. Done", 3),
            ("\"Stop!\" she said. He did.", 2),
            ("He said \"Go.\" Then he left.", 2),
            ("第一句。第二句！第三句？", 3),
            ("他说：“走吧。”然后离开了。", 2),
            ("- one\n- two\n- three", 3),
            ("1. First.\n2. Second.", 2),
            ("# Title\n\nText here.", 2),
            ("See example.com for more. Bye.", 2),
            ("...", 0),
            ("We have tea, coffee, etc.", 1),
            ("We have tea, etc. She has none. He said no. Bye.", 4),
            ("It is I. Now go.", 2),
            ("Let J. K. find x. Then y.", 2),
            ("A line\ngoes on here. End.", 2),
        ] {
            assert_eq!(sentences(text), want, "{text}");
        }
    }

    #[test]
    fn phrases_are_found_as_words() {
        for (text, phrase, whole, want) in [
            ("the cat in category, cat", "cat", true, 2),
            ("the cat in category, cat", "cat", false, 3),
            ("咖啡和咖啡馆", "咖啡", true, 2),
            ("c++ and c", "c++", true, 1),
            ("aaa", "aa", false, 1),
            ("x", "", true, 0),
        ] {
            assert_eq!(occurrences(text, phrase, whole), want, "{text} {phrase}");
        }
    }

    #[test]
    fn paragraphs_and_lines_that_say_nothing_do_not_count() {
        assert_eq!(paragraphs("a\nb\n\n\n\nc\n \n***\n", None), ["a\nb\n", "c\n"]);
        assert_eq!(paragraphs("a\n\nb\n***\nc\n", Some("***")), ["a\n\nb\n", "c\n"]);
        assert_eq!(lines("a\n\n---\nb"), 2);
        assert_eq!(capital_words("NASA and the U.S. or USA's BIG-TIME I A1"), 4);
    }
}
