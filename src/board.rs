//! The board: the fold over samples that metrics, restart and reports all read.
//!
//! Two parts. *Totals* only grow, by metric label set; they are checkpointed in the store, so that neither a restart
//! nor retention makes a counter go back. *Tallies* belong to one run and provenance; figures with intervals come from
//! them, and they are rebuilt from the run's samples when a killed run is resumed.

mod average;
mod buckets;
mod calibration;
mod campaign;
mod causes;
mod checkpoint;
mod drawn;
mod figures;
mod grids;
mod hardware;
mod latencies;
mod load;
mod probes;
mod regraded;
mod since;
mod strata;
mod tally;
mod timeline;
mod validity;

pub use average::{Average, AverageRule, AverageSubject, BoardAverage, Over, averages};
pub use buckets::{Buckets, Exemplar, Grid, Origin};
pub use calibration::{Calibrated, Calibration, Errors, Level, MOST_OFF};
pub use campaign::{CampaignEnd, CampaignTarget, Campaigned, Question, Shown, Standing};
pub use causes::{Causes, CostOfPass};
pub use drawn::Drawn;
pub use figures::{Attained, Attainment, By, Figures, Latency};
pub use grids::Grids;
pub use hardware::{Hardware, WindowEnergy};
pub use latencies::Latencies;
pub use load::Load;
pub use probes::{ProbeTally, ProbeTotals, Probes};
pub use since::Since;
pub use strata::{Place, Stratum};
pub use tally::{Live, Tally, TallyKey};
pub use timeline::{Steady, Timeline};
pub use validity::{Breach, Reason, Validity};

use crate::domain::{Cost, Failure, Fingerprint, Money, Name, Purpose, RunId, Sample, TokenKind, Verdict};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The label set of the counters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cell {
    /// Who was asked.
    pub target: Name,
    /// Out of which scenario.
    pub scenario: Name,
    /// The items' domain.
    pub domain: Arc<str>,
    /// The items' capability.
    pub capability: Arc<str>,
}

/// What one label set has come to since the store began; only grows.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Counters {
    /// Samples by verdict, in the order of [`Verdict::ALL`].
    pub answers: [u64; Verdict::ALL.len()],
    /// Correct and inside the SLO.
    pub good: u64,
    /// Exchanges that succeeded.
    pub ok: u64,
    /// Exchanges by failure, in the order of [`Failure::ALL`].
    pub failures: [u64; Failure::ALL.len()],
    /// Tokens by kind, in the order of [`TokenKind::ALL`].
    pub tokens: [u64; TokenKind::ALL.len()],
    /// Known cost by component.
    pub cost: Cost,
    /// Samples with an exchange that has no price.
    pub unpriced: u64,
    /// Exchanges whose cost is not known, only bounded.
    pub unknown: u64,
    /// Exchanges whose cost is known and was reported by the provider too.
    pub reported: u64,
    /// What the reported costs of those were above ours, summed where they were above.
    pub reported_over: Money,
    /// … and below, where they were below.
    pub reported_under: Money,
}

impl Counters {
    fn add(&mut self, sample: &Sample, good: bool) {
        self.answers[sample.finding.verdict as usize] += 1;
        self.good += u64::from(good);
        for exchange in &sample.exchanges {
            match &exchange.fault {
                None => self.ok += 1,
                Some(fault) => self.failures[fault.kind as usize] += 1,
            }
            for (sum, kind) in self.tokens.iter_mut().zip(TokenKind::ALL) {
                *sum += exchange.answer.usage.get(kind).unwrap_or(0);
            }
            if let Some(difference) = exchange.reported_difference() {
                self.reported += 1;
                let side = if difference < 0 { &mut self.reported_under } else { &mut self.reported_over };
                *side += Money::from_nanos(difference.saturating_abs());
            }
        }
        self.cost = self.cost + sample.cost();
        self.unpriced += u64::from(sample.is_unpriced());
        self.unknown += u64::from(sample.unknown().0);
    }
}

