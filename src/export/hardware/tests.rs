//! What the views show of made-up readings: two cards, one of them cut, and a machine without any.

use super::*;
use crate::domain::Quality;
use crate::telemetry::{Busy, Device, Energy, Flag, Host, Value};

const CARD: &str = "GPU-6a1f0c2e-0000-0000-0000-000000000001";

fn card() -> Device {
    let mut card = Device::new(DeviceId::new(CARD));
    card.name = "NVIDIA H100 80GB HBM3".into();
    card.index = Some(0);
    card.processes = vec![(4_711, Some(60 << 30)), (4_712, None), (4_713, None), (4_714, None)];
    card.busy =
        [(Busy::KernelActive, 0.972), (Busy::SmActive, 0.614), (Busy::TensorActive, 0.233), (Busy::DramActive, 0.5)]
            .map(|(kind, share)| (kind, Value { value: share, quality: Quality::Measured }))
            .to_vec();
    card.memory_used = Value::measured(61.5 * 1_073_741_824.0);
    card.memory_total = Value::measured(79.6 * 1_073_741_824.0);
    card.power = Value::measured(612.4);
    card.energy = Value::measured(81_234_567.0);
    card.temperature = Value::measured(63.0);
    card.clock = Value::measured(1.755e9);
    card.throttled = vec!["power_cap", "thermal"];
    card
}

fn seen() -> Vec<Seen> {
    let parent = DeviceId::new("GPU-6a1f0c2e-0000-0000-0000-000000000002");
    let mut cut = Device::new(parent.clone());
    cut.name = "NVIDIA A100-SXM4-40GB".into();
    cut.index = Some(1);
    cut.busy = vec![(Busy::KernelActive, Value { value: 0.4, quality: Quality::Estimated })];
    cut.power = Value::measured(98.0);
    let slice_id = DeviceId::new("MIG-0f00");
    let mut slice = Device::new(slice_id.clone());
    slice.name = "NVIDIA A100-SXM4-40GB MIG 1g.5gb".into();
    slice.parent = Some(parent.clone());
    slice.memory_used = Value::measured(1_073_741_824.0);
    slice.memory_total = Value::measured(5.0 * 1_073_741_824.0);
    let absent = |what, device: &DeviceId, why, detail: &str| Absent {
        what,
        device: Some(device.clone()),
        why,
        detail: detail.to_owned(),
    };
    let mut reading = Reading::new(Nanos(12_000_000_000));
    reading.devices = vec![card(), cut, slice];
    reading.absent = vec![
        absent("energy", &parent, Absence::NotSupported, "the requested operation is not available"),
        absent("temperature", &parent, Absence::Nonsense, "the driver says 4294967256 degrees"),
        absent("power", &slice_id, Absence::NotSupported, "the driver tells it of whole cards only"),
        absent("energy", &slice_id, Absence::NotSupported, "the driver tells it of whole cards only"),
    ];
    let mut machine = Reading::new(Nanos(12_000_000_000));
    machine.host = Some(Host { cpu: Value::measured(0.25), memory_total: Value::measured(3.2e10), ..Host::default() });
    let mut bare = Reading::new(Nanos(12_000_000_000));
    let detail = "libnvidia-ml.so.1: cannot open shared object file".to_owned();
    bare.absent = vec![Absent { what: "all", device: None, why: Absence::NoLibrary, detail }];
    let of = |meter: &str, reading| Seen { meter: meter.into(), reading };
    vec![of("nvml", reading), of("host", machine), of("nvml elsewhere", bare)]
}

fn window() -> Vec<Window> {
    let energy = Energy { joules: 600.5, idle_joules: 100.0, active_joules: 500.5, quality: Quality::Measured };
    let used = Used {
        seconds: 6.0,
        device_seconds: 6.0,
        busy: BTreeMap::from([
            (Busy::KernelActive, (3.0, Quality::Measured)),
            (Busy::SmActive, (1.5, Quality::Estimated)),
        ]),
        energy: Some(energy),
        flags: BTreeSet::from([Flag::Short]),
    };
    let (from, to) = (Nanos(1_000_000_000), Nanos(7_000_000_000));
    vec![Window { meter: "nvml".into(), from, to, looks: 61, devices: vec![(DeviceId::new(CARD), used)] }]
}

#[test]
fn the_table() {
    insta::assert_snapshot!(readings_table(&seen()));
}

#[test]
fn the_line() {
    insta::assert_snapshot!(reading_json(&seen()));
}

#[test]
fn the_window() {
    insta::assert_snapshot!(format!("{}{}", windows_table(&window()), window_json(&window())));
}

#[test]
fn what_many_lack_for_one_reason_is_told_once() {
    let absent: Vec<Absent> = (0..8)
        .flat_map(|n| ["power", "energy"].map(|what| (n, what)))
        .map(|(n, what)| Absent {
            what,
            device: Some(DeviceId::new(&format!("GPU-{n}"))),
            why: Absence::NotSupported,
            detail: "old".into(),
        })
        .collect();
    let told = lacks(&absent);
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].0.0.len(), 8);
    assert_eq!(told[0].0.1, ["energy", "power"]);
}
