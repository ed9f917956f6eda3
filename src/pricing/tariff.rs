//! A figure of a kWh by time of day: what it costs, or what it emits.

use super::sharing::FINE;
use super::units::{Clock, Intensity, Zone};
use crate::config::Section;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;
use std::collections::BTreeSet;

/// A figure of a kWh that may change with the time of day: USD (a tariff) or grams of CO₂-equivalent (an intensity).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Daily {
    /// What holds where no window does.
    pub standard: Decimal,
    /// Times of day with a figure of their own; the first that fits holds.
    pub windows: Vec<Window>,
}

/// A time of day with its own figure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window {
    /// From this time of day on …
    pub from: Time,
    /// … to before this one, past midnight where it is the earlier one.
    pub to: Time,
    /// Whose clock counts.
    pub zone: TimeZone,
    /// The zone as the configuration names it.
    pub zone_name: String,
    /// The figure.
    pub value: Decimal,
}

/// Microjoules of a kWh.
const KWH: i128 = 3_600_000_000_000;

/// A year over which a figure by time of day is averaged: both halves of a zone with summer time are in it.
const YEAR_MS: (i64, i64) = (1_767_225_600_000, 1_798_761_600_000);

impl Window {
    fn holds(&self, unix_ms: i64) -> bool {
        let Ok(at) = Timestamp::from_millisecond(unix_ms) else { return false };
        let time = at.to_zoned(self.zone.clone()).time();
        if self.from < self.to { (self.from..self.to).contains(&time) } else { time >= self.from || time < self.to }
    }

    /// Adds the instants between two others at which it may begin or end: its times of day, which a change of the clocks
    /// skips or repeats, and those changes.
    fn cuts(&self, from: i64, to: i64, cuts: &mut BTreeSet<i64>) -> Option<()> {
        let at = |ms: i64| Timestamp::from_millisecond(ms).ok();
        let day = |ms: i64| Some(at(ms)?.to_zoned(self.zone.clone()).date());
        let mut keep = |at: Timestamp| {
            let ms = at.as_millisecond();
            if from < ms && ms < to {
                cuts.insert(ms);
            }
        };
        let (first, last) = (day(from)?.yesterday().ok()?, day(to)?.tomorrow().ok()?);
        for date in first.series(1.day()).take_while(|date: &Date| *date <= last) {
            for time in [self.from, self.to] {
                let written = |of: Date| self.zone.to_ambiguous_timestamp(of.to_datetime(time));
                written(date).earlier().ok().into_iter().chain(written(date).later().ok()).for_each(&mut keep);
            }
        }
        let end = at(to)?;
        self.zone.following(at(from)?).map(|change| change.timestamp()).take_while(|at| *at < end).for_each(&mut keep);
        Some(())
    }
}

impl Daily {
    /// One figure at all times.
    #[must_use]
    pub const fn flat(standard: Decimal) -> Self {
        Self { standard, windows: Vec::new() }
    }

    /// Reads a tariff: `tariff = "0.15 USD"`, or a list by time of day.
    pub(super) fn tariff(s: &Section<'_>) -> Option<Self> {
        let read = |s: &Section<'_>, key: &'static str| {
            let usd = if key == "tariff" { s.usd(key) } else { s.need_usd(key) };
            if usd.is_some_and(|usd| usd > Decimal::ONE_HUNDRED) {
                s.problem(key, "expected at most 100 USD", Some("a tariff is for one kWh".into()));
            }
            usd
        };
        Self::build(s, "tariff", "per_kwh", &read)
    }

    /// Reads an intensity: `intensity = "400 g/kWh"`, or a list by time of day.
    pub(super) fn intensity(s: &Section<'_>) -> Option<Self> {
        let read = |s: &Section<'_>, key: &'static str| {
            if s.name() != "carbon" && !s.has(key) {
                s.missing(key, "expected an intensity such as \"400 g/kWh\"");
            }
            s.get::<Intensity>(key).map(|Intensity(grams)| grams)
        };
        Self::build(s, "intensity", "intensity", &read)
    }

