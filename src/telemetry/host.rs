//! `host`: this machine's processors and memory, the serving process's own, and the processors' energy by RAPL.
//!
//! A package of processors is a device (`rapl:package-0`), with the energy of its memory where the machine counts that
//! apart. Where there is no RAPL that we may read, the processors are one device without energy (`cpu`).

mod rapl;

use super::serving::{Family, Serving, absent};
use super::{Absence, Absent, Busy, Device, DeviceId, Host, Meter, Probe, Reading, Value, fetch, now};
use crate::config::Section;
use rapl::Rapl;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use sysinfo::{Pid, ProcessRefreshKind, ProcessesToUpdate, System};

/// The list's entry.
pub const KIND: super::Kind =
    super::Kind { name: "host", about: "this machine: processors, memory, the server's process, RAPL energy", build };

#[derive(Debug)]
struct Settings {
    every: Duration,
    serving: Option<Serving>,
}

fn build(section: &Section<'_>) -> Option<Arc<dyn Meter>> {
    let every = fetch::every(section, Duration::from_secs(1));
    // Shorter, the processors' use is not known: their clocks tick 100 times a second.
    let too_often = every.is_some_and(|every| every < sysinfo::MINIMUM_CPU_UPDATE_INTERVAL);
    if too_often {
        let least = sysinfo::MINIMUM_CPU_UPDATE_INTERVAL;
        section.problem("every", format!("expected at least \"{}ms\"", least.as_millis()), None);
    }
    let serving = Serving::build(section);
    if too_often {
        return None;
    }
    Some(Arc::new(Settings { every: every?, serving: serving? }))
}

impl Meter for Settings {
    fn every(&self) -> Duration {
        self.every
    }

    fn fingerprint(&self) -> String {
        format!("host {:?} {:?}", self.every, self.serving)
    }

    fn open(&self) -> Box<dyn Probe> {
        let system = System::new().ok();
        let process = self.serving.map(Process::of);
        Box::new(Machine { system, first: true, rapl: Rapl::new(Path::new("/sys/class/powercap")), process })
    }
}

struct Machine {
    system: Option<System>,
    /// The use of processors is a difference, which the first look does not have.
    first: bool,
    rapl: Rapl,
    process: Option<Process>,
}

impl Probe for Machine {
    fn look(&mut self) -> Reading {
        let mut reading = Reading::new(now());
        let Some(system) = &mut self.system else {
            let detail = "this system does not tell of its processors".to_owned();
            reading.absent.push(Absent { what: "all", device: None, why: Absence::NotSupported, detail });
            return reading;
        };
        system.refresh_cpu_usage();
        system.refresh_memory();
        let used = f64::from(system.global_cpu_usage()) / 100.0;
        let cpu = Value::measured(used).filter(|v| !self.first && (0.0..=1.001).contains(&v.value));
        self.first = false;
        let cpu = cpu.map(|v| Value { value: v.value.min(1.0), ..v });
        let memory_total = Value::measured(bytes(system.total_memory())).filter(|v| v.value > 0.0);
        let mut host = Host {
            cpu,
            memory_used: memory_total.and_then(|_| Value::measured(bytes(system.used_memory()))),
            memory_total,
            ..Host::default()
        };
        if let Some(process) = &mut self.process {
            match process.look(system, &reading) {
                Ok((seconds, memory)) => {
                    host.process_cpu = Value::measured(seconds);
                    host.process_memory = Value::measured(memory);
                }
                Err(absent) => reading.absent.push(absent),
            }
        }
        let name = system.cpus().first().map_or_else(String::new, |cpu| cpu.brand().trim().to_owned());
        let busy: Vec<(Busy, Value)> = cpu.map(|share| (Busy::CpuActive, share)).into_iter().collect();
        let (packages, absent) = self.rapl.look(reading.at);
        reading.absent.extend(absent);
        let ids = packages.keys().cloned().chain(packages.is_empty().then(|| DeviceId::new("cpu")));
        reading.devices = ids
            .map(|id| {
                let energy = packages.get(&id).copied().flatten().and_then(Value::measured);
                Device { name: name.clone(), busy: busy.clone(), energy, ..Device::new(id) }
            })
            .collect();
        reading.host = Some(host);
        reading
    }
}

