//! Streams that nobody should send, made out of the recorded ones: every one follows from its seed.
//!
//! Structure first: events are dropped, repeated, put in another order or taken from another recording, of another
//! protocol too; then values, keys and whole members of their JSON are replaced; then bytes of the stream itself.

use super::recordings::Recording;
use std::ops::Range;

/// SplitMix64 (Steele, Lea and Flood 2014): small, fast, and the same everywhere.
pub struct Draw(u64);

impl Draw {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// One of `n`; 0 where there is none.
    pub fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.next() >> 11).unwrap_or(0) % n.max(1)
    }

    pub fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    fn pick<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }
}

/// One event of a recording, its terminator with it, and where in it JSON values and members are.
struct Event {
    bytes: Vec<u8>,
    values: Vec<Range<usize>>,
    /// A key with its value.
    members: Vec<Range<usize>>,
    keys: Vec<Range<usize>>,
}

/// The recordings, taken apart.
pub struct Mutator {
    recordings: Vec<(&'static str, Vec<Event>)>,
}

/// A mutated stream, and how it is to be handed over.
#[derive(Default)]
pub struct Stream {
    pub kind: &'static str,
    pub body: Vec<u8>,
    /// Where it is cut, in order.
    pub cuts: Vec<usize>,
    /// The most bytes of one event.
    pub cap: usize,
    order: Vec<(usize, usize)>,
    event: Vec<u8>,
}

/// What takes the place of a value: of every type, out of every range, and what is no JSON at all.
const VALUES: &[&str] = &[
    "null",
    "true",
    "false",
    "0",
    "-1",
    "1",
    "1.5",
    "1e999",
    "-1e-999",
    "18446744073709551615",
    "18446744073709551616",
    "4294967295",
    "128",
    "99999999999999999999999999999999999999999999999999",
    "\"\"",
    "\"a\"",
    "\" \"",
    "\"\\u0000\"",
    "\"\\ud83d\"",
    "\"\\ud83d\\ude00\"",
    "\"\\n\\\"\\\\\"",
    "\"stop\"",
    "\"error\"",
    "\"tool_use\"",
    "\"function_call\"",
    "\"response.completed\"",
    "\"[DONE]\"",
    "[]",
    "{}",
    "[{}]",
    "[null]",
    "{\"a\":{}}",
    "[[[[]]]]",
    "NaN",
    "",
    "\"",
    "{",
    "[",
    "]",
    "}",
    ",",
    "nul",
    "0x10",
    "01",
    "'a'",
];

/// What is put into the stream between its bytes.
const BYTES: &[&[u8]] = &[
    b"\n",
    b"\r",
    b"\r\n",
    b"\n\n",
    b"data:",
    b"data: [DONE]\n\n",
    b":",
    b": ping\n\n",
    b"error: {}\n\n",
    b"event: x\n",
    b"\xEF\xBB\xBF",
    b"\xff",
    b"\xc3",
    b"\xed\xa0\x80",
    b"\0",
    b"{",
    b"[",
    b"}",
    b"\"",
    b"\\",
    b"\\u",
    b"<html>",
    b" ",
    b"id: \0\n",
    b"retry: 99999999999999999999\n",
    b"data\n",
    b"{}\n",
    b"null\n",
];

impl Mutator {
    pub fn new(recordings: &[Recording]) -> Self {
        let of = |r: &Recording| (r.kind, events(&r.body).into_iter().map(Event::new).collect());
        Self { recordings: recordings.iter().map(of).collect() }
    }

    /// The stream of a seed, written over the one given, so that its memory is used again.
    pub fn make(&self, seed: u64, stream: &mut Stream) {
        let mut draw = Draw(seed);
        let at = draw.below(self.recordings.len());
        let (kind, events) = &self.recordings[at];
        stream.kind = kind;
        stream.order.clear();
        stream.order.extend((0..events.len()).map(|i| (at, i)));
        for _ in 0..draw.below(4) {
            self.reorder(at, &mut draw, &mut stream.order);
        }

        stream.body.clear();
        let changed = draw.below(3);
        for &(recording, event) in &stream.order {
            let event = &self.recordings[recording].1[event];
            stream.event.clear();
            stream.event.extend_from_slice(&event.bytes);
            if changed > 0 && draw.one_in(stream.order.len().div_ceil(changed)) {
                self.change(event, &mut draw, &mut stream.event);
            }
            stream.body.extend_from_slice(&stream.event);
        }
        for _ in 0..draw.below(3) {
            disturb(&mut draw, &mut stream.body);
        }

        stream.cap = if draw.one_in(16) { 16 + draw.below(600) } else { 1 << 20 };
        stream.cuts.clear();
        for _ in 0..draw.below(6) {
            stream.cuts.push(draw.below(stream.body.len() + 1));
        }
        stream.cuts.sort_unstable();
    }

    fn reorder(&self, at: usize, draw: &mut Draw, order: &mut Vec<(usize, usize)>) {
        let (a, b) = (draw.below(order.len()), draw.below(order.len()));
        match draw.below(6) {
            0 if !order.is_empty() => drop(order.remove(a)),
            1 if !order.is_empty() => {
                let times = if draw.one_in(50) { 200 } else { 1 + draw.below(3) };
                let event = order[a];
                order.splice(b..b, std::iter::repeat_n(event, times));
            }
            2 if !order.is_empty() => order.swap(a, b),
            3 => order.truncate(a),
            4 => {
                let other = draw.below(self.recordings.len());
                order.insert(a, (other, draw.below(self.recordings[other].1.len())));
            }
            _ => order.insert(a, (at, draw.below(self.recordings[at].1.len()))),
        }
    }

