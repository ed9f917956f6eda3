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

/// The tokens of a text, in lower case: words, numbers, single characters of scripts without spaces, signs.
pub(super) fn tokens(text: &str) -> Vec<String> {
    let chars: Vec<char> = text.chars().map(narrow).collect();
    let (mut all, mut word) = (Vec::new(), String::new());
    for (at, c) in chars.iter().copied().enumerate() {
        let before = at.checked_sub(1).and_then(|at| chars.get(at)).copied();
        let after = chars.get(at + 1).copied();
        if c.is_alphanumeric() && !is_wide(c) {
            word.extend(c.to_lowercase());
        } else if is_inside(before, c, after) {
            // The apostrophe of a word joins it: what's, whats.
            if !matches!(c, '\'' | '’') {
                word.push(c);
            }
        } else {
            if !word.is_empty() {
                all.push(std::mem::take(&mut word));
            }
            if c.is_alphanumeric() || is_sign(before, c, after) {
                all.push(c.to_string());
            }
        }
    }
    if !word.is_empty() {
        all.push(word);
    }
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
            assert_eq!(tokens(text).join(" "), want, "{text}");
        }
    }

    #[test]
    fn figures_are_numbers_signs_and_what_turns_a_question_round() {
        let figures = |text: &str| tokens(text).into_iter().filter(|t| is_figure(t)).collect::<Vec<_>>().join(" ");
        assert_eq!(figures("Which is not 3 + x2, of two 甲三不?"), "not 3 + x2 two 三 不");
        assert_eq!(figures("plain words"), "");
    }
}
