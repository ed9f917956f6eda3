//! Agreement of two who sort the same things into the same classes.

use super::distribution::{Level, float};
use super::proportion::Interval;

/// Cohen's κ of a square table of counts (row: what one says, column: what the other says): how much of the agreement
/// that chance would not bring is there. Its interval is asymptotic, and asks for some 30 things at the least. None
/// where nothing was sorted, or both only ever used one and the same class: then chance alone would agree.
///
/// Source: Cohen (1960), Educ. Psychol. Meas. 20, 37–46; the standard error of Fleiss, Cohen & Everitt (1969), Psychol.
/// Bull. 72, 323–327, formula 13.
#[must_use]
pub fn kappa<const K: usize>(table: &[[u64; K]; K], level: Level) -> Option<Interval> {
    let n: u64 = table.iter().flatten().sum();
    if n == 0 {
        return None;
    }
    let p = table.map(|row| row.map(|count| float(count) / float(n)));
    let rows: [f64; K] = std::array::from_fn(|i| p[i].iter().sum());
    let columns: [f64; K] = std::array::from_fn(|j| p.iter().map(|row| row[j]).sum());
    let agreed: f64 = (0..K).map(|i| p[i][i]).sum();
    let by_chance: f64 = (0..K).map(|i| rows[i] * columns[i]).sum();
    let beyond = 1.0 - by_chance;
    if beyond <= f64::EPSILON {
        return None;
    }
    let estimate = (agreed - by_chance) / beyond;
    let diagonal: f64 = (0..K).map(|i| p[i][i] * (1.0 - (rows[i] + columns[i]) * (1.0 - estimate)).powi(2)).sum();
    let off = |i: usize| (0..K).filter(move |j| *j != i).map(move |j| (i, j));
    let others: f64 = (0..K).flat_map(off).map(|(i, j)| p[i][j] * (columns[i] + rows[j]).powi(2)).sum();
    let last = (estimate - by_chance * (1.0 - estimate)).powi(2);
    let variance = (diagonal + (1.0 - estimate).powi(2) * others - last) / (beyond.powi(2) * float(n));
    let half = level.z() * variance.max(0.0).sqrt();
    Some(Interval { estimate, lower: (estimate - half).max(-1.0), upper: (estimate + half).min(1.0) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(a: f64, b: f64) {
        assert!((a - b).abs() < 5e-4, "{a} is not {b}");
    }

    #[test]
    fn worked_by_hand() {
        // 45 + 25 of 100 alike; by chance 0.6·0.7 + 0.4·0.3 = 0.54.
        let got = kappa(&[[45, 15], [25, 15]], Level::P95).unwrap();
        close(got.estimate, (0.60 - 0.54) / 0.46);
        // Three classes: 0.25 + 0.2 + 0.15 alike; chance 0.4·0.35 + 0.35·0.35 + 0.25·0.3.
        let got = kappa(&[[25, 10, 5], [5, 20, 10], [5, 5, 15]], Level::P95).unwrap();
        close(got.estimate, (0.60 - 0.3375) / (1.0 - 0.3375));
    }

    #[test]
    fn the_interval_covers_what_resampling_gives() {
        // The sampling distribution's own deviation, by 20,000 multinomial draws of this table.
        use rand::{RngExt, SeedableRng};
        let table = [[40_u64, 9], [6, 45]];
        let got = kappa(&table, Level::P95).unwrap();
        let cells: Vec<f64> = table.iter().flatten().map(|n| float(*n) / 100.0).collect();
        let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(5);
        let draws: Vec<f64> = (0..20_000)
            .filter_map(|_| {
                let mut drawn = [[0_u64; 2]; 2];
                for _ in 0..100 {
                    let mut at: f64 = rng.random();
                    let cell = cells.iter().position(|p| {
                        at -= p;
                        at < 0.0
                    });
                    let cell = cell.unwrap_or(3);
                    drawn[cell / 2][cell % 2] += 1;
                }
                Some(kappa(&drawn, Level::P95)?.estimate)
            })
            .collect();
        let mean = draws.iter().sum::<f64>() / 20_000.0;
        let deviation = (draws.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / 20_000.0).sqrt();
        let half = (got.upper - got.lower) / 2.0;
        assert!((half / (1.96 * deviation) - 1.0).abs() < 0.05, "{half} against {}", 1.96 * deviation);
    }

    #[test]
    fn the_ends_are_whole() {
        let perfect = kappa(&[[30, 0], [0, 20]], Level::P95).unwrap();
        assert_eq!((perfect.estimate, perfect.upper), (1.0, 1.0));
        let none = kappa(&[[0, 25], [25, 0]], Level::P95).unwrap();
        assert_eq!((none.estimate, none.lower), (-1.0, -1.0));
        assert_eq!(kappa(&[[50, 0], [0, 0]], Level::P95), None, "one class only");
        assert_eq!(kappa(&[[0, 0], [0, 0]], Level::P95), None);
    }
}
