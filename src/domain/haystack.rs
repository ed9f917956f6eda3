//! A long text in which a few facts stand, as a recipe: a thousand texts of 100,000 tokens would not fit into memory.

/// How to make a long text with facts in it; the same recipe gives the same text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Haystack {
    /// Its length in tokens, by [`estimated_tokens`](super::estimated_tokens): it ends with the sentence that reaches it,
    /// or that holds the last fact.
    pub tokens: u32,
    /// What stands in it.
    pub facts: Vec<Fact>,
    /// Seeds what is around the facts.
    pub seed: u64,
    /// Whether it is in Chinese rather than in English.
    pub is_chinese: bool,
}

/// One sentence that stands in a long text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// Where it stands, in ten-thousandths of the text's length: 0 is the beginning.
    pub depth: u32,
    /// The sentence, complete.
    pub text: String,
}

impl Haystack {
    /// The whole of a text.
    pub const WHOLE: u32 = 10_000;
}
