//! The JSON format, also what `/api/v1/report` answers. Fields are only ever added; `schema` names the version.

use super::words::{exact_usd, rfc3339};
use super::{Report, total};
use crate::board::{Attainment, Breach, Calibrated, Figures, Latency, Probes, Steady, Stratum};
use crate::domain::{Component, Cost, Money, Split, Verdict};
use crate::stats::{self, PairedGap};
use serde::{Serialize, Serializer};
use std::collections::BTreeMap;

/// The version of everything below.
const SCHEMA: &str = "assayd.reports/1";

#[derive(Serialize)]
struct Reports<'a> {
    schema: &'static str,
    reports: Vec<ReportJson<'a>>,
}

#[derive(Serialize)]
struct ReportJson<'a> {
    run: &'a str,
    /// RFC 3339, UTC.
    started: String,
    /// Null while the run goes on.
    finished: Option<String>,
    complete: bool,
    /// Whether the timing of every row may be believed.
    valid: bool,
    /// What latencies count from: `send` (closed loop) or `scheduled` (open loop).
    clock: &'static str,
    /// In the order given; `domain` is null for totals.
    rows: Vec<RowJson<'a>>,
    /// Averages over subjects; left out where there is none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    board_averages: Vec<serde_json::Value>,
    /// Of each target and scenario whose items come in several forms.
    overfit_gaps: Vec<GapJson<'a>>,
    /// Accuracy by domain and capability, language, length class and what is hard.
    strata: Vec<StratumJson<'a>>,
    /// One-token questions beside the load, in no other figure.
    probes: Vec<ProbesJson<'a>>,
    /// What targets' hardware did over the run's whole window; left out where nothing was to be known of any.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    hardware: Vec<serde_json::Value>,
    /// This machine's own error; null where it was not asked for.
    calibration: Option<&'a Calibrated>,
    /// The curves of sweeps; left out where there is none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    sweeps: Vec<serde_json::Value>,
    /// What adaptive testing found out; left out where the run asked everything.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    campaigns: Vec<serde_json::Value>,
    /// What a reader must not overlook.
    caveats: Vec<String>,
    definitions: Vec<String>,
}

#[derive(Serialize)]
struct RowJson<'a> {
    target: &'a str,
    scenario: &'a str,
    domain: Option<&'a str>,
    split: Option<&'static str>,
    /// Every item there is was asked.
    census: bool,
    /// Rows of different provenance must not be pooled.
    provenance: &'a str,
    samples: u64,
    verdicts: BTreeMap<&'static str, u64>,
    /// Null where nothing was graded.
    accuracy: Option<Interval>,
    first_token_seconds: Quantiles,
    inter_token_seconds: Quantiles,
    per_output_token_seconds: Quantiles,
    duration_seconds: Quantiles,
    output_tokens_per_second: Option<Number>,
    /// `usage` or `events`.
    token_source: &'static str,
    goodput_per_second: Option<Number>,
    correct_goodput_per_second: Option<Number>,
    /// Null where nothing is known of it: without a price.
    cost: Option<CostJson>,
    /// Samples without a price: in no cost figure.
    unpriced_samples: u64,
    unknown: UnknownJson,
    /// What the known cost was for: first answers, retries, failed attempts, judges, hardware, energy, in whole nano-USD that
    /// add up to it; null where unpriced, or not kept.
    cost_by_cause_nano_usd: Option<BTreeMap<&'static str, i64>>,
    /// The mean over items of cost / probability of being right (Erol et al. 2025); null where unpriced, or not kept.
    cost_of_pass: Option<PassJson>,
    /// `estimated`, `lower_bound` (too few correct answers for more), `infinite` (none correct) or `unpriced`.
    cost_per_correct_status: &'static str,
    /// Null where unpriced; the bounds are null where none can be given.
    cost_per_correct_usd: Option<Interval>,
    /// With what failed or is unknown as +Inf.
    first_token_with_failures_seconds: Quantiles,
    duration_with_failures_seconds: Quantiles,
    /// Null for parts of a scenario, which share what was in flight.
    steady_window: Option<SteadyJson>,
    /// Null without an SLO.
    slo: Option<SloJson>,
    /// Whether the timing figures of the row's target and scenario may be believed.
    valid: bool,
    /// The rules that do not hold; not all of them make it invalid.
    reasons: Vec<ReasonJson>,
    /// Null where no meter told of it.
    energy: Option<EnergyJson>,
}

