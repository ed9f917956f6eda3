//! A text as tokens, in the form in which questions are compared: what changes no meaning is gone, numbers and signs stay.

use crate::domain::is_wide;

/// Marks that only set a text; everything else that is no letter or digit is a sign, and stays.
const MARKS: &str = ".,;:!?\"'`…、。‘’“”«»‹›「」『』《》〈〉【】〔〕¿¡—–-";

/// A character in its usual width.
const fn narrow(c: char) -> char {
    match c as u32 {
        code @ 0xFF01..=0xFF5E => match char::from_u32(code - 0xFEE0) {
            Some(ascii) => ascii,
            None => c,
        },
        0x3000 => ' ',
        0x2212 | 0x2010..=0x2015 => '-',
        _ => c,
    }
}

/// Tokens one after the other in one text: there are some two hundred in a question, and a million questions in a file.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Tokens {
    text: String,
    /// Where each ends.
    ends: Vec<usize>,
}

impl Tokens {
    /// Adds one as it is.
    pub(super) fn push(&mut self, token: &str) {
        self.text.push_str(token);
        self.end();
    }

    /// Adds those of a text, in lower case: words, numbers, single characters of scripts without spaces, signs.
    pub(super) fn read(&mut self, text: &str) {
        let (mut before, mut chars) = (None, text.chars().map(narrow).peekable());
        while let Some(c) = chars.next() {
            let after = chars.peek().copied();
            if c.is_ascii_alphanumeric() {
                self.text.push(c.to_ascii_lowercase());
            } else if c.is_alphanumeric() && !is_wide(c) {
                self.text.extend(c.to_lowercase());
            } else if is_inside(before, c, after) {
                // The apostrophe of a word joins it: what's, whats.
                if !matches!(c, '\'' | '’') {
                    self.text.push(c);
                }
            } else {
                self.end();
                if c.is_alphanumeric() || is_sign(before, c, after) {
                    self.text.push(c);
                    self.end();
                }
            }
            before = Some(c);
        }
        self.end();
    }

    /// Ends a token, where one has begun.
    fn end(&mut self) {
        if self.text.len() > self.ends.last().copied().unwrap_or(0) {
            self.ends.push(self.text.len());
        }
    }

    /// Adds all of others.
    pub(super) fn append(&mut self, others: &Self) {
        let before = self.text.len();
        self.text.push_str(&others.text);
        self.ends.extend(others.ends.iter().map(|end| before + end));
    }

    /// Each of them, in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = &str> {
        self.from(0)
    }

    /// All runs of so many; all of them where there are fewer.
    pub(super) fn windows(&self, count: usize) -> impl Iterator<Item = impl Iterator<Item = &str>> {
        let whole = (self.ends.len() + 1).saturating_sub(count).max(1);
        (0..whole).map(move |from| self.from(from).take(count))
    }

    fn from(&self, place: usize) -> impl Iterator<Item = &str> {
        let before = place.checked_sub(1).and_then(|last| self.ends.get(last)).copied().unwrap_or(0);
        let ends = self.ends.get(place..).unwrap_or_default();
        std::iter::once(before).chain(ends.iter().copied()).zip(ends).filter_map(|(from, to)| self.text.get(from..*to))
    }
}

/// The tokens of a text.
pub(super) fn tokens(text: &str) -> Tokens {
    let mut all = Tokens::default();
    all.read(text);
    all
}

/// Whether a mark stands inside a word or a number: `3.5`, `1,000`, `3:4`, `x_1`, `what's`.
fn is_inside(before: Option<char>, c: char, after: Option<char>) -> bool {
    let narrow = |c: char| c.is_alphanumeric() && !is_wide(c);
    let (Some(before), Some(after)) = (before, after) else { return false };
    match c {
        '.' | ',' | ':' => before.is_ascii_digit() && after.is_ascii_digit(),
        '_' => narrow(before) && narrow(after),
        '\'' | '’' => before.is_alphabetic() && after.is_alphabetic(),
        _ => false,
    }
}

/// Whether a character is a sign that can change what is asked, such as `+`; a mark is one only beside figures.
fn is_sign(before: Option<char>, c: char, after: Option<char>) -> bool {
    let beside = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit() || "()[]{}=+*/^".contains(c));
    match c {
        c if c.is_whitespace() || c.is_control() || c == '_' => false,
        // A minus: before a number or a bracket, or after one; not the hyphen of "well-known".
        '-' => {
            let spaced = before.is_none_or(char::is_whitespace) && after.is_some_and(char::is_whitespace);
            beside(before) || beside(after) || (spaced && before.is_some())
        }
        // A factorial, and the prime of a derivative.
        '!' => before.is_some_and(|c| c.is_ascii_digit() || c == ')'),
        '\'' => after == Some('('),
        // Points and commas of a number that begins or goes on with one: .5
        '.' => after.is_some_and(|c| c.is_ascii_digit()),
        c => !MARKS.contains(c),
    }
}

/// Whether a token is a number, in digits or in words, or a sign.
pub(super) fn is_figure(token: &str) -> bool {
    const WORDS: &[&str] = &[
        "zero",
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "eleven",
        "twelve",
        "thirteen",
        "fourteen",
        "fifteen",
        "sixteen",
        "seventeen",
        "eighteen",
        "nineteen",
        "twenty",
        "thirty",
        "forty",
        "fifty",
        "sixty",
        "seventy",
        "eighty",
        "ninety",
        "hundred",
        "thousand",
        "million",
        "billion",
        "first",
        "second",
        "third",
        "half",
        "quarter",
        "twice",
        "double",
        "no",
        "not",
        "never",
    ];
    const CHINESE: &str = "〇零一二三四五六七八九十百千万亿两壹贰叁肆伍陆柒捌玖拾佰仟萬億兩半倍不没非无";
    let mut chars = token.chars();
    let Some(first) = chars.next().filter(|c| *c != '\u{1}') else { return false };
    let single = chars.next().is_none();
    token.chars().any(char::is_numeric)
        || WORDS.contains(&token)
        || (single && (CHINESE.contains(first) || !first.is_alphanumeric()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(text: &str) -> String {
        tokens(text).iter().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn what_changes_no_meaning_is_gone() {
        for (text, want) in [
            ("What's  the \"CAPITAL\"?", "whats the capital"),
            ("a well-known fact – and so on", "a well known fact - and so on"),
            ("３．５ 元，１,０００ 人", "3.5 元 1,000 人"),
            ("12-7=?", "12 - 7 ="),
            ("f'(x) = 2x", "f ' ( x ) = 2x"),
            ("It is 5!", "it is 5 !"),
            ("Wait!", "wait"),
            ("他说：“是”。", "他 说 是"),
        ] {
            assert_eq!(joined(text), want, "{text}");
        }
    }

    #[test]
    fn figures_are_numbers_signs_and_what_turns_a_question_round() {
        let figures = |text: &str| tokens(text).iter().filter(|t| is_figure(t)).collect::<Vec<_>>().join(" ");
        assert_eq!(figures("Which is not 3 + x2, of two 甲三不?"), "not 3 + x2 two 三 不");
        assert_eq!(figures("plain words"), "");
    }
}
