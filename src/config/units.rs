//! Values with units: durations, rates, sizes.

use super::value::{Expected, Value, wrong};
use jiff::SignedDuration;
use std::time::Duration;
use toml::de::DeValue;

impl Value for Duration {
    fn expected() -> String {
        "a duration such as \"500ms\", \"30s\" or \"6h\"".into()
    }
    fn read(value: &DeValue<'_>) -> Result<Self, Expected> {
        match value {
            DeValue::String(s) => s
                .parse::<SignedDuration>()
                .or_else(|error| days(s).ok_or(error))
                .ok()
                .and_then(|d| Self::try_from(d).ok())
                .filter(|d| !d.is_zero())
                .ok_or_else(|| wrong::<Self>(None)),
            DeValue::Integer(i) => Err(wrong::<Self>(Some(format!("write the unit: \"{i}s\"")))),
            _ => Err(wrong::<Self>(None)),
        }
    }
}

/// Whole days of 24 hours, written `"30d"`, which a calendar's days need not be.
fn days(text: &str) -> Option<SignedDuration> {
    let number: i64 = text.trim().strip_suffix('d')?.trim_end().parse().ok()?;
    number.checked_mul(24).filter(|hours| *hours < i64::MAX / 3600).map(SignedDuration::from_hours)
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
    use super::super::value::tests::value;
    use super::*;

    #[test]
    fn units_are_required_and_bounded() {
        assert_eq!(value::<Duration>("\"1h 30m\""), Ok(Duration::from_secs(5400)));
        assert_eq!(
            value::<Duration>("30"),
            Err("a duration such as \"500ms\", \"30s\" or \"6h\", found 30\n  hint: write the unit: \"30s\"".into())
        );
        assert_eq!(value::<Duration>("\"30d\""), Ok(Duration::from_secs(30 * 86_400)));
        assert_eq!(value::<Duration>("\"9999999999999999999d\"").ok(), None);
        assert_eq!(value::<Duration>("\"-1s\"").ok(), None);
        assert_eq!(value::<ByteSize>("\"2 GiB\""), Ok(ByteSize(2 << 30)));
        assert_eq!(value::<ByteSize>("\"99999999 TiB\"").ok(), None);
        assert_eq!(value::<Rate>("\"120/min\""), Ok(Rate { per_second: 2.0 }));
        for bad in ["\"0/s\"", "\"1e9/s\"", "\"1e-300/s\"", "\"nan/s\"", "\"2 per s\"", "2"] {
            assert_eq!(value::<Rate>(bad).ok(), None, "{bad}");
        }
    }
}
