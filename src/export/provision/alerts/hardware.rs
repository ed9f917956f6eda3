//! Hardware that is paid for nothing, and meters that tell nothing.

use super::{Alert, Severity, value_of};
use crate::export::provision::promql::{DAY, FIVE_MINUTES, HALF_HOUR, HOUR, Scale};

/// Below which busy share a device counts as idle.
const IDLE: f64 = 0.05;

pub(super) fn alerts(s: Scale) -> Vec<Alert> {
    let (day, step) = (s.span(DAY), s.span(FIVE_MINUTES));
    let money = value_of("assayd:gpu_idle_cost_usd_per_hour:avg_1d", &["job", "instance", "target"], "printf \"%.2f\"");
    vec![
        Alert {
            name: "AssaydGpuPaidButIdle",
            // Only with half a day of looks: a device that was seen for an hour may have been busy all day.
            expr: format!(
                "assayd:target_gpu_busy:ratio_1d < {IDLE}\nand assayd_hardware_cost_usd_per_hour > 0\n\
                 and count_over_time(assayd:target_gpu_busy:ratio_1d[{day}:{step}]) >= 144"
            ),
            after: Some(HOUR),
            severity: Severity::Warning,
            summary: "The hardware of {{ $labels.target }} is paid and idle",
            description: format!(
                "Over the last day, kernels ran on the devices of {{{{ $labels.target }}}} during {{{{ $value | humanizePercentage }}}} \
                 of the time. {money} USD per hour were paid for nothing."
            ),
        },
        Alert {
            name: "AssaydMeterAbsent",
            expr: "assayd_meter_up == 0".into(),
            after: Some(HALF_HOUR),
            severity: Severity::Warning,
            summary: "The meter {{ $labels.kind }} of {{ $labels.target }} tells nothing",
            description: "The meter {{ $labels.kind }} of {{ $labels.target }} brought nothing at its newest look. What it would tell \
                          (energy, busy time, or the engine's state) is missing from figures since; accuracy and API cost are not \
                          concerned."
                .into(),
        },
    ]
}
