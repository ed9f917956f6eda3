//! What adaptive testing came to in a run: the question, what was decided, and what the full pass would have taken. Kept with the
//! run's figures, so that a restart can still tell it.

use super::{By, Figures, RunBoard};
use crate::domain::{Money, Name};
use crate::stats::Interval;
use serde::{Deserialize, Serialize};

/// What a run is to find out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Question {
    /// Which target is the best.
    Best,
    /// Which are better than this one, and which worse.
    BetterThan(#[serde(with = "name")] Name),
    /// The order of all, pair by pair.
    AllRanked,
    /// Each target's accuracy to plus or minus this share.
    Precision(f64),
    /// The best order for this share of the full pass's cost.
    Ranking(f64),
}

/// Why nothing more was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CampaignEnd {
    /// It goes on, or was interrupted.
    Open,
    /// The question is answered.
    Decided,
    /// Everything that could matter was asked.
    Exact,
    /// The budget was spent first.
    Budget,
    /// The share of the full pass that was to be spent is spent.
    Share,
}

/// Where a target stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// It can still be the best.
    Possible,
    /// It is shown not to be the best.
    Out,
    /// The question is another.
    Unsaid,
}

/// What is shown of two targets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Shown {
    /// The first is better.
    Better,
    /// The second is.
    Worse,
    /// They differ by less than the margin.
    Close,
    /// Nothing.
    Open,
}

/// One target of a campaign.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CampaignTarget {
    /// Which.
    #[serde(with = "name")]
    pub target: Name,
    /// Items that it was asked.
    pub asked: u64,
    /// … without an answer that could be graded.
    pub void: u64,
    /// Its mean over all items: estimate, lower and upper end, right at every look.
    #[serde(with = "interval")]
    pub accuracy: Interval,
    /// Whether all items were asked and graded: then it is no estimate.
    pub exact: bool,
    /// Whether it can be the best.
    pub standing: Standing,
}

/// A campaign: what adaptive testing found out on one scenario.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Campaigned {
    /// On what.
    #[serde(with = "name")]
    pub scenario: Name,
    /// What was to be found out.
    pub question: Question,
    /// A difference that nobody would pay for, as a share.
    pub margin: f64,
    /// With which confidence, as a share.
    pub level: f64,
    /// Why it ended.
    pub end: CampaignEnd,
    /// Items of the full pass, all forms of one together.
    pub items: u64,
    /// Trials that were asked, and that the full pass would have asked.
    pub calls: (u64, u64),
    /// What those cost, unknown outcomes at their bound, and what the full pass would have by what was measured; none where
    /// something has no price.
    #[serde(with = "costs")]
    pub cost: Option<(Money, Money)>,
    /// Best first.
    pub targets: Vec<CampaignTarget>,
    /// What is shown of pairs, by their places in `targets`, where the question is of pairs.
    pub relations: Vec<(usize, usize, Shown)>,
    /// Earlier targets whose answers to the same items were used to foresee.
    pub history: u64,
    /// Where items were asked several times: the variance between items, and of one item's answers, over all targets.
    pub noise: Option<(f64, f64)>,
}

impl Campaigned {
    /// The share of the full pass's calls that was not asked.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "counts far below 2^53")]
    pub fn saved_calls(&self) -> f64 {
        let (asked, full) = self.calls;
        if full == 0 { 0.0 } else { 1.0 - asked as f64 / full as f64 }
    }

    /// The share of its cost that was not spent; none where something has no price.
    #[must_use]
    pub fn saved_cost(&self) -> Option<f64> {
        let (spent, full) = self.cost?;
        (full > Money::ZERO).then(|| 1.0 - spent.usd() / full.usd())
    }

    /// What is shown of two targets.
    #[must_use]
    pub fn relation(&self, a: usize, b: usize) -> Shown {
        let found = self.relations.iter().find_map(|(i, j, shown)| match (*i, *j) {
            pair if pair == (a, b) => Some(*shown),
            pair if pair == (b, a) => Some(match shown {
                Shown::Better => Shown::Worse,
                Shown::Worse => Shown::Better,
                same => *same,
            }),
            _ => None,
        });
        found.unwrap_or(Shown::Open)
    }
}

impl RunBoard {
    /// Keeps what a campaign came to so far, in the place of what it had come to before.
    pub fn campaigned(&mut self, campaign: Campaigned) {
        match self.campaigns.iter_mut().find(|other| other.scenario == campaign.scenario) {
            Some(other) => *other = campaign,
            None => self.campaigns.push(campaign),
        }
    }

