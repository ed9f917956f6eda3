//! How a dated price is read: the same fields in a target's `price.tokens` and in an entry of a price book.

use super::period::Period;
use super::prices::{Change, Hours, Prices, Step};
use crate::config::{Expected, Section, Value};
use crate::domain::TokenKind;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use rust_decimal::Decimal;
use std::collections::BTreeMap;
use std::str::FromStr;
use toml::de::DeValue;

/// Names that providers give to the tier that has the usual price.
const BASE_TIERS: [&str; 4] = ["default", "standard", "auto", "on_demand"];

pub(super) fn is_base_tier(name: &str) -> bool {
    name.is_empty() || BASE_TIERS.contains(&name)
}

/// The field of a bucket's price.
const FIELDS: [(&str, TokenKind); TokenKind::ALL.len()] = {
    let mut fields = [("", TokenKind::Input); TokenKind::ALL.len()];
    let mut at = 0;
    while at < fields.len() {
        fields[at] = (TokenKind::ALL[at].label(), TokenKind::ALL[at]);
        at += 1;
    }
    fields
};

/// A part of something, written `"50%"`, as a factor: 0.5.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Percent(Decimal);

impl Value for Percent {
    fn expected() -> String {
        "a share such as \"50%\"".into()
    }
    fn read(value: &DeValue<'_>) -> Result<Self, Expected> {
        let wrong = |hint| Expected { expected: Self::expected(), hint };
        let number = match value {
            DeValue::String(text) => text.trim().strip_suffix('%').map(str::trim_end),
            DeValue::Integer(n) => return Err(wrong(Some(format!("write it as text with its sign: \"{n}%\"")))),
            _ => None,
        };
        let number = number.and_then(|text| Decimal::from_str(text).ok()).ok_or_else(|| wrong(None))?;
        if number.is_sign_negative() && !number.is_zero() {
            return Err(wrong(Some("a share can't be negative".into())));
        }
        number.checked_div(Decimal::ONE_HUNDRED).map(Self).ok_or_else(|| wrong(None))
    }
}

/// A time of day, written `"16:30"`; `"24:00"` is the midnight that ends a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct TimeOfDay(Time);

impl Value for TimeOfDay {
    fn expected() -> String {
        "a time of day such as \"16:30\"".into()
    }
    fn read(value: &DeValue<'_>) -> Result<Self, Expected> {
        let wrong = || Expected { expected: Self::expected(), hint: None };
        let DeValue::String(text) = value else { return Err(wrong()) };
        if text.trim() == "24:00" {
            return Ok(Self(Time::midnight()));
        }
        Time::strptime("%H:%M", text.trim()).map(Self).map_err(|_| wrong())
    }
}

impl Period {
    /// Reads the fields of a dated price, of which `input` and `output` are required: nothing that costs money has a
    /// default. Other fields of the table are the caller's, who also calls [`Section::finish`].
    pub fn build(s: &Section<'_>) -> Option<Self> {
        for (key, kind) in [("input", TokenKind::Input), ("output", TokenKind::Output)] {
            if !s.has(key) {
                s.missing(key, &format!("expected {}", crate::config::Amount::expected()));
            }
            debug_assert_eq!(key, kind.label());
        }
        let prices = prices(s);
        let (request, search) = (fee(s, "per_request"), fee(s, "per_search"));
        let minimum = fee(s, "minimum");
        let discount = s.get::<Percent>("discount").map(|percent| percent.0);
        if discount.is_some_and(|part| part > Decimal::ONE) {
            s.problem("discount", "expected at most 100%", None);
        }
        let (since, until) = (s.get::<Date>("since"), s.get::<Date>("until"));
        if let (Some(since), Some(until)) = (since, until)
            && until <= since
        {
            let hint = "the price holds from `since` to the day before `until`";
            s.problem("until", format!("expected a day after {since}"), Some(hint.into()));
        }
        let (context, tiers, hours) = (context(s), tiers(s), hours(s));
        for needed in [TokenKind::Input, TokenKind::Output] {
            prices.get(needed)?;
        }
        Some(Self {
            since,
            until,
            prices,
            request: request.unwrap_or_default(),
            search,
            minimum: minimum.unwrap_or_default(),
            discount: discount.unwrap_or_default(),
            context,
            tiers,
            hours,
        })
    }
}

