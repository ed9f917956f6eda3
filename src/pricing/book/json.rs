//! JSON whose numbers keep the digits they are written with: serde_json's own value makes them binary.

use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// A value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Json {
    Null,
    Bool(bool),
    /// As it is written.
    Number(String),
    Text(String),
    List(Vec<Json>),
    /// In the order of the keys, so that what is made of it is always the same.
    Table(BTreeMap<String, Json>),
}

/// Deeper than any price list.
const DEEPEST: usize = 32;

impl Json {
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let raw: &RawValue = serde_json::from_str(text).map_err(|e| e.to_string())?;
        Self::of(raw, 0)
    }

    fn of(raw: &RawValue, depth: usize) -> Result<Self, String> {
        if depth > DEEPEST {
            return Err(format!("is nested deeper than {DEEPEST}"));
        }
        let text = raw.get();
        let fail = |e: serde_json::Error| e.to_string();
        Ok(match text.as_bytes().first() {
            Some(b'{') => {
                let table: BTreeMap<String, &RawValue> = serde_json::from_str(text).map_err(fail)?;
                let inner = table.into_iter().map(|(key, raw)| Ok((key, Self::of(raw, depth + 1)?)));
                Self::Table(inner.collect::<Result<_, String>>()?)
            }
            Some(b'[') => {
                let list: Vec<&RawValue> = serde_json::from_str(text).map_err(fail)?;
                Self::List(list.into_iter().map(|raw| Self::of(raw, depth + 1)).collect::<Result<_, _>>()?)
            }
            Some(b'"') => Self::Text(serde_json::from_str(text).map_err(fail)?),
            Some(b't') => Self::Bool(true),
            Some(b'f') => Self::Bool(false),
            Some(b'n') | None => Self::Null,
            Some(_) => Self::Number(text.to_owned()),
        })
    }

    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        self.table()?.get(key).filter(|value| **value != Self::Null)
    }

    pub(super) const fn table(&self) -> Option<&BTreeMap<String, Self>> {
        if let Self::Table(table) = self { Some(table) } else { None }
    }

    pub(super) fn list(&self) -> Option<&[Self]> {
        if let Self::List(list) = self { Some(list) } else { None }
    }

    pub(super) fn text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    /// The digits of a number, also of one that is written as a text.
    pub(super) fn digits(&self) -> Option<&str> {
        match self {
            Self::Number(text) | Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// A whole number.
    pub(super) fn whole(&self) -> Option<u64> {
        use rust_decimal::prelude::ToPrimitive as _;
        super::amount::scaled(self.digits()?, 0).filter(|d| d.is_integer()).and_then(|d| d.to_u64())
    }
}
