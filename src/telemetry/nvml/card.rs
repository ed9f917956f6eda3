//! One card: every figure asked for by itself, so that one which is missing takes none of the others with it.

use super::ask::{Asked, Gone, Missing};
use super::gpm::Gpm;
use super::map;
use super::share::{Samples, Told, seconds};
use super::slices::Slice;
use crate::domain::{Nanos, Quality};
use crate::telemetry::{Absence, Absent, Busy, Device, DeviceId, Value, now};
use nvml_wrapper::enum_wrappers::device::{Clock, Sampling, TemperatureSensor};
use nvml_wrapper::enums::device::{SampleValue, UsedGpuMemory};
use nvml_wrapper::error::{Bits, NvmlError};
use nvml_wrapper::struct_wrappers::device::ProcessInfo;
use nvml_wrapper::{Device as Handle, Nvml};
use std::collections::BTreeMap;

/// How often the processes and slices are listed, in seconds: they come and go slowly, and listing them costs the driver more
/// than all the rest.
const LISTED_EVERY: f64 = 1.0;
/// Processes on one card that nobody has.
const MOST_PROCESSES: u32 = 10_000;
/// The utilisation that the driver gives is that of its last sampling period, a second at the most: over a longer stretch
/// it is a guess.
const LONGEST_PERIOD: f64 = 1.0;

/// One card.
pub(super) struct Card<'n> {
    nvml: &'n Nvml,
    handle: Handle<'n>,
    id: DeviceId,
    /// It is asked for once, when the card is found.
    name: Result<String, (Absence, String)>,
    index: u32,
    asked: Asked,
    samples: Samples,
    power_samples: Samples,
    gpm: Gpm<'n>,
    slices: Vec<Slice<'n>>,
    processes: Listed,
    listed: Option<Nanos>,
    looked: Option<Nanos>,
}

/// The processes as they were listed last, and what was missing of them.
#[derive(Default)]
struct Listed {
    processes: Vec<(u32, Option<u64>)>,
    absent: Vec<Absent>,
}

impl<'n> Card<'n> {
    pub(super) fn new(nvml: &'n Nvml, handle: Handle<'n>, id: DeviceId, index: u32) -> Result<Self, Gone> {
        let mut asked = Asked::default();
        let name = match asked.quietly("name", || handle.name())?.map(|name| map::name(&name)) {
            Ok(name) if name.is_empty() => Err((Absence::Nonsense, "the driver says nothing".to_owned())),
            told => told,
        };
        let (samples, power_samples, gpm) = (Samples::default(), Samples::default(), Gpm::default());
        let (slices, processes) = (Vec::new(), Listed::default());
        Ok(Self {
            nvml,
            handle,
            id,
            name,
            index,
            asked,
            samples,
            power_samples,
            gpm,
            slices,
            processes,
            listed: None,
            looked: None,
        })
    }

    pub(super) const fn id(&self) -> &DeviceId {
        &self.id
    }

    /// Looks at the card and at what it is cut into.
    pub(super) fn look(&mut self, devices: &mut Vec<Device>, absent: &mut Vec<Absent>) -> Result<(), Gone> {
        self.list()?;
        let Self {
            nvml,
            handle,
            id,
            name,
            index,
            asked,
            samples,
            power_samples,
            gpm,
            slices,
            processes,
            listed: _,
            looked,
        } = self;
        let mut missing = Missing { device: id, absent };
        let mut device = Device::new(id.clone());
        device.index = Some(*index);
        match name {
            Ok(name) => device.name.clone_from(name),
            Err((why, detail)) => missing.note("name", *why, detail),
        }
        if let Some(value) = kernel_active(handle, asked, samples, looked, &mut missing)? {
            device.busy.push((Busy::KernelActive, value));
        }
        gpm.look(nvml, handle, asked, &mut missing, &mut device.busy)?;
        let said = |unit: &'static str| move |raw: u64| format!("{raw} {unit}");
        device.energy = asked.figure(
            &mut missing,
            "energy",
            || handle.total_energy_consumption(),
            |mj| map::joules(mj).ok_or_else(|| said("mJ")(mj)),
        )?;
        device.power = power(handle, asked, power_samples, device.energy.is_some(), &mut missing)?;
        memory_into(&mut device, handle, asked, &mut missing)?;
        let sensor = TemperatureSensor::Gpu;
        device.temperature = asked.figure(
            &mut missing,
            "temperature",
            || handle.temperature(sensor),
            |raw| map::degrees(raw).ok_or_else(|| said("degrees")(raw.into())),
        )?;
        device.clock = asked.figure(
            &mut missing,
            "clock",
            || handle.clock_info(Clock::SM),
            |mhz| map::hertz(mhz).ok_or_else(|| said("MHz")(mhz.into())),
        )?;
        let throttled = asked.figure(
            &mut missing,
            "throttled",
            || throttle_bits(handle),
            |bits| map::throttled(bits).ok_or_else(|| format!("{bits:#x}")),
        )?;
        device.throttled = throttled.unwrap_or_default();
        device.processes.clone_from(&processes.processes);
        missing.absent.extend(processes.absent.iter().cloned());
        devices.push(device);
        for slice in slices {
            devices.push(slice.look(id, absent)?);
        }
        Ok(())
    }

