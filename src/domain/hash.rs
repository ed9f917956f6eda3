//! Provenance: a short hash over named parts, so that figures of different origin are never pooled.

use sha2::{Digest, Sha256};
use std::fmt;
use std::sync::Arc;

/// The first 16 hex digits of SHA-256 over named, length-prefixed parts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint(Arc<str>);

impl Fingerprint {
    /// Hashes named parts; names and values are length-prefixed, so that no two lists collide by concatenation.
    #[must_use]
    pub fn of(parts: &[(&str, &str)]) -> Self {
        let mut hash = Sha256::new();
        for (name, value) in parts {
            for text in [name, value] {
                hash.update((text.len() as u64).to_le_bytes());
                hash.update(text.as_bytes());
            }
        }
        let hex: String = hash.finalize().iter().take(8).map(|b| format!("{b:02x}")).collect();
        Self(hex.into())
    }

    /// Takes a hash back from a record.
    #[must_use]
    pub fn from_text(text: &str) -> Self {
        Self(text.into())
    }

    /// The hex digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// The first 64 bits of SHA-256 of a text: stands for it where only equality is asked. Among a million texts two are the same by
/// chance once in 37 million.
#[must_use]
pub fn digest64(text: &str) -> u64 {
    let digest = Sha256::digest(text.as_bytes());
    digest.iter().take(8).fold(0, |sum, byte| sum << 8 | u64::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_do_not_run_into_each_other() {
        assert_ne!(Fingerprint::of(&[("a", "bc")]), Fingerprint::of(&[("ab", "c")]));
        assert_ne!(Fingerprint::of(&[("a", "b"), ("c", "")]), Fingerprint::of(&[("a", "bc")]));
        assert_eq!(Fingerprint::of(&[("a", "b")]).as_str().len(), 16);
    }
}
