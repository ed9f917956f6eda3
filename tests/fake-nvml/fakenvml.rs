//! A libnvidia-ml.so without a card: the real binary calls it over the real FFI, and a file says how things are.
//! Build: `rustc --edition 2024 --crate-type cdylib -C panic=abort -o libfakenvml.so fakenvml.rs`. README.md tells the file.

mod schedule;
mod state;

use schedule::{Of, Schedule};
use state::{Keys, keys, monotonic, number, real, realtime};
use std::ffi::{CStr, c_char, c_uint, c_ulonglong};
use std::sync::Mutex;

type Ret = c_uint;
/// A handle: 0x1000 and the card's index, and for a slice its place plus one in the bits above 16.
type Dev = usize;

const OK: Ret = 0;
const UNINITIALIZED: Ret = 1;
const INVALID: Ret = 2;
const NOT_SUPPORTED: Ret = 3;
const NOT_FOUND: Ret = 6;
const TOO_SMALL: Ret = 7;
const NOT_LOADED: Ret = 9;
const LOST: Ret = 15;
const WRONG_VERSION: Ret = 25;

/// How often it was initialised and not shut down, when it was first and when it was last.
struct Life {
    users: u32,
    begin: u64,
    init: u64,
}

static LIFE: Mutex<Life> = Mutex::new(Life { users: 0, begin: 0, init: 0 });

/// One call: what the file says, and when it is, in seconds since the schedule's beginning.
struct Call {
    keys: std::sync::Arc<Keys>,
    now: f64,
    init: f64,
    begin: u64,
}

impl Call {
    fn new() -> Result<Self, Ret> {
        let keys = keys();
        let life = LIFE.lock().unwrap();
        let begin = number(&keys, "begin_ns").map_or(life.begin, |n| n as u64);
        let since = |at: u64| (at as f64 - begin as f64) / 1e9;
        let call = Self { now: since(monotonic()), init: since(life.init), keys: keys.clone(), begin };
        // A driver that was unloaded is none until it is initialised anew.
        if call.within("unloaded") {
            return Err(UNINITIALIZED);
        }
        if life.users == 0 { Err(UNINITIALIZED) } else { Ok(call) }
    }

    /// Whether such a time has begun and this process has not been initialised since it ended.
    fn within(&self, what: &str) -> bool {
        let ms = |end: &str| real(&self.keys, &format!("{what}_{end}_ms")).map(|ms| ms / 1e3);
        ms("from").is_some_and(|from| self.now >= from) && ms("to").is_none_or(|to| self.init < to)
    }

    /// Whether this function is to fail.
    fn refused(&self, function: &str) -> Option<Ret> {
        self.hang(function);
        number(&self.keys, &format!("fail.{function}")).map(|code| code as Ret)
    }

    fn hang(&self, function: &str) {
        if let Some(ms) = real(&self.keys, &format!("hang.{function}")) {
            std::thread::sleep(std::time::Duration::from_secs_f64(ms / 1e3));
        }
    }

    fn count(&self) -> usize {
        number(&self.keys, "count").map_or(1, |n| n as usize)
    }
}

/// One call that is of a device.
struct On {
    call: Call,
    index: usize,
    slice: Option<usize>,
}

impl On {
    fn new(function: &str, device: Dev) -> Result<Self, Ret> {
        let call = Call::new()?;
        let (index, slice) = ((device & 0xffff).wrapping_sub(0x1000), (device >> 16).checked_sub(1));
        if index >= call.count() {
            return Err(INVALID);
        }
        let on = Self { call, index, slice };
        if on.call.within(&on.card("lost")) {
            return Err(LOST);
        }
        for key in [format!("fail.{}.{function}", on.prefix()), format!("fail.gpu.{index}.{function}")] {
            if let Some(code) = number(&on.call.keys, &key) {
                return if code == 0 { Ok(on) } else { Err(code as Ret) };
            }
        }
        on.call.refused(function).map_or(Ok(on), Err)
    }

    /// For what whole cards have only.
    fn whole(function: &str, device: Dev) -> Result<Self, Ret> {
        Self::new(function, device).and_then(|on| if on.slice.is_some() { Err(NOT_SUPPORTED) } else { Ok(on) })
    }

    fn card(&self, what: &str) -> String {
        format!("gpu.{}.{what}", self.index)
    }

