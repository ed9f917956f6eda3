//! The processes below one, and what they use, as `/proc` tells it.
//!
//! Every process of a sandbox is below the bubblewrap that was started: what is daemonised becomes a child of the first
//! process of its namespace. Whatever ends while it is looked at counts as not there.

use std::fs;
use std::time::Duration;

/// More than a sandbox can have.
const MOST: usize = 1024;
/// Clock ticks a second in `/proc`, the same on all processors that Linux has left.
const TICKS: u64 = 100;

/// A process and all below it.
pub fn all(root: u32) -> Vec<u32> {
    let mut found = vec![root];
    let mut next = 0;
    while let Some(pid) = found.get(next).copied().filter(|_| found.len() < MOST) {
        found.extend(children(pid));
        next += 1;
    }
    found
}

/// The children of a process.
pub fn children(pid: u32) -> Vec<u32> {
    let Ok(threads) = fs::read_dir(format!("/proc/{pid}/task")) else { return Vec::new() };
    let of = |thread: fs::DirEntry| fs::read_to_string(thread.path().join("children")).unwrap_or_default();
    let words = threads.filter_map(Result::ok).map(of).collect::<Vec<_>>().join(" ");
    words.split_whitespace().filter_map(|word| word.parse().ok()).collect()
}

/// Memory of processes together, in bytes: what they hold, and only where that is more than `enough` their proportional
/// share of it, since what processes have in common is there once, and that takes longer to find out.
pub fn memory(pids: &[u32], enough: u64) -> u64 {
    let resident = pids.iter().filter_map(|pid| kilobytes(*pid, "status", "VmRSS:")).sum::<u64>();
    if resident.saturating_mul(1024) <= enough {
        return resident.saturating_mul(1024);
    }
    let share = |pid: &u32| kilobytes(*pid, "smaps_rollup", "Pss:").or_else(|| kilobytes(*pid, "status", "VmRSS:"));
    pids.iter().filter_map(share).sum::<u64>().saturating_mul(1024)
}

fn kilobytes(pid: u32, file: &str, key: &str) -> Option<u64> {
    field(pid, file, key)?.split_whitespace().next()?.parse().ok()
}

/// What a line of a file of a process says, such as `Seccomp:` of `status`.
pub fn field(pid: u32, file: &str, key: &str) -> Option<String> {
    let text = fs::read_to_string(format!("/proc/{pid}/{file}")).ok()?;
    text.lines().find_map(|line| line.strip_prefix(key)).map(|rest| rest.trim().to_owned())
}

/// CPU time of processes together, with that of children which they have waited for.
pub fn cpu(pids: &[u32]) -> Duration {
    let ticks = |pid: &u32| -> Option<u64> {
        let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        // The name may have blanks and brackets; after the last one come figures only, the state first.
        let (_, rest) = text.rsplit_once(')')?;
        Some(rest.split_whitespace().skip(11).take(4).filter_map(|word| word.parse::<u64>().ok()).sum())
    };
    let ticks: u64 = pids.iter().filter_map(ticks).sum();
    Duration::from_millis(ticks.saturating_mul(1000 / TICKS))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read as _, Write as _};
    use std::process::{Command, Stdio};

    #[test]
    fn a_child_is_found_with_its_memory() {
        let mut child = Command::new("cat").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        // It is there as a whole once it has answered.
        child.stdin.as_mut().unwrap().write_all(b"x").unwrap();
        child.stdout.as_mut().unwrap().read_exact(&mut [0]).unwrap();
        let found = all(std::process::id());
        assert!(found.contains(&child.id()), "{found:?}");
        assert!(memory(&[child.id()], u64::MAX) > 100_000);
        let share = memory(&[child.id()], 0);
        assert!(share > 10_000 && share <= memory(&[child.id()], u64::MAX), "{share}");
        drop(child.stdin.take());
        child.wait().unwrap();
        assert_eq!((memory(&[child.id()], 0), cpu(&[child.id()])), (0, Duration::ZERO));
    }
}
