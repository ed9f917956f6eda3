//! Several tests at once.

/// P-values adjusted by Holm's step-down procedure, in the order given: comparing each with α keeps the chance of any
/// false rejection at α or below, whatever the tests' dependence. A p-value outside [0, 1] (or NaN) counts as 1.
///
/// Source: Holm, S. (1979), "A simple sequentially rejective multiple test procedure", Scand. J. Statist. 6, 65–70.
#[must_use]
pub fn holm(p_values: &[f64]) -> Vec<f64> {
    let clean = |p: f64| if (0.0..=1.0).contains(&p) { p } else { 1.0 };
    let mut order: Vec<(f64, usize)> = p_values.iter().enumerate().map(|(i, p)| (clean(*p), i)).collect();
    order.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut adjusted = vec![1.0; p_values.len()];
    let mut remaining = super::distribution::float(p_values.len() as u64);
    let mut floor: f64 = 0.0;
    for (p, i) in order {
        floor = floor.max((p * remaining).min(1.0));
        remaining -= 1.0;
        if let Some(slot) = adjusted.get_mut(i) {
            *slot = floor;
        }
    }
    adjusted
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn worked_by_hand() {
        // Sorted: 0.01×4, 0.02×3, 0.03×2 (held at 0.06), 0.5×1.
        let got = holm(&[0.03, 0.01, 0.5, 0.02]);
        for (g, want) in got.iter().zip([0.06, 0.04, 0.5, 0.06]) {
            assert!((g - want).abs() < 1e-12, "{got:?}");
        }
        assert!(holm(&[]).is_empty());
        assert_eq!(holm(&[f64::NAN, 7.0]), [1.0, 1.0]);
    }

    proptest! {
        #[test]
        fn never_smaller_never_above_one_order_kept(p in proptest::collection::vec(0.0..=1.0f64, 0..40)) {
            let adjusted = holm(&p);
            for (raw, adj) in p.iter().zip(&adjusted) {
                prop_assert!(adj >= raw && *adj <= 1.0);
            }
            for (i, a) in p.iter().enumerate() {
                for (j, b) in p.iter().enumerate() {
                    prop_assert!(a > b || adjusted[i] <= adjusted[j]);
                }
            }
        }
    }
}
