//! Which devices serve a target, and which share of them: read from the fields that all meters have in common.
//!
//! `devices` names them by UUID or by index as text, `pods` by whom they were given to (`namespace/name`, with `*` and `?`).
//! Without either it is every whole device that the meter sees. A device that serves others too is split: by a declared
//! share, evenly among the processes on it, or by their memory.

use super::serving::{Family, Serving};
use super::{Device, Meter};
use crate::config::{Expected, Section, Value, matches};
use std::collections::BTreeSet;
use std::sync::Arc;
use toml::de::DeValue;

/// Kinds that see no devices, so that there is nothing to attribute.
const NO_DEVICES: [&str; 2] = [super::engine::KIND.name, super::none::KIND.name];

/// Kinds that tell of the processes on a device.
const TELL_PROCESSES: [&str; 1] = ["nvml"];

/// A meter of a target.
#[derive(Debug, Clone)]
pub struct Metered {
    /// Its kind's name.
    pub kind: &'static str,
    /// The meter.
    pub meter: Arc<dyn Meter>,
    /// What of it is the target's.
    pub attribution: Attribution,
}

impl Metered {
    /// Reads all meters of a target out of `[target.NAME.meter]`; none after problems were noted. Without one there are none.
    pub fn build(section: &Section<'_>) -> Option<Vec<Self>> {
        let Some(table) = section.section("meter") else { return (!section.has("meter")).then(Vec::new) };
        let mut all = Some(Vec::new());
        let mut there = false;
        for kind in super::KINDS {
            let Some(inner) = table.section(kind.name) else {
                if table.has(kind.name) {
                    (all, there) = (None, true);
                }
                continue;
            };
            there = true;
            let attribution =
                if NO_DEVICES.contains(&kind.name) { Some(Attribution::default()) } else { Attribution::build(&inner) };
            let meter = (kind.build)(&inner);
            let by_processes =
                attribution.as_ref().is_some_and(|a| matches!(a.share, Share::Processes | Share::Memory));
            if by_processes && !TELL_PROCESSES.contains(&kind.name) {
                let message = format!("a meter of the kind {} does not tell of processes", kind.name);
                inner.problem("share", message, Some("declare a share, such as \"50%\"".into()));
                all = None;
            }
            inner.finish();
            match (meter, attribution, &mut all) {
                (Some(meter), Some(attribution), Some(all)) => all.push(Self { kind: kind.name, meter, attribution }),
                _ => all = None,
            }
        }
        // Whoever misspelt a kind is told of that alone.
        if !there && section.section("meter").is_some_and(|table| table.entries().is_empty()) {
            let names: Vec<&str> = super::KINDS.iter().map(|kind| kind.name).collect();
            let message = format!("expected at least one of {}", names.join(", "));
            table.problem_here(message, Some(format!("such as [{}.none]", table.path())));
        }
        table.finish();
        all.filter(|_| there)
    }
}

/// What of a device is counted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Share {
    /// All of it.
    Whole,
    /// So much, from 0 to 1, as the configuration says.
    Declared(f64),
    /// An even part for each process on it; ours are counted, or one where it is not said which they are.
    Processes,
    /// Our processes' part of the memory that all processes on it have.
    Memory,
}

/// Which devices of a meter are a target's, and which share.
#[derive(Debug, Clone, PartialEq)]
pub struct Attribution {
    /// UUIDs, or indexes as text; empty: all.
    pub devices: Vec<String>,
    /// Patterns over `namespace/name`; empty: whatever pod it is.
    pub pods: Vec<String>,
    /// How much of each.
    pub share: Share,
    /// The serving process, where the share goes by processes.
    pub serving: Option<Serving>,
}

impl Default for Attribution {
    fn default() -> Self {
        Self { devices: Vec::new(), pods: Vec::new(), share: Share::Whole, serving: None }
    }
}

