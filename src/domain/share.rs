//! A sample's part of what its run used as a whole: hardware by the hour, and energy.

use super::{Component, Cost, Money, Quality};

/// Energy with how it was come by; never [`Quality::Absent`], which is to have no energy at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Energy {
    /// Microjoules.
    pub microjoules: u64,
    /// The worst of its parts.
    pub quality: Quality,
}

impl std::ops::Add for Energy {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self {
            microjoules: self.microjoules.saturating_add(other.microjoules),
            quality: self.quality.and(other.quality),
        }
    }
}

/// A sample's part of what its run used as a whole. The parts of all samples of a run close to the whole, to the unit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Share {
    /// Of the hardware's cost by the hour.
    pub hardware: Money,
    /// Of what the energy cost, where it is paid apart.
    pub energy_cost: Money,
    /// Of the energy; none where no meter told of it.
    pub energy: Option<Energy>,
    /// Of the time that devices were busy, in nanoseconds; none where no meter told of it.
    pub device_nanos: Option<u64>,
    /// Of the emissions, in nanograms of CO₂-equivalent; none without energy or grid intensity.
    pub nanograms: Option<u64>,
}

impl Share {
    /// What it cost.
    #[must_use]
    pub fn cost(&self) -> Cost {
        Cost::ZERO.with(Component::Hardware, self.hardware).with(Component::Energy, self.energy_cost)
    }
}

impl std::ops::Add for Share {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        let both = |a: Option<u64>, b: Option<u64>| match (a, b) {
            (None, None) => None,
            (a, b) => Some(a.unwrap_or(0).saturating_add(b.unwrap_or(0))),
        };
        Self {
            hardware: self.hardware + other.hardware,
            energy_cost: self.energy_cost + other.energy_cost,
            energy: match (self.energy, other.energy) {
                (Some(a), Some(b)) => Some(a + b),
                (a, b) => a.or(b),
            },
            device_nanos: both(self.device_nanos, other.device_nanos),
            nanograms: both(self.nanograms, other.nanograms),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_absent_adds_nothing_and_the_worse_quality_holds() {
        let energy = |microjoules, quality| Some(Energy { microjoules, quality });
        let a = Share { energy: energy(5, Quality::Measured), device_nanos: Some(7), ..Share::default() };
        let b = Share { energy: energy(6, Quality::Estimated), hardware: Money::from_nanos(3), ..Share::default() };
        let sum = a + b + Share::default();
        assert_eq!(sum.energy, energy(11, Quality::Estimated));
        assert_eq!((sum.device_nanos, sum.nanograms, sum.cost().total().nanos()), (Some(7), None, 3));
    }
}
