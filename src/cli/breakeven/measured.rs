//! What the last complete runs measured of the two targets. What they did not is left out, never made up.

use crate::board::{Board, Figures, Steady};
use crate::domain::{Curve, Exchange, Name, Purpose, RunId};
use crate::export::economics::{Economics, Sourced};
use crate::export::report::instant;
use crate::pricing::{Duty, DutySource, Estimate};
use crate::store::{self, Access, Query, Store};

/// Samples read at once.
const PAGE: u32 = 2_000;

/// A row of figures with the run it is of.
struct Found {
    run: RunId,
    /// In words.
    source: String,
    row: Figures,
}

/// Fills in what was not given; the duty too, where it is wanted.
pub(super) async fn fill(mut economics: Economics, url: &str, duty: bool) -> anyhow::Result<Economics> {
    let Economics { accuracy, answers_per_hour, api_cost, .. } = &economics;
    let whole = accuracy.is_some() && answers_per_hour.is_some() && api_cost.is_some();
    let scenario = economics.scenario.clone().filter(|_| !whole);
    if scenario.is_none() && !duty {
        return Ok(economics);
    }
    let store = match store::open(url, Access::Read).await {
        Ok(store) => store,
        Err(error) => {
            economics.notes.push(format!("nothing was looked up: {error}"));
            return Ok(economics);
        }
    };
    let store = store.as_ref();
    let board = match store.checkpoint().await? {
        Some((position, text)) => Board::from_text(&text, position).map_err(anyhow::Error::msg)?,
        None => Board::default(),
    };
    if duty {
        economics.duty = busy(&board, &economics.own, &mut economics.notes);
    }
    let Some(scenario) = scenario else { return Ok(economics) };
    let found = |economics: &mut Economics, target: &str| find(&board, target, &scenario, &mut economics.notes);
    if economics.api_cost.is_none() {
        let api = economics.api.clone();
        let row = found(&mut economics, &api);
        economics.api_cost = row.and_then(|found| {
            let cost = found.row.per_correct.filter(|cost| cost.estimate > 0.0 && cost.estimate.is_finite())?;
            Some(Sourced { estimate: Estimate::new(cost.estimate, cost.lower, cost.upper), source: found.source })
        });
    }
    let name = economics.own.clone();
    let own = found(&mut economics, &name);
    let joules = own.as_ref().and_then(|found| Some((found.row.joules_per_correct()?, found.source.clone())));
    if economics.accuracy.is_none() {
        economics.accuracy = own.as_ref().and_then(|found| {
            let share = found.row.accuracy.filter(|share| share.estimate > 0.0)?;
            let source = format!("{}, {} graded", found.source, found.row.graded());
            Some(Sourced { estimate: Estimate::new(share.estimate, share.lower, Some(share.upper)), source })
        });
    }
    if economics.answers_per_hour.is_none() {
        let throughput = match swept(store, &board, &name, &scenario).await? {
            Some(swept) => Some(swept),
            None => match own {
                Some(found) => steady(store, found, &mut economics.notes).await?,
                None => None,
            },
        };
        if let Some((answers, tokens)) = throughput {
            economics.answers_per_hour = Some(answers);
            economics.tokens_per_second = economics.tokens_per_second.or(Some(tokens));
        }
    }
    // What a correct answer took, as many an hour as there are at saturation.
    if let (Some((joules, source)), Some(correct)) = (joules, economics.correct_per_hour()) {
        economics.powered(joules * correct.value / 3600.0, format!("{source}, metered"));
    }
    Ok(economics)
}

/// The share of the last complete run's window that the target's devices were busy.
fn busy(board: &Board, target: &str, notes: &mut Vec<String>) -> Option<(Duty, String)> {
    let mut runs: Vec<_> = board.last_complete().collect();
    runs.sort_by_key(|(id, run)| std::cmp::Reverse((run.finished.map(|(at, _)| at), **id)));
    let found = runs.into_iter().find_map(|(_, run)| {
        let hardware = run.hardware.iter().find(|one| one.target.as_str() == target)?;
        Some((run, hardware, hardware.duty()?))
    });
    let Some((run, hardware, (kind, share))) = found else {
        notes.push(format!(
            "the duty of {target} was not measured: no complete run of it that is remembered has busy time of its devices; \
             give it a meter"
        ));
        return None;
    };
    let ended = run.finished.map(|(at, _)| format!(" of {}", instant(at))).unwrap_or_default();
    let from = format!("run {}{ended}, {} over {:.1} s", run.name, kind.label(), hardware.window.seconds());
    let flags: Vec<&str> = hardware.flags.iter().map(|flag| flag.label()).collect();
    if !flags.is_empty() {
        notes.push(format!("the duty of {target} is of a window with flags: {}", flags.join(", ")));
    }
    notes.push(format!(
        "the duty of {target} is that of the run's own window: that of its service only if the run was like it"
    ));
    let duty = Duty::new(share, DutySource::Measured);
    if duty.is_none() {
        notes.push(format!("no duty from {from}: its devices were never busy"));
    }
    duty.map(|duty| (duty, from))
}

