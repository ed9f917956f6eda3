//! The layers: which room may use which, read off the `crate::` paths of the source.

use super::source::{File, code};
use super::{Finding, lines, on};

/// The rooms, ground floor first. A row uses only rows before it, never itself; `stats` is open to all but `mock`.
const LAYERS: &[&[&str]] = &[
    &["domain"],
    &["stats", "config", "mock"],
    &["workload", "provider", "scoring", "pricing", "sandbox", "telemetry"],
    &["board"],
    &["store"],
    &["plan", "verdict", "contest"],
    &["engine", "export"],
    &["api", "demo"],
    &["cli"],
];

fn row(room: &str) -> Option<usize> {
    LAYERS.iter().position(|row| row.contains(&room))
}

/// Whether one room may use another; none where one of them is in no row.
fn may_use(user: &str, used: &str) -> Option<bool> {
    let (upper, lower) = (row(user)?, row(used)?);
    Some(match (user, used) {
        // The calibration endpoint is the truth that the rest is held against: it shares words with it and nothing else.
        ("mock", _) => matches!(used, "mock" | "domain"),
        // The board's and the reports' figures come from here; it knows nothing of them.
        (_, "stats") => upper > 0,
        _ => user == used || lower < upper,
    })
}

/// The room a source file is in; none for the crate's roots, which only name the rooms.
fn room_of(path: &str) -> Option<&str> {
    let path = path.strip_prefix("src/")?.strip_suffix(".rs")?;
    let room = path.split('/').next()?;
    (!matches!(path, "lib" | "main")).then_some(room)
}

/// How many `super` lead from a file to the crate's root.
fn depth(path: &str) -> usize {
    let parts = path.trim_start_matches("src/").trim_end_matches("/mod.rs");
    parts.split('/').count()
}

/// Uses of a room that its layer forbids, and rooms that are in no layer.
pub fn check(file: &File) -> Vec<Finding> {
    let Some(room) = room_of(&file.path) else { return Vec::new() };
    if row(room).is_none() {
        return vec![on(file, 1, format!("the room `{room}` is in no layer; give it a place in LAYERS"))];
    }
    let code = code(&file.text);
    let mut findings = Vec::new();
    for (offset, used) in paths(&code, "crate::") {
        let line = lines(&code, offset);
        match may_use(room, used) {
            Some(true) => {}
            Some(false) => findings.push(on(file, line, format!("`{room}` uses `{used}`, which its layer forbids"))),
            None => findings.push(on(file, line, format!("`crate::{used}` is no room in a layer"))),
        }
    }
    let to_root = "super::".repeat(depth(&file.path));
    for (offset, used) in paths(&code, &to_root) {
        if used != room && row(used).is_some() {
            let said = format!("reaches the room `{used}` by `super`; say `crate::{used}`");
            findings.push(on(file, lines(&code, offset), said));
        }
    }
    findings
}

/// The first name after each `prefix`, or each first name of a group after it, with its place.
fn paths<'a>(code: &'a str, prefix: &str) -> Vec<(usize, &'a str)> {
    let mut found = Vec::new();
    for (offset, _) in code.match_indices(prefix) {
        let whole = !code.get(..offset).is_some_and(|before| before.ends_with(is_word));
        let rest = code.get(offset + prefix.len()..).unwrap_or_default();
        if !whole {
            continue;
        }
        match rest.trim_start().strip_prefix('{') {
            None => found.push((offset, first_word(rest))),
            Some(group) => found.extend(members(group).into_iter().map(|member| (offset, first_word(member)))),
        }
    }
    found
}

/// The members of a group of imports that has just been opened.
fn members(group: &str) -> Vec<&str> {
    let (mut members, mut depth, mut start) = (Vec::new(), 0_usize, 0);
    for (i, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth > 0 => depth -= 1,
            ',' | '}' if depth == 0 => {
                members.push(group.get(start..i).unwrap_or_default().trim());
                start = i + 1;
                if c == '}' {
                    break;
                }
            }
            _ => {}
        }
    }
    members.retain(|member| !member.is_empty());
    members
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn first_word(text: &str) -> &str {
    let text = text.trim_start();
    text.get(..text.find(|c| !is_word(c)).unwrap_or(text.len())).unwrap_or_default()
}

/// Tests of the above.
pub fn tests() -> Vec<libtest_mimic::Trial> {
    const SAMPLES: &[(&str, &str, &[&str])] = &[
        ("src/board.rs", "use crate::domain::Sample;\nuse crate::stats;", &[]),
        (
            "src/board.rs",
            "use crate::store::Store;",
            &["src/board.rs:1: `board` uses `store`, which its layer forbids"],
        ),
        (
            "src/pricing/tokens.rs",
            "//! Not like crate::cli.\nuse crate::{\n    config::{Section, Rate},\n    scoring,\n};",
            &["src/pricing/tokens.rs:2: `pricing` uses `scoring`, which its layer forbids"],
        ),
        ("src/pricing/mod.rs", "use crate::pricing::tokens;\nlet a = \"crate::cli\"; // crate::cli", &[]),
        ("src/mock/mod.rs", "use crate::domain::Nanos;", &[]),
        (
            "src/mock/faults.rs",
            "fn a() { crate::stats::quantile() }",
            &["src/mock/faults.rs:1: `mock` uses `stats`, which its layer forbids"],
        ),
        (
            "src/domain/money.rs",
            "use crate::stats::wilson;",
            &["src/domain/money.rs:1: `domain` uses `stats`, which its layer forbids"],
        ),
        ("src/helpers.rs", "", &["src/helpers.rs:1: the room `helpers` is in no layer; give it a place in LAYERS"]),
        ("src/cli/run.rs", "use crate::utils::a;", &["src/cli/run.rs:1: `crate::utils` is no room in a layer"]),
        (
            "src/api/mod.rs",
            "use super::demo::a;",
            &["src/api/mod.rs:1: reaches the room `demo` by `super`; say `crate::demo`"],
        ),
        (
            "src/api/pages.rs",
            "use super::demo_page;\nuse super::super::cli::a;",
            &["src/api/pages.rs:2: reaches the room `cli` by `super`; say `crate::cli`"],
        ),
        ("src/lib.rs", "pub use crate::cli::main;", &[]),
        ("tests/it/main.rs", "use crate::support;", &[]),
    ];
    let check = || {
        for (path, text, expected) in SAMPLES {
            assert_eq!(check(&File::sample(path, text)), *expected, "of {path}: {text}");
        }
        Ok(())
    };
    vec![libtest_mimic::Trial::test("tidy::layers_are_told_apart", check)]
}
