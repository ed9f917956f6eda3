//! Looks at one device made into sums over time: joules and busy-seconds that grow and never fall.
//!
//! Energy is the device's own counter where it has one. A counter that falls began anew (driver reload): the stretch over
//! it is bridged by power, and what follows is counted from there, so that nothing is lost or invented. Without a counter
//! it is the trapezoid of power (Newton-Cotes of order 1), whose edges inside a stretch are interpolated linearly.
//!
//! Idle and active are told apart by how busy the device was (kernel_active, else sm_active, else cpu_active): a stretch
//! below 1 % is idle as a whole, and the least power of such stretches is the idle power. Of another stretch with the
//! share b of busy time, (1 − b) of its time at idle power is idle energy, at most (1 − b) of the energy; before any idle
//! stretch was seen, just that share. The rest is active.
//!
//! All that is kept are sums at instants, so that any window is a difference and the parts of a window add up to it. What is
//! doubtful (bridged, in a gap, after a reset) is a sum of its own, and so never lost when points are thinned: all looks of
//! the last 10 minutes, one a second for an hour, one a minute for 3 days.

use super::used::{Cumulative, Energy, Flag, Used};
use super::{Busy, Device, Value};
use crate::domain::{Nanos, Quality};
use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Two looks further apart leave a gap, in seconds.
pub const GAP: f64 = 3.0;

/// Windows below so many seconds are of low quality.
pub const SHORT: f64 = 10.0;

/// What the counter and the integral of power may differ by.
const DISAGREE: f64 = 0.05;

/// A share of a window that may be estimated or unseen without marking it.
const TOLERATED: f64 = 0.01;

/// Below this share of busy time a stretch is idle.
const IDLE: f64 = 0.01;

/// How old points are (seconds) when they are thinned to one in so many seconds; after the last age they are dropped.
const TIERS: [(f64, f64); 3] = [(600.0, 1.0), (3600.0, 60.0), (3.0 * 86_400.0, f64::INFINITY)];

const KINDS: usize = Busy::ALL.len();

// The sums at an instant, by place. Those before ENERGY_END follow the shape of a stretch's power, the rest its time.
const JOULES: usize = 0;
const IDLE_JOULES: usize = 1;
/// Of the joules, those that are not the counter's.
const BRIDGED: usize = 2;
/// Joules by counter and by power over the stretches that have both.
const BY_COUNTER: usize = 3;
const BY_POWER: usize = 4;
const ENERGY_END: usize = 5;
/// Seconds that were seen at all, had energy, could be told idle from active, lay in a gap, lay over a reset.
const SEEN: usize = 5;
const ENERGETIC: usize = 6;
const SPLIT: usize = 7;
const GAPS: usize = 8;
const RESETS: usize = 9;
/// Seconds of device time: those that were seen, each by the share that counts.
const OWN: usize = 10;
/// By kind: busy-seconds; seconds for which they were told; of those the estimated.
const BUSY: usize = 11;
const TOLD: usize = BUSY + KINDS;
const GUESSED: usize = TOLD + KINDS;
const SUMS: usize = GUESSED + KINDS;

type Sums = [f64; SUMS];

/// An instant with all sums up to it.
#[derive(Debug, Clone, Copy)]
struct Point {
    at: Nanos,
    sums: Sums,
    /// Power at the beginning and end of the stretch that ends here, where its energy was made of it.
    power: Option<(f64, f64)>,
}

impl Point {
    /// The sums at a share of the time between two points.
    fn between(&self, next: &Self, share: f64) -> Sums {
        let energy = match next.power {
            Some((a, b)) if a + b > 0.0 => (share * (2.0 * a + (b - a) * share) / (a + b)).clamp(0.0, 1.0),
            _ => share,
        };
        let mut sums = self.sums;
        for (place, (sum, end)) in sums.iter_mut().zip(next.sums).enumerate() {
            *sum += (end - *sum) * if place < ENERGY_END { energy } else { share };
        }
        sums
    }
}