/// The figures of the last complete run of a target and scenario.
fn find(board: &Board, target: &str, scenario: &str, notes: &mut Vec<String>) -> Option<Found> {
    let mut runs: Vec<_> = board.last_complete().collect();
    runs.sort_by_key(|(id, run)| std::cmp::Reverse((run.finished.map(|(at, _)| at), **id)));
    runs.into_iter().find_map(|(id, run)| {
        let mut rows = run.figures(crate::board::By::Scenario);
        rows.retain(|row| row.target.as_str() == target && row.scenario.as_str() == scenario);
        if rows.len() > 1 {
            notes.push(format!(
                "what was asked of {target} changed during run {} (see provenance): the larger part of it is taken",
                run.name
            ));
        }
        let row = rows.into_iter().max_by_key(Figures::samples)?;
        let ended = run.finished.map(|(at, _)| format!(" of {}", instant(at))).unwrap_or_default();
        Some(Found { run: *id, source: format!("run {}{ended}", run.name), row })
    })
}

/// Answers an hour and tokens per second at the rate of a sweep at which the most were delivered.
async fn swept(
    store: &dyn Store,
    board: &Board,
    target: &str,
    scenario: &str,
) -> anyhow::Result<Option<(Sourced, Sourced)>> {
    let mut runs: Vec<_> = board.last_complete().collect();
    runs.sort_by_key(|(id, run)| std::cmp::Reverse((run.finished.map(|(at, _)| at), **id)));
    let (Ok(target), Ok(scenario)) = (Name::new(target), Name::new(scenario)) else { return Ok(None) };
    for (id, run) in runs {
        let Some(points) = store.points(*id).await?.remove(&(target.clone(), scenario.clone())) else { continue };
        let curve = Curve { target, scenario, goal: None, tolerance: 0.0, points };
        let best = curve.points.iter().max_by(|a, b| a.delivered.total_cmp(&b.delivered));
        let Some(best) = best.filter(|best| best.delivered > 0.0) else { return Ok(None) };
        // A rate that was not more than the target could do bounds its saturation from below.
        let bound = curve.points.iter().all(|point| point.delivered >= 0.97 * point.offered());
        let word = if bound { ", which is no more than it was offered: a bound from below" } else { "" };
        let source = format!("run {}, sweep: most delivered, at {} offered per second{word}", run.name, best.rate);
        let of = |value: f64| Sourced { estimate: Estimate::exact(value), source: source.clone() };
        return Ok(Some((of(best.delivered * 3600.0), of(best.tokens))));
    }
    Ok(None)
}

/// Answers an hour and tokens per second of the steady window, or of the whole run where there is none: its tokens, over
/// the tokens of a graded answer.
async fn steady(
    store: &dyn Store,
    found: Found,
    notes: &mut Vec<String>,
) -> anyhow::Result<Option<(Sourced, Sourced)>> {
    let (tokens_per_second, of) = match (found.row.steady, found.row.tokens_per_second) {
        (Some(Steady { in_flight, tokens_per_second, .. }), _) => {
            (tokens_per_second, format!("steady with {in_flight:.1} in flight"))
        }
        (None, Some(whole)) => (whole, "whole run, without a steady window".to_owned()),
        (None, None) => return Ok(None),
    };
    let (target, scenario) = (&found.row.target, &found.row.scenario);
    let mut query = Query { run: Some(found.run), targets: vec![target.to_string()], limit: PAGE, ..Query::default() };
    let (mut tokens, mut graded) = (0_u64, 0_u64);
    loop {
        let page = store.samples(query.clone()).await?;
        let Some(last) = page.last() else { break };
        query.after = last.position;
        for recorded in page.iter().filter(|r| r.purpose == Purpose::Measure && r.sample.key.scenario == *scenario) {
            let answered = recorded.sample.exchanges.iter().filter(|e| Exchange::is_success(e));
            tokens += answered.map(|e| e.tokens_out().0).sum::<u64>();
            graded += u64::from(recorded.sample.finding.verdict.is_graded());
        }
    }
    if tokens == 0 || graded == 0 || tokens_per_second <= 0.0 {
        return Ok(None);
    }
    #[expect(clippy::cast_precision_loss, reason = "a rate for display")]
    let answers = tokens_per_second * graded as f64 / tokens as f64;
    let source = format!("{}, {of}", found.source);
    notes.push(format!(
        "the throughput of {target} is that of the load ({of}): a bound from below, and its saturation only if more at once \
         would not bring more, which a sweep tells"
    ));
    let of = |value: f64| Sourced { estimate: Estimate::exact(value), source: source.clone() };
    Ok(Some((of(answers * 3600.0), of(tokens_per_second))))
}
