//! The configurations that people copy: each passes `assayd check` as it stands, and those that need no more than an endpoint
//! are run against one that knows the answers.

use crate::support::bench::{Mock, PATIENCE, number, text};
use crate::support::process::{Ended, Process, assayd};
use crate::support::{Outcome, Server, needs};
use assayd::config::Source;
use assayd::plan;
use assayd::workload::Occasion;
use libtest_mimic::{Failed, Trial};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// Where the examples say that the endpoint is.
const PLACE: &str = "http://127.0.0.1:8000";

/// The tests of this module.
pub fn tests() -> Vec<Trial> {
    let mut tests = vec![
        Trial::test("examples::the_readme_has_every_file", told),
        Trial::test("examples::the_readme_of_the_repository_is_accepted", first_page),
        Trial::test("examples::quickstart_runs", || all_right("quickstart", &[("support-en", 10)])),
        Trial::test("examples::chinese_runs", || all_right("chinese", CHINESE)),
        Trial::test("examples::trace_runs", replayed),
        Trial::test("examples::ci_gate_lets_through_what_is_good", || gate("1", 0, "")),
        Trial::test("examples::ci_gate_stops_what_is_not", || gate("0.5", 5, "accuracy_lower")),
    ];
    for path in configurations() {
        let name = format!("examples::{}_is_accepted", path.display());
        // It has programs to run, and everything that is worth a warning.
        tests.push(if path.ends_with("everything.toml") {
            needs(Server::Bubblewrap, &name, move || accepted(&path, &["ASSAYD_EXAMPLE_KEY"]).map(drop))
        } else {
            Trial::test(name, move || copied(&path))
        });
    }
    tests
}

/// How many questions each scenario of the Chinese suite has.
const CHINESE: &[(&str, u64)] = &[
    ("c-eval", 9),
    ("c-eval-cot", 9),
    ("cmmlu", 4),
    ("cmmlu-forms", 8),
    ("support", 10),
    ("word-problems", 80),
    ("logic", 60),
    ("strings", 60),
];

