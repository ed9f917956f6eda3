//! Random numbers that are the same on every machine and in every version: what a seed decided must stay decided.

/// SplitMix64 (Steele, Lea & Flood 2014, Fast splittable pseudorandom number generators): quick also where nothing is
/// optimised, and its sequence is part of what a seed means.
#[derive(Debug, Clone)]
pub struct Seeded(u64);

impl Seeded {
    /// A stream of its own for every seed.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// 64 random bits.
    pub const fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Above 0 and below 1.
    #[expect(clippy::cast_precision_loss, reason = "53 bits")]
    pub const fn uniform(&mut self) -> f64 {
        ((self.bits() >> 11) as f64 + 0.5) / 9_007_199_254_740_992.0
    }

    /// A whole number below `n`, and 0 below 0.
    #[cfg(test)]
    pub fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.bits() % n.max(1) as u64).unwrap_or(0)
    }

    /// Exponential with mean 1.
    pub fn exponential(&mut self) -> f64 {
        -self.uniform().ln()
    }

    /// Standard normal (Box & Muller 1958; the second number of the pair is not used).
    pub fn normal(&mut self) -> f64 {
        let (length, angle) = ((-2.0 * self.uniform().ln()).sqrt(), std::f64::consts::TAU * self.uniform());
        length * angle.cos()
    }
}
