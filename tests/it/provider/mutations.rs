//! Mutated streams through every adapter and the framing: no panic, bounded memory, and the same answer however the
//! stream is cut. A part of them in every run of the suite; as many as `ASSAYD_MUTATIONS` says when that is set, in
//! place of the suite (`tests/show/mutations`).

use super::adapter;
use super::mutator::{Draw, Mutator, Stream};
use super::recordings::{self, Reading};
use assayd::domain::{Answer, Fault, ToolCall};
use assayd::provider::framing::Cutter;
use assayd::provider::{KINDS, Mark, Provider, Reader};
use libtest_mimic::{Failed, Trial};
use proptest::prelude::any;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use std::ops::ControlFlow::{self, Break, Continue};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// How many in the suite.
const IN_SUITE: u32 = 3_000;

pub fn tests() -> Vec<Trial> {
    vec![
        Trial::test("provider::mutated_streams_are_survived", mutated),
        Trial::test("provider::any_bytes_are_survived", any_bytes),
    ]
}

/// The adapters by name, and the means to read a stream again and again.
struct Bench {
    mutator: Mutator,
    providers: Vec<(&'static str, Arc<dyn Provider>)>,
}

/// What came of one stream.
enum Came {
    Answer,
    Fault,
}

impl Bench {
    fn new() -> Self {
        let providers = KINDS.iter().map(|kind| (kind.name, adapter(kind.name))).collect();
        Self { mutator: Mutator::new(&recordings::all()), providers }
    }

    fn provider(&self, kind: &str) -> Option<&dyn Provider> {
        self.providers.iter().find(|(name, _)| *name == kind).map(|(_, provider)| &**provider)
    }

    /// Reads the stream of a seed as it is cut, and in one piece, and holds both against each other.
    fn check(&self, seed: u64, stream: &mut Stream) -> Result<Came, String> {
        self.mutator.make(seed, stream);
        let Stream { kind, body, cuts, cap, .. } = &*stream;
        let provider = self.provider(kind).ok_or("no such adapter")?;
        let reading = read(provider, body, cuts, *cap);
        bounded(&reading, body.len())?;
        let whole = read(provider, body, &[], *cap);
        if whole != reading {
            return Err(format!("cut at {cuts:?} it is {reading:?}\nand whole {whole:?}"));
        }
        if seed.is_multiple_of(16) {
            let status = [400, 401, 404, 429, 500][Draw::from(seed).below(5)];
            let fault = provider.refuse(status, body);
            if fault.detail.chars().count() > 300 || fault.status != Some(status) {
                return Err(format!("refused as {fault:?}"));
            }
        }
        Ok(if reading.fault.is_some() { Came::Fault } else { Came::Answer })
    }
}

/// Reads a body cut at the given places; a body that is not cut, each event by itself, as if none were like the one before.
fn read(provider: &dyn Provider, body: &[u8], cuts: &[usize], cap: usize) -> Reading {
    let mut reading = Reading::default();
    let Reading { answer, marks, fault } = &mut reading;
    let mut cutter = Cutter::new(provider.framing().0, cap);
    let mut reader = Reader::new(provider);
    let mut out = |event: &[u8]| -> ControlFlow<Option<Fault>> {
        let read = if cuts.is_empty() { provider.read(event, answer) } else { reader.read(event, answer) };
        match read {
            Ok(mark) => {
                let mark = if matches!(mark, Mark::Text(_)) { Mark::Content } else { mark };
                marks.push(mark);
                if mark == Mark::End { Break(None) } else { Continue(()) }
            }
            Err(error) => Break(Some(error)),
        }
    };
    let (mut from, mut flow) = (0, Ok(Continue(())));
    for to in cuts.iter().copied().chain([body.len()]) {
        flow = cutter.push(body.get(from..to).unwrap_or_default(), &mut out);
        from = to;
        if !matches!(flow, Ok(Continue(()))) {
            break;
        }
    }
    if matches!(flow, Ok(Continue(()))) {
        flow = cutter.finish(&mut out);
    }
    *fault = match flow {
        Ok(Continue(())) => None,
        Ok(Break(error)) => error,
        Err(error) => Some(error),
    };
    reading
}

/// An answer holds no more than its stream said, whatever the stream claims.
fn bounded(reading: &Reading, bytes: usize) -> Result<(), String> {
    let Answer { text, reasoning, tool_calls, refusal, finish, usage, model, tier, reported_cost: _ } = &reading.answer;
    let calls: usize = tool_calls.iter().map(|ToolCall { name, arguments }| name.len() + arguments.len()).sum();
    let said = |word: &Option<String>| word.as_ref().map_or(0, String::len);
    let words = finish.as_ref().map_or(0, |f| f.label().len()) + said(model) + said(tier);
    let held = text.len() + reasoning.len() + calls + refusal.as_ref().map_or(0, String::len) + words;
    // A lossy character or an escape may grow a little; a refusal and a reason have words of their own.
    if held > 3 * bytes + 100 || tool_calls.len() > 128 || reading.marks.len() > bytes {
        return Err(format!("{held} bytes and {} calls out of {bytes} bytes", tool_calls.len()));
    }
    // Neither overflows, whatever was reported.
    let _ = (usage.input_total(), usage.output_total());
    let told = reading.fault.as_ref().map_or(0, |fault| fault.detail.chars().count());
    if told > 300 { Err(format!("a fault of {told} characters")) } else { Ok(()) }
}

fn runner(cases: u32) -> TestRunner {
    TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() })
}

