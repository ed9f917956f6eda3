//! Windows against sums done by hand, and what holds of every sequence of looks.

use super::*;
use crate::telemetry::DeviceId;
use proptest::prelude::*;

/// One look: counter, power, share of kernel_active.
type Look = (Option<f64>, Option<f64>, Option<f64>);

fn device((energy, power, busy): Look) -> Device {
    let measured = |value: Option<f64>| value.and_then(Value::measured);
    let busy = measured(busy).map(|share| (Busy::KernelActive, share));
    Device {
        energy: measured(energy),
        power: measured(power),
        busy: busy.into_iter().collect(),
        ..Device::new(DeviceId::new("GPU-0"))
    }
}

fn at(seconds: f64) -> Nanos {
    Nanos(1_000_000_000 + Nanos::from(std::time::Duration::from_secs_f64(seconds)).0)
}

/// Looks every `period` seconds.
fn every(period: f64, looks: impl IntoIterator<Item = Look>) -> Integral {
    let mut integral = Integral::default();
    for (n, look) in looks.into_iter().enumerate() {
        integral.add(&device(look), at(n as f64 * period));
    }
    integral
}

fn near(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-6 * (1.0 + a.abs().max(b.abs()))
}

fn flags(used: &Used) -> Vec<&'static str> {
    used.flags.iter().map(|flag| flag.label()).collect()
}

#[test]
fn the_counter_is_the_energy_and_power_only_checks_it() {
    let integral = every(1.0, (0..=60).map(|n| (Some(1000.0 + 200.0 * f64::from(n)), Some(201.0), Some(0.5))));
    let used = integral.between(at(0.0), at(60.0));
    let energy = used.energy.unwrap();
    assert!(near(energy.joules, 12_000.0) && energy.quality == Quality::Measured, "{energy:?}");
    assert!(near(energy.idle_joules, 6000.0), "half the time, at what is known of its power");
    assert_eq!(used.busy.get(&Busy::KernelActive), Some(&(30.0, Quality::Measured)));
    assert_eq!((flags(&used), used.seconds, used.is_invalid()), (vec![], 60.0, false));
    let part = integral.between(at(10.25), at(30.75));
    assert!(near(part.energy.unwrap().joules, 200.0 * 20.5));
}

#[test]
fn without_a_counter_it_is_the_trapezoid_with_its_edges_interpolated() {
    // 0 W to 100 W in one second, then 100 W: 50 J + 100 J/s.
    let integral = every(1.0, (0..=20).map(|n| (None, Some(if n == 0 { 0.0 } else { 100.0 }), Some(1.0))));
    let all = integral.between(at(0.0), at(20.0));
    assert_eq!(all.energy.map(|e| (e.joules, e.idle_joules, e.quality)), Some((1950.0, 0.0, Quality::Estimated)));
    // Half way up the ramp: a quarter of its energy.
    assert!(near(integral.between(at(0.0), at(0.5)).energy.unwrap().joules, 12.5));
    assert_eq!(flags(&all), Vec::<&str>::new());
}

#[test]
fn idle_is_what_is_drawn_while_nothing_runs() {
    // 10 s at 60 W idle, 10 s at 300 W busy, 10 s at 180 W of which half is busy.
    let look = |n: u32| match n {
        0..=10 => (None, Some(60.0), Some(0.0)),
        11..=20 => (None, Some(300.0), Some(1.0)),
        _ => (None, Some(180.0), Some(0.5)),
    };
    let integral = every(1.0, (0..=30).map(look));
    let of = |from, to| integral.between(at(from), at(to)).energy.map(|e| (e.idle_joules, e.active_joules)).unwrap();
    assert_eq!(of(0.0, 10.0), (600.0, 0.0));
    assert_eq!(of(11.0, 20.0), (0.0, 2700.0));
    let (idle, active) = of(21.0, 30.0);
    assert!(near(idle, 9.0 * 30.0) && near(active, 9.0 * 150.0), "{idle} {active}");
    let unknown = every(1.0, (0..=20).map(|_| (None, Some(60.0), None)));
    let used = unknown.between(at(0.0), at(20.0));
    assert_eq!((used.energy.map(|e| e.idle_joules), flags(&used)), (Some(0.0), vec!["unsplit"]));
}

