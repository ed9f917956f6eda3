//! What grading anew has changed, for people and as JSON lines.

use crate::domain::{Finding, TrialKey};
use crate::engine::regrade::{Change, Regraded, Summary};
use crate::stats::Interval;
use serde_json::json;

/// A verdict that changed, as a line of text.
pub(super) fn line(change: &Change) -> String {
    let Change { position: _, key: TrialKey { run, target, scenario, item, repeat }, before, after } = change;
    let again = if *repeat > 0 { format!(" (repeat {repeat})") } else { String::new() };
    let words = |finding: &Finding| {
        let read = finding.extracted.as_ref().map_or_else(|| "nothing".to_owned(), |text| format!("{text:?}"));
        format!("{read} by {}", finding.rule)
    };
    format!(
        "run {run} {target} {scenario} {}{again}: {} → {}: {} → {}\n",
        item.as_str(),
        before.verdict.label(),
        after.verdict.label(),
        words(before),
        words(after)
    )
}

/// The same as a line of JSON.
pub(super) fn json(change: &Change) -> String {
    let Change { position, key: TrialKey { run, target, scenario, item, repeat }, before, after } = change;
    let of = |finding: &Finding| {
        let Finding { verdict, score, extracted, rule } = finding;
        json!({"verdict": verdict.label(), "score": score, "extracted": extracted, "rule": rule})
    };
    let line = json!({
        "position": position, "run": run.0, "target": target.as_str(), "scenario": scenario.as_str(),
        "item": item.as_str(), "repeat": repeat, "before": of(before), "after": of(after),
    });
    format!("{line}\n")
}

/// What it came to, for people.
pub(super) fn summary(done: &Regraded, dry: bool) -> String {
    let Regraded { summaries, left } = done;
    let mut out = String::new();
    let graded: u64 = summaries.values().map(|s| s.graded).sum();
    let changed: u64 = summaries.values().map(|s| s.changed).sum();
    let kept = if dry { "; nothing was kept (dry run)" } else { "" };
    out.push_str(&format!("{graded} answers graded anew, {changed} verdicts changed{kept}\n"));
    for ((target, scenario), summary) in summaries {
        let Summary { graded, changed, .. } = summary;
        let [before, after] = summary.accuracy().map(|interval| interval.map_or_else(|| "–".to_owned(), shown));
        out.push_str(&format!("  {target} {scenario}: {changed} of {graded} changed; accuracy {before} → {after}\n"));
    }
    for ((scenario, why), count) in left {
        out.push_str(&format!("  {count} of {scenario} were left: {}\n", why.words()));
    }
    out
}

fn shown(interval: Interval) -> String {
    let Interval { estimate, lower, upper } = interval;
    format!("{estimate:.4} ({lower:.4} to {upper:.4})")
}
