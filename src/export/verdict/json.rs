//! JSON: every figure unrounded, and the sentences.

use super::Document;
use crate::domain::Verdict;
use crate::export::report::{exact_usd, rfc3339};
use crate::stats::{Interval, PerCorrect};
use crate::verdict::{Cabinet, Gap, KinPair, Pair, Part, Quantiles, Standing};
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
        "notes": document.notes(),
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
    json!({ "p50": quantiles.p50, "p99": quantiles.p99 })
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
    })
}
