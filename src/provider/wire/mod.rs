//! The wire: connect, proxy, TLS, the stamping I/O wrapper, and one exchange.
//!
//! The only room that takes a *measured* timestamp. Stamps are taken inside the I/O wrapper, at the first write and
//! after each read, before TLS and HTTP see the bytes.

mod clock;
mod endpoint;

pub use clock::now;
pub use endpoint::Endpoint;
