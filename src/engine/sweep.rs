//! A sweep: rates that are chosen on the way, each held for a stretch of the one dispatch loop, until it is known where
//! the target saturates and up to which rate it keeps its SLO.
//!
//! The choice is pure: it follows from the points so far, first by doubling, then by bisection (of the logarithm, since a
//! tolerance is a share). A rate that was too much, though a higher one is not, is held once more. Between two rates everything in flight ends, so that none begins with another's queue. Every
//! point is written when it is known. So a sweep that was killed goes on with the point that was broken off, from its
//! beginning: the answers it had are samples of the run, and of no point.

use super::ask::Trial;
use super::course::Course;
use super::enough::Enough;
use super::keeper::PAGE;
use super::replay::{Dispatched, Feed, Replayed, replay};
use super::run::{Engine, Still};
use super::sample::inside;
use crate::domain::{Bracket, Curve, Name, Nanos, Point, Purpose, RunId, Sample};
use crate::plan::Slo;
use crate::store::{Query, StoreError};
use crate::workload::arrival::{Arrival, Open, Pattern, Stretch, Sweep};
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// A rate is not lowered to less than this share of the first one.
const LOWEST: f64 = 1.0 / 1024.0;

/// Sweeps every scenario of a target, one after the other.
pub(super) async fn sweep(
    engine: &Engine,
    course: &Arc<Course>,
    still: &Still,
    (bounds, seed): (&Sweep, u64),
    abort: &CancellationToken,
) -> Dispatched {
    let mut scenarios: Vec<Name> = still.order.iter().map(|(scenario, ..)| scenario.name.clone()).collect();
    scenarios.dedup();
    let mut known = match engine.store.points(still.run).await {
        Ok(known) => known,
        Err(error) => return failed(course, error),
    };
    for scenario in scenarios {
        let target = course.target.name.clone();
        let mut curve = Curve {
            points: known.remove(&(target.clone(), scenario.clone())).unwrap_or_default(),
            target,
            goal: course.target.slo.map(|slo| slo.goal),
            tolerance: bounds.tolerance,
            scenario,
        };
        // Endless, and never the same trial twice.
        let mut trials: Box<dyn Iterator<Item = Trial> + Send + '_> = Box::new(still.rounds(&curve.scenario));
        show(course, still.run, &curve);
        while let Some(rate) = next(bounds, &curve) {
            let turn = curve.points.len() as u64;
            match held(
                engine,
                course,
                (&mut *trials, still.run, &curve.scenario),
                (bounds, rate, seed ^ (turn << 32)),
                abort,
            )
            .await
            {
                Ok(Some(point)) => {
                    tracing::info!(target = %curve.target, scenario = %curve.scenario, rate, delivered = point.delivered, attainment = point.attainment(), cut = point.cut, "a rate was held");
                    let place = u32::try_from(turn).unwrap_or(u32::MAX);
                    let written = course.account.point(still.run, (&curve.target, &curve.scenario), place, point).await;
                    if let Err(error) = written {
                        return failed(course, error);
                    }
                    curve.points.push(point);
                    show(course, still.run, &curve);
                }
                Ok(None) => return Dispatched::Stopped,
                Err(error) => return failed(course, error),
            }
        }
        drop(trials);
    }
    Dispatched::Done
}

fn failed(course: &Course, error: StoreError) -> Dispatched {
    course.brake.pull(error.into());
    Dispatched::Stopped
}

fn show(course: &Course, run: RunId, curve: &Curve) {
    let key = (run, curve.target.clone(), curve.scenario.clone());
    course.account.shared().lock().curves.insert(key, curve.clone());
}

