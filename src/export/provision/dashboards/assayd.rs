//! The dashboard of assayd itself: whether its figures can be believed, and how it fares.

use super::{Column, Dashboard, Kind, Legend, NONE, Panel, Reason, Row, Tone, UP, Unit, VALID, Word};

const TAKEN: &[Word] =
    &[Word { value: "1", text: "taken", tone: Tone::Good }, Word { value: "0", text: "REFUSED", tone: Tone::Bad }];

/// The dashboard.
pub(super) fn dashboard() -> Dashboard {
    Dashboard {
        uid: "assayd-itself",
        title: "assayd / Itself",
        description: "Whether assayd's figures can be believed, and how it fares: lag, validity, meters, scrapes, the process.",
        since: "6h",
        variables: vec![],
        rows: vec![glance(), timing(), meters(), process()],
    }
}

fn glance() -> Row {
    Row {
        title: "At a glance",
        panels: vec![
            Panel::stat("Scraped", "Whether Prometheus' last scrape of each assayd brought its metrics.")
                .words(UP)
                .ask("up", "{{instance}}"),
            Panel::stat("Configuration", "Whether the last reload was taken. A refused one leaves the configuration before it in force.")
                .words(TAKEN)
                .ask("assayd_config_last_reload_successful", "{{instance}}"),
            Panel::stat("Version", "Version and platform of each assayd that is scraped.")
                .words(&[Word { value: "1", text: "running", tone: Tone::Neutral }])
                .ask("assayd_build_info", "{{version}} {{arch}}"),
            Panel::stat("Not exported", "Lines left out of an exposition by the cap on series. Above zero, dashboards do not see everything.")
                .unit(Unit::Short)
            .decimals(0)
                .judged(NONE)
                .ask("assayd_refused_series", "{{instance}}"),
            Panel::stat("Not valid", "Targets and scenarios whose timing in the last complete run may not be believed.")
                .unit(Unit::Plain)
                .judged(NONE)
                .ask("count(assayd_run_valid) - (count(assayd_run_valid == 1) or vector(0))", "not valid"),
            Panel::stat(
                "Outcome not known",
                "Exchanges in the time looked at whose usage was never told: cut streams, and what was in flight when a process was killed.",
            )
            .unit(Unit::Short)
            .decimals(0)
            .judged(NONE)
            .ask("sum(increase(assayd_unknown_outcomes_total[$__range]))", "unknown"),
        ],
    }
}

fn timing() -> Row {
    let lag = |title, description: &str, metric: &str| {
        ["0.5", "0.99"].iter().fold(
            Panel::lines(title, description).unit(Unit::Seconds).from(0.0).legend(Legend::Fixed(&["p50", "p99"])),
            |panel, q| {
                let rate = format!("sum by (le) (rate({metric}_bucket[$__rate_interval]))");
                panel.ask(&format!("histogram_quantile({q}, {rate})"), if *q == "0.5" { "p50" } else { "p99" })
            },
        )
    };
    Row {
        title: "Can the timing be believed?",
        panels: vec![
            lag(
                "Schedule lag",
                "How late requests left, against their schedule: this machine's own lag, or waiting for the target's concurrency \
                 limit. In a closed loop next to nothing.",
                "assayd_schedule_lag_seconds",
            ),
            lag(
                "Client lag",
                "How long received bytes waited for this program, the longest of each answer. Not in the latencies, which count from \
                 the kernel's stamps; but where it is long, this machine is short of processors.",
                "assayd_client_lag_seconds",
            ),
            Panel::new(Kind::StateTimeline, "Validity", "Whether the timing figures of the last complete run may be believed.")
                .words(VALID)
                .size(12, 9)
                .ask("assayd_run_valid", "{{target}} · {{scenario}}"),
            Panel::bars(
                "Broken rules",
                "In how many targets and scenarios the last complete run broke which rule. client_lag, send_lag and underdelivered \
                 make it not valid; not_kernel_stamped and few_samples ask for care.",
            )
            .unit(Unit::Plain)
            .judged(NONE)
            .from(0.0)
            .ask("sort_desc(sum by (reason) (assayd_run_validity_breach))", "{{reason}}"),
            Panel::bars(
                "Own error, as calibrated",
                "Published quantile over the true one less 1, in the last calibration against the built-in mock, at its highest load.",
            )
            .unit(Unit::Share)
            .decimals(2)
            .size(12, 7)
            .ask("assayd_calibration_error_ratio", "{{figure}}")
            .unless(Reason::NotCalibrated),
            Panel::stat("Calibrated up to", "Tokens per second at which the last calibration held. Above that, doubt the timing.")
                .unit(Unit::Short)
                .size(6, 7)
                .ask("assayd_calibration_output_tokens_per_second", "tokens/s")
                .unless(Reason::NotCalibrated),
            Panel::stat("Since the calibration", "Time since this machine was last calibrated.")
                .unit(Unit::Seconds)
                .size(6, 7)
                .ask("time() - assayd_calibration_timestamp_seconds", "{{instance}}")
                .unless(Reason::NotCalibrated),
        ],
    }
}

