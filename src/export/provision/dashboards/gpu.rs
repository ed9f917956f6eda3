//! The dashboard of the hardware: how busy it is by which measure, what it draws, and what it costs when it rests.

use super::{CORRECT, Column, Dashboard, Legend, Panel, Reason, Row, Tone, Unit};

/// The dashboard.
pub(super) fn dashboard() -> Dashboard {
    Dashboard {
        uid: "assayd-gpu",
        title: "assayd / GPU & energy",
        description: "How busy the hardware is by which measure, what it draws, and what it costs while it rests.",
        since: "6h",
        variables: vec![],
        rows: vec![money(), busy(), energy(), engine(), machine()],
    }
}

/// Share of the time that the devices of each target were busy, on average over its devices.
fn busy_share(window: &str) -> String {
    format!(
        "avg by (target) (sum by (uuid) (rate(assayd_gpu_busy_seconds_total{{kind=\"kernel_active\"}}[{window}])) \
         * on (uuid) group_right () max by (uuid, target) (assayd_target_device_info))"
    )
}

fn money() -> Row {
    let rate = busy_share("$__rate_interval");
    Row {
        title: "Money at rest",
        panels: vec![
            Panel::stat("Hardware per hour", "Price of each target's hardware for an hour, whether it works or not. Energy of owned hardware comes on top.")
                .unit(Unit::Usd)
                .size(6, 9)
                .ask("assayd_hardware_cost_usd_per_hour", "{{target}}")
                .unless(Reason::NotByTheHour),
            Panel::stat("Devices", "Devices that meters see, slices of a device (MIG) among them.")
                .unit(Unit::Plain)
                .size(6, 9)
                .ask("count(assayd_gpu_info)", "devices")
                .unless(Reason::NoDevice),
            Panel::lines(
                "Idle money",
                "What the hardware costs an hour while no kernel runs on it: price × (1 − share of time busy). The share is that \
                 of `kernel_active`, which is high as soon as anything runs: what is idle by it is truly idle.",
            )
            .unit(Unit::Usd)
            .axis("USD an hour")
            .from(0.0)
            .size(12, 9)
            .legend(Legend::Targets)
            .ask(
                &format!("max by (target) (assayd_hardware_cost_usd_per_hour) * on (target) (1 - clamp_max({rate}, 1))"),
                "{{target}}",
            )
            .unless(Reason::NoDevice),
            Panel::table(
                "Devices and whom they serve",
                "What is known of each device. By the attribution of the target's meters.",
                vec![
                    Column::label("target", 200),
                    Column::label("name", 300),
                    Column::label("host", 200),
                    Column::label("uuid", 380),
                    Column::value("B", "memory", Unit::Bytes),
                ],
                ("target", false),
            )
            .size(24, 6)
            .ask("max by (uuid, name, host) (assayd_gpu_info) * on (uuid) group_right (name, host) max by (uuid, target) (assayd_target_device_info)", "")
            .ask("max by (uuid) (assayd_gpu_memory_total_bytes)", "")
            .unless(Reason::NoDevice),
        ],
    }
}

fn busy() -> Row {
    let share = |kind: &str| {
        format!("sum by (uuid) (rate(assayd_gpu_busy_seconds_total{{kind=\"{kind}\"}}[$__rate_interval]))")
    };
    let of = |title, description: &str, kind: &str| {
        Panel::lines(title, description)
            .unit(Unit::Share)
            .within(0.0, 1.0)
            .legend(Legend::None)
            .ask(&share(kind), "{{uuid}}")
            .unless(Reason::NoDevice)
    };
    let named = ["kernel_active", "sm_active", "tensor_active", "dram_active"];
    let all = named.iter().fold(
        Panel::lines(
            "Busy, by kind",
            "Average over all devices. `kernel_active`: at least one kernel ran. `sm_active`, `tensor_active`, `dram_active`: \
             shares of the device that worked, lower by far. A device can be 100 % busy by the first and do 5 % of what it could.",
        )
        .unit(Unit::Share)
        .within(0.0, 1.0)
        .legend(Legend::Fixed(&["kernel_active", "sm_active", "tensor_active", "dram_active"]))
        .unless(Reason::NoDevice),
        |panel, kind| panel.ask(&format!("avg({})", share(kind)), kind),
    );
    Row {
        title: "How busy",
        panels: vec![
            all,
            of("SM active", "Share of the multiprocessors that had work, of each device.", "sm_active"),
            of(
                "Tensor active",
                "Share of the tensor cores' time in use, of each device: what was paid for, most of all.",
                "tensor_active",
            ),
            of(
                "DRAM active",
                "Share of the memory's time in use, of each device: where decoding is bound by memory, it is this that is full.",
                "dram_active",
            ),
        ],
    }
}

