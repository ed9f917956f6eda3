//! Texts in the forms that dcgm-exporter gives for an A100, an H100 and slices, written for these tests.

use super::*;
use crate::domain::{Nanos, Quality};
use crate::telemetry::{Busy, Value};
use proptest::prelude::*;

fn said(text: &str) -> Reading {
    let mut reading = Reading::new(Nanos(0));
    read(text, &mut reading);
    reading
}

fn absent(reading: &Reading) -> Vec<(&'static str, Absence)> {
    reading.absent.iter().map(|a| (a.what, a.why)).collect()
}

fn number(value: Option<Value>) -> Option<f64> {
    value.map(|v| v.value)
}

fn busy(device: &Device, kind: Busy) -> Option<Value> {
    device.busy.iter().find(|(k, _)| *k == kind).map(|(_, v)| *v)
}

/// All fields of one device: each line a field and its value.
fn lines(labels: &str, fields: &[(&str, &str)]) -> String {
    let line =
        |(name, value): &(&str, &str)| format!("# HELP {name} x\n# TYPE {name} gauge\n{name}{{{labels}}} {value}\n");
    fields.iter().map(line).collect()
}

#[test]
fn an_a100_with_its_pod_and_the_label_hostname_in_capitals() {
    let labels = "gpu=\"2\",UUID=\"GPU-3f1c\",pci_bus_id=\"00000000:07:00.0\",device=\"nvidia2\",modelName=\"NVIDIA A100-SXM4-80GB\",\
                  Hostname=\"gpu-01\",DCGM_FI_DRIVER_VERSION=\"535.129.03\",container=\"vllm\",namespace=\"llm\",pod=\"qwen-7f9\"";
    let reading = said(&lines(
        labels,
        &[
            ("DCGM_FI_DEV_SM_CLOCK", "1410"),
            ("DCGM_FI_DEV_MEM_CLOCK", "1593"),
            ("DCGM_FI_DEV_GPU_TEMP", "51"),
            ("DCGM_FI_DEV_POWER_USAGE", "287.351000"),
            ("DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION", "123456789012"),
            ("DCGM_FI_DEV_GPU_UTIL", "97"),
            ("DCGM_FI_DEV_FB_FREE", "5120"),
            ("DCGM_FI_DEV_FB_USED", "76032"),
            ("DCGM_FI_PROF_GR_ENGINE_ACTIVE", "0.981200"),
            ("DCGM_FI_PROF_SM_ACTIVE", "0.612300"),
            ("DCGM_FI_PROF_PIPE_TENSOR_ACTIVE", "0.214500"),
            ("DCGM_FI_PROF_DRAM_ACTIVE", "0.442100"),
            ("DCGM_FI_DEV_CLOCK_THROTTLE_REASONS", "4"),
            ("DCGM_FI_DEV_XID_ERRORS", "0"),
        ],
    ));
    let [device] = reading.devices.as_slice() else { panic!("{reading:?}") };
    assert_eq!(
        (device.id.as_str(), device.name.as_str(), device.index),
        ("GPU-3f1c", "NVIDIA A100-SXM4-80GB", Some(2))
    );
    assert_eq!((device.host.as_deref(), device.pod.as_deref()), (Some("gpu-01"), Some("llm/qwen-7f9")));
    assert_eq!((number(device.power), number(device.energy)), (Some(287.351), Some(123_456_789.012)));
    assert_eq!(
        (number(device.memory_used), number(device.memory_total)),
        (Some(76032.0 * 1048576.0), Some(81152.0 * 1048576.0))
    );
    assert_eq!((number(device.temperature), number(device.clock)), (Some(51.0), Some(1.41e9)));
    assert_eq!(busy(device, Busy::KernelActive), Value::measured(0.97), "its own figure, not the engine's");
    assert_eq!(busy(device, Busy::SmActive), Value::measured(0.6123));
    assert_eq!(busy(device, Busy::TensorActive), Value::measured(0.2145));
    assert_eq!(busy(device, Busy::DramActive), Value::measured(0.4421));
    assert_eq!((device.throttled.clone(), absent(&reading)), (vec!["power_cap"], vec![]));
}

#[test]
fn an_h100_relabelled_with_small_hostname_and_exported_pods() {
    let labels = "UUID=\"GPU-b60b\",device=\"nvidia0\",gpu=\"0\",hostname=\"node-7\",modelName=\"NVIDIA H100 80GB HBM3\",\
                  namespace=\"monitoring\",pod=\"dcgm-exporter-x\",exported_namespace=\"llm\",exported_pod=\"llama-0\",exported_container=\"c\"";
    let reading = said(&lines(
        labels,
        &[
            ("DCGM_FI_DEV_POWER_USAGE", "67.3"),
            ("DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION_total", "9.5e+09"),
            ("DCGM_FI_PROF_GR_ENGINE_ACTIVE", "1.000500"),
            ("DCGM_FI_DEV_FB_USED", "1"),
            ("DCGM_FI_DEV_FB_FREE", "80000"),
            ("DCGM_FI_DEV_FB_RESERVED", "558"),
            ("DCGM_FI_DEV_CLOCKS_EVENT_REASONS", "97"),
        ],
    ));
    let [device] = reading.devices.as_slice() else { panic!("{reading:?}") };
    assert_eq!((device.host.as_deref(), device.pod.as_deref()), (Some("node-7"), Some("llm/llama-0")));
    assert_eq!((number(device.energy), number(device.memory_total)), (Some(9.5e6), Some(80559.0 * 1048576.0)));
    let engine = busy(device, Busy::KernelActive).map(|v| (v.value, v.quality));
    assert_eq!(engine, Some((1.0, Quality::Estimated)), "another figure in its place is an estimate");
    assert_eq!(device.throttled, ["thermal", "hw_thermal"], "idle, bit 0, is no slowing down");
}

