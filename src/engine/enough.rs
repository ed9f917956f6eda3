//! When a dispatch has asked enough: stops as values that the dispatch loop asks.

use super::ask::Trial;
use super::course::Course;
use crate::board::By;
use crate::domain::{Money, Name, RunId};
use crate::plan::worst;
use crate::workload::Precision;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// The stops of one dispatch, and what they have seen.
#[derive(Debug, Default)]
pub(super) struct Enough {
    duration: Option<Duration>,
    precision: Option<Precision>,
    budget: Option<Money>,
    backlog: Option<usize>,
    /// Held for trials that are under way.
    held: Money,
    /// By scenario: answers in this dispatch, and at how many of them its interval is looked at next.
    looks: BTreeMap<Name, (u64, u64)>,
    /// Scenarios whose accuracy is known well enough.
    known: BTreeSet<Name>,
}

/// What a trial that is under way is remembered by.
#[derive(Debug)]
pub(super) struct Ticket {
    run: RunId,
    scenario: Name,
    held: Money,
}

impl Enough {
    pub(super) fn of(stop: &crate::workload::Stop) -> Self {
        // Items are counted where they are ordered.
        let crate::workload::Stop { items: _, duration, precision, budget } = *stop;
        Self { duration, precision, budget, ..Self::default() }
    }

    /// Ends where so many exchanges are unfinished.
    pub(super) fn backlog(most: usize) -> Self {
        Self { backlog: Some(most), ..Self::default() }
    }

    pub(super) const fn duration(&self) -> Option<Duration> {
        self.duration
    }

    /// Whether so many unfinished exchanges are too many.
    pub(super) fn is_too_much(&self, unfinished: usize) -> bool {
        self.backlog.is_some_and(|most| unfinished > most)
    }

    /// Whether a scenario's accuracy is known well enough.
    pub(super) fn knows(&self, scenario: &Name) -> bool {
        self.known.contains(scenario)
    }

    /// Lets a trial begin; none where it could pass the target's budget.
    pub(super) fn admit(&mut self, course: &Course, trial: &Trial) -> Option<Ticket> {
        let mut held = Money::ZERO;
        if let Some(budget) = self.budget {
            held = worst(&course.target, &trial.scenario, &trial.item);
            let state = course.account.shared().lock();
            let spent = state.running.targets.get(&course.target.name).map_or(Money::ZERO, |p| p.spent);
            if spent + self.held + held > budget {
                return None;
            }
        }
        self.held += held;
        Some(Ticket { run: trial.key.run, scenario: trial.key.scenario.clone(), held })
    }

    /// A trial is over: what it held is free, and it may be time to look at its scenario.
    pub(super) fn done(&mut self, course: &Course, ticket: Ticket) {
        let Ticket { run, scenario, held } = ticket;
        self.held -= held;
        let Some(precision) = self.precision.filter(|_| !self.known.contains(&scenario)) else { return };
        let (answers, next) = self.looks.entry(scenario.clone()).or_insert((0, precision.next_look(0)));
        *answers += 1;
        if answers < next {
            return;
        }
        *next = precision.next_look(*answers);
        let answers = *answers;
        let state = course.account.shared().lock();
        let rows = state.board.runs.get(&run).map(|board| board.figures(By::Scenario)).unwrap_or_default();
        drop(state);
        let row = rows
            .into_iter()
            .filter(|row| row.target == course.target.name && row.scenario == scenario)
            .max_by_key(crate::board::Figures::graded);
        let Some((graded, interval)) = row.and_then(|row| row.accuracy.map(|interval| (row.graded(), interval))) else {
            return;
        };
        let half = interval.half_width();
        tracing::debug!(target = %course.target.name, %scenario, answers, graded, half, "looked at the interval");
        if graded >= precision.at_least && half <= precision.half_width {
            tracing::info!(target = %course.target.name, %scenario, graded, half, "its accuracy is known well enough");
            self.known.insert(scenario);
        }
    }
}
