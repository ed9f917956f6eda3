//! Energy of processors by RAPL (running average power limit), as Linux gives it: counters in microjoules that wrap.

use crate::domain::Nanos;
use crate::telemetry::{Absence, Absent, DeviceId};
use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// Watts that no package of processors draws: a fall of the counter that would mean more is no wrap, but a new beginning.
const MOST_WATTS: f64 = 5000.0;

/// What a counter said last.
#[derive(Debug, Clone, Copy)]
struct Counter {
    at: Nanos,
    microjoules: u64,
    /// All of it since the first look, wraps unrolled.
    joules: f64,
}

/// All packages below a directory such as /sys/class/powercap.
#[derive(Debug)]
pub(super) struct Rapl {
    root: PathBuf,
    counters: BTreeMap<PathBuf, Counter>,
}

impl Rapl {
    pub(super) fn new(root: &Path) -> Self {
        Self { root: root.to_owned(), counters: BTreeMap::new() }
    }

    /// Joules of each package (none where it may not be read), and what is not there.
    pub(super) fn look(&mut self, at: Nanos) -> (BTreeMap<DeviceId, Option<f64>>, Vec<Absent>) {
        let mut packages: BTreeMap<DeviceId, Option<f64>> = BTreeMap::new();
        let mut absent = Vec::new();
        let mut zones = zones(&self.root);
        // A package comes before its parts, whose names are longer.
        zones.sort();
        let mut owners: BTreeMap<String, DeviceId> = BTreeMap::new();
        for (zone, name) in zones {
            let parent = zone.rsplit_once(':').map(|(parent, _)| parent.to_owned()).unwrap_or_default();
            let device = if name.starts_with("package-") {
                let id = DeviceId::new(&format!("rapl:{name}"));
                owners.insert(zone.clone(), id.clone());
                id
            } else if let Some(owner) = owners.get(&parent).filter(|_| name == "dram") {
                owner.clone()
            } else {
                // Parts that the package has in its own figure (core, uncore), or that hold it (psys).
                continue;
            };
            match self.counter(&zone, at) {
                Ok(joules) => {
                    let sum = packages.entry(device).or_insert(Some(0.0));
                    *sum = sum.map(|sum| sum + joules);
                }
                Err(error) => {
                    packages.insert(device.clone(), None);
                    let why = match error.kind() {
                        ErrorKind::PermissionDenied => Absence::NoPermission,
                        ErrorKind::InvalidData => Absence::Nonsense,
                        _ => Absence::Unreadable,
                    };
                    let detail = format!("{}: {error}", self.root.join(&zone).join("energy_uj").display());
                    absent.push(Absent { what: "energy", device: Some(device), why, detail });
                }
            }
        }
        if packages.is_empty() {
            let detail = format!("no RAPL package under {}", self.root.display());
            absent.push(Absent { what: "energy", device: None, why: Absence::NotSupported, detail });
        }
        (packages, absent)
    }

    /// All joules of a zone since the first look at it.
    fn counter(&mut self, zone: &str, at: Nanos) -> std::io::Result<f64> {
        let folder = self.root.join(zone);
        let microjoules = number(&folder.join("energy_uj"))?;
        let last = self.counters.get(&folder).copied();
        let counter = match last {
            None => Counter { at, microjoules, joules: 0.0 },
            Some(last) => {
                let seconds = at.since(last.at).seconds();
                let grown = match microjoules.checked_sub(last.microjoules) {
                    Some(grown) => Some(grown),
                    None => {
                        let range = number(&folder.join("max_energy_range_uj"))?;
                        range.checked_sub(last.microjoules).map(|rest| rest.saturating_add(microjoules))
                    }
                };
                let joules =
                    grown.map(|grown| wide(grown) / 1e6).filter(|joules| *joules <= MOST_WATTS * seconds.max(1.0));
                // What begins anew falls, and whoever sums it up bridges that.
                Counter { at, microjoules, joules: joules.map_or(0.0, |joules| last.joules + joules) }
            }
        };
        self.counters.insert(folder, counter);
        Ok(counter.joules)
    }
}

