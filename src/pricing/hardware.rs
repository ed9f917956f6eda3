//! Hardware by the hour, shared among the samples of a run.
//!
//! A run's hardware cost is C_h × window. Each sample gets the integral of 1/inflight(t) over its own time in flight;
//! stretches with nothing in flight go to the sample that ends them, so that the shares close to the nano-USD.

use crate::config::Section;
use crate::domain::{Money, Nanos};
use rust_decimal::Decimal;

/// Rented hardware: the whole cost is in the hourly price (its energy is counted in joules only).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rented {
    /// USD per GPU and hour.
    pub per_gpu_hour: Decimal,
    /// How many GPUs serve the target.
    pub gpus: u32,
}

impl Rented {
    /// Reads a `price.rented` section.
    pub fn build(s: &Section<'_>) -> Option<Self> {
        let (per_gpu_hour, gpus) = (s.need_usd("per_gpu_hour"), s.need::<u32>("gpus"));
        if gpus.is_some_and(|n| n == 0 || n > 100_000) {
            s.problem("gpus", "expected from 1 to 100000", None);
        }
        if per_gpu_hour.is_some_and(|usd| usd > Decimal::from(10_000)) {
            s.problem("per_gpu_hour", "expected at most 10000 USD an hour", None);
        }
        s.finish();
        Some(Self { per_gpu_hour: per_gpu_hour?, gpus: gpus? })
    }

    /// USD per hour for all of it.
    #[must_use]
    pub fn per_hour(&self) -> Decimal {
        self.per_gpu_hour.checked_mul(Decimal::from(self.gpus)).unwrap_or(Decimal::MAX)
    }

    /// Figures, for the provenance.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        format!("rented {} x {}", self.per_gpu_hour.normalize(), self.gpus)
    }
}

/// Shares out hardware time while a run goes on: integer nano-USD, carrying the remainder, so that whenever nothing is
/// in flight the sum of the shares is the window's cost, rounded down, to the nano. Saturates, never wraps.
#[derive(Debug, Clone)]
pub struct Sharing {
    /// Nano-USD per hour.
    nano_per_hour: i128,
    inflight: u32,
    /// Integral of dt/inflight, in nanoseconds × SCALE.
    virtual_time: i128,
    /// Time without anything in flight, not yet given to anyone, in nanoseconds × SCALE.
    idle: i128,
    last: Option<Nanos>,
    /// What rounding has kept back, in nano-USD × HOUR × SCALE.
    carry: i128,
}

/// A sample's place in the sharing: give it back at its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entered {
    virtual_time: i128,
    idle: i128,
}

const SCALE: i128 = 1 << 20;
const HOUR: i128 = 3_600_000_000_000;

impl Sharing {
    /// A sharing for hardware at so many USD per hour; the window begins with the first sample.
    #[must_use]
    pub fn new(per_hour: Decimal) -> Self {
        let nano_per_hour = Money::from_usd(per_hour).unwrap_or(Money::MAX).nanos();
        Self { nano_per_hour: i128::from(nano_per_hour), inflight: 0, virtual_time: 0, idle: 0, last: None, carry: 0 }
    }

    fn advance(&mut self, now: Nanos) {
        let elapsed = i128::from(self.last.map_or(0, |last| now.since(last).0)) * SCALE;
        self.last = Some(self.last.map_or(now, |last| last.max(now)));
        if self.inflight == 0 {
            self.idle += elapsed;
        } else {
            let share = elapsed / i128::from(self.inflight);
            self.virtual_time += share;
            // What the division dropped goes to whoever comes next, so that nothing is lost.
            self.idle += elapsed - share * i128::from(self.inflight);
        }
    }

    /// A sample goes in flight.
    pub fn enter(&mut self, now: Nanos) -> Entered {
        self.advance(now);
        self.inflight += 1;
        Entered { virtual_time: self.virtual_time, idle: std::mem::take(&mut self.idle) }
    }

    /// It ends: its share in nano-USD.
    pub fn leave(&mut self, entered: Entered, now: Nanos) -> Money {
        self.advance(now);
        self.inflight = self.inflight.saturating_sub(1);
        let time = self.virtual_time - entered.virtual_time + entered.idle;
        let exact = time.saturating_mul(self.nano_per_hour).saturating_add(self.carry);
        let whole = exact.div_euclid(HOUR * SCALE);
        self.carry = exact - whole * HOUR * SCALE;
        Money::from_nanos(i64::try_from(whole).unwrap_or(i64::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SECOND: u64 = 1_000_000_000;

    #[test]
    fn two_that_overlap_share_the_overlap() {
        // 3.6 USD/h is 1,000,000 nano-USD a second. A alone 2 s, both 4 s, B alone 1 s.
        let mut sharing = Sharing::new(Decimal::new(36, 1));
        let a = sharing.enter(Nanos(0));
        let b = sharing.enter(Nanos(2 * SECOND));
        assert_eq!(sharing.leave(a, Nanos(6 * SECOND)), Money::from_nanos(4_000_000));
        assert_eq!(sharing.leave(b, Nanos(7 * SECOND)), Money::from_nanos(3_000_000));
    }

    #[test]
    fn waiting_is_paid_by_whoever_ends_it() {
        let mut sharing = Sharing::new(Decimal::new(36, 1));
        let a = sharing.enter(Nanos(0));
        assert_eq!(sharing.leave(a, Nanos(SECOND)), Money::from_nanos(1_000_000));
        let b = sharing.enter(Nanos(3 * SECOND));
        assert_eq!(sharing.leave(b, Nanos(4 * SECOND)), Money::from_nanos(3_000_000));
    }

    #[test]
    fn eight_rented_gpus_for_an_hour() {
        let rented = Rented { per_gpu_hour: Decimal::new(249, 2), gpus: 8 };
        let mut sharing = Sharing::new(rented.per_hour());
        let a = sharing.enter(Nanos(0));
        assert_eq!(sharing.leave(a, Nanos(3600 * SECOND)), Money::from_nanos(19_920_000_000));
    }

    #[test]
    fn absurd_prices_and_times_saturate() {
        let mut sharing = Sharing::new(Decimal::MAX);
        let a = sharing.enter(Nanos(0));
        assert_eq!(sharing.leave(a, Nanos(u64::MAX)), Money::MAX);
        // A clock that goes back is a clock that stands.
        let b = sharing.enter(Nanos(5));
        assert_eq!(sharing.leave(b, Nanos(1)), Money::ZERO);
    }

    proptest! {
        #[test]
        fn shares_close_to_the_nano(
            steps in proptest::collection::vec((0u64..50_000_000_000, any::<bool>()), 1..200),
            cents in 1i64..100_000_000,
        ) {
            let mut sharing = Sharing::new(Decimal::new(cents, 2));
            let (mut now, mut open, mut sum) = (Nanos(7), vec![sharing.enter(Nanos(7))], Money::ZERO);
            for (dt, arrive) in steps {
                now = now.plus(Nanos(dt));
                if arrive || open.is_empty() {
                    open.push(sharing.enter(now));
                } else {
                    sum += sharing.leave(open.remove(0), now);
                }
            }
            for entered in open {
                sum += sharing.leave(entered, now);
            }
            let exact = i128::from(now.0 - 7) * i128::from(cents) * 10_000_000 / HOUR;
            let difference = exact - i128::from(sum.nanos());
            prop_assert!((0..=1).contains(&difference), "{exact} {sum}");
        }
    }
}
