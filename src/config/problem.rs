//! A problem in a file: where, what was expected, and a hint.

use std::cell::RefCell;
use std::fmt;
use std::io::Read as _;
use std::ops::Range;
use std::path::{Path, PathBuf};

/// A configuration text with its name (for messages) and folder (relative paths start there).
#[derive(Debug, Clone)]
pub struct Source {
    /// As the user named it.
    pub name: String,
    /// The whole text.
    pub text: String,
    /// Relative paths in it start here.
    pub folder: PathBuf,
}

/// Bytes of a configuration at the most: a device or a dump named by mistake is no reason to fill the memory.
const LARGEST: u64 = 16 << 20;

impl Source {
    /// A text that is not a file (the embedded demo, tests).
    #[must_use]
    pub fn inline(name: &str, text: &str) -> Self {
        Self { name: name.to_owned(), text: text.to_owned(), folder: PathBuf::from(".") }
    }

    /// Reads a file.
    ///
    /// # Errors
    /// One problem at 1:1 when it can't be read or is no UTF-8.
    pub fn file(path: &Path) -> Result<Self, Problem> {
        let name = path.display().to_string();
        let fail = |message: String| Problem {
            file: name.clone(),
            line: 1,
            column: 1,
            field: String::new(),
            message,
            hint: None,
        };
        let mut bytes = Vec::new();
        let read = std::fs::File::open(path).and_then(|file| file.take(LARGEST + 1).read_to_end(&mut bytes));
        read.map_err(|e| fail(format!("can't be read: {e}")))?;
        if bytes.len() as u64 > LARGEST {
            return Err(fail(format!("is larger than {} MiB: no configuration is", LARGEST >> 20)));
        }
        let text = String::from_utf8(bytes)
            .map_err(|e| fail(format!("is not UTF-8 (byte {})", e.utf8_error().valid_up_to())))?;
        let folder = path.parent().map_or_else(|| PathBuf::from("."), Path::to_path_buf);
        Ok(Self { name, text, folder })
    }

    /// Line and column (both from 1, columns in characters) of a byte offset.
    #[must_use]
    pub fn place(&self, offset: usize) -> (usize, usize) {
        let before = self.text.get(..offset.min(self.text.len())).unwrap_or(&self.text);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
        (line, column)
    }
}

/// One thing that is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// The file as the user named it.
    pub file: String,
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    /// The dotted path of the field, such as `target.qwen3.url`; empty for the whole file.
    pub field: String,
    /// What is wrong and what was expected.
    pub message: String,
    /// What to do.
    pub hint: Option<String>,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, line, column, field, message, hint } = self;
        write!(f, "{file}:{line}:{column}: ")?;
        if !field.is_empty() {
            write!(f, "{field}: ")?;
        }
        write!(f, "{message}")?;
        match hint {
            Some(hint) => write!(f, "\n  hint: {hint}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Problem {}

/// Where problems gather while a file is read.
#[derive(Debug, Default)]
pub struct Problems(RefCell<Vec<Problem>>);

impl Problems {
    /// Adds one.
    pub fn push(&self, problem: Problem) {
        self.0.borrow_mut().push(problem);
    }

    /// Adds one at a byte range of a source.
    pub fn at(
        &self,
        source: &Source,
        span: &Range<usize>,
        field: &str,
        message: impl Into<String>,
        hint: Option<String>,
    ) {
        let (line, column) = source.place(span.start);
        self.push(Problem {
            file: source.name.clone(),
            line,
            column,
            field: field.to_owned(),
            message: message.into(),
            hint,
        });
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.borrow().is_empty()
    }

    /// Takes all of them out: those of the file `first` in the order of their place, then those of other files.
    #[must_use]
    pub fn take_sorted(&self, first: &str) -> Vec<Problem> {
        let mut all = self.0.take();
        all.sort_by(|a, b| (a.file != first, a).cmp(&(b.file != first, b)));
        all.dedup();
        all
    }
}

/// The nearest of the known words, if one is near enough to be what was meant.
#[must_use]
pub fn suggest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let length = word.chars().count();
    known
        .into_iter()
        .map(|k| (distance(&word.to_lowercase(), &k.to_lowercase()), k))
        .filter(|(d, k)| *d <= length.max(k.chars().count()) / 3)
        .min()
        .map(|(_, k)| k)
}

/// Damerau–Levenshtein distance (optimal string alignment), in characters.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let width = b.len() + 1;
    let mut rows: Vec<Vec<usize>> = vec![(0..width).collect()];
    for i in 1..=a.len() {
        let mut row = vec![i; width];
        for j in 1..width {
            let same = usize::from(a[i - 1] != b[j - 1]);
            let mut best = (rows[i - 1][j] + 1).min(row[j - 1] + 1).min(rows[i - 1][j - 1] + same);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(rows[i - 2][j - 2] + 1);
            }
            row[j] = best;
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suggests_what_was_meant_and_nothing_far() {
        let known = ["targets", "scenarios", "workload"];
        assert_eq!(suggest("tagrets", known), Some("targets"));
        assert_eq!(suggest("scenario", known), Some("scenarios"));
        assert_eq!(suggest("budget", known), None);
        assert_eq!(suggest("ky", ["key", "x"]), Some("key"));
        assert_eq!(suggest("1", ["n"]), None);
    }

    #[test]
    fn places_are_lines_and_characters_from_one() {
        let s = Source::inline("x", "a = 1\nб = 2\n");
        assert_eq!(s.place(0), (1, 1));
        assert_eq!(s.place("a = 1\nб".len()), (2, 2));
    }
}
