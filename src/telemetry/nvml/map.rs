//! What the driver says, made into what it means: an error into why something is not there, a number into a value, or
//! into nothing where it can't be true. Pure, so that every case has a test without a driver.

use crate::telemetry::{Absence, Value};
use nvml_wrapper::bitmasks::device::ThrottleReasons;
use nvml_wrapper::enums::device::SampleValue;
use nvml_wrapper::error::NvmlError;

/// Watts that no device draws.
pub(super) const MOST_WATTS: f64 = 10_000.0;
/// Joules that no device has used: so many watts for 25 years.
const MOST_JOULES: f64 = MOST_WATTS * 25.0 * 365.0 * 86_400.0;
/// Degrees Celsius that no working device has.
const MOST_DEGREES: u32 = 200;
/// Megahertz that no device reaches.
const MOST_MEGAHERTZ: u32 = 20_000;
/// Bytes that no device has.
const MOST_BYTES: u64 = 1 << 50;
/// GPM's shares come out of counters that are read one after another: so much above 100 % is rounding, more is nonsense.
const GPM_SLACK: f64 = 2.0;
/// Characters of a name that are kept.
const LONGEST_NAME: usize = 96;

/// What an error means for what was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Refusal {
    /// This figure is not to be had. `forever`: as long as this driver is loaded, so that nobody asks again.
    Figure { why: Absence, detail: String, forever: bool },
    /// The whole device is gone.
    Device(String),
    /// The whole driver is gone.
    Driver(Absence, String),
}

/// What this error of a loaded driver means.
pub(super) fn refusal(error: &NvmlError) -> Refusal {
    let detail = error.to_string();
    let figure = |why, forever| Refusal::Figure { why, detail: detail.clone(), forever };
    match error {
        NvmlError::FailedToLoadSymbol(_) | NvmlError::FunctionNotFound | NvmlError::NotSupported => {
            figure(Absence::NotSupported, true)
        }
        NvmlError::NoPermission | NvmlError::OperatingSystem => figure(Absence::NoPermission, false),
        NvmlError::GpuLost | NvmlError::ResetRequired => Refusal::Device(detail),
        NvmlError::Uninitialized | NvmlError::DriverNotLoaded | NvmlError::LibRmVersionMismatch => {
            Refusal::Driver(Absence::NoDriver, detail)
        }
        NvmlError::Utf8Error(_)
        | NvmlError::UnexpectedVariant(_)
        | NvmlError::IncorrectBits(_)
        | NvmlError::InsufficientSize(_)
        | NvmlError::StringTooLong { .. } => figure(Absence::Nonsense, false),
        NvmlError::NotFound => figure(Absence::NoDevice, false),
        // Driver and wrapper may name more in the future; none of it is worth a run.
        _ => figure(Absence::Other, false),
    }
}

/// Why the library or its driver could not be opened.
pub(super) fn unopened(error: &NvmlError) -> (Absence, String) {
    let detail = error.to_string();
    let why = match error {
        // The loader has no codes, only its own words.
        NvmlError::LibloadingError(_) if detail.contains("No such file") => Absence::NoLibrary,
        NvmlError::LibloadingError(_) if detail.contains("Permission denied") => Absence::NoPermission,
        NvmlError::LibloadingError(_) | NvmlError::FailedToLoadSymbol(_) | NvmlError::NulError(_) => {
            Absence::WrongLibrary
        }
        NvmlError::LibraryNotFound => Absence::NoLibrary,
        NvmlError::DriverNotLoaded | NvmlError::LibRmVersionMismatch => Absence::NoDriver,
        NvmlError::NoPermission | NvmlError::OperatingSystem => Absence::NoPermission,
        NvmlError::GpuLost | NvmlError::ResetRequired => Absence::Lost,
        NvmlError::NotFound => Absence::NoDevice,
        NvmlError::NotSupported => Absence::NotSupported,
        _ => Absence::Other,
    };
    (why, detail)
}

/// Share out of whole per cent.
pub(super) fn percent(raw: u32) -> Option<f64> {
    (raw <= 100).then(|| f64::from(raw) / 100.0)
}

/// Share out of a sample of the driver's buffer, whichever type it says it has.
pub(super) fn sampled(raw: &SampleValue) -> Option<f64> {
    match raw {
        SampleValue::U32(n) => percent(*n),
        SampleValue::U64(n) => u32::try_from(*n).ok().and_then(percent),
        SampleValue::I64(n) => u32::try_from(*n).ok().and_then(percent),
        SampleValue::F64(x) => (0.0..=100.0).contains(x).then(|| x / 100.0),
    }
}

