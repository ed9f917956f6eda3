//! Instants and lateness in little memory: ten thousand answers of a hundred tokens are four megabytes.

use crate::domain::Nanos;

/// Growing instants, as the first and the differences in LEB128: some four bytes each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Stamps {
    first: u64,
    last: u64,
    gaps: Vec<u8>,
    count: u64,
}

impl Stamps {
    /// An endless stream must not eat the memory for all: past this the instants are counted and not kept.
    const GAP_BYTES: usize = 4 << 20;

    pub(super) fn push(&mut self, at: Nanos) {
        if self.count == 0 {
            self.first = at.0;
        } else if self.gaps.len() < Self::GAP_BYTES {
            let mut gap = at.0.saturating_sub(self.last);
            loop {
                let low = (gap & 0x7F) as u8;
                gap >>= 7;
                self.gaps.push(if gap == 0 { low } else { low | 0x80 });
                if gap == 0 {
                    break;
                }
            }
        }
        self.count += 1;
        self.last = at.0;
    }

    /// The memory it takes, itself apart.
    pub(super) fn bytes(&self) -> usize {
        self.gaps.capacity()
    }

    /// The same in no more memory than it needs.
    pub(super) fn shrunk(mut self) -> Self {
        self.gaps.shrink_to_fit();
        self
    }

    pub(super) fn first(&self) -> Option<u64> {
        (self.count > 0).then_some(self.first)
    }

    /// How many there were, kept or not.
    pub(super) fn count(&self) -> u64 {
        self.count
    }

    /// The differences, in order.
    pub(super) fn gaps(&self) -> impl Iterator<Item = u64> {
        let mut bytes = self.gaps.iter();
        std::iter::from_fn(move || {
            let (mut gap, mut shift) = (0_u64, 0);
            loop {
                let byte = *bytes.next()?;
                gap |= u64::from(byte & 0x7F) << shift;
                shift += 7;
                if byte < 0x80 {
                    return Some(gap);
                }
            }
        })
    }
}

/// How late content writes began after they were due: a histogram in microseconds up to 10 ms.
#[derive(Clone, Debug)]
pub(super) struct Lateness {
    buckets: Vec<u64>,
    pub count: u64,
    pub most: u64,
}

impl Default for Lateness {
    fn default() -> Self {
        Self { buckets: vec![0; 10_001], count: 0, most: 0 }
    }
}

impl Lateness {
    pub(super) fn add(&mut self, late: Nanos) {
        let micros = usize::try_from(late.0 / 1_000).unwrap_or(usize::MAX);
        let bucket = micros.min(self.buckets.len() - 1);
        if let Some(n) = self.buckets.get_mut(bucket) {
            *n += 1;
        }
        self.count += 1;
        self.most = self.most.max(late.0);
    }

    /// The nearest-rank quantile, in nanoseconds to the microsecond.
    pub(super) fn quantile(&self, per_mille: u64) -> Option<u64> {
        let rank = (self.count * per_mille).div_ceil(1_000).max(1);
        let mut seen = 0;
        let index = self.buckets.iter().position(|n| {
            seen += n;
            seen >= rank
        })?;
        Some(index as u64 * 1_000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn lateness_gives_nearest_ranks() {
        let mut late = Lateness::default();
        assert_eq!(late.quantile(500), None);
        for micros in 1..=100 {
            late.add(Nanos(micros * 1_000 + 999));
        }
        late.add(Nanos(50_000_000));
        assert_eq!(late.quantile(500), Some(51_000));
        assert_eq!(late.quantile(1_000), Some(10_000_000));
        assert_eq!((late.count, late.most), (101, 50_000_000));
    }

    proptest! {
        #[test]
        fn stamps_read_back(first in 0..u64::MAX / 2, gaps in prop::collection::vec(0..1_u64 << 50, 0..50)) {
            let mut stamps = Stamps::default();
            let mut at = first;
            stamps.push(Nanos(at));
            for gap in &gaps {
                at += gap;
                stamps.push(Nanos(at));
            }
            prop_assert_eq!(stamps.first(), Some(first));
            prop_assert_eq!(stamps.gaps().collect::<Vec<_>>(), gaps.clone());
            prop_assert_eq!(stamps.count(), gaps.len() as u64 + 1);
        }
    }
}
