//! Runs and scrapes that do not come, and figures that can't be believed.

use super::{Alert, Severity};
use crate::export::provision::promql::{DAY, FIVE_MINUTES, HALF_HOUR, Scale, WEEK};

/// Rules of validity that are about this machine.
const OWN_LAG: &str = "assayd_run_validity_breach{reason=~\"client_lag|send_lag\"} == 1";

pub(super) fn alerts(s: Scale) -> Vec<Alert> {
    let (day, week) = (s.span(DAY), s.span(WEEK));
    let (a_day, a_week) = (s.seconds(DAY), s.seconds(WEEK));
    vec![
        Alert {
            name: "AssaydScrapeStale",
            expr: format!(
                "up == 0\nand on (job, instance) group by (job, instance) (present_over_time(assayd_build_info[{day}]))\nor\n\
                 group by (job) (present_over_time(assayd_build_info[{day}]))\nunless on (job) group by (job) (assayd_build_info)\n\
                 unless on (job) up"
            ),
            after: Some(FIVE_MINUTES),
            severity: Severity::Critical,
            summary: "assayd is not scraped ({{ $labels.job }}{{ with $labels.instance }} {{ . }}{{ end }})",
            description: "Prometheus got nothing of assayd ({{ $labels.job }}{{ with $labels.instance }} {{ . }}{{ end }}), which it scraped within the \
                          last day. No figure is new, and no other alert on it can fire."
                .into(),
        },
        Alert {
            name: "AssaydRunStale",
            // Three times as late as runs came in the week before, but at least a day and at most a week. A run that was
            // complete once is taken for one that is not repeated.
            expr: format!(
                "(\n  time() - assayd_run_last_success_timestamp_seconds\n    > on (job, instance, run)\n  \
                 clamp(3 * {a_week} / max by (job, instance, run) (increase(assayd_runs_total{{result=\"complete\"}}[{week}])), \
                 {a_day}, {a_week})\n)\nand on (job, instance, run) assayd_runs_total{{result=\"complete\"}} > 1\nor\n\
                 (assayd_run_last_success_timestamp_seconds == 0)\n  + on (job, instance) group_left () \
                 (time() - process_start_time_seconds > {a_day})"
            ),
            after: Some(HALF_HOUR),
            severity: Severity::Warning,
            summary: "The run {{ $labels.run }} does not get complete any more",
            description: "{{ $labels.run }} has not been complete for {{ $value | humanizeDuration }}, at least three times as long as is \
                          usual for it (or never since assayd was started). Its figures are that old."
                .into(),
        },
        Alert {
            name: "AssaydRunInvalid",
            expr: format!("assayd_run_valid == 0\nunless on (job, instance, target, scenario) {OWN_LAG}"),
            after: Some(FIVE_MINUTES),
            severity: Severity::Warning,
            summary: "Timing of {{ $labels.target }} on {{ $labels.scenario }} can't be believed",
            description: "The last complete run of {{ $labels.target }} on {{ $labels.scenario }} broke a rule of validity other \
                          than this machine's lag: the load was not delivered. Its latencies and rates are not what they are called; \
                          accuracy and cost are."
                .into(),
        },
        Alert {
            name: "AssaydClientLimited",
            expr: format!(
                "max without (reason) ({OWN_LAG})\nor\nassayd:client_lag_seconds:p99_1h\n  \
                 > clamp_min(0.05 * assayd:time_per_output_token_seconds:p50_1h, 0.001)"
            ),
            after: Some(HALF_HOUR),
            severity: Severity::Warning,
            summary: "The machine of {{ $labels.instance }} is too slow for {{ $labels.target }} on {{ $labels.scenario }}",
            description: "assayd itself was late: requests left late, or received bytes waited for it, in the last complete run or \
                          over the last hour. Latencies of {{ $labels.target }} on {{ $labels.scenario }} may be this machine's and \
                          not the model's."
                .into(),
        },
        Alert {
            name: "AssaydConfigRefused",
            expr: "assayd_config_last_reload_successful == 0".into(),
            after: Some(FIVE_MINUTES),
            severity: Severity::Warning,
            summary: "{{ $labels.instance }} refused its new configuration",
            description: "The last reload of the configuration of {{ $labels.instance }} was refused; the one before it is in \
                          force. A restart would not get up with it."
                .into(),
        },
    ]
}
