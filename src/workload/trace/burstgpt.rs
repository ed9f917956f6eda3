//! `burstgpt`: the BurstGPT traces: CSV with Timestamp (seconds), Model, Request tokens, Response tokens, Total tokens,
//! Log Type; later files have more columns. A request that got no answer has 0 response tokens: it came all the same, and
//! is asked for one token.

use super::table::Table;
use super::{Ask, Fault, Format, Kind, Parsed, instant, tokens};
use crate::config::Section;

/// The format.
pub const KIND: Kind =
    Kind { name: "burstgpt", about: "BurstGPT traces: CSV of Timestamp (s), Request tokens, Response tokens", start };

const HEADS: &[&str] = &["Timestamp", "Request tokens", "Response tokens"];

struct BurstGpt(Table);

fn start(_: &Section<'_>) -> Option<Box<dyn Format>> {
    Some(Box::new(BurstGpt(Table::new(HEADS))))
}

impl Format for BurstGpt {
    fn line(&mut self, text: &str) -> Result<Option<Parsed>, Fault> {
        let Some(cells) = self.0.cells(text)? else { return Ok(None) };
        let [at, request, response] = cells.as_slice() else { return Ok(None) };
        let wrong = |column, head| move |message: String| Fault::at(column, head, message);
        let when = instant(at.number("Timestamp")?, 1e9).map_err(wrong(at.column, "Timestamp"))?;
        let input = tokens(request.number("Request tokens")?, 1).map_err(wrong(request.column, "Request tokens"))?;
        let output =
            tokens(response.number("Response tokens")?, 0).map_err(wrong(response.column, "Response tokens"))?;
        let ask = Ask::Length { tokens: input, blocks: Vec::new(), block_tokens: 0 };
        Ok(Some(Parsed { at: when, ask, output_tokens: Some(output.max(1)) }))
    }
}
