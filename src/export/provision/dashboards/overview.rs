//! The dashboard to begin with: which model to buy now.

use super::{
    ACCURACY, CORRECT, Column, Dashboard, GRADED, Kind, Legend, NONE, Panel, Reason, Row, Tone, UP, Unit, VALID,
};

/// The dashboard.
pub(super) fn dashboard() -> Dashboard {
    Dashboard {
        uid: "assayd-overview",
        title: "assayd / Overview",
        description: "Which model to buy now: what one correct answer costs, and how many answers are right.",
        since: "6h",
        variables: vec![],
        rows: vec![buy(), money(), health()],
    }
}

fn buy() -> Row {
    let ranking = vec![
        Column::label("target", 95),
        Column::label("scenario", 80),
        Column::value("A", "per correct", Unit::Usd),
        Column::value("B", "from", Unit::Usd),
        Column::value("C", "to", Unit::Usd),
        Column::value("D", "accuracy", Unit::Share).judged(),
        Column::value("E", "at least", Unit::Share),
        Column::value("F", "at most", Unit::Share),
    ];
    let by = |metric: &str| format!("max by (instance, target, scenario) ({metric})");
    let ranked = [
        "assayd_cost_per_correct_usd",
        "assayd_cost_per_correct_lower_usd",
        "assayd_cost_per_correct_upper_usd",
        "assayd_accuracy_ratio",
        "assayd_accuracy_lower_ratio",
        "assayd_accuracy_upper_ratio",
    ];
    let table = Panel::table(
        "What one correct answer costs, cheapest first",
        "Cost per correct answer of the last complete run with its 95 % interval, and accuracy with its own. All attempts, \
         retries and failures are paid for. No upper end of the cost where fewer than 5 answers were right. Two models whose \
         intervals overlap were not told apart.",
        ranking,
        ("per correct", false),
    )
    .size(14, 11)
    .judged(ACCURACY);
    let table = ranked.iter().fold(table, |table, metric| table.ask(&by(metric), ""));
    Row {
        title: "What to buy now",
        panels: vec![
            Panel::new(
                Kind::Text(
                    "**How to read this.** Left in the scatter is cheap, up is capable: what lies to the right of and below \
                     another point is a bad buy. A model that is cheap per token can be dear per *correct* answer. \
                     Pick scenarios above to compare like with like, then follow the links to *Target* and *Scenario*.",
                ),
                "",
                "How to read this dashboard.",
            )
            .size(24, 2),
            Panel::new(
                Kind::Scatter { x: ("USD per correct answer", Unit::Usd), y: ("accuracy", Unit::Share) },
                "Capability against cost",
                "One point for each target and scenario of the last complete run: accuracy over the cost of one correct \
                 answer. Targets without any correct answer, whose cost is infinite, are left out.",
            )
            .size(10, 11)
            .legend(Legend::Targets)
            .ask("max by (instance, target, scenario) (assayd_cost_per_correct_usd < Inf)", "{{target}} · {{scenario}}")
            .ask("max by (instance, target, scenario) (assayd_accuracy_ratio)", "{{target}} · {{scenario}}"),
            table,
            Panel::lines(
                "Cost per correct answer",
                "Of the last complete run, over time: a step is a new run. In USD.",
            )
            .unit(Unit::Usd)
            .from(0.0)
            .legend(Legend::Targets)
            .ask("assayd_cost_per_correct_usd", "{{target}} · {{scenario}}"),
            Panel::lines("Accuracy", "Of the last complete run, over time: a step is a new run. Failed and unknown answers are outside.")
                .unit(Unit::Share)
                .within(0.0, 1.0)
                .legend(Legend::Targets)
                .ask("assayd_accuracy_ratio", "{{target}} · {{scenario}}"),
        ],
    }
}

