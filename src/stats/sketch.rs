//! A mergeable histogram of nanoseconds: exact counts, quantiles with a bounded relative error, a few hundred bytes.
//!
//! The buckets are log-linear as in HdrHistogram (Tene 2012): every octave is cut into 128 equal parts, values below
//! 256 are exact. A quantile is its bucket's middle, so that its relative error is at most 1/256 (0.39 %), the guarantee
//! DDSketch gives too (Masson, Rim & Lee 2019, PVLDB 12, 2195–2205). Merging adds counts: any order, same figures.

use super::quantile::nearest_rank;
use std::fmt::Write;

/// An octave has 2^7 buckets.
const OCTAVE_BITS: u32 = 7;
const VERSION: &str = "h1";
/// The bucket of `u64::MAX`.
const LAST: u32 = ((64 - OCTAVE_BITS) << OCTAVE_BITS) + 127;

/// A histogram of nanoseconds. The empty one is [`Default`]; [`Sketch::merge`] makes it a commutative monoid.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sketch {
    /// Bucket and count, in order, none of them empty: searched much faster than a tree, and millions of values go into the few
    /// hundred that there are.
    buckets: Vec<(u32, u64)>,
    count: u64,
    sum: u128,
    /// Exact; 0 in an empty sketch.
    min: u64,
    max: u64,
}