/// Milliwatts of a sample, as a share of the most that is believed.
pub(super) fn power_share(raw: &SampleValue) -> Option<f64> {
    let milliwatts = match raw {
        SampleValue::U32(n) => *n,
        SampleValue::U64(n) => u32::try_from(*n).ok()?,
        SampleValue::I64(n) => u32::try_from(*n).ok()?,
        SampleValue::F64(_) => return None,
    };
    watts(milliwatts).map(|watts| watts.value / MOST_WATTS)
}

/// Share out of one of GPM's percentages.
pub(super) fn activity(raw: f64) -> Option<f64> {
    (0.0..=100.0 + GPM_SLACK).contains(&raw).then(|| (raw / 100.0).min(1.0))
}

/// Watts out of milliwatts.
pub(super) fn watts(raw: u32) -> Option<Value> {
    Some(f64::from(raw) / 1e3).filter(|w| *w <= MOST_WATTS).and_then(Value::measured)
}

/// Joules out of millijoules.
#[expect(clippy::cast_precision_loss, reason = "beyond 2^53 mJ it is refused anyway")]
pub(super) fn joules(raw: u64) -> Option<Value> {
    Some(raw as f64 / 1e3).filter(|j| *j <= MOST_JOULES).and_then(Value::measured)
}

/// Degrees Celsius. A negative one comes as a huge number, like a blank.
pub(super) fn degrees(raw: u32) -> Option<Value> {
    (raw <= MOST_DEGREES).then(|| f64::from(raw)).and_then(Value::measured)
}

/// Hertz out of megahertz.
pub(super) fn hertz(raw: u32) -> Option<Value> {
    (raw <= MOST_MEGAHERTZ).then(|| f64::from(raw) * 1e6).and_then(Value::measured)
}

/// Bytes used and in all; none of both where they contradict each other.
pub(super) fn memory(used: u64, total: u64) -> Option<(Value, Value)> {
    if total == 0 || total > MOST_BYTES || used > total {
        return None;
    }
    Value::measured(bytes(used)).zip(Value::measured(bytes(total)))
}

/// Bytes of one process; none for a blank.
pub(super) fn process_bytes(raw: u64) -> Option<u64> {
    (raw <= MOST_BYTES).then_some(raw)
}

#[expect(clippy::cast_precision_loss, reason = "below 2^50")]
fn bytes(n: u64) -> f64 {
    n as f64
}

/// The words for why a device is slowed down, with the driver's bits.
const THROTTLES: [(ThrottleReasons, &str); 8] = [
    (ThrottleReasons::APPLICATIONS_CLOCKS_SETTING, "applications_clocks"),
    (ThrottleReasons::SW_POWER_CAP, "power_cap"),
    (ThrottleReasons::HW_SLOWDOWN, "hw_slowdown"),
    (ThrottleReasons::SYNC_BOOST, "sync_boost"),
    (ThrottleReasons::SW_THERMAL_SLOWDOWN, "thermal"),
    (ThrottleReasons::HW_THERMAL_SLOWDOWN, "hw_thermal"),
    (ThrottleReasons::HW_POWER_BRAKE_SLOWDOWN, "power_brake"),
    (ThrottleReasons::DISPLAY_CLOCK_SETTING, "display_clocks"),
];

/// Why a device is slowed down. An idle one has low clocks for want of work, and is not slowed down. Bits that are not
/// known are passed over, since drivers add some; all of them at once is a blank.
pub(super) fn throttled(raw: u64) -> Option<Vec<&'static str>> {
    if raw == u64::MAX || raw == u64::from(u32::MAX) {
        return None;
    }
    Some(THROTTLES.iter().filter(|(bit, _)| raw & bit.bits() != 0).map(|(_, word)| *word).collect())
}

/// A product's name as it may be shown: no control characters, not endless.
pub(super) fn name(raw: &str) -> String {
    let plain = raw.chars().map(|c| if c.is_control() { ' ' } else { c });
    plain.collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ").chars().take(LONGEST_NAME).collect()
}

