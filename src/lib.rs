//! assayd assays language models: what one correct answer costs, how fast it came, and how sure that is.
//!
//! The rooms, ground floor first; each uses only rooms above it in this list (`tests/it/tidy.rs` checks):
//! [`domain`] < [`stats`], [`config`], [`mock`] < [`workload`], [`provider`], [`scoring`], [`pricing`], [`sandbox`],
//! [`telemetry`] < [`board`] < [`store`] < [`plan`], [`verdict`], [`contest`] < [`engine`], [`export`] < [`api`], [`demo`] < [`cli`].
//! The map with its invariants is `docs/architecture.md`.

pub mod api;
pub mod board;
pub mod cli;
pub mod config;
pub mod contest;
pub mod demo;
pub mod domain;
pub mod engine;
pub mod export;
pub mod mock;
pub mod plan;
pub mod pricing;
pub mod provider;
pub mod sandbox;
pub mod scoring;
pub mod stats;
pub mod store;
pub mod telemetry;
pub mod verdict;
pub mod workload;
