//! Where a model's program runs: in bubblewrap, with nothing of this machine but its installed programs, read-only.
//!
//! There is no way around it: where [`Sandbox::find`] finds none that truly works, no program is run at all.
//!
//! What holds, and by what:
//!
//! | limit | held by |
//! |---|---|
//! | no network, whatever the family | a network namespace of its own with nothing but a loopback of its own; a filter of system calls that leaves only Unix and IP sockets (no vsock, no netlink) |
//! | no files but its own | a new mount tree: `/usr` and its links read-only, a work folder in memory; no `/proc`, `/sys`, `/home`, `/etc` (but the linker's cache) |
//! | files of its own: 64 MiB | size of the work folder's tmpfs; RLIMIT_FSIZE for what has no folder |
//! | processes and threads: 64 | RLIMIT_NPROC, set inside, where the kernel counts the user namespace alone. It does not hold for the real root, even inside, so assayd that is root starts the sandbox as the user `nobody` |
//! | memory of one process | RLIMIT_AS, always |
//! | memory of all of them | their proportional share, looked at every 25 ms: it may be passed for that long. Where 64 processes are too many, so is what they take meanwhile: put assayd itself into a cgroup with a limit |
//! | CPU time of one process | RLIMIT_CPU, in whole seconds rounded up |
//! | CPU time of all of them | looked at every 25 ms |
//! | time | twice the CPU time by the clock; then all is killed |
//! | its end | a process namespace: when its first process goes, all go, however they were daemonised; when assayd dies, so does bubblewrap, and it by that |
//! | output | 64 KiB of each stream are kept, the rest is read and dropped |
//! | kernel's interfaces | no capabilities, no new privileges, and a filter without ptrace, io_uring, bpf, keyrings, mounts, namespaces and the like |

#[cfg(not(target_os = "linux"))]
mod elsewhere;
#[cfg(target_os = "linux")]
mod linux;

#[cfg(not(target_os = "linux"))]
pub use elsewhere::Sandbox;
#[cfg(target_os = "linux")]
pub use linux::Sandbox;

/// Why there is no sandbox here.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoSandbox {
    /// Bubblewrap exists for Linux only, and its filter is made for two kinds of processors.
    #[error("there is none for this kind of machine")]
    Machine,
    /// `bwrap` is in no folder of `PATH`.
    #[error("bwrap is not on PATH")]
    Missing,
    /// A `bwrap` that becomes root can't be ended by who started it.
    #[error("{0} is set-user-ID root, so that assayd could not end what it starts")]
    SetUser(String),
    /// It did not start a program.
    #[error("bwrap does not work here: {0}")]
    Broken(String),
    /// It started a program, and something does not hold.
    #[error("bwrap does not isolate here: {0}")]
    Open(String),
}

impl NoSandbox {
    /// What to do.
    #[must_use]
    pub const fn hint(&self) -> &'static str {
        match self {
            Self::Machine => "programs of a model run on Linux only, x86-64 or ARM64",
            Self::Missing => "install bubblewrap: apt-get install bubblewrap",
            Self::SetUser(_) => "chmod u-s it: unprivileged user namespaces do the same",
            Self::Broken(_) | Self::Open(_) => {
                "it needs version 0.7 or newer, util-linux, and unprivileged user namespaces (sysctl \
                 kernel.unprivileged_userns_clone, kernel.apparmor_restrict_unprivileged_userns; containers often \
                 forbid them)"
            }
        }
    }
}