impl Attribution {
    /// Reads `devices`, `pods`, `share`, and with a share by processes or memory `pid` or `port`. None after a problem.
    pub fn build(section: &Section<'_>) -> Option<Self> {
        let list = |key: &'static str| {
            let list = section.or(key, Vec::<String>::new())?;
            if section.has(key) && (list.is_empty() || list.iter().any(|text| text.trim().is_empty())) {
                section.problem(key, "expected at least one, none of them empty", Some("leave it out for all".into()));
                return None;
            }
            Some(list)
        };
        let (devices, pods) = (list("devices"), list("pods"));
        if let Some(bad) = pods.iter().flatten().find(|pod| !pod.contains('/')) {
            let hint = format!("write \"NAMESPACE/{bad}\", or \"*/{bad}\"");
            section.problem("pods", format!("expected namespace/name, found {bad:?}"), Some(hint));
            return None;
        }
        let share = section.or("share", Share::Whole);
        let serving = match share {
            Some(Share::Processes | Share::Memory) => Serving::build(section),
            _ => Some(None),
        };
        if share == Some(Share::Memory) && serving == Some(None) {
            section.missing("port", "share = \"memory\" needs the serving process: its port, or its pid");
            return None;
        }
        Some(Self { devices: devices?, pods: pods?, share: share?, serving: serving? })
    }

    /// In a few words, for people; nothing where it is all of every device.
    #[must_use]
    pub fn describe(&self) -> String {
        let Self { devices, pods, share, serving } = self;
        let mut parts = Vec::new();
        parts.extend((!devices.is_empty()).then(|| devices.join(", ")));
        parts.extend((!pods.is_empty()).then(|| format!("pods {}", pods.join(", "))));
        let who = match serving {
            None => String::new(),
            Some(Serving::Pid(pid)) => format!(" of process {pid}"),
            Some(Serving::Port(port)) => format!(" of the server at port {port}"),
        };
        match share {
            Share::Whole => {}
            Share::Declared(share) => parts.push(format!("{} % of each", share * 100.0)),
            Share::Processes => parts.push(format!("by the processes{who}")),
            Share::Memory => parts.push(format!("by the memory{who}")),
        }
        parts.join("; ")
    }

    /// Whether what belongs to it can change while a meter looks.
    pub(super) const fn changes(&self) -> bool {
        !self.pods.is_empty() || matches!(self.share, Share::Processes | Share::Memory)
    }

    /// Whether a device is one of those named.
    #[must_use]
    pub fn names(&self, device: &Device) -> bool {
        let by_name = |name: &String| {
            *name == *device.id.as_str() || device.index.is_some_and(|index| index.to_string() == *name)
        };
        match (self.devices.is_empty(), self.pods.is_empty()) {
            // A slice is part of its whole device: both would count it twice.
            (true, true) => device.parent.is_none(),
            (true, false) => true,
            // Slices have their whole device's index: they are named by their own names.
            (false, _) => self
                .devices
                .iter()
                .any(|name| by_name(name) && (device.parent.is_none() || *name == *device.id.as_str())),
        }
    }

    /// The share of a device that is ours, from 0 to 1, at a look; none where it is not ours, or nobody can tell.
    pub(super) fn weight(&self, device: &Device, ours: &BTreeSet<u32>) -> Option<f64> {
        if !self.names(device) {
            return None;
        }
        if !self.pods.is_empty() {
            let pod = device.pod.as_deref()?;
            if !self.pods.iter().any(|pattern| matches(pattern, pod)) {
                return None;
            }
        }
        match self.share {
            Share::Whole | Share::Declared(_) => Some(1.0),
            Share::Processes => {
                let all = count(device.processes.len());
                let mine = match self.serving {
                    None => 1.0,
                    Some(_) => count(device.processes.iter().filter(|(pid, _)| ours.contains(pid)).count()),
                };
                (all > 0.0).then(|| mine / all)
            }
            Share::Memory => {
                let bytes = |(_, memory): &(u32, Option<u64>)| memory.map(wide);
                let all = device.processes.iter().map(bytes).sum::<Option<f64>>().filter(|all| *all > 0.0)?;
                let mine = device.processes.iter().filter(|(pid, _)| ours.contains(pid));
                Some(mine.filter_map(bytes).sum::<f64>() / all)
            }
        }
    }

    /// The declared share, which is applied to what a window came to.
    pub(super) const fn declared(&self) -> f64 {
        if let Share::Declared(share) = self.share { share } else { 1.0 }
    }

    /// Who looks up our processes, where the share goes by them.
    pub(super) fn family(&self) -> Option<Family> {
        self.serving.map(Family::new)
    }
}

#[expect(clippy::cast_precision_loss, reason = "a number of processes")]
fn count(n: usize) -> f64 {
    n as f64
}

#[expect(clippy::cast_precision_loss, reason = "bytes of memory, for a share")]
fn wide(n: u64) -> f64 {
    n as f64
}

