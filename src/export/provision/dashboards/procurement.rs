//! The dashboard for whoever decides between an API and hardware: what a correct answer costs on each, and from which duty on
//! own hardware is cheaper. The formulas are those of docs/cost.md.

use super::{CORRECT, Column, Dashboard, GRADED, Kind, Legend, Panel, Reason, Row, Tone, Unit, Variable};

const DUTY: Variable = Variable {
    name: "duty",
    label: "Assumed duty",
    description: "Share of its time that own hardware would work at saturation.",
    options: &["0.25", "0.05", "0.1", "0.5", "0.75", "1"],
};

const MARGIN: Variable = Variable {
    name: "margin",
    label: "Margin of accuracy",
    description: "Differences in accuracy that are too small to pay for.",
    options: &["0.02", "0", "0.01", "0.05", "0.1"],
};

/// Output tokens over the time looked at.
const OUTPUT: &str = r#"increase(assayd_tokens_total{kind=~"output|reasoning"}[$__range])"#;

/// The dashboard.
pub(super) fn dashboard() -> Dashboard {
    Dashboard {
        uid: "assayd-procurement",
        title: "assayd / Procurement",
        description: "API against own hardware: what a correct answer costs on each, and from which duty on owning is cheaper.",
        since: "24h",
        variables: vec![DUTY, MARGIN],
        rows: vec![prices(), own(), council(), kept()],
    }
}

/// Correct answers an hour at saturation of each target by the hour: tokens per second of the steady window over output
/// tokens per correct answer.
fn saturated() -> String {
    format!(
        "3600 * max by (target, scenario) (assayd_steady_output_tokens_per_second) \
         * sum by (target, scenario) ({CORRECT}) / (sum by (target, scenario) ({OUTPUT}) > 0)"
    )
}

/// What a correct answer costs on own hardware at a duty.
fn own_cost(duty: &str) -> String {
    format!(
        "max by (target) (assayd_hardware_cost_usd_per_hour) \
         / on (target) group_right () ({} * {duty} > 0)",
        saturated()
    )
}

/// The cheapest of the targets that are paid by the token, by scenario.
const API_COST: &str = "min by (scenario) ((assayd_cost_per_correct_usd < Inf) unless on (job, instance, target) assayd_hardware_cost_usd_per_hour)";

fn prices() -> Row {
    let by = |metric: &str| format!("max by (instance, target, scenario) ({metric})");
    Row {
        title: "As measured",
        panels: vec![
            Panel::new(
                Kind::Text(
                    "**What an hour buys.** A target that is paid by the token costs the same per answer at any load. Own or rented \
                     hardware costs as much when it rests: its cost per correct answer falls with its *duty*, the share of its time \
                     that it works at saturation. Above the break-even duty own hardware is cheaper; above 100 % it never is.",
                ),
                "",
                "How to read this dashboard.",
            )
            .size(24, 2),
            Panel::table(
                "Offers, side by side",
                "Of the last complete run: cost per correct answer with its 95 % interval, accuracy, output tokens per second, \
                 and whether the timing may be believed. Hardware by the hour is charged for the run's time.",
                vec![
                    Column::label("target", 120),
                    Column::label("scenario", 110),
                    Column::value("A", "per correct", Unit::Usd),
                    Column::value("B", "from", Unit::Usd),
                    Column::value("C", "to", Unit::Usd),
                    Column::value("D", "accuracy", Unit::Share),
                    Column::value("E", "tokens/s", Unit::Short),
                ],
                ("per correct", false),
            )
            .size(14, 8)
            .ask(&by("assayd_cost_per_correct_usd"), "")
            .ask(&by("assayd_cost_per_correct_lower_usd"), "")
            .ask(&by("assayd_cost_per_correct_upper_usd"), "")
            .ask(&by("assayd_accuracy_ratio"), "")
            .ask(&by("assayd_output_tokens_per_second"), ""),
            Panel::bars(
                "USD for a million output tokens",
                "Everything that was spent, input and all, over output tokens, in the time looked at. What price lists lead one to compare; beside it \
                 the cost per correct answer.",
            )
            .unit(Unit::Usd)
            .from(0.0)
            .size(10, 8)
            .ask(
                &format!("sort(1e6 * sum by (target) (increase(assayd_cost_usd_total[$__range])) / (sum by (target) ({OUTPUT}) > 0))"),
                "{{target}}",
            ),
        ],
    }
}

