//! What one look of a meter brings.

use crate::domain::{Nanos, Quality};
use std::fmt;
use std::sync::Arc;

/// A device by its UUID as the driver spells it (`GPU-…`, `MIG-…`), or by what stands for one where there is none
/// (`rapl:package-0`).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DeviceId(pub Arc<str>);

impl DeviceId {
    /// Of this text.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(Arc::from(text))
    }

    /// Its text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for DeviceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A value with how it was come by.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Value {
    /// In the unit its field says.
    pub value: f64,
    /// [`Quality::Absent`] never stands here: what is absent is not there.
    pub quality: Quality,
}

impl Value {
    /// A measured value; none where it is not a finite number.
    #[must_use]
    pub fn measured(value: f64) -> Option<Self> {
        value.is_finite().then_some(Self { value, quality: Quality::Measured })
    }

    /// An estimated value; none where it is not a finite number.
    #[must_use]
    pub fn estimated(value: f64) -> Option<Self> {
        value.is_finite().then_some(Self { value, quality: Quality::Estimated })
    }
}

/// Kinds of "busy": they differ by an order of magnitude on one and the same card, so no figure goes without its kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Busy {
    /// Share of time in which at least one kernel ran (NVML's `utilization.gpu`).
    KernelActive,
    /// Share of the multiprocessors that had a warp (GPM, DCGM).
    SmActive,
    /// Share of cycles in which the tensor pipe was active (GPM, DCGM).
    TensorActive,
    /// Share of cycles in which the memory interface was active (GPM, DCGM).
    DramActive,
    /// Share of the processors' time (host).
    CpuActive,
}

impl Busy {
    /// The closed set.
    pub const ALL: [Self; 5] =
        [Self::KernelActive, Self::SmActive, Self::TensorActive, Self::DramActive, Self::CpuActive];

    /// The metric label.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::KernelActive => "kernel_active",
            Self::SmActive => "sm_active",
            Self::TensorActive => "tensor_active",
            Self::DramActive => "dram_active",
            Self::CpuActive => "cpu_active",
        }
    }
}

/// One device as it was seen.
#[derive(Debug, Clone, PartialEq)]
pub struct Device {
    /// Who.
    pub id: DeviceId,
    /// The product's name.
    pub name: String,
    /// Its place on the host, where it has one.
    pub index: Option<u32>,
    /// The host it is in, where the meter looks at others' hosts too.
    pub host: Option<String>,
    /// Of a slice (MIG): the whole device.
    pub parent: Option<DeviceId>,
    /// The pod it was given to, `namespace/name`.
    pub pod: Option<String>,
    /// Processes on it, with the bytes of memory of each, where the driver tells.
    pub processes: Vec<(u32, Option<u64>)>,
    /// How busy it was, each a share from 0 to 1 of the time since the look before.
    pub busy: Vec<(Busy, Value)>,
    /// Bytes.
    pub memory_used: Option<Value>,
    /// Bytes.
    pub memory_total: Option<Value>,
    /// Watts.
    pub power: Option<Value>,
    /// Joules since the counter's own beginning; it may begin anew (driver reload).
    pub energy: Option<Value>,
    /// Degrees Celsius.
    pub temperature: Option<Value>,
    /// Hertz of the multiprocessors.
    pub clock: Option<Value>,
    /// Why it is slowed down, by closed words (`power_cap`, `thermal`, `hw_slowdown`, …); empty when it is not.
    pub throttled: Vec<&'static str>,
}

impl Device {
    /// A device of which nothing else is known yet.
    #[must_use]
    pub const fn new(id: DeviceId) -> Self {
        Self {
            id,
            name: String::new(),
            index: None,
            host: None,
            parent: None,
            pod: None,
            processes: Vec::new(),
            busy: Vec::new(),
            memory_used: None,
            memory_total: None,
            power: None,
            energy: None,
            temperature: None,
            clock: None,
            throttled: Vec::new(),
        }
    }
}

