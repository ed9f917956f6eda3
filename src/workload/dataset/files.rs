//! Which files a dataset is made of: one file, a folder, or a pattern; and which part of a board each one is.

use crate::config::{Section, matches};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The parts that boards publish their questions in, by the words in their file and folder names.
pub(super) const PARTS: [&str; 4] = ["dev", "val", "test", "train"];

/// One file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Found {
    pub(super) path: PathBuf,
    /// The file's name without extension and part: `accountant` of `accountant_val.csv`.
    pub(super) stem: String,
    /// The part, by the end of its name, or else by its folder.
    pub(super) part: Option<&'static str>,
}

impl Found {
    fn new(path: PathBuf) -> Self {
        let stem = path.file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default();
        let by_name = PARTS.into_iter().find_map(|part| {
            let bare = stem.strip_suffix(part)?.strip_suffix(['_', '-', '.'])?;
            Some((bare.to_owned(), part))
        });
        match by_name {
            Some((stem, part)) => Self { path, stem, part: Some(part) },
            None => {
                let folder = path.parent().and_then(Path::file_name).map(|f| f.to_string_lossy());
                let part = folder.and_then(|folder| PARTS.into_iter().find(|part| *part == folder));
                Self { path, stem, part }
            }
        }
    }

    /// The path as messages show it.
    pub(super) fn shown(&self) -> String {
        self.path.display().to_string()
    }
}

/// The files that a field names, in the order of their paths; a problem where there is none.
pub(super) fn named(section: &Section<'_>, key: &'static str, extensions: &[&str]) -> Option<Vec<Found>> {
    let path: PathBuf = section.need(key)?;
    let path = section.source().folder.join(path);
    let found = match all(&path, extensions) {
        Ok(found) => found,
        Err(error) => {
            section.problem(key, format!("{} can't be read: {error}", path.display()), None);
            return None;
        }
    };
    if found.is_empty() {
        let what = extensions.join(" or .");
        let message = if path.is_dir() {
            format!("{} has no .{what} file", path.display())
        } else {
            format!("{} matches no file", path.display())
        };
        section.problem(key, message, None);
        return None;
    }
    Some(found)
}

/// The file itself; the files of a folder, or of its own folders where it has none; or what a pattern matches.
pub(super) fn all(path: &Path, extensions: &[&str]) -> io::Result<Vec<Found>> {
    let wanted = |path: &PathBuf| {
        let extension = path.extension().map(|e| e.to_string_lossy().to_lowercase());
        path.is_file() && extension.is_some_and(|e| extensions.contains(&e.as_str()))
    };
    let mut files: Vec<PathBuf> = if path.is_dir() {
        let entries = entries(path)?;
        let direct: Vec<PathBuf> = entries.iter().filter(|p| wanted(p)).cloned().collect();
        if direct.is_empty() {
            let folders = entries.into_iter().filter(|p| p.is_dir());
            folders.flat_map(|folder| self::entries(&folder).unwrap_or_default()).filter(wanted).collect()
        } else {
            direct
        }
    } else if path.to_string_lossy().contains(['*', '?']) && !path.exists() {
        matching(path)?
    } else {
        // Whoever names a file means it, whatever its extension.
        fs::metadata(path)?;
        vec![path.to_owned()]
    };
    files.sort();
    Ok(files.into_iter().map(Found::new).collect())
}

/// The files of another part, in the same folder or else in the one beside it: where boards keep them.
pub(super) fn beside(files: &[Found], part: &'static str, extensions: &[&str]) -> Vec<Found> {
    let Some(folder) = files.first().and_then(|file| file.path.parent()) else { return Vec::new() };
    let of = |folder: &Path| {
        let found = all(folder, extensions).unwrap_or_default();
        found.into_iter().filter(|file| file.part == Some(part)).collect::<Vec<_>>()
    };
    let here = of(folder);
    match folder.parent().map(|above| above.join(part)) {
        Some(sibling) if here.is_empty() && sibling.is_dir() => of(&sibling),
        _ => here,
    }
}

