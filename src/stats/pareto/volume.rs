//! Hypervolume: how much of the space between a reference and perfection a set of points covers.

use super::Direction;

/// The most objectives that it is worked out for.
pub const MOST_OBJECTIVES: usize = 6;

/// The most points on a frontier that it is worked out for: the time it takes can grow with the power of the objectives.
pub const MOST_POINTS: usize = 100;

/// Why there is no hypervolume.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum VolumeError {
    /// No objective, or more than it is worked out for.
    #[error("hypervolume of {0} objectives; it is worked out for 1 to {MOST_OBJECTIVES}")]
    Objectives(usize),
    /// Too many points on the frontier.
    #[error("hypervolume of {0} points on the frontier; it is worked out for at most {MOST_POINTS}")]
    Points(usize),
    /// A point or the reference has other than one value for each objective, or one that is not finite.
    #[error("a point does not have one finite value for each objective")]
    Point,
}

/// The volume of what some point is at least as good as, and the reference is not better than: exact. A point that is not
/// better than the reference in everything adds nothing.
///
/// It is in the product of the objectives' units, so compare it only at one and the same reference.
///
/// Source: Zitzler & Thiele (1998), PPSN V, 292–301; worked out as While, Bradstreet & Barone (2012), IEEE Trans. Evol.
/// Comput. 16, 86–95 ("WFG"): each point's own volume less that which it shares with those after it.
///
/// # Errors
/// See [`VolumeError`].
pub fn hypervolume(directions: &[Direction], reference: &[f64], points: &[Vec<f64>]) -> Result<f64, VolumeError> {
    let objectives = directions.len();
    if !(1..=MOST_OBJECTIVES).contains(&objectives) {
        return Err(VolumeError::Objectives(objectives));
    }
    let sound = |point: &[f64]| point.len() == objectives && point.iter().all(|value| value.is_finite());
    if !sound(reference) || !points.iter().all(|point| sound(point)) {
        return Err(VolumeError::Point);
    }
    // From the reference at 0, upwards.
    let from_reference = |point: &Vec<f64>| -> Vec<f64> {
        let sides = point.iter().zip(reference).zip(directions);
        sides.map(|((value, zero), direction)| direction.upward(*value) - direction.upward(*zero)).collect()
    };
    let above = points.iter().map(from_reference).filter(|point| point.iter().all(|side| *side > 0.0));
    let mut front = undominated(above.collect());
    if front.len() > MOST_POINTS {
        return Err(VolumeError::Points(front.len()));
    }
    // The last objective falling makes what later points share small in it.
    front.sort_by(|a, b| b.iter().rev().partial_cmp(a.iter().rev()).unwrap_or(std::cmp::Ordering::Equal));
    Ok(volume(&front))
}

/// Without what another covers, and without repeats.
fn undominated(points: Vec<Vec<f64>>) -> Vec<Vec<f64>> {
    let mut kept: Vec<Vec<f64>> = Vec::with_capacity(points.len());
    let covers = |one: &[f64], other: &[f64]| one.iter().zip(other).all(|(a, b)| a >= b);
    for point in points {
        if !kept.iter().any(|other| covers(other, &point)) {
            kept.retain(|other| !covers(&point, other));
            kept.push(point);
        }
    }
    kept
}

fn volume(front: &[Vec<f64>]) -> f64 {
    if let Some(dimensions) = front.first().map(Vec::len)
        && dimensions == 2
    {
        return area(front);
    }
    let own = |(k, point): (usize, &Vec<f64>)| {
        let rest = front.get(k + 1..).unwrap_or_default();
        let shared = rest.iter().map(|other| other.iter().zip(point).map(|(a, b)| a.min(*b)).collect());
        point.iter().product::<f64>() - volume(&undominated(shared.collect()))
    };
    front.iter().enumerate().map(own).sum()
}

