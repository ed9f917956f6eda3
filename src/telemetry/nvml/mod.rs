//! The meter of NVIDIA cards: the driver's own library (NVML), loaded at run time, at ten looks a second.
//!
//! Nothing here fails a run. Without the library, without a driver, without a card, the meter says so and looks again later;
//! a figure that this driver or this card does not have is named with its reason, and the others go on. What each figure
//! means is told in docs/hardware.md.
//!
//! - `work`: the thread that talks to the driver, how it opens it again, and how nobody waits for it for ever
//! - `session`, `library`: a driver that is open, and the devices in it; whether its file is whole
//! - `card`, `gpm`, `slices`: one device, its counters of activity, and what it was cut into
//! - `ask`: one question to the driver, and what a refusal means for the next time
//! - `map`, `share`: pure: what the driver's numbers mean, and what happened between two looks

mod ask;
mod card;
mod gpm;
mod library;
mod map;
mod session;
mod share;
mod slices;
mod work;

use super::{Kind, Meter, Probe};
use crate::config::Section;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// Looks that are not told how often: the driver's own counters move at about this rate.
pub const EVERY: Duration = Duration::from_millis(100);
/// More often, the driver would only repeat itself.
pub const OFTENEST: Duration = Duration::from_millis(20);
/// More seldom, a window of a run would have too few looks to be integrated over.
pub const SELDOMEST: Duration = Duration::from_secs(60);

/// This meter in the list of meters.
pub const KIND: Kind =
    Kind { name: "nvml", about: "NVIDIA cards of this machine, by the driver's own library (NVML)", build };

fn build(section: &Section<'_>) -> Option<Arc<dyn Meter>> {
    let every = section.or("every", EVERY).filter(|every| {
        let fits = (OFTENEST..=SELDOMEST).contains(every);
        if !fits {
            section.problem("every", "expected from 20ms to 60s", None);
        }
        fits
    });
    let library = match section.has("library") {
        false => Some(None),
        true => section.get::<PathBuf>("library").map(Some),
    };
    Some(meter(library?, every?))
}

/// The meter with these settings, for whoever has no configuration.
#[must_use]
pub fn meter(library: Option<PathBuf>, every: Duration) -> Arc<dyn Meter> {
    Arc::new(Nvml { library, every })
}

/// The meter as it is configured.
#[derive(Debug)]
struct Nvml {
    /// Where the library is; none: where the loader finds it.
    library: Option<PathBuf>,
    every: Duration,
}

impl Meter for Nvml {
    fn every(&self) -> Duration {
        self.every
    }

    fn fingerprint(&self) -> String {
        let library = self.library.as_ref().map(|path| format!(" library={}", path.display())).unwrap_or_default();
        format!("nvml every={:?}{library}", self.every)
    }

    fn open(&self) -> Box<dyn Probe> {
        Box::new(work::Looker::new(self.library.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{self, Source};

    fn built(text: &str) -> Result<Arc<dyn Meter>, Vec<String>> {
        config::read(&Source::inline("c", text), |section| {
            let meter = build(section);
            section.finish();
            meter
        })
        .map_err(|problems| problems.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn is_built_with_and_without_settings() {
        let plain = built("").unwrap();
        assert_eq!((plain.every(), plain.fingerprint()), (EVERY, "nvml every=100ms".into()));
        let own = built("every = \"20ms\"\nlibrary = \"/opt/libnvidia-ml.so.1\"\n").unwrap();
        assert_eq!(own.fingerprint(), "nvml every=20ms library=/opt/libnvidia-ml.so.1");
    }

    #[test]
    fn wrong_settings_are_told_at_their_place() {
        assert_eq!(built("every = \"1ms\"\n").unwrap_err(), ["c:1:9: every: expected from 20ms to 60s"]);
        assert_eq!(built("library = 3\n").unwrap_err().len(), 1);
        assert_eq!(
            built("pace = 3\n").unwrap_err(),
            ["c:1:1: pace: is not a known field\n  hint: known here: every, library"]
        );
    }
}
