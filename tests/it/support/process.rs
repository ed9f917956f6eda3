//! Child processes of a test: their output is read as it comes, they can be signalled, and they never outlive the test.

use super::Outcome;
use assayd::provider::wire::now;
use libtest_mimic::{Failed, Trial};
use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader, Read};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

pub use rustix::process::Signal;

/// How a process ended, and all it said.
#[derive(Debug)]
pub struct Ended {
    /// The exit code; none when a signal ended it.
    pub code: Option<i32>,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

/// A running child. Dropping it kills it and waits for its end.
pub struct Process {
    child: Child,
    told: Arc<Told>,
}

/// What the child has said so far.
#[derive(Default)]
struct Told {
    text: Mutex<Text>,
    more: Condvar,
}

#[derive(Default)]
struct Text {
    stdout: String,
    stderr: String,
    closed: u8,
}

/// Standard output and standard error.
const PIPES: u8 = 2;

impl Told {
    fn lock(&self) -> MutexGuard<'_, Text> {
        // A reader that panicked has failed its test already; what it had read is still true.
        self.text.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait(&self, timeout: Duration, go_on: impl FnMut(&mut Text) -> bool) -> MutexGuard<'_, Text> {
        let waited = self.more.wait_timeout_while(self.lock(), timeout, go_on);
        waited.unwrap_or_else(PoisonError::into_inner).0
    }

    /// Reads a pipe to its end, line by line.
    fn listen(self: &Arc<Self>, pipe: impl Read + Send + 'static, of: fn(&mut Text) -> &mut String) {
        let told = Arc::clone(self);
        std::thread::spawn(move || {
            let mut pipe = BufReader::new(pipe);
            let mut line = Vec::new();
            while pipe.read_until(b'\n', &mut line).is_ok_and(|length| length > 0) {
                of(&mut told.lock()).push_str(&String::from_utf8_lossy(&line));
                line.clear();
                told.more.notify_all();
            }
            told.lock().closed += 1;
            told.more.notify_all();
        });
    }
}

impl Process {
    /// Starts it, with nothing on its standard input.
    pub fn start(command: &mut Command) -> Result<Self, Failed> {
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().map_err(|error| format!("{command:?}: {error}"))?;
        let told = Arc::new(Told::default());
        if let Some(pipe) = child.stdout.take() {
            told.listen(pipe, |text| &mut text.stdout);
        }
        if let Some(pipe) = child.stderr.take() {
            told.listen(pipe, |text| &mut text.stderr);
        }
        Ok(Self { child, told })
    }

    /// Waits until a line of its output contains `mark`, and gives that line.
    pub fn line(&self, mark: &str, timeout: Duration) -> Result<String, Failed> {
        let line_in = |text: &Text| {
            let mut lines = text.stdout.split_inclusive('\n').chain(text.stderr.split_inclusive('\n'));
            lines.find(|line| line.contains(mark) && line.ends_with('\n')).map(|line| line.trim_end().to_owned())
        };
        let text = self.told.wait(timeout, |text| line_in(text).is_none() && text.closed < PIPES);
        line_in(&text).ok_or_else(|| {
            let why = if text.closed < PIPES { "in time" } else { "before its end" };
            format!("no line with {mark:?} {why}; it said:\n{}{}", text.stdout, text.stderr).into()
        })
    }

    /// What it has written to standard output and standard error so far.
    pub fn said(&self) -> (String, String) {
        let text = self.told.lock();
        (text.stdout.clone(), text.stderr.clone())
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends it a signal.
    pub fn signal(&self, signal: Signal) -> Outcome {
        let pid = i32::try_from(self.child.id()).ok().and_then(rustix::process::Pid::from_raw).ok_or("no such pid")?;
        Ok(rustix::process::kill_process(pid, signal)?)
    }

    /// Waits for its end; it is killed, and the test fails, when that takes longer than `timeout`.
    pub fn end(mut self, timeout: Duration) -> Result<Ended, Failed> {
        let mut text = self.told.wait(timeout, |text| text.closed < PIPES);
        let in_time = text.closed == PIPES;
        let (stdout, stderr) = (std::mem::take(&mut text.stdout), std::mem::take(&mut text.stderr));
        drop(text);
        if !in_time {
            return Err(format!("still running after {timeout:?}; it said:\n{stdout}{stderr}").into());
        }
        let code = self.child.wait()?.code();
        Ok(Ended { code, stdout, stderr })
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Both fail only when the child has ended and was waited for, which is what is wanted.
        let _already_gone = self.child.kill();
        let _already_reaped = self.child.wait();
    }
}

/// The `assayd` command, to be run in a directory, untouched by proxies of the machine it runs on.
pub fn assayd<A: AsRef<OsStr>>(directory: &Path, arguments: impl IntoIterator<Item = A>) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_assayd"));
    command.args(arguments).current_dir(directory);
    for name in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"] {
        command.env_remove(name).env_remove(name.to_lowercase());
    }
    command
}

