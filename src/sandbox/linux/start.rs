//! What bubblewrap is told, and its start.
//!
//! Files go in through descriptors of memory, so that nothing is ever written to a disk, and nothing is left behind
//! however assayd ends. Bubblewrap takes descriptors by number, so they are inherited; one sandbox is started after the
//! other, so that none inherits what is another one's.

use super::filter;
use crate::domain::Job;
use rustix::fd::{AsRawFd as _, OwnedFd};
use rustix::fs::MemfdFlags;
use std::ffi::OsString;
use std::fs::File;
use std::io::{Seek as _, Write as _};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};

/// The most that a job's folder may hold, and its largest file, in bytes.
const FOLDER: u64 = 64 << 20;
/// Processes and threads, bubblewrap's own among them.
pub const PROCESSES: u64 = 64;
/// Open files of a process.
const OPEN: u64 = 256;
/// Files that a job may bring.
const MOST_FILES: usize = 64;
/// `nobody`, to the machine where assayd is root, and to the program itself in any case.
const NOBODY: u32 = 65_534;

/// One at a time: see above.
static STARTING: Mutex<()> = Mutex::new(());

/// Starts a job for asynchronous use.
pub fn start(bwrap: &Path, job: &Job) -> Result<tokio::process::Child, String> {
    spawned(bwrap, job, |command| tokio::process::Command::from(command).kill_on_drop(true).spawn())
}

/// Starts a job for use by the caller's own thread.
pub fn start_here(bwrap: &Path, job: &Job) -> Result<std::process::Child, String> {
    spawned(bwrap, job, |mut command| command.spawn())
}

fn spawned<C>(bwrap: &Path, job: &Job, spawn: impl FnOnce(Command) -> std::io::Result<C>) -> Result<C, String> {
    if job.files.len() > MOST_FILES {
        return Err(format!("{} files, at most {MOST_FILES} are possible", job.files.len()));
    }
    if let Some((name, _)) = job.files.iter().find(|(name, _)| !is_plain(name)) {
        return Err(format!("{name:?} is no name of a file in the job's folder"));
    }
    let filter = filter::program().ok_or("no filter for this kind of processor")?;
    let failed = |error: std::io::Error| format!("bwrap can't be started: {error}");
    let filter = in_memory(&filter).map_err(failed)?;
    let files: Vec<(OwnedFd, &str)> = job
        .files
        .iter()
        .map(|(name, text)| Ok((in_memory(text.as_bytes())?, name.as_str())))
        .collect::<std::io::Result<_>>()
        .map_err(failed)?;
    let _alone = STARTING.lock().unwrap_or_else(PoisonError::into_inner);
    // A copy of a descriptor is inherited, unlike the first one.
    let inherited = |fd: &OwnedFd| rustix::io::dup(fd).map_err(|error| failed(error.into()));
    let filter = inherited(&filter)?;
    let files = files.iter().map(|(fd, name)| Ok((inherited(fd)?, *name))).collect::<Result<Vec<_>, String>>()?;
    let mut command = Command::new(bwrap);
    command.args(arguments(job, &filter, &files));
    // In a group of its own, it is not ended by a Ctrl-C that is meant for assayd, and can be killed as a group.
    command.env_clear().current_dir("/").process_group(0);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    if rustix::process::geteuid().is_root() {
        // Neither limits of processes nor permissions hold for root. This drops its groups as well.
        command.uid(NOBODY).gid(NOBODY);
    }
    spawn(command).map_err(failed)
}

fn is_plain(name: &str) -> bool {
    !name.is_empty() && name.len() < 200 && !name.contains(['/', '\0']) && name != "." && name != ".."
}

/// A file in memory that nothing else has, at its beginning.
fn in_memory(bytes: &[u8]) -> std::io::Result<OwnedFd> {
    let mut file = File::from(rustix::fs::memfd_create("assayd-job", MemfdFlags::CLOEXEC)?);
    file.write_all(bytes)?;
    file.rewind()?;
    Ok(file.into())
}

fn arguments(job: &Job, filter: &OwnedFd, files: &[(OwnedFd, &str)]) -> Vec<OsString> {
    let mut all = Arguments(Vec::new());
    all.add(&["--unshare-all", "--unshare-user", "--die-with-parent", "--new-session", "--cap-drop", "ALL"]);
    let nobody = NOBODY.to_string();
    all.add(&["--uid", &nobody, "--gid", &nobody, "--hostname", "sandbox", "--clearenv"]);
    for (name, value) in [("PATH", super::FOLDERS.join(":").as_str()), ("HOME", "/job"), ("LANG", "C.UTF-8")] {
        all.add(&["--setenv", name, value]);
    }
    all.add(&["--ro-bind", "/usr", "/usr"]);
    for name in ["/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"] {
        // Links into /usr on most systems, folders on others.
        match std::fs::read_link(name) {
            Ok(target) => all.add(&["--symlink", &target.to_string_lossy(), name]),
            Err(_) => all.add(&["--ro-bind-try", name, name]),
        }
    }
    for name in ["/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/alternatives", "/etc/localtime"] {
        all.add(&["--ro-bind-try", name, name]);
    }
    all.add(&["--dev", "/dev", "--size", &FOLDER.to_string(), "--tmpfs", "/job", "--dir", "/job/tmp"]);
    all.add(&["--symlink", "job/tmp", "/tmp"]);
    for (fd, name) in files {
        all.add(&["--file", &fd.as_raw_fd().to_string(), &format!("/job/{name}")]);
    }
    // What bubblewrap builds around these is in memory as well, and has no bound but this.
    all.add(&["--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/job"]);
    all.add(&["--seccomp", &filter.as_raw_fd().to_string(), "--"]);
    // Inside, since that is where the kernel counts processes for this sandbox alone. Whole seconds: what the clock
    // says of all processes together is finer.
    let seconds = job.time.as_secs() + u64::from(job.time.subsec_nanos() > 0);
    all.add(&["prlimit", &format!("--cpu={seconds}:{}", seconds + 1), &format!("--as={}", job.memory)]);
    all.add(&[&format!("--nproc={PROCESSES}"), &format!("--fsize={FOLDER}"), &format!("--nofile={OPEN}")]);
    all.add(&["--core=0", "--"]);
    all.0.extend(job.command.iter().map(OsString::from));
    all.0
}

struct Arguments(Vec<OsString>);

impl Arguments {
    fn add(&mut self, words: &[&str]) {
        self.0.extend(words.iter().map(OsString::from));
    }
}
