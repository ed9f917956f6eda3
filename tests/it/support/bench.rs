//! A bench for whole runs: a folder with a configuration, `assayd mock` to ask, and the real binary to do it.
//!
//! Every `assayd` that ends on the bench is held to the same: it did not panic, it ended in time, and it never took more
//! memory than [`MOST_KB`]. With `ASSAYD_BENCH_LOG=FILE` each case adds what it saw there, for `tests/show/failures`.

use super::http;
use super::process::{Ended, Process, Signal, assayd, until};
use libtest_mimic::Failed;
use serde_json::Value;
use std::fmt::Display;
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;
use tempfile::TempDir;

/// Longer than anything here takes on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(60);
/// The most memory that a run may ever take, in kB: the highest resident set the kernel saw.
pub const MOST_KB: u64 = 120 << 10;
/// How often the highest resident set is read.
const LOOK: Duration = Duration::from_millis(4);

/// Adds a line to the log of this module's tests, where one is kept.
pub fn log(line: impl Display) {
    let Some(path) = std::env::var_os("ASSAYD_BENCH_LOG") else { return };
    let file = std::fs::OpenOptions::new().create(true).append(true).open(path);
    // One write a line: several tests write at once.
    let _lost = file.and_then(|mut file| file.write_all(format!("{line}\n").as_bytes()));
}

/// A running `assayd mock`.
pub struct Mock {
    /// Kept for its guard: dropping it ends the mock.
    _process: Process,
    /// Where it listens.
    pub address: SocketAddr,
}

impl Mock {
    /// A mock that answers sums at once; `flags` come on top.
    pub fn start(flags: &[&str]) -> Result<Self, Failed> {
        Self::with(flags, |command| command)
    }

    /// The same, with a say in its command.
    pub fn with(flags: &[&str], change: fn(&mut Command) -> &mut Command) -> Result<Self, Failed> {
        let quick = ["mock", "--listen", "127.0.0.1:0", "--ttft", "1ms", "--itl", "100us", "--tokens", "6"];
        // The first value of a flag that is given twice would be an error, so the defaults give way.
        let given = |flag: &&[&str]| !flags.iter().any(|f| Some(f) == flag.first());
        let defaults = quick.get(1..).unwrap_or_default().chunks(2).filter(given).flatten().copied();
        let all: Vec<&str> = ["mock"].into_iter().chain(defaults).chain(flags.iter().copied()).collect();
        let process = Process::start(change(&mut assayd(Path::new("."), all)))?;
        let line = process.line("calibration endpoint", PATIENCE)?;
        let address = line.split("http://").nth(1).and_then(|rest| rest.split('/').next()).ok_or("no address")?;
        Ok(Self { address: address.parse()?, _process: process })
    }

    /// Its summary of what was really asked.
    pub fn summary(&self) -> Result<Value, Failed> {
        self.ask("GET /__truth?summary=1", "")?.json()
    }

    /// The mock speaks HTTP/1.1 only.
    fn ask(&self, what: &str, body: &str) -> Result<http::Reply, Failed> {
        let head = format!("host: mock\r\nconnection: close\r\ncontent-length: {}", body.len());
        http::ask(self.address, &format!("{what} HTTP/1.1\r\n{head}\r\n\r\n{body}"))
    }

    /// How many chat requests arrived.
    pub fn arrived(&self) -> Result<u64, Failed> {
        number(&self.summary()?, "arrived")
    }

    /// Waits until so many requests are being answered.
    pub fn in_flight(&self, count: u64) -> Result<(), Failed> {
        until(PATIENCE, || {
            let now = number(&self.summary()?, "in_flight")?;
            if now == count { Ok(()) } else { Err(format!("{now} in flight").into()) }
        })
    }

    /// Changes its settings while it runs.
    pub fn set(&self, json: &str) -> Result<(), Failed> {
        let reply = self.ask("POST /__set", json)?;
        if reply.status == 200 { Ok(()) } else { Err(reply.body.into()) }
    }
}

/// A target's section: it is asked at `at` (`host:port`, or a whole URL) and tries again at once.
pub fn target(name: &str, at: impl Display, more: &str) -> String {
    let at = at.to_string();
    let url = if at.contains("://") { at } else { format!("http://{at}/v1") };
    let fixed = "api = \"openai-chat\"\nmodel = \"mock\"\nretry.backoff = \"1ms\"";
    format!("[target.{name}]\nurl = \"{url}\"\n{fixed}\n{more}\n")
}

/// A price of 1,000 nano-USD a token in and 10,000 a token out, with the limit that it needs.
pub const PRICE: &str =
    "sampling.max_tokens = 32\nprice.tokens = { input = \"1 USD\", output = \"10 USD\", since = \"2026-01-01\" }";

/// What a configuration has besides targets and the sums.
#[derive(Clone, Copy)]
pub struct Shape<'a> {
    /// Sections before the targets, such as `[budget]`.
    pub top: &'a str,
    /// Sums asked of each target.
    pub items: usize,
    /// How they arrive.
    pub arrival: &'a str,
    /// Fields of the run.
    pub run: &'a str,
}

impl Default for Shape<'_> {
    fn default() -> Self {
        Self { top: "", items: 3, arrival: "{ kind = \"closed\", concurrency = 3 }", run: "" }
    }
}

/// A folder to run in.
pub struct Bench {
    folder: TempDir,
}

