//! The stamping I/O wrapper: takes the instants of an exchange where the bytes pass, under TLS and HTTP.
//!
//! `t_send` is the instant just before the first successful write after arming: taken before, since on a fast path
//! the peer has the bytes before the call returns, and a time to first token must not come out too short.
//!
//! A read has the kernel's stamp of its last segment where the socket gives it, brought from CLOCK_REALTIME to the
//! monotonic clock by the offset read per exchange; else, and from the moment on when the wall clock is seen to have
//! been stepped, the instant right after the call that returned its bytes.

use super::clock::{now, wall_offset};
use super::{departures, kernel, nap};
use crate::domain::{Nanos, StampSource};
use std::cell::RefCell;
use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncWrite, Interest, ReadBuf};
use tokio::net::TcpStream;

thread_local! {
    /// Where this thread's reads land first, and the kernel's stamps with them: a token is some hundred bytes, and to copy them costs less than to zero the
    /// whole of the caller's buffer, which is what reading into it safely would take.
    static SCRATCH: RefCell<(Vec<u8>, Vec<u8>)> = RefCell::new((vec![0; 64 << 10], kernel::room()));
}

/// Up to here a lag breaks no rule, whatever is measured (1 ms): only longer ones are told apart.
const LONG: u64 = 1_000_000;

/// The most of a request that is kept until its instant, in bytes; what is more is written after it.
const MOST_KEPT: usize = 256 << 10;

/// How far the wall clock may move against the monotonic one before it counts as stepped. Slewing moves both.
const STEP: u64 = 1_000_000;

/// The stamps of one connection. Written by its wrapper and read by its exchange on the same task, so relaxed atomics
/// do; they are atomics only to let the future move between threads.
#[derive(Debug, Default)]
pub struct Stamps {
    armed: AtomicBool,
    /// The socket, once there is one.
    socket: OnceLock<Arc<TcpStream>>,
    /// Which time that a request waits for its instant; 0: none does. What is written meanwhile is kept.
    held: AtomicU64,
    /// What was written meanwhile, and whether there is any.
    kept: Mutex<Vec<u8>>,
    keeps: AtomicBool,
    /// Zero: not yet.
    send: AtomicU64,
    read: AtomicU64,
    /// CLOCK_REALTIME − CLOCK_MONOTONIC when armed, in nanoseconds.
    offset: AtomicI64,
    /// A read had no usable stamp of the kernel.
    unstamped: AtomicBool,
    /// Anything of an answer came, as HTTP sees it: TLS's own records are not of the answer.
    answered: AtomicBool,
    /// How often was read.
    reads: AtomicU64,
    /// The longest that bytes lay in the kernel before they were read, of those no longer than [`LONG`].
    short: AtomicU64,
    /// Those that lay longer.
    long: Mutex<Vec<u64>>,
}

impl Stamps {
    /// From here on what is written is kept, until [`Stamps::depart`]: a request is made ready down to its bytes before
    /// its instant, which then costs no more than a call. Gives which time this is.
    pub fn hold(&self) -> u64 {
        static TIMES: AtomicU64 = AtomicU64::new(1);
        let time = TIMES.fetch_add(1, Relaxed);
        self.held.store(time, Relaxed);
        time
    }

    /// Whether a request waits for its instant since that time.
    pub fn is_held(&self, time: u64) -> bool {
        self.held.load(Relaxed) == time
    }

    /// Sends what waits since that time, if it still does. What the socket does not take is written when HTTP flushes.
    pub fn depart(&self, time: u64) {
        if self.held.compare_exchange(time, 0, Relaxed, Relaxed).is_err() {
            return;
        }
        if let Some(socket) = self.socket.get() {
            // What ails the socket is found again by that flush.
            let _later = self.write_kept(socket);
        }
    }

    /// What waits since that time is not sent any more.
    pub fn give_up(&self, time: u64) {
        let _other = self.held.compare_exchange(time, 0, Relaxed, Relaxed);
    }

    /// Writes what was kept, as far as the socket takes it.
    fn write_kept(&self, socket: &TcpStream) -> io::Result<()> {
        let mut kept = self.kept();
        while !kept.is_empty() {
            let before = now();
            let count = socket.try_write(&kept)?;
            if count == 0 {
                return Err(io::ErrorKind::WriteZero.into());
            }
            self.wrote(before);
            kept.drain(..count);
        }
        *kept = Vec::new();
        self.keeps.store(false, Relaxed);
        Ok(())
    }

    fn kept(&self) -> MutexGuard<'_, Vec<u8>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From here on writes and reads are the exchange's: what came before was the proxy's, the TLS handshake's, or
    /// another exchange's.
    pub fn arm(&self) {
        self.offset.store(wall_offset(), Relaxed);
        self.send.store(0, Relaxed);
        self.unstamped.store(false, Relaxed);
        self.answered.store(false, Relaxed);
        self.reads.store(0, Relaxed);
        self.short.store(0, Relaxed);
        self.long().clear();
        self.armed.store(true, Relaxed);
    }

