//! Scorer `code`: the answer's program passes the tests. It runs in a sandbox and nowhere else.
//!
//! `spec.tests` is one of
//! * a list, each `{"stdin": "…", "stdout": "…"}` (the program is run and its output compared, blanks at line ends
//!   apart) or a text of Python that calls the program and asserts;
//! * such a text alone;
//! * an object: `cases`, one of the above; `entry_point`, the function that a `check(candidate)` in a test is given;
//!   `prefix`, the code that the question shows and an answer may go on from; `setup`, run before the program, in its
//!   own process.
//!
//! The tests run in a process of their own (`harness.py`), which calls the program in another one (`worker.py`): what a
//! program prints, or does to itself, is no result.

mod extract;

use super::text::{excerpt, fold, refuses, shown};
use super::{Graded, Job, Kind, Reply, Scorer};
use crate::config::{ByteSize, Section};
use crate::domain::{Answer, Ended, Finding, Fingerprint, Item, Verdict};
use extract::{NoProgram, Wanted, called, program};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

/// `scorer = { kind = "code", sandbox = "bubblewrap" }`.
pub const KIND: Kind = Kind {
    name: "code",
    about: "the program passes the tests, run with `sandbox = \"bubblewrap\"`; `command`, `time` of a test, `memory`",
    build,
};

/// Grows whenever a verdict could change.
const VERSION: u32 = 2;
const HARNESS: &str = include_str!("harness.py");
const WORKER: &str = include_str!("worker.py");
/// Tests of one item, at the most: the results of all fit into what is kept of the output.
const MOST_TESTS: usize = 500;
/// The least and the most memory of a job that makes sense, in bytes.
const MEMORY: std::ops::RangeInclusive<u64> = 64 << 20..=64 << 30;
/// The longest time for one test.
const LONGEST: Duration = Duration::from_secs(600);
/// CPU time of the harness itself, beside the tests.
const BESIDE: Duration = Duration::from_secs(5);
/// CPU time of a whole job, at the most.
const WHOLE: Duration = Duration::from_secs(1800);

#[derive(Debug)]
struct Code {
    command: Vec<String>,
    time: Duration,
    memory: u64,
    /// Not known to any program under test, other in each process.
    secret: String,
}

/// The languages there are.
const LANGUAGES: [(&str, ()); 1] = [("python", ())];
/// The sandboxes there are. There is no default: who runs what a model writes has said so.
const SANDBOXES: [(&str, ()); 1] = [("bubblewrap", ())];

fn build(section: Option<&Section<'_>>) -> Option<Arc<dyn Scorer>> {
    let section = section?;
    let sandbox = section.choice("sandbox", &SANDBOXES);
    let language = if section.has("language") { section.choice("language", &LANGUAGES) } else { Some(()) };
    let command = section.or("command", vec!["python3".to_owned()]);
    if command.as_ref().is_some_and(|words| words.first().is_none_or(|word| word.is_empty())) {
        section.problem("command", "expected a program and its arguments, such as [\"python3\"]", None);
        return None;
    }
    let time = section.or("time", Duration::from_secs(10));
    if time.is_some_and(|time| time > LONGEST) {
        section.problem("time", "expected at most \"10min\"", None);
    }
    let memory = section.or("memory", ByteSize(512 << 20));
    if memory.is_some_and(|ByteSize(bytes)| !MEMORY.contains(&bytes)) {
        section.problem("memory", "expected from \"64 MiB\" to \"64 GiB\"", None);
    }
    section.finish();
    let ((), (), ByteSize(memory)) = (sandbox?, language?, memory?);
    let secret = format!("{:032x}", rand::random::<u128>());
    Some(Arc::new(Code { command: command?, time: time?, memory, secret }))
}

/// What an item says of its tests.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Tests {
    cases: Value,
    #[serde(default)]
    entry_point: Option<String>,
    #[serde(default)]
    prefix: String,
    #[serde(default)]
    setup: String,
    /// Read out of `cases`.
    #[serde(skip)]
    all: Vec<Test>,
}

