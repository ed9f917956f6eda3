//! Lays shares of busy time, which the driver tells late and for stretches of its own, over the stretches between looks,
//! so that nothing which happened between two looks is lost and nothing is counted twice.

use crate::domain::{Nanos, Quality};

/// The driver's sampling period is from 1/6 s to 1 s: what stands for a longer stretch is guessed.
const LONGEST_PERIOD: f64 = 1.5;
/// Seconds without a new sample after which the buffer is taken to stand still.
const STALE: f64 = 3.0;
/// Seconds that may be owed at most: an error of the past is not to be paid back for ever.
const MOST_OWED: f64 = 2.0;

/// Busy time that is known, against what was told of it. What is not known yet is told as it was last; the next look
/// makes good whatever that was wrong by, so that the sum of what is told is the sum of what happened.
#[derive(Debug, Clone, Default)]
pub(super) struct Carry {
    /// Seconds known to be busy.
    known: f64,
    /// Seconds told.
    told: f64,
    /// The share of the newest known stretch; none before there is one.
    last: Option<f64>,
    /// The look before.
    before: Option<Nanos>,
}

impl Carry {
    /// So many seconds more are known, with this share.
    pub(super) fn learn(&mut self, seconds: f64, share: f64) {
        self.known += seconds * share;
        self.last = Some(share);
    }

    /// What is learned from here on counts from this instant on.
    pub(super) fn begin(&mut self, at: Nanos) {
        *self = Self { before: Some(at), ..Self::default() };
    }

    /// The share of the time since the look before; none at the first, and none before anything is known. `behind`: seconds
    /// since the end of what is known.
    pub(super) fn tell(&mut self, now: Nanos, behind: f64) -> Option<f64> {
        let estimate = self.known + self.last? * behind;
        let before = self.before.replace(now);
        let Some(seconds) = before.map(|before| seconds(before, now)).filter(|s| *s > 0.0) else {
            if before.is_none() {
                self.told = estimate;
            }
            return None;
        };
        let share = ((estimate - self.told) / seconds).clamp(0.0, 1.0);
        self.told += share * seconds;
        // Small numbers stay exact: only the difference matters.
        self.told = (self.told - self.known).clamp(-MOST_OWED, MOST_OWED);
        self.known = 0.0;
        Some(share)
    }
}

/// Seconds from one instant to another; 0 where it is before.
pub(super) fn seconds(from: Nanos, to: Nanos) -> f64 {
    std::time::Duration::from_nanos(to.0.saturating_sub(from.0)).as_secs_f64()
}

/// The driver's buffer of utilisation samples, each the share of the time since the one before.
#[derive(Debug, Clone, Default)]
pub(super) struct Samples {
    /// The newest sample's own time, in microseconds of the wall clock.
    pub(super) seen: Option<u64>,
    /// When it was first seen.
    fresh: Nanos,
    /// The newest sample of a buffer that stood still.
    stuck: Option<u64>,
    carry: Carry,
}

/// What a look at the buffer brought.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Told {
    /// The share since the look before; none at the first look.
    Share(Option<f64>, Quality),
    /// The buffer stands still: ask another way, and begin anew.
    Stale,
}

impl Samples {
    /// Takes in what is in the buffer: times in microseconds of the wall clock, with shares. The wall clock may be set
    /// meanwhile, so it is only believed as far as the other clock agrees.
    pub(super) fn fold(&mut self, buffer: &[(u64, f64)], now: Nanos, wall: u64) -> Told {
        let mut new: Vec<(u64, f64)> = buffer.iter().filter(|(at, _)| Some(*at) > self.seen).copied().collect();
        new.sort_by_key(|(at, _)| *at);
        let mut quality = Quality::Measured;
        if let Some((newest, last)) = new.last().copied().filter(|(at, _)| self.stuck != Some(*at)) {
            if let Some(seen) = self.seen {
                let told = micros(seen, newest);
                // More time than has passed since: the clock was set.
                let most = seconds(self.fresh, now) + LONGEST_PERIOD;
                let scale = if told > most { most / told } else { 1.0 };
                let mut before = seen;
                for (at, share) in new {
                    let gap = micros(before, at);
                    if gap > LONGEST_PERIOD {
                        quality = Quality::Estimated;
                    }
                    self.carry.learn(gap * scale, share);
                    before = at;
                }
            } else {
                self.carry.learn(0.0, last);
            }
            self.seen = Some(newest);
            self.fresh = now;
        }
        let Some(seen) = self.seen else { return Told::Stale };
        let waited = seconds(self.fresh, now);
        if waited > STALE {
            *self = Self { stuck: Some(seen), ..Self::default() };
            return Told::Stale;
        }
        let behind = micros(seen, wall).min(waited + LONGEST_PERIOD);
        Told::Share(self.carry.tell(now, behind), quality)
    }
}

