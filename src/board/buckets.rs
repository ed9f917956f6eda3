//! Prometheus-style histograms with exact counts on a fixed grid.

/// A grid of upper edges in nanoseconds, growing.
#[derive(Debug, PartialEq, Eq)]
pub struct Grid(pub &'static [u64]);

const MS: u64 = 1_000_000;
const S: u64 = 1_000_000_000;

impl Grid {
    /// For time to first token and whole answers: 1 ms to 600 s.
    pub const SECONDS: Self = Self(&[
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
    ]);
    /// For gaps between tokens: 0.1 ms to 60 s.
    pub const TOKENS: Self = Self(&[
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
    ]);
    /// For our own lags: 10 µs to 10 s.
    pub const LAG: Self = Self(&[
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
    ]);
}

/// Exact counts on a grid, with the exact sum.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Buckets {
    grid: &'static Grid,
    counts: Vec<u64>,
    sum: u128,
}

impl Buckets {
    /// An empty histogram on a grid.
    #[must_use]
    pub fn new(grid: &'static Grid) -> Self {
        Self { grid, counts: vec![0; grid.0.len() + 1], sum: 0 }
    }

    /// Takes one value in nanoseconds.
    pub fn record(&mut self, nanos: u64) {
        let at = self.grid.0.partition_point(|edge| *edge < nanos);
        if let Some(count) = self.counts.get_mut(at) {
            *count += 1;
        }
        self.sum += u128::from(nanos);
    }

    /// Upper edges in seconds with cumulative counts; the last edge is +Inf.
    #[expect(clippy::cast_precision_loss, reason = "edges are far below 2^53 ns")]
    pub fn cumulative(&self) -> impl Iterator<Item = (f64, u64)> + '_ {
        let edges = self.grid.0.iter().map(|n| *n as f64 / 1e9).chain([f64::INFINITY]);
        edges.zip(self.counts.iter().scan(0, |sum, n| {
            *sum += n;
            Some(*sum)
        }))
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
        (counts.len() == grid.0.len() + 1).then_some(Self { grid, counts, sum })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edge_belongs_to_its_bucket_as_prometheus_wants() {
        static GRID: Grid = Grid(&[10, 20]);
        let mut b = Buckets::new(&GRID);
        for n in [10, 11, 20, 21] {
            b.record(n);
        }
        assert_eq!(b.cumulative().map(|(_, n)| n).collect::<Vec<_>>(), [1, 3, 4]);
        assert_eq!(b.parts().1, 62);
    }
}
