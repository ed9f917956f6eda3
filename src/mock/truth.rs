//! The truth: what was really asked, written and said, and when; compact, bounded, and summed as it comes.

use super::faults::Fault;
use super::openai::Figures;
use super::stamps::{Lateness, Stamps};
use crate::domain::Nanos;
use serde::Serialize;
use std::collections::BTreeMap;

/// How a request came out, as the mock saw it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Outcome {
    /// The answer was written whole, with a finish reason, and its body ended properly.
    Completed,
    /// The answer began, and was made to end badly.
    Broken,
    /// The client went away before the end.
    Abandoned,
    /// No answer was begun: an error status, or the connection closed without a response.
    Refused,
}

impl Outcome {
    pub(super) const fn label(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::Broken => "broken",
            Self::Abandoned => "abandoned",
            Self::Refused => "refused",
        }
    }
}

/// One chat request.
#[derive(Clone, Debug)]
pub(super) struct Record {
    /// Order of arrival, from 1.
    pub sequence: u64,
    /// The text of the last user message.
    pub prompt: Box<str>,
    /// What was said before it, where it is a later turn of a conversation.
    pub history: Vec<String>,
    /// When the last segment of the request came in, by the kernel's stamp; else just after the read that got it.
    pub received: Nanos,
    /// When it was admitted: later than received where it had to queue. The schedule counts from here.
    pub started: Nanos,
    /// 0 where the connection was closed without a response.
    pub status: u16,
    pub outcome: Outcome,
    pub fault: Option<Fault>,
    /// Prompt tokens processed and output tokens written, whether a usage record told of them or not.
    pub figures: Figures,
    /// Whether a usage record was written.
    pub usage_sent: bool,
    pub known: Option<Box<str>>,
    /// What was said, once it was said whole.
    pub said: Option<Box<str>>,
    /// Just before each write(2) that carried tokens.
    pub writes: Stamps,
    /// When the last byte was written, or the client was seen gone.
    pub ended: Nanos,
}

impl Record {
    /// Whether the right answer was said; none where it is not known or nothing was said.
    pub(super) fn right(&self) -> Option<bool> {
        let (known, said) = (self.known.as_deref()?, self.said.as_deref()?);
        Some(known == said)
    }

    /// About what it takes in memory.
    fn bytes(&self) -> usize {
        let text = |text: &Option<Box<str>>| text.as_ref().map_or(0, |t| t.len());
        let history: usize = self.history.iter().map(|said| said.len() + size_of::<String>()).sum();
        size_of::<Self>() + self.prompt.len() + history + text(&self.known) + text(&self.said) + self.writes.bytes()
    }
}

/// Sums over requests of one kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Totals {
    pub requests: u64,
    pub prompt_tokens: u64,
    pub cached_tokens: u64,
    pub completion_tokens: u64,
    pub reasoning_tokens: u64,
    /// Content writes.
    pub events: u64,
    pub right: u64,
    pub wrong: u64,
    /// The right answer was known, but none was said whole.
    pub unsaid: u64,
    /// The right answer was not known.
    pub unjudged: u64,
}

impl Totals {
    fn add(&mut self, record: &Record) {
        let Figures { prompt, cached, completion, reasoning } = record.figures;
        self.requests += 1;
        self.prompt_tokens += u64::from(prompt);
        self.cached_tokens += u64::from(cached.unwrap_or(0));
        self.completion_tokens += u64::from(completion);
        self.reasoning_tokens += u64::from(reasoning.unwrap_or(0));
        self.events += record.writes.count();
        match (record.right(), &record.known) {
            (Some(true), _) => self.right += 1,
            (Some(false), _) => self.wrong += 1,
            (None, Some(_)) => self.unsaid += 1,
            (None, None) => self.unjudged += 1,
        }
    }
}

/// All that happened since the start or the last reset.
#[derive(Debug, Default)]
pub(super) struct Log {
    /// Counts resets, so that a reader half way through notices one.
    pub generation: u64,
    pub records: Vec<Record>,
    bytes: usize,
    /// Records that were summed but not kept.
    pub dropped: u64,
    pub totals: BTreeMap<(Outcome, bool), Totals>,
    pub faults: BTreeMap<Fault, u64>,
    pub statuses: BTreeMap<u16, u64>,
    pub late: Lateness,
    pub connections: u64,
    /// Chat requests that arrived.
    pub arrived: u64,
    pub in_flight: u64,
    pub peak_in_flight: u64,
}

