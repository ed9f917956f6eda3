//! An endpoint: address, key, headers, proxy, TLS, timeouts.

/// Where and how a target is reached.
pub struct Endpoint {}
