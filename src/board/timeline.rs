//! How much was in flight over time, and how many tokens came: bounded memory, whatever the run's length.
//!
//! Time is cut into bins as wide as a power of two of nanoseconds, at multiples of that width on the monotonic clock.
//! When a run outgrows its bins they are joined in pairs. What a bin holds is an exact integer that adds up over its
//! parts, so that neither the order of samples nor that of merges shows in the result.

use crate::domain::Nanos;
use std::collections::BTreeMap;

/// The most bins: a run is known to between 1/32 and 1/64 of its length. Finer ones would take every change of streams
/// for a dip in the load.
const MOST: u64 = 64;
/// The narrowest bin, 2^20 ns, is about a millisecond.
const NARROWEST: u32 = 20;
/// A window of fewer bins is no steady state.
const LEAST: usize = 4;
/// The steady window holds at least this share of the peak in flight.
const SHARE: (u128, u128) = (95, 100);

/// What one bin of time holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Bin {
    /// The integral of the number in flight over the bin, in nanoseconds.
    busy: u128,
    /// Output tokens.
    tokens: u64,
}

/// A monoid: bins of time with what was in flight and which tokens came in each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timeline {
    /// The logarithm of the bins' width: the least at which all fit.
    shift: u32,
    bins: BTreeMap<u64, Bin>,
}

impl Default for Timeline {
    fn default() -> Self {
        Self { shift: NARROWEST, bins: BTreeMap::new() }
    }
}

/// The steady window: the longest stretch that begins and ends with at least 95 % of the peak in flight and has at
/// least that on average. Filling up, draining and warm-up are outside by this rule.
///
/// What is shorter than four bins, hence an eighth to a sixteenth of the run, is not called steady.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Steady {
    /// Its length.
    pub seconds: f64,
    /// Exchanges in flight on average.
    pub in_flight: f64,
    /// Output tokens per second, each answer's spread evenly from its first token to its last.
    pub tokens_per_second: f64,
}

impl Timeline {
    /// An exchange was in flight from `sent` to `ended`; `tokens` came from the first instant to the second.
    pub fn add(&mut self, (sent, ended): (Nanos, Nanos), tokens: u64, (first, last): (Nanos, Nanos)) {
        let ended = ended.max(sent);
        let (first, last) = (first.clamp(sent, ended), last.clamp(sent, ended));
        self.fit(sent.0, ended.0);
        let shift = self.shift;
        for at in sent.0 >> shift..=ended.0 >> shift {
            let (from, to) = (u128::from(at) << shift, (u128::from(at) + 1) << shift);
            let busy = to.min(ended.0.into()) - from.max(sent.0.into());
            let tokens = by(to, tokens, first, last) - by(from, tokens, first, last);
            let bin = self.bins.entry(at).or_default();
            bin.busy += busy;
            bin.tokens += tokens;
        }
    }

    /// Adds everything the other one holds.
    pub fn merge(&mut self, other: &Self) {
        let mut other = other.clone();
        if let (Some(from), Some(to)) = (other.bins.keys().next(), other.bins.keys().next_back()) {
            self.fit(from << other.shift, to << other.shift);
        }
        let shift = self.shift.max(other.shift);
        self.widen(shift);
        other.widen(shift);
        for (at, Bin { busy, tokens }) in other.bins {
            let bin = self.bins.entry(at).or_default();
            bin.busy += busy;
            bin.tokens += tokens;
        }
        self.fit_own();
    }

    /// Makes the bins so wide that they and this stretch fit.
    fn fit(&mut self, from: u64, to: u64) {
        let (from, to) = (from >> self.shift, to >> self.shift);
        let from = self.bins.keys().next().map_or(from, |least| from.min(*least));
        let to = self.bins.keys().next_back().map_or(to, |most| to.max(*most));
        let mut more = 0;
        while (to >> more) - (from >> more) >= MOST {
            more += 1;
        }
        self.widen(self.shift + more);
    }

    fn fit_own(&mut self) {
        if let (Some(from), Some(to)) = (self.bins.keys().next(), self.bins.keys().next_back()) {
            self.fit(from << self.shift, to << self.shift);
        }
    }

    fn widen(&mut self, shift: u32) {
        let more = shift.saturating_sub(self.shift);
        if more == 0 {
            return;
        }
        self.shift = shift;
        for (at, Bin { busy, tokens }) in std::mem::take(&mut self.bins) {
            let bin = self.bins.entry(at >> more).or_default();
            bin.busy += busy;
            bin.tokens += tokens;
        }
    }

