//! The embedded default: five tiny real transformers behind a real loopback HTTP endpoint, and the plan that assays them.

pub mod catalog;
pub mod gguf;
pub mod model;
pub mod sampler;
pub mod vocabulary;
