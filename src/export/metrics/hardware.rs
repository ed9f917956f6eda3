//! How metrics of hardware are read from what the meters have seen.

use super::{Sink, View};
use crate::telemetry::{Attribution, Device, Engine, Host, Reading, Seen, Value};
use std::collections::BTreeSet;

/// A meter that is a target's, as metrics know it.
#[derive(Debug, Clone, PartialEq)]
pub struct MeterFacts {
    /// The target.
    pub target: String,
    /// The meter's kind.
    pub kind: &'static str,
    /// Which of those at work it is.
    pub fingerprint: String,
    /// What of its devices is the target's.
    pub attribution: Attribution,
}

impl View<'_> {
    /// Every target's meters with what they have seen.
    fn each_meter(&self, mut take: impl FnMut(&MeterFacts, &Seen)) {
        for facts in &self.known.meters {
            let seen = self.seen.iter().find(|seen| seen.kind == facts.kind && seen.fingerprint == facts.fingerprint);
            seen.iter().for_each(|seen| take(facts, seen));
        }
    }

    /// Every graphics processor (or what else a meter takes for a device), once: by the first meter that sees it.
    fn each_device(&self, mut take: impl FnMut(&str, &Seen, &Device)) {
        let mut told = BTreeSet::new();
        for seen in self.seen {
            for device in seen.reading.iter().flat_map(|reading| &reading.devices) {
                if told.insert(device.id.as_str()) {
                    take(device.id.as_str(), seen, device);
                }
            }
        }
    }
}

pub(super) fn info(v: &View<'_>, s: &mut Sink) {
    v.each_device(|uuid, seen, device| {
        let Device { name, index, host, parent, .. } = device;
        let index = index.map(|n| n.to_string()).unwrap_or_default();
        let parent = parent.as_ref().map_or("", |parent| parent.as_str());
        s.value(&[uuid, name, &index, host.as_deref().unwrap_or(""), parent, seen.kind], 1.0);
    });
}

pub(super) fn busy(v: &View<'_>, s: &mut Sink) {
    v.each_device(|uuid, seen, device| {
        let Some(sums) = seen.totals.get(&device.id) else { return };
        for (kind, (seconds, quality)) in &sums.busy {
            s.value(&[uuid, kind.label(), quality.label()], *seconds);
        }
    });
}

pub(super) fn energy(v: &View<'_>, s: &mut Sink) {
    v.each_device(|uuid, seen, device| {
        if let Some(energy) = seen.totals.get(&device.id).and_then(|sums| sums.energy) {
            s.value(&[uuid, "idle"], energy.idle_joules);
            s.value(&[uuid, "active"], energy.active_joules);
        }
    });
}

/// A figure of each device, where it has it.
pub(super) fn gauge(v: &View<'_>, s: &mut Sink, read: impl Fn(&Device) -> Option<Value>) {
    v.each_device(|uuid, _, device| read(device).iter().for_each(|value| s.value(&[uuid], value.value)));
}

pub(super) fn throttled(v: &View<'_>, s: &mut Sink) {
    v.each_device(|uuid, _, device| {
        let reasons: BTreeSet<_> = device.throttled.iter().copied().collect();
        reasons.into_iter().for_each(|reason| s.value(&[uuid, reason], 1.0));
    });
}

pub(super) fn serves(v: &View<'_>, s: &mut Sink) {
    let mut told = BTreeSet::new();
    v.each_meter(|facts, seen| {
        let devices = seen.reading.iter().flat_map(|reading| &reading.devices);
        for device in devices.filter(|device| facts.attribution.names(device)) {
            if told.insert((facts.target.clone(), device.id.clone())) {
                s.value(&[&facts.target, device.id.as_str()], 1.0);
            }
        }
    });
}

/// One series for each target's meter.
pub(super) fn meter(v: &View<'_>, s: &mut Sink, read: impl Fn(&Seen) -> f64) {
    let mut told = BTreeSet::new();
    v.each_meter(|facts, seen| {
        if told.insert((facts.target.clone(), facts.kind)) {
            s.value(&[&facts.target, facts.kind], read(seen));
        }
    });
}

/// Whether the newest look brought anything.
pub(super) fn is_up(seen: &Seen) -> bool {
    let brought = |reading: &Reading| !reading.devices.is_empty() || reading.engine.is_some() || reading.host.is_some();
    seen.reading.as_ref().is_some_and(brought)
}

pub(super) fn absent(v: &View<'_>, s: &mut Sink) {
    let mut told = BTreeSet::new();
    v.each_meter(|facts, seen| {
        for absent in seen.reading.iter().flat_map(|reading| &reading.absent) {
            if told.insert((facts.target.clone(), facts.kind, absent.what, absent.why)) {
                s.value(&[&facts.target, facts.kind, absent.what, absent.why.label()], 1.0);
            }
        }
    });
}

/// What a target's serving engine says of itself.
pub(super) fn engine(v: &View<'_>, s: &mut Sink, read: impl Fn(&Engine) -> Option<f64>) {
    let mut told = BTreeSet::new();
    v.each_meter(|facts, seen| {
        let engine = seen.reading.as_ref().and_then(|reading| reading.engine.as_ref());
        if let Some((engine, value)) = engine.and_then(|engine| Some((engine, read(engine)?)))
            && told.insert(facts.target.clone())
        {
            s.value(&[&facts.target, engine.name], value);
        }
    });
}

/// What is known of the machine that serves a target.
pub(super) fn host(v: &View<'_>, s: &mut Sink, read: impl Fn(&Host) -> Option<Value>) {
    let mut told = BTreeSet::new();
    v.each_meter(|facts, seen| {
        let host = seen.reading.as_ref().and_then(|reading| reading.host.as_ref());
        if let Some(value) = host.and_then(&read)
            && told.insert(facts.target.clone())
        {
            s.value(&[&facts.target], value.value);
        }
    });
}