/// What the newest look said, as the next stretch begins from it.
#[derive(Debug, Clone, Copy, Default)]
struct Newest {
    power: Option<f64>,
    /// Whether it had the counter.
    counter: bool,
    /// The mean power of the stretch that it ended.
    watts: f64,
    /// What each sum grows by in a second, from here on, until there is another look.
    rates: Option<(Sums, f64)>,
}

/// The sums of one device.
#[derive(Debug, Clone, Default)]
pub struct Integral {
    /// By tier, the oldest first in each; every point of the last is older than those of the one before.
    points: [VecDeque<Point>; TIERS.len()],
    newest: Newest,
    /// The counter's newest value, and what is to be added to it to come to the sum.
    counter: Option<(f64, f64)>,
    /// Joules of the whole device, whatever the share that counts.
    whole: f64,
    /// Watts: the least of any idle stretch.
    idle_power: Option<f64>,
    /// The most that [`Integral::at`] has said so far, and for when: never taken back.
    said: Cell<Option<(Nanos, Sums)>>,
}

impl Integral {
    /// Takes in a look. One that is not later than the newest is left out.
    pub fn add(&mut self, device: &Device, at: Nanos) {
        self.add_share(device, at, 1.0);
    }

    /// Takes in a look at a device of which, since the look before, only a share from 0 to 1 counts.
    pub fn add_share(&mut self, device: &Device, at: Nanos, share: f64) {
        let share = if share.is_finite() { share.clamp(0.0, 1.0) } else { 0.0 };
        let power = sound(device.power);
        let counter = device.energy.filter(|v| v.value.is_finite() && v.value >= 0.0);
        let Some(last) = self.last().copied() else {
            self.push(Point { at, sums: [0.0; SUMS], power: None });
            self.newest = Newest { power, counter: counter.is_some(), watts: 0.0, rates: None };
            self.counter = counter.map(|v| (v.value, -v.value));
            return;
        };
        if at <= last.at {
            return;
        }
        let seconds = at.since(last.at).seconds();
        let shares = shares(device);
        let stretch = self.energy(counter, power, seconds);
        let mut sums = last.sums;
        if let Some(Stretch { joules, bridged, both, reset, .. }) = stretch {
            let idle = self.idle(joules, seconds, &shares);
            self.whole += joules;
            sums[JOULES] += joules * share;
            sums[IDLE_JOULES] += idle.unwrap_or(0.0) * share;
            sums[BRIDGED] += if bridged { joules * share } else { 0.0 };
            sums[BY_COUNTER] += both.map_or(0.0, |both| both.0);
            sums[BY_POWER] += both.map_or(0.0, |both| both.1);
            sums[ENERGETIC] += seconds;
            sums[SPLIT] += if idle.is_some() { seconds } else { 0.0 };
            sums[RESETS] += if reset { seconds } else { 0.0 };
        }
        let gap = seconds > GAP;
        sums[SEEN] += seconds;
        sums[GAPS] += if gap { seconds } else { 0.0 };
        sums[OWN] += seconds * share;
        count_busy(&mut sums, &shares, seconds, (share, gap));
        // What the sums go on by until the next look: at most one period, and no longer than what counts as a gap.
        let mut rates = [0.0; SUMS];
        rates[SEEN] = 1.0;
        rates[OWN] = share;
        let rate = power.or_else(|| stretch.map(|s| s.joules / seconds));
        if let Some(watts) = rate {
            let idle = self.idle_at(watts, &shares);
            rates[JOULES] = watts * share;
            rates[BRIDGED] = watts * share;
            rates[IDLE_JOULES] = idle.unwrap_or(0.0) * share;
            rates[ENERGETIC] = 1.0;
            rates[SPLIT] = if idle.is_some() { 1.0 } else { 0.0 };
        }
        count_busy(&mut rates, &shares, 1.0, (share, true));
        let watts = stretch.map_or(0.0, |s| s.joules / seconds);
        self.newest = Newest { power, counter: counter.is_some(), watts, rates: Some((rates, seconds.min(GAP))) };
        self.push(Point { at, sums, power: stretch.and_then(|s| s.shape) });
        self.thin();
    }

