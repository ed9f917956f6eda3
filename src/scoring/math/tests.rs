//! Cases of the `math` scorer.
