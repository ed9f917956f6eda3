//! A run that asks only what still matters: batch by batch, until its question is answered or its budget is spent.
//!
//! What to ask next is a [`Campaign`]'s to say; it is asked by the one dispatch loop, a batch at a time, and its graded answers are
//! taken back out of the store. So there is nothing to keep beside the samples: a run that was killed plays the
//! campaign again on what is recorded, and goes on with the first trial that is not. For that to be the same campaign, what it
//! knew when it began (`known::Knowledge`) is kept with the run.

mod known;
mod tell;

use super::course::{Brake, Course};
use super::enough::Enough;
use super::hardware::note;
use super::ledger::{Denied, Scope};
use super::replay::{Dispatched, Feed, in_flight, replay};
use super::run::{Ended, Engine, Entry, Halt, Still, over};
use crate::board::{CampaignEnd, Question};
use crate::domain::{Item, RunId};
use crate::plan::{Adaptive, Ground, RunPlan, Scenario};
use crate::stats::{Ask, Campaign, Goal, Spec, Stop};
use crate::store::StoreError;
use known::{Knowledge, Known, Paid};
use std::collections::BTreeSet;
use std::sync::Arc;
use tokio::task::JoinSet;

/// Everything that the campaigns of one run share.
struct Adapting<'a> {
    engine: &'a Engine,
    plan: &'a RunPlan,
    adaptive: &'a Adaptive,
    run: RunId,
    seed: u64,
    started_unix_ms: i64,
    halt: &'a Halt,
    /// Of each target, in the plan's order.
    stills: Vec<Arc<Still>>,
    courses: Vec<Arc<Course>>,
    warmed: BTreeSet<usize>,
    known: Known,
}

/// One scenario's campaign.
pub(super) struct Play<'a> {
    scenario: &'a Arc<Scenario>,
    ground: &'a Ground,
    campaign: Campaign,
    knowledge: Knowledge,
    paid: Paid,
}

/// Plays the campaigns of a run, one scenario after the other.
pub(super) async fn adapt(
    engine: &Engine,
    (plan, adaptive): (&RunPlan, &Adaptive),
    stills: Vec<Still>,
    (run, seed, started_unix_ms): (RunId, u64, i64),
    halt: &Halt,
) -> Ended {
    let brake = Arc::new(Brake::new(halt.drain.child_token()));
    let judges = Arc::new(engine.judges(plan));
    let mut courses = Vec::new();
    for target in &plan.targets {
        if !target.meters.is_empty() {
            engine.account.meters.ready(target).await;
        }
        let gate = in_flight(&plan.workload.arrival, target.limits.concurrency, seed);
        let course = Course::new(Arc::clone(target), engine.account.clone(), (false, gate), Arc::clone(&brake));
        courses.push(Arc::new(course.judged_by(&judges)));
    }
    let stills: Vec<Arc<Still>> = stills.into_iter().map(Arc::new).collect();
    let known = Known::new(run, plan.retry_unknown);
    let mut adapting = Adapting {
        engine,
        plan,
        adaptive,
        run,
        seed,
        started_unix_ms,
        halt,
        stills,
        courses,
        warmed: BTreeSet::new(),
        known,
    };
    let ends = match adapting.campaigns().await {
        Ok(ends) => ends,
        Err(error) => {
            brake.pull(error.into());
            None
        }
    };
    let mut dead = Vec::new();
    for (course, still) in adapting.courses.iter().zip(&adapting.stills) {
        tokio::select! {
            biased;
            () = halt.abort.cancelled() => {}
            () = note(course, run, still.is_resumed()) => {}
        }
        dead.extend(course.is_given_up().then(|| course.target.name.clone()));
    }
    let ended = if ends.is_some() { Dispatched::Done } else { Dispatched::Stopped };
    match over(plan, &brake, ended, halt, &dead) {
        Ended::Complete if ends.is_some_and(|ends| ends.contains(&CampaignEnd::Budget)) => {
            Ended::Budget(adapting.spent_up())
        }
        other => other,
    }
}

