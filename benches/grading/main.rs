//! What grading one answer takes, and that no text breaks it: every case of the tables, answers made to be slow, and answers
//! that would have themselves graded as right, through each scorer that grades by the text alone.
//!
//! `cargo bench --bench grading` prints a table and, as its last line, the figures by name. Grading never waits, so what a call
//! takes is the CPU time of its thread, which other programs on the core don't add to; the least of three runs counts, so that
//! neither does what they do to caches.

#![expect(clippy::print_stdout, reason = "a bench's result is what it prints")]

mod adversarial;
#[path = "../../tests/it/grading/cases.rs"]
mod cases;
mod injections;

use assayd::domain::{Answer, Finish, Item, ToolCall, Verdict};
use assayd::scoring::{Graded, Scorer};
use cases::{BLIND, FOLDER, GRADED_BY_TEXT, Table, tables};
use rustix::time::{ClockId, clock_gettime};
use std::hint::black_box;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;

/// How often a call is timed.
const RUNS: usize = 3;

/// Items of each table that are asked for with every adversarial text: its first ones that differ in kind.
const ITEMS: usize = 2;

fn main() -> Result<(), String> {
    let tables = [tables(Path::new(FOLDER))?, tables(Path::new(BLIND))?].concat();
    let mut all: Vec<Measured> = GRADED_BY_TEXT.iter().map(|name| Measured::new(name)).collect();
    for measured in &mut all {
        let own: Vec<&Table> = tables.iter().filter(|table| table.scorer == measured.scorer).collect();
        measured.grade_cases(&own)?;
    }
    for (name, text) in adversarial::texts() {
        for measured in &mut all {
            measured.withstand(&name, &text);
        }
    }
    let attempts = injections::read()?;
    for measured in &mut all {
        measured.refuse(&attempts)?;
    }
    tell(&all);
    Ok(())
}

/// A scorer, its calls and what they took.
#[derive(Default)]
struct Measured {
    scorer: &'static str,
    /// Items with their scorer, for the answers that no table has.
    items: Vec<(Arc<dyn Scorer>, Item)>,
    /// Nanoseconds of each call, by what it was, with which text.
    cases: Vec<(u64, String)>,
    adversarial: Vec<(u64, String)>,
    attempts: Vec<(u64, String)>,
    /// What went wrong, in words.
    misgraded: Vec<String>,
    panics: Vec<String>,
    accepted: Vec<String>,
}

impl Measured {
    fn new(scorer: &'static str) -> Self {
        Self { scorer, ..Self::default() }
    }

    /// Grades an answer several times: what it came to (none where it panicked), and the least that it took.
    fn timed(scorer: &dyn Scorer, item: &Item, answer: &Answer) -> (Option<Graded>, u64) {
        let once = || {
            let begun = cpu_ns();
            let graded = catch_unwind(AssertUnwindSafe(|| scorer.grade(black_box(item), black_box(answer))));
            (graded.ok(), cpu_ns().saturating_sub(begun))
        };
        let runs: Vec<(Option<Graded>, u64)> = std::iter::repeat_with(once).take(RUNS).collect();
        let least = runs.iter().map(|(_, took)| *took).min().unwrap_or(u64::MAX);
        (runs.into_iter().next().and_then(|(graded, _)| graded), least)
    }

    /// Every case of its tables, each by its own item and settings.
    fn grade_cases(&mut self, tables: &[&Table]) -> Result<(), String> {
        for Table { language, cases, .. } in tables {
            for (line, case) in cases {
                let place = format!("{}.{language}:{line}", self.scorer);
                let scorer = case.scorer(self.scorer).map_err(|why| format!("{place}: {why}"))?;
                let (item, answer) = case.question();
                let (graded, took) = Self::timed(&*scorer, &item, &answer);
                match graded {
                    None => self.panics.push(place.clone()),
                    Some(_) => self.misgraded.extend(case.miss(self.scorer).map(|why| format!("{place}: {why}"))),
                }
                self.cases.push((took, place));
                self.items.push((scorer, item));
            }
        }
        Ok(())
    }

    /// An adversarial text as the answer to some items.
    fn withstand(&mut self, name: &str, text: &str) {
        let mut answers = vec![said(text)];
        if self.scorer == "tool_call" {
            // What a model calls a tool with is its own text as well.
            let call = ToolCall { name: "get_weather".into(), arguments: text.to_owned() };
            answers.push(Answer { tool_calls: vec![call], finish: Some(Finish::ToolCalls), ..Answer::default() });
        }
        // Spread over the tables, so that both languages and several kinds of items are among them.
        let step = (self.items.len() / ITEMS).max(1);
        for (scorer, item) in self.items.iter().step_by(step).take(ITEMS) {
            for answer in &answers {
                let (graded, took) = Self::timed(&**scorer, item, answer);
                if graded.is_none() {
                    self.panics.push(name.to_owned());
                }
                self.adversarial.push((took, name.to_owned()));
            }
        }
    }

