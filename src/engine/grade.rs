//! What the answers of a trial are worth, by its scorer. Where that takes asking a judge, it is asked here: ordinary,
//! priced exchanges, under their own purpose, that belong to the trial they judge. Where it takes running a program, that
//! runs in the scenario's sandbox.

use super::account::Refusal;
use super::ask::{Question, Start, Trial, one_turn};
use super::course::Course;
use super::sample::{Tried, is_whole};
use super::talk;
use crate::domain::{Exchange, Finding, Money, Prompt, Purpose};
use crate::scoring::{Graded, Reply};
use std::sync::Arc;
use tokio_util::task::AbortOnDropHandle;

/// The finding of a trial whose exchanges have ended; none where they brought no whole answer. Where something had to be
/// asked first, the last exchange is committed before it, and nothing is held for it any more.
///
/// # Errors
/// When the store did not take it.
pub(super) async fn grade(
    course: &Course,
    trial: &Trial,
    tried: &mut Tried,
    held: &mut Option<Money>,
) -> Result<Option<Finding>, Refusal> {
    let Trial { item, scenario, .. } = trial;
    if !is_whole(item, &tried.exchanges) || !tried.exchanges.last().is_some_and(Exchange::is_success) {
        return Ok(None);
    }
    let mut asked = Tried { at_unix_ms: tried.at_unix_ms, ..Tried::new() };
    let mut findings = Vec::new();
    for (item, answer) in talk::graded(scenario, item, &tried.exchanges) {
        let finding = match scenario.scorer.grade(&item, answer) {
            Graded::Final(finding) => finding,
            wanted => {
                // A kill from here on finds the answer paid, and the judge's exchange unknown.
                if let (Some(held), Some(last)) = (held.take(), tried.exchanges.last()) {
                    Box::pin(course.account.attempt(trial.key.clone(), last.clone(), held)).await?;
                }
                let replies = Box::pin(replies(course, trial, wanted, &mut asked)).await?;
                scenario.scorer.settle(&item, answer, &replies)
            }
        };
        findings.push(finding);
    }
    tried.share = tried.share + asked.share;
    tried.judged = asked.exchanges;
    Ok(Some(talk::together(scenario.grade, findings)))
}

async fn replies(course: &Course, trial: &Trial, wanted: Graded, asked: &mut Tried) -> Result<Vec<Reply>, Refusal> {
    let mut replies = Vec::new();
    match wanted {
        Graded::Final(_) => {}
        Graded::Ask(prompts) => {
            let judge = course.judges.get(&trial.scenario.name);
            for prompt in prompts {
                replies.push(match judge {
                    Some(judge) => ask(course, judge, trial, prompt, asked).await?,
                    None => Reply::Failed("the run has no judge for this scenario".to_owned()),
                });
            }
        }
        Graded::Run(job) => replies.push(match trial.scenario.sandbox.clone() {
            // Not on this lane, where streams are timed. One that nobody waits for any more is ended.
            Some(sandbox) => {
                let running = course.aside.spawn(async move { sandbox.run(&job).await });
                let ran = AbortOnDropHandle::new(running).await;
                ran.unwrap_or_else(|error| Reply::Failed(error.to_string()))
            }
            None => Reply::Failed("there is no sandbox".to_owned()),
        }),
    }
    Ok(replies)
}

/// Asks the judge one thing. A budget that does not allow it ends the run, as it does for every exchange.
async fn ask(
    course: &Course,
    judge: &Arc<Course>,
    trial: &Trial,
    prompt: Prompt,
    asked: &mut Tried,
) -> Result<Reply, Refusal> {
    let question = Question::of(&judge.target, &judge.target.provider, prompt, 0);
    let trial = Trial { purpose: Purpose::Judge, ..trial.clone() };
    let (exchange, held) = match one_turn(judge, &trial, &question, Start::Ready, (&mut None, asked), &|| ()).await {
        Ok(Some(ended)) => ended,
        Ok(None) | Err(Refusal::Stopping) => return Ok(Reply::Failed("the judge is given up".to_owned())),
        Err(Refusal::Store(error)) => return Err(Refusal::Store(error)),
        Err(refusal) => {
            let why = refusal.to_string();
            course.brake.pull(refusal);
            return Ok(Reply::Failed(why));
        }
    };
    if let Some(held) = held {
        course.account.attempt(trial.key, Exchange::clone(&exchange), held).await?;
    }
    let reply = match &exchange.fault {
        None => Reply::Said(exchange.answer.clone()),
        Some(fault) => Reply::Failed(fault.to_string()),
    };
    asked.add(exchange);
    Ok(reply)
}
