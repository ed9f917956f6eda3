//! The board's text form, so that a restart need not read every sample again, and retention takes nothing away.
//!
//! It holds the totals and the figures of ended runs, not the tallies of the run that goes on: those come back from its
//! samples. A record type of its own: neither the domain nor the board's layout is a file format.

use super::hardware::HardwareText;
use super::latencies::LatencyText;
use super::{
    Attainment, Board, Breach, Buckets, By, Calibrated, Calibration, Campaigned, Causes, Cell, CostOfPass, Counters,
    Drawn, Figures, Grids, Latency, Place, ProbeTotals, Probes, RESULTS, Reason, RunBoard, Since, Steady, Stratum,
    Validity,
};
use crate::domain::{Component, Cost, Fingerprint, Money, Name, RunId, Split, TokenSource};
use crate::stats::{Interval, Method, PairedGap, PerCorrect};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

const VERSION: u32 = 1;

#[derive(Serialize, Deserialize)]
struct Text {
    version: u32,
    cells: Vec<CellText>,
    latencies: Vec<LatencyText>,
    ended: Vec<(String, String, u64)>,
    runs: Vec<RunText>,
    #[serde(default)]
    calibration: Option<Calibration>,
    #[serde(default)]
    probes: Vec<ProbeTotalsText>,
    #[serde(default)]
    drawn: Vec<(String, Drawn)>,
    /// What the histograms stand on; none where they stand on the default grids.
    #[serde(default)]
    grids: Vec<String>,
    /// Checkpoints from before it was kept don't know.
    #[serde(default)]
    since: Since,
}

#[derive(Serialize, Deserialize)]
struct ProbeTotalsText {
    target: String,
    ok: u64,
    failures: Vec<u64>,
    first_token: (Vec<u64>, String),
}

#[derive(Serialize, Deserialize)]
struct ProbesText {
    target: String,
    asked: u64,
    failed: u64,
    first_token: (Option<f64>, Option<f64>),
}

#[derive(Serialize, Deserialize)]
struct CellText {
    labels: [String; 4],
    answers: Vec<u64>,
    good: u64,
    ok: u64,
    failures: Vec<u64>,
    tokens: Vec<u64>,
    cost: Vec<i64>,
    unpriced: u64,
    unknown: u64,
    /// How many, over, under. Checkpoints from before there were these have none.
    #[serde(default)]
    reported: (u64, i64, i64),
}

#[derive(Serialize, Deserialize)]
struct RunText {
    id: i64,
    name: String,
    open_loop: bool,
    started: i64,
    finished: i64,
    result: String,
    rows: Vec<(u8, RowText)>,
    #[serde(default)]
    calibrated: Option<Calibrated>,
    #[serde(default)]
    probes: Vec<ProbesText>,
    /// Checkpoints from before there were these have none.
    #[serde(default)]
    strata: Vec<StratumText>,
    #[serde(default)]
    hardware: Vec<HardwareText>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    campaigns: Vec<Campaigned>,
}

#[derive(Serialize, Deserialize)]
struct StratumText {
    /// Target, scenario, provenance.
    labels: [String; 3],
    cut: String,
    place: Vec<String>,
    items: u64,
    weight: f64,
    verdicts: Vec<u64>,
    accuracy: Option<(f64, f64, f64)>,
}

/// Difference, lower, upper; both shares; pairs, answers; p, method.
type GapText = ((f64, f64, f64), (f64, f64), (u64, u64, u64), (f64, String));

#[derive(Serialize, Deserialize)]
struct RowText {
    labels: [String; 3],
    domain: Option<String>,
    split: Option<String>,
    verdicts: Vec<u64>,
    accuracy: Option<(f64, f64, f64)>,
    latencies: [(Option<f64>, Option<f64>); 4],
    rates: [Option<f64>; 3],
    by_events: bool,
    cost: Vec<i64>,
    unpriced: u64,
    unknown: (u64, i64),
    /// None as estimate is +Inf, which JSON can't hold.
    per_correct: Option<(Option<f64>, f64, Option<f64>)>,
    /// Checkpoints from before there were these have none.
    #[serde(default)]
    load: LoadText,
    #[serde(default)]
    gap: Option<GapText>,
    #[serde(default)]
    drawn: Drawn,
    #[serde(default)]
    causes: Option<Causes>,
    #[serde(default)]
    cost_of_pass: Option<CostOfPass>,
}

