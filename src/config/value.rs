//! Values with units, as a configuration writes them.

use jiff::{SignedDuration, civil::Date};
use rust_decimal::Decimal;
use serde_json::Value as Json;
use std::ops::Range;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;
use toml::Spanned;
use toml::de::DeValue;

/// What was expected in place of a wrong value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expected {
    /// In words, such as `a duration such as "30s"`.
    pub expected: String,
    /// What to do.
    pub hint: Option<String>,
}

/// A type that can be read out of one raw value.
pub trait Value: Sized {
    /// What a right value is, in words.
    fn expected() -> String;

    /// Reads it.
    ///
    /// # Errors
    /// [`Expected`] when the value is something else.
    fn read(value: &DeValue<'_>) -> Result<Self, Expected>;

    /// Reads it with its place, so that a list can point at its wrong elements.
    ///
    /// # Errors
    /// [`Expected`] at each wrong place.
    fn read_placed(value: &Spanned<DeValue<'_>>) -> Result<Self, Vec<Wrong>> {
        Self::read(value.get_ref())
            .map_err(|why| vec![Wrong { span: value.span(), found: found(value.get_ref()), why }])
    }
}

/// A wrong value in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    /// Byte range in the text.
    pub span: Range<usize>,
    /// What is there, in a few words.
    pub found: String,
    /// What should be.
    pub why: Expected,
}

/// A value together with its place in the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed<T> {
    /// Byte range in the text.
    pub span: Range<usize>,
    /// The value.
    pub value: T,
}

impl<T: Value> Value for Placed<T> {
    fn expected() -> String {
        T::expected()
    }
    fn read(value: &DeValue<'_>) -> Result<Self, Expected> {
        T::read(value).map(|value| Self { span: 0..0, value })
    }
    fn read_placed(value: &Spanned<DeValue<'_>>) -> Result<Self, Vec<Wrong>> {
        Ok(Self { span: value.span(), value: T::read_placed(value)? })
    }
}

/// A raw value in a few words, for messages.
pub(super) fn found(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(s) if s.chars().count() <= 40 => format!("{s:?}"),
        DeValue::String(_) => "a long text".into(),
        DeValue::Integer(i) => i.to_string(),
        DeValue::Float(x) => x.to_string(),
        DeValue::Boolean(b) => b.to_string(),
        DeValue::Datetime(d) => d.to_string(),
        DeValue::Array(_) => "an array".into(),
        DeValue::Table(_) => "a table".into(),
    }
}

pub(super) fn wrong<T: Value>(hint: Option<String>) -> Expected {
    Expected { expected: T::expected(), hint }
}

impl Value for String {
    fn expected() -> String {
        "a text".into()
    }
    fn read(value: &DeValue<'_>) -> Result<Self, Expected> {
        match value {
            DeValue::String(s) => Ok(s.to_string()),
            _ => Err(wrong::<Self>(None)),
        }
    }
}

impl Value for bool {
    fn expected() -> String {
        "true or false".into()
    }
    fn read(value: &DeValue<'_>) -> Result<Self, Expected> {
        match value {
            DeValue::Boolean(b) => Ok(*b),
            _ => Err(wrong::<Self>(None)),
        }
    }
}

impl Value for u64 {
    fn expected() -> String {
        "a whole number from 0".into()
    }
    fn read(value: &DeValue<'_>) -> Result<Self, Expected> {
        match value {
            DeValue::Integer(i) => Self::from_str_radix(i.as_str(), i.radix()).map_err(|_| wrong::<Self>(None)),
            _ => Err(wrong::<Self>(None)),
        }
    }
}

impl Value for u32 {
    fn expected() -> String {
        "a whole number from 0 to 4294967295".into()
    }
    fn read(value: &DeValue<'_>) -> Result<Self, Expected> {
        u64::read(value).ok().and_then(|n| Self::try_from(n).ok()).ok_or_else(|| wrong::<Self>(None))
    }
}

impl Value for f64 {
    fn expected() -> String {
        "a number".into()
    }
    fn read(value: &DeValue<'_>) -> Result<Self, Expected> {
        let text = match value {
            DeValue::Integer(i) if i.radix() == 10 => i.as_str(),
            DeValue::Float(x) => x.as_str(),
            _ => return Err(wrong::<Self>(None)),
        };
        text.parse().ok().filter(|x: &Self| x.is_finite()).ok_or_else(|| wrong::<Self>(None))
    }
}

impl Value for PathBuf {
    fn expected() -> String {
        "a path".into()
    }
    fn read(value: &DeValue<'_>) -> Result<Self, Expected> {
        match value {
            DeValue::String(s) if !s.is_empty() => Ok(Self::from(s.as_ref())),
            _ => Err(wrong::<Self>(None)),
        }
    }
}