    /// Lists processes and slices where it is time to.
    fn list(&mut self) -> Result<(), Gone> {
        let at = now();
        if self.listed.is_some_and(|listed| seconds(listed, at) < LISTED_EVERY) {
            return Ok(());
        }
        self.listed = Some(at);
        let mut before = std::mem::take(&mut self.slices);
        let ids: Vec<DeviceId> = before.iter().map(|slice| slice.id().clone()).collect();
        let found = Slice::all(&self.handle, &self.id, &mut self.asked)?;
        self.slices = found.into_iter().map(|slice| slice.remembering(&mut before)).collect();
        if !self.slices.iter().map(Slice::id).eq(&ids) {
            // Cutting a card changes what the driver tells of it.
            self.asked.forget();
        }
        let mut absent = Vec::new();
        let mut missing = Missing { device: &self.id, absent: &mut absent };
        let processes = processes(&self.handle, &mut self.asked, &mut missing)?;
        self.processes = Listed { processes, absent };
        Ok(())
    }
}

/// The share of time with a kernel on the card since the look before: from the driver's buffer of samples, which misses
/// nothing; where it has none, that of its last sampling period.
fn kernel_active(
    handle: &Handle<'_>,
    asked: &mut Asked,
    samples: &mut Samples,
    looked: &mut Option<Nanos>,
    missing: &mut Missing<'_>,
) -> Result<Option<Value>, Gone> {
    let told = folded(handle, asked, ("samples", Sampling::GpuUtilization), samples, map::sampled)?;
    let at = now();
    let before = looked.replace(at);
    if let Some((share, quality)) = told {
        return Ok(share.map(|value| Value { value, quality }));
    }
    let share = asked.figure(
        missing,
        "kernel_active",
        || handle.utilization_rates(),
        |rates| map::percent(rates.gpu).ok_or_else(|| format!("{} %", rates.gpu)),
    )?;
    let Some((value, before)) = share.zip(before) else { return Ok(None) };
    let long = seconds(before, at) > LONGEST_PERIOD;
    Ok(Some(Value { value, quality: if long { Quality::Estimated } else { Quality::Measured } }))
}

/// The power. Where no counter of energy will do better, it is what the driver's buffer of samples comes to since the look
/// before, so that power which comes and goes between two looks is in its integral; else it is that of the instant.
fn power(
    handle: &Handle<'_>,
    asked: &mut Asked,
    samples: &mut Samples,
    counted: bool,
    missing: &mut Missing<'_>,
) -> Result<Option<Value>, Gone> {
    if !counted {
        let told = folded(handle, asked, ("power_samples", Sampling::Power), samples, map::power_share)?;
        if let Some((Some(share), quality)) = told {
            return Ok(Some(Value { value: share * map::MOST_WATTS, quality }));
        }
    }
    asked.figure(
        missing,
        "power",
        || handle.power_usage(),
        |milliwatts| map::watts(milliwatts).ok_or_else(|| format!("{milliwatts} mW")),
    )
}