/// Holds one rate, and looks at what came of it; none where it was told to stop.
async fn held(
    engine: &Engine,
    course: &Arc<Course>,
    (trials, run, scenario): (&mut (dyn Iterator<Item = Trial> + Send), RunId, &Name),
    (bounds, rate, seed): (&Sweep, f64, u64),
    abort: &CancellationToken,
) -> Result<Option<Point>, StoreError> {
    let position = course.account.shared().lock().board.position;
    let length = bounds.settle + hold(bounds, rate);
    let stretches = vec![Stretch { per_second: rate, length: Some(length) }];
    let arrival = Arrival {
        kind: "sweep",
        words: String::new(),
        pattern: Pattern::Open(Open { spacing: bounds.spacing, stretches }),
    };
    let enough = Enough::backlog(bounds.backlog as usize);
    let replayed = replay(course, &engine.lanes, Feed::new(trials), (&arrival, seed), enough, abort).await;
    let Replayed { ended, zero, until, cut } = replayed;
    if ended == Dispatched::Stopped {
        return Ok(None);
    }
    let from = zero.plus(bounds.settle.into());
    let to = if cut { until } else { zero.plus(length.into()) };
    let mut query =
        Query { after: position, run: Some(run), targets: vec![course.target.name.to_string()], limit: PAGE };
    let mut looked = Look::new((from, to), rate, course.target.slo, cut);
    loop {
        let page = engine.store.samples(query.clone()).await?;
        let Some(last) = page.last() else { break };
        query.after = last.position;
        let of = |r: &&crate::store::Recorded| r.purpose == Purpose::Measure && r.sample.key.scenario == *scenario;
        page.iter().filter(of).for_each(|recorded| looked.add(&recorded.sample));
    }
    Ok(Some(looked.point()))
}

/// How long a rate is looked at: until the samples have come, and not shorter than is wanted.
fn hold(bounds: &Sweep, rate: f64) -> Duration {
    let samples = Duration::try_from_secs_f64(f64::from(bounds.samples) / rate).unwrap_or(Duration::MAX);
    bounds.hold.max(samples)
}

/// The rate that is held next; none where everything is known, or the bound on points is reached.
fn next(bounds: &Sweep, curve: &Curve) -> Option<f64> {
    if curve.points.len() >= bounds.points as usize {
        return None;
    }
    if let Some(again) = curve.doubtful() {
        return Some(again);
    }
    let within_slo = curve.within_slo();
    refine(bounds, curve.sustained()).or_else(|| within_slo.and_then(|bracket| refine(bounds, bracket)))
}

fn refine(bounds: &Sweep, bracket: Bracket) -> Option<f64> {
    match (bracket.low, bracket.high) {
        (None, None) => Some(bounds.start),
        (Some(low), None) => (low < bounds.most).then_some((low * 2.0).min(bounds.most)),
        (None, Some(high)) => Some(high / 2.0).filter(|rate| *rate >= bounds.start * LOWEST),
        (Some(low), Some(high)) => (!bracket.is_narrow(bounds.tolerance)).then(|| (low * high).sqrt()),
    }
}

/// What is looked at while a rate is held.
struct Look {
    window: (Nanos, Nanos),
    slo: Option<Slo>,
    point: Point,
    /// Nanoseconds in flight inside the window, over all exchanges; tokens and answers that ended in it.
    busy: u128,
    ended: (u64, u64),
    first_token: Vec<Nanos>,
    per_output_token: Vec<Nanos>,
    duration: Vec<Nanos>,
}

impl Look {
    fn new(window: (Nanos, Nanos), rate: f64, slo: Option<Slo>, cut: bool) -> Self {
        let inside = slo.map(|_| 0);
        let point = Point { rate, window: window.1.since(window.0), inside, cut, ..Point::default() };
        let (first_token, per_output_token, duration) = (Vec::new(), Vec::new(), Vec::new());
        Self { window, slo, point, busy: 0, ended: (0, 0), first_token, per_output_token, duration }
    }

    fn add(&mut self, sample: &Sample) {
        let (from, to) = self.window;
        for exchange in &sample.exchanges {
            let t = &exchange.timing;
            if let (Some(send), Some(end)) = (t.send, t.end.or(t.last)) {
                self.busy += u128::from(end.min(to).since(send.max(from)).0);
            }
        }
        let Some(last) = sample.last() else { return };
        let t = &last.timing;
        let (tokens, _) = last.tokens_out();
        let over = t.last.or(t.end).filter(|_| last.is_success());
        if over.is_some_and(|at| at > from && at <= to) {
            self.ended = (self.ended.0 + 1, self.ended.1 + tokens);
        }
        // The first attempt was the arrival; how long it took is counted from there.
        let scheduled = sample.exchanges.first().map_or(t.scheduled, |first| first.timing.scheduled);
        if scheduled < from || scheduled >= to {
            return;
        }
        self.point.arrived += 1;
        if !last.is_success() {
            return;
        }
        self.point.answered += 1;
        if let (Some(inside_slo), Some(slo)) = (&mut self.point.inside, &self.slo) {
            *inside_slo += u64::from(inside(Some(slo), last, true));
        }
        self.first_token.extend(t.ttft_scheduled());
        self.per_output_token.extend(t.tpot(tokens));
        self.duration.extend(t.e2e_scheduled());
    }