#[test]
fn a_counter_that_begins_anew_is_bridged_by_power() {
    let counter = |n: u32| if n <= 10 { 5e6 + 100.0 * f64::from(n) } else { 100.0 * f64::from(n - 11) };
    let integral = every(1.0, (0..=20).map(|n| (Some(counter(n)), Some(100.0), Some(1.0))));
    let used = integral.between(at(0.0), at(20.0));
    let energy = used.energy.unwrap();
    assert!(near(energy.joules, 2000.0), "{energy:?}");
    assert_eq!((energy.quality, flags(&used)), (Quality::Estimated, vec!["reset"]));
    let after = integral.between(at(11.0), at(20.0));
    assert_eq!((after.energy.map(|e| e.quality), flags(&after)), (Some(Quality::Measured), vec!["short"]));
    // Without power: as before, and no more than the new counter has.
    let blind = every(1.0, (0..=20).map(|n| (Some(counter(n)), None, None)));
    assert!(near(blind.between(at(0.0), at(20.0)).energy.unwrap().joules, 1900.0));
}

#[test]
fn a_counter_that_is_away_for_a_while_is_right_again_when_it_is_back() {
    let counter = |n: u32| (!(5..9).contains(&n)).then(|| 100.0 * f64::from(n));
    for guess in [60.0, 140.0] {
        let power = |n: u32| Some(if (4..10).contains(&n) { guess } else { 100.0 });
        let integral = every(1.0, (0..=20).map(|n| (counter(n), power(n), Some(1.0))));
        let used = integral.between(at(0.0), at(20.0));
        assert!(near(used.energy.unwrap().joules, 2000.0), "{guess}: {used:?}");
        assert_eq!(used.energy.map(|e| e.quality), Some(Quality::Estimated));
    }
}

#[test]
fn gaps_disagreement_and_blind_edges_are_told() {
    let mut integral = every(1.0, (0..=10).map(|n| (Some(100.0 * f64::from(n)), Some(100.0), Some(1.0))));
    integral.add(&device((Some(1400.0), Some(100.0), Some(1.0))), at(14.0));
    integral.add(&device((Some(1500.0), Some(100.0), Some(1.0))), at(15.0));
    let used = integral.between(at(0.0), at(15.0));
    assert_eq!((flags(&used), used.is_invalid()), (vec!["gap"], true));
    assert_eq!(used.energy.map(|e| e.joules), Some(1500.0));
    assert_eq!(flags(&integral.between(at(0.0), at(10.0))), Vec::<&str>::new());
    // The newest look is 2 s, then 5 s old.
    assert_eq!(flags(&integral.between(at(14.0), at(17.0))), ["short", "uncovered"]);
    assert_eq!(flags(&integral.between(at(14.0), at(20.0))), ["short", "gap", "uncovered"]);
    assert_eq!(flags(&integral.between(Nanos(0), at(10.0))), ["uncovered"]);
    let twice = every(1.0, (0..=20).map(|n| (Some(100.0 * f64::from(n)), Some(90.0), Some(1.0))));
    assert_eq!(flags(&twice.between(at(0.0), at(20.0))), ["disagree"]);
    assert_eq!(flags(&twice.between(at(0.0), at(9.0))), ["short"], "too short to be compared");
    let never = Integral::default().between(at(0.0), at(20.0));
    assert_eq!((never.energy, flags(&never)), (None, vec!["gap", "uncovered"]));
}

