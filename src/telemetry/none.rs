//! `none`: looks at nothing, and says so. For a target whose hardware nobody can see, such as somebody else's API.

use super::{Absence, Absent, Meter, Probe, Reading, now};
use crate::config::Section;
use std::sync::Arc;
use std::time::Duration;

/// The list's entry.
pub const KIND: super::Kind = super::Kind { name: "none", about: "no meter: its hardware is nobody's to see", build };

#[derive(Debug)]
struct Nothing;

fn build(_: &Section<'_>) -> Option<Arc<dyn Meter>> {
    Some(Arc::new(Nothing))
}

impl Meter for Nothing {
    fn every(&self) -> Duration {
        Duration::from_secs(3600)
    }

    fn fingerprint(&self) -> String {
        "none".into()
    }

    fn open(&self) -> Box<dyn Probe> {
        Box::new(Self)
    }
}

impl Probe for Nothing {
    fn look(&mut self) -> Reading {
        let detail = "the configuration says that there is no meter".to_owned();
        let absent = Absent { what: "all", device: None, why: Absence::NotSupported, detail };
        Reading { absent: vec![absent], ..Reading::new(now()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_sees_nothing_and_says_so() {
        let reading = Nothing.open().look();
        assert!(reading.devices.is_empty() && reading.engine.is_none() && reading.host.is_none());
        assert_eq!(
            reading.absent.iter().map(|a| (a.what, a.why)).collect::<Vec<_>>(),
            [("all", Absence::NotSupported)]
        );
    }
}