/// The state of one run, as figures need it.
#[derive(Debug, Clone, Default)]
pub struct RunBoard {
    /// The run's name in the configuration.
    pub name: String,
    /// Whether latency counts from the scheduled instant.
    pub open_loop: bool,
    /// Milliseconds since the Unix epoch when it began.
    pub started_unix_ms: i64,
    /// … and ended, and how; none while it goes on.
    pub finished: Option<(i64, &'static str)>,
    /// Its tallies while it goes on; afterwards only the figures are kept.
    tallies: BTreeMap<TallyKey, Tally>,
    /// How the load was put, by target and scenario; likewise.
    loads: BTreeMap<(Name, Name), Load>,
    /// The probes beside the load, by target; likewise.
    probing: BTreeMap<Name, ProbeTally>,
    /// What is known of this machine's own error; none where that was not asked for.
    pub calibrated: Option<Calibrated>,
    /// What targets' hardware did over the run's window, once each has ended.
    pub hardware: Vec<Hardware>,
    /// What adaptive testing found out, by scenario; empty where the run asked everything.
    pub campaigns: Vec<Campaigned>,
    /// The provenance of the last answer that named its model, by target and scenario.
    served: BTreeMap<(Name, Name), Fingerprint>,
    figures: BTreeMap<By, Vec<Figures>>,
    strata: Vec<Stratum>,
    probes: Vec<Probes>,
}

impl RunBoard {
    /// Where a sample counts. What got no answer (failed, unknown) names no model, and would be of a provenance of its
    /// own: it counts with the model that was served at the time, or else failures and their cost would be left out of
    /// the very figures they belong to.
    fn key(&mut self, sample: &Sample) -> TallyKey {
        let (target, scenario) = (sample.key.target.clone(), sample.key.scenario.clone());
        let place = (target.clone(), scenario.clone());
        let mut provenance = sample.provenance.clone();
        if sample.last().is_some_and(|last| last.answer.model.is_some()) {
            if self.served.insert(place, provenance.clone()).is_none() {
                self.adopt(&target, &scenario, &provenance);
            }
        } else if !sample.finding.verdict.is_answered()
            && let Some(served) = self.served.get(&place)
        {
            provenance = served.clone();
        }
        TallyKey { target, scenario, tags: sample.tags.clone(), provenance }
    }

    /// The first answer that names its model takes over what failed before it.
    fn adopt(&mut self, target: &Name, scenario: &Name, provenance: &Fingerprint) {
        let waits = |key: &TallyKey, tally: &Tally| {
            key.target == *target && key.scenario == *scenario && key.provenance != *provenance && !tally.is_answered()
        };
        let waiting: Vec<TallyKey> = self.tallies.iter().filter(|(k, t)| waits(k, t)).map(|(k, _)| k.clone()).collect();
        for key in waiting {
            if let Some(tally) = self.tallies.remove(&key) {
                self.tallies.insert(TallyKey { provenance: provenance.clone(), ..key }, tally);
            }
        }
    }

    /// What the probes beside the load came to, by target.
    #[must_use]
    pub fn probes(&self) -> Vec<Probes> {
        match self.finished {
            Some(_) => self.probes.clone(),
            None => self.probing.iter().map(|(target, tally)| tally.figures(target)).collect(),
        }
    }

    /// Accuracy by stratum, so far or in the end.
    #[must_use]
    pub fn strata(&self) -> Vec<Stratum> {
        match self.finished {
            Some(_) => self.strata.clone(),
            None => strata::strata(&self.tallies),
        }
    }

