//! How the table's metrics are read from a view: one small function for each shape of label set.

use super::{Sink, View};
use crate::board::{Buckets, Counters, Drawn, Figures, Latencies, ProbeTotals, Reason};
use crate::domain::{Component, Failure};
use crate::pricing::tokenizer::Audited;
use std::collections::BTreeSet;

/// The results of a run that have a series from the start.
const RESULTS: [&str; 3] = ["complete", "incomplete", "budget"];

pub(super) fn truth(yes: bool) -> f64 {
    f64::from(u8::from(yes))
}

pub(super) fn last_success(v: &View<'_>, s: &mut Sink) {
    for run in v.run_names() {
        let ms = v.last_success_unix_ms.get(run).copied().unwrap_or(0);
        #[expect(clippy::cast_precision_loss, reason = "milliseconds of this era are far below 2^53")]
        s.value(&[run], ms as f64 / 1e3);
    }
}

pub(super) fn circuits(v: &View<'_>, s: &mut Sink) {
    let targets = v.known.cells.iter().map(|cell| &cell.target).chain(v.circuits.keys());
    for target in targets.collect::<BTreeSet<_>>() {
        s.value(&[target.as_str()], truth(v.circuits.get(target).copied().unwrap_or(false)));
    }
}

pub(super) fn audits(v: &View<'_>, s: &mut Sink, read: fn(&Audited) -> u64) {
    v.audits.iter().for_each(|(target, audited)| s.count(&[target.as_str(), "output"], read(audited)));
}

pub(super) fn runs(v: &View<'_>, s: &mut Sink) {
    for run in v.run_names() {
        for result in RESULTS {
            s.count(&[run, result], v.board.ended.get(&(run.to_owned(), result)).copied().unwrap_or(0));
        }
    }
}

pub(super) fn budget_limits(v: &View<'_>, s: &mut Sink) {
    v.known.per_day.iter().for_each(|limit| s.value(&["day", ""], limit.usd()));
    for run in &v.known.runs {
        run.budget.iter().for_each(|limit| s.value(&["run", &run.name], limit.usd()));
    }
}

pub(super) fn budget_spent(v: &View<'_>, s: &mut Sink) {
    s.value(&["day", ""], v.spent_today.usd());
    for run in &v.known.runs {
        s.value(&["run", &run.name], v.spent_by_run.get(&run.name).copied().unwrap_or_default().usd());
    }
}

pub(super) fn row(v: &View<'_>, s: &mut Sink, read: impl Fn(&Figures) -> Option<f64>) {
    v.each_row(|labels, figures| read(figures).iter().for_each(|value| s.value(&labels, *value)));
}

pub(super) fn breaches(v: &View<'_>, s: &mut Sink) {
    v.each_row(|[target, scenario], figures| {
        for reason in Reason::ALL {
            let broken = figures.validity.reasons().any(|r| r == reason);
            s.value(&[target, scenario, reason.label()], truth(broken));
        }
    });
}

pub(super) fn cell(v: &View<'_>, s: &mut Sink, read: impl Fn(&Counters) -> u64) {
    v.each_cell(|labels, counters| s.count(&labels, read(counters)));
}

/// One series for each value of a closed set, in its order.
pub(super) fn spread<const N: usize>(v: &View<'_>, s: &mut Sink, set: [&str; N], read: impl Fn(&Counters) -> [u64; N]) {
    v.each_cell(|[target, scenario, domain, capability], counters| {
        for (label, count) in set.iter().zip(read(counters)) {
            s.count(&[target, scenario, domain, capability, label], count);
        }
    });
}

/// How an exchange can end: `ok`, or a failure.
pub(super) const OUTCOMES: [&str; Failure::ALL.len() + 1] = {
    let mut outcomes = ["ok"; Failure::ALL.len() + 1];
    let mut at = 0;
    while at < Failure::ALL.len() {
        outcomes[at + 1] = Failure::ALL[at].label();
        at += 1;
    }
    outcomes
};

pub(super) fn outcomes(counters: &Counters) -> [u64; OUTCOMES.len()] {
    let mut counts = [counters.ok; OUTCOMES.len()];
    counts.iter_mut().skip(1).zip(counters.failures).for_each(|(slot, n)| *slot = n);
    counts
}

/// What targets drew of their devices, where meters told.
fn drawn(v: &View<'_>, mut take: impl FnMut(&str, &Drawn)) {
    v.board.drawn.iter().for_each(|(target, drawn)| take(target.as_str(), drawn));
}

pub(super) fn joules(v: &View<'_>, s: &mut Sink) {
    drawn(v, |target, drawn| {
        if drawn.metered > 0 {
            s.value(&[target, "measured"], wide(drawn.measured) / 1e6);
            s.value(&[target, "estimated"], wide(drawn.estimated) / 1e6);
        }
    });
}

pub(super) fn device_seconds(v: &View<'_>, s: &mut Sink) {
    drawn(v, |target, drawn| {
        if drawn.timed > 0 {
            s.value(&[target], wide(drawn.device_nanos) / 1e9);
        }
    });
}

pub(super) fn grams(v: &View<'_>, s: &mut Sink) {
    drawn(v, |target, drawn| {
        if drawn.weighed > 0 {
            s.value(&[target], wide(drawn.nanograms) / 1e9);
        }
    });
}

#[expect(clippy::cast_precision_loss, reason = "a metric is a floating-point number")]
pub(super) fn wide(count: u64) -> f64 {
    count as f64
}

pub(super) fn probes(v: &View<'_>, s: &mut Sink) {
    for (target, ProbeTotals { first_token: _, ok, failures }) in &v.board.probes {
        for (outcome, count) in OUTCOMES.iter().zip([*ok].iter().chain(failures)) {
            s.count(&[target.as_str(), outcome], *count);
        }
    }
}

pub(super) fn cost(v: &View<'_>, s: &mut Sink) {
    v.each_cell(|[target, scenario, domain, capability], counters| {
        let unpriced = counters.unpriced > 0 || v.known.unpriced.iter().any(|name| name.as_str() == target);
        if unpriced && counters.cost.total().is_zero() {
            return;
        }
        for component in Component::ALL {
            let labels = [target, scenario, domain, capability, component.label()];
            s.value(&labels, counters.cost.get(component).usd());
        }
    });
}

pub(super) fn latency(v: &View<'_>, s: &mut Sink, read: impl Fn(&Latencies) -> &Buckets) {
    v.each_latency(|[target, scenario], latencies| s.histogram(&[target, scenario], read(latencies)));
}

type Pair<'a> = (&'a Buckets, &'a Buckets);

pub(super) fn clocks(v: &View<'_>, s: &mut Sink, read: impl Fn(&Latencies) -> Pair<'_>) {
    v.each_latency(|[target, scenario], latencies| {
        let (send, scheduled) = read(latencies);
        s.histogram(&[target, scenario, "send"], send);
        s.histogram(&[target, scenario, "scheduled"], scheduled);
    });
}
