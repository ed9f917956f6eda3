//! Prices: what tokens, requests and hardware cost, and what an exchange can cost at the most.

pub mod book;
mod breakeven;
mod carbon;
mod duty;
mod owned;
mod rented;
mod sharing;
mod tariff;
pub mod tokenizer;
pub mod tokens;
mod units;

pub use book::{Booked, PriceBook, Shelf};
pub use breakeven::{BreakEven, Estimate, Verdict, over, product};
pub use carbon::{Carbon, Embodied, SCI_ANSWERS, sci};
pub use duty::{Duty, DutySource};
pub use owned::{EnergyPrice, Hourly, Owned, Power};
pub use rented::Rented;
pub use sharing::{Entered, FINE, Shares, Sharing, Totals};
pub use tariff::{Daily, Window};
pub use tokens::TokenPrice;

use crate::config::Section;
use crate::domain::{Charge, Money, Usage};
use rust_decimal::Decimal;

/// What a target costs. Absent prices are `Unpriced`, never 0.
#[derive(Debug, Clone, PartialEq)]
pub enum Price {
    /// Nobody said.
    Unpriced,
    /// By token, as a provider bills.
    Tokens(TokenPrice),
    /// By hardware hour.
    Rented(Rented),
    /// By token, as a price book says.
    Book(Booked),
    /// By the hour of one's own hardware, and its energy.
    Owned(Owned),
}

/// Hardware that is paid by the hour, whether it works or not.
#[derive(Debug, Clone, Copy)]
pub struct Hardware<'a> {
    /// USD an hour for all of it; energy of one's own hardware apart.
    pub per_hour: Decimal,
    /// How its energy is known, and what it costs.
    pub energy: &'a EnergyPrice,
}

impl Price {
    /// Reads a target's optional `price` section; `shelf` is where a price of a book is found.
    pub fn build(section: Option<&Section<'_>>, shelf: &Shelf<'_>) -> Option<Self> {
        #[derive(Clone, Copy)]
        enum Kind {
            Tokens,
            Rented,
            Owned,
        }
        let Some(section) = section else { return Some(Self::Unpriced) };
        if section.has("book") {
            return Booked::build(section, shelf).map(Self::Book);
        }
        let (kind, inner) =
            section.one_of(&[("tokens", Kind::Tokens), ("rented", Kind::Rented), ("owned", Kind::Owned)])?;
        section.finish();
        match kind {
            Kind::Tokens => TokenPrice::build(&inner).map(Self::Tokens),
            Kind::Rented => Rented::build(&inner).map(Self::Rented),
            Kind::Owned => Owned::build(&inner).map(Self::Owned),
        }
    }

    /// The price by token, wherever it was taken from.
    #[must_use]
    pub const fn by_token(&self) -> Option<&TokenPrice> {
        match self {
            Self::Tokens(price) | Self::Book(Booked { price, .. }) => Some(price),
            Self::Unpriced | Self::Rented(_) | Self::Owned(_) => None,
        }
    }

    /// The same where the model may search so many times in one exchange: see [`TokenPrice::with_searches`].
    #[must_use]
    pub fn with_searches(self, most: u64) -> Self {
        match self {
            Self::Tokens(price) => Self::Tokens(price.with_searches(most)),
            Self::Book(booked) => Self::Book(Booked { price: booked.price.with_searches(most), ..booked }),
            other => other,
        }
    }

    /// The same for exchanges from a day on: see [`TokenPrice::from_day`].
    #[must_use]
    pub fn from_day(self, day: jiff::civil::Date) -> Self {
        match self {
            Self::Tokens(price) => Self::Tokens(price.from_day(day)),
            Self::Book(booked) => Self::Book(Booked { price: booked.price.from_day(day), ..booked }),
            Self::Unpriced | Self::Rented(_) | Self::Owned(_) => self,
        }
    }

    /// What an exchange with this usage came to that was sent at an instant (ms since the Unix epoch, wall clock) in a
    /// service tier (none is the usual one). At a token price, incomplete usage is unknown and what it has no price for unpriced,
    /// both bounded by `reserve`.
    #[must_use]
    pub fn charge(&self, usage: &Usage, at_unix_ms: i64, tier: Option<&str>, reserve: Money) -> Charge {
        match self {
            Self::Unpriced => Charge::Unpriced { bound: Money::ZERO },
            Self::Tokens(price) | Self::Book(Booked { price, .. }) => price.charge(usage, at_unix_ms, tier, reserve),
            Self::Rented(_) | Self::Owned(_) => Charge::Settled(crate::domain::Cost::ZERO),
        }
    }

    /// Whether exchanges that are sent at an instant in a service tier have a price.
    #[must_use]
    pub fn is_known(&self, at_unix_ms: i64, tier: Option<&str>) -> bool {
        let nothing = Usage { input: Some(0), output: Some(0), ..Usage::default() };
        !matches!(self.charge(&nothing, at_unix_ms, tier, Money::ZERO), Charge::Unpriced { .. })
    }

    /// The most that an exchange can cost: the budget must hold this before it is sent.
    #[must_use]
    pub fn worst(&self, input_bound: u64, output_bound: u64) -> Money {
        match self {
            Self::Unpriced | Self::Rented(_) | Self::Owned(_) => Money::ZERO,
            Self::Tokens(price) | Self::Book(Booked { price, .. }) => price.worst(input_bound, output_bound),
        }
    }

    /// Kind, figures and date, for the provenance.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        match self {
            Self::Unpriced => "unpriced".into(),
            Self::Tokens(price) | Self::Book(Booked { price, .. }) => price.fingerprint(),
            Self::Rented(price) => price.fingerprint(),
            Self::Owned(price) => price.fingerprint(),
        }
    }

    /// The hardware that is paid by the hour; none where nothing is.
    #[must_use]
    pub fn hardware(&self) -> Option<Hardware<'_>> {
        match self {
            Self::Unpriced | Self::Tokens(_) | Self::Book(_) => None,
            Self::Rented(rented) => Some(Hardware { per_hour: rented.per_hour(), energy: &rented.energy }),
            Self::Owned(owned) => Some(Hardware { per_hour: owned.per_hour(), energy: &owned.energy }),
        }
    }
}
