//! The probe lane: beside a run's load, a one-token question to the same target every so often, on a thread and
//! connections of its own. So the server's latency under that load is seen from outside of the places and rates that
//! the load itself waits for.
//!
//! A probe is paid like any exchange, under its own purpose, and by the same budgets. It is held back neither by the
//! target's limits nor by the probe before it: one that takes long does not hide what comes after.

use super::ask::{Start, Trial, ask};
use super::course::{Brake, Course};
use super::lanes::Lanes;
use super::probe::question;
use crate::domain::{ItemId, Name, Purpose, RunId, TrialKey};
use crate::scoring::Scorer;
use crate::workload::Items;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// The most probes in flight: a target that answers none must not collect them.
const MOST: usize = 64;

/// Who is probed, in which run, how often.
pub(super) struct Lane<'a> {
    pub(super) run: RunId,
    pub(super) every: Duration,
    /// The load's course.
    pub(super) course: &'a Course,
    /// Grades what comes, as every answer is graded.
    pub(super) scorer: Arc<dyn Scorer>,
    pub(super) abort: &'a CancellationToken,
}

/// Probes until the load is over.
pub(super) async fn beside<F: Future>(lane: Option<Lane<'_>>, load: F) -> F::Output {
    let Some(lane) = lane else { return load.await };
    let over = CancellationToken::new();
    let load = async {
        let output = load.await;
        over.cancel();
        output
    };
    tokio::join!(load, probes(lane, &over)).0
}

async fn probes(lane: Lane<'_>, over: &CancellationToken) {
    let Lane { run, every, course, scorer, abort } = lane;
    let Some(target) = course.target.probe.clone() else { return };
    let lanes = match Lanes::start(1) {
        Ok(lanes) => lanes,
        Err(error) => return tracing::error!(%error, "there is no thread for probes"),
    };
    let Ok(name) = Name::new("probe") else { return };
    let scenario = Arc::new(question(name.clone(), scorer));
    let Items::Fixed(items) = &scenario.items else { return };
    let Some(item) = items.first().cloned() else { return };
    // What stops the load stops the probes, but a probe that is denied does not stop the load.
    let brake = Arc::new(Brake::new(course.stop.child_token()));
    let stop = brake.stop.clone();
    let course = Arc::new(Course::beside(target, course.account.clone(), brake));
    let places = Arc::new(Semaphore::new(MOST));
    let mut tasks = JoinSet::new();
    let mut clock = tokio::time::interval(every);
    clock.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    // The first tick is at once, when there is no load yet.
    clock.tick().await;
    for number in 1_u64.. {
        tokio::select! {
            biased;
            () = over.cancelled() => break,
            () = stop.cancelled() => break,
            () = abort.cancelled() => break,
            _ = clock.tick() => {}
        }
        while tasks.try_join_next().is_some() {}
        let (Ok(place), Some(handle)) = (Arc::clone(&places).try_acquire_owned(), lanes.next()) else { continue };
        let key = TrialKey {
            run,
            target: course.target.name.clone(),
            scenario: name.clone(),
            item: ItemId::new(&format!("probe-{number}")),
            repeat: 0,
        };
        let trial = Trial { key, item: Arc::clone(&item), scenario: Arc::clone(&scenario), purpose: Purpose::Probe };
        tasks.spawn(ask(Arc::clone(&course), trial, Start::Ready, place, handle));
    }
    loop {
        tokio::select! {
            biased;
            () = abort.cancelled() => {
                tasks.shutdown().await;
                return course.left().await;
            }
            joined = tasks.join_next() => match joined {
                Some(Ok(_)) => {}
                Some(Err(error)) => tracing::error!(%error, "a probe's task failed"),
                None => return,
            },
        }
    }
}
