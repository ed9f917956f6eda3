//! The dashboard of a target: how fast it answers, how much at once, and how often not at all.

use super::{ACCURACY, Tone};
use super::{CORRECT, Dashboard, GRADED, Kind, Legend, NONE, Panel, Reason, Row, UP, Unit, Variable, Word};

const CLOCK: Variable = Variable {
    name: "clock",
    label: "Counted from",
    description: "From which instant latencies count: `scheduled`, when the request was due, which forgives no stall; or `send`.",
    options: &["scheduled", "send"],
};

const CIRCUIT: &[Word] =
    &[Word { value: "0", text: "asked", tone: Tone::Good }, Word { value: "1", text: "NOT ASKED", tone: Tone::Bad }];

/// The dashboard.
pub(super) fn dashboard() -> Dashboard {
    Dashboard {
        uid: "assayd-target",
        title: "assayd / Target",
        description: "How fast a target answers, how much at once, inside its SLO or not, and how often not at all.",
        since: "6h",
        variables: vec![CLOCK],
        rows: vec![summary(), latency(), quantiles(), load(), errors()],
    }
}

/// A quantile of a histogram over the time looked at.
fn quantile(q: &str, metric: &str, labels: &str) -> String {
    format!("histogram_quantile({q}, sum by (le) (increase({metric}_bucket{labels}[$__range])))")
}

const OF_CLOCK: &str = "{clock=\"$clock\"}";

fn summary() -> Row {
    let first = "assayd_time_to_first_token_seconds";
    Row {
        title: "At a glance",
        panels: vec![
            Panel::stat("Answering", "Whether the target's last exchange brought an answer.")
                .words(UP)
                .size(6, 5)
                .ask("assayd_target_up", "{{target}}"),
            Panel::stat("Accuracy", "Right answers over those that could be graded, in the time looked at.")
                .unit(Unit::Share)
                .judged(ACCURACY)
                .decimals(1)
                .size(6, 5)
                .ask(&format!("sum by (target) ({CORRECT}) / (sum by (target) ({GRADED}) > 0)"), "{{target}}"),
            Panel::stat("TTFT p50 and p99", "Time to first token over all chosen targets, in the time looked at.")
                .unit(Unit::Seconds)
                .size(6, 5)
                .ask(&quantile("0.5", first, OF_CLOCK), "p50")
                .ask(&quantile("0.99", first, OF_CLOCK), "p99"),
            Panel::stat(
                "Without an answer",
                "Share of trials that failed or whose outcome is unknown, in the time looked at.",
            )
            .unit(Unit::Share)
            .judged(&[(0.0, Tone::Good), (0.001, Tone::Care), (0.01, Tone::Bad)])
            .decimals(2)
            .size(6, 5)
            .ask(
                "sum by (target) (increase(assayd_answers_total{verdict=~\"failed|unknown\"}[$__range])) \
                     / (sum by (target) (increase(assayd_answers_total[$__range])) > 0)",
                "{{target}}",
            ),
        ],
    }
}

fn latency() -> Row {
    let heat = |title, description: &str, metric: &str, labels: &str| {
        Panel::new(Kind::Heatmap, title, description)
            .unit(Unit::Seconds)
            .size(8, 9)
            .ask(&format!("sum by (le) (increase({metric}_bucket{labels}[$__rate_interval]))"), "{{le}}")
    };
    Row {
        title: "Latency, all of it",
        panels: vec![
            heat(
                "Time to first token",
                "How many exchanges fell where. Two bands are two populations, which a quantile would hide.",
                "assayd_time_to_first_token_seconds",
                OF_CLOCK,
            ),
            heat(
                "Whole answer",
                "How many exchanges took how long to their last token.",
                "assayd_request_duration_seconds",
                OF_CLOCK,
            ),
            heat(
                "Gaps between tokens",
                "How many gaps between token-bearing events were how long, pooled over answers: every gap is one value, so that \
                 a freeze shows.",
                "assayd_inter_token_latency_seconds",
                "",
            ),
        ],
    }
}

fn quantiles() -> Row {
    let of = |title, description: &str, metric: &str, labels: &str| {
        ["0.5", "0.99"].iter().fold(
            Panel::lines(title, description).unit(Unit::Seconds).from(0.0).legend(Legend::Targets),
            |panel, q| {
                let rate = format!("sum by (target, le) (rate({metric}_bucket{labels}[$__rate_interval]))");
                let name = if *q == "0.5" { "{{target}} p50" } else { "{{target}} p99" };
                panel.ask(&format!("histogram_quantile({q}, {rate})"), name)
            },
        )
    };
    Row {
        title: "Quantiles, by target",
        panels: vec![
            of(
                "TTFT",
                "Time to first token: from the instant chosen above to the first event with content, reasoning or a tool call.",
                "assayd_time_to_first_token_seconds",
                OF_CLOCK,
            ),
            of("E2E", "To the last token-bearing event.", "assayd_request_duration_seconds", OF_CLOCK),
            of(
                "ITL",
                "Gaps between token-bearing events, pooled over answers.",
                "assayd_inter_token_latency_seconds",
                "",
            ),
            of(
                "TPOT",
                "Time per output token after the first, one value for each exchange.",
                "assayd_time_per_output_token_seconds",
                "",
            ),
        ],
    }
}