    fn prefix(&self) -> String {
        match self.slice {
            None => format!("gpu.{}", self.index),
            Some(slice) => format!("gpu.{}.mig.{slice}", self.index),
        }
    }

    fn own(&self, what: &str) -> String {
        format!("{}.{what}", self.prefix())
    }

    /// A number of this device; negative ones wrap, as a driver's do.
    fn number(&self, what: &str, otherwise: u64) -> u64 {
        number(&self.call.keys, &self.own(what)).map_or(otherwise, |n| n as u64)
    }

    fn text(&self, what: &str, otherwise: &str) -> String {
        self.call.keys.get(&self.own(what)).cloned().unwrap_or_else(|| otherwise.into())
    }

    fn schedule(&self) -> Schedule {
        let keys = &self.call.keys;
        keys.get(&self.card("schedule")).and_then(|text| Schedule::read(text)).unwrap_or_else(|| {
            let level = |what: &str, otherwise: f64| real(keys, &self.card(what)).unwrap_or(otherwise);
            let power = level("power_mw", 100_000.0);
            Schedule::level([level("util", 0.0), power, level("sm", 0.0), level("tensor", 0.0), level("dram", 0.0)])
        })
    }

    fn mig(&self) -> usize {
        number(&self.call.keys, &self.card("mig")).map_or(0, |n| n as usize)
    }
}

/// Writes through a pointer of the caller.
unsafe fn give<T>(out: *mut T, value: T) -> Ret {
    if out.is_null() {
        return INVALID;
    }
    unsafe { out.write(value) };
    OK
}

unsafe fn give_text(text: &str, out: *mut c_char, room: c_uint) -> Ret {
    if text.len() + 1 > room as usize {
        return TOO_SMALL;
    }
    // `\xff` in the file stands for a byte that is no UTF-8.
    let bytes: Vec<u8> = text.replace("\\xff", "\u{1}").bytes().map(|b| if b == 1 { 0xff } else { b }).collect();
    for (at, byte) in bytes.iter().chain([&0]).enumerate() {
        unsafe { out.add(at).write(*byte as c_char) };
    }
    OK
}

/// An exported function; the value of its body is what it returns, an error what it returns early.
macro_rules! export {
    ($(fn $name:ident($($arg:ident: $type:ty),*) $body:block)*) => { $(
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $name($($arg: $type),*) -> Ret {
            let run = || -> Result<Ret, Ret> { $body };
            run().unwrap_or_else(|code| code)
        }
    )* };
}

#[repr(C)]
pub struct Rates(c_uint, c_uint);
#[repr(C)]
pub struct Memory {
    version: c_uint,
    total: u64,
    reserved: u64,
    free: u64,
    used: u64,
}
#[repr(C)]
pub struct Process {
    pid: c_uint,
    bytes: u64,
    gpu_instance: c_uint,
    compute_instance: c_uint,
}
#[repr(C)]
pub struct Sample {
    micros: u64,
    value: u64,
}
#[repr(C)]
pub struct Support {
    version: c_uint,
    supported: c_uint,
}
#[repr(C)]
pub struct Metric {
    id: c_uint,
    code: Ret,
    value: f64,
    words: [*const c_char; 3],
}
#[repr(C)]
pub struct Metrics {
    version: c_uint,
    count: c_uint,
    first: *const Snapshot,
    second: *const Snapshot,
    metrics: [Metric; 210],
}
/// GPM's snapshot: of whom, and when.
pub struct Snapshot {
    device: Dev,
    time: f64,
}

