//! How prices of hardware, power and carbon are written: shares, watts, grams, times of day.

use crate::config::{Expected, Value};
use jiff::civil::Time;
use jiff::tz::{Offset, TimeZone};
use rust_decimal::Decimal;
use std::str::FromStr as _;
use toml::de::DeValue;

/// The hours of a year, as every formula of hardware takes them.
pub(super) const HOURS_A_YEAR: Decimal = Decimal::from_parts(8760, 0, 0, false, 0);

fn wrong<T: Value>(hint: Option<String>) -> Expected {
    Expected { expected: T::expected(), hint }
}

/// A number from 0, with one of some units behind it, in the first of them.
fn quantity(text: &str, units: &[(&str, Decimal)]) -> Option<Decimal> {
    let text = text.trim();
    let (number, factor) =
        units.iter().find_map(|(unit, factor)| Some((text.strip_suffix(unit)?.trim_end(), factor)))?;
    if number.starts_with(['+', '-']) {
        return None;
    }
    Decimal::from_str(number).ok()?.checked_mul(*factor)
}

/// A share written `"8%"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Percent(pub(super) Decimal);

impl Value for Percent {
    fn expected() -> String {
        "a share such as \"8%\"".into()
    }
    fn read(value: &DeValue<'_>) -> Result<Self, Expected> {
        match value {
            DeValue::String(text) => quantity(text, &[("%", Decimal::new(1, 2))])
                .filter(|share| *share <= Decimal::ONE)
                .map(Self)
                .ok_or_else(|| wrong::<Self>(Some("from 0% to 100%".into()))),
            DeValue::Integer(n) => Err(wrong::<Self>(Some(format!("write it as text: \"{n}%\"")))),
            _ => Err(wrong::<Self>(None)),
        }
    }
}

/// Power written `"700 W"` or `"1.2 kW"`, in watts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Watts(pub(super) Decimal);

impl Value for Watts {
    fn expected() -> String {
        "a power such as \"700 W\"".into()
    }
    fn read(value: &DeValue<'_>) -> Result<Self, Expected> {
        let DeValue::String(text) = value else { return Err(wrong::<Self>(None)) };
        quantity(text, &[("kW", Decimal::ONE_THOUSAND), ("W", Decimal::ONE)])
            .filter(|watts| *watts <= Decimal::from(100_000_000))
            .map(Self)
            .ok_or_else(|| wrong::<Self>(Some("the unit is W or kW".into())))
    }
}

/// Emissions of a kWh written `"400 g/kWh"`, in grams of CO₂-equivalent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Intensity(pub(super) Decimal);

impl Value for Intensity {
    fn expected() -> String {
        "an intensity such as \"400 g/kWh\"".into()
    }
    fn read(value: &DeValue<'_>) -> Result<Self, Expected> {
        let DeValue::String(text) = value else { return Err(wrong::<Self>(None)) };
        quantity(text, &[("kg/kWh", Decimal::ONE_THOUSAND), ("g/kWh", Decimal::ONE)])
            .filter(|grams| *grams <= Decimal::from(100_000))
            .map(Self)
            .ok_or_else(|| {
                wrong::<Self>(Some("grams or kilograms of CO2-equivalent for each kWh: g/kWh, kg/kWh".into()))
            })
    }
}

/// A mass written `"150 kg"`, in grams.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Grams(pub(super) Decimal);

impl Value for Grams {
    fn expected() -> String {
        "a mass such as \"150 kg\"".into()
    }
    fn read(value: &DeValue<'_>) -> Result<Self, Expected> {
        let DeValue::String(text) = value else { return Err(wrong::<Self>(None)) };
        let units = [("kg", Decimal::ONE_THOUSAND), ("g", Decimal::ONE), ("t", Decimal::from(1_000_000))];
        quantity(text, &units)
            .filter(|grams| *grams <= Decimal::from(1_000_000_000_000_i64))
            .map(Self)
            .ok_or_else(|| wrong::<Self>(Some("the unit is g, kg or t".into())))
    }
}

/// A number without a unit, exact: `4`, `1.3` or `"1.3"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Exact(pub(super) Decimal);

impl Value for Exact {
    fn expected() -> String {
        "a number from 0, such as 1.3".into()
    }
    fn read(value: &DeValue<'_>) -> Result<Self, Expected> {
        let text = match value {
            DeValue::Integer(n) if n.radix() == 10 => n.as_str(),
            DeValue::Float(x) => x.as_str(),
            DeValue::String(text) => text.trim(),
            _ => return Err(wrong::<Self>(None)),
        };
        Decimal::from_str(text).ok().filter(|n| !n.is_sign_negative()).map(Self).ok_or_else(|| wrong::<Self>(None))
    }
}

/// A time of day written `"16:30"`; `"24:00"` is midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Clock(pub(super) Time);

impl Value for Clock {
    fn expected() -> String {
        "a time of day such as \"22:00\"".into()
    }
    fn read(value: &DeValue<'_>) -> Result<Self, Expected> {
        let DeValue::String(text) = value else { return Err(wrong::<Self>(None)) };
        let read = || {
            let (hour, minute) = text.trim().split_once(':')?;
            let two = |digits: &str| (digits.len() == 2).then(|| digits.parse::<i8>().ok()).flatten();
            let (hour, minute) = (two(hour)?, two(minute)?);
            Time::new(if (hour, minute) == (24, 0) { 0 } else { hour }, minute, 0, 0).ok()
        };
        read().map(Self).ok_or_else(|| wrong::<Self>(None))
    }
}

/// A time zone by its IANA name, `"UTC"`, or an offset such as `"+01:00"`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Zone(pub(super) TimeZone, pub(super) String);

impl Value for Zone {
    fn expected() -> String {
        "a time zone such as \"Europe/Berlin\", \"UTC\" or \"+01:00\"".into()
    }
    fn read(value: &DeValue<'_>) -> Result<Self, Expected> {
        let DeValue::String(text) = value else { return Err(wrong::<Self>(None)) };
        let text = text.trim();
        let offset = || {
            let (sign, rest) =
                text.strip_prefix('+').map(|r| (1, r)).or_else(|| text.strip_prefix('-').map(|r| (-1, r)))?;
            let (hours, minutes) = rest.split_once(':')?;
            let (hours, minutes): (i32, i32) = (hours.parse().ok()?, minutes.parse().ok()?);
            let good = (0..=14).contains(&hours) && (0..60).contains(&minutes);
            let offset = Offset::from_seconds(sign * (hours * 3600 + minutes * 60)).ok().filter(|_| good)?;
            Some(TimeZone::fixed(offset))
        };
        let zone = if text == "UTC" { Some(TimeZone::UTC) } else { offset().or_else(|| TimeZone::get(text).ok()) };
        zone.map(|zone| Self(zone, text.to_owned()))
            .ok_or_else(|| wrong::<Self>(Some("this machine's time zone database has none of that name".into())))
    }
}
