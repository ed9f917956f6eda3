//! Prices by token, as providers bill: decimals per million tokens, each component rounded once to the nano-USD.
//!
//! A price is dated: it has one version or several, and an exchange costs what the version says that was in force when it
//! was sent. What no version knows (a day, a service tier, a kind of token) is unpriced, and never taken for something
//! else.

mod period;
mod prices;
mod read;
#[cfg(test)]
mod tests;
mod words;

pub use period::Period;
pub use prices::{Change, Hours, Prices, Step};

use crate::config::Section;
use crate::domain::{Charge, Money, Usage};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// What tokens, requests and searches cost, by time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenPrice {
    /// The oldest first.
    periods: Vec<Period>,
    /// Versions that ended before this day are of no exchange to come.
    from: Option<Date>,
    /// Searches of the web that the worst case of one exchange has, where each has a price.
    searches: u64,
}

impl TokenPrice {
    /// Reads a `price.tokens` section: one version.
    pub fn build(s: &Section<'_>) -> Option<Self> {
        let period = Period::build(s);
        s.finish();
        period.map(|period| Self::of(vec![period]))
    }

    /// Of these versions. Where several hold on a day, the one that came last counts.
    #[must_use]
    pub fn of(mut periods: Vec<Period>) -> Self {
        periods.sort_by_key(|period| period.since);
        Self { periods, from: None, searches: 1 }
    }

    /// The same for exchanges from a day on: the worst case need not think of versions that ended before.
    #[must_use]
    pub fn from_day(self, day: Date) -> Self {
        Self { from: Some(day), ..self }
    }

    /// The same where the worst case of one exchange has so many searches of the web (else 1, which is what a model that
    /// searches by itself makes).
    #[must_use]
    pub fn with_searches(self, searches: u64) -> Self {
        Self { searches, ..self }
    }

    /// All versions, the oldest first.
    #[must_use]
    pub fn periods(&self) -> &[Period] {
        &self.periods
    }

    /// The version that is in force at an instant.
    #[must_use]
    pub fn in_force(&self, at: Timestamp) -> Option<&Period> {
        self.periods.iter().rev().find(|period| period.holds(at))
    }

    /// The charge for a usage of an exchange that was sent at an instant (ms since the Unix epoch, wall clock), in a tier
    /// (none is the usual one). Unpriced, up to `reserve`, where no version is in force, or it does not know the tier or some of what was
    /// used; unknown up to `reserve` where the usage is not complete.
    #[must_use]
    pub fn charge(&self, usage: &Usage, at_unix_ms: i64, tier: Option<&str>, reserve: Money) -> Charge {
        let at = Timestamp::from_millisecond(at_unix_ms).unwrap_or_default();
        let Some(period) = self.in_force(at).filter(|period| tier.is_none_or(|tier| period.knows_tier(tier))) else {
            return Charge::Unpriced { bound: reserve };
        };
        if !usage.is_complete() {
            return Charge::Unknown { bound: reserve };
        }
        period.cost(usage, at, tier).map_or(Charge::Unpriced { bound: reserve }, Charge::Settled)
    }

    /// The most an exchange can cost within these token bounds, in any version that is not over: see [`Period::worst`].
    #[must_use]
    pub fn worst(&self, input_bound: u64, output_bound: u64) -> Money {
        let all = self.still_to_come().map(|period| period.worst(input_bound, output_bound, self.searches));
        all.max().unwrap_or_default()
    }

    fn still_to_come(&self) -> impl Iterator<Item = &Period> {
        let over = |period: &Period| self.from.zip(period.until).is_some_and(|(from, until)| until <= from);
        let newer = |period: &Period| {
            let mut later = self.periods.iter().filter(|other| other.since > period.since && other.until.is_none());
            self.from.is_some_and(|from| later.any(|other| other.since.is_some_and(|since| since <= from)))
        };
        self.periods.iter().filter(move |period| !over(period) && !newer(period))
    }

    /// Whether a version is in force on a day (UTC).
    #[must_use]
    pub fn holds_on(&self, day: Date) -> bool {
        TimeZone::UTC.to_timestamp(day.at(12, 0, 0, 0)).is_ok_and(|noon| self.in_force(noon).is_some())
    }

    /// All figures and dates.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let versions = self.periods.iter().map(|period| period.words(|usd| usd.normalize().to_string()));
        format!("tokens {}", versions.collect::<Vec<_>>().join("; "))
    }
}