    /// Answers that want to be taken for right, which none of them is.
    fn refuse(&mut self, attempts: &[injections::Attempt]) -> Result<(), String> {
        let mut tried = Vec::new();
        for attempt in attempts.iter().filter(|attempt| attempt.scorer == self.scorer) {
            let case = attempt.case()?;
            tried.push((case.scorer(self.scorer)?, case.question().0, &attempt.says));
        }
        for attempt in attempts.iter().filter(|attempt| attempt.scorer == injections::EVERY) {
            for (scorer, item) in &self.items {
                if injections::is_wrong(self.scorer, item, &attempt.says) {
                    tried.push((Arc::clone(scorer), item.clone(), &attempt.says));
                }
            }
        }
        for (scorer, item, says) in tried {
            let (graded, took) = Self::timed(&*scorer, &item, &said(says));
            match graded {
                None => self.panics.push(says.clone()),
                Some(Graded::Final(finding)) if finding.verdict == Verdict::Correct => {
                    self.accepted.push(format!("{says:?} for {:?} by {}", item.answers, finding.rule));
                }
                Some(_) => {}
            }
            self.attempts.push((took, says.clone()));
        }
        Ok(())
    }

    fn all(&self) -> Vec<(u64, String)> {
        [&*self.cases, &*self.adversarial, &*self.attempts].concat()
    }
}

/// The CPU time of this thread so far, in nanoseconds.
fn cpu_ns() -> u64 {
    let t = clock_gettime(ClockId::ThreadCPUTime);
    u64::try_from(t.tv_sec).unwrap_or(0) * 1_000_000_000 + u64::try_from(t.tv_nsec).unwrap_or(0)
}

fn said(text: &str) -> Answer {
    Answer { text: text.to_owned(), finish: Some(Finish::Stop), ..Answer::default() }
}

/// The nearest-rank quantile, in microseconds.
fn quantile(calls: &[(u64, String)], q: f64) -> f64 {
    let mut took: Vec<u64> = calls.iter().map(|(took, _)| *took).collect();
    took.sort_unstable();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a rank, between 1 and the length")]
    let rank = ((took.len() as f64 * q).ceil() as usize).clamp(1, took.len().max(1));
    took.get(rank - 1).map_or(f64::NAN, |&took| took as f64 / 1e3)
}

fn tell(all: &[Measured]) {
    println!("microseconds a call   n       p50      p99        max   slowest");
    let row = |name: &str, calls: &[(u64, String)]| {
        let [p50, p99, max] = [0.5, 0.99, 1.0].map(|q| quantile(calls, q));
        let slowest = calls.iter().max_by_key(|(took, _)| *took).map_or("", |(_, what)| what.as_str());
        println!("{name:<19} {:>6} {p50:>8.1} {p99:>8.1} {max:>10.1}   {slowest}", calls.len());
        (p50, p99, max)
    };
    let (mut cases, mut hard, mut every) = (Vec::new(), Vec::new(), Vec::new());
    let mut worst = (0.0_f64, 0.0_f64);
    for measured in all {
        let name = measured.scorer;
        let of_cases = row(&format!("{name} cases"), &measured.cases);
        row("  adversarial", &measured.adversarial);
        row("  injections", &measured.attempts);
        worst = (worst.0.max(of_cases.0), worst.1.max(of_cases.1));
        cases.extend(measured.cases.iter().cloned());
        hard.extend(measured.adversarial.iter().cloned());
        every.extend(measured.all());
    }
    let mut slow: Vec<(u64, String)> = all
        .iter()
        .flat_map(|m| m.all().into_iter().map(|(took, what)| (took, format!("{}: {what}", m.scorer))))
        .collect();
    slow.sort_unstable_by_key(|(took, _)| std::cmp::Reverse(*took));
    for (took, what) in slow.iter().take(5) {
        println!("slow {:>10.1}   {what}", *took as f64 / 1e3);
    }
    let (p50, cases99, _) = row("all cases", &cases);
    let (hard50, hard99, _) = row("all adversarial", &hard);
    let (every50, p99, max) = row("all together", &every);
    let count = |of: fn(&Measured) -> &Vec<String>| all.iter().map(|measured| of(measured).len()).sum::<usize>();
    for (what, of) in [
        ("misgraded", (|m| &m.misgraded) as fn(&Measured) -> &Vec<String>),
        ("panicked", |m| &m.panics),
        ("accepted", |m| &m.accepted),
    ] {
        all.iter()
            .flat_map(|m| of(m).iter().map(|why| (m.scorer, why)))
            .for_each(|(s, why)| println!("{what} {s}: {why}"));
    }
    println!(
        "figures cases {} p50 {p50:.1} p99 {cases99:.1} worst_p50 {:.1} worst_p99 {:.1} adversarial {} hard_p50 {hard50:.0} \
         hard_p99 {hard99:.0} calls {} all_p50 {every50:.1} all_p99 {p99:.0} max {max:.0} misgraded {} panics {} attempts {} \
         accepted {}",
        cases.len(),
        worst.0,
        worst.1,
        hard.len(),
        every.len(),
        count(|m| &m.misgraded),
        count(|m| &m.panics),
        all.iter().map(|measured| measured.attempts.len()).sum::<usize>(),
        count(|m| &m.accepted),
    );
}