    /// Something came out of the transport that HTTP speaks over.
    pub fn answer(&self) {
        self.answered.store(true, Relaxed);
    }

    /// Whether anything did since arming.
    pub fn any_answer(&self) -> bool {
        self.answered.load(Relaxed)
    }

    /// Just before the first successful write after arming.
    pub fn send(&self) -> Option<Nanos> {
        Some(self.send.load(Relaxed)).filter(|n| *n != 0).map(Nanos)
    }

    /// The stamp of the latest read, or of the end of the stream.
    pub fn read(&self) -> Nanos {
        Nanos(self.read.load(Relaxed))
    }

    /// Who stamped the reads: the kernel only if all of them.
    pub fn source(&self) -> StampSource {
        if self.unstamped.load(Relaxed) { StampSource::Read } else { StampSource::Kernel }
    }

    /// How long bytes lay in the kernel before they were read: the 99th percentile over the reads (nearest rank), and
    /// where that is below [`LONG`] the most of those that are; none without the kernel's stamps.
    pub fn lag(&self) -> Option<Nanos> {
        let mut long = self.long();
        let reads = usize::try_from(self.reads.load(Relaxed)).unwrap_or(usize::MAX);
        let rank = reads.saturating_mul(99).div_ceil(100).checked_sub(1)?;
        let lag = match rank.checked_sub(reads.saturating_sub(long.len())) {
            None => self.short.load(Relaxed),
            Some(rank) => {
                let rank = rank.min(long.len().checked_sub(1)?);
                *long.select_nth_unstable(rank).1
            }
        };
        (self.source() == StampSource::Kernel).then_some(Nanos(lag))
    }

    fn long(&self) -> MutexGuard<'_, Vec<u64>> {
        self.long.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wrote(&self, before: Nanos) {
        if self.armed.load(Relaxed) && self.send.load(Relaxed) == 0 {
            self.send.store(before.0, Relaxed);
        }
    }

    /// A read returned bytes at `at`; `kernel` is the kernel's stamp.
    fn got(&self, at: Nanos, kernel: Option<i64>) {
        let stamp = kernel.filter(|_| !self.unstamped.load(Relaxed)).and_then(|kernel| {
            let offset = self.offset.load(Relaxed);
            let came = u64::try_from(kernel.wrapping_sub(offset)).ok()?;
            // Where the wall clock was stepped, bytes seem to come after they were read, or long before it. Only then
            // is it looked at: almost every read comes right after its bytes.
            let plausible = came <= at.0 && at.0 - came <= STEP;
            (plausible || wall_offset().abs_diff(offset) <= STEP).then_some(came)
        });
        if stamp.is_none() {
            self.unstamped.store(true, Relaxed);
        }
        // Neither before the read it follows, nor after the call that returned it (by the clocks' reading error).
        let came = stamp.unwrap_or(at.0).max(self.read.load(Relaxed)).min(at.0);
        self.reads.fetch_add(1, Relaxed);
        match at.0 - came {
            lag @ 0..=LONG => _ = self.short.fetch_max(lag, Relaxed),
            lag => self.long().push(lag),
        }
        let before = self.read.swap(came, Relaxed);
        nap::read(Nanos(came - before), stamp.is_some());
        departures::look(at);
    }

    /// The stream ended, or broke.
    fn ended(&self) {
        self.read.store(now().0, Relaxed);
    }
}

/// A TCP stream whose reads and writes are stamped.
#[derive(Debug)]
pub struct Stamped {
    tcp: Arc<TcpStream>,
    stamps: Arc<Stamps>,
}

impl Stamped {
    /// Wraps a stream, and asks the kernel for stamps.
    pub fn new(tcp: TcpStream, stamps: Arc<Stamps>) -> Self {
        kernel::enable(&tcp);
        let tcp = Arc::new(tcp);
        let _once = stamps.socket.set(Arc::clone(&tcp));
        Self { tcp, stamps }
    }

