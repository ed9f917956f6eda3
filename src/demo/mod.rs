//! The embedded default: five tiny real transformers behind a real loopback HTTP endpoint, and the plan that assays them.

pub mod catalog;
pub mod endpoint;
pub mod generate;
pub mod gguf;
pub mod model;
pub mod sampler;
pub mod text;
pub mod vocabulary;
pub mod wire;

pub use endpoint::serve;
