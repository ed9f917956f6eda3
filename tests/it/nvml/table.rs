//! The scenarios: how the driver is, and what has to be read of it. A line of `state` overrides what is usual (`fake::USUAL`).

use super::fake::Library::{self, Cut, Empty, Fake, Folder, Half, Nowhere, Other, Text, Without};

/// What a value has to be.
#[derive(Debug, Clone, Copy)]
pub enum Is {
    /// This number.
    Number(f64),
    /// Within 5 % of this: what came by a buffer is as near as two clocks that are read one after the other let it be.
    Near(f64),
    /// This text.
    Text(&'static str),
    /// This JSON.
    Json(&'static str),
}
use Is::{Json, Near, Number as N, Text as T};

/// One scenario.
#[derive(Debug)]
pub struct Scenario {
    /// Its name.
    pub name: &'static str,
    /// The library.
    pub library: Library,
    /// How the driver is.
    pub state: &'static [&'static str],
    /// Devices that are seen, slices among them.
    pub devices: usize,
    /// All that is missing, of whichever device, and why.
    pub lacks: &'static [(&'static str, &'static str)],
    /// Values by their JSON pointers.
    pub is: &'static [(&'static str, Is)],
}

type Lacks = &'static [(&'static str, &'static str)];
type Values = &'static [(&'static str, Is)];

/// The fake in such a state.
const fn fake(
    name: &'static str,
    state: &'static [&'static str],
    devices: usize,
    lacks: Lacks,
    is: Values,
) -> Scenario {
    Scenario { name, library: Fake, state, devices, lacks, is }
}

/// A library that gives nothing.
const fn no(name: &'static str, library: Library, lacks: Lacks) -> Scenario {
    Scenario { name, library, state: &[], devices: 0, lacks, is: &[] }
}

