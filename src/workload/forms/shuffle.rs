//! `shuffle`: the options in another order. What is known by letter is wrong then; what is known is not.

use super::labels::{moved, refers, sums_up};
use super::{Kind, Sources, asked};
use crate::domain::Item;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

/// The line in the table of kinds.
pub(super) const KIND: Kind = Kind {
    name: "shuffle",
    about: "the options in another order",
    needs: "options that do not speak of each other by letter, and answers that are letters or an option's words",
    make,
    tries: 16,
};

/// An option that sums up the others stays where it is, if that is the end.
fn make(item: &Item, _: &Sources, rng: &mut ChaCha8Rng) -> Option<Item> {
    let referred = refers(asked(item)?) || item.options.iter().any(|option| refers(option));
    if item.options.len() < 2 || referred || item.shows_options() {
        return None;
    }
    let free = item.options.iter().rposition(|option| !sums_up(option))? + 1;
    if item.options.iter().take(free).any(|option| sums_up(option)) {
        return None;
    }
    // The old places in their new order.
    let mut order: Vec<usize> = (0..free).collect();
    order.shuffle(rng);
    order.extend(free..item.options.len());
    let to = |old: usize| order.iter().position(|place| *place == old).unwrap_or(old);
    let answers = moved(item, to)?;
    let options = order.iter().filter_map(|place| item.options.get(*place).cloned()).collect();
    Some(Item { options, answers, ..item.clone() })
}