impl Log {
    /// Gives the next arrival its number, and the generation to which it belongs.
    pub(super) fn arrive(&mut self) -> (u64, u64) {
        self.arrived += 1;
        self.in_flight += 1;
        self.peak_in_flight = self.peak_in_flight.max(self.in_flight);
        (self.generation, self.arrived)
    }

    /// Takes a finished request, in `memory` bytes for all; one that arrived before a reset is not counted.
    pub(super) fn finish(&mut self, generation: u64, record: Record, memory: usize) {
        self.in_flight = self.in_flight.saturating_sub(1);
        if generation != self.generation {
            return;
        }
        self.totals.entry((record.outcome, record.usage_sent)).or_default().add(&record);
        *self.statuses.entry(record.status).or_default() += 1;
        if let Some(fault) = record.fault {
            *self.faults.entry(fault).or_default() += 1;
        }
        if self.bytes.saturating_add(record.bytes()) > memory {
            self.dropped += 1;
        } else {
            self.bytes += record.bytes();
            self.records.push(record);
        }
    }

    /// Forgets all but what is in flight.
    pub(super) fn reset(&mut self) {
        let Self { generation, in_flight, .. } = *self;
        *self = Self { generation: generation + 1, in_flight, peak_in_flight: in_flight, ..Self::default() };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(in crate::mock) fn record(sequence: u64, outcome: Outcome, known: &str, said: Option<&str>) -> Record {
        Record {
            sequence,
            prompt: "1+1=".into(),
            history: Vec::new(),
            received: Nanos(1_000),
            started: Nanos(1_000),
            status: 200,
            outcome,
            fault: None,
            figures: Figures { prompt: 4, cached: Some(1), completion: 3, reasoning: Some(2) },
            usage_sent: outcome == Outcome::Completed,
            known: Some(known.into()),
            said: said.map(Into::into),
            writes: Stamps::default(),
            ended: Nanos(2_000),
        }
    }

    #[test]
    fn totals_add_up_by_outcome() {
        let mut log = Log::default();
        for (outcome, said) in
            [(Outcome::Completed, Some("2")), (Outcome::Completed, Some("3")), (Outcome::Broken, None)]
        {
            let (generation, sequence) = log.arrive();
            log.finish(generation, record(sequence, outcome, "2", said), usize::MAX);
        }
        let totals = log.totals[&(Outcome::Completed, true)];
        assert_eq!((totals.requests, totals.right, totals.wrong, totals.unsaid), (2, 1, 1, 0));
        assert_eq!((totals.prompt_tokens, totals.cached_tokens), (8, 2));
        assert_eq!((totals.completion_tokens, totals.reasoning_tokens), (6, 4));
        assert_eq!(log.totals[&(Outcome::Broken, false)].unsaid, 1);
        assert_eq!((log.in_flight, log.peak_in_flight, log.arrived), (0, 1, 3));
    }

    #[test]
    fn what_does_not_fit_is_counted_and_still_summed() {
        let mut log = Log::default();
        for _ in 0..10 {
            let (generation, sequence) = log.arrive();
            log.finish(generation, record(sequence, Outcome::Completed, "2", Some("2")), 1_000);
        }
        assert!(!log.records.is_empty() && log.records.len() < 10);
        assert_eq!(log.records.len() as u64 + log.dropped, 10);
        assert_eq!(log.totals[&(Outcome::Completed, true)].requests, 10);
    }

    #[test]
    fn a_reset_forgets_even_those_on_their_way() {
        let mut log = Log::default();
        let (generation, sequence) = log.arrive();
        log.reset();
        assert_eq!((log.in_flight, log.arrived), (1, 0));
        log.finish(generation, record(sequence, Outcome::Completed, "2", None), usize::MAX);
        assert_eq!((log.in_flight, log.records.len(), log.totals.len()), (0, 0, 0));
        assert_eq!(log.arrive(), (1, 1));
    }
}
