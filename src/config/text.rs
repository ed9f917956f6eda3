//! Where a part of a text value stands in the file: its escapes and line breaks make the value shorter than what is written.

/// The offset in `raw`, a TOML string with its quotes, of the character that stands at byte `at` of its value.
pub(super) fn offset(raw: &str, at: usize) -> usize {
    let (quotes, escapes) = match () {
        () if raw.starts_with("\"\"\"") => (3, true),
        () if raw.starts_with("'''") => (3, false),
        () if raw.starts_with('"') => (1, true),
        () if raw.starts_with('\'') => (1, false),
        () => return 0,
    };
    let mut from = quotes;
    if quotes == 3 {
        // A line break right behind the opening quotes is not part of the value.
        let rest = raw.get(from..).unwrap_or("");
        from += rest.starts_with("\r\n").then_some(2).or_else(|| rest.starts_with('\n').then_some(1)).unwrap_or(0);
    }
    let mut done = 0;
    while done < at {
        let rest = raw.get(from..).unwrap_or("");
        let Some(next) = rest.chars().next() else { break };
        let (written, meant) = if escapes && next == '\\' { escape(rest) } else { (next.len_utf8(), next.len_utf8()) };
        (from, done) = (from + written, done + meant);
    }
    let rest = raw.get(from..).unwrap_or("");
    match escape(rest) {
        (written, 0) if escapes && rest.starts_with('\\') => from + written,
        _ => from,
    }
}

/// How many bytes an escape takes as written, and how many its value has.
fn escape(rest: &str) -> (usize, usize) {
    let digits = match rest.as_bytes().get(1) {
        Some(b'x') => 2,
        Some(b'u') => 4,
        Some(b'U') => 8,
        Some(b' ' | b'\t' | b'\r' | b'\n') => {
            // A backslash at the end of a line takes away all space up to the next word.
            let behind = rest.get(1..).unwrap_or("").trim_start_matches([' ', '\t', '\r', '\n']);
            return (rest.len() - behind.len(), 0);
        }
        _ => return (2.min(rest.len()), 1),
    };
    let code = rest.get(2..2 + digits).and_then(|hex| u32::from_str_radix(hex, 16).ok());
    (2 + digits, code.and_then(char::from_u32).map_or(1, char::len_utf8))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn escapes_and_line_breaks_are_counted_as_they_are_written() {
        for (raw, value, at) in [
            (r#""a\nb""#, "a\nb", 'b'),
            (r#""\u00e9\"x""#, "é\"x", 'x'),
            ("\"\"\"\nab\ncx\"\"\"", "ab\ncx", 'x'),
            ("\"\"\"a\\\n   x\"\"\"", "ax", 'x'),
            ("'''\r\na\\x'''", "a\\x", 'x'),
            ("'a\\x'", "a\\x", 'x'),
            (r#""\U0001F600x""#, "😀x", 'x'),
        ] {
            let want = raw.rfind(at).unwrap();
            assert_eq!(offset(raw, value.rfind(at).unwrap()), want, "{raw}");
        }
        assert_eq!(offset("7", 3), 0);
    }

    proptest! {
        #[test]
        fn every_character_of_a_written_text_is_found(value in "[a-zé\"\\\\\n\t]{1,12}X") {
            let raw = toml::Value::String(value.clone()).to_string();
            let at = offset(&raw, value.len() - 1);
            prop_assert!(raw.get(at..).unwrap().starts_with('X'), "{raw} {at}");
        }
    }
}