#[expect(clippy::cast_precision_loss, reason = "bytes of memory, for show")]
fn bytes(n: u64) -> f64 {
    n as f64
}

/// The serving process with all below it.
#[derive(Debug)]
struct Process {
    family: Family,
    /// Processor seconds of each, as they were last seen: what a process used stays used when it ends.
    seconds: BTreeMap<u32, f64>,
    ended: f64,
}

impl Process {
    fn of(serving: Serving) -> Self {
        Self { family: Family::new(serving), seconds: BTreeMap::new(), ended: 0.0 }
    }

    /// Processor seconds since it began, and bytes of memory.
    fn look(&mut self, system: &mut System, reading: &Reading) -> Result<(f64, f64), Absent> {
        let pids: Vec<Pid> = self.family.pids(reading.at)?.iter().map(|pid| Pid::from_u32(*pid)).collect();
        let kind = ProcessRefreshKind::nothing().with_cpu().with_memory();
        system.refresh_processes_specifics(ProcessesToUpdate::Some(&pids), true, kind);
        let mut now = BTreeMap::new();
        let mut memory = 0.0;
        for process in pids.iter().filter_map(|pid| system.process(*pid)) {
            let seconds = Duration::from_millis(process.accumulated_cpu_time()).as_secs_f64();
            now.insert(process.pid().as_u32(), seconds);
            memory += bytes(process.memory());
        }
        if now.is_empty() {
            return Err(absent(Absence::NoDevice, "the process ended"));
        }
        Ok((self.count(now), memory))
    }

    /// The sum over all that are and were.
    fn count(&mut self, now: BTreeMap<u32, f64>) -> f64 {
        for (pid, before) in &self.seconds {
            // A number that is used again is another process, which begins at less.
            if now.get(pid).is_none_or(|seconds| seconds < before) {
                self.ended += before;
            }
        }
        self.seconds = now;
        self.ended + self.seconds.values().sum::<f64>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Source, read};

    #[test]
    fn this_machine_and_this_process_are_seen() {
        let settings = Settings { every: Duration::from_secs(1), serving: Some(Serving::Pid(std::process::id())) };
        let mut probe = settings.open();
        let first = probe.look();
        let host = first.host.clone().unwrap();
        assert_eq!((host.cpu, first.devices[0].busy.len()), (None, 0), "no difference yet");
        assert!(host.memory_used.unwrap().value <= host.memory_total.unwrap().value);
        assert!(host.process_memory.unwrap().value > 0.0, "{:?}", first.absent);
        let second = probe.look();
        let (before, after) = (host.process_cpu.unwrap().value, second.host.unwrap().process_cpu.unwrap().value);
        assert!(after >= before, "{before} {after}");
        assert!(second.at > first.at);
    }

    #[test]
    fn what_a_process_used_stays_used_when_it_ends() {
        let mut process = Process::of(Serving::Pid(1));
        assert_eq!(process.count(BTreeMap::from([(1, 10.0), (2, 5.0)])), 15.0);
        assert_eq!(process.count(BTreeMap::from([(1, 12.0)])), 17.0);
        assert_eq!(process.count(BTreeMap::from([(1, 1.0), (3, 1.0)])), 19.0, "another process under its number");
    }

    #[test]
    fn a_process_that_is_not_there_is_an_absence() {
        let settings = Settings { every: Duration::from_secs(1), serving: Some(Serving::Pid(u32::MAX - 7)) };
        let reading = settings.open().look();
        let told: Vec<_> = reading.absent.iter().filter(|a| a.what == "process_cpu").map(|a| a.why).collect();
        assert_eq!((told, reading.host.unwrap().process_cpu), (vec![Absence::NoDevice], None));
    }

    #[test]
    fn fields() {
        let built = |text: &str| {
            let built = read(&Source::inline("c", text), |s| {
                let built = build(s);
                s.finish();
                built
            });
            built.map(|m| m.fingerprint()).map_err(|p| p.iter().map(ToString::to_string).collect::<String>())
        };
        assert_eq!(built("port = 8000\nevery = \"2s\""), Ok("host 2s Some(Port(8000))".into()));
        assert_eq!(built("").map(|f| f.ends_with("None")), Ok(true));
        assert!(built("every = \"20ms\"").unwrap_err().contains("at least \"200ms\""));
        assert!(built("pid = 1\nport = 1").unwrap_err().contains("found both"));
    }
}