/// Why a text is no sketch.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a histogram record of version {VERSION}: {0}")]
pub struct SketchError(&'static str);

const fn bucket(value: u64) -> u32 {
    let shift = (u64::BITS - value.leading_zeros()).saturating_sub(OCTAVE_BITS + 1);
    #[expect(clippy::cast_possible_truncation, reason = "value >> shift is below 256")]
    let part = (value >> shift) as u32;
    (shift << OCTAVE_BITS) + part
}

/// The middle of a bucket.
const fn middle(bucket: u32) -> u64 {
    let shift = (bucket >> OCTAVE_BITS).saturating_sub(1);
    let part = bucket as u64 - ((shift as u64) << OCTAVE_BITS);
    (part << shift) + ((1_u64 << shift) - 1) / 2
}

impl Sketch {
    /// Adds one value in nanoseconds.
    pub fn record(&mut self, nanos: u64) {
        self.record_n(nanos, 1);
    }

    /// Adds the same value several times.
    pub fn record_n(&mut self, nanos: u64, times: u64) {
        if times == 0 {
            return;
        }
        (self.min, self.max) =
            if self.count == 0 { (nanos, nanos) } else { (self.min.min(nanos), self.max.max(nanos)) };
        self.put(bucket(nanos), times);
        self.count = self.count.saturating_add(times);
        self.sum = self.sum.saturating_add(u128::from(nanos) * u128::from(times));
    }

    fn put(&mut self, bucket: u32, times: u64) {
        match self.buckets.binary_search_by_key(&bucket, |(bucket, _)| *bucket) {
            Ok(at) => {
                if let Some((_, n)) = self.buckets.get_mut(at) {
                    *n = n.saturating_add(times);
                }
            }
            Err(at) => self.buckets.insert(at, (bucket, times)),
        }
    }

    /// Adds everything the other one holds.
    pub fn merge(&mut self, other: &Self) {
        let Self { buckets, count, sum, min, max } = other;
        if *count == 0 {
            return;
        }
        (self.min, self.max) = if self.count == 0 { (*min, *max) } else { (self.min.min(*min), self.max.max(*max)) };
        if self.buckets.is_empty() {
            self.buckets.clone_from(buckets);
        } else {
            buckets.iter().for_each(|(bucket, n)| self.put(*bucket, *n));
        }
        self.count = self.count.saturating_add(*count);
        self.sum = self.sum.saturating_add(*sum);
    }

    /// How many values it holds.
    #[must_use]
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// The exact sum of the values, in nanoseconds.
    #[must_use]
    pub const fn sum(&self) -> u128 {
        self.sum
    }

    /// The exact smallest value.
    #[must_use]
    pub fn min(&self) -> Option<u64> {
        (self.count > 0).then_some(self.min)
    }

    /// The exact largest value.
    #[must_use]
    pub fn max(&self) -> Option<u64> {
        (self.count > 0).then_some(self.max)
    }

    /// The exact mean, in nanoseconds.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a display value")]
    pub fn mean(&self) -> Option<f64> {
        (self.count > 0).then(|| self.sum as f64 / self.count as f64)
    }

    /// The quantile `q` in [0, 1] by nearest rank, in nanoseconds, within 1/256 of the exact one; none when empty.
    #[must_use]
    pub fn quantile(&self, q: f64) -> Option<u64> {
        self.at_rank(nearest_rank(q, self.count)?)
    }

    /// The value at a rank (from 1) in sorted order, within 1/256; none outside 1..=count.
    #[must_use]
    pub fn at_rank(&self, rank: u64) -> Option<u64> {
        if rank == 0 || rank > self.count {
            return None;
        }
        let mut seen: u64 = 0;
        let found = self.buckets.iter().find(|(_, n)| {
            seen = seen.saturating_add(*n);
            seen >= rank
        });
        found.map(|(bucket, _)| middle(*bucket).clamp(self.min, self.max))
    }

    /// The quantile where `failures` further observations never came: they rank above everything, as +Inf.
    #[must_use]
    pub fn quantile_with_failures(&self, q: f64, failures: u64) -> Option<f64> {
        let rank = nearest_rank(q, self.count.saturating_add(failures))?;
        #[expect(clippy::cast_precision_loss, reason = "far below the bucket's own error")]
        Some(self.at_rank(rank).map_or(f64::INFINITY, |nanos| nanos as f64))
    }

    /// One line for a database column: version, exact figures, then `gap*count` for each bucket in order, where the gap
    /// counts from the bucket before, and `*count` is left out when it is 1.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = format!("{VERSION} {} {} {} {}", self.count, self.sum, self.min, self.max);
        let mut before = 0;
        for (bucket, n) in &self.buckets {
            // Writing into a String can't fail.
            let _ = write!(text, " {}", bucket - before);
            if *n != 1 {
                let _ = write!(text, "*{n}");
            }
            before = *bucket;
        }
        text
    }

    /// Reads [`Sketch::to_text`] back, and checks that its figures agree with each other.
    ///
    /// # Errors
    /// [`SketchError`] for any text that no sketch writes.
    pub fn from_text(text: &str) -> Result<Self, SketchError> {
        let mut words = text.split(' ');
        if words.next() != Some(VERSION) {
            return Err(SketchError("unknown version"));
        }
        let mut header = |what| words.next().ok_or(SketchError(what));
        let [count, sum, min, max] = [header("no count")?, header("no sum")?, header("no least")?, header("no most")?];
        let number = |word: &str| word.parse::<u64>().map_err(|_| SketchError("a figure is no number"));
        let sum = sum.parse::<u128>().map_err(|_| SketchError("the sum is no number"))?;
        let mut sketch = Self { buckets: Vec::new(), count: 0, sum, min: number(min)?, max: number(max)? };
        let mut last: u32 = 0;
        for word in words {
            let (gap, n) = word.split_once('*').unwrap_or((word, "1"));
            let gap = gap.parse::<u32>().map_err(|_| SketchError("a bucket is no number"))?;
            let at = last.checked_add(gap).filter(|b| *b <= LAST).ok_or(SketchError("a bucket is out of range"))?;
            let n = number(n)?;
            sketch.count = sketch.count.checked_add(n).ok_or(SketchError("the counts overflow"))?;
            if n == 0 || sketch.buckets.last().is_some_and(|(before, _)| *before == at) {
                return Err(SketchError("a bucket is empty or given twice"));
            }
            sketch.buckets.push((at, n));
            last = at;
        }
        let ends = (sketch.buckets.first(), sketch.buckets.last());
        let fits = match ends {
            (Some((first, _)), Some((last, _))) => bucket(sketch.min) == *first && bucket(sketch.max) == *last,
            _ => sketch == Self::default(),
        };
        if !fits || number(count)? != sketch.count {
            return Err(SketchError("its figures disagree"));
        }
        Ok(sketch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(values: &[u64]) -> Sketch {
        let mut sketch = Sketch::default();
        values.iter().for_each(|v| sketch.record(*v));
        sketch
    }

    /// Values of every magnitude.
    fn nanos() -> impl Strategy<Value = u64> {
        (0..64_u32, any::<u64>()).prop_map(|(shift, v)| v >> shift)
    }

    #[test]
    fn an_empty_sketch_says_nothing() {
        let empty = Sketch::default();
        assert_eq!((empty.quantile(0.5), empty.min(), empty.max(), empty.mean()), (None, None, None, None));
        assert_eq!(empty.quantile_with_failures(0.5, 0), None);
        assert_eq!(empty.quantile_with_failures(0.5, 1), Some(f64::INFINITY));
        assert_eq!(Sketch::from_text(&empty.to_text()), Ok(empty));
    }

    #[test]
    fn failures_rank_above_everything() {
        let sketch = of(&(1..=98).collect::<Vec<_>>());
        assert_eq!(sketch.quantile_with_failures(0.98, 2), Some(98.0));
        assert_eq!(sketch.quantile_with_failures(0.99, 2), Some(f64::INFINITY));
        assert_eq!(sketch.quantile(f64::NAN), None);
    }

    #[test]
    fn the_edges_of_the_range_hold() {
        let mut sketch = of(&[0, 255, 256, u64::MAX, u64::MAX]);
        assert_eq!((bucket(u64::MAX), sketch.min(), sketch.max()), (LAST, Some(0), Some(u64::MAX)));
        assert_eq!(Sketch::from_text(&sketch.to_text()), Ok(sketch.clone()));
        sketch.record_n(7, u64::MAX);
        assert_eq!(sketch.count(), u64::MAX);
    }

    #[test]
    fn a_wrong_text_is_named() {
        for (text, why) in [
            ("", "unknown version"),
            ("h2 0 0 0 0", "unknown version"),
            ("h1 0 0", "no least"),
            ("h1 1 5 5 5 x", "a bucket is no number"),
            ("h1 1 5 5 5 5*0", "a bucket is empty or given twice"),
            ("h1 2 10 5 5 5 0", "a bucket is empty or given twice"),
            ("h1 2 5 5 5 5", "its figures disagree"),
            ("h1 1 5 4 5 5", "its figures disagree"),
            ("h1 1 5 5 5 9999", "a bucket is out of range"),
        ] {
            assert_eq!(Sketch::from_text(text), Err(SketchError(why)), "{text}");
        }
    }

    proptest! {
        #[test]
        fn quantiles_are_within_a_256th_of_the_exact_ones(mut values in proptest::collection::vec(nanos(), 1..300), q in 0.0..=1.0f64) {
            let sketch = of(&values);
            values.sort_unstable();
            let rank = nearest_rank(q, values.len() as u64).unwrap();
            let exact = values[usize::try_from(rank - 1).unwrap()];
            let got = sketch.quantile(q).unwrap();
            prop_assert!(u128::from(got.abs_diff(exact)) * 256 <= u128::from(exact), "{got} {exact}");
            prop_assert_eq!(sketch.sum(), values.iter().map(|v| u128::from(*v)).sum());
        }

        #[test]
        fn merging_is_recording_all(a in proptest::collection::vec(nanos(), 0..100), b in proptest::collection::vec(nanos(), 0..100)) {
            let (mut ab, mut ba) = (of(&a), of(&b));
            ab.merge(&of(&b));
            ba.merge(&of(&a));
            let all: Vec<u64> = a.iter().chain(&b).copied().collect();
            prop_assert_eq!(&ab, &of(&all));
            prop_assert_eq!(ab, ba);
        }

        #[test]
        fn texts_come_back(values in proptest::collection::vec((nanos(), 1..1_000_u64), 0..100)) {
            let mut sketch = Sketch::default();
            values.iter().for_each(|(v, n)| sketch.record_n(*v, *n));
            prop_assert_eq!(Sketch::from_text(&sketch.to_text()), Ok(sketch));
        }

        #[test]
        fn any_text_is_read_or_refused(text in "(h1 )?[0-9* ]{0,40}|.{0,40}") {
            if let Ok(sketch) = Sketch::from_text(&text) {
                prop_assert_eq!(Sketch::from_text(&sketch.to_text()), Ok(sketch));
            }
        }
    }
}
