//! JSON values as they are compared: numbers exact, whatever their length, and objects without an order.

use std::collections::BTreeMap;
use std::fmt;

/// A JSON value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Value {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number, by value: `1`, `1.0` and `10e-1` are equal.
    Number(Number),
    /// A text.
    Text(String),
    /// An array.
    List(Vec<Value>),
    /// An object; each name is there once.
    Object(BTreeMap<String, Value>),
}

impl Value {
    /// The word that a schema has for its type; a number is `integer` where it is whole.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "boolean",
            Self::Number(number) if number.is_whole() => "integer",
            Self::Number(_) => "number",
            Self::Text(_) => "string",
            Self::List(_) => "array",
            Self::Object(_) => "object",
        }
    }

    /// Whether it is an array or an object.
    #[must_use]
    pub const fn is_container(&self) -> bool {
        matches!(self, Self::List(_) | Self::Object(_))
    }

    /// How many values in it have no parts: what scores count. An empty array or object is one.
    #[must_use]
    pub fn leaves(&self) -> usize {
        match self {
            Self::List(all) if !all.is_empty() => all.iter().map(Self::leaves).sum(),
            Self::Object(all) if !all.is_empty() => all.values().map(Self::leaves).sum(),
            _ => 1,
        }
    }
}

impl From<&serde_json::Value> for Value {
    fn from(json: &serde_json::Value) -> Self {
        use serde_json::Value as Json;
        match json {
            Json::Null => Self::Null,
            Json::Bool(bit) => Self::Bool(*bit),
            Json::Number(number) => Self::Number(Number::from(number)),
            Json::String(text) => Self::Text(text.clone()),
            Json::Array(all) => Self::List(all.iter().map(Self::from).collect()),
            Json::Object(all) => Self::Object(all.iter().map(|(name, value)| (name.clone(), value.into())).collect()),
        }
    }
}

/// JSON text on one line, names in order.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool(bit) => write!(f, "{bit}"),
            Self::Number(number) => write!(f, "{number}"),
            Self::Text(text) => quoted(text, f),
            Self::List(all) => {
                f.write_str("[")?;
                for (i, value) in all.iter().enumerate() {
                    write!(f, "{}{value}", if i > 0 { ", " } else { "" })?;
                }
                f.write_str("]")
            }
            Self::Object(all) => {
                f.write_str("{")?;
                for (i, (name, value)) in all.iter().enumerate() {
                    f.write_str(if i > 0 { ", " } else { "" })?;
                    quoted(name, f)?;
                    write!(f, ": {value}")?;
                }
                f.write_str("}")
            }
        }
    }
}

/// Written as it goes, so that whoever wants the beginning only can stop.
fn quoted(text: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    use fmt::Write;
    f.write_char('"')?;
    for c in text.chars() {
        match c {
            '"' | '\\' => write!(f, "\\{c}")?,
            '\n' => f.write_str("\\n")?,
            '\r' => f.write_str("\\r")?,
            '\t' => f.write_str("\\t")?,
            '\0'..='\x1f' => write!(f, "\\u{:04x}", u32::from(c))?,
            c => f.write_char(c)?,
        }
    }
    f.write_char('"')
}

/// The first characters of a value's JSON text; no more than those are written.
#[must_use]
pub fn beginning(value: &Value, count: usize) -> String {
    struct Head(String, usize);
    impl fmt::Write for Head {
        fn write_str(&mut self, text: &str) -> fmt::Result {
            for c in text.chars() {
                self.1 = self.1.checked_sub(1).ok_or(fmt::Error)?;
                self.0.push(c);
            }
            Ok(())
        }
    }
    let mut head = Head(String::new(), count);
    match fmt::Write::write_fmt(&mut head, format_args!("{value}")) {
        Ok(()) => head.0,
        Err(fmt::Error) => format!("{}…", head.0),
    }
}

/// A decimal number: `digits` × 10^`exponent`, with neither leading nor trailing zeros, so that equal numbers are equal
/// in form. Zero has no digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Number {
    negative: bool,
    digits: String,
    exponent: i64,
}

/// More digits of an exponent than these are no number that anybody means.
const EXPONENT_DIGITS: usize = 9;