    /// Replaces one thing in an event's JSON.
    fn change(&self, event: &Event, draw: &mut Draw, bytes: &mut Vec<u8>) {
        let value = |draw: &mut Draw| (!event.values.is_empty()).then(|| draw.pick(&event.values).clone());
        match draw.below(10) {
            0..4 => {
                let Some(place) = value(draw) else { return };
                bytes.splice(place, draw.pick(VALUES).bytes());
            }
            4 => {
                let Some(place) = value(draw) else { return };
                let (_, other) = draw.pick(&self.recordings);
                let other = draw.pick(other);
                if !other.values.is_empty() {
                    let taken = draw.pick(&other.values).clone();
                    bytes.splice(place, other.bytes[taken].iter().copied());
                }
            }
            5 => {
                let Some(place) = value(draw) else { return };
                let (open, close) = *draw.pick(&[("[", "]"), ("{\"a\":", "}"), ("[{\"text\":", "}]")]);
                let depth = if draw.one_in(20) { 3000 } else { 1 + draw.below(200) };
                let nested = open.repeat(depth) + "0" + &close.repeat(depth);
                bytes.splice(place, nested.bytes());
            }
            6 => {
                let Some(place) = value(draw) else { return };
                let length = if draw.one_in(50) { 1 << 16 } else { draw.below(500) };
                let byte = *draw.pick(b"9a\xff\\");
                let quote = if byte == b'9' { &b""[..] } else { &b"\""[..] };
                let long = quote.iter().copied().chain(std::iter::repeat_n(byte, length)).chain(quote.iter().copied());
                bytes.splice(place, long);
            }
            7 if !event.members.is_empty() => {
                // Twice, or not at all.
                let place = draw.pick(&event.members).clone();
                if draw.one_in(2) {
                    let again: Vec<u8> = [&event.bytes[place.clone()], b","].concat();
                    bytes.splice(place.start..place.start, again);
                } else {
                    bytes.splice(place, "\"x\":0".bytes());
                }
            }
            8 if !event.keys.is_empty() => {
                // A key takes the place of another.
                let (a, b) = (draw.pick(&event.keys).clone(), draw.pick(&event.keys).clone());
                bytes.splice(a, event.bytes[b].iter().copied());
            }
            _ => disturb(draw, bytes),
        }
    }
}

/// Changes bytes without regard to what they mean.
fn disturb(draw: &mut Draw, bytes: &mut Vec<u8>) {
    let at = draw.below(bytes.len() + 1);
    match draw.below(5) {
        0 => bytes.truncate(at),
        1 => drop(bytes.splice(at..at, draw.pick(BYTES).iter().copied())),
        2 => {
            let end = bytes.len().min(at + 1 + draw.below(20));
            bytes.drain(at..end);
        }
        3 => {
            let byte = u8::try_from(draw.below(256)).unwrap_or(0);
            if let Some(place) = bytes.get_mut(at) {
                *place = byte;
            }
        }
        _ => {
            let end = bytes.len().min(at + draw.below(40));
            let again = bytes[at..end].to_vec();
            bytes.splice(at..at, again);
        }
    }
}

/// A stream's events, each with its terminator: blocks up to an empty line, lines of NDJSON, or the whole.
fn events(body: &[u8]) -> Vec<Vec<u8>> {
    let text = String::from_utf8_lossy(body);
    let blocks = text.contains("data:") || text.contains("error:");
    let end = match (blocks, text.contains("\r\n")) {
        (true, true) => "\r\n\r\n",
        (true, false) => "\n\n",
        // A pretty-printed body is one event.
        (false, _) if text.contains("\n  ") || text.contains("\n \"") => "\0",
        (false, _) => "\n",
    };
    text.split_inclusive(end).map(|event| event.as_bytes().to_vec()).collect()
}

impl Event {
    fn new(bytes: Vec<u8>) -> Self {
        let mut event = Self { bytes, values: Vec::new(), members: Vec::new(), keys: Vec::new() };
        let mut at = event.bytes.iter().position(|b| matches!(b, b'{' | b'[')).unwrap_or(event.bytes.len());
        // Where each open object or array began, with the key it is the value of.
        let mut open: Vec<(usize, Option<usize>)> = Vec::new();
        let mut key: Option<usize> = None;
        while let Some(&byte) = event.bytes.get(at) {
            let start = at;
            match byte {
                b'{' | b'[' => {
                    open.push((start, key.take()));
                    at += 1;
                }
                b'}' | b']' => {
                    at += 1;
                    let Some((from, owner)) = open.pop() else { break };
                    event.value(from..at, owner);
                }
                b'"' => {
                    at += 1;
                    while event.bytes.get(at).is_some_and(|b| *b != b'"') {
                        at += if event.bytes[at] == b'\\' { 2 } else { 1 };
                    }
                    at = event.bytes.len().min(at + 1);
                    if event.bytes.get(at) == Some(&b':') {
                        event.keys.push(start..at);
                        key = Some(start);
                    } else {
                        event.value(start..at, key.take());
                    }
                }
                b'0'..=b'9' | b'-' | b't' | b'f' | b'n' => {
                    while event.bytes.get(at).is_some_and(|b| !matches!(b, b',' | b'}' | b']' | b'\n' | b'\r')) {
                        at += 1;
                    }
                    event.value(start..at, key.take());
                }
                _ => at += 1,
            }
            if open.is_empty() {
                break;
            }
        }
        event
    }

    fn value(&mut self, place: Range<usize>, key: Option<usize>) {
        self.members.extend(key.map(|from| from..place.end));
        self.values.push(place);
    }
}

/// A stream that a seed gives.
impl From<u64> for Draw {
    fn from(seed: u64) -> Self {
        Self(seed)
    }
}