impl Adapting<'_> {
    /// How the campaigns ended; none where they were stopped before their end.
    async fn campaigns(&mut self) -> Result<Option<Vec<CampaignEnd>>, StoreError> {
        self.known.read(self.engine.store.as_ref()).await?;
        let plan = self.plan;
        let grounds: Vec<Ground> = plan.scenarios.iter().map(|scenario| self.ground(scenario)).collect();
        let (mut ends, mut spent) = (Vec::new(), 0.0);
        for (nth, (scenario, ground)) in plan.scenarios.iter().zip(&grounds).enumerate() {
            if ground.units.is_empty() {
                continue;
            }
            let rest = grounds.get(nth..).unwrap_or_default();
            let cap = plan.campaign_cap().map(|cap| (cap - spent).max(0.0) * part(rest));
            let Some(mut play) = self.begin(scenario, ground, cap).await? else { return Ok(None) };
            let over = self.play(&mut play).await?;
            spent += play.paid.spent();
            let end = self.show(&play, over);
            if !over {
                return Ok(None);
            }
            ends.push(end);
        }
        // What is left was not needed: the progress is at its end.
        let counts = self.known.by_target();
        let totals = plan.targets.iter().map(|t| (t.name.clone(), counts.get(&t.name).copied().unwrap_or(0)));
        self.engine.account.expect(totals.collect()).await;
        Ok(Some(ends))
    }

    fn ground(&self, scenario: &Scenario) -> Ground {
        let order = self.stills.first().map(|still| Arc::clone(&still.order));
        let entries = order.iter().flat_map(|order| order.iter());
        let own = entries.filter(|(of, _, repeat)| of.name == scenario.name && *repeat == 0);
        let items: Vec<Arc<Item>> = own.map(|(_, item, _)| Arc::clone(item)).collect();
        Ground::of(self.plan, scenario, &items)
    }

    /// A campaign that has asked nothing yet; none where there can't be any.
    async fn begin<'b>(
        &self,
        scenario: &'b Arc<Scenario>,
        ground: &'b Ground,
        cap: Option<f64>,
    ) -> Result<Option<Play<'b>>, StoreError> {
        let store = self.engine.store.as_ref();
        let mut knowledge = Knowledge { costs: ground.costs.clone(), cap, ..Knowledge::default() };
        if self.adaptive.history && scenario.items.come_again() {
            knowledge.remember(store, (self.run, self.started_unix_ms), scenario, &ground.units).await?;
        }
        // What was known when the run began holds, whatever is known since.
        let knowledge = knowledge.kept(store, self.run, &scenario.name).await?;
        let place = self.plan.scenarios.iter().position(|s| s.name == scenario.name).unwrap_or(0) as u64;
        let spec = self.adaptive.spec(self.plan, ground, self.seed ^ (place << 48) ^ 0xada7);
        let spec = spec.map(|spec| Spec {
            costs: knowledge.costs.clone(),
            cap: knowledge.cap.filter(|_| knowledge.costs.is_some()),
            history: knowledge.history.clone(),
            ..spec
        });
        match spec.map(Campaign::new) {
            Some(Ok(campaign)) => {
                let paid = Paid::new(self.plan.targets.len(), ground, knowledge.costs.clone());
                Ok(Some(Play { scenario, ground, campaign, knowledge, paid }))
            }
            Some(Err(error)) => {
                tracing::error!(%error, scenario = %scenario.name, "there is nothing that could be decided");
                Ok(None)
            }
            None => {
                tracing::error!(scenario = %scenario.name, "the target that others are to be held against is not asked");
                Ok(None)
            }
        }
    }

    /// Asks until the campaign has its answer; false where it was stopped before.
    async fn play(&mut self, play: &mut Play<'_>) -> Result<bool, StoreError> {
        loop {
            let asks = play.campaign.next_batch();
            if asks.is_empty() {
                return Ok(true);
            }
            let ended = self.ask(play, &asks).await;
            self.known.read(self.engine.store.as_ref()).await?;
            let (units, repeats) = (&play.ground.units, play.scenario.repeats);
            let found: Option<Vec<_>> = asks
                .iter()
                .map(|ask| {
                    let target = &self.plan.targets.get(ask.target)?.name;
                    let answers = self.known.of(target, &play.scenario.name, units.get(ask.item)?, repeats)?;
                    Some((*ask, answers))
                })
                .collect();
            let Some(found) = found.filter(|_| ended == Dispatched::Done) else { return Ok(false) };
            // Between targets an item tells something only where all that were asked it have a score: else the one whose answer
            // is missing would be held against the others with what was foreseen of it.
            let apart = matches!(self.adaptive.question, Question::Precision(_));
            let holed: BTreeSet<usize> =
                found.iter().filter(|(_, answers)| answers.score().is_none()).map(|(ask, _)| ask.item).collect();
            for (ask, answers) in found {
                play.paid.add(ask, &answers);
                play.campaign.take(ask, answers.score().filter(|_| apart || !holed.contains(&ask.item)));
            }
            if let Some(costs) = play.paid.costs()
                && let Err(error) = play.campaign.reprice(costs, play.paid.spent())
            {
                tracing::error!(%error, "what was paid can't be reckoned with");
            }
            self.show(play, false);
        }
    }

    /// Asks what is not recorded yet of a batch, with the workload's places.
    async fn ask(&mut self, play: &Play<'_>, asks: &[Ask]) -> Dispatched {
        let at_once = if self.plan.parallel { self.courses.len() } else { 1 };
        let (mut running, mut ended) = (JoinSet::new(), Dispatched::Done);
        for (k, (course, still)) in self.courses.iter().zip(&self.stills).enumerate() {
            let own: Vec<&Vec<Arc<Item>>> =
                asks.iter().filter(|ask| ask.target == k).filter_map(|ask| play.ground.units.get(ask.item)).collect();
            // Repeats come after every item was asked once.
            let entries = (0..play.scenario.repeats)
                .flat_map(|repeat| own.iter().flat_map(|unit| unit.iter()).map(move |item| (Arc::clone(item), repeat)));
            let entries = entries.map(|(item, repeat)| -> Entry { (Arc::clone(play.scenario), item, repeat) });
            let trials: Vec<_> =
                entries.filter_map(|entry| still.trial(&entry)).filter(|trial| !self.known.has(&trial.key)).collect();
            if trials.is_empty() {
                continue;
            }
            while running.len() >= at_once {
                ended = worse(ended, running.join_next().await);
            }
            if ended == Dispatched::Stopped {
                break;
            }
            let warm = if self.warmed.insert(k) { self.plan.workload.warmup.items } else { 0 };
            let (engine, course, still) = (self.engine.clone(), Arc::clone(course), Arc::clone(still));
            let (arrival, seed, abort) = (self.plan.workload.arrival.clone(), self.seed, self.halt.abort.clone());
            running.spawn(async move {
                engine.warm_up(&course, &still, warm, &abort).await;
                // While others were asked its hardware was nobody's here.
                course.rested();
                let feed = Feed::new(trials.into_iter());
                replay(&course, &engine.lanes, feed, (&arrival, seed), Enough::default(), &abort).await.ended
            });
        }
        while let Some(joined) = running.join_next().await {
            ended = worse(ended, Some(joined));
        }
        ended
    }

    /// Why a campaign asks no more.
    fn end(&self, play: &Play<'_>) -> CampaignEnd {
        match play.campaign.stopped() {
            None => CampaignEnd::Open,
            Some(Stop::Decided) => CampaignEnd::Decided,
            Some(Stop::Exact) => CampaignEnd::Exact,
            Some(Stop::Cap) => {
                let (_, full) = play.campaign.spent();
                let cap = play.knowledge.cap.filter(|_| play.knowledge.costs.is_some()).unwrap_or(f64::INFINITY);
                match self.adaptive.goal(&self.plan.targets) {
                    Some(Goal::Ranking { share }) if share * full <= cap => CampaignEnd::Share,
                    _ => CampaignEnd::Budget,
                }
            }
        }
    }

    /// Shows what is known so far.
    fn show(&self, play: &Play<'_>, over: bool) -> CampaignEnd {
        let budget = self.courses.first().and_then(|course| course.brake.reason()).is_some_and(|r| r.is_final());
        let end = if budget && !over { CampaignEnd::Budget } else { self.end(play) };
        let told = tell::campaigned(self.plan, self.adaptive, play, &self.known, end);
        let mut state = self.engine.account.shared().lock();
        if let Some(board) = state.board.runs.get_mut(&self.run) {
            board.campaigned(told);
        }
        end
    }

    /// The denial that a campaign without a next batch stands for.
    fn spent_up(&self) -> Denied {
        let state = self.engine.account.shared().lock();
        let limit = self.plan.budget.unwrap_or_default();
        let committed = state.ledger.run.spent + state.ledger.run.unknown;
        Denied::Budget { scope: Scope::Run, limit, committed, asked: self.plan.dearest_exchange() }
    }
}

