//! The fields in which expressions are compared exactly: F(p) with a square root of −1 joined to it.
//!
//! Every prime p here is 7 modulo 8, so −1 is no square and a + b·i are the p² elements of a field; p − 1 has no odd factor
//! below 23, and 2, 3, 5, … 31 are squares. The squares are then a group of odd order m = (p − 1)/2 in which every element
//! has exactly one k-th root for each k prime to m. So "the root that is itself a square" keeps √a·√b = √(ab) and
//! (∛a)² = ∛(a²): what holds among real roots of positive rationals holds in the field. Those satisfy no other relations
//! (Besicovitch, "On the linear independence of fractional powers of integers", J. London Math. Soc. 15, 1940), so unequal
//! in the field is unequal, and equal under several primes is equal but for a chance below 2⁻⁶⁰.

/// The primes, just below 2³¹.
pub const PRIMES: [u64; 12] = [
    2_147_366_399,
    2_147_161_799,
    2_147_072_639,
    2_146_780_919,
    2_146_719_119,
    2_146_664_519,
    2_146_300_679,
    2_146_231_559,
    2_146_229_279,
    2_146_180_559,
    2_145_821_999,
    2_145_695_639,
];

/// a + b·i.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Element {
    pub re: u64,
    pub im: u64,
}

/// The field over one of [`PRIMES`].
#[derive(Debug, Clone, Copy)]
pub struct Field {
    pub p: u64,
}

impl Field {
    pub const ZERO: Element = Element { re: 0, im: 0 };
    pub const ONE: Element = Element { re: 1, im: 0 };
    pub const I: Element = Element { re: 0, im: 1 };

    pub const fn real(self, n: u64) -> Element {
        Element { re: n % self.p, im: 0 }
    }

    /// A signed whole number.
    pub fn integer(self, n: i128) -> Element {
        let residue = n.rem_euclid(i128::from(self.p));
        self.real(u64::try_from(residue).unwrap_or(0))
    }

    /// A whole number by its digits, and a power of ten.
    pub fn decimal(self, digits: &str, scale: i64) -> Element {
        let n = digits.bytes().fold(0, |n, d| (n * 10 + u64::from(d.saturating_sub(b'0'))) % self.p);
        let power = self.pow(10, scale.unsigned_abs());
        let factor = if scale < 0 { self.invert(power).unwrap_or(0) } else { power };
        self.real(n * factor)
    }

    pub const fn add(self, a: Element, b: Element) -> Element {
        Element { re: (a.re + b.re) % self.p, im: (a.im + b.im) % self.p }
    }

    pub const fn neg(self, a: Element) -> Element {
        Element { re: (self.p - a.re) % self.p, im: (self.p - a.im) % self.p }
    }

    pub const fn mul(self, a: Element, b: Element) -> Element {
        if a.im == 0 && b.im == 0 {
            return Element { re: a.re * b.re % self.p, im: 0 };
        }
        let (re, less) = (a.re * b.re % self.p, a.im * b.im % self.p);
        Element { re: (re + self.p - less) % self.p, im: (a.re * b.im % self.p + a.im * b.re % self.p) % self.p }
    }

    /// None for 0.
    pub fn inverse(self, a: Element) -> Option<Element> {
        let norm = (a.re * a.re % self.p + a.im * a.im % self.p) % self.p;
        let inverse = self.invert(norm)?;
        Some(self.mul(Element { re: a.re, im: (self.p - a.im) % self.p }, self.real(inverse)))
    }

    /// By Euclid's algorithm; none for 0.
    fn invert(self, n: u64) -> Option<u64> {
        let p = i64::try_from(self.p).ok()?;
        let (mut r, mut next) = (p, i64::try_from(n).ok()?);
        let (mut t, mut other) = (0_i64, 1_i64);
        while next != 0 {
            let q = r / next;
            (r, next) = (next, r - q * next);
            (t, other) = (other, t - q * other);
        }
        (r == 1).then(|| u64::try_from(t.rem_euclid(p)).ok()).flatten()
    }

    pub const fn pow(self, base: u64, mut exponent: u64) -> u64 {
        let (mut square, mut power) = (base % self.p, 1);
        while exponent > 0 {
            if exponent & 1 == 1 {
                power = power * square % self.p;
            }
            square = square * square % self.p;
            exponent >>= 1;
        }
        power
    }

    pub fn power(self, base: Element, mut exponent: u64) -> Element {
        let (mut square, mut power) = (base, Self::ONE);
        while exponent > 0 {
            if exponent & 1 == 1 {
                power = self.mul(power, square);
            }
            square = self.mul(square, square);
            exponent >>= 1;
        }
        power
    }

    /// The k-th root that is a square, of a square; none for what is none here, or where k has a factor of the group's order.
    pub fn root(self, n: u64, k: u64) -> Option<u64> {
        let order = (self.p - 1) / 2;
        if k == 0 || self.pow(n, order) != 1 {
            return None;
        }
        let (mut r, mut next) = (i64::try_from(order).ok()?, i64::try_from(k % order).ok()?);
        let (mut t, mut other) = (0_i64, 1_i64);
        while next != 0 {
            let q = r / next;
            (r, next) = (next, r - q * next);
            (t, other) = (other, t - q * other);
        }
        let inverse = (r == 1).then(|| t.rem_euclid(i64::try_from(order).unwrap_or(1)))?;
        Some(self.pow(n, u64::try_from(inverse).ok()?))
    }
}

/// A number that only its words decide: one step of splitmix64 (Steele, Lea, Flood 2014) for each.
pub fn mix(words: &[u64]) -> u64 {
    words.iter().fold(0x9E37_79B9_7F4A_7C15, |state, word| {
        let z = (state ^ word).wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    })
}

/// A number that a name decides (FNV-1a).
pub fn hash(name: &str) -> u64 {
    name.bytes().fold(0xCBF2_9CE4_8422_2325, |h, b| (h ^ u64::from(b)).wrapping_mul(0x100_0000_01B3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roots_keep_their_relations() {
        for p in PRIMES {
            let f = Field { p };
            assert_eq!(p % 8, 7);
            let root = |n, k| f.root(n, k).unwrap();
            for n in [2_u64, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31] {
                for k in 2..=16 {
                    assert_eq!(f.pow(root(n, k), k), n, "{p} {n} {k}");
                }
            }
            assert_eq!(root(8, 2), 2 * root(2, 2) % p);
            assert_eq!(f.pow(root(2, 6), 2), root(2, 3));
            assert_eq!(root(6, 4), root(2, 4) * root(3, 4) % p);
            assert_eq!(f.root(p - 1, 2), None, "−1 is no square");
            let a = Element { re: 3, im: 4 };
            assert_eq!(f.mul(a, f.inverse(a).unwrap()), Field::ONE);
            assert_eq!(f.power(Field::I, 2), f.integer(-1));
            assert_eq!(f.mul(f.decimal("0125", -3), f.integer(8)), Field::ONE);
        }
    }
}
