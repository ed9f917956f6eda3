//! What a trace says of an item: when it came, and how long question and answer were.

use super::Nanos;
use std::sync::Arc;

/// What a trace says of an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Traced {
    /// When it came, since the trace's first row.
    pub at: Nanos,
    /// How many output tokens its answer had: at most so many are asked for.
    pub output_tokens: Option<u32>,
    /// Where only the question's length is known: how to make one of that length.
    pub question: Option<Synthetic>,
}

/// How to make a text of a given length; the same recipe gives the same text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Synthetic {
    /// Its length, in tokens.
    pub tokens: u32,
    /// Its blocks, first to last, each of `block_tokens`: the same number means the same text, so that shared prefixes
    /// are shared. What is beyond them is this text's own.
    pub blocks: Arc<[u64]>,
    /// Tokens of a block.
    pub block_tokens: u32,
    /// Seeds the blocks' text.
    pub seed: u64,
    /// Seeds what is beyond the blocks, together with `seed`.
    pub own: u64,
}
