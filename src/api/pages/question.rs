//! What a stored sample was asked: the store keeps answers only, so the question is made again of the configuration, where that
//! still has what was asked then.

use crate::api::page::Question;
use crate::domain::{Fingerprint, Item, Tool};
use crate::plan::{Plan, StoreAnswers};
use crate::store::Dossier;
use crate::workload::Occasion;
use std::collections::BTreeMap;

/// The question of a sample, or why it is not told; `asked` is what the run asked, by scenario.
pub(super) fn of(plan: &Plan, dossier: &Dossier, asked: &BTreeMap<String, Fingerprint>) -> Question {
    found(plan, dossier, asked).unwrap_or_else(|why| Question::Not(why.to_owned()))
}

fn found(plan: &Plan, dossier: &Dossier, asked: &BTreeMap<String, Fingerprint>) -> Result<Question, &'static str> {
    let sample = &dossier.recorded.sample;
    let target = plan.targets.iter().find(|target| target.name == sample.key.target);
    let target = target
        .ok_or("The configuration does not have this target any more, and so not whether its texts may be shown.")?;
    if target.store_answers != StoreAnswers::Yes {
        return Err("Texts of this target are not kept (store_answers), so what it was asked is not shown either.");
    }
    let scenario = plan.scenarios.iter().find(|scenario| scenario.name == sample.key.scenario);
    let scenario =
        scenario.ok_or("The configuration does not have this scenario any more; the store keeps answers only.")?;
    if asked.get(scenario.name.as_str()).is_some_and(|asked| *asked != scenario.asked) {
        return Err("The scenario's items or template have changed since; the store keeps answers only.");
    }
    let item = match scenario.items.fixed() {
        Some(items) => items.iter().find(|item| item.id == sample.key.item).cloned(),
        None => {
            let on = Occasion { seed: dossier.run.seed, started_unix_ms: dossier.run.started_unix_ms };
            scenario.items.draw(on).into_iter().find(|item| item.id == sample.key.item)
        }
    };
    let item = item.ok_or("The scenario does not have this item any more; the store keeps answers only.")?;
    // Of a conversation the answers before its last turn are part of what was asked.
    let turn = sample.last().map_or(0, |last| last.turn);
    let before = sample.exchanges.iter().filter(|exchange| exchange.is_success() && exchange.turn < turn);
    let said: Vec<String> = before.map(|exchange| exchange.answer.text.clone()).collect();
    let prompt = scenario.template.turn(&item, &said);
    let mut messages: Vec<(&'static str, String)> =
        prompt.messages.iter().map(|message| (message.role.label(), message.content.clone())).collect();
    messages.extend(
        prompt
            .tools
            .iter()
            .map(|Tool { name, description, parameters }| ("tool", format!("{name}: {description}\n{parameters}"))),
    );
    let Item { answers: references, options, .. } = item.at_turn(turn as usize).unwrap_or_else(|| Item::clone(&item));
    Ok(Question::Known { messages, references, options })
}
