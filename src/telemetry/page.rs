//! What meters have in common that look at one page of figures: where it is, how often it is read, and what is said when it is not
//! there. What stands in it is theirs to read.

use super::fetch::{Fetcher, Place, every};
use super::{Absence, Meter, Probe, Reading, now};
use crate::config::Section;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// How a kind of meter reads its page.
#[derive(Clone, Copy)]
pub(super) struct Page {
    /// The kind's name.
    pub(super) kind: &'static str,
    /// Adds what the text says to a reading.
    pub(super) read: fn(&str, &mut Reading),
    /// What to do where the server says that it has no such page.
    pub(super) hint: Option<&'static str>,
}

impl Page {
    /// A meter of it, by `url`, `key`, `headers`, `timeout` and `every` of its section.
    pub(super) fn build(self, section: &Section<'_>) -> Option<Arc<dyn Meter>> {
        let (place, every) = (Place::build(section, "/metrics"), every(section, Duration::from_secs(1)));
        Some(Arc::new(Settings { page: self, place: place?, every: every? }))
    }
}

impl fmt::Debug for Page {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind)
    }
}

#[derive(Debug)]
struct Settings {
    page: Page,
    place: Place,
    every: Duration,
}

impl Meter for Settings {
    fn every(&self) -> Duration {
        self.every
    }

    fn fingerprint(&self) -> String {
        format!("{} {:?} {}", self.page.kind, self.every, self.place.fingerprint())
    }

    fn open(&self) -> Box<dyn Probe> {
        Box::new(Scrape { page: self.page, place: self.place.clone(), fetcher: None })
    }
}

struct Scrape {
    page: Page,
    place: Place,
    fetcher: Option<Fetcher>,
}

impl Probe for Scrape {
    fn look(&mut self) -> Reading {
        let text = self.place.ask(&mut self.fetcher);
        let mut reading = Reading::new(now());
        match text {
            Ok(text) => (self.page.read)(&text, &mut reading),
            Err(mut refused) => {
                if let (Absence::NotSupported, Some(hint)) = (refused.why, self.page.hint) {
                    refused.detail = format!("{} ({hint})", refused.detail);
                }
                reading.absent.push(refused.of("all"));
            }
        }
        reading
    }
}
