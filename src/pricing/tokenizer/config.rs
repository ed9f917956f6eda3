//! `tokenizer = { … }` of a target.

use super::{Tokenizer, hugging_face, tiktoken};
use crate::config::{Problem, Section, suggest};
use std::path::PathBuf;
use std::sync::Arc;

/// The largest file that is read.
const LARGEST: u64 = 128 << 20;

/// Reads a target's `tokenizer` table and the file it names; none where something is wrong.
pub fn build(section: &Section<'_>) -> Option<Arc<Tokenizer>> {
    let file: Option<PathBuf> = section.get("file");
    let table: Option<PathBuf> = section.get("tiktoken");
    let pattern: Option<String> = section.get("pattern");
    section.finish();
    let (key, path) = match (file, table) {
        (Some(file), None) => ("file", file),
        (None, Some(table)) => ("tiktoken", table),
        _ if section.has("file") && section.has("tiktoken") => {
            section.problem_here("expected one of file or tiktoken, found both", None);
            return None;
        }
        _ => {
            if !section.has("file") && !section.has("tiktoken") {
                section.problem_here(
                    "expected one of file or tiktoken",
                    Some("a tokenizer.json, or a tiktoken table".into()),
                );
            }
            return None;
        }
    };
    let whole = section.source().folder.join(&path);
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let read = std::fs::metadata(&whole).map_err(|e| e.to_string()).and_then(|about| {
        if about.len() > LARGEST {
            return Err(format!("is larger than {} MiB", LARGEST >> 20));
        }
        std::fs::read_to_string(&whole).map_err(|e| e.to_string())
    });
    let text =
        read.map_err(|why| section.problem(key, format!("{} can't be read: {why}", whole.display()), None)).ok()?;
    let built = if key == "file" {
        if section.has("pattern") {
            section.problem("pattern", "is of a tiktoken table: a tokenizer.json has its own", None);
            return None;
        }
        hugging_face::read(&text, name).map_err(|why| (1, why))
    } else {
        tiktoken::read(&text, &known(section, pattern)?, name)
    };
    match built {
        Ok(tokenizer) => Some(Arc::new(tokenizer)),
        Err((line, message)) => {
            let file = whole.display().to_string();
            section.problem_elsewhere(Problem { file, line, column: 1, field: String::new(), message, hint: None });
            None
        }
    }
}

/// A pattern by its name, or one that is written out.
fn known(section: &Section<'_>, pattern: Option<String>) -> Option<String> {
    let names = || tiktoken::PATTERNS.iter().map(|(name, _)| *name);
    let expected = format!("expected one of {}, or a regular expression", names().collect::<Vec<_>>().join(", "));
    let Some(pattern) = pattern else {
        if !section.has("pattern") {
            section.problem_here(format!("pattern: is missing: {expected}"), Some("the file does not hold it".into()));
        }
        return None;
    };
    if let Some((_, text)) = tiktoken::PATTERNS.iter().find(|(name, _)| *name == pattern) {
        return Some((*text).to_owned());
    }
    // A word is no expression.
    if pattern.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
        let hint = suggest(&pattern, names()).map(|near| format!("did you mean \"{near}\"?"));
        section.problem("pattern", format!("{expected}, found {pattern:?}"), hint);
        return None;
    }
    Some(pattern)
}
