//! All meters at work: a thread for each, the newest of what they saw, and its sums.
//!
//! A meter may hang, fail or panic: it costs its own figures and nothing else. A thread that hangs is left behind when the
//! hub ends; it holds nothing but its own state, and ends with its look.

use super::attribution::{Attribution, Metered, Share};
use super::integral::Integral;
use super::serving::Family;
use super::used::{Cumulative, Flag, Used};
use super::{Absence, Absent, Device, DeviceId, Meter, Probe, Reading, now};
use crate::domain::Nanos;
use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

/// Devices of one meter at the most; further ones are not summed up.
const MOST_DEVICES: usize = 256;

/// How long the end waits for threads that are in the middle of a look.
const GRACE: Duration = Duration::from_secs(2);

/// The longest pause after a panic.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// What a meter has seen so far.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    /// The meter's kind.
    pub kind: &'static str,
    /// The meter's own word for its settings.
    pub fingerprint: String,
    /// How often it is looked at.
    pub every: Duration,
    /// Looks that came to an end.
    pub looks: u64,
    /// Of them, those that brought nothing, and panics.
    pub failures: u64,
    /// What the newest look brought; none before the first.
    pub reading: Option<Reading>,
    /// All sums up to each device's newest look: they never fall.
    pub totals: BTreeMap<DeviceId, Cumulative>,
}

impl Seen {
    /// When the newest look was.
    #[must_use]
    pub fn newest(&self) -> Option<Nanos> {
        self.reading.as_ref().map(|reading| reading.at)
    }
}

/// The sums of what is one attribution's, where that can change.
#[derive(Debug)]
struct Changing {
    attribution: Attribution,
    devices: BTreeMap<DeviceId, Integral>,
}

#[derive(Debug, Default)]
struct State {
    looks: u64,
    failures: u64,
    reading: Option<Reading>,
    devices: BTreeMap<DeviceId, (Device, Integral)>,
    changing: Vec<Changing>,
}

/// One meter on its thread.
#[derive(Debug)]
struct Watched {
    kind: &'static str,
    fingerprint: String,
    every: Duration,
    state: Arc<Mutex<State>>,
    thread: Option<JoinHandle<()>>,
}

/// All meters at work; they stop when it is dropped.
#[derive(Debug)]
pub struct Hub {
    meters: Vec<Watched>,
    stop: Vec<Sender<()>>,
    /// A hub is shared by threads, which a receiver alone is not.
    ended: Mutex<Receiver<()>>,
}

impl Hub {
    /// Starts a thread for each meter; those with the same fingerprint are one.
    #[must_use]
    pub fn start(metered: &[Metered]) -> Self {
        let mut meters: Vec<(Watched, Arc<dyn Meter>)> = Vec::new();
        for Metered { kind, meter, attribution } in metered {
            let fingerprint = meter.fingerprint();
            let found = meters.iter().position(|(there, _)| there.kind == *kind && there.fingerprint == fingerprint);
            let place = found.unwrap_or_else(|| {
                let state = Arc::default();
                let every = meter.every();
                meters.push((Watched { kind, fingerprint, every, state, thread: None }, Arc::clone(meter)));
                meters.len() - 1
            });
            if let Some((watched, _)) = meters.get(place).filter(|_| attribution.changes()) {
                let changing = &mut lock(&watched.state).changing;
                if !changing.iter().any(|there| there.attribution == *attribution) {
                    let attribution = attribution.clone();
                    changing.push(Changing { attribution, devices: BTreeMap::new() });
                }
            }
        }
        let (end, ended) = channel();
        let mut stop = Vec::new();
        let started = meters.into_iter().map(|(mut watched, meter)| {
            let (sender, stopped) = channel();
            let (state, end) = (Arc::clone(&watched.state), end.clone());
            let run = move || {
                work(meter.as_ref(), &state, &stopped);
                // Nobody waits any more where the hub is gone.
                let _ = end.send(());
            };
            let named = std::thread::Builder::new().name(format!("meter-{}", watched.kind));
            match named.spawn(run) {
                Ok(thread) => {
                    watched.thread = Some(thread);
                    stop.push(sender);
                }
                Err(error) => failed(&watched.state, "the meter's thread can't be started", &error.to_string()),
            }
            watched
        });
        let meters = started.collect();
        Self { meters, stop, ended: Mutex::new(ended) }
    }