    /// Keeps bytes for later, where a request waits for its instant.
    fn keep(&self, bufs: &[io::IoSlice<'_>]) -> Option<Poll<io::Result<usize>>> {
        if self.stamps.held.load(Relaxed) == 0 {
            return None;
        }
        let mut kept = self.stamps.kept();
        let before = kept.len();
        for buf in bufs {
            let room = buf.len().min(MOST_KEPT.saturating_sub(kept.len()));
            kept.extend_from_slice(buf.get(..room).unwrap_or_default());
        }
        self.stamps.keeps.store(true, Relaxed);
        // Nobody is woken: whoever held it polls again when it has left.
        Some(if kept.len() == before { Poll::Pending } else { Poll::Ready(Ok(kept.len() - before)) })
    }

    /// Writes what was kept and could not be sent at its instant.
    fn poll_kept(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while self.stamps.keeps.load(Relaxed) {
            if self.stamps.held.load(Relaxed) != 0 {
                return Poll::Pending;
            }
            ready!(self.tcp.poll_write_ready(cx))?;
            match self.stamps.write_kept(&self.tcp) {
                Err(e) if e.kind() != io::ErrorKind::WouldBlock => return Poll::Ready(Err(e)),
                _ => {}
            }
        }
        Poll::Ready(Ok(()))
    }

    fn poll_receive(&mut self, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let Self { tcp, stamps } = self;
        loop {
            ready!(tcp.poll_read_ready(cx))?;
            let mut received = None;
            let tried = SCRATCH.with_borrow_mut(|(scratch, room)| {
                tcp.try_io(Interest::READABLE, || {
                    let asked = scratch.len().min(buf.remaining());
                    let bytes = scratch.get_mut(..asked).unwrap_or_default();
                    let (count, stamp) = kernel::receive(tcp, bytes, room)?;
                    received = Some((count, stamp));
                    buf.put_slice(bytes.get(..count).unwrap_or_default());
                    // A short read has emptied the socket. Saying so here spares a call that would only find that out;
                    // bytes that come later are announced anew.
                    if count > 0 && count < asked { Err(io::ErrorKind::WouldBlock.into()) } else { Ok(()) }
                })
            });
            let Some((count, stamp)) = received else {
                match tried {
                    Err(e) if e.kind() != io::ErrorKind::WouldBlock => {
                        stamps.ended();
                        return Poll::Ready(Err(e));
                    }
                    _ => continue,
                }
            };
            if count == 0 {
                stamps.ended();
            } else {
                stamps.got(now(), stamp);
            }
            return Poll::Ready(Ok(()));
        }
    }
}

impl AsyncRead for Stamped {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.poll_receive(cx, buf)
    }
}

impl AsyncWrite for Stamped {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.poll_write_vectored(cx, &[io::IoSlice::new(buf)])
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if let Some(kept) = self.keep(bufs) {
            return kept;
        }
        ready!(self.poll_kept(cx))?;
        loop {
            ready!(self.tcp.poll_write_ready(cx))?;
            let before = now();
            match self.tcp.try_write_vectored(bufs) {
                Ok(count) => {
                    if count > 0 {
                        self.stamps.wrote(before);
                    }
                    return Poll::Ready(Ok(count));
                }
                Err(e) if e.kind() == io::ErrorKind::WouldBlock => {}
                Err(e) => return Poll::Ready(Err(e)),
            }
        }
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_kept(cx)
    }

    /// Nothing: whoever shuts it down drops it next, and that closes both ways.
    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_kept(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Stamps armed with the true offset.
    fn armed() -> (Stamps, i64) {
        let stamps = Stamps::default();
        stamps.arm();
        let offset = stamps.offset.load(Relaxed);
        (stamps, offset)
    }

    /// A wall clock reading at a monotonic instant.
    fn wall_at(offset: i64, at: u64) -> i64 {
        offset + i64::try_from(at).unwrap()
    }

    #[test]
    fn the_kernels_stamp_becomes_monotonic_and_tells_how_long_bytes_lay() {
        let (stamps, offset) = armed();
        let at = now().0;
        stamps.got(Nanos(at), Some(wall_at(offset, at - 70_000)));
        assert_eq!((stamps.read(), stamps.source()), (Nanos(at - 70_000), StampSource::Kernel));
        stamps.got(Nanos(at + 10), Some(wall_at(offset, at - 90_000)));
        assert_eq!(stamps.read(), Nanos(at - 70_000), "time does not run backwards");
        stamps.got(Nanos(at + 20), Some(wall_at(offset, at + 60)));
        assert_eq!((stamps.read(), stamps.lag()), (Nanos(at + 20), Some(Nanos(70_010))), "nor ahead of the read");
    }

    #[test]
    fn without_a_stamp_or_after_a_step_of_the_wall_clock_the_read_instant_counts() {
        let (stamps, _) = armed();
        let at = now().0;
        stamps.got(Nanos(at), None);
        assert_eq!((stamps.read(), stamps.source(), stamps.lag()), (Nanos(at), StampSource::Read, None));

        let (stamps, offset) = armed();
        // As if the clock had been stepped by an hour since arming.
        let hour = 3_600_000_000_000;
        stamps.offset.store(offset - hour, Relaxed);
        let at = now().0;
        stamps.got(Nanos(at), Some(wall_at(offset, at - 70_000)));
        assert_eq!((stamps.read(), stamps.source()), (Nanos(at), StampSource::Read));
    }

    #[test]
    fn bytes_that_lay_for_long_are_no_step() {
        let (stamps, offset) = armed();
        let at = now().0;
        stamps.got(Nanos(at), Some(wall_at(offset, at - 5 * STEP)));
        assert_eq!((stamps.read(), stamps.source()), (Nanos(at - 5 * STEP), StampSource::Kernel));
        assert_eq!(stamps.lag(), Some(Nanos(5 * STEP)));
    }
}
