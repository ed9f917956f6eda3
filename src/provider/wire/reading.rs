//! What is made of a response body: events, answer, and the instants of its tokens. Pure: instants come in with bytes.

use crate::domain::{Answer, Failure, Fault, Nanos, Timing};
use crate::provider::framing::Cutter;
use crate::provider::{Mark, Provider, Reader};
use std::ops::ControlFlow;

/// A response body as it is being read.
pub struct Reading<'a> {
    reader: Reader<'a>,
    cutter: Cutter,
    cap: usize,
    bytes: usize,
    events: u64,
    answer: Answer,
}

/// How the protocol itself ended a stream, if it did.
type Ended = ControlFlow<()>;

impl<'a> Reading<'a> {
    /// At the start of a body of at most `cap` bytes.
    pub fn new(provider: &'a dyn Provider, cap: usize) -> Self {
        let (framing, _) = provider.framing();
        let (reader, cutter) = (Reader::new(provider), Cutter::new(framing, cap));
        Self { reader, cutter, cap, bytes: 0, events: 0, answer: Answer::default() }
    }

    /// Takes bytes that were read at an instant: every event they complete has it. Breaks where the protocol says
    /// that the stream is over.
    ///
    /// # Errors
    /// The adapter's faults, and `too_large`.
    pub fn take(&mut self, bytes: &[u8], at: Nanos, timing: &mut Timing) -> Result<Ended, Fault> {
        self.bytes = self.bytes.saturating_add(bytes.len());
        if self.bytes > self.cap {
            return Err(Fault::new(Failure::TooLarge, format!("the answer outgrew {} bytes", self.cap)));
        }
        let Self { reader, cutter, events, answer, .. } = self;
        let flow = cutter.push(bytes, &mut |event| read(reader, event, at, events, answer, timing))?;
        ended(flow)
    }

    /// The body has ended as HTTP has it; says whether that makes a complete answer.
    ///
    /// # Errors
    /// `protocol` where nothing was an event, `truncated` where no finish reason came, and the adapter's faults.
    pub fn finish(&mut self, at: Nanos, timing: &mut Timing) -> Result<(), Fault> {
        let Self { reader, cutter, events, answer, .. } = self;
        let flow = cutter.finish(&mut |event| read(reader, event, at, events, answer, timing))?;
        // It is over either way.
        let _ = ended(flow)?;
        if let (0, Some(stray)) = (self.events, self.cutter.stray()) {
            return Err(Fault::new(Failure::Protocol, format!("no event stream; it begins with {stray:?}")));
        }
        self.complete()
    }

    /// Whether the answer is complete, once the stream is over.
    ///
    /// # Errors
    /// `truncated` where no finish reason came.
    pub fn complete(&self) -> Result<(), Fault> {
        if self.answer.finish.is_some() {
            return Ok(());
        }
        let Self { events, bytes, .. } = self;
        let detail = format!("the stream ended without a finish reason, after {events} events in {bytes} bytes");
        Err(Fault::new(Failure::Truncated, detail))
    }

    /// What was answered, as far as it came.
    pub fn into_answer(self) -> Answer {
        self.answer
    }
}

fn read(
    reader: &mut Reader<'_>,
    event: &[u8],
    at: Nanos,
    events: &mut u64,
    answer: &mut Answer,
    timing: &mut Timing,
) -> ControlFlow<Result<(), Fault>> {
    *events += 1;
    match reader.read(event, answer) {
        Ok(Mark::End) => ControlFlow::Break(Ok(())),
        Ok(mark) => {
            note(mark, at, timing);
            ControlFlow::Continue(())
        }
        Err(fault) => ControlFlow::Break(Err(fault)),
    }
}

fn ended(flow: ControlFlow<Result<(), Fault>>) -> Result<Ended, Fault> {
    match flow {
        ControlFlow::Continue(()) => Ok(ControlFlow::Continue(())),
        ControlFlow::Break(Ok(())) => Ok(ControlFlow::Break(())),
        ControlFlow::Break(Err(fault)) => Err(fault),
    }
}