/// What the answers took of the target's devices; parts are null where they are not known of every sample.
#[derive(Serialize)]
struct EnergyJson {
    /// `measured`, `estimated` or `absent`.
    quality: &'static str,
    joules: Option<Number>,
    joules_per_correct: Option<Number>,
    device_busy_seconds: Option<Number>,
    co2e_grams: Option<Number>,
    co2e_grams_per_correct: Option<Number>,
}

#[derive(Serialize)]
struct SteadyJson {
    seconds: Number,
    in_flight: Number,
    output_tokens_per_second: Number,
}

/// The share of what was asked that was answered inside the SLO.
#[derive(Serialize)]
struct SloJson {
    attainment: Interval,
    asked: u64,
    goal: Number,
    /// `met`, `missed`, or `unresolved`: the interval straddles the goal.
    attained: &'static str,
}

/// Lags are in seconds, `underdelivered` and `not_kernel_stamped` are shares, `few_samples` counts answers.
#[derive(Serialize)]
struct ReasonJson {
    reason: &'static str,
    invalidates: bool,
    measured: Number,
    limit: Number,
}

#[derive(Serialize)]
struct Interval {
    estimate: Number,
    lower: Option<Number>,
    upper: Option<Number>,
}

/// Null was not measured; `"+Inf"`: so many failed that the quantile lies among them.
#[derive(Serialize)]
struct Quantiles {
    p50: Option<Number>,
    p99: Option<Number>,
}

/// Known cost: whole nano-USD, and the same as a decimal text in USD.
#[derive(Serialize)]
struct CostJson {
    nano_usd: i64,
    usd: String,
    components_nano_usd: BTreeMap<&'static str, i64>,
}

/// An item that was never answered right makes it infinite; how many those are, and the mean over the others.
#[derive(Serialize)]
struct PassJson {
    usd: Number,
    items: u64,
    never_right: u64,
    usd_of_others: Option<Number>,
}

/// Exchanges whose cost is only bounded; the bound is on top of the known cost.
#[derive(Serialize)]
struct UnknownJson {
    exchanges: u64,
    bound_nano_usd: i64,
}

#[derive(Serialize)]
struct ProbesJson<'a> {
    target: &'a str,
    asked: u64,
    failed: u64,
    /// From the send, successes only.
    first_token_seconds: Quantiles,
}

/// Paired: over items that were answered in their published form and in others.
#[derive(Serialize)]
struct GapJson<'a> {
    target: &'a str,
    /// The scenario.
    on: &'a str,
    provenance: &'a str,
    public_accuracy: Number,
    public_graded: u64,
    fresh_accuracy: Number,
    fresh_graded: u64,
    gap: Interval,
    pairs: u64,
    p_value: Number,
    /// `newcombe` (score interval for pairs, exact McNemar) or `student` (t over items).
    method: &'static str,
}

#[derive(Serialize)]
struct StratumJson<'a> {
    target: &'a str,
    scenario: &'a str,
    provenance: &'a str,
    /// `domain-capability`, `language`, `length` or `hard`.
    by: &'static str,
    /// What tells it from the others of its cut: domain and capability, or one word.
    stratum: Vec<&'a str>,
    items: u64,
    /// The share of the items of its cut.
    weight: Number,
    samples: u64,
    verdicts: BTreeMap<&'static str, u64>,
    /// Null where nothing was graded.
    accuracy: Option<Interval>,
}

/// A number; JSON has no infinity, so it is the text `"+Inf"`.
struct Number(f64);

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0 == f64::INFINITY { serializer.serialize_str("+Inf") } else { serializer.serialize_f64(self.0) }
    }
}

