//! Where a scenario's items come from, and how those of one run are drawn.

use super::forms::Forms;
use super::generator::{Generator, Seed};
use super::split::{Asked, Rotation};
use crate::domain::Item;
use std::borrow::Cow;
use std::sync::Arc;

/// Where a scenario's items come from.
pub enum Items {
    /// Read once, from a file: the whole set, in file order.
    Fixed(Arc<[Arc<Item>]>),
    /// Made anew for each run.
    Drawn {
        /// The maker.
        generator: Arc<dyn Generator>,
        /// The seed: fresh for each run, or fixed.
        seed: Seed,
        /// How many.
        count: usize,
    },
    /// A part of a fixed set by a secret, which changes in time.
    Rotated {
        /// The whole set.
        whole: Arc<[Arc<Item>]>,
        /// Which of them are private, and when.
        rotation: Arc<Rotation>,
        /// Which of them are asked.
        asked: Asked,
    },
    /// Items and forms of each.
    Varied {
        /// The items.
        base: Box<Items>,
        /// The forms.
        forms: Arc<Forms>,
    },
}

/// The run that items are drawn for. A run that goes on after a kill has the same, and so the same items.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Occasion {
    /// The run's seed.
    pub seed: u64,
    /// When the run began, in milliseconds since the Unix epoch.
    pub started_unix_ms: i64,
}

/// Items to look at before a run.
pub struct Look<'a> {
    /// Items, or such as there will be.
    pub items: Cow<'a, [Arc<Item>]>,
    /// How many there are in all.
    pub all: usize,
    /// Whether they are only like those that will be asked.
    pub sampled: bool,
}

impl Items {
    /// The items of a run, each in its length class; those that every run asks are shared with it.
    #[must_use]
    pub fn draw(&self, on: Occasion) -> Vec<Arc<Item>> {
        match self {
            Self::Fixed(items) => items.to_vec(),
            Self::Drawn { generator, seed, count } => drawn(generator.as_ref(), *seed, *count, on.seed),
            Self::Rotated { whole, rotation, asked } => rotation.asked(whole, on.started_unix_ms, *asked),
            Self::Varied { base, forms } => forms.of(base.draw(on), on.seed),
        }
    }

    /// The items, where every run asks the same.
    #[must_use]
    pub const fn fixed(&self) -> Option<&Arc<[Arc<Item>]>> {
        match self {
            Self::Fixed(items) => Some(items),
            Self::Drawn { .. } | Self::Rotated { .. } | Self::Varied { .. } => None,
        }
    }

    /// Whether items come again in other runs.
    #[must_use]
    pub fn come_again(&self) -> bool {
        match self {
            Self::Fixed(_) | Self::Rotated { .. } => true,
            Self::Drawn { seed, .. } => *seed != Seed::Fresh,
            Self::Varied { base, .. } => base.come_again(),
        }
    }

    /// The generator that makes the items, or the base items of forms.
    #[must_use]
    pub fn generator(&self) -> Option<&Arc<dyn Generator>> {
        match self {
            Self::Drawn { generator, .. } => Some(generator),
            Self::Varied { base, .. } => base.generator(),
            Self::Fixed(_) | Self::Rotated { .. } => None,
        }
    }

    /// Items as they will be, of a generator at most so many, and of a rotating set those of the present moment.
    #[must_use]
    pub fn look(&self, most: usize) -> Look<'_> {
        match self {
            Self::Fixed(items) => Look { items: Cow::Borrowed(items), all: items.len(), sampled: false },
            Self::Drawn { generator, seed, count } => {
                let items = drawn(generator.as_ref(), *seed, (*count).min(most), 0);
                // A draw that fell short is the whole pool.
                let all = if items.len() < (*count).min(most) { items.len() } else { *count };
                Look { items: Cow::Owned(items), all, sampled: *seed == Seed::Fresh || *count > most }
            }
            Self::Rotated { whole, rotation, asked } => {
                let items = rotation.asked(whole, jiff::Timestamp::now().as_millisecond(), *asked);
                Look { all: items.len(), items: Cow::Owned(items), sampled: true }
            }
            Self::Varied { base, forms } => {
                let Look { items: looked, all, sampled } = base.look(most);
                let (some, fresh) = (looked.len().max(1), forms.seed == Seed::Fresh);
                let items = forms.of(looked.into_owned(), 0);
                // As many forms for each item as those that were looked at have.
                let all = items.len().saturating_mul(all) / some;
                Look { items: Cow::Owned(items), all, sampled: sampled || fresh }
            }
        }
    }
}

/// What a generator gives, each item in its length class.
fn drawn(generator: &dyn Generator, seed: Seed, count: usize, fresh: u64) -> Vec<Arc<Item>> {
    let seed = match seed {
        Seed::Fresh => fresh,
        Seed::Fixed(seed) => seed,
    };
    generator.draw(seed, count).into_iter().map(|item| Arc::new(item.measured())).collect()
}
