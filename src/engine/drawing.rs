//! What a target's hardware comes to while its samples are in flight, and what each of them draws of it: its time at a
//! price by the hour, its energy by the meters or as declared, what that energy costs and emits.

use super::course::locked;
use super::unix_ms;
use crate::domain::{Energy, Nanos, Quality, Share};
use crate::plan::Target;
use crate::pricing::{Entered, FINE, Power, Shares, Sharing, Totals};
use crate::telemetry::{Busy, Cumulative, Hub};
use rust_decimal::Decimal;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Meters are asked no more often than this: they look at 10 Hz, and answers may end by the thousand a second.
const OFTEN: Nanos = Nanos(10_000_000);

/// How long meters may take for their first look beyond their own interval, and how often it is asked for.
const PATIENCE: Duration = Duration::from_secs(2);
const STEP: Duration = Duration::from_millis(10);

/// The meters at work. A new configuration has others, from the next run on.
#[derive(Debug, Clone)]
pub struct Meters(Arc<Mutex<Arc<Hub>>>);

impl Default for Meters {
    /// None.
    fn default() -> Self {
        Self(Arc::new(Mutex::new(Arc::new(Hub::start(&[])))))
    }
}

impl Meters {
    /// Starts those of these targets in place of the ones before. Meters of both begin anew.
    pub fn start<'a>(&self, targets: impl IntoIterator<Item = &'a Arc<Target>>) {
        let metered: Vec<_> = targets.into_iter().flat_map(|target| target.meters.iter().cloned()).collect();
        let hub = Arc::new(Hub::start(&metered));
        // The old one's threads are waited for when it is dropped: not under the lock.
        let old = std::mem::replace(&mut *locked(&self.0), hub);
        drop(old);
    }

    /// Waits until all meters of a target have looked once, so that nothing of a run goes unseen; but not for long: one that
    /// is not there costs its figure, and not the run.
    pub(super) async fn ready(&self, target: &Target) {
        let patience = target.meters.iter().map(|one| one.meter.every()).max().unwrap_or_default() + PATIENCE;
        let looked = async {
            while self.hub().looked_until(&target.meters).is_none() {
                tokio::time::sleep(STEP).await;
            }
        };
        if tokio::time::timeout(patience, looked).await.is_err() {
            tracing::warn!(target = %target.name, "a meter has not looked yet; its figures may be incomplete");
        }
    }

    /// The meters.
    #[must_use]
    pub fn hub(&self) -> Arc<Hub> {
        Arc::clone(&locked(&self.0))
    }
}

/// What one course's samples share.
pub(super) struct Drawing {
    target: Arc<Target>,
    hub: Arc<Hub>,
    sharing: Sharing,
    sums: Totals,
    known: Known,
    inflight: u32,
    /// When the first exchange was begun, and the last one ended.
    window: Option<(Nanos, Nanos)>,
    /// When the sums were made: on the exchanges' clock, and by the wall's (ms since the Unix epoch).
    last: Option<(Nanos, i64)>,
    /// The same as the meters told it: microjoules and nanoseconds of busy devices.
    seen: (i128, i128),
}

/// Which of the sums mean anything.
#[derive(Debug, Clone, Copy, Default)]
struct Known {
    energy: Option<Quality>,
    device: bool,
}

impl Drawing {
    /// None where there is nothing to share: no hardware by the hour, no meter.
    pub(super) fn new(target: &Arc<Target>, hub: Arc<Hub>) -> Option<Self> {
        let hardware = target.price.hardware();
        if hardware.is_none() && target.meters.is_empty() {
            return None;
        }
        let declared = hardware.is_some_and(|hardware| matches!(hardware.energy.power, Power::Nameplate(_)));
        let per_hour = hardware.map_or(Decimal::ZERO, |hardware| hardware.per_hour);
        Some(Self {
            target: Arc::clone(target),
            hub,
            sharing: Sharing::new(per_hour),
            sums: Totals::default(),
            // What is declared is known before anything was seen.
            known: Known { energy: declared.then_some(Quality::Estimated), device: false },
            inflight: 0,
            window: None,
            last: None,
            seen: (0, 0),
        })
    }

    /// A sample goes in flight.
    pub(super) fn enter(&mut self, now: Nanos) -> Entered {
        self.advance(now, false);
        self.inflight += 1;
        self.window = Some(self.window.map_or((now, now), |(first, last)| (first, last.max(now))));
        self.sharing.enter(now, self.sums)
    }

