//! Forms of an item: the same question asked otherwise, or another question of its kind. A model that knows the published
//! form by heart, and not what it asks, is right on the one and wrong on the others.
//!
//! A new kind of form is one file and one line in [`KINDS`]. A form has the base item's id as its cluster, its own id is
//! that id, `~` and the kind; so pairs can be joined by what is recorded of a sample, and an item whose id is its cluster is
//! a base item.

mod formula;
mod fresh;
mod labels;
mod paraphrase;
mod reformat;
mod relabel;
mod renumber;
mod shuffle;

pub use paraphrase::{Paraphrases, read as read_paraphrases};
pub use relabel::names_letters;
pub use renumber::check as check_formula;

use super::generator::{Generator, Seed};
use crate::domain::{Fingerprint, Item, ItemId, Role, Split};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::collections::BTreeSet;
use std::sync::Arc;

/// All kinds of forms.
pub const KINDS: &[Kind] =
    &[shuffle::KIND, relabel::KIND, renumber::KIND, reformat::KIND, paraphrase::KIND, fresh::KIND];

/// One kind of form, by the name a configuration gives it.
#[derive(Clone, Copy)]
pub struct Kind {
    /// The configuration's word.
    pub name: &'static str,
    /// One line for help and docs.
    pub about: &'static str,
    /// What an item must have for it, in words, for where no item has.
    pub needs: &'static str,
    /// Makes one; none where this item has no such form. Id, cluster, split and length are set by the caller.
    make: fn(&Item, &Sources, &mut ChaCha8Rng) -> Option<Item>,
    /// How often it is tried to make one that is not there yet.
    tries: u32,
}

/// What forms are made of besides the item.
#[derive(Default, Clone)]
pub struct Sources {
    /// Other words for items.
    pub paraphrases: Paraphrases,
    /// Makes other items like one.
    pub generator: Option<Arc<dyn Generator>>,
}

/// Which forms of each item are made.
#[derive(Clone)]
pub struct Forms {
    /// The kinds, each once.
    pub kinds: Vec<Kind>,
    /// How many of each kind.
    pub per_item: u32,
    /// The seed: fresh for each run, or fixed.
    pub seed: Seed,
    /// What they are made of.
    pub sources: Sources,
}

impl Forms {
    /// Items and, after each, its forms: the same for the same seed, and for an item whatever the other items are. Kinds that
    /// an item has no form of are left out; so are forms of conversations, of recorded lengths, and of forms.
    #[must_use]
    pub fn of(&self, base: impl IntoIterator<Item = impl Into<Arc<Item>>>, run_seed: u64) -> Vec<Arc<Item>> {
        let base: Vec<Arc<Item>> = base.into_iter().map(Into::into).collect();
        let seed = match self.seed {
            Seed::Fresh => run_seed,
            Seed::Fixed(seed) => seed,
        };
        let mut ids: BTreeSet<ItemId> = base.iter().map(|item| item.id.clone()).collect();
        let mut asked: BTreeSet<Fingerprint> = base.iter().map(|item| content(item)).collect();
        let mut all = Vec::with_capacity(base.len() * (1 + self.kinds.len() * self.per_item as usize));
        for item in base {
            let forms = if is_base(&item) { self.of_one(&item, seed, &mut ids, &mut asked) } else { Vec::new() };
            all.push(item);
            all.extend(forms.into_iter().map(Arc::new));
        }
        all
    }

    fn of_one(
        &self,
        item: &Item,
        seed: u64,
        ids: &mut BTreeSet<ItemId>,
        asked: &mut BTreeSet<Fingerprint>,
    ) -> Vec<Item> {
        let mut forms = Vec::new();
        for kind in &self.kinds {
            let mut rng = stream(seed, item, kind.name);
            for number in 1..=self.per_item {
                // One that differs from the item and from every other form, so that none is asked twice.
                let another = || (kind.make)(item, &self.sources, &mut rng);
                let made = std::iter::repeat_with(another).take(kind.tries as usize).flatten();
                let Some(made) = made.into_iter().find(|made| asked.insert(content(made))) else { break };
                let id = if number == 1 {
                    format!("{}~{}", item.id, kind.name)
                } else {
                    format!("{}~{}{number}", item.id, kind.name)
                };
                let id = ItemId::new(&id);
                if !ids.insert(id.clone()) {
                    break;
                }
                let mut made = Item { id, cluster: item.id.clone(), variant: Some(kind.name.into()), ..made };
                if self.seed == Seed::Fresh {
                    made.tags.split = Split::Fresh;
                }
                forms.push(made.measured());
            }
        }
        forms
    }

    /// Everything that decides which forms there are, for the provenance.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let Self { kinds, per_item, seed, sources: Sources { paraphrases, generator } } = self;
        let kinds: Vec<&str> = kinds.iter().map(|kind| kind.name).collect();
        let seed = match seed {
            Seed::Fresh => "fresh".to_owned(),
            Seed::Fixed(n) => n.to_string(),
        };
        let generator = generator.as_ref().map_or_else(String::new, |generator| generator.fingerprint());
        format!("forms 1 {} x{per_item} seed {seed} {} {generator}", kinds.join(","), paraphrases.fingerprint())
    }
}

/// Whether forms are made of an item: a single question whose words are known, and no form itself.
fn is_base(item: &Item) -> bool {
    item.turns.is_empty() && item.traced.is_none() && item.variant.is_none() && item.id == item.cluster
}

/// What is asked, to tell items apart.
fn content(item: &Item) -> Fingerprint {
    let said = item.messages.iter().map(|m| (m.role.label(), m.content.as_str()));
    let parts: Vec<_> = said.chain(item.options.iter().map(|option| ("option", option.as_str()))).collect();
    Fingerprint::of(&parts)
}

/// Random numbers of an item and kind of their own, so that its forms do not depend on what else is asked.
fn stream(seed: u64, item: &Item, kind: &str) -> ChaCha8Rng {
    let own = Fingerprint::of(&[("item", item.id.as_str()), ("form", kind)]);
    let own = u64::from_str_radix(own.as_str(), 16).unwrap_or(0);
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(own);
    rng
}

/// The question itself: the user's last words.
fn asked(item: &Item) -> Option<&str> {
    item.messages.iter().rev().find(|m| m.role == Role::User).map(|m| m.content.as_str())
}

/// The item with another question in place of its own.
fn asking(item: &Item, question: String) -> Option<Item> {
    let mut item = item.clone();
    item.messages.iter_mut().rev().find(|m| m.role == Role::User)?.content = question;
    Some(item)
}

/// The same whose question shows its options itself, in whatever way.
fn showing_options(mut item: Item) -> Item {
    let mut spec = item.spec.as_deref().cloned().unwrap_or_default();
    spec.insert(Item::OPTIONS_SHOWN.to_owned(), true.into());
    item.spec = Some(Arc::new(spec));
    item
}

/// Whether an item's question is in Chinese.
fn is_chinese(item: &Item) -> bool {
    item.tags.language.split('-').next() == Some("zh")
}

/// One of a list by chance.
fn pick<'a, T>(of: &'a [T], rng: &mut ChaCha8Rng) -> Option<&'a T> {
    if of.is_empty() { None } else { of.get(rng.random_range(0..of.len())) }
}

#[cfg(test)]
mod tests;
