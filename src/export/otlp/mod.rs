//! Metrics by OTLP, as OpenTelemetry's collectors take them: the same families that `/metrics` writes as text, in Protocol
//! Buffers and under the names of the semantic conventions. Pure; `api::push` sends it.

mod asked;
mod docs;
mod encode;
mod names;
mod proto;
mod reply;
mod resource;

pub use asked::{Asked, asked};
pub use docs::docs;
pub use encode::Export;
pub use names::{CONVENTIONS, Convention, Instrument, SCHEMA_URL, SEMCONV, convention, name, unit};
pub use reply::Verdict;
pub use resource::resource;