    /// One figure, or a list of which each entry but one has a time of day.
    fn build(
        s: &Section<'_>,
        key: &'static str,
        inner: &'static str,
        read: &dyn Fn(&Section<'_>, &'static str) -> Option<Decimal>,
    ) -> Option<Self> {
        if !s.is_list(key) {
            return read(s, key).map(Self::flat);
        }
        let (mut standard, mut windows, mut good) = (Vec::new(), Vec::new(), true);
        for entry in s.list(key) {
            let value = read(&entry, inner);
            if ["from", "to", "zone"].into_iter().any(|key| entry.has(key)) {
                let (from, to, zone) = (entry.need::<Clock>("from"), entry.need::<Clock>("to"), entry.need("zone"));
                if from.is_some() && from == to {
                    entry.problem("to", "is the same time as `from`", Some("a figure for all day has neither".into()));
                    good = false;
                }
                match (value, from, to, zone) {
                    (Some(value), Some(Clock(from)), Some(Clock(to)), Some(Zone(zone, zone_name))) => {
                        windows.push(Window { from, to, zone, zone_name, value });
                    }
                    _ => good = false,
                }
            } else {
                good &= value.is_some();
                standard.extend(value);
            }
            entry.finish();
        }
        let [standard] = standard.as_slice() else {
            if good {
                let hint = format!(
                    "[{{ {inner} = \"…\" }}, {{ from = \"22:00\", to = \"06:00\", zone = \"…\", {inner} = \"…\" }}]"
                );
                s.problem(key, "expected exactly one entry without `from`: what holds at all other times", Some(hint));
            }
            return None;
        };
        good.then(|| Self { standard: *standard, windows })
    }

    fn at(&self, unix_ms: i64) -> Decimal {
        self.windows.iter().find(|window| window.holds(unix_ms)).map_or(self.standard, |window| window.value)
    }

    /// The mean over a stretch of time, in 10⁻¹⁵ of its unit (nano-USD or nanograms × [`FINE`]), rounded once.
    fn mean(&self, from: i64, to: i64) -> i128 {
        let fine = |value: Decimal| {
            let fine = value.checked_mul(Decimal::from(FINE * 1_000_000_000)).and_then(|v| v.round().to_i128());
            fine.unwrap_or(i128::MAX)
        };
        if self.windows.is_empty() || to <= from {
            return fine(self.at(from));
        }
        let mut cuts = BTreeSet::from([from, to]);
        for window in &self.windows {
            // An instant that no calendar has is one that no window has.
            let _none = window.cuts(from, to, &mut cuts);
        }
        let pieces = cuts.iter().zip(cuts.iter().skip(1)).map(|(a, b)| {
            let length = b.abs_diff(*a);
            i128::from(length).saturating_mul(fine(self.at(a.saturating_add_unsigned(length / 2))))
        });
        let sum = pieces.fold(0_i128, i128::saturating_add);
        let length = i128::from(to) - i128::from(from);
        (sum + length / 2).div_euclid(length)
    }

    /// The mean over a whole year.
    #[must_use]
    pub fn yearly_mean(&self) -> Decimal {
        let fine = self.mean(YEAR_MS.0, YEAR_MS.1);
        Decimal::try_from_i128_with_scale(fine, 15).map_or(self.standard, |mean| mean.normalize())
    }

    /// What so much energy, used evenly between two instants (ms since the Unix epoch), comes to, times a factor: in
    /// nano-USD or nanograms × [`FINE`]. A figure that changes in between holds for its part of the time. Saturates.
    #[must_use]
    pub fn weigh(&self, (from, to): (i64, i64), microjoules: i128, factor: Decimal) -> i128 {
        let factor = factor.checked_mul(Decimal::from(FINE)).and_then(|f| f.round().to_i128()).unwrap_or(FINE);
        // kWh × FINE first: the mean alone has up to 18 digits.
        let whole = microjoules.saturating_mul(factor);
        let mean = self.mean(from, to);
        match whole.checked_mul(mean) {
            Some(product) => (product + KWH * FINE / 2).div_euclid(KWH * FINE),
            None => (whole / (KWH * FINE)).saturating_mul(mean),
        }
    }

    /// All figures, for the provenance.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let window = |w: &Window| format!(" {}-{} {} {}", w.from, w.to, w.zone_name, w.value.normalize());
        let windows: String = self.windows.iter().map(window).collect();
        format!("{}{windows}", self.standard.normalize())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Central Europe, without a time zone database.
    fn berlin() -> TimeZone {
        TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").unwrap()
    }

    fn night(zone: TimeZone) -> Daily {
        let clock = |hour| Time::new(hour, 0, 0, 0).unwrap();
        let zone_name = "z".to_owned();
        let window = Window { from: clock(22), to: clock(6), zone, zone_name, value: Decimal::new(10, 2) };
        Daily { standard: Decimal::new(30, 2), windows: vec![window] }
    }