    /// The figures so far, or the final ones.
    #[must_use]
    pub fn figures(&self, by: By) -> Vec<Figures> {
        match self.figures.get(&by) {
            Some(rows) => rows.clone(),
            None => {
                let mut rows = figures::rows(&self.tallies, &self.loads, by, self.open_loop);
                self.by_campaign(by, &mut rows);
                rows
            }
        }
    }
}

/// The words for how a run ended.
pub const RESULTS: [&str; 3] = ["complete", "incomplete", "budget"];

/// The fold over samples.
#[derive(Debug, Clone, Default)]
pub struct Board {
    /// Counters by label set.
    pub counters: BTreeMap<Cell, Counters>,
    /// Histograms by target and scenario.
    pub latencies: BTreeMap<(Name, Name), Latencies>,
    /// What samples drew of energy and device time, by target.
    pub drawn: BTreeMap<Name, Drawn>,
    /// Probes by target.
    pub probes: BTreeMap<Name, ProbeTotals>,
    /// The runs that are remembered: the one that goes on, and the last ended one of each name.
    pub runs: BTreeMap<RunId, RunBoard>,
    /// Runs ended, by name and result (a word of [`RESULTS`]).
    pub ended: BTreeMap<(String, &'static str), u64>,
    /// The last calibration of this machine.
    pub calibration: Option<Calibration>,
    /// The last sample that was counted (the store's position).
    pub position: i64,
    /// What its histograms stand on.
    grids: Grids,
    /// Since when its totals count.
    since: Since,
}

impl Board {
    /// Counts a sample in the totals. Each position counts once; only samples that measure do.
    pub fn count(&mut self, position: i64, sample: &Sample, purpose: Purpose, good: bool) {
        if position <= self.position {
            return;
        }
        self.position = position;
        self.since.includes(sample.at_unix_ms);
        if purpose == Purpose::Probe {
            let probes = self.probes.entry(sample.key.target.clone());
            probes.or_insert_with(|| ProbeTotals::on(&self.grids)).add(sample);
        }
        if purpose != Purpose::Measure {
            return;
        }
        let (target, scenario) = (sample.key.target.clone(), sample.key.scenario.clone());
        self.drawn.entry(target.clone()).or_default().add(&sample.share);
        let latencies = self.latencies.entry((target.clone(), scenario.clone()));
        let latencies = latencies.or_insert_with(|| Latencies::on(&self.grids));
        let (mut turn, origin) = (None, Origin::of(sample));
        for exchange in &sample.exchanges {
            latencies.add(exchange, turn.replace(exchange.turn) != Some(exchange.turn), &origin);
        }
        let (domain, capability) = (Arc::clone(&sample.tags.domain), Arc::clone(&sample.tags.capability));
        self.counters.entry(Cell { target, scenario, domain, capability }).or_default().add(sample, good);
    }

    /// What its histograms stand on.
    #[must_use]
    pub const fn grids(&self) -> &Grids {
        &self.grids
    }

    /// Since when its totals count.
    #[must_use]
    pub const fn since(&self) -> &Since {
        &self.since
    }

    /// Nothing was counted yet: its totals count since now.
    pub const fn opened(&mut self, at_unix_ms: i64) {
        self.since = Since::fresh(at_unix_ms);
    }

    /// Has its histograms stand on these grids from now on; those that stood on others begin anew.
    pub fn stand_on(&mut self, grids: Grids, at_unix_ms: i64) {
        self.since.moved(self.grids, grids, at_unix_ms);
        self.latencies.values_mut().for_each(|latencies| latencies.move_to(&grids));
        self.probes.values_mut().for_each(|probes| probes.move_to(&grids));
        self.grids = grids;
    }

    /// A run begins, or goes on after a restart.
    pub fn begin(&mut self, run: RunId, name: &str, open_loop: bool, started_unix_ms: i64) {
        let board = RunBoard { name: name.to_owned(), open_loop, started_unix_ms, ..RunBoard::default() };
        self.runs.insert(run, board);
    }

    /// What a run knows of this machine's own error.
    pub fn calibrated(&mut self, run: RunId, calibrated: Calibrated) {
        if let Calibrated::Measured(calibration) = &calibrated {
            self.calibration = Some(calibration.clone());
        }
        if let Some(board) = self.runs.get_mut(&run) {
            board.calibrated = Some(calibrated);
        }
    }

    /// What a target's hardware did over a run's window; takes the place of what was known of it before.
    pub fn hardware(&mut self, run: RunId, hardware: Hardware) {
        if let Some(board) = self.runs.get_mut(&run) {
            board.hardware.retain(|other| other.target != hardware.target);
            board.hardware.push(hardware);
        }
    }

    /// Adds a sample to its run's tallies; `live` is what only the process that asked it knows.
    pub fn tally(&mut self, sample: &Sample, live: Option<Live>) {
        let Some(run) = self.runs.get_mut(&sample.key.run) else { return };
        let key = run.key(sample);
        let place = (key.target.clone(), key.scenario.clone());
        run.loads.entry(place).or_default().add(sample, live.is_some());
        run.tallies.entry(key).or_default().add(sample, live);
    }

    /// Adds a probe to its run's.
    pub fn probed(&mut self, sample: &Sample) {
        if let Some(run) = self.runs.get_mut(&sample.key.run) {
            run.probing.entry(sample.key.target.clone()).or_default().add(sample);
        }
    }