/// What a row says of the load and the SLO.
#[derive(Default, Serialize, Deserialize)]
struct LoadText {
    /// With failures: time to first token, duration; each p50 and p99, "+Inf" as text.
    with_failures: [(QuantileText, QuantileText); 2],
    /// Seconds, in flight, tokens per second.
    steady: Option<(f64, f64, f64)>,
    /// Estimate, lower, upper, goal, asked.
    attainment: Option<(f64, f64, f64, f64, u64)>,
    /// Reason, measured, limit.
    breaches: Vec<(String, f64, f64)>,
}

/// A quantile that may be infinite, which JSON can't hold.
#[derive(Default, Clone, Copy, Serialize, Deserialize)]
enum QuantileText {
    #[default]
    None,
    Finite(f64),
    Infinite,
}

impl QuantileText {
    fn of(quantile: Option<f64>) -> Self {
        match quantile {
            None => Self::None,
            Some(x) if x.is_infinite() => Self::Infinite,
            Some(x) => Self::Finite(x),
        }
    }

    const fn value(self) -> Option<f64> {
        match self {
            Self::None => None,
            Self::Finite(x) => Some(x),
            Self::Infinite => Some(f64::INFINITY),
        }
    }
}

fn cost_out(cost: &Cost) -> Vec<i64> {
    Component::ALL.into_iter().map(|c| cost.get(c).nanos()).collect()
}

fn cost_in(nanos: &[i64]) -> Cost {
    Component::ALL.into_iter().zip(nanos).fold(Cost::ZERO, |sum, (c, n)| sum.with(c, Money::from_nanos(*n)))
}

fn array<const N: usize>(counts: &[u64]) -> [u64; N] {
    let mut all = [0; N];
    all.iter_mut().zip(counts).for_each(|(slot, n)| *slot = *n);
    all
}

fn name(text: &str) -> Result<Name, String> {
    Name::new(text).map_err(|e| format!("the checkpoint has a bad name: {e}"))
}

impl Board {
    /// The text form.
    #[must_use]
    pub fn to_text(&self) -> String {
        let Self { counters, latencies, drawn, probes, runs, ended, calibration, position: _, grids, since } = self;
        let text = Text {
            version: VERSION,
            cells: counters.iter().map(cell_out).collect(),
            latencies: latencies.iter().map(LatencyText::of).collect(),
            ended: ended.iter().map(|((name, result), n)| (name.clone(), (*result).to_owned(), *n)).collect(),
            runs: runs.iter().filter_map(run_out).collect(),
            calibration: calibration.clone(),
            probes: probes.iter().map(totals_out).collect(),
            drawn: drawn.iter().map(|(target, drawn)| (target.to_string(), *drawn)).collect(),
            grids: grids.names(),
            since: *since,
        };
        serde_json::to_string(&text).unwrap_or_default()
    }

    /// Reads [`Board::to_text`] back; `position` is the last sample that is in it.
    ///
    /// # Errors
    /// In words, when it is no such text.
    pub fn from_text(text: &str, position: i64) -> Result<Self, String> {
        let text: Text = serde_json::from_str(text).map_err(|e| format!("the checkpoint can't be read: {e}"))?;
        if text.version != VERSION {
            return Err(format!("the checkpoint is of version {}, this assayd knows {VERSION}", text.version));
        }
        let grids = Grids::named(&text.grids);
        let mut board = Self { position, calibration: text.calibration, grids, since: text.since, ..Self::default() };
        for cell in &text.cells {
            let (labels, counters) = cell_in(cell)?;
            board.counters.insert(labels, counters);
        }
        for latencies in text.latencies {
            let (target, scenario, latencies) = latencies.read(&grids);
            board.latencies.insert((name(&target)?, name(&scenario)?), latencies);
        }
        for (run, result, n) in text.ended {
            if let Some(result) = RESULTS.into_iter().find(|r| *r == result) {
                board.ended.insert((run, result), n);
            }
        }
        for probes in text.probes {
            let (target, totals) = totals_in(probes, &grids)?;
            board.probes.insert(target, totals);
        }
        for (target, drawn) in text.drawn {
            board.drawn.insert(name(&target)?, drawn);
        }
        for run in text.runs {
            let id = RunId(run.id);
            board.runs.insert(id, run_in(run)?);
        }
        Ok(board)
    }
}