#[test]
fn it_goes_on_for_one_period_and_takes_nothing_back() {
    let mut integral = every(1.0, (0..=10).map(|n| (Some(100.0 * f64::from(n)), Some(100.0), Some(1.0))));
    let joules = |integral: &Integral, t| integral.at(at(t)).energy.unwrap().joules;
    assert!(near(joules(&integral, 10.5), 1050.0));
    assert!(near(joules(&integral, 11.0), 1100.0));
    assert!(near(joules(&integral, 99.0), 1100.0), "then it stands");
    // Less was used than that: what was said stays, until the counter has come there.
    let mut integral2 = integral.clone();
    integral2.add(&device((Some(1010.0), Some(10.0), Some(0.0))), at(100.0));
    assert!(near(joules(&integral2, 100.0), 1100.0));
    assert!(near(integral2.between(at(0.0), at(100.0)).energy.unwrap().joules, 1010.0), "a window is what it is");
    integral.add(&device((Some(1200.0), Some(100.0), Some(1.0))), at(100.0));
    assert!(near(joules(&integral, 100.0), 1200.0));
    let said = integral.at(at(50.0));
    assert!(said.energy.unwrap().joules < 1200.0, "the past may still be asked about");
}

#[test]
fn days_are_kept_in_bounded_memory_and_add_up() {
    // 30 hours at 10 Hz would be a million looks; 2 Hz tells the same.
    let mut integral = Integral::default();
    let looks = 30 * 3600 * 2;
    for n in 0..=looks {
        let t = f64::from(n) / 2.0;
        integral.add(&device((Some(50.0 * t), Some(50.0), Some(0.25))), at(t));
    }
    assert!(integral.kept() < 1201 + 3700 + 30 * 60, "{}", integral.kept());
    let end = f64::from(looks) / 2.0;
    let whole = integral.between(at(0.0), at(end));
    assert!(near(whole.energy.unwrap().joules, 50.0 * end), "{whole:?}");
    assert_eq!(flags(&whole), Vec::<&str>::new(), "a point a minute is no gap");
    let minute = integral.between(at(7200.0), at(7260.0));
    assert!(near(minute.energy.unwrap().joules, 3000.0));
    assert!(near(minute.busy.get(&Busy::KernelActive).unwrap().0, 15.0));
}

#[test]
fn a_share_that_changes_counts_as_it_was() {
    let mut integral = Integral::default();
    for n in 0..=20 {
        let share = if n <= 10 { 0.5 } else { 0.25 };
        integral.add_share(&device((Some(100.0 * f64::from(n)), Some(100.0), Some(1.0))), at(f64::from(n)), share);
    }
    let used = integral.between(at(0.0), at(20.0));
    assert!(near(used.energy.unwrap().joules, 750.0) && near(used.device_seconds, 7.5), "{used:?}");
    assert_eq!((used.busy.get(&Busy::KernelActive).map(|b| b.0), flags(&used)), (Some(7.5), vec![]));
    assert!(near(integral.at(at(20.0)).energy.unwrap().joules, 750.0));
}

#[test]
fn nonsense_is_left_out() {
    let mut integral = every(1.0, [(Some(1.0), Some(10.0), Some(7.0)), (Some(11.0), Some(-10.0), Some(-1.0))]);
    integral.add(&device((Some(99.0), Some(1.0), None)), at(0.5));
    assert_eq!(integral.newest(), Some(at(1.0)), "a look at the past is none");
    assert_eq!(integral.between(at(0.0), at(1.0)).energy.map(|e| e.joules), Some(10.0));
    assert_eq!(integral.between(at(0.0), at(1.0)).busy.get(&Busy::KernelActive).map(|b| b.0), Some(0.0));
}

