//! `precision = { … }` and `decide = "…"` of a run: what it is to find out, so that it asks only what still matters.
//!
//! Read, held against the run (an adaptive run asks in batches and waits for what they bring, so not every workload fits), and
//! made into what `stats::adaptive` takes: items in strata, weights, costs foretold, a cap out of the budget.

use super::estimate::{one_exchange, typical};
use super::{RunPlan, Scenario, Target};
use crate::board::Question;
use crate::config::{Expected, Section, Value, suggest};
use crate::domain::{Item, ItemId, Money};
use crate::stats::{self, Goal, Level, Spec};
use crate::workload::arrival::{Arrival, Pattern};
use crate::workload::{Margin, Workload};
use std::collections::BTreeMap;
use std::sync::Arc;
use toml::de::DeValue;

/// A difference that nobody would pay for, where it is not said. Without any, two targets that are alike are asked everything.
const MARGIN: f64 = 0.01;

/// Items asked between two looks, at least.
const BATCH: usize = 16;

/// Items of a stratum that are looked at to foretell what its items cost.
const LOOKED_AT: usize = 50;

/// Items that simulations beforehand have at the most; more items would save more.
const SIMULATED: usize = 3_000;

/// Answers that simulations beforehand ask for in all, about, and how many simulations there are.
const WORK: usize = 150_000;
const RUNS: std::ops::RangeInclusive<usize> = 6..=60;

/// What a run is to find out.
#[derive(Debug, Clone, PartialEq)]
pub struct Adaptive {
    /// What.
    pub question: Question,
    /// A difference that nobody would pay for, as a share.
    pub margin: f64,
    /// With which confidence.
    pub level: Level,
    /// Whether earlier runs' answers to the same items may be used to foresee.
    pub history: bool,
}

/// A share in per cent, such as `"25%"`.
struct Percent(f64);

impl Value for Percent {
    fn expected() -> String {
        "a share such as \"25%\"".into()
    }
    fn read(value: &DeValue<'_>) -> Result<Self, Expected> {
        let wrong = |hint: &str| Expected { expected: Self::expected(), hint: Some(hint.to_owned()) };
        let DeValue::String(text) = value else { return Err(wrong("in quotes, with its unit: %")) };
        let number = text.trim().strip_suffix('%').ok_or_else(|| wrong("the unit is %"))?;
        let share = number.trim().parse::<f64>().map_err(|_| wrong("the unit is %"))? / 100.0;
        if (0.0..=1.0).contains(&share) { Ok(Self(share)) } else { Err(wrong("from 0% to 100%")) }
    }
}

/// Words of `decide`.
const WORDS: [&str; 4] = ["best", "better-than:NAME", "all-ranked", "ranking"];

/// Reads it. `Some(None)` where the run asks everything; none where something is wrong.
pub(super) fn read(
    section: &Section<'_>,
    targets: Option<&[Arc<Target>]>,
    scenarios: Option<&[Arc<Scenario>]>,
    workload: Option<&Workload>,
) -> Option<Option<Adaptive>> {
    // What is below it is what the reference tells of.
    let has_precision = section.written().contains_key("precision");
    let precision = section.section("precision").map(|table| {
        let margin: Option<Margin> = table.need("accuracy");
        table.finish();
        margin
    });
    let decide: Option<String> = section.get("decide");
    let margin: Option<Percent> = section.or("margin", Percent(MARGIN));
    let share: Option<Percent> = section.get("share");
    let confidence: Option<Percent> = section.or("confidence", Percent(Level::P95.get()));
    let history = section.or("history", true);
    if !has_precision && !section.has("decide") {
        let mut good = true;
        for key in ["margin", "share", "confidence", "history"] {
            if section.has(key) {
                let hint = "such as decide = \"best\", or precision = { accuracy = \"±2%\" }";
                section.problem(key, "there is nothing to be decided", Some(hint.into()));
                good = false;
            }
        }
        return good.then_some(None);
    }
    if has_precision && section.has("decide") {
        let hint = "make two runs of it: what one of them asked helps the other".to_owned();
        section.problem("decide", "a run finds out one thing, and this one has a `precision` too", Some(hint));
        return None;
    }
    let Percent(level) = confidence?;
    let level = Level::new(level).filter(|level| (0.8..=0.999).contains(&level.get()));
    if level.is_none() {
        section.problem("confidence", "expected from 80% to 99.9%", None);
    }
    let Percent(margin) = margin?;
    if margin > 0.2 {
        section.problem(
            "margin",
            "expected at most 20%",
            Some("\"1%\" is usual; \"0%\" goes on to the last item".into()),
        );
        return None;
    }
    let question = match &decide {
        Some(word) => decided(section, word, share.as_ref(), targets),
        None if has_precision => precision.flatten().map(|Margin(half)| Question::Precision(half)),
        None => None,
    };
    if let (Some(Question::Precision(_) | Question::Ranking(_)), true) = (&question, section.has("margin")) {
        section.problem("margin", "this question has none", Some("leave it out".into()));
        return None;
    }
    if section.has("share") && !matches!(question, Some(Question::Ranking(_)) | None) {
        let hint = "leave it out, or set decide = \"ranking\"".to_owned();
        section.problem("share", "only a ranking spends a share of the full pass", Some(hint));
        return None;
    }
    let fits = workload.is_none_or(|workload| workload_fits(section, workload));
    let graded = scenarios.is_none_or(|scenarios| are_graded(section, scenarios));
    let adaptive = Adaptive { question: question?, margin, level: level?, history: history? };
    (fits && graded).then_some(Some(adaptive))
}