/// What the driver's buffer of samples of this kind comes to since the look before. None where there is no buffer that can
/// be believed.
fn folded(
    handle: &Handle<'_>,
    asked: &mut Asked,
    (what, kind): (&'static str, Sampling),
    samples: &mut Samples,
    read: impl Fn(&SampleValue) -> Option<f64>,
) -> Result<Option<(Option<f64>, Quality)>, Gone> {
    let buffer = asked.quietly(what, || match handle.samples(kind, samples.seen) {
        // There is none newer than the one that was seen.
        Err(NvmlError::NotFound) => Ok(Vec::new()),
        other => other,
    })?;
    let Ok(buffer) = buffer else { return Ok(None) };
    let (at, wall) = clocks();
    let shares: Option<Vec<(u64, f64)>> =
        buffer.iter().map(|sample| Some((sample.timestamp, read(&sample.value)?))).collect();
    let Some(shares) = shares else {
        *samples = Samples::default();
        return Ok(None);
    };
    Ok(match samples.fold(&shares, at, wall) {
        Told::Share(share, quality) => Some((share, quality)),
        Told::Stale => None,
    })
}

/// Reads used and total memory into `device`.
pub(super) fn memory_into(
    device: &mut Device,
    handle: &Handle<'_>,
    asked: &mut Asked,
    missing: &mut Missing<'_>,
) -> Result<(), Gone> {
    let memory = asked.figure(
        missing,
        "memory_used",
        || handle.memory_info(),
        |info| map::memory(info.used, info.total).ok_or_else(|| format!("{} of {} bytes", info.used, info.total)),
    )?;
    (device.memory_used, device.memory_total) = memory.unzip();
    if device.memory_total.is_none() {
        // One call brings both: what is said of the one is true of the other.
        if let Some(same) = missing.absent.last().cloned() {
            missing.note("memory_total", same.why, &same.detail);
        }
    }
    Ok(())
}

/// The processes on a card or slice with the bytes of each: those that compute, those under MPS, and those that draw.
pub(super) fn processes(
    handle: &Handle<'_>,
    asked: &mut Asked,
    missing: &mut Missing<'_>,
) -> Result<Vec<(u32, Option<u64>)>, Gone> {
    // The wrapper makes room for as many as the driver says there are.
    let count = asked.figure(
        missing,
        "processes",
        || handle.running_compute_processes_count(),
        |count| {
            if count <= MOST_PROCESSES { Ok(count) } else { Err(format!("{count} processes")) }
        },
    )?;
    let Some(count) = count else { return Ok(Vec::new()) };
    let mut found = BTreeMap::new();
    if count > 0 {
        let listed = asked.figure(missing, "processes", || handle.running_compute_processes(), Ok)?;
        add(&mut found, listed.unwrap_or_default());
    }
    // A card without these is no worse known.
    if let Ok(listed) = asked.quietly("mps_processes", || handle.mps_running_compute_processes())? {
        add(&mut found, listed);
    }
    let drawing = asked.quietly("drawing", || handle.running_graphics_processes_count())?;
    if drawing.is_ok_and(|count| (1..=MOST_PROCESSES).contains(&count))
        && let Ok(listed) = asked.quietly("drawing_processes", || handle.running_graphics_processes())?
    {
        add(&mut found, listed);
    }
    Ok(found.into_iter().collect())
}

/// Adds processes; one that is in several lists keeps the most memory that is said of it.
fn add(found: &mut BTreeMap<u32, Option<u64>>, listed: Vec<ProcessInfo>) {
    for process in listed.into_iter().filter(|process| process.pid != 0) {
        let bytes = match process.used_gpu_memory {
            UsedGpuMemory::Used(bytes) => map::process_bytes(bytes),
            UsedGpuMemory::Unavailable => None,
        };
        let known = found.entry(process.pid).or_default();
        *known = (*known).max(bytes);
    }
}

/// The driver's bits for why a card is slowed down, those included that the wrapper does not know.
fn throttle_bits(handle: &Handle<'_>) -> Result<u64, NvmlError> {
    match handle.current_throttle_reasons_strict() {
        Ok(reasons) => Ok(reasons.bits()),
        Err(NvmlError::IncorrectBits(Bits::U64(bits))) => Ok(bits),
        Err(error) => Err(error),
    }
}

/// Readings of the two clocks are taken to be of one instant when they are so near, in seconds.
const ONE_INSTANT: f64 = 50e-6;
/// Times it is tried to read them so near to one another, on a machine that is busy with something else.
const TRIES: u32 = 5;

/// The clock of readings, and microseconds of the wall clock, which the driver stamps its samples with: of one instant.
fn clocks() -> (Nanos, u64) {
    let read = || {
        let before = now();
        let wall = wall_clock();
        (before, wall, seconds(before, now()))
    };
    let tries = (0..TRIES).map(|_| read());
    let mut nearest = read();
    for one in tries {
        if nearest.2 <= ONE_INSTANT {
            break;
        }
        if one.2 < nearest.2 {
            nearest = one;
        }
    }
    (nearest.0, nearest.1)
}

/// Microseconds of the wall clock, which the driver stamps its samples with.
fn wall_clock() -> u64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::Realtime);
    let (seconds, nanos) = (u64::try_from(time.tv_sec), u64::try_from(time.tv_nsec));
    seconds.unwrap_or(0).saturating_mul(1_000_000).saturating_add(nanos.unwrap_or(0) / 1_000)
}
