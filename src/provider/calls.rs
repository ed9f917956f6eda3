//! Tool calls as streams bring them: whole, or in pieces that belong to the newest call or to one by its index.

use crate::domain::{Answer, Failure, Fault, ToolCall};
use serde_json::value::RawValue;
use std::borrow::Cow;

/// The most tool calls one answer may have: more is no protocol, and must not claim memory.
const MOST: usize = 128;

/// The call of an index, made where it is not there yet.
pub(super) fn at(index: usize, answer: &mut Answer) -> Result<&mut ToolCall, Fault> {
    if index >= MOST {
        return Err(Fault::new(Failure::Protocol, format!("a tool call with index {index}")));
    }
    if answer.tool_calls.len() <= index {
        answer.tool_calls.resize(index + 1, ToolCall::default());
    }
    answer.tool_calls.get_mut(index).ok_or_else(|| Fault::new(Failure::Protocol, "a tool call without a place"))
}

/// Begins another call. `arguments` may be whole, or still to come.
pub(super) fn begin(name: &str, arguments: &str, answer: &mut Answer) -> Result<(), Fault> {
    let call = at(answer.tool_calls.len(), answer)?;
    name.clone_into(&mut call.name);
    arguments.clone_into(&mut call.arguments);
    Ok(())
}

/// Adds a piece of arguments to the newest call; says whether it held anything.
pub(super) fn add(piece: &str, answer: &mut Answer) -> Result<bool, Fault> {
    if answer.tool_calls.is_empty() {
        begin("", "", answer)?;
    }
    if let Some(call) = answer.tool_calls.last_mut() {
        call.arguments.push_str(piece);
    }
    Ok(!piece.is_empty())
}

/// Drops calls of which nothing ever came, such as a place left out by a server that counts from 1.
pub(super) fn drop_empty(answer: &mut Answer) {
    answer.tool_calls.retain(|call| !call.name.is_empty() || !call.arguments.is_empty());
}

/// Arguments as a JSON text: most servers put that text into a string, some give the JSON itself.
pub(super) fn arguments(raw: &RawValue) -> Cow<'_, str> {
    match serde_json::from_str::<super::text::Text<'_>>(raw.get()) {
        Ok(text) => text.0,
        Err(_) => Cow::Borrowed(raw.get()),
    }
}