    /// A run is over: its figures are kept, its tallies are not, and earlier runs of its name are forgotten.
    pub fn finish(&mut self, run: RunId, result: &'static str, at_unix_ms: i64) {
        let Some(board) = self.runs.get_mut(&run) else { return };
        (board.probes, board.strata) = (board.probes(), board.strata());
        board.finished = Some((at_unix_ms, result));
        board.figures = By::ALL.into_iter().map(|by| (by, board.figures(by))).collect();
        (board.tallies, board.loads, board.probing) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        let name = board.name.clone();
        *self.ended.entry((name.clone(), result)).or_default() += 1;
        // A run that did not get through does not take the last complete one's figures away.
        let earlier = |(id, other): (&RunId, &RunBoard)| (*id < run && other.name == name).then_some(*id);
        let kept = self.last_complete().find_map(earlier).filter(|_| result != "complete");
        self.runs.retain(|id, other| *id >= run || other.name != name || Some(*id) == kept);
    }

    /// The last run of each name that ended `complete`, newest first.
    pub fn last_complete(&self) -> impl Iterator<Item = (&RunId, &RunBoard)> {
        self.runs.iter().rev().filter(|(_, run)| run.finished.is_some_and(|(_, result)| result == "complete"))
    }
}

impl Board {
    /// The figures of the last complete run of each target and scenario: where several runs ask the same, of the one
    /// that ended last, be it the smaller one.
    #[must_use]
    pub fn latest_figures(&self) -> Vec<Figures> {
        let mut runs: Vec<_> = self.last_complete().collect();
        runs.sort_by_key(|(id, run)| std::cmp::Reverse((run.finished.map(|(at, _)| at), **id)));
        let (mut seen, mut all) = (BTreeSet::new(), Vec::new());
        for (_, run) in runs {
            let mut rows = run.figures(By::Scenario);
            rows.retain(|row| !seen.contains(&(row.target.clone(), row.scenario.clone())));
            seen.extend(rows.iter().map(|row| (row.target.clone(), row.scenario.clone())));
            all.append(&mut rows);
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        Answer, Charge, Component, Exchange, Fault, Finding, ItemId, Money, Nanos, Share, Split, Tags, Timing,
        TrialKey, Usage,
    };

    fn sample(run: i64, item: &str, verdict: Verdict, nanos: i64) -> Sample {
        let ms = |n: u64| Some(Nanos(n * 1_000_000));
        let timing = Timing {
            send: ms(1),
            first: ms(51),
            last: ms(91),
            end: ms(92),
            events: 3,
            gaps: vec![20_000_000; 2],
            ..Timing::default()
        };
        let failed = verdict == Verdict::Failed;
        let exchange = Exchange {
            attempt: 1,
            turn: 0,
            purpose: Purpose::Measure,
            timing: if failed { Timing::default() } else { timing },
            answer: Answer {
                usage: Usage { input: Some(7), output: Some(3), ..Usage::default() },
                ..Answer::default()
            },
            fault: failed.then(|| Fault::new(Failure::Connect, "refused")),
            charge: Charge::Settled(Cost::ZERO.with(Component::Output, Money::from_nanos(nanos))),
        };
        Sample {
            key: TrialKey {
                run: RunId(run),
                target: Name::new("a").unwrap(),
                scenario: Name::new("s").unwrap(),
                item: ItemId::new(item),
                repeat: 0,
            },
            cluster: ItemId::new(item),
            tags: Tags::new("d", "c", "en", Split::Fresh),
            provenance: Fingerprint::of(&[]),
            at_unix_ms: 0,
            exchanges: vec![exchange],
            judged: Vec::new(),
            finding: Finding::bare(verdict, "test"),
            share: Share::default(),
        }
    }

    fn board() -> Board {
        let mut board = Board::default();
        board.begin(RunId(1), "nightly", false, 5);
        for (position, verdict) in (1..).zip([Verdict::Correct, Verdict::Wrong, Verdict::Failed, Verdict::Correct]) {
            let sample = sample(1, &position.to_string(), verdict, 10);
            board.count(position, &sample, Purpose::Measure, verdict == Verdict::Correct);
            let good = verdict == Verdict::Correct;
            board.tally(&sample, Some(Live { inside: Some(good), good, goal: 0.5 }));
        }
        board
    }

    #[test]
    fn figures_follow_from_the_samples() {
        let board = board();
        let [row] = &board.runs[&RunId(1)].figures(By::Scenario)[..] else { panic!("one row") };
        assert_eq!((row.samples(), row.graded(), row.count(Verdict::Failed)), (4, 3, 1));
        assert!((row.accuracy.as_ref().unwrap().estimate - 2.0 / 3.0).abs() < 1e-12);
        // Failures cost too: 40 nano-USD for 2 correct answers.
        assert!((row.per_correct.as_ref().unwrap().estimate - 20e-9).abs() < 1e-18);
        assert!((row.first_token.p50.unwrap() / 0.05 - 1.0).abs() < 0.004);
        assert!((row.tokens_per_second.unwrap() - 9.0 / 0.09).abs() < 1e-9);
    }

    #[test]
    fn a_position_counts_once_and_only_measuring_counts() {
        let mut board = board();
        let before = board.counters.clone();
        board.count(4, &sample(1, "x", Verdict::Correct, 1), Purpose::Measure, true);
        board.count(5, &sample(1, "x", Verdict::Correct, 1), Purpose::WarmUp, true);
        assert_eq!((board.counters, board.position), (before, 5));
    }

    #[test]
    fn a_checkpoint_gives_the_same_board_back() {
        let mut board = board();
        board.finish(RunId(1), "complete", 9);
        let back = Board::from_text(&board.to_text(), board.position).unwrap();
        assert_eq!(back.counters, board.counters);
        assert_eq!(back.latencies, board.latencies);
        assert_eq!(back.ended, board.ended);
        for by in By::ALL {
            assert_eq!(back.runs[&RunId(1)].figures(by), board.runs[&RunId(1)].figures(by));
        }
        assert!(Board::from_text("{}", 0).is_err());
    }

    #[test]
    fn a_broken_run_does_not_take_the_last_complete_one_away() {
        let mut board = board();
        board.finish(RunId(1), "complete", 9);
        for (run, result) in [(2, "budget"), (3, "incomplete")] {
            board.begin(RunId(run), "nightly", false, 10);
            board.finish(RunId(run), result, 11);
            assert_eq!(board.last_complete().map(|(id, _)| id.0).collect::<Vec<_>>(), [1]);
        }
        board.begin(RunId(4), "nightly", false, 12);
        board.finish(RunId(4), "complete", 13);
        assert_eq!(board.runs.keys().map(|id| id.0).collect::<Vec<_>>(), [4]);
    }

    #[test]
    fn failures_count_with_the_model_that_was_served() {
        let served = |item: &str, verdict, model: Option<&str>| {
            let mut sample = sample(1, item, verdict, 10);
            sample.provenance = Fingerprint::of(&[("served", model.unwrap_or(""))]);
            sample.exchanges[0].answer.model = model.map(Into::into);
            sample
        };
        let mut board = Board::default();
        board.begin(RunId(1), "nightly", false, 5);
        for sample in [
            served("a", Verdict::Failed, None),
            served("b", Verdict::Correct, Some("m-1")),
            served("c", Verdict::Unknown, None),
            // The provider changes the model under us: what follows is of the new one.
            served("d", Verdict::Wrong, Some("m-2")),
            served("e", Verdict::Failed, None),
        ] {
            board.tally(&sample, None);
        }
        let mut rows: Vec<_> = board.runs[&RunId(1)].figures(By::Scenario);
        rows.sort_by_key(|row| row.count(Verdict::Wrong));
        let counts: Vec<_> = rows
            .iter()
            .map(|r| (r.samples(), r.count(Verdict::Failed), r.count(Verdict::Unknown), r.cost.total().nanos()))
            .collect();
        assert_eq!(counts, [(3, 1, 1, 30), (2, 1, 0, 20)]);
    }

    #[test]
    fn an_answer_that_names_no_model_is_not_pooled_with_one_that_does() {
        let mut board = board();
        let mut named = sample(1, "named", Verdict::Correct, 1);
        named.provenance = Fingerprint::of(&[("served", "m")]);
        named.exchanges[0].answer.model = Some("m".into());
        board.tally(&named, None);
        assert_eq!(board.runs[&RunId(1)].figures(By::Scenario).iter().map(Figures::samples).sum::<u64>(), 5);
        assert_eq!(board.runs[&RunId(1)].figures(By::Scenario).len(), 2);
    }

    #[test]
    fn the_run_that_ended_last_is_shown_even_if_it_is_smaller() {
        let mut board = board();
        board.finish(RunId(1), "complete", 900);
        board.begin(RunId(2), "hourly", false, 10);
        let small = sample(2, "x", Verdict::Wrong, 1);
        board.tally(&small, None);
        board.finish(RunId(2), "complete", 901);
        let shown = |board: &Board| board.latest_figures().iter().map(Figures::samples).collect::<Vec<_>>();
        assert_eq!(shown(&board), [1]);
        // A run that was resumed has the smaller number and may end later.
        board.begin(RunId(1), "nightly", false, 5);
        board.tally(&sample(1, "y", Verdict::Correct, 1), None);
        board.tally(&sample(1, "z", Verdict::Correct, 1), None);
        board.finish(RunId(1), "complete", 902);
        assert_eq!(shown(&board), [2]);
    }

    #[test]
    fn what_brought_no_answer_is_outside_the_slo_and_at_infinity() {
        let board = board();
        let [row] = &board.runs[&RunId(1)].figures(By::Scenario)[..] else { panic!("one row") };
        let attainment = row.attainment.unwrap();
        assert_eq!((attainment.asked, attainment.share.estimate), (4, 0.5));
        assert_eq!(attainment.attained(), Attained::Unresolved);
        let with_failures = row.first_token_with_failures;
        assert_eq!((row.first_token.p50, with_failures.p99), (with_failures.p50, Some(f64::INFINITY)));
        // Two in 90 ms.
        assert!((row.goodput.unwrap() - 2.0 / 0.09).abs() < 1e-9);
        assert!(row.steady.is_some() && row.validity.reasons().any(|r| r == Reason::FewSamples));
        let domain = &board.runs[&RunId(1)].figures(By::Domain)[0];
        assert_eq!((domain.steady, &domain.validity), (None, &row.validity));
    }

    #[test]
    fn probes_are_apart_and_outlast_their_run() {
        let mut board = board();
        let before = board.counters.clone();
        for (position, verdict) in [(5, Verdict::Correct), (6, Verdict::Failed)] {
            let probe = sample(1, "probe", verdict, 1);
            board.count(position, &probe, Purpose::Probe, false);
            board.probed(&probe);
        }
        assert_eq!(board.counters, before);
        let told = board.runs[&RunId(1)].probes();
        assert_eq!((told[0].asked, told[0].failed), (2, 1));
        board.finish(RunId(1), "complete", 9);
        let back = Board::from_text(&board.to_text(), board.position).unwrap();
        assert_eq!((back.runs[&RunId(1)].probes(), back.probes), (told, board.probes));
    }

    #[test]
    fn histograms_on_other_grids_begin_anew_and_all_else_goes_on() {
        let mut board = board();
        let text = board.to_text();
        let vllm = Grids::KINDS.iter().find(|(name, _)| *name == "vllm").unwrap().1;
        assert_eq!(*board.since(), Since::default(), "one that nobody opened");
        board.opened(5);
        board.stand_on(Grids { inter_token: vllm.inter_token, ..Grids::default() }, 9);
        let latencies = board.latencies.values().next().unwrap();
        assert_eq!((latencies.inter_token.count(), latencies.inter_token.grid().name), (0, "vllm-tokens"));
        assert!(latencies.first_token_send.count() > 0);
        let back = Board::from_text(&board.to_text(), board.position).unwrap();
        assert_eq!((back.grids(), &back.latencies), (board.grids(), &board.latencies));
        assert_eq!(back.since(), board.since());
        assert_eq!((back.since().inter_token(), back.since().duration()), (Some(9), Some(5)));
        assert_eq!(Board::from_text(&text, 4).unwrap().counters, back.counters);
    }

    #[test]
    fn a_goal_is_met_missed_or_unresolved_by_its_interval() {
        let attained = |lower, upper| {
            let share = crate::stats::Interval { estimate: (lower + upper) / 2.0, lower, upper };
            Attainment { share, goal: 0.9, asked: 100 }.attained()
        };
        assert_eq!(attained(0.9, 0.95), Attained::Met);
        assert_eq!(attained(0.8, 0.899), Attained::Missed);
        assert_eq!(attained(0.89, 0.91), Attained::Unresolved);
    }
}
