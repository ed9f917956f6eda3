//! The dashboard of a scenario: who is right at what, what could not be graded, and what was known by heart.

use super::{ACCURACY, CORRECT, Column, Dashboard, GRADED, Kind, Legend, Panel, Row, Tone, Unit};

/// The dashboard.
pub(super) fn dashboard() -> Dashboard {
    Dashboard {
        uid: "assayd-scenario",
        title: "assayd / Scenario",
        description: "Who is right at what, what could not be graded, and what was known by heart.",
        since: "6h",
        variables: vec![],
        rows: vec![matrix(), verdicts(), gap()],
    }
}

fn matrix() -> Row {
    let ratio = |by: &str| format!("sum by ({by}) ({CORRECT}) / (sum by ({by}) ({GRADED}) > 0)");
    let matrix = |title, description: &str, rows: &'static str, columns: &'static str| {
        Panel::new(Kind::Matrix { rows, columns }, title, description)
            .unit(Unit::Share)
            .decimals(0)
            .judged(ACCURACY)
            .ask(&ratio(&format!("{rows}, {columns}")), "")
    };
    Row {
        title: "Who is right at what",
        panels: vec![
            matrix(
                "Accuracy, domain by target",
                "Right answers over those that could be graded, in the time looked at. A small model that is green in your domain \
                 may be all you need to buy.",
                "domain",
                "target",
            ),
            matrix(
                "Accuracy, domain by capability",
                "The same over the chosen targets together, by what an item asks for. A cell is empty where the scenarios have no \
                 item of that domain and capability.",
                "domain",
                "capability",
            ),
            Panel::bars("Cost per correct, by domain", "What was spent on a domain over its right answers, in the time looked at.")
                .unit(Unit::Usd)
                .from(0.0)
                .ask(
                    &format!("sort(sum by (domain) (increase(assayd_cost_usd_total[$__range])) / (sum by (domain) ({CORRECT}) > 0))"),
                    "{{domain}}",
                ),
            Panel::bars("Graded answers, by domain", "How many answers the figures above rest on: a share of few says little.")
                .unit(Unit::Short)
                .from(0.0)
                .ask(&format!("sort_desc(sum by (domain) ({GRADED}))"), "{{domain}}"),
        ],
    }
}

fn verdicts() -> Row {
    let share = |verdict: &str| {
        format!(
            "sum by (target) (increase(assayd_answers_total{{verdict=\"{verdict}\"}}[$__range])) \
             / (sum by (target) (increase(assayd_answers_total[$__range])) > 0)"
        )
    };
    Row {
        title: "What became of the answers",
        panels: vec![
            Panel::table(
                "Verdicts, by target",
                "Shares of all trials in the time looked at. Unparsed: no answer could be read out of the text. Refused: the model \
                 would not. Failed: no answer came. Unknown: in flight when the process was killed.",
                vec![
                    Column::label("target", 120),
                    Column::value("A", "correct", Unit::Share),
                    Column::value("B", "wrong", Unit::Share),
                    Column::value("C", "unparsed", Unit::Share).judged(),
                    Column::value("D", "refused", Unit::Share).judged(),
                    Column::value("E", "failed", Unit::Share).judged(),
                    Column::value("F", "unknown", Unit::Share).judged(),
                ],
                ("correct", true),
            )
            .judged(&[(0.0, Tone::Good), (0.001, Tone::Care), (0.05, Tone::Bad)])
            .decimals(1)
            .ask(&share("correct"), "")
            .ask(&share("wrong"), "")
            .ask(&share("unparsed"), "")
            .ask(&share("refused"), "")
            .ask(&share("failed"), "")
            .ask(&share("unknown"), ""),
            Panel::stack("Verdicts over time", "Trials per second by verdict, over the chosen targets and scenarios.")
                .unit(Unit::Short)
                .axis("trials/s")
                .size(12, 10)
                .legend(Legend::Fixed(&["wrong", "unparsed", "correct", "refused", "ungraded", "failed", "unknown"]))
                .ask("sum by (verdict) (rate(assayd_answers_total[$__rate_interval]))", "{{verdict}}"),
            Panel::lines("Unparsed and refused", "Shares of the trials at the time: a template or a policy that a new version of a model no longer likes.")
                .unit(Unit::Share)
                .from(0.0)
                .size(24, 8)
                .legend(Legend::Targets)
                .ask(
                    "sum by (target) (rate(assayd_answers_total{verdict=\"unparsed\"}[$__rate_interval])) \
                     / (sum by (target) (rate(assayd_answers_total[$__rate_interval])) > 0)",
                    "{{target}} unparsed",
                )
                .ask(
                    "sum by (target) (rate(assayd_answers_total{verdict=\"refused\"}[$__rate_interval])) \
                     / (sum by (target) (rate(assayd_answers_total[$__rate_interval])) > 0)",
                    "{{target}} refused",
                ),
        ],
    }
}

fn gap() -> Row {
    Row {
        title: "Known by heart",
        panels: vec![
            Panel::table(
                "Over-fit gap",
                "Accuracy on published items minus accuracy on other forms of them, in the last complete run, with its 95 % \
                 interval. Above zero with all of the interval: the model has seen the test. Only scenarios with `variants`.",
                vec![
                    Column::label("target", 120),
                    Column::label("scenario", 120),
                    Column::value("A", "gap", Unit::Share),
                    Column::value("B", "at least", Unit::Share).judged(),
                    Column::value("C", "at most", Unit::Share),
                ],
                ("gap", true),
            )
            .judged(&[(f64::NEG_INFINITY, Tone::Good), (1e-9, Tone::Bad)])
            .decimals(1)
            .ask("max by (instance, target, scenario) (assayd_overfit_gap_ratio)", "")
            .ask("max by (instance, target, scenario) (assayd_overfit_gap_lower_ratio)", "")
            .ask("max by (instance, target, scenario) (assayd_overfit_gap_upper_ratio)", ""),
            Panel::bars("Over-fit gap, ranked", "The same as bars. What is to be expected of a model that saw none of the items is zero, give or take.")
                .unit(Unit::Share)
                .decimals(1)
                .size(12, 10)
                .judged(&[(f64::NEG_INFINITY, Tone::Good), (0.05, Tone::Care), (0.15, Tone::Bad)])
                .ask("sort_desc(assayd_overfit_gap_ratio)", "{{target}} · {{scenario}}"),
        ],
    }
}