fn mutated() -> Result<(), Failed> {
    let bench = Bench::new();
    let answers = AtomicU64::new(0);
    let result = runner(IN_SUITE).run(&any::<u64>(), |seed| {
        match bench.check(seed, &mut Stream::default()) {
            Ok(Came::Answer) => answers.fetch_add(1, Ordering::Relaxed),
            Ok(Came::Fault) => 0,
            Err(wrong) => return Err(TestCaseError::fail(format!("seed {seed}: {wrong}"))),
        };
        Ok(())
    });
    result.map_err(|error| error.to_string())?;
    // Mutations that break every stream would show little.
    let answers = answers.into_inner();
    let enough = u64::from(IN_SUITE) / 10..u64::from(IN_SUITE) * 9 / 10;
    if enough.contains(&answers) {
        Ok(())
    } else {
        Err(format!("{answers} of {IN_SUITE} were read to their end").into())
    }
}

fn any_bytes() -> Result<(), Failed> {
    let bench = Bench::new();
    let bytes = proptest::collection::vec(any::<u8>(), 0..200);
    let result = runner(500).run(&bytes, |bytes| {
        for (_, provider) in &bench.providers {
            let reading = read(&**provider, &bytes, &[], 1 << 20);
            bounded(&reading, bytes.len()).map_err(TestCaseError::fail)?;
            let _ = provider.read(&bytes, &mut Answer::default());
            let _ = provider.refuse(400, &bytes);
        }
        Ok(())
    });
    Ok(result.map_err(|error| error.to_string())?)
}

/// The long run, where it is asked for: its figures in one line, and the seeds of what went wrong.
#[expect(clippy::print_stdout, clippy::print_stderr, reason = "a process of its own, whose output is its figures")]
pub fn child() -> Option<ExitCode> {
    let streams: u64 = std::env::var("ASSAYD_MUTATIONS").ok()?.parse().ok()?;
    let threads = std::thread::available_parallelism().map_or(1, |n| u64::try_from(n.get()).unwrap_or(1)).min(2);
    let first: u64 = std::env::var("ASSAYD_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(0);
    let bench = Bench::new();
    let (done, faults, wrong) = (AtomicU64::new(0), AtomicU64::new(0), AtomicU64::new(0));
    // A panic is counted and told by its seed; its own message is enough beside that.
    let begun = assayd::provider::wire::now();
    std::thread::scope(|scope| {
        for thread in 0..threads {
            let (bench, done, faults, wrong) = (&bench, &done, &faults, &wrong);
            scope.spawn(move || {
                let mut stream = Stream::default();
                for n in (thread..streams).step_by(usize::try_from(threads).unwrap_or(1)) {
                    // Neighbouring numbers make unlike streams only once they are mixed.
                    let seed = Draw::from(first.wrapping_add(n)).next();
                    let came = catch_unwind(AssertUnwindSafe(|| bench.check(seed, &mut stream)));
                    done.fetch_add(1, Ordering::Relaxed);
                    match came {
                        Ok(Ok(Came::Answer)) => {}
                        Ok(Ok(Came::Fault)) => drop(faults.fetch_add(1, Ordering::Relaxed)),
                        Ok(Err(said)) => {
                            eprintln!("seed {seed}: {said}");
                            wrong.fetch_add(1, Ordering::Relaxed);
                        }
                        Err(_) => {
                            eprintln!("seed {seed}: a panic");
                            wrong.fetch_add(1, Ordering::Relaxed);
                        }
                    }
                }
            });
        }
    });
    let took = Duration::from(assayd::provider::wire::now().since(begun));
    let (done, faults, wrong) = (done.into_inner(), faults.into_inner(), wrong.into_inner());
    println!(
        "streams {done} faults {faults} wrong {wrong} seconds {:.1} peak_kib {} threads {threads}",
        took.as_secs_f64(),
        peak_kib().unwrap_or(0)
    );
    Some(if wrong == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The most memory this process has had.
fn peak_kib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().split(' ').next()?.parse().ok()
}
