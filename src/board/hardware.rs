//! What a target's hardware did from the first question of a run to its last answer: busy time and energy as the meters saw
//! it, idle and active apart, and what is wrong with that. Of the run as a whole; what falls to a sample is its share.

use crate::domain::{Name, Nanos, Quality};
use crate::telemetry::{Busy, Flag};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Energy of a window, as far as it is known.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WindowEnergy {
    /// All of it.
    pub joules: f64,
    /// Drawn while nothing ran, and the rest; none where the power was declared.
    pub split: Option<(f64, f64)>,
    /// How it was come by.
    pub quality: Quality,
}

/// What the hardware of one target did while a run used it.
#[derive(Debug, Clone, PartialEq)]
pub struct Hardware {
    /// Whose it is.
    pub target: Name,
    /// From the first exchange that was begun to the last that ended, warm-up too: the time that is paid by the hour.
    pub window: Nanos,
    /// Seconds of device time, those of all devices together, each by its share; 0 where no meter sees a device.
    pub device_seconds: f64,
    /// Busy seconds by kind of busy.
    pub busy: BTreeMap<Busy, (f64, Quality)>,
    /// None where neither a meter nor the configuration tells.
    pub energy: Option<WindowEnergy>,
    /// What is wrong with it.
    pub flags: BTreeSet<Flag>,
    /// Meters that brought nothing at all, and why, in words.
    pub absent: Vec<String>,
    /// The run had been interrupted: this is what was used since it went on.
    pub resumed: bool,
}

impl Hardware {
    /// The share of the devices' time that they were busy, by the first kind that is known.
    #[must_use]
    pub fn duty(&self) -> Option<(Busy, f64)> {
        let kinds = [Busy::KernelActive, Busy::SmActive, Busy::CpuActive];
        let (kind, (busy, _)) = kinds.into_iter().find_map(|kind| Some((kind, *self.busy.get(&kind)?)))?;
        (self.device_seconds > 0.0).then_some((kind, (busy / self.device_seconds).min(1.0)))
    }

    /// Whether there is anything to show of it beside its time.
    #[must_use]
    pub fn is_known(&self) -> bool {
        !self.busy.is_empty() || self.energy.is_some() || !self.absent.is_empty()
    }
}

/// Joules; idle and active ones; quality.
type EnergyText = (f64, Option<(f64, f64)>, String);

/// Its text form in the checkpoint: kinds, qualities and flags by their labels.
#[derive(Serialize, Deserialize)]
pub(super) struct HardwareText {
    target: String,
    window: u64,
    device_seconds: f64,
    busy: Vec<(String, f64, String)>,
    energy: Option<EnergyText>,
    flags: Vec<String>,
    absent: Vec<String>,
    resumed: bool,
}

impl From<&Hardware> for HardwareText {
    fn from(hardware: &Hardware) -> Self {
        let Hardware { target, window, device_seconds, busy, energy, flags, absent, resumed } = hardware;
        let busy = busy
            .iter()
            .map(|(kind, (seconds, quality))| (kind.label().to_owned(), *seconds, quality.label().to_owned()));
        Self {
            target: target.to_string(),
            window: window.0,
            device_seconds: *device_seconds,
            busy: busy.collect(),
            energy: energy.map(|energy| (energy.joules, energy.split, energy.quality.label().to_owned())),
            flags: flags.iter().map(|flag| flag.label().to_owned()).collect(),
            absent: absent.clone(),
            resumed: *resumed,
        }
    }
}

impl HardwareText {
    /// Reads it back. A word that is not known any more is left out with its figure.
    pub(super) fn read(self) -> Result<Hardware, String> {
        let Self { target, window, device_seconds, busy, energy, flags, absent, resumed } = self;
        let quality = |word: &str| Quality::from_label(word).unwrap_or(Quality::Estimated);
        let busy = busy.into_iter().filter_map(|(kind, seconds, how)| {
            let kind = Busy::ALL.into_iter().find(|known| known.label() == kind)?;
            Some((kind, (seconds, quality(&how))))
        });
        Ok(Hardware {
            target: Name::new(&target).map_err(|e| format!("the checkpoint has a bad name: {e}"))?,
            window: Nanos(window),
            device_seconds,
            busy: busy.collect(),
            energy: energy.map(|(joules, split, how)| WindowEnergy { joules, split, quality: quality(&how) }),
            flags: flags.iter().filter_map(|word| Flag::from_label(word)).collect(),
            absent,
            resumed,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comes_back_out_of_its_text_and_has_a_duty() {
        let hardware = Hardware {
            target: Name::new("a").unwrap(),
            window: Nanos(12_000_000_001),
            device_seconds: 24.0,
            busy: BTreeMap::from([
                (Busy::SmActive, (3.0, Quality::Estimated)),
                (Busy::KernelActive, (6.0, Quality::Measured)),
            ]),
            energy: Some(WindowEnergy { joules: 10.5, split: Some((4.0, 6.5)), quality: Quality::Measured }),
            flags: BTreeSet::from([Flag::Gap, Flag::Short]),
            absent: vec!["host: not_supported".into()],
            resumed: true,
        };
        let text = serde_json::to_string(&HardwareText::from(&hardware)).unwrap();
        let back: HardwareText = serde_json::from_str(&text).unwrap();
        assert_eq!(back.read(), Ok(hardware.clone()));
        assert_eq!(hardware.duty(), Some((Busy::KernelActive, 0.25)));
        assert_eq!(Hardware { device_seconds: 0.0, ..hardware }.duty(), None);
    }
}