    /// Puts a campaign's accuracy into the rows of whole scenarios: what was asked was chosen, so that the plain share of right
    /// answers is not the mean over all items, and its usual interval does not hold where one stops when it pleases.
    /// Rows of several provenances are left as they are: a campaign's figure is of none of them.
    pub(super) fn by_campaign(&self, by: By, rows: &mut [Figures]) {
        if by != By::Scenario || self.campaigns.is_empty() {
            return;
        }
        let places: Vec<_> = rows.iter().map(|row| (row.target.clone(), row.scenario.clone())).collect();
        for row in rows {
            let once = places.iter().filter(|(t, s)| *t == row.target && *s == row.scenario).count() == 1;
            let campaign = self.campaigns.iter().find(|campaign| campaign.scenario == row.scenario);
            let own = campaign.and_then(|c| c.targets.iter().find(|target| target.target == row.target));
            if let Some(own) = own.filter(|own| once && row.accuracy.is_some() && own.asked > own.void) {
                row.accuracy = Some(own.accuracy);
            }
        }
    }
}

mod name {
    use crate::domain::Name;
    use serde::de::Error as _;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(name: &Name, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(name.as_str())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Name, D::Error> {
        Name::new(&String::deserialize(from)?).map_err(D::Error::custom)
    }
}

mod interval {
    use crate::stats::Interval;
    use serde::{Deserialize, Deserializer, Serialize as _, Serializer};

    pub(super) fn serialize<S: Serializer>(interval: &Interval, to: S) -> Result<S::Ok, S::Error> {
        let Interval { estimate, lower, upper } = interval;
        (estimate, lower, upper).serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Interval, D::Error> {
        let (estimate, lower, upper) = Deserialize::deserialize(from)?;
        Ok(Interval { estimate, lower, upper })
    }
}

mod costs {
    use crate::domain::Money;
    use serde::{Deserialize, Deserializer, Serialize as _, Serializer};

    #[expect(clippy::ref_option, reason = "what serde hands over")]
    pub(super) fn serialize<S: Serializer>(costs: &Option<(Money, Money)>, to: S) -> Result<S::Ok, S::Error> {
        costs.map(|(spent, full)| (spent.nanos(), full.nanos())).serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<(Money, Money)>, D::Error> {
        let nanos: Option<(i64, i64)> = Deserialize::deserialize(from)?;
        Ok(nanos.map(|(spent, full)| (Money::from_nanos(spent), Money::from_nanos(full))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn campaign() -> Campaigned {
        let name = |text| Name::new(text).unwrap();
        let target = |text, estimate, standing| CampaignTarget {
            target: name(text),
            asked: 20,
            void: 1,
            accuracy: Interval { estimate, lower: estimate - 0.1, upper: estimate + 0.1 },
            exact: false,
            standing,
        };
        Campaigned {
            scenario: name("s"),
            question: Question::BetterThan(name("b")),
            margin: 0.01,
            level: 0.95,
            end: CampaignEnd::Decided,
            items: 100,
            calls: (40, 200),
            cost: Some((Money::from_nanos(30), Money::from_nanos(300))),
            targets: vec![target("a", 0.9, Standing::Possible), target("b", 0.5, Standing::Out)],
            relations: vec![(0, 1, Shown::Better)],
            history: 3,
            noise: Some((0.1, 0.05)),
        }
    }

    #[test]
    fn a_campaign_comes_back_out_of_its_text() {
        let campaign = campaign();
        let text = serde_json::to_string(&campaign).unwrap();
        assert_eq!(serde_json::from_str::<Campaigned>(&text).unwrap(), campaign);
    }

    #[test]
    fn savings_are_of_the_full_pass_and_relations_are_seen_from_both_sides() {
        let campaign = campaign();
        assert!((campaign.saved_calls() - 0.8).abs() < 1e-12 && (campaign.saved_cost().unwrap() - 0.9).abs() < 1e-12);
        assert_eq!((campaign.relation(0, 1), campaign.relation(1, 0)), (Shown::Better, Shown::Worse));
        assert_eq!(campaign.relation(1, 1), Shown::Open);
        assert_eq!(Campaigned { calls: (0, 0), cost: None, ..campaign }.saved_calls(), 0.0);
    }

    #[test]
    fn the_newest_state_of_a_campaign_is_kept() {
        let mut board = RunBoard::default();
        board.campaigned(Campaigned { end: CampaignEnd::Open, ..campaign() });
        board.campaigned(campaign());
        assert_eq!(board.campaigns, [campaign()]);
    }
}