    /// All since the first look, at an instant: linear between looks; after the newest it goes on as it was for at most
    /// one period, and then stands. Asked in the order of time it never falls, even where a look shows that less was used
    /// than it went on by.
    #[must_use]
    pub fn at(&self, t: Nanos) -> Cumulative {
        let mut sums = self.sums(t);
        let said = self.said.get();
        // What was said for a later instant stays: who asks for an earlier one asks about the past.
        if said.is_none_or(|(when, _)| when <= t) {
            for (sum, most) in sums.iter_mut().zip(said.map_or([0.0; SUMS], |(_, most)| most)) {
                *sum = sum.max(most);
            }
            self.said.set(Some((t, sums)));
        }
        let reset = sums[RESETS] > 0.0;
        Cumulative { device_seconds: sums[OWN], busy: busy_of(&sums, sums[SEEN]), energy: energy_of(&sums, reset) }
    }

    /// What a window came to. The parts of a window add up to the whole.
    #[must_use]
    pub fn between(&self, from: Nanos, to: Nanos) -> Used {
        let seconds = to.since(from).seconds();
        let (start, end) = (self.sums(from), self.sums(to.max(from)));
        let mut sums = end;
        for (sum, before) in sums.iter_mut().zip(start) {
            *sum = (*sum - before).max(0.0);
        }
        let mut flags = BTreeSet::new();
        let mut flag = |flag, is: bool| flags.extend(is.then_some(flag));
        let some = 1e-9;
        flag(Flag::Short, seconds < SHORT);
        let blind = self.blind(from, to);
        flag(Flag::Gap, sums[GAPS] > some || blind > GAP);
        flag(Flag::Reset, sums[RESETS] > some);
        flag(Flag::Uncovered, seconds - sums[SEEN] > seconds * TOLERATED);
        let (by_counter, by_power) = (sums[BY_COUNTER], sums[BY_POWER]);
        let differ = (by_counter - by_power).abs() > DISAGREE * by_counter.max(by_power);
        flag(Flag::Disagree, seconds >= SHORT && differ);
        let mut energy = energy_of(&sums, sums[RESETS] > some);
        if let Some(energy) = &mut energy {
            flag(Flag::Unsplit, sums[ENERGETIC] - sums[SPLIT] > seconds * TOLERATED);
            if seconds - sums[ENERGETIC] > seconds * TOLERATED {
                flag(Flag::Uncovered, true);
                energy.quality = Quality::Estimated;
            }
        }
        Used { seconds, device_seconds: sums[OWN], busy: busy_of(&sums, seconds), energy, flags }
    }

    /// When it was looked at last.
    #[must_use]
    pub fn newest(&self) -> Option<Nanos> {
        self.last().map(|point| point.at)
    }

    /// How many instants are kept.
    #[must_use]
    pub fn kept(&self) -> usize {
        self.points.iter().map(VecDeque::len).sum()
    }

    fn last(&self) -> Option<&Point> {
        self.points.iter().find_map(VecDeque::back)
    }

    fn first(&self) -> Option<&Point> {
        self.points.iter().rev().find_map(VecDeque::front)
    }

    /// Seconds of a window that lie before the first look or after the newest, whichever is longer.
    fn blind(&self, from: Nanos, to: Nanos) -> f64 {
        let (Some(first), Some(last)) = (self.first(), self.last()) else { return to.since(from).seconds() };
        let before = first.at.min(to).since(from).seconds();
        before.max(to.since(last.at.max(from)).seconds())
    }

