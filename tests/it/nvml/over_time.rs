//! What happens to a driver while the meter looks: counters that begin anew, cards that are lost and come back, a driver that
//! is reloaded, a buffer that stands still; and what is integrated over a known schedule.

use super::fake::{Fake, Library, forbid, looked};
use super::{list, named_or_there, text};
use crate::support::Outcome;
use libtest_mimic::{Failed, Trial};
use serde_json::Value;
use std::process::Command;

/// The tests of this part.
pub fn tests() -> Vec<Trial> {
    vec![
        Trial::test("nvml::a_lost_card_comes_back", lost),
        Trial::test("nvml::a_driver_is_reloaded", reloaded),
        Trial::test("nvml::a_driver_that_cannot_be_closed_stays_open", unclosed),
        Trial::test("nvml::a_counter_begins_anew", reset),
        Trial::test("nvml::what_happens_between_looks_is_counted", between_looks),
        Trial::test("nvml::a_buffer_that_stands_still_is_not_believed", stands_still),
        Trial::test("nvml::a_library_that_may_not_be_read", forbidden),
        Trial::test("nvml::the_table_names_what_is_missing", table),
        Trial::test("nvml::wrong_arguments_are_told", wrong),
    ]
}

/// The readings of `assayd gpu` for some time, and the window they came to.
fn readings(state: &[&str], more: &[&str]) -> Result<(Vec<Value>, Value), Failed> {
    readings_of(Library::Fake, state, more)
}

fn readings_of(library: Library, state: &[&str], more: &[&str]) -> Result<(Vec<Value>, Value), Failed> {
    let folder = tempfile::tempdir()?;
    let library = Fake::built()?.library(folder.path(), library)?;
    let mut lines = looked(folder.path(), &library, state, more)?;
    let window = lines.pop().ok_or("nothing was said")?;
    let window = window.pointer("/windows/0").cloned().ok_or("no window at the end")?;
    let readings: Vec<Value> = lines
        .into_iter()
        .filter_map(|line| line.pointer("/meters/0").cloned())
        .filter(|meter| meter["meter"] == "nvml")
        .collect();
    // The first look has no shares yet, and those right after a card was found neither.
    for reading in readings.iter().skip(1).filter(|reading| !list(reading, "devices").is_empty()) {
        let fresh = list(reading, "devices").iter().any(|device| device["busy"]["sm_active"].is_null());
        if !fresh {
            named_or_there(reading)?;
        }
    }
    Ok((readings, window))
}

/// What all readings lack, without repetition and in their order.
fn lacks(readings: &[Value]) -> Vec<String> {
    let mut all: Vec<String> = readings
        .iter()
        .flat_map(|reading| list(reading, "absent"))
        .map(|a| format!("{} {}", text(a, "what"), text(a, "why")))
        .collect();
    all.dedup();
    all
}

fn energies(readings: &[Value]) -> Vec<f64> {
    readings.iter().filter_map(|reading| reading.pointer("/devices/0/energy_joules/value")?.as_f64()).collect()
}

fn lost() -> Outcome {
    let state = ["count=2", "gpu.1.gpm=1", "gpu.0.lost_from_ms=400", "gpu.0.lost_to_ms=900"];
    let (readings, _) = readings(&state, &["--every", "50ms", "--for", "2600ms"])?;
    assert_eq!(lacks(&readings), ["all lost"]);
    let of = |reading: &Value, n: u32| {
        let uuid = format!("GPU-00000000-0000-0000-0000-{n:012}");
        list(reading, "devices").iter().any(|device| device["uuid"] == uuid)
    };
    let first: Vec<bool> = readings.iter().map(|reading| of(reading, 0)).collect();
    // There, gone, and there again; it is named all the time that it is gone, by its own UUID.
    let mut turns = first.clone();
    turns.dedup();
    assert_eq!(turns, [true, false, true]);
    assert!(readings.iter().all(|reading| of(reading, 1)), "the other card was lost too");
    let named = |reading: &&Value| list(reading, "absent").iter().any(|a| text(a, "device").ends_with("000000000000"));
    assert_eq!(readings.iter().filter(named).count(), first.iter().filter(|there| !**there).count());
    Ok(())
}

fn reloaded() -> Outcome {
    let state = ["unloaded_from_ms=400", "unloaded_to_ms=900", "gpu.0.energy_from_mj=7000000"];
    let (readings, window) = readings(&state, &["--every", "50ms", "--for", "2600ms"])?;
    assert_eq!(lacks(&readings), ["all no_driver"]);
    let last = readings.last().ok_or("no reading")?;
    assert_eq!(list(last, "devices").len(), 1);
    let energies = energies(&readings);
    assert!(energies.windows(2).any(|pair| pair[1] < pair[0]), "the counter did not begin anew: {energies:?}");
    assert!(window["devices"][0]["energy_joules"]["value"].as_f64().is_some_and(|joules| joules > 0.0));
    Ok(())
}