fn cell_out((cell, counters): (&Cell, &Counters)) -> CellText {
    let Cell { target, scenario, domain, capability } = cell;
    let Counters { answers, good, ok, failures, tokens, cost, unpriced, unknown, .. } = counters;
    let Counters { reported, reported_over, reported_under, .. } = counters;
    CellText {
        labels: [target.to_string(), scenario.to_string(), domain.to_string(), capability.to_string()],
        answers: answers.to_vec(),
        good: *good,
        ok: *ok,
        failures: failures.to_vec(),
        tokens: tokens.to_vec(),
        cost: cost_out(cost),
        unpriced: *unpriced,
        unknown: *unknown,
        reported: (*reported, reported_over.nanos(), reported_under.nanos()),
    }
}

fn cell_in(text: &CellText) -> Result<(Cell, Counters), String> {
    let CellText {
        labels: [target, scenario, domain, capability],
        answers,
        good,
        ok,
        failures,
        tokens,
        cost,
        unpriced,
        unknown,
        reported: (reported, over, under),
    } = text;
    let cell = Cell {
        target: name(target)?,
        scenario: name(scenario)?,
        domain: domain.as_str().into(),
        capability: capability.as_str().into(),
    };
    let counters = Counters {
        answers: array(answers),
        good: *good,
        ok: *ok,
        failures: array(failures),
        tokens: array(tokens),
        cost: cost_in(cost),
        unpriced: *unpriced,
        unknown: *unknown,
        reported: *reported,
        reported_over: Money::from_nanos(*over),
        reported_under: Money::from_nanos(*under),
    };
    Ok((cell, counters))
}

fn totals_out((target, totals): (&Name, &ProbeTotals)) -> ProbeTotalsText {
    let ProbeTotals { first_token, ok, failures } = totals;
    let (counts, sum) = first_token.parts();
    let first_token = (counts.to_vec(), sum.to_string());
    ProbeTotalsText { target: target.to_string(), ok: *ok, failures: failures.to_vec(), first_token }
}

fn totals_in(text: ProbeTotalsText, grids: &Grids) -> Result<(Name, ProbeTotals), String> {
    let ProbeTotalsText { target, ok, failures, first_token: (counts, sum) } = text;
    let mut totals = ProbeTotals { ok, failures: array(&failures), ..ProbeTotals::on(grids) };
    let first_token = sum.parse().ok().and_then(|sum| Buckets::from_parts(grids.first_token, counts, sum));
    first_token.into_iter().for_each(|first_token| totals.first_token = first_token);
    Ok((name(&target)?, totals))
}

fn probes_out(probes: &Probes) -> ProbesText {
    let Probes { target, asked, failed, first_token: Latency { p50, p99 } } = probes;
    ProbesText { target: target.to_string(), asked: *asked, failed: *failed, first_token: (*p50, *p99) }
}

fn probes_in(text: ProbesText) -> Result<Probes, String> {
    let ProbesText { target, asked, failed, first_token: (p50, p99) } = text;
    Ok(Probes { target: name(&target)?, asked, failed, first_token: Latency { p50, p99 } })
}

