//! One connection: reads requests with the instant they came, plays scripts to the nanosecond, sees clients go.
//!
//! It works on the socket itself, with TCP_NODELAY and one write(2) an event, so that the instant taken before the
//! write is the instant at which the kernel gets the bytes; an HTTP library would buffer in between.

use super::clock;
use super::http;
use super::openai::Figures;
use super::pace::Timer;
use super::receipt;
use super::request::{Progress, Reader, Refusal, Request};
use super::script::{Forever, Script};
use super::stamps::Stamps;
use super::truth::Outcome;
use crate::domain::Nanos;
use std::io::{Error, ErrorKind, Result};
use tokio::net::TcpStream;

/// Bytes of a next request that are taken in while this one is answered; past it the client has to wait.
const AHEAD: usize = 64 << 10;
/// Padding is written in pieces of this.
static PADDING: [u8; 64 << 10] = [b' '; 64 << 10];

/// One connection.
pub(super) struct Conn {
    stream: TcpStream,
    inbox: Vec<u8>,
    reader: Reader,
    timer: Timer,
    /// Writes since the last wait, for fairness.
    unpaused: u32,
}

/// What a client sent.
pub(super) enum Arrival {
    /// A whole request, and when its last bytes came in.
    Request(Request, Nanos),
    /// Something that is no request.
    Refused(Refusal),
    /// Nothing more.
    End,
}

/// What playing a script came to.
#[derive(Debug, Default)]
pub(super) struct Played {
    /// None when it was played to its end.
    pub gone: bool,
    /// Output tokens and reasoning tokens written.
    pub tokens: (u32, u32),
    pub usage_sent: bool,
    pub said: bool,
    pub writes: Stamps,
    /// How late each content write was, in nanoseconds.
    pub late: Vec<Nanos>,
}

impl Played {
    pub(super) fn outcome(&self, script: &Script) -> Outcome {
        if self.gone { Outcome::Abandoned } else { script.outcome }
    }

    /// Prompt tokens as planned, output tokens as far as they were written.
    pub(super) fn figures(&self, planned: Figures) -> Figures {
        let (completion, reasoning) = self.tokens;
        Figures { completion, reasoning: planned.reasoning.map(|_| reasoning), ..planned }
    }
}

impl Conn {
    pub(super) fn new(stream: TcpStream) -> Result<Self> {
        stream.set_nodelay(true)?;
        Ok(Self { stream, inbox: Vec::new(), reader: Reader::default(), timer: Timer::new()?, unpaused: 0 })
    }

    /// The next request.
    pub(super) async fn request(&mut self) -> Result<Arrival> {
        let mut at = clock::now();
        loop {
            match self.reader.read(&mut self.inbox) {
                Err(refusal) => return Ok(Arrival::Refused(refusal)),
                Ok(Progress::Whole(request)) => return Ok(Arrival::Request(request, at)),
                Ok(Progress::Continue) => {
                    self.send(http::CONTINUE).await?;
                }
                Ok(Progress::Partial) => {}
            }
            let read;
            (read, at) = receipt::read(&self.stream, &mut self.inbox).await?;
            match read {
                0 if self.inbox.is_empty() && !self.reader.is_inside() => return Ok(Arrival::End),
                0 => return Err(ErrorKind::UnexpectedEof.into()),
                _ => {}
            }
        }
    }

    /// Writes all of it; gives the instant just before the first write(2) that took bytes.
    pub(super) async fn send(&mut self, bytes: &[u8]) -> Result<Nanos> {
        let mut rest = bytes;
        let mut first = None;
        while !rest.is_empty() {
            let at = clock::now();
            match self.stream.try_write(rest) {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(n) => {
                    first.get_or_insert(at);
                    rest = rest.get(n..).unwrap_or_default();
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => self.stream.writable().await?,
                Err(error) => return Err(error),
            }
        }
        Ok(first.unwrap_or_else(clock::now))
    }

    /// Waits for something else, and fails as soon as the client is gone.
    pub(super) async fn unless_gone<T>(&mut self, other: impl Future<Output = T>) -> Result<T> {
        tokio::select! {
            biased;
            done = other => Ok(done),
            gone = gone(&self.stream, &mut self.inbox) => Err(gone),
        }
    }

    /// Waits for an instant, and fails as soon as the client is gone.
    async fn wait(&mut self, due: Nanos) -> Result<()> {
        if clock::now() >= due {
            // Without a pause the others on this thread would get no turn.
            self.unpaused += 1;
            if self.unpaused.is_multiple_of(32) {
                tokio::task::yield_now().await;
            }
            return Ok(());
        }
        self.unpaused = 0;
        tokio::select! {
            biased;
            done = self.timer.until(due) => done,
            gone = gone(&self.stream, &mut self.inbox) => Err(gone),
        }
    }

    /// Plays a script that counts from `start`.
    pub(super) async fn play(&mut self, script: &Script, start: Nanos) -> Played {
        let mut played = Played::default();
        played.gone = self.play_into(&mut played, script, start).await.is_err();
        played
    }

    async fn play_into(&mut self, played: &mut Played, script: &Script, start: Nanos) -> Result<()> {
        let mut due = start;
        for step in &script.steps {
            due = start.plus(Nanos(step.due));
            self.wait(due).await?;
            let at = self.send(&step.bytes).await?;
            if step.tokens > 0 {
                played.content(at, due, step.tokens, step.reasoning);
            }
            self.pad(step.pad).await?;
            played.usage_sent |= step.usage;
            played.said |= step.said;
        }
        if let Some(Forever { every, bytes, tokens }) = &script.forever {
            loop {
                due = due.plus(Nanos(*every));
                self.wait(due).await?;
                let at = self.send(bytes).await?;
                if *tokens > 0 {
                    played.content(at, due, *tokens, 0);
                }
            }
        }
        Ok(())
    }

    async fn pad(&mut self, mut missing: u64) -> Result<()> {
        while missing > 0 {
            let piece = usize::try_from(missing).unwrap_or(usize::MAX).min(PADDING.len());
            self.send(PADDING.get(..piece).unwrap_or(&PADDING)).await?;
            missing -= piece as u64;
            tokio::task::yield_now().await;
        }
        Ok(())
    }
}

impl Played {
    fn content(&mut self, at: Nanos, due: Nanos, tokens: u32, reasoning: u32) {
        self.writes.push(at);
        if self.late.len() < 1 << 20 {
            self.late.push(at.since(due));
        }
        self.tokens.0 = self.tokens.0.saturating_add(tokens);
        self.tokens.1 = self.tokens.1.saturating_add(reasoning);
    }
}

/// Returns when the client is gone, with what tells so. What it sends ahead is kept.
async fn gone(stream: &TcpStream, inbox: &mut Vec<u8>) -> Error {
    while inbox.len() < AHEAD {
        if let Err(error) = stream.readable().await {
            return error;
        }
        match stream.try_read_buf(inbox) {
            Ok(0) => return ErrorKind::ConnectionAborted.into(),
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(error) => return error,
        }
    }
    std::future::pending().await
}
