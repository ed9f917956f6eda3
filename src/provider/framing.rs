//! Cuts events out of a byte stream: server-sent events, NDJSON, whole bodies.
//!
//! Pure and incremental: bytes go in as they arrive, each complete event's data comes out. Every byte is looked at
//! once, whatever the split, and an event that lies within one piece is handed out without being copied.
//!
//! Server-sent events follow the WHATWG HTML standard, section 9.2.6 "Interpreting an event stream": lines end with
//! LF, CRLF or CR, a byte order mark at the start is dropped, data lines of one event are joined by LF, an event that
//! the end of the stream leaves without its empty line is dropped. Two things go beyond it, since servers do them:
//! a stream that opens with `{` or `[` is one whole JSON value (an error body sent with status 200, or a server that
//! ignored `stream: true`), and a field named `error` counts as data (older llama.cpp servers).

use super::Framing;
use crate::domain::{Failure, Fault};
use std::ops::ControlFlow;

const BOM: &[u8] = b"\xEF\xBB\xBF";

/// How much of a stray line is kept for a message, in bytes.
const STRAY_KEPT: usize = 80;

/// Cuts one stream. Give it the pieces with [`push`](Self::push), then call [`finish`](Self::finish).
#[derive(Debug)]
pub struct Cutter {
    state: State,
    framing: Framing,
    /// The most bytes that one line or one event may have.
    cap: usize,
    /// A line (or the opening, or the whole body) of which the end has not come yet.
    line: Vec<u8>,
    /// Data lines of the event that is being read, when they could not stay borrowed.
    data: Vec<u8>,
    /// Whether the event that is being read has data at all.
    has_data: bool,
    /// The last line ended with CR: an LF that follows belongs to it.
    after_cr: bool,
    /// The first line that is neither field nor comment.
    stray: Option<Vec<u8>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Only a byte order mark and white space so far: what this is shows with the next byte.
    Opening,
    Lines,
    Whole,
}

impl Cutter {
    /// A cutter at the start of a stream. `cap_bytes` bounds one line and one event.
    #[must_use]
    pub const fn new(framing: Framing, cap_bytes: usize) -> Self {
        Self {
            state: State::Opening,
            framing,
            cap: cap_bytes,
            line: Vec::new(),
            data: Vec::new(),
            has_data: false,
            after_cr: false,
            stray: None,
        }
    }

    /// Takes the next piece and hands every event it completes to `out`, until `out` breaks; the rest of the piece is
    /// then dropped.
    ///
    /// # Errors
    /// `too_large` when a line or an event outgrows the cap. Nothing more can be read then.
    pub fn push<B>(
        &mut self,
        piece: &[u8],
        out: &mut impl FnMut(&[u8]) -> ControlFlow<B>,
    ) -> Result<ControlFlow<B>, Fault> {
        let mut rest = piece;
        while self.state == State::Opening {
            let Some((&byte, after)) = rest.split_first() else { return Ok(ControlFlow::Continue(())) };
            rest = after;
            self.line.push(byte);
            self.check(self.line.len())?;
            if let Some(state) = opens(&self.line, self.framing) {
                self.state = state;
                let opening = std::mem::take(&mut self.line);
                let opening = opening.strip_prefix(BOM).unwrap_or(&opening);
                if let ControlFlow::Break(b) = self.take(opening, out)? {
                    return Ok(ControlFlow::Break(b));
                }
            }
        }
        self.take(rest, out)
    }

    /// Ends the stream: hands out what needs no terminator (a whole body, the last NDJSON line).
    ///
    /// # Errors
    /// `too_large` as for [`push`](Self::push).
    pub fn finish<B>(&mut self, out: &mut impl FnMut(&[u8]) -> ControlFlow<B>) -> Result<ControlFlow<B>, Fault> {
        let last = std::mem::take(&mut self.line);
        let unterminated = self.state == State::Whole || (self.state == State::Lines && self.framing != Framing::Sse);
        if unterminated && !last.trim_ascii().is_empty() { Ok(out(&last)) } else { Ok(ControlFlow::Continue(())) }
    }

