//! The elements of one big JSON list, one at a time, in bounded memory: with the line and column where each begins. Objects
//! one after the other, without a list around them, are taken too.

use std::io::{self, BufRead};

/// The longest element that is taken: 16 MiB.
pub(super) const LONGEST: usize = 16 << 20;

/// What was found.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Element<'a> {
    /// The text of an element.
    Text(&'a str),
    /// Bytes that are no UTF-8.
    NotUtf8,
    /// More bytes than are taken.
    TooLong,
    /// The file does not go on as a list does: nothing behind this place is read.
    Broken(&'static str),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Before the first byte that means something.
    Start,
    /// Where an element may begin.
    Before,
    /// Behind an element of a list: a comma or the end.
    Behind,
    /// Inside an element.
    Inside,
    /// Behind the list.
    Over,
}

/// Calls `each` with the place and text of every element. Only brackets and quotes are looked at: what is inside an element
/// is for its reader to judge.
///
/// # Errors
/// What reading gives.
pub(super) fn for_each(
    mut input: impl BufRead,
    longest: usize,
    mut each: impl FnMut((usize, usize), Element<'_>),
) -> io::Result<()> {
    let (mut state, mut listed) = (State::Start, false);
    let (mut line, mut column, mut begins) = (1, 0, (1, 1));
    let (mut depth, mut quoted, mut escaped, mut long) = (0_usize, false, false, false);
    let mut element: Vec<u8> = Vec::new();
    let mut mark = 0_usize;
    loop {
        let bytes = input.fill_buf()?;
        if bytes.is_empty() {
            break;
        }
        let read = bytes.len();
        for &byte in bytes {
            // A byte-order mark, which only the beginning of a file has.
            if state == State::Start && mark < 3 && "\u{feff}".as_bytes().get(mark) == Some(&byte) {
                mark += 1;
                continue;
            }
            // Columns count characters: of one of several bytes, the first.
            if byte & 0xc0 != 0x80 {
                column += 1;
            }
            if state == State::Inside {
                if element.len() < longest {
                    element.push(byte);
                } else {
                    long = true;
                }
                match byte {
                    _ if escaped => escaped = false,
                    b'\\' if quoted => escaped = true,
                    b'"' => quoted = !quoted,
                    b'{' | b'[' if !quoted => depth += 1,
                    b'}' | b']' if !quoted => depth = depth.saturating_sub(1),
                    _ => {}
                }
                if depth == 0 && !quoted {
                    let found = match std::str::from_utf8(&element) {
                        _ if long => Element::TooLong,
                        Ok(text) => Element::Text(text),
                        Err(_) => Element::NotUtf8,
                    };
                    each(begins, found);
                    element.clear();
                    long = false;
                    state = if listed { State::Behind } else { State::Before };
                }
            } else if !byte.is_ascii_whitespace() {
                match (state, byte) {
                    (State::Start, b'[') => (state, listed) = (State::Before, true),
                    (State::Start | State::Before, b'{') => {
                        (state, begins, depth) = (State::Inside, (line, column), 1);
                        element.push(byte);
                    }
                    (State::Behind, b',') => state = State::Before,
                    (State::Behind | State::Before, b']') if listed => state = State::Over,
                    (State::Behind, _) => {
                        each((line, column), Element::Broken("expected `,` or `]` behind an element"));
                        return Ok(());
                    }
                    (State::Over, _) => {
                        each((line, column), Element::Broken("something follows the list"));
                        return Ok(());
                    }
                    (_, _) => {
                        each((line, column), Element::Broken("expected a list of objects"));
                        return Ok(());
                    }
                }
            }
            if byte == b'\n' {
                (line, column) = (line + 1, 0);
            }
        }
        input.consume(read);
    }
    match state {
        State::Inside => each(begins, Element::Broken("the file ends inside this element")),
        State::Before | State::Behind if listed => {
            each((line, column + 1), Element::Broken("the file ends before the list's `]`"));
        }
        _ => {}
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn found(bytes: &[u8], longest: usize) -> Vec<String> {
        let mut all = Vec::new();
        // A small buffer, so that elements lie over its edges.
        let input = io::BufReader::with_capacity(3, bytes);
        for_each(input, longest, |(line, column), element| all.push(format!("{line}:{column} {element:?}"))).unwrap();
        all
    }

    #[test]
    fn elements_come_one_by_one_with_their_places() {
        assert_eq!(
            found("\u{feff}[{\"é\": \"}]\\\"\"},\r\n  {\"b\": [1, {}]}\n]\n".as_bytes(), 100),
            ["1:2 Text(\"{\\\"é\\\": \\\"}]\\\\\\\"\\\"}\")", "2:3 Text(\"{\\\"b\\\": [1, {}]}\")"]
        );
        assert_eq!(found(b"{\"a\":1}\n{\"b\":2}\n", 100).len(), 2);
        assert!(found(b" [ ] ", 100).is_empty() && found(b"", 100).is_empty());
    }

    #[test]
    fn what_is_no_list_of_objects_is_told_where_it_breaks() {
        assert_eq!(found(b"[1]", 100), ["1:2 Broken(\"expected a list of objects\")"]);
        assert_eq!(found(b"[{} {}]", 100).last().unwrap(), "1:5 Broken(\"expected `,` or `]` behind an element\")");
        assert_eq!(found(b"[{}]\n,", 100).last().unwrap(), "2:1 Broken(\"something follows the list\")");
        assert_eq!(found(b"[{},\n{\"a", 100).last().unwrap(), "2:1 Broken(\"the file ends inside this element\")");
        assert_eq!(found(b"[{}", 100).last().unwrap(), "1:4 Broken(\"the file ends before the list's `]`\")");
        assert_eq!(found(b"[{\"a\": 1}, {}]", 4), ["1:2 TooLong", "1:12 Text(\"{}\")"]);
        assert_eq!(found(b"[{\"\xff\"}]", 100), ["1:2 NotUtf8"]);
    }

    proptest! {
        #[test]
        fn what_serde_writes_comes_back(texts in proptest::collection::vec("[a\"\\\\{}\\[\\],é]{0,6}", 0..5), pretty: bool) {
            let values: Vec<_> = texts.iter().map(|t| serde_json::json!({ "t": t, "n": [t] })).collect();
            let text = if pretty { serde_json::to_string_pretty(&values) } else { serde_json::to_string(&values) };
            let mut read = Vec::new();
            for_each(text.unwrap().as_bytes(), LONGEST, |_, element| {
                let Element::Text(text) = element else { panic!("{element:?}") };
                read.push(serde_json::from_str::<serde_json::Value>(text).unwrap());
            }).unwrap();
            prop_assert_eq!(read, values);
        }
    }
}
