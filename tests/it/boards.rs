//! The dashboards: their files are what the source says, Grafana's linter would have nothing to say of them, and a real
//! Prometheus answers every expression of every panel. `ASSAYD_UPDATE=1` writes the files anew.

mod lint;
mod proof;
mod recorded;

use crate::support::{Outcome, Server, needs};
use assayd::export::provision::dashboards;
use libtest_mimic::{Failed, Trial};
use promql_parser::parser::Expr;
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;

/// This module's tests.
pub fn tests() -> Vec<Trial> {
    vec![
        Trial::test("boards::the_files_are_what_the_source_says", current),
        Trial::test("boards::the_linter_has_nothing_to_say", lint::nothing_to_say),
        Trial::test("boards::the_linter_finds_what_is_wrong", lint::finds_what_is_wrong),
        Trial::test("boards::every_metric_is_in_the_table", every_metric_is_in_the_table),
        Trial::test("boards::every_expression_reads", every_expression_reads),
        Trial::test("boards::the_recorded_series_are_in_the_table", recorded::in_the_table),
        needs(Server::Prometheus, "boards::every_expression_has_data_or_a_reason", proof::every_expression),
    ]
}

/// The files of the dashboards, as they are kept.
fn kept() -> Result<Vec<(String, Value)>, Failed> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("dashboards");
    let read = |name: String| {
        let text = std::fs::read_to_string(folder.join(&name)).map_err(|error| format!("{name}: {error}"))?;
        Ok((name, serde_json::from_str(&text)?))
    };
    dashboards::all().iter().map(|dashboard| read(dashboard.file())).collect()
}

fn current() -> Outcome {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("dashboards");
    let update = std::env::var_os("ASSAYD_UPDATE").is_some_and(|v| v == "1");
    let mut names = BTreeSet::new();
    for dashboard in dashboards::all() {
        let (path, text) = (folder.join(dashboard.file()), dashboard.json());
        if update {
            std::fs::write(&path, &text)?;
        }
        let kept = std::fs::read_to_string(&path).unwrap_or_default();
        if kept != text {
            let same = kept.lines().zip(text.lines()).take_while(|(a, b)| a == b).count();
            let hint = "if the change is meant: ASSAYD_UPDATE=1 cargo test --test it boards::";
            let (a, b) = (kept.lines().nth(same), text.lines().nth(same));
            return Err(format!("{} differs at line {}: {a:?}, not {b:?}\n{hint}", path.display(), same + 1).into());
        }
        names.insert(dashboard.file());
    }
    let there = std::fs::read_dir(&folder)?.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()));
    let there: BTreeSet<String> = there.collect::<Result<_, std::io::Error>>()?;
    assert_eq!(there, names, "files nobody makes, or that are missing");
    Ok(())
}

/// Every selector of an expression: the name, and the labels that are matched.
fn selectors(expr: &Expr) -> Vec<(String, Vec<String>)> {
    let mut all = Vec::new();
    lint::walk(expr, &mut |node, _| {
        let selector = match node {
            Expr::VectorSelector(selector) => Some(selector),
            Expr::MatrixSelector(range) => Some(&range.vs),
            _ => None,
        };
        if let Some(selector) = selector {
            let labels = selector.matchers.matchers.iter().map(|matcher| matcher.name.clone()).collect();
            all.push((selector.name.clone().unwrap_or_default(), labels));
        }
    });
    all
}

/// Every expression, with where it stands.
fn expressions() -> Vec<(String, String)> {
    let mut all = Vec::new();
    for dashboard in dashboards::all() {
        for panel in dashboard.rows.iter().flat_map(|row| &row.panels) {
            for query in &panel.queries {
                all.push((format!("{} / {}", dashboard.title, panel.title), query.expr.clone()));
            }
        }
    }
    all.extend(dashboards::Reason::ALL.iter().map(|reason| (format!("{reason:?}"), reason.holds())));
    all
}

fn every_expression_reads() -> Outcome {
    for (place, expr) in expressions() {
        lint::parse(&expr).map_err(|error| format!("{place}: {error} in {expr}"))?;
    }
    Ok(())
}

fn every_metric_is_in_the_table() -> Outcome {
    let (mut wrong, mut seen) = (Vec::new(), BTreeSet::new());
    for (place, expr) in expressions() {
        for (name, matched) in selectors(&lint::parse(&expr).map_err(|error| format!("{place}: {error}"))?) {
            let Some(labels) = dashboards::matchers::labels(&name) else {
                wrong.push(format!("{place}: no metric {name:?}"));
                continue;
            };
            let known = |label: &String| {
                matches!(label.as_str(), "job" | "instance" | "le") || labels.contains(&label.as_str())
            };
            wrong.extend(matched.iter().filter(|l| !known(l)).map(|l| format!("{place}: {name} has no label {l:?}")));
            seen.insert(name);
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
    assert!(seen.len() > 50, "only {} metrics are shown: {seen:?}", seen.len());
    Ok(())
}
