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
        let all = [
            ("input", input),
            ("cache_read", cache_read),
            ("cache_write", cache_write),
            ("output", output),
            ("reasoning", reasoning),
        ];
        for (key, _) in all.into_iter().filter(|(_, usd)| usd.is_some_and(|usd| usd > Decimal::from(100_000))) {
            s.problem(key, "expected at most 100000 USD", Some("prices are per 1,000,000 tokens".into()));
        }
        if request.is_some_and(|usd| usd > Decimal::from(10_000)) {
            s.problem("per_request", "expected at most 10000 USD", None);
        }
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
            TokenKind::Output | TokenKind::AudioOutput | TokenKind::ImageOutput => self.output,
            TokenKind::Reasoning => self.reasoning,
            TokenKind::CacheWriteLong => self.cache_write,
            TokenKind::AudioInput | TokenKind::ImageInput => self.input,
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
            let component = Component::of_tokens(kind);
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::str::FromStr;

    /// A price by its figures: input, cache read, cache write, output, reasoning, request.
    fn price(figures: [&str; 6]) -> TokenPrice {
        let [input, cache_read, cache_write, output, reasoning, request] =
            figures.map(|f| Decimal::from_str(f).unwrap());
        TokenPrice { input, cache_read, cache_write, output, reasoning, request, since: None }
    }

    fn usage([input, cache_read, cache_write, output, reasoning]: [u64; 5]) -> Usage {
        let [input, cache_read, cache_write, output, reasoning] =
            [input, cache_read, cache_write, output, reasoning].map(Some);
        Usage { input, cache_read, cache_write, output, reasoning, ..Usage::default() }
    }

    fn nanos(figures: [&str; 6], tokens: [u64; 5]) -> i64 {
        match price(figures).charge(&usage(tokens), Money::ZERO) {
            Charge::Settled(cost) => cost.total().nanos(),
            other => panic!("{other:?}"),
        }
    }

    const PLAIN: [&str; 6] = ["1.25", "0.125", "1.25", "10", "10", "0"];

    #[test]
    fn worked_examples_to_the_nano() {
        for (figures, tokens, want) in [
            // One token of 1.25 USD per million is 1,250 nano-USD.
            (PLAIN, [1, 0, 0, 0, 0], 1_250),
            (PLAIN, [0, 1, 0, 0, 0], 125),
            (PLAIN, [0, 0, 0, 1, 0], 10_000),
            (PLAIN, [1_000_000, 0, 0, 0, 0], 1_250_000_000),
            // 812 fresh, 2,048 cached, 341 visible, 128 reasoning: 1,015,000 + 256,000 + 3,410,000 + 1,280,000.
            (PLAIN, [812, 2_048, 0, 341, 128], 5_961_000),
            // Nothing used is a cost of nothing, which is not "unpriced".
            (PLAIN, [0; 5], 0),
            // Cache writes dearer than fresh input: 100 x 3.75 + 10 x 15 per million.
            (["3", "0.30", "3.75", "15", "15", "0"], [0, 0, 100, 10, 0], 525_000),
            // A fee per request alone, and with tokens.
            (["0", "0", "0", "0", "0", "0.005"], [9, 9, 9, 9, 9], 5_000_000),
            (["1", "1", "1", "2", "2", "0.0005"], [10, 0, 0, 10, 0], 530_000),
            // 0.0005 nano-USD and below half a nano vanish; half a nano rounds up, once per component.
            (["0.0004", "0", "0", "0", "0", "0"], [1, 0, 0, 0, 0], 0),
            (["0.0005", "0", "0", "0", "0", "0"], [1, 0, 0, 0, 0], 1),
            (["0.0005", "0.0005", "0.0005", "0.0005", "0.0005", "0"], [1, 1, 1, 1, 1], 5),
            // 3 x 0.0005 = 1.5 rounds to 2, not to 3 x 1.
            (["0.0005", "0", "0", "0", "0", "0"], [3, 0, 0, 0, 0], 2),
            // Reasoning at its own price.
            (["1", "1", "1", "4", "6", "0"], [0, 0, 0, 100, 100], 1_000_000),
            // The largest context of the day at 75 USD out: 1,048,576 x 15 + 65,536 x 75 per million.
            (["15", "15", "15", "75", "75", "0"], [1_048_576, 0, 0, 65_536, 0], 20_643_840_000),
        ] {
            assert_eq!(nanos(figures, tokens), want, "{figures:?} {tokens:?}");
        }
    }

    #[test]
    fn a_price_converted_from_another_currency_is_rounded_only_as_an_amount() {
        let converted = Decimal::from(12) / Decimal::new(711, 2);
        let p = TokenPrice { input: converted, ..price(PLAIN) };
        // 12 / 7.11 x 1,000,000 tokens / 1,000,000 = 1.687763713080168… USD.
        let Charge::Settled(cost) = p.charge(&usage([1_000_000, 0, 0, 0, 0]), Money::ZERO) else { panic!() };
        assert_eq!(cost.total(), Money::from_nanos(1_687_763_713));
    }

    #[test]
    fn usage_that_is_not_complete_is_unknown_up_to_the_reserve() {
        let reserve = Money::from_nanos(77);
        let p = price(PLAIN);
        for usage in [
            Usage::default(),
            Usage { input: Some(1), ..Usage::default() },
            Usage { output: Some(1), ..Usage::default() },
        ] {
            assert_eq!(p.charge(&usage, reserve), Charge::Unknown { bound: reserve });
        }
    }

    #[test]
    fn the_worst_case_takes_the_dearest_bucket() {
        // 1,000 bytes in at 3.75 (cache write), 512 out at 20 (reasoning), a fee of 0.01, 6 nano of rounding.
        let p = price(["3", "0.3", "3.75", "15", "20", "0.01"]);
        assert_eq!(p.worst(1_000, 512), Money::from_nanos(3_750_000 + 10_240_000 + 10_000_000 + 6));
        assert_eq!(p.worst(u64::MAX, u64::MAX), Money::MAX);
    }

    proptest! {
        #[test]
        fn no_usage_within_the_bounds_costs_more_than_the_worst_case(
            figures in proptest::array::uniform6((0u64..1_000_000_000_000, 0u32..12)),
            tokens in proptest::array::uniform5(prop_oneof![0u64..10_000_000, any::<u64>()]),
            slack in proptest::array::uniform2(0u64..1000),
        ) {
            let [input, cache_read, cache_write, output, reasoning, request] =
                figures.map(|(n, scale)| Decimal::from_i128_with_scale(i128::from(n), scale));
            let p = TokenPrice { input, cache_read, cache_write, output, reasoning, request, since: None };
            let used = usage(tokens);
            let bound = |total: Option<u64>, slack: u64| total.unwrap_or(0).saturating_add(slack);
            // Buckets whose sum does not fit are no usage at all.
            let [a, b, c, d, e] = tokens.map(u128::from);
            prop_assume!(a + b + c <= u128::from(u64::MAX) && d + e <= u128::from(u64::MAX));
            let [slack_in, slack_out] = slack;
            let worst = p.worst(bound(used.input_total(), slack_in), bound(used.output_total(), slack_out));
            let Charge::Settled(cost) = p.charge(&used, worst) else { return Err(TestCaseError::fail("not settled")) };
            prop_assert!(cost.total() <= worst, "{} > {worst}", cost.total());
            // Never negative: overflow saturates and does not wrap.
            prop_assert!(Component::ALL.into_iter().all(|c| cost.get(c) >= Money::ZERO));
        }

        #[test]
        fn a_total_is_the_integer_sum_of_components_each_rounded_once(
            figures in proptest::array::uniform5(0i64..1_000_000_000),
            tokens in proptest::array::uniform5(0u64..2_000_000),
        ) {
            let [input, cache_read, cache_write, output, reasoning] = figures.map(|n| Decimal::new(n, 5));
            let p = TokenPrice { input, cache_read, cache_write, output, reasoning, request: Decimal::ZERO, since: None };
            let Charge::Settled(cost) = p.charge(&usage(tokens), Money::ZERO) else { return Err(TestCaseError::fail("not settled")) };
            // In integers: n x 10⁻⁵ USD per million is n/100 nano-USD a token; half rounds up.
            let want: i128 = figures.into_iter().zip(tokens).map(|(n, t)| (i128::from(n) * i128::from(t) + 50) / 100).sum();
            prop_assert_eq!(i128::from(cost.total().nanos()), want);
        }
    }
}