    #[expect(clippy::cast_precision_loss, reason = "rates of counts far below 2⁵³")]
    fn point(self) -> Point {
        let Self { window: _, slo: _, point, busy, ended: (answers, tokens), first_token, per_output_token, duration } =
            self;
        let seconds = point.window.seconds();
        let rate = |count: f64| if seconds > 0.0 { count / seconds } else { 0.0 };
        Point {
            delivered: rate(answers as f64),
            tokens: rate(tokens as f64),
            in_flight: rate(busy as f64 / 1e9),
            first_token: quantiles(first_token),
            per_output_token: quantiles(per_output_token),
            duration: quantiles(duration),
            ..point
        }
    }
}

/// p50 and p99, nearest rank.
fn quantiles(mut all: Vec<Nanos>) -> Option<(Nanos, Nanos)> {
    all.sort_unstable();
    let rank = |percent: usize| all.get((all.len() * percent).div_ceil(100).max(1) - 1).copied();
    Some((rank(50)?, rank(99)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workload::arrival::Spacing;

    fn bounds() -> Sweep {
        Sweep {
            start: 4.0,
            most: 1e5,
            tolerance: 0.05,
            spacing: Spacing::Even,
            settle: Duration::from_secs(1),
            hold: Duration::from_secs(10),
            samples: 100,
            points: 40,
            backlog: 1_000,
        }
    }

    /// Sweeps a target that delivers up to a capacity and is inside its SLO up to a knee.
    fn swept(bounds: &Sweep, capacity: f64, knee: f64) -> Curve {
        let name = |text| Name::new(text).unwrap();
        let mut curve =
            Curve { target: name("t"), scenario: name("s"), goal: Some(0.99), tolerance: 0.05, points: Vec::new() };
        while let Some(rate) = next(bounds, &curve) {
            // A million arrivals at any rate.
            let (window, arrived) = (Duration::from_secs_f64(1e6 / rate).into(), 1_000_000);
            let inside = Some(if rate <= knee { arrived } else { arrived / 2 });
            let delivered = rate.min(capacity);
            curve.points.push(Point {
                rate,
                window,
                arrived,
                answered: arrived,
                inside,
                delivered,
                ..Point::default()
            });
        }
        curve
    }

    #[test]
    fn capacity_and_knee_are_found_within_the_tolerance() {
        for (capacity, knee) in [(100.0, 61.0), (3.1, 2.0), (4.0, 4.0), (2_345.0, 11.0)] {
            let curve = swept(&bounds(), capacity, knee);
            let saturation = curve.saturation().unwrap();
            assert!((saturation / capacity - 1.0).abs() < 1e-9, "{saturation} of {capacity}");
            let kept = curve.within_slo().unwrap();
            let (low, high) = (kept.low.unwrap(), kept.high.unwrap());
            assert!(low <= knee && knee < high && high <= low * 1.05, "{low} {knee} {high}");
            assert!(curve.points.len() < 30, "{}", curve.points.len());
        }
    }

    #[test]
    fn bounds_end_a_sweep_that_finds_nothing() {
        assert_eq!(swept(&bounds(), f64::INFINITY, f64::INFINITY).points.last().map(|p| p.rate), Some(1e5));
        assert_eq!(swept(&Sweep { points: 3, ..bounds() }, 100.0, 50.0).points.len(), 3);
        // Nothing is ever delivered: it goes down as far as it may.
        let dead = swept(&bounds(), 0.0, 0.0);
        assert!(dead.saturation() == Some(0.0) && dead.points.len() == 11, "{}", dead.points.len());
    }

    #[test]
    fn quantiles_are_of_nearest_rank() {
        assert_eq!(quantiles(Vec::new()), None);
        assert_eq!(quantiles(vec![Nanos(7)]), Some((Nanos(7), Nanos(7))));
        assert_eq!(quantiles((1..=200).rev().map(Nanos).collect()), Some((Nanos(100), Nanos(198))));
    }
}
