//! What is known of the runs beside their samples: whether their timing may be believed, what the hardware did, how much a target can
//! do at the most, and which model answered. None of it is read sample by sample.

use super::gather::{Gathered, Sums};
use crate::board::{Board, By, Figures, Reason, Steady};
use crate::domain::Name;
use crate::store::{Query, RunRow, Store, StoreError};
use std::collections::BTreeMap;

/// Which model answered as which target, and what else its last sample tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Served {
    /// As whom.
    pub target: Name,
    /// On what.
    pub scenario: Name,
    /// The name that the endpoint gave with its answer; none where it gave none.
    pub model: Option<String>,
    /// The hash of everything that makes its figures comparable.
    pub provenance: String,
    /// When it was asked last, ms since the Unix epoch.
    pub at_unix_ms: i64,
}

/// What a run says of the timing of one target and scenario.
#[derive(Debug, Clone, PartialEq)]
pub struct Timing {
    /// Which run.
    pub run: String,
    /// Whose.
    pub target: Name,
    /// On what.
    pub scenario: Name,
    /// Whether times count from the scheduled instant.
    pub open_loop: bool,
    /// Rules that do not hold.
    pub reasons: Vec<Reason>,
    /// Correct answers inside the SLO per second; none without one.
    pub correct_goodput: Option<f64>,
    /// The steady window.
    pub steady: Option<Steady>,
    /// Output tokens per second over the whole run.
    pub tokens_per_second: Option<f64>,
}

impl Timing {
    /// Whether it may be believed.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        !self.reasons.iter().any(|reason| reason.invalidates())
    }
}

/// What a target's hardware did during a run.
#[derive(Debug, Clone, PartialEq)]
pub struct Used {
    /// Which run.
    pub run: String,
    /// Whose.
    pub target: Name,
    /// Seconds from the first question to the last answer.
    pub seconds: f64,
    /// The share of the time that the devices were busy, and what busy means.
    pub duty: Option<(&'static str, f64)>,
    /// Joules of the whole window, and how they were come by.
    pub joules: Option<(f64, &'static str)>,
    /// What is wrong with it.
    pub flags: Vec<&'static str>,
    /// Meters that brought nothing, and why.
    pub absent: Vec<String>,
}

/// How many answers a target can give in a second, as far as a load has shown.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Throughput {
    /// Answers per second.
    pub answers: f64,
    /// What showed it.
    pub shown: ShownBy,
}

/// What a throughput is known by.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ShownBy {
    /// The best of rates that were tried, some of them more than it could do.
    Sweep,
    /// Rates that it could all do, or a load with so many in flight: it may be able to do more.
    AtLeast {
        /// On average, in flight; none over a whole run without a steady window.
        in_flight: Option<f64>,
    },
}

/// All of it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Background {
    /// By target and scenario.
    pub served: Vec<Served>,
    /// By run, target and scenario.
    pub timing: Vec<Timing>,
    /// By run and target.
    pub used: Vec<Used>,
    /// By target and scenario.
    pub throughput: BTreeMap<(Name, Name), Throughput>,
    /// Every target and scenario that has a sample, and how many.
    pub asked: BTreeMap<(Name, Name), u64>,
    /// Runs whose figures are no longer remembered: what is said of timing and hardware is without them.
    pub forgotten: Vec<String>,
    /// Runs and scenarios that asked only what still mattered: their items were drawn with unequal chances, and plain means over
    /// them are none over all items.
    pub adaptive: Vec<(String, Name)>,
}

/// Reads what the store knows beside the samples of these runs; of those that began before an instant nothing is said.
pub(super) async fn background(
    store: &dyn Store,
    gathered: &Gathered,
    before: Option<i64>,
) -> Result<Background, StoreError> {
    let mut found = Background::default();
    let mut newest: BTreeMap<(Name, Name), Sums> = BTreeMap::new();
    for ((cell, target), sums) in &gathered.sums {
        let scenario = gathered.cells.get(*cell).and_then(|cell| gathered.scenarios.get(cell.scenario));
        if let (Some(target), Some(scenario)) = (gathered.targets.get(*target), scenario) {
            let own = newest.entry((target.clone(), scenario.clone())).or_default();
            *found.asked.entry((target.clone(), scenario.clone())).or_default() += sums.verdicts.iter().sum::<u64>();
            (own.last, own.tokens, own.told) =
                (own.last.max(sums.last), own.tokens + sums.tokens, own.told + sums.told);
        }
    }
    for ((target, scenario), sums) in &newest {
        let query = Query { after: sums.last - 1, limit: 1, ..Query::default() };
        let last = store.samples(query).await?.into_iter().find(|recorded| recorded.position == sums.last);
        found.served.extend(last.map(|recorded| Served {
            target: target.clone(),
            scenario: scenario.clone(),
            model: recorded.sample.exchanges.iter().rev().find_map(|exchange| exchange.answer.model.clone()),
            provenance: recorded.sample.provenance.to_string(),
            at_unix_ms: recorded.sample.at_unix_ms,
        }));
    }
    let runs: Vec<&RunRow> =
        gathered.runs.iter().filter(|run| before.is_none_or(|before| run.started_unix_ms >= before)).collect();
    let board = match store.checkpoint().await? {
        Some((position, text)) => Board::from_text(&text, position).unwrap_or_default(),
        None => Board::default(),
    };
    for run in &runs {
        of_run(&board, run, gathered, &mut found);
    }
    // The newest run counts where several tell of the same.
    for run in runs.iter().rev() {
        for ((target, scenario), points) in store.points(run.id).await? {
            let Some(best) = points.iter().max_by(|a, b| a.delivered.total_cmp(&b.delivered)) else { continue };
            if best.delivered <= 0.0 {
                continue;
            }
            let all_done = points.iter().all(|point| point.delivered >= 0.97 * point.offered());
            let shown = if all_done { ShownBy::AtLeast { in_flight: Some(best.in_flight) } } else { ShownBy::Sweep };
            found.throughput.entry((target, scenario)).or_insert(Throughput { answers: best.delivered, shown });
        }
    }
    for timing in found.timing.iter().rev() {
        let place = (timing.target.clone(), timing.scenario.clone());
        let steady = timing.steady.as_ref().map(|steady| (steady.tokens_per_second, Some(steady.in_flight)));
        let rate = steady.or(timing.tokens_per_second.map(|rate| (rate, None)));
        let (Some((tokens_per_second, in_flight)), Some(sums)) = (rate, newest.get(&place)) else { continue };
        if sums.tokens > 0 && sums.told > 0 && tokens_per_second > 0.0 {
            #[expect(clippy::cast_precision_loss, reason = "a mean of tokens")]
            let answers = tokens_per_second * sums.told as f64 / sums.tokens as f64;
            let shown = ShownBy::AtLeast { in_flight };
            found.throughput.entry(place).or_insert(Throughput { answers, shown });
        }
    }
    Ok(found)
}