/// The fake without functions.
const fn old(name: &'static str, without: &'static [&'static str], lacks: Lacks, is: Values) -> Scenario {
    Scenario { name, library: Without(without), state: &[], devices: 1, lacks, is }
}

const GPM: Lacks = &[("sm_active", UN), ("tensor_active", UN), ("dram_active", UN)];
const MEMORY: Lacks = &[("memory_used", UN), ("memory_total", UN)];
const UN: &str = "not_supported";
const NO: &str = "no_permission";
const BAD: &str = "nonsense";

const POWER: &str = "/devices/0/power_watts/value";
const KERNEL: &str = "/devices/0/busy/kernel_active/value";
const SM: &str = "/devices/0/busy/sm_active/value";
const NAME: &str = "/devices/0/name";

/// The table.
pub const SCENARIOS: &[Scenario] = &[
    // A card of which everything is known.
    fake(
        "all of it",
        &["gpu.0.mem_used=21474836480", "gpu.0.processes=4711:1073741824,4712:-", "gpu.0.energy_mj=5000500"],
        1,
        &[],
        &[
            (KERNEL, Near(0.37)),
            ("/devices/0/busy/kernel_active/quality", T("measured")),
            (SM, N(0.5)),
            ("/devices/0/busy/tensor_active/value", N(0.25)),
            ("/devices/0/busy/dram_active/value", N(0.4)),
            (POWER, N(250.0)),
            ("/devices/0/energy_joules/value", N(5000.5)),
            ("/devices/0/memory_used_bytes/value", N(21_474_836_480.0)),
            ("/devices/0/memory_total_bytes/value", N(85_899_345_920.0)),
            ("/devices/0/temperature_celsius/value", N(61.0)),
            ("/devices/0/clock_hertz/value", N(1.98e9)),
            ("/devices/0/processes/0/pid", N(4711.0)),
            ("/devices/0/processes/0/memory_bytes", N(1_073_741_824.0)),
            ("/devices/0/processes/1/memory_bytes", Json("null")),
            ("/devices/0/throttled", Json("[]")),
            ("/devices/0/index", N(0.0)),
            ("/devices/0/uuid", T("GPU-00000000-0000-0000-0000-000000000000")),
            (NAME, T("FAKE GPU (tests)")),
        ],
    ),
    // Libraries that are none.
    no("no library", Nowhere, &[("all", "no_library")]),
    no("a text for a library", Text, &[("all", "wrong_library")]),
    no("nothing for a library", Empty, &[("all", "wrong_library")]),
    no("a library that is cut off", Cut, &[("all", "wrong_library")]),
    no("half a library", Half, &[("all", "wrong_library")]),
    no("a folder for a library", Folder, &[("all", "wrong_library")]),
    no("another library", Other, &[("all", "wrong_library")]),
    // A driver that does not come up.
    fake("driver not loaded", &["fail.nvmlInit_v2=9"], 0, &[("all", "no_driver")], &[]),
    fake("driver and library differ", &["fail.nvmlInit_v2=18"], 0, &[("all", "no_driver")], &[]),
    fake("not for us", &["fail.nvmlInit_v2=4"], 0, &[("all", NO)], &[]),
    fake("in a container without the device", &["fail.nvmlInit_v2=17"], 0, &[("all", NO)], &[]),
    fake("an unknown error at the start", &["fail.nvmlInit_v2=999"], 0, &[("all", "other")], &[]),
    fake("a code from the future at the start", &["fail.nvmlInit_v2=77"], 0, &[("all", "other")], &[]),
    // How many cards there are.
    fake("no card", &["count=0"], 0, &[("all", "no_device")], &[]),
    fake(
        "two cards",
        &["count=2", "gpu.1.gpm=1", "gpu.1.util=90"],
        2,
        &[],
        &[("/devices/1/busy/kernel_active/value", Near(0.9))],
    ),
    fake(
        "eight cards, one of them with GPM",
        &["count=8"],
        8,
        GPM,
        &[("/devices/7/index", N(7.0)), ("/devices/7/power_watts/value", N(100.0))],
    ),
    fake("a number of cards that is none", &["count=4294967295"], 0, &[("all", BAD)], &[]),
    fake("the count is not for us", &["fail.nvmlDeviceGetCount_v2=4"], 0, &[("all", NO)], &[]),
    fake(
        "one of two cards is not for us",
        &["count=2", "fail.gpu.1.nvmlDeviceGetHandleByIndex_v2=4"],
        1,
        &[("all", NO)],
        &[(POWER, N(250.0)), ("/absent/0/device", T("nvml:1"))],
    ),
    fake(
        "one of two cards is lost",
        &["count=2", "fail.gpu.1.nvmlDeviceGetPowerUsage=15"],
        1,
        &[("all", "lost")],
        &[(POWER, N(250.0))],
    ),
    fake("a card waits for its reset", &["fail.gpu.0.nvmlDeviceGetUUID=16"], 0, &[("all", "lost")], &[]),
    fake("the only card is lost", &["fail.nvmlDeviceGetTemperature=15"], 0, &[("all", "lost")], &[]),
    // Symbols that are missing, one by one.
    no("without nvmlInit_v2", Without(&["nvmlInit_v2"]), &[("all", "wrong_library")]),
    no("without the count", Without(&["nvmlDeviceGetCount_v2"]), &[("all", UN)]),
    no("without handles", Without(&["nvmlDeviceGetHandleByIndex_v2"]), &[("all", UN)]),
    old("without nvmlShutdown", &["nvmlShutdown"], &[], &[(POWER, N(250.0))]),
    old("without the driver's version", &["nvmlSystemGetDriverVersion"], &[], &[(POWER, N(250.0))]),
    old("without names", &["nvmlDeviceGetName"], &[("name", UN)], &[(NAME, T("")), (POWER, N(250.0))]),
    old(
        "without UUIDs",
        &["nvmlDeviceGetUUID"],
        &[("uuid", UN)],
        &[("/devices/0/uuid", T("nvml:0")), (POWER, N(250.0))],
    ),
    old("without samples", &["nvmlDeviceGetSamples"], &[], &[(KERNEL, Near(0.37))]),
    old("without utilisation, with samples", &["nvmlDeviceGetUtilizationRates"], &[], &[(KERNEL, Near(0.37))]),
    old(
        "without utilisation and samples",
        &["nvmlDeviceGetUtilizationRates", "nvmlDeviceGetSamples"],
        &[("kernel_active", UN)],
        &[(SM, N(0.5))],
    ),
    old("without power", &["nvmlDeviceGetPowerUsage"], &[("power", UN)], &[(KERNEL, Near(0.37))]),
    old("without energy", &["nvmlDeviceGetTotalEnergyConsumption"], &[("energy", UN)], &[(POWER, Near(250.0))]),
    old("without temperature", &["nvmlDeviceGetTemperature"], &[("temperature", UN)], &[(POWER, N(250.0))]),
    old("without clocks", &["nvmlDeviceGetClockInfo"], &[("clock", UN)], &[(POWER, N(250.0))]),
    old("without throttle reasons", &["nvmlDeviceGetCurrentClocksThrottleReasons"], &[("throttled", UN)], &[]),
    old("without memory", &["nvmlDeviceGetMemoryInfo_v2"], MEMORY, &[(POWER, N(250.0))]),
    old("without processes", &["nvmlDeviceGetComputeRunningProcesses_v3"], &[("processes", UN)], &[(POWER, N(250.0))]),
    old("without drawing processes", &["nvmlDeviceGetGraphicsRunningProcesses_v3"], &[], &[(POWER, N(250.0))]),
    old("without MPS", &["nvmlDeviceGetMPSComputeRunningProcesses_v3"], &[], &[(POWER, N(250.0))]),
    old("without MIG", &["nvmlDeviceGetMaxMigDeviceCount"], &[], &[(POWER, N(250.0))]),
    old("without handles of slices", &["nvmlDeviceGetMigDeviceHandleByIndex"], &[], &[(POWER, N(250.0))]),
    old("without asking for GPM", &["nvmlGpmQueryDeviceSupport"], GPM, &[(KERNEL, Near(0.37))]),
    old("without snapshots", &["nvmlGpmSampleAlloc"], GPM, &[(KERNEL, Near(0.37))]),
    // The wrapper would panic here.
    old("without freeing snapshots", &["nvmlGpmSampleFree"], GPM, &[(KERNEL, Near(0.37))]),
    old("without taking snapshots", &["nvmlGpmSampleGet"], GPM, &[(KERNEL, Near(0.37))]),
    old("without GPM's metrics", &["nvmlGpmMetricsGet"], GPM, &[(KERNEL, Near(0.37))]),
    // What this card does not have, one by one.
    fake(
        "no energy counter",
        &["fail.nvmlDeviceGetTotalEnergyConsumption=3"],
        1,
        &[("energy", UN)],
        &[(POWER, Near(250.0)), ("/devices/0/power_watts/quality", T("measured"))],
    ),
    fake(
        "no energy counter and no samples of power",
        &["fail.nvmlDeviceGetTotalEnergyConsumption=3", "gpu.0.power_samples=0"],
        1,
        &[("energy", UN)],
        &[(POWER, N(250.0))],
    ),
    fake("no power", &["fail.nvmlDeviceGetPowerUsage=3"], 1, &[("power", UN)], &[(KERNEL, Near(0.37))]),
    fake("no samples", &["gpu.0.samples=0"], 1, &[], &[(KERNEL, Near(0.37))]),
    fake(
        "no utilisation at all",
        &["gpu.0.samples=0", "fail.nvmlDeviceGetUtilizationRates=3"],
        1,
        &[("kernel_active", UN)],
        &[(SM, N(0.5))],
    ),
    fake("no memory", &["fail.nvmlDeviceGetMemoryInfo_v2=3"], 1, MEMORY, &[(POWER, N(250.0))]),
    fake("no temperature", &["fail.nvmlDeviceGetTemperature=3"], 1, &[("temperature", UN)], &[]),
    fake("no clock", &["fail.nvmlDeviceGetClockInfo=3"], 1, &[("clock", UN)], &[]),
    fake("no throttle reasons", &["fail.nvmlDeviceGetCurrentClocksThrottleReasons=3"], 1, &[("throttled", UN)], &[]),
    fake("no GPM before Hopper", &["gpu.0.gpm=0"], 1, GPM, &[(KERNEL, Near(0.37))]),
    fake("GPM without tensor pipes", &["gpu.0.gpm.tensor.fail=3"], 1, &[("tensor_active", UN)], &[(SM, N(0.5))]),
    // What is not for us, and other errors.
    fake("processes are not for us", &["fail.nvmlDeviceGetComputeRunningProcesses_v3=4"], 1, &[("processes", NO)], &[]),
    fake(
        "GPM is not for us",
        &["fail.nvmlGpmSampleGet=4"],
        1,
        &[("sm_active", NO), ("tensor_active", NO), ("dram_active", NO)],
        &[(KERNEL, Near(0.37))],
    ),
    fake("power fails for no known reason", &["fail.nvmlDeviceGetPowerUsage=999"], 1, &[("power", "other")], &[]),
    fake("power fails with a code from the future", &["fail.nvmlDeviceGetPowerUsage=77"], 1, &[("power", BAD)], &[]),
    fake("the driver is unloaded in the middle", &["fail.nvmlDeviceGetPowerUsage=1"], 0, &[("all", "no_driver")], &[]),
    fake(
        "only one of two cards has a counter",
        &["count=2", "gpu.1.gpm=1", "fail.gpu.1.nvmlDeviceGetTotalEnergyConsumption=3"],
        2,
        &[("energy", UN)],
        &[("/absent/0/device", T("GPU-00000000-0000-0000-0000-000000000001"))],
    ),
    // Values that make no sense.
    fake("blank power", &["gpu.0.power_mw=4294967295"], 1, &[("power", BAD)], &[(KERNEL, Near(0.37))]),
    fake("power of 20 kW", &["gpu.0.power_mw=20000000"], 1, &[("power", BAD)], &[]),
    fake("negative power", &["gpu.0.power_mw=-1000"], 1, &[("power", BAD)], &[]),
    fake("blank energy", &["gpu.0.energy_mj=18446744073709551615"], 1, &[("energy", BAD)], &[]),
    fake("another blank for energy", &["gpu.0.energy_mj=9223372036854775794"], 1, &[("energy", BAD)], &[]),
    fake("samples above 100 %", &["gpu.0.sample=140"], 1, &[], &[(KERNEL, Near(0.37))]),
    fake(
        "utilisation above 100 %",
        &["gpu.0.sample=140", "gpu.0.rates=140"],
        1,
        &[("kernel_active", BAD)],
        &[(SM, N(0.5))],
    ),
    fake("blank utilisation", &["gpu.0.samples=0", "gpu.0.rates=4294967295"], 1, &[("kernel_active", BAD)], &[]),
    fake(
        "more memory used than there is",
        &["gpu.0.mem_used=99000000000", "gpu.0.mem_total=85000000000"],
        1,
        &[("memory_used", BAD), ("memory_total", BAD)],
        &[],
    ),
    fake(
        "blank memory",
        &["gpu.0.mem_used=-1", "gpu.0.mem_total=-1"],
        1,
        &[("memory_used", BAD), ("memory_total", BAD)],
        &[],
    ),
    fake("40 degrees of frost", &["gpu.0.temp=-40"], 1, &[("temperature", BAD)], &[]),
    fake("blank clock", &["gpu.0.clock_mhz=4294967295"], 1, &[("clock", BAD)], &[]),
    fake("blank throttle reasons", &["gpu.0.throttle=0xffffffffffffffff"], 1, &[("throttled", BAD)], &[]),
    fake(
        "GPM says nan",
        &["gpu.0.gpm.sm=nan"],
        1,
        &[("sm_active", BAD)],
        &[("/devices/0/busy/tensor_active/value", N(0.25))],
    ),
    fake("GPM says -3 %", &["gpu.0.gpm.dram=-3"], 1, &[("dram_active", BAD)], &[(SM, N(0.5))]),
    fake("GPM says 400 %", &["gpu.0.gpm.tensor=400"], 1, &[("tensor_active", BAD)], &[(SM, N(0.5))]),
    fake("a number of processes that is none", &["gpu.0.processes_count=4294967290"], 1, &[("processes", BAD)], &[]),
    fake(
        "process 0 is none",
        &["gpu.0.processes=0:5,7:6"],
        1,
        &[],
        &[("/devices/0/processes", Json(r#"[{"pid": 7, "memory_bytes": 6}]"#))],
    ),
    // Names.
    fake(
        "a long name",
        &["gpu.0.name=NVIDIA GH200 144G HBM3e with a name that is long"],
        1,
        &[],
        &[(NAME, T("NVIDIA GH200 144G HBM3e with a name that is long"))],
    ),
    fake(
        "a name that is longer than its place",
        &[
            "gpu.0.name=NVIDIA GH200 144G HBM3e with a name so long that it does not fit into the place that there is for a name, by far",
        ],
        1,
        &[("name", BAD)],
        &[(POWER, N(250.0))],
    ),
    fake("a name of many spaces", &["gpu.0.name=NVIDIA \t H100"], 1, &[], &[(NAME, T("NVIDIA H100"))]),
    fake("a name that is no text", &["gpu.0.name=NVIDIA \\xff"], 1, &[("name", BAD)], &[(NAME, T(""))]),
    fake("an empty name", &["gpu.0.name="], 1, &[("name", BAD)], &[]),
    fake("an odd UUID", &["gpu.0.uuid=no such thing"], 1, &[("uuid", BAD)], &[("/devices/0/uuid", T("nvml:0"))]),
    fake(
        "two cards of one UUID",
        &["count=2", "gpu.0.uuid=GPU-1", "gpu.1.uuid=GPU-1", "gpu.1.gpm=1"],
        2,
        &[("uuid", BAD)],
        &[("/devices/0/uuid", T("GPU-1")), ("/devices/1/uuid", T("nvml:1"))],
    ),
    // Levels at their ends, and what slows a card down.
    fake(
        "idle",
        &["gpu.0.util=0", "gpu.0.sm=0", "gpu.0.throttle=1"],
        1,
        &[],
        &[(KERNEL, N(0.0)), (SM, N(0.0)), ("/devices/0/throttled", Json("[]"))],
    ),
    fake("busy", &["gpu.0.util=100", "gpu.0.sm=100"], 1, &[], &[(KERNEL, Near(1.0)), (SM, N(1.0))]),
    fake(
        "no power drawn",
        &["gpu.0.power_mw=0"],
        1,
        &[],
        &[(POWER, N(0.0)), ("/devices/0/energy_joules/value", N(0.0))],
    ),
    fake(
        "hot and capped",
        &["gpu.0.throttle=0x64"],
        1,
        &[],
        &[("/devices/0/throttled", Json(r#"["power_cap", "thermal", "hw_thermal"]"#))],
    ),
    fake(
        "a reason from the future",
        &["gpu.0.throttle=0x10000000008"],
        1,
        &[],
        &[("/devices/0/throttled", Json(r#"["hw_slowdown"]"#))],
    ),
    fake(
        "processes of three kinds",
        &["gpu.0.processes=20:100,30:7", "gpu.0.mps=20:200", "gpu.0.graphics=5:-"],
        1,
        &[],
        &[(
            "/devices/0/processes",
            Json(
                r#"[{"pid": 5, "memory_bytes": null}, {"pid": 20, "memory_bytes": 200}, {"pid": 30, "memory_bytes": 7}]"#,
            ),
        )],
    ),
    // A card that is cut into slices.
    fake(
        "two slices",
        &[
            "gpu.0.gpm=0",
            "gpu.0.mig=2",
            "gpu.0.mig.1.mem_total=5368709120",
            "gpu.0.mig.1.mem_used=1073741824",
            "gpu.0.mig.1.processes=99:5",
        ],
        3,
        &[
            ("kernel_active", UN),
            ("sm_active", UN),
            ("tensor_active", UN),
            ("dram_active", UN),
            ("power", UN),
            ("energy", UN),
            ("temperature", UN),
            ("clock", UN),
            ("throttled", UN),
        ],
        &[
            (POWER, N(250.0)),
            ("/devices/0/parent", Json("null")),
            ("/devices/2/parent", T("GPU-00000000-0000-0000-0000-000000000000")),
            ("/devices/2/uuid", T("MIG-00000000-0000-0000-0000-000000000001")),
            ("/devices/2/memory_used_bytes/value", N(1_073_741_824.0)),
            ("/devices/2/memory_total_bytes/value", N(5_368_709_120.0)),
            ("/devices/2/processes/0/pid", N(99.0)),
            ("/devices/2/power_watts", Json("null")),
        ],
    ),
    fake(
        "a slice whose memory is not for us",
        &["gpu.0.gpm=0", "gpu.0.mig=1", "fail.gpu.0.mig.0.nvmlDeviceGetMemoryInfo_v2=4"],
        2,
        &[
            ("kernel_active", UN),
            ("sm_active", UN),
            ("tensor_active", UN),
            ("dram_active", UN),
            ("power", UN),
            ("energy", UN),
            ("temperature", UN),
            ("clock", UN),
            ("throttled", UN),
            ("memory_used", NO),
            ("memory_total", NO),
        ],
        &[],
    ),
];