/// `decide = "…"`.
fn decided(
    section: &Section<'_>,
    word: &str,
    share: Option<&Percent>,
    targets: Option<&[Arc<Target>]>,
) -> Option<Question> {
    let question = match (word, word.split_once(':')) {
        ("best", _) => Question::Best,
        ("all-ranked", _) => Question::AllRanked,
        ("ranking", _) => match share {
            Some(Percent(share)) if *share > 0.0 => Question::Ranking(*share),
            Some(_) => {
                section.problem("share", "expected more than 0%", None);
                return None;
            }
            None if section.has("share") => return None,
            None => {
                section.problem("decide", "a ranking needs to know what it may spend", Some("share = \"25%\"".into()));
                return None;
            }
        },
        (_, Some(("better-than", name))) => {
            let targets = targets?;
            let Some(target) = targets.iter().find(|target| target.name.as_str() == name.trim()) else {
                let names = targets.iter().map(|target| target.name.as_str());
                let hint = match suggest(name.trim(), names.clone()) {
                    Some(near) => format!("did you mean \"better-than:{near}\"?"),
                    None => format!("this run's targets: {}", names.take(10).collect::<Vec<_>>().join(", ")),
                };
                section.problem("decide", format!("{:?} is no target of this run", name.trim()), Some(hint));
                return None;
            };
            Question::BetterThan(target.name.clone())
        }
        _ => {
            let near = suggest(word, WORDS.iter().copied()).map(|near| format!("did you mean \"{near}\"?"));
            section.problem(
                "decide",
                format!("expected {}, found {word:?}", WORDS.map(|w| format!("{w:?}")).join(", ")),
                near,
            );
            return None;
        }
    };
    if let Some(message) = targets.and_then(|targets| too_few(&question, targets)) {
        section.problem(
            "decide",
            message,
            Some("name more `targets`, or ask for precision = { accuracy = \"±2%\" }".into()),
        );
        return None;
    }
    Some(question)
}

fn too_few(question: &Question, targets: &[Arc<Target>]) -> Option<String> {
    if matches!(question, Question::Precision(_)) {
        return None;
    }
    match targets {
        [] => Some("there is no target to decide about".to_owned()),
        [one] => Some(format!("there is one target only, {}: nothing is to be decided", one.name)),
        _ => None,
    }
}

