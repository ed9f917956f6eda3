//! How long a text is in tokens, by estimate: to tell long questions from short ones before anything is asked.

/// The parts of a token that the estimate counts in.
pub const TOKEN: u64 = 12;
/// A byte of a script with spaces: four make a token. English is near that with every common vocabulary; letters of two
/// bytes (Greek, Cyrillic, accents) come to half a token each, which is what those vocabularies need.
const BYTE: u64 = 3;
/// A character of a script without spaces: three come to two tokens. Vocabularies of recent years take between 0.5 and 0.8
/// tokens for a Chinese character; older ones up to 2.
const WIDE: u64 = 8;

/// How many tokens a text has, by estimate: UTF-8 bytes / 4, and two thirds of a token for each Chinese, Japanese or Korean
/// character, rounded up. Not for cost, which goes by what the provider counts, nor for a bound, which goes by bytes.
#[must_use]
pub fn estimated_tokens(text: &str) -> u64 {
    token_parts(text).div_ceil(TOKEN)
}

/// The same in parts of a token, of which [`TOKEN`] make one: for what is put together of many pieces, without rounding
/// each.
#[must_use]
pub fn token_parts(text: &str) -> u64 {
    text.chars().map(|c| if is_wide(c) { WIDE } else { BYTE * c.len_utf8() as u64 }).sum()
}

/// Whether a character is of a script that is written without spaces between words, or a full-width form: Chinese,
/// Japanese, and Korean, whose syllables the vocabularies treat alike.
#[must_use]
pub const fn is_wide(c: char) -> bool {
    matches!(c as u32,
        0x1100..=0x11FF            // Hangul letters
        | 0x2E80..=0x303F          // radicals, ideographic punctuation
        | 0x3040..=0x30FF          // kana
        | 0x3100..=0x312F          // bopomofo
        | 0x3130..=0x318F          // Hangul letters, compatible
        | 0x31A0..=0x4DBF          // further phonetics, ideographs A
        | 0x4E00..=0x9FFF          // ideographs
        | 0xA960..=0xA97F          // Hangul letters A
        | 0xAC00..=0xD7FF          // Hangul syllables
        | 0xF900..=0xFAFF          // ideographs, compatible
        | 0xFE30..=0xFE4F          // forms
        | 0xFF00..=0xFFEF          // full and half width
        | 0x20000..=0x3FFFF        // ideographs B and on
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn english_is_counted_by_bytes_and_chinese_by_characters() {
        assert_eq!(estimated_tokens(""), 0);
        assert_eq!(estimated_tokens("a"), 1);
        assert_eq!(estimated_tokens(&"word ".repeat(400)), 500);
        assert_eq!(estimated_tokens(&"汉字".repeat(375)), 500);
        assert_eq!(estimated_tokens("привет"), 3);
        assert_eq!(estimated_tokens("答案是 A。"), 4);
    }
}