/// One test, as the harness takes it too.
#[derive(Debug, Deserialize, Serialize)]
#[serde(untagged)]
enum Test {
    /// Python.
    Code(String),
    /// Input and output.
    Output(InOut),
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct InOut {
    stdin: String,
    stdout: String,
}

impl Tests {
    fn of(item: &Item) -> Result<Self, String> {
        let tests = item.spec.as_ref().and_then(|spec| spec.get("tests")).ok_or("a code item needs `tests`")?;
        let mut all = match tests {
            Value::Object(object) => {
                Self::deserialize(object).map_err(|error| format!("the `tests` can't be read: {error}"))?
            }
            cases => Self { cases: cases.clone(), ..Self::default() },
        };
        let cases = match std::mem::take(&mut all.cases) {
            one @ Value::String(_) => vec![one],
            Value::Array(several) => several,
            _ => return Err("the `tests` are neither a text nor a list".into()),
        };
        if cases.is_empty() || cases.len() > MOST_TESTS {
            return Err(format!("{} tests, expected from 1 to {MOST_TESTS}", cases.len()));
        }
        for (place, case) in (1..).zip(cases) {
            let test = Test::deserialize(case)
                .map_err(|_| format!("test {place} is neither a text nor an object of `stdin` and `stdout`"))?;
            match &test {
                Test::Code(code) if code.trim().is_empty() => return Err(format!("test {place} is empty")),
                Test::Code(code) if checks(code) && all.entry_point.is_none() => {
                    return Err(format!("test {place} defines check(…): say `entry_point`, the function it is given"));
                }
                _ => all.all.push(test),
            }
        }
        Ok(all)
    }

    fn wanted(&self) -> Wanted {
        let codes = self.all.iter().filter_map(|test| if let Test::Code(code) = test { Some(code) } else { None });
        Wanted {
            entry: self.entry_point.clone(),
            called: codes.flat_map(|code| called(code)).collect(),
            reads: self.all.iter().all(|test| matches!(test, Test::Output(_))),
            prefix: self.prefix.clone(),
        }
    }
}

/// Whether a test defines HumanEval's `check(candidate)`, and does not call it itself.
fn checks(code: &str) -> bool {
    code.lines().any(|line| line.starts_with("def check(")) && !code.lines().any(|line| line.starts_with("check("))
}

/// What the harness says in the end.
#[derive(Debug, Deserialize)]
struct Results {
    results: Vec<String>,
    detail: String,
}

/// What comes of a test that is not passed: the harness's word, and the rule.
const RULES: [(&str, &str); 5] = [
    ("wrong-answer", "code/wrong-answer"),
    ("timed-out", "code/timed-out"),
    ("memory", "code/memory"),
    ("crashed", "code/crashed"),
    ("compile-error", "code/compile-error"),
];

impl Code {
    fn program(&self, item: &Item, answer: &Answer) -> Result<(Tests, String), Finding> {
        let visible = shown(answer)?;
        let tests = Tests::of(item).map_err(|_| Finding::bare(Verdict::Ungraded, "code/no-tests"))?;
        match program(&visible.text, visible.cut, &tests.wanted()) {
            Ok(program) => Ok((tests, program)),
            Err(NoProgram::Cut) => Err(Finding::bare(Verdict::Unparsed, "unparsed/cut")),
            Err(NoProgram::TooLong) => Err(Finding::bare(Verdict::Unparsed, "unparsed/too-long")),
            Err(NoProgram::Nothing) if refuses(fold(&visible.text).trim()) => {
                Err(Finding::bare(Verdict::Refused, "refused/text"))
            }
            Err(NoProgram::Nothing) => Err(Finding::bare(Verdict::Unparsed, "unparsed/no-program")),
        }
    }

    /// What begins the harness's lines: not to be known by the program, and the same when the job has run.
    fn nonce(&self, item: &Item, program: &str) -> String {
        let parts = [("secret", self.secret.as_str()), ("item", item.id.as_str()), ("program", program)];
        Fingerprint::of(&parts).to_string()
    }