export! {
    fn nvmlInit_v2() {
        let keys = keys();
        let mut life = LIFE.lock().unwrap();
        let now = monotonic();
        if life.begin == 0 {
            life.begin = state::begin(now);
        }
        let begin = number(&keys, "begin_ns").map_or(life.begin, |n| n as u64);
        let since = (now as f64 - begin as f64) / 1e9;
        let ms = |end: &str| real(&keys, &format!("unloaded_{end}_ms")).map(|ms| ms / 1e3);
        if ms("from").is_some_and(|from| since >= from) && ms("to").is_none_or(|to| since < to) {
            return Ok(NOT_LOADED);
        }
        if let Some(code) = number(&keys, "fail.nvmlInit_v2") {
            return Ok(code as Ret);
        }
        // A second user finds it as the first has opened it.
        if life.users == 0 {
            life.init = now;
        }
        life.users += 1;
        Ok(OK)
    }

    fn nvmlShutdown() {
        let mut life = LIFE.lock().unwrap();
        life.users = life.users.checked_sub(1).ok_or(UNINITIALIZED)?;
        Ok(OK)
    }

    fn nvmlSystemGetDriverVersion(out: *mut c_char, room: c_uint) {
        let call = Call::new()?;
        call.refused("nvmlSystemGetDriverVersion").map_or(Ok(()), Err)?;
        Ok(unsafe { give_text(call.keys.get("driver").map_or("570.86.15", String::as_str), out, room) })
    }

    fn nvmlDeviceGetCount_v2(out: *mut c_uint) {
        let call = Call::new()?;
        call.refused("nvmlDeviceGetCount_v2").map_or(Ok(()), Err)?;
        Ok(unsafe { give(out, call.count() as c_uint) })
    }

    fn nvmlDeviceGetHandleByIndex_v2(index: c_uint, out: *mut Dev) {
        let device = 0x1000 + index as usize;
        On::new("nvmlDeviceGetHandleByIndex_v2", device)?;
        Ok(unsafe { give(out, device) })
    }

    fn nvmlDeviceGetName(device: Dev, out: *mut c_char, room: c_uint) {
        let on = On::new("nvmlDeviceGetName", device)?;
        Ok(unsafe { give_text(&on.text("name", "FAKE GPU (tests)"), out, room) })
    }

    fn nvmlDeviceGetUUID(device: Dev, out: *mut c_char, room: c_uint) {
        let on = On::new("nvmlDeviceGetUUID", device)?;
        let own = match on.slice {
            None => format!("GPU-00000000-0000-0000-0000-{:012}", on.index),
            Some(slice) => format!("MIG-00000000-0000-0000-{:04}-{slice:012}", on.index),
        };
        Ok(unsafe { give_text(&on.text("uuid", &own), out, room) })
    }

    fn nvmlDeviceGetUtilizationRates(device: Dev, out: *mut Rates) {
        let on = On::whole("nvmlDeviceGetUtilizationRates", device)?;
        if on.mig() > 0 {
            return Err(NOT_SUPPORTED);
        }
        // Of the last sampling period, and written over where the file gives a number of its own.
        let period = on.number("rates_ms", 167) as f64 / 1e3;
        let now = on.call.now;
        let mean = on.schedule().mean(Of::Util, now - period, now);
        Ok(unsafe { give(out, Rates(on.number("rates", mean.round() as u64) as c_uint, 0)) })
    }

    fn nvmlDeviceGetSamples(
        device: Dev, kind: c_uint, seen: c_ulonglong, value_type: *mut c_uint, count: *mut c_uint, out: *mut Sample
    ) {
        let on = On::whole("nvmlDeviceGetSamples", device)?;
        let (of, switch) = match kind {
            0 => (Of::Power, "power_samples"),
            1 if on.mig() == 0 => (Of::Util, "samples"),
            _ => return Err(NOT_SUPPORTED),
        };
        if number(&on.call.keys, &on.card(switch)) == Some(0) {
            return Err(NOT_SUPPORTED);
        }
        let (period, keep) = (on.number("sample_ms", 100).max(1) * 1_000, on.number("sample_keep", 100));
        let late = on.number("sample_late_ms", 0) * 1_000;
        let schedule = on.schedule();
        // Each at a whole period of the wall clock; the schedule runs by the other clock.
        let (wall, mono) = (realtime() / 1_000, monotonic());
        let time = |micros: u64| {
            ((mono as f64 - on.call.begin as f64) / 1e9) - (wall as f64 - micros as f64) / 1e6
        };
        let stands = real(&on.call.keys, &on.card("samples_stand_ms")).map(|ms| ms / 1e3);
        let newest = (wall - late) / period;
        let all = (newest.saturating_sub(keep)..=newest).map(|n| n * period).filter(|at| *at > seen);
        let new: Vec<u64> = all.filter(|at| stands.is_none_or(|end| time(*at) <= end)).collect();
        if new.is_empty() {
            return Err(NOT_FOUND);
        }
        unsafe { give(value_type, 1) };
        if out.is_null() {
            unsafe { give(count, new.len() as c_uint) };
            return Err(TOO_SMALL);
        }
        let room = unsafe { count.read() } as usize;
        for (at, micros) in new.iter().take(room).enumerate() {
            let mean = schedule.mean(of, time(micros - period), time(*micros)).round() as u64;
            let value = if kind == 1 { on.number("sample", mean) & 0xffff_ffff } else { mean };
            unsafe { out.add(at).write(Sample { micros: *micros, value }) };
        }
        Ok(unsafe { give(count, new.len().min(room) as c_uint) })
    }

    fn nvmlDeviceGetPowerUsage(device: Dev, out: *mut c_uint) {
        let on = On::whole("nvmlDeviceGetPowerUsage", device)?;
        let power = on.schedule().at(Of::Power, on.call.now) as u64;
        Ok(unsafe { give(out, on.number("power_mw", power) as c_uint) })
    }

    fn nvmlDeviceGetTotalEnergyConsumption(device: Dev, out: *mut c_ulonglong) {
        let on = On::whole("nvmlDeviceGetTotalEnergyConsumption", device)?;
        let schedule = on.schedule();
        // The counter moves in steps, as a card's does, and begins anew where it is told to, or with the driver.
        let step = on.number("energy_step_ms", 20).max(1) as f64 / 1e3;
        let now = (on.call.now / step).floor() * step;
        let ms = |key: String| real(&on.call.keys, &key).map(|ms| ms / 1e3).filter(|at| on.call.now >= *at);
        let reset = ms(on.card("energy_reset_ms")).into_iter().chain(ms("unloaded_to_ms".into())).fold(0.0, f64::max);
        let from = if reset > 0.0 { 0 } else { on.number("energy_from_mj", 0) };
        let used = schedule.sum(Of::Power, now) - schedule.sum(Of::Power, reset);
        Ok(unsafe { give(out, on.number("energy_mj", from + used.max(0.0) as u64)) })
    }

    fn nvmlDeviceGetTemperature(device: Dev, _sensor: c_uint, out: *mut c_uint) {
        let on = On::whole("nvmlDeviceGetTemperature", device)?;
        Ok(unsafe { give(out, on.number("temp", 40) as c_uint) })
    }

    fn nvmlDeviceGetClockInfo(device: Dev, kind: c_uint, out: *mut c_uint) {
        let on = On::whole("nvmlDeviceGetClockInfo", device)?;
        Ok(unsafe { give(out, if kind == 1 { on.number("clock_mhz", 1_980) as c_uint } else { 0 }) })
    }

    fn nvmlDeviceGetCurrentClocksThrottleReasons(device: Dev, out: *mut c_ulonglong) {
        let on = On::whole("nvmlDeviceGetCurrentClocksThrottleReasons", device)?;
        Ok(unsafe { give(out, on.number("throttle", 0)) })
    }

    fn nvmlDeviceGetMemoryInfo_v2(device: Dev, out: *mut Memory) {
        let on = On::new("nvmlDeviceGetMemoryInfo_v2", device)?;
        let version = (size_of::<Memory>() | 2 << 24) as c_uint;
        if unsafe { (*out).version } != version {
            return Err(WRONG_VERSION);
        }
        let (total, used) = (on.number("mem_total", 80 << 30), on.number("mem_used", 10 << 30));
        let free = total.saturating_sub(used);
        Ok(unsafe { give(out, Memory { version, total, reserved: 0, free, used }) })
    }

    fn nvmlDeviceGetComputeRunningProcesses_v3(device: Dev, count: *mut c_uint, out: *mut Process) {
        let on = On::new("nvmlDeviceGetComputeRunningProcesses_v3", device)?;
        unsafe { processes(&on, "processes", count, out) }
    }

    fn nvmlDeviceGetGraphicsRunningProcesses_v3(device: Dev, count: *mut c_uint, out: *mut Process) {
        let on = On::new("nvmlDeviceGetGraphicsRunningProcesses_v3", device)?;
        unsafe { processes(&on, "graphics", count, out) }
    }

    fn nvmlDeviceGetMPSComputeRunningProcesses_v3(device: Dev, count: *mut c_uint, out: *mut Process) {
        let on = On::new("nvmlDeviceGetMPSComputeRunningProcesses_v3", device)?;
        unsafe { processes(&on, "mps", count, out) }
    }

    fn nvmlDeviceGetMaxMigDeviceCount(device: Dev, out: *mut c_uint) {
        let on = On::whole("nvmlDeviceGetMaxMigDeviceCount", device)?;
        Ok(unsafe { give(out, if on.mig() > 0 { 7 } else { 0 }) })
    }

    fn nvmlDeviceGetMigDeviceHandleByIndex(device: Dev, place: c_uint, out: *mut Dev) {
        let on = On::whole("nvmlDeviceGetMigDeviceHandleByIndex", device)?;
        if place as usize >= on.mig() {
            return Err(NOT_FOUND);
        }
        Ok(unsafe { give(out, device | (place as usize + 1) << 16) })
    }

    fn nvmlGpmQueryDeviceSupport(device: Dev, out: *mut Support) {
        let on = On::whole("nvmlGpmQueryDeviceSupport", device)?;
        let version = unsafe { (*out).version };
        let supported = c_uint::from(on.number("gpm", 0) == 1);
        Ok(unsafe { give(out, Support { version, supported }) })
    }

    fn nvmlGpmSampleAlloc(out: *mut *mut Snapshot) {
        Call::new()?;
        Ok(unsafe { give(out, Box::into_raw(Box::new(Snapshot { device: 0, time: 0.0 }))) })
    }

    fn nvmlGpmSampleFree(snapshot: *mut Snapshot) {
        if !snapshot.is_null() {
            drop(unsafe { Box::from_raw(snapshot) });
        }
        Ok(OK)
    }

    fn nvmlGpmSampleGet(device: Dev, snapshot: *mut Snapshot) {
        let on = On::whole("nvmlGpmSampleGet", device)?;
        if on.number("gpm", 0) != 1 || on.mig() > 0 {
            return Err(NOT_SUPPORTED);
        }
        Ok(unsafe { give(snapshot, Snapshot { device, time: on.call.now }) })
    }

    fn nvmlGpmMetricsGet(request: *mut Metrics) {
        let request = unsafe { request.as_mut() }.ok_or(INVALID)?;
        if request.version != 1 {
            return Err(WRONG_VERSION);
        }
        let (first, second) = unsafe { (&*request.first, &*request.second) };
        let on = On::whole("nvmlGpmMetricsGet", second.device)?;
        if first.device != second.device || first.time > second.time {
            return Err(INVALID);
        }
        let schedule = on.schedule();
        for metric in request.metrics.iter_mut().take(request.count as usize) {
            let (of, key) = match metric.id {
                2 => (Of::Sm, "gpm.sm"),
                5 => (Of::Tensor, "gpm.tensor"),
                10 => (Of::Dram, "gpm.dram"),
                _ => {
                    metric.code = NOT_SUPPORTED;
                    continue;
                }
            };
            let own = real(&on.call.keys, &on.card(key));
            metric.value = own.unwrap_or_else(|| schedule.mean(of, first.time, second.time));
            metric.code = number(&on.call.keys, &on.card(&format!("{key}.fail"))).map_or(OK, |code| code as Ret);
        }
        Ok(OK)
    }
}

