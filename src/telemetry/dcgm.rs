//! `dcgm`: what NVIDIA's dcgm-exporter says at /metrics.
//!
//! A series belongs to a device by its UUID, and to a slice (MIG) by its instance, which has no UUID there: it is called
//! `GPU-…/3` by its `GPU_I_ID`. Power, energy, temperature and clocks are the whole device's, whichever slice they are
//! labelled with. DCGM has numbers that stand for "blank"; they are left out, and named.

mod fields;

use super::exposition::{Sample, parse};
use super::fetch::Refused;
use super::page::Page;
use super::{Absence, Absent, Device, DeviceId, Meter, Reading};
use crate::config::Section;
use fields::{Field, blank, field};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The list's entry.
pub const KIND: super::Kind =
    super::Kind { name: "dcgm", about: "NVIDIA GPUs elsewhere, by dcgm-exporter's /metrics", build };

fn build(section: &Section<'_>) -> Option<Arc<dyn Meter>> {
    Page { kind: KIND.name, read, hint: None }.build(section)
}

/// Reads what an exporter says.
fn read(text: &str, reading: &mut Reading) {
    let said = parse(text);
    let mut devices: BTreeMap<DeviceId, Device> = BTreeMap::new();
    let mut memory: BTreeMap<DeviceId, [Option<f64>; 3]> = BTreeMap::new();
    let mut seen = false;
    for sample in &said.samples {
        if !sample.name.starts_with("DCGM_FI_") {
            continue;
        }
        seen = true;
        let (Some(field), Some(whole)) = (field(sample.name), whole(sample)) else { continue };
        let slice = sample.label("GPU_I_ID").map(|instance| DeviceId::new(&format!("{whole}/{instance}")));
        let id = slice.clone().filter(|_| !field.is_whole()).unwrap_or_else(|| whole.clone());
        // A slice stands below its device, which is there with it.
        let parent = devices.entry(whole.clone()).or_insert_with(|| described(whole.clone(), sample));
        if slice.is_none() {
            belongs(parent, sample);
        }
        if let Some(slice) = slice {
            let device = devices.entry(slice.clone()).or_insert_with(|| {
                let mut device = described(slice, sample);
                if let Some(profile) = sample.label("GPU_I_PROFILE") {
                    device.name = format!("{} MIG {profile}", device.name).trim().to_owned();
                }
                device.parent = Some(whole.clone());
                device
            });
            belongs(device, sample);
        }
        let why = match blank(sample.raw, sample.value) {
            Some(why) => Some(why),
            None if field.is_sane(sample.value) => None,
            None => Some(Absence::Nonsense),
        };
        match (why, field) {
            (Some(why), _) => {
                let detail = format!("{} is {}", sample.name, sample.raw);
                reading.absent.push(Absent { what: field.what(), device: Some(id), why, detail });
            }
            (None, Field::Memory(part)) => {
                let place = memory.entry(id).or_default().get_mut(part.place());
                place.into_iter().for_each(|place| *place = Some(sample.value));
            }
            (None, field) => {
                if let Some(device) = devices.get_mut(&id) {
                    field.put(sample.value, device);
                }
            }
        }
    }
    for (id, parts) in memory {
        if let Some(device) = devices.get_mut(&id) {
            fields::put_memory(parts, device);
        }
    }
    if devices.is_empty() {
        let (why, detail) = match (seen, said.samples.len()) {
            (true, _) => (Absence::NoDevice, "DCGM's metrics name no device".to_owned()),
            (false, 0) if said.bad > 0 => (Absence::Unreadable, "the answer is no text of metrics".to_owned()),
            // The exporter answers, and has no device or no field to tell of.
            (false, n) => (Absence::NoDevice, format!("{n} metrics, none of DCGM's")),
        };
        reading.absent.push(Refused::new(why, detail).of("all"));
    }
    reading.devices = devices.into_values().collect();
}

/// The whole device that a sample is of.
fn whole(sample: &Sample<'_>) -> Option<DeviceId> {
    if let Some(uuid) = sample.label("UUID").or_else(|| sample.label("uuid")) {
        return Some(DeviceId::new(uuid));
    }
    let index = sample.label("gpu")?;
    let host = host(sample).unwrap_or("unknown");
    Some(DeviceId::new(&format!("{host}/gpu{index}")))
}

fn host<'s>(sample: &'s Sample<'_>) -> Option<&'s str> {
    // `Hostname` by default; `hostname` where relabelled, and in some versions.
    sample.label("Hostname").or_else(|| sample.label("hostname"))
}

/// A device with what its labels say.
fn described(id: DeviceId, sample: &Sample<'_>) -> Device {
    Device {
        name: sample.label("modelName").unwrap_or_default().to_owned(),
        index: sample.label("gpu").and_then(|index| index.parse().ok()),
        host: host(sample).map(str::to_owned),
        ..Device::new(id)
    }
}

/// Notes the pod that a device was given to. Where Prometheus or an agent stands in between, the labels `pod` and `namespace`
/// may be the exporter's own, and the device's are in `exported_…`.
fn belongs(device: &mut Device, sample: &Sample<'_>) {
    let pair = |namespace: &str, pod: &str| Some(format!("{}/{}", sample.label(namespace)?, sample.label(pod)?));
    let pod = pair("exported_namespace", "exported_pod")
        .or_else(|| pair("namespace", "pod"))
        .or_else(|| pair("pod_namespace", "pod_name"));
    if pod.is_some() {
        device.pod = pod;
    }
}

#[cfg(test)]
mod tests;