fn run_out((id, run): (&RunId, &RunBoard)) -> Option<RunText> {
    let (finished, result) = run.finished?;
    let rows = run.figures.iter().flat_map(|(by, rows)| rows.iter().map(|row| (*by as u8, row_out(row))));
    Some(RunText {
        id: id.0,
        name: run.name.clone(),
        open_loop: run.open_loop,
        started: run.started_unix_ms,
        finished,
        result: result.to_owned(),
        rows: rows.collect(),
        calibrated: run.calibrated.clone(),
        probes: run.probes.iter().map(probes_out).collect(),
        strata: run.strata.iter().map(stratum_out).collect(),
        hardware: run.hardware.iter().map(HardwareText::from).collect(),
        campaigns: run.campaigns.clone(),
    })
}

fn run_in(text: RunText) -> Result<RunBoard, String> {
    let RunText {
        id: _,
        name,
        open_loop,
        started,
        finished,
        result,
        rows,
        calibrated,
        probes,
        strata,
        hardware,
        campaigns,
    } = text;
    let result = RESULTS.into_iter().find(|r| *r == result).ok_or("the checkpoint has an unknown result")?;
    let mut figures: BTreeMap<By, Vec<Figures>> = By::ALL.into_iter().map(|by| (by, Vec::new())).collect();
    for (by, row) in rows {
        let by = By::ALL.into_iter().find(|b| *b as u8 == by).ok_or("the checkpoint has an unknown cut")?;
        figures.entry(by).or_default().push(row_in(row)?);
    }
    Ok(RunBoard {
        name,
        open_loop,
        started_unix_ms: started,
        finished: Some((finished, result)),
        calibrated,
        tallies: BTreeMap::new(),
        loads: BTreeMap::new(),
        probing: BTreeMap::new(),
        figures,
        probes: probes.into_iter().map(probes_in).collect::<Result<_, String>>()?,
        strata: strata.into_iter().map(stratum_in).collect::<Result<_, String>>()?,
        hardware: hardware.into_iter().map(HardwareText::read).collect::<Result<_, String>>()?,
        campaigns,
        served: BTreeMap::new(),
    })
}

fn stratum_out(stratum: &Stratum) -> StratumText {
    let Stratum { target, scenario, provenance, place, items, weight, verdicts, accuracy } = stratum;
    StratumText {
        labels: [target.to_string(), scenario.to_string(), provenance.to_string()],
        cut: place.cut().to_owned(),
        place: place.labels().into_iter().map(str::to_owned).collect(),
        items: *items,
        weight: *weight,
        verdicts: verdicts.to_vec(),
        accuracy: accuracy.as_ref().map(|i| (i.estimate, i.lower, i.upper)),
    }
}

fn stratum_in(text: StratumText) -> Result<Stratum, String> {
    let StratumText { labels: [target, scenario, provenance], cut, place, items, weight, verdicts, accuracy } = text;
    Ok(Stratum {
        target: name(&target)?,
        scenario: name(&scenario)?,
        provenance: Fingerprint::from_text(&provenance),
        place: Place::from_labels(&cut, &place).ok_or("the checkpoint has an unknown stratum")?,
        items,
        weight,
        verdicts: array(&verdicts),
        accuracy: accuracy.map(|(estimate, lower, upper)| Interval { estimate, lower, upper }),
    })
}

fn gap_out(gap: &PairedGap) -> GapText {
    let PairedGap { difference: d, base, forms, pairs, answers, p, method } = gap;
    let counts = (*pairs, answers.0, answers.1);
    ((d.estimate, d.lower, d.upper), (*base, *forms), counts, (*p, method.label().to_owned()))
}

/// None where the method is not known any more.
fn gap_in(text: GapText) -> Option<PairedGap> {
    let ((estimate, lower, upper), (base, forms), (pairs, first, others), (p, method)) = text;
    let method = Method::ALL.into_iter().find(|m| m.label() == method)?;
    let difference = Interval { estimate, lower, upper };
    Some(PairedGap { difference, base, forms, pairs, answers: (first, others), p, method })
}

