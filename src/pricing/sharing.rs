//! What a run uses as a whole (time of its hardware, energy, device time), shared among its samples.
//!
//! Each quantity is a sum Q(t) that only grows. A sample gets ∫ dQ/inflight over its own time in flight; what grows while
//! nothing is in flight goes to the sample that ends the stretch. Everything is integer and what rounding keeps back is
//! carried, so that the shares close to the unit (nano-USD, microjoule, nanosecond).

use crate::domain::{Money, Nanos};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;

/// The fine unit that cumulative quantities are handed in: so many make one nano-USD, one microjoule, one nanosecond.
pub const FINE: i128 = 1_000_000;

const HOUR: i128 = 3_600_000_000_000;

/// What the meters of a target have come to: sums that only grow, each in [`FINE`] parts of its unit. One that goes back
/// counts as one that stands. Zero where there is no meter.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    /// What the energy cost, in nano-USD × [`FINE`].
    pub energy_cost: i128,
    /// Energy, in microjoules × [`FINE`].
    pub energy: i128,
    /// Time that devices were busy, in nanoseconds × [`FINE`].
    pub device: i128,
    /// Emissions of that energy, in nanograms of CO₂-equivalent × [`FINE`].
    pub carbon: i128,
}

/// What falls to one sample.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Shares {
    /// Of the hardware's time: C_h × its share of the window.
    pub hardware: Money,
    /// Of what the energy cost.
    pub energy_cost: Money,
    /// Energy in microjoules.
    pub microjoules: u64,
    /// Busy device time in nanoseconds.
    pub device_nanos: u64,
    /// Emissions of the energy in nanograms of CO₂-equivalent.
    pub nanograms: u64,
}

/// Shares out while a run goes on. Saturates, never wraps.
#[derive(Debug, Clone)]
pub struct Sharing {
    /// Nano-USD per hour × [`FINE`].
    per_hour: i128,
    inflight: u32,
    last: Option<Nanos>,
    /// The time so far × `per_hour`: in nano-USD × [`FINE`] × [`HOUR`].
    hardware: i128,
    channels: [Channel; CHANNELS],
}

/// Hardware, energy cost, energy, device time, carbon.
const CHANNELS: usize = 5;

/// One quantity.
#[derive(Debug, Clone, Copy)]
struct Channel {
    /// So many parts make one unit of a share.
    unit: i128,
    /// Where the sum stood.
    last: Option<i128>,
    /// ∫ dQ/inflight.
    shared: i128,
    /// What nobody has got yet.
    idle: i128,
    /// What rounding to whole units has kept back.
    carry: i128,
}

impl Channel {
    const fn new(unit: i128) -> Self {
        Self { unit, last: None, shared: 0, idle: 0, carry: 0 }
    }

    fn advance(&mut self, total: i128, inflight: u32) {
        let grown = total.saturating_sub(self.last.unwrap_or(total)).max(0);
        self.last = Some(self.last.map_or(total, |last| last.max(total)));
        let among = i128::from(inflight);
        // Nothing in flight, or what the division drops: to whoever comes next, so that nothing is lost.
        let (each, left) = if among == 0 { (0, grown) } else { (grown / among, grown % among) };
        self.shared = self.shared.saturating_add(each);
        self.idle = self.idle.saturating_add(left);
    }

    fn enter(&mut self) -> Mark {
        Mark { shared: self.shared, idle: std::mem::take(&mut self.idle) }
    }

    fn leave(&mut self, mark: Mark) -> i128 {
        let parts = self.shared.saturating_sub(mark.shared).saturating_add(mark.idle).saturating_add(self.carry);
        let whole = parts.div_euclid(self.unit);
        self.carry = parts.rem_euclid(self.unit);
        whole
    }

