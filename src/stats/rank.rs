//! Ranks out of intervals: what is not shown to differ shares a rank.

use super::Interval;

/// A place in a ranking, and what it could be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rank {
    /// 1 + how many have a lower end above this one's upper end: the best place that the intervals leave.
    pub rank: usize,
    /// How many, itself among them, have an upper end at or above this one's lower end: the worst place.
    pub worst: usize,
}

/// The rank of each, higher being better, by intervals that do or do not overlap.
///
/// Source of the rule: Chiang et al. (2024), Chatbot Arena, arXiv 2403.04132, §4. It asks for more than the interval of a
/// difference does, and takes no account of how many are compared: of models that are equal, about one pair in 180 is told
/// apart at 95 % (independent intervals of the same width).
#[must_use]
pub fn ranks(intervals: &[Interval]) -> Vec<Rank> {
    let mut lower: Vec<f64> = intervals.iter().map(|interval| interval.lower).collect();
    let mut upper: Vec<f64> = intervals.iter().map(|interval| interval.upper).collect();
    lower.sort_by(f64::total_cmp);
    upper.sort_by(f64::total_cmp);
    let count = intervals.len();
    let rank = |interval: &Interval| Rank {
        rank: 1 + count - lower.partition_point(|lower| *lower <= interval.upper),
        worst: count - upper.partition_point(|upper| *upper < interval.lower),
    };
    intervals.iter().map(rank).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(lower: f64, upper: f64) -> Interval {
        Interval { estimate: f64::midpoint(lower, upper), lower, upper }
    }

    #[test]
    fn what_overlaps_shares_a_rank() {
        let got = ranks(&[of(5.0, 6.0), of(1.0, 3.0), of(2.5, 5.5), of(0.0, 0.5)]);
        let want = [(1, 2), (2, 3), (1, 3), (4, 4)].map(|(rank, worst)| Rank { rank, worst });
        assert_eq!(got, want);
        assert!(ranks(&[]).is_empty());
    }

    proptest! {
        #[test]
        fn a_place_lies_between_its_ends(ends in proptest::collection::vec((-9.0..9.0f64, 0.0..4.0f64), 1..30)) {
            let intervals: Vec<Interval> = ends.iter().map(|(lower, width)| of(*lower, lower + width)).collect();
            for (rank, interval) in ranks(&intervals).iter().zip(&intervals) {
                let above = intervals.iter().filter(|other| other.estimate > interval.estimate).count();
                prop_assert!(rank.rank <= above + 1 && above < rank.worst && rank.worst <= intervals.len());
                prop_assert_eq!(rank.rank, 1 + intervals.iter().filter(|other| other.lower > interval.upper).count());
            }
        }
    }
}
