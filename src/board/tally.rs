//! What one run has found in one stratum: sums that merge, and from which figures follow.

use crate::domain::{Fingerprint, Name, Tags};

/// What is never pooled: who, what, which stratum, which provenance.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct TallyKey {
    /// Who was asked.
    pub target: Name,
    /// Out of which scenario.
    pub scenario: Name,
    /// The stratum.
    pub tags: Tags,
    /// The provenance.
    pub provenance: Fingerprint,
}

/// Sums over the samples of one key; a monoid.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Tally {}
