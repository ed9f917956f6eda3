//! The project's own text: which files there are, and Rust source without its comments and strings.

use libtest_mimic::Failed;
use std::path::{Path, PathBuf};

/// Where the project lies.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A text file: its path from the root, with `/`, and what is in it.
#[derive(Debug, Clone)]
pub struct File {
    /// The path from the root.
    pub path: String,
    /// The whole text.
    pub text: String,
}

impl File {
    /// A sample, for the checks' own tests.
    pub fn sample(path: &str, text: &str) -> Self {
        Self { path: path.to_owned(), text: text.to_owned() }
    }

    /// Whether its name ends so.
    pub fn is(&self, extension: &str) -> bool {
        Path::new(&self.path).extension().is_some_and(|found| found == extension)
    }
}

/// All text files of the project: those that git tracks, and those it would track when added.
pub fn files() -> Result<Vec<File>, Failed> {
    let mut git = std::process::Command::new("git");
    git.args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]).current_dir(root());
    let listed = git.output()?;
    if !listed.status.success() {
        return Err(format!("git ls-files: {}", String::from_utf8_lossy(&listed.stderr)).into());
    }
    let paths = String::from_utf8(listed.stdout)?;
    let mut files = Vec::new();
    for path in paths.split('\0').filter(|path| !path.is_empty()) {
        // A deleted file is still tracked, and a file that is no UTF-8 is no text: neither has anything to check.
        if let Some(text) = std::fs::read(root().join(path)).ok().and_then(|bytes| String::from_utf8(bytes).ok()) {
            files.push(File { path: path.to_owned(), text });
        }
    }
    Ok(files)
}

/// Whether a path, given from the root, exists.
pub fn exists(path: &Path) -> bool {
    root().join(path).exists()
}

/// Where a link in a file leads, from the root.
pub fn from(file: &File, link: &str) -> PathBuf {
    Path::new(&file.path).parent().unwrap_or(Path::new("")).join(link)
}

/// Rust source with its comments and the insides of its strings blanked out, line by line as it was.
pub fn code(text: &str) -> String {
    let characters: Vec<char> = text.chars().collect();
    let at = |i: usize| characters.get(i).copied().unwrap_or('\0');
    let mut out = String::with_capacity(text.len());
    let mut i = 0;
    while i < characters.len() {
        let end = match (at(i), at(i + 1)) {
            ('/', '/') => (i..).find(|&j| j >= characters.len() || at(j) == '\n').unwrap_or(i),
            ('/', '*') => comment_end(&characters, i),
            ('r', '"' | '#') if !is_word(at(i.wrapping_sub(1))) || at(i.wrapping_sub(1)) == 'b' => {
                raw_string_end(&characters, i + 1)
            }
            ('"', _) => string_end(&characters, i + 1, '"'),
            // A quote opens a character only where it closes too; otherwise it names a lifetime.
            ('\'', '\\') => string_end(&characters, i + 1, '\''),
            ('\'', _) if at(i + 2) == '\'' => i + 3,
            _ => i,
        };
        if end == i {
            out.push(at(i));
            i += 1;
        } else {
            out.extend(characters.iter().take(end).skip(i).map(|c| if *c == '\n' { '\n' } else { ' ' }));
            i = end;
        }
    }
    out
}

const fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

fn comment_end(characters: &[char], start: usize) -> usize {
    let mut depth = 0;
    let mut i = start;
    while i < characters.len() {
        match characters.get(i..i + 2) {
            Some(['/', '*']) => (depth, i) = (depth + 1, i + 2),
            Some(['*', '/']) if depth == 1 => return i + 2,
            Some(['*', '/']) => (depth, i) = (depth - 1, i + 2),
            _ => i += 1,
        }
    }
    characters.len()
}

fn string_end(characters: &[char], mut i: usize, quote: char) -> usize {
    while let Some(&c) = characters.get(i) {
        match c {
            '\\' => i += 2,
            c if c == quote => return i + 1,
            _ => i += 1,
        }
    }
    characters.len()
}

/// The end of a raw string whose hashes start at `i`; `i - 1` where there is none (a raw identifier).
fn raw_string_end(characters: &[char], i: usize) -> usize {
    let hashes = characters.iter().skip(i).take_while(|c| **c == '#').count();
    if characters.get(i + hashes) != Some(&'"') {
        return i - 1;
    }
    let closes =
        |j: usize| characters.get(j) == Some(&'"') && (0..hashes).all(|k| characters.get(j + 1 + k) == Some(&'#'));
    let end = (i + hashes + 1..characters.len()).find(|&j| closes(j));
    end.map_or(characters.len(), |j| j + 1 + hashes)
}

/// Tests of the above.
pub fn tests() -> Vec<libtest_mimic::Trial> {
    let samples = [
        ("let a = 1; // crate::b", "let a = 1;            "),
        ("a /* b /* c */ d\n */ e", "a               \n    e"),
        ("f(\"crate::b \\\" c\", d)", "f(               , d)"),
        ("r\"a\\\" + br#\"b\" c\"# + r#type", "      + b          + r#type"),
        (
            "fn a<'a>(b: &'a str, c: char) { c == '\"' || c == '\\'' }",
            "fn a<'a>(b: &'a str, c: char) { c ==     || c ==      }",
        ),
        ("for\"a\"", "for   "),
    ];
    let check = move || {
        for (text, expected) in samples {
            assert_eq!(code(text), expected, "of {text}");
        }
        Ok(())
    };
    vec![libtest_mimic::Trial::test("tidy::code_has_no_comments_and_strings", check)]
}