/// Writes a list of processes, `pid:bytes,…`, where `-` stands for bytes that are not known.
unsafe fn processes(on: &On, what: &str, count: *mut c_uint, out: *mut Process) -> Result<Ret, Ret> {
    if let Some(n) = number(&on.call.keys, &on.own(&format!("{what}_count"))) {
        unsafe { give(count, n as c_uint) };
        return Err(TOO_SMALL);
    }
    let text = on.text(what, "");
    let listed: Vec<(c_uint, u64)> = text
        .split(',')
        .filter_map(|one| one.split_once(':'))
        .filter_map(|(pid, bytes)| Some((pid.trim().parse().ok()?, bytes.trim().parse().unwrap_or(u64::MAX))))
        .collect();
    if listed.is_empty() {
        return Ok(unsafe { give(count, 0) });
    }
    let room = unsafe { count.read() } as usize;
    unsafe { give(count, listed.len() as c_uint) };
    if out.is_null() || room < listed.len() {
        return Err(TOO_SMALL);
    }
    for (at, (pid, bytes)) in listed.into_iter().enumerate() {
        let process = Process { pid, bytes, gpu_instance: u32::MAX, compute_instance: u32::MAX };
        unsafe { out.add(at).write(process) };
    }
    Ok(OK)
}

#[unsafe(no_mangle)]
pub extern "C" fn nvmlErrorString(code: Ret) -> *const c_char {
    let words: &CStr = match code {
        OK => c"Success",
        UNINITIALIZED => c"Uninitialized",
        NOT_SUPPORTED => c"Not Supported",
        NOT_LOADED => c"Driver Not Loaded",
        LOST => c"GPU is lost",
        _ => c"Unknown Error",
    };
    words.as_ptr()
}
