//! The wire: connect, proxy, TLS, the stamping I/O wrapper, and one exchange.
//!
//! The only room that takes a *measured* timestamp. Stamps are taken inside the I/O wrapper, at the first write and
//! after each read, before TLS and HTTP see the bytes; where the kernel stamps what it receives, its stamp counts.

mod aside;
mod ask;
mod clock;
mod connect;
mod connections;
mod deadline;
mod departures;
mod endpoint;
mod exchange;
mod headers;
mod kernel;
mod models;
pub mod nap;
mod proxy;
mod reading;
mod redact;
mod stamp;
mod tls;
mod within;

pub use aside::aside;
pub use ask::{Asker, Reply};
pub use clock::now;
pub use connect::{Connected, Phases, connect};
pub use connections::Connections;
pub use departures::Departure;
pub use endpoint::{Endpoint, Timeouts};
pub use exchange::Outcome;
pub use headers::retry_after;
pub use models::list_models;
