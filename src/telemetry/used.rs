//! What a window of time came to on one device, or on all of a target's devices: seconds, busy time, energy, and what is
//! wrong with them.

use super::Busy;
use crate::domain::Quality;
use std::collections::{BTreeMap, BTreeSet};

/// Joules of a stretch, idle and active apart (`idle_joules + active_joules = joules`).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Energy {
    /// All of it.
    pub joules: f64,
    /// What was drawn while nothing ran: see [`super::Integral`] for the rule.
    pub idle_joules: f64,
    /// The rest.
    pub active_joules: f64,
    /// Measured: at least 99 % of it are the device's own counter.
    pub quality: Quality,
}

impl Energy {
    fn plus(self, other: Self) -> Self {
        Self {
            joules: self.joules + other.joules,
            idle_joules: self.idle_joules + other.idle_joules,
            active_joules: self.active_joules + other.active_joules,
            quality: self.quality.and(other.quality),
        }
    }

    fn times(self, share: f64) -> Self {
        Self {
            joules: self.joules * share,
            idle_joules: self.idle_joules * share,
            active_joules: self.active_joules * share,
            quality: Quality::Estimated,
        }
    }
}

/// What is to be known about a window's figures: a closed set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Flag {
    /// The window is shorter than 10 s: of low quality, since counters move in steps of about 0.1 s.
    Short,
    /// Two looks inside it were more than 3 s apart: invalid.
    Gap,
    /// Over it the energy counter and the integral of power differ by more than 5 %: invalid.
    Disagree,
    /// The energy counter began anew inside it; the stretch is bridged by power.
    Reset,
    /// A hundredth of it or more was not seen: it began before the first look, or ends after the newest.
    Uncovered,
    /// How busy the device was is not known, so that all its energy counts as active.
    Unsplit,
    /// The device serves others too; it is split by the declared rule.
    Shared,
    /// One of several devices says nothing of a figure that others have.
    Partial,
    /// A device that was named is not seen.
    NoDevice,
}

impl Flag {
    /// The closed set.
    pub const ALL: [Self; 9] = [
        Self::Short,
        Self::Gap,
        Self::Disagree,
        Self::Reset,
        Self::Uncovered,
        Self::Unsplit,
        Self::Shared,
        Self::Partial,
        Self::NoDevice,
    ];

    /// The word in records and labels.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Short => "short",
            Self::Gap => "gap",
            Self::Disagree => "disagree",
            Self::Reset => "reset",
            Self::Uncovered => "uncovered",
            Self::Unsplit => "unsplit",
            Self::Shared => "shared",
            Self::Partial => "partial",
            Self::NoDevice => "no_device",
        }
    }

    /// Reads the word back.
    #[must_use]
    pub fn from_label(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|flag| flag.label() == text)
    }

    /// Whether a figure with it must not stand without a warning (design: an invalid window).
    #[must_use]
    pub const fn is_invalid(self) -> bool {
        matches!(self, Self::Gap | Self::Disagree)
    }
}

/// What a window came to.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Used {
    /// How long the window is.
    pub seconds: f64,
    /// Seconds of device time: those of all devices together, each by its share.
    pub device_seconds: f64,
    /// Busy-seconds by kind. A kind that nobody told of is not there.
    pub busy: BTreeMap<Busy, (f64, Quality)>,
    /// None where neither a counter nor power was seen.
    pub energy: Option<Energy>,
    /// What is wrong with it.
    pub flags: BTreeSet<Flag>,
}

impl Used {
    /// Whether its figures are invalid: a gap between looks, or a counter that power contradicts.
    #[must_use]
    pub fn is_invalid(&self) -> bool {
        self.flags.iter().any(|flag| flag.is_invalid())
    }

    /// Whether it is too short to be trusted.
    #[must_use]
    pub fn is_low_quality(&self) -> bool {
        self.flags.contains(&Flag::Short)
    }

    /// Of the same window on another device, added.
    #[must_use]
    pub fn plus(mut self, other: Self) -> Self {
        self.seconds = self.seconds.max(other.seconds);
        self.device_seconds += other.device_seconds;
        let partial = self.energy.is_some() != other.energy.is_some();
        self.energy = match (self.energy, other.energy) {
            (Some(a), Some(b)) => Some(a.plus(b)),
            (a, b) => a.or(b).map(|energy| Energy { quality: Quality::Estimated, ..energy }),
        };
        let partial = partial | add_busy(&mut self.busy, other.busy);
        self.flags.extend(other.flags);
        self.flags.extend(partial.then_some(Flag::Partial));
        self
    }

    /// The same, known to be a share: an estimate.
    #[must_use]
    pub(super) fn shared(mut self) -> Self {
        self.energy = self.energy.map(|energy| Energy { quality: Quality::Estimated, ..energy });
        self.busy.values_mut().for_each(|figure| figure.1 = Quality::Estimated);
        self.flags.insert(Flag::Shared);
        self
    }

    /// A declared share of it, from 0 to 1; a share below 1 makes everything an estimate.
    #[must_use]
    pub fn times(mut self, share: f64) -> Self {
        if share >= 1.0 {
            return self;
        }
        let share = share.max(0.0);
        self.device_seconds *= share;
        self.energy = self.energy.map(|energy| energy.times(share));
        for figure in self.busy.values_mut() {
            *figure = (figure.0 * share, Quality::Estimated);
        }
        self.flags.insert(Flag::Shared);
        self
    }
}

