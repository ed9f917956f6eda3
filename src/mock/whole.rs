//! An answer that is not streamed, as a script: one write when its last token is due.

use super::faults::Fault;
use super::http;
use super::openai;
use super::script::{Forever, JSON, Plan, Script, Step};
use super::stream::GARBAGE;
use crate::domain::Nanos;

/// The script of an answer that is not streamed.
pub(super) fn script(plan: &Plan<'_>) -> Script {
    let text = |reasoning| {
        plan.groups.iter().filter(|g| g.reasoning == reasoning).map(|g| g.text.as_str()).collect::<String>()
    };
    let stall = if plan.fault == Some(Fault::Stall) { Nanos::from(plan.settings.stall).0 } else { 0 };
    let due = plan.groups.last().map_or(plan.head_due, |group| group.due).saturating_add(stall);
    let finish = (plan.fault != Some(Fault::NoFinish)).then_some(plan.finish);
    let figures = plan.wants_usage.then_some(plan.figures);
    let body = openai::completion(plan.sequence, plan.model, &text(false), &text(true), finish, figures);
    let id = plan.id_header();
    let (half, rest) = body.split_at(body.len() / 2);
    let sized = |length: u64, body: &[u8]| [&http::sized_head(200, JSON, &id, length), body].concat();
    let bare = |bytes: Vec<u8>| vec![Step { due, bytes, ..Step::default() }];
    let delivered = |bytes: Vec<u8>, pad: u64| Step {
        due,
        bytes,
        pad,
        tokens: plan.figures.completion,
        reasoning: plan.figures.reasoning.unwrap_or(0),
        usage: plan.wants_usage,
        said: plan.says,
    };
    match plan.fault {
        Some(Fault::Cut) => plan.script(bare(sized(body.len() as u64, half))),
        Some(Fault::Garbage) => plan.script(bare(GARBAGE.to_vec())),
        Some(Fault::BadJson) => plan.script(bare(sized(half.len() as u64, half))),
        Some(Fault::ErrorEvent) => {
            let error = openai::error("server_error", "mock_fault", "an error put in on purpose");
            plan.script(bare(sized(error.len() as u64, &error)))
        }
        Some(Fault::HugeLine) => {
            // JSON may have any amount of space between its parts: the line is huge and still JSON.
            let (before, after) = body.split_at(1);
            let head = sized(plan.settings.huge_bytes.saturating_add(body.len() as u64), before);
            let tail = Step { due, bytes: after.to_vec(), ..Step::default() };
            plan.script(vec![delivered(head, plan.settings.huge_bytes), tail])
        }
        Some(Fault::Endless) => {
            let mut bytes = http::chunked_head(200, JSON, &id);
            http::push_chunk(&mut bytes, half);
            let mut again = Vec::new();
            http::push_chunk(&mut again, b" ");
            let every = Nanos::from(plan.settings.itl).0;
            let forever = Some(Forever { every, bytes: again, tokens: 0 });
            Script { forever, ..plan.script(bare(bytes)) }
        }
        _ => plan.script(vec![delivered(sized(body.len() as u64, &[half, rest].concat()), 0)]),
    }
}
