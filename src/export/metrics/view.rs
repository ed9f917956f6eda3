//! What metrics are read from: the board, and the facts around it, as plain borrowed data.

use super::{Exports, MeterFacts, Metric, Process};
use crate::board::{Board, Cell, Counters, Figures, Latencies};
use crate::domain::{Money, Name};
use crate::plan::{Plan, matches};
use crate::pricing::Price;
use crate::pricing::tokenizer::Audited;
use crate::telemetry::{Metered, Seen};
use std::collections::{BTreeMap, BTreeSet};

/// What is known before anything was asked, so that series begin at zero and label sets are closed.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Known {
    /// Every target × scenario × stratum that some run can fill.
    pub cells: BTreeSet<Cell>,
    /// Every run.
    pub runs: Vec<RunFacts>,
    /// Targets without a price: they have no cost series, since 0 would be a lie.
    pub unpriced: BTreeSet<Name>,
    /// USD per hour of the hardware of targets that are priced by the hour.
    pub hardware: BTreeMap<Name, f64>,
    /// Every target's meters.
    pub meters: Vec<MeterFacts>,
    /// Hard limit over all runs of a UTC day.
    pub per_day: Option<Money>,
    /// Patterns of the names of metrics that are switched off.
    pub off: Vec<String>,
}

/// A `[[run]]` as metrics know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunFacts {
    /// Its name.
    pub name: String,
    /// Hard limit of one execution.
    pub budget: Option<Money>,
}

impl Known {
    /// Reads them out of a plan.
    #[must_use]
    pub fn of(plan: &Plan) -> Self {
        let off = plan.metrics.off.iter().map(|off| off.pattern.clone()).collect();
        let mut known = Self { per_day: plan.budget_per_day, off, ..Self::default() };
        for target in &plan.targets {
            let facts = |Metered { kind, meter, attribution }: &Metered| MeterFacts {
                target: target.name.to_string(),
                kind,
                fingerprint: meter.fingerprint(),
                attribution: attribution.clone(),
            };
            known.meters.extend(target.meters.iter().map(facts));
        }
        for run in &plan.runs {
            known.runs.push(RunFacts { name: run.name.to_string(), budget: run.budget });
            for target in &run.targets {
                if target.price == Price::Unpriced {
                    known.unpriced.insert(target.name.clone());
                }
                if let Some(hardware) = target.price.hardware() {
                    let per_hour = Money::from_usd(hardware.per_hour).unwrap_or(Money::MAX).usd();
                    known.hardware.insert(target.name.clone(), per_hour);
                }
                for (scenario, tags) in run.scenarios.iter().flat_map(|s| s.strata.iter().map(move |t| (s, t))) {
                    known.cells.insert(Cell {
                        target: target.name.clone(),
                        scenario: scenario.name.clone(),
                        domain: tags.domain.clone(),
                        capability: tags.capability.clone(),
                    });
                }
            }
        }
        known
    }

    /// Whether a metric is switched off.
    pub(super) fn is_off(&self, metric: &Metric) -> bool {
        self.off.iter().any(|pattern| matches(pattern, metric.name))
    }

    /// Every target and scenario that can meet.
    pub fn pairs(&self) -> BTreeSet<(&Name, &Name)> {
        self.cells.iter().map(|c| (&c.target, &c.scenario)).collect()
    }
}

/// What this program is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Build {
    /// Its version.
    pub version: &'static str,
    /// The processor it was built for.
    pub arch: &'static str,
    /// The system it was built for.
    pub os: &'static str,
}

impl Build {
    /// This one.
    pub const CURRENT: Self =
        Self { version: env!("CARGO_PKG_VERSION"), arch: std::env::consts::ARCH, os: std::env::consts::OS };
}

/// Everything that metrics are read from, at one moment.
#[derive(Debug, Clone)]
pub struct View<'a> {
    /// The fold over samples.
    pub board: &'a Board,
    /// What the plan says.
    pub known: &'a Known,
    /// The figures of the last complete run of each target and scenario. Rows of single domains are passed over. Where
    /// several provenances share a target and scenario, the one with the most samples is shown.
    pub figures: &'a [Figures],
    /// Whether a target's last exchange got an answer; targets never asked are absent.
    pub up: &'a BTreeMap<Name, bool>,
    /// Whether a target is let alone since it is dead; targets never asked are absent.
    pub circuits: &'a BTreeMap<Name, bool>,
    /// What targets with a tokenizer of their own reported and what was counted here, since this process began.
    pub audits: &'a BTreeMap<Name, Audited>,
    /// When the last complete execution of a run ended, in milliseconds since the Unix epoch, by the run's name.
    pub last_success_unix_ms: &'a BTreeMap<String, i64>,
    /// Spent since midnight UTC over all runs, unknown outcomes at their bound: as the budget sees it.
    pub spent_today: Money,
    /// Spent in the latest execution of each run, likewise.
    pub spent_by_run: &'a BTreeMap<String, Money>,
    /// Whether the last reload of the configuration was taken.
    pub config_reloaded: bool,
    /// What the meters have seen.
    pub seen: &'a [Seen],
    /// This program.
    pub build: Build,
    /// This process; none where the system does not tell.
    pub process: Option<Process>,
    /// How exports by OTLP went; none where there are none.
    pub exports: Option<Exports>,
    /// Most lines of an exposition, [`super::SERIES_CAP`] outside tests.
    pub series_cap: usize,
}

