//! A driver that is open, and the devices in it.

use super::ask::Gone;
use super::card::Card;
use super::library::cut_off;
use super::map::{self, Refusal};
use crate::telemetry::{Absence, Absent, Device, DeviceId, Reading, now};
use nvml_wrapper::Nvml;
use nvml_wrapper::error::NvmlError;
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::Path;

/// A machine has so many cards at the most.
const MOST_CARDS: u32 = 64;

/// The driver's library, loaded and initialised.
pub(super) struct Driver(Option<Nvml>);

impl Driver {
    /// Loads and initialises it.
    pub(super) fn open(library: Option<&Path>) -> Result<Self, (Absence, String)> {
        let mut builder = Nvml::builder();
        if let Some(path) = library {
            if cut_off(path) {
                return Err((Absence::WrongLibrary, format!("{}: the file is cut off", path.display())));
            }
            builder.lib_path(OsStr::new(path));
        }
        builder.init().map(|nvml| Self(Some(nvml))).map_err(|error| map::unopened(&error))
    }

    pub(super) const fn nvml(&self) -> Option<&Nvml> {
        self.0.as_ref()
    }
}

impl Drop for Driver {
    /// Closes the library. The wrapper calls `nvmlShutdown` without asking whether it is there, and panics where it is not:
    /// such a library stays open, as long as the process.
    fn drop(&mut self) {
        if let Some(nvml) = self.0.take().filter(|nvml| nvml.lib().nvmlShutdown.is_err()) {
            std::mem::forget(nvml);
        }
    }
}

/// Who was where, so that a card which is gone can be named.
pub(super) type Known = BTreeMap<u32, DeviceId>;

/// What stands for a device that has no UUID.
fn by_place(index: u32) -> DeviceId {
    DeviceId::new(&format!("nvml:{index}"))
}

/// Why a device can't be had at all.
fn reason(error: &NvmlError) -> (Absence, String) {
    match map::refusal(error) {
        Refusal::Device(detail) => (Absence::Lost, detail),
        Refusal::Figure { why, detail, .. } | Refusal::Driver(why, detail) => (why, detail),
    }
}

/// The devices of an open driver.
pub(super) struct Session<'n> {
    cards: Vec<Card<'n>>,
    /// What was missing when the devices were looked for; said again at every look.
    absent: Vec<Absent>,
    /// Whether the driver is to be opened again before long: something is gone that may come back.
    pub(super) ill: bool,
}

impl<'n> Session<'n> {
    /// Finds the devices.
    pub(super) fn new(nvml: &'n Nvml, known: &mut Known) -> Self {
        let mut session = Self { cards: Vec::new(), absent: Vec::new(), ill: false };
        match nvml.device_count() {
            Ok(0) => session.nothing(Absence::NoDevice, "the driver sees no device".into()),
            Ok(count @ 1..=MOST_CARDS) => (0..count).for_each(|index| session.find(nvml, index, known)),
            Ok(count) => session.nothing(Absence::Nonsense, format!("the driver says it has {count} devices")),
            Err(error) => {
                let (why, detail) = reason(&error);
                session.nothing(why, detail);
            }
        }
        session
    }

    fn nothing(&mut self, why: Absence, detail: String) {
        self.absent.push(Absent { what: "all", device: None, why, detail });
        self.ill = true;
    }

    /// Finds the device at this place; it may have been seen before, and be gone now.
    fn find(&mut self, nvml: &'n Nvml, index: u32, known: &mut Known) {
        if let Err((why, detail)) = self.found(nvml, index, known) {
            // What is not for us will not become ours; what was lost may come back.
            self.ill |= why != Absence::NoPermission;
            let device = known.get(&index).cloned().unwrap_or_else(|| by_place(index));
            self.absent.push(Absent { what: "all", device: Some(device), why, detail });
        }
    }

    fn found(&mut self, nvml: &'n Nvml, index: u32, known: &mut Known) -> Result<(), (Absence, String)> {
        let handle = nvml.device_by_index(index).map_err(|error| reason(&error))?;
        let said = match handle.uuid() {
            Err(error) if matches!(map::refusal(&error), Refusal::Device(_)) => return Err(reason(&error)),
            said => said,
        };
        let taken = |id: &str| self.cards.iter().any(|card| card.id().as_str() == id);
        let nonsense = |uuid: &str| (Absence::Nonsense, format!("the driver says {:?}", map::name(uuid)));
        let told = said.map_err(|error| reason(&error)).and_then(|uuid| {
            let id = map::uuid(&uuid).filter(|uuid| !taken(uuid)).map(DeviceId::new);
            id.ok_or_else(|| nonsense(&uuid))
        });
        // One without a UUID can be measured all the same, under the name of its place.
        let id = told.as_ref().map_or_else(|_| by_place(index), Clone::clone);
        let card = Card::new(nvml, handle, id.clone(), index).map_err(|gone| match gone {
            Gone::Device(detail) => (Absence::Lost, detail),
            Gone::Driver(why, detail) => (why, detail),
        })?;
        if let Err((why, detail)) = told {
            self.absent.push(Absent { what: "uuid", device: Some(id.clone()), why, detail });
        }
        known.insert(index, id);
        self.cards.push(card);
        Ok(())
    }

    /// Looks at every device. A card that is lost is named, and the others go on; where the driver itself is gone, nothing
    /// goes on, and whoever asked opens it again.
    pub(super) fn look(&mut self) -> Reading {
        let mut reading = Reading::new(now());
        reading.absent.clone_from(&self.absent);
        let mut seen: Vec<Device> = Vec::new();
        for card in &mut self.cards {
            let (devices, absences) = (seen.len(), reading.absent.len());
            let Err(gone) = card.look(&mut seen, &mut reading.absent) else { continue };
            // Half a look is none: its figures would be of different instants.
            seen.truncate(devices);
            reading.absent.truncate(absences);
            self.ill = true;
            match gone {
                Gone::Device(detail) => {
                    let device = Some(card.id().clone());
                    reading.absent.push(Absent { what: "all", device, why: Absence::Lost, detail });
                }
                Gone::Driver(why, detail) => {
                    seen.clear();
                    reading.absent = vec![Absent { what: "all", device: None, why, detail }];
                    break;
                }
            }
        }
        reading.devices = seen;
        reading
    }
}