fn entries(folder: &Path) -> io::Result<Vec<PathBuf>> {
    fs::read_dir(folder)?.map(|entry| entry.map(|e| e.path())).collect()
}

/// Files whose path fits a pattern, component by component: `*` and `?` do not go across folders.
fn matching(pattern: &Path) -> io::Result<Vec<PathBuf>> {
    let mut at = vec![PathBuf::new()];
    for component in pattern.components() {
        let word = component.as_os_str().to_string_lossy();
        if !word.contains(['*', '?']) {
            at.iter_mut().for_each(|path| path.push(component));
            continue;
        }
        let mut next = Vec::new();
        for folder in at {
            let folder = if folder.as_os_str().is_empty() { PathBuf::from(".") } else { folder };
            if !folder.is_dir() {
                continue;
            }
            let fits = |path: &PathBuf| path.file_name().is_some_and(|name| matches(&word, &name.to_string_lossy()));
            next.extend(entries(&folder)?.into_iter().filter(fits));
        }
        at = next;
    }
    at.retain(|path| path.is_file());
    Ok(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(files: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for file in files {
            let path = folder.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "x").unwrap();
        }
        folder
    }

    fn names(folder: &tempfile::TempDir, path: &str) -> Vec<(String, String, Option<&'static str>)> {
        let found = all(&folder.path().join(path), &["csv"]).unwrap();
        let local = |f: &Found| f.path.strip_prefix(folder.path()).unwrap().display().to_string();
        found.into_iter().map(|f| (local(&f), f.stem, f.part)).collect()
    }

    #[test]
    fn a_part_is_told_by_the_name_or_else_by_the_folder() {
        let folder = tree(&["val/law_val.csv", "dev/agronomy.csv", "own.csv"]);
        let row = |path: &str, stem: &str, part| (path.to_owned(), stem.to_owned(), part);
        assert_eq!(names(&folder, "val/law_val.csv"), [row("val/law_val.csv", "law", Some("val"))]);
        assert_eq!(names(&folder, "dev"), [row("dev/agronomy.csv", "agronomy", Some("dev"))]);
        assert_eq!(names(&folder, "own.csv"), [row("own.csv", "own", None)]);
    }

    #[test]
    fn a_folder_gives_its_files_or_those_of_its_folders_and_a_pattern_what_it_matches() {
        let folder = tree(&["b/test/z.csv", "b/test/a.csv", "b/dev/a.csv", "b/readme.txt", "b/test/x.json"]);
        let paths = |path: &str| names(&folder, path).into_iter().map(|(path, ..)| path).collect::<Vec<_>>();
        assert_eq!(paths("b"), ["b/dev/a.csv", "b/test/a.csv", "b/test/z.csv"]);
        assert_eq!(paths("b/*/a.csv"), ["b/dev/a.csv", "b/test/a.csv"]);
        assert_eq!(paths("b/t??t/?.csv"), ["b/test/a.csv", "b/test/z.csv"]);
        assert!(paths("b/*.csv").is_empty());
        assert!(all(&folder.path().join("none.csv"), &["csv"]).is_err());
    }

    #[test]
    fn the_dev_part_is_found_beside() {
        let folder = tree(&["val/law_val.csv", "dev/law_dev.csv", "all/x_dev.csv", "all/x_test.csv"]);
        let found = |path: &str| {
            let files = all(&folder.path().join(path), &["csv"]).unwrap();
            beside(&files, "dev", &["csv"]).into_iter().map(|f| f.stem).collect::<Vec<_>>()
        };
        assert_eq!(found("val"), ["law"]);
        assert_eq!(found("val/law_val.csv"), ["law"]);
        assert_eq!(found("all/x_test.csv"), ["x"]);
        assert!(found("dev").contains(&"law".to_owned()));
    }
}