fn own() -> Row {
    let duties = ["0.05", "0.1", "0.25", "0.5", "0.75", "1"];
    let curve = duties.iter().fold(
        Panel::bars(
            "Own hardware, by duty",
            "Cost of one correct answer on hardware by the hour, at each duty; the last bars are the cheapest API of the same scenario. \
             C_h / (correct answers an hour at saturation × duty); saturation is the steady window of the last complete run, a \
             bound from below. Energy of owned hardware comes on top.",
        )
        .unit(Unit::Usd)
        .from(0.0)
        .size(12, 10)
        .unless(Reason::NotByTheHour),
        |panel, duty| panel.ask(&own_cost(duty), &format!("{{{{target}}}} · {{{{scenario}}}} at {duty}")),
    );
    let api = format!("{API_COST} and on (scenario) ({})", own_cost("1"));
    let even = format!(
        "max by (target) (assayd_hardware_cost_usd_per_hour) / on (target) group_right () \
         (({}) * on (scenario) group_left () {API_COST} > 0)",
        saturated()
    );
    Row {
        title: "API against own hardware",
        panels: vec![
            Panel::stat("Break-even duty", "From this duty on own hardware is cheaper than the cheapest target that is paid by the token, in the same scenario. Above 100 % it never is.")
                .unit(Unit::Share)
                .decimals(1)
                .size(10, 5)
                .judged(&[(0.0, Tone::Good), (0.5, Tone::Care), (1.0, Tone::Bad)])
                .ask(&even, "{{target}} · {{scenario}}")
                .unless(Reason::NotByTheHour),
            Panel::stat("Own, at the assumed duty", "Cost of one correct answer on hardware by the hour at the duty that is chosen above: assumed, not measured.")
                .unit(Unit::Usd)
                .size(6, 5)
                .ask(&own_cost("$duty"), "{{target}}")
                .unless(Reason::NotByTheHour),
            Panel::stat("Cheapest API", "Cost of one correct answer of the cheapest target that is paid by the token, by scenario, in the last complete run.")
                .unit(Unit::Usd)
                .size(8, 5)
                .ask(API_COST, "{{scenario}}"),
            curve.ask(&api, "API · {{scenario}}"),
            Panel::table(
                "Worked out",
                "What goes into the break-even: price of an hour, correct answers an hour at saturation, and the API's cost per correct answer.",
                vec![
                    Column::label("target", 110),
                    Column::label("scenario", 100),
                    Column::value("A", "USD an hour", Unit::Usd),
                    Column::value("B", "correct an hour", Unit::Short),
                    Column::value("C", "at this duty", Unit::Usd),
                    Column::value("D", "break-even", Unit::Share),
                ],
                ("break-even", false),
            )
            .size(12, 10)
            .ask(&format!("max by (target) (assayd_hardware_cost_usd_per_hour) * on (target) group_right () (0 * ({}) + 1)", saturated()), "")
            .ask(&format!("({}) and on (target) assayd_hardware_cost_usd_per_hour", saturated()), "")
            .ask(&own_cost("$duty"), "")
            .ask(&even, "")
            .unless(Reason::NotByTheHour),
        ],
    }
}

/// Right answers over graded ones, by domain.
fn domain_accuracy() -> String {
    format!("sum by (target, domain) ({CORRECT}) / (sum by (target, domain) ({GRADED}) > 0)")
}

/// What was spent over right answers, by domain.
fn domain_cost() -> String {
    format!(
        "sum by (target, domain) (increase(assayd_cost_usd_total[$__range])) / (sum by (target, domain) ({CORRECT}) > 0)"
    )
}

/// Of every domain the cheapest target whose accuracy is within the margin of the best.
fn ministers() -> String {
    let (accuracy, cost) = (domain_accuracy(), domain_cost());
    let close = format!("({accuracy}) >= on (domain) group_left () (max by (domain) ({accuracy}) - $margin)");
    format!("bottomk by (domain) (1, ({cost}) and on (target, domain) ({close}))")
}

fn council() -> Row {
    Row {
        title: "A council: for each domain its own model",
        panels: vec![
            Panel::table(
                "Ministers",
                "For each domain the cheapest target whose accuracy is within the margin of the best there, over the time looked at. Chosen \
                 and told on the same answers, so it flatters a little: `assayd compare` chooses on one half and tells the other.",
                vec![
                    Column::label("domain", 120),
                    Column::label("target", 120),
                    Column::value("A", "per correct", Unit::Usd),
                    Column::value("B", "accuracy", Unit::Share),
                ],
                ("domain", false),
            )
            .size(12, 9)
            .ask(&ministers(), "")
            .ask(&format!("({}) and on (target, domain) ({})", domain_accuracy(), ministers()), ""),
            Panel::new(
                Kind::Matrix { rows: "domain", columns: "target" },
                "Cost per correct, domain by target",
                "What was spent on a domain over its right answers, in the time looked at; empty where nothing was right.",
            )
            .unit(Unit::Usd)
            .size(12, 9)
            .ask(&domain_cost(), ""),
        ],
    }
}

fn kept() -> Row {
    Row {
        title: "What is made of what was bought",
        panels: vec![
            Panel::lines(
                "Busy share, an upper bound of the duty",
                "Share of the time that each target's devices had a kernel running, on average. The duty is lower: a device that runs \
                 anything at all counts as busy.",
            )
            .unit(Unit::Share)
            .within(0.0, 1.0)
            .legend(Legend::Targets)
            .ask(
                "avg by (target) (sum by (uuid) (rate(assayd_gpu_busy_seconds_total{kind=\"kernel_active\"}[$__rate_interval])) \
                 * on (uuid) group_right () max by (uuid, target) (assayd_target_device_info))",
                "{{target}}",
            )
            .unless(Reason::NoDevice),
            Panel::bars(
                "Reported over counted tokens",
                "Tokens that the provider billed over those that its text has by the target's own tokenizer. One token for the end of an \
                 answer is common; far above 1, the invoice has more than the text.",
            )
            .unit(Unit::Plain)
            .decimals(3)
            .ask(
                "sum by (target, kind) (increase(assayd_tokens_reported_audited_total[$__range])) \
                 / (sum by (target, kind) (increase(assayd_tokens_counted_total[$__range])) > 0)",
                "{{target}} · {{kind}}",
            )
            .unless(Reason::NoTokenizer),
        ],
    }
}
