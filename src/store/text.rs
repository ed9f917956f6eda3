//! Texts as a database can hold them: U+0000 escaped, gaps packed, answers replaced by their hash.

use sha2::{Digest, Sha256};
use std::borrow::Cow;

/// U+0010, "data link escape": rare enough that almost every text is stored as it is.
const ESCAPE: char = '\u{10}';

/// A text without U+0000, which PostgreSQL refuses and many SQLite tools cut at: it becomes U+0010 `0`, and U+0010
/// itself is doubled.
pub(super) fn escape(text: &str) -> Cow<'_, str> {
    if !text.contains(['\0', ESCAPE]) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '\0' => out.extend([ESCAPE, '0']),
            ESCAPE => out.extend([ESCAPE, ESCAPE]),
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// The text that [`escape`] was given.
pub(super) fn unescape(text: String) -> String {
    if !text.contains(ESCAPE) {
        return text;
    }
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match (c, c == ESCAPE) {
            (_, true) => out.push(match chars.next() {
                Some('0') => '\0',
                Some(other) => other,
                None => ESCAPE,
            }),
            (c, false) => out.push(c),
        }
    }
    out
}

/// Six bits a character.
const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Numbers as variable-length quantities: five bits a character, low ones first, the sixth says that more follow.
/// A gap of 20 ms takes five characters, and no separator is needed.
pub(super) fn pack(numbers: &[u64]) -> String {
    let mut out = String::with_capacity(numbers.len() * 6);
    for number in numbers {
        let mut rest = *number;
        loop {
            let more = if rest >> 5 == 0 { 0 } else { 32 };
            out.extend(usize::try_from(rest & 31 | more).ok().and_then(|i| ALPHABET.get(i)).map(|b| char::from(*b)));
            rest >>= 5;
            if more == 0 {
                break;
            }
        }
    }
    out
}

/// The numbers that [`pack`] was given; none where the text is not of that form.
pub(super) fn unpack(text: &str) -> Option<Vec<u64>> {
    let mut out = Vec::with_capacity(text.len() / 5 + 1);
    let (mut number, mut shift) = (0_u64, 0_u32);
    for byte in text.bytes() {
        let digit = u64::try_from(ALPHABET.iter().position(|b| *b == byte)?).ok()?;
        let bits = digit & 31;
        number |= bits.checked_shl(shift).filter(|n| n >> shift == bits)?;
        if digit & 32 == 0 {
            out.push(number);
            (number, shift) = (0, 0);
        } else {
            shift += 5;
        }
    }
    (shift == 0).then_some(out)
}

/// What [`hash`] puts before the digits.
const HASHED: &str = "sha256:";

/// Whether a text is one that [`hash`] gave.
pub(super) fn is_hash(text: &str) -> bool {
    let digits = text.strip_prefix(HASHED);
    digits.is_some_and(|digits| digits.len() == 64 && digits.bytes().all(|b| b.is_ascii_hexdigit()))
}

/// `sha256:` and 64 hex digits; the empty text stays empty, so that silence stays visible.
pub(super) fn hash(text: &str) -> String {
    if text.is_empty() {
        return String::new();
    }
    let digest = Sha256::digest(text.as_bytes());
    digest.iter().fold(String::from(HASHED), |mut out, b| {
        out.push_str(&format!("{b:02x}"));
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_packed_gap_of_20_ms_takes_five_characters() {
        assert_eq!(pack(&[20_000_000]).len(), 5);
        assert_eq!(pack(&[]), "");
        assert_eq!(pack(&[0]), "A");
    }

    #[test]
    fn what_is_not_packed_is_refused() {
        for text in ["!", "g", "gggggggggggggggC", "________________"] {
            assert_eq!(unpack(text), None, "{text}");
        }
    }

    #[test]
    fn a_hash_is_the_published_one() {
        assert_eq!(hash("abc"), "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(hash(""), "");
    }

    proptest! {
        #[test]
        fn any_text_survives(text in r"[\x00\x10a-c0é]{0,40}|\PC{0,40}") {
            let kept = escape(&text).into_owned();
            prop_assert!(!kept.contains('\0'));
            prop_assert_eq!(unescape(kept), text);
        }

        #[test]
        fn any_numbers_survive(numbers in proptest::collection::vec(any::<u64>(), 0..40)) {
            prop_assert_eq!(unpack(&pack(&numbers)), Some(numbers));
        }
    }
}
