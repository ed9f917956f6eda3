//! Prices by token, as providers bill: decimals per million tokens, each component rounded once to the nano-USD.

use crate::config::Section;
use crate::domain::{Charge, Component, Cost, Money, TokenKind, Usage};
use jiff::civil::Date;
use rust_decimal::Decimal;

/// USD per 1,000,000 tokens, by disjoint bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenPrice {
    /// Input outside the cache.
    pub input: Decimal,
    /// Input from the cache; the input price where not given.
    pub cache_read: Decimal,
    /// Input written to the cache; the input price where not given.
    pub cache_write: Decimal,
    /// Visible output.
    pub output: Decimal,
    /// Reasoning; the output price where not given.
    pub reasoning: Decimal,
    /// USD per request.
    pub request: Decimal,
    /// The day it holds from.
    pub since: Option<Date>,
}

impl TokenPrice {
    /// Reads a `price.tokens` section. `input` and `output` are required: nothing that costs money has a default.
    pub fn build(s: &Section<'_>) -> Option<Self> {
        let (input, output) = (s.need_usd("input"), s.need_usd("output"));
        let (cache_read, cache_write, reasoning) = (s.usd("cache_read"), s.usd("cache_write"), s.usd("reasoning"));
        let (request, since) = (s.usd("per_request"), s.get::<Date>("since"));
        s.finish();
        let (input, output) = (input?, output?);
        Some(Self {
            input,
            cache_read: cache_read.unwrap_or(input),
            cache_write: cache_write.unwrap_or(input),
            output,
            reasoning: reasoning.unwrap_or(output),
            request: request.unwrap_or_default(),
            since,
        })
    }

    const fn per_million(&self, kind: TokenKind) -> Decimal {
        match kind {
            TokenKind::Input => self.input,
            TokenKind::CacheRead => self.cache_read,
            TokenKind::CacheWrite => self.cache_write,
            TokenKind::Output => self.output,
            TokenKind::Reasoning => self.reasoning,
        }
    }

    /// The charge for a usage; unknown up to `reserve` where the usage is not complete.
    #[must_use]
    pub fn charge(&self, usage: &Usage, reserve: Money) -> Charge {
        if !usage.is_complete() {
            return Charge::Unknown { bound: reserve };
        }
        let mut cost = Cost::ZERO.with(Component::Request, amount(self.request, 1_000_000));
        for kind in TokenKind::ALL {
            let component = match kind {
                TokenKind::Input => Component::Input,
                TokenKind::CacheRead => Component::CacheRead,
                TokenKind::CacheWrite => Component::CacheWrite,
                TokenKind::Output => Component::Output,
                TokenKind::Reasoning => Component::Reasoning,
            };
            cost = cost.with(component, amount(self.per_million(kind), usage.get(kind).unwrap_or(0)));
        }
        Charge::Settled(cost)
    }

    /// The most an exchange can cost within these token bounds, every component rounded up.
    #[must_use]
    pub fn worst(&self, input_bound: u64, output_bound: u64) -> Money {
        let dearest_in = self.input.max(self.cache_read).max(self.cache_write);
        let dearest_out = self.output.max(self.reasoning);
        // One nano for each component that rounding could raise.
        let rounding = Money::from_nanos(6);
        amount(dearest_in, input_bound) + amount(dearest_out, output_bound) + amount(self.request, 1_000_000) + rounding
    }

    /// All figures and the date.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let Self { input, cache_read, cache_write, output, reasoning, request, since } = self;
        let list =
            [input, cache_read, cache_write, output, reasoning, request].map(|d| d.normalize().to_string()).join("/");
        format!("tokens {list} since {}", since.map_or_else(|| "-".into(), |d| d.to_string()))
    }
}

/// `units` at a price per million, rounded once. Saturates at the largest amount that can be held.
fn amount(per_million: Decimal, units: u64) -> Money {
    per_million
        .checked_mul(Decimal::from(units))
        .and_then(|usd| usd.checked_div(Decimal::from(1_000_000)))
        .and_then(|usd| Money::from_usd(usd).ok())
        .unwrap_or(Money::MAX)
}
