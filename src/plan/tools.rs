//! Whether the tools that a scenario's items offer reach the targets of a run: told before anything is asked.

use super::{Scenario, Target};
use crate::config::Section;
use crate::provider;
use crate::workload::Items;
use serde_json::{Map, Value as Json};
use std::sync::Arc;

/// Items that offer tools need targets whose protocol has them, and whose `body` does not put others in their place.
pub(super) fn can_be_offered(section: &Section<'_>, targets: &[Arc<Target>], scenarios: &[Arc<Scenario>]) -> bool {
    let lacks = |target: &Target| provider::KINDS.iter().any(|kind| kind.name == target.api && !kind.tools);
    let replaces = |target: &Target| {
        serde_json::from_str::<Map<String, Json>>(&target.body).is_ok_and(|body| body.contains_key("tools"))
    };
    // Items are looked at only for such targets.
    let hindered: Vec<_> = targets.iter().filter(|target| lacks(target) || replaces(target)).collect();
    if hindered.is_empty() {
        return true;
    }
    let mut good = true;
    for scenario in scenarios.iter().filter(|scenario| offers_tools(&scenario.items)) {
        for target in &hindered {
            let (name, to) = (&scenario.name, &target.name);
            if lacks(target) {
                let message =
                    format!("scenario {name} offers tools, which target {to} can't be told of by {}", target.api);
                let hint = "ask the model by a chat protocol, such as openai-chat, or leave the target out of this run";
                section.problem("targets", message, Some(hint.into()));
            } else {
                let message = format!("scenario {name} offers tools, and the `body` of target {to} replaces them");
                section.problem("targets", message, Some("leave `tools` out of its `body`".into()));
            }
            good = false;
        }
    }
    good
}

/// Whether any item offers tools; of what is drawn, the first few tell.
fn offers_tools(items: &Items) -> bool {
    const FEW: usize = 64;
    items.look(FEW).items.iter().any(|item| !item.tools.is_empty())
}
