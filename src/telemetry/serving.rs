//! The serving process: named by its pid or by the port it listens at, and all processes below it.

use super::{Absence, Absent};
use crate::config::Section;
use crate::domain::Nanos;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use sysinfo::{Pid, ProcessRefreshKind, ProcessesToUpdate, System};

/// How long a list of processes is good for, in seconds: going through all of them costs milliseconds.
const GOOD_FOR: f64 = 2.0;

/// How the serving process is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Serving {
    /// By its number.
    Pid(u32),
    /// By the TCP port that it listens at.
    Port(u16),
}

impl Serving {
    /// Reads `pid` or `port`, at most one of them. The outer none: a problem was noted.
    pub fn build(section: &Section<'_>) -> Option<Option<Self>> {
        let (pid, port) = (section.get::<u32>("pid"), section.get::<u32>("port"));
        match (section.has("pid"), section.has("port")) {
            (false, false) => Some(None),
            (true, true) => {
                section.problem("port", "expected pid or port, found both", None);
                None
            }
            (true, false) if pid == Some(0) => {
                section.problem("pid", "expected at least 1", None);
                None
            }
            (true, false) => Some(Some(Self::Pid(pid?))),
            (false, true) => match u16::try_from(port?) {
                Ok(port) if port > 0 => Some(Some(Self::Port(port))),
                _ => {
                    section.problem("port", "expected from 1 to 65535", None);
                    None
                }
            },
        }
    }

    /// The processes that it is, without those below them.
    fn roots(self) -> Result<BTreeSet<u32>, Absent> {
        match self {
            Self::Pid(pid) => Ok(BTreeSet::from([pid])),
            Self::Port(port) => listeners(Path::new("/proc"), port),
        }
    }
}

/// The processes of a server, looked up anew now and then.
#[derive(Debug)]
pub struct Family {
    serving: Serving,
    system: Option<System>,
    pids: BTreeSet<u32>,
    looked: Option<Nanos>,
}

impl Family {
    /// Nothing is looked up yet.
    #[must_use]
    pub fn new(serving: Serving) -> Self {
        Self { serving, system: System::new().ok(), pids: BTreeSet::new(), looked: None }
    }

    /// The processes now.
    ///
    /// # Errors
    /// As an absence of `process_cpu`, where there are none or they can't be told.
    pub fn pids(&mut self, now: Nanos) -> Result<&BTreeSet<u32>, Absent> {
        if self.looked.is_none_or(|looked| now.since(looked).seconds() >= GOOD_FOR) {
            self.looked = None;
            let roots = self.serving.roots()?;
            let Some(system) = &mut self.system else {
                return Err(absent(Absence::NotSupported, "this system does not tell of its processes"));
            };
            system.refresh_processes_specifics(ProcessesToUpdate::All, true, ProcessRefreshKind::nothing());
            let parents: BTreeMap<u32, Option<u32>> = system
                .processes()
                .iter()
                .filter(|(_, process)| process.thread_kind().is_none())
                .map(|(pid, process)| (pid.as_u32(), process.parent().map(Pid::as_u32)))
                .collect();
            self.pids = below(&roots, &parents);
            if self.pids.is_empty() {
                return Err(absent(Absence::NoDevice, "there is no such process"));
            }
            self.looked = Some(now);
        }
        Ok(&self.pids)
    }
}

pub(super) fn absent(why: Absence, detail: impl Into<String>) -> Absent {
    Absent { what: "process_cpu", device: None, why, detail: detail.into() }
}

/// Processes that are there and are, or descend from, one of the roots.
fn below(roots: &BTreeSet<u32>, parents: &BTreeMap<u32, Option<u32>>) -> BTreeSet<u32> {
    let mut all: BTreeSet<u32> = roots.iter().copied().filter(|pid| parents.contains_key(pid)).collect();
    loop {
        let more: Vec<u32> = parents
            .iter()
            .filter(|(pid, parent)| !all.contains(pid) && parent.is_some_and(|parent| all.contains(&parent)))
            .map(|(pid, _)| *pid)
            .collect();
        if more.is_empty() {
            return all;
        }
        all.extend(more);
    }
}