fn meters() -> Row {
    Row {
        title: "Meters",
        panels: vec![
            Panel::new(Kind::StateTimeline, "Meters at work", "Whether each meter's newest look brought anything.")
                .words(UP)
                .size(8, 8)
                .ask("assayd_meter_up", "{{target}} · {{kind}}")
                .unless(Reason::NoMeter),
            Panel::lines("Looks without a result", "Share of each meter's looks that brought nothing. It costs the meter's own figures, never a run.")
                .unit(Unit::Share)
                .within(0.0, 1.0)
                .size(8, 8)
                .legend(Legend::Targets)
                .ask(
                    "rate(assayd_meter_failures_total[$__rate_interval]) / (rate(assayd_meter_looks_total[$__rate_interval]) > 0)",
                    "{{target}} · {{kind}}",
                )
                .unless(Reason::NoMeter),
            Panel::table(
                "What meters did not find",
                "What each meter looked for in vain, and why (docs/hardware.md).",
                vec![
                    Column::label("target", 100),
                    Column::label("kind", 90),
                    Column::label("what", 120),
                    Column { width: None, ..Column::label("why", 0) },
                ],
                ("target", false),
            )
            .size(8, 8)
            .ask("max by (target, kind, what, why) (assayd_meter_absent)", "")
            .unless(Reason::NoMeter),
        ],
    }
}

fn process() -> Row {
    Row {
        title: "The process, and who scrapes it",
        panels: vec![
            Panel::lines("Scrape", "How long Prometheus' scrapes took.")
                .unit(Unit::Seconds)
                .from(0.0)
                .size(8, 8)
                .ask("scrape_duration_seconds", "{{instance}}"),
            Panel::lines("Samples of a scrape", "How many lines each scrape brought. The cap is 50,000.")
                .unit(Unit::Short)
                .axis("lines")
                .from(0.0)
                .size(8, 8)
                .ask("scrape_samples_scraped", "{{instance}}"),
            Panel::lines("Processor", "Cores in use by assayd.")
                .unit(Unit::Short)
                .axis("cores")
                .from(0.0)
                .size(8, 8)
                .ask("rate(process_cpu_seconds_total[$__rate_interval])", "{{instance}}"),
            Panel::lines("Memory", "Resident memory of assayd.")
                .unit(Unit::Bytes)
                .from(0.0)
                .size(8, 8)
                .ask("process_resident_memory_bytes", "{{instance}}"),
            Panel::lines("Open files", "Descriptors in use, connections among them, as a share of what is allowed.")
                .unit(Unit::Share)
                .from(0.0)
                .size(8, 8)
                .ask("process_open_fds / process_max_fds", "{{instance}}"),
            Panel::stat("Uptime", "Since each assayd began. Counters go on where they stood.")
                .unit(Unit::Seconds)
                .size(8, 8)
                .ask("time() - process_start_time_seconds", "{{instance}}"),
        ],
    }
}
