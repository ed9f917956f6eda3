//! Where a store is: the forms of its URL, and the files they mean.

use super::StoreError;
use std::path::{Path, PathBuf};

/// A parsed store URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Location {
    /// In this process only.
    Memory,
    /// An SQLite database file.
    File(PathBuf),
}

const FORMS: &str = "write sqlite:///absolute/path.db, sqlite://relative.db or sqlite::memory:";

impl Location {
    /// Reads a URL. Errors never repeat what follows the scheme of a URL of another kind: it may hold a password.
    pub(super) fn of(url: &str) -> Result<Self, StoreError> {
        let fail = |what: String| Err(StoreError::Url(format!("{what}; hint: {FORMS}")));
        if url == "sqlite::memory:" {
            return Ok(Self::Memory);
        }
        let Some(path) = url.strip_prefix("sqlite://") else {
            return match url.split_once(':') {
                Some(("sqlite", rest)) => fail(format!("\"sqlite:{rest}\" lacks the \"//\" after \"sqlite:\"")),
                Some((scheme, _)) => fail(format!("this version stores in SQLite, not in {scheme:?}")),
                None => fail("a store's URL begins with \"sqlite:\"".to_owned()),
            };
        };
        match path {
            "" | "/" => fail("the store's URL has no path".to_owned()),
            path if path.ends_with('/') => fail(format!("the store's path {path:?} is a folder")),
            path if path.contains(['?', '#']) => {
                fail(format!("the store's path {path:?} has options, which none takes"))
            }
            path if path.contains('\0') => fail(format!("the store's path {path:?} has a U+0000")),
            path => Ok(Self::File(PathBuf::from(path))),
        }
    }
}

/// Makes the file and missing folders, for the owner only (answers may be private), and gives the canonical path.
pub(super) fn make(path: &Path) -> Result<PathBuf, StoreError> {
    use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty());
    if let Some(folder) = folder.filter(|f| !f.is_dir()) {
        std::fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)
            .map_err(|e| StoreError::Other(format!("cannot make the folder {}: {e}", folder.display())))?;
    }
    let mut options = std::fs::OpenOptions::new();
    options.read(true).append(true).create(true).mode(0o600);
    options.open(path).map_err(|e| unreachable(path, "cannot be opened for writing", &e))?;
    std::fs::canonicalize(path).map_err(|e| unreachable(path, "cannot be found", &e))
}

/// The canonical path of a file that must be there.
pub(super) fn find(path: &Path) -> Result<PathBuf, StoreError> {
    std::fs::File::open(path).map_err(|e| unreachable(path, "cannot be read", &e))?;
    std::fs::canonicalize(path).map_err(|e| unreachable(path, "cannot be found", &e))
}

fn unreachable(path: &Path, what: &str, e: &std::io::Error) -> StoreError {
    let hint = match e.kind() {
        std::io::ErrorKind::NotFound => "; hint: `assayd run` or `assayd serve` makes it",
        std::io::ErrorKind::PermissionDenied => "; hint: the user that runs assayd needs the right to its folder too",
        _ => "",
    };
    StoreError::Other(format!("{} {what}: {e}{hint}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_three_forms() {
        assert_eq!(Location::of("sqlite:///var/x.db").unwrap(), Location::File("/var/x.db".into()));
        assert_eq!(Location::of("sqlite://x.db").unwrap(), Location::File("x.db".into()));
        assert_eq!(Location::of("sqlite::memory:").unwrap(), Location::Memory);
    }

    #[test]
    fn says_what_is_wrong_without_repeating_a_password() {
        let cases = [
            ("postgres://u:secret@h/db", "this version stores in SQLite, not in \"postgres\""),
            ("sqlite:x.db", "\"sqlite:x.db\" lacks the \"//\" after \"sqlite:\""),
            ("/var/x.db", "a store's URL begins with \"sqlite:\""),
            ("sqlite://", "the store's URL has no path"),
            ("sqlite:///var/", "the store's path \"/var/\" is a folder"),
            ("sqlite://x.db?mode=ro", "the store's path \"x.db?mode=ro\" has options, which none takes"),
        ];
        for (url, what) in cases {
            assert_eq!(Location::of(url).unwrap_err().to_string(), format!("{what}; hint: {FORMS}"));
        }
    }
}