    /// The sums at an instant.
    fn sums(&self, t: Nanos) -> Sums {
        let (Some(first), Some(last)) = (self.first(), self.last()) else { return [0.0; SUMS] };
        if t <= first.at {
            return first.sums;
        }
        if t >= last.at {
            let mut sums = last.sums;
            if let Some((rates, period)) = self.newest.rates {
                let on = t.since(last.at).seconds().min(period);
                sums.iter_mut().zip(rates).for_each(|(sum, rate)| *sum += rate * on);
            }
            return sums;
        }
        // The newest tier whose oldest point is not later; the stretch may end in the tier before it.
        let mut next = None;
        for tier in &self.points {
            if tier.front().is_none_or(|point| point.at > t) {
                next = tier.front().or(next);
                continue;
            }
            let place = tier.partition_point(|point| point.at <= t);
            let before = place.checked_sub(1).and_then(|place| tier.get(place));
            return match (before, tier.get(place).or(next)) {
                (Some(a), Some(b)) => a.between(b, t.since(a.at).seconds() / b.at.since(a.at).seconds()),
                (Some(only), None) | (None, Some(only)) => only.sums,
                (None, None) => [0.0; SUMS],
            };
        }
        first.sums
    }

    /// The energy of the stretch since the last point.
    fn energy(&mut self, counter: Option<Value>, power: Option<f64>, seconds: f64) -> Option<Stretch> {
        let shape = match (self.newest.power, power) {
            (Some(a), Some(b)) => Some((a, b)),
            (one, other) => one.or(other).map(|watts| (watts, watts)),
        };
        let by_power = shape.map(|(a, b)| (a + b) / 2.0 * seconds);
        let sum = self.whole;
        let Some(Value { value, quality }) = counter else {
            return by_power.map(|joules| Stretch { joules, bridged: true, both: None, reset: false, shape });
        };
        let (before, offset) = match self.counter {
            // The counter comes to be known: this stretch is still power's.
            None => {
                let joules = by_power.unwrap_or(0.0);
                self.counter = Some((value, sum + joules - value));
                return by_power.map(|joules| Stretch { joules, bridged: true, both: None, reset: false, shape });
            }
            Some(counter) => counter,
        };
        if value < before {
            // Without power: as in the stretch before, and no more than the new counter has.
            let rate = self.newest.watts;
            let joules = by_power.unwrap_or_else(|| value.min(rate * seconds));
            self.counter = Some((value, sum + joules - value));
            return Some(Stretch { joules, bridged: true, both: None, reset: true, shape });
        }
        self.counter = Some((value, offset));
        // Where power bridged a stretch without the counter and said too much, the counter catches up first.
        let joules = (value + offset - sum).max(0.0);
        let comparable = seconds <= GAP && self.newest.counter && self.newest.power.is_some() && power.is_some();
        let both = by_power.filter(|_| comparable);
        Some(Stretch {
            joules,
            bridged: quality != Quality::Measured,
            both: both.map(|by_power| (value - before, by_power)),
            reset: false,
            shape: None,
        })
    }

    /// The idle part of a stretch's energy; none where it is not known how busy the device was.
    fn idle(&mut self, joules: f64, seconds: f64, shares: &Shares) -> Option<f64> {
        let busy = leading(shares)?;
        let watts = joules / seconds;
        if busy < IDLE {
            self.idle_power = Some(self.idle_power.map_or(watts, |least| least.min(watts)));
        }
        self.idle_at(watts, shares).map(|idle| (idle * seconds).min(joules))
    }

    /// The idle part of a power.
    fn idle_at(&self, watts: f64, shares: &Shares) -> Option<f64> {
        let busy = leading(shares)?;
        let floor = self.idle_power.map_or(watts, |least| least.min(watts));
        Some(if busy < IDLE { watts } else { (1.0 - busy) * floor })
    }

    fn push(&mut self, point: Point) {
        if let Some(tier) = self.points.first_mut() {
            tier.push_back(point);
        }
    }

