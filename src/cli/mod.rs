//! The commands: what the program can be asked to do.

pub mod check;
pub mod mock;
