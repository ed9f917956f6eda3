//! The sandbox on Linux: bubblewrap, what it is told, and the run of one job.

mod filter;
mod probe;
mod start;
mod tree;

use super::NoSandbox;
use crate::domain::{Ended, Job, Reply};
use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::Child;
use tokio::sync::Semaphore;

/// Jobs at the same time, at the most: they take whole cores from what is measured.
const PLACES: usize = 4;
/// Kept of each stream, in bytes.
const KEPT: usize = 64 << 10;
/// How often memory and CPU time of all processes are looked at.
const LOOK: Duration = Duration::from_millis(25);
/// How long a killed sandbox may take until its last process is gone.
const GRACE: Duration = Duration::from_secs(10);
/// Where programs may be, inside and outside.
const FOLDERS: [&str; 3] = ["/usr/local/bin", "/usr/bin", "/bin"];
/// What bubblewrap's exit codes above this are: the signal that ended the program.
const BY_SIGNAL: i32 = 128;
/// The signal of a process whose CPU time is over.
const OVER_TIME: i32 = 24;

/// A sandbox that was seen to work. Copies share the places of their jobs.
#[derive(Debug, Clone)]
pub struct Sandbox {
    bwrap: PathBuf,
    places: Arc<Semaphore>,
}

impl Sandbox {
    /// Looks for bubblewrap, starts a program in it and looks whether what it promises is so: another network, user,
    /// process and mount namespace, the filter, no capability, the limit of processes.
    ///
    /// Takes some 50 ms, and blocks. What was found once is given again without another look, so that all jobs of
    /// this process share their places.
    ///
    /// # Errors
    /// Why there is none.
    pub fn find() -> Result<Self, NoSandbox> {
        static FOUND: Mutex<Option<Sandbox>> = Mutex::new(None);
        let bwrap = probe::bwrap()?;
        let mut found = FOUND.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(same) = found.as_ref().filter(|found| found.bwrap == bwrap) {
            return Ok(same.clone());
        }
        probe::works(&bwrap)?;
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let new = Self { bwrap, places: Arc::new(Semaphore::new(cores.min(PLACES))) };
        *found = Some(new.clone());
        Ok(new)
    }

    /// Whether a program is there inside: in a folder of `/usr`.
    ///
    /// # Errors
    /// In words, why not.
    pub fn sees(&self, program: &str) -> Result<(), String> {
        let there = |path: &Path| path.canonicalize().is_ok_and(|real| real.starts_with("/usr") && real.is_file());
        let found = match program.contains('/') {
            true => there(Path::new(program)),
            false => FOLDERS.iter().any(|folder| there(&Path::new(folder).join(program))),
        };
        if found {
            return Ok(());
        }
        Err(format!("no {program} inside the sandbox, which sees {} and what they lead to in /usr", FOLDERS.join(", ")))
    }

    /// Runs a job, as soon as there is a place for it. What is dropped is killed, with all that it started.
    ///
    /// Of a program that a signal ended, bubblewrap tells an exit code above 128; one that ends by itself with such a
    /// code is taken for it.
    pub async fn run(&self, job: &Job) -> Reply {
        self.ran(job).await.unwrap_or_else(Reply::Failed)
    }

    async fn ran(&self, job: &Job) -> Result<Reply, String> {
        let [program, ..] = job.command.as_slice() else { return Err("a job without a command".into()) };
        self.sees(program)?;
        let _place = self.places.acquire().await.map_err(|closed| closed.to_string())?;
        let mut child = start::start(&self.bwrap, job)?;
        let group = Group::of(&child)?;
        let (input, output, errors) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let talk = async {
            let feed = async {
                if let Some(mut pipe) = input {
                    // A program need not read what it is given.
                    let _unread = pipe.write_all(job.input.as_bytes()).await;
                }
            };
            let end = async {
                let status = child.wait().await;
                group.over.store(true, Ordering::Release);
                status
            };
            tokio::join!(end, head(output), head(errors), feed)
        };
        tokio::pin!(talk);
        let mut early = None;
        let (status, output, errors, ()) = tokio::select! {
            all = &mut talk => all,
            ended = too_much(group.root, job) => {
                early = Some(ended);
                group.kill();
                tokio::time::timeout(GRACE, &mut talk).await.map_err(|_| "the sandbox would not end")?
            }
        };
        let status = status.map_err(|error| format!("the sandbox can't be waited for: {error}"))?;
        let ended = match (early, status.code()) {
            (Some(ended), _) => ended,
            (None, Some(code)) if code == BY_SIGNAL + OVER_TIME => Ended::TimedOut,
            (None, Some(code)) if code > BY_SIGNAL && code <= BY_SIGNAL + 64 => Ended::Signalled(code - BY_SIGNAL),
            (None, Some(code)) => Ended::Exited(code),
            (None, None) => Ended::Signalled(std::os::unix::process::ExitStatusExt::signal(&status).unwrap_or(0)),
        };
        Ok(Reply::Ran { ended, output, errors })
    }
}

/// Ends when a job has passed a limit that only a look from outside can hold.
async fn too_much(root: u32, job: &Job) -> Ended {
    let looks = async {
        loop {
            tokio::time::sleep(LOOK).await;
            let all = tree::all(root);
            if tree::cpu(&all) > job.time {
                return Ended::TimedOut;
            }
            if tree::memory(&all, job.memory) > job.memory {
                return Ended::OutOfMemory;
            }
        }
    };
    tokio::time::timeout(job.time.saturating_mul(2), looks).await.unwrap_or(Ended::TimedOut)
}

/// The beginning of what a stream gives; the rest is read and dropped, so that the program does not wait.
async fn head(pipe: Option<impl AsyncRead + Unpin>) -> String {
    let Some(mut pipe) = pipe else { return String::new() };
    let (mut kept, mut buffer) = (Vec::new(), [0; 8 << 10]);
    while let Ok(length) = pipe.read(&mut buffer).await
        && length > 0
    {
        let room = KEPT.saturating_sub(kept.len()).min(length);
        kept.extend_from_slice(buffer.get(..room).unwrap_or_default());
    }
    String::from_utf8_lossy(&kept).into_owned()
}

/// All processes of one sandbox. Dropping it kills them, unless they are over.
struct Group {
    root: u32,
    over: AtomicBool,
}

impl Group {
    fn of(child: &Child) -> Result<Self, String> {
        let root = child.id().ok_or("the sandbox ended at once")?;
        Ok(Self { root, over: AtomicBool::new(false) })
    }

    fn kill(&self) {
        if !self.over.load(Ordering::Acquire) {
            kill(self.root);
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Kills bubblewrap, which was not waited for yet, and all below it.
///
/// Its child is the first process of the namespace, with which all others go. Before it has a session of its own it is
/// still in bubblewrap's process group; so it is reached at any moment, even before it is set to die with its parent.
fn kill(root: u32) {
    let pid = |number: u32| i32::try_from(number).ok().and_then(Pid::from_raw);
    for first in tree::children(root) {
        let _already_gone = pid(first).map(|pid| kill_process(pid, Signal::KILL));
    }
    let _already_gone = pid(root).map(|pid| kill_process_group(pid, Signal::KILL));
}