/// The wrapper panics when it closes a library that has no end; so it is never closed, and the driver is not had again.
fn unclosed() -> Outcome {
    let state = ["unloaded_from_ms=200", "unloaded_to_ms=400"];
    let (readings, _) =
        readings_of(Library::Without(&["nvmlShutdown"]), &state, &["--every", "50ms", "--for", "1800ms"])?;
    assert_eq!(lacks(&readings), ["all no_driver"]);
    assert_eq!(readings.last().map(|reading| list(reading, "devices").len()), Some(0));
    Ok(())
}

fn reset() -> Outcome {
    let state = ["gpu.0.energy_from_mj=7000000", "gpu.0.energy_reset_ms=500"];
    let (readings, window) = readings(&state, &["--every", "50ms", "--for", "1200ms"])?;
    assert_eq!(lacks(&readings), Vec::<String>::new());
    let energies = energies(&readings);
    assert_eq!(energies.windows(2).filter(|pair| pair[1] < pair[0]).count(), 1, "{energies:?}");
    // 250 W all the time; nothing of the 7 kJ that the counter lost.
    let device = &window["devices"][0];
    let joules = device["energy_joules"]["value"].as_f64().ok_or("no energy")?;
    let seconds = device["seconds"].as_f64().ok_or("no seconds")?;
    assert!((joules / (250.0 * seconds) - 1.0).abs() < 0.1, "{joules} J in {seconds} s");
    assert!(device["flags"].as_array().is_some_and(|flags| flags.contains(&"reset".into())));
    Ok(())
}

/// Busy for 60 of every 250 ms, looked at every 200 ms: hardly a look sees what is going on, and all of it is counted.
fn between_looks() -> Outcome {
    let state = ["gpu.0.schedule=60:100:400000:80:40:20,190:0:100000", "gpu.0.sample_ms=20", "gpu.0.sample_late_ms=30"];
    let (readings, window) = readings(&state, &["--every", "200ms", "--for", "2300ms"])?;
    assert_eq!(lacks(&readings), Vec::<String>::new());
    let device = &window["devices"][0];
    let seconds = device["seconds"].as_f64().ok_or("no seconds")?;
    let busy = device["busy_seconds"]["kernel_active"]["value"].as_f64().ok_or("no busy time")?;
    let sm = device["busy_seconds"]["sm_active"]["value"].as_f64().ok_or("no activity")?;
    // A window is not a whole number of cycles: at the most one burst is over or under.
    assert!((busy - seconds * 0.24).abs() <= 0.06 + 0.02, "{busy} s of {seconds} s");
    assert!((sm - seconds * 0.24 * 0.8).abs() <= 0.06 + 0.02, "{sm} s of {seconds} s");
    Ok(())
}

/// No sample comes any more: after a while the utilisation that the driver gives is believed instead.
fn stands_still() -> Outcome {
    let state = ["gpu.0.samples_stand_ms=-5000", "gpu.0.sample=99", "gpu.0.sample_keep=400"];
    let (readings, _) = readings(&state, &["--every", "100ms", "--for", "4s"])?;
    let last = readings.last().and_then(|reading| reading.pointer("/devices/0/busy/kernel_active/value"));
    assert_eq!(last.and_then(Value::as_f64), Some(0.37));
    Ok(())
}

fn forbidden() -> Outcome {
    let folder = tempfile::tempdir()?;
    let library = Fake::built()?.library(folder.path(), Library::Fake)?;
    forbid(&library)?;
    let lines = looked(folder.path(), &library, &[], &["--once"])?;
    let readings: Vec<Value> = lines.iter().filter_map(|line| line.pointer("/meters/0").cloned()).collect();
    // Whoever is root may read everything.
    let want: &[&str] = if rustix::process::geteuid().is_root() { &[] } else { &["all no_permission"] };
    assert_eq!(lacks(&readings), want);
    Ok(())
}

fn table() -> Outcome {
    let folder = tempfile::tempdir()?;
    let library = Fake::built()?.library(folder.path(), Library::Nowhere)?;
    let mut command = Command::new(env!("CARGO_BIN_EXE_assayd"));
    let ended = command.args(["gpu", "--once", "--library"]).arg(&library).output()?;
    let out = String::from_utf8(ended.stdout)?;
    assert_eq!(ended.status.code(), Some(0));
    assert!(out.starts_with("nvml\n  without all: no_library ("), "{out}");
    Ok(())
}

fn wrong() -> Outcome {
    for (arguments, said) in [
        (["gpu", "--every", "1ms"], "assayd: --every: expected from 20ms to 60s\n"),
        (["gpu", "--every", "2min"], "assayd: --every: expected from 20ms to 60s\n"),
    ] {
        let ended = Command::new(env!("CARGO_BIN_EXE_assayd")).args(arguments).output()?;
        assert_eq!(ended.status.code(), Some(2));
        assert_eq!(String::from_utf8(ended.stderr)?, said);
    }
    Ok(())
}
