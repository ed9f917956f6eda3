//! The instants of an exchange, on one monotonic clock, and the durations that follow from them.

/// A point on, or a stretch of, the kernel's CLOCK_MONOTONIC in nanoseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Nanos(pub u64);

impl Nanos {
    /// The stretch from `earlier` to here; zero where the order is reversed.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Self {
        Self(self.0.saturating_sub(earlier.0))
    }

    /// In seconds.
    #[must_use]
    #[expect(
        clippy::cast_precision_loss,
        reason = "53 bits of nanoseconds are 104 days; a display and statistics value"
    )]
    pub fn seconds(self) -> f64 {
        self.0 as f64 / 1e9
    }

    /// This instant moved on by a stretch.
    #[must_use]
    pub const fn plus(self, stretch: Self) -> Self {
        Self(self.0.saturating_add(stretch.0))
    }
}

impl From<std::time::Duration> for Nanos {
    fn from(d: std::time::Duration) -> Self {
        Self(u64::try_from(d.as_nanos()).unwrap_or(u64::MAX))
    }
}

impl From<Nanos> for std::time::Duration {
    fn from(n: Nanos) -> Self {
        Self::from_nanos(n.0)
    }
}

/// Who took the receive stamps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StampSource {
    /// The kernel, when the segment came in.
    Kernel,
    /// We, right after the read returned and before any parsing.
    #[default]
    Read,
}

impl StampSource {
    /// The word used in records.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Kernel => "kernel",
            Self::Read => "read",
        }
    }
}

/// The instants of one exchange. An instant that never came is none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Timing {
    /// Intended start.
    pub scheduled: Nanos,
    /// Name look-up, apart from everything below.
    pub dns: Option<Nanos>,
    /// TCP connect (and proxy CONNECT).
    pub connect: Option<Nanos>,
    /// TLS handshake.
    pub tls: Option<Nanos>,
    /// First successful write on the established connection.
    pub send: Option<Nanos>,
    /// First event with non-empty content, reasoning or tool-call delta.
    pub first: Option<Nanos>,
    /// First event with non-empty visible content.
    pub visible: Option<Nanos>,
    /// Last token-bearing event.
    pub last: Option<Nanos>,
    /// End of the stream.
    pub end: Option<Nanos>,
    /// Token-bearing events.
    pub events: u32,
    /// Gaps between consecutive token-bearing events, in order, in nanoseconds.
    pub gaps: Vec<u64>,
    /// Who took the receive stamps.
    pub stamps: StampSource,
    /// How long bytes of the answer lay in the kernel before we read them: the 99th percentile of its reads; none without
    /// its stamps.
    pub client_lag: Option<Nanos>,
}

impl Timing {
    /// Time to first token, from the send (closed loop).
    #[must_use]
    pub fn ttft(&self) -> Option<Nanos> {
        Some(self.first?.since(self.send?))
    }

    /// Time to first token from the intended start (open loop: a stalled client or server is not forgiven).
    #[must_use]
    pub fn ttft_scheduled(&self) -> Option<Nanos> {
        Some(self.first?.since(self.scheduled))
    }

    /// Send to last token.
    #[must_use]
    pub fn e2e(&self) -> Option<Nanos> {
        Some(self.last?.since(self.send?))
    }

    /// Intended start to last token.
    #[must_use]
    pub fn e2e_scheduled(&self) -> Option<Nanos> {
        Some(self.last?.since(self.scheduled))
    }

    /// How late the request left.
    #[must_use]
    pub fn send_lag(&self) -> Option<Nanos> {
        Some(self.send?.since(self.scheduled))
    }

    /// Time per output token after the first: (t_last − t_first)/(n_out − 1).
    ///
    /// Exact where the first event carried one token; none below two tokens.
    #[must_use]
    pub fn tpot(&self, n_out: u64) -> Option<Nanos> {
        let span = self.last?.since(self.first?);
        (n_out > 1).then(|| Nanos(span.0 / (n_out - 1)))
    }
}