/// Every configuration in the repository that is there to be copied or deployed.
fn configurations() -> Vec<PathBuf> {
    let mut found = Vec::new();
    // Of `configs`, what lies in folders is data and price books.
    let mut folders: Vec<(PathBuf, bool)> = vec![("configs".into(), false), ("deploy".into(), true)];
    while let Some((folder, deep)) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() && deep {
                folders.push((path, deep));
            } else if path.extension().is_some_and(|end| end == "toml") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

fn ended(command: &mut Command) -> Result<Ended, Failed> {
    Process::start(command)?.end(PATIENCE)
}

/// What `assayd check` prints, with no variable of a key but these.
fn accepted(path: &Path, keys: &[&str]) -> Result<String, Failed> {
    let mut command = assayd(Path::new("."), [Path::new("check"), Path::new("-c"), path]);
    let path_variable = std::env::var_os("PATH").unwrap_or_default();
    command.env_clear().env("PATH", path_variable).envs(keys.iter().map(|name| (*name, "no-real-key-at-all")));
    let Ended { code, stdout, stderr } = ended(&mut command)?;
    if code == Some(0) && stderr.is_empty() && stdout.contains("\nrun ") {
        return Ok(stdout);
    }
    Err(format!("{}: exit code {code:?}\n{stdout}{stderr}", path.display()).into())
}

/// Accepted without any key, and without a warning that whoever copies it would inherit.
fn copied(path: &Path) -> Outcome {
    let plan = accepted(path, &[])?;
    assert!(!plan.contains("\nwarnings\n"), "{plan}");
    Ok(())
}

fn told() -> Outcome {
    let page = std::fs::read_to_string("configs/README.md")?;
    let rows: BTreeSet<&str> =
        page.lines().filter_map(|line| line.strip_prefix("| [")?.split_once(']')).map(|(name, _)| name).collect();
    let files = configurations();
    let names: BTreeSet<&str> = files
        .iter()
        .filter(|path| path.starts_with("configs"))
        .filter_map(|path| path.file_name().and_then(|name| name.to_str()))
        .collect();
    assert_eq!(rows, names, "the table of configs/README.md, and the files there");
    assert!(names.len() >= 8, "{names:?}");
    Ok(())
}

/// The configuration and the row of data that README.md shows.
fn first_page() -> Outcome {
    let page = std::fs::read_to_string("README.md")?;
    let text = page.split_once("```toml\n").and_then(|(_, rest)| rest.split_once("```")).ok_or("no configuration")?.0;
    let row = page.split_once("`support.jsonl`: `").and_then(|(_, rest)| rest.split_once('`')).ok_or("no row")?.0;
    let folder = tempfile::tempdir()?;
    std::fs::write(folder.path().join("support.jsonl"), row)?;
    let path = folder.path().join("assayd.toml");
    std::fs::write(&path, text)?;
    let plan = accepted(&path, &["GPTX_KEY"])?;
    assert!(plan.contains("target qwen3-8b") && !plan.contains("no-real-key"), "{plan}");
    Ok(())
}

/// The examples in a folder of their own, one of them pointed to an endpoint and changed.
fn folder(name: &str, url: &str, change: impl Fn(String) -> String) -> Result<TempDir, Failed> {
    let folder = tempfile::tempdir()?;
    let copy = Command::new("cp").args(["-r", "configs/data", "configs/prices"]).arg(folder.path()).status()?;
    assert!(copy.success(), "cp: {copy}");
    let text = std::fs::read_to_string(format!("configs/{name}.toml"))?;
    let pointed = text.replace(PLACE, url);
    assert_ne!(text, pointed, "{name} asks nothing at {PLACE}");
    std::fs::write(folder.path().join("assayd.toml"), change(pointed))?;
    Ok(folder)
}

/// What is made anew in each run is the same each time, so that its answers can be told to the mock.
fn seeded(text: String) -> String {
    text.replace("generator = { kind", "generator = { seed = 1, kind").replace("per_item = 1", "per_item = 1, seed = 1")
}

/// The right answer of every prompt of a configuration, as the mock reads them.
fn answers(folder: &Path) -> Result<String, Failed> {
    let source = Source::file(&folder.join("assayd.toml")).map_err(|problem| problem.to_string())?;
    let plan = plan::build(&source).map_err(|problems| format!("{problems:?}"))?;
    let mut rows = String::new();
    for scenario in &plan.scenarios {
        for item in scenario.items.draw(Occasion { seed: 0, started_unix_ms: 0 }) {
            let prompt = scenario.template.render(&item);
            let asked = prompt.messages.last().ok_or("an empty prompt")?;
            let right = item.answers.first().ok_or_else(|| format!("no answer to {}", asked.content))?;
            rows.push_str(&format!("{}\n", json!({"prompt": asked.content, "answer": right.to_string()})));
        }
    }
    Ok(rows)
}

/// A mock that knows these answers.
fn knowing(folder: &Path, answers: &str, flags: &[&str]) -> Result<Mock, Failed> {
    let file = folder.join("answers.jsonl");
    std::fs::write(&file, answers)?;
    Mock::start(&[&["--form", "plain", "--tokens", "64", "--answers", &file.to_string_lossy()], flags].concat())
}

/// The rows by scenario of what `assayd run` reports, run by run.
fn rows(folder: &Path) -> Result<Vec<Value>, Failed> {
    let Ended { code, stdout, stderr } = ended(&mut assayd(folder, ["run", "-c", "assayd.toml", "--format", "json"]))?;
    if code != Some(0) {
        return Err(format!("exit code {code:?}\n{stdout}{stderr}").into());
    }
    let report: Value = serde_json::from_str(&stdout)?;
    let runs = report.get("reports").and_then(Value::as_array).ok_or_else(|| format!("no reports: {report}"))?;
    let mut found = Vec::new();
    for run in runs {
        assert_eq!(run.get("complete"), Some(&Value::Bool(true)), "{run}");
        let whole = |row: &&Value| ["domain", "split"].iter().all(|by| row.get(by).is_none_or(Value::is_null));
        found.extend(run.get("rows").and_then(Value::as_array).into_iter().flatten().filter(whole).cloned());
    }
    Ok(found)
}

/// Every answer of the mock is right, and graded as right.
fn all_right(name: &str, items: &[(&str, u64)]) -> Outcome {
    let read = folder(name, "http://127.0.0.1:9", seeded)?;
    let mock = knowing(read.path(), &answers(read.path())?, &[])?;
    let folder = folder(name, &format!("http://{}", mock.address), seeded)?;
    let mut correct = BTreeMap::new();
    for row in rows(folder.path())? {
        let (scenario, verdicts) = (text(&row, "scenario").to_owned(), row.get("verdicts").ok_or("no verdicts")?);
        correct.insert(scenario, (number(&row, "samples")?, number(verdicts, "correct")?));
    }
    assert_eq!(correct, items.iter().map(|(scenario, n)| ((*scenario).to_owned(), (*n, *n))).collect());
    assert_eq!(mock.arrived()?, items.iter().map(|(_, n)| n).sum::<u64>());
    Ok(())
}

fn replayed() -> Outcome {
    let mock = Mock::start(&["--tokens", "max_tokens", "--itl", "10us"])?;
    let hurry = |text: String| {
        let text =
            text.replace("kind = \"trace\" }", "kind = \"trace\", speed = 20 }").replace("speed = 1.5", "speed = 30");
        text + "\n[calibration]\nbefore_runs = false\n"
    };
    let folder = folder("trace", &format!("http://{}", mock.address), hurry)?;
    let rows = rows(folder.path())?;
    let ungraded: Vec<Option<u64>> = rows.iter().map(|row| row.pointer("/verdicts/ungraded")?.as_u64()).collect();
    assert_eq!(ungraded, [Some(12), Some(12)]);
    // 12 questions and two of warm-up, twice, each answered to the recorded length.
    assert_eq!(mock.arrived()?, 28);
    let trace = std::fs::read_to_string("configs/data/trace.jsonl")?;
    let lengths = trace.lines().map(|line| Ok(serde_json::from_str::<Value>(line)?["output_length"].as_u64()));
    let lengths: Vec<Option<u64>> = lengths.collect::<Result<_, Failed>>()?;
    let tokens: u64 = lengths.into_iter().flatten().sum();
    let export = ended(&mut assayd(folder.path(), ["export", "samples", "-c", "assayd.toml"]))?;
    let mut answered = 0;
    for line in export.stdout.lines() {
        let sample: Value = serde_json::from_str(line)?;
        answered += if sample["purpose"] == "measure" { sample["output_tokens"].as_u64().unwrap_or(0) } else { 0 };
    }
    assert_eq!(answered, 2 * tokens);
    Ok(())
}

/// The thresholds are those of the file's own command, but for what hangs on how busy this machine is.
fn gate(accuracy: &str, code: i32, told: &str) -> Outcome {
    let text = std::fs::read_to_string("configs/ci-gate.toml")?;
    let command: Vec<&str> = text
        .lines()
        .filter_map(|line| line.strip_prefix('#'))
        .skip_while(|line| !line.contains("assayd run"))
        .take_while(|line| !line.is_empty())
        .collect();
    let thresholds: Vec<&str> = command.iter().flat_map(|line| line.split('\'').skip(1).step_by(2)).collect();
    assert!(thresholds.len() >= 5, "{command:?}");
    let timing = |threshold: &&&str| !["duration", "valid"].iter().any(|measure| threshold.starts_with(measure));
    let flags = thresholds.iter().filter(timing).flat_map(|threshold| ["--fail-if", *threshold]);
    // As configs/README.md tells to rehearse it.
    let read = folder("ci-gate", "http://127.0.0.1:9", |text| text)?;
    let sampled = ended(&mut assayd(read.path(), ["scenario", "sample", "-c", "assayd.toml"]))?;
    let mock = knowing(read.path(), &sampled.stdout, &["--accuracy", accuracy])?;
    let folder = folder("ci-gate", &format!("http://{}", mock.address), |text| text)?;
    let arguments: Vec<&str> = ["run", "-c", "assayd.toml"].into_iter().chain(flags).collect();
    let ended = ended(&mut assayd(folder.path(), arguments))?;
    assert_eq!(ended.code, Some(code), "{ended:?}");
    assert!(ended.stderr.contains(told), "{ended:?}");
    Ok(())
}