impl Number {
    /// Reads a number as JSON writes it; none where it is none.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let (negative, text) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        let (mantissa, exponent) = text.split_once(['e', 'E']).map_or((text, None), |(m, e)| (m, Some(e)));
        let (whole, fraction) = mantissa.split_once('.').map_or((mantissa, None), |(w, f)| (w, Some(f)));
        let are_digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        if !are_digits(whole) || (whole.len() > 1 && whole.starts_with('0')) || fraction.is_some_and(|f| !are_digits(f))
        {
            return None;
        }
        let exponent = match exponent {
            None => 0,
            Some(text) => {
                let (sign, digits) = match text.strip_prefix('-') {
                    Some(digits) => (-1, digits),
                    None => (1, text.strip_prefix('+').unwrap_or(text)),
                };
                if !are_digits(digits) || digits.trim_start_matches('0').len() > EXPONENT_DIGITS {
                    return None;
                }
                sign * digits.parse::<i64>().ok()?
            }
        };
        let fraction = fraction.unwrap_or("");
        let all = format!("{whole}{fraction}");
        let (all, shift) = (all.trim_start_matches('0'), i64::try_from(fraction.len()).ok()?);
        let digits = all.trim_end_matches('0');
        if digits.is_empty() {
            return Some(Self { negative: false, digits: String::new(), exponent: 0 });
        }
        let zeros = i64::try_from(all.len() - digits.len()).ok()?;
        Some(Self { negative, digits: digits.to_owned(), exponent: exponent - shift + zeros })
    }

    /// Whether it has no fraction.
    #[must_use]
    pub const fn is_whole(&self) -> bool {
        self.exponent >= 0
    }

    /// Whether it is above zero.
    #[must_use]
    pub const fn is_positive(&self) -> bool {
        !self.negative && !self.digits.is_empty()
    }

    /// Whether it is a whole multiple of another, exactly; none where that one is not positive or has more than 18 digits.
    #[must_use]
    pub fn is_multiple_of(&self, step: &Self) -> Option<bool> {
        let unit = step.digits.parse::<u64>().ok().filter(|_| step.is_positive() && step.digits.len() <= 18)?;
        if self.digits.is_empty() {
            return Some(true);
        }
        let Ok(mut shift) = u64::try_from(self.exponent - step.exponent) else {
            // A finer number than the step: its last digit is not 0, so that no power of ten divides it.
            return Some(false);
        };
        let unit = u128::from(unit);
        let mut rest = self.digits.bytes().fold(0, |rest, digit| (rest * 10 + u128::from(digit - b'0')) % unit);
        let mut power = 10 % unit;
        while shift > 0 {
            if shift % 2 == 1 {
                rest = rest * power % unit;
            }
            (power, shift) = (power * power % unit, shift / 2);
        }
        Some(rest == 0)
    }

    /// Where its first digit stands: 1 for 1 to 9, 2 for 10 to 99.
    fn magnitude(&self) -> i64 {
        i64::try_from(self.digits.len()).unwrap_or(i64::MAX).saturating_add(self.exponent)
    }
}

impl From<&serde_json::Number> for Number {
    fn from(number: &serde_json::Number) -> Self {
        Self::read(&number.to_string()).unwrap_or(Self { negative: false, digits: String::new(), exponent: 0 })
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        let sign = |n: &Self| match (n.negative, n.digits.is_empty()) {
            (true, _) => -1,
            (false, true) => 0,
            (false, false) => 1,
        };
        let by_size = || (self.magnitude(), &self.digits).cmp(&(other.magnitude(), &other.digits));
        sign(self).cmp(&sign(other)).then_with(|| if self.negative { by_size().reverse() } else { by_size() })
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { negative, digits, exponent } = self;
        let sign = if *negative { "-" } else { "" };
        let places = usize::try_from(exponent.unsigned_abs()).unwrap_or(usize::MAX);
        match (digits.as_str(), *exponent) {
            ("", _) => f.write_str("0"),
            (digits, 0..=20) => write!(f, "{sign}{digits}{}", "0".repeat(places)),
            (digits, ..0) if places < digits.len() => {
                let (whole, fraction) = digits.split_at(digits.len() - places);
                write!(f, "{sign}{whole}.{fraction}")
            }
            (digits, ..0) if places <= 20 => write!(f, "{sign}0.{digits:0>places$}"),
            (digits, exponent) => write!(f, "{sign}{digits}e{exponent}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn number(text: &str) -> Number {
        Number::read(text).unwrap()
    }

    #[test]
    fn numbers_are_equal_by_value_and_exact_at_any_length() {
        for (a, b) in [("1", "1.0"), ("100", "1e2"), ("0.10", "1E-1"), ("-0", "0e5"), ("12.50", "125e-1")] {
            assert_eq!(number(a), number(b), "{a} {b}");
        }
        for (less, more) in [
            ("12345678901234567890123", "12345678901234567890124"),
            ("-2", "-1"),
            ("-1", "0"),
            ("0.99", "1"),
            ("9", "10"),
            ("1e-9", "1e9"),
        ] {
            assert!(number(less) < number(more), "{less} {more}");
        }
        for bad in ["", "-", "01", "1.", ".5", "+1", "1e", "1e+", "0x1", "NaN", "1e9999999999", "1_000", "１"] {
            assert_eq!(Number::read(bad), None, "{bad}");
        }
    }

    #[test]
    fn multiples_are_exact() {
        for (n, step, want) in [
            ("0.07", "0.01", Some(true)),
            ("0.075", "0.01", Some(false)),
            ("19.99", "0.01", Some(true)),
            ("1e300", "3", Some(false)),
            ("3e300", "3", Some(true)),
            ("0", "7", Some(true)),
            ("-14", "7", Some(true)),
            ("1", "0", None),
            ("1", "1234567890123456789", None),
        ] {
            assert_eq!(number(n).is_multiple_of(&number(step)), want, "{n} {step}");
        }
    }

    #[test]
    fn values_are_shown_as_json() {
        let json: serde_json::Value =
            serde_json::from_str(r#"{"b": [1.50, -0.001, 1e30, null], "a": "\"é\n"}"#).unwrap();
        assert_eq!(Value::from(&json).to_string(), r#"{"a": "\"é\n", "b": [1.5, -0.001, 1e30, null]}"#);
    }

    proptest! {
        #[test]
        fn order_is_that_of_integers_and_what_is_shown_is_read_again(a: i64, b: i64, e in -30_i32..30) {
            let (x, y) = (number(&a.to_string()), number(&b.to_string()));
            prop_assert_eq!(x.cmp(&y), a.cmp(&b));
            let scaled = number(&format!("{a}e{e}"));
            prop_assert_eq!(number(&scaled.to_string()), scaled);
        }
    }
}