/// The zones of Intel's and AMD's processors, by directory, with their names.
fn zones(root: &Path) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(root).into_iter().flatten().flatten() {
        let Some(zone) = entry.file_name().to_str().map(str::to_owned) else { continue };
        if !zone.starts_with("intel-rapl:") {
            // The same again by memory-mapped registers (intel-rapl-mmio), or another kind of zone.
            continue;
        }
        if let Ok(name) = std::fs::read_to_string(entry.path().join("name")) {
            all.push((zone, name.trim().to_owned()));
        }
    }
    all
}

fn number(path: &Path) -> std::io::Result<u64> {
    let text = std::fs::read_to_string(path)?;
    text.trim().parse().map_err(|_| std::io::Error::new(ErrorKind::InvalidData, "is not a whole number"))
}

#[expect(clippy::cast_precision_loss, reason = "microjoules between two looks, a difference")]
fn wide(n: u64) -> f64 {
    n as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Nanos {
        Nanos(seconds * 1_000_000_000)
    }

    fn write(root: &Path, zone: &str, name: &str, microjoules: &str) {
        let folder = root.join(zone);
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("name"), format!("{name}\n")).unwrap();
        std::fs::write(folder.join("energy_uj"), format!("{microjoules}\n")).unwrap();
        std::fs::write(folder.join("max_energy_range_uj"), "262143328850\n").unwrap();
    }

    #[test]
    fn packages_with_their_memory_and_wraps_unrolled() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path();
        write(root, "intel-rapl:0", "package-0", "262143000000");
        write(root, "intel-rapl:0:0", "core", "5");
        write(root, "intel-rapl:0:1", "dram", "1000000");
        write(root, "intel-rapl:1", "package-1", "7");
        write(root, "intel-rapl:2", "psys", "9");
        write(root, "intel-rapl-mmio:0", "package-0", "1");
        let mut rapl = Rapl::new(root);
        let (first, absent) = rapl.look(at(0));
        let ids: Vec<&str> = first.keys().map(DeviceId::as_str).collect();
        assert_eq!((ids, absent.len()), (vec!["rapl:package-0", "rapl:package-1"], 0));
        // 328850 µJ to the wrap, and 671150 after it: one joule; and two of the memory.
        write(root, "intel-rapl:0", "package-0", "671150");
        write(root, "intel-rapl:0:1", "dram", "3000000");
        write(root, "intel-rapl:1", "package-1", "50000007");
        let (second, _) = rapl.look(at(1));
        let joules = |id: &str, of: &BTreeMap<DeviceId, Option<f64>>| of[&DeviceId::new(id)].unwrap();
        assert!((joules("rapl:package-0", &second) - 3.0).abs() < 1e-9);
        assert!((joules("rapl:package-1", &second) - 50.0).abs() < 1e-9);
        // A fall that no wrap explains.
        write(root, "intel-rapl:1", "package-1", "1");
        let (third, _) = rapl.look(at(2));
        assert_eq!(joules("rapl:package-1", &third), 0.0);
    }

    #[test]
    fn what_is_not_there_or_not_ours_is_named() {
        let root = tempfile::tempdir().unwrap();
        let (packages, absent) = Rapl::new(root.path()).look(at(0));
        assert!(packages.is_empty());
        assert_eq!(absent.iter().map(|a| a.why).collect::<Vec<_>>(), [Absence::NotSupported]);
        write(root.path(), "intel-rapl:0", "package-0", "none of it");
        let (packages, absent) = Rapl::new(root.path()).look(at(0));
        assert_eq!(packages.values().copied().collect::<Vec<_>>(), [None]);
        assert_eq!(absent.iter().map(|a| a.why).collect::<Vec<_>>(), [Absence::Nonsense]);
        std::fs::remove_file(root.path().join("intel-rapl:0/energy_uj")).unwrap();
        assert_eq!(Rapl::new(root.path()).look(at(0)).1[0].why, Absence::Unreadable);
    }
}
