//! One dated version of a price by token: what an exchange costs under it, and what one may cost at the most.

use super::prices::{Change, Hours, Prices, Step};
use super::read::is_base_tier;
use crate::domain::{Component, Cost, Money, TokenKind, Usage};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use rust_decimal::Decimal;
use std::collections::BTreeMap;

/// What holds from one day to another.
///
/// The prices of an exchange: the usual ones, in their place those of a long context, of the time of day, and of the
/// service tier, each as far as it gives any; then the shares of the time of day and of the tier, and the discount.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Period {
    /// The day it holds from (midnight UTC), inclusive; none holds since ever.
    pub since: Option<Date>,
    /// The day it holds to (midnight UTC), exclusive; none holds for good.
    pub until: Option<Date>,
    /// The usual prices of tokens.
    pub prices: Prices,
    /// USD per request.
    pub request: Decimal,
    /// USD per search of the web; none is not known.
    pub search: Option<Decimal>,
    /// USD that a request costs at the least, discount or not.
    pub minimum: Decimal,
    /// The part taken off every component, from 0 to 1.
    pub discount: Decimal,
    /// Prices of long contexts, the lowest first.
    pub context: Vec<Step>,
    /// Service tiers by name, in small letters; the base tier is none of them.
    pub tiers: BTreeMap<String, Change>,
    /// Times of day; the first that holds counts.
    pub hours: Vec<Hours>,
}

impl Period {
    /// Whether it holds on the day (UTC) of an instant.
    #[must_use]
    pub fn holds(&self, at: Timestamp) -> bool {
        let day = TimeZone::UTC.to_datetime(at).date();
        self.since.is_none_or(|since| since <= day) && self.until.is_none_or(|until| day < until)
    }

    /// The change of a tier: nothing for the base, by any of its names; none where the price does not know it.
    fn tier(&self, name: Option<&str>) -> Option<Option<&Change>> {
        let Some(name) = name.map(str::to_ascii_lowercase).filter(|name| !is_base_tier(name)) else {
            return Some(None);
        };
        self.tiers.get(&name).map(Some)
    }

    /// Whether it knows what a service tier costs.
    #[must_use]
    pub fn knows_tier(&self, name: &str) -> bool {
        self.tier(Some(name)).is_some()
    }

    /// What an exchange of this usage cost that was sent at an instant in a tier. None where something was used that has
    /// no price here.
    #[must_use]
    pub fn cost(&self, usage: &Usage, at: Timestamp, tier: Option<&str>) -> Option<Cost> {
        let hours = self.hours.iter().find(|hours| hours.holds(at));
        let input = usage.input_total().unwrap_or(0);
        let (prices, factor) = self.rates(input, hours, self.tier(tier)?);
        let left = Decimal::ONE.saturating_sub(self.discount);
        let mut cost = Cost::ZERO.with(Component::Request, each(self.request, left, 1));
        for kind in TokenKind::ALL {
            let used = usage.get(kind).unwrap_or(0);
            if used > 0 {
                cost = cost.with(Component::of_tokens(kind), tokens(prices.of(kind)?, times(factor, left), used));
            }
        }
        let searches = usage.searches.unwrap_or(0);
        if searches > 0 {
            cost = cost.with(Component::Search, each(self.search?, left, searches));
        }
        let short = each(self.minimum, Decimal::ONE, 1) - cost.total();
        Some(if short > Money::ZERO { cost.with(Component::Request, short) } else { cost })
    }

    /// The most that an exchange within these bounds can cost: in any tier, at any time of day, of any kinds of token,
    /// every component rounded up, with so many searches.
    #[must_use]
    pub fn worst(&self, input_bound: u64, output_bound: u64, searches: u64) -> Money {
        let steps = self.context.iter().chain(self.tiers.values().flat_map(|tier| &tier.context));
        let totals: Vec<u64> =
            steps.map(|step| step.above.saturating_add(1)).filter(|least| *least <= input_bound).chain([0]).collect();
        let hours: Vec<_> = self.hours.iter().map(Some).chain([None]).collect();
        let tiers: Vec<_> = self.tiers.values().map(Some).chain([None]).collect();
        let left = Decimal::ONE.saturating_sub(self.discount);
        let mut most = Money::ZERO;
        let timed = hours.iter().flat_map(|hours| tiers.iter().map(move |tier| (*hours, *tier)));
        for ((hours, tier), input) in timed.flat_map(|both| totals.iter().map(move |input| (both, *input))) {
            let (prices, factor) = self.rates(input, hours, tier);
            let dearest = |kinds: &[TokenKind]| kinds.iter().filter_map(|k| prices.of(*k)).max().unwrap_or_default();
            let cost = |usd, bound| tokens(usd, times(factor, left), bound);
            let both = cost(dearest(&TokenKind::INPUT), input_bound) + cost(dearest(&TokenKind::OUTPUT), output_bound);
            // One nano for each component that rounding could raise.
            let priced = TokenKind::ALL.into_iter().filter(|kind| prices.of(*kind).is_some());
            most = most.max(priced.fold(both, |sum, _| sum + Money::from_nanos(1)));
        }
        let searches = self.search.map_or(Money::ZERO, |usd| each(usd, left, searches) + Money::from_nanos(1));
        let all = most + each(self.request, left, 1) + Money::from_nanos(1) + searches;
        all.max(each(self.minimum, Decimal::ONE, 1))
    }

    /// The prices of tokens that hold together, and the factor on them.
    fn rates(&self, input: u64, hours: Option<&Hours>, tier: Option<&Change>) -> (Prices, Decimal) {
        let changes = [hours.map(|hours| &hours.change), tier];
        let mut prices = self.prices.clone().stepped(&self.context, input);
        let mut factor = Decimal::ONE;
        for Change { share, prices: others, context } in changes.into_iter().flatten() {
            prices = prices.replaced(others).stepped(context, input);
            factor = share.map_or(factor, |share| times(factor, share));
        }
        (prices, factor)
    }
}

fn times(a: Decimal, b: Decimal) -> Decimal {
    a.checked_mul(b).unwrap_or(Decimal::MAX)
}

/// So many tokens at a price per million, rounded once. Saturates at the largest amount that can be held.
fn tokens(per_million: Decimal, factor: Decimal, units: u64) -> Money {
    // The division shifts the point; only where there is no room left for that does it round.
    let usd = per_million.checked_mul(factor).and_then(|usd| usd.checked_mul(Decimal::from(units)));
    money(usd.and_then(|usd| usd.checked_div(Decimal::from(1_000_000))))
}

/// So many things at a price each, rounded once.
fn each(usd: Decimal, factor: Decimal, units: u64) -> Money {
    money(usd.checked_mul(factor).and_then(|usd| usd.checked_mul(Decimal::from(units))))
}

fn money(usd: Option<Decimal>) -> Money {
    usd.and_then(|usd| Money::from_usd(usd).ok()).unwrap_or(Money::MAX)
}