impl View<'_> {
    /// Every label set of the plan and the board with its counters; zeros where nothing was counted yet.
    pub(super) fn each_cell(&self, mut take: impl FnMut([&str; 4], &Counters)) {
        let zero = Counters::default();
        for cell in self.known.cells.iter().chain(self.board.counters.keys()).collect::<BTreeSet<_>>() {
            let Cell { target, scenario, domain, capability } = cell;
            let counters = self.board.counters.get(cell).unwrap_or(&zero);
            take([target.as_str(), scenario.as_str(), domain, capability], counters);
        }
    }

    /// What the label sets of each target and scenario came to, as far as it is told by these two only.
    pub(super) fn each_pair(&self, mut take: impl FnMut([&str; 2], &Counters)) {
        let mut sums: BTreeMap<(&Name, &Name), Counters> = BTreeMap::new();
        for cell in self.known.cells.iter().chain(self.board.counters.keys()) {
            sums.entry((&cell.target, &cell.scenario)).or_default();
        }
        for (cell, counters) in &self.board.counters {
            let Some(sum) = sums.get_mut(&(&cell.target, &cell.scenario)) else { continue };
            sum.reported += counters.reported;
            sum.reported_over += counters.reported_over;
            sum.reported_under += counters.reported_under;
        }
        for ((target, scenario), counters) in &sums {
            take([target.as_str(), scenario.as_str()], counters);
        }
    }

    /// The histograms of every target and scenario of the plan and the board; empty where nothing was measured yet.
    pub(super) fn each_latency(&self, mut take: impl FnMut([&str; 2], &Latencies)) {
        let empty = Latencies::on(self.board.grids());
        let measured = self.board.latencies.keys().map(|(target, scenario)| (target, scenario));
        for pair in self.known.pairs().into_iter().chain(measured).collect::<BTreeSet<_>>() {
            let (target, scenario) = pair;
            let latencies = self.board.latencies.get(&(target.clone(), scenario.clone())).unwrap_or(&empty);
            take([target.as_str(), scenario.as_str()], latencies);
        }
    }

    /// The row to show for each target and scenario.
    pub(super) fn each_row(&self, mut take: impl FnMut([&str; 2], &Figures)) {
        let mut rows: BTreeMap<(&Name, &Name), &Figures> = BTreeMap::new();
        let count = |f: &Figures| f.verdicts.iter().sum::<u64>();
        for row in self.figures.iter().filter(|f| f.is_whole()) {
            let shown = rows.entry((&row.target, &row.scenario)).or_insert(row);
            if count(row) > count(shown) {
                *shown = row;
            }
        }
        for ((target, scenario), row) in rows {
            take([target.as_str(), scenario.as_str()], row);
        }
    }

    /// Every run of the plan and the board by name.
    pub(super) fn run_names(&self) -> BTreeSet<&str> {
        let planned = self.known.runs.iter().map(|r| r.name.as_str());
        planned.chain(self.board.ended.keys().map(|(name, _)| name.as_str())).collect()
    }
}

/// A small view for this room's unit tests: one target that works, one that never was right, an awkward domain.
#[cfg(test)]
pub(super) fn fixture<R>(test: impl FnOnce(&View<'_>) -> R) -> R {
    use crate::board::{Drawn, Latency, Validity};
    use crate::domain::{Cost, Fingerprint, TokenSource};
    use crate::stats::{Interval, PerCorrect};

    let name = |text: &str| Name::new(text).unwrap();
    let (micro, arith) = (name("micro"), name("arith"));
    let cell = |target: &Name, domain: &str| Cell {
        target: target.clone(),
        scenario: arith.clone(),
        domain: domain.into(),
        capability: "math".into(),
    };
    let mut board = Board::default();
    board
        .counters
        .insert(cell(&micro, "add"), Counters { answers: [9, 1, 0, 0, 0, 0, 0], ok: 10, ..Counters::default() });
    board.latencies.insert((micro.clone(), arith.clone()), Latencies::default());
    let known = Known {
        cells: [cell(&micro, "add"), cell(&name("dud"), "say \"hi\"\\\n")].into(),
        runs: vec![RunFacts { name: "nightly".into(), budget: None }],
        ..Known::default()
    };
    let dud = Figures {
        target: name("dud"),
        scenario: arith,
        domain: None,
        split: None,
        provenance: Fingerprint::from_text("0011"),
        verdicts: [0, 10, 0, 0, 0, 0, 0],
        accuracy: Some(Interval { estimate: 0.0, lower: 0.0, upper: 0.278 }),
        first_token: Latency::default(),
        inter_token: Latency::default(),
        per_output_token: Latency::default(),
        duration: Latency::default(),
        first_token_with_failures: Latency::default(),
        duration_with_failures: Latency::default(),
        tokens_per_second: Some(f64::NAN),
        token_source: TokenSource::Usage,
        steady: None,
        goodput: None,
        correct_goodput: None,
        attainment: None,
        validity: Validity::default(),
        cost: Cost::ZERO,
        drawn: Drawn::default(),
        unpriced: 0,
        unknown: (0, Money::ZERO),
        per_correct: Some(PerCorrect { estimate: f64::INFINITY, lower: 0.02, upper: None }),
        causes: None,
        cost_of_pass: None,
        gap: None,
    };
    test(&View {
        board: &board,
        known: &known,
        figures: &[dud],
        up: &BTreeMap::from([(micro, true)]),
        circuits: &BTreeMap::new(),
        audits: &BTreeMap::new(),
        last_success_unix_ms: &BTreeMap::new(),
        spent_today: Money::ZERO,
        spent_by_run: &BTreeMap::new(),
        config_reloaded: true,
        seen: &[],
        build: Build { version: "1.2.3", arch: "any", os: "any" },
        process: None,
        exports: None,
        series_cap: super::SERIES_CAP,
    })
}
