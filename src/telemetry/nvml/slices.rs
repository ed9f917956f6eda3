//! What a card was cut into (MIG): slices with memory and processes of their own. The driver tells utilisation, power, energy,
//! temperature and clocks of whole cards only, so those of a slice are named absent. GPM could tell a slice's activity, by
//! the number of its GPU instance, which the wrapper has no safe call for.

use super::ask::{Asked, Gone, Missing};
use super::card::{memory_into, processes};
use super::map;
use crate::telemetry::{Absence, Absent, Device, DeviceId};
use nvml_wrapper::Device as Handle;

/// A card is cut into seven at the most, today.
const MOST: u32 = 32;

/// What the driver tells of whole cards only.
const OF_CARDS: [&str; 9] = [
    "kernel_active",
    "sm_active",
    "tensor_active",
    "dram_active",
    "power",
    "energy",
    "temperature",
    "clock",
    "throttled",
];

/// One slice.
pub(super) struct Slice<'n> {
    handle: Handle<'n>,
    id: DeviceId,
    name: String,
    asked: Asked,
}

impl<'n> Slice<'n> {
    /// What a card is cut into now; nothing where it can't be.
    pub(super) fn all(card: &Handle<'n>, parent: &DeviceId, asked: &mut Asked) -> Result<Vec<Self>, Gone> {
        let Ok(most) = asked.quietly("slices", || card.mig_device_count())? else { return Ok(Vec::new()) };
        let mut slices = Vec::new();
        for place in 0..most.min(MOST) {
            // A place without a slice is refused as "not found", and every place of a card that is not cut as well.
            let Ok(handle) = card.mig_device_by_index(place) else { continue };
            let id = handle
                .uuid()
                .ok()
                .as_deref()
                .and_then(map::uuid)
                .map_or_else(|| DeviceId::new(&format!("{parent}/{place}")), DeviceId::new);
            let name = handle.name().map(|name| map::name(&name)).unwrap_or_default();
            slices.push(Self { handle, id, name, asked: Asked::default() });
        }
        Ok(slices)
    }

    /// Who it is.
    pub(super) const fn id(&self) -> &DeviceId {
        &self.id
    }

    /// Goes on with what was refused by the same slice before.
    pub(super) fn remembering(mut self, before: &mut Vec<Self>) -> Self {
        if let Some(at) = before.iter().position(|slice| slice.id == self.id) {
            self.asked = before.swap_remove(at).asked;
        }
        self
    }

    /// Looks at it.
    pub(super) fn look(&mut self, parent: &DeviceId, absent: &mut Vec<Absent>) -> Result<Device, Gone> {
        let mut device = Device::new(self.id.clone());
        device.name.clone_from(&self.name);
        device.parent = Some(parent.clone());
        let mut missing = Missing { device: &self.id, absent };
        memory_into(&mut device, &self.handle, &mut self.asked, &mut missing)?;
        device.processes = processes(&self.handle, &mut self.asked, &mut missing)?;
        for what in OF_CARDS {
            missing.note(what, Absence::NotSupported, "the driver tells it of whole cards only");
        }
        Ok(device)
    }
}
