//! Readings and windows as tables for a terminal.

use super::{Seen, Window, lacks};
use crate::domain::Quality;
use crate::telemetry::{Busy, Device, Engine, Host, Reading, Used, Value};
use std::fmt::Write as _;

/// What stands where nothing is known.
const NOTHING: &str = "–";
/// Devices that are named for one reason; of more, how many.
const NAMED: usize = 4;
/// Processes that are named on one device.
const PROCESSES: usize = 3;
const GIB: f64 = 1_073_741_824.0;

const HEADS: [&str; 13] =
    ["#", "device", "kernel", "SM", "tensor", "DRAM", "memory GiB", "W", "kJ", "MHz", "°C", "processes", "slowed by"];

/// What every meter saw, and below it what it did not, and why.
#[must_use]
pub fn readings(seen: &[Seen]) -> String {
    let mut out = String::new();
    for Seen { meter, reading } in seen {
        let Reading { at: _, devices, engine, host, absent } = reading;
        if !out.is_empty() {
            out.push('\n');
        }
        let _ = writeln!(out, "{meter}");
        if !devices.is_empty() {
            let rows = std::iter::once(HEADS.map(str::to_owned).to_vec()).chain(devices.iter().map(cells));
            aligned(&mut out, &rows.collect::<Vec<_>>(), &[1, 11, 12]);
        }
        host.iter().for_each(|host| of_host(&mut out, host));
        engine.iter().for_each(|engine| of_engine(&mut out, engine));
        for ((who, what), why, detail) in lacks(absent) {
            let who = match who.len() {
                0 => String::new(),
                1..=NAMED => format!(" of {}", who.join(", ")),
                n => format!(" of {n} devices"),
            };
            let words = if detail.is_empty() { String::new() } else { format!(" ({detail})") };
            let _ = writeln!(out, "  without {}{who}: {}{words}", what.join(", "), why.label());
        }
    }
    let estimated = seen.iter().flat_map(|s| &s.reading.devices).any(has_estimates);
    if estimated {
        out.push_str("~ estimated\n");
    }
    out
}

/// What stretches of looks came to.
#[must_use]
pub fn windows(windows: &[Window]) -> String {
    let mut out = String::new();
    for Window { meter, from, to, looks, devices } in windows {
        let _ = writeln!(out, "{meter}: {looks} looks over {:.1} s", to.since(*from).seconds());
        if devices.is_empty() {
            continue;
        }
        let head = ["device", "kernel s", "SM s", "tensor s", "DRAM s", "CPU s", "joules", "idle", "remarks"];
        let rows = devices.iter().map(|(id, used)| {
            let Used { seconds: _, device_seconds: _, busy, energy, flags } = used;
            let mut row = vec![id.as_str().to_owned()];
            row.extend(Busy::ALL.map(|kind| {
                busy.get(&kind).map_or_else(|| NOTHING.into(), |(s, quality)| marked(format!("{s:.2}"), *quality))
            }));
            row.push(energy.map_or_else(|| NOTHING.into(), |e| marked(format!("{:.1}", e.joules), e.quality)));
            row.push(energy.map_or_else(|| NOTHING.into(), |e| marked(format!("{:.1}", e.idle_joules), e.quality)));
            row.push(flags.iter().map(|flag| flag.label()).collect::<Vec<_>>().join(", "));
            row
        });
        let rows = std::iter::once(head.map(str::to_owned).to_vec()).chain(rows);
        aligned(&mut out, &rows.collect::<Vec<_>>(), &[0, 8]);
    }
    out
}

fn has_estimates(device: &Device) -> bool {
    let Device { busy, memory_used, memory_total, power, energy, temperature, clock, .. } = device;
    let values = [memory_used, memory_total, power, energy, temperature, clock].into_iter().flatten();
    busy.iter().map(|(_, value)| value).chain(values).any(|value| value.quality == Quality::Estimated)
}

