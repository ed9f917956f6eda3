//! What the multiprocessors, the tensor pipes and the memory did, by the counters of Hopper and newer (GPM). The driver works
//! a share out of two of its own snapshots, so everything between two looks is in it.

use super::ask::{Asked, Gone, Missing};
use super::map::activity;
use super::share::{Carry, seconds};
use crate::domain::Nanos;
use crate::telemetry::{Absence, Busy, Value, now};
use nvml_wrapper::enums::gpm::GpmMetricId;
use nvml_wrapper::error::NvmlError;
use nvml_wrapper::gpm::{GpmSample, gpm_metrics_get};
use nvml_wrapper::{Device, Nvml};

/// The driver wants so many seconds between two snapshots.
const LEAST_APART: f64 = 0.09;

/// The figures, with the driver's word and ours.
const FIGURES: [(Busy, GpmMetricId); 3] = [
    (Busy::SmActive, GpmMetricId::SmUtil),
    (Busy::TensorActive, GpmMetricId::AnyTensorUtil),
    (Busy::DramActive, GpmMetricId::DramBwUtil),
];

/// The counters of one device.
#[derive(Default)]
pub(super) struct Gpm<'n> {
    supported: Option<bool>,
    /// The newest snapshot.
    before: Option<(GpmSample<'n>, Nanos)>,
    /// What was known and told of each figure.
    carries: [Carry; FIGURES.len()],
    /// Why a figure was not in the newest pair.
    refused: [Option<(Absence, String)>; FIGURES.len()],
}

impl<'n> Gpm<'n> {
    /// Adds what there is to `busy`; notes what is not.
    pub(super) fn look(
        &mut self,
        nvml: &'n Nvml,
        device: &Device<'n>,
        asked: &mut Asked,
        missing: &mut Missing<'_>,
        busy: &mut Vec<(Busy, Value)>,
    ) -> Result<(), Gone> {
        if let Err((why, detail)) = self.snapshot(nvml, device, asked)? {
            // What happens until it is there again is not known.
            (self.before, self.carries) = (None, Default::default());
            FIGURES.iter().for_each(|(figure, _)| missing.note(figure.label(), why, &detail));
            return Ok(());
        }
        let now = now();
        let behind = self.before.as_ref().map_or(0.0, |(_, at)| seconds(*at, now));
        for (((figure, _), carry), refused) in FIGURES.iter().zip(&mut self.carries).zip(&self.refused) {
            if let Some((why, detail)) = refused {
                missing.note(figure.label(), *why, detail);
                carry.begin(now);
            } else if let Some(value) = carry.tell(now, behind).and_then(Value::measured) {
                busy.push((*figure, value));
            }
        }
        Ok(())
    }

    /// Takes a snapshot where it is time to, and learns what happened since the one before.
    fn snapshot(
        &mut self,
        nvml: &'n Nvml,
        device: &Device<'n>,
        asked: &mut Asked,
    ) -> Result<Result<(), (Absence, String)>, Gone> {
        if let Err(refused) = asked.quietly("gpm", || whole(nvml))? {
            return Ok(Err(refused));
        }
        if self.supported.is_none() {
            match asked.quietly("gpm_support", || device.gpm_support())? {
                Ok(supported) => self.supported = Some(supported),
                Err(refused) => return Ok(Err(refused)),
            }
        }
        if self.supported == Some(false) {
            let detail = "the device has no counters of activity (GPM); Hopper and newer have";
            return Ok(Err((Absence::NotSupported, detail.into())));
        }
        if self.before.as_ref().is_some_and(|(_, at)| seconds(*at, now()) < LEAST_APART) {
            return Ok(Ok(()));
        }
        let sample = match asked.quietly("gpm_sample", || device.gpm_sample())? {
            Ok(sample) => sample,
            Err(refused) => return Ok(Err(refused)),
        };
        let at = now();
        let Some((before, since)) = self.before.replace((sample, at)) else {
            self.carries.iter_mut().for_each(|carry| carry.begin(at));
            return Ok(Ok(()));
        };
        let Some((sample, _)) = &self.before else { return Ok(Ok(())) };
        let results =
            match asked.quietly("gpm_metrics", || gpm_metrics_get(nvml, &before, sample, &FIGURES.map(|f| f.1)))? {
                Ok(results) => results,
                Err(refused) => return Ok(Err(refused)),
            };
        let each = self.carries.iter_mut().zip(&mut self.refused).zip(FIGURES).zip(results);
        for (((carry, refused), (figure, _)), result) in each {
            // Here a refusal is not for good: it may be this pair's alone.
            *refused = match asked.quietly("", || result.map(|r| r.value)) {
                Err(gone) => return Err(gone),
                Ok(Err(why)) => {
                    asked.allow("");
                    Some(why)
                }
                Ok(Ok(raw)) => match activity(raw) {
                    Some(share) => {
                        carry.learn(seconds(since, at), share);
                        None
                    }
                    None => Some((Absence::Nonsense, format!("the driver says {raw} % of {}", figure.label()))),
                },
            };
        }
        Ok(Ok(()))
    }
}

/// Whether all of GPM's functions are there. The wrapper panics where it frees a snapshot and can't, so none is taken then.
fn whole(nvml: &Nvml) -> Result<(), NvmlError> {
    let lib = nvml.lib();
    let missing = [
        lib.nvmlGpmSampleAlloc.as_ref().err(),
        lib.nvmlGpmSampleFree.as_ref().err(),
        lib.nvmlGpmSampleGet.as_ref().err(),
        lib.nvmlGpmMetricsGet.as_ref().err(),
    ];
    match missing.into_iter().flatten().next() {
        Some(error) => Err(NvmlError::FailedToLoadSymbol(error.to_string())),
        None => Ok(()),
    }
}
