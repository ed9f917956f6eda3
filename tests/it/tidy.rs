//! Invariants of the source, so that they are tests and not habits. `docs/architecture.md` says what they are for.
//!
//! A check is a function from a file to what it finds wrong; each is tested on small samples below.

mod layers;
mod source;

use crate::support::Outcome;
use libtest_mimic::{Failed, Trial};
use source::{File, code, exists, files, from, root};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

/// Something wrong: `path:line: what`.
type Finding = String;

/// The most lines a file may have.
const MOST_LINES: usize = 600;

/// A document that is generated: where it is, and what makes its text.
type Generated = (&'static str, fn() -> String);

/// The generated documents. `ASSAYD_UPDATE=1 cargo test` writes them anew.
const GENERATED: &[Generated] = &[("docs/metrics.md", assayd::export::metrics::docs)];

fn on(file: &File, line: usize, what: impl std::fmt::Display) -> Finding {
    format!("{}:{line}: {what}", file.path)
}

/// The number of the line that holds an offset.
fn lines(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1
}

/// A check of one file.
type Check = fn(&File) -> Vec<Finding>;

const CHECKS: &[(&str, Check)] = &[
    ("tidy::layers", layers::check),
    ("tidy::length", length),
    ("tidy::opening", opening),
    ("tidy::finished", finished),
    ("tidy::attributes", attributes),
    ("tidy::links", links),
    ("tidy::toml", toml_reads),
    ("tidy::portable", portable),
    ("tidy::whitespace", whitespace),
];

/// The checks, and the tests of the checks.
pub fn tests() -> Vec<Trial> {
    let checks = CHECKS
        .iter()
        .map(|(name, check)| Trial::test(*name, move || told(&files()?.iter().flat_map(check).collect::<Vec<_>>())));
    let generated = GENERATED
        .iter()
        .map(|(path, generate)| Trial::test(format!("tidy::generated {path}"), || is_current(path, &generate())));
    let mut tests: Vec<Trial> = checks.chain(generated).collect();
    tests.push(Trial::test("tidy::shows", || told(&shows(&files()?)?)));
    tests.push(Trial::test("tidy::checks_find_what_is_wrong", samples));
    tests.push(Trial::test("tidy::shows_are_held_against_the_list", shows_samples));
    tests.extend(layers::tests());
    tests.extend(source::tests());
    tests
}

fn told(findings: &[Finding]) -> Outcome {
    if findings.is_empty() { Ok(()) } else { Err(Failed::from(findings.join("\n"))) }
}

fn is_current(path: &str, generated: &str) -> Outcome {
    let place = root().join(path);
    if std::env::var_os("ASSAYD_UPDATE").is_some() {
        return Ok(std::fs::write(place, generated)?);
    }
    let current = std::fs::read_to_string(place).is_ok_and(|text| text == generated);
    if current { Ok(()) } else { Err(format!("{path} is out of date; run ASSAYD_UPDATE=1 cargo test").into()) }
}

fn is_rust(file: &File) -> bool {
    file.is("rs") && (file.path.starts_with("src/") || file.path.starts_with("tests/"))
}

fn length(file: &File) -> Vec<Finding> {
    let count = file.text.lines().count();
    let long = is_rust(file) && count > MOST_LINES;
    long.then(|| on(file, count, format!("{count} lines; the most is {MOST_LINES}"))).into_iter().collect()
}

fn opening(file: &File) -> Vec<Finding> {
    let bare = is_rust(file) && !file.text.starts_with("//! ");
    bare.then(|| on(file, 1, "does not open with `//!`, what it is and why")).into_iter().collect()
}

/// Words that mark something unfinished, which belong in no commit. Put together here so as not to find themselves.
const UNFINISHED: [&str; 3] = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X")];

fn finished(file: &File) -> Vec<Finding> {
    if !is_rust(file) && !file.path.starts_with("tests/") {
        return Vec::new();
    }
    let marks = |line: &str| UNFINISHED.into_iter().find(|mark| line.contains(mark)).map(str::to_owned);
    let macros = |line: &str| {
        let names = [concat!("to", "do!"), concat!("unimpl", "emented!")];
        names.into_iter().find(|name| line.contains(name)).map(str::to_owned)
    };
    let code = if is_rust(file) { code(&file.text) } else { String::new() };
    let in_text = file.text.lines().map(marks);
    let in_code = code.lines().map(macros);
    let of = |(i, word): (usize, Option<String>)| word.map(|word| on(file, i + 1, format!("`{word}` is unfinished")));
    in_text.enumerate().filter_map(of).chain(in_code.enumerate().filter_map(of)).collect()
}

fn attributes(file: &File) -> Vec<Finding> {
    if !is_rust(file) {
        return Vec::new();
    }
    let mut findings = Vec::new();
    for (i, line) in code(&file.text).lines().enumerate() {
        let attribute = line.contains("#[") || line.contains("#![");
        if attribute && line.contains("allow(") {
            findings.push(on(file, i + 1, "`allow` hides what it no longer needs to; use `expect` with a reason"));
        }
        if attribute && line.contains("[ignore") {
            findings.push(on(file, i + 1, "an ignored test proves nothing; see tests/it/support"));
        }
        if line.contains("with_ignored_flag") && file.path != "tests/it/support/mod.rs" {
            findings.push(on(file, i + 1, "only `support::needs` may leave a test out"));
        }
    }
    findings
}

/// Relative links of Markdown that lead nowhere.
fn links(file: &File) -> Vec<Finding> {
    if !file.is("md") {
        return Vec::new();
    }
    let mut findings = Vec::new();
    let mut fenced = false;
    for (i, line) in file.text.lines().enumerate() {
        fenced ^= line.trim_start().starts_with("```");
        for (start, _) in line.match_indices("](").filter(|_| !fenced) {
            let rest = line.get(start + 2..).unwrap_or_default();
            let link = rest.split([')', ' ', '#']).next().unwrap_or_default();
            let elsewhere = link.is_empty() || link.contains("://") || link.starts_with("mailto:");
            if !elsewhere && !exists(&from(file, link)) {
                findings.push(on(file, i + 1, format!("the link to {link} leads nowhere")));
            }
        }
    }
    findings
}

fn toml_reads(file: &File) -> Vec<Finding> {
    if !file.is("toml") {
        return Vec::new();
    }
    let error = toml::de::DeTable::parse(&file.text).err();
    let told = |error: toml::de::Error| {
        on(file, lines(&file.text, error.span().map_or(0, |span| span.start)), error.message())
    };
    error.map(told).into_iter().collect()
}

/// Paths that only one person's machine has. Put together here so as not to find themselves.
const PLACES: [&str; 5] = [
    concat!("/ho", "me/"),
    concat!("/Us", "ers/"),
    concat!("/ro", "ot/"),
    concat!("/wo", "rk/"),
    concat!("/fa", "rm/"),
];

fn portable(file: &File) -> Vec<Finding> {
    let place = |line: &str| PLACES.into_iter().find(|place| line.contains(place));
    let of = |(i, line)| place(line).map(|place| on(file, i + 1, format!("`{place}` is a place on one machine only")));
    file.text.lines().enumerate().filter_map(of).collect()
}

fn whitespace(file: &File) -> Vec<Finding> {
    let trailing = |line: &str| line.ends_with([' ', '\t', '\r']);
    let in_lines = file.text.lines().enumerate().filter(|(_, line)| trailing(line));
    // Captured bytes of real servers are as they are.
    let exempt = file.path.contains("/testdata/") || file.is("snap");
    in_lines.filter(|_| !exempt).map(|(i, _)| on(file, i + 1, "white space at the end of the line")).collect()
}

/// What the commands in `tests/show` lack: each is executable and has a line in `docs/evidence.md`, and nothing is listed
/// there that is not a command.
fn shows(files: &[File]) -> Result<Vec<Finding>, Failed> {
    let mut findings = Vec::new();
    for file in files.iter().filter(|file| is_show(&file.path)) {
        if std::fs::metadata(root().join(&file.path))?.permissions().mode() & 0o111 == 0 {
            findings.push(on(file, 1, "is not executable"));
        }
    }
    findings.extend(listed(files));
    Ok(findings)
}

/// The commands, without the helpers that they share.
fn is_show(path: &str) -> bool {
    path.starts_with("tests/show/") && Path::new(path).extension().is_none()
}

fn listed(files: &[File]) -> Vec<Finding> {
    let Some(evidence) = files.iter().find(|file| file.path == "docs/evidence.md") else {
        return vec!["docs/evidence.md: is missing".to_owned()];
    };
    let listed: Vec<(usize, &str)> = (evidence.text.lines().enumerate())
        .flat_map(|(i, line)| line.split('`').map(move |word| (i + 1, word)))
        .filter(|(_, word)| is_show(word))
        .collect();
    let unlisted = |file: &&File| is_show(&file.path) && !listed.iter().any(|(_, word)| *word == file.path);
    let missing = files.iter().filter(unlisted).map(|file| on(file, 1, "is not listed in docs/evidence.md"));
    let gone = listed.iter().filter(|(_, word)| !files.iter().any(|file| file.path == *word));
    missing.chain(gone.map(|(line, word)| on(evidence, *line, format!("`{word}` is no command")))).collect()
}

fn shows_samples() -> Outcome {
    let evidence =
        File::sample("docs/evidence.md", "| figure | command |\n| a | `tests/show/a` |\n| b | `tests/show/b` |");
    let files = [
        evidence,
        File::sample("tests/show/a", ""),
        File::sample("tests/show/c", ""),
        File::sample("tests/show/lib.sh", ""),
    ];
    let expected =
        ["tests/show/c:1: is not listed in docs/evidence.md", "docs/evidence.md:3: `tests/show/b` is no command"];
    assert_eq!(listed(&files), expected);
    assert_eq!(listed(&[]), ["docs/evidence.md: is missing"]);
    Ok(())
}

/// Each check on a text that it must find wrong at the given lines, or right.
fn samples() -> Outcome {
    let long = "//! A.\n".repeat(MOST_LINES + 1);
    let whole = "//! A.\n".repeat(MOST_LINES);
    let todo = format!("//! A.\n// {}: more\nfn a() {{ {}() }}\n", UNFINISHED[0], concat!("to", "do!"));
    let place = format!("see {}me", PLACES[0]);
    let samples: &[(Check, &str, &str, &[usize])] = &[
        (length, "src/a.rs", &long, &[MOST_LINES + 1]),
        (length, "src/a.rs", &whole, &[]),
        (opening, "src/a.rs", "use a;\n", &[1]),
        (opening, "src/a.rs", "//! A.\nuse a;\n", &[]),
        (opening, "tools/a.py", "import a\n", &[]),
        (finished, "src/a.rs", &todo, &[2, 3]),
        (finished, "src/a.rs", "//! A.\nlet a = \"to do\";\n", &[]),
        (attributes, "src/a.rs", "#[allow(dead_code)]\n#![allow(x)]\n#[cfg_attr(a, allow(b))]\n", &[1, 2, 3]),
        (attributes, "tests/it/a.rs", "#[ignore]\n#[ignore = \"a\"]\nt.with_ignored_flag(true)\n", &[1, 2, 3]),
        (attributes, "src/a.rs", "// #[allow(a)]\nself.allow(a);\n#[expect(a, reason = \"allow(b)\")]\n", &[]),
        (
            links,
            "docs/a.md",
            "[a](nowhere.md) [b](../nowhere)\n```\n[c](nowhere.md)\n```\n[d](none.md#e)\n",
            &[1, 1, 5],
        ),
        (links, "docs/a.md", "[a](../Cargo.toml#b) [c](#d) [e](https://example.com)\n", &[]),
        (toml_reads, "a.toml", "a = 1\nb = \n", &[2]),
        (toml_reads, "a.toml", "a = 1\n", &[]),
        (portable, "README.md", &place, &[1]),
        (portable, "README.md", "see /var/lib/assayd and https://example.com/a\n", &[]),
        (whitespace, "a.md", "a \nb\nc\t\n", &[1, 3]),
        (whitespace, "tests/testdata/a.sse", "a \n", &[]),
    ];
    for (check, path, text, expected) in samples {
        let findings = check(&File::sample(path, text));
        let found: Vec<String> = findings.iter().filter_map(|f| f.split(':').nth(1)).map(str::to_owned).collect();
        assert_eq!(found, expected.iter().map(usize::to_string).collect::<Vec<_>>(), "of {path}: {findings:?}");
    }
    Ok(())
}