/// Whether a workload can be asked in batches, each after what the one before has brought.
fn workload_fits(section: &Section<'_>, workload: &Workload) -> bool {
    let Workload { arrival, stop, warmup } = workload;
    let Arrival { kind, pattern, .. } = arrival;
    let closed = "arrival = { kind = \"closed\", concurrency = 8 }";
    let mut problems: Vec<(String, &str)> = Vec::new();
    match pattern {
        Pattern::Closed(closed) if closed.stairs.len() == 1 && closed.length.is_none() => {}
        Pattern::Closed(_) => problems.push((
            "an adaptive run asks in batches, and a number of places that changes with time has no meaning there"
                .into(),
            closed,
        )),
        Pattern::Open(_) | Pattern::Recorded(_) | Pattern::Sweep(_) => problems.push((
            format!("an adaptive run waits for answers before it asks on, and {kind:?} arrivals do not wait"),
            closed,
        )),
    }
    let hint = "leave it out: the workload's `items` are the ceiling, the run's `budget` the other";
    if stop.duration.is_some() {
        problems.push(("an adaptive run ends when it knows enough, and its workload stops by time".into(), hint));
    }
    if stop.precision.is_some() {
        let hint = "leave it out: the run's own `precision` has an interval that holds whenever one looks";
        problems
            .push(("an adaptive run has a rule of its own, and its workload stops by `accuracy_within`".into(), hint));
    }
    if stop.budget.is_some() {
        let hint = "set the run's `budget`: what one target does not need is there for the others";
        problems.push(("an adaptive run shares its budget out, and its workload has one for each target".into(), hint));
    }
    if warmup.duration.is_some() {
        problems.push((
            "an adaptive run asks in batches, and its workload warms up by time".into(),
            "warmup = { items = 5 }",
        ));
    }
    for (message, hint) in &problems {
        section.problem("workload", message.clone(), Some((*hint).to_owned()));
    }
    let probed = section.has("probe");
    if probed {
        let message = "an adaptive run has no steady load to probe beside: it asks in batches";
        section.problem("probe", message, Some("probe in a run that asks everything".into()));
    }
    problems.is_empty() && !probed
}

/// Whether there is something to decide by.
fn are_graded(section: &Section<'_>, scenarios: &[Arc<Scenario>]) -> bool {
    let bare = scenarios.iter().filter(|scenario| scenario.scorer_kind == "none");
    let bare: Vec<&str> = bare.map(|scenario| scenario.name.as_str()).collect();
    if let Some(first) = bare.first() {
        let message = format!("nothing grades the answers of scenario {first}, and what is decided here is accuracy");
        section.problem("scenarios", message, Some("give it a scorer, or leave it out of this run".into()));
    }
    bare.is_empty()
}

impl Adaptive {
    /// Everything in it that makes two executions different plans.
    pub(super) fn parts(&self) -> Vec<(&'static str, String)> {
        let Self { question, margin, level, history } = self;
        vec![("adaptive", format!("{question:?} {margin} {} {history}", level.get()))]
    }

    /// Whether it can be found out about these targets.
    ///
    /// # Errors
    /// Why not, in words.
    pub fn fits(&self, targets: &[Arc<Target>]) -> Result<(), String> {
        if let Some(message) = too_few(&self.question, targets) {
            return Err(message);
        }
        match &self.question {
            Question::BetterThan(name) if !targets.iter().any(|target| target.name == *name) => {
                Err(format!("{name}, which the others are to be held against, is not among the targets"))
            }
            _ => Ok(()),
        }
    }

    /// The question as campaigns take it; none where the target it is about is not there.
    #[must_use]
    pub fn goal(&self, targets: &[Arc<Target>]) -> Option<Goal> {
        let margin = self.margin;
        Some(match &self.question {
            Question::Best => Goal::Best { margin },
            Question::BetterThan(name) => {
                Goal::BetterThan { baseline: targets.iter().position(|target| target.name == *name)?, margin }
            }
            Question::AllRanked => Goal::AllRanked { margin },
            Question::Precision(half_width) => Goal::Precision { half_width: *half_width },
            Question::Ranking(share) => Goal::Ranking { share: *share },
        })
    }

    /// The question in words.
    #[must_use]
    pub fn words(&self, targets: usize) -> String {
        let level = percent(self.level.get());
        let margin = || match percent(self.margin).as_str() {
            "0" => "without a margin".to_owned(),
            "1" => "closer than 1 point is alike".to_owned(),
            points => format!("closer than {points} points is alike"),
        };
        match &self.question {
            Question::Best => format!("which of {targets} targets is the best; {}; at {level} %", margin()),
            Question::BetterThan(name) => format!("which targets are better than {name}; {}; at {level} %", margin()),
            Question::AllRanked => format!("the order of {targets} targets; {}; at {level} %", margin()),
            Question::Precision(half) => format!("each target's accuracy to ±{} points at {level} %", percent(*half)),
            Question::Ranking(share) => {
                format!("the best order of {targets} targets for {} % of the full pass's cost", percent(*share))
            }
        }
    }

