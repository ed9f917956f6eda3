//! Token counts in disjoint buckets. "Reported zero" and "not reported" differ.

/// The disjoint kinds of token, as prices and metrics know them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TokenKind {
    /// Input read afresh.
    Input,
    /// Input served from the provider's prompt cache.
    CacheRead,
    /// Input written to the provider's prompt cache.
    CacheWrite,
    /// Visible output.
    Output,
    /// Reasoning output.
    Reasoning,
}

impl TokenKind {
    /// All kinds.
    pub const ALL: [Self; 5] = [Self::Input, Self::CacheRead, Self::CacheWrite, Self::Output, Self::Reasoning];

    /// The metric label.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Input => "input",
            Self::CacheRead => "cache_read",
            Self::CacheWrite => "cache_write",
            Self::Output => "output",
            Self::Reasoning => "reasoning",
        }
    }
}

/// Tokens of one exchange in disjoint buckets: their sum is what was processed, nothing counts twice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Input tokens outside the cache.
    pub input: Option<u64>,
    /// Input tokens read from the cache.
    pub cache_read: Option<u64>,
    /// Input tokens written to the cache.
    pub cache_write: Option<u64>,
    /// Output tokens without reasoning.
    pub output: Option<u64>,
    /// Reasoning tokens.
    pub reasoning: Option<u64>,
}

impl Usage {
    /// One bucket.
    #[must_use]
    pub const fn get(&self, kind: TokenKind) -> Option<u64> {
        match kind {
            TokenKind::Input => self.input,
            TokenKind::CacheRead => self.cache_read,
            TokenKind::CacheWrite => self.cache_write,
            TokenKind::Output => self.output,
            TokenKind::Reasoning => self.reasoning,
        }
    }

    /// All output tokens (visible and reasoning), if any was reported.
    #[must_use]
    pub fn output_total(&self) -> Option<u64> {
        sum(self.output, self.reasoning)
    }

    /// All input tokens (fresh, cache read and written), if any was reported.
    #[must_use]
    pub fn input_total(&self) -> Option<u64> {
        sum(sum(self.input, self.cache_read), self.cache_write)
    }

    /// Whether both sides were reported, so that the exchange can be priced.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.input_total().is_some() && self.output_total().is_some()
    }

    /// The larger of both in every bucket: streamed usage grows, and repeats.
    #[must_use]
    pub fn max(self, other: Self) -> Self {
        Self {
            input: self.input.max(other.input),
            cache_read: self.cache_read.max(other.cache_read),
            cache_write: self.cache_write.max(other.cache_write),
            output: self.output.max(other.output),
            reasoning: self.reasoning.max(other.reasoning),
        }
    }
}

fn sum(a: Option<u64>, b: Option<u64>) -> Option<u64> {
    match (a, b) {
        (None, None) => None,
        (a, b) => Some(a.unwrap_or(0).saturating_add(b.unwrap_or(0))),
    }
}

/// Which count a token rate rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TokenSource {
    /// The provider's usage record.
    Usage,
    /// Token-bearing events of the stream, for want of anything better.
    Events,
}

impl TokenSource {
    /// The word used in records and labels.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Usage => "usage",
            Self::Events => "events",
        }
    }
}
