//! What is done to a text before it is merged: rewriting, and cutting into pieces that no merge crosses.

use regex::Regex;
use unicode_normalization::UnicodeNormalization as _;

/// A rewriting of the whole text.
#[derive(Debug)]
pub(super) enum Rewrite {
    Nfc,
    Nfkc,
    Lowercase,
    /// This before it.
    Prepend(String),
    /// One text for another.
    Replace(String, String),
}

impl Rewrite {
    pub(super) fn apply(&self, text: &str) -> String {
        match self {
            Self::Nfc => text.nfc().collect(),
            Self::Nfkc => text.nfkc().collect(),
            Self::Lowercase => text.to_lowercase(),
            Self::Prepend(before) => format!("{before}{text}"),
            Self::Replace(what, with) => text.replace(what, with),
        }
    }
}

/// A cutting of a piece into smaller ones; nothing of it is lost.
#[derive(Debug)]
pub(super) enum Cut {
    /// What the pattern finds is a piece, and so is what lies between.
    Pattern(Pattern),
    /// The same with a fixed text.
    Text(String),
    /// Every digit is a piece.
    Digit,
    /// A space before the text, where there is none.
    Space,
}

impl Cut {
    pub(super) fn apply(&self, piece: &str) -> Vec<String> {
        match self {
            Self::Pattern(pattern) => pattern.split(piece),
            Self::Text(text) => {
                isolated(piece, piece.match_indices(text.as_str()).map(|(at, found)| (at, at + found.len())))
            }
            Self::Digit => {
                let digits = piece.char_indices().filter(|(_, c)| c.is_numeric());
                isolated(piece, digits.map(|(at, c)| (at, at + c.len_utf8())))
            }
            Self::Space if piece.starts_with(' ') => vec![piece.to_owned()],
            Self::Space => vec![format!(" {piece}")],
        }
    }
}

fn isolated(piece: &str, found: impl Iterator<Item = (usize, usize)>) -> Vec<String> {
    let (mut out, mut from) = (Vec::new(), 0);
    for (start, end) in found {
        out.extend(piece.get(from..start).filter(|between| !between.is_empty()).map(str::to_owned));
        out.extend(piece.get(start..end).map(str::to_owned));
        from = end;
    }
    out.extend(piece.get(from..).filter(|rest| !rest.is_empty()).map(str::to_owned));
    out
}

/// A pattern of a pre-tokenizer. All of them end in `\s+(?!\S)|\s+`, which needs no looking ahead: a run of white space
/// before a word leaves its last character to the word, unless it is that one character.
#[derive(Debug)]
pub(super) struct Pattern {
    regex: Regex,
    /// Whether a run of white space gives its last character back.
    gives_back: bool,
}

const AHEAD: &str = r"\s+(?!\S)";

impl Pattern {
    /// # Errors
    /// In words, where the pattern looks ahead or back elsewhere, or is none.
    pub(super) fn new(pattern: &str) -> Result<Self, String> {
        let plain = without_possessive(pattern);
        let (text, gives_back) = match plain.strip_suffix(&format!(r"|{AHEAD}|\s+")) {
            Some(front) => (format!(r"{front}|(?P<white>\s+)"), true),
            None => match plain.strip_suffix(&format!(r"|{AHEAD}|\s")) {
                // The run before the last alternative's one character is the same.
                Some(front) => (format!(r"{front}|(?P<white>\s+)"), true),
                None => (plain.clone(), false),
            },
        };
        let regex = Regex::new(&text).map_err(|e| {
            let last = e.to_string();
            format!("the pattern {pattern:?} is not understood: {}", last.lines().last().unwrap_or(""))
        })?;
        Ok(Self { regex, gives_back })
    }

    fn split(&self, piece: &str) -> Vec<String> {
        let (mut found, mut from) = (Vec::new(), 0);
        while let Some(captures) = self.regex.captures_at(piece, from) {
            let Some(whole) = captures.get(0) else { break };
            let mut end = whole.end();
            if self.gives_back && captures.name("white").is_some() && end < piece.len() {
                let last = whole.as_str().chars().next_back().map_or(0, char::len_utf8);
                if last < whole.len() {
                    end -= last;
                }
            }
            if end == whole.start() {
                // An empty match takes one character along.
                let step = piece.get(end..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8);
                from = end + step;
                if from > piece.len() {
                    break;
                }
                continue;
            }
            found.push((whole.start(), end));
            from = end;
        }
        isolated(piece, found.into_iter())
    }
}

/// The pattern with plain repeats for possessive ones (`?+`, `++`, `{1,3}+`): they differ only where giving back could help,
/// which these patterns leave no room for.
fn without_possessive(pattern: &str) -> String {
    let (mut out, mut escaped, mut class, mut repeat) = (String::new(), false, 0u32, false);
    let mut counted: Option<String> = None;
    for c in pattern.chars() {
        let was_repeat = std::mem::take(&mut repeat);
        if escaped {
            escaped = false;
        } else {
            match c {
                '\\' => escaped = true,
                '[' => class += 1,
                ']' => class = class.saturating_sub(1),
                _ if class > 0 => {}
                '+' if was_repeat => continue,
                '?' | '*' | '+' => repeat = true,
                '{' => counted = Some(String::new()),
                '}' => {
                    let inside = counted.take().unwrap_or_default();
                    repeat = !inside.is_empty() && inside.chars().all(|c| c.is_ascii_digit() || c == ',');
                }
                c => {
                    if let Some(counted) = &mut counted {
                        counted.push(c);
                    }
                }
            }
        }
        out.push(c);
    }
    out
}
