//! Prices by token: worked examples, what is not known, and the bounds that budgets rest on. The invoices are in
//! `tests/billing`.

use super::*;
use crate::config::{Source, read};
use crate::domain::{Component, TokenKind};
use proptest::prelude::*;
use rust_decimal::Decimal;
use std::str::FromStr;

const NOW: i64 = 1_790_000_000_000; // 2026-09-21 14:13:20 UTC

/// A price by its text.
fn price(text: &str) -> TokenPrice {
    let text = format!("[p]\n{text}\n[currency]\nCNY = {{ per_usd = \"7.11\", as_of = \"2026-09-01\" }}");
    let built = read(&Source::inline("c", &text), |root| {
        root.currencies("currency");
        TokenPrice::build(&root.section("p")?)
    });
    built.unwrap_or_else(|problems| panic!("{problems:?}"))
}

fn usage(tokens: &[u64]) -> Usage {
    let order =
        [TokenKind::Input, TokenKind::CacheRead, TokenKind::CacheWrite, TokenKind::Output, TokenKind::Reasoning];
    let mut usage = Usage::default();
    order.into_iter().zip(tokens).for_each(|(kind, n)| *usage.get_mut(kind) = Some(*n));
    usage
}

fn nanos(price: &TokenPrice, tokens: &[u64]) -> i64 {
    match price.charge(&usage(tokens), NOW, None, Money::ZERO) {
        Charge::Settled(cost) => cost.total().nanos(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn rounding_is_once_for_each_component_and_half_a_nano_goes_up() {
    for (text, tokens, want) in [
        // 0.4 nano-USD and below half a nano vanish; half a nano rounds up, once per component.
        ("input = \"0.0004 USD\"\noutput = \"0 USD\"", [1, 0, 0, 0, 0], 0),
        ("input = \"0.0005 USD\"\noutput = \"0 USD\"", [1, 0, 0, 0, 0], 1),
        ("input = \"0.0005 USD\"\noutput = \"0.0005 USD\"", [1, 1, 1, 1, 1], 5),
        // 3 x 0.5 = 1.5 rounds to 2, not to 3 x 1.
        ("input = \"0.0005 USD\"\noutput = \"0 USD\"", [3, 0, 0, 0, 0], 2),
        // Nothing used is a cost of nothing, which is not "unpriced".
        ("input = \"1.25 USD\"\noutput = \"10 USD\"", [0; 5], 0),
        // 12 / 7.11 x 1,000,000 tokens / 1,000,000 = 1.687763713080168… USD.
        ("input = \"12 CNY\"\noutput = \"0 USD\"", [1_000_000, 0, 0, 0, 0], 1_687_763_713),
    ] {
        assert_eq!(nanos(&price(text), &tokens), want, "{text} {tokens:?}");
    }
}

#[test]
fn usage_that_is_not_complete_is_unknown_up_to_the_reserve() {
    let reserve = Money::from_nanos(77);
    let p = price("input = \"1 USD\"\noutput = \"2 USD\"");
    for usage in
        [Usage::default(), Usage { input: Some(1), ..Usage::default() }, Usage { output: Some(1), ..Usage::default() }]
    {
        assert_eq!(p.charge(&usage, NOW, None, reserve), Charge::Unknown { bound: reserve });
    }
}

#[test]
fn what_the_price_does_not_know_is_unpriced_and_never_taken_for_something_else() {
    let p = price(
        "input = \"1 USD\"\noutput = \"2 USD\"\nsince = \"2026-09-01\"\nuntil = \"2026-10-01\"\n\
         tier = { Flex = { share = \"50%\" } }",
    );
    let whole = usage(&[1_000, 0, 0, 1_000]);
    let charge = |usage: &Usage, at: &str, tier: Option<&str>| {
        p.charge(usage, at.parse::<Timestamp>().unwrap().as_millisecond(), tier, Money::from_nanos(9))
    };
    let total = |charge: Charge| charge.known().total().nanos();
    // Bounded by what was reserved.
    let unpriced = Charge::Unpriced { bound: Money::from_nanos(9) };
    let noon = "2026-09-15T12:00:00Z";
    assert_eq!(total(charge(&whole, noon, None)), 3_000_000);
    for base in ["default", "standard", "auto", "on_demand", "ON_DEMAND", ""] {
        assert_eq!(total(charge(&whole, noon, Some(base))), 3_000_000, "{base}");
    }
    assert_eq!(total(charge(&whole, noon, Some("flex"))), 1_500_000);
    assert_eq!(charge(&whole, noon, Some("priority")), unpriced);
    // From midnight of the first day to the last moment of the last.
    assert_eq!(charge(&whole, "2026-08-31T23:59:59.999Z", None), unpriced);
    assert_eq!(total(charge(&whole, "2026-09-01T00:00:00Z", None)), 3_000_000);
    assert_eq!(total(charge(&whole, "2026-09-30T23:59:59.999Z", None)), 3_000_000);
    assert_eq!(charge(&whole, "2026-10-01T00:00:00Z", None), unpriced);
    // Of a kind that has no price, nothing used costs nothing.
    for kind in [
        TokenKind::CacheWriteLong,
        TokenKind::AudioInput,
        TokenKind::ImageInput,
        TokenKind::AudioOutput,
        TokenKind::ImageOutput,
    ] {
        let mut used = whole;
        *used.get_mut(kind) = Some(0);
        assert_eq!(total(charge(&used, noon, None)), 3_000_000);
        *used.get_mut(kind) = Some(1);
        assert_eq!(charge(&used, noon, None), unpriced, "{kind:?}");
    }
    assert_eq!(charge(&Usage { searches: Some(1), ..whole }, noon, None), unpriced);
    assert_eq!(total(charge(&Usage { searches: Some(0), ..whole }, noon, None)), 3_000_000);
}

#[test]
fn of_several_versions_the_last_that_began_counts() {
    let period = |text: &str| price(&format!("{text}\noutput = \"0 USD\"")).periods()[0].clone();
    let p = TokenPrice::of(vec![
        period("input = \"3 USD\"\nsince = \"2026-06-01\""),
        period("input = \"5 USD\""),
        period("input = \"1 USD\"\nsince = \"2026-09-01\"\nuntil = \"2026-09-08\""),
    ]);
    let at = |day: &str| {
        let at = format!("{day}T00:00:00Z").parse::<Timestamp>().unwrap();
        p.charge(&usage(&[1_000_000, 0, 0, 0]), at.as_millisecond(), None, Money::ZERO).known().total().nanos()
    };
    let days = ["2020-01-01", "2026-05-31", "2026-06-01", "2026-08-31", "2026-09-01", "2026-09-07", "2026-09-08"];
    assert_eq!(days.map(|day| at(day) / 1_000_000_000), [5, 5, 3, 3, 1, 1, 3]);
    // What can still come, at the most: the first price until it was replaced.
    let worst = |p: &TokenPrice| p.worst(1_000_000, 0).nanos() / 1_000_000_000;
    assert_eq!(worst(&p), 5);
    assert_eq!(worst(&p.clone().from_day("2026-05-31".parse().unwrap())), 5);
    assert_eq!(worst(&p.clone().from_day("2026-06-01".parse().unwrap())), 3);
    assert_eq!(worst(&p.from_day("2027-01-01".parse().unwrap())), 3);
}

#[test]
fn a_time_of_day_is_that_of_its_zone_and_may_go_over_midnight() {
    let p = price(
        "input = \"1 USD\"\noutput = \"0 USD\"\nhours = [{ from = \"16:30\", to = \"00:30\", zone = \"UTC\", share = \"50%\" }, \
         { from = \"09:00\", to = \"24:00\", zone = \"America/New_York\", share = \"200%\" }]",
    );
    let at = |at: &str| {
        let at = at.parse::<Timestamp>().unwrap().as_millisecond();
        p.charge(&usage(&[1_000, 0, 0, 0]), at, None, Money::ZERO).known().total().nanos()
    };
    assert_eq!(at("2026-07-01T16:29:59.999Z"), 2_000_000, "12:29 in New York");
    assert_eq!(at("2026-07-01T16:30:00Z"), 500_000, "the first that holds counts");
    assert_eq!(at("2026-07-02T00:29:59Z"), 500_000);
    assert_eq!(at("2026-07-02T00:30:00Z"), 2_000_000, "20:30 in New York");
    // New York's 09:00 is 13:00 UTC in summer and 14:00 in winter; its midnight 04:00 and 05:00.
    assert_eq!((at("2026-07-02T03:59:59Z"), at("2026-07-02T04:00:00Z")), (2_000_000, 1_000_000));
    assert_eq!((at("2026-07-02T12:59:59Z"), at("2026-07-02T13:00:00Z")), (1_000_000, 2_000_000));
    assert_eq!((at("2026-12-02T13:59:59Z"), at("2026-12-02T14:00:00Z")), (1_000_000, 2_000_000));
}

#[test]
fn the_worst_case_is_that_of_whatever_may_apply() {
    // 1,000 bytes in at 3.75 (cache write), 512 out at 20 (reasoning), a fee of 0.01, and a nano for each component.
    let plain = "input = \"3 USD\"\ncache_read = \"0.3 USD\"\ncache_write = \"3.75 USD\"\noutput = \"15 USD\"\n\
                 reasoning = \"20 USD\"\nper_request = \"0.01 USD\"\n";
    let worst = |more: &str, input| price(&format!("{plain}{more}")).worst(input, 512).nanos();
    assert_eq!(worst("", 1_000), 3_750_000 + 10_240_000 + 10_000_000 + 6);
    assert_eq!(price(plain).worst(u64::MAX, u64::MAX), Money::MAX);
    // A long context only where the input can be as long.
    let long = "context = [{ above = 1000, input = \"6 USD\" }]";
    assert_eq!(worst(long, 1_000), worst("", 1_000));
    assert_eq!(worst(long, 1_001), 1_001 * 6_000 + 10_240_000 + 10_000_000 + 6);
    let tier = "tier = { priority = { share = \"200%\" }, flex = { share = \"50%\" } }";
    assert_eq!(worst(tier, 1_000), 7_500_000 + 20_480_000 + 10_000_000 + 6);
    let hours = "hours = [{ from = \"16:30\", to = \"00:30\", zone = \"UTC\", share = \"50%\" }]";
    assert_eq!(worst(hours, 1_000), worst("", 1_000));
    assert_eq!(worst("discount = \"10%\"", 1_000), 3_375_000 + 9_216_000 + 9_000_000 + 6);
    assert_eq!(worst("minimum = \"1 USD\"", 1_000), 1_000_000_000);
    assert_eq!(worst("per_search = \"0.01 USD\"", 1_000), worst("", 1_000) + 10_000_001);
    let searching = price(&format!("{plain}per_search = \"0.01 USD\"")).with_searches(10);
    assert_eq!(searching.worst(1_000, 512).nanos(), worst("", 1_000) + 100_000_001);
}

#[test]
fn a_price_in_words_has_every_figure() {
    let text = "input = \"14.22 CNY\"\noutput = \"10.50 USD\"\naudio_input = \"4 USD\"\nper_request = \"0.001 USD\"\n\
                per_search = \"0.01 USD\"\nminimum = \"0.0002 USD\"\ndiscount = \"12.5%\"\nsince = \"2026-08-01\"\n\
                context = [{ above = 200000, input = \"4 USD\" }]\n\
                tier = { batch = { share = \"50%\" }, fast = { output = \"20 USD\", context = [{ above = 5, output = \"30 USD\" }] } }\n\
                hours = [{ from = \"16:30\", to = \"24:00\", zone = \"UTC\", share = \"50%\" }]";
    assert_eq!(
        price(text).fingerprint(),
        "tokens 2 input, 4 audio_input, 10.5 output (USD per 1M tokens), 0.001 USD a request, 0.01 USD a search, \
         0.0002 USD at the least, 12.5% off, above 200000 tokens in: 4 input, tier batch: [50%], \
         tier fast: [20 output, above 5 tokens in: 30 output], from 16:30 to 00:00 UTC: [50%], since 2026-08-01"
    );
}

/// Any price: what it is made of, and what of it applies.
fn any_period() -> impl Strategy<Value = Period> {
    let decimal = || (0u64..1_000_000_000, 0u32..9).prop_map(|(n, s)| Decimal::from_i128_with_scale(i128::from(n), s));
    let part = || (0i64..=100).prop_map(|percent| Decimal::new(percent, 2));
    let all = || {
        proptest::array::uniform10(decimal()).prop_map(|all| {
            TokenKind::ALL.into_iter().zip(all).fold(Prices::default(), |p, (kind, usd)| p.with(kind, Some(usd)))
        })
    };
    let one = || {
        (proptest::sample::select(&TokenKind::ALL[..]), decimal())
            .prop_map(|(kind, usd)| Prices::default().with(kind, Some(usd)))
    };
    let steps = || {
        proptest::collection::vec((0u64..3_000, one()).prop_map(|(above, prices)| Step { above, prices }), 0..3)
            .prop_map(|mut steps| {
                steps.sort_by_key(|step| step.above);
                steps
            })
    };
    let change = || {
        prop_oneof![
            (0i64..300).prop_map(|p| Change { share: Some(Decimal::new(p, 2)), ..Change::default() }),
            (one(), steps()).prop_map(|(prices, context)| Change { share: None, prices, context }),
        ]
    };
    (all(), decimal(), decimal(), decimal(), part(), steps(), change(), change()).prop_map(
        |(prices, request, search, minimum, discount, context, tier, hours)| Period {
            prices,
            request,
            search: Some(search),
            minimum,
            discount,
            context,
            tiers: [("flex".to_owned(), tier)].into(),
            hours: vec![Hours {
                from: jiff::civil::time(6, 0, 0, 0),
                to: jiff::civil::time(18, 0, 0, 0),
                zone: "UTC".into(),
                clock: TimeZone::UTC,
                change: hours,
            }],
            ..Period::default()
        },
    )
}

proptest! {
    #[test]
    fn no_usage_within_the_bounds_costs_more_than_the_worst_case(
        period in any_period(),
        tokens in proptest::array::uniform10(prop_oneof![0u64..2_000, 0..u64::MAX / 6]),
        slack in proptest::array::uniform2(0u64..1000),
        searches in 0u64..4,
        flex in any::<bool>(),
        at in 0i64..100_000_000,
    ) {
        let mut used = Usage { searches: Some(searches), ..Usage::default() };
        TokenKind::ALL.into_iter().zip(tokens).for_each(|(kind, n)| *used.get_mut(kind) = Some(n));
        let bound = |total: Option<u64>, slack: u64| total.unwrap_or(0).saturating_add(slack);
        let [slack_in, slack_out] = slack;
        let p = TokenPrice::of(vec![period]).with_searches(3);
        let worst = p.worst(bound(used.input_total(), slack_in), bound(used.output_total(), slack_out));
        let charge = p.charge(&used, at, flex.then_some("flex"), worst);
        let Charge::Settled(cost) = charge else { return Err(TestCaseError::fail("not settled")) };
        prop_assert!(cost.total() <= worst, "{} > {worst}", cost.total());
        // Never negative: overflow saturates and does not wrap.
        prop_assert!(Component::ALL.into_iter().all(|c| cost.get(c) >= Money::ZERO));
    }

    #[test]
    fn a_total_is_the_integer_sum_of_components_each_rounded_once(
        figures in proptest::array::uniform10(0i64..1_000_000_000),
        tokens in proptest::array::uniform10(0u64..2_000_000),
        percent in 0i64..=100,
    ) {
        let prices = TokenKind::ALL.into_iter().zip(figures);
        let prices = prices.fold(Prices::default(), |p, (kind, n)| p.with(kind, Some(Decimal::new(n, 5))));
        let discount = Decimal::new(percent, 2);
        let p = TokenPrice::of(vec![Period { prices, discount, ..Period::default() }]);
        let mut used = Usage::default();
        TokenKind::ALL.into_iter().zip(tokens).for_each(|(kind, n)| *used.get_mut(kind) = Some(n));
        let Charge::Settled(cost) = p.charge(&used, 0, None, Money::ZERO) else { return Err(TestCaseError::fail("not settled")) };
        // In integers: n x 10⁻⁵ USD per million is n/100 nano-USD a token, of which so much percent is left; half goes up.
        let left = i128::from(100 - percent);
        let want: i128 = figures.into_iter().zip(tokens).map(|(n, t)| (i128::from(n) * i128::from(t) * left + 5_000) / 10_000).sum();
        prop_assert_eq!(i128::from(cost.total().nanos()), want);
    }
}

#[test]
fn the_field_of_a_bucket_is_its_label() {
    assert_eq!(TokenKind::ALL.map(TokenKind::label).len(), 10);
    let text: String = TokenKind::ALL.map(|kind| format!("{} = \"1.5 USD\"\n", kind.label())).concat();
    let p = price(&text);
    let want = Some(Decimal::from_str("1.5").unwrap());
    assert!(TokenKind::ALL.iter().all(|kind| p.periods()[0].prices.get(*kind) == want));
}
