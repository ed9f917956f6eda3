//! `assayd provision`: the files that are set up beside assayd, as this version has them.

use super::{Exit, put};
use crate::export::provision::{KINDS, Scale, files};
use anyhow::Context as _;
use clap::Args;
use std::io::ErrorKind;
use std::path::PathBuf;

/// Files that are set up beside assayd.
#[derive(Args)]
pub(super) struct Provision {
    /// The folder to write into; what it already has under the same names is written anew
    #[arg(long, value_name = "DIR", default_value = "provision")]
    out: PathBuf,
    /// Write nothing; say which files of the folder are missing or differ, and fail where any does
    #[arg(long)]
    check: bool,
    /// Every span of time in the rules, times this: such as 0.001 to see alerts fire within seconds, for trying out
    #[arg(long, value_name = "FACTOR", default_value = "1", value_parser = scale)]
    scale: Scale,
}

fn scale(text: &str) -> Result<Scale, String> {
    let factor = text.parse().ok().and_then(Scale::new);
    factor.ok_or_else(|| "expected a number above 0, and at most 1".to_owned())
}

impl Provision {
    pub(super) fn run(self) -> anyhow::Result<Exit> {
        let (mut told, mut wrong) = (String::new(), 0_usize);
        let files = files(self.scale);
        for (path, text) in &files {
            let place = self.out.join(path);
            if self.check {
                let differs = match std::fs::read_to_string(&place) {
                    Ok(kept) if kept == *text => continue,
                    Ok(_) => "differs",
                    Err(error) if error.kind() == ErrorKind::NotFound => "is missing",
                    Err(error) => return Err(error).with_context(|| format!("{}", place.display())),
                };
                wrong += 1;
                told.push_str(&format!("{} {differs}\n", place.display()));
            } else {
                let folder = place.parent().unwrap_or(&self.out);
                std::fs::create_dir_all(folder).with_context(|| format!("{}", folder.display()))?;
                std::fs::write(&place, text).with_context(|| format!("{}", place.display()))?;
                told.push_str(&format!("{}\n", place.display()));
            }
        }
        put(&told)?;
        if wrong > 0 {
            let kinds: Vec<_> = KINDS.iter().map(|kind| kind.name).collect();
            anyhow::bail!(
                "{wrong} of {} files ({}) are not this version's; `assayd provision --out {}` writes them",
                files.len(),
                kinds.join(", "),
                self.out.display()
            );
        }
        Ok(Exit::Done)
    }
}
