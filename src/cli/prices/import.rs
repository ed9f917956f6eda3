//! `assayd prices import`.

use super::{Exit, complain};
use crate::cli::{put, say};
use crate::config::matches;
use crate::pricing::book::import::{Importer, KINDS};
use crate::pricing::book::{MADE, Stamp, problems, render};
use anyhow::{Context as _, bail};
use clap::Args;
use jiff::civil::Date;
use std::path::{Path, PathBuf};

/// The largest list that is read.
const LARGEST: u64 = 256 << 20;

#[derive(Args)]
pub(super) struct Import {
    /// The list's shape: litellm, openrouter, genai-prices or models-dev
    #[arg(long, value_name = "SHAPE", value_parser = shape)]
    from: Importer,
    /// The list, as it was fetched (JSON)
    file: PathBuf,
    /// Write to this file; standard output where not given
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Only this provider (`*` and `?` are wild)
    #[arg(long, value_name = "GLOB")]
    provider: Option<String>,
    /// Only models whose name matches (`*` and `?` are wild); may be repeated
    #[arg(long, value_name = "GLOB")]
    model: Vec<String>,
    /// The day of the figures; the day the file was last written where not given
    #[arg(long, value_name = "DATE")]
    as_of: Option<Date>,
    /// Where the figures come from, as the book is to say
    #[arg(long, value_name = "TEXT")]
    source: Option<String>,
}

fn shape(word: &str) -> Result<Importer, String> {
    let names: Vec<&str> = KINDS.iter().map(|kind| kind.name).collect();
    KINDS.iter().find(|kind| kind.name == word).copied().ok_or_else(|| format!("expected one of {}", names.join(", ")))
}

impl Import {
    pub(super) fn run(self) -> anyhow::Result<Exit> {
        let Self { from, file, out, provider, model, as_of, source } = self;
        let name = file.display().to_string();
        let about = std::fs::metadata(&file).with_context(|| name.clone())?;
        if about.len() > LARGEST {
            bail!("{name} is larger than {} MiB: no price list is", LARGEST >> 20);
        }
        let text = std::fs::read_to_string(&file).with_context(|| name.clone())?;
        let wanted = |p: &str, m: &str| {
            provider.as_deref().is_none_or(|glob| matches(glob, p))
                && (model.is_empty() || model.iter().any(|glob| matches(glob, m)))
        };
        let imported = match from.import(&text, &wanted) {
            Ok(imported) => imported,
            Err(why) => {
                complain(&format!("{name} {why}; --from {} reads {}", from.name, from.file));
                return Ok(Exit::BadConfig);
            }
        };
        let as_of = match as_of {
            Some(day) => day,
            None => {
                let written = jiff::Timestamp::try_from(about.modified().with_context(|| name.clone())?)?;
                written.to_zoned(jiff::tz::TimeZone::UTC).date()
            }
        };
        let base = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let figures = source.unwrap_or_else(|| format!("{} ({base})", from.name));
        let stamp = Stamp { figures, as_of, made: format!("--from {}", from.name) };
        for (what, count, example) in imported.told.all() {
            say(&format!("  {count:>6}  {what}, such as {example}"));
        }
        if imported.drafts.is_empty() {
            complain(&format!("{name} has no price that was asked for"));
            return Ok(Exit::Failed);
        }
        let book = render(&stamp, &imported.drafts);
        let wrong = problems(&out.as_ref().map_or_else(|| "-".into(), |out| out.display().to_string()), &book);
        if !wrong.is_empty() {
            super::tell(&wrong);
            return Ok(Exit::Failed);
        }
        match &out {
            None => put(&book)?,
            Some(out) => write(out, &book)?,
        }
        say(&format!("{} prices, as of {as_of}", imported.drafts.len()));
        Ok(Exit::Done)
    }
}

/// Writes a book, but never over what a person wrote.
fn write(path: &Path, book: &str) -> anyhow::Result<()> {
    let name = path.display().to_string();
    match std::fs::read_to_string(path) {
        Ok(old) if !old.starts_with(MADE) => bail!("{name} was not written by an import: it is left as it is"),
        Ok(_) => {}
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {}
        Err(e) => return Err(e).context(name),
    }
    std::fs::write(path, book).context(name)
}
