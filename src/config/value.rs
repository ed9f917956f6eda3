//! Values with units, as a configuration writes them.

use jiff::{SignedDuration, civil::Date};
use rust_decimal::Decimal;
use secrecy::SecretString;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;
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
}

fn wrong<T: Value>(hint: Option<String>) -> Expected {
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
            DeValue::Integer(i) => {
                Self::from_str_radix(&i.as_str().replace('_', ""), i.radix()).map_err(|_| wrong::<Self>(None))
            }
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
            DeValue::Integer(i) => i.to_string(),
            DeValue::Float(x) => x.to_string(),
            _ => return Err(wrong::<Self>(None)),
        };
        text.replace('_', "").parse().ok().filter(|x: &Self| x.is_finite()).ok_or_else(|| wrong::<Self>(None))
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

/// An amount of money in USD as a decimal, written `"1.25 USD"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UsdAmount(pub Decimal);

impl Value for UsdAmount {
    fn expected() -> String {
        "an amount such as \"1.25 USD\"".into()
    }
    fn read(value: &DeValue<'_>) -> Result<Self, Expected> {
        let text = match value {
            DeValue::String(s) => s.trim().to_owned(),
            DeValue::Integer(i) => {
                return Err(wrong::<Self>(Some(format!("write it as text with its currency: \"{i} USD\""))));
            }
            DeValue::Float(x) => {
                return Err(wrong::<Self>(Some(format!("write it as text with its currency: \"{x} USD\""))));
            }
            _ => return Err(wrong::<Self>(None)),
        };
        let Some(number) = text.strip_suffix("USD") else {
            return Err(wrong::<Self>(Some("amounts are in USD: end the text with \" USD\"".into())));
        };
        match Decimal::from_str(number.trim()) {
            Ok(amount) if amount.is_sign_negative() && !amount.is_zero() => {
                Err(wrong::<Self>(Some("an amount can't be negative".into())))
            }
            Ok(amount) => Ok(Self(amount)),
            Err(_) => Err(wrong::<Self>(None)),
        }
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
        if number.is_finite() && number > 0.0 {
            Ok(Self { per_second: number / unit })
        } else {
            Err(wrong::<Self>(Some("a rate is greater than 0".into())))
        }
    }
}

/// Where a secret comes from: never the configuration itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Secret {
    /// An environment variable.
    Env(String),
    /// A file (its trailing line break is dropped).
    File(PathBuf),
}

impl Value for Secret {
    fn expected() -> String {
        "{ env = \"NAME\" } or { file = \"PATH\" }".into()
    }
    fn read(value: &DeValue<'_>) -> Result<Self, Expected> {
        let table = match value {
            DeValue::Table(table) => table,
            DeValue::String(_) => {
                return Err(wrong::<Self>(Some(
                    "a secret does not belong in a configuration: name where it is kept".into(),
                )));
            }
            _ => return Err(wrong::<Self>(None)),
        };
        let mut entries = table.iter();
        match (entries.next(), entries.next()) {
            (Some((key, v)), None) => match (key.get_ref().as_ref(), v.get_ref()) {
                ("env", DeValue::String(name)) if !name.is_empty() => Ok(Self::Env(name.to_string())),
                ("file", DeValue::String(path)) if !path.is_empty() => Ok(Self::File(PathBuf::from(path.as_ref()))),
                _ => Err(wrong::<Self>(None)),
            },
            _ => Err(wrong::<Self>(None)),
        }
    }
}

impl Secret {
    /// Fetches the secret; relative files start at `folder`.
    ///
    /// # Errors
    /// In words, naming the place and never the content.
    pub fn fetch(&self, folder: &std::path::Path) -> Result<SecretString, String> {
        let text = match self {
            Self::Env(name) => {
                std::env::var(name).map_err(|_| format!("the environment variable {name} is not set"))?
            }
            Self::File(path) => {
                let path = folder.join(path);
                std::fs::read_to_string(&path).map_err(|e| format!("{} can't be read: {e}", path.display()))?
            }
        };
        let text = text.trim_end_matches(['\r', '\n']);
        if text.is_empty() { Err("the secret is empty".into()) } else { Ok(SecretString::from(text.to_owned())) }
    }
}
