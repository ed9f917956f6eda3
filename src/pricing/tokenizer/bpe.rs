//! Byte-pair encoding: the pair of neighbours with the best rank is joined, until none has a rank.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

/// Pieces longer than this are cut before they are merged: nobody's text has such a word, and the time must be bounded.
const LONGEST: usize = 1 << 16;

/// The table. Symbols are byte strings, so that tables by bytes and by text are one.
#[derive(Debug)]
pub(super) struct Bpe {
    /// Ids are places in the order of their symbols.
    ids: BTreeMap<Vec<u8>, u32>,
    /// By the ids of two neighbours: the rank of joining them, and what they become.
    merges: BTreeMap<(u32, u32), (u32, u32)>,
    /// A piece that is a token as a whole is one, whatever the merges say.
    whole_first: bool,
    /// How a piece is taken apart at first.
    start: Start,
}

/// What a piece consists of at first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Start {
    /// Its bytes.
    Bytes,
    /// Its characters; one that is no token is its bytes (`<0x0A>`), each one token.
    Characters,
}

impl Bpe {
    /// A table of tokens with ranks, as tiktoken has it: what joins to a token has that token's rank.
    pub(super) fn of_ranks(ranks: BTreeMap<Vec<u8>, u32>) -> Self {
        let mut merges = BTreeMap::new();
        for (token, rank) in &ranks {
            for cut in 1..token.len() {
                let (left, right) = token.split_at(cut);
                if let (Some(left), Some(right)) = (ranks.get(left), ranks.get(right)) {
                    merges.insert((*left, *right), (*rank, *rank));
                }
            }
        }
        Self { ids: ranks, merges, whole_first: true, start: Start::Bytes }
    }

    /// A vocabulary with its list of merges, best first.
    ///
    /// # Errors
    /// The first merge that joins what is not in the vocabulary.
    pub(super) fn of_merges(
        ids: BTreeMap<Vec<u8>, u32>,
        list: &[(Vec<u8>, Vec<u8>)],
        whole_first: bool,
        start: Start,
    ) -> Result<Self, String> {
        let mut merges = BTreeMap::new();
        for (rank, (left, right)) in list.iter().enumerate() {
            let id = |symbol: &[u8]| {
                let shown = || String::from_utf8_lossy(symbol).into_owned();
                ids.get(symbol)
                    .copied()
                    .ok_or_else(|| format!("merge {} joins to {:?}, which is no token", rank + 1, shown()))
            };
            let pair = (id(left)?, id(right)?);
            let whole = id(&[left.as_slice(), right].concat())?;
            let rank = u32::try_from(rank).map_err(|e| e.to_string())?;
            merges.entry(pair).or_insert((rank, whole));
        }
        Ok(Self { ids, merges, whole_first, start })
    }

    /// How many tokens a piece becomes.
    pub(super) fn count(&self, piece: &str) -> u64 {
        let bytes = piece.as_bytes();
        if bytes.is_empty() {
            return 0;
        }
        if self.whole_first && self.ids.contains_key(bytes) {
            return 1;
        }
        let (mut symbols, mut tokens) = (Vec::new(), 0);
        match self.start {
            Start::Bytes => symbols.extend(bytes.iter().map(|byte| self.ids.get([*byte].as_slice()).copied())),
            Start::Characters => {
                for character in piece.chars() {
                    let text = character.to_string();
                    match self.ids.get(text.as_bytes()) {
                        Some(id) => symbols.push(Some(*id)),
                        None => {
                            let byte = |byte: u8| self.ids.get(format!("<0x{byte:02X}>").as_bytes()).copied();
                            symbols.extend(text.bytes().map(byte));
                        }
                    }
                }
            }
        }
        for part in symbols.chunks(LONGEST) {
            tokens += self.merged(part);
        }
        tokens
    }

    /// Joins neighbours, best rank first and from the left, and counts what is left.
    fn merged(&self, symbols: &[Option<u32>]) -> u64 {
        let mut nodes: Vec<Option<u32>> = symbols.to_vec();
        let mut next: Vec<usize> = (1..=nodes.len()).collect();
        let mut before: Vec<usize> = (0..nodes.len()).map(|at| at.wrapping_sub(1)).collect();
        let mut alive = vec![true; nodes.len()];
        let at = |nodes: &[Option<u32>], at: usize| nodes.get(at).copied().flatten();
        let rank = |nodes: &[Option<u32>], left: usize, right: usize| {
            let pair = (at(nodes, left)?, at(nodes, right)?);
            self.merges.get(&pair).map(|(rank, whole)| (*rank, pair, *whole))
        };
        let mut heap = BinaryHeap::new();
        for left in 0..nodes.len().saturating_sub(1) {
            if let Some((rank, pair, whole)) = rank(&nodes, left, left + 1) {
                heap.push(Reverse((rank, left, left + 1, pair, whole)));
            }
        }
        let mut left_over = nodes.len() as u64;
        while let Some(Reverse((_, left, right, pair, whole))) = heap.pop() {
            let fresh = alive.get(left) == Some(&true)
                && alive.get(right) == Some(&true)
                && next.get(left) == Some(&right)
                && at(&nodes, left).zip(at(&nodes, right)) == Some(pair);
            if !fresh {
                continue;
            }
            let after = next.get(right).copied().unwrap_or(nodes.len());
            set(&mut nodes, left, Some(whole));
            set(&mut alive, right, false);
            set(&mut next, left, after);
            set(&mut before, after, left);
            left_over -= 1;
            if let Some((rank, pair, whole)) = rank(&nodes, left, after) {
                heap.push(Reverse((rank, left, after, pair, whole)));
            }
            let earlier = before.get(left).copied().unwrap_or(usize::MAX);
            if let Some((rank, pair, whole)) = rank(&nodes, earlier, left) {
                heap.push(Reverse((rank, earlier, left, pair, whole)));
            }
        }
        left_over
    }
}

fn set<T>(list: &mut [T], at: usize, value: T) {
    if let Some(slot) = list.get_mut(at) {
        *slot = value;
    }
}