/// A UUID that can stand for a device: something printable, and not endless.
pub(super) fn uuid(raw: &str) -> Option<&str> {
    let fits = !raw.is_empty() && raw.len() <= LONGEST_NAME && raw.bytes().all(|b| b.is_ascii_graphic());
    fits.then_some(raw)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_that_cannot_be_true_is_nothing() {
        assert_eq!(percent(100), Some(1.0));
        assert_eq!(percent(101), None);
        assert_eq!(percent(u32::MAX), None);
        assert_eq!(watts(350_500), Value::measured(350.5));
        assert_eq!(watts(10_000_001), None);
        assert_eq!(watts(u32::MAX), None);
        assert_eq!(joules(1_500), Value::measured(1.5));
        // DCGM's blank, and NVML's.
        assert_eq!(joules(9_223_372_036_854_775_794), None);
        assert_eq!(joules(u64::MAX), None);
        assert_eq!(degrees(61), Value::measured(61.0));
        assert_eq!(degrees(u32::MAX - 40), None);
        assert_eq!(hertz(1_980), Value::measured(1.98e9));
        assert_eq!(hertz(u32::MAX), None);
        assert_eq!(memory(1 << 30, 80 << 30).map(|(u, t)| u.value / t.value), Some(1.0 / 80.0));
        assert_eq!(memory(81 << 30, 80 << 30), None);
        assert_eq!(memory(0, 0), None);
        assert_eq!(memory(u64::MAX, u64::MAX), None);
    }

    #[test]
    fn activities_bear_rounding_and_no_nonsense() {
        assert_eq!(activity(50.0), Some(0.5));
        assert_eq!(activity(100.4), Some(1.0));
        assert_eq!(activity(140.0), None);
        assert_eq!(activity(-0.5), None);
        assert_eq!(activity(f64::NAN), None);
        assert_eq!(activity(f64::INFINITY), None);
    }

    #[test]
    fn samples_of_every_type_are_read() {
        assert_eq!(sampled(&SampleValue::U32(40)), Some(0.4));
        assert_eq!(sampled(&SampleValue::U64(40)), Some(0.4));
        assert_eq!(sampled(&SampleValue::I64(40)), Some(0.4));
        assert_eq!(sampled(&SampleValue::F64(40.0)), Some(0.4));
        let wrong =
            [SampleValue::U32(101), SampleValue::U64(1 << 40), SampleValue::I64(-1), SampleValue::F64(f64::NAN)];
        assert_eq!(wrong.map(|value| sampled(&value)), [None; 4]);
        assert_eq!(power_share(&SampleValue::U32(500_000)), Some(0.05));
        assert_eq!(power_share(&SampleValue::U64(500_000)), Some(0.05));
        assert_eq!([SampleValue::U32(u32::MAX), SampleValue::I64(-1)].map(|value| power_share(&value)), [None; 2]);
    }

    #[test]
    fn being_idle_is_not_being_slowed_down() {
        assert_eq!(throttled(0), Some(vec![]));
        assert_eq!(throttled(1), Some(vec![]));
        assert_eq!(throttled(0b10_0100), Some(vec!["power_cap", "thermal"]));
        assert_eq!(throttled(1 << 40 | 8), Some(vec!["hw_slowdown"]));
        assert_eq!(throttled(u64::MAX), None);
    }

    #[test]
    fn names_are_made_fit_to_be_shown() {
        assert_eq!(name("NVIDIA H100\u{1b}[31m \t80GB\n"), "NVIDIA H100 [31m 80GB");
        assert_eq!(name(&"x".repeat(500)).len(), LONGEST_NAME);
        assert_eq!(uuid("GPU-12"), Some("GPU-12"));
        assert_eq!([uuid(""), uuid("GPU 12"), uuid("GPU-\u{e9}")], [None; 3]);
    }

    #[test]
    fn errors_mean_a_figure_a_device_or_the_driver() {
        let word = |error: NvmlError| match refusal(&error) {
            Refusal::Figure { why, forever, .. } => (why.label(), forever),
            Refusal::Device(_) => ("device", false),
            Refusal::Driver(..) => ("driver", false),
        };
        assert_eq!(word(NvmlError::FailedToLoadSymbol("nvmlX".into())), ("not_supported", true));
        assert_eq!(word(NvmlError::NotSupported), ("not_supported", true));
        assert_eq!(word(NvmlError::NoPermission), ("no_permission", false));
        assert_eq!(word(NvmlError::GpuLost), ("device", false));
        assert_eq!(word(NvmlError::ResetRequired), ("device", false));
        assert_eq!(word(NvmlError::Uninitialized), ("driver", false));
        assert_eq!(word(NvmlError::Unknown), ("other", false));
        assert_eq!(word(NvmlError::UnexpectedVariant(9)), ("nonsense", false));
    }

    #[test]
    fn a_driver_that_does_not_open_says_why() {
        assert_eq!(unopened(&NvmlError::DriverNotLoaded).0, Absence::NoDriver);
        assert_eq!(unopened(&NvmlError::NoPermission).0, Absence::NoPermission);
        assert_eq!(unopened(&NvmlError::FailedToLoadSymbol("nvmlInit_v2".into())).0, Absence::WrongLibrary);
        assert_eq!(unopened(&NvmlError::LibraryNotFound).0, Absence::NoLibrary);
    }
}
