//! What a target's hardware came to over a run's whole window, once the run is over: beside the samples' shares, with
//! what is wrong with it.

use super::course::{Course, locked};
use crate::board::{Hardware, WindowEnergy};
use crate::domain::{Nanos, Quality, RunId};
use crate::pricing::Power;
use crate::telemetry::{Hub, Metered, Used};
use rust_decimal::prelude::ToPrimitive as _;
use std::sync::Arc;
use std::time::Duration;

/// The longest that the end of a run waits for meters to look once more; what they have not seen by then is flagged.
const LONGEST: Duration = Duration::from_secs(5);
const STEP: Duration = Duration::from_millis(10);

/// Notes it on the board. `resumed` says that the run had been interrupted.
pub(super) async fn note(course: &Course, run: RunId, resumed: bool) {
    let Some(drawing) = &course.drawing else { return };
    let (hub, window) = {
        let drawing = locked(drawing);
        (drawing.hub(), drawing.window())
    };
    let Some((from, to)) = window else { return };
    let target = &course.target;
    // One that looks more seldom is not waited for.
    let soon: Vec<Metered> = target.meters.iter().filter(|one| one.meter.every() <= LONGEST).cloned().collect();
    if !soon.is_empty() {
        let looked = async {
            while hub.looked_until(&soon).is_none_or(|until| until < to) {
                tokio::time::sleep(STEP).await;
            }
        };
        if tokio::time::timeout(LONGEST, looked).await.is_err() {
            tracing::warn!(target = %target.name, "a meter has not looked since the last answer; the end of the window is not measured");
        }
    }
    let hardware = told(course, &hub, (from, to), resumed);
    course.account.shared().lock().board.hardware(run, hardware);
}

fn told(course: &Course, hub: &Arc<Hub>, (from, to): (Nanos, Nanos), resumed: bool) -> Hardware {
    let target = &course.target;
    let Used { seconds: _, device_seconds, busy, energy, flags } = hub.used(&target.meters, from, to);
    let window = to.since(from);
    let power = target.price.hardware().map(|hardware| hardware.energy.power);
    let energy = match power {
        // As the configuration says, whatever a meter sees: so it is shared among the samples, too.
        Some(Power::Nameplate(watts)) => {
            let joules = watts.to_f64().unwrap_or(f64::INFINITY) * window.seconds();
            Some(WindowEnergy { joules, split: None, quality: Quality::Estimated })
        }
        _ => energy.map(|energy| WindowEnergy {
            joules: energy.joules,
            split: Some((energy.idle_joules, energy.active_joules)),
            quality: energy.quality,
        }),
    };
    let absent = hub.lacking(&target.meters).into_iter().map(|(kind, absent)| {
        let detail = if absent.detail.is_empty() { String::new() } else { format!(" ({})", absent.detail) };
        format!("{kind}: {}{detail}", absent.why.label())
    });
    let absent = absent.collect();
    Hardware { target: target.name.clone(), window, device_seconds, busy, energy, flags, absent, resumed }
}
