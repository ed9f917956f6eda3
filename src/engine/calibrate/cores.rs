//! Which cores threads may use: the calibration endpoint is to have one of its own.

/// Keeps this process off a core until it is dropped.
#[derive(Debug, Default)]
pub(super) struct Apart {
    #[cfg(target_os = "linux")]
    before: Vec<(i32, Vec<usize>)>,
    #[cfg(target_os = "linux")]
    all: Vec<usize>,
}

#[cfg(target_os = "linux")]
mod system {
    use super::Apart;
    use rustix::process::Pid;
    use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

    /// The cores a thread may use; none where the system does not tell.
    pub(in super::super) fn allowed(thread: Option<i32>) -> Vec<usize> {
        let set = sched_getaffinity(thread.and_then(Pid::from_raw));
        set.map_or_else(|_| Vec::new(), |set| (0..CpuSet::MAX_CPU).filter(|core| set.is_set(*core)).collect())
    }

    /// Lets a thread use these cores only; whether that was allowed.
    pub(in super::super) fn pin(thread: Option<i32>, cores: &[usize]) -> bool {
        let mut set = CpuSet::new();
        cores.iter().for_each(|core| set.set(*core));
        !cores.is_empty() && sched_setaffinity(thread.and_then(Pid::from_raw), &set).is_ok()
    }

    fn threads() -> Vec<i32> {
        let folder = std::fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
        folder.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect()
    }

    impl Apart {
        /// Keeps all threads of this process off `core`.
        pub(in super::super) fn from(core: usize) -> Self {
            let all = allowed(None);
            let before: Vec<(i32, Vec<usize>)> = threads().into_iter().map(|t| (t, allowed(Some(t)))).collect();
            for (thread, cores) in &before {
                let rest: Vec<usize> = cores.iter().copied().filter(|c| *c != core).collect();
                pin(Some(*thread), &rest);
            }
            Self { before, all }
        }
    }

    impl Drop for Apart {
        fn drop(&mut self) {
            // Threads that began meanwhile have inherited the restriction.
            for thread in threads() {
                let before = self.before.iter().find(|(known, _)| *known == thread);
                pin(Some(thread), before.map_or(&self.all, |(_, cores)| cores));
            }
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod system {
    use super::Apart;

    /// Not told here.
    pub(in super::super) fn allowed(_: Option<i32>) -> Vec<usize> {
        Vec::new()
    }

    /// Not possible here.
    pub(in super::super) fn pin(_: Option<i32>, _: &[usize]) -> bool {
        false
    }

    impl Apart {
        /// Not possible here.
        pub(in super::super) fn from(_: usize) -> Self {
            Self::default()
        }
    }
}

pub(super) use system::{allowed, pin};

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_thread_is_kept_off_a_core_and_gets_it_back() {
        // On a thread of its own, so that tests beside this one are touched as little as can be.
        let mine = || allowed(None);
        let before = mine();
        let Some(last) = before.last().copied().filter(|_| before.len() > 1) else { return };
        let apart = Apart::from(last);
        assert!(!mine().contains(&last));
        drop(apart);
        assert_eq!(mine(), before);
    }
}