    /// It ends: what it drew.
    pub(super) fn leave(&mut self, entered: Entered, now: Nanos) -> Share {
        self.inflight = self.inflight.saturating_sub(1);
        // It may be the last: what was used until here would fall to nobody.
        self.advance(now, self.inflight == 0);
        self.window = self.window.map(|(first, last)| (first, last.max(now)));
        let Shares { hardware, energy_cost, microjoules, device_nanos, nanograms } =
            self.sharing.leave(entered, now, self.sums);
        let Known { energy, device } = self.known;
        Share {
            hardware,
            energy_cost,
            energy: energy.map(|quality| Energy { microjoules, quality }),
            device_nanos: device.then_some(device_nanos),
            nanograms: (energy.is_some() && self.target.carbon.is_some()).then_some(nanograms),
        }
    }

    /// Begins anew with the next sample; what is known, and the window, stay.
    pub(super) fn rested(&mut self) {
        if let Some(fresh) = Self::new(&self.target, Arc::clone(&self.hub)) {
            *self = Self { known: self.known, window: self.window, ..fresh };
        }
    }

    /// From the first exchange that was begun to the last that ended; none before the first.
    pub(super) const fn window(&self) -> Option<(Nanos, Nanos)> {
        self.window
    }

    /// The meters that it asks.
    pub(super) fn hub(&self) -> Arc<Hub> {
        Arc::clone(&self.hub)
    }

    /// Brings the sums up to an instant; where that is soon after the last time, only if it must be.
    fn advance(&mut self, now: Nanos, must: bool) {
        let wall = unix_ms();
        let Some((then, then_wall)) = self.last else {
            let Cumulative { energy, busy, .. } = self.hub.at(&self.target.meters, now);
            self.known.device |= busiest(&busy).is_some();
            self.known.energy = self.known.energy.or(energy.map(|e| e.quality));
            self.seen = (energy.map_or(0, |e| micro(e.joules)), busiest(&busy).unwrap_or(0));
            self.last = Some((now, wall));
            return;
        };
        let elapsed = now.since(then);
        if elapsed < OFTEN && !must || elapsed == Nanos(0) {
            return;
        }
        self.last = Some((now, wall));
        let seen = self.hub.at(&self.target.meters, now);
        let busy = busiest(&seen.busy);
        self.known.device |= busy.is_some();
        self.sums.device += (busy.unwrap_or(0) - self.seen.1).max(0).saturating_mul(FINE);
        self.seen.1 = self.seen.1.max(busy.unwrap_or(0));
        let price = self.target.price.hardware().map(|hardware| hardware.energy);
        let declared = price.and_then(|price| price.declared(elapsed));
        let microjoules = match (declared, seen.energy) {
            // As the configuration says, whatever a meter sees.
            (Some(fine), _) => {
                self.known.energy = Some(Quality::Estimated);
                self.sums.energy = self.sums.energy.saturating_add(fine);
                fine / FINE
            }
            (None, Some(energy)) => {
                self.known.energy = Some(self.known.energy.unwrap_or(energy.quality).and(energy.quality));
                let sum = micro(energy.joules);
                let grown = (sum - self.seen.0).max(0);
                self.seen.0 = self.seen.0.max(sum);
                self.sums.energy = self.sums.energy.saturating_add(grown.saturating_mul(FINE));
                grown
            }
            (None, None) => 0,
        };
        // A wall clock that was set back makes no time.
        let stretch = (then_wall, wall.max(then_wall));
        if let Some(price) = price {
            self.sums.energy_cost = self.sums.energy_cost.saturating_add(price.cost(stretch.0, stretch.1, microjoules));
        }
        if let Some(carbon) = &self.target.carbon {
            let pue = price.map_or(Decimal::ONE, |price| price.pue);
            let operational = carbon.operational(stretch.0, stretch.1, microjoules, pue);
            let emitted = operational.saturating_add(carbon.embodied(elapsed));
            self.sums.carbon = self.sums.carbon.saturating_add(emitted);
        }
    }
}

/// Whole microjoules.
#[expect(clippy::cast_possible_truncation, reason = "a float that is too large becomes the largest integer")]
fn micro(joules: f64) -> i128 {
    (joules * 1e6) as i128
}

/// Nanoseconds in which devices were busy, by the first kind that is known.
#[expect(clippy::cast_possible_truncation, reason = "a float that is too large becomes the largest integer")]
fn busiest(busy: &std::collections::BTreeMap<Busy, (f64, Quality)>) -> Option<i128> {
    let kinds = [Busy::KernelActive, Busy::SmActive, Busy::CpuActive];
    kinds.into_iter().find_map(|kind| busy.get(&kind)).map(|(seconds, _)| (seconds * 1e9) as i128)
}