    /// What every meter has seen.
    #[must_use]
    pub fn snapshot(&self) -> Vec<Seen> {
        let seen = |watched: &Watched| {
            let state = lock(&watched.state);
            let total = |(_, integral): &(Device, Integral)| integral.newest().map(|newest| integral.at(newest));
            let totals = state.devices.iter().filter_map(|(id, device)| Some((id.clone(), total(device)?)));
            Seen {
                kind: watched.kind,
                fingerprint: watched.fingerprint.clone(),
                every: watched.every,
                looks: state.looks,
                failures: state.failures,
                reading: state.reading.clone(),
                totals: totals.collect(),
            }
        };
        self.meters.iter().map(seen).collect()
    }

    /// Up to when all of a target's meters have looked: a window that ends later is not wholly measured yet. None where one has
    /// not looked at all.
    #[must_use]
    pub fn looked_until(&self, metered: &[Metered]) -> Option<Nanos> {
        let newest = |one: &Metered| lock(&self.watched(one)?.state).reading.as_ref().map(|reading| reading.at);
        metered.iter().map(newest).min().flatten()
    }

    /// Which of a target's meters brought nothing at all at their newest look though they should, and why: their kind, and
    /// what they say.
    #[must_use]
    pub fn lacking(&self, metered: &[Metered]) -> Vec<(&'static str, Absent)> {
        let mut all = Vec::new();
        for watched in metered.iter().filter_map(|one| self.watched(one)) {
            let state = lock(&watched.state);
            let absent = state.reading.iter().flat_map(|reading| &reading.absent);
            all.extend(
                absent
                    .filter(|a| a.what == "all" && a.why != Absence::NotSupported)
                    .map(|absent| (watched.kind, absent.clone())),
            );
        }
        all
    }

    fn watched(&self, Metered { kind, meter, .. }: &Metered) -> Option<&Watched> {
        let fingerprint = meter.fingerprint();
        self.meters.iter().find(|watched| watched.kind == *kind && watched.fingerprint == fingerprint)
    }

    /// What a window came to on all that serves a target: its meters' devices, each counted once, by the first meter that
    /// sees it.
    #[must_use]
    pub fn used(&self, metered: &[Metered], from: Nanos, to: Nanos) -> Used {
        let window = Used { seconds: to.since(from).seconds(), ..Used::default() };
        let mut total: Option<Used> = None;
        let mut missing = false;
        self.each(metered, &mut missing, |integral, declared| {
            let used = integral.between(from, to).times(declared);
            total = Some(match total.take() {
                None => used,
                Some(sum) => sum.plus(used),
            });
        });
        let mut total = total.unwrap_or(window);
        if total.device_seconds > 0.0
            && metered.iter().any(|m| matches!(m.attribution.share, Share::Processes | Share::Memory))
        {
            total = total.shared();
        }
        total.flags.extend(missing.then_some(Flag::NoDevice));
        total
    }

    /// All since the first look, at an instant, of all that serves a target. Asked in the order of time it never falls.
    #[must_use]
    pub fn at(&self, metered: &[Metered], t: Nanos) -> Cumulative {
        let mut total = Cumulative::default();
        self.each(metered, &mut false, |integral, declared| {
            total = std::mem::take(&mut total).plus(integral.at(t).times(declared));
        });
        total
    }

    /// Goes through the sums that are a target's. `missing` becomes true where a device that is named was never seen.
    fn each(&self, metered: &[Metered], missing: &mut bool, mut with: impl FnMut(&Integral, f64)) {
        let mut counted: BTreeSet<DeviceId> = BTreeSet::new();
        for one in metered {
            let (attribution, Some(watched)) = (&one.attribution, self.watched(one)) else { continue };
            let state = lock(&watched.state);
            let mut found = 0;
            let mut count = |id: &DeviceId, integral: &Integral| {
                found += 1;
                if counted.insert(id.clone()) {
                    with(integral, attribution.declared());
                }
            };
            match state.changing.iter().find(|changing| changing.attribution == *attribution) {
                Some(changing) => changing.devices.iter().for_each(|(id, integral)| count(id, integral)),
                None => {
                    let named = state.devices.iter().filter(|(_, (device, _))| attribution.names(device));
                    named.for_each(|(id, (_, integral))| count(id, integral));
                }
            }
            let wanted = attribution.devices.len().max(usize::from(attribution.changes()));
            *missing |= found < wanted;
        }
    }
}

