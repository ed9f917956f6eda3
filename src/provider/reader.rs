//! Reads the events of one stream. An event that differs from the one before it in its text alone, or in a value that is passed
//! over, as nearly every event of a stream does, is not read as JSON again.

use super::{Mark, Places, Provider, Span};
use crate::domain::{Answer, Fault};

/// What reads one stream's events, through the adapter of its protocol.
pub struct Reader<'a> {
    provider: &'a dyn Provider,
    /// The last event that was read as JSON, where it only added a text to the answer; else nothing.
    model: Vec<u8>,
    /// Where others may differ from it.
    places: Places,
}

impl<'a> Reader<'a> {
    /// At the start of a stream.
    #[must_use]
    pub fn new(provider: &'a dyn Provider) -> Self {
        Self { provider, model: Vec::new(), places: Places::default() }
    }

    /// Reads one event into the answer, exactly as [`Provider::read`] does. A text's place is not told on.
    ///
    /// # Errors
    /// As [`Provider::read`].
    pub fn read(&mut self, event: &[u8], answer: &mut Answer) -> Result<Mark, Fault> {
        if let Some(text) = self.again(event) {
            answer.text.push_str(text);
            return Ok(Mark::Content);
        }
        self.model.clear();
        Ok(match self.provider.read(event, answer)? {
            Mark::Text(places) => {
                self.model.extend_from_slice(event);
                self.places = places;
                Mark::Content
            }
            mark => mark,
        })
    }

    /// The text of an event that is the model but for its text and the value that is passed over. Up to a place JSON's grammar is in
    /// the same state in both, a value of the same kind leaves it in the same, and so it is behind it: what is read is the same
    /// but for the text.
    fn again<'e>(&self, event: &'e [u8]) -> Option<&'e str> {
        if self.model.is_empty() {
            return None;
        }
        let Places { text, passed } = self.places;
        let (mut at, mut rest) = (0, event);
        if passed.start < text.start {
            (at, rest) = self.pass(passed, at, rest)?;
        }
        rest = rest.strip_prefix(self.model.get(at..text.start)?)?;
        let (said, after) = rest.split_at(plain(rest));
        (at, rest) = (text.end, after);
        if passed.start > text.start {
            (at, rest) = self.pass(passed, at, rest)?;
        }
        // No text bears no token.
        if said.is_empty() || self.model.get(at..)? != rest {
            return None;
        }
        std::str::from_utf8(said).ok()
    }

    /// Passes over what is as in the model from a place of it on, and over a value of the same kind as the one that is passed over
    /// there. Gives the places behind both.
    fn pass<'e>(&self, passed: Span, from: usize, event: &'e [u8]) -> Option<(usize, &'e [u8])> {
        let value = self.model.get(passed.start..passed.end)?;
        // Anything else but a text or a whole number is to be the same.
        let Some(first @ (b'"' | b'1'..=b'9')) = value.first() else { return Some((from, event)) };
        let rest = event.strip_prefix(self.model.get(from..passed.start)?)?;
        let length = match first {
            b'"' => {
                let inner = rest.strip_prefix(b"\"")?;
                let length = plain(inner);
                // What ends it is its quotation mark.
                std::str::from_utf8(inner.get(..length)?).ok()?;
                (inner.get(length) == Some(&b'"')).then_some(length + 2)?
            }
            // A whole number begins with another digit than 0, and goes on until something else than a digit comes.
            _ => rest.iter().take_while(|b| b.is_ascii_digit()).count(),
        };
        let whole = rest.get(..length)?;
        (length > 0 && whole.first() != Some(&b'0')).then_some(())?;
        Some((passed.end, rest.get(length..)?))
    }
}

