//! Scorer `none`: nothing is graded. For items without a reference answer, such as those of a trace that has only
//! lengths: their figures are of time and cost. An answer is `ungraded`, never right or wrong, and has no part in accuracy.

use super::{Graded, Kind, Scorer};
use crate::config::Section;
use crate::domain::{Answer, Finding, Item, Verdict};
use std::sync::Arc;

/// `scorer = "none"`.
pub const KIND: Kind = Kind {
    name: "none",
    about: "nothing is graded: figures of time and cost only, for items without an answer",
    build,
};

struct Ungraded;

fn build(section: Option<&Section<'_>>) -> Option<Arc<dyn Scorer>> {
    if let Some(section) = section {
        section.finish();
    }
    Some(Arc::new(Ungraded))
}

impl Scorer for Ungraded {
    fn grade(&self, _: &Item, _: &Answer) -> Graded {
        Finding::bare(Verdict::Ungraded, "none/ungraded").into()
    }

    fn accepts(&self, _: &Item) -> Result<(), String> {
        Ok(())
    }

    fn fingerprint(&self) -> String {
        "none/1".into()
    }
}
