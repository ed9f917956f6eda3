//! Lines out of a file, one at a time, in bounded memory.

use std::io::{BufRead, Read};

/// The longest line that is taken: 16 MiB.
pub const LONGEST: usize = 16 << 20;

/// One line, without its line break.
#[derive(Debug, PartialEq, Eq)]
pub enum Line<'a> {
    /// Text.
    Text(&'a str),
    /// Bytes that are no UTF-8, with the text before them.
    NotUtf8(&'a str),
    /// More bytes than are taken; what follows is skipped up to the line break.
    TooLong,
}

/// Calls `each` with the number (from 1) and content of every line. A byte-order mark is dropped, and so is the CR of a
/// CR LF. A file that ends without a line break ends its last line.
///
/// # Errors
/// What reading gives.
pub fn for_each(
    mut input: impl BufRead,
    longest: usize,
    mut each: impl FnMut(usize, Line<'_>),
) -> Result<(), std::io::Error> {
    let mut buffer = Vec::new();
    let cap = u64::try_from(longest).unwrap_or(u64::MAX).saturating_add(1);
    for number in 1.. {
        buffer.clear();
        if input.by_ref().take(cap).read_until(b'\n', &mut buffer)? == 0 {
            break;
        }
        let ended = buffer.last() == Some(&b'\n');
        if !ended && buffer.len() > longest {
            input.skip_until(b'\n')?;
            each(number, Line::TooLong);
            continue;
        }
        let mut bytes = buffer.as_slice();
        bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
        bytes = bytes.strip_suffix(b"\r").unwrap_or(bytes);
        if number == 1 {
            bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
        }
        match std::str::from_utf8(bytes) {
            Ok(text) => each(number, Line::Text(text)),
            Err(error) => {
                let good = bytes.get(..error.valid_up_to()).and_then(|b| std::str::from_utf8(b).ok());
                each(number, Line::NotUtf8(good.unwrap_or("")));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(bytes: &[u8], longest: usize) -> Vec<String> {
        let mut all = Vec::new();
        for_each(bytes, longest, |n, line| all.push(format!("{n} {line:?}"))).unwrap();
        all
    }

    #[test]
    fn breaks_marks_and_ends() {
        let got = lines("\u{feff}a\r\n\n b\u{feff}\nc".as_bytes(), 100);
        assert_eq!(got, ["1 Text(\"a\")", "2 Text(\"\")", "3 Text(\" b\\u{feff}\")", "4 Text(\"c\")"]);
        assert!(lines(b"", 100).is_empty());
    }

    #[test]
    fn what_is_too_long_or_no_text_is_told_and_passed_over() {
        assert_eq!(
            lines(b"aaaa\naaaaa\nb\xff\naaaaaaaaaaa", 4),
            ["1 Text(\"aaaa\")", "2 TooLong", "3 NotUtf8(\"b\")", "4 TooLong"]
        );
        assert_eq!(lines(b"aaaa", 4), ["1 Text(\"aaaa\")"]);
    }
}