/// Renders reports as one document.
pub(super) fn render(reports: &[Report]) -> String {
    let document = Reports { schema: SCHEMA, reports: reports.iter().map(report).collect() };
    // Nothing in these types can fail to serialise: keys are texts, and there is no I/O.
    serde_json::to_string_pretty(&document).unwrap_or_default() + "\n"
}

fn report(report: &Report) -> ReportJson<'_> {
    ReportJson {
        run: &report.run,
        started: rfc3339(report.started_unix_ms),
        finished: report.finished_unix_ms.map(rfc3339),
        complete: report.complete,
        valid: report.is_valid(),
        clock: report.clock(),
        rows: report.rows.iter().map(|f| row(report, f)).collect(),
        board_averages: super::boards::json(report),
        overfit_gaps: report.rows.iter().filter(|f| f.is_whole()).filter_map(gap).collect(),
        strata: report.strata.iter().map(stratum).collect(),
        probes: report.probes.iter().map(probes).collect(),
        hardware: super::hardware::json(report),
        calibration: report.calibrated.as_ref(),
        sweeps: super::curve::json(report),
        campaigns: super::campaign::json(report),
        caveats: report.caveats(),
        definitions: report.definitions(),
    }
}

fn row<'a>(report: &Report, figures: &'a Figures) -> RowJson<'a> {
    let Figures {
        target,
        scenario,
        domain,
        split,
        provenance,
        verdicts,
        accuracy,
        first_token,
        inter_token,
        per_output_token,
        duration,
        first_token_with_failures,
        duration_with_failures,
        tokens_per_second,
        token_source,
        steady,
        goodput,
        correct_goodput,
        attainment,
        validity,
        cost,
        drawn,
        unpriced,
        unknown,
        per_correct,
        causes,
        cost_of_pass,
        // A list of its own.
        gap: _,
    } = figures;
    RowJson {
        target: target.as_str(),
        scenario: scenario.as_str(),
        domain: domain.as_deref(),
        split: split.map(Split::label),
        census: report.is_census(figures),
        provenance: provenance.as_str(),
        samples: total(figures),
        verdicts: Verdict::ALL.map(Verdict::label).into_iter().zip(*verdicts).collect(),
        accuracy: accuracy.map(interval),
        first_token_seconds: quantiles(*first_token),
        inter_token_seconds: quantiles(*inter_token),
        per_output_token_seconds: quantiles(*per_output_token),
        duration_seconds: quantiles(*duration),
        output_tokens_per_second: number(*tokens_per_second),
        token_source: token_source.label(),
        goodput_per_second: number(*goodput),
        correct_goodput_per_second: number(*correct_goodput),
        cost: (!figures.is_costless()).then(|| money(cost)),
        unpriced_samples: *unpriced,
        unknown: UnknownJson { exchanges: unknown.0, bound_nano_usd: unknown.1.nanos() },
        cost_by_cause_nano_usd: causes
            .filter(|_| !figures.is_costless())
            .map(|causes| causes.parts().map(|(word, part)| (word, part.nanos())).into()),
        cost_of_pass: cost_of_pass.map(|pass| PassJson {
            usd: Number(pass.value()),
            items: pass.items,
            never_right: pass.never,
            usd_of_others: number(pass.solved),
        }),
        cost_per_correct_status: status(figures),
        cost_per_correct_usd: per_correct.map(|p| Interval {
            estimate: Number(p.estimate),
            lower: number(Some(p.lower)),
            upper: number(p.upper),
        }),
        first_token_with_failures_seconds: quantiles(*first_token_with_failures),
        duration_with_failures_seconds: quantiles(*duration_with_failures),
        steady_window: steady.map(|Steady { seconds, in_flight, tokens_per_second }| SteadyJson {
            seconds: Number(seconds),
            in_flight: Number(in_flight),
            output_tokens_per_second: Number(tokens_per_second),
        }),
        slo: attainment.map(|attainment| {
            let Attainment { share, goal, asked } = attainment;
            SloJson { attainment: interval(share), asked, goal: Number(goal), attained: attainment.attained().label() }
        }),
        valid: validity.is_valid(),
        reasons: validity.breaches.iter().map(reason).collect(),
        energy: (drawn.metered + drawn.timed > 0).then(|| EnergyJson {
            quality: drawn.quality().label(),
            joules: number(drawn.joules()),
            joules_per_correct: number(figures.joules_per_correct()),
            device_busy_seconds: number(drawn.device_seconds()),
            co2e_grams: number(drawn.grams()),
            co2e_grams_per_correct: number(figures.grams_per_correct()),
        }),
    }
}

