//! The table of grading cases: answers as models write them, with the verdict that a careful person would give.
//!
//! `tests/grading/SCORER.LANGUAGE.jsonl` hold a case a line: `says` (the answer's text), `want` (the verdict), and what the
//! item has: `answers`, `options`, `spec` (what the scorer reads beyond the answers). Where they matter: `settings` (the
//! scorer's, as TOML), `tools` (those the item offers: names with the schemas of their parameters), `calls` (the answer's
//! tool calls, name and arguments), `cut` (the output limit ended it), `rule` (which rule must have fired), `score`. Blank
//! lines and lines that begin with `#` part the table.

mod cases;

use crate::support::Outcome;
use cases::{BLIND, Case, FOLDER, GRADED_BY_TEXT, Table, tables};
use libtest_mimic::Trial;
use std::collections::BTreeSet;
use std::path::Path;

/// The fewest cases of a scorer in a language, and the fewest of either outcome among them.
const FEWEST: (usize, usize) = (30, 8);

const LANGUAGES: [&str; 2] = ["en", "zh"];

/// How many cases there are, and how many of them are of right answers.
fn counted(cases: &[(usize, Case)]) -> (usize, usize) {
    (cases.len(), cases.iter().filter(|(_, case)| case.want == "correct").count())
}

/// One test a table, and one over all of them.
pub fn tests() -> Vec<Trial> {
    let mut tests = vec![Trial::test("grading::tables_are_whole", whole)];
    for (folder, prefix) in [(FOLDER, ""), (BLIND, "blind.")] {
        for table in tables(Path::new(folder)).unwrap_or_default() {
            let name = format!("grading::{prefix}{}.{}", table.scorer, table.language);
            // Told beside the test's name, so that whoever counts cases counts those that were graded.
            let (all, right) = counted(&table.cases);
            let told = format!("{all} cases, {right} right answers");
            tests.push(Trial::test(name, move || graded(&table)).with_kind(told));
        }
    }
    tests
}

fn graded(table: &Table) -> Outcome {
    let Table { scorer, language, cases } = table;
    let misses = cases.iter().filter_map(|(line, case)| Some((line, case.miss(scorer)?)));
    let misses: Vec<String> = misses.map(|(line, miss)| format!("{scorer}.{language}.jsonl:{line}: {miss}")).collect();
    if misses.is_empty() {
        Ok(())
    } else {
        Err(format!("{} of {}\n{}", misses.len(), cases.len(), misses.join("\n")).into())
    }
}

/// Every scorer has its tables, large enough, with right answers and others; and no case is there twice, in whichever table.
fn whole() -> Outcome {
    let (own, blind) = (tables(Path::new(FOLDER))?, tables(Path::new(BLIND))?);
    for name in GRADED_BY_TEXT {
        for language in LANGUAGES {
            let there = own.iter().find(|table| table.scorer == *name && table.language == language);
            let Table { cases, .. } = there.ok_or_else(|| format!("{name} has no table in {language}"))?;
            let ((all, right), (fewest, either)) = (counted(cases), FEWEST);
            if all < fewest || right < either || all - right < either {
                return Err(format!("{name}.{language} has {all} cases, {right} of them correct").into());
            }
        }
    }
    let mut seen = BTreeSet::new();
    for Table { scorer, language, cases } in own.iter().chain(&blind) {
        for (line, case) in cases {
            if !seen.insert(format!("{scorer} {case:?}")) {
                return Err(format!("{scorer}.{language}.jsonl:{line} is there twice").into());
            }
        }
    }
    Ok(())
}
