//! Board averages: every subject weighs the same, however many questions it has.

use super::Report;
use super::table::{Column, Table};
use super::words::{NOTHING, percent};
use crate::board::{Average, BoardAverage, Over};
use crate::domain::Name;
use crate::stats::Interval;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// A table for each scenario whose average is a board's: a row for each target.
#[must_use]
pub fn boards(report: &Report) -> Vec<Table> {
    let mut scenarios: BTreeMap<&Name, Vec<&BoardAverage>> = BTreeMap::new();
    for row in &report.boards {
        scenarios.entry(&row.scenario).or_default().push(row);
    }
    scenarios.into_iter().map(|(scenario, rows)| of_scenario(scenario, &rows)).collect()
}

fn of_scenario(scenario: &Name, rows: &[&BoardAverage]) -> Table {
    // All rows of a scenario have the same averages: they follow from its plan.
    let heads = rows.first().map(|row| row.averages.iter().map(|average| head(&average.over)).collect::<Vec<_>>());
    let mut targets = BTreeSet::new();
    let several: BTreeSet<&Name> =
        rows.iter().map(|row| &row.target).filter(|target| !targets.insert(*target)).collect();
    let cells = |row: &&BoardAverage| {
        let short: String = row.provenance.as_str().chars().take(6).collect();
        let name =
            if several.contains(&row.target) { format!("{}@{short}", row.target) } else { row.target.to_string() };
        let subjects = row.averages.first().map_or_else(String::new, |all| format!("{} of {}", all.subjects, all.of));
        let shares = row.averages.iter().map(cell);
        [name, subjects].into_iter().chain(shares).collect()
    };
    let columns = [Column::text("target"), Column::number("subjects")];
    let heads = heads.into_iter().flatten().map(Column::number);
    let whose =
        rows.first().and_then(|row| row.board).map_or_else(String::new, |board| format!(" as {board} counts it"));
    Table {
        title: format!("scenario {scenario}: average % over subjects{whose}, each weighing the same, 95 % interval"),
        columns: columns.into_iter().chain(heads).collect(),
        rows: rows.iter().map(cells).collect(),
    }
}

fn head(over: &Over) -> String {
    match over {
        Over::All => "average".to_owned(),
        Over::Category(category) => category.clone(),
        Over::Hard => "hard".to_owned(),
    }
}

fn cell(average: &Average) -> String {
    let Some(Interval { estimate, lower, upper }) = average.share else { return NOTHING.to_owned() };
    let part =
        if average.subjects < average.of { format!(" ({}/{})", average.subjects, average.of) } else { String::new() };
    format!("{}{part}\n({}–{})", percent(estimate), percent(lower), percent(upper))
}

/// What a reader must know of a board that is not whole.
pub(super) fn caveats(report: &Report) -> Vec<String> {
    let partial = report.boards.iter().filter(|row| row.is_partial() || !row.left_out.is_empty());
    let said = partial.flat_map(|row| {
        let place = format!("{} on {}", row.target, row.scenario);
        let whose = row.board.map_or_else(|| "the scenario".to_owned(), str::to_owned);
        let all = row.averages.first().filter(|all| all.subjects < all.of).map(|all| {
            let (there, of) = (all.subjects, all.of);
            format!("{place}: a partial board: {there} of {whose}'s {of} subjects have graded answers; its average is theirs")
        });
        let foreign = (!row.left_out.is_empty()).then(|| {
            format!("{place}: not subjects of {whose}, and in no average: {}", row.left_out.join(", "))
        });
        [all, foreign].into_iter().flatten()
    });
    // Of several provenances one is enough.
    said.collect::<BTreeSet<_>>().into_iter().collect()
}