/// A TCP port on the loopback interface that was free just now, below the range that outgoing connections take.
pub fn free_port() -> Result<u16, Failed> {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let start = u16::try_from(std::process::id() % 10_000)?;
    for _ in 0..1_000 {
        let port = 20_000 + (start + NEXT.fetch_add(1, Ordering::Relaxed)) % 12_000;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return Ok(port);
        }
    }
    Err("no free port".into())
}

/// Asks again and again until there is an answer. For what no line of output announces.
pub fn until<T>(timeout: Duration, mut ask: impl FnMut() -> Result<T, Failed>) -> Result<T, Failed> {
    let start = now().0;
    loop {
        match ask() {
            Ok(answer) => return Ok(answer),
            Err(failed) if Duration::from_nanos(now().0 - start) > timeout => return Err(failed),
            Err(_) => pause(),
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "a test's own thread, outside any runtime")]
fn pause() {
    std::thread::sleep(Duration::from_millis(20));
}

const SECONDS: Duration = Duration::from_secs(20);

fn shell(script: &str) -> Result<Process, Failed> {
    Process::start(Command::new("sh").args(["-c", script]))
}

/// Tests of the above.
pub fn tests() -> Vec<Trial> {
    vec![
        Trial::test("support::process_tells_how_it_ended", || {
            let ended = shell("echo out; echo err >&2; exit 3")?.end(SECONDS)?;
            assert_eq!((ended.code, ended.stdout.as_str(), ended.stderr.as_str()), (Some(3), "out\n", "err\n"));
            Ok(())
        }),
        Trial::test("support::process_waits_for_a_line_and_signals", || {
            let child = shell("trap 'echo bye; exit 7' TERM; echo all ready; while :; do sleep 0.05; done")?;
            assert_eq!(child.line("ready", SECONDS)?, "all ready");
            assert_eq!(child.said().0, "all ready\n");
            child.signal(Signal::TERM)?;
            let ended = child.end(SECONDS)?;
            assert_eq!((ended.code, ended.stdout.as_str()), (Some(7), "all ready\nbye\n"));
            Ok(())
        }),
        Trial::test("support::process_reports_a_line_that_never_comes", || {
            let failed = shell("echo something else")?.line("ready", SECONDS).err().ok_or("found it")?;
            assert!(failed.message().is_some_and(|m| m.contains("before its end") && m.contains("something else")));
            Ok(())
        }),
        Trial::test("support::process_dies_with_its_guard", || {
            let child = shell("echo $$; exec sleep 600")?;
            let pid: i32 = child.line("", SECONDS)?.parse()?;
            let pid = rustix::process::Pid::from_raw(pid).ok_or("no pid")?;
            assert!(rustix::process::test_kill_process(pid).is_ok());
            drop(child);
            assert!(rustix::process::test_kill_process(pid).is_err());
            Ok(())
        }),
        Trial::test("support::until_gives_up", || {
            let mut left = 3;
            let answer = until(SECONDS, || {
                left -= 1;
                if left == 0 { Ok("answer") } else { Err(Failed::from("not yet")) }
            })?;
            assert_eq!(answer, "answer");
            let given_up: Result<(), Failed> = until(Duration::ZERO, || Err("never".into()));
            assert_eq!(given_up.err().and_then(|failed| failed.message().map(str::to_owned)).as_deref(), Some("never"));
            Ok(())
        }),
        Trial::test("support::assayd_starts", || {
            let directory = tempfile::tempdir()?;
            let ended = Process::start(&mut assayd(directory.path(), ["--version"]))?.end(SECONDS)?;
            assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
            Ok(())
        }),
    ]
}
