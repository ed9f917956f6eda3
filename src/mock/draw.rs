//! Seeded draws that depend on nothing but their arguments, so that a run can be repeated in any order of arrival.

/// 64 well-mixed bits out of a seed, a purpose and a key (FNV-1a, finished as in SplitMix64).
pub(super) fn bits(seed: u64, purpose: &str, key: &[u8]) -> u64 {
    const PRIME: u64 = 0x0000_0100_0000_01B3;
    let text = seed.to_le_bytes().into_iter().chain(purpose.bytes()).chain([0xFF]).chain(key.iter().copied());
    let hash = text.fold(0xCBF2_9CE4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(PRIME));
    let hash = (hash ^ (hash >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let hash = (hash ^ (hash >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    hash ^ (hash >> 31)
}

/// A number in [0, 1).
pub(super) fn unit(seed: u64, purpose: &str, key: &[u8]) -> f64 {
    (bits(seed, purpose, key) >> 11) as f64 / (1_u64 << 53) as f64
}

/// One of `0..n`; 0 when `n` is 0.
pub(super) fn below(n: u64, seed: u64, purpose: &str, key: &[u8]) -> u64 {
    bits(seed, purpose, key).checked_rem(n).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_repeat_and_differ_by_every_argument() {
        let base = bits(1, "a", b"k");
        assert_eq!(base, bits(1, "a", b"k"));
        assert_ne!(base, bits(2, "a", b"k"));
        assert_ne!(base, bits(1, "b", b"k"));
        assert_ne!(base, bits(1, "a", b"l"));
    }

    #[test]
    fn units_are_uniform() {
        let mut deciles = [0_u32; 10];
        let mut sum = 0.0;
        for i in 0..10_000_u64 {
            let u = unit(42, "right", &i.to_le_bytes());
            assert!((0.0..1.0).contains(&u));
            sum += u;
            let decile = (0..10).rposition(|d| u >= f64::from(d) / 10.0).unwrap();
            deciles[decile] += 1;
        }
        assert!((sum / 10_000.0 - 0.5).abs() < 0.01, "{sum}");
        assert!(deciles.iter().all(|n| (900..1_100).contains(n)), "{deciles:?}");
    }
}