    /// A campaign's specification on this ground, without history and cap.
    #[must_use]
    pub fn spec(&self, run: &RunPlan, ground: &Ground, seed: u64) -> Option<Spec> {
        let places = match &run.workload.arrival.pattern {
            Pattern::Closed(closed) => closed.peak() as usize,
            _ => BATCH,
        };
        let Ground { strata, weights, costs, .. } = ground;
        Some(Spec {
            targets: run.targets.len(),
            strata: strata.clone(),
            weights: weights.clone(),
            costs: costs.clone(),
            history: None,
            goal: self.goal(&run.targets)?,
            level: self.level,
            // Fewer than there are places would leave places empty.
            batch: places.clamp(BATCH, 512),
            cap: None,
            seed,
        })
    }
}

/// A share in per cent, without needless zeros.
fn percent(share: f64) -> String {
    format!("{}", (share * 1e6).round() / 1e4)
}

/// What a campaign of a run asks out of one scenario.
#[derive(Debug, Clone, Default)]
pub struct Ground {
    /// The items of the full pass, all forms of one together: they are asked together, so that pairs stay whole.
    pub units: Vec<Vec<Arc<Item>>>,
    /// The strata: domains.
    pub domains: Vec<Arc<str>>,
    /// The stratum of each unit.
    pub strata: Vec<usize>,
    /// The weight of each stratum, where each is to weigh the same; none where every item does.
    pub weights: Option<Vec<f64>>,
    /// What a unit is foretold to cost, by target and stratum, in nano-USD; none where a target has no price by token.
    pub costs: Option<Vec<Vec<f64>>>,
}

impl Ground {
    /// That of items, which are in the run's order.
    #[must_use]
    pub fn of(run: &RunPlan, scenario: &Scenario, items: &[Arc<Item>]) -> Self {
        let (mut units, mut place): (Vec<Vec<Arc<Item>>>, BTreeMap<&ItemId, usize>) = (Vec::new(), BTreeMap::new());
        for item in items {
            let at = *place.entry(&item.cluster).or_insert(units.len());
            match units.get_mut(at) {
                Some(unit) => unit.push(Arc::clone(item)),
                None => units.push(vec![Arc::clone(item)]),
            }
        }
        let domain = |unit: &Vec<Arc<Item>>| unit.first().map(|item| Arc::clone(&item.tags.domain));
        let mut domains: Vec<Arc<str>> = units.iter().filter_map(domain).collect();
        domains.sort();
        domains.dedup();
        let stratum = |unit| domain(unit).and_then(|domain| domains.binary_search(&domain).ok()).unwrap_or(0);
        let strata: Vec<usize> = units.iter().map(stratum).collect();
        let weights = scenario.average.as_ref().map(|_| vec![1.0; domains.len()]);
        let costs = foretold(run, scenario, &units, &strata, domains.len());
        Self { units, domains, strata, weights, costs }
    }

    /// Trials of the full pass with one target.
    #[must_use]
    pub fn trials(&self, repeats: u32) -> u64 {
        self.units.iter().map(|unit| unit.len() as u64).sum::<u64>() * u64::from(repeats)
    }
}

/// What a unit costs, by target and stratum; none where that is not known of all, or nothing costs anything.
fn foretold(
    run: &RunPlan,
    scenario: &Scenario,
    units: &[Vec<Arc<Item>>],
    strata: &[usize],
    count: usize,
) -> Option<Vec<Vec<f64>>> {
    let judge = run.judges.get(&scenario.name);
    let mut all = Vec::new();
    for target in &run.targets {
        let mut sums = vec![(0.0, 0_u32); count];
        for (unit, stratum) in units.iter().zip(strata) {
            let Some((sum, seen)) = sums.get_mut(*stratum).filter(|(_, seen)| (*seen as usize) < LOOKED_AT) else {
                continue;
            };
            for item in unit {
                let one = typical(target, scenario, judge.map(|judge| &**judge), item)?;
                *sum += nanos(one) * f64::from(scenario.repeats);
            }
            *seen += 1;
        }
        all.push(sums.into_iter().map(|(sum, seen)| sum / f64::from(seen.max(1))).collect::<Vec<f64>>());
    }
    all.iter().flatten().any(|cost| *cost > 0.0).then_some(all)
}

