//! The convex hull of (cost, accuracy): what mixing targets at random can reach.

/// The points that no mixture of others beats, from the cheapest to the most accurate, by their index: along them accuracy
/// rises ever more slowly with cost. Points that are not finite are left out; of equal ones the first is taken, and a point
/// on the line between two others is not.
///
/// Source: the upper chain of Andrew (1979), Inf. Process. Lett. 9, 216–219.
#[must_use]
pub fn convex_hull(points: &[(f64, f64)]) -> Vec<usize> {
    let finite = |(_, (cost, accuracy)): &(usize, &(f64, f64))| cost.is_finite() && accuracy.is_finite();
    let mut order: Vec<(usize, &(f64, f64))> = points.iter().enumerate().filter(finite).collect();
    order.sort_by(|(_, a), (_, b)| a.0.total_cmp(&b.0).then(b.1.total_cmp(&a.1)));
    let mut hull: Vec<(usize, &(f64, f64))> = Vec::new();
    for (i, point) in order {
        // Dearer and no more accurate: never on the hull.
        if hull.last().is_some_and(|(_, last)| point.1 <= last.1) {
            continue;
        }
        while let [.., (_, a), (_, b)] = hull.as_slice() {
            let (over, up) = (b.0 - a.0, b.1 - a.1);
            if up * (point.0 - a.0) > (point.1 - a.1) * over {
                break;
            }
            hull.pop();
        }
        hull.push((i, point));
    }
    hull.into_iter().map(|(i, _)| i).collect()
}

/// The accuracy that a mixture reaches at a mean cost: on the line between the hull's neighbours, and beyond its end that of
/// the most accurate. None below the cheapest, or where there is no point.
#[must_use]
pub fn on_hull(points: &[(f64, f64)], cost: f64) -> Option<f64> {
    let hull: Vec<(f64, f64)> = convex_hull(points).into_iter().filter_map(|i| points.get(i).copied()).collect();
    let after = hull.iter().position(|point| point.0 > cost);
    let before = match after {
        Some(after) => hull.get(after.checked_sub(1)?)?,
        None if cost.is_nan() => return None,
        None => return hull.last().map(|point| point.1),
    };
    let after = hull.get(after?)?;
    Some(before.1 + (after.1 - before.1) * ((cost - before.0) / (after.0 - before.0)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn worked_by_hand() {
        // The third lies below the line from the first to the second, the fifth costs more for less.
        let points = [(1.0, 0.5), (4.0, 0.9), (2.5, 0.6), (2.0, 0.8), (5.0, 0.7), (f64::NAN, 1.0), (1.0, 0.4)];
        assert_eq!(convex_hull(&points), [0, 3, 1]);
        assert_eq!(on_hull(&points, 0.9), None);
        assert_eq!(on_hull(&points, 1.0), Some(0.5));
        assert!((on_hull(&points, 3.0).unwrap() - 0.85).abs() < 1e-12);
        assert_eq!(on_hull(&points, 9.0), Some(0.9));
        assert_eq!((on_hull(&points, f64::NAN), on_hull(&[], 1.0)), (None, None));
        // All at one cost, and on one line.
        assert_eq!(convex_hull(&[(1.0, 0.2), (1.0, 0.3)]), [1]);
        assert_eq!(convex_hull(&[(0.0, 0.0), (1.0, 1.0), (2.0, 2.0)]), [0, 2]);
    }

    proptest! {
        #[test]
        fn no_mixture_of_two_lies_above(points in proptest::collection::vec((0.0..9.0f64, 0.0..1.0f64), 1..15), part in 0.0..1.0f64) {
            for (a, x) in &points {
                for (b, y) in &points {
                    let cost = a + (b - a) * part;
                    let mixed = x + (y - x) * part;
                    prop_assert!(on_hull(&points, cost).is_none_or(|best| best >= mixed - 1e-9));
                }
            }
            let accuracies: Vec<f64> = convex_hull(&points).into_iter().map(|i| points[i].1).collect();
            prop_assert!(accuracies.is_sorted());
        }
    }
}
