//! The meter of NVIDIA cards through the real binary and the real FFI, against a driver that is made up: whatever is missing,
//! refused, lost or nonsense is named, the rest is read right, and nothing panics. There is no card in this test.

pub mod fake;
mod over_time;
mod table;

use crate::support::Outcome;
use assayd::telemetry::now;
use fake::Fake;
use libtest_mimic::{Failed, Trial};
use serde_json::Value;
use std::collections::BTreeSet;
use std::io::Write as _;
use std::sync::{Mutex, MutexGuard, PoisonError};
use table::{Is, SCENARIOS, Scenario};

/// Scenarios at the same time: they mostly wait for the second look.
const AT_ONCE: usize = 12;

/// The tests of this module.
pub fn tests() -> Vec<Trial> {
    let mut tests = vec![Trial::test("nvml::scenarios", scenarios)];
    tests.extend(over_time::tests());
    tests
}

/// Every scenario of the table. All that fail are told, not the first.
fn scenarios() -> Outcome {
    let fake = Fake::built()?;
    let failed = Mutex::new(Vec::new());
    let next = Mutex::new(SCENARIOS.iter());
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some(scenario) = { lock(&next).next() } {
                    if let Err(error) = check(fake, scenario) {
                        let message = error.message().unwrap_or("").to_owned();
                        lock(&failed).push(format!("{}: {message}", scenario.name));
                    }
                }
            });
        }
    });
    let names: BTreeSet<&str> = SCENARIOS.iter().map(|scenario| scenario.name).collect();
    assert_eq!(names.len(), SCENARIOS.len(), "two scenarios have the same name");
    writeln!(std::io::stdout(), "nvml: {} scenarios", SCENARIOS.len())?;
    let failed = lock(&failed);
    if failed.is_empty() { Ok(()) } else { Err(format!("{} failed:\n{}", failed.len(), failed.join("\n")).into()) }
}

fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

fn check(fake: &Fake, scenario: &Scenario) -> Outcome {
    let Scenario { name: _, library, state, devices, lacks, is } = scenario;
    let folder = tempfile::tempdir()?;
    let library = fake.library(folder.path(), *library)?;
    // The card has worked for a while: no sample reaches back to before it was there.
    let begin = format!("begin_ns={}", now().0.saturating_sub(60_000_000_000));
    let state: Vec<&str> = std::iter::once(begin.as_str()).chain(state.iter().copied()).collect();
    let lines = fake::looked(folder.path(), &library, &state, &["--once"])?;
    let line = lines.first().ok_or("no reading")?;
    let meter = line.pointer("/meters/0").ok_or("no meter")?;
    let seen = list(meter, "devices");
    equal("devices", &seen.len(), devices)?;
    let missing: BTreeSet<(&str, &str)> =
        list(meter, "absent").iter().map(|a| (text(a, "what"), text(a, "why"))).collect();
    equal("lacks", &missing, &lacks.iter().copied().collect())?;
    named_or_there(meter)?;
    for (pointer, want) in *is {
        let found = meter.pointer(pointer).cloned().unwrap_or_default();
        let right = match want {
            Is::Number(want) => found.as_f64().is_some_and(|found| (found - want).abs() <= 1e-9 * want.abs().max(1.0)),
            Is::Near(want) => found.as_f64().is_some_and(|found| (found - want).abs() <= 0.05 * want),
            Is::Text(want) => found.as_str() == Some(want),
            Is::Json(want) => found == serde_json::from_str::<Value>(want)?,
        };
        if !right {
            return Err(format!("{pointer} is {found}, not {want:?}").into());
        }
    }
    Ok(())
}

/// Each figure of each device is there, or named with its reason; never both, never neither.
pub fn named_or_there(meter: &Value) -> Outcome {
    const FIGURES: [(&str, &str); 6] = [
        ("memory_used", "memory_used_bytes"),
        ("memory_total", "memory_total_bytes"),
        ("power", "power_watts"),
        ("energy", "energy_joules"),
        ("temperature", "temperature_celsius"),
        ("clock", "clock_hertz"),
    ];
    const SHARES: [&str; 4] = ["kernel_active", "sm_active", "tensor_active", "dram_active"];
    for device in list(meter, "devices") {
        let of = |what: &str| {
            let own = list(meter, "absent").iter().filter(|a| a["device"] == device["uuid"] && a["what"] == what);
            own.count()
        };
        let told = FIGURES.map(|(what, field)| (what, !device[field].is_null())).into_iter();
        for (what, there) in told.chain(SHARES.map(|what| (what, !device["busy"][what].is_null()))) {
            if of(what) != usize::from(!there) {
                return Err(format!("{what} of {}: there: {there}, named {} times", device["uuid"], of(what)).into());
            }
        }
    }
    Ok(())
}

/// The list in a field; none where there is none.
pub fn list<'a>(value: &'a Value, field: &str) -> &'a [Value] {
    value[field].as_array().map_or(&[], Vec::as_slice)
}

/// The text in a field.
pub fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value[field].as_str().unwrap_or("")
}

fn equal<T: PartialEq + std::fmt::Debug>(what: &str, found: &T, want: &T) -> Outcome {
    if found == want { Ok(()) } else { Err(Failed::from(format!("{what}: {found:?}, not {want:?}"))) }
}
