//! `mooncake`: Mooncake's traces (FAST '25): JSON lines of timestamp (ms), input_length, output_length and hash_ids. Each
//! hash id stands for a block of 512 tokens of the question, in order, and the same id for the same tokens: so a prefix
//! that two questions share can be found in a prompt cache. Other tools write the same with blocks of another size.

use super::{Ask, Fault, Format, Kind, Parsed, instant, tokens};
use crate::config::Section;
use serde::Deserialize;

/// The format.
pub const KIND: Kind = Kind {
    name: "mooncake",
    about: "Mooncake traces: JSON lines of timestamp (ms), input_length, output_length, hash_ids",
    start,
};

const BLOCK: u32 = 512;

struct Mooncake {
    block_tokens: u32,
}

fn start(section: &Section<'_>) -> Option<Box<dyn Format>> {
    let block_tokens = section.or("block_tokens", BLOCK);
    if block_tokens == Some(0) {
        section.problem("block_tokens", "expected at least 1", None);
    }
    Some(Box::new(Mooncake { block_tokens: block_tokens?.max(1) }))
}

#[derive(Deserialize)]
struct Line {
    timestamp: f64,
    #[serde(alias = "input_tokens")]
    input_length: f64,
    #[serde(alias = "output_tokens")]
    output_length: f64,
    #[serde(default)]
    hash_ids: Vec<u64>,
}

impl Format for Mooncake {
    fn line(&mut self, text: &str) -> Result<Option<Parsed>, Fault> {
        let Line { timestamp, input_length, output_length, hash_ids } = parse(text)?;
        let wrong = |field| move |message: String| Fault::at(column_of(text, field), field, message);
        let at = instant(timestamp, 1e6).map_err(wrong("timestamp"))?;
        let input = tokens(input_length, 1).map_err(wrong("input_length"))?;
        let output = tokens(output_length, 0).map_err(wrong("output_length"))?;
        let blocks = input.div_ceil(self.block_tokens) as usize;
        if hash_ids.len() > blocks {
            let (n, size) = (hash_ids.len(), self.block_tokens);
            let message = format!("{n} ids, but {input} tokens are {blocks} blocks of {size}");
            let fault = Fault::at(column_of(text, "hash_ids"), "hash_ids", message);
            return Err(fault.hint("set `block_tokens` to the size of this trace's blocks"));
        }
        let ask = Ask::Length { tokens: input, blocks: hash_ids, block_tokens: self.block_tokens };
        Ok(Some(Parsed { at, ask, output_tokens: Some(output.max(1)) }))
    }
}

/// One JSON object, with the parser's complaint at its column.
pub(super) fn parse<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, Fault> {
    serde_json::from_str(text).map_err(|error| {
        // The parser counts bytes; people count characters.
        let column = text.char_indices().take_while(|(at, _)| *at < error.column()).count().max(1);
        let words = error.to_string();
        let words = words.rsplit_once(" at line ").map_or(words.as_str(), |(words, _)| words);
        let fault = Fault::at(column, "", words);
        if text.trim_start().starts_with('[') { fault.hint("make it one object a line: jq -c '.[]'") } else { fault }
    })
}

/// Where a field's name stands in a line, in characters from 1.
pub(super) fn column_of(text: &str, field: &str) -> usize {
    let at = text.find(&format!("\"{field}\"")).unwrap_or(0);
    text.get(..at).map_or(1, |before| before.chars().count() + 1)
}
