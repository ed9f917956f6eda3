//! What the hardware of each target did over the run's whole window: as a table, for JSON, and in sentences what is wrong
//! with it.

use super::words::{NOTHING, percent, significant};
use super::{Column, Report, Table};
use crate::board::{Hardware, WindowEnergy};
use crate::telemetry::Flag;
use serde_json::{Map, Value, json};

/// One row for each target; none where nothing is known of any.
#[must_use]
pub fn hardware(report: &Report) -> Option<Table> {
    let known: Vec<&Hardware> = report.hardware.iter().filter(|one| one.is_known()).collect();
    if known.is_empty() {
        return None;
    }
    let columns = vec![
        Column::text("target"),
        Column::number("window\ns"),
        Column::number("device\ns"),
        Column::text("busy by"),
        Column::number("busy\n% of device s"),
        Column::number("energy\nJ"),
        Column::number("idle\nJ"),
        Column::number("active\nJ"),
        Column::text("how"),
        Column::text("flags"),
    ];
    let number = |x: Option<f64>| x.map_or_else(|| NOTHING.to_owned(), |x| significant(x, 3));
    let rows = known.iter().map(|one| {
        let Hardware { target, window, device_seconds, energy, flags, .. } = one;
        let duty = one.duty();
        let split = energy.and_then(|energy| energy.split);
        let flags: Vec<&str> = flags.iter().map(|flag| flag.label()).collect();
        vec![
            target.to_string(),
            significant(window.seconds(), 3),
            number(Some(*device_seconds).filter(|seconds| *seconds > 0.0)),
            duty.map_or(NOTHING, |(kind, _)| kind.label()).to_owned(),
            duty.map_or_else(|| NOTHING.to_owned(), |(_, share)| percent(share)),
            number(energy.map(|energy| energy.joules)),
            number(split.map(|(idle, _)| idle)),
            number(split.map(|(_, active)| active)),
            energy.map_or(NOTHING, |energy| energy.quality.label()).to_owned(),
            if flags.is_empty() { NOTHING.to_owned() } else { flags.join(" ") },
        ]
    });
    Some(Table { title: "hardware, over the whole window of the run".to_owned(), rows: rows.collect(), columns })
}

/// The list of JSON. Energy is in joules; null is not known.
pub(super) fn json(report: &Report) -> Vec<Value> {
    report.hardware.iter().map(one).collect()
}

fn one(hardware: &Hardware) -> Value {
    let Hardware { target, window, device_seconds, busy, energy, flags, absent, resumed } = hardware;
    let busy: Map<String, Value> = busy
        .iter()
        .map(|(kind, (seconds, quality))| {
            (kind.label().to_owned(), json!({ "value": seconds, "quality": quality.label() }))
        })
        .collect();
    let split = energy.and_then(|energy| energy.split);
    json!({
        "target": target.as_str(),
        "seconds": window.seconds(),
        "device_seconds": device_seconds,
        "busy_seconds": busy,
        "joules": energy.map(|energy| energy.joules),
        "idle_joules": split.map(|(idle, _)| idle),
        "active_joules": split.map(|(_, active)| active),
        "quality": energy.map_or("absent", |WindowEnergy { quality, .. }| quality.label()),
        "flags": flags.iter().map(|flag| flag.label()).collect::<Vec<_>>(),
        "valid": !flags.iter().any(|flag| flag.is_invalid()),
        "absent": absent,
        "resumed": resumed,
    })
}

/// What a reader must not overlook, a sentence each.
pub(super) fn caveats(report: &Report) -> Vec<String> {
    let mut lines = Vec::new();
    for Hardware { target, flags, absent, resumed, .. } in &report.hardware {
        let said = |invalid: bool| {
            let of = flags.iter().filter(|flag| flag.is_invalid() == invalid);
            of.map(|flag| format!("{} ({})", flag.label(), meaning(*flag))).collect::<Vec<_>>().join("; ")
        };
        let (invalid, doubtful) = (said(true), said(false));
        if !invalid.is_empty() {
            lines.push(format!("{target}: what its meters say of energy and busy time is NOT VALID: {invalid}"));
        }
        if !doubtful.is_empty() {
            lines.push(format!("{target}: energy and busy time of its hardware: {doubtful}"));
        }
        lines.extend(absent.iter().map(|why| format!("{target}: a meter brought nothing: {why}")));
        if *resumed {
            lines.push(format!(
                "{target}: the run was interrupted; what its hardware did is told since it went on, the samples have their \
                 shares of all of it"
            ));
        }
    }
    lines
}

const fn meaning(flag: Flag) -> &'static str {
    match flag {
        Flag::Short => "the window is shorter than 10 s, and counters move in steps of about 0.1 s",
        Flag::Gap => "two looks were more than 3 s apart",
        Flag::Disagree => "the energy counter and the integral of power differ by more than 5 %",
        Flag::Reset => "the energy counter began anew; power bridges it",
        Flag::Uncovered => "a hundredth of the window or more was not seen",
        Flag::Unsplit => "how busy it was is not known: all its energy counts as active",
        Flag::Shared => "the device serves others too; its figures are split by the declared rule",
        Flag::Partial => "one of several devices says nothing of a figure that others have",
        Flag::NoDevice => "a device that was named is not seen",
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;

    #[test]
    fn what_is_wrong_is_told_and_what_is_invalid_louder() {
        let report = fixture::report();
        let said = caveats(&report);
        assert!(said.iter().any(|line| line.contains("NOT VALID: disagree")), "{said:?}");
        assert!(
            said.iter().any(|line| line.starts_with("base: energy and busy time of its hardware: short")),
            "{said:?}"
        );
        assert!(said.iter().any(|line| line == "local: a meter brought nothing: nvml: no_library"), "{said:?}");
        let none = Report { hardware: Vec::new(), ..report };
        assert_eq!((hardware(&none), caveats(&none).len(), json(&none).len()), (None, 0, 0));
    }
}