    fn job(&self, item: &Item, tests: &Tests, program: &str) -> Job {
        let Tests { entry_point, prefix, setup, all, .. } = tests;
        let input = json!({
            "nonce": self.nonce(item, program),
            "entry": entry_point,
            "prefix": prefix,
            "setup": setup,
            "seconds": self.time.as_secs_f64(),
            "tests": all,
        });
        let file = |name: &str, text: &str| (name.to_owned(), text.to_owned());
        let count = u32::try_from(all.len()).unwrap_or(u32::MAX);
        Job {
            command: self.command.iter().cloned().chain(["-I", "harness.py"].map(str::to_owned)).collect(),
            files: vec![file("harness.py", HARNESS), file("worker.py", WORKER), file("program.py", program)],
            input: input.to_string(),
            time: self.time.saturating_mul(count).saturating_add(BESIDE).min(WHOLE),
            memory: self.memory,
        }
    }

    /// What a run's output comes to.
    fn judge(&self, item: &Item, tests: &Tests, program: &str, reply: Option<&Reply>) -> Finding {
        let head = excerpt(program);
        let not_run = |why: &str| Finding {
            verdict: Verdict::Ungraded,
            score: 0.0,
            extracted: Some(excerpt(why)),
            rule: "code/not-run",
        };
        let (ended, output, errors) = match reply {
            Some(Reply::Ran { ended, output, errors }) => (ended, output, errors),
            Some(Reply::Failed(why)) => return not_run(why),
            Some(Reply::Said(_)) | None => return not_run("no program was run"),
        };
        let nonce = self.nonce(item, program);
        let said: Vec<&str> = output.lines().filter_map(|line| line.strip_prefix(nonce.as_str())).collect();
        if said.is_empty() {
            return not_run(errors.lines().last().unwrap_or("the sandbox said nothing"));
        }
        let results = said.last().and_then(|line| serde_json::from_str::<Results>(line.trim()).ok());
        let Some(Results { results, detail }) = results.filter(|r| r.results.len() == tests.all.len()) else {
            // The harness had begun and did not come to its end: the program saw to that.
            let rule = match ended {
                Ended::TimedOut => "code/timed-out",
                Ended::OutOfMemory => "code/memory",
                Ended::Exited(_) | Ended::Signalled(_) => "code/crashed",
            };
            return Finding::judged(false, head, rule);
        };
        if results.iter().any(|word| word == "broken") {
            return Finding {
                extracted: Some(excerpt(&detail)),
                ..Finding::bare(Verdict::Ungraded, "code/broken-test")
            };
        }
        let passed = results.iter().filter(|word| *word == "passed").count();
        match results.iter().find(|word| *word != "passed") {
            None => Finding::judged(true, head, "code/passed"),
            Some(word) => {
                let rule = RULES.iter().find(|(known, _)| known == word).map_or("code/crashed", |(_, rule)| rule);
                #[expect(clippy::cast_precision_loss, reason = "at most 500 tests")]
                let score = passed as f64 / results.len() as f64;
                Finding { score, ..Finding::judged(false, head, rule) }
            }
        }
    }
}

impl Scorer for Code {
    fn runs(&self) -> Option<&[String]> {
        Some(&self.command)
    }

    fn grade(&self, item: &Item, answer: &Answer) -> Graded {
        match self.program(item, answer) {
            Ok((tests, program)) => Graded::Run(self.job(item, &tests, &program)),
            Err(finding) => finding.into(),
        }
    }

    fn settle(&self, item: &Item, answer: &Answer, replies: &[Reply]) -> Finding {
        match self.program(item, answer) {
            Ok((tests, program)) => self.judge(item, &tests, &program, replies.first()),
            Err(finding) => finding,
        }
    }

    fn accepts(&self, item: &Item) -> Result<(), String> {
        Tests::of(item).map(drop)
    }

    fn fingerprint(&self) -> String {
        let Self { command, time, memory, secret: _ } = self;
        let (harness, worker) = (Fingerprint::of(&[("text", HARNESS)]), Fingerprint::of(&[("text", WORKER)]));
        format!(
            "code/{VERSION} command={} time={} memory={memory} harness={harness} worker={worker}",
            command.join(" "),
            time.as_secs_f64()
        )
    }
}

#[cfg(test)]
mod tests;