    /// Hands points that have grown old to the next tier, or drops them there where its neighbours are near enough.
    fn thin(&mut self) {
        let Some(now) = self.newest() else { return };
        for (place, (age, every)) in TIERS.into_iter().enumerate() {
            let (tiers, older) = self.points.split_at_mut(place + 1);
            let Some(tier) = tiers.last_mut() else { return };
            while let Some(point) = tier.front().copied().filter(|p| now.since(p.at).seconds() > age) {
                tier.pop_front();
                let Some(older) = older.first_mut() else { continue };
                let near = match (older.back(), tier.front()) {
                    (Some(before), Some(after)) => after.at.since(before.at).seconds() <= every,
                    _ => false,
                };
                if near {
                    // The stretch behind it now begins earlier: its power's shape is no longer known.
                    tier.iter_mut().take(1).for_each(|after| after.power = None);
                } else {
                    older.push_back(point);
                }
            }
        }
    }
}

/// A stretch's energy, and how it was come by.
#[derive(Debug, Clone, Copy)]
struct Stretch {
    joules: f64,
    bridged: bool,
    /// By counter and by power, where both are known.
    both: Option<(f64, f64)>,
    reset: bool,
    shape: Option<(f64, f64)>,
}

/// Shares of busy time by kind, in the order of [`Busy::ALL`].
type Shares = [Option<Value>; KINDS];

fn shares(device: &Device) -> Shares {
    let told = |kind| {
        let (_, value) = device.busy.iter().find(|(k, v)| *k == kind && v.value.is_finite())?;
        Some(Value { value: value.value.clamp(0.0, 1.0), ..*value })
    };
    Busy::ALL.map(told)
}

/// The share by which idle is told from active.
fn leading(shares: &Shares) -> Option<f64> {
    let of = |kind| Busy::ALL.iter().zip(shares).find(|(k, _)| **k == kind).and_then(|(_, share)| *share);
    let share = of(Busy::KernelActive).or_else(|| of(Busy::SmActive)).or_else(|| of(Busy::CpuActive));
    share.map(|share| share.value)
}

fn count_busy(sums: &mut Sums, shares: &Shares, seconds: f64, (counts, doubtful): (f64, bool)) {
    for (kind, share) in shares.iter().enumerate() {
        let Some(share) = share else { continue };
        sums[BUSY + kind] += share.value * seconds * counts;
        sums[TOLD + kind] += seconds;
        sums[GUESSED + kind] += if doubtful || share.quality != Quality::Measured { seconds } else { 0.0 };
    }
}

/// Busy-seconds by kind of a stretch of so many seconds; a kind that was told for a part of it only is an estimate.
fn busy_of(sums: &Sums, seconds: f64) -> BTreeMap<Busy, (f64, Quality)> {
    let kinds = Busy::ALL.into_iter().enumerate().filter(|(kind, _)| sums[TOLD + kind] > 0.0);
    let figure = |(kind, busy): (usize, Busy)| {
        let doubtful = sums[GUESSED + kind] + (seconds - sums[TOLD + kind]).max(0.0);
        let quality = if doubtful > TOLERATED * seconds { Quality::Estimated } else { Quality::Measured };
        (busy, (sums[BUSY + kind], quality))
    };
    kinds.map(figure).collect()
}

fn energy_of(sums: &Sums, reset: bool) -> Option<Energy> {
    if sums[ENERGETIC] <= 0.0 {
        return None;
    }
    let joules = sums[JOULES];
    let idle_joules = sums[IDLE_JOULES].min(joules);
    let estimated = reset || sums[BRIDGED] > TOLERATED * joules;
    let quality = if estimated { Quality::Estimated } else { Quality::Measured };
    Some(Energy { joules, idle_joules, active_joules: joules - idle_joules, quality })
}

/// A power that can be one.
fn sound(power: Option<Value>) -> Option<f64> {
    power.map(|v| v.value).filter(|watts| watts.is_finite() && *watts >= 0.0)
}

#[cfg(test)]
mod tests;
