//! Which files a pattern means.

use crate::config::matches;
use std::path::{Path, PathBuf};

/// The files of a path whose last part may be a pattern (`prices/*.toml`), in order; a path without a pattern is itself.
///
/// # Errors
/// What is wrong with it, in words.
pub fn expand(folder: &Path, pattern: &Path) -> Result<Vec<PathBuf>, String> {
    let whole = folder.join(pattern);
    let wild = |text: &str| text.contains(['*', '?']);
    let Some(last) = whole.file_name().map(|name| name.to_string_lossy().into_owned()) else {
        return Err("names no file".into());
    };
    let parent = whole.parent().unwrap_or(Path::new(""));
    if pattern.parent().is_some_and(|parent| wild(&parent.to_string_lossy())) {
        return Err("only the last part of a path may be a pattern".into());
    }
    if !wild(&last) {
        return Ok(vec![whole]);
    }
    let parent = if parent.as_os_str().is_empty() { Path::new(".") } else { parent };
    let read = std::fs::read_dir(parent).map_err(|e| format!("{} can't be read: {e}", parent.display()))?;
    let mut found: Vec<PathBuf> = read
        .filter_map(Result::ok)
        .filter(|entry| matches(&last, &entry.file_name().to_string_lossy()) && entry.path().is_file())
        .map(|entry| entry.path())
        .collect();
    found.sort();
    if found.is_empty() { Err("no file is called so".into()) } else { Ok(found) }
}

/// The folder that paths of a configuration start at.
#[must_use]
pub fn folder_of(config: &Path) -> PathBuf {
    config.parent().map_or_else(PathBuf::new, Path::to_path_buf)
}
