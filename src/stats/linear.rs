//! Symmetric matrices of a few hundred rows: what Newton's method and covariances need, and no more.

use super::distribution::float;

/// A symmetric matrix, stored whole, row by row.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Symmetric {
    size: usize,
    cells: Vec<f64>,
}

impl Symmetric {
    /// All zero.
    pub(super) fn zero(size: usize) -> Self {
        Self { size, cells: vec![0.0; size.saturating_mul(size)] }
    }

    fn row(&self, i: usize) -> &[f64] {
        self.cells.get(i * self.size..(i + 1) * self.size).unwrap_or_default()
    }

    /// The value in a row and column; 0 outside.
    pub(super) fn get(&self, i: usize, j: usize) -> f64 {
        if j < self.size { self.cells.get(i * self.size + j).copied().unwrap_or(0.0) } else { 0.0 }
    }

    /// Adds to a cell and to its mirror image.
    pub(super) fn add(&mut self, i: usize, j: usize, value: f64) {
        let (size, off) = (self.size, i != j);
        for (i, j) in [(i, j), (j, i)].into_iter().take(1 + usize::from(off)) {
            if let Some(cell) = self.cells.get_mut(i * size + j).filter(|_| j < size) {
                *cell += value;
            }
        }
    }

    /// Adds `weight · (e_i − e_j)(e_i − e_j)ᵀ`: what one comparison of two brings.
    pub(super) fn add_contrast(&mut self, i: usize, j: usize, weight: f64) {
        self.add(i, i, weight);
        self.add(j, j, weight);
        self.add(i, j, -weight);
    }

    /// Adds `values · valuesᵀ`, of which only those in the rows named are not 0.
    pub(super) fn add_outer(&mut self, rows: &[usize], values: &[f64]) {
        for i in rows {
            let Some(value) = values.get(*i) else { continue };
            let Some(row) = self.cells.get_mut(i * self.size..(i + 1) * self.size) else { continue };
            for j in rows {
                if let (Some(cell), Some(other)) = (row.get_mut(*j), values.get(*j)) {
                    *cell += value * other;
                }
            }
        }
    }

    /// The sum of the diagonal.
    pub(super) fn trace(&self) -> f64 {
        (0..self.size).map(|i| self.get(i, i)).sum()
    }

    /// Adds one value to every cell.
    pub(super) fn add_everywhere(&mut self, value: f64) {
        self.cells.iter_mut().for_each(|cell| *cell += value);
    }

    /// The variance of a contrast of two, `v_ii + v_jj − 2 v_ij`.
    pub(super) fn contrast(&self, i: usize, j: usize) -> f64 {
        self.get(i, i) + self.get(j, j) - 2.0 * self.get(i, j)
    }

    /// Rows and columns less their means: the covariance of what is measured from its own mean.
    pub(super) fn centred(&self) -> Self {
        let n = float(self.size as u64);
        let means: Vec<f64> = (0..self.size).map(|i| self.row(i).iter().sum::<f64>() / n).collect();
        let all = means.iter().sum::<f64>() / n;
        let mut cells = Vec::with_capacity(self.cells.len());
        for (i, mean) in means.iter().enumerate() {
            cells.extend(self.row(i).iter().zip(&means).map(|(cell, other)| cell - mean - other + all));
        }
        Self { size: self.size, cells }
    }

    /// L of the Cholesky decomposition A = LLᵀ; none unless positive definite.
    pub(super) fn cholesky(&self) -> Option<Cholesky> {
        let n = self.size;
        let mut rows: Vec<Vec<f64>> = Vec::with_capacity(n);
        for i in 0..n {
            let mut row: Vec<f64> = Vec::with_capacity(i + 1);
            for (j, above) in rows.iter().enumerate() {
                let rest = self.get(i, j) - dot(&row, above);
                row.push(rest / above.get(j)?);
            }
            let pivot = self.get(i, i) - dot(&row, &row);
            // A pivot that is all rounding error is none.
            if pivot.is_nan() || pivot <= self.get(i, i) * 1e-14 {
                return None;
            }
            row.push(pivot.sqrt());
            rows.push(row);
        }
        Some(Cholesky { rows })
    }

    /// `self · middle · self`: a sandwich.
    pub(super) fn around(&self, middle: &Self) -> Self {
        let half = self.times(&middle.cells);
        let cells = {
            // (A·M)·A, row by row; A is its own transpose.
            let mut cells = Vec::with_capacity(self.cells.len());
            for row in half.chunks(self.size.max(1)) {
                cells.extend(combine(row, &self.cells, self.size));
            }
            cells
        };
        Self { size: self.size, cells }
    }

    fn times(&self, other: &[f64]) -> Vec<f64> {
        (0..self.size).flat_map(|i| combine(self.row(i), other, self.size)).collect()
    }
}

