//! `trace`: arrivals as they were recorded. Their instants are the items' own, where the items come out of a trace; or
//! those of a trace file, for any items.

use super::{Kind, Pattern, span};
use crate::config::Section;
use crate::domain::{Fingerprint, Nanos};
use crate::workload::trace;
use std::sync::Arc;
use std::time::Duration;

/// The kind.
pub const KIND: Kind =
    Kind { name: "trace", about: "arrivals as they were recorded: the items' own, or those of a trace file", build };

/// How fast a recorded clock may go, against its own time.
const SPEEDS: std::ops::RangeInclusive<f64> = 1e-3..=1e6;

/// A recorded clock.
#[derive(Debug, Clone, PartialEq)]
pub struct Recorded {
    /// Where the instants are.
    pub times: Times,
    /// How much faster than it was recorded: 2 halves every gap.
    pub speed: f64,
}

/// Where the instants of a recorded clock are.
#[derive(Debug, Clone, PartialEq)]
pub enum Times {
    /// With the items.
    Items,
    /// Here, since the first, in order.
    Listed(Arc<[Nanos]>),
}

impl Recorded {
    /// A recorded stretch of time as it is replayed.
    #[must_use]
    pub fn scaled(&self, recorded: Nanos) -> Nanos {
        Duration::try_from_secs_f64(recorded.seconds() / self.speed).map_or(Nanos(u64::MAX), Nanos::from)
    }
}

fn build(section: &Section<'_>) -> Option<(Pattern, String)> {
    let speed = section.or("speed", 1.0);
    if speed.is_some_and(|s| !SPEEDS.contains(&s)) {
        section.problem("speed", "expected from 0.001 to 1000000; 2 is twice as fast as recorded", None);
    }
    let (times, source) = if section.has("path") || section.has("format") {
        let kinds: Vec<_> = trace::KINDS.iter().map(|k| (k.name, *k)).collect();
        let kind = section.choice("format", &kinds);
        let cut = trace::Cut::build(section);
        let read = trace::read_file(section, kind?, cut?)?;
        if !read.bad.is_empty() {
            trace::report(section, &read.bad);
            return None;
        }
        let Some(first) = read.rows.first().map(|row| row.at) else {
            section.problem("path", format!("{} has no row in that window", read.file), None);
            return None;
        };
        let last = read.rows.last().map_or(first, |row| row.at);
        let times: Arc<[Nanos]> = read.rows.iter().map(|row| row.at.since(first)).collect();
        let bytes: String = times.iter().map(|at| format!("{} ", at.0)).collect();
        let path: String = section.get("path")?;
        let (count, length) = (times.len(), span(last.since(first).into()));
        // The instants are in the fingerprint, whatever the file is called.
        let identity = Fingerprint::of(&[("instants", &bytes)]);
        let source = format!("{count} arrivals of {path} over {length} ({})", identity.as_str());
        (Times::Listed(times), source)
    } else {
        // Known here, so that a misplaced one is told what is missing.
        for key in ["limit", "from", "until"] {
            if section.has(key) {
                section.problem(key, "is for arrivals out of a file", Some("give it to the scenario's dataset".into()));
            }
        }
        (Times::Items, "the items' own instants".to_owned())
    };
    let recorded = Recorded { times, speed: speed? };
    let words = format!("open loop, trace: {source}, speed {}", recorded.speed);
    Some((Pattern::Recorded(recorded), words))
}
