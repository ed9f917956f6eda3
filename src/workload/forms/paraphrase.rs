//! `paraphrase`: the same question in other words, which the user gives.
//!
//! A JSON-lines file, one row an item: `{"id": "q1", "texts": ["…", "…"]}`. A text takes the place of the question.

use super::{Kind, Sources, asking, pick};
use crate::config::Section;
use crate::domain::{Fingerprint, Item, ItemId};
use rand_chacha::ChaCha8Rng;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// The line in the table of kinds.
pub(super) const KIND: Kind = Kind {
    name: "paraphrase",
    about: "other words, from a file of `paraphrases`",
    needs: "a row with its id in the file of `paraphrases`",
    make,
    tries: 32,
};

/// Other words for items, by their ids.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Paraphrases(BTreeMap<ItemId, Vec<String>>);

impl Paraphrases {
    /// Those of an item.
    fn of(&self, item: &ItemId) -> &[String] {
        self.0.get(item).map_or(&[], Vec::as_slice)
    }

    /// The ids that have some.
    pub fn ids(&self) -> impl Iterator<Item = &ItemId> {
        self.0.keys()
    }

    /// A hash of them all.
    pub(super) fn fingerprint(&self) -> Fingerprint {
        let parts = self.0.iter().flat_map(|(id, texts)| texts.iter().map(|text| (id.as_str(), text.as_str())));
        Fingerprint::of(&parts.collect::<Vec<_>>())
    }
}

fn make(item: &Item, sources: &Sources, rng: &mut ChaCha8Rng) -> Option<Item> {
    asking(item, pick(sources.paraphrases.of(&item.id), rng)?.clone())
}

#[derive(Deserialize)]
struct Row {
    id: Id,
    texts: Vec<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Id {
    Text(String),
    Number(i64),
}

/// Reads the file that a field names; problems have its line.
#[must_use]
pub fn read(section: &Section<'_>, key: &'static str) -> Option<Paraphrases> {
    let path = section.source().folder.join(section.get::<PathBuf>(key)?);
    let place = path.display();
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) => {
            section.problem(key, format!("{place} can't be read: {error}"), None);
            return None;
        }
    };
    let (mut all, mut good) = (BTreeMap::new(), true);
    let mut wrong = |line: usize, message: String| {
        section.problem(key, format!("{place}:{line}: {message}"), None);
        good = false;
    };
    for (line, text) in
        (1..).zip(text.trim_start_matches('\u{feff}').lines()).filter(|(_, text)| !text.trim().is_empty())
    {
        match serde_json::from_str::<Row>(text) {
            Ok(Row { texts, .. }) if texts.is_empty() || texts.iter().any(|text| text.trim().is_empty()) => {
                wrong(line, "`texts` and each of them must not be empty".into());
            }
            Ok(Row { id, texts }) => {
                let id = ItemId::new(&match id {
                    Id::Text(text) => text,
                    Id::Number(number) => number.to_string(),
                });
                if all.insert(id.clone(), texts).is_some() {
                    wrong(line, format!("{:?} is there twice", id.as_str()));
                }
            }
            Err(error) => wrong(line, format!("expected {{\"id\": …, \"texts\": […]}}: {error}")),
        }
    }
    good.then_some(Paraphrases(all))
}
