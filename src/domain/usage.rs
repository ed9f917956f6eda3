//! Token counts in disjoint buckets. "Reported zero" and "not reported" differ.

/// The disjoint kinds of token, as prices and metrics know them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TokenKind {
    /// Input text read afresh.
    Input,
    /// Input served from the provider's prompt cache.
    CacheRead,
    /// Input written to the provider's prompt cache, for its usual time (5 minutes where there are several).
    CacheWrite,
    /// Visible output text.
    Output,
    /// Reasoning output.
    Reasoning,
    /// Input written to the provider's prompt cache for an hour.
    CacheWriteLong,
    /// Input that is sound, outside the cache.
    AudioInput,
    /// Input that is pictures, outside the cache.
    ImageInput,
    /// Output that is sound.
    AudioOutput,
    /// Output that is pictures.
    ImageOutput,
}

impl TokenKind {
    /// All kinds. New ones come last: stored totals are in this order.
    pub const ALL: [Self; 10] = [
        Self::Input,
        Self::CacheRead,
        Self::CacheWrite,
        Self::Output,
        Self::Reasoning,
        Self::CacheWriteLong,
        Self::AudioInput,
        Self::ImageInput,
        Self::AudioOutput,
        Self::ImageOutput,
    ];

    /// The kinds that are read; all others are written.
    pub const INPUT: [Self; 6] =
        [Self::Input, Self::CacheRead, Self::CacheWrite, Self::CacheWriteLong, Self::AudioInput, Self::ImageInput];

    /// The kinds that are written.
    pub const OUTPUT: [Self; 4] = [Self::Output, Self::Reasoning, Self::AudioOutput, Self::ImageOutput];

    /// The metric label.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Input => "input",
            Self::CacheRead => "cache_read",
            Self::CacheWrite => "cache_write",
            Self::Output => "output",
            Self::Reasoning => "reasoning",
            Self::CacheWriteLong => "cache_write_1h",
            Self::AudioInput => "audio_input",
            Self::ImageInput => "image_input",
            Self::AudioOutput => "audio_output",
            Self::ImageOutput => "image_output",
        }
    }
}

/// Tokens of one exchange in disjoint buckets: their sum is what was processed, nothing counts twice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Input tokens of text outside the cache.
    pub input: Option<u64>,
    /// Input tokens read from the cache.
    pub cache_read: Option<u64>,
    /// Input tokens written to the cache, for its usual time.
    pub cache_write: Option<u64>,
    /// Input tokens written to the cache for an hour.
    pub cache_write_long: Option<u64>,
    /// Input tokens of sound.
    pub audio_input: Option<u64>,
    /// Input tokens of pictures.
    pub image_input: Option<u64>,
    /// Output tokens of text without reasoning.
    pub output: Option<u64>,
    /// Reasoning tokens.
    pub reasoning: Option<u64>,
    /// Output tokens of sound.
    pub audio_output: Option<u64>,
    /// Output tokens of pictures.
    pub image_output: Option<u64>,
    /// Searches of the web that the provider made: units, not tokens.
    pub searches: Option<u64>,
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
            TokenKind::CacheWriteLong => self.cache_write_long,
            TokenKind::AudioInput => self.audio_input,
            TokenKind::ImageInput => self.image_input,
            TokenKind::AudioOutput => self.audio_output,
            TokenKind::ImageOutput => self.image_output,
        }
    }

    /// The place of one bucket.
    pub const fn get_mut(&mut self, kind: TokenKind) -> &mut Option<u64> {
        match kind {
            TokenKind::Input => &mut self.input,
            TokenKind::CacheRead => &mut self.cache_read,
            TokenKind::CacheWrite => &mut self.cache_write,
            TokenKind::Output => &mut self.output,
            TokenKind::Reasoning => &mut self.reasoning,
            TokenKind::CacheWriteLong => &mut self.cache_write_long,
            TokenKind::AudioInput => &mut self.audio_input,
            TokenKind::ImageInput => &mut self.image_input,
            TokenKind::AudioOutput => &mut self.audio_output,
            TokenKind::ImageOutput => &mut self.image_output,
        }
    }

    /// All output tokens (of every kind), if any was reported.
    #[must_use]
    pub fn output_total(&self) -> Option<u64> {
        self.total(&TokenKind::OUTPUT)
    }

    /// All input tokens (fresh, cache read and written, of every kind), if any was reported.
    #[must_use]
    pub fn input_total(&self) -> Option<u64> {
        self.total(&TokenKind::INPUT)
    }

    fn total(&self, kinds: &[TokenKind]) -> Option<u64> {
        kinds.iter().filter_map(|kind| self.get(*kind)).reduce(u64::saturating_add)
    }

    /// Whether both sides were reported, so that the exchange can be priced.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.input_total().is_some() && self.output_total().is_some()
    }

    /// The larger of both in every bucket: streamed usage grows, and repeats.
    #[must_use]
    pub fn max(mut self, other: Self) -> Self {
        for kind in TokenKind::ALL {
            let slot = self.get_mut(kind);
            *slot = (*slot).max(other.get(kind));
        }
        self.searches = self.searches.max(other.searches);
        self
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_either_read_or_written_and_has_a_place_of_its_own() {
        let mut usage = Usage::default();
        assert!(usage.input_total().is_none() && usage.output_total().is_none());
        for (n, kind) in (0..).zip(TokenKind::ALL) {
            assert_eq!(TokenKind::INPUT.contains(&kind), !TokenKind::OUTPUT.contains(&kind), "{kind:?}");
            assert_eq!(kind as u32, n, "the order of the list is that of the type");
            *usage.get_mut(kind) = Some(1 << n);
        }
        assert!(TokenKind::ALL.iter().zip(0..).all(|(kind, n)| usage.get(*kind) == Some(1 << n)));
        let all = usage.input_total().zip(usage.output_total()).map(|(read, written)| read + written);
        assert_eq!(all, Some((1 << TokenKind::ALL.len()) - 1));
        assert_eq!(Usage::default().max(usage), usage);
    }
}
