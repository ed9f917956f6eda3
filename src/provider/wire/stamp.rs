//! The stamping I/O wrapper: takes the instants of an exchange where the bytes pass, under TLS and HTTP.
//!
//! `t_send` is the instant just before the first successful write after arming: taken before, since on a fast path
//! the peer has the bytes before the call returns, and a time to first token must not come out too short. A read is
//! stamped right after the call that returned its bytes.

use super::now;
use crate::domain::Nanos;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// The stamps of one connection. Written by its wrapper and read by its exchange on the same task, so relaxed atomics
/// do; they are atomics only to let the future move between threads.
#[derive(Debug, Default)]
pub struct Stamps {
    armed: AtomicBool,
    /// Zero: not yet.
    send: AtomicU64,
    read: AtomicU64,
}

impl Stamps {
    /// From here on a write is the request's: what came before was the proxy's or the TLS handshake's.
    pub fn arm(&self) {
        self.armed.store(true, Relaxed);
    }

    /// Just before the first successful write after arming.
    pub fn send(&self) -> Option<Nanos> {
        Some(self.send.load(Relaxed)).filter(|n| *n != 0).map(Nanos)
    }

    /// Right after the latest read that returned bytes, or the end of the stream.
    pub fn read(&self) -> Nanos {
        Nanos(self.read.load(Relaxed))
    }

    fn wrote(&self, before: Nanos) {
        if self.armed.load(Relaxed) && self.send.load(Relaxed) == 0 {
            self.send.store(before.0, Relaxed);
        }
    }
}

/// A stream whose reads and writes are stamped.
#[derive(Debug)]
pub struct Stamped<T> {
    inner: T,
    stamps: Arc<Stamps>,
}

impl<T> Stamped<T> {
    /// Wraps a stream.
    pub const fn new(inner: T, stamps: Arc<Stamps>) -> Self {
        Self { inner, stamps }
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for Stamped<T> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let polled = Pin::new(&mut self.inner).poll_read(cx, buf);
        if polled.is_ready() {
            self.stamps.read.store(now().0, Relaxed);
        }
        polled
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Stamped<T> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let before = now();
        let polled = Pin::new(&mut self.inner).poll_write(cx, buf);
        if let Poll::Ready(Ok(1..)) = polled {
            self.stamps.wrote(before);
        }
        polled
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let before = now();
        let polled = Pin::new(&mut self.inner).poll_write_vectored(cx, bufs);
        if let Poll::Ready(Ok(1..)) = polled {
            self.stamps.wrote(before);
        }
        polled
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}