fn of_run(board: &Board, run: &RunRow, gathered: &Gathered, found: &mut Background) {
    let Some(known) = board.runs.get(&run.id) else {
        found.forgotten.push(run.name.clone());
        return;
    };
    let drawn = known.campaigns.iter().filter(|campaign| gathered.scenarios.contains(&campaign.scenario));
    found.adaptive.extend(drawn.map(|campaign| (run.name.clone(), campaign.scenario.clone())));
    let mut rows: BTreeMap<(Name, Name), Figures> = BTreeMap::new();
    for row in known.figures(By::Scenario) {
        let place = (row.target.clone(), row.scenario.clone());
        // What was asked changed meanwhile: the larger part counts.
        if found.asked.contains_key(&place) && rows.get(&place).is_none_or(|other| other.samples() < row.samples()) {
            rows.insert(place, row);
        }
    }
    for ((target, scenario), row) in rows {
        found.timing.push(Timing {
            run: run.name.clone(),
            target,
            scenario,
            open_loop: known.open_loop,
            reasons: row.validity.reasons().collect(),
            correct_goodput: row.correct_goodput,
            steady: row.steady,
            tokens_per_second: row.tokens_per_second,
        });
    }
    for hardware in known.hardware.iter().filter(|hardware| gathered.targets.contains(&hardware.target)) {
        found.used.push(Used {
            run: run.name.clone(),
            target: hardware.target.clone(),
            seconds: hardware.window.seconds(),
            duty: hardware.duty().map(|(kind, share)| (kind.label(), share)),
            joules: hardware.energy.map(|energy| (energy.joules, energy.quality.label())),
            flags: hardware.flags.iter().map(|flag| flag.label()).collect(),
            absent: hardware.absent.clone(),
        });
    }
}

impl Background {
    /// How many answers a second a target can give of the mix that it was asked: of every scenario as many as it has
    /// samples. None where that is not known of one of them.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a rate")]
    pub fn mix(&self, target: &Name) -> Option<Throughput> {
        let own = self.asked.iter().filter(|((of, _), _)| of == target);
        let (mut answers, mut seconds, mut shown) = (0.0, 0.0, ShownBy::Sweep);
        for (place, samples) in own {
            let throughput = self.throughput.get(place)?;
            answers += *samples as f64;
            seconds += *samples as f64 / throughput.answers;
            shown = match (shown, throughput.shown) {
                (ShownBy::AtLeast { in_flight: a }, ShownBy::AtLeast { in_flight: b }) => {
                    ShownBy::AtLeast { in_flight: a.zip(b).map(|(a, b)| a.max(b)) }
                }
                (ShownBy::AtLeast { in_flight }, _) | (_, ShownBy::AtLeast { in_flight }) => {
                    ShownBy::AtLeast { in_flight }
                }
                _ => ShownBy::Sweep,
            };
        }
        (seconds > 0.0).then_some(Throughput { answers: answers / seconds, shown })
    }

    /// Correct answers inside the SLO per second, over the mix that a target was asked; none where a scenario has none.
    /// `good`: how many of a scenario's samples were both.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a rate")]
    pub fn correct_goodput(&self, target: &Name, good: impl Fn(&Name) -> Option<u64>) -> Option<f64> {
        let (mut answers, mut seconds) = (0.0, 0.0);
        for (_, scenario) in self.asked.keys().filter(|(of, _)| of == target) {
            let of = |timing: &&Timing| timing.target == *target && timing.scenario == *scenario;
            let rate = self.timing.iter().rev().find(of)?.correct_goodput?;
            let good = good(scenario)? as f64;
            if rate <= 0.0 {
                return Some(0.0);
            }
            answers += good;
            seconds += good / rate;
        }
        (seconds > 0.0).then_some(answers / seconds)
    }
}
