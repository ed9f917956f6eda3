//! Numbers as people read them: no more digits than they carry, and never a unit left out.

use super::Report;
use crate::board::{Breach, Figures, Reason};
use crate::domain::Money;
use crate::stats::{Method, PairedGap};

/// What stands where nothing was measured.
pub(in crate::export) const NOTHING: &str = "–";

/// The mark of a row whose timing is not valid.
pub(super) const INVALID: &str = "‡";

/// Why a rule does not hold, in words.
#[must_use]
pub fn breach(breach: &Breach) -> String {
    let Breach { reason, measured, limit } = *breach;
    let ms = |seconds: f64| format!("{} ms", significant(seconds * 1e3, 3));
    match reason {
        Reason::ClientLag => format!(
            "client_lag: received bytes waited up to {} (p99) for this program; at most {} is allowed",
            ms(measured),
            ms(limit)
        ),
        Reason::SendLag => format!(
            "send_lag: requests left up to {} (p99) after their instant; at most {} is allowed: this machine was too \
             slow, or the target's limits held them back",
            ms(measured),
            ms(limit)
        ),
        Reason::Underdelivered => format!(
            "underdelivered: only {} % of the offered load was delivered; at least {} % is needed",
            percent(measured),
            percent(limit)
        ),
        Reason::NotKernelStamped => format!(
            "not_kernel_stamped: {} % of the answers have no receive stamps of the kernel; this program's own lag is in \
             their latencies",
            percent(measured)
        ),
        Reason::FewSamples => {
            format!("few_samples: p99 of {measured} answers is their slowest; it takes {limit} for more")
        }
    }
}

/// The over-fit gap of a row in words.
pub(super) fn gap(row: &Figures) -> Option<String> {
    let PairedGap { difference, base, forms, pairs, answers: (_, others), p, method } = row.gap?;
    let [gap, low, high] = [difference.estimate, difference.lower, difference.upper].map(percent);
    let [base, forms] = [base, forms].map(percent);
    let p = if p < 0.0001 { "< 0.0001".to_owned() } else { format!("{p:.4}") };
    let test = match method {
        Method::Newcombe => "exact McNemar",
        Method::Student => "Student",
    };
    let Figures { target, scenario, .. } = row;
    Some(format!(
        "{target} on {scenario}: over-fit gap {gap} points (95 %: {low} to {high}; {test} p {p}) = published form {base} % − \
         other forms {forms} %, {pairs} items paired with {others} answers to other forms"
    ))
}

/// A share in per cent with one decimal, without the sign.
#[must_use]
pub fn percent(share: f64) -> String {
    // Adding zero turns −0.0 into 0.0.
    format!("{:.1}", (share * 1000.0).round() / 10.0 + 0.0)
}

/// A positive number to so many significant digits, in plain decimals; whole from there on.
#[must_use]
pub fn significant(x: f64, digits: usize) -> String {
    if x.is_infinite() {
        return "∞".to_owned();
    }
    if x == 0.0 {
        return "0".to_owned();
    }
    // The exponent after rounding: 0.9996 becomes 1.00 and not 1.000.
    let rounded = format!("{x:.*e}", digits.saturating_sub(1));
    let exponent: i32 = rounded.split_once('e').and_then(|(_, e)| e.parse().ok()).unwrap_or(0);
    let wanted = i32::try_from(digits).unwrap_or(3) - 1 - exponent;
    format!("{x:.*}", usize::try_from(wanted).unwrap_or(0))
}

/// The unit that a column of money is shown in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::export) enum Unit {
    /// US dollars.
    Usd,
    /// Millionths of them, where dollars would be mostly zeros.
    MicroUsd,
}

impl Unit {
    /// The unit with its sign.
    pub(in crate::export) fn signed(self, usd: f64) -> String {
        match self {
            Self::Usd if usd > 0.0 && usd < 1.0 || usd.is_infinite() => format!("${}", self.bare(usd)),
            Self::Usd if usd >= 1000.0 => format!("${usd:.0}"),
            Self::Usd => format!("${usd:.2}"),
            Self::MicroUsd => format!("µ${}", self.bare(usd)),
        }
    }

