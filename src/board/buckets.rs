//! Prometheus-style histograms with exact counts on a fixed grid, and the newest observation of each bucket.

use crate::domain::{RunId, Sample, TrialKey};
use std::sync::Arc;

/// A grid of upper edges, growing.
#[derive(Debug, PartialEq)]
pub struct Grid {
    /// What a checkpoint calls it: another grid has another name.
    pub name: &'static str,
    /// The edges in nanoseconds.
    pub nanos: &'static [u64],
    /// The same in seconds, where they are no whole nanoseconds.
    pub seconds: Option<&'static [f64]>,
}

const MS: u64 = 1_000_000;
const S: u64 = 1_000_000_000;

/// What a token counts in a histogram on [`Grid::USAGE`], whose other unit is the nanosecond.
pub const TOKEN: u64 = S;

const USAGE: [u64; 14] = {
    let (mut edges, mut edge, mut at) = ([0; 14], TOKEN, 0);
    while at < edges.len() {
        edges[at] = edge;
        edge *= 4;
        at += 1;
    }
    edges
};

impl Grid {
    /// For time to first token and whole answers: 1 ms to 600 s.
    pub const SECONDS: Self = Self::whole(
        "seconds",
        &[
            MS,
            2 * MS,
            5 * MS,
            10 * MS,
            20 * MS,
            40 * MS,
            60 * MS,
            80 * MS,
            100 * MS,
            150 * MS,
            200 * MS,
            300 * MS,
            400 * MS,
            500 * MS,
            750 * MS,
            S,
            1500 * MS,
            2 * S,
            3 * S,
            5 * S,
            7500 * MS,
            10 * S,
            20 * S,
            30 * S,
            60 * S,
            120 * S,
            300 * S,
            600 * S,
        ],
    );
    /// For gaps between tokens: 0.1 ms to 60 s.
    pub const TOKENS: Self = Self::whole(
        "tokens",
        &[
            MS / 10,
            MS / 4,
            MS / 2,
            MS,
            2 * MS,
            4 * MS,
            6 * MS,
            8 * MS,
            10 * MS,
            15 * MS,
            20 * MS,
            30 * MS,
            40 * MS,
            50 * MS,
            75 * MS,
            100 * MS,
            150 * MS,
            200 * MS,
            300 * MS,
            500 * MS,
            S,
            2 * S,
            5 * S,
            10 * S,
            30 * S,
            60 * S,
        ],
    );
    /// For our own lags: 10 µs to 10 s.
    pub const LAG: Self = Self::whole(
        "lag",
        &[
            MS / 100,
            MS / 40,
            MS / 20,
            MS / 10,
            MS / 4,
            MS / 2,
            MS,
            2 * MS,
            5 * MS,
            10 * MS,
            20 * MS,
            50 * MS,
            100 * MS,
            200 * MS,
            500 * MS,
            S,
            2 * S,
            5 * S,
            10 * S,
        ],
    );

    /// For tokens of one exchange, by powers of four, as OpenTelemetry's GenAI conventions (1.41.1) want them. A token counts
    /// as [`TOKEN`] nanoseconds would, so that what is a second elsewhere is a token here.
    pub const USAGE: Self = Self::whole("usage", &USAGE);

    /// A grid whose edges are whole nanoseconds.
    #[must_use]
    pub const fn whole(name: &'static str, nanos: &'static [u64]) -> Self {
        Self { name, nanos, seconds: None }
    }

    /// The upper edges in seconds, without the last, which is +Inf.
    #[expect(clippy::cast_precision_loss, reason = "edges are far below 2^53 ns")]
    pub fn edges(&self) -> impl Iterator<Item = f64> + '_ {
        let exact = |at: usize| self.seconds.and_then(|seconds| seconds.get(at)).copied();
        self.nanos.iter().enumerate().map(move |(at, nanos)| exact(at).unwrap_or(*nanos as f64 / 1e9))
    }
}

/// One observation that a bucket of a histogram is shown by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exemplar {
    /// Whose it is.
    pub origin: Origin,
    /// The value in nanoseconds.
    pub nanos: u64,
}

/// Where an observation comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The execution.
    pub run: RunId,
    /// The trial in it: the item, and the repeat behind a `#` from the second time on.
    pub trial: Arc<str>,
    /// Milliseconds since the Unix epoch when the trial's first exchange was sent.
    pub at_unix_ms: i64,
}

impl Origin {
    /// A sample's.
    #[must_use]
    pub fn of(sample: &Sample) -> Self {
        let TrialKey { run, item, repeat, .. } = &sample.key;
        let trial = match repeat {
            0 => item.as_str().into(),
            again => format!("{}#{again}", item.as_str()).into(),
        };
        Self { run: *run, trial, at_unix_ms: sample.at_unix_ms }
    }
}

