//! What samples drew of what their runs used as a whole: energy, device time, emissions.

use crate::domain::{Energy, Quality, Share};
use serde::{Deserialize, Serialize};

/// Sums over samples; a monoid. Samples of which no meter told are counted, and in no sum.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drawn {
    /// Samples, metered or not.
    pub samples: u64,
    /// Samples whose energy is known.
    pub metered: u64,
    /// Microjoules that a counter measured.
    pub measured: u64,
    /// Microjoules that were worked out of something else.
    pub estimated: u64,
    /// Nanoseconds in which devices were busy.
    pub device_nanos: u64,
    /// Samples whose device time is known.
    pub timed: u64,
    /// Nanograms of CO₂-equivalent.
    pub nanograms: u64,
    /// Samples whose emissions are known.
    pub weighed: u64,
}

impl Drawn {
    /// Adds a sample's share.
    pub fn add(&mut self, share: &Share) {
        let Share { hardware: _, energy_cost: _, energy, device_nanos, nanograms } = share;
        let (mut measured, mut estimated) = (0, 0);
        match energy {
            Some(Energy { microjoules, quality: Quality::Measured }) => measured = *microjoules,
            Some(Energy { microjoules, quality: _ }) => estimated = *microjoules,
            None => {}
        }
        self.merge(&Self {
            samples: 1,
            metered: u64::from(energy.is_some()),
            measured,
            estimated,
            device_nanos: device_nanos.unwrap_or(0),
            timed: u64::from(device_nanos.is_some()),
            nanograms: nanograms.unwrap_or(0),
            weighed: u64::from(nanograms.is_some()),
        });
    }

    /// Adds other samples'.
    pub fn merge(&mut self, other: &Self) {
        let Self { samples, metered, measured, estimated, device_nanos, timed, nanograms, weighed } = other;
        for (sum, more) in [
            (&mut self.samples, samples),
            (&mut self.metered, metered),
            (&mut self.measured, measured),
            (&mut self.estimated, estimated),
            (&mut self.device_nanos, device_nanos),
            (&mut self.timed, timed),
            (&mut self.nanograms, nanograms),
            (&mut self.weighed, weighed),
        ] {
            *sum = sum.saturating_add(*more);
        }
    }

    /// Joules; none where those of some samples are not known.
    #[must_use]
    pub fn joules(&self) -> Option<f64> {
        let known = self.samples > 0 && self.metered == self.samples;
        known.then(|| wide(self.measured.saturating_add(self.estimated)) / 1e6)
    }

    /// How the joules were come by.
    #[must_use]
    pub const fn quality(&self) -> Quality {
        match (self.metered < self.samples || self.samples == 0, self.estimated) {
            (true, _) => Quality::Absent,
            (false, 0) => Quality::Measured,
            (false, _) => Quality::Estimated,
        }
    }

    /// Seconds of busy devices (two devices busy for a second are two); none where some are not known.
    #[must_use]
    pub fn device_seconds(&self) -> Option<f64> {
        (self.samples > 0 && self.timed == self.samples).then(|| wide(self.device_nanos) / 1e9)
    }

    /// Grams of CO₂-equivalent; none where some are not known.
    #[must_use]
    pub fn grams(&self) -> Option<f64> {
        (self.samples > 0 && self.weighed == self.samples).then(|| wide(self.nanograms) / 1e9)
    }
}

#[expect(clippy::cast_precision_loss, reason = "a figure for display; the sums stay integer")]
fn wide(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn share(microjoules: u64, quality: Quality) -> Share {
        Share { energy: Some(Energy { microjoules, quality }), device_nanos: Some(500_000_000), ..Share::default() }
    }

    #[test]
    fn what_some_samples_lack_the_sum_lacks() {
        let mut drawn = Drawn::default();
        assert_eq!((drawn.joules(), drawn.quality()), (None, Quality::Absent));
        drawn.add(&share(1_500_000, Quality::Measured));
        assert_eq!((drawn.joules(), drawn.quality()), (Some(1.5), Quality::Measured));
        drawn.add(&share(500_000, Quality::Estimated));
        assert_eq!((drawn.joules(), drawn.quality()), (Some(2.0), Quality::Estimated));
        assert_eq!((drawn.device_seconds(), drawn.grams()), (Some(1.0), None));
        drawn.add(&Share::default());
        assert_eq!((drawn.joules(), drawn.quality(), drawn.device_seconds()), (None, Quality::Absent, None));
    }
}