impl Drop for Hub {
    /// Stops all threads, and waits for them a little.
    fn drop(&mut self) {
        self.stop.clear();
        let until = now().plus(GRACE.into());
        let ended = self.ended.get_mut().unwrap_or_else(PoisonError::into_inner);
        let threads = self.meters.iter().filter(|watched| watched.thread.is_some()).count();
        let all = (0..threads).all(|_| ended.recv_timeout(until.since(now()).into()).is_ok());
        for thread in self.meters.iter_mut().filter_map(|watched| watched.thread.take()) {
            if all || thread.is_finished() {
                // Its panics were caught where they arose.
                drop(thread.join());
            }
        }
    }
}

/// Whoever panicked with it in hand left whole values behind: sums are put in place whole.
fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Looks until it is told to stop.
fn work(meter: &dyn Meter, state: &Mutex<State>, stopped: &Receiver<()>) {
    let every = meter.every();
    let mut probe: Option<Box<dyn Probe>> = None;
    let mut pause = every;
    let mut families: Vec<Option<Family>> = lock(state).changing.iter().map(|c| c.attribution.family()).collect();
    loop {
        let began = now();
        let looked = catch_unwind(AssertUnwindSafe(|| {
            let mut open = probe.take().unwrap_or_else(|| meter.open());
            let reading = open.look();
            (open, reading)
        }));
        match looked {
            Ok((open, reading)) => {
                probe = Some(open);
                pause = every;
                take(state, reading, &mut families);
            }
            Err(_) => {
                pause = (pause * 2).clamp(Duration::from_millis(100), LONGEST_PAUSE);
                failed(state, "the meter panicked; it is opened anew", "");
            }
        }
        let took = now().since(began);
        match stopped.recv_timeout(pause.saturating_sub(took.into())) {
            Err(RecvTimeoutError::Timeout) => {}
            Ok(()) | Err(RecvTimeoutError::Disconnected) => break,
        }
    }
    // A driver may panic when it is closed, too.
    drop(catch_unwind(AssertUnwindSafe(|| drop(probe))));
}

/// Keeps a look that brought nothing.
fn failed(state: &Mutex<State>, what: &str, why: &str) {
    let detail = if why.is_empty() { what.to_owned() } else { format!("{what}: {why}") };
    let absent = Absent { what: "all", device: None, why: Absence::Other, detail };
    take(state, Reading { absent: vec![absent], ..Reading::new(now()) }, &mut []);
}

/// Takes in a reading. Processes are looked up before anybody has to wait for it.
fn take(state: &Mutex<State>, mut reading: Reading, families: &mut [Option<Family>]) {
    let mut ours: Vec<BTreeSet<u32>> = Vec::new();
    for family in families {
        let pids = family.as_mut().map_or_else(|| Ok(BTreeSet::new()), |family| family.pids(reading.at).cloned());
        ours.push(pids.unwrap_or_else(|absent| {
            reading.absent.push(absent);
            BTreeSet::new()
        }));
    }
    let mut guard = lock(state);
    let state = &mut *guard;
    let brought = !reading.devices.is_empty() || reading.engine.is_some() || reading.host.is_some();
    let failed = !brought && reading.absent.iter().any(|absent| absent.why != Absence::NotSupported);
    state.looks += 1;
    state.failures += u64::from(failed);
    for device in &reading.devices {
        let full = state.devices.len() >= MOST_DEVICES;
        match state.devices.get_mut(&device.id) {
            Some((newest, integral)) => {
                integral.add(device, reading.at);
                *newest = device.clone();
            }
            None if full => {}
            None => {
                let mut integral = Integral::default();
                integral.add(device, reading.at);
                state.devices.insert(device.id.clone(), (device.clone(), integral));
            }
        }
    }
    for (Changing { attribution, devices }, ours) in state.changing.iter_mut().zip(&ours) {
        for device in &reading.devices {
            let weight = attribution.weight(device, ours);
            match devices.get_mut(&device.id) {
                // What is no longer ours costs us nothing from then on.
                Some(integral) => integral.add_share(device, reading.at, weight.unwrap_or(0.0)),
                None => {
                    if let Some(weight) = weight.filter(|_| devices.len() < MOST_DEVICES) {
                        let mut integral = Integral::default();
                        integral.add_share(device, reading.at, weight);
                        devices.insert(device.id.clone(), integral);
                    }
                }
            }
        }
    }
    state.reading = Some(reading);
}

#[cfg(test)]
mod tests;