/// The prices of tokens that a table gives.
fn prices(s: &Section<'_>) -> Prices {
    FIELDS.into_iter().fold(Prices::default(), |all, (key, kind)| {
        let usd = s.usd(key);
        if usd.is_some_and(|usd| usd > Decimal::from(100_000)) {
            s.problem(key, "expected at most 100000 USD", Some("prices are per 1,000,000 tokens".into()));
        }
        all.with(kind, usd)
    })
}

fn fee(s: &Section<'_>, key: &'static str) -> Option<Decimal> {
    let usd = s.usd(key);
    if usd.is_some_and(|usd| usd > Decimal::from(10_000)) {
        s.problem(key, "expected at most 10000 USD", None);
    }
    usd
}

/// `context = [{ above = 200000, input = "…" }]`, the lowest first.
fn context(s: &Section<'_>) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for step in s.list("context") {
        let above: Option<u64> = step.need("above");
        let prices = prices(&step);
        step.finish();
        if prices.is_empty() {
            step.problem_here("changes no price", Some("give what costs something else, such as `input`".into()));
        }
        let Some(above) = above else { continue };
        if steps.iter().any(|other| other.above == above) {
            step.problem("above", format!("{above} is there already"), None);
        }
        steps.push(Step { above, prices });
    }
    steps.sort_by_key(|step| step.above);
    steps
}

/// `share`, or prices, and what they are for long contexts.
fn change(s: &Section<'_>, context: Vec<Step>) -> Change {
    let share = s.get::<Percent>("share").map(|percent| percent.0);
    let prices = prices(s);
    if share.is_some_and(|share| share > Decimal::TEN) {
        s.problem("share", "expected at most 1000%", None);
    }
    let priced = !prices.is_empty() || !context.is_empty();
    if s.has("share") == priced {
        let message = if priced { "expected `share` or prices, found both" } else { "expected `share` or prices" };
        s.problem_here(message, Some("a share is of all prices of tokens: share = \"50%\"".into()));
    }
    Change { share, prices, context }
}

/// `tier = { batch = { share = "50%" } }`, by name in small letters.
fn tiers(s: &Section<'_>) -> BTreeMap<String, Change> {
    let mut tiers = BTreeMap::new();
    for tier in s.named("tier") {
        let name = tier.name().to_ascii_lowercase();
        let change = change(&tier, context(&tier));
        tier.finish();
        if is_base_tier(&name) {
            let hint = "its price is the one outside `tier`: leave it out";
            tier.problem_here(format!("{name:?} is the usual tier"), Some(hint.into()));
        }
        if tiers.insert(name.clone(), change).is_some() {
            tier.problem_here(format!("{name:?} is there already"), Some("capitals do not count".into()));
        }
    }
    tiers
}

/// `hours = [{ from = "16:30", to = "00:30", zone = "UTC", share = "50%" }]`.
fn hours(s: &Section<'_>) -> Vec<Hours> {
    let mut all = Vec::new();
    for each in s.list("hours") {
        let (from, to) = (each.need::<TimeOfDay>("from"), each.need::<TimeOfDay>("to"));
        let zone: Option<String> = each.need("zone");
        let change = change(&each, Vec::new());
        each.finish();
        if from.is_some() && from == to {
            each.problem("to", "expected another time than `from`", Some("a price of the whole day needs none".into()));
        }
        let clock = zone.as_deref().and_then(|zone| {
            let hint = "a name of the IANA database, such as \"UTC\" or \"Asia/Shanghai\"";
            TimeZone::get(zone)
                .map_err(|_| each.problem("zone", format!("there is no time zone {zone:?}"), Some(hint.into())))
                .ok()
        });
        if let (Some(TimeOfDay(from)), Some(TimeOfDay(to)), Some(zone), Some(clock)) = (from, to, zone, clock) {
            all.push(Hours { from, to, zone, clock, change });
        }
    }
    all
}
