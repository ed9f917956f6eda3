//! Likeness of token sequences: shingles, MinHash signatures and their bands.
//!
//! Broder, A. Z. (1997), On the resemblance and containment of documents; banding after Leskovec, Rajaraman & Ullman
//! (2014), Mining of Massive Datasets, §3.4: two sets of Jaccard index s meet in one of b bands of r rows with
//! probability 1 − (1 − s^r)^b.

use super::tokens::Tokens;

/// Tokens of a shingle.
const TOKENS: usize = 3;
/// Hash functions of a signature.
const PERMUTATIONS: usize = 128;
/// The most that may be missed at the threshold itself.
const MISSED: f64 = 1e-3;

/// The hashes of all shingles of a text, sorted, each once. A text shorter than a shingle is one.
pub(super) fn shingles(tokens: &Tokens) -> Vec<u64> {
    // FNV-1a over the tokens, each ended by a byte that no text has.
    let step = |h: u64, b: u8| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3);
    let token = |h: u64, token: &str| step(token.bytes().fold(h, step), 0xFF);
    let mut all: Vec<u64> =
        tokens.windows(TOKENS).map(|window| mix(window.fold(0xcbf2_9ce4_8422_2325, token))).collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// Steele, Lea & Flood (2014), the finaliser of SplitMix64: every bit of the input moves every bit of the output.
const fn mix(mut x: u64) -> u64 {
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

/// The share of all shingles of both that are in both; both sorted.
#[expect(clippy::cast_precision_loss, reason = "counts of shingles, far below 2^53")]
pub(super) fn jaccard(a: &[u64], b: &[u64]) -> f64 {
    let shared = a.iter().filter(|x| b.binary_search(x).is_ok()).count();
    let all = a.len() + b.len() - shared;
    if all == 0 { 1.0 } else { shared as f64 / all as f64 }
}

/// How a signature is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Bands {
    rows: usize,
}

impl Bands {
    /// The longest bands that miss hardly anything at a threshold: the fewest candidates to verify.
    pub(super) fn for_threshold(threshold: f64) -> Self {
        let missed = |rows: usize| {
            let (rows, bands) = (i32::try_from(rows).unwrap_or(1), i32::try_from(PERMUTATIONS / rows).unwrap_or(1));
            (1.0 - threshold.powi(rows)).powi(bands)
        };
        let rows = [64, 32, 16, 8, 4, 2].into_iter().find(|rows| missed(*rows) <= MISSED).unwrap_or(1);
        Self { rows }
    }

    /// A hash of each band of a set's signature.
    pub(super) fn of(self, shingles: &[u64]) -> impl Iterator<Item = u128> {
        let permutation = |n: usize| {
            let seed = mix(n as u64 ^ 0x9e37_79b9_7f4a_7c15);
            shingles.iter().map(|shingle| mix(shingle ^ seed)).min().unwrap_or(u64::MAX)
        };
        let signature: Vec<u64> = (0..PERMUTATIONS).map(permutation).collect();
        let hash = |band: &[u64]| {
            let [a, b] = [1_u64, 2].map(|seed| band.iter().fold(seed, |h, x| mix(h.rotate_left(5) ^ x)));
            u128::from(a) << 64 | u128::from(b)
        };
        signature.chunks(self.rows).map(hash).collect::<Vec<_>>().into_iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Tokens {
        crate::workload::duplicates::tokens::tokens(text)
    }

    #[test]
    fn likeness_is_the_share_of_shingles_in_common() {
        let (a, b) = (shingles(&words("a b c d e")), shingles(&words("a b c d x")));
        assert_eq!((a.len(), b.len()), (3, 3));
        assert!((jaccard(&a, &b) - 0.5).abs() < 1e-12);
        assert!((jaccard(&shingles(&words("a")), &shingles(&words("a"))) - 1.0).abs() < 1e-12);
        assert!(jaccard(&shingles(&words("a")), &shingles(&words("b"))) < 1e-12);
    }

    #[test]
    fn bands_are_as_long_as_the_threshold_allows() {
        let rows = |threshold| Bands::for_threshold(threshold).rows;
        assert_eq!([0.5, 0.8, 0.9, 0.99].map(rows), [2, 4, 8, 16]);
    }

    #[test]
    fn signatures_estimate_likeness() {
        // Two sets that share half of all: one row of a signature agrees with that probability.
        let of = |from: u64| (from..from + 3000).map(mix).collect::<std::collections::BTreeSet<_>>();
        let [a, b]: [Vec<u64>; 2] = [of(0), of(1000)].map(|set| set.into_iter().collect());
        let single = Bands { rows: 1 };
        let agree = single.of(&a).zip(single.of(&b)).filter(|(a, b)| a == b).count();
        assert!((jaccard(&a, &b) - 0.5).abs() < 1e-12);
        // Four standard errors of 128 draws are 0.18.
        assert!((41..=87).contains(&agree), "{agree} of 128");
    }
}
