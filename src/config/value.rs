//! Values with units, as a configuration writes them.

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde_json::Value as Json;
use std::ops::Range;
use std::path::PathBuf;
use std::str::FromStr;
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
        "a whole number from 0".into()
    }
    fn read(value: &DeValue<'_>) -> Result<Self, Expected> {
        let number = u64::read(value).map_err(|_| wrong::<Self>(None))?;
        Self::try_from(number).map_err(|_| wrong::<Self>(Some("at most 4294967295".into())))
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

#[cfg(test)]
pub(super) mod tests {
    use super::super::{Section, Source, read};
    use super::*;

    /// The value of `v = …`, or the first problem's text without its place.
    pub(crate) fn value<T: Value>(text: &str) -> Result<T, String> {
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
    fn json_takes_every_value_but_dates_and_infinities() {
        let json = value::<Json>("{ a = [1, 0x10, 1.5, true], b.c = \"x\" }").map(|j| j.to_string());
        assert_eq!(json, Ok(r#"{"a":[1,16,1.5,true],"b":{"c":"x"}}"#.into()));
        assert_eq!(value::<Json>("{ a = 2026-01-01 }").ok(), None);
        assert_eq!(value::<Json>("[nan]").ok(), None);
    }
}
