//! A program that a scorer wants to have run, and what comes back to a scorer from outside.

use super::Answer;
use std::time::Duration;

/// A program to run, with no network, on files of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// The program and its arguments, such as `["python3", "-I", "main.py"]`.
    pub command: Vec<String>,
    /// Files in its folder, by name (no `/` in it), with their content.
    pub files: Vec<(String, String)>,
    /// What it reads on standard input.
    pub input: String,
    /// CPU time that it may use, and as much wall clock again before it is ended.
    pub time: Duration,
    /// Memory that it may use, in bytes, all its processes together.
    pub memory: u64,
}

/// How a job ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// By itself, with this exit code.
    Exited(i32),
    /// By this signal.
    Signalled(i32),
    /// It took too long.
    TimedOut,
    /// It took more memory than it may.
    OutOfMemory,
}

/// What came of what a scorer wanted.
#[derive(Debug, Clone, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "one or two at a time, beside a model's call or a program's run")]
pub enum Reply {
    /// A judge's answer.
    Said(Answer),
    /// A program's end and what it wrote: each the first 64 KiB, what is no UTF-8 replaced.
    Ran {
        /// How it ended.
        ended: Ended,
        /// Standard output.
        output: String,
        /// Standard error.
        errors: String,
    },
    /// Neither came to be; why, in words.
    Failed(String),
}