/// Exact counts on a grid, with the exact sum.
#[derive(Debug, Clone)]
pub struct Buckets {
    grid: &'static Grid,
    counts: Vec<u64>,
    sum: u128,
    /// The newest observation of each bucket; empty until there is one. It is what this process saw: no checkpoint has it,
    /// and two histograms are the same without it.
    newest: Vec<Option<Exemplar>>,
}

impl PartialEq for Buckets {
    fn eq(&self, other: &Self) -> bool {
        (self.grid, &self.counts, self.sum) == (other.grid, &other.counts, other.sum)
    }
}

impl Buckets {
    /// An empty histogram on a grid.
    #[must_use]
    pub fn new(grid: &'static Grid) -> Self {
        Self { grid, counts: vec![0; grid.nanos.len() + 1], sum: 0, newest: Vec::new() }
    }

    /// Its grid.
    #[must_use]
    pub const fn grid(&self) -> &'static Grid {
        self.grid
    }

    /// Takes one value in nanoseconds.
    pub fn record(&mut self, nanos: u64) {
        self.take(nanos);
    }

    /// Takes one value in nanoseconds, and remembers where it comes from as long as it is its bucket's newest.
    pub fn record_of(&mut self, nanos: u64, origin: &Origin) {
        let at = self.take(nanos);
        if self.newest.is_empty() {
            self.newest.resize(self.counts.len(), None);
        }
        let Some(place) = self.newest.get_mut(at) else { return };
        // One of an answer's many gaps is as good as another.
        if place.as_ref().is_none_or(|old| old.origin.at_unix_ms <= origin.at_unix_ms && old.origin != *origin) {
            *place = Some(Exemplar { origin: origin.clone(), nanos });
        }
    }

    fn take(&mut self, nanos: u64) -> usize {
        let at = self.grid.nanos.partition_point(|edge| *edge < nanos);
        if let Some(count) = self.counts.get_mut(at) {
            *count += 1;
        }
        self.sum += u128::from(nanos);
        at
    }

    /// Upper edges in seconds with cumulative counts; the last edge is +Inf.
    pub fn cumulative(&self) -> impl Iterator<Item = (f64, u64)> + '_ {
        self.grid.edges().chain([f64::INFINITY]).zip(self.counts.iter().scan(0, |sum, n| {
            *sum += n;
            Some(*sum)
        }))
    }

    /// How many values each bucket has, the one above the last edge included.
    #[must_use]
    pub fn counts(&self) -> &[u64] {
        &self.counts
    }

    /// The newest observation of a bucket, counted from 0, where this process saw one.
    #[must_use]
    pub fn exemplar(&self, bucket: usize) -> Option<&Exemplar> {
        self.newest.get(bucket)?.as_ref()
    }

    /// How many values.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// Their sum in seconds.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a metric is a double; the account in nanoseconds stays exact")]
    pub fn sum_seconds(&self) -> f64 {
        self.sum as f64 / 1e9
    }

    /// The counts and the sum, for a checkpoint.
    #[must_use]
    pub fn parts(&self) -> (&[u64], u128) {
        (&self.counts, self.sum)
    }

    /// Takes them back; none when the grid has changed since.
    #[must_use]
    pub fn from_parts(grid: &'static Grid, counts: Vec<u64>, sum: u128) -> Option<Self> {
        (counts.len() == grid.nanos.len() + 1).then_some(Self { grid, counts, sum, newest: Vec::new() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    static GRID: Grid = Grid::whole("test", &[10, 20]);

    #[test]
    fn an_edge_belongs_to_its_bucket_as_prometheus_wants() {
        let mut b = Buckets::new(&GRID);
        for n in [10, 11, 20, 21] {
            b.record(n);
        }
        assert_eq!(b.cumulative().map(|(_, n)| n).collect::<Vec<_>>(), [1, 3, 4]);
        assert_eq!(b.parts().1, 62);
    }

    #[test]
    fn a_bucket_is_shown_by_its_newest_trial_and_by_one_value_of_it() {
        let origin = |trial: &str, at_unix_ms| Origin { run: RunId(1), trial: trial.into(), at_unix_ms };
        let mut b = Buckets::new(&GRID);
        assert_eq!(b.exemplar(0), None);
        for (nanos, trial, at) in [(3, "a", 5), (4, "b", 4), (15, "b", 4), (5, "c", 6), (6, "c", 6)] {
            b.record_of(nanos, &origin(trial, at));
        }
        assert_eq!(b.exemplar(0), Some(&Exemplar { origin: origin("c", 6), nanos: 5 }));
        assert_eq!(b.exemplar(1).map(|e| e.nanos), Some(15));
        assert_eq!((b.exemplar(2), b.count()), (None, 5));
        // A checkpoint has none, and is the same all the same.
        let back = Buckets::from_parts(&GRID, b.parts().0.to_vec(), b.parts().1).unwrap();
        assert_eq!((back.exemplar(0), &back), (None, &b));
    }
}
