//! A rotating secret subset of a dataset: the items that are asked in private cannot be told without the key, and others
//! take their place in time.
//!
//! Which items those are follows from HMAC-SHA256 (RFC 2104) of the period's number and what the item asks. In a period the
//! subset stays the same, whatever the order of the file; in the next one it is another, drawn anew.

use crate::domain::{Item, ItemId, Split};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// Shorter keys could be found by trying.
pub const SHORTEST_KEY: usize = 16;

/// How the private subset is drawn.
pub struct Rotation {
    /// The share of the items that is private, in (0, 1).
    pub share: f64,
    /// The secret.
    pub key: SecretString,
    /// How long a subset stays.
    pub every: Duration,
}

impl fmt::Debug for Rotation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { share, key: _, every } = self;
        f.debug_struct("Rotation").field("share", share).field("every", every).finish_non_exhaustive()
    }
}

/// Which items are asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// Those of the secret subset.
    Private,
    /// The others.
    Public,
    /// All, each with its split.
    All,
}

impl Asked {
    /// All of them, by the configuration's word.
    pub const ALL: [(&'static str, Self); 3] =
        [("private", Self::Private), ("public", Self::Public), ("all", Self::All)];

    /// The configuration's word.
    #[must_use]
    pub fn label(self) -> &'static str {
        Self::ALL.iter().find(|(_, asked)| *asked == self).map_or("", |(word, _)| word)
    }
}

impl Rotation {
    /// The number of the period that an instant lies in, counted from the Unix epoch.
    #[must_use]
    pub fn period(&self, unix_ms: i64) -> u64 {
        let length = u64::try_from(self.every.as_millis()).unwrap_or(u64::MAX).max(1);
        u64::try_from(unix_ms).unwrap_or(0) / length
    }

    /// The items to ask at an instant, each with its split, in their order. Forms of one item stay together.
    #[must_use]
    pub fn asked(&self, items: &[Arc<Item>], unix_ms: i64, which: Asked) -> Vec<Arc<Item>> {
        let private = self.private(items, self.period(unix_ms));
        let split = |item: &Item| if private.contains(&item.cluster) { Split::Private } else { Split::Public };
        let wanted = |split: &Split| match which {
            Asked::Private => *split == Split::Private,
            Asked::Public => *split == Split::Public,
            Asked::All => true,
        };
        let marked = items.iter().filter_map(|item| {
            let split = Some(split(item)).filter(wanted)?;
            let mut item = Arc::clone(item);
            if item.tags.split != split {
                Arc::make_mut(&mut item).tags.split = split;
            }
            Some(item)
        });
        marked.collect()
    }

    /// The clusters of a period's private subset: those with the smallest codes, at least one, and never all.
    fn private(&self, items: &[Arc<Item>], period: u64) -> BTreeSet<ItemId> {
        let mut clusters: BTreeMap<&ItemId, [u8; 32]> = BTreeMap::new();
        for item in items {
            clusters.entry(&item.cluster).or_insert_with(|| self.code(item, period));
        }
        let mut codes: Vec<([u8; 32], &ItemId)> = clusters.into_iter().map(|(id, code)| (code, id)).collect();
        codes.sort_unstable();
        let most = codes.len().saturating_sub(1);
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a share of a count of items, between 0 and that count"
        )]
        let count = ((codes.len() as f64 * self.share).round() as usize).clamp(most.min(1), most);
        codes.into_iter().take(count).map(|(_, id)| id.clone()).collect()
    }

    /// The code of what an item asks, in a period.
    fn code(&self, item: &Item, period: u64) -> [u8; 32] {
        let texts = item.messages.iter().flat_map(|m| [m.role.label(), m.content.as_str()]);
        let texts = texts.chain(item.turns.iter().map(|turn| turn.user.as_str()));
        let texts = texts.chain(item.options.iter().map(String::as_str));
        let head = ["assayd private subset 1".as_bytes(), &period.to_le_bytes()].map(<[u8]>::to_vec);
        let parts = head.into_iter().chain(texts.map(|text| text.as_bytes().to_vec()));
        let message: Vec<u8> =
            parts.flat_map(|part| [(part.len() as u64).to_le_bytes().to_vec(), part].concat()).collect();
        hmac(self.key.expose_secret().as_bytes(), &message)
    }
}

