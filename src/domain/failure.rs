//! How an exchange can fail: a closed set, since it is data in a sample and a metric label.

/// How an exchange failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Failure {
    /// The host's name could not be resolved.
    Dns,
    /// No TCP connection, or the proxy refused, or it broke before anything of the answer came.
    Connect,
    /// The TLS handshake failed.
    Tls,
    /// Connecting took too long.
    TimeoutConnect,
    /// No first token in time.
    TimeoutFirstToken,
    /// The stream fell silent for too long.
    TimeoutIdle,
    /// The whole exchange took too long.
    TimeoutTotal,
    /// 401 or 403.
    Auth,
    /// The account has no quota or credit left.
    Quota,
    /// 429.
    RateLimited,
    /// Another 4xx.
    Http4xx,
    /// 5xx.
    Http5xx,
    /// A 2xx stream that carried an error event.
    InStreamError,
    /// Something that is not the protocol.
    Protocol,
    /// The stream was cut before its end.
    Truncated,
    /// The answer outgrew its cap.
    TooLarge,
    /// Not tried: the target has failed too often just now.
    CircuitOpen,
}

impl Failure {
    /// The closed set.
    pub const ALL: [Self; 17] = [
        Self::Dns,
        Self::Connect,
        Self::Tls,
        Self::TimeoutConnect,
        Self::TimeoutFirstToken,
        Self::TimeoutIdle,
        Self::TimeoutTotal,
        Self::Auth,
        Self::Quota,
        Self::RateLimited,
        Self::Http4xx,
        Self::Http5xx,
        Self::InStreamError,
        Self::Protocol,
        Self::Truncated,
        Self::TooLarge,
        Self::CircuitOpen,
    ];

    /// The metric label and record word.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Dns => "dns",
            Self::Connect => "connect",
            Self::Tls => "tls",
            Self::TimeoutConnect => "timeout_connect",
            Self::TimeoutFirstToken => "timeout_first_token",
            Self::TimeoutIdle => "timeout_idle",
            Self::TimeoutTotal => "timeout_total",
            Self::Auth => "auth",
            Self::Quota => "quota",
            Self::RateLimited => "rate_limited",
            Self::Http4xx => "http_4xx",
            Self::Http5xx => "http_5xx",
            Self::InStreamError => "in_stream_error",
            Self::Protocol => "protocol",
            Self::Truncated => "truncated",
            Self::TooLarge => "too_large",
            Self::CircuitOpen => "circuit_open",
        }
    }

    /// Reads the word back.
    #[must_use]
    pub fn from_label(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|f| f.label() == text)
    }
}

/// A failure with what is known about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The closed kind.
    pub kind: Failure,
    /// One line for a person: the provider's own message or the system's, without secrets, at most 300 characters.
    pub detail: String,
    /// The HTTP status, where one came.
    pub status: Option<u16>,
    /// How long the provider asks us to wait.
    pub retry_after: Option<std::time::Duration>,
}

impl Fault {
    /// A failure without status or waiting time; the detail is cut at 300 characters, control characters dropped.
    #[must_use]
    pub fn new(kind: Failure, detail: impl AsRef<str>) -> Self {
        let detail: String = detail.as_ref().chars().map(|c| if c.is_control() { ' ' } else { c }).take(300).collect();
        Self { kind, detail: detail.trim().to_owned(), status: None, retry_after: None }
    }

    /// The same with an HTTP status.
    #[must_use]
    pub fn with_status(mut self, status: u16) -> Self {
        self.status = Some(status);
        self
    }
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.kind.label())?;
        if let Some(status) = self.status {
            write!(f, " ({status})")?;
        }
        if self.detail.is_empty() { Ok(()) } else { write!(f, ": {}", self.detail) }
    }
}