fn load() -> Row {
    Row {
        title: "How much at once",
        panels: vec![
            Panel::lines(
                "Output tokens per second",
                "Output and reasoning tokens as the providers report them, at the time: what runs now, and pauses between runs.",
            )
            .unit(Unit::Short)
            .axis("tokens/s")
            .from(0.0)
            .legend(Legend::Targets)
            .ask(
                "sum by (target) (rate(assayd_tokens_total{kind=~\"output|reasoning\"}[$__rate_interval]))",
                "{{target}}",
            ),
            Panel::bars(
                "Output tokens per second, last complete run",
                "Over the whole run without warm-up; and over its steady window, where it has one: full load without filling up \
                 and draining.",
            )
            .unit(Unit::Short)
            .from(0.0)
            .ask("sort_desc(assayd_output_tokens_per_second)", "{{target}} · {{scenario}}")
            .ask("sort_desc(assayd_steady_output_tokens_per_second)", "{{target}} · {{scenario}}, steady")
            .unless(Reason::NotSteady),
            Panel::stack("Tokens, by kind", "Tokens per second as the providers report them. Kinds are disjoint: cached input is not in input.")
                .unit(Unit::Short)
                .axis("tokens/s")
                .size(24, 8)
                .legend(Legend::Fixed(&["output", "input", "reasoning", "cache_read", "cache_write"]))
                .ask("sum by (kind) (rate(assayd_tokens_total[$__rate_interval]))", "{{kind}}"),
            Panel::lines(
                "Goodput",
                "Successful answers inside the SLO per second, and those that are also correct; of the last complete run.",
            )
            .unit(Unit::PerSecond)
            .size(8, 9)
            .from(0.0)
            .legend(Legend::Targets)
            .ask("assayd_goodput_per_second", "{{target}} · {{scenario}} inside")
            .ask("assayd_correct_goodput_per_second", "{{target}} · {{scenario}} inside and right")
            .unless(Reason::NoSlo),
            Panel::lines(
                "Share inside the SLO",
                "Of what was asked in the last complete run, with its 95 % interval and the goal. Met where the whole interval is at \
                 or above the goal, missed where it is below, else unresolved.",
            )
            .unit(Unit::Share)
            .size(8, 9)
            .within(0.0, 1.0)
            .legend(Legend::Targets)
            .ask("assayd_slo_attainment_ratio", "{{target}} · {{scenario}}")
            .ask("assayd_slo_attainment_lower_ratio", "{{target}} · {{scenario}} at least")
            .ask("assayd_slo_attainment_upper_ratio", "{{target}} · {{scenario}} at most")
            .ask("assayd_slo_goal_ratio", "{{target}} · {{scenario}} goal")
            .unless(Reason::NoSlo),
            Panel::lines("TTFT of probes", "One-token questions beside the load: what a user without a queue of his own would see.")
                .unit(Unit::Seconds)
                .size(8, 9)
            .from(0.0)
                .legend(Legend::Targets)
                .ask(
                    "histogram_quantile(0.5, sum by (target, le) (rate(assayd_probe_time_to_first_token_seconds_bucket[$__rate_interval])))",
                    "{{target}} p50",
                )
                .ask(
                    "histogram_quantile(0.99, sum by (target, le) (rate(assayd_probe_time_to_first_token_seconds_bucket[$__rate_interval])))",
                    "{{target}} p99",
                )
                .unless(Reason::NotProbed),
        ],
    }
}

fn errors() -> Row {
    Row {
        title: "What went wrong",
        panels: vec![
            Panel::lines(
                "Failed exchanges, by kind",
                "HTTP exchanges per second that failed, every attempt by itself. A retry that succeeds leaves its failure here.",
            )
            .unit(Unit::PerSecond)
            .from(0.0)
            .legend(Legend::Fixed(&[
                "rate_limited", "http_5xx", "http_4xx", "timeout_first_token", "timeout_idle", "timeout_total", "connect",
                "timeout_connect", "truncated", "in_stream_error", "protocol", "auth", "quota", "dns", "tls", "too_large", "circuit_open",
            ]))
            .ask("sum by (outcome) (rate(assayd_exchanges_total{outcome!=\"ok\"}[$__rate_interval]))", "{{outcome}}"),
            Panel::bars("Failed exchanges in this time", "By kind, in the time looked at. All kinds are there: a bar of none is good news.")
                .unit(Unit::Short)
                .decimals(0)
                .judged(NONE)
                .from(0.0)
                .ask("sort_desc(sum by (outcome) (increase(assayd_exchanges_total{outcome!=\"ok\"}[$__range])))", "{{outcome}}"),
            Panel::new(
                Kind::StateTimeline,
                "Circuit",
                "Whether the target is asked, or nothing is sent since it is dead.",
            )
            .words(CIRCUIT)
            .ask("assayd_circuit_open", "{{target}}"),
            Panel::lines("Exchanges", "HTTP exchanges per second that succeeded, by target.")
                .unit(Unit::PerSecond)
                .from(0.0)
                .size(12, 7)
                .legend(Legend::Targets)
                .ask("sum by (target) (rate(assayd_exchanges_total{outcome=\"ok\"}[$__rate_interval]))", "{{target}}"),
        ],
    }
}