/// The averages for machines.
pub(super) fn json(report: &Report) -> Vec<Value> {
    let average = |average: &Average| {
        let Average { over, share, subjects, of, graded } = average;
        let (kind, category) = match over {
            Over::All => ("all", None),
            Over::Category(category) => ("category", Some(category)),
            Over::Hard => ("hard", None),
        };
        let share = share
            .map(|Interval { estimate, lower, upper }| json!({ "estimate": estimate, "lower": lower, "upper": upper }));
        json!({
            "over": kind, "category": category, "accuracy": share, "subjects": subjects, "of": of, "graded": graded,
        })
    };
    let row = |row: &BoardAverage| {
        let partial = row.is_partial();
        let BoardAverage { target, scenario, provenance, board, averages, left_out } = row;
        json!({
            "target": target.as_str(),
            "scenario": scenario.as_str(),
            "provenance": provenance.as_str(),
            "board": board,
            "partial": partial,
            "averages": averages.iter().map(average).collect::<Vec<_>>(),
            "left_out": left_out,
        })
    };
    report.boards.iter().map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::super::fixture::figures;
    use super::super::{FORMATS, Report};
    use super::*;
    use crate::board::{AverageRule, AverageSubject, Figures, averages};
    use crate::domain::Fingerprint;
    use crate::stats::{Level, wilson};

    fn row(target: &str, domain: &str, correct: u64, graded: u64) -> Figures {
        Figures {
            domain: Some(domain.to_owned()),
            verdicts: [correct, graded - correct, 0, 0, 0, 0, 0],
            accuracy: wilson(correct, graded, Level::P95),
            ..figures(target, "board")
        }
    }

    fn rule() -> AverageRule {
        let subject = |(domain, category, hard): (&str, &str, bool)| AverageSubject {
            domain: domain.to_owned(),
            category: Some(category.to_owned()),
            hard,
        };
        AverageRule {
            board: Some("Own Exam"),
            categories: vec!["STEM".into(), "Other".into()],
            subjects: [("physics", "STEM", true), ("biology", "STEM", false), ("law", "Other", false)]
                .map(subject)
                .into(),
        }
    }

    fn report() -> Report {
        let rows = vec![
            row("whole", "physics", 1, 4),
            row("whole", "biology", 90, 100),
            row("whole", "law", 1, 2),
            row("part", "biology", 8, 10),
            row("part", "cooking", 10, 10),
            Figures { accuracy: None, verdicts: [0, 0, 0, 0, 5, 0, 0], ..row("part", "law", 0, 1) },
            Figures { provenance: Fingerprint::from_text("other"), ..row("twice", "law", 1, 1) },
            row("twice", "law", 0, 1),
        ];
        let name = Name::new("board").unwrap();
        Report { boards: averages(&rule(), &name, &rows), ..Report::default() }
    }

    #[test]
    fn every_subject_weighs_the_same() {
        let report = report();
        let of = |target: &str| report.boards.iter().find(|row| row.target.as_str() == target).unwrap();
        let shares = |target: &str| {
            let share = |a: &Average| (a.share.map(|s| (s.estimate * 1e6).round() / 1e6), a.subjects, a.of, a.graded);
            of(target).averages.iter().map(share).collect::<Vec<_>>()
        };
        // (1/4 + 90/100 + 1/2) / 3, (1/4 + 90/100) / 2, 1/2; physics alone is hard. Pooled it would be 92/106.
        assert_eq!(
            shares("whole"),
            [(Some(0.55), 3, 3, 106), (Some(0.575), 2, 2, 104), (Some(0.5), 1, 1, 2), (Some(0.25), 1, 1, 4)]
        );
        assert_eq!(shares("part"), [(Some(0.8), 1, 3, 10), (Some(0.8), 1, 2, 10), (None, 0, 1, 0), (None, 0, 1, 0)]);
        assert_eq!((of("whole").is_partial(), of("part").is_partial()), (false, true));
        assert_eq!(of("part").left_out, ["cooking"]);
        assert_eq!(report.boards.iter().filter(|row| row.target.as_str() == "twice").count(), 2);
    }

    #[test]
    fn a_partial_board_is_told_and_every_average_shown() {
        let text = (FORMATS.first().unwrap().render)(&[report()]);
        insta::assert_snapshot!(text);
        let partial: Vec<String> = caveats(&report()).into_iter().filter(|line| line.starts_with("part")).collect();
        assert_eq!(
            partial,
            [
                "part on board: a partial board: 1 of Own Exam's 3 subjects have graded answers; its average is theirs",
                "part on board: not subjects of Own Exam, and in no average: cooking",
            ]
        );
    }

    #[test]
    fn machines_get_the_same() {
        let all = json(&report());
        let part = all.iter().find(|row| row["target"] == "part").unwrap();
        assert_eq!((&part["partial"], &part["averages"][0]["of"]), (&json!(true), &json!(3)));
        assert_eq!(
            part["averages"][2],
            json!({
                "over": "category", "category": "Other", "accuracy": null, "subjects": 0, "of": 1, "graded": 0,
            })
        );
    }
}
