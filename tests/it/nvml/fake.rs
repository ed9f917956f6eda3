//! The made-up driver: built once by `rustc`, copied for each scenario with the symbols taken out that are to be missing,
//! and looked at by the real binary in a process of its own.

use libtest_mimic::Failed;
use serde_json::Value;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// Which library a scenario has.
#[derive(Debug, Clone, Copy)]
pub enum Library {
    /// The fake as it is.
    Fake,
    /// The fake without these functions.
    Without(&'static [&'static str]),
    /// A path where there is nothing.
    Nowhere,
    /// A file of text.
    Text,
    /// A file of nothing.
    Empty,
    /// The beginning of the fake, as a copy that broke off leaves it.
    Cut,
    /// The first half of it: the loader alone would end the process.
    Half,
    /// A folder.
    Folder,
    /// A library that has nothing to do with it.
    Other,
}

/// What every scenario begins with: one card of which everything is known.
const USUAL: &str = "gpu.0.util=37\ngpu.0.power_mw=250000\ngpu.0.temp=61\ngpu.0.gpm=1\ngpu.0.sm=50\n\
                     gpu.0.tensor=25\ngpu.0.dram=40\n";

/// The libraries that were built.
pub struct Fake {
    driver: Vec<u8>,
    other: PathBuf,
}

/// FNV-1a, for the names of what was built: another source is another file.
fn hash(parts: &[Vec<u8>]) -> u64 {
    parts
        .iter()
        .flatten()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

/// Builds a library out of these sources, the first of which names the others; or takes what is there already.
fn build(folder: &Path, files: &[&str], name: &str) -> Result<PathBuf, Failed> {
    let sources = files.iter().map(|file| std::fs::read(folder.join(file))).collect::<Result<Vec<_>, _>>()?;
    let place = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let built = place.join(format!("{name}-{:016x}.so", hash(&sources)));
    if built.exists() {
        return Ok(built);
    }
    // Under a name of its own first: two test runs may build at the same time.
    let new = tempfile::Builder::new().prefix(name).tempdir_in(place)?;
    let out = new.path().join("lib.so");
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let mut command = Command::new(rustc);
    command.args(["--edition", "2024", "--crate-type", "cdylib", "-C", "panic=abort", "-C", "strip=symbols", "-o"]);
    let ended = command.arg(&out).arg(folder.join(files.first().ok_or("no source")?)).output()?;
    if !ended.status.success() {
        return Err(format!("rustc: {}", String::from_utf8_lossy(&ended.stderr)).into());
    }
    std::fs::rename(&out, &built)?;
    Ok(built)
}

impl Fake {
    /// Builds the fake, once in this process.
    pub fn built() -> Result<&'static Self, Failed> {
        static BUILT: OnceLock<Result<Fake, String>> = OnceLock::new();
        let built = BUILT.get_or_init(|| {
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fake-nvml");
            let build = || -> Result<Self, Failed> {
                let driver = build(&folder, &["fakenvml.rs", "schedule.rs", "state.rs"], "fakenvml")?;
                let other = build(&folder, &["other.rs"], "other")?;
                Ok(Self { driver: std::fs::read(driver)?, other })
            };
            build().map_err(|error| error.message().unwrap_or("").to_owned())
        });
        built.as_ref().map_err(|error| Failed::from(error.clone()))
    }

    /// Puts such a library into a folder.
    pub fn library(&self, folder: &Path, library: Library) -> Result<PathBuf, Failed> {
        let path = folder.join("libnvidia-ml.so.1");
        match library {
            Library::Nowhere => {}
            Library::Fake => std::fs::write(&path, &self.driver)?,
            Library::Without(names) => {
                let mut bytes = self.driver.clone();
                for name in names {
                    take_out(&mut bytes, name)?;
                }
                std::fs::write(&path, bytes)?;
            }
            Library::Text => std::fs::write(&path, "this is no library\n".repeat(100))?,
            Library::Empty => std::fs::write(&path, "")?,
            Library::Half => std::fs::write(&path, self.driver.get(..self.driver.len() / 2).unwrap_or_default())?,
            Library::Cut => std::fs::write(&path, self.driver.get(..200).unwrap_or_default())?,
            Library::Folder => std::fs::create_dir(&path)?,
            Library::Other => {
                std::fs::copy(&self.other, &path)?;
            }
        }
        Ok(path)
    }
}

/// Takes a function out of a library: under another name of the same length nobody finds it. Its name stands in the table of
/// names, between zeros.
fn take_out(bytes: &mut [u8], name: &str) -> Result<(), Failed> {
    let wanted = [&b"\0"[..], name.as_bytes(), b"\0"].concat();
    let places: Vec<usize> =
        bytes.windows(wanted.len()).enumerate().filter(|(_, found)| *found == wanted).map(|(at, _)| at + 1).collect();
    if places.is_empty() {
        return Err(format!("the fake has no {name}").into());
    }
    for at in places {
        if let Some(first) = bytes.get_mut(at) {
            *first = b'-';
        }
    }
    Ok(())
}

/// What `assayd gpu` prints as JSON, line by line, with this library and these lines of the fake's state. It has to end well
/// and say nothing on standard error: a library that panics would.
pub fn looked(folder: &Path, library: &Path, state: &[&str], more: &[&str]) -> Result<Vec<Value>, Failed> {
    let file = folder.join("state");
    let mut text = USUAL.to_owned();
    state.iter().for_each(|line| text.extend([line, "\n"]));
    std::fs::write(&file, text)?;
    let mut command = Command::new(env!("CARGO_BIN_EXE_assayd"));
    command.args(["gpu", "--format", "json", "--library"]).arg(library).args(more);
    let ended = command.env("FAKENVML_STATE", &file).env("RUST_BACKTRACE", "0").output()?;
    let said = String::from_utf8_lossy(&ended.stderr).into_owned();
    if ended.status.code() != Some(0) || !said.is_empty() {
        return Err(format!("ended with {:?}: {said}", ended.status).into());
    }
    let out = String::from_utf8(ended.stdout)?;
    let lines: Result<Vec<Value>, _> = out.lines().map(serde_json::from_str).collect();
    Ok(lines?)
}

/// Takes a file's permissions away, as far as that is possible.
pub fn forbid(path: &Path) -> std::io::Result<()> {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o000))
}
