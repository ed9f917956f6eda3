//! Faces of the figures for other programs and for people: metrics, reports, sample files.
//!
//! Pure renderers over values: a [`metrics::View`] becomes Prometheus text or a message of OTLP ([`otlp`]), a [`report::Report`] a table, JSON or CSV,
//! a recorded sample one line of a file, a meter's reading a table or a line of JSON; [`provision`] renders
//! what is set up beside assayd. Only `metrics::process` looks at
//! anything outside: this process itself.

pub mod calibration;
pub mod economics;
pub mod gate;
pub mod hardware;
mod markdown;
pub mod metrics;
pub mod otlp;
pub mod provision;
pub mod ranking;
pub mod reconcile;
pub mod report;
pub mod samples;
pub mod verdict;
pub mod votes;
