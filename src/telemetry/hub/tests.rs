//! The hub with meters that follow a script: every look is given by the test, and none comes before it is given.

use super::*;
use crate::telemetry::{Busy, Value};
use std::sync::mpsc;

/// What the next look does.
enum Step {
    Brings(Box<Reading>),
    Panics,
}

/// A meter whose looks wait for their script. When nobody can write it any more, it sees nothing.
#[derive(Debug)]
struct Scripted {
    name: &'static str,
    script: Arc<Mutex<mpsc::Receiver<Step>>>,
}

impl Meter for Scripted {
    fn every(&self) -> Duration {
        Duration::from_millis(1)
    }
    fn fingerprint(&self) -> String {
        self.name.into()
    }
    fn open(&self) -> Box<dyn Probe> {
        Box::new(Script(Arc::clone(&self.script)))
    }
}

struct Script(Arc<Mutex<mpsc::Receiver<Step>>>);

impl Probe for Script {
    fn look(&mut self) -> Reading {
        let step = self.0.lock().unwrap_or_else(PoisonError::into_inner).recv();
        match step {
            Ok(Step::Brings(reading)) => *reading,
            Ok(Step::Panics) => panic!("as the script says"),
            Err(_) => Reading::new(now()),
        }
    }
}

fn scripted(name: &'static str, attribution: Attribution) -> (Sender<Step>, Metered) {
    let (sender, script) = channel();
    let meter = Arc::new(Scripted { name, script: Arc::new(Mutex::new(script)) });
    (sender, Metered { kind: "scripted", meter, attribution })
}

fn at(seconds: u64) -> Nanos {
    Nanos((100 + seconds) * 1_000_000_000)
}

fn gpu(id: &str, seconds: u64, watts: f64) -> Device {
    let energy = Value::measured(watts * f64::from(u32::try_from(seconds).unwrap()));
    let busy = Value::measured(0.5).map(|share| (Busy::KernelActive, share)).into_iter().collect();
    Device { energy, power: Value::measured(watts), busy, ..Device::new(DeviceId::new(id)) }
}

fn reading(seconds: u64, devices: Vec<Device>) -> Step {
    Step::Brings(Box::new(Reading { devices, ..Reading::new(at(seconds)) }))
}

/// Waits until the meters have looked so often, all together.
fn looked(hub: &Hub, looks: u64) -> Vec<Seen> {
    let until = now().plus(Nanos(20_000_000_000));
    loop {
        let seen = hub.snapshot();
        if seen.iter().map(|seen| seen.looks).sum::<u64>() >= looks {
            return seen;
        }
        assert!(now() < until, "no look came: {seen:?}");
        std::thread::yield_now();
    }
}

fn named(devices: &[&str]) -> Attribution {
    Attribution { devices: devices.iter().map(|d| (*d).to_owned()).collect(), ..Attribution::default() }
}

#[test]
fn windows_and_totals_of_what_was_seen() {
    let (script, metered) = scripted("a", Attribution::default());
    let one = Metered { attribution: named(&["GPU-1"]), ..metered.clone() };
    let half =
        Metered { attribution: Attribution { share: Share::Declared(0.5), ..named(&["GPU-0"]) }, ..metered.clone() };
    let absent = Metered { attribution: named(&["GPU-1", "GPU-9"]), ..metered.clone() };
    // One thread, though four targets have the meter.
    let hub = Hub::start(&[metered.clone(), one.clone(), half.clone(), absent.clone()]);
    assert_eq!(hub.snapshot().len(), 1);
    for second in 0..=20 {
        script.send(reading(second, vec![gpu("GPU-0", second, 100.0), gpu("GPU-1", second, 300.0)])).unwrap();
    }
    let seen = looked(&hub, 21);
    let total = |id: &str| seen[0].totals[&DeviceId::new(id)].energy.unwrap().joules;
    assert_eq!((total("GPU-0"), total("GPU-1"), seen[0].failures, seen[0].newest()), (2000.0, 6000.0, 0, Some(at(20))));
    let joules = |metered: &Metered| {
        let used = hub.used(std::slice::from_ref(metered), at(0), at(20));
        (used.energy.unwrap().joules, used.device_seconds, used.flags.into_iter().map(Flag::label).collect::<Vec<_>>())
    };
    assert_eq!(joules(&metered), (8000.0, 40.0, vec![]));
    assert_eq!(joules(&one), (6000.0, 20.0, vec![]));
    assert_eq!(joules(&half), (1000.0, 10.0, vec!["shared"]));
    assert_eq!(joules(&absent), (6000.0, 20.0, vec!["no_device"]));
    assert_eq!(hub.looked_until(&[metered.clone(), one.clone()]), Some(at(20)));
    assert_eq!(hub.at(std::slice::from_ref(&one), at(10)).energy.unwrap().joules, 3000.0);
    let nobody = scripted("b", Attribution::default()).1;
    assert_eq!(hub.looked_until(&[metered, nobody.clone()]), None);
    assert_eq!(hub.used(&[nobody], at(0), at(20)), Used { seconds: 20.0, ..Used::default() });
}

