//! JSON: every figure unrounded, and the sentences.

use super::Document;
use crate::domain::Verdict;
use crate::export::report::{exact_usd, rfc3339};
use crate::stats::{Interval, PerCorrect};
use crate::verdict::{
    Cabinet, Comparison, Ends, Gap, KinPair, OwnAgainstApi, Pair, Part, Quantiles, Scheme, ShownBy, Standing, Tradeoffs,
};
use serde_json::{Map, Value, json};

pub(super) fn render(document: &Document) -> String {
    let comparison = &document.comparison;
    let parts = comparison.standings.iter().map(|(part, standings)| {
        let pairs = comparison.pairs.get(part).into_iter().flatten();
        json!({
            "part": named(part),
            "targets": standings.iter().map(standing).collect::<Vec<_>>(),
            "pairs": pairs.map(pair).collect::<Vec<_>>(),
        })
    });
    let runs = comparison
        .runs
        .iter()
        .map(|(name, begun, result)| json!({ "name": name, "started": rfc3339(*begun), "result": result }));
    let left = comparison.left_out.iter().map(
        |left| json!({ "target": left.target.as_str(), "scenario": left.scenario.as_str(), "samples": left.samples }),
    );
    let whole = json!({
        "schema": "assayd.compare/1",
        "made": rfc3339(document.made_unix_ms),
        "version": env!("CARGO_PKG_VERSION"),
        "source": document.source,
        "runs": runs.collect::<Vec<_>>(),
        "baseline": comparison.baseline.as_ref().map(|name| name.as_str()),
        "verdict": document.sentences(),
        "parts": parts.collect::<Vec<_>>(),
        "overfit_gaps": comparison.gaps.iter().map(gap).collect::<Vec<_>>(),
        "kin": comparison.kin.iter().map(kin).collect::<Vec<_>>(),
        "council": comparison.cabinet.as_ref().map(cabinet),
        "left_out": left.collect::<Vec<_>>(),
        "tradeoffs": comparison.tradeoffs.as_ref().map(tradeoffs),
        "break_even": comparison.duties.iter().map(break_even).collect::<Vec<_>>(),
        "origin": origin(comparison),
        "notes": document.notes(),
        "not_measured": document.not_measured(),
    });
    format!("{whole:#}\n")
}

fn named(part: &Part) -> Value {
    match part {
        Part::All => json!({ "kind": "all" }),
        Part::Scenario(name) => json!({ "kind": "scenario", "name": name.as_str() }),
        Part::Domain(domain) => json!({ "kind": "domain", "name": domain }),
    }
}

fn interval(interval: &Interval) -> Value {
    json!({ "estimate": interval.estimate, "lower": interval.lower, "upper": interval.upper })
}

/// An infinite estimate (nothing was right) is null, like an upper end that is not known.
fn per_correct(cost: &PerCorrect) -> Value {
    let estimate = cost.estimate.is_finite().then_some(cost.estimate);
    json!({ "estimate": estimate, "lower": cost.lower, "upper": cost.upper })
}

fn quantiles(quantiles: Quantiles) -> Value {
    let Quantiles { p50, p99, p50_ends, p99_ends } = quantiles;
    let ends = |ends: Ends| json!({ "lower": ends.lower, "upper": ends.upper });
    json!({ "p50": p50, "p99": p99, "p50_interval": ends(p50_ends), "p99_interval": ends(p99_ends) })
}

fn standing(standing: &Standing) -> Value {
    let counted = Verdict::ALL.iter().map(|verdict| (verdict.label().to_owned(), standing.count(*verdict).into()));
    let verdicts: Map<String, Value> = counted.collect();
    json!({
        "target": standing.target.as_str(),
        "items": standing.items,
        "samples": standing.samples(),
        "verdicts": verdicts,
        "accuracy": standing.accuracy.as_ref().map(interval),
        "cost_per_correct_usd": standing.per_correct.as_ref().map(per_correct),
        "cost_usd": exact_usd(standing.cost),
        "unknown_bound_usd": exact_usd(standing.bound),
        "unpriced": standing.unpriced,
        "good": standing.good,
        "ttft_seconds": standing.first.map(quantiles),
        "duration_seconds": standing.whole.map(quantiles),
        "output_tokens": standing.tokens,
        "joules_per_correct": standing.joules,
    })
}

fn pair(pair: &Pair) -> Value {
    json!({
        "a": pair.a.as_str(),
        "b": pair.b.as_str(),
        "items": pair.items,
        "only_a": pair.only.map(|only| only.0),
        "only_b": pair.only.map(|only| only.1),
        "accuracy_difference": interval(&pair.difference),
        "p": pair.p,
        "cost_ratio": pair.cost_ratio.as_ref().map(interval),
        "cost_p": pair.cost_p,
    })
}

fn gap(gap: &Gap) -> Value {
    json!({
        "target": gap.target.as_str(),
        "scenario": gap.scenario.as_str(),
        "items": gap.items,
        "gap": interval(&gap.gap),
        "p": gap.p,
    })
}

fn kin(pair: &KinPair) -> Value {
    json!({
        "a": pair.a.as_str(),
        "b": pair.b.as_str(),
        "compared": pair.compared,
        "same": pair.same,
        "expected": pair.expected,
        "excess": pair.excess,
        "p": pair.p,
        "kin": pair.is_kin(),
    })
}

