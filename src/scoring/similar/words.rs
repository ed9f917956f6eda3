//! The form in which texts are compared: words of alphabets as they stand, Chinese by the character, without case,
//! punctuation and English articles unless these count. What tells numbers apart stays: 3.14 is not 314, -5 is not 5.

use crate::scoring::choice::is_cjk;
use crate::scoring::text::is_plain;

/// What counts in a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Form {
    /// Case counts.
    pub case: bool,
    /// Punctuation counts.
    pub punctuation: bool,
    /// English articles don't count.
    pub english: bool,
}

/// One word, or one character of a script without spaces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// As it is compared.
    pub text: String,
    /// Where it stands in the text, in bytes.
    pub at: usize,
    /// Where it ends.
    pub end: usize,
}

/// The digit that a subscript is: CO₂ is CO2. (10² is not 102.)
fn subscript(c: char) -> Option<char> {
    matches!(c, '\u{2080}'..='\u{2089}').then(|| char::from_digit(u32::from(c) - 0x2080, 10))?
}

/// A picture: decoration beside words.
fn is_picture(c: char) -> bool {
    matches!(c, '\u{1F000}'..='\u{1FAFF}' | '\u{2190}'..='\u{21FF}' | '\u{2600}'..='\u{27BF}' | '\u{2B50}' | '\u{FE0F}' | '\u{200D}' | '\u{20E3}')
}

/// The words of a text without markup. Pictures count where there is nothing else.
#[must_use]
pub fn words(text: &str, form: Form) -> Vec<Word> {
    if !form.punctuation && text.contains(is_picture) {
        let bare: String = text.chars().map(|c| if is_picture(c) { ' ' } else { c }).collect();
        // Places are told in bytes of the text as it is.
        if bare.contains(char::is_alphanumeric) {
            let mut at = Vec::with_capacity(bare.len());
            for (from, c) in text.char_indices() {
                let kept = if is_picture(c) { 1 } else { c.len_utf8() };
                at.extend((0..kept).map(|i| from + i));
            }
            at.push(text.len());
            let place = |i: usize| at.get(i).copied().unwrap_or(text.len());
            let moved = |word: Word| Word { at: place(word.at), end: place(word.end), ..word };
            return read(&bare, form).into_iter().map(moved).collect();
        }
    }
    read(text, form)
}

fn read(text: &str, form: Form) -> Vec<Word> {
    let mut all = Vec::new();
    let mut word = String::new();
    let mut start = 0;
    let mut chars: Vec<(usize, char)> = Vec::with_capacity(text.len());
    chars.extend(text.char_indices());
    let at = |i: Option<usize>| i.and_then(|i| chars.get(i)).map(|(_, c)| *c);
    let digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
    let flush = |word: &mut String, start: usize, end: usize, all: &mut Vec<Word>| {
        let is = |article: &str| word.eq_ignore_ascii_case(article);
        let article = form.english && !form.punctuation && ["a", "an", "the"].into_iter().any(is);
        if !word.is_empty() && !article {
            all.push(Word { text: std::mem::take(word), at: start, end });
        }
        word.clear();
    };
    for (i, (place, c)) in chars.iter().copied().enumerate() {
        let c = subscript(c).unwrap_or(c);
        let (before, next) = (at(i.checked_sub(1)), at(i.checked_add(1)));
        let letter = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        let kind = match c {
            '\u{4E00}'..='\u{9FFF}' => Kind::Alone,
            _ if is_cjk(c) && c.is_alphanumeric() => Kind::Alone,
            _ if c.is_alphanumeric() || is_mark(c) => Kind::Part,
            _ if c.is_whitespace() => Kind::Gap,
            // 1,000 and 1000 are one number; 3.14 and 314 are not.
            ',' if digit(before) && digit(next) && digits(&chars, i + 1) == 3 => Kind::Silent,
            '.' | ':' if digit(before) && digit(next) => Kind::Part,
            '-' if digit(next) && !letter(before) && !matches!(before, Some(')' | ']')) => Kind::Part,
            _ if form.punctuation => Kind::Alone,
            // U.S., O'Brien.
            '.' | '\'' if letter(before) => Kind::Silent,
            // H_2O is H₂O.
            '_' if letter(before) && digit(next) => Kind::Silent,
            _ if is_punctuation(c) => Kind::Gap,
            // C++, C#, 5%, AT&T.
            _ if letter(before) || letter(next) || !word.is_empty() => Kind::Part,
            _ => Kind::Alone,
        };
        match kind {
            Kind::Part => {
                if word.is_empty() {
                    start = place;
                }
                match c {
                    _ if form.case => word.push(c),
                    _ if c.is_ascii() => word.push(c.to_ascii_lowercase()),
                    _ => word.extend(c.to_lowercase()),
                }
            }
            Kind::Silent => {}
            Kind::Gap => flush(&mut word, start, place, &mut all),
            Kind::Alone => {
                flush(&mut word, start, place, &mut all);
                let text =
                    if form.case || is_plain(c) && !c.is_ascii() { c.to_string() } else { c.to_lowercase().collect() };
                all.push(Word { text, at: place, end: place + c.len_utf8() });
            }
        }
    }
    flush(&mut word, start, text.len(), &mut all);
    all
}

enum Kind {
    /// Part of a word.
    Part,
    /// In a word, and not compared.
    Silent,
    /// Between words.
    Gap,
    /// A word by itself.
    Alone,
}

fn digits(chars: &[(usize, char)], from: usize) -> usize {
    chars.iter().skip(from).take(4).take_while(|(_, c)| c.is_ascii_digit()).count()
}

/// A combining mark, which belongs to the letter before it.
const fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36F}' | '\u{93E}'..='\u{94D}' | '\u{E31}' | '\u{E34}'..='\u{E3A}' | '\u{E47}'..='\u{E4E}')
}

const fn is_punctuation(c: char) -> bool {
    matches!(
        c,
        '.' | ',' | ';' | ':' | '!' | '?' | '"' | '\'' | '`' | '(' | ')' | '[' | ']' | '{' | '}' | '…' | '-' | '–' | '—'
            | '_' | '*' | '~' | '|' | '/' | '\\' | '¿' | '¡' | '«' | '»' | '‹' | '›' | '„' | '‚' | '·' | '•' | '′' | '″'
            | '\u{2018}'..='\u{201F}' | '\u{3001}'..='\u{3003}' | '\u{3008}'..='\u{3011}' | '\u{3014}'..='\u{301F}'
    )
}

/// The words put together again: texts are equal where these are.
#[must_use]
pub fn joined(words: &[Word]) -> String {
    words.iter().map(|w| w.text.as_str()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scoring::text::fold;

    #[test]
    fn what_does_not_count_is_left_out() {
        let loose = Form { case: false, punctuation: false, english: true };
        for (text, want) in [
            ("The Eiffel Tower!", "eiffel tower"),
            ("U.S. and O'Brien", "us and obrien"),
            ("New-York, 'NY'", "new york ny"),
            ("3.14 and 1,000 and -5", "3.14 and 1000 and -5"),
            ("C++ and C# and 5%", "c++ and c# and 5%"),
            ("北京，中国 ok", "北 京 中 国 ok"),
            ("12:30", "12:30"),
            ("a", ""),
        ] {
            assert_eq!(joined(&words(&fold(text), loose)), want, "{text}");
        }
        let strict = Form { case: true, punctuation: true, english: true };
        assert_eq!(joined(&words("The end.", strict)), "The end .");
        let french = Form { english: false, ..loose };
        assert_eq!(joined(&words("Il a dit", french)), "il a dit");
    }
}