#[test]
fn a_hub_is_shared_by_threads() {
    fn shared<T: Send + Sync + 'static>(_: &T) {}
    shared(&Hub::start(&[]));
}

#[test]
fn a_device_that_two_meters_see_counts_once() {
    let (first, a) = scripted("a", Attribution::default());
    let (second, b) = scripted("b", Attribution::default());
    let hub = Hub::start(&[a.clone(), b.clone()]);
    for s in 0..=10 {
        first.send(reading(s, vec![gpu("GPU-0", s, 100.0)])).unwrap();
        second.send(reading(s, vec![gpu("GPU-0", s, 110.0), gpu("cpu", s, 10.0)])).unwrap();
    }
    looked(&hub, 22);
    assert_eq!(hub.used(&[a, b], at(0), at(10)).energy.unwrap().joules, 1100.0);
}

#[test]
fn shares_by_process_and_pod_are_as_they_were_at_each_look() {
    let share = |share, pods: &[&str]| Attribution {
        share,
        pods: pods.iter().map(|p| (*p).to_owned()).collect(),
        ..Attribution::default()
    };
    let (script, even) = scripted("a", share(Share::Processes, &[]));
    let pod = Metered { attribution: share(Share::Whole, &["llm/*"]), ..even.clone() };
    let hub = Hub::start(&[even.clone(), pod.clone()]);
    for s in 0..=20 {
        // Alone for ten seconds, then with another; in our pod until then.
        let processes = if s <= 10 { vec![(1, None)] } else { vec![(1, None), (2, None)] };
        let pod = Some(if s <= 10 { "llm/a" } else { "other/b" }.to_owned());
        script.send(reading(s, vec![Device { processes, pod, ..gpu("GPU-0", s, 100.0) }])).unwrap();
    }
    looked(&hub, 21);
    let used = hub.used(std::slice::from_ref(&even), at(0), at(20));
    assert_eq!((used.energy.unwrap().joules, used.device_seconds), (1500.0, 15.0));
    assert_eq!(used.flags, BTreeSet::from([Flag::Shared]));
    let used = hub.used(std::slice::from_ref(&pod), at(0), at(20));
    assert_eq!((used.energy.unwrap().joules, used.flags.len()), (1000.0, 0));
}

#[test]
fn a_meter_that_panics_or_fails_costs_its_own_figures_only() {
    let (bad, a) = scripted("a", Attribution::default());
    let (good, b) = scripted("b", Attribution::default());
    let hub = Hub::start(&[a.clone(), b.clone()]);
    bad.send(reading(0, vec![gpu("GPU-0", 0, 100.0)])).unwrap();
    bad.send(Step::Panics).unwrap();
    let lost = Absent { what: "all", device: None, why: Absence::Lost, detail: "gone".into() };
    bad.send(Step::Brings(Box::new(Reading { absent: vec![lost], ..Reading::new(at(1)) }))).unwrap();
    bad.send(reading(2, vec![gpu("GPU-0", 2, 100.0)])).unwrap();
    for s in 0..=2 {
        good.send(reading(s, vec![gpu("GPU-1", s, 50.0)])).unwrap();
    }
    let seen = looked(&hub, 7);
    assert_eq!((seen[0].looks, seen[0].failures, seen[1].failures), (4, 2, 0));
    assert_eq!(hub.used(&[a, b], at(0), at(2)).energy.unwrap().joules, 300.0);
}

#[test]
fn a_meter_that_hangs_is_told_by_its_age_and_does_not_hold_up_the_end() {
    let (script, hangs) = scripted("a", Attribution::default());
    let hub = Hub::start(std::slice::from_ref(&hangs));
    script.send(reading(0, vec![gpu("GPU-0", 0, 100.0)])).unwrap();
    looked(&hub, 1);
    // The next look has no script: it hangs. What was seen is there all the same, and the window is flagged.
    let used = hub.used(std::slice::from_ref(&hangs), at(0), at(20));
    assert!(used.flags.contains(&Flag::Gap) && used.flags.contains(&Flag::Uncovered), "{used:?}");
    let began = now();
    drop(hub);
    assert!(now().since(began).seconds() < 15.0, "the end waits two seconds for it, not for ever");
    drop(script);
}
