//! Why a panel may be empty though nothing is wrong: a closed set. Each can be verified by a query of its own, and is told in
//! the panel that gives it.

/// A reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// No meter sees a device.
    NoDevice,
    /// No meter reads an engine's own metrics.
    NoEngine,
    /// No meter reads the machine.
    NoHost,
    /// No meter of any kind is set up.
    NoMeter,
    /// No target is paid by the hour.
    NotByTheHour,
    /// No budget limits the spending.
    NoBudget,
    /// No target declares a service level.
    NoSlo,
    /// No run has a probe.
    NotProbed,
    /// This machine was never calibrated.
    NotCalibrated,
    /// No target has a tokenizer.
    NoTokenizer,
    /// The grid's intensity is not declared, or no energy is known.
    NoIntensity,
    /// No run has been long enough at full load for a steady window.
    NotSteady,
}

impl Reason {
    /// All of them.
    pub const ALL: &[Self] = &[
        Self::NoDevice,
        Self::NoEngine,
        Self::NoHost,
        Self::NoMeter,
        Self::NotByTheHour,
        Self::NoBudget,
        Self::NoSlo,
        Self::NotProbed,
        Self::NotCalibrated,
        Self::NoTokenizer,
        Self::NoIntensity,
        Self::NotSteady,
    ];

    /// What stands in the empty panel.
    #[must_use]
    pub const fn short(self) -> &'static str {
        match self {
            Self::NoDevice => "no meter sees a device",
            Self::NoEngine => "no meter reads an engine",
            Self::NoHost => "no meter reads the machine",
            Self::NoMeter => "no meter is set up",
            Self::NotByTheHour => "no target is paid by the hour",
            Self::NoBudget => "no budget is set",
            Self::NoSlo => "no target declares an SLO",
            Self::NotProbed => "no run has a probe",
            Self::NotCalibrated => "never calibrated here",
            Self::NoTokenizer => "no target has a tokenizer",
            Self::NoIntensity => "no grid intensity, or no energy",
            Self::NotSteady => "no run has a steady window",
        }
    }

    /// What would fill it, for the panel's description.
    #[must_use]
    pub const fn remedy(self) -> &'static str {
        match self {
            Self::NoDevice => "Empty where no meter sees a device: give the target `meters` (docs/hardware.md).",
            Self::NoEngine => {
                "Empty where no meter reads an engine: give the target a meter of its engine (docs/hardware.md)."
            }
            Self::NoHost => "Empty where no meter reads the target's machine (docs/hardware.md).",
            Self::NoMeter => "Empty where no target has `meters` (docs/hardware.md).",
            Self::NotByTheHour => "Empty where no target has `price.rented` or `price.owned` (docs/cost.md).",
            Self::NoBudget => "Empty where neither the configuration nor a run has a budget.",
            Self::NoSlo => "Empty where no target has an `slo`.",
            Self::NotProbed => "Empty where no run has a `probe`.",
            Self::NotCalibrated => "Empty until `assayd calibrate` was run with this store.",
            Self::NoTokenizer => "Empty where no target has a `tokenizer`.",
            Self::NoIntensity => "Empty without `[carbon]`, and where no energy is known (docs/cost.md).",
            Self::NotSteady => {
                "The steady figures are absent where no run had a stretch of full load that is long enough (docs/metrics.md)."
            }
        }
    }

    /// An expression that gives a series where the reason holds, and none where it does not.
    #[must_use]
    pub fn holds(self) -> String {
        super::matchers::fill(match self {
            Self::NoDevice => "absent(assayd_gpu_info)",
            Self::NoEngine => "absent(assayd_engine_requests_running)",
            Self::NoHost => "absent(assayd_host_cpu_ratio)",
            Self::NoMeter => "absent(assayd_meter_up)",
            Self::NotByTheHour => "absent(assayd_hardware_cost_usd_per_hour)",
            Self::NoBudget => "absent(assayd_budget_limit_usd)",
            Self::NoSlo => "absent(assayd_slo_goal_ratio)",
            Self::NotProbed => "absent(assayd_probe_exchanges_total)",
            Self::NotCalibrated => "absent(assayd_calibration_timestamp_seconds)",
            Self::NoTokenizer => "absent(assayd_tokens_counted_total)",
            Self::NoIntensity => "absent(assayd_target_co2e_grams_total)",
            Self::NotSteady => "absent(assayd_steady_output_tokens_per_second)",
        })
    }
}
