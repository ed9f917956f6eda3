//! `assayd calibrate`: this machine's own error and ceiling against the built-in calibration endpoint.

use super::service::block_on;
use super::{Exit, put, say};
use crate::board::Calibration;
use crate::engine::calibrate::{self, CalibrateError};
use crate::engine::lanes::Lanes;
use crate::export::calibration::{json, table};
use anyhow::Context as _;
use clap::{Args, ValueEnum};
use std::path::Path;

/// This machine's own error and ceiling.
#[derive(Args)]
pub(super) struct Calibrate {
    /// Streams at once, level by level; the last one goes on with faster tokens as long as it holds
    #[arg(long, value_name = "N,N,…", value_delimiter = ',', default_value = "32,128,512", value_parser = clap::value_parser!(u32).range(1..=16_384))]
    streams: Vec<u32>,
    /// One small burst of the first number of streams (64 at the most), as before a run
    #[arg(long)]
    quick: bool,
    /// How the figures are printed
    #[arg(long, value_enum, default_value_t = Form::Table)]
    format: Form,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    Table,
    Json,
}

impl Calibrate {
    pub(super) fn run(self) -> anyhow::Result<Exit> {
        let program = std::env::current_exe().context("this program's own file")?;
        let lanes = Lanes::for_this_machine().context("threads for exchanges")?;
        let found = block_on(self.measured(&program, &lanes))??;
        put(&match self.format {
            Form::Table => table(&found),
            Form::Json => json(&found),
        })?;
        Ok(Exit::Done)
    }

    async fn measured(&self, program: &Path, lanes: &Lanes) -> Result<Calibration, CalibrateError> {
        if let (true, Some(streams)) = (self.quick, self.streams.first()) {
            return calibrate::short(program, lanes, *streams).await;
        }
        calibrate::full(program, lanes, &self.streams, |level| {
            say(&format!(
                "  {} streams, a token every {} ms: {}",
                level.streams,
                level.token_interval * 1e3,
                if level.holds() { "holds" } else { "does not hold" }
            ));
        })
        .await
    }
}
