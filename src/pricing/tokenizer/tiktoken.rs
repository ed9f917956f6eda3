//! A tiktoken table (`o200k_base.tiktoken`): a line for each token, its bytes in base64 and its rank; and the patterns that
//! belong to such tables, which the files do not hold.

use super::Tokenizer;
use super::bpe::Bpe;
use super::pieces::{Cut, Pattern};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::collections::BTreeMap;

/// The patterns by name. They are data of the encodings: another pattern is another encoding.
pub(super) const PATTERNS: [(&str, &str); 4] = [("o200k", O200K), ("cl100k", CL100K), ("p50k", GPT2), ("gpt2", GPT2)];

pub(super) const GPT2: &str = r"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";

const CL100K: &str = concat!(
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*",
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
);

const O200K: &str = concat!(
    r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
    r"|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
    r"|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
);

/// Reads a table.
///
/// # Errors
/// The line and what is wrong with it.
pub(super) fn read(text: &str, pattern: &str, name: String) -> Result<Tokenizer, (usize, String)> {
    let mut ranks = BTreeMap::new();
    for (at, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let fail = |what: &str| (at + 1, what.to_owned());
        let (token, rank) =
            line.trim().split_once(' ').ok_or_else(|| fail("expected a token in base64 and its rank"))?;
        let bytes = STANDARD.decode(token).map_err(|e| fail(&format!("the token is no base64: {e}")))?;
        let rank: u32 = rank.parse().map_err(|_| fail("the rank is no whole number"))?;
        if ranks.insert(bytes, rank).is_some() {
            return Err(fail("the token is there already"));
        }
    }
    let lacks = (0..=255u8).filter(|byte| !ranks.contains_key([*byte].as_slice())).count();
    if lacks > 0 {
        return Err((1, format!("{lacks} of the 256 bytes are no token: not every text could be counted")));
    }
    let pattern = Pattern::new(pattern).map_err(|why| (1, why))?;
    Ok(Tokenizer {
        added: None,
        rewrites: Vec::new(),
        cuts: vec![Cut::Pattern(pattern)],
        bpe: Bpe::of_ranks(ranks),
        name,
    })
}