fn row_out(row: &Figures) -> RowText {
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
        validity: Validity { breaches },
        cost,
        drawn,
        unpriced,
        unknown,
        per_correct,
        causes,
        cost_of_pass,
        gap,
    } = row;
    let load = LoadText {
        with_failures: [first_token_with_failures, duration_with_failures]
            .map(|l| (QuantileText::of(l.p50), QuantileText::of(l.p99))),
        steady: steady.map(|s| (s.seconds, s.in_flight, s.tokens_per_second)),
        attainment: attainment.map(|a| (a.share.estimate, a.share.lower, a.share.upper, a.goal, a.asked)),
        breaches: breaches.iter().map(|b| (b.reason.label().to_owned(), b.measured, b.limit)).collect(),
    };
    let latencies = [first_token, inter_token, per_output_token, duration].map(|l| (l.p50, l.p99));
    RowText {
        labels: [target.to_string(), scenario.to_string(), provenance.to_string()],
        domain: domain.clone(),
        split: split.map(|s| s.label().to_owned()),
        verdicts: verdicts.to_vec(),
        accuracy: accuracy.as_ref().map(|i| (i.estimate, i.lower, i.upper)),
        latencies,
        rates: [*tokens_per_second, *goodput, *correct_goodput],
        by_events: *token_source == TokenSource::Events,
        cost: cost_out(cost),
        unpriced: *unpriced,
        unknown: (unknown.0, unknown.1.nanos()),
        per_correct: per_correct.as_ref().map(|p| (Some(p.estimate).filter(|e| e.is_finite()), p.lower, p.upper)),
        load,
        gap: gap.as_ref().map(gap_out),
        causes: *causes,
        cost_of_pass: *cost_of_pass,
        drawn: *drawn,
    }
}

fn row_in(text: RowText) -> Result<Figures, String> {
    let RowText {
        labels: [target, scenario, provenance],
        domain,
        split,
        verdicts,
        accuracy,
        latencies,
        rates: [tokens_per_second, goodput, correct_goodput],
        by_events,
        cost,
        unpriced,
        unknown,
        per_correct,
        load: LoadText { with_failures, steady, attainment, breaches },
        gap,
        drawn,
        causes,
        cost_of_pass,
    } = text;
    let [first_token, inter_token, per_output_token, duration] = latencies.map(|(p50, p99)| Latency { p50, p99 });
    let [first_token_with_failures, duration_with_failures] =
        with_failures.map(|(p50, p99)| Latency { p50: p50.value(), p99: p99.value() });
    // A reason that is not known any more is left out with its rule.
    let breaches = breaches
        .into_iter()
        .filter_map(|(reason, measured, limit)| Some(Breach { reason: Reason::from_label(&reason)?, measured, limit }));
    Ok(Figures {
        target: name(&target)?,
        scenario: name(&scenario)?,
        domain,
        split: split.as_deref().and_then(Split::from_label),
        provenance: Fingerprint::from_text(&provenance),
        verdicts: array(&verdicts),
        accuracy: accuracy.map(|(estimate, lower, upper)| Interval { estimate, lower, upper }),
        first_token,
        inter_token,
        per_output_token,
        duration,
        first_token_with_failures,
        duration_with_failures,
        tokens_per_second,
        token_source: if by_events { TokenSource::Events } else { TokenSource::Usage },
        steady: steady.map(|(seconds, in_flight, tokens_per_second)| Steady { seconds, in_flight, tokens_per_second }),
        goodput,
        correct_goodput,
        attainment: attainment.map(|(estimate, lower, upper, goal, asked)| Attainment {
            share: Interval { estimate, lower, upper },
            goal,
            asked,
        }),
        validity: Validity { breaches: breaches.collect() },
        cost: cost_in(&cost),
        drawn,
        unpriced,
        unknown: (unknown.0, Money::from_nanos(unknown.1)),
        per_correct: per_correct.map(|(estimate, lower, upper)| PerCorrect {
            estimate: estimate.unwrap_or(f64::INFINITY),
            lower,
            upper,
        }),
        causes,
        cost_of_pass,
        gap: gap.and_then(gap_in),
    })
}

#[cfg(test)]
mod tests;
