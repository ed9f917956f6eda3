//! Meters: what the hardware and the server did while a target was asked. A new meter is one file and one line in
//! [`KINDS`].
//!
//! A meter never fails a run. What can't be read is named in [`Reading::absent`] with its reason, every value says how it
//! was come by, and one that makes no sense (a blank, a negative power, a share above 1) is dropped where it is read, never
//! passed on. Each meter has a thread of its own, since drivers and exporters block for as long as they like.

mod attribution;
mod clock;
mod dcgm;
mod engine;
mod exposition;
mod fetch;
mod host;
mod hub;
pub mod integral;
mod none;
pub mod nvml;
mod page;
mod prometheus;
mod reading;
mod serving;
mod used;

pub use attribution::{Attribution, Metered, Share};
pub use clock::now;
pub use fetch::{Place, spelled_out};
pub use hub::{Hub, Seen};
pub use integral::Integral;
pub use prometheus::value as prometheus_value;
pub use reading::{Absence, Absent, Busy, Device, DeviceId, Engine, Host, Reading, Value};
pub use serving::Serving;
pub use used::{Cumulative, Energy, Flag, Used};

use crate::config::Section;
use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

/// All meters.
pub const KINDS: &[Kind] = &[
    // One line each, in the order of the alphabet.
    dcgm::KIND,
    engine::KIND,
    host::KIND,
    none::KIND,
    nvml::KIND,
    prometheus::KIND,
];

/// One kind of meter, by the name a configuration gives it (`[target.NAME.meter.KIND]`).
#[derive(Clone, Copy)]
pub struct Kind {
    /// The configuration's word.
    pub name: &'static str,
    /// One line for help and docs.
    pub about: &'static str,
    /// Builds it out of its section, whose fields it reads all but those of attribution (`devices`, `pods`, `share`), and
    /// does not finish. None where a problem was noted.
    pub build: fn(&Section<'_>) -> Option<Arc<dyn Meter>>,
}

/// A meter as it is configured; nothing is opened yet.
pub trait Meter: Debug + Send + Sync {
    /// How often it is to be looked at.
    fn every(&self) -> Duration;

    /// Kind and settings, secrets left out: two targets whose meters have the same are served by one thread.
    fn fingerprint(&self) -> String;

    /// Begins to look. Called on the meter's own thread. Where nothing can be opened, the probe says so in its readings, and
    /// tries again by itself at sensible intervals.
    fn open(&self) -> Box<dyn Probe>;
}

/// A meter at work.
pub trait Probe {
    /// One look at everything it sees. May block (for a bounded time); never fails, never panics.
    fn look(&mut self) -> Reading;
}