/// How a run ended, and what it said.
pub struct Run {
    /// Exit code, output.
    pub ended: Ended,
}

impl Run {
    /// Holds it against an exit code and a text that standard error must have.
    pub fn expect(&self, code: i32, stderr: &str) -> Result<(), Failed> {
        let Ended { code: got, stdout, stderr: said } = &self.ended;
        if *got == Some(code) && said.contains(stderr) {
            return Ok(());
        }
        Err(format!("wanted exit code {code} and {stderr:?}, got {got:?}\n{stdout}{said}").into())
    }
}

/// An `assayd` that runs on the bench.
pub struct Running {
    process: Process,
    /// Gives the highest resident set once nobody wants more looks at it.
    peak: Receiver<u64>,
    _looking: Sender<()>,
}

impl Bench {
    /// A folder with sums to ask, each a prompt of 8 bytes.
    pub fn new() -> Result<Self, Failed> {
        let folder = tempfile::tempdir()?;
        let line = |i: usize| format!("{{\"prompt\": \"{}+{}=\", \"answer\": {}}}\n", i + 100, i + 200, 2 * i + 300);
        std::fs::write(folder.path().join("sums.jsonl"), (0..300).map(line).collect::<String>())?;
        Ok(Self { folder })
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Writes the configuration.
    pub fn configure(&self, targets: &[String], shape: Shape<'_>) -> Result<(), Failed> {
        let Shape { top, items, arrival, run } = shape;
        let text = format!(
            "{top}\n{}\n[scenario.sums]\ndataset = {{ format = \"jsonl\", path = \"sums.jsonl\" }}\nscorer = \"number\"\n\
             [workload.w]\narrival = {arrival}\nstop = {{ items = {items} }}\n\
             [[run]]\nname = \"r\"\ntargets = [\"*\"]\nscenarios = [\"*\"]\nworkload = \"w\"\n{run}\n",
            targets.join("\n")
        );
        Ok(std::fs::write(self.folder().join("assayd.toml"), text)?)
    }

    /// A command of `assayd` on this bench.
    pub fn command(&self, arguments: &[&str]) -> Command {
        assayd(self.folder(), arguments)
    }

    /// Starts a command.
    pub fn start(&self, command: &mut Command) -> Result<Running, Failed> {
        let process = Process::start(command)?;
        let (looking, stop) = channel();
        let (tell, peak) = channel();
        let id = process.id();
        std::thread::spawn(move || {
            let mut most = 0;
            while let Err(RecvTimeoutError::Timeout) = stop.recv_timeout(LOOK) {
                most = peak_kb(id).unwrap_or(0).max(most);
                // Nobody listens any more when the test has failed.
                if tell.send(most).is_err() {
                    return;
                }
            }
        });
        Ok(Running { process, peak, _looking: looking })
    }

    /// Runs a command to its end.
    pub fn ran(&self, command: &mut Command) -> Result<Run, Failed> {
        self.start(command)?.end()
    }

    /// `assayd run`, with more arguments.
    pub fn run(&self, more: &[&str]) -> Result<Run, Failed> {
        self.ran(&mut self.command(&[&["run", "-c", "assayd.toml"], more].concat()))
    }

    /// What `assayd export samples` gives.
    pub fn samples(&self) -> Result<Vec<Value>, Failed> {
        let run = self.ran(&mut self.command(&["export", "samples", "-c", "assayd.toml"]))?;
        run.expect(0, "")?;
        run.ended.stdout.lines().map(|line| Ok(serde_json::from_str(line)?)).collect()
    }
}

impl Running {
    /// Waits for a line.
    pub fn line(&self, mark: &str) -> Result<String, Failed> {
        self.process.line(mark, PATIENCE)
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// Sends a signal.
    pub fn signal(&self, signal: Signal) -> Result<(), Failed> {
        self.process.signal(signal)
    }

    /// Waits for its end, and holds it to what every run is held to.
    pub fn end(self) -> Result<Run, Failed> {
        let Self { process, peak, _looking } = self;
        let ended = process.end(PATIENCE)?;
        drop(_looking);
        let most = peak.iter().max().unwrap_or(0);
        log(format_args!("peak {most}"));
        if ended.stderr.contains("panicked") {
            return Err(format!("it panicked:\n{}", ended.stderr).into());
        }
        if most > MOST_KB {
            return Err(format!("it took {most} kB of memory, more than {MOST_KB} kB\n{}", ended.stderr).into());
        }
        Ok(Run { ended })
    }
}

/// The highest resident set of a process so far, as the kernel keeps it (proc(5), VmHWM); none once it has ended.
fn peak_kb(id: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.trim().parse().ok()
}

/// A text of a record; empty where there is none.
pub fn text<'a>(record: &'a Value, field: &str) -> &'a str {
    record.get(field).and_then(Value::as_str).unwrap_or_default()
}

/// A whole number of a record.
pub fn number(record: &Value, field: &str) -> Result<u64, Failed> {
    record.get(field).and_then(Value::as_u64).ok_or_else(|| format!("no number {field} in {record}").into())
}

/// The sum of a whole number over records.
pub fn sum(records: &[Value], field: &str) -> Result<u64, Failed> {
    records.iter().map(|record| number(record, field)).sum()
}

/// How many records have this text in this field.
pub fn count(records: &[Value], field: &str, wanted: &str) -> usize {
    records.iter().filter(|record| text(record, field) == wanted).count()
}