/// A staircase.
fn area(front: &[Vec<f64>]) -> f64 {
    let mut steps: Vec<(f64, f64)> = front.iter().filter_map(|point| Some((*point.first()?, *point.get(1)?))).collect();
    steps.sort_by(|a, b| b.0.total_cmp(&a.0));
    let (mut sum, mut height) = (0.0, 0.0_f64);
    for (x, y) in steps {
        sum += x * (y - height).max(0.0);
        height = height.max(y);
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn up(points: &[&[f64]]) -> f64 {
        let points: Vec<Vec<f64>> = points.iter().map(|point| point.to_vec()).collect();
        let objectives = points[0].len();
        hypervolume(&vec![Direction::Higher; objectives], &vec![0.0; objectives], &points).unwrap()
    }

    #[test]
    fn worked_by_hand() {
        assert!((up(&[&[3.0], &[5.0]]) - 5.0).abs() < 1e-12);
        // 1×4 + 1×2 + 1×1.
        assert!((up(&[&[1.0, 4.0], &[2.0, 2.0], &[3.0, 1.0], &[1.0, 1.0]]) - 7.0).abs() < 1e-12);
        // Three boxes of 1×2×3 turned about: 3·6 − 3·4 + … : |A|+|B|+|C| − |AB| − |AC| − |BC| + |ABC|.
        let (a, b, c) = (&[1.0, 2.0, 3.0][..], &[3.0, 1.0, 2.0][..], &[2.0, 3.0, 1.0][..]);
        assert!((up(&[a, b, c]) - (18.0 - 2.0 - 2.0 - 2.0 + 1.0)).abs() < 1e-12);
        // Less is better in the second, from a reference of 10.
        let got = hypervolume(
            &[Direction::Higher, Direction::Lower],
            &[0.5, 10.0],
            &[vec![0.75, 4.0], vec![1.0, 8.0], vec![0.4, 1.0], vec![0.9, 11.0]],
        );
        assert!((got.unwrap() - (0.25 * 6.0 + 0.25 * 2.0)).abs() < 1e-12);
        assert_eq!(hypervolume(&[Direction::Higher], &[0.0], &[]), Ok(0.0));
    }

    #[test]
    fn what_it_does_not_do_is_named() {
        assert_eq!(hypervolume(&[], &[], &[]), Err(VolumeError::Objectives(0)));
        assert_eq!(hypervolume(&[Direction::Lower; 7], &[0.0; 7], &[]), Err(VolumeError::Objectives(7)));
        assert_eq!(hypervolume(&[Direction::Lower], &[0.0], &[vec![f64::INFINITY]]), Err(VolumeError::Point));
        assert_eq!(hypervolume(&[Direction::Lower; 2], &[0.0; 2], &[vec![1.0]]), Err(VolumeError::Point));
        let line: Vec<Vec<f64>> = (1..=200).map(|i| vec![f64::from(i), f64::from(201 - i)]).collect();
        assert_eq!(hypervolume(&[Direction::Higher; 2], &[0.0; 2], &line), Err(VolumeError::Points(200)));
        assert!(VolumeError::Points(200).to_string().contains("at most 100"));
    }

    proptest! {
        #[test]
        fn it_counts_the_cells_of_a_grid(points in proptest::collection::vec(proptest::collection::vec(0..4_u8, 4), 0..7)) {
            let real: Vec<Vec<f64>> = points.iter().map(|p| p.iter().map(|v| f64::from(*v)).collect()).collect();
            let got = hypervolume(&[Direction::Higher; 4], &[0.0; 4], &real).unwrap();
            let mut cells = 0_u32;
            for cell in 0..256_u32 {
                let at = [cell % 4, cell / 4 % 4, cell / 16 % 4, cell / 64];
                cells += u32::from(points.iter().any(|p| p.iter().zip(at).all(|(v, a)| u32::from(*v) > a)));
            }
            prop_assert!((got - f64::from(cells)).abs() < 1e-9, "{got} {cells}");
        }

        #[test]
        fn order_does_not_count_and_more_points_never_cover_less(points in proptest::collection::vec(proptest::collection::vec(0.0..1.0f64, 6), 2..10)) {
            let of = |points: &[Vec<f64>]| hypervolume(&[Direction::Higher; 6], &[0.0; 6], points).unwrap();
            let all = of(&points);
            let turned: Vec<Vec<f64>> = points.iter().rev().map(|p| p.iter().rev().copied().collect()).collect();
            prop_assert!((all - of(&turned)).abs() < 1e-12);
            prop_assert!(all + 1e-12 >= of(&points[1..]) && all <= 1.0);
        }
    }
}
