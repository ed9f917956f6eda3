//! The table's part on this process: what it pushes, and what the system says of it.

use super::{Kind, Metric};
use Kind::{Counter, Gauge};

/// How exports by OTLP went since this process began.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Exports {
    /// Taken whole.
    pub ok: u64,
    /// Taken in part.
    pub partial: u64,
    /// Refused with a status that is not tried again.
    pub refused: u64,
    /// Given up: nobody was reached, or was ready in time.
    pub failed: u64,
    /// Points that were not taken, of exports that were taken in part.
    pub rejected_points: u64,
}

impl Exports {
    /// The results, by their label.
    #[must_use]
    pub const fn results(&self) -> [(&'static str, u64); 4] {
        let Self { ok, partial, refused, failed, rejected_points: _ } = *self;
        [("ok", ok), ("partial", partial), ("refused", refused), ("failed", failed)]
    }
}

/// Of this process.
pub const METRICS: &[Metric] = &[
    Metric {
        name: "assayd_otlp_exports_total",
        help: "Exports of these metrics by OTLP, by result",
        definition: "`ok`: taken; `partial`: taken in part; `refused`: a status that is not tried again; `failed`: nobody was \
                     reached, or was ready in time. Tries of one export count once. Absent without `[otlp]`.",
        kind: Counter,
        unit: "exports",
        labels: &["result"],
        read: |v, s| v.exports.iter().flat_map(Exports::results).for_each(|(result, n)| s.count(&[result], n)),
    },
    Metric {
        name: "assayd_otlp_rejected_points_total",
        help: "Points that a receiver of OTLP did not take of exports that it took in part",
        definition: "Absent without `[otlp]`.",
        kind: Counter,
        unit: "points",
        labels: &[],
        read: |v, s| v.exports.iter().for_each(|exports| s.count(&[], exports.rejected_points)),
    },
    Metric {
        name: "process_cpu_seconds_total",
        help: "Total user and system CPU time spent in seconds",
        definition: "",
        kind: Counter,
        unit: "seconds",
        labels: &[],
        read: |v, s| v.process.iter().for_each(|p| s.value(&[], p.cpu_seconds)),
    },
    Metric {
        name: "process_resident_memory_bytes",
        help: "Resident memory size in bytes",
        definition: "",
        kind: Gauge,
        unit: "bytes",
        labels: &[],
        read: |v, s| v.process.iter().for_each(|p| s.count(&[], p.resident_bytes)),
    },
    Metric {
        name: "process_start_time_seconds",
        help: "Start time of the process since the Unix epoch in seconds",
        definition: "",
        kind: Gauge,
        unit: "seconds",
        labels: &[],
        read: |v, s| v.process.iter().for_each(|p| s.count(&[], p.start_seconds)),
    },
    Metric {
        name: "process_open_fds",
        help: "Number of open file descriptors",
        definition: "",
        kind: Gauge,
        unit: "files",
        labels: &[],
        read: |v, s| v.process.iter().filter_map(|p| p.open_fds).for_each(|n| s.count(&[], n)),
    },
    Metric {
        name: "process_max_fds",
        help: "Maximum number of open file descriptors",
        definition: "",
        kind: Gauge,
        unit: "files",
        labels: &[],
        read: |v, s| v.process.iter().filter_map(|p| p.max_fds).for_each(|n| s.count(&[], n)),
    },
];