fn reason(breach: &Breach) -> ReasonJson {
    let Breach { reason, measured, limit } = *breach;
    ReasonJson {
        reason: reason.label(),
        invalidates: reason.invalidates(),
        measured: Number(measured),
        limit: Number(limit),
    }
}

fn status(f: &Figures) -> &'static str {
    match (f.cost_estimate(), f.cost_upper()) {
        (None, _) => "unpriced",
        (Some(x), _) if x.is_infinite() => "infinite",
        (Some(_), None) => "lower_bound",
        (Some(_), Some(_)) => "estimated",
    }
}

fn probes(probes: &Probes) -> ProbesJson<'_> {
    let Probes { target, asked, failed, first_token } = probes;
    ProbesJson { target: target.as_str(), asked: *asked, failed: *failed, first_token_seconds: quantiles(*first_token) }
}

fn gap(row: &Figures) -> Option<GapJson<'_>> {
    let PairedGap { difference, base, forms, pairs, answers, p, method } = row.gap?;
    Some(GapJson {
        target: row.target.as_str(),
        on: row.scenario.as_str(),
        provenance: row.provenance.as_str(),
        public_accuracy: Number(base),
        public_graded: answers.0,
        fresh_accuracy: Number(forms),
        fresh_graded: answers.1,
        gap: interval(difference),
        pairs,
        p_value: Number(p),
        method: method.label(),
    })
}

fn stratum(stratum: &Stratum) -> StratumJson<'_> {
    let Stratum { target, scenario, provenance, place, items, weight, verdicts, accuracy } = stratum;
    StratumJson {
        target: target.as_str(),
        scenario: scenario.as_str(),
        provenance: provenance.as_str(),
        by: place.cut(),
        stratum: place.labels(),
        items: *items,
        weight: Number(*weight),
        samples: verdicts.iter().sum(),
        verdicts: Verdict::ALL.map(Verdict::label).into_iter().zip(*verdicts).collect(),
        accuracy: accuracy.map(interval),
    }
}

fn money(cost: &Cost) -> CostJson {
    let total: Money = cost.total();
    let components = Component::ALL.map(|c| (c.label(), cost.get(c).nanos()));
    CostJson { nano_usd: total.nanos(), usd: exact_usd(total), components_nano_usd: components.into() }
}

fn interval(stats::Interval { estimate, lower, upper }: stats::Interval) -> Interval {
    Interval { estimate: Number(estimate), lower: Some(Number(lower)), upper: Some(Number(upper)) }
}

fn quantiles(latency: Latency) -> Quantiles {
    Quantiles { p50: number(latency.p50), p99: number(latency.p99) }
}

fn number(x: Option<f64>) -> Option<Number> {
    x.filter(|x| !x.is_nan()).map(Number)
}

#[cfg(test)]
mod tests {
    use super::super::fixture::report;
    use super::*;

    #[test]
    fn json_of_a_run() {
        let mut short = report();
        short.rows.retain(|f| ["micro", "dud", "local"].contains(&f.target.as_str()) && f.scenario.as_str() == "arith");
        insta::assert_snapshot!(render(&[short]));
    }

    #[test]
    fn it_is_one_json_document_whatever_the_figures() {
        let document: serde_json::Value = serde_json::from_str(&render(&[report(), report()])).unwrap();
        let reports = document.get("reports").unwrap().as_array().unwrap();
        assert_eq!(reports.len(), 2);
        let statuses: Vec<_> = reports[0]["rows"]
            .as_array()
            .unwrap()
            .iter()
            .map(|r| r["cost_per_correct_status"].as_str().unwrap())
            .collect();
        for status in ["estimated", "lower_bound", "infinite", "unpriced"] {
            assert!(statuses.contains(&status), "{statuses:?}");
        }
    }
}
