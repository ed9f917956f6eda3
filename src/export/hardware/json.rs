//! Readings and windows as JSON, one object a line. docs/hardware.md tells every field.

use super::{Seen, Window};
use crate::domain::Quality;
use crate::telemetry::{Absent, Busy, Device, Engine, Host, Reading, Used, Value};
use serde_json::{Map, Value as Json, json};

/// A reading in one line.
#[must_use]
pub fn reading(seen: &[Seen]) -> String {
    let meters: Vec<Json> = seen.iter().map(of_meter).collect();
    format!("{}\n", json!({ "meters": meters }))
}

/// What a stretch of looks came to, in one line.
#[must_use]
pub fn window(windows: &[Window]) -> String {
    let windows: Vec<Json> = windows
        .iter()
        .map(|Window { meter, from, to, looks, devices }| {
            let devices: Vec<Json> = devices.iter().map(|(id, used)| of_window(id.as_str(), used)).collect();
            json!({
                "meter": meter,
                "from_ns": from.0,
                "to_ns": to.0,
                "seconds": to.since(*from).seconds(),
                "looks": looks,
                "devices": devices,
            })
        })
        .collect();
    format!("{}\n", json!({ "windows": windows }))
}

fn of_meter(Seen { meter, reading }: &Seen) -> Json {
    let Reading { at, devices, engine, host, absent } = reading;
    json!({
        "meter": meter,
        "at_ns": at.0,
        "devices": devices.iter().map(of_device).collect::<Vec<_>>(),
        "engine": engine.as_ref().map(of_engine),
        "host": host.as_ref().map(of_host),
        "absent": absent.iter().map(of_absent).collect::<Vec<_>>(),
    })
}

fn of_device(device: &Device) -> Json {
    let Device {
        id,
        name,
        index,
        host,
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
    let busy: Map<String, Json> = busy.iter().map(|(kind, value)| (kind.label().to_owned(), figure(value))).collect();
    let processes: Vec<Json> =
        processes.iter().map(|(pid, bytes)| json!({ "pid": pid, "memory_bytes": bytes })).collect();
    json!({
        "uuid": id.as_str(),
        "name": name,
        "index": index,
        "host": host,
        "parent": parent.as_ref().map(|id| id.as_str().to_owned()),
        "pod": pod,
        "busy": busy,
        "memory_used_bytes": memory_used.as_ref().map(figure),
        "memory_total_bytes": memory_total.as_ref().map(figure),
        "power_watts": power.as_ref().map(figure),
        "energy_joules": energy.as_ref().map(figure),
        "temperature_celsius": temperature.as_ref().map(figure),
        "clock_hertz": clock.as_ref().map(figure),
        "throttled": throttled,
        "processes": processes,
    })
}

fn of_host(host: &Host) -> Json {
    let Host { cpu, memory_used, memory_total, process_cpu, process_memory } = host;
    json!({
        "cpu": cpu.as_ref().map(figure),
        "memory_used_bytes": memory_used.as_ref().map(figure),
        "memory_total_bytes": memory_total.as_ref().map(figure),
        "process_cpu_seconds": process_cpu.as_ref().map(figure),
        "process_memory_bytes": process_memory.as_ref().map(figure),
    })
}

fn of_engine(engine: &Engine) -> Json {
    let Engine { name, running, waiting, cache_used, cache_hits, cache_queries, preemptions, tokens_in, tokens_out } =
        engine;
    json!({
        "name": name,
        "running": running,
        "waiting": waiting,
        "cache_used": cache_used,
        "cache_hits": cache_hits,
        "cache_queries": cache_queries,
        "preemptions": preemptions,
        "tokens_in": tokens_in,
        "tokens_out": tokens_out,
    })
}

fn of_absent(Absent { what, device, why, detail }: &Absent) -> Json {
    let device = device.as_ref().map(|id| id.as_str().to_owned());
    json!({ "what": what, "device": device, "why": why.label(), "detail": detail })
}

fn of_window(id: &str, used: &Used) -> Json {
    let Used { seconds, device_seconds, busy, energy, flags } = used;
    let busy: Map<String, Json> = Busy::ALL
        .into_iter()
        .filter_map(|kind| {
            busy.get(&kind).map(|(value, quality)| (kind.label().to_owned(), quality_of(*value, *quality)))
        })
        .collect();
    let energy = energy.map(|energy| {
        json!({
            "value": energy.joules,
            "idle": energy.idle_joules,
            "active": energy.active_joules,
            "quality": energy.quality.label(),
        })
    });
    json!({
        "uuid": id,
        "seconds": seconds,
        "device_seconds": device_seconds,
        "busy_seconds": busy,
        "energy_joules": energy,
        "flags": flags.iter().map(|flag| flag.label()).collect::<Vec<_>>(),
    })
}

fn figure(value: &Value) -> Json {
    quality_of(value.value, value.quality)
}

fn quality_of(value: f64, quality: Quality) -> Json {
    json!({ "value": value, "quality": quality.label() })
}