    fn ms(text: &str) -> i64 {
        text.parse::<Timestamp>().unwrap().as_millisecond()
    }

    const ONE_KWH: i128 = KWH;
    /// One USD.
    const USD: i128 = 1_000_000_000 * FINE;

    #[test]
    fn a_stretch_across_a_change_is_split_by_time() {
        let daily = night(TimeZone::UTC);
        let cost = |from: &str, to: &str| daily.weigh((ms(from), ms(to)), ONE_KWH, Decimal::ONE);
        assert_eq!(cost("2026-11-01T12:00:00Z", "2026-11-01T13:00:00Z"), USD * 30 / 100);
        assert_eq!(cost("2026-11-01T23:00:00Z", "2026-11-02T01:00:00Z"), USD * 10 / 100);
        // A quarter of it by night.
        assert_eq!(cost("2026-11-01T19:00:00Z", "2026-11-01T23:00:00Z"), USD * 25 / 100);
        // An instant is in what holds from it on.
        assert_eq!(cost("2026-11-01T22:00:00Z", "2026-11-01T22:00:00Z"), USD * 10 / 100);
        assert_eq!(cost("2026-11-01T06:00:00Z", "2026-11-01T06:00:00Z"), USD * 30 / 100);
        // A day is a third night; PUE counts.
        let day = (ms("2026-11-01T00:00:00Z"), ms("2026-11-02T00:00:00Z"));
        let third = daily.weigh(day, 3 * ONE_KWH, Decimal::new(15, 1)) - USD * 70 / 100 * 15 / 10;
        assert!(third.abs() <= 3, "{third}: the mean of a third is rounded to 10⁻¹⁵");
    }

    #[test]
    fn clocks_that_change_make_short_and_long_nights() {
        let daily = night(berlin());
        // Nights from 21:00 UTC (winter) or 20:00 UTC (summer): 7 hours in March, 9 in October.
        let share = |from: &str, to: &str| daily.mean(ms(from), ms(to));
        let mean = |night: i128, hours: i128| (USD * (10 * night + 30 * (hours - night)) / 100 + hours / 2) / hours;
        assert_eq!(share("2026-03-28T12:00:00Z", "2026-03-29T12:00:00Z"), mean(7, 24));
        assert_eq!(share("2026-10-24T12:00:00Z", "2026-10-25T12:00:00Z"), mean(9, 24));
        // A window that begins in the hour that comes twice: 02:30 to 02:45 is there twice.
        let clock = |hour, minute| Time::new(hour, minute, 0, 0).unwrap();
        let mut twice = daily;
        if let Some(window) = twice.windows.first_mut() {
            (window.from, window.to) = (clock(2, 30), clock(2, 45));
        }
        let cost = twice.mean(ms("2026-10-25T00:00:00Z"), ms("2026-10-25T02:00:00Z"));
        assert_eq!(cost, (USD * (10 * 30 + 30 * 90) / 100 + 60) / 120);
    }

    #[test]
    fn the_mean_of_a_year_is_that_of_its_days() {
        assert_eq!(night(TimeZone::UTC).yearly_mean(), Decimal::from_i128_with_scale(233_333_333_333_333, 15));
        assert_eq!(Daily::flat(Decimal::new(15, 2)).yearly_mean(), Decimal::new(15, 2));
    }

    #[test]
    fn absurd_figures_saturate() {
        let daily = Daily::flat(Decimal::MAX);
        assert!(daily.weigh((0, 1), i128::MAX, Decimal::MAX) > 0);
        assert!(night(berlin()).weigh((i64::MIN, i64::MAX), 1, Decimal::ONE) >= 0);
    }

    proptest! {
        #[test]
        fn parts_of_a_stretch_come_to_the_whole(start in 0i64..4_000_000_000, a in 1i64..200_000, b in 1i64..200_000) {
            let daily = night(berlin());
            let start = start * 1000;
            let (middle, end) = (start + a * 1000, start + (a + b) * 1000);
            // 1 kW throughout.
            let part = |from: i64, to: i64| daily.weigh((from, to), i128::from(to - from) * 1_000_000, Decimal::ONE);
            let (whole, parts) = (part(start, end), part(start, middle) + part(middle, end));
            // The mean is rounded to 10⁻¹⁵ USD a kWh: with up to 112 kWh, nothing that a nano-USD could see.
            prop_assert!((whole - parts).abs() <= 500, "{whole} {parts}");
        }
    }
}
