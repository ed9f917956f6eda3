//! This process as the system sees it, under the names that every Prometheus client uses.

use sysinfo::{ProcessRefreshKind, ProcessesToUpdate, System};

/// This process at one moment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Process {
    /// User and system time in seconds.
    pub cpu_seconds: f64,
    /// Resident set in bytes.
    pub resident_bytes: u64,
    /// When it began, in seconds since the Unix epoch.
    pub start_seconds: u64,
    /// Open file descriptors.
    pub open_fds: Option<u64>,
    /// The limit on them.
    pub max_fds: Option<u64>,
}

impl Process {
    /// Asks the system; none where it does not tell.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "2^53 ms of processor time are 285,000 years")]
    pub fn read() -> Option<Self> {
        let pid = sysinfo::get_current_pid().ok()?;
        let mut system = System::new().ok()?;
        let wanted = ProcessRefreshKind::nothing().with_cpu().with_memory().without_tasks();
        system.refresh_processes_specifics(ProcessesToUpdate::Some(&[pid]), false, wanted);
        let process = system.process(pid)?;
        let wide = |n: Option<usize>| n.and_then(|n| u64::try_from(n).ok());
        Some(Self {
            cpu_seconds: process.accumulated_cpu_time() as f64 / 1e3,
            resident_bytes: process.memory(),
            start_seconds: process.start_time(),
            open_fds: wide(process.open_files()),
            max_fds: wide(process.open_files_limit()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_has_memory_files_and_a_beginning() {
        let me = Process::read().unwrap();
        assert!(me.resident_bytes > 100_000 && me.start_seconds > 1_600_000_000, "{me:?}");
        let (open, max) = (me.open_fds.unwrap(), me.max_fds.unwrap());
        assert!((3..=max).contains(&open), "{me:?}");
        assert!(me.cpu_seconds >= 0.0);
    }
}