impl Value for Share {
    fn expected() -> String {
        "a share such as \"50%\", or \"processes\", or \"memory\"".into()
    }
    fn read(value: &DeValue<'_>) -> Result<Self, Expected> {
        let wrong = |hint: Option<&str>| Expected { expected: Self::expected(), hint: hint.map(str::to_owned) };
        let DeValue::String(text) = value else { return Err(wrong(None)) };
        match text.trim() {
            "processes" => Ok(Self::Processes),
            "memory" => Ok(Self::Memory),
            percent => {
                let number = percent.strip_suffix('%').and_then(|number| number.trim().parse::<f64>().ok());
                match number {
                    Some(100.0) => Ok(Self::Whole),
                    Some(percent) if percent > 0.0 && percent < 100.0 => Ok(Self::Declared(percent / 100.0)),
                    Some(_) => Err(wrong(Some("a share is more than 0% and at most 100%"))),
                    None => Err(wrong(None)),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Source, read};
    use crate::telemetry::DeviceId;

    fn built(text: &str) -> Result<Attribution, String> {
        let source = Source::inline("c", text);
        let all = read(&source, |s| {
            let built = Attribution::build(s);
            s.finish();
            built
        });
        all.map_err(|problems| problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
    }

    fn device(id: &str, index: u32) -> Device {
        Device { index: Some(index), ..Device::new(DeviceId::new(id)) }
    }

    #[test]
    fn fields_are_read_and_mistakes_are_told() {
        let all = built("devices = [\"GPU-a\", \"1\"]\npods = [\"llm/vllm-*\"]\nshare = \"25 %\"\n").unwrap();
        assert_eq!(all.share, Share::Declared(0.25));
        assert_eq!((all.devices.len(), all.pods.len(), all.changes()), (2, 1, true));
        assert_eq!(built("").unwrap(), Attribution::default());
        assert_eq!(built("share = \"100%\"").unwrap().share, Share::Whole);
        let memory = built("share = \"memory\"\nport = 8000").unwrap();
        assert_eq!((memory.share, memory.serving), (Share::Memory, Some(Serving::Port(8000))));
        assert_eq!(memory.describe(), "by the memory of the server at port 8000");
        assert_eq!(all.describe(), "GPU-a, 1; pods llm/vllm-*; 25 % of each");
        for (text, told) in [
            ("devices = []", "expected at least one"),
            ("pods = [\"a\"]", "write \"NAMESPACE/a\""),
            ("share = \"0%\"", "more than 0%"),
            ("share = 0.5", "expected a share such as"),
            ("share = \"memory\"", "needs the serving process"),
            ("share = \"processes\"\npid = 1\nport = 2", "found both"),
            ("share = \"processes\"\nport = 99999", "from 1 to 65535"),
            ("pid = 1", "is not a known field"),
        ] {
            assert!(built(text).unwrap_err().contains(told), "{text}: {}", built(text).unwrap_err());
        }
    }

    #[test]
    fn devices_are_named_by_uuid_or_index_and_slices_by_uuid_only() {
        let slice = Device { parent: Some(DeviceId::new("GPU-a")), ..device("MIG-1", 0) };
        let of = |devices: &[&str]| Attribution {
            devices: devices.iter().map(|d| (*d).to_owned()).collect(),
            ..Attribution::default()
        };
        assert!(of(&[]).names(&device("GPU-a", 0)) && !of(&[]).names(&slice));
        assert!(of(&["0"]).names(&device("GPU-a", 0)) && !of(&["0"]).names(&device("GPU-b", 1)));
        assert!(!of(&["0"]).names(&slice) && of(&["MIG-1"]).names(&slice));
    }

    #[test]
    fn shares_by_pod_process_and_memory() {
        let mut gpu = device("GPU-a", 0);
        gpu.processes = vec![(10, Some(300)), (11, Some(100)), (12, Some(400))];
        gpu.pod = Some("llm/vllm-7f9".into());
        let ours = BTreeSet::from([10, 11]);
        let pods = |pods: &str| Attribution { pods: vec![pods.into()], ..Attribution::default() };
        assert_eq!(pods("llm/vllm-*").weight(&gpu, &ours), Some(1.0));
        assert_eq!(pods("llm/other").weight(&gpu, &ours), None);
        let by = |share, serving| Attribution { share, serving, ..Attribution::default() };
        let served = Some(Serving::Port(1));
        assert_eq!(by(Share::Processes, served).weight(&gpu, &ours), Some(2.0 / 3.0));
        assert_eq!(by(Share::Processes, None).weight(&gpu, &ours), Some(1.0 / 3.0));
        assert_eq!(by(Share::Memory, served).weight(&gpu, &ours), Some(0.5));
        assert_eq!(by(Share::Memory, served).weight(&gpu, &BTreeSet::new()), Some(0.0));
        gpu.processes = vec![(10, None)];
        assert_eq!(by(Share::Memory, served).weight(&gpu, &ours), None, "nobody tells");
        gpu.processes.clear();
        assert_eq!(by(Share::Processes, served).weight(&gpu, &ours), None);
    }
}