/// The part of what is left that the first of these gets: as much as it costs of all, or where that is not known, an even one.
fn part(rest: &[Ground]) -> f64 {
    let cost = |ground: &Ground| -> Option<f64> {
        let costs = ground.costs.as_ref()?;
        let of = |row: &Vec<f64>| ground.strata.iter().filter_map(|h| row.get(*h)).sum::<f64>();
        Some(costs.iter().map(of).sum())
    };
    let rest: Vec<&Ground> = rest.iter().filter(|ground| !ground.units.is_empty()).collect();
    let costs: Option<Vec<f64>> = rest.iter().map(|ground| cost(ground)).collect();
    let even = 1.0 / f64::from(u32::try_from(rest.len().max(1)).unwrap_or(1));
    match costs.as_deref() {
        Some([first, ..]) => {
            let all: f64 = costs.iter().flatten().sum();
            if all > 0.0 { first / all } else { even }
        }
        _ => even,
    }
}

fn worse(so_far: Dispatched, joined: Option<Result<Dispatched, tokio::task::JoinError>>) -> Dispatched {
    match joined {
        None | Some(Ok(Dispatched::Done)) => so_far,
        Some(Ok(Dispatched::Stopped)) => Dispatched::Stopped,
        Some(Err(error)) => {
            tracing::error!(%error, "a target's task failed");
            Dispatched::Stopped
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_is_shared_out_by_what_scenarios_cost() {
        let ground = |cost: Option<f64>| Ground {
            units: vec![Vec::new(); 2],
            strata: vec![0, 0],
            costs: cost.map(|cost| vec![vec![cost], vec![cost]]),
            ..Ground::default()
        };
        let known = [ground(Some(3.0)), ground(Some(1.0))];
        assert_eq!((part(&known), part(&known[1..])), (0.75, 1.0));
        assert_eq!(part(&[ground(None), ground(Some(1.0))]), 0.5);
        assert_eq!(part(&[]), 1.0);
    }
}