/// How many bytes of a JSON string there are up to what ends it, escapes something in it, or may not be in it.
fn plain(text: &[u8]) -> usize {
    text.iter().take_while(|b| !matches!(b, b'"' | b'\\' | 0..0x20)).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Prompt;
    use crate::provider::openai::read_completion;
    use crate::provider::{Framing, KeyHeader, Request};
    use bytes::Bytes;
    use proptest::prelude::*;
    use std::sync::atomic::{AtomicU32, Ordering};

    /// An adapter, and how often it was asked to read.
    struct Counted(AtomicU32);

    impl Provider for Counted {
        fn framing(&self) -> (Framing, KeyHeader) {
            (Framing::Sse, KeyHeader::Bearer)
        }
        fn request(&self, _: &Prompt) -> Request {
            Request { path: String::new(), headers: Vec::new(), body: Bytes::new() }
        }
        fn read(&self, event: &[u8], answer: &mut Answer) -> Result<Mark, Fault> {
            self.0.fetch_add(1, Ordering::Relaxed);
            read_completion(event, answer)
        }
        fn refuse(&self, _: u16, _: &[u8]) -> Fault {
            Fault::new(crate::domain::Failure::Protocol, "")
        }
    }

    /// The answer that events make, and how many of them were read as JSON.
    fn read(events: &[impl AsRef<[u8]>]) -> (Answer, u32) {
        let counted = Counted(AtomicU32::new(0));
        let (mut reader, mut answer) = (Reader::new(&counted), Answer::default());
        for event in events {
            reader.read(event.as_ref(), &mut answer).unwrap();
        }
        (answer, counted.0.into_inner())
    }

    fn chunk(id: u8, text: &str) -> String {
        format!(r#"{{"id":"{id}","choices":[{{"index":0,"delta":{{"content":{text}}},"finish_reason":null}}]}}"#)
    }

    fn timed(time: &str, text: &str) -> String {
        format!(r#"{{"id":7,"choices":[{{"delta":{{"content":"{text}"}}}}],"t":{time}}}"#)
    }

    #[test]
    fn only_what_differs_in_its_text_alone_is_not_read_again() {
        let cases: [(&[String], &str, u32); 7] = [
            (
                &[chunk(1, r#""a""#), chunk(1, r#"" 字""#), chunk(1, r#"" much longer""#), chunk(1, r#""b""#)],
                "a 字 much longerb",
                1,
            ),
            (&[chunk(1, r#""a""#), chunk(2, r#""b""#), chunk(2, r#""c""#)], "abc", 1),
            (&[chunk(1, r#""a""#), chunk(1, r#""\n""#), chunk(1, r#""b""#), chunk(1, r#""c""#)], "a\nbc", 3),
            (&[chunk(1, r#""a""#), chunk(1, r#""""#), chunk(1, "null"), chunk(1, r#""b""#)], "ab", 4),
            (&[timed("1", "a"), timed("23", "b"), timed("4", "c"), timed("-5", "d"), timed("6", "e")], "abcde", 3),
            (&[timed("\"x\"", "a"), timed("\"longer\"", "b"), timed("\"\\n\"", "c"), timed("7", "d")], "abcd", 3),
            (
                &[
                    chunk(1, r#""a""#),
                    r#"{"choices":[]}"#.into(),
                    chunk(1, r#""b""#),
                    format!(" {}", chunk(1, r#""c""#)),
                ],
                "abc",
                4,
            ),
        ];
        for (events, text, parsed) in cases {
            let (answer, count) = read(events);
            assert_eq!((answer.text.as_str(), count), (text, parsed), "{events:?}");
        }
    }

    #[test]
    fn what_also_says_something_else_is_read_each_time() {
        let chunks = [
            r#"{"choices":[{"delta":{"content":"a","reasoning":"r"}}]}"#,
            r#"{"choices":[{"delta":{"content":"a","refusal":"no"}}]}"#,
            r#"{"choices":[{"delta":{"content":"a"},"finish_reason":"stop"}]}"#,
            r#"{"choices":[{"delta":{"content":"a"}}],"usage":{"completion_tokens":1}}"#,
            r#"{"choices":[{"delta":{"content":"a","tool_calls":[{"index":0,"function":{"arguments":"x"}}]}}]}"#,
            r#"{"choices":[{"delta":{"content":[{"type":"text","text":"a"}]}}]}"#,
            r#"{"choices":[{"message":{"content":"a"}}]}"#,
        ];
        for chunk in chunks {
            let (_, count) = read(&[chunk, chunk]);
            assert_eq!(count, 2, "{chunk}");
        }
    }

    proptest! {
        /// Whatever comes, and in whatever order, the answer and the faults are those of reading every event.
        #[test]
        fn the_answer_is_that_of_reading_every_event(
            events in prop::collection::vec((0_u8..3, "[a\"\\\\}{:,\u{1}é ]{0,3}", 0_usize..70, any::<u8>()), 0..12),
        ) {
            let counted = Counted(AtomicU32::new(0));
            let mut reader = Reader::new(&counted);
            let (mut ours, mut plain) = (Answer::default(), Answer::default());
            for (id, text, at, byte) in events {
                let time = ["1", "23", "-4", "01", "2.5", "7e3", "\"x\"", "\"yé\"", "\"\\n\"", "null", ""][usize::from(byte) % 11];
                let event = if id < 2 { chunk(id, &format!("\"{text}\"")) } else { timed(time, &text) };
                let mut event = event.into_bytes();
                // Now and then one byte is another.
                if byte < 32 && let Some(there) = event.get_mut(at) {
                    *there = byte.wrapping_mul(9);
                }
                let marks = (reader.read(&event, &mut ours), read_completion(&event, &mut plain));
                let told = marks.1.map(|mark| if matches!(mark, Mark::Text(_)) { Mark::Content } else { mark });
                prop_assert_eq!(marks.0, told);
                prop_assert_eq!(&ours, &plain);
            }
        }
    }
}