/// Σ weight · row, over the rows of a matrix.
fn combine(weights: &[f64], rows: &[f64], size: usize) -> Vec<f64> {
    let mut sum = vec![0.0; size];
    for (weight, row) in weights.iter().zip(rows.chunks(size.max(1))) {
        sum.iter_mut().zip(row).for_each(|(cell, x)| *cell += weight * x);
    }
    sum
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// A lower triangular matrix, row i with i + 1 values.
#[derive(Debug, Clone)]
pub(super) struct Cholesky {
    rows: Vec<Vec<f64>>,
}

impl Cholesky {
    /// x of LLᵀx = b.
    pub(super) fn solve(&self, b: &[f64]) -> Vec<f64> {
        let mut x: Vec<f64> = Vec::with_capacity(b.len());
        for (row, b) in self.rows.iter().zip(b) {
            let known = dot(&x, row);
            x.push((b - known) / row.last().copied().unwrap_or(1.0));
        }
        // Lᵀx = y, taking each solved value out of those above it.
        for (i, row) in self.rows.iter().enumerate().rev() {
            let Some((pivot, rest)) = row.split_last() else { continue };
            let Some(value) = x.get_mut(i) else { continue };
            *value /= pivot;
            let value = *value;
            x.iter_mut().zip(rest).for_each(|(x, l)| *x -= l * value);
        }
        x
    }

    /// The inverse of LLᵀ.
    pub(super) fn inverse(&self) -> Symmetric {
        let n = self.rows.len();
        // T = L⁻¹, row by row; the inverse is TᵀT.
        let mut inverse: Vec<Vec<f64>> = Vec::with_capacity(n);
        for row in &self.rows {
            let Some((pivot, rest)) = row.split_last() else { continue };
            let mut out = vec![0.0; rest.len() + 1];
            for (l, above) in rest.iter().zip(&inverse) {
                out.iter_mut().zip(above).for_each(|(o, t)| *o -= l * t);
            }
            if let Some(last) = out.last_mut() {
                *last = 1.0;
            }
            out.iter_mut().for_each(|o| *o /= pivot);
            inverse.push(out);
        }
        let mut whole = Symmetric::zero(n);
        for row in &inverse {
            for (i, t) in row.iter().enumerate() {
                let start = i * n;
                if let Some(cells) = whole.cells.get_mut(start..start + n) {
                    cells.iter_mut().zip(row).for_each(|(cell, u)| *cell += t * u);
                }
            }
        }
        whole
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn worked_by_hand() {
        // [[4, 2], [2, 3]]: inverse [[3, −2], [−2, 4]] / 8.
        let mut a = Symmetric::zero(2);
        a.add(0, 0, 4.0);
        a.add(1, 0, 2.0);
        a.add(1, 1, 3.0);
        let l = a.cholesky().unwrap();
        let x = l.solve(&[8.0, 7.0]);
        assert!((x[0] - 1.25).abs() < 1e-12 && (x[1] - 1.5).abs() < 1e-12, "{x:?}");
        let inverse = l.inverse();
        for (i, j, want) in [(0, 0, 0.375), (0, 1, -0.25), (1, 0, -0.25), (1, 1, 0.5)] {
            assert!((inverse.get(i, j) - want).abs() < 1e-12, "{inverse:?}");
        }
        assert_eq!((a.get(5, 0), a.get(0, 2), a.trace()), (0.0, 0.0, 7.0));
        let mut outer = Symmetric::zero(3);
        outer.add_outer(&[2, 0, 7], &[2.0, 9.0, 3.0]);
        let got: Vec<f64> = (0..3).flat_map(|i| [outer.get(i, 0), outer.get(i, 1), outer.get(i, 2)]).collect();
        assert_eq!(got, [4.0, 0.0, 6.0, 0.0, 0.0, 0.0, 6.0, 0.0, 9.0]);
        let mut flat = Symmetric::zero(2);
        flat.add_contrast(0, 1, 1.0);
        assert!(flat.cholesky().is_none(), "singular");
    }

    proptest! {
        #[test]
        fn the_inverse_undoes(values in proptest::collection::vec(-2.0..2.0f64, 36), b in proptest::collection::vec(-3.0..3.0f64, 6)) {
            // A Gram matrix and the unit matrix: positive definite.
            let mut a = Symmetric::zero(6);
            for i in 0..6 {
                for j in 0..=i {
                    let gram: f64 = (0..6).map(|k| values[i * 6 + k] * values[j * 6 + k]).sum();
                    a.add(i, j, gram + f64::from(u8::from(i == j)));
                }
            }
            let l = a.cholesky().unwrap();
            let x = l.solve(&b);
            for (i, b) in b.iter().enumerate() {
                prop_assert!((dot(a.row(i), &x) - b).abs() < 1e-8);
            }
            let same = l.inverse().around(&a);
            for i in 0..6 {
                for j in 0..6 {
                    prop_assert!((same.get(i, j) - l.inverse().get(i, j)).abs() < 1e-8);
                }
            }
        }
    }
}
