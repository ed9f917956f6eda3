//! What meters see, for people and for programs: readings and windows as text tables and as lines of JSON.
//!
//! Pure: a reading comes in, text goes out. Nothing that is not there is shown as 0: a table has a dash and, below, the
//! reason; JSON has `null` and an entry of `absent`.

mod json;
mod table;
#[cfg(test)]
mod tests;

pub use json::{reading as reading_json, window as window_json};
pub use table::{readings as readings_table, windows as windows_table};

use crate::domain::Nanos;
use crate::telemetry::{Absence, Absent, DeviceId, Reading, Used};
use std::collections::{BTreeMap, BTreeSet};

/// A reading with its meter's name.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    /// The meter, as it is called in the configuration.
    pub meter: String,
    /// What it saw.
    pub reading: Reading,
}

/// What a stretch of looks at one meter's devices came to.
#[derive(Debug, Clone, PartialEq)]
pub struct Window {
    /// The meter, as it is called in the configuration.
    pub meter: String,
    /// The first look.
    pub from: Nanos,
    /// The last.
    pub to: Nanos,
    /// How many looks there were.
    pub looks: u64,
    /// What each device did meanwhile.
    pub devices: Vec<(DeviceId, Used)>,
}

/// What is missing for one reason: of whom, and which figures.
type Lack<'a> = (Vec<&'a str>, Vec<&'static str>);

/// What is missing, gathered by reason: a card without a counter lacks it at every look, and eight of a kind lack the same.
fn lacks(absent: &[Absent]) -> Vec<(Lack<'_>, Absence, &str)> {
    let mut of_device: BTreeMap<(Absence, &str, Option<&DeviceId>), BTreeSet<&'static str>> = BTreeMap::new();
    for Absent { what, device, why, detail } in absent {
        of_device.entry((*why, detail, device.as_ref())).or_default().insert(what);
    }
    let mut gathered: BTreeMap<(Absence, &str, BTreeSet<&'static str>), Vec<&str>> = BTreeMap::new();
    for ((why, detail, device), what) in of_device {
        gathered.entry((why, detail, what)).or_default().extend(device.map(DeviceId::as_str));
    }
    gathered.into_iter().map(|((why, detail, what), who)| ((who, what.into_iter().collect()), why, detail)).collect()
}
