//! What devices did, what they drew, and what was paid while they rested.

use super::counts::sum;
use super::{Rule, Topic, by_window, group, increase, over, quotient};
use crate::export::provision::promql::{FIVE_MINUTES, Scale, Window};

/// The file.
pub(super) const TOPIC: Topic = Topic {
    name: "hardware",
    about: "Joules of one correct answer, by target. Busy share of each device by kind of busy, over the time that it was \
            watched. Idle share of its energy. Of targets that are paid by the hour, the share of the money that is paid \
            while no kernel runs, and how much that is per hour.",
    groups: |s| {
        let now = Rule::record(
            "assayd:gpu_busy:ratio_5m",
            format!("sum without (quality) (\n  rate(assayd_gpu_busy_seconds_total[{}])\n)", s.span(FIVE_MINUTES)),
        );
        let mut groups = vec![group("assayd-hardware-5m", vec![now])];
        groups.extend(by_window("hardware", |window| rules(window, s)));
        groups
    },
};

fn rules(window: Window, s: Scale) -> Vec<Rule> {
    let name = window.name;
    let correct = format!("sum without (scenario) ({})", increase("correct_answers", window));
    // An average over what was recorded: a device that was not watched was not idle. A month is made of hours.
    let busy_of = if name == "30d" { "assayd:gpu_busy:ratio_1h" } else { "assayd:gpu_busy:ratio_5m" };
    let gpu_energy = increase("gpu_energy_joules", window);
    vec![
        Rule::record(
            format!("assayd:energy_per_correct_joules:ratio_{name}"),
            quotient(&increase("energy_joules", window), &correct),
        ),
        Rule::record(format!("assayd:gpu_busy:ratio_{name}"), over("avg", busy_of, window, s)),
        Rule::record(
            format!("assayd:target_gpu_busy:ratio_{name}"),
            format!(
                "avg without (uuid) (\n  assayd_target_device_info\n  * on (job, instance, uuid) group_left ()\n  \
                 sum by (job, instance, uuid) (assayd:gpu_busy:ratio_{name}{{kind=\"kernel_active\"}})\n)"
            ),
        ),
        Rule::record(
            gpu_energy.clone(),
            sum("gpu_energy_joules", "assayd_gpu_energy_joules_total", "quality", window, s),
        ),
        Rule::record(
            format!("assayd:gpu_idle_energy:ratio_{name}"),
            format!(
                "sum without (state) ({gpu_energy}{{state=\"idle\"}})\n  / (sum without (state) ({gpu_energy}) > 0)"
            ),
        ),
        Rule::record(
            format!("assayd:gpu_idle_cost:ratio_{name}"),
            format!("clamp_min(1 - assayd:target_gpu_busy:ratio_{name}, 0)\nand assayd_hardware_cost_usd_per_hour > 0"),
        ),
        Rule::record(
            format!("assayd:gpu_idle_cost_usd_per_hour:avg_{name}"),
            format!("assayd:gpu_idle_cost:ratio_{name} * assayd_hardware_cost_usd_per_hour"),
        ),
    ]
}
