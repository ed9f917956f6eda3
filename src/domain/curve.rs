//! What a sweep finds: the curve of what a target delivers over the rate that is asked of it.

use super::{Name, Nanos};

/// One rate that was held, and what came of it while it was looked at. Everything counts from the scheduled instant.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Point {
    /// The rate it was held at, per second.
    pub rate: f64,
    /// For how long it was looked at.
    pub window: Nanos,
    /// Arrivals in that time.
    pub arrived: u64,
    /// Of these, those that got an answer.
    pub answered: u64,
    /// Of these, those inside the SLO; none without one.
    pub inside: Option<u64>,
    /// Answers that ended in that time, whenever they began, per second.
    pub delivered: f64,
    /// Output tokens of those, per second.
    pub tokens: f64,
    /// Exchanges in flight, on average over that time.
    pub in_flight: f64,
    /// Time to first token: p50 and p99.
    pub first_token: Option<(Nanos, Nanos)>,
    /// Time per output token: p50 and p99.
    pub per_output_token: Option<(Nanos, Nanos)>,
    /// Scheduled instant to last token: p50 and p99.
    pub duration: Option<(Nanos, Nanos)>,
    /// Whether it was cut short, since too much was unfinished.
    pub cut: bool,
}

impl Point {
    /// Arrivals per second, as they came.
    #[must_use]
    pub fn offered(&self) -> f64 {
        self.per_second(self.arrived)
    }

    /// Answers inside the SLO per second; none without one.
    #[must_use]
    pub fn goodput(&self) -> Option<f64> {
        self.inside.map(|n| self.per_second(n))
    }

    /// The share of arrivals that got an answer inside the SLO; none without one, or without arrivals.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a share of counts far below 2⁵³")]
    pub fn attainment(&self) -> Option<f64> {
        self.inside.filter(|_| self.arrived > 0).map(|n| n as f64 / self.arrived as f64)
    }

    #[expect(clippy::cast_precision_loss, reason = "a rate of counts far below 2⁵³")]
    fn per_second(&self, count: u64) -> f64 {
        let seconds = self.window.seconds();
        if seconds > 0.0 { count as f64 / seconds } else { 0.0 }
    }
}

/// All points of one target and scenario, in the order they were tried, and by what they are judged.
#[derive(Clone, Debug, PartialEq)]
pub struct Curve {
    /// Who was asked.
    pub target: Name,
    /// Out of which scenario.
    pub scenario: Name,
    /// The share of arrivals that must be inside the SLO; none without an SLO.
    pub goal: Option<f64>,
    /// How narrow a bracket must be, as a share of its lower end; and what may be missing of the offered rate.
    pub tolerance: f64,
    /// The points.
    pub points: Vec<Point>,
}

/// Between which rates something changes.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub struct Bracket {
    /// The highest rate below `high` at which it holds.
    pub low: Option<f64>,
    /// The lowest rate at which it does not.
    pub high: Option<f64>,
}

impl Bracket {
    /// Whether the ends are as near as is wanted.
    #[must_use]
    pub fn is_narrow(&self, tolerance: f64) -> bool {
        matches!((self.low, self.high), (Some(low), Some(high)) if high <= low * (1.0 + tolerance))
    }
}

impl Curve {
    /// Saturation throughput: the most answers per second that were delivered at any rate. A bound from below where no
    /// rate was more than the target could do.
    #[must_use]
    pub fn saturation(&self) -> Option<f64> {
        self.points.iter().map(|p| p.delivered).max_by(f64::total_cmp)
    }

    /// Up to which rate everything that is offered is delivered.
    #[must_use]
    pub fn sustained(&self) -> Bracket {
        self.bracket(|p| self.delivers(p))
    }

    /// Up to which rate the SLO is met; none without an SLO.
    #[must_use]
    pub fn within_slo(&self) -> Option<Bracket> {
        let goal = self.goal?;
        Some(self.bracket(|p| keeps(p, goal)))
    }

    /// A rate that was held once and was too much, though a higher one was not: something else may have been in the way,
    /// here or at the target.
    #[must_use]
    pub fn doubtful(&self) -> Option<f64> {
        let of_slo = self.goal.and_then(|goal| self.contradicted(|p| keeps(p, goal)));
        self.contradicted(|p| self.delivers(p)).or(of_slo)
    }

    fn delivers(&self, p: &Point) -> bool {
        !p.cut && p.delivered >= p.offered() * (1.0 - self.tolerance)
    }

    fn contradicted(&self, holds: impl Fn(&Point) -> bool) -> Option<f64> {
        let highest = self.points.iter().filter(|p| holds(p)).map(|p| p.rate).max_by(f64::total_cmp)?;
        let once = |rate: f64| self.points.iter().filter(|p| p.rate.total_cmp(&rate).is_eq()).count() == 1;
        self.points.iter().find(|p| !holds(p) && p.rate < highest && once(p.rate)).map(|p| p.rate)
    }

    fn bracket(&self, holds: impl Fn(&Point) -> bool) -> Bracket {
        // Where a rate was held again, the last time counts.
        let last = |(at, p): &(usize, &Point)| {
            !self.points.iter().skip(at + 1).any(|later| later.rate.total_cmp(&p.rate).is_eq())
        };
        let points: Vec<&Point> = self.points.iter().enumerate().filter(last).map(|(_, p)| p).collect();
        let high = points.iter().filter(|p| !holds(p)).map(|p| p.rate).min_by(f64::total_cmp);
        let below = points.iter().filter(|p| holds(p) && high.is_none_or(|high| p.rate < high));
        Bracket { low: below.map(|p| p.rate).max_by(f64::total_cmp), high }
    }
}

fn keeps(p: &Point, goal: f64) -> bool {
    !p.cut && p.attainment().is_some_and(|share| share >= goal)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 1,000 arrivals at a rate.
    fn point(rate: f64, delivered: f64, inside: u64) -> Point {
        let (window, arrived) = (std::time::Duration::from_secs_f64(1_000.0 / rate).into(), 1_000);
        Point { rate, window, arrived, answered: 1_000, inside: Some(inside), delivered, ..Point::default() }
    }

    #[test]
    fn brackets_lie_around_where_it_changes() {
        let points =
            vec![point(10.0, 10.0, 1_000), point(20.0, 20.0, 995), point(40.0, 31.0, 200), point(28.0, 27.5, 900)];
        let name = |text| Name::new(text).unwrap();
        let curve = Curve { target: name("t"), scenario: name("s"), goal: Some(0.99), tolerance: 0.05, points };
        assert_eq!(curve.saturation(), Some(31.0));
        assert_eq!(curve.sustained(), Bracket { low: Some(28.0), high: Some(40.0) });
        assert_eq!(curve.within_slo(), Some(Bracket { low: Some(20.0), high: Some(28.0) }));
        assert!(!curve.sustained().is_narrow(0.05) && curve.sustained().is_narrow(0.5));
        assert_eq!(curve.doubtful(), None);
        // A rate that fails below one that holds is held again, once: what comes then counts.
        let mut odd = Curve { points: vec![point(10.0, 5.0, 0), point(12.0, 12.0, 1_000)], ..curve };
        assert_eq!((odd.sustained(), odd.doubtful()), (Bracket { low: None, high: Some(10.0) }, Some(10.0)));
        odd.points.push(point(10.0, 10.0, 1_000));
        assert_eq!((odd.sustained(), odd.doubtful()), (Bracket { low: Some(12.0), high: None }, None));
        odd.points.push(point(10.0, 5.0, 0));
        assert_eq!((odd.sustained().high, odd.doubtful()), (Some(10.0), None));
    }
}
