//! How a table of grading cases is read, and what a case comes to. The tests read it here, and so does the bench of the
//! graders (`benches/grading`), so that both grade the same cases.

use assayd::config::{self, Source};
use assayd::domain::{Answer, Finding, Finish, Item, Spec, Split, Tags, Tool, ToolCall};
use assayd::scoring::{Graded, KINDS, Scorer};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The tables of this project.
pub const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/grading");

/// Cases that were written without a look at the code, by somebody else.
pub const BLIND: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/grading/blind");

/// Scorers that grade by the text alone; each has a table in both languages.
pub const GRADED_BY_TEXT: &[&str] =
    &["choice", "exact", "instructions", "json", "math", "multi_choice", "number", "text", "tool_call"];

/// One case.
#[derive(Debug, Clone, Deserialize)]
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
    /// The verdict.
    pub want: String,
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

    /// What is wrong with its grading by a scorer; none where all is as wanted.
    #[must_use]
    pub fn miss(&self, name: &str) -> Option<String> {
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
#[derive(Debug, Clone)]
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
pub fn tables(folder: &Path) -> Result<Vec<Table>, String> {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder)
        .and_then(|entries| entries.map(|entry| entry.map(|e| e.path())).collect())
        .map_err(|error| format!("{}: {error}", folder.display()))?;
    paths.sort();
    paths.retain(|path| path.extension().is_some_and(|e| e == "jsonl"));
    paths.iter().map(|path| table(path)).collect()
}

fn table(path: &Path) -> Result<Table, String> {
    let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or("");
    let (scorer, language) = stem.split_once('.').ok_or("a table is named SCORER.LANGUAGE.jsonl")?;
    let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let rows = text.lines().enumerate().map(|(i, line)| (i + 1, line));
    let rows = rows.filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#'));
    let case = |(line, text)| match serde_json::from_str::<Case>(text) {
        Ok(case) => Ok((line, case)),
        Err(error) => Err(format!("{}:{line}: {error}", path.display())),
    };
    let cases = rows.map(case).collect::<Result<_, _>>()?;
    Ok(Table { scorer: scorer.to_owned(), language: language.to_owned(), cases })
}