/// Who listens at a TCP port, by Linux' /proc: the port's sockets, and the processes that hold one of them.
fn listeners(proc: &Path, port: u16) -> Result<BTreeSet<u32>, Absent> {
    let tables = ["net/tcp", "net/tcp6"].map(|table| std::fs::read_to_string(proc.join(table)));
    if tables.iter().all(Result::is_err) {
        return Err(absent(Absence::NotSupported, "only Linux' /proc tells who listens at a port: name the pid"));
    }
    let sockets: BTreeSet<u64> = tables.iter().flatten().flat_map(|table| listening(table, port)).collect();
    if sockets.is_empty() {
        return Err(absent(Absence::NoDevice, format!("nobody listens at port {port} of this machine")));
    }
    let (mut holders, mut refused) = (BTreeSet::new(), false);
    for entry in std::fs::read_dir(proc).into_iter().flatten().flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else { continue };
        match std::fs::read_dir(entry.path().join("fd")) {
            Ok(files) => {
                let held = files.flatten().filter_map(|file| std::fs::read_link(file.path()).ok());
                if held.filter_map(|link| socket(link.to_str()?)).any(|inode| sockets.contains(&inode)) {
                    holders.insert(pid);
                }
            }
            Err(error) => refused |= error.kind() == std::io::ErrorKind::PermissionDenied,
        }
    }
    match (holders.is_empty(), refused) {
        (false, _) => Ok(holders),
        (true, true) => {
            let detail = format!("port {port} is another user's, whose processes are not ours to look into");
            Err(absent(Absence::NoPermission, detail))
        }
        (true, false) => Err(absent(Absence::NoDevice, format!("no process here holds port {port}"))),
    }
}

/// The inode of a link such as `socket:[12345]`.
fn socket(link: &str) -> Option<u64> {
    link.strip_prefix("socket:[")?.strip_suffix(']')?.parse().ok()
}

/// The inodes of sockets that listen at a port, of a table such as /proc/net/tcp.
fn listening(table: &str, port: u16) -> Vec<u64> {
    let inode = |line: &str| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let (_, local) = fields.get(1)?.rsplit_once(':')?;
        let listens = *fields.get(3)? == "0A" && u16::from_str_radix(local, 16) == Ok(port);
        if listens { fields.get(9)?.parse().ok() } else { None }
    };
    table.lines().skip(1).filter_map(inode).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn sockets_that_listen_are_told_from_others() {
        let table = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n\
                     0: 0100007F:1F40 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 4711 1 0\n\
                     1: 0100007F:1F40 0100007F:9C40 01 00000000:00000000 00:00000000 00000000  1000        0 4712 1 0\n\
                     2: 00000000:1F41 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 4713 1 0\n";
        let six = "head\n 0: 00000000000000000000000001000000:1F40 0000:0 0A 0:0 0:0 0 0 0 99 1\n";
        assert_eq!((listening(table, 8000), listening(six, 8000), listening(table, 1)), (vec![4711], vec![99], vec![]));
        assert_eq!((socket("socket:[7]"), socket("pipe:[7]")), (Some(7), None));
    }

    #[test]
    fn a_family_is_everybody_below() {
        let parents = BTreeMap::from([(1, None), (10, Some(1)), (11, Some(10)), (12, Some(11)), (20, Some(1))]);
        assert_eq!(below(&BTreeSet::from([10, 99]), &parents), BTreeSet::from([10, 11, 12]));
        assert_eq!(below(&BTreeSet::from([99]), &parents), BTreeSet::new());
        // A circle, which there is not, is no loop either.
        let circle = BTreeMap::from([(1, Some(2)), (2, Some(1))]);
        assert_eq!(below(&BTreeSet::from([1]), &circle), BTreeSet::from([1, 2]));
    }

    #[test]
    fn this_process_is_found_by_its_pid_and_by_its_port() {
        let me = std::process::id();
        let mut family = Family::new(Serving::Pid(me));
        assert!(family.pids(Nanos(0)).unwrap().contains(&me));
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let by_port = Family::new(Serving::Port(port)).pids(Nanos(0)).cloned();
        if cfg!(target_os = "linux") {
            assert!(by_port.unwrap().contains(&me));
        }
        drop(listener);
        let gone = Family::new(Serving::Port(port)).pids(Nanos(0)).unwrap_err();
        assert!(matches!(gone.why, Absence::NoDevice | Absence::NotSupported), "{gone:?}");
        assert_eq!(Family::new(Serving::Pid(u32::MAX - 7)).pids(Nanos(0)).unwrap_err().why, Absence::NoDevice);
    }

    proptest! {
        #[test]
        fn garbage_never_panics(table in "\\PC{0,120}|[0-9A-F: \\n]{0,200}", port in any::<u16>()) {
            let _ = listening(&table, port);
        }
    }
}
