//! Prices of tokens by bucket, as far as they are given, and what may take their place.

use crate::domain::TokenKind;
use jiff::Timestamp;
use jiff::civil::Time;
use jiff::tz::TimeZone;
use rust_decimal::Decimal;

/// USD per 1,000,000 tokens by bucket, as far as they are given.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Prices([Option<Decimal>; TokenKind::ALL.len()]);

impl Prices {
    /// The price that is given for a bucket.
    #[must_use]
    pub fn get(&self, kind: TokenKind) -> Option<Decimal> {
        self.0.get(kind as usize).copied().flatten()
    }

    /// The same with another price for a bucket, where there is one.
    #[must_use]
    pub fn with(mut self, kind: TokenKind, usd: Option<Decimal>) -> Self {
        if let Some(slot) = self.0.get_mut(kind as usize) {
            *slot = usd.or(*slot);
        }
        self
    }

    /// What a bucket's tokens cost. Cached input is billed as input where nothing else is said, and reasoning as output. No
    /// other bucket is taken for another: a longer cache write, sound and pictures cost several times as much as text.
    #[must_use]
    pub fn of(&self, kind: TokenKind) -> Option<Decimal> {
        let like = match kind {
            TokenKind::CacheRead | TokenKind::CacheWrite => Some(TokenKind::Input),
            TokenKind::Reasoning => Some(TokenKind::Output),
            _ => None,
        };
        self.get(kind).or_else(|| self.get(like?))
    }

    /// Whether none is given.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(Option::is_none)
    }

    /// These, with the others' in their place where the others are given.
    #[must_use]
    pub fn replaced(self, by: &Self) -> Self {
        TokenKind::ALL.into_iter().fold(self, |all, kind| all.with(kind, by.get(kind)))
    }

    /// The same after every step that an input of so many tokens is above, the lowest first.
    #[must_use]
    pub fn stepped(self, steps: &[Step], input: u64) -> Self {
        steps.iter().filter(|step| input > step.above).fold(self, |all, step| all.replaced(&step.prices))
    }
}

/// Prices of long contexts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// They hold for the whole request where its input in total is above so many tokens.
    pub above: u64,
    /// What changes; all else stays.
    pub prices: Prices,
}

/// What a service tier, or a time of day, changes: all prices of tokens by a share, or some by others.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Change {
    /// The factor on every price of tokens; none is 1.
    pub share: Option<Decimal>,
    /// What takes the place of the usual prices.
    pub prices: Prices,
    /// Prices of long contexts at this change, the lowest first.
    pub context: Vec<Step>,
}

/// A change that holds at some times of every day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hours {
    /// From this time of day, inclusive.
    pub from: Time,
    /// To this one, exclusive: of the next day, where it is not after `from`.
    pub to: Time,
    /// The name of the time zone, as it was written.
    pub zone: String,
    /// The time zone.
    pub clock: TimeZone,
    /// What changes.
    pub change: Change,
}

impl Hours {
    /// Whether they hold at an instant.
    #[must_use]
    pub fn holds(&self, at: Timestamp) -> bool {
        let time = self.clock.to_datetime(at).time();
        if self.from < self.to { self.from <= time && time < self.to } else { self.from <= time || time < self.to }
    }
}
