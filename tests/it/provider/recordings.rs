//! Streams in the shapes that real servers send, as files, each with what must be made of it beside it.

use super::{adapter, read_pieces};
use assayd::domain::{Answer, Fault, TokenKind, Usage};
use assayd::provider::{KINDS, Mark};
use libtest_mimic::Failed;
use std::fs;
use std::path::{Path, PathBuf};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/provider/testdata");

/// One stream.
pub struct Recording {
    /// Its file's name, which says who sends such a stream.
    pub name: String,
    /// The adapter that reads it.
    pub kind: &'static str,
    pub body: Vec<u8>,
    path: PathBuf,
}

/// What was made of a stream.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Reading {
    pub answer: Answer,
    pub marks: Vec<Mark>,
    pub fault: Option<Fault>,
}

/// All of them, in the order of their names.
pub fn all() -> Vec<Recording> {
    let of = |kind: &'static str| {
        let mut paths: Vec<PathBuf> =
            fs::read_dir(Path::new(FOLDER).join(kind)).unwrap().map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        let bodies = paths.into_iter().filter(|path| path.extension().is_some_and(|e| e != "expected"));
        bodies.map(move |path| {
            let name = format!("{kind}/{}", path.file_name().unwrap().to_string_lossy());
            Recording { name, kind, body: fs::read(&path).unwrap(), path }
        })
    };
    KINDS.iter().flat_map(|kind| of(kind.name)).collect()
}

impl Recording {
    /// What is made of it.
    pub fn read(&self) -> Reading {
        read_pieces(&*adapter(self.kind), [self.body.as_slice()].into_iter())
    }
}

/// A reading for people: every part that is there, a letter for each event's mark.
fn rendered(reading: &Reading) -> String {
    let Reading { answer, marks, fault } = reading;
    let Answer { text, reasoning, tool_calls, refusal, finish, usage, model, tier, reported_cost } = answer;
    let mut lines = vec![format!("marks     {}", marks.iter().map(letter).collect::<String>())];
    let mut line = |name: &str, value: String| lines.push(format!("{name:<9} {value}"));
    line("model", model.clone().unwrap_or_else(|| "-".into()));
    line("finish", finish.as_ref().map_or("-", |f| f.label()).to_owned());
    let Usage { input, cache_read, cache_write, output, reasoning: thought, searches, .. } = usage;
    let count = |n: &Option<u64>| n.map_or_else(|| "-".into(), |n: u64| n.to_string());
    let [i, r, w, o, t] = [input, cache_read, cache_write, output, thought].map(count);
    line("usage", format!("input {i}, cache read {r}, cache write {w}, output {o}, reasoning {t}"));
    let later = [
        TokenKind::CacheWriteLong,
        TokenKind::AudioInput,
        TokenKind::ImageInput,
        TokenKind::AudioOutput,
        TokenKind::ImageOutput,
    ];
    let further = later.map(|kind| usage.get(kind).map(|n| format!("{} {n}", kind.label())));
    let further = further.into_iter().flatten().chain(searches.map(|n| format!("searches {n}")));
    let further: Vec<String> = further.collect();
    if !further.is_empty() {
        line("further", further.join(", "));
    }
    if let Some(tier) = tier {
        line("tier", tier.clone());
    }
    if let Some(cost) = reported_cost {
        line("reported", cost.to_string());
    }
    line("text", format!("{text:?}"));
    if !reasoning.is_empty() {
        line("reasoning", format!("{reasoning:?}"));
    }
    for call in tool_calls {
        line("call", format!("{} {}", call.name, call.arguments));
    }
    if let Some(refusal) = refusal {
        line("refusal", format!("{refusal:?}"));
    }
    if let Some(fault) = fault {
        line("fault", fault.to_string());
    }
    lines.join("\n") + "\n"
}

const fn letter(mark: &Mark) -> char {
    match mark {
        Mark::Content | Mark::Text(_) => 'C',
        Mark::Reasoning => 'R',
        Mark::Tool => 'T',
        Mark::None => '.',
        Mark::End => 'E',
    }
}

/// Every recording reads as the file beside it says, and the folder's page names every recording.
pub fn as_written() -> Result<(), Failed> {
    let page = fs::read_to_string(Path::new(FOLDER).join("README.md"))?;
    let mut wrong = Vec::new();
    let recordings = all();
    for recording in &recordings {
        let expected = recording.path.with_extension("expected");
        let found = rendered(&recording.read());
        if std::env::var_os("ASSAYD_UPDATE").is_some() {
            fs::write(&expected, &found)?;
        }
        if fs::read_to_string(&expected).is_ok_and(|text| text == found) {
            continue;
        }
        wrong.push(format!("{} reads as\n{found}", recording.name));
    }
    let untold = recordings.iter().filter(|r| !page.contains(&format!("| {} |", r.name)));
    wrong.extend(untold.map(|r| format!("{} is not in the folder's README.md", r.name)));
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n").into()) }
}
