//! What is made of a response body: events, answer, and the instants of its tokens. Pure: instants come in with bytes.

use crate::domain::{Answer, Failure, Fault, Nanos, Timing};
use crate::provider::framing::Cutter;
use crate::provider::{Mark, Provider};
use std::ops::ControlFlow;

/// A response body as it is being read.
pub struct Reading<'a> {
    provider: &'a dyn Provider,
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
        Self { provider, cutter: Cutter::new(framing, cap), cap, bytes: 0, events: 0, answer: Answer::default() }
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
        let Self { provider, cutter, events, answer, .. } = self;
        let flow = cutter.push(bytes, &mut |event| read(*provider, event, at, events, answer, timing))?;
        ended(flow)
    }

    /// The body has ended as HTTP has it; says whether that makes a complete answer.
    ///
    /// # Errors
    /// `protocol` where nothing was an event, `truncated` where no finish reason came, and the adapter's faults.
    pub fn finish(&mut self, at: Nanos, timing: &mut Timing) -> Result<(), Fault> {
        let Self { provider, cutter, events, answer, .. } = self;
        let flow = cutter.finish(&mut |event| read(*provider, event, at, events, answer, timing))?;
        ended(flow)?;
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
    provider: &dyn Provider,
    event: &[u8],
    at: Nanos,
    events: &mut u64,
    answer: &mut Answer,
    timing: &mut Timing,
) -> ControlFlow<Result<(), Fault>> {
    *events += 1;
    match provider.read(event, answer) {
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
        Mark::Content => {
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
