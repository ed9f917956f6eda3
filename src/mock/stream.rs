//! A streamed answer as a script: one write an event, the head at once, faults half way.

use super::faults::Fault;
use super::http;
use super::openai::{self, DONE, Events};
use super::script::{Forever, Plan, Script, Step};
use crate::domain::Nanos;

/// Bytes that are neither HTTP nor a chunk of it.
pub(super) const GARBAGE: &[u8] = b"\x00\xFF\xFEthis is not the protocol\r\n\x80\x81\x82";

/// The script of a streamed answer.
pub(super) fn script(plan: &Plan<'_>) -> Script {
    let settings = plan.settings;
    let events = Events::new(plan.sequence, plan.model);
    let mut head = http::chunked_head(200, "text/event-stream; charset=utf-8", &plan.id_header());
    let mut role = Vec::new();
    http::push_chunk(&mut role, events.role().as_bytes());
    if settings.early_role {
        head.append(&mut role);
    }
    let mut steps = vec![Step { due: plan.head_due, bytes: head, ..Step::default() }];
    let middle = plan.middle();
    let last = plan.groups.len().checked_sub(1);
    let mut shift = 0;
    let mut due = plan.head_due;
    for (i, group) in plan.groups.iter().enumerate() {
        if i == middle {
            match half_way(plan, due, group.due) {
                HalfWay::Ends(ending) => {
                    steps.extend(ending);
                    return plan.script(steps);
                }
                HalfWay::GoesOn(inserted, pause) => {
                    steps.extend(inserted);
                    shift = pause;
                }
            }
        }
        due = group.due.saturating_add(shift);
        let mut bytes = std::mem::take(&mut role);
        http::push_chunk(&mut bytes, events.tokens(&group.text, group.reasoning).as_bytes());
        let reasoning = if group.reasoning { group.tokens } else { 0 };
        let said = plan.says && last == Some(i);
        steps.push(Step { due, bytes, tokens: group.tokens, reasoning, said, ..Step::default() });
    }
    if plan.groups.len() == middle {
        match half_way(plan, due, due) {
            HalfWay::Ends(ending) => {
                steps.extend(ending);
                return plan.script(steps);
            }
            HalfWay::GoesOn(inserted, pause) => {
                steps.extend(inserted);
                due = due.saturating_add(pause);
            }
        }
    }
    if plan.fault == Some(Fault::Endless) {
        let mut bytes = Vec::new();
        http::push_chunk(&mut bytes, events.tokens(" and", false).as_bytes());
        let forever = Some(Forever { every: Nanos::from(settings.itl).0, bytes, tokens: 1 });
        return Script { forever, ..plan.script(steps) };
    }
    steps.push(ending(plan, due, role));
    plan.script(steps)
}

/// The finish reason, the usage record and the end of the stream, as one write.
fn ending(plan: &Plan<'_>, due: u64, mut bytes: Vec<u8>) -> Step {
    let events = Events::new(plan.sequence, plan.model);
    if plan.fault != Some(Fault::NoFinish) {
        http::push_chunk(&mut bytes, events.finish(plan.finish).as_bytes());
    }
    if plan.wants_usage {
        http::push_chunk(&mut bytes, events.usage(plan.figures).as_bytes());
    }
    push_end(&mut bytes, plan.fault != Some(Fault::NoDone));
    Step { due, bytes, usage: plan.wants_usage, ..Step::default() }
}

/// What ends the stream itself.
fn push_end(out: &mut Vec<u8>, done: bool) {
    if done {
        http::push_chunk(out, DONE.as_bytes());
    }
    out.extend_from_slice(http::LAST_CHUNK);
}

enum HalfWay {
    /// The answer ends here.
    Ends(Vec<Step>),
    /// These are put in, the rest comes later by so much.
    GoesOn(Vec<Step>, u64),
}

/// What happens half way: after the write at `before`, ahead of the one due at `next`.
fn half_way(plan: &Plan<'_>, before: u64, next: u64) -> HalfWay {
    let one = |due: u64, bytes: Vec<u8>| HalfWay::Ends(vec![Step { due, bytes, ..Step::default() }]);
    let chunk = |event: &str| {
        let mut bytes = Vec::new();
        http::push_chunk(&mut bytes, event.as_bytes());
        push_end(&mut bytes, true);
        bytes
    };
    match plan.fault {
        // The socket is closed when the next token would be due.
        Some(Fault::Cut) => one(next, Vec::new()),
        Some(Fault::Garbage) => one(next, GARBAGE.to_vec()),
        Some(Fault::BadJson) => one(next, chunk("data: {\"id\":\"chatcmpl-mock\",\"choices\":[{\"delta\":\n\n")),
        Some(Fault::ErrorEvent) => one(next, chunk(&openai::error_event())),
        Some(Fault::Stall) => HalfWay::GoesOn(Vec::new(), Nanos::from(plan.settings.stall).0),
        Some(Fault::HugeLine) => HalfWay::GoesOn(huge_line(plan, before), 0),
        _ => HalfWay::GoesOn(Vec::new(), 0),
    }
}

/// One event, in one chunk, whose text is padded to the length set; it counts as one token.
fn huge_line(plan: &Plan<'_>, due: u64) -> Vec<Step> {
    let (before, after) = Events::new(plan.sequence, plan.model).around();
    let pad = plan.settings.huge_bytes;
    let size = pad.saturating_add((before.len() + after.len()) as u64);
    let opening = format!("{size:x}\r\n{before}").into_bytes();
    let closing = format!("{after}\r\n").into_bytes();
    vec![
        Step { due, bytes: opening, pad, tokens: 1, ..Step::default() },
        Step { due, bytes: closing, ..Step::default() },
    ]
}