impl<T: Value> Value for Vec<T> {
    fn expected() -> String {
        format!("a list, each {}", T::expected())
    }
    fn read(value: &DeValue<'_>) -> Result<Self, Expected> {
        match value {
            DeValue::Array(items) => items.iter().map(|v| T::read(v.get_ref())).collect(),
            _ => Err(wrong::<Self>(None)),
        }
    }
    fn read_placed(value: &Spanned<DeValue<'_>>) -> Result<Self, Vec<Wrong>> {
        let DeValue::Array(items) = value.get_ref() else {
            let hint =
                matches!(value.get_ref(), DeValue::String(_)).then(|| "put it into brackets: [\"…\"]".to_owned());
            return Err(vec![Wrong { span: value.span(), found: found(value.get_ref()), why: wrong::<Self>(hint) }]);
        };
        let (mut good, mut bad) = (Vec::with_capacity(items.len()), Vec::new());
        for item in items {
            match T::read_placed(item) {
                Ok(value) => good.push(value),
                Err(wrong) => bad.extend(wrong),
            }
        }
        if bad.is_empty() { Ok(good) } else { Err(bad) }
    }
}

impl Value for Decimal {
    fn expected() -> String {
        "a decimal number in quotes, such as \"7.11\"".into()
    }
    fn read(value: &DeValue<'_>) -> Result<Self, Expected> {
        match value {
            DeValue::String(s) => Self::from_str(s.trim()).map_err(|_| wrong::<Self>(None)),
            DeValue::Integer(n) => Err(wrong::<Self>(Some(format!("put it into quotes: \"{n}\"")))),
            DeValue::Float(x) => Err(wrong::<Self>(Some(format!("put it into quotes: \"{x}\"")))),
            _ => Err(wrong::<Self>(None)),
        }
    }
}

impl Value for Json {
    fn expected() -> String {
        "a value that JSON can hold".into()
    }
    fn read(value: &DeValue<'_>) -> Result<Self, Expected> {
        Ok(match value {
            DeValue::String(s) => Self::from(s.as_ref()),
            DeValue::Boolean(b) => Self::from(*b),
            DeValue::Integer(i) => {
                let (digits, radix) = (i.as_str(), i.radix());
                match (i64::from_str_radix(digits, radix), u64::from_str_radix(digits, radix)) {
                    (Ok(n), _) => Self::from(n),
                    (_, Ok(n)) => Self::from(n),
                    _ => return Err(wrong::<Self>(Some("the number is too large".into()))),
                }
            }
            DeValue::Float(_) => Self::from(f64::read(value).map_err(|_| wrong::<Self>(None))?),
            DeValue::Datetime(d) => {
                return Err(wrong::<Self>(Some(format!("JSON has no dates: put it into quotes: \"{d}\""))));
            }
            DeValue::Array(items) => items.iter().map(|v| Self::read(v.get_ref())).collect::<Result<_, _>>()?,
            DeValue::Table(table) => Self::Object(
                table
                    .iter()
                    .map(|(k, v)| Ok((k.get_ref().to_string(), Self::read(v.get_ref())?)))
                    .collect::<Result<_, _>>()?,
            ),
        })
    }
}

impl Value for Duration {
    fn expected() -> String {
        "a duration such as \"500ms\", \"30s\" or \"6h\"".into()
    }
    fn read(value: &DeValue<'_>) -> Result<Self, Expected> {
        match value {
            DeValue::String(s) => s
                .parse::<SignedDuration>()
                .ok()
                .and_then(|d| Self::try_from(d).ok())
                .filter(|d| !d.is_zero())
                .ok_or_else(|| wrong::<Self>(None)),
            DeValue::Integer(i) => Err(wrong::<Self>(Some(format!("write the unit: \"{i}s\"")))),
            _ => Err(wrong::<Self>(None)),
        }
    }
}

impl Value for Date {
    fn expected() -> String {
        "a date such as \"2026-08-01\"".into()
    }
    fn read(value: &DeValue<'_>) -> Result<Self, Expected> {
        let text = match value {
            DeValue::String(s) => s.to_string(),
            DeValue::Datetime(d) => d.to_string(),
            _ => return Err(wrong::<Self>(None)),
        };
        text.parse().map_err(|_| wrong::<Self>(None))
    }
}

/// Events per second, written `"2/s"`, `"120/min"` or `"3600/h"`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rate {
    /// Events per second; positive and finite.
    pub per_second: f64,
}

