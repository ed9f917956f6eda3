//! `fresh`: another question of the same kind, from a generator that can make one like an item.

use super::{Kind, Sources};
use crate::domain::{Item, Split, Tags};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

/// The line in the table of kinds.
pub(super) const KIND: Kind = Kind {
    name: "fresh",
    about: "another question of the same kind, from a `generator`",
    needs: "a question that the `generator` of the variants knows",
    make,
    tries: 64,
};

/// In the strata of the base item, so that both are compared cell by cell; but fresh, as all that a generator makes.
fn make(item: &Item, sources: &Sources, rng: &mut ChaCha8Rng) -> Option<Item> {
    let made = sources.generator.as_ref()?.alike(item, rng.random())?;
    Some(Item { tags: Tags { split: Split::Fresh, ..item.tags.clone() }, ..made })
}