/// An amount as campaigns reckon with it.
#[expect(clippy::cast_precision_loss, reason = "a weight for choices and a display, never a sum of money")]
#[must_use]
pub const fn nanos(amount: Money) -> f64 {
    amount.nanos() as f64
}

impl RunPlan {
    /// The worst case of the dearest exchange.
    #[must_use]
    pub fn dearest_exchange(&self) -> Money {
        let pairs = self.targets.iter().flat_map(|t| self.scenarios.iter().map(move |s| (t, s)));
        pairs.map(|(target, scenario)| one_exchange(target, scenario)).max().unwrap_or_default()
    }

    /// What campaigns may spend of the run's budget, in nano-USD: without what warm-up takes, and so that the worst case of
    /// the last exchange still fits. None where the run has no budget.
    #[must_use]
    pub fn campaign_cap(&self) -> Option<f64> {
        let budget = nanos(self.budget?);
        let room = self.dearest_exchange();
        let worst = self.targets.iter().map(|t| self.scenarios.iter().map(|s| one_exchange(t, s)).max());
        let warm: f64 = worst.map(|one| nanos(one.unwrap_or_default())).sum();
        let warm = warm * f64::from(u32::try_from(self.workload.warmup.items).unwrap_or(u32::MAX));
        Some((budget - nanos(room) - warm).max(0.0))
    }
}

/// What a campaign may be expected to save.
#[derive(Debug, Clone)]
pub struct Foretold {
    /// By simulation.
    pub expected: stats::Expected,
    /// Items of the full pass, and of the simulations.
    pub items: (usize, usize),
    /// Trials of the full pass.
    pub calls: u64,
    /// What it would cost, as far as that is known.
    pub cost: Option<Money>,
}

/// Works it out: none where there is nothing to ask.
#[must_use]
pub fn foretell(run: &RunPlan, scenario: &Scenario) -> Option<Foretold> {
    let adaptive = run.adaptive.as_ref()?;
    let look = scenario.items.look(1_000);
    let looked = &*look.items;
    let mut ground = Ground::of(run, scenario, looked);
    let all = run.workload.stop.items.map_or(look.all, |stop| stop.min(look.all));
    let forms = looked.len().max(1).div_ceil(ground.units.len().max(1));
    let units = all / forms.max(1);
    let simulated = units.min(SIMULATED);
    if ground.strata.is_empty() || simulated == 0 {
        return None;
    }
    // Those that were not looked at are taken to be like those that were.
    ground.strata = ground.strata.iter().copied().cycle().take(simulated).collect();
    let strata = ground.strata.iter().max().map_or(0, |most| most + 1);
    ground.weights = ground.weights.map(|mut weights| {
        weights.truncate(strata);
        weights
    });
    let full: Option<f64> = ground.costs.as_mut().map(|costs| {
        costs.iter_mut().for_each(|row| row.truncate(strata));
        let of = |row: &Vec<f64>| ground.strata.iter().filter_map(|h| row.get(*h)).sum::<f64>();
        costs.iter().map(of).sum()
    });
    let mut spec = adaptive.spec(run, &ground, 1)?;
    #[expect(clippy::cast_precision_loss, reason = "counts of items")]
    let scale = units as f64 / simulated as f64;
    if let (Some(cap), true) = (run.campaign_cap(), spec.costs.is_some()) {
        // Scenarios share it out by what they cost; each is told as if it had its even part.
        #[expect(clippy::cast_precision_loss, reason = "a few scenarios")]
        let part = cap / run.scenarios.len().max(1) as f64;
        spec.cap = Some(part / scale);
    }
    let runs = (WORK / (spec.targets * simulated).max(1)).clamp(*RUNS.start(), *RUNS.end());
    let expected = stats::expected_saving(&spec, None, u32::try_from(runs).unwrap_or(1)).ok()?;
    #[expect(clippy::cast_possible_truncation, reason = "an amount for display")]
    let cost = full.map(|full| Money::from_nanos((full * scale) as i64));
    let calls = (all as u64) * u64::from(scenario.repeats) * run.targets.len() as u64;
    Some(Foretold { expected, items: (units, simulated), calls, cost })
}