/// Seconds between two times in microseconds; 0 where the second is before the first.
fn micros(from: u64, to: u64) -> f64 {
    std::time::Duration::from_micros(to.saturating_sub(from)).as_secs_f64()
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: u64 = 1_000_000;

    /// Looks every `every` ms at samples that come every `period` ms, `late` ms after their end, out of a schedule of
    /// shares by the millisecond; gives told and true busy seconds from the second look to the last.
    fn run(every: u64, period: u64, late: u64, length: u64, schedule: impl Fn(u64) -> f64) -> (f64, f64) {
        let wall = |ms: u64| 1_700_000_000_000_000 + ms * 1_000;
        let (mut samples, mut told, mut from) = (Samples::default(), 0.0, None);
        let mut before = 0;
        for look in (5_000..5_000 + length).step_by(usize::try_from(every).unwrap()) {
            let buffer: Vec<(u64, f64)> = (1..)
                .map(|n| n * period)
                .take_while(|end| end + late <= look)
                .filter(|end| *end + 4_000 > look)
                .map(|end| (wall(end), (end - period..end).map(&schedule).sum::<f64>() / period as f64))
                .collect();
            if let Told::Share(Some(share), _) = samples.fold(&buffer, Nanos(look * MS), wall(look)) {
                from.get_or_insert(before);
                told += share * (look - before) as f64 / 1e3;
            }
            before = look;
        }
        let truth = (from.unwrap()..before).map(&schedule).sum::<f64>() / 1e3;
        (told, truth)
    }

    #[test]
    fn what_happens_between_looks_is_counted() {
        // Busy for 37 of every 230 ms: a look every second sees none of it, and all of it.
        let schedule = |ms: u64| if ms % 230 < 37 { 1.0 } else { 0.0 };
        for (every, period, late) in [(100, 167, 20), (1_000, 167, 0), (20, 100, 100), (500, 1_000, 50), (70, 20, 5)] {
            let (told, truth) = run(every, period, late, 60_000, schedule);
            assert!((told - truth).abs() < 0.01 * 60.0, "{every} {period} {late}: {told} of {truth}");
            assert!((told / truth - 1.0).abs() < 0.02, "{every} {period} {late}: {told} of {truth}");
        }
    }

    #[test]
    fn never_more_than_all_and_never_less_than_none() {
        for level in [0.0, 1.0] {
            let (told, truth) = run(100, 167, 30, 30_000, |_| level);
            assert!((told - truth).abs() < 1e-6, "{told} of {truth}");
        }
    }

    #[test]
    fn a_wrong_guess_is_made_good_at_the_next_look() {
        let mut carry = Carry::default();
        carry.learn(0.0, 1.0);
        assert_eq!(carry.tell(Nanos(0), 0.0), None);
        // Nothing new: as it was. Then it turns out to have been idle.
        assert_eq!(carry.tell(Nanos(100 * MS), 0.1), Some(1.0));
        carry.learn(0.1, 0.0);
        carry.learn(0.1, 1.0);
        let share = carry.tell(Nanos(200 * MS), 0.0).unwrap();
        assert!(share.abs() < 1e-9, "{share}");
        carry.learn(0.1, 0.5);
        let share = carry.tell(Nanos(300 * MS), 0.0).unwrap();
        assert!((share - 0.5).abs() < 1e-9, "{share}");
    }

    #[test]
    fn what_is_not_known_yet_is_not_told_as_nothing() {
        let mut carry = Carry::default();
        carry.begin(Nanos(0));
        assert_eq!(carry.tell(Nanos(20 * MS), 0.02), None);
        carry.learn(0.1, 0.5);
        assert_eq!(carry.tell(Nanos(100 * MS), 0.0), Some(0.5));
    }

    #[test]
    fn a_buffer_that_stands_still_is_told() {
        let mut samples = Samples::default();
        assert_eq!(samples.fold(&[], Nanos(MS), 7), Told::Stale);
        assert_eq!(samples.fold(&[(5, 1.0)], Nanos(MS), 7), Told::Share(None, Quality::Measured));
        assert_eq!(samples.fold(&[(5, 1.0)], Nanos(4_002 * MS), 7), Told::Stale);
        assert_eq!(samples.seen, None);
        assert_eq!(samples.fold(&[(4, 1.0), (5, 1.0)], Nanos(4_003 * MS), 7), Told::Stale);
        assert_eq!(samples.fold(&[(5, 1.0), (6, 1.0)], Nanos(4_004 * MS), 7), Told::Share(None, Quality::Measured));
    }

    #[test]
    fn a_clock_that_is_set_makes_no_busy_time() {
        let mut samples = Samples::default();
        let hour = 3_600_000_000;
        samples.fold(&[(hour, 0.0)], Nanos(0), hour);
        // An hour forward, all of it busy.
        let told = samples.fold(&[(2 * hour, 1.0)], Nanos(100 * MS), 2 * hour);
        assert_eq!(told, Told::Share(Some(1.0), Quality::Estimated));
        let mut sum = 0.0;
        for look in 2..60 {
            let at = 2 * hour + look * 100_000;
            if let Told::Share(Some(share), _) = samples.fold(&[(at, 0.0)], Nanos(look * 100 * MS), at) {
                sum += share * 0.1;
            }
        }
        assert!(sum <= MOST_OWED, "{sum}");
    }

    #[test]
    fn a_stretch_that_the_buffer_does_not_reach_back_to_is_estimated() {
        let mut samples = Samples::default();
        samples.fold(&[(1_000_000, 0.5)], Nanos(0), 1_000_000);
        let told = samples.fold(&[(30_000_000, 0.5), (30_100_000, 0.5)], Nanos(29_100 * MS), 30_100_000);
        let Told::Share(Some(share), Quality::Estimated) = told else { panic!("{told:?}") };
        assert!((share - 0.5).abs() < 1e-6, "{share}");
    }
}