fn money() -> Row {
    Row {
        title: "Money",
        panels: vec![
            Panel::stat("Spent on answers", "Known cost of measured answers in the time looked at. Answers without a price are not in it.")
                .unit(Unit::Usd)
                .ask("sum(increase(assayd_cost_usd_total[$__range]))", "spent"),
            Panel::stat(
                "Spent today",
                "Against the day's budget, with unknown outcomes at their bound; every purpose counts, warm-up too. A UTC day.",
            )
            .unit(Unit::Usd)
            .ask("sum(assayd_budget_spent_usd{scope=\"day\"})", "today"),
            Panel::stat("Budget used", "Share of the hard limit that is spent, of the day and of each run. At 100 % nothing more is asked.")
                .unit(Unit::Share)
                .judged(&[(0.0, Tone::Good), (0.8, Tone::Care), (1.0, Tone::Bad)])
                .ask("assayd_budget_spent_usd / assayd_budget_limit_usd", "{{scope}} {{run}}")
                .unless(Reason::NoBudget),
            Panel::stat(
                "Cost per correct, all in",
                "Everything spent over everything right, in the time looked at: chosen targets and scenarios together.",
            )
            .unit(Unit::Usd)
            .ask(&format!("sum(increase(assayd_cost_usd_total[$__range])) / (sum({CORRECT}) > 0)"), "per correct"),
            Panel::stat("Unpriced answers", "Answers of targets without a price, in the time looked at. Their cost is not zero but unknown.")
                .unit(Unit::Short)
            .decimals(0)
                .judged(NONE)
                .ask("sum(increase(assayd_unpriced_answers_total[$__range]))", "unpriced"),
            Panel::stat(
                "Cost only bounded",
                "Exchanges whose cost is not known, only bounded: cut streams, answers without usage. In the time looked at.",
            )
            .unit(Unit::Short)
            .decimals(0)
            .judged(NONE)
            .ask("sum(increase(assayd_unknown_outcomes_total[$__range]))", "bounded"),
            Panel::bars("Spent, by target", "Known cost of measured answers in the time looked at.")
                .unit(Unit::Usd)
                .from(0.0)
                .size(12, 8)
                .ask("sort_desc(sum by (target) (increase(assayd_cost_usd_total[$__range])))", "{{target}}"),
            Panel::bars(
                "Spent, by what for",
                "Known cost of measured answers in the time looked at, by component: tokens by kind, requests, hardware, energy.",
            )
            .unit(Unit::Usd)
            .from(0.0)
            .size(12, 8)
            .ask("sort_desc(sum by (component) (increase(assayd_cost_usd_total[$__range])) > 0)", "{{component}}"),
        ],
    }
}

fn health() -> Row {
    Row {
        title: "Can it be believed?",
        panels: vec![
            Panel::new(Kind::StateTimeline, "Targets", "Whether each target's last exchange brought an answer.")
                .words(UP)
                .ask("assayd_target_up", "{{target}}"),
            Panel::new(
                Kind::StateTimeline,
                "Timing",
                "Whether the timing figures of the last complete run may be believed; the reasons are in the dashboard on assayd \
                 itself. Accuracy and cost are not concerned.",
            )
            .words(VALID)
            .ask("assayd_run_valid", "{{target}} · {{scenario}}"),
            Panel::stat("Since the last complete run", "Time since each run last ended complete. Absent before the first time.")
                .unit(Unit::Seconds)
                .size(8, 4)
                .ask("time() - (assayd_run_last_success_timestamp_seconds > 0)", "{{run}}"),
            Panel::stat("Executions", "Of runs that ended, by result, since the beginning of the time looked at.")
                .unit(Unit::Short)
            .decimals(0)
                .size(8, 4)
                .ask("sum by (result) (increase(assayd_runs_total[$__range]))", "{{result}}"),
            Panel::stat(
                "Graded answers",
                "How many answers the figures of the time looked at rest on: correct, wrong, unparsed and refused ones.",
            )
            .unit(Unit::Short)
            .size(8, 4)
            .ask(&format!("sum({GRADED})"), "graded"),
        ],
    }
}
