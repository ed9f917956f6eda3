//! A driver that is open, and the devices in it.

use super::ask::Gone;
use super::card::Card;
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
pub(super) type Known = BTreeMap<u32, (DeviceId, String)>;

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
                let (why, detail) = match map::refusal(&error) {
                    Refusal::Figure { why, detail, .. } | Refusal::Driver(why, detail) => (why, detail),
                    Refusal::Device(detail) => (Absence::Lost, detail),
                };
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
        let unnamed = || (DeviceId::new(&format!("nvml:{index}")), String::new());
        let handle = match nvml.device_by_index(index) {
            Ok(handle) => handle,
            Err(error) => {
                let (id, _) = known.get(&index).cloned().unwrap_or_else(unnamed);
                self.without(id, &error);
                return;
            }
        };
        let taken = |id: &str| self.cards.iter().any(|card| card.id().as_str() == id);
        let said = handle.uuid();
        let id = match said.as_deref() {
            Ok(uuid) => map::uuid(uuid).filter(|uuid| !taken(uuid)).map(DeviceId::new),
            Err(_) => None,
        };
        let gone = said.as_ref().err().filter(|error| matches!(map::refusal(error), Refusal::Device(_)));
        if let Some(error) = gone {
            let (id, _) = known.get(&index).cloned().unwrap_or_else(unnamed);
            self.without(id, error);
            return;
        }
        let id = id.unwrap_or_else(|| {
            // It can be measured all the same, under the name of its place.
            let (id, _) = unnamed();
            let (why, detail) = match said {
                Ok(uuid) => (Absence::Nonsense, format!("the driver says {:?}", map::name(&uuid))),
                Err(error) => match map::refusal(&error) {
                    Refusal::Figure { why, detail, .. } | Refusal::Driver(why, detail) => (why, detail),
                    Refusal::Device(detail) => (Absence::Lost, detail),
                },
            };
            self.absent.push(Absent { what: "uuid", device: Some(id.clone()), why, detail });
            id
        });
        let name = handle.name().map(|name| map::name(&name)).unwrap_or_default();
        known.insert(index, (id.clone(), name.clone()));
        self.cards.push(Card::new(nvml, handle, id, name, index));
    }

    /// A device that can't be had at all.
    fn without(&mut self, id: DeviceId, error: &NvmlError) {
        let (why, detail) = match map::refusal(error) {
            Refusal::Device(detail) => (Absence::Lost, detail),
            Refusal::Figure { why, detail, .. } | Refusal::Driver(why, detail) => (why, detail),
        };
        // What is not for us will not become ours; what was lost may come back.
        self.ill |= why != Absence::NoPermission;
        self.absent.push(Absent { what: "all", device: Some(id), why, detail });
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