impl Value for Rate {
    fn expected() -> String {
        "a rate such as \"2/s\", \"120/min\" or \"3600/h\"".into()
    }
    fn read(value: &DeValue<'_>) -> Result<Self, Expected> {
        let DeValue::String(text) = value else { return Err(wrong::<Self>(None)) };
        let (number, unit) = text.split_once('/').ok_or_else(|| wrong::<Self>(None))?;
        let unit = match unit.trim() {
            "s" => 1.0,
            "min" => 60.0,
            "h" => 3600.0,
            _ => return Err(wrong::<Self>(Some("the unit is s, min or h".into()))),
        };
        let number: f64 = number.trim().parse().map_err(|_| wrong::<Self>(None))?;
        let per_second = number / unit;
        // Within these bounds every gap fits a Duration, and a schedule can be kept at all.
        if (1e-6..=1e6).contains(&per_second) {
            Ok(Self { per_second })
        } else {
            Err(wrong::<Self>(Some("a rate is from 0.01/h to 1000000/s".into())))
        }
    }
}

/// A number of bytes, written `1048576`, `"10 GB"` (decimal) or `"10 GiB"` (binary).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ByteSize(pub u64);

impl Value for ByteSize {
    fn expected() -> String {
        "a size such as \"10 GiB\" or \"500 MB\"".into()
    }
    fn read(value: &DeValue<'_>) -> Result<Self, Expected> {
        let DeValue::String(text) = value else { return u64::read(value).map(Self).map_err(|_| wrong::<Self>(None)) };
        let number = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        let factor: u64 = match text.get(number.len()..).unwrap_or("") {
            "B" | "" => 1,
            "kB" | "KB" => 1_000,
            "MB" => 1_000_000,
            "GB" => 1_000_000_000,
            "TB" => 1_000_000_000_000,
            "KiB" => 1 << 10,
            "MiB" => 1 << 20,
            "GiB" => 1 << 30,
            "TiB" => 1 << 40,
            _ => return Err(wrong::<Self>(Some("the unit is B, kB, MB, GB, TB, KiB, MiB, GiB or TiB".into()))),
        };
        let number: u64 = number.trim_end().parse().map_err(|_| wrong::<Self>(None))?;
        number.checked_mul(factor).map(Self).ok_or_else(|| wrong::<Self>(Some("the size is too large".into())))
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Section, Source, read};
    use super::*;

    /// The value of `v = …`, or the first problem's text without its place.
    fn value<T: Value>(text: &str) -> Result<T, String> {
        let source = Source::inline("c", &format!("v = {text}"));
        let built = read(&source, |s: &Section<'_>| s.get("v"));
        built.map_err(|problems| {
            problems.first().map(ToString::to_string).unwrap_or_default().replacen("c:1:5: v: expected ", "", 1)
        })
    }

    #[test]
    fn numbers_in_every_form_of_toml() {
        assert_eq!(value::<u64>("1_000"), Ok(1000));
        assert_eq!(value::<u64>("0xff"), Ok(255));
        assert_eq!(value::<u64>("18446744073709551615"), Ok(u64::MAX));
        assert_eq!(
            value::<u64>("18446744073709551616"),
            Err("a whole number from 0, found 18446744073709551616".into())
        );
        assert_eq!(value::<f64>("1_0.5e1"), Ok(105.0));
        assert_eq!(value::<f64>("+3"), Ok(3.0));
        assert_eq!(value::<f64>("inf"), Err("a number, found inf".into()));
        assert_eq!(value::<u32>("4294967296").ok(), None);
    }

    #[test]
    fn units_are_required_and_bounded() {
        assert_eq!(value::<Duration>("\"1h 30m\""), Ok(Duration::from_secs(5400)));
        assert_eq!(
            value::<Duration>("30"),
            Err("a duration such as \"500ms\", \"30s\" or \"6h\", found 30\n  hint: write the unit: \"30s\"".into())
        );
        assert_eq!(value::<Duration>("\"-1s\"").ok(), None);
        assert_eq!(value::<ByteSize>("\"2 GiB\""), Ok(ByteSize(2 << 30)));
        assert_eq!(value::<ByteSize>("\"99999999 TiB\"").ok(), None);
        assert_eq!(value::<Rate>("\"120/min\""), Ok(Rate { per_second: 2.0 }));
        for bad in ["\"0/s\"", "\"1e9/s\"", "\"1e-300/s\"", "\"nan/s\"", "\"2 per s\"", "2"] {
            assert_eq!(value::<Rate>(bad).ok(), None, "{bad}");
        }
    }

    #[test]
    fn json_takes_every_value_but_dates_and_infinities() {
        let json = value::<Json>("{ a = [1, 0x10, 1.5, true], b.c = \"x\" }").map(|j| j.to_string());
        assert_eq!(json, Ok(r#"{"a":[1,16,1.5,true],"b":{"c":"x"}}"#.into()));
        assert_eq!(value::<Json>("{ a = 2026-01-01 }").ok(), None);
        assert_eq!(value::<Json>("[nan]").ok(), None);
    }
}