    /// The steady window; none where there is none.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "figures for display")]
    pub fn steady(&self) -> Option<Steady> {
        let (least, most) = (*self.bins.keys().next()?, *self.bins.keys().next_back()?);
        let bins: Vec<Bin> = (least..=most).map(|at| self.bins.get(&at).copied().unwrap_or_default()).collect();
        let peak = bins.iter().map(|bin| bin.busy).max().filter(|busy| *busy > 0)?;
        let enough = |busy: u128, bins: usize| busy * SHARE.1 >= peak * SHARE.0 * bins as u128;
        let mut longest: Option<&[Bin]> = None;
        for from in (0..bins.len()).filter(|at| bins.get(*at).is_some_and(|bin| enough(bin.busy, 1))) {
            let mut sum = 0;
            for (to, bin) in bins.iter().enumerate().skip(from) {
                sum += bin.busy;
                let length = to + 1 - from;
                if enough(bin.busy, 1) && enough(sum, length) && longest.is_none_or(|found| found.len() < length) {
                    longest = bins.get(from..=to);
                }
            }
        }
        let window = longest.filter(|window| window.len() >= LEAST)?;
        let nanos = (window.len() as f64) * (1_u64 << self.shift) as f64;
        let (busy, tokens) = window.iter().fold((0, 0), |(b, t), bin| (b + bin.busy, t + bin.tokens));
        Some(Steady {
            seconds: nanos / 1e9,
            in_flight: busy as f64 / nanos,
            tokens_per_second: tokens as f64 / nanos * 1e9,
        })
    }
}

/// How many of the tokens came before an instant, when they came evenly: whole ones, so that bins add up exactly.
fn by(instant: u128, tokens: u64, first: Nanos, last: Nanos) -> u64 {
    let (first, last) = (u128::from(first.0), u128::from(last.0));
    if instant > last {
        tokens
    } else if instant <= first {
        0
    } else {
        u64::try_from(u128::from(tokens) * (instant - first) / (last - first)).unwrap_or(tokens)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;

    const MS: u64 = 1_000_000;

    /// One exchange: sent, length, tokens.
    fn add(line: &mut Timeline, (sent, length, tokens): (u64, u64, u64)) {
        let (from, to) = (Nanos(sent), Nanos(sent + length));
        line.add((from, to), tokens, (Nanos(sent + length / 4), to));
    }

    fn of(exchanges: &[(u64, u64, u64)]) -> Timeline {
        let mut line = Timeline::default();
        exchanges.iter().for_each(|e| add(&mut line, *e));
        line
    }

    #[test]
    fn filling_up_and_draining_are_outside_the_steady_window() {
        // Ten streams of ten exchanges of 100 ms each; each stream begins 100 ms after the one before.
        let all: Vec<_> = (0..10)
            .flat_map(|s| (0..10 + 10 * (9 - s)).map(move |n| ((s * 100 + n * 100) * MS, 100 * MS, 50)))
            .collect();
        let steady = of(&all).steady().unwrap();
        assert!((steady.in_flight - 10.0).abs() < 0.5, "{steady:?}");
        assert!((steady.tokens_per_second - 5_000.0).abs() < 250.0, "{steady:?}");
        assert!(steady.seconds > 0.05 && steady.seconds < 1.5, "{steady:?}");
    }

    #[test]
    fn a_short_dip_does_not_part_the_window_and_a_long_one_does() {
        let pair = |pause: u64| of(&[(0, 4_000 * MS, 400), ((4_000 + pause) * MS, 4_000 * MS, 400)]).steady().unwrap();
        assert!(pair(100).seconds > 7.5, "{:?}", pair(100));
        assert!(pair(4_000).seconds < 4.5, "{:?}", pair(4_000));
        assert_eq!(Timeline::default().steady(), None);
    }

    #[test]
    fn a_day_takes_no_more_room_than_a_second() {
        let mut line = Timeline::default();
        for second in 0..86_400 {
            add(&mut line, (second * 1_000 * MS, 900 * MS, 9));
        }
        assert!(line.bins.len() <= usize::try_from(MOST).unwrap());
        let steady = line.steady().unwrap();
        assert!((steady.in_flight - 0.9).abs() < 0.01 && (steady.tokens_per_second - 9.0).abs() < 0.1, "{steady:?}");
    }

    fn exchange() -> impl Strategy<Value = (u64, u64, u64)> {
        (0..1_u64 << 44, prop_oneof![0..10_u64, 0..1_u64 << 36], 0..5_000_u64)
    }

    proptest! {
        #[test]
        fn neither_order_nor_grouping_shows(mut all in vec(exchange(), 0..30), cut in 0..30_usize) {
            let whole = of(&all);
            let (left, right) = all.split_at(cut.min(all.len()));
            let (left, right) = (of(left), of(right));
            for (mut a, b) in [(left.clone(), &right), (right.clone(), &left)] {
                a.merge(b);
                prop_assert_eq!(&a, &whole);
            }
            all.reverse();
            prop_assert_eq!(of(&all), whole.clone());
            let mut with_nothing = Timeline::default();
            with_nothing.merge(&whole);
            prop_assert_eq!(&with_nothing, &whole);
            let busy: u128 = whole.bins.values().map(|b| b.busy).sum();
            prop_assert_eq!(busy, all.iter().map(|e| u128::from(e.1)).sum::<u128>());
            let tokens: u64 = whole.bins.values().map(|b| b.tokens).sum();
            prop_assert_eq!(tokens, all.iter().map(|e| e.2).sum::<u64>());
        }
    }
}