fn cabinet(cabinet: &Cabinet) -> Value {
    let scored = |(accuracy, usd): (f64, f64)| json!({ "accuracy": accuracy, "usd_per_answer": usd });
    let ministers =
        cabinet.ministers.iter().map(|(domain, target)| json!({ "domain": domain, "target": target.as_str() }));
    json!({
        "ministers": ministers.collect::<Vec<_>>(),
        "best": cabinet.best.as_str(),
        "chosen_on": cabinet.chosen_on,
        "scored_on": cabinet.scored_on,
        "council": scored(cabinet.council),
        "best_alone": scored(cabinet.alone),
        "oracle": scored(cabinet.oracle),
        "accuracy_difference": cabinet.gap.as_ref().map(interval),
        "saving": cabinet.saving.as_ref().map(interval),
        "hull": cabinet.hull.iter().map(|name| name.as_str()).collect::<Vec<_>>(),
        "above_hull": cabinet.above_hull,
    })
}

fn scheme(scheme: &Scheme) -> Value {
    let weights: Map<String, Value> =
        scheme.weights.iter().map(|(measure, weight)| (measure.label().to_owned(), (*weight).into())).collect();
    json!({ "own": scheme.own, "weights": weights })
}

fn tradeoffs(traded: &Tradeoffs) -> Value {
    let Tradeoffs { measures, absent, places, volume, orders, amplitude, unusable, draws, seed } = traded;
    let absent: Map<String, Value> = absent
        .iter()
        .map(|(measure, lacks)| (measure.label().to_owned(), lacks.iter().map(|name| name.as_str()).collect()))
        .collect();
    let places = places.iter().map(|place| {
        json!({
            "target": place.target.as_str(),
            "frontier": place.frontier,
            "beaten_by": place.beaten_by.iter().map(|name| name.as_str()).collect::<Vec<_>>(),
            "own_hypervolume": place.own_volume,
            "scores": place.scores,
            "wins": place.wins.as_ref().map(interval),
            "weights_where_it_wins": place.example,
            "accuracy_weight_where_it_wins": place.accuracy_weight.map(|(from, to)| [from, to]),
            "ranks": place.ranks.map(|(best, worst)| [best, worst]),
        })
    });
    let orders = orders.iter().map(|ordered| {
        let order = ordered.order.iter().map(|(name, score)| json!({ "target": name.as_str(), "score": score }));
        json!({ "scheme": scheme(&ordered.scheme), "order": order.collect::<Vec<_>>() })
    });
    json!({
        "measures": measures.iter().map(|measure| measure.label()).collect::<Vec<_>>(),
        "not_measured_of": absent,
        "targets": places.collect::<Vec<_>>(),
        "hypervolume": volume,
        "orders": orders.collect::<Vec<_>>(),
        "rank_stability_amplitude": amplitude,
        "unusable_schemes": unusable.iter().map(scheme).collect::<Vec<_>>(),
        "weights_drawn": draws,
        "seed": seed,
    })
}

fn break_even(one: &OwnAgainstApi) -> Value {
    let duty = one.found.duty;
    json!({
        "own": one.own.as_str(),
        "api": one.api.as_str(),
        "usd_per_hour": one.per_hour,
        "energy_known": !one.without_energy,
        "answers_per_hour": one.answers_per_hour,
        "answers_per_hour_is": match one.shown { ShownBy::Sweep => "saturation", ShownBy::AtLeast { .. } => "lower_bound" },
        "duty": { "estimate": duty.value, "lower": duty.lower, "upper": duty.upper },
        "answers_per_day": one.found.answers_per_day,
        "verdict": one.found.verdict().label(),
    })
}

fn origin(comparison: &Comparison) -> Value {
    let background = &comparison.background;
    let served = background.served.iter().map(|served| {
        json!({
            "target": served.target.as_str(),
            "scenario": served.scenario.as_str(),
            "model": served.model,
            "provenance": served.provenance,
            "last_asked": rfc3339(served.at_unix_ms),
        })
    });
    let targets = comparison.declared.iter().map(|declared| {
        json!({
            "target": declared.target.as_str(),
            "api": declared.api,
            "url": declared.url,
            "model": declared.model,
            "sampling": declared.sampling,
            "price": declared.price,
            "meters": declared.meters,
        })
    });
    let runs = comparison.origins.iter().map(|run| {
        json!({
            "name": run.name,
            "plan": run.plan.as_str(),
            // As text: a seed has more digits than JavaScript's numbers keep.
            "seed": run.seed.to_string(),
            "started": rfc3339(run.started_unix_ms),
            "finished": run.finished_unix_ms.map(rfc3339),
            "result": run.result,
        })
    });
    let timing = background.timing.iter().map(|timing| {
        json!({
            "run": timing.run,
            "target": timing.target.as_str(),
            "scenario": timing.scenario.as_str(),
            "valid": timing.is_valid(),
            "reasons": timing.reasons.iter().map(|reason| reason.label()).collect::<Vec<_>>(),
            "clock": if timing.open_loop { "scheduled" } else { "send" },
            "correct_goodput_per_second": timing.correct_goodput,
        })
    });
    let hardware = background.used.iter().map(|used| {
        json!({
            "run": used.run,
            "target": used.target.as_str(),
            "seconds": used.seconds,
            "duty": used.duty.map(|(kind, share)| json!({ "kind": kind, "share": share })),
            "energy": used.joules.map(|(joules, quality)| json!({ "joules": joules, "quality": quality })),
            "flags": used.flags,
            "absent_meters": used.absent,
        })
    });
    json!({
        "targets": targets.collect::<Vec<_>>(),
        "served": served.collect::<Vec<_>>(),
        "runs": runs.collect::<Vec<_>>(),
        "timing": timing.collect::<Vec<_>>(),
        "hardware": hardware.collect::<Vec<_>>(),
    })
}
