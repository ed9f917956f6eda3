//! Faces of the figures for other programs and for people: metrics, reports, sample files.
//!
//! Pure renderers over values: a [`metrics::View`] becomes Prometheus text, a [`report::Report`] a table, JSON or CSV,
//! a recorded sample one line of a file. Only `metrics::process` looks at anything outside: this process itself.

pub mod calibration;
pub mod metrics;
pub mod report;
pub mod samples;