/// One device's cells. What it is cut into stands below it, set in.
fn cells(device: &Device) -> Vec<String> {
    let Device {
        id,
        name,
        index,
        host: _,
        parent,
        pod,
        processes,
        busy,
        memory_used,
        memory_total,
        power,
        energy,
        temperature,
        clock,
        throttled,
    } = device;
    let shown = if name.is_empty() { id.as_str() } else { name };
    let shown = if parent.is_some() { format!("  {shown}") } else { shown.to_owned() };
    let shown = pod.as_ref().map_or(shown.clone(), |pod| format!("{shown} ({pod})"));
    let share = |kind: Busy| {
        let value = busy.iter().find(|(of, _)| *of == kind).map(|(_, value)| *value);
        cell(value, |share| format!("{:.1} %", share * 100.0))
    };
    let used = cell(*memory_used, |bytes| format!("{:.1}", bytes / GIB));
    let total = cell(*memory_total, |bytes| format!("{:.1}", bytes / GIB));
    let memory =
        if memory_used.is_none() && memory_total.is_none() { NOTHING.into() } else { format!("{used}/{total}") };
    let mut pids: Vec<String> = processes.iter().take(PROCESSES).map(|(pid, _)| pid.to_string()).collect();
    if processes.len() > PROCESSES {
        pids.push(format!("… {} in all", processes.len()));
    }
    vec![
        index.map_or_else(String::new, |index| index.to_string()),
        shown,
        share(Busy::KernelActive),
        share(Busy::SmActive),
        share(Busy::TensorActive),
        share(Busy::DramActive),
        memory,
        cell(*power, |watts| format!("{watts:.1}")),
        cell(*energy, |joules| format!("{:.3}", joules / 1e3)),
        cell(*clock, |hertz| format!("{:.0}", hertz / 1e6)),
        cell(*temperature, |degrees| format!("{degrees:.0}")),
        pids.join(" "),
        throttled.join(", "),
    ]
}

fn cell(value: Option<Value>, text: impl FnOnce(f64) -> String) -> String {
    value.map_or_else(|| NOTHING.to_owned(), |value| marked(text(value.value), value.quality))
}

/// An estimate is marked as one.
fn marked(text: String, quality: Quality) -> String {
    if quality == Quality::Measured { text } else { format!("~{text}") }
}

fn of_host(out: &mut String, host: &Host) {
    let Host { cpu, memory_used, memory_total, process_cpu, process_memory } = host;
    let gib = |bytes: f64| format!("{:.1} GiB", bytes / GIB);
    let _ = writeln!(
        out,
        "  CPU {}, memory {} of {}; serving process: {} of CPU, {}",
        cell(*cpu, |share| format!("{:.1} %", share * 100.0)),
        cell(*memory_used, gib),
        cell(*memory_total, gib),
        cell(*process_cpu, |seconds| format!("{seconds:.1} s")),
        cell(*process_memory, gib),
    );
}

fn of_engine(out: &mut String, engine: &Engine) {
    let Engine { name, running, waiting, cache_used, preemptions, .. } = engine;
    let number = |value: &Option<f64>| value.map_or_else(|| NOTHING.to_owned(), |n| format!("{n:.0}"));
    let cache = cache_used.map_or_else(|| NOTHING.to_owned(), |share| format!("{:.1} %", share * 100.0));
    let (running, waiting, preempted) = (number(running), number(waiting), number(preemptions));
    let _ = writeln!(out, "  {name}: {running} running, {waiting} waiting, cache {cache}, {preempted} preempted");
}

/// Rows in columns: text to the left, numbers to the right, nothing behind the last word of a line.
fn aligned(out: &mut String, rows: &[Vec<String>], left: &[usize]) {
    let width = |column: usize| rows.iter().filter_map(|r| r.get(column)).map(|c| c.chars().count()).max().unwrap_or(0);
    for row in rows {
        let cells = row.iter().enumerate().map(|(column, cell)| {
            let width = width(column);
            if left.contains(&column) { format!("{cell:<width$}") } else { format!("{cell:>width$}") }
        });
        let _ = writeln!(out, "  {}", cells.collect::<Vec<_>>().join("  ").trim_end());
    }
}
