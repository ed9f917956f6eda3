//! The table of grading cases: answers as models write them, with the verdict that a careful person would give.
//!
//! `tests/grading/SCORER.LANGUAGE.jsonl` hold a case a line: `says` (the answer's text), `want` (the verdict), and what the
//! item has: `answers`, `options`, `spec` (what the scorer reads beyond the answers). Where they matter: `settings` (the
//! scorer's, as TOML), `tools` (those the item offers: names with the schemas of their parameters), `calls` (the answer's
//! tool calls, name and arguments), `cut` (the output limit ended it), `rule` (which rule must have fired), `score`. Blank
//! lines and lines that begin with `#` part the table.

use crate::support::Outcome;
use assayd::config::{self, Source};
use assayd::domain::{Answer, Finding, Finish, Item, Spec, Split, Tags, Tool, ToolCall};
use assayd::scoring::{Graded, KINDS, Scorer};
use libtest_mimic::{Failed, Trial};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/grading");

/// Cases that were written without a look at the code, by somebody else.
const BLIND: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/grading/blind");

/// The fewest cases of a scorer in a language, and the fewest of either outcome among them.
const FEWEST: (usize, usize) = (30, 8);

/// Scorers that grade by the text alone; each has a table in both languages.
const GRADED_BY_TEXT: &[&str] =
    &["choice", "exact", "instructions", "json", "math", "multi_choice", "number", "text", "tool_call"];

const LANGUAGES: [&str; 2] = ["en", "zh"];

/// One case.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    #[serde(default)]
    settings: String,
    #[serde(default)]
    answers: Vec<String>,
    #[serde(default)]
    options: Vec<String>,
    #[serde(default)]
    spec: Option<Spec>,
    #[serde(default)]
    tools: BTreeMap<String, serde_json::Value>,
    says: String,
    #[serde(default)]
    calls: Vec<(String, String)>,
    #[serde(default)]
    cut: bool,
    want: String,
    #[serde(default)]
    rule: Option<String>,
    #[serde(default)]
    score: Option<f64>,
}

impl Case {
    /// The scorer, with the case's settings.
    ///
    /// # Errors
    /// When there is none of the name, or the settings are wrong.
    pub fn scorer(&self, name: &str) -> Result<Arc<dyn Scorer>, String> {
        let kind = KINDS.iter().find(|kind| kind.name == name).ok_or_else(|| format!("no scorer {name}"))?;
        if self.settings.is_empty() {
            return (kind.build)(None).ok_or_else(|| format!("{name} needs settings"));
        }
        config::read(&Source::inline("settings", &self.settings), |section| (kind.build)(Some(section)))
            .map_err(|problems| problems.iter().map(|p| format!("{p}\n")).collect())
    }

    /// The item and the answer.
    #[must_use]
    pub fn question(&self) -> (Item, Answer) {
        let Self { answers, options, spec, tools, says, calls, cut, .. } = self;
        let tool = |(name, parameters): (&String, &serde_json::Value)| Tool {
            name: name.clone(),
            description: String::new(),
            parameters: parameters.to_string(),
        };
        let tags = Tags::new("d", "c", "en", Split::Fresh);
        let item = Item {
            options: options.clone(),
            spec: spec.clone().map(Arc::new),
            tools: tools.iter().map(tool).collect(),
            ..Item::question("i", "?", answers.clone(), tags)
        };
        let call = |(name, arguments): &(String, String)| ToolCall { name: name.clone(), arguments: arguments.clone() };
        let answer = Answer {
            text: says.clone(),
            tool_calls: calls.iter().map(call).collect(),
            finish: Some(if *cut { Finish::Length } else { Finish::Stop }),
            ..Answer::default()
        };
        (item, answer)
    }