/// What a serving engine says of itself. None: it does not say.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Engine {
    /// The engine (`vllm`, `sglang`, `llama.cpp`, `tgi`) as its metrics give it away.
    pub name: &'static str,
    /// Requests being worked on.
    pub running: Option<f64>,
    /// Requests that wait.
    pub waiting: Option<f64>,
    /// Share of the KV cache in use, 0 to 1.
    pub cache_used: Option<f64>,
    /// Prompt tokens found in the prefix cache, a counter.
    pub cache_hits: Option<f64>,
    /// Prompt tokens looked for in it, a counter.
    pub cache_queries: Option<f64>,
    /// Requests put back for want of memory, a counter.
    pub preemptions: Option<f64>,
    /// Prompt tokens read, a counter.
    pub tokens_in: Option<f64>,
    /// Tokens written, a counter.
    pub tokens_out: Option<f64>,
}

/// The machine that assayd or the server runs on.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Host {
    /// Share of all processors' time that was used, 0 to 1, since the look before.
    pub cpu: Option<Value>,
    /// Bytes.
    pub memory_used: Option<Value>,
    /// Bytes.
    pub memory_total: Option<Value>,
    /// Processor seconds of the serving process and its children since they began; a counter.
    pub process_cpu: Option<Value>,
    /// Bytes of memory of the serving process and its children.
    pub process_memory: Option<Value>,
}

/// Why something can't be read: a closed set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Absence {
    /// There is no driver or library here.
    NoLibrary,
    /// The library is there and not what it should be.
    WrongLibrary,
    /// The driver does not run.
    NoDriver,
    /// There is no such device.
    NoDevice,
    /// This driver or device does not have it (a missing symbol, too).
    NotSupported,
    /// It is there, and not for us.
    NoPermission,
    /// The device fell off the bus, or is being reset.
    Lost,
    /// The endpoint does not answer.
    Unreachable,
    /// What it answered can't be read.
    Unreadable,
    /// What it said makes no sense (a blank, a negative power).
    Nonsense,
    /// Anything else.
    Other,
}

impl Absence {
    /// The closed set.
    pub const ALL: [Self; 11] = [
        Self::NoLibrary,
        Self::WrongLibrary,
        Self::NoDriver,
        Self::NoDevice,
        Self::NotSupported,
        Self::NoPermission,
        Self::Lost,
        Self::Unreachable,
        Self::Unreadable,
        Self::Nonsense,
        Self::Other,
    ];

    /// The word in records and labels.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::NoLibrary => "no_library",
            Self::WrongLibrary => "wrong_library",
            Self::NoDriver => "no_driver",
            Self::NoDevice => "no_device",
            Self::NotSupported => "not_supported",
            Self::NoPermission => "no_permission",
            Self::Lost => "lost",
            Self::Unreachable => "unreachable",
            Self::Unreadable => "unreadable",
            Self::Nonsense => "nonsense",
            Self::Other => "other",
        }
    }
}

/// Something that was looked for and not found.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Absent {
    /// Which figure, by its field's name (`power`, `energy`, `sm_active`), or `all`.
    pub what: &'static str,
    /// Of which device; none: of the meter as a whole.
    pub device: Option<DeviceId>,
    /// Why.
    pub why: Absence,
    /// The words of the driver or library, for people; never a label.
    pub detail: String,
}

/// What one look brought.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// When, on the exchanges' clock.
    pub at: Nanos,
    /// The devices that were seen.
    pub devices: Vec<Device>,
    /// What a serving engine says of itself.
    pub engine: Option<Engine>,
    /// The machine.
    pub host: Option<Host>,
    /// What is not there, and why.
    pub absent: Vec<Absent>,
}

impl Reading {
    /// One of which nothing is known yet.
    #[must_use]
    pub const fn new(at: Nanos) -> Self {
        Self { at, devices: Vec::new(), engine: None, host: None, absent: Vec::new() }
    }
}
