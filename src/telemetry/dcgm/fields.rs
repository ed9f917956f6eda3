//! DCGM's fields: what each is, in which unit, which numbers are none, and which values can be.

use crate::telemetry::{Absence, Busy, Device, Value};

/// Parts of a device's memory, in MiB.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Used,
    Free,
    Reserved,
}

impl Part {
    pub(super) const fn place(self) -> usize {
        match self {
            Self::Used => 0,
            Self::Free => 1,
            Self::Reserved => 2,
        }
    }
}

/// What a field tells of.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Field {
    /// A share of time or cycles, in units of so much (0.01 for percent).
    Busy(Busy, f64),
    /// Share of time in which any engine worked: stands for kernel_active where that is not told.
    AnyEngine,
    Memory(Part),
    /// Watts.
    Power,
    /// Millijoules.
    Energy,
    /// Degrees Celsius.
    Temperature,
    /// Megahertz.
    Clock,
    /// Bits of NVML's clocks event reasons.
    Throttled,
}

/// The field of a metric's name.
pub(super) fn field(name: &str) -> Option<Field> {
    Some(match name.strip_suffix("_total").unwrap_or(name) {
        "DCGM_FI_DEV_GPU_UTIL" => Field::Busy(Busy::KernelActive, 0.01),
        "DCGM_FI_PROF_GR_ENGINE_ACTIVE" => Field::AnyEngine,
        "DCGM_FI_PROF_SM_ACTIVE" => Field::Busy(Busy::SmActive, 1.0),
        "DCGM_FI_PROF_PIPE_TENSOR_ACTIVE" => Field::Busy(Busy::TensorActive, 1.0),
        "DCGM_FI_PROF_DRAM_ACTIVE" => Field::Busy(Busy::DramActive, 1.0),
        "DCGM_FI_DEV_FB_USED" => Field::Memory(Part::Used),
        "DCGM_FI_DEV_FB_FREE" => Field::Memory(Part::Free),
        "DCGM_FI_DEV_FB_RESERVED" => Field::Memory(Part::Reserved),
        "DCGM_FI_DEV_POWER_USAGE" => Field::Power,
        "DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION" => Field::Energy,
        "DCGM_FI_DEV_GPU_TEMP" => Field::Temperature,
        "DCGM_FI_DEV_SM_CLOCK" => Field::Clock,
        "DCGM_FI_DEV_CLOCK_THROTTLE_REASONS" | "DCGM_FI_DEV_CLOCKS_EVENT_REASONS" => Field::Throttled,
        _ => return None,
    })
}

/// Why a device is slowed down, by NVML's bits. Bit 0, idle, is no slowing down.
const REASONS: [(u64, &str); 8] = [
    (0x2, "applications_clocks"),
    (0x4, "power_cap"),
    (0x8, "hw_slowdown"),
    (0x10, "sync_boost"),
    (0x20, "thermal"),
    (0x40, "hw_thermal"),
    (0x80, "power_brake"),
    (0x100, "display_clocks"),
];

/// Why a number is none: DCGM's blanks of 32 and 64 bits and of floats, each with "not found", "not supported" and "not
/// permitted" behind it.
pub(super) fn blank(raw: &str, value: f64) -> Option<Absence> {
    const FIRST: [u64; 3] = [0x7fff_fff0, 0x7fff_ffff_ffff_fff0, 1 << 47];
    let reason = |offset: u64| match offset {
        0 => Some(Absence::Nonsense),
        1 => Some(Absence::NoDevice),
        2 => Some(Absence::NotSupported),
        3 => Some(Absence::NoPermission),
        _ => None,
    };
    if value.is_nan() {
        return Some(Absence::Nonsense);
    }
    // A float does not hold the large ones exactly: where they are written with a fraction or exponent, that they are
    // blank is all that is left of them.
    let whole =
        raw.split_once('.').map_or(raw, |(whole, zeros)| if zeros.chars().all(|c| c == '0') { whole } else { raw });
    match whole.parse::<u64>() {
        Ok(number) => FIRST.into_iter().find_map(|first| reason(number.checked_sub(first)?)),
        Err(_) => (value.abs() >= 9.2e18).then_some(Absence::NotSupported),
    }
}

impl Field {
    /// Whether a value can be one.
    pub(super) fn is_sane(self, value: f64) -> bool {
        let range = match self {
            // A counter of cycles may be a little ahead of the time it is divided by.
            Self::Busy(_, unit) => 0.0..=1.02 / unit,
            Self::AnyEngine => 0.0..=1.02,
            // 16 TiB.
            Self::Memory(_) => 0.0..=16_777_216.0,
            Self::Power => 0.0..=20_000.0,
            Self::Energy | Self::Throttled => 0.0..=9e18,
            Self::Temperature => -60.0..=250.0,
            Self::Clock => 0.0..=20_000.0,
        };
        range.contains(&value)
    }

    /// Whether it is the whole device's, whichever slice it is labelled with.
    pub(super) const fn is_whole(self) -> bool {
        matches!(self, Self::Power | Self::Energy | Self::Temperature | Self::Clock | Self::Throttled)
    }

    /// The figure's name.
    pub(super) const fn what(self) -> &'static str {
        match self {
            Self::Busy(kind, _) => kind.label(),
            Self::AnyEngine => Busy::KernelActive.label(),
            Self::Memory(Part::Used) => "memory_used",
            Self::Memory(_) => "memory_total",
            Self::Power => "power",
            Self::Energy => "energy",
            Self::Temperature => "temperature",
            Self::Clock => "clock",
            Self::Throttled => "throttled",
        }
    }

    /// Puts a value that can be one into its place.
    pub(super) fn put(self, value: f64, device: &mut Device) {
        let measured = Value::measured(value);
        let scaled = |unit: f64| Value::measured(value * unit);
        match self {
            Self::Busy(kind, unit) => {
                if let Some(share) = Value::measured((value * unit).min(1.0)) {
                    device.busy.retain(|(there, _)| *there != kind);
                    device.busy.push((kind, share));
                }
            }
            Self::AnyEngine => {
                // Nearly the same as kernel_active, and not it: an estimate.
                let known = device.busy.iter().any(|(kind, _)| *kind == Busy::KernelActive);
                if let Some(share) = Value::estimated(value.min(1.0)).filter(|_| !known) {
                    device.busy.push((Busy::KernelActive, share));
                }
            }
            Self::Memory(_) => {}
            Self::Power => device.power = measured,
            Self::Energy => device.energy = Value::measured(value / 1000.0),
            Self::Temperature => device.temperature = measured,
            Self::Clock => device.clock = scaled(1e6),
            Self::Throttled => {
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "from 0 to 9e18, whole bits"
                )]
                let bits = value as u64;
                device.throttled =
                    REASONS.into_iter().filter(|(bit, _)| bits & bit != 0).map(|(_, word)| word).collect();
            }
        }
    }
}

/// Puts what is known of memory into its place: the whole is the sum of its parts.
pub(super) fn put_memory([used, free, reserved]: [Option<f64>; 3], device: &mut Device) {
    const MIB: f64 = 1_048_576.0;
    device.memory_used = used.and_then(|used| Value::measured(used * MIB));
    let total = used.zip(free).map(|(used, free)| used + free + reserved.unwrap_or(0.0));
    device.memory_total = total.and_then(|total| Value::measured(total * MIB));
}
