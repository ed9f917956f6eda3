//! On other systems there is no sandbox, and so no program is run.

use super::NoSandbox;
use crate::domain::{Job, Reply};

/// Can't be made here.
#[derive(Debug, Clone)]
pub struct Sandbox(std::convert::Infallible);

impl Sandbox {
    /// There is none.
    ///
    /// # Errors
    /// Always.
    pub fn find() -> Result<Self, NoSandbox> {
        Err(NoSandbox::Machine)
    }

    /// Never called.
    ///
    /// # Errors
    /// Never.
    pub fn sees(&self, _program: &str) -> Result<(), String> {
        match self.0 {}
    }

    /// Never called.
    pub async fn run(&self, _job: &Job) -> Reply {
        match self.0 {}
    }
}
