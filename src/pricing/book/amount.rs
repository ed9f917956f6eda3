//! Decimals out of the digits that stand in a JSON, never through floating point.

use rust_decimal::Decimal;

/// A number as JSON writes it (`1.25e-06`, `0.00000125`, `3`) times 10 to a power, exactly; none where it can't be held.
pub(super) fn scaled(text: &str, power: i32) -> Option<Decimal> {
    let text = text.trim();
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
        None => (text, 0),
    };
    let (sign, mantissa) = match mantissa.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", mantissa),
    };
    let (whole, part) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{part}");
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    // How many digits stand behind the point.
    let behind = i64::try_from(part.len()).ok()? - i64::from(exponent) - i64::from(power);
    let digits = digits.trim_start_matches('0');
    if digits.is_empty() {
        return Some(Decimal::ZERO);
    }
    if !(-40..=60).contains(&behind) {
        return None;
    }
    let text = match usize::try_from(behind) {
        Ok(behind) => {
            let padded = format!("{digits:0>width$}", width = behind + 1);
            let (whole, part) = padded.split_at(padded.len() - behind);
            format!("{sign}{whole}.{}", part.trim_end_matches('0'))
        }
        Err(_) => format!("{sign}{digits}{}", "0".repeat(usize::try_from(-behind).ok()?)),
    };
    Decimal::from_str_exact(text.trim_end_matches('.')).ok().map(|d| d.normalize())
}

/// How many digits a decimal has that mean something: 15 and more are what a float's rounding leaves.
pub(super) fn digits(decimal: Decimal) -> usize {
    decimal.normalize().mantissa().unsigned_abs().to_string().trim_end_matches('0').len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::str::FromStr;

    #[test]
    fn the_digits_are_kept() {
        for (text, power, want) in [
            ("1.25e-06", 6, "1.25"),
            ("1e-7", 6, "0.1"),
            ("0.00000125", 6, "1.25"),
            ("1.0000000000000001e-07", 6, "0.10000000000000001"),
            ("3", 0, "3"),
            ("12", -3, "0.012"),
            ("0.0", 6, "0"),
            ("1E+2", 0, "100"),
            ("-1", 6, "-1000000"),
            ("1.50", 0, "1.5"),
        ] {
            assert_eq!(scaled(text, power), Decimal::from_str(want).ok(), "{text}");
        }
        for bad in ["", "x", "1e", "1e-99", "1e99", "NaN", "1_0", "+1", "1.2.3"] {
            assert_eq!(scaled(bad, 6), None, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn a_per_token_price_in_any_form_is_the_same_per_million(n in 1u64..1_000_000_000, places in 0u32..18) {
            let want = Decimal::from_i128_with_scale(i128::from(n), places).normalize();
            let scientific = format!("{n}e-{}", places + 6);
            let plain = Decimal::from_i128_with_scale(i128::from(n), places + 6).to_string();
            prop_assert_eq!(scaled(&scientific, 6), Some(want));
            prop_assert_eq!(scaled(&plain, 6), Some(want));
        }
    }
}
