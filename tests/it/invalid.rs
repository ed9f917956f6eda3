//! Invalid configurations with their exact messages.
//!
//! `tests/it/invalid/*.txt` hold the cases: a line `=== NAME`, the configuration, a line `---`, and every problem as it
//! is printed. What a case leaves out is added behind it, so that cases are small and their places are their own: a good
//! target `a`, scenario `s`, workload `w` and run, each where the case has none (`# alone` adds nothing). Data files lie
//! in `tests/it/invalid/data`. With `ASSAYD_UPDATE=1` the messages are written anew: read the difference before you
//! commit it.

#![expect(clippy::expect_used, reason = "a test that can't read its own files has failed")]

use assayd::config::Source;
use assayd::plan;
use libtest_mimic::{Failed, Trial};
use std::fs;
use std::path::{Path, PathBuf};

const FOLDER: &str = "tests/it/invalid";

const GOOD: [(&str, &str); 4] = [
    ("target", "[target.a]\napi = \"openai-chat\"\nurl = \"http://127.0.0.1:8000/v1\"\nmodel = \"m\"\n"),
    ("scenario", "[scenario.s]\ndataset = { format = \"jsonl\", path = \"data/good.jsonl\" }\nscorer = \"exact\"\n"),
    ("workload", "[workload.w]\narrival = { kind = \"closed\", concurrency = 1 }\n"),
    ("run", "[[run]]\ntargets = [\"*\"]\nscenarios = [\"*\"]\nworkload = \"w\"\n"),
];

struct Case {
    name: String,
    config: String,
    expected: String,
}

impl Case {
    fn source(&self) -> Source {
        let mut text = self.config.clone();
        for (section, good) in GOOD {
            let (header, list, dotted) = (format!("[{section}"), format!("[[{section}"), format!("{section}."));
            let is_it = |line: &str| [&header, &list, &dotted].into_iter().any(|start| line.starts_with(start));
            let there = self.config.lines().any(is_it);
            if !there && !self.config.starts_with("# alone") {
                text.push_str(good);
            }
        }
        Source { name: "case.toml".into(), text, folder: PathBuf::from(FOLDER) }
    }

    fn messages(&self) -> String {
        match plan::build(&self.source()) {
            Ok(_) => "no problem\n".into(),
            Err(problems) => problems.iter().map(|p| format!("{p}\n")).collect(),
        }
    }
}

fn files() -> Vec<PathBuf> {
    let all = fs::read_dir(FOLDER).expect("the folder of cases").map(|entry| entry.expect("an entry").path());
    let mut files: Vec<PathBuf> = all.filter(|path| path.extension().is_some_and(|e| e == "txt")).collect();
    files.sort();
    files
}

fn cases(file: &Path) -> Vec<Case> {
    let text = fs::read_to_string(file).expect("a file of cases");
    let parts = text.split("=== ").filter(|part| !part.trim().is_empty());
    parts
        .map(|part| {
            let (name, rest) = part.split_once('\n').expect("a name");
            let (config, expected) = rest.split_once("---\n").unwrap_or((rest, ""));
            Case { name: name.to_owned(), config: config.to_owned(), expected: expected.to_owned() }
        })
        .collect()
}

fn update(file: &Path) {
    let write = |case: Case| format!("=== {}\n{}---\n{}", case.name, case.config, case.messages());
    let text: String = cases(file).into_iter().map(write).collect();
    fs::write(file, text).expect("the file of cases can be written");
}

/// One trial for each case, and one for their number.
pub fn tests() -> Vec<Trial> {
    if std::env::var_os("ASSAYD_UPDATE").is_some() {
        files().iter().for_each(|file| update(file));
    }
    let all: Vec<Case> = files().iter().flat_map(|file| cases(file)).collect();
    let count = all.len();
    let enough = Trial::test("invalid::there_are_enough_cases", move || {
        if count >= 60 { Ok(()) } else { Err(Failed::from(format!("{count} cases, at least 60 are wanted"))) }
    });
    let trials = all.into_iter().map(|case| {
        Trial::test(format!("invalid::{}", case.name.replace(' ', "_")), move || {
            let got = case.messages();
            if got == case.expected && got != "no problem\n" {
                return Ok(());
            }
            Err(Failed::from(format!("expected\n{}\ngot\n{got}\nfor\n{}", case.expected, case.config)))
        })
    });
    std::iter::once(enough).chain(trials).collect()
}