/// All since the beginning, at an instant: what counters show.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Cumulative {
    /// Seconds of device time that were seen.
    pub device_seconds: f64,
    /// Busy-seconds by kind.
    pub busy: BTreeMap<Busy, (f64, Quality)>,
    /// None where neither a counter nor power was seen yet.
    pub energy: Option<Energy>,
}

impl Cumulative {
    /// Of another device, added.
    #[must_use]
    pub fn plus(mut self, other: Self) -> Self {
        self.device_seconds += other.device_seconds;
        self.energy = match (self.energy, other.energy) {
            (Some(a), Some(b)) => Some(a.plus(b)),
            (a, b) => a.or(b),
        };
        add_busy(&mut self.busy, other.busy);
        self
    }

    /// A share of it, from 0 to 1.
    #[must_use]
    pub fn times(mut self, share: f64) -> Self {
        if share < 1.0 {
            let share = share.max(0.0);
            self.device_seconds *= share;
            self.energy = self.energy.map(|energy| energy.times(share));
            for figure in self.busy.values_mut() {
                *figure = (figure.0 * share, Quality::Estimated);
            }
        }
        self
    }

    /// What was added between an earlier instant and this one; never negative.
    #[must_use]
    pub fn since(&self, earlier: &Self) -> Self {
        let zero = Energy { joules: 0.0, idle_joules: 0.0, active_joules: 0.0, quality: Quality::Measured };
        let energy = self.energy.map(|now| {
            let then = earlier.energy.unwrap_or(zero);
            let idle_joules = (now.idle_joules - then.idle_joules).max(0.0);
            let active_joules = (now.active_joules - then.active_joules).max(0.0);
            Energy { joules: idle_joules + active_joules, idle_joules, active_joules, quality: now.quality }
        });
        let before = |kind: &Busy| earlier.busy.get(kind).map_or(0.0, |(seconds, _)| *seconds);
        let busy = self.busy.iter().map(|(kind, (now, quality))| (*kind, ((now - before(kind)).max(0.0), *quality)));
        let device_seconds = (self.device_seconds - earlier.device_seconds).max(0.0);
        Self { device_seconds, busy: busy.collect(), energy }
    }
}

/// Adds busy-seconds; whether a kind stands on one side only.
fn add_busy(into: &mut BTreeMap<Busy, (f64, Quality)>, other: BTreeMap<Busy, (f64, Quality)>) -> bool {
    let partial = !into.keys().eq(other.keys());
    for (kind, (seconds, quality)) in other {
        let sum = into.entry(kind).or_insert((0.0, quality));
        *sum = (sum.0 + seconds, sum.1.and(quality));
    }
    partial
}

#[cfg(test)]
mod tests {
    use super::*;

    fn used(joules: Option<f64>, kinds: &[Busy]) -> Used {
        let energy = |joules| Energy {
            joules,
            idle_joules: joules / 4.0,
            active_joules: joules * 3.0 / 4.0,
            quality: Quality::Measured,
        };
        Used {
            seconds: 20.0,
            device_seconds: 20.0,
            busy: kinds.iter().map(|kind| (*kind, (5.0, Quality::Measured))).collect(),
            energy: joules.map(energy),
            flags: BTreeSet::new(),
        }
    }

    #[test]
    fn devices_add_up_and_one_that_says_nothing_is_told() {
        let both = used(Some(100.0), &[Busy::KernelActive]).plus(used(Some(60.0), &[Busy::KernelActive]));
        assert_eq!((both.seconds, both.device_seconds), (20.0, 40.0));
        assert_eq!(both.energy.map(|e| (e.joules, e.idle_joules, e.quality)), Some((160.0, 40.0, Quality::Measured)));
        assert_eq!(both.busy, BTreeMap::from([(Busy::KernelActive, (10.0, Quality::Measured))]));
        assert!(both.flags.is_empty());
        let half = used(Some(100.0), &[]).plus(used(None, &[]));
        assert_eq!(half.energy.map(|e| (e.joules, e.quality)), Some((100.0, Quality::Estimated)));
        assert_eq!(half.flags, BTreeSet::from([Flag::Partial]));
        assert_eq!(used(None, &[]).plus(used(None, &[Busy::SmActive])).flags, BTreeSet::from([Flag::Partial]));
    }

    #[test]
    fn a_share_is_an_estimate() {
        let half = used(Some(100.0), &[Busy::SmActive]).times(0.5);
        assert_eq!((half.seconds, half.device_seconds), (20.0, 10.0));
        assert_eq!(half.energy.map(|e| (e.joules, e.quality)), Some((50.0, Quality::Estimated)));
        assert_eq!(half.busy.get(&Busy::SmActive), Some(&(2.5, Quality::Estimated)));
        assert_eq!(half.flags, BTreeSet::from([Flag::Shared]));
        assert_eq!(used(Some(1.0), &[]).times(1.0), used(Some(1.0), &[]));
    }

    #[test]
    fn the_words_read_back() {
        for flag in Flag::ALL {
            assert_eq!(Flag::from_label(flag.label()), Some(flag));
        }
        assert_eq!(Flag::ALL.iter().filter(|flag| flag.is_invalid()).count(), 2);
    }
}