    /// The beginning of the first line that was neither a field nor a comment: what to show when a 2xx response held
    /// no event at all.
    #[must_use]
    pub fn stray(&self) -> Option<String> {
        self.stray.as_ref().map(|line| String::from_utf8_lossy(line).into_owned())
    }

    fn check(&self, bytes: usize) -> Result<(), Fault> {
        if bytes <= self.cap {
            return Ok(());
        }
        Err(Fault::new(Failure::TooLarge, format!("a line or event of the stream outgrew {} bytes", self.cap)))
    }

    fn take<B>(
        &mut self,
        piece: &[u8],
        out: &mut impl FnMut(&[u8]) -> ControlFlow<B>,
    ) -> Result<ControlFlow<B>, Fault> {
        if self.state == State::Whole {
            self.check(self.line.len() + piece.len())?;
            self.line.extend_from_slice(piece);
            return Ok(ControlFlow::Continue(()));
        }
        // The first data line of the event stays borrowed while it can: most events have one line in one piece.
        let mut borrowed: Option<&[u8]> = None;
        let mut rest = piece;
        loop {
            if self.after_cr && !rest.is_empty() {
                self.after_cr = false;
                rest = rest.strip_prefix(b"\n").unwrap_or(rest);
            }
            let Some(end) = memchr::memchr2(b'\n', b'\r', rest) else { break };
            let (head, tail) = rest.split_at(end);
            self.after_cr = tail.first() == Some(&b'\r');
            rest = tail.get(1..).unwrap_or_default();
            self.check(self.line.len() + head.len())?;

            let flow = if self.line.is_empty() {
                self.line(head, true, &mut borrowed, out)?
            } else {
                let mut line = std::mem::take(&mut self.line);
                line.extend_from_slice(head);
                let flow = self.line(&line, false, &mut None, out)?;
                // The buffer goes back, so that a long stream does not allocate for every straddling line.
                line.clear();
                self.line = line;
                flow
            };
            if let ControlFlow::Break(b) = flow {
                return Ok(ControlFlow::Break(b));
            }
        }
        if let Some(data) = borrowed {
            self.data.extend_from_slice(data);
        }
        self.check(self.line.len() + rest.len())?;
        self.line.extend_from_slice(rest);
        Ok(ControlFlow::Continue(()))
    }