    fn miss(&self, name: &str) -> Option<String> {
        let Self { want, rule, score, says, answers, .. } = self;
        let scorer = match self.scorer(name) {
            Ok(scorer) => scorer,
            Err(why) => return Some(why),
        };
        let (item, answer) = self.question();
        if let Err(why) = scorer.accepts(&item) {
            return Some(format!("the item can't be graded: {why}"));
        }
        let found = match scorer.grade(&item, &answer) {
            Graded::Final(found) => found,
            other => return Some(format!("is not graded by its text: {other:?}")),
        };
        let as_ruled = rule.as_deref().is_none_or(|rule| rule == found.rule);
        let as_scored = score.is_none_or(|score| (score - found.score).abs() < 1e-9);
        let head: String = says.chars().take(160).collect();
        let wanted = (want.as_str(), rule.as_deref().unwrap_or(""), score);
        let Finding { verdict, score, extracted, rule } = &found;
        let right = verdict.label() == want && as_ruled && as_scored;
        let got = (verdict.label(), *rule, score, extracted);
        (!right).then(|| format!("{head:?} ({answers:?}): want {wanted:?}, got {got:?}"))
    }
}

/// A table: its scorer, its language, and its cases by line.
pub struct Table {
    /// The scorer's name.
    pub scorer: String,
    /// The language.
    pub language: String,
    /// The cases, each with its line.
    pub cases: Vec<(usize, Case)>,
}

/// Every table of a folder.
///
/// # Errors
/// When one can't be read, with its line.
pub fn tables(folder: &Path) -> Result<Vec<Table>, Failed> {
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(folder)?.map(|entry| entry.map(|e| e.path())).collect::<Result<_, _>>()?;
    paths.sort();
    paths.retain(|path| path.extension().is_some_and(|e| e == "jsonl"));
    paths.iter().map(|path| table(path)).collect()
}

fn table(path: &Path) -> Result<Table, Failed> {
    let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or("");
    let (scorer, language) = stem.split_once('.').ok_or("a table is named SCORER.LANGUAGE.jsonl")?;
    let text = std::fs::read_to_string(path)?;
    let rows = text.lines().enumerate().map(|(i, line)| (i + 1, line));
    let rows = rows.filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#'));
    let case = |(line, text)| match serde_json::from_str::<Case>(text) {
        Ok(case) => Ok((line, case)),
        Err(error) => Err(Failed::from(format!("{}:{line}: {error}", path.display()))),
    };
    let cases = rows.map(case).collect::<Result<_, _>>()?;
    Ok(Table { scorer: scorer.to_owned(), language: language.to_owned(), cases })
}

/// One test a table, and one over all of them.
pub fn tests() -> Vec<Trial> {
    let mut tests = vec![Trial::test("grading::tables_are_whole", whole)];
    for (folder, prefix) in [(FOLDER, ""), (BLIND, "blind.")] {
        for table in tables(Path::new(folder)).unwrap_or_default() {
            let name = format!("grading::{prefix}{}.{}", table.scorer, table.language);
            tests.push(Trial::test(name, move || graded(&table)));
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

/// Every scorer has its tables, large enough, of distinct cases, with right answers and others.
fn whole() -> Outcome {
    let all = tables(Path::new(FOLDER))?;
    let mut seen = BTreeSet::new();
    for name in GRADED_BY_TEXT {
        for language in LANGUAGES {
            let there = all.iter().find(|table| table.scorer == *name && table.language == language);
            let Table { cases, .. } = there.ok_or_else(|| format!("{name} has no table in {language}"))?;
            let right = cases.iter().filter(|(_, case)| case.want == "correct").count();
            let (fewest, either) = FEWEST;
            if cases.len() < fewest || right < either || cases.len() - right < either {
                return Err(format!("{name}.{language} has {} cases, {right} of them correct", cases.len()).into());
            }
            for (line, case) in cases {
                if !seen.insert(format!("{name} {case:?}")) {
                    return Err(format!("{name}.{language}.jsonl:{line} is there twice").into());
                }
            }
        }
    }
    Ok(())
}