/// Notes the instant of an event by what it bore.
fn note(mark: Mark, at: Nanos, timing: &mut Timing) {
    match mark {
        Mark::None | Mark::End => return,
        Mark::Content | Mark::Text(_) => {
            timing.visible.get_or_insert(at);
        }
        Mark::Reasoning | Mark::Tool => {}
    }
    timing.first.get_or_insert(at);
    if let Some(before) = timing.last.replace(at) {
        timing.gaps.push(at.since(before).0);
    }
    timing.events = timing.events.saturating_add(1);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Finish, Prompt};
    use crate::provider::{Framing, KeyHeader, Request};
    use bytes::Bytes;

    /// Reads events of one letter: content, reasoning, tool, nothing, a finish without text, the end, a fault.
    struct Letters;

    impl Provider for Letters {
        fn framing(&self) -> (Framing, KeyHeader) {
            (Framing::Sse, KeyHeader::Bearer)
        }
        fn request(&self, _: &Prompt) -> Request {
            Request { path: String::new(), headers: Vec::new(), body: Bytes::new() }
        }
        fn read(&self, event: &[u8], answer: &mut Answer) -> Result<Mark, Fault> {
            Ok(match event {
                b"c" => Mark::Content,
                b"r" => Mark::Reasoning,
                b"t" => Mark::Tool,
                b"f" => {
                    answer.finish = Some(Finish::Stop);
                    Mark::None
                }
                b"e" => Mark::End,
                b"x" => return Err(Fault::new(Failure::InStreamError, "x")),
                _ => Mark::None,
            })
        }
        fn refuse(&self, _: u16, _: &[u8]) -> Fault {
            Fault::new(Failure::Protocol, "")
        }
    }

    fn stream(letters: &str) -> String {
        letters.chars().map(|c| format!("data: {c}\n\n")).collect()
    }

    #[test]
    fn every_event_has_the_instant_of_the_read_that_completed_it() {
        let mut reading = Reading::new(&Letters, 1 << 20);
        let mut timing = Timing::default();
        let mut take = |text: &str, at| reading.take(text.as_bytes(), Nanos(at), &mut timing).unwrap();
        for (text, at) in [("data: n\n\nda", 5), ("ta: r\n\n", 10), ("data: c\n\ndata: t\n\n", 30), ("data: f\n\n", 40)]
        {
            assert_eq!(take(text, at), ControlFlow::Continue(()));
        }
        assert_eq!(take(&stream("ec"), 50), ControlFlow::Break(()));
        assert!(reading.complete().is_ok());
        assert_eq!(
            timing,
            Timing {
                first: Some(Nanos(10)),
                visible: Some(Nanos(30)),
                last: Some(Nanos(30)),
                events: 3,
                gaps: vec![20, 0],
                ..Timing::default()
            }
        );
    }

    #[test]
    fn an_end_without_a_finish_reason_is_truncated_and_with_one_needs_no_marker() {
        let end = |letters: &str| {
            let (mut reading, mut timing) = (Reading::new(&Letters, 1 << 20), Timing::default());
            assert!(reading.take(stream(letters).as_bytes(), Nanos(1), &mut timing).is_ok());
            reading.finish(Nanos(2), &mut timing).map_err(|f| f.to_string())
        };
        assert_eq!(end("cf"), Ok(()));
        let said = "truncated: the stream ended without a finish reason, after 1 events in 9 bytes";
        assert_eq!(end("c"), Err(said.into()));
    }

    #[test]
    fn faults_of_the_adapter_the_cap_and_of_what_is_no_stream() {
        let (mut reading, mut timing) = (Reading::new(&Letters, 40), Timing::default());
        let mut take = |text: &str| reading.take(text.as_bytes(), Nanos(1), &mut timing).map_err(|f| f.to_string());
        assert_eq!(take(&stream("cx")), Err("in_stream_error: x".into()));
        assert_eq!(take(&stream("ccc")), Err("too_large: the answer outgrew 40 bytes".into()));

        let mut reading = Reading::new(&Letters, 40);
        assert!(reading.take(b"<html>\n", Nanos(1), &mut timing).is_ok());
        let said = reading.finish(Nanos(1), &mut timing).unwrap_err().to_string();
        assert_eq!(said, "protocol: no event stream; it begins with \"<html>\"");
    }
}
