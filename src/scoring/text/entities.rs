//! Characters that are written as HTML names them: `Bront&euml;`, `&lt;`, `&#233;`.

use super::pattern::{Pattern, pattern};
use regex::Captures;
use std::borrow::Cow;
use std::sync::LazyLock;
use unicode_normalization::UnicodeNormalization;

/// Marks of letters, as HTML calls them, with the characters that put them on a letter.
const MARKS: [(&str, char); 8] = [
    ("acute", '\u{301}'),
    ("grave", '\u{300}'),
    ("circ", '\u{302}'),
    ("uml", '\u{308}'),
    ("tilde", '\u{303}'),
    ("ring", '\u{30A}'),
    ("cedil", '\u{327}'),
    ("caron", '\u{30C}'),
];
const NAMED: [(&str, &str); 15] = [
    ("amp", "&"),
    ("lt", "<"),
    ("gt", ">"),
    ("quot", "\""),
    ("apos", "'"),
    ("nbsp", " "),
    ("szlig", "ß"),
    ("aelig", "æ"),
    ("AElig", "Æ"),
    ("oslash", "ø"),
    ("Oslash", "Ø"),
    ("times", "×"),
    ("deg", "°"),
    ("le", "≤"),
    ("ge", "≥"),
];

/// A text with the characters themselves. What is no name of one stays.
#[must_use]
pub fn without_entities(text: &str) -> Cow<'_, str> {
    static ENTITY: LazyLock<Pattern> =
        LazyLock::new(|| pattern(r"&(?:#(?P<number>\d{1,7})|#[xX](?P<hex>[0-9a-fA-F]{1,6})|(?P<name>[A-Za-z]{2,8}));"));
    if !text.contains('&') {
        return Cow::Borrowed(text);
    }
    ENTITY.replace_all(text, |found: &Captures<'_>| {
        let as_written = || found.get(0).map_or("", |m| m.as_str()).to_owned();
        meant(found).unwrap_or_else(as_written)
    })
}

fn meant(found: &Captures<'_>) -> Option<String> {
    let code = found
        .name("number")
        .map(|number| number.as_str().parse())
        .or_else(|| found.name("hex").map(|hex| u32::from_str_radix(hex.as_str(), 16)));
    if let Some(code) = code {
        return char::from_u32(code.ok()?).filter(|c| !c.is_control()).map(String::from);
    }
    let name = found.name("name")?.as_str();
    if let Some((_, plain)) = NAMED.iter().find(|(known, _)| *known == name) {
        return Some((*plain).to_owned());
    }
    let (letter, mark) = name.split_at_checked(1)?;
    let (_, mark) = MARKS.iter().find(|(known, _)| *known == mark)?;
    Some(letter.chars().chain([*mark]).nfc().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entities_are_the_characters_they_name() {
        for (text, want) in [
            ("Bront&euml; &amp; Garc&iacute;a", "Brontë & García"),
            ("S&#xE3;o M&#225;rquez", "São Márquez"),
            ("3 &lt; 5", "3 < 5"),
            ("AT&T; a &b; &nothing; &#0;", "AT&T; a &b; &nothing; &#0;"),
        ] {
            assert_eq!(without_entities(text), want);
        }
    }
}