#[test]
fn slices_have_their_own_activity_and_the_whole_device_its_power() {
    let labels = |id: u32, profile: &str, pod: &str| {
        format!(
            "gpu=\"0\",UUID=\"GPU-3f1c\",device=\"nvidia0\",modelName=\"NVIDIA A100\",GPU_I_PROFILE=\"{profile}\",GPU_I_ID=\"{id}\",\
             Hostname=\"h\",container=\"\",namespace=\"llm\",pod=\"{pod}\""
        )
    };
    let fields = |active: &'static str, used: &'static str| {
        [
            ("DCGM_FI_DEV_POWER_USAGE", "180.5"),
            ("DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION", "1000000"),
            ("DCGM_FI_PROF_GR_ENGINE_ACTIVE", active),
            ("DCGM_FI_DEV_FB_USED", used),
            ("DCGM_FI_DEV_FB_FREE", "100"),
        ]
    };
    let text = lines(&labels(1, "3g.40gb", "a"), &fields("0.5", "900"))
        + &lines(&labels(13, "1g.10gb", "b"), &fields("0.25", "80"));
    let reading = said(&text);
    let ids: Vec<&str> = reading.devices.iter().map(|d| d.id.as_str()).collect();
    assert_eq!(ids, ["GPU-3f1c", "GPU-3f1c/1", "GPU-3f1c/13"]);
    let [whole, big, small] = reading.devices.as_slice() else { panic!("{reading:?}") };
    assert_eq!((number(whole.power), number(whole.energy), whole.pod.as_deref()), (Some(180.5), Some(1000.0), None));
    assert_eq!((big.power, small.power, whole.memory_used), (None, None, None));
    assert_eq!((big.name.as_str(), big.pod.as_deref()), ("NVIDIA A100 MIG 3g.40gb", Some("llm/a")));
    assert_eq!((small.parent.as_ref(), small.pod.as_deref()), (Some(&whole.id), Some("llm/b")));
    assert_eq!(busy(small, Busy::KernelActive).map(|v| v.value), Some(0.25));
    assert_eq!(number(big.memory_used), Some(900.0 * 1048576.0));
}

#[test]
fn blanks_and_nonsense_are_dropped_and_named() {
    let reading = said(&lines(
        "gpu=\"0\",UUID=\"GPU-1\",Hostname=\"h\"",
        &[
            ("DCGM_FI_DEV_POWER_USAGE", "140737488355330.000000"),
            ("DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION", "9223372036854775794"),
            ("DCGM_FI_DEV_GPU_UTIL", "2147483632"),
            ("DCGM_FI_DEV_FB_USED", "9223372036854775795"),
            ("DCGM_FI_DEV_FB_FREE", "9.223372036854776e+18"),
            ("DCGM_FI_DEV_GPU_TEMP", "2147483633"),
            ("DCGM_FI_DEV_SM_CLOCK", "-5"),
            ("DCGM_FI_PROF_SM_ACTIVE", "NaN"),
            ("DCGM_FI_PROF_DRAM_ACTIVE", "44"),
        ],
    ));
    let want = [
        ("power", Absence::NotSupported),
        ("energy", Absence::NotSupported),
        ("kernel_active", Absence::Nonsense),
        ("memory_used", Absence::NoPermission),
        ("memory_total", Absence::NotSupported),
        ("temperature", Absence::NoDevice),
        ("clock", Absence::Nonsense),
        ("sm_active", Absence::Nonsense),
        ("dram_active", Absence::Nonsense),
    ];
    assert_eq!(absent(&reading), want);
    let [device] = reading.devices.as_slice() else { panic!("{reading:?}") };
    assert_eq!(device, &Device { index: Some(0), host: Some("h".into()), ..Device::new(DeviceId::new("GPU-1")) });
}

#[test]
fn without_a_uuid_and_without_devices() {
    let reading = said("DCGM_FI_DEV_POWER_USAGE{gpu=\"3\",Hostname=\"h\"} 70\n");
    assert_eq!(reading.devices.iter().map(|d| d.id.as_str()).collect::<Vec<_>>(), ["h/gpu3"]);
    for (text, why) in [
        ("", Absence::NoDevice),
        ("go_goroutines 7\n", Absence::NoDevice),
        ("<html>\n", Absence::Unreadable),
        ("DCGM_FI_DEV_POWER_USAGE 70\n", Absence::NoDevice),
    ] {
        assert_eq!(absent(&said(text)), [("all", why)], "{text}");
    }
}

proptest! {
    #[test]
    fn garbage_never_panics(value in "\\PC{0,24}|[0-9.e+-]{1,24}", label in "[A-Za-z_]{1,8}", field in 0usize..6) {
        let names = ["GPU_UTIL", "POWER_USAGE", "FB_USED", "TOTAL_ENERGY_CONSUMPTION", "CLOCK_THROTTLE_REASONS", "GPU_TEMP"];
        let reading = said(&format!("DCGM_FI_DEV_{}{{gpu=\"0\",UUID=\"u\",{label}=\"1\"}} {value}\n", names[field]));
        for device in &reading.devices {
            prop_assert!(device.busy.iter().all(|(_, v)| (0.0..=1.0).contains(&v.value)));
            prop_assert!(number(device.power).is_none_or(|watts| (0.0..=20_000.0).contains(&watts)));
        }
    }
}