/// HMAC-SHA256, RFC 2104 and FIPS 198-1: H((K ⊕ opad) ‖ H((K ⊕ ipad) ‖ text)), with blocks of 64 bytes.
fn hmac(key: &[u8], text: &[u8]) -> [u8; 32] {
    const BLOCK: usize = 64;
    let mut block = [0_u8; BLOCK];
    let short = if key.len() > BLOCK { Sha256::digest(key).to_vec() } else { key.to_vec() };
    block.iter_mut().zip(short).for_each(|(slot, byte)| *slot = byte);
    let inner = Sha256::new().chain_update(block.map(|byte| byte ^ 0x36)).chain_update(text).finalize();
    Sha256::new().chain_update(block.map(|byte| byte ^ 0x5C)).chain_update(inner).finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Tags;

    fn items(count: usize) -> Vec<Arc<Item>> {
        let item = |n| Item::question(&format!("q{n}"), format!("text {n}"), vec!["a".into()], tags());
        (0..count).map(|n| Arc::new(item(n))).collect()
    }

    fn tags() -> Tags {
        Tags::new("d", "c", "en", Split::Public)
    }

    fn rotation(key: &str) -> Rotation {
        Rotation { share: 0.2, key: SecretString::from(key.to_owned()), every: Duration::from_secs(3600) }
    }

    const HOUR: i64 = 3_600_000;

    fn private(rotation: &Rotation, items: &[Arc<Item>], at: i64) -> BTreeSet<ItemId> {
        rotation.asked(items, at, Asked::Private).into_iter().map(|item| item.id.clone()).collect()
    }

    #[test]
    fn hmac_gives_the_codes_of_rfc_4231() {
        let hex = |code: [u8; 32]| code.iter().map(|b| format!("{b:02x}")).collect::<String>();
        assert_eq!(
            hex(hmac(&[0x0b; 20], b"Hi There")),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
        );
        assert_eq!(
            hex(hmac(b"Jefe", b"what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
        assert_eq!(
            hex(hmac(&[0xaa; 131], b"Test Using Larger Than Block-Size Key - Hash Key First")),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        );
    }

    #[test]
    fn a_subset_stays_in_its_period_and_changes_with_it() {
        let (rotation, all) = (rotation("a key of some length"), items(500));
        let first = private(&rotation, &all, 5 * HOUR);
        assert_eq!(first.len(), 100);
        assert_eq!(first, private(&rotation, &all, 6 * HOUR - 1), "the same hour");
        let backwards: Vec<Arc<Item>> = all.iter().rev().cloned().collect();
        assert_eq!(first, private(&rotation, &backwards, 5 * HOUR), "whatever the order");
        let next = private(&rotation, &all, 6 * HOUR);
        // Two independent fifths of 500 share 20 on average; 5 standard deviations are 20.
        assert!((1..=40).contains(&first.intersection(&next).count()), "{}", first.intersection(&next).count());
        let other = private(&super::tests::rotation("another key of some length"), &all, 5 * HOUR);
        assert!((1..=40).contains(&first.intersection(&other).count()));
    }

    #[test]
    fn every_item_has_its_turn_and_the_splits_are_told() {
        let (rotation, all) = (rotation("a key of some length"), items(10));
        let mut seen = BTreeSet::new();
        (0..200).for_each(|hour| seen.extend(private(&rotation, &all, hour * HOUR)));
        assert_eq!(seen.len(), 10);
        let asked = |which| rotation.asked(&all, HOUR, which);
        assert!(asked(Asked::Private).iter().all(|item| item.tags.split == Split::Private));
        assert!(asked(Asked::Public).iter().all(|item| item.tags.split == Split::Public));
        let counts = [Asked::Private, Asked::Public, Asked::All].map(|which| asked(which).len());
        assert_eq!(counts, [2, 8, 10]);
        assert_eq!(asked(Asked::All).iter().filter(|item| item.tags.split == Split::Private).count(), 2);
    }

    #[test]
    fn small_sets_keep_a_private_and_a_public_part() {
        let rotation = rotation("a key of some length");
        for (count, want) in [(0, 0), (1, 0), (2, 1), (3, 1), (5, 1)] {
            assert_eq!(private(&rotation, &items(count), 0).len(), want, "{count}");
        }
        assert!(!format!("{rotation:?}").contains("some length"));
    }
}