    /// The number alone, beside a signed one.
    pub(in crate::export) fn bare(self, usd: f64) -> String {
        match self {
            Self::Usd if (1.0..1000.0).contains(&usd) => format!("{usd:.2}"),
            Self::Usd => significant(usd, 3),
            Self::MicroUsd => significant(usd * 1e6, 3),
        }
    }
}

/// An amount in USD: `$0.00042`, `$12.50`.
#[must_use]
pub fn usd(amount: f64) -> String {
    Unit::Usd.signed(amount)
}

/// An exact amount in USD as a decimal number, for machines.
pub(in crate::export) fn exact_usd(amount: Money) -> String {
    amount.to_string().trim_end_matches(" USD").to_owned()
}

/// A stretch of time for people: `950 ms`, `42.1 s`, `3 min 12 s`, `2 h 05 min`.
#[must_use]
pub fn duration(milliseconds: u64) -> String {
    let seconds = milliseconds / 1000;
    match seconds {
        0 => format!("{milliseconds} ms"),
        1..=59 => format!("{seconds}.{} s", milliseconds % 1000 / 100),
        60..=3599 => format!("{} min {:02} s", seconds / 60, seconds % 60),
        _ => format!("{} h {:02} min", seconds / 3600, seconds % 3600 / 60),
    }
}

/// An instant as people read it, in UTC.
#[must_use]
pub fn instant(unix_ms: i64) -> String {
    let told = jiff::Timestamp::from_millisecond(unix_ms).map(|t| t.strftime("%Y-%m-%d %H:%M:%S UTC").to_string());
    told.unwrap_or_else(|_| format!("{unix_ms} ms"))
}

/// An instant as machines read it (RFC 3339).
pub(in crate::export) fn rfc3339(unix_ms: i64) -> String {
    jiff::Timestamp::from_millisecond(unix_ms).map(|t| t.to_string()).unwrap_or_default()
}

/// A report's first line: which run, when, how long, how it ended.
#[must_use]
pub fn heading(report: &Report) -> String {
    let Report { run, started_unix_ms, finished_unix_ms, complete, .. } = report;
    let state = match finished_unix_ms {
        None => "goes on".to_owned(),
        Some(end) => {
            let took = duration(u64::try_from(end.saturating_sub(*started_unix_ms)).unwrap_or(0));
            format!("{took} · {}", if *complete { "complete" } else { "incomplete" })
        }
    };
    format!("run {run} · {} · {state}", instant(*started_unix_ms))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn money_keeps_its_digits_and_never_its_noise() {
        for (amount, text) in [
            (0.0, "$0.00"),
            (0.000_42, "$0.000420"),
            (0.999_6, "$1.00"),
            (0.012_345, "$0.0123"),
            (1.0, "$1.00"),
            (12.5, "$12.50"),
            (1234.567, "$1235"),
            (f64::INFINITY, "$∞"),
        ] {
            assert_eq!(usd(amount), text);
        }
        assert_eq!(Unit::MicroUsd.signed(0.000_000_011_3), "µ$0.0113");
        assert_eq!(Unit::MicroUsd.bare(0.000_412), "412");
    }

    #[test]
    fn durations_are_in_the_unit_people_would_use() {
        for (ms, text) in
            [(950, "950 ms"), (42_190, "42.1 s"), (192_000, "3 min 12 s"), (7_500_000, "2 h 05 min"), (0, "0 ms")]
        {
            assert_eq!(duration(ms), text);
        }
    }

    #[test]
    fn shares_round_to_a_tenth_of_a_point_without_a_negative_zero() {
        assert_eq!([0.9391, 1.0, 0.0, -0.0001, -0.125].map(percent), ["93.9", "100.0", "0.0", "0.0", "-12.5"]);
    }

    proptest! {
        #[test]
        fn three_digits_are_within_half_a_percent(x in 1e-9..1e9f64) {
            let back: f64 = significant(x, 3).parse().unwrap();
            prop_assert!((back / x - 1.0).abs() <= 0.005_000_1, "{x} {back}");
        }
    }
}
