//! Whether it mattered which answer was shown first.

use super::{Contest, Contests};
use crate::domain::Preference;
use crate::stats::{Interval, Level, RatioSums, clustered};

/// How often the answer that was shown first won, of votes that one of the two won.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sides {
    /// Such votes; asked in both orders it is two of them.
    pub decided: u64,
    /// The share, with its interval (clustered by prompt).
    pub share: Interval,
    /// Votes that were asked in both orders …
    pub both_orders: u64,
    /// … and those of them that said the same both times.
    pub agreed: u64,
}

impl Sides {
    /// Whether the share is shown to be other than one half: the order of the answers decides some votes. Since it is drawn by
    /// chance (or asked both ways) that favours no target, but it makes differences look smaller than they are.
    #[must_use]
    pub fn is_biased(&self) -> bool {
        !self.share.covers(0.5)
    }
}

/// The preference of each order, as seen from the side that was shown first.
fn shown(contest: &Contest) -> impl Iterator<Item = Preference> {
    [Some(contest.preference), contest.swapped.map(Preference::flipped)].into_iter().flatten()
}

impl Contests {
    /// How often the answer shown first won; none where no vote says it.
    #[must_use]
    pub fn sides(&self, level: Level) -> Option<Sides> {
        let mut sums = RatioSums::default();
        let (mut decided, mut both_orders, mut agreed) = (0, 0, 0);
        for prompt in &self.prompts {
            let (mut first, mut all) = (0_i64, 0_u64);
            for preference in prompt.votes.iter().flat_map(shown).filter(|preference| preference.is_decided()) {
                first += i64::from(preference == Preference::Left);
                all += 1;
            }
            if all > 0 {
                sums.add(first, all);
                decided += all;
            }
            for contest in &prompt.votes {
                both_orders += u64::from(contest.swapped.is_some());
                agreed += u64::from(contest.swapped == Some(contest.preference));
            }
        }
        Some(Sides { decided, share: clustered(&sums, level)?, both_orders, agreed })
    }
}
