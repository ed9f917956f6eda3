//! One question to the driver: its answer, or why there is none, and whether it is worth asking again.

use super::map::{Refusal, refusal};
use crate::telemetry::{Absence, Absent, DeviceId};
use nvml_wrapper::error::NvmlError;
use std::collections::BTreeMap;

/// Why nothing more can be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Gone {
    /// This device fell off the bus, or is being reset.
    Device(String),
    /// The driver was unloaded.
    Driver(Absence, String),
}

/// The questions to one device, and which of them it refused for good.
#[derive(Debug, Default)]
pub(super) struct Asked {
    refused: BTreeMap<&'static str, (Absence, String)>,
}

/// What one look finds missing, of one device.
pub(super) struct Missing<'a> {
    pub(super) device: &'a DeviceId,
    pub(super) absent: &'a mut Vec<Absent>,
}

impl Missing<'_> {
    /// Notes that this figure is not there.
    pub(super) fn note(&mut self, what: &'static str, why: Absence, detail: &str) {
        self.absent.push(Absent { what, device: Some(self.device.clone()), why, detail: detail.to_owned() });
    }
}

impl Asked {
    /// Asks, unless it was refused for good. The reason is not noted anywhere: for questions that have a second way.
    pub(super) fn quietly<T>(
        &mut self,
        what: &'static str,
        call: impl FnOnce() -> Result<T, NvmlError>,
    ) -> Result<Result<T, (Absence, String)>, Gone> {
        if let Some(known) = self.refused.get(what) {
            return Ok(Err(known.clone()));
        }
        let error = match call() {
            Ok(answer) => return Ok(Ok(answer)),
            Err(error) => error,
        };
        match refusal(&error) {
            Refusal::Device(detail) => Err(Gone::Device(detail)),
            Refusal::Driver(why, detail) => Err(Gone::Driver(why, detail)),
            Refusal::Figure { why, detail, forever } => {
                if forever {
                    self.refused.insert(what, (why, detail.clone()));
                }
                Ok(Err((why, detail)))
            }
        }
    }

    /// Asks for a figure; where it is refused, or can't be true, that is noted under its name.
    pub(super) fn figure<T, U>(
        &mut self,
        missing: &mut Missing<'_>,
        what: &'static str,
        call: impl FnOnce() -> Result<T, NvmlError>,
        read: impl FnOnce(T) -> Result<U, String>,
    ) -> Result<Option<U>, Gone> {
        match self.quietly(what, call)? {
            Err((why, detail)) => missing.note(what, why, &detail),
            Ok(raw) => match read(raw) {
                Ok(value) => return Ok(Some(value)),
                Err(said) => missing.note(what, Absence::Nonsense, &format!("the driver says {said}")),
            },
        }
        Ok(None)
    }

    /// That refusal was not for good.
    pub(super) fn allow(&mut self, what: &'static str) {
        self.refused.remove(what);
    }

    /// A refusal may not hold any more: the device was cut anew.
    pub(super) fn forget(&mut self) {
        self.refused.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    #[test]
    fn what_is_not_supported_is_asked_once() {
        let (mut asked, calls, id) = (Asked::default(), Cell::new(0), DeviceId::new("GPU-1"));
        let mut absent = Vec::new();
        for _ in 0..3 {
            let mut missing = Missing { device: &id, absent: &mut absent };
            let call = || {
                calls.set(calls.get() + 1);
                Err::<u32, _>(NvmlError::FailedToLoadSymbol("no nvmlDeviceGetPowerUsage".into()))
            };
            assert_eq!(asked.figure(&mut missing, "power", call, Ok), Ok(None));
        }
        assert_eq!(calls.get(), 1);
        assert_eq!(absent.len(), 3);
        assert!(absent.iter().all(|a| (a.what, a.why) == ("power", Absence::NotSupported)));
    }

    #[test]
    fn what_was_not_permitted_is_asked_again() {
        let (mut asked, id, mut absent) = (Asked::default(), DeviceId::new("GPU-1"), Vec::new());
        let mut missing = Missing { device: &id, absent: &mut absent };
        assert_eq!(asked.figure(&mut missing, "power", || Err::<u32, _>(NvmlError::NoPermission), Ok), Ok(None));
        assert_eq!(asked.figure(&mut missing, "power", || Ok(7), Ok), Ok(Some(7)));
        assert_eq!(absent.len(), 1);
    }

    #[test]
    fn nonsense_is_named_with_what_was_said() {
        let (mut asked, id, mut absent) = (Asked::default(), DeviceId::new("GPU-1"), Vec::new());
        let mut missing = Missing { device: &id, absent: &mut absent };
        let read = |raw: u32| Err::<u32, _>(format!("{raw} mW"));
        assert_eq!(asked.figure(&mut missing, "power", || Ok(u32::MAX), read), Ok(None));
        let noted: Vec<_> = absent.iter().map(|a| (a.what, a.why, a.detail.as_str())).collect();
        assert_eq!(noted, [("power", Absence::Nonsense, "the driver says 4294967295 mW")]);
    }

    #[test]
    fn a_lost_device_ends_the_questions() {
        let (mut asked, id, mut absent) = (Asked::default(), DeviceId::new("GPU-1"), Vec::new());
        let mut missing = Missing { device: &id, absent: &mut absent };
        let gone = asked.figure(&mut missing, "power", || Err::<u32, _>(NvmlError::GpuLost), Ok);
        assert!(matches!(gone, Err(Gone::Device(_))));
        assert!(absent.is_empty());
    }
}