/// Sequences of looks with counters that are away or begin anew, and powers that are away.
fn looks() -> impl Strategy<Value = Vec<(u64, Look)>> {
    let step = prop_oneof![8 => 50u64..1500, 1 => 1500u64..9000];
    let counter = prop_oneof![8 => (0.0..500.0f64).prop_map(Some), 1 => Just(None)];
    let power = prop_oneof![6 => (0.0..700.0f64).prop_map(Some), 1 => Just(None)];
    let busy = prop_oneof![6 => (0.0..=1.0f64).prop_map(Some), 2 => Just(Some(0.0)), 1 => Just(None)];
    let look = (step, counter, power, busy, 0u8..20);
    prop::collection::vec(look, 2..60).prop_map(|steps| {
        let (mut t, mut sum, mut all) = (0, 0.0, Vec::new());
        for (step, counter, power, busy, reset) in steps {
            t += step;
            sum = if reset == 0 { 0.0 } else { sum + counter.unwrap_or(100.0) };
            all.push((t, (counter.map(|_| sum), power, busy)));
        }
        all
    })
}

proptest! {
    #[test]
    fn parts_add_up_and_nothing_falls(looks in looks(), cuts in prop::collection::vec(0u64..70_000, 1..8)) {
        let mut integral = Integral::default();
        let mut said = 0.0;
        for (ms, look) in &looks {
            let t = at(*ms as f64 / 1e3);
            integral.add(&device(*look), t);
            for later in [t, t.plus(Nanos(200_000_000)), t.plus(Nanos(900_000_000))] {
                // Live: the clock never goes back either.
                if looks.iter().all(|(next, _)| next <= ms || at(*next as f64 / 1e3) >= later) {
                    let now = integral.at(later).energy.map_or(0.0, |e| e.joules);
                    prop_assert!(now >= said, "{now} < {said}");
                    said = now;
                }
            }
        }
        let mut cuts: Vec<f64> = cuts.into_iter().map(|ms| ms as f64 / 1e3).collect();
        cuts.sort_by(f64::total_cmp);
        let (first, last) = (cuts[0], cuts[cuts.len() - 1]);
        let whole = integral.between(at(first), at(last));
        let parts = cuts.windows(2).map(|w| integral.between(at(w[0]), at(w[1])));
        let mut sums = [0.0; 4];
        for part in parts {
            let energy = part.energy.map_or([0.0; 3], |e| [e.joules, e.idle_joules, e.active_joules]);
            prop_assert!(energy.iter().all(|joules| *joules >= 0.0), "{part:?}");
            let busy = part.busy.get(&Busy::KernelActive).map_or(0.0, |b| b.0);
            prop_assert!(busy >= 0.0 && busy <= part.seconds + 1e-9);
            for (sum, value) in sums.iter_mut().zip(energy.into_iter().chain([busy])) {
                *sum += value;
            }
        }
        let energy = whole.energy.map_or([0.0; 3], |e| [e.joules, e.idle_joules, e.active_joules]);
        let busy = whole.busy.get(&Busy::KernelActive).map_or(0.0, |b| b.0);
        for (sum, value) in sums.into_iter().zip(energy.into_iter().chain([busy])) {
            prop_assert!(near(sum, value), "{sum} {value} {whole:?}");
        }
        prop_assert!(near(energy[1] + energy[2], energy[0]));
    }

    #[test]
    fn a_good_counter_is_the_truth(looks in looks()) {
        // Whatever power and busy say, and wherever the counter is away, its last word less its first is the energy.
        let (mut integral, mut first, mut last) = (Integral::default(), None, None);
        let mut sum = 0.0;
        for (ms, (counter, power, busy)) in &looks {
            sum += counter.map_or(50.0, |c| c % 500.0);
            // Power that bridges and says too much would leave the counter to catch up.
            let power = power.map(|watts| watts.min(1.0));
            let counter = counter.map(|_| sum);
            integral.add(&device((counter, power, *busy)), at(*ms as f64 / 1e3));
            if let Some(counter) = counter {
                first.get_or_insert((*ms, counter));
                last = Some((*ms, counter));
            }
        }
        if let (Some((from, a)), Some((to, b))) = (first, last) {
            let used = integral.between(at(from as f64 / 1e3), at(to as f64 / 1e3));
            let joules = used.energy.map_or(0.0, |e| e.joules);
            prop_assert!((joules - (b - a)).abs() <= 1e-6 * (1.0 + b), "{joules} {}", b - a);
        }
    }
}
