//! A dated price in words: every figure it has, for people and for the provenance.

use super::period::Period;
use super::prices::{Change, Hours, Prices, Step};
use crate::domain::TokenKind;
use rust_decimal::Decimal;

impl Period {
    /// One line of every figure, those of tokens in USD per 1,000,000; `figure` writes an amount.
    #[must_use]
    pub fn words(&self, figure: fn(&Decimal) -> String) -> String {
        let Self { since, until, prices, request, search, minimum, discount, context, tiers, hours } = self;
        let mut parts = vec![format!("{} (USD per 1M tokens)", listed(prices, figure))];
        parts.extend((!request.is_zero()).then(|| format!("{} USD a request", figure(request))));
        parts.extend(search.as_ref().map(|usd| format!("{} USD a search", figure(usd))));
        parts.extend((!minimum.is_zero()).then(|| format!("{} USD at the least", figure(minimum))));
        parts.extend((!discount.is_zero()).then(|| format!("{} off", percent(discount))));
        parts.extend(steps(context, figure));
        parts.extend(tiers.iter().map(|(name, change)| format!("tier {name}: {}", changed(change, figure))));
        for Hours { from, to, zone, clock: _, change } in hours {
            let (from, to) = (from.strftime("%H:%M"), to.strftime("%H:%M"));
            parts.push(format!("from {from} to {to} {zone}: {}", changed(change, figure)));
        }
        parts.extend(since.map(|day| format!("since {day}")));
        parts.extend(until.map(|day| format!("until {day}")));
        parts.join(", ")
    }
}

fn listed(prices: &Prices, figure: fn(&Decimal) -> String) -> String {
    // Reading before writing, as price lists have it.
    let kinds = TokenKind::INPUT.into_iter().chain(TokenKind::OUTPUT);
    let all = kinds.filter_map(|kind| Some(format!("{} {}", figure(&prices.get(kind)?), kind.label())));
    all.collect::<Vec<_>>().join(", ")
}

fn steps(context: &[Step], figure: fn(&Decimal) -> String) -> impl Iterator<Item = String> {
    context.iter().map(move |Step { above, prices }| format!("above {above} tokens in: {}", listed(prices, figure)))
}

fn changed(change: &Change, figure: fn(&Decimal) -> String) -> String {
    let Change { share, prices, context } = change;
    let share = share.as_ref().map(percent);
    let prices = (!prices.is_empty()).then(|| listed(prices, figure));
    let parts: Vec<String> = share.into_iter().chain(prices).chain(steps(context, figure)).collect();
    format!("[{}]", parts.join(", "))
}

fn percent(part: &Decimal) -> String {
    format!("{}%", part.checked_mul(Decimal::ONE_HUNDRED).unwrap_or(*part).normalize())
}
