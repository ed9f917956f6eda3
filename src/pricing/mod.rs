//! Prices: what tokens, requests and hardware cost, and what an exchange can cost at the most.

mod rented;
mod sharing;
mod tokens;

pub use rented::Rented;
pub use sharing::{Entered, FINE, Shares, Sharing, Totals};
pub use tokens::TokenPrice;

use crate::config::Section;
use crate::domain::{Charge, Money, Usage};

/// What a target costs. Absent prices are `Unpriced`, never 0.
#[derive(Debug, Clone, PartialEq)]
pub enum Price {
    /// Nobody said.
    Unpriced,
    /// By token, as a provider bills.
    Tokens(TokenPrice),
    /// By hardware hour.
    Rented(Rented),
}

impl Price {
    /// Reads a target's optional `price` section.
    pub fn build(section: Option<&Section<'_>>) -> Option<Self> {
        #[derive(Clone, Copy)]
        enum Kind {
            Tokens,
            Rented,
        }
        let Some(section) = section else { return Some(Self::Unpriced) };
        let (kind, inner) = section.one_of(&[("tokens", Kind::Tokens), ("rented", Kind::Rented)])?;
        section.finish();
        match kind {
            Kind::Tokens => TokenPrice::build(&inner).map(Self::Tokens),
            Kind::Rented => Rented::build(&inner).map(Self::Rented),
        }
    }

    /// What an exchange with this usage came to. Incomplete usage at a token price is unknown, bounded by `reserve`.
    #[must_use]
    pub fn charge(&self, usage: &Usage, reserve: Money) -> Charge {
        match self {
            Self::Unpriced => Charge::Unpriced,
            Self::Tokens(price) => price.charge(usage, reserve),
            Self::Rented(_) => Charge::Settled(crate::domain::Cost::ZERO),
        }
    }

    /// The most that an exchange can cost: the budget must hold this before it is sent.
    #[must_use]
    pub fn worst(&self, input_bound: u64, output_bound: u64) -> Money {
        match self {
            Self::Unpriced | Self::Rented(_) => Money::ZERO,
            Self::Tokens(price) => price.worst(input_bound, output_bound),
        }
    }

    /// Kind, figures and date, for the provenance.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        match self {
            Self::Unpriced => "unpriced".into(),
            Self::Tokens(price) => price.fingerprint(),
            Self::Rented(price) => price.fingerprint(),
        }
    }
}