    /// Takes one complete line; `lasting` says that it lives as long as the piece, so that it may stay borrowed.
    fn line<'p, B>(
        &mut self,
        line: &'p [u8],
        lasting: bool,
        borrowed: &mut Option<&'p [u8]>,
        out: &mut impl FnMut(&[u8]) -> ControlFlow<B>,
    ) -> Result<ControlFlow<B>, Fault> {
        if self.framing != Framing::Sse {
            return Ok(if line.trim_ascii().is_empty() { ControlFlow::Continue(()) } else { out(line) });
        }
        if line.is_empty() {
            return Ok(self.dispatch(borrowed.take(), out));
        }
        let (name, value) = match line.iter().position(|b| *b == b':') {
            Some(colon) => line.split_at(colon),
            None => (line, &b":"[..]),
        };
        let value = value.strip_prefix(b":").unwrap_or(value);
        let value = value.strip_prefix(b" ").unwrap_or(value);
        match name {
            b"data" | b"error" => self.data_line(value, lasting, borrowed)?,
            b"" | b"event" | b"id" | b"retry" => {}
            _ => {
                self.stray.get_or_insert_with(|| line.iter().copied().take(STRAY_KEPT).collect());
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    fn data_line<'p>(&mut self, value: &'p [u8], lasting: bool, borrowed: &mut Option<&'p [u8]>) -> Result<(), Fault> {
        if !self.has_data && lasting {
            *borrowed = Some(value);
        } else {
            if let Some(first) = borrowed.take() {
                self.data.extend_from_slice(first);
            }
            if self.has_data {
                self.data.push(b'\n');
            }
            self.check(self.data.len() + value.len())?;
            self.data.extend_from_slice(value);
        }
        self.has_data = true;
        Ok(())
    }

    /// The empty line: hands the event out, unless its data is empty (as the standard has it).
    fn dispatch<B>(
        &mut self,
        borrowed: Option<&[u8]>,
        out: &mut impl FnMut(&[u8]) -> ControlFlow<B>,
    ) -> ControlFlow<B> {
        self.has_data = false;
        let event = borrowed.unwrap_or(&self.data);
        let flow = if event.is_empty() { ControlFlow::Continue(()) } else { out(event) };
        self.data.clear();
        flow
    }
}

/// What the stream is, once its opening shows it.
fn opens(opening: &[u8], framing: Framing) -> Option<State> {
    match framing {
        // A BOM could still become complete.
        _ if opening.len() < BOM.len() && BOM.starts_with(opening) => None,
        Framing::Whole => Some(State::Whole),
        Framing::NdJson => Some(State::Lines),
        Framing::Sse => match opening.strip_prefix(BOM).unwrap_or(opening).trim_ascii().first() {
            None => None,
            Some(b'{' | b'[') => Some(State::Whole),
            Some(_) => Some(State::Lines),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Events of a stream given in pieces; the last entry names an overflow.
    fn cut(framing: Framing, cap: usize, pieces: &[&[u8]]) -> Vec<String> {
        let mut events = Vec::new();
        let mut cutter = Cutter::new(framing, cap);
        let mut out = |event: &[u8]| {
            events.push(String::from_utf8_lossy(event).into_owned());
            ControlFlow::<()>::Continue(())
        };
        let fault = pieces
            .iter()
            .try_for_each(|piece| cutter.push(piece, &mut out).map(|_| ()))
            .and_then(|()| cutter.finish(&mut out).map(|_| ()))
            .err();
        events.extend(fault.map(|f| f.kind.label().to_owned()));
        events
    }

    fn sse(stream: &str) -> Vec<String> {
        cut(Framing::Sse, 1 << 20, &[stream.as_bytes()])
    }

    #[test]
    fn lines_end_with_lf_crlf_or_cr() {
        assert_eq!(sse("data: a\n\ndata: b\n\n"), ["a", "b"]);
        assert_eq!(sse("data: a\r\n\r\ndata: b\r\n\r\n"), ["a", "b"]);
        assert_eq!(sse("data: a\r\rdata: b\r\r"), ["a", "b"]);
        assert_eq!(sse("data: a\r\n\ndata: b\n\r\n"), ["a", "b"]);
    }

    #[test]
    fn data_with_and_without_the_space_and_over_several_lines() {
        assert_eq!(sse("data:a\n\n"), ["a"]);
        assert_eq!(sse("data:  a\n\n"), [" a"], "only one space belongs to the syntax");
        assert_eq!(sse("data: a\ndata: b\ndata\ndata: c\n\n"), ["a\nb\n\nc"]);
    }

    #[test]
    fn comments_other_fields_and_empty_events_give_nothing() {
        assert_eq!(sse(": ping\n\nevent: x\nid: 1\nretry: 3\n\ndata:\n\ndata: a\nevent: y\n\n"), ["a"]);
    }

    #[test]
    fn a_byte_order_mark_at_the_start_is_dropped_and_only_there() {
        assert_eq!(sse("\u{feff}data: a\n\ndata: \u{feff}b\n\n"), ["a", "\u{feff}b"]);
        assert_eq!(cut(Framing::Whole, 99, &["\u{feff}{}".as_bytes()]), ["{}"]);
        assert_eq!(cut(Framing::NdJson, 99, &["\u{feff}{}\n".as_bytes()]), ["{}"]);
    }

    #[test]
    fn an_event_without_its_empty_line_is_dropped() {
        assert_eq!(sse("data: a\n\ndata: b\n"), ["a"]);
        assert_eq!(sse("data: a\n\ndata: b"), ["a"]);
    }

    #[test]
    fn a_stream_that_opens_with_json_is_one_whole_body() {
        assert_eq!(sse("{\"error\":\n\n{\"message\": \"x\"}}\n"), ["{\"error\":\n\n{\"message\": \"x\"}}\n"]);
        assert_eq!(sse("\u{feff} \r\n [1]"), [" \r\n [1]"]);
        assert_eq!(sse("\n\ndata: {}\n\n"), ["{}"]);
    }

    #[test]
    fn a_field_named_error_is_data() {
        assert_eq!(sse("error: {\"code\":500}\n\n"), ["{\"code\":500}"]);
    }

    #[test]
    fn a_stray_line_is_remembered_for_the_message() {
        let mut cutter = Cutter::new(Framing::Sse, 999);
        let flow = cutter.push(b"<html>\n<body>\n", &mut |_| ControlFlow::<()>::Continue(()));
        assert_eq!(flow, Ok(ControlFlow::Continue(())));
        assert_eq!(cutter.stray().as_deref(), Some("<html>"));
    }

    #[test]
    fn ndjson_gives_lines_and_the_last_unterminated_one() {
        assert_eq!(
            cut(Framing::NdJson, 99, &[b"{\"a\":1}\r\n\n{\"b\":2}\n{\"c\":3}"]),
            ["{\"a\":1}", "{\"b\":2}", "{\"c\":3}"]
        );
    }

    #[test]
    fn lines_events_and_bodies_are_capped() {
        assert_eq!(cut(Framing::Sse, 10, &[b"data: 1234\n\n"]), ["1234"]);
        assert_eq!(cut(Framing::Sse, 10, &[b"data: 12345\n\n"]), ["too_large"]);
        assert_eq!(cut(Framing::Sse, 10, &[b"data: ", b"123", b"456"]), ["too_large"]);
        assert_eq!(cut(Framing::Sse, 10, &[b"data:12345\ndata:12345\n\n"]), ["too_large"]);
        assert_eq!(cut(Framing::Whole, 10, &[b"{\"a\":", b"12345}"]), ["too_large"]);
        assert_eq!(cut(Framing::Sse, 10, &[&[b' '; 11]]), ["too_large"]);
    }

    #[test]
    fn it_stops_where_it_is_told_to() {
        let mut cutter = Cutter::new(Framing::Sse, 99);
        let mut seen = 0;
        let flow = cutter.push(b"data: a\n\ndata: b\n\n", &mut |_| {
            seen += 1;
            ControlFlow::Break("enough")
        });
        assert_eq!((flow, seen), (Ok(ControlFlow::Break("enough")), 1));
    }

    /// Bytes that look like a stream often enough to reach every branch.
    fn streams() -> impl Strategy<Value = Vec<u8>> {
        let bit = prop_oneof![
            3 => Just("data: ".to_owned()),
            4 => prop_oneof![Just("\n"), Just("\r"), Just("\r\n"), Just("\n\n")].prop_map(str::to_owned),
            1 => prop_oneof![Just(":"), Just("error:"), Just("\u{feff}"), Just("event: x"), Just(" "), Just("{")]
                .prop_map(str::to_owned),
            2 => "[a-z0-9é ]{0,12}",
        ];
        prop::collection::vec(bit, 0..24).prop_map(|bits| bits.concat().into_bytes())
    }

    proptest! {
        #[test]
        fn any_split_gives_the_same_events(
            stream in streams(),
            cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..8),
            framing in prop_oneof![Just(Framing::Sse), Just(Framing::NdJson), Just(Framing::Whole)],
            cap in prop_oneof![Just(1usize << 20), 4usize..40],
        ) {
            let mut places: Vec<usize> = cuts.iter().map(|c| c.index(stream.len() + 1)).collect();
            places.extend([0, stream.len()]);
            places.sort_unstable();
            let pieces: Vec<&[u8]> = places.windows(2).map(|w| &stream[w[0]..w[1]]).collect();
            let bytewise: Vec<&[u8]> = stream.chunks(1).collect();
            let whole = cut(framing, cap, &[&stream]);
            prop_assert_eq!(&cut(framing, cap, &pieces), &whole);
            prop_assert_eq!(&cut(framing, cap, &bytewise), &whole);
        }

        #[test]
        fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            for framing in [Framing::Sse, Framing::NdJson, Framing::Whole] {
                cut(framing, 64, &[&bytes]);
            }
        }
    }
}
