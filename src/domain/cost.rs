//! What a trial cost, by component, and what is not known about it.

use super::{Money, TokenKind};

/// The components of cost; a total is their integer sum.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Component {
    /// Input tokens outside the cache.
    Input,
    /// Input tokens read from the cache.
    CacheRead,
    /// Input tokens written to the cache.
    CacheWrite,
    /// Visible output tokens.
    Output,
    /// Reasoning tokens.
    Reasoning,
    /// Fees per request.
    Request,
    /// Time of rented or owned hardware.
    Hardware,
    /// Input tokens written to the cache for an hour.
    CacheWriteLong,
    /// Input tokens of sound.
    AudioInput,
    /// Input tokens of pictures.
    ImageInput,
    /// Output tokens of sound.
    AudioOutput,
    /// Output tokens of pictures.
    ImageOutput,
    /// Fees per search of the web.
    Search,
    /// Energy, where it is paid apart from the hardware.
    Energy,
}

impl Component {
    /// The closed set. New ones come last: stored totals are in this order.
    pub const ALL: [Self; 14] = [
        Self::Input,
        Self::CacheRead,
        Self::CacheWrite,
        Self::Output,
        Self::Reasoning,
        Self::Request,
        Self::Hardware,
        Self::CacheWriteLong,
        Self::AudioInput,
        Self::ImageInput,
        Self::AudioOutput,
        Self::ImageOutput,
        Self::Search,
        Self::Energy,
    ];

    /// The component that tokens of a kind are charged to.
    #[must_use]
    pub const fn of_tokens(kind: TokenKind) -> Self {
        match kind {
            TokenKind::Input => Self::Input,
            TokenKind::CacheRead => Self::CacheRead,
            TokenKind::CacheWrite => Self::CacheWrite,
            TokenKind::Output => Self::Output,
            TokenKind::Reasoning => Self::Reasoning,
            TokenKind::CacheWriteLong => Self::CacheWriteLong,
            TokenKind::AudioInput => Self::AudioInput,
            TokenKind::ImageInput => Self::ImageInput,
            TokenKind::AudioOutput => Self::AudioOutput,
            TokenKind::ImageOutput => Self::ImageOutput,
        }
    }

    /// The metric label and column word.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Input => "input",
            Self::CacheRead => "cache_read",
            Self::CacheWrite => "cache_write",
            Self::Output => "output",
            Self::Reasoning => "reasoning",
            Self::Request => "request",
            Self::Hardware => "hardware",
            Self::CacheWriteLong => "cache_write_1h",
            Self::AudioInput => "audio_input",
            Self::ImageInput => "image_input",
            Self::AudioOutput => "audio_output",
            Self::ImageOutput => "image_output",
            Self::Search => "search",
            Self::Energy => "energy",
        }
    }

    const fn index(self) -> usize {
        self as usize
    }
}

/// Money by component. Each was rounded once; the total is exact.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost([Money; Component::ALL.len()]);

impl Cost {
    /// Nothing.
    pub const ZERO: Self = Self([Money::ZERO; Component::ALL.len()]);

    /// One component's amount.
    #[must_use]
    pub fn get(&self, component: Component) -> Money {
        self.0.get(component.index()).copied().unwrap_or_default()
    }

    /// The same with an amount added to one component.
    #[must_use]
    pub fn with(mut self, component: Component, amount: Money) -> Self {
        if let Some(slot) = self.0.get_mut(component.index()) {
            *slot += amount;
        }
        self
    }

    /// The exact sum of the components.
    #[must_use]
    pub fn total(&self) -> Money {
        self.0.iter().copied().sum()
    }
}

impl std::ops::Add for Cost {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Component::ALL.into_iter().fold(self, |sum, c| sum.with(c, other.get(c)))
    }
}

/// What one exchange came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Charge {
    /// Known, by price and reported usage (or certainly nothing: it was refused before any work).
    Settled(Cost),
    /// It has no price: counted and shown, never 0. Where the target has one that does not know this exchange (a tier that
    /// the provider chose, a kind of token), at most the reserve counts against budgets: a provider's word can't slip them.
    Unpriced {
        /// The worst case that was reserved; 0 where the target has no price at all.
        bound: Money,
    },
    /// Sent, but what was used is not known (cut stream, no usage record, killed in flight): at most the reserve.
    Unknown {
        /// The worst case that was reserved.
        bound: Money,
    },
}

impl Charge {
    /// The known part.
    #[must_use]
    pub const fn known(&self) -> Cost {
        match self {
            Self::Settled(cost) => *cost,
            Self::Unpriced { .. } | Self::Unknown { .. } => Cost::ZERO,
        }
    }

    /// The most it can have been, as the budget must see it.
    #[must_use]
    pub fn worst(&self) -> Money {
        match self {
            Self::Settled(cost) => cost.total(),
            Self::Unpriced { bound } | Self::Unknown { bound } => *bound,
        }
    }

    /// The word used in records.
    #[must_use]
    pub const fn label(&self) -> &'static str {
        match self {
            Self::Settled(_) => "settled",
            Self::Unpriced { .. } => "unpriced",
            Self::Unknown { .. } => "unknown",
        }
    }
}
