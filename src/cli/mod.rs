//! cli

pub mod mock;