    /// Takes what nobody has got.
    fn rest(&mut self) -> i128 {
        let mark = Mark { shared: self.shared, idle: std::mem::take(&mut self.idle) };
        self.leave(mark)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Mark {
    shared: i128,
    idle: i128,
}

/// A sample's place in the sharing: give it back at its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entered([Mark; CHANNELS]);

impl Sharing {
    /// A sharing of hardware at so many USD per hour; the window begins with the first sample, and with it every sum.
    #[must_use]
    pub fn new(per_hour: Decimal) -> Self {
        // Nano-USD × FINE is 10⁻¹⁵ USD. What is beyond it is beyond any Money too.
        let fine = per_hour.checked_mul(Decimal::from(1_000_000_000_000_000_i64)).and_then(|d| d.round().to_i128());
        let channels = [FINE * HOUR, FINE, FINE, FINE, FINE].map(Channel::new);
        Self { per_hour: fine.unwrap_or(i128::MAX).max(0), inflight: 0, last: None, hardware: 0, channels }
    }

    fn advance(&mut self, now: Nanos, totals: Totals) {
        let elapsed = self.last.map_or(0, |last| now.since(last).0);
        self.last = Some(self.last.map_or(now, |last| last.max(now)));
        self.hardware = self.hardware.saturating_add(i128::from(elapsed).saturating_mul(self.per_hour));
        let Totals { energy_cost, energy, device, carbon } = totals;
        let sums = [self.hardware, energy_cost, energy, device, carbon];
        self.channels.iter_mut().zip(sums).for_each(|(channel, sum)| channel.advance(sum, self.inflight));
    }

    /// A sample goes in flight.
    pub fn enter(&mut self, now: Nanos, totals: Totals) -> Entered {
        self.advance(now, totals);
        self.inflight = self.inflight.saturating_add(1);
        Entered(self.channels.each_mut().map(Channel::enter))
    }

    /// It ends: its shares.
    pub fn leave(&mut self, entered: Entered, now: Nanos, totals: Totals) -> Shares {
        self.advance(now, totals);
        self.inflight = self.inflight.saturating_sub(1);
        let Entered(marks) = entered;
        let mut marks = marks.into_iter();
        self.shares(|channel| marks.next().map_or(0, |mark| channel.leave(mark)))
    }

    /// What has come in since and nobody has got: a meter's last look comes after the last sample. Nothing while there
    /// are samples in flight, which will get it.
    pub fn rest(&mut self, now: Nanos, totals: Totals) -> Shares {
        self.advance(now, totals);
        if self.inflight > 0 { Shares::default() } else { self.shares(Channel::rest) }
    }

    fn shares(&mut self, take: impl FnMut(&mut Channel) -> i128) -> Shares {
        let [hardware, energy_cost, energy, device, carbon] = self.channels.each_mut().map(take);
        let money = |nanos: i128| Money::from_nanos(i64::try_from(nanos).unwrap_or(i64::MAX));
        let count = |units: i128| u64::try_from(units.max(0)).unwrap_or(u64::MAX);
        Shares {
            hardware: money(hardware),
            energy_cost: money(energy_cost),
            microjoules: count(energy),
            device_nanos: count(device),
            nanograms: count(carbon),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{EnergyPrice, Power, Rented};
    use super::*;
    use proptest::prelude::*;

    const SECOND: u64 = 1_000_000_000;
    const NONE: Totals = Totals { energy_cost: 0, energy: 0, device: 0, carbon: 0 };

    /// A sharing at 3.6 USD/h, which is 1,000,000 nano-USD a second.
    fn sharing() -> Sharing {
        Sharing::new(Decimal::new(36, 1))
    }

    fn hardware(shares: Shares) -> i64 {
        assert_eq!(Shares { hardware: Money::ZERO, ..shares }, Shares::default());
        shares.hardware.nanos()
    }

    #[test]
    fn two_that_overlap_share_the_overlap() {
        // A alone 2 s, both 4 s, B alone 1 s.
        let mut sharing = sharing();
        let a = sharing.enter(Nanos(0), NONE);
        let b = sharing.enter(Nanos(2 * SECOND), NONE);
        assert_eq!(hardware(sharing.leave(a, Nanos(6 * SECOND), NONE)), 4_000_000);
        assert_eq!(hardware(sharing.leave(b, Nanos(7 * SECOND), NONE)), 3_000_000);
    }

    #[test]
    fn waiting_is_paid_by_whoever_ends_it() {
        let mut sharing = sharing();
        let a = sharing.enter(Nanos(0), NONE);
        assert_eq!(hardware(sharing.leave(a, Nanos(SECOND), NONE)), 1_000_000);
        let b = sharing.enter(Nanos(3 * SECOND), NONE);
        assert_eq!(hardware(sharing.leave(b, Nanos(4 * SECOND), NONE)), 3_000_000);
    }

    #[test]
    fn what_is_metered_is_shared_by_when_it_was_used() {
        // A alone uses 6 J, both together 4 J, B alone 1 J; what was used before the first one is not theirs.
        let at = |joules: i128, device: i128| Totals {
            energy_cost: joules * 100 * FINE,
            energy: joules * 1_000_000 * FINE,
            device: device * FINE,
            carbon: joules * 111 * FINE,
        };
        let mut sharing = Sharing::new(Decimal::ZERO);
        let a = sharing.enter(Nanos(0), at(50, 7));
        let b = sharing.enter(Nanos(SECOND), at(56, 7));
        let got = sharing.leave(a, Nanos(2 * SECOND), at(60, 17));
        let (energy_cost, nanograms) = (Money::from_nanos(800), 888);
        let want = Shares { hardware: Money::ZERO, energy_cost, microjoules: 8_000_000, device_nanos: 5, nanograms };
        assert_eq!(got, want);
        let got = sharing.leave(b, Nanos(3 * SECOND), at(61, 20));
        assert_eq!((got.microjoules, got.device_nanos, got.energy_cost.nanos()), (3_000_000, 8, 300));
        // The meter's last look is later than the last sample.
        assert_eq!(sharing.rest(Nanos(3 * SECOND), at(63, 20)).microjoules, 2_000_000);
        assert_eq!(sharing.rest(Nanos(3 * SECOND), at(63, 20)), Shares::default());
    }

    #[test]
    fn eight_rented_gpus_for_an_hour() {
        let energy = EnergyPrice { power: Power::Measured, pue: Decimal::ONE, tariff: None };
        let rented = Rented { per_gpu_hour: Decimal::new(249, 2), gpus: 8, energy };
        let mut sharing = Sharing::new(rented.per_hour());
        let a = sharing.enter(Nanos(0), NONE);
        assert_eq!(hardware(sharing.leave(a, Nanos(3600 * SECOND), NONE)), 19_920_000_000);
    }

    #[test]
    fn absurd_prices_and_times_saturate_and_sums_that_go_back_stand() {
        let far = Totals { energy_cost: i128::MAX, energy: i128::MAX, device: i128::MAX, carbon: i128::MAX };
        let mut sharing = Sharing::new(Decimal::MAX);
        let a = sharing.enter(Nanos(0), Totals { energy: i128::MIN, ..NONE });
        let got = sharing.leave(a, Nanos(u64::MAX), far);
        assert_eq!((got.hardware, got.energy_cost, got.microjoules), (Money::MAX, Money::MAX, u64::MAX));
        // A clock that goes back is a clock that stands, and so is a meter.
        let mut sharing = super::tests::sharing();
        let b = sharing.enter(Nanos(5), Totals { energy: 9 * FINE, ..NONE });
        assert_eq!(sharing.leave(b, Nanos(1), NONE), Shares::default());
        let c = sharing.enter(Nanos(5), Totals { energy: 9 * FINE, ..NONE });
        assert_eq!(sharing.leave(c, Nanos(5), Totals { energy: 11 * FINE, ..NONE }).microjoules, 2);
    }

    fn grown() -> impl Strategy<Value = [u64; 4]> {
        [0u64..1 << 50, 0u64..1 << 40, 0u64..7, 0u64..1 << 20]
    }

    proptest! {
        #[test]
        fn shares_close_to_the_unit_in_every_channel(
            steps in proptest::collection::vec((0u64..50_000_000_000, any::<bool>(), grown()), 1..200),
            cents in 1i64..100_000_000,
        ) {
            let mut sharing = Sharing::new(Decimal::new(cents, 2));
            let mut totals = Totals { energy_cost: 5, energy: 77 * FINE, device: 1, carbon: 0 };
            let (start, mut now) = (totals, Nanos(7));
            let mut open = vec![sharing.enter(now, totals)];
            let mut sums = [0_i128; CHANNELS];
            let mut count = |shares: Shares| {
                let Shares { hardware, energy_cost, microjoules, device_nanos, nanograms } = shares;
                let [a, b] = [hardware, energy_cost].map(|money| i128::from(money.nanos()));
                let [c, d, e] = [microjoules, device_nanos, nanograms].map(i128::from);
                sums.iter_mut().zip([a, b, c, d, e]).for_each(|(sum, share)| *sum += share);
            };
            for (dt, arrive, grown) in steps {
                now = now.plus(Nanos(dt));
                let [energy_cost, energy, device, carbon] = grown.map(i128::from);
                totals.energy_cost += energy_cost;
                totals.energy += energy;
                totals.device += device;
                totals.carbon += carbon;
                if arrive || open.is_empty() {
                    open.push(sharing.enter(now, totals));
                } else {
                    count(sharing.leave(open.remove(0), now, totals));
                }
            }
            open.into_iter().for_each(|entered| count(sharing.leave(entered, now, totals)));
            count(sharing.rest(now, totals));
            let hardware = i128::from(now.0 - 7) * i128::from(cents) * 10_000_000 / HOUR;
            let metered = [
                totals.energy_cost - start.energy_cost,
                totals.energy - start.energy,
                totals.device - start.device,
                totals.carbon - start.carbon,
            ];
            let exact: Vec<i128> = [hardware].into_iter().chain(metered.map(|fine| fine / FINE)).collect();
            prop_assert_eq!(&sums[..], &exact[..]);
        }
    }
}