fn energy() -> Row {
    Row {
        title: "Energy",
        panels: vec![
            Panel::lines("Power", "Of each device, from its energy where a counter tells it, else from its power.")
                .unit(Unit::Watts)
                .from(0.0)
                .ask("sum by (uuid) (rate(assayd_gpu_energy_joules_total[$__rate_interval]))", "{{uuid}}")
                .unless(Reason::NoDevice),
            Panel::stack("Energy, idle and active", "Watts over all devices, parted: idle is what is drawn while nothing runs.")
                .unit(Unit::Watts)
                .legend(Legend::Fixed(&["active", "idle"]))
                .ask("sum by (state) (rate(assayd_gpu_energy_joules_total[$__rate_interval]))", "{{state}}")
                .unless(Reason::NoDevice),
            Panel::stat("Energy of one correct answer", "Of the last complete run: energy of all answers over the correct ones.")
                .unit(Unit::Joules)
                .size(8, 5)
                .ask("assayd_energy_per_correct_joules", "{{target}} · {{scenario}}")
                .unless(Reason::NoDevice),
            Panel::stat("The same in this time", "Energy that the targets' devices used while answers were in flight over the correct ones, in the time looked at.")
                .unit(Unit::Joules)
                .size(8, 5)
                .ask(
                    &format!("sum by (target) (increase(assayd_target_energy_joules_total[$__range])) / (sum by (target) ({CORRECT}) > 0)"),
                    "{{target}}",
                )
                .unless(Reason::NoDevice),
            Panel::stat("CO2e of one correct answer", "Energy × PUE × declared intensity of the grid, over the correct answers, in the time looked at.")
                .unit(Unit::Grams)
                .size(8, 5)
                .ask(
                    &format!("sum by (target) (increase(assayd_target_co2e_grams_total[$__range])) / (sum by (target) ({CORRECT}) > 0)"),
                    "{{target}}",
                )
                .unless(Reason::NoIntensity),
            Panel::lines("Temperature", "Of each device at the newest look.")
                .unit(Unit::Celsius)
                .size(8, 8)
                .ask("assayd_gpu_temperature_celsius", "{{uuid}}")
                .unless(Reason::NoDevice),
            Panel::lines("Clock", "Of the multiprocessors at the newest look. A fall under load is a throttle.")
                .unit(Unit::Hertz)
                .size(8, 8)
                .ask("assayd_gpu_clock_hertz", "{{uuid}}")
                .unless(Reason::NoDevice),
            Panel::lines("Memory", "In use on each device, as a share of what it has.")
                .unit(Unit::Share)
                .within(0.0, 1.0)
                .size(8, 8)
                .ask("assayd_gpu_memory_used_bytes / assayd_gpu_memory_total_bytes", "{{uuid}}")
                .unless(Reason::NoDevice),
            Panel::stat("Slowed down", "Devices that are slowed down now, over all reasons. Zero where none is.")
                .unit(Unit::Plain)
                .size(24, 3)
                .judged(&[(0.0, Tone::Good), (1.0, Tone::Care)])
                .ask("count(assayd_gpu_info) - count(assayd_gpu_info unless on (uuid) assayd_gpu_throttled)", "slowed down")
                .unless(Reason::NoDevice),
        ],
    }
}

fn engine() -> Row {
    Row {
        title: "The engine, by its own metrics",
        panels: vec![
            Panel::lines("Requests in the engine", "Those that it works on, and those that wait.")
                .unit(Unit::Short)
                .from(0.0)
                .size(8, 8)
                .legend(Legend::Targets)
                .ask("assayd_engine_requests_running", "{{target}} running")
                .ask("assayd_engine_requests_waiting", "{{target}} waiting")
                .unless(Reason::NoEngine),
            Panel::lines(
                "Caches",
                "Share of the KV cache in use, and share of the prompt tokens that the prefix cache had.",
            )
            .unit(Unit::Share)
            .within(0.0, 1.0)
            .size(8, 8)
            .legend(Legend::Targets)
            .ask("assayd_engine_cache_used_ratio", "{{target}} KV used")
            .ask(
                "rate(assayd_engine_prefix_cache_hits_total[$__rate_interval]) \
                     / (rate(assayd_engine_prefix_cache_queries_total[$__rate_interval]) > 0)",
                "{{target}} prefix hits",
            )
            .unless(Reason::NoEngine),
            Panel::lines(
                "Put back for want of memory",
                "Requests per second that the engine preempted: above zero, it is given too much at once.",
            )
            .unit(Unit::PerSecond)
            .from(0.0)
            .size(8, 8)
            .legend(Legend::Targets)
            .ask("rate(assayd_engine_preemptions_total[$__rate_interval])", "{{target}}")
            .unless(Reason::NoEngine),
        ],
    }
}

fn machine() -> Row {
    Row {
        title: "The machine that serves",
        panels: vec![
            Panel::lines("Processors", "Share of the time that the processors of the target's machine were busy.")
                .unit(Unit::Share)
                .within(0.0, 1.0)
                .legend(Legend::Targets)
                .size(12, 8)
                .ask("assayd_host_cpu_ratio", "{{target}}")
                .unless(Reason::NoHost),
            Panel::lines(
                "Memory of the machine",
                "In use on the target's machine, as a share of what it has; and of the serving process.",
            )
            .unit(Unit::Share)
            .within(0.0, 1.0)
            .legend(Legend::Targets)
            .size(12, 8)
            .ask("assayd_host_memory_used_bytes / assayd_host_memory_total_bytes", "{{target}} machine")
            .ask("assayd_serving_process_memory_bytes / assayd_host_memory_total_bytes", "{{target}} process")
            .unless(Reason::NoHost),
        ],
    }
}
