//! `azure-llm`: Azure's public LLM inference traces (2023, 2024): CSV with TIMESTAMP (a date and time, UTC), ContextTokens
//! and GeneratedTokens.

use super::table::{Table, short};
use super::{Ask, Fault, Format, Kind, Parsed, tokens};
use crate::config::Section;
use crate::domain::Nanos;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// The format.
pub const KIND: Kind = Kind {
    name: "azure-llm",
    about: "Azure LLM inference traces: CSV of TIMESTAMP, ContextTokens, GeneratedTokens",
    start,
};

const HEADS: &[&str] = &["TIMESTAMP", "ContextTokens", "GeneratedTokens"];

struct Azure(Table);

fn start(_: &Section<'_>) -> Option<Box<dyn Format>> {
    Some(Box::new(Azure(Table::new(HEADS))))
}

impl Format for Azure {
    fn line(&mut self, text: &str) -> Result<Option<Parsed>, Fault> {
        let Some(cells) = self.0.cells(text)? else { return Ok(None) };
        let [at, context, generated] = cells.as_slice() else { return Ok(None) };
        let wrong = |column, head| move |message: String| Fault::at(column, head, message);
        let instant = time(at.text).ok_or_else(|| {
            let message = format!("expected a time such as 2023-11-16 18:17:03.9799600, found {:?}", short(at.text));
            Fault::at(at.column, "TIMESTAMP", message)
        })?;
        let input = tokens(context.number("ContextTokens")?, 1).map_err(wrong(context.column, "ContextTokens"))?;
        let output =
            tokens(generated.number("GeneratedTokens")?, 0).map_err(wrong(generated.column, "GeneratedTokens"))?;
        let ask = Ask::Length { tokens: input, blocks: Vec::new(), block_tokens: 0 };
        Ok(Some(Parsed { at: instant, ask, output_tokens: Some(output.max(1)) }))
    }
}

/// Nanoseconds since the Unix epoch. Some have an offset, some none: then it is UTC.
fn time(text: &str) -> Option<Nanos> {
    let time = text.parse::<Timestamp>().ok().or_else(|| {
        let civil: DateTime = text.parse().ok()?;
        Some(civil.to_zoned(TimeZone::UTC).ok()?.timestamp())
    })?;
    u64::try_from(time.as_nanosecond()).ok().map(Nanos)
}
